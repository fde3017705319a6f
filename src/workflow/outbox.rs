//! The outbox: jobs that were stored with their cause, run at least once, and done in the transaction of their effect.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tracing::{error, info, warn};

use super::{Refusal, Workflow};
use crate::clock::sleep_until;
use crate::store::{JobRecord, StoreError};

/// The jobs of this service.
pub(super) mod job {
    use chrono::{DateTime, Utc};
    use serde_json::{Value, json};
    use uuid::Uuid;

    use crate::store::NewJob;

    /// Decide an accepted application.
    pub const DECIDE: &str = "DECIDE";
    /// Issue the document of a granted application and end it.
    pub const COMPLETE: &str = "COMPLETE";

    pub fn decide(application: Uuid, now: DateTime<Utc>) -> NewJob {
        NewJob { kind: DECIDE.to_owned(), subject: application, payload: json!({}), not_before: now }
    }

    /// Do what falls due in the term of a registration.
    pub const TERM: &str = "TERM";
    /// Ask whether a registration's card is still true.
    pub const RECONFIRM: &str = "RECONFIRM";
    /// Issue a document that comes without an application's end.
    pub const ISSUE: &str = "ISSUE";
    /// Put on the roll of a crisis who is there by the next page of the register.
    pub const CRISIS_ROLL: &str = "CRISIS_ROLL";
    /// Tell the next page of the roll of a crisis what everybody is told.
    pub const CRISIS_BROADCAST: &str = "CRISIS_BROADCAST";
    /// Tell those of the next page of the register who may vote that there is an election.
    pub const ELECTION: &str = "ELECTION";
    /// Do what falls due in the term of an application.
    pub const DUE: &str = "DUE";
    /// Remind an applicant of a hearing.
    pub const HEARING: &str = "HEARING";
    /// Remind a citizen of the end of a passport.
    pub const PASSPORT: &str = "PASSPORT";
    /// Every kind of job.
    pub const ALL: [&str; 11] =
        [DECIDE, COMPLETE, TERM, RECONFIRM, ISSUE, CRISIS_ROLL, CRISIS_BROADCAST, ELECTION, DUE, HEARING, PASSPORT];

    pub fn complete(application: Uuid, now: DateTime<Utc>) -> NewJob {
        NewJob { kind: COMPLETE.to_owned(), subject: application, payload: json!({}), not_before: now }
    }

    pub fn term(registration: Uuid, due: Value, at: DateTime<Utc>) -> NewJob {
        NewJob { kind: TERM.to_owned(), subject: registration, payload: due, not_before: at }
    }

    pub fn issue(document: Uuid, now: DateTime<Utc>) -> NewJob {
        NewJob { kind: ISSUE.to_owned(), subject: document, payload: json!({}), not_before: now }
    }

    pub fn crisis_roll(crisis: Uuid, place: Value, now: DateTime<Utc>) -> NewJob {
        NewJob { kind: CRISIS_ROLL.to_owned(), subject: crisis, payload: place, not_before: now }
    }

    pub fn crisis_broadcast(crisis: Uuid, place: Value, now: DateTime<Utc>) -> NewJob {
        NewJob { kind: CRISIS_BROADCAST.to_owned(), subject: crisis, payload: place, not_before: now }
    }

    pub fn election(election: Uuid, place: Value, now: DateTime<Utc>) -> NewJob {
        NewJob { kind: ELECTION.to_owned(), subject: election, payload: place, not_before: now }
    }

    pub fn due(application: Uuid, watched: Value, at: DateTime<Utc>) -> NewJob {
        NewJob { kind: DUE.to_owned(), subject: application, payload: watched, not_before: at }
    }

    pub fn hearing(application: Uuid, objecting: Value, at: DateTime<Utc>) -> NewJob {
        NewJob { kind: HEARING.to_owned(), subject: application, payload: objecting, not_before: at }
    }

    pub fn passport(registration: Uuid, reminder: Value, at: DateTime<Utc>) -> NewJob {
        NewJob { kind: PASSPORT.to_owned(), subject: registration, payload: reminder, not_before: at }
    }

    /// Ask the state registers about an application.
    pub const CONSULT: &str = "CONSULT";

    pub fn consult(application: Uuid, tries: Value, at: DateTime<Utc>) -> NewJob {
        NewJob { kind: CONSULT.to_owned(), subject: application, payload: tries, not_before: at }
    }

    pub fn reconfirm(registration: Uuid, at: DateTime<Utc>) -> NewJob {
        NewJob { kind: RECONFIRM.to_owned(), subject: registration, payload: json!({}), not_before: at }
    }
}

