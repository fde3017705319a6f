//! Carrying out the retention policy: once a day by the service's clock, a batch at a time, each record in a transaction of its own.
//!
//! A crash leaves the records that were not reached; the next look finds them. Several processes on one database do the same work once.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use tokio::sync::watch;
use tracing::{info, warn};
use uuid::Uuid;

use super::{Refusal, Workflow};
use crate::clock::sleep_until;
use crate::registration::crisis::CrisisPersonKind;
use crate::registration::event::EventName;
use crate::registration::retention::{RecordClass, rule};
use crate::store::{Digest, NewEvent, Tx};

/// Who acts when data are erased.
const ACTOR: &str = "retention";
/// How often to look.
const INTERVAL: TimeDelta = TimeDelta::days(1);
/// Records looked up at one time.
const BATCH: u64 = 100;
/// Events of one application that are read to find what they refer to.
const EVENTS: u64 = 1000;
/// What to wait after a failure.
const PAUSE: Duration = Duration::from_mins(1);

/// Erases what has been kept for long enough, until `stop` turns true.
pub async fn run_retention(workflow: Arc<Workflow>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match workflow.erase_what_is_over().await {
            Ok(0) => {}
            Ok(records) => info!(records, "personal data erased by the retention policy"),
            Err(error) => {
                warn!(%error, "the retention policy could not be carried out; tried again");
                tokio::select! {
                    () = tokio::time::sleep(PAUSE) => continue,
                    _ = stop.changed() => continue,
                }
            }
        }
        let next = workflow.clock.now() + INTERVAL;
        tokio::select! {
            () = sleep_until(workflow.clock.as_ref(), next) => {}
            _ = stop.changed() => {}
        }
    }
}

impl Workflow {
    /// Erases every record that has been kept for long enough now; how many there were.
    ///
    /// # Errors
    /// The database failed, or some record could not be erased; what was erased stays erased.
    pub async fn erase_what_is_over(&self) -> Result<u64, Refusal> {
        let now = self.clock.now();
        let since = |class| rule(class, now.date_naive()).and_then(|rule| rule.kept_since(now));
        let mut progress = Progress::default();
        if let Some(since) = since(RecordClass::EndedApplication) {
            while progress.goes_on() {
                for id in progress.untried(self.store.applications_ended_before(since, progress.batch()).await?) {
                    progress.note(id, self.erase_application(id, now).await);
                }
            }
        }
        progress.begin_class();
        if let Some(since) = since(RecordClass::Registration) {
            while progress.goes_on() {
                for id in progress.untried(self.store.registrations_closed_before(since, progress.batch()).await?) {
                    progress.note(id, self.erase_registration(id, now).await);
                }
            }
        }
        progress.begin_class();
        if let Some(since) = since(RecordClass::WalkIn) {
            let kind = CrisisPersonKind::WalkIn.as_str();
            while progress.goes_on() {
                for id in progress.untried(self.store.crisis_persons_before(kind, since, progress.batch()).await?) {
                    progress.note(id, self.erase_walk_in(id, now).await);
                }
            }
        }
        progress.end()
    }

