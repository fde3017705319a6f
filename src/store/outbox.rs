//! The outbox: jobs are written in the transaction that makes them necessary and finished in the transaction of their effect.
//!
//! A worker claims jobs for the length of a lease. A worker that dies lets the lease run out and the job is claimed again, so a
//! job may run twice; [`Tx::complete_job`] lets only one of the runs commit its effect.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;
use uuid::Uuid;

use super::entity::outbox::{self, Column, Entity};
use super::insert::{OnPresent, insert_all};
use super::{Store, StoreError, Tx, id_at, stored_time};

/// A job to be put into the outbox.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// What is to be done.
    pub kind: String,
    /// Identifier of what it is about.
    pub subject: Uuid,
    /// References to records. Never personal data.
    pub payload: Value,
    /// Not to be claimed earlier.
    pub not_before: DateTime<Utc>,
}

/// A job of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRecord {
    /// Its identifier.
    pub id: Uuid,
    /// See [`NewJob::kind`].
    pub kind: String,
    /// See [`NewJob::subject`].
    pub subject: Uuid,
    /// See [`NewJob::payload`].
    pub payload: Value,
    /// See [`NewJob::not_before`].
    pub not_before: DateTime<Utc>,
    /// How often it was claimed, this time included.
    pub attempts: i32,
    /// Until when the claim holds.
    pub leased_until: Option<DateTime<Utc>>,
    /// What went wrong last time.
    pub last_error: Option<String>,
    /// When it was given up.
    pub dead_at: Option<DateTime<Utc>>,
}

/// How full the outbox is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxDepth {
    /// Neither done nor given up, whether due, scheduled or claimed.
    pub open: u64,
    /// Of those, due and not claimed.
    pub due: u64,
    /// Given up: they wait for a person.
    pub dead: u64,
}

/// The row of a new job.
pub(super) fn row(job: NewJob) -> outbox::Model {
    outbox::Model {
        id: id_at(job.not_before),
        kind: job.kind,
        subject: job.subject,
        payload: job.payload.to_string(),
        not_before: stored_time(job.not_before),
        attempts: 0,
        leased_until: None,
        done_at: None,
        dead_at: None,
        last_error: None,
    }
}

fn record(row: outbox::Model) -> Result<JobRecord, StoreError> {
    Ok(JobRecord {
        id: row.id,
        kind: row.kind,
        subject: row.subject,
        payload: serde_json::from_str(&row.payload).map_err(|_| StoreError::Corrupt("payload of a job is not JSON"))?,
        not_before: row.not_before,
        attempts: row.attempts,
        leased_until: row.leased_until,
        last_error: row.last_error,
        dead_at: row.dead_at,
    })
}

fn open() -> Condition {
    Condition::all().add(Column::DoneAt.is_null()).add(Column::DeadAt.is_null())
}

fn due(now: DateTime<Utc>) -> Condition {
    let free = Condition::any().add(Column::LeasedUntil.is_null()).add(Column::LeasedUntil.lte(now));
    open().add(Column::NotBefore.lte(now)).add(free)
}

impl Store {
    /// Claims at most `limit` due jobs, the longest due first, of the given kinds (empty: of all), until `now + lease`.
    pub async fn claim_jobs(
        &self,
        kinds: &[&str],
        limit: u64,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<Vec<JobRecord>, StoreError> {
        let now = stored_time(now);
        let leased_until = stored_time(now + lease);
        let mut wanted =
            Entity::find().filter(due(now)).order_by_asc(Column::NotBefore).order_by_asc(Column::Id).limit(limit);
        if !kinds.is_empty() {
            wanted = wanted.filter(Column::Kind.is_in(kinds.iter().copied()));
        }
        // On PostgreSQL workers pass over the rows that another one is claiming; on SQLite there is one writer.
        let wanted = wanted.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        let tx = self.begin().await?;
        let mut rows = wanted.all(tx.db()).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        Entity::update_many()
            .col_expr(Column::LeasedUntil, Expr::value(leased_until))
            .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
            .filter(Column::Id.is_in(rows.iter().map(|row| row.id)))
            .exec(tx.db())
            .await?;
        tx.commit_quietly().await?;
        for row in &mut rows {
            row.leased_until = Some(leased_until);
            row.attempts += 1;
        }
        rows.into_iter().map(record).collect()
    }

    /// Gives a claimed job back, to be claimed again from `at` on. `error` is for people who look after the service and holds no
    /// personal data.
    pub async fn retry_job(&self, id: Uuid, at: DateTime<Utc>, error: &str) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        Entity::update_many()
            .col_expr(Column::NotBefore, Expr::value(stored_time(at)))
            .col_expr(Column::LeasedUntil, Expr::value(None::<DateTime<Utc>>))
            .col_expr(Column::LastError, Expr::value(error))
            .filter(Column::Id.eq(id))
            .filter(open())
            .exec(tx.db())
            .await?;
        tx.commit().await
    }

