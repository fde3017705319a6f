//! The validity of the passport on a card, followed by jobs: the citizen is reminded before it ends.
//!
//! A job carries the version of the card that it was made for, not the day, which is personal data. Another version has a job of its own.

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::decide::corrupt;
use super::outbox::job;
use super::{Refusal, Workflow};
use crate::notify::RegistrationNotice;
use crate::registration::calendar::{instant, local_day};
use crate::registration::form::Card;
use crate::registration::mission::Mission;
use crate::registration::parameters::Parameters;
use crate::store::{JobRecord, RegistrationRecord, Tx};

/// What a job of the passport was made for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Reminder {
    /// Version of the card then.
    card_version: i32,
    /// Which of the reminders, from 1.
    place: u32,
}

/// Schedules the first reminder that is still ahead of the end of the passport's validity.
pub(super) async fn schedule_passport(
    tx: &mut Tx,
    registration: &RegistrationRecord,
    card: &Card,
    mission: &Mission,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let today = local_day(now, mission.time_zone);
    let Some((day, place)) = ahead(card, today, Parameters::on(today)) else { return Ok(()) };
    let reminder = Reminder { card_version: registration.card_version, place };
    Ok(tx.enqueue(vec![job::passport(registration.id, json!(reminder), opening(day, mission))]).await?)
}

impl Workflow {
    /// The job PASSPORT.
    pub(super) async fn follow_passport(&self, work: &JobRecord) -> Result<(), Refusal> {
        let now = self.clock.now();
        let reminder: Reminder = serde_json::from_value(work.payload.clone()).map_err(|_| corrupt("job"))?;
        let record = self.store.registration(work.subject).await?.ok_or_else(|| corrupt("registration"))?;
        let mission = self.mission_of(&record)?;
        let card = self.store.registration_card(record.id, reminder.card_version).await?;
        let card: Card =
            serde_json::from_slice(&card.ok_or_else(|| corrupt("card"))?.card).map_err(|_| corrupt("card"))?;
        let mut tx = self.store.begin().await?;
        tx.complete_job(work.id, now).await?;
        let last = card.identity.document.as_ref().and_then(|document| document.valid_until);
        if let Some(on) = last.filter(|_| record.state.is_open() && record.card_version == reminder.card_version) {
            let today = local_day(now, mission.time_zone);
            if on >= today {
                let notice = RegistrationNotice::PassportExpiring { registration: record.number.clone(), on };
                self.tell(&mut tx, &record, &notice, reminder.place, now).await?;
            }
            let next = today.succ_opt().and_then(|tomorrow| ahead(&card, tomorrow, Parameters::on(today)));
            if let Some((day, place)) = next {
                let reminder = Reminder { place, ..reminder };
                tx.enqueue(vec![job::passport(record.id, json!(reminder), opening(day, &mission))]).await?;
            }
        }
        Ok(tx.commit().await?)
    }
}

/// The first reminder on or after `day`, and which one it is.
fn ahead(card: &Card, day: NaiveDate, parameters: &Parameters) -> Option<(NaiveDate, u32)> {
    let last = card.identity.document.as_ref()?.valid_until?;
    let mut days = parameters.passport_reminders.iter().zip(1..).filter_map(|(before, place)| {
        let reminded_on = last.checked_sub_days(Days::new((*before).into()))?;
        Some((reminded_on, place))
    });
    days.find(|(reminded_on, _)| *reminded_on >= day)
}

fn opening(day: NaiveDate, mission: &Mission) -> DateTime<Utc> {
    instant(day.and_time(Parameters::on(day).office_hours.opens), mission.time_zone)
}
