//! Group commit: the tasks that write submissions.
//!
//! A durable commit costs a flush of the disk whatever its size, so the submissions that arrive during one commit are written
//! together by the next. Nothing waits on purpose: a lone submission is committed at once.
//!
//! A group is written in three parts: what needs no shared row (reports, evidence, jobs), then the counters, then what carries
//! a number, so that the counters are locked as short as possible. When a group fails, each of its submissions is written
//! in a transaction of its own: one that cannot be stored fails alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use sea_orm::DatabaseTransaction;
use tokio::sync::{Mutex, mpsc, oneshot};

use super::database::Core;
use super::entity::{
    application, application_form, event, evidence, outbox, report_evidence, request_key, validation_report,
};
use super::insert::{OnPresent, insert_all};
use super::number::{self, Wanted};
use super::replay::{Verdict, judge};
use super::submit::{Answer, Prepared, SubmitOutcome};
use super::transaction::begin_writing;
use super::{NumberSeries, StoreError, application as applications};

/// A submission and who waits for it.
pub(super) struct Work {
    pub prepared: Prepared,
    pub answer: oneshot::Sender<Answer>,
}

type Queue = Arc<Mutex<mpsc::Receiver<Work>>>;

/// Starts `tasks` writers over one queue. They end when the queue is closed and empty.
pub(super) fn start(core: &Arc<Core>, queue: mpsc::Receiver<Work>, tasks: u32, group_size: usize) {
    let queue = Arc::new(Mutex::new(queue));
    for _ in 0..tasks {
        tokio::spawn(run(Arc::clone(core), Arc::clone(&queue), group_size));
    }
}

async fn run(core: Arc<Core>, queue: Queue, group_size: usize) {
    while let Some((group, transaction)) = next_group(&core, &queue, group_size).await {
        let (prepared, answers): (Vec<_>, Vec<_>) = group.into_iter().map(|work| (work.prepared, work.answer)).unzip();
        let together = match transaction {
            Ok(transaction) => write(&core, transaction, &prepared).await,
            Err(error) => Err(error),
        };
        match together {
            Ok(outcomes) => {
                for (answer, outcome) in answers.into_iter().zip(outcomes) {
                    // Who does not wait any more will find the submission by asking again.
                    let _ = answer.send(Ok(outcome));
                }
            }
            Err(error) => {
                tracing::debug!(%error, submissions = prepared.len(), "a group failed; writing one by one");
                for (answer, prepared) in answers.into_iter().zip(&prepared) {
                    let _ = answer.send(write_alone(&core, prepared).await);
                }
            }
        }
    }
}

/// Waits for a submission, then for the writer, and takes along whatever has arrived by then.
async fn next_group(
    core: &Core,
    queue: &Queue,
    group_size: usize,
) -> Option<(Vec<Work>, Result<DatabaseTransaction, StoreError>)> {
    let mut queue = queue.lock().await;
    let mut group = Vec::with_capacity(group_size);
    if queue.recv_many(&mut group, group_size).await == 0 {
        return None;
    }
    let transaction = begin_writing(&core.submitter).await;
    while group.len() < group_size {
        let Ok(work) = queue.try_recv() else { break };
        group.push(work);
    }
    Some((group, transaction))
}

/// How often a submission is tried alone when it meets others: a second look finds what the other one wrote.
const ATTEMPTS: usize = 4;

async fn write_alone(core: &Core, prepared: &Prepared) -> Answer {
    let mut last = Err(StoreError::Closed);
    for _ in 0..ATTEMPTS {
        let written = match begin_writing(&core.submitter).await {
            Ok(transaction) => write(core, transaction, std::slice::from_ref(prepared)).await,
            Err(error) => Err(error),
        };
        last = written.map(|outcomes| outcomes.into_iter().next().flatten());
        if !matches!(last, Err(StoreError::AlreadyExists(_) | StoreError::Contention(_))) {
            break;
        }
    }
    last
}

/// Writes a group and commits it. The outcomes are in the order of the group.
async fn write(
    core: &Core,
    transaction: DatabaseTransaction,
    group: &[Prepared],
) -> Result<Vec<Option<SubmitOutcome>>, StoreError> {
    let verdicts = judge(&transaction, group).await?;
    let accepted: Vec<&Prepared> =
        group.iter().zip(&verdicts).filter(|(_, verdict)| verdict.is_new()).map(|(item, _)| item).collect();
    write_unnumbered(&transaction, &accepted).await?;
    write_request_keys(&transaction, group, &verdicts).await?;
    let numbers = write_numbered(&transaction, &accepted).await?;
    transaction.commit().await?;
    core.known.remember(accepted.iter().flat_map(|item| item.evidence.recurring.iter().copied()));
    if !accepted.is_empty() {
        core.announce();
        core.subjects.announce(accepted.iter().flat_map(|item| item.events.iter().map(|event| event.subject)));
    }
    outcomes(core, group, verdicts, numbers)
}

