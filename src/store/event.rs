//! Events: what happened, in one global order without gaps. They hold references and no personal data.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;
use uuid::Uuid;

use super::entity::event;
use super::{Store, StoreError, stored_time};

/// An event to be appended.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// What it happened to: APPLICATION, REGISTRATION, DOCUMENT, TRUST_STORE …
    pub subject_type: &'static str,
    /// Identifier of that.
    pub subject: Uuid,
    /// What happened.
    pub kind: String,
    /// Who did it: a caller, or a person by the SHA-256 of the signing certificate. Never a name or an IIN.
    pub actor: String,
    /// When.
    pub time: DateTime<Utc>,
    /// References to records. Never personal data.
    pub references: Value,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRecord {
    /// Its place in the global order, from 1, in the order of commits.
    pub sequence: i64,
    /// See [`NewEvent::subject_type`].
    pub subject_type: String,
    /// See [`NewEvent::subject`].
    pub subject: Uuid,
    /// See [`NewEvent::kind`].
    pub kind: String,
    /// See [`NewEvent::actor`].
    pub actor: String,
    /// See [`NewEvent::time`].
    pub time: DateTime<Utc>,
    /// See [`NewEvent::references`].
    pub references: Value,
}

/// The row of an event whose sequence is not known yet.
pub(super) fn row(new: &NewEvent) -> event::Model {
    event::Model {
        sequence: 0,
        subject_type: new.subject_type.to_owned(),
        subject: new.subject,
        kind: new.kind.clone(),
        actor: new.actor.clone(),
        time: stored_time(new.time),
        refs: new.references.to_string(),
    }
}

pub(super) fn record(row: event::Model) -> Result<EventRecord, StoreError> {
    Ok(EventRecord {
        sequence: row.sequence,
        subject_type: row.subject_type,
        subject: row.subject,
        kind: row.kind,
        actor: row.actor,
        time: row.time,
        references: serde_json::from_str(&row.refs)
            .map_err(|_| StoreError::Corrupt("references of an event are not JSON"))?,
    })
}

impl Store {
    /// At most `limit` events with a sequence above `after`, in order; of one subject when given.
    ///
    /// Sequences are taken at the very end of a transaction, one transaction after the other: when `n` is visible, everything
    /// below `n` is, so a stream that resumes after `n` misses nothing.
    pub async fn events(&self, subject: Option<Uuid>, after: i64, limit: u64) -> Result<Vec<EventRecord>, StoreError> {
        let mut query = event::Entity::find()
            .filter(event::Column::Sequence.gt(after))
            .order_by_asc(event::Column::Sequence)
            .limit(limit);
        if let Some(subject) = subject {
            query = query.filter(event::Column::Subject.eq(subject));
        }
        let rows = query.all(self.reader()).await?;
        rows.into_iter().map(record).collect()
    }

    /// The sequence of the latest event of one subject; 0 when there is none.
    pub async fn latest_event_of(&self, subject: Uuid) -> Result<i64, StoreError> {
        let row = event::Entity::find()
            .filter(event::Column::Subject.eq(subject))
            .order_by_desc(event::Column::Sequence)
            .one(self.reader())
            .await?;
        Ok(row.map_or(0, |row| row.sequence))
    }

    /// The sequence of the latest event; 0 when there is none.
    pub async fn latest_event(&self) -> Result<i64, StoreError> {
        let row = event::Entity::find().order_by_desc(event::Column::Sequence).one(self.reader()).await?;
        Ok(row.map_or(0, |row| row.sequence))
    }
}
