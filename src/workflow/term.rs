//! The term of a registration, followed by jobs: reminders before the stay ends, OVERDUE after it, removal after the grace period,
//! and a yearly question whether the card is still true.
//!
//! A job carries the day and the stay it was made for. An extension makes a job of its own; what was scheduled for the former stay finds
//! another one in the register and does nothing. What a job does, that it is done and what comes next is one transaction.

use std::sync::Arc;

use chrono::{DateTime, Months, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::decide::corrupt;
use super::messages::notice_in;
use super::outbox::job;
use super::register::Cause;
use super::{Refusal, Workflow};
use crate::notify::RegistrationNotice;
use crate::registration::calendar::{instant, local_day};
use crate::registration::event::NotificationKind;
use crate::registration::mission::Mission;
use crate::registration::parameters::Parameters;
use crate::registration::term::{Milestone, first_day, milestones, removal_day};
use crate::registration::{DeregistrationGround, RegistrationState};
use crate::store::{Account, JobRecord, NewJob, RegistrationRecord, Tx};

/// Who acts when nobody does.
const ACTOR: &str = "term";

/// What a job of the term was made for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Due {
    /// The last day of the stay then.
    valid_until: NaiveDate,
    /// The day of the milestone.
    day: NaiveDate,
}

/// Until when a card recorded now counts as confirmed.
pub(super) fn confirmed_until(recorded: DateTime<Utc>, mission: &Mission) -> DateTime<Utc> {
    let months = Parameters::on(local_day(recorded, mission.time_zone)).reconfirmation_months;
    recorded.checked_add_months(Months::new(months)).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

impl Workflow {
    /// Schedules what is still ahead of a stay that was written into the register now; a stay without an end has nothing ahead.
    pub(super) async fn schedule_term(
        &self,
        tx: &mut Tx,
        registration: &RegistrationRecord,
        mission: &Mission,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let Some(valid_until) = registration.valid_until else { return Ok(()) };
        Ok(tx.enqueue(vec![first_job(registration.id, valid_until, mission, now)]).await?)
    }

    /// The job TERM.
    pub(super) async fn follow_term(&self, work: &JobRecord) -> Result<(), Refusal> {
        let now = self.clock.now();
        let due: Due = serde_json::from_value(work.payload.clone()).map_err(|_| corrupt("job"))?;
        let mut record = self.store.registration(work.subject).await?.ok_or_else(|| corrupt("registration"))?;
        let mission = self.mission_of(&record)?;
        let today = local_day(now, mission.time_zone);
        let parameters = Parameters::on(today);
        let mut tx = self.store.begin().await?;
        tx.complete_job(work.id, now).await?;
        if !record.state.is_open() || record.valid_until != Some(due.valid_until) {
            return Ok(tx.commit().await?);
        }
        let all = milestones(due.valid_until, parameters);
        let next = all.iter().map(|(day, _)| *day).find(|day| *day > due.day);
        let cause = Cause { actor: ACTOR, references: json!({ "valid_until": due.valid_until }) };
        for (_, milestone) in all.iter().filter(|(day, _)| *day == due.day) {
            match milestone {
                // One that comes too late is left to the next, which is due as well.
                Milestone::Reminder { .. } if next.is_some_and(|next| next <= today) => {}
                Milestone::Reminder { place } => {
                    let (registration, valid_until) = (record.number.clone(), due.valid_until);
                    let notice = RegistrationNotice::StayEnding { registration, valid_until };
                    self.tell(&mut tx, &record, &notice, *place, now).await?;
                }
                Milestone::Overdue if record.state == RegistrationState::Active => {
                    self.expire(&mut tx, &mut record, &cause, now).await?;
                    let notice = RegistrationNotice::StayEnded {
                        registration: record.number.clone(),
                        valid_until: due.valid_until,
                        removed_on: removal_day(due.valid_until, parameters),
                    };
                    self.tell(&mut tx, &record, &notice, 1, now).await?;
                }
                Milestone::Removal if record.state == RegistrationState::Overdue => {
                    let ground = DeregistrationGround::StayExpired;
                    record = self.deregister(&mut tx, record, ground, &cause, now).await?;
                }
                // Another job of the same stay came first.
                Milestone::Overdue | Milestone::Removal => {}
            }
        }
        if let Some(day) = next.filter(|_| record.state.is_open()) {
            tx.enqueue(vec![term_job(record.id, &mission, Due { day, ..due })]).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The job RECONFIRM: asks once a year after the last version of the card whether it is still true.
    pub(super) async fn reconfirm(&self, work: &JobRecord) -> Result<(), Refusal> {
        let now = self.clock.now();
        let record = self.store.registration(work.subject).await?.ok_or_else(|| corrupt("registration"))?;
        let mission = self.mission_of(&record)?;
        let card = self.store.registration_card(record.id, record.card_version).await?;
        let recorded = card.ok_or_else(|| corrupt("card"))?.recorded_at;
        let confirmed = confirmed_until(recorded, &mission);
        let is_stopped = self.is_stopped(NotificationKind::ReconfirmationDue, record.iin_hash, recorded).await?;
        let mut tx = self.store.begin().await?;
        tx.complete_job(work.id, now).await?;
        if record.state.is_open() {
            let next = if confirmed > now { confirmed } else { confirmed_until(now, &mission) };
            if confirmed <= now && !is_stopped {
                let notice = RegistrationNotice::ReconfirmationDue { registration: record.number.clone() };
                let years = u32::try_from((now - record.registered_at).num_days() / 365).unwrap_or(1).max(1);
                self.tell(&mut tx, &record, &notice, years, now).await?;
            }
            tx.enqueue(vec![job::reconfirm(record.id, next)]).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Writes a notice about a registration into the account of whoever brought its present card. `version` tells notices of one
    /// kind about one card apart: the same one is written once.
    pub(super) async fn tell(
        &self,
        tx: &mut Tx,
        record: &RegistrationRecord,
        notice: &RegistrationNotice,
        version: u32,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let card = tx.registration_card(record.id, record.card_version).await?.ok_or_else(|| corrupt("card"))?;
        let brought = tx.application(card.application).await?.ok_or_else(|| corrupt("application"))?;
        let account = Account { application: brought.id, caller: brought.caller, language: brought.language };
        let version = i32::try_from(version).unwrap_or(i32::MAX);
        tx.insert_notification(notice_in(&account, notice, version, now)?).await?;
        Ok(())
    }

    pub(super) fn mission_of(&self, record: &RegistrationRecord) -> Result<Arc<Mission>, Refusal> {
        self.known_mission(&record.mission)
    }
}

/// The job that follows a stay until `valid_until` from `now` on.
pub(super) fn first_job(registration: Uuid, valid_until: NaiveDate, mission: &Mission, now: DateTime<Utc>) -> NewJob {
    let today = local_day(now, mission.time_zone);
    let day = first_day(valid_until, today, Parameters::on(today));
    term_job(registration, mission, Due { valid_until, day })
}

/// Reminders come when the mission opens; a stay ends with its last day.
fn term_job(registration: Uuid, mission: &Mission, due: Due) -> NewJob {
    let opens = Parameters::on(due.day).office_hours.opens;
    let time = if due.day > due.valid_until { NaiveTime::MIN } else { opens };
    let at = instant(due.day.and_time(time), mission.time_zone);
    job::term(registration, json!(due), at)
}