    async fn erase_application(&self, id: Uuid, now: DateTime<Utc>) -> Result<bool, Refusal> {
        let referred = self.referred(id).await?;
        let mut tx = self.store.begin().await?;
        if !tx.insert_erasure(id, RecordClass::EndedApplication.as_str(), now).await? {
            return Ok(false);
        }
        erase(&mut tx, id, referred, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn erase_registration(&self, id: Uuid, now: DateTime<Utc>) -> Result<bool, Refusal> {
        let acts = self.referred(id).await?;
        let mut applications = Vec::new();
        for application in self.store.applications_about(id).await? {
            applications.push((application, self.referred(application).await?));
        }
        let mut tx = self.store.begin().await?;
        let class = RecordClass::Registration.as_str();
        if !tx.insert_erasure(id, class, now).await? {
            return Ok(false);
        }
        tx.erase_cards(id).await?;
        tx.erase_reports(acts.reports).await?;
        tx.append_event(&event("REGISTRATION", id, EventName::RegistrationErased, now));
        for (application, referred) in applications {
            if tx.insert_erasure(application, class, now).await? {
                erase(&mut tx, application, referred, now).await?;
            }
        }
        tx.commit().await?;
        Ok(true)
    }

    async fn erase_walk_in(&self, id: Uuid, now: DateTime<Utc>) -> Result<bool, Refusal> {
        let mut tx = self.store.begin().await?;
        if !tx.insert_erasure(id, RecordClass::WalkIn.as_str(), now).await? {
            return Ok(false);
        }
        tx.erase_crisis_person(id).await?;
        tx.append_event(&event("CRISIS_PERSON", id, EventName::CrisisPersonErased, now));
        tx.commit().await?;
        Ok(true)
    }

    /// The reports and pieces of evidence that the events of a record refer to: those on persons' acts, and registers' answers.
    async fn referred(&self, id: Uuid) -> Result<Referred, Refusal> {
        let mut referred = Referred::default();
        for event in self.store.events(Some(id), 0, EVENTS).await? {
            let text = |name: &str| event.references.get(name).and_then(serde_json::Value::as_str);
            referred.reports.extend(text("validation_report").and_then(|id| id.parse::<Uuid>().ok()));
            let digest = text("evidence").and_then(|digest| hex::decode(digest).ok());
            referred.evidence.extend(digest.and_then(|digest| Digest::try_from(digest).ok()));
        }
        Ok(referred)
    }
}

/// How far a look has come. A record that cannot be erased keeps nobody else's: the rest are, and the failure is told at the end.
#[derive(Default)]
struct Progress {
    erased: u64,
    /// Of the present batch; none before the first.
    in_batch: Option<u64>,
    failed: Vec<Uuid>,
    failure: Option<Refusal>,
}

impl Progress {
    fn begin_class(&mut self) {
        self.in_batch = None;
    }

    /// Whether there may be another batch: the last one came to something.
    fn goes_on(&mut self) -> bool {
        self.in_batch.replace(0) != Some(0)
    }

    /// How many records to look up: those that failed come again before all others.
    fn batch(&self) -> u64 {
        BATCH + self.failed.len() as u64
    }

    fn untried(&self, mut records: Vec<Uuid>) -> Vec<Uuid> {
        records.retain(|record| !self.failed.contains(record));
        records
    }

    fn note(&mut self, record: Uuid, outcome: Result<bool, Refusal>) {
        match outcome {
            Ok(is_erased) => {
                self.erased += u64::from(is_erased);
                self.in_batch = self.in_batch.map(|erased| erased + u64::from(is_erased));
            }
            Err(error) => {
                warn!(%record, %error, "a record could not be erased");
                self.failed.push(record);
                self.failure = Some(error);
            }
        }
    }

    fn end(self) -> Result<u64, Refusal> {
        match self.failure {
            Some(error) => Err(error),
            None => Ok(self.erased),
        }
    }
}

/// What the events of a record refer to.
#[derive(Default)]
struct Referred {
    reports: Vec<Uuid>,
    evidence: Vec<Digest>,
}

async fn erase(tx: &mut Tx, application: Uuid, referred: Referred, now: DateTime<Utc>) -> Result<(), Refusal> {
    tx.erase_application(application).await?;
    tx.erase_reports(referred.reports).await?;
    tx.erase_evidence(&referred.evidence).await?;
    tx.append_event(&event("APPLICATION", application, EventName::ApplicationErased, now));
    Ok(())
}

fn event(subject_type: &'static str, subject: Uuid, name: EventName, now: DateTime<Utc>) -> NewEvent {
    NewEvent {
        subject_type,
        subject,
        kind: name.as_str().to_owned(),
        actor: ACTOR.to_owned(),
        time: now,
        references: json!({}),
    }
}