    /// Gives a job up: it is not claimed any more and is counted as dead until [`Store::revive_job`].
    pub async fn bury_job(&self, id: Uuid, now: DateTime<Utc>, error: &str) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        Entity::update_many()
            .col_expr(Column::DeadAt, Expr::value(stored_time(now)))
            .col_expr(Column::LeasedUntil, Expr::value(None::<DateTime<Utc>>))
            .col_expr(Column::LastError, Expr::value(error))
            .filter(Column::Id.eq(id))
            .filter(open())
            .exec(tx.db())
            .await?;
        tx.commit().await
    }

    /// Brings a dead job back, due at once and with its attempts counted anew. `false` when there is no such dead job.
    pub async fn revive_job(&self, id: Uuid, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        let updated = Entity::update_many()
            .col_expr(Column::DeadAt, Expr::value(None::<DateTime<Utc>>))
            .col_expr(Column::NotBefore, Expr::value(stored_time(now)))
            .col_expr(Column::Attempts, Expr::value(0))
            .filter(Column::Id.eq(id))
            .filter(Column::DeadAt.is_not_null())
            .exec(tx.db())
            .await?;
        tx.commit().await?;
        Ok(updated.rows_affected == 1)
    }

    /// The dead jobs, latest first.
    pub async fn dead_jobs(&self, limit: u64) -> Result<Vec<JobRecord>, StoreError> {
        let rows = Entity::find()
            .filter(Column::DeadAt.is_not_null())
            .order_by_desc(Column::DeadAt)
            .limit(limit)
            .all(self.reader())
            .await?;
        rows.into_iter().map(record).collect()
    }

    /// How many jobs are open, due and dead.
    pub async fn outbox_depth(&self, now: DateTime<Utc>) -> Result<OutboxDepth, StoreError> {
        let db = self.reader();
        Ok(OutboxDepth {
            open: Entity::find().filter(open()).count(db).await?,
            due: Entity::find().filter(due(stored_time(now))).count(db).await?,
            dead: Entity::find().filter(Column::DeadAt.is_not_null()).count(db).await?,
        })
    }

    /// When the next open job can be claimed (in the past when one is due); none when no job is open. Until then, or until the
    /// next commit, a worker may sleep.
    pub async fn next_job_at(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let free = Entity::find()
            .filter(open())
            .filter(Column::LeasedUntil.is_null())
            .order_by_asc(Column::NotBefore)
            .one(self.reader())
            .await?
            .map(|row| row.not_before);
        let leased = Entity::find()
            .filter(open())
            .filter(Column::LeasedUntil.is_not_null())
            .order_by_asc(Column::LeasedUntil)
            .one(self.reader())
            .await?
            .and_then(|row| Ord::max(row.leased_until, Some(row.not_before)));
        Ok(free.into_iter().chain(leased).min())
    }
}

impl Tx {
    /// Puts jobs into the outbox; workers see them after the commit.
    pub async fn enqueue(&mut self, jobs: Vec<NewJob>) -> Result<(), StoreError> {
        let rows = jobs.into_iter().map(row).collect();
        insert_all(self.db(), outbox::Entity, rows, OnPresent::Fail).await?;
        Ok(())
    }

    /// Marks a job as done, in the transaction of its effect. [`StoreError::JobAlreadyDone`] when another run came first: drop
    /// the transaction, the effect is there.
    pub async fn complete_job(&mut self, id: Uuid, now: DateTime<Utc>) -> Result<(), StoreError> {
        let updated = Entity::update_many()
            .col_expr(Column::DoneAt, Expr::value(stored_time(now)))
            .col_expr(Column::LeasedUntil, Expr::value(None::<DateTime<Utc>>))
            .filter(Column::Id.eq(id))
            .filter(Column::DoneAt.is_null())
            .exec(self.db())
            .await?;
        if updated.rows_affected == 1 { Ok(()) } else { Err(StoreError::JobAlreadyDone) }
    }
}