/// How long a claim holds. A worker that died is followed by another one after that.
const LEASE: Duration = Duration::from_secs(10);
/// The same for asking registers: longer than the deadlines of all of them together.
const CONSULTATION_LEASE: Duration = Duration::from_mins(2);
/// Jobs claimed at one time.
const CLAIM: u64 = 16;
/// After so many attempts a job is given up and waits for a person.
const MOST_ATTEMPTS: i32 = 10;
/// How often a worker looks without being woken: other processes may share the database.
const LOOK: TimeDelta = TimeDelta::seconds(2);

/// Runs jobs until `stop` turns true. The job in hand is finished first.
pub async fn run_outbox(workflow: Arc<Workflow>, stop: watch::Receiver<bool>) {
    let mut kinds = job::ALL.to_vec();
    if workflow.inquirer.registers().is_empty() {
        // Left over from when there were some; nobody is asked, so nothing is waited for.
        kinds.push(job::CONSULT);
    }
    run_jobs(workflow, &kinds, (CLAIM, LEASE), stop).await;
}

/// Asks the state registers until `stop` turns true: apart from all other jobs, so that a slow register holds up nobody but those who wait for it.
pub async fn run_consultations(workflow: Arc<Workflow>, stop: watch::Receiver<bool>) {
    run_jobs(workflow, &[job::CONSULT], (1, CONSULTATION_LEASE), stop).await;
}

async fn run_jobs(
    workflow: Arc<Workflow>,
    kinds: &[&str],
    (most, lease): (u64, Duration),
    mut stop: watch::Receiver<bool>,
) {
    let mut committed = workflow.store.committed();
    while !*stop.borrow() {
        committed.mark_unchanged();
        // Read once a look: a clock that is set while the outbox is being read is noticed by the sleep below.
        let now = workflow.clock.now();
        let jobs = match workflow.store.claim_jobs(kinds, most, now, lease).await {
            Ok(jobs) => jobs,
            Err(error) => {
                error!(%error, "the outbox cannot be read");
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        if jobs.is_empty() {
            tokio::select! {
                _ = committed.changed() => {}
                _ = stop.changed() => {}
                () = sleep_until(workflow.clock.as_ref(), now + LOOK) => {}
            }
            continue;
        }
        for job in jobs {
            run(&workflow, &job).await;
        }
    }
}

async fn run(workflow: &Workflow, job: &JobRecord) {
    let result = match job.kind.as_str() {
        job::DECIDE => workflow.decide(job).await,
        job::COMPLETE => workflow.complete(job).await,
        job::TERM => workflow.follow_term(job).await,
        job::ISSUE => workflow.issue(job).await,
        job::RECONFIRM => workflow.reconfirm(job).await,
        job::CRISIS_ROLL => workflow.make_crisis_roll(job).await,
        job::CRISIS_BROADCAST => workflow.tell_crisis_roll(job).await,
        job::ELECTION => workflow.tell_electors(job).await,
        job::DUE => workflow.follow_due(job).await,
        job::HEARING => workflow.remind_of_hearing(job).await,
        job::PASSPORT => workflow.follow_passport(job).await,
        job::CONSULT => workflow.consult(job).await,
        _ => Err(Refusal::Internal("a job of an unknown kind".into())),
    };
    match result {
        Ok(()) => info!(job = job.kind, subject = %job.subject, "done"),
        Err(Refusal::JobAlreadyDone) => {}
        Err(refusal) => put_off(workflow, job, &refusal).await,
    }
}

async fn put_off(workflow: &Workflow, job: &JobRecord, refusal: &Refusal) {
    let now = workflow.clock.now();
    let result: Result<(), StoreError> = if job.attempts >= MOST_ATTEMPTS {
        error!(job = job.kind, subject = %job.subject, %refusal, "given up, waits for a person");
        workflow.store.bury_job(job.id, now, &refusal.to_string()).await
    } else {
        warn!(job = job.kind, subject = %job.subject, attempt = job.attempts, %refusal, "put off");
        workflow.store.retry_job(job.id, next_attempt(job.attempts, now), &refusal.to_string()).await
    };
    if let Err(error) = result {
        // The lease runs out and the job comes again.
        error!(%error, job = job.kind, "the outbox cannot be written");
    }
}

/// At once after the first failure (somebody else was faster), then 1, 2, 4 … seconds, at most five minutes.
fn next_attempt(attempts: i32, now: DateTime<Utc>) -> DateTime<Utc> {
    match attempts {
        ..=1 => now,
        more => now + TimeDelta::seconds((1_i64 << (more - 2).min(16)).min(300)),
    }
}
