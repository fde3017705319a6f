//! One transaction over several aggregates.

use std::sync::Arc;

use sea_orm::{DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use uuid::Uuid;

use super::database::Core;
use super::entity::{event, notification};
use super::error::Unique;
use super::insert::{OnPresent, insert_all};
use super::number::{self, Wanted};
use super::seal::Sealer;
use super::{NewEvent, NumberSeries, Store, StoreError};

/// A transaction. Dropped without [`Tx::commit`] it leaves nothing behind, its numbers included.
///
/// On SQLite it holds the one writer, on PostgreSQL the rows it touched: do no slow work inside.
pub struct Tx {
    transaction: DatabaseTransaction,
    core: Arc<Core>,
    events: Vec<event::Model>,
    pub(super) notifications: Vec<notification::Model>,
}

/// Begins a transaction that writes: on SQLite it takes the write lock at once, so that it never has to give up half-way.
pub(super) async fn begin_writing(db: &sea_orm::DatabaseConnection) -> Result<DatabaseTransaction, StoreError> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    Ok(db.begin_with_options(options).await?)
}

impl Store {
    /// Begins a transaction, as soon as the writer (SQLite) or a connection (PostgreSQL) is free.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(Tx {
            transaction: begin_writing(&self.core.writer).await?,
            core: Arc::clone(&self.core),
            events: Vec::new(),
            notifications: Vec::new(),
        })
    }
}

impl Tx {
    pub(super) fn db(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    pub(super) fn sealer(&self) -> &Sealer {
        &self.core.sealer
    }

    /// Takes the next number of a series. The series is locked until the end of the transaction.
    pub async fn allocate_number(&mut self, series: &NumberSeries) -> Result<String, StoreError> {
        let wanted = [Wanted { counter: series.clone(), count: 1 }];
        let first = number::allocate(self.db(), &wanted).await?;
        let n = first.first().ok_or(StoreError::Corrupt("a counter gave no number"))?;
        Ok(series.number(*n))
    }

    /// Appends an event; it gets its sequence at the commit.
    pub fn append_event(&mut self, event: &NewEvent) {
        self.events.push(super::event::row(event));
    }

    /// Makes everything durable, then wakes workers and streams.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let accounts = self.notifications.iter().map(|notification| super::subject::account(&notification.caller));
        let subjects: Vec<Uuid> = self.events.iter().map(|event| event.subject).chain(accounts).collect();
        self.flush().await?;
        self.transaction.commit().await?;
        self.core.announce();
        self.core.subjects.announce(subjects.into_iter());
        Ok(())
    }

    /// Commits what nobody waits for.
    pub(super) async fn commit_quietly(self) -> Result<(), StoreError> {
        Ok(self.transaction.commit().await?)
    }

    /// Writes what carries a global sequence. Last, because the counters are shared by every transaction there is.
    async fn flush(&mut self) -> Result<(), StoreError> {
        let mut events = std::mem::take(&mut self.events);
        let mut notifications = std::mem::take(&mut self.notifications);
        let mut wanted = Vec::with_capacity(2);
        if !events.is_empty() {
            wanted.push(number::events(events.len()));
        }
        if !notifications.is_empty() {
            wanted.push(number::notifications(notifications.len()));
        }
        let mut first = number::allocate(self.db(), &wanted).await?.into_iter();
        if !events.is_empty() {
            let first = first.next().unwrap_or_default();
            events.iter_mut().zip(first..).for_each(|(row, sequence)| row.sequence = sequence);
        }
        if !notifications.is_empty() {
            let first = first.next().unwrap_or_default();
            notifications.iter_mut().zip(first..).for_each(|(row, sequence)| row.sequence = sequence);
        }
        insert_all(self.db(), notification::Entity, notifications, OnPresent::Fail)
            .await
            .map_err(|error| StoreError::of_insert(error, Unique::Notification))?;
        insert_all(self.db(), event::Entity, events, OnPresent::Fail).await?;
        Ok(())
    }
}
