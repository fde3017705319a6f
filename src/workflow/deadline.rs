//! The term of an application, watched by jobs: the mission is told when it is about to end and when it is over, the applicant is reminded
//! of the hearing.
//!
//! A job carries the end of the term and the mission that it was made for. A term that was paused, resumed or decided ends at another time or
//! not at all, and what was forwarded is another mission's: the job made for it before finds that and does nothing. What a job does, that it
//! is done and what comes next is one transaction.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::account::account_of;
use super::decide::{Case, corrupt};
use super::outbox::job;
use super::{Refusal, Workflow};
use crate::notify::MissionNotice;
use crate::registration::ApplicationState;
use crate::registration::calendar::local_day;
use crate::registration::event::{EventName, NotificationKind};
use crate::registration::mission::Mission;
use crate::registration::parameters::Parameters;
use crate::store::{JobRecord, NewNotification, Tx, id_at};

/// Who acts when nobody does.
const ACTOR: &str = "term";

/// What a job of the term was made for.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Watched {
    /// The end of the term then.
    due: DateTime<Utc>,
    /// The mission that had the application then.
    mission: String,
}

/// What a job of the hearing was made for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Objecting {
    /// The end of the term for objecting.
    until: DateTime<Utc>,
}

/// Begins to watch the term of an application as it runs from now on; a term that stands still is not watched.
pub(super) async fn watch_term(tx: &mut Tx, case: &Case, now: DateTime<Utc>) -> Result<(), Refusal> {
    let Some(due) = case.record.due_at else { return Ok(()) };
    let soon = due - Parameters::on(local_day(due, case.mission.time_zone)).due_soon;
    let watched = Watched { due, mission: case.record.mission.clone() };
    Ok(tx.enqueue(vec![job::due(case.record.id, json!(watched), soon.max(now))]).await?)
}

/// Schedules the reminder of a hearing that was announced: before it and before the term for objecting ends, as far as that is still ahead.
pub(super) async fn watch_hearing(tx: &mut Tx, case: &Case, now: DateTime<Utc>) -> Result<(), Refusal> {
    let announced = case.detail.announced.as_ref().ok_or_else(|| corrupt("preliminary decision"))?;
    let (hearing, until) = (announced.decision.hearing.time, announced.decision.objection_until);
    let before = Parameters::on(local_day(now, case.mission.time_zone)).hearing_reminder;
    let times = [hearing.min(until) - before, until - before];
    let Some(at) = times.into_iter().find(|time| *time > now) else { return Ok(()) };
    Ok(tx.enqueue(vec![job::hearing(case.record.id, json!(Objecting { until }), at)]).await?)
}

impl Workflow {
    /// The job DUE.
    pub(super) async fn follow_due(&self, work: &JobRecord) -> Result<(), Refusal> {
        let now = self.clock.now();
        let watched: Watched = serde_json::from_value(work.payload.clone()).map_err(|_| corrupt("job"))?;
        let case = self.case(work.subject).await?;
        let mut tx = self.store.begin().await?;
        tx.complete_job(work.id, now).await?;
        let is_undecided = case.application()?.state().is_open() && case.record.registration_id.is_none();
        let is_the_same = case.record.due_at == Some(watched.due) && case.record.mission == watched.mission;
        if !(is_undecided && is_the_same) {
            return Ok(tx.commit().await?);
        }
        let application = case.record.number.clone();
        let due = watched.due.with_timezone(&case.mission.time_zone).naive_local();
        let is_over = now >= watched.due;
        let (event, notice) = if is_over {
            (EventName::ApplicationOverdue, MissionNotice::Overdue { application, due })
        } else {
            (EventName::ApplicationDueSoon, MissionNotice::DueSoon { application, due })
        };
        let version = i32::try_from(case.record.version).unwrap_or(i32::MAX);
        if self.tell_mission(&mut tx, &case.mission, (case.record.id, version), &notice, now).await? {
            tx.append_event(&case.event(event, ACTOR, now, json!({ "due_time": watched.due })));
        }
        if !is_over {
            let at = watched.due;
            tx.enqueue(vec![job::due(case.record.id, json!(watched), at)]).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The job HEARING.
    pub(super) async fn remind_of_hearing(&self, work: &JobRecord) -> Result<(), Refusal> {
        let now = self.clock.now();
        let objecting: Objecting = serde_json::from_value(work.payload.clone()).map_err(|_| corrupt("job"))?;
        let case = self.case(work.subject).await?;
        let until = case.detail.announced.as_ref().map(|announced| announced.decision.objection_until);
        let mut tx = self.store.begin().await?;
        tx.complete_job(work.id, now).await?;
        let is_awaited = case.application()?.state() == ApplicationState::PreliminaryRefusal;
        if is_awaited && until == Some(objecting.until) && now < objecting.until {
            self.notify(&mut tx, &case, NotificationKind::ApplicationHearingReminder, None, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Writes a notice into a mission's account, unless the same one is there: then `false`. It is about an application in that version.
    pub(super) async fn tell_mission(
        &self,
        tx: &mut Tx,
        mission: &Mission,
        (application, version): (uuid::Uuid, i32),
        notice: &MissionNotice,
        now: DateTime<Utc>,
    ) -> Result<bool, Refusal> {
        let language = mission.languages.first().copied().unwrap_or(crate::registration::Language::Kk);
        let message = serde_json::to_vec(&notice.message(language));
        let new = NewNotification {
            id: id_at(now),
            caller: account_of(&mission.code),
            application,
            kind: notice.kind().as_str().to_owned(),
            version,
            language: language.as_str().to_owned(),
            created_at: now,
            message: message.map_err(|error| Refusal::Internal(error.to_string()))?,
        };
        Ok(tx.insert_notification(new).await?)
    }
}
