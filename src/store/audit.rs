//! The trail of reads: who was shown what. Written before the answer that shows it, in groups like submissions: the reads that arrive during one
//! commit are written together by the next.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::database::Core;
use super::entity::{audit_read, audit_read_subject};
use super::insert::{OnPresent, insert_all};
use super::transaction::begin_writing;
use super::{Store, StoreError, number, stored_time};

/// A read of personal data.
#[derive(Debug, Clone)]
pub struct NewRead {
    /// When.
    pub time: DateTime<Utc>,
    /// Who: a caller.
    pub caller: String,
    /// By which method, as its path stands in the request.
    pub method: String,
    /// The identifier of the call.
    pub request_id: Uuid,
    /// What was shown: kind, such as APPLICATION, and identifier.
    pub subjects: Vec<(&'static str, Uuid)>,
}

/// A read of personal data, as it stands in the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRecord {
    /// Its place, from 1, in the order of commits, without gaps.
    pub sequence: i64,
    /// See [`NewRead::time`].
    pub time: DateTime<Utc>,
    /// See [`NewRead::caller`].
    pub caller: String,
    /// See [`NewRead::method`].
    pub method: String,
    /// See [`NewRead::request_id`].
    pub request_id: Uuid,
    /// See [`NewRead::subjects`].
    pub subjects: Vec<(String, Uuid)>,
}

/// A read and who waits for its record.
pub(super) struct ReadWork {
    read: NewRead,
    answer: oneshot::Sender<Result<(), StoreError>>,
}

/// Starts the task that writes the trail. It ends when the queue is closed and empty.
pub(super) fn start(core: &Arc<Core>, queue: mpsc::Receiver<ReadWork>, group_size: usize) {
    tokio::spawn(run(Arc::clone(core), queue, group_size));
}

async fn run(core: Arc<Core>, mut queue: mpsc::Receiver<ReadWork>, group_size: usize) {
    let mut group = Vec::with_capacity(group_size);
    while queue.recv_many(&mut group, group_size).await > 0 {
        let (reads, answers): (Vec<_>, Vec<_>) = group.drain(..).map(|work| (work.read, work.answer)).unzip();
        match write(&core, &reads).await {
            Ok(()) => {
                for answer in answers {
                    // Who does not wait any more is not answered: nothing was shown.
                    let _ = answer.send(Ok(()));
                }
            }
            Err(error) => {
                tracing::debug!(%error, reads = reads.len(), "a group of reads failed; writing one by one");
                for (answer, read) in answers.into_iter().zip(&reads) {
                    let _ = answer.send(write(&core, std::slice::from_ref(read)).await);
                }
            }
        }
    }
}

async fn write(core: &Core, reads: &[NewRead]) -> Result<(), StoreError> {
    let transaction = begin_writing(&core.writer).await?;
    let first = number::allocate(&transaction, &[number::reads(reads.len())]).await?;
    let first = first.first().copied().ok_or(StoreError::Corrupt("a counter gave no number"))?;
    let rows = reads.iter().zip(first..).map(|(read, sequence)| audit_read::Model {
        sequence,
        time: stored_time(read.time),
        caller: read.caller.clone(),
        method: read.method.clone(),
        request_id: read.request_id,
    });
    insert_all(&transaction, audit_read::Entity, rows.collect(), OnPresent::Fail).await?;
    let subjects = reads.iter().zip(first..).flat_map(|(read, sequence)| {
        let distinct: BTreeSet<_> = read.subjects.iter().copied().collect();
        distinct.into_iter().map(move |(subject_type, subject)| audit_read_subject::Model {
            sequence,
            subject_type: subject_type.to_owned(),
            subject,
        })
    });
    insert_all(&transaction, audit_read_subject::Entity, subjects.collect(), OnPresent::Fail).await?;
    Ok(transaction.commit().await?)
}

impl Store {
    /// Adds a read to the trail. Returns after the commit that holds it.
    pub async fn record_read(&self, read: NewRead) -> Result<(), StoreError> {
        let (answer, outcome) = oneshot::channel();
        self.reads.send(ReadWork { read, answer }).await.map_err(|_| StoreError::Closed)?;
        outcome.await.map_err(|_| StoreError::Closed)?
    }

    /// At most `limit` reads with a sequence above `after`, in order; only those that showed `subject`, when given.
    pub async fn reads(&self, subject: Option<Uuid>, after: i64, limit: u64) -> Result<Vec<ReadRecord>, StoreError> {
        let mut query = audit_read::Entity::find()
            .filter(audit_read::Column::Sequence.gt(after))
            .order_by_asc(audit_read::Column::Sequence)
            .limit(limit);
        if let Some(subject) = subject {
            let showing = audit_read_subject::Entity::find()
                .select_only()
                .column(audit_read_subject::Column::Sequence)
                .filter(audit_read_subject::Column::Subject.eq(subject))
                .into_query();
            query = query.filter(audit_read::Column::Sequence.in_subquery(showing));
        }
        let rows = query.all(self.reader()).await?;
        let sequences = rows.iter().map(|row| row.sequence);
        let subjects = audit_read_subject::Entity::find()
            .filter(audit_read_subject::Column::Sequence.is_in(super::insert::padded(sequences.collect())))
            .all(self.reader())
            .await?;
        let of = |sequence: i64| {
            let shown = subjects.iter().filter(move |row| row.sequence == sequence);
            shown.map(|row| (row.subject_type.clone(), row.subject)).collect()
        };
        let record = |row: audit_read::Model| ReadRecord {
            subjects: of(row.sequence),
            sequence: row.sequence,
            time: row.time,
            caller: row.caller,
            method: row.method,
            request_id: row.request_id,
        };
        Ok(rows.into_iter().map(record).collect())
    }
}