/// Reports, evidence, links and jobs.
async fn write_unnumbered(db: &DatabaseTransaction, accepted: &[&Prepared]) -> Result<(), StoreError> {
    // In one order everywhere, so that two groups with the same evidence wait for each other and not in a circle.
    let contents: Vec<evidence::Model> =
        accepted.iter().flat_map(|item| item.evidence.contents.iter().cloned()).collect();
    let mut contents = sorted(contents, |row| row.digest.clone());
    contents.dedup_by(|a, b| a.digest == b.digest);
    insert_all(db, evidence::Entity, contents, OnPresent::Keep).await?;
    let reports = accepted.iter().map(|item| item.report.clone()).collect();
    insert_all(db, validation_report::Entity, reports, OnPresent::Fail).await?;
    let links = accepted.iter().flat_map(|item| item.evidence.links.iter().cloned()).collect();
    insert_all(db, report_evidence::Entity, links, OnPresent::Fail).await?;
    let jobs = accepted.iter().flat_map(|item| item.jobs.iter().cloned()).collect();
    insert_all(db, outbox::Entity, jobs, OnPresent::Fail).await?;
    Ok(())
}

/// A new application's request_id must be free; a replay's then stands for that content too, unless it already stands for other.
async fn write_request_keys(
    db: &DatabaseTransaction,
    group: &[Prepared],
    verdicts: &[Verdict],
) -> Result<(), StoreError> {
    for (wanted, on_present) in
        [(Verdict::is_new as fn(&Verdict) -> bool, OnPresent::Fail), (Verdict::is_replay, OnPresent::Keep)]
    {
        let keys = group
            .iter()
            .zip(verdicts)
            .filter(|(_, verdict)| wanted(verdict))
            .filter_map(|(item, _)| item.application.as_ref()?.request.clone())
            .collect();
        let keys = sorted(keys, |key: &request_key::Model| (key.request_id.clone(), key.caller.clone()));
        insert_all(db, request_key::Entity, keys, on_present).await?;
    }
    Ok(())
}

/// Applications, forms and events. Returns the numbers of the applications in their order.
async fn write_numbered(db: &DatabaseTransaction, accepted: &[&Prepared]) -> Result<Vec<String>, StoreError> {
    let applications: Vec<_> = accepted.iter().filter_map(|item| item.application.as_ref()).collect();
    let mut events: Vec<event::Model> = accepted.iter().flat_map(|item| item.events.iter().cloned()).collect();

    let mut per_series: BTreeMap<&NumberSeries, i64> = BTreeMap::new();
    for application in &applications {
        *per_series.entry(&application.series).or_default() += 1;
    }
    let mut wanted: Vec<Wanted> =
        per_series.iter().map(|(series, count)| Wanted { counter: (*series).clone(), count: *count }).collect();
    if !events.is_empty() {
        wanted.push(number::events(events.len()));
    }
    let first = number::allocate(db, &wanted).await?;
    for (next, first) in per_series.values_mut().zip(&first) {
        *next = *first;
    }
    if let Some(first) = first.last() {
        events.iter_mut().zip(*first..).for_each(|(row, sequence)| row.sequence = sequence);
    }

    let mut numbers = Vec::with_capacity(applications.len());
    let mut standings = Vec::with_capacity(applications.len());
    for application in &applications {
        let next = per_series.get_mut(&application.series).ok_or(StoreError::Corrupt("a series got no numbers"))?;
        let number = application.series.number(*next);
        *next += 1;
        standings.push(application::Model { number: number.clone(), ..application.standing.clone() });
        numbers.push(number);
    }
    let forms = applications.iter().map(|application| application.form.clone()).collect();
    insert_all(db, application::Entity, standings, OnPresent::Fail).await?;
    insert_all(db, application_form::Entity, forms, OnPresent::Fail).await?;
    insert_all(db, event::Entity, events, OnPresent::Fail).await?;
    Ok(numbers)
}

fn sorted<T, K: Ord>(mut rows: Vec<T>, key: impl Fn(&T) -> K) -> Vec<T> {
    rows.sort_by_cached_key(key);
    rows
}

fn outcomes(
    core: &Core,
    group: &[Prepared],
    verdicts: Vec<Verdict>,
    numbers: Vec<String>,
) -> Result<Vec<Option<SubmitOutcome>>, StoreError> {
    let mut numbers = numbers.into_iter();
    // By position, for the duplicates inside the group.
    let mut stored: Vec<Option<application::Model>> = Vec::with_capacity(group.len());
    let mut outcomes = Vec::with_capacity(group.len());
    for (item, verdict) in group.iter().zip(verdicts) {
        let mut row = None;
        let outcome = match (verdict, &item.application) {
            (Verdict::New, Some(application)) => {
                let number = numbers.next().ok_or(StoreError::Corrupt("an application got no number"))?;
                let standing = application::Model { number, ..application.standing.clone() };
                row = Some(standing.clone());
                Some(SubmitOutcome::Accepted(applications::record(standing, &core.sealer)?))
            }
            (Verdict::New, None) => None,
            (Verdict::Replay(standing), _) => {
                Some(SubmitOutcome::Replayed(applications::record(*standing, &core.sealer)?))
            }
            (Verdict::ReplayInGroup(position), _) => {
                let first = stored.get(position).cloned().flatten();
                let standing = first.ok_or(StoreError::Corrupt("a replay has no original"))?;
                Some(SubmitOutcome::Replayed(applications::record(standing, &core.sealer)?))
            }
            (Verdict::ApplicationIdReused, _) => Some(SubmitOutcome::ApplicationIdReused),
            (Verdict::RequestIdReused, _) => Some(SubmitOutcome::RequestIdReused),
            (Verdict::FiledByAnother, _) => Some(SubmitOutcome::FiledByAnother),
        };
        stored.push(row);
        outcomes.push(outcome);
    }
    Ok(outcomes)
}
