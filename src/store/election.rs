//! Elections that were announced at missions. They are public: what is voted on, and when.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::entity::election;
use super::error::Unique;
use super::{Store, StoreError, Tx, stored_time};

/// An election that was announced at a mission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ElectionRecord {
    /// Its identifier, chosen by the officer who announced it.
    pub id: Uuid,
    /// Its place among all elections, from 1.
    pub sequence: i32,
    /// Code of the mission.
    pub mission: String,
    /// What is voted on, as the caller of the store writes it.
    pub title: String,
    /// The voting day.
    pub voting_day: NaiveDate,
    /// The last day for correcting the particulars.
    pub check_until: NaiveDate,
    /// Who announced it: SHA-256 of the signing certificate.
    pub announced_by: String,
    /// When. Who was registered then is told.
    pub announced_at: DateTime<Utc>,
    /// When the last of them was told.
    pub told_at: Option<DateTime<Utc>>,
    /// Counts what officers decided about it, from 1: the etag.
    pub version: i64,
}

/// An election to be announced.
#[derive(Debug, Clone)]
pub struct NewElection {
    /// See [`ElectionRecord::id`].
    pub id: Uuid,
    /// See [`ElectionRecord::mission`].
    pub mission: String,
    /// See [`ElectionRecord::title`].
    pub title: String,
    /// See [`ElectionRecord::voting_day`].
    pub voting_day: NaiveDate,
    /// See [`ElectionRecord::check_until`].
    pub check_until: NaiveDate,
    /// See [`ElectionRecord::announced_by`].
    pub announced_by: String,
    /// See [`ElectionRecord::announced_at`].
    pub announced_at: DateTime<Utc>,
}

impl Store {
    /// The election, by its identifier.
    pub async fn election(&self, id: Uuid) -> Result<Option<ElectionRecord>, StoreError> {
        let row = election::Entity::find_by_id(id).one(self.reader()).await?;
        Ok(row.map(|row| ElectionRecord {
            id: row.id,
            sequence: row.sequence,
            mission: row.mission,
            title: row.title,
            voting_day: row.voting_day,
            check_until: row.check_until,
            announced_by: row.announced_by,
            announced_at: row.announced_at,
            told_at: row.told_at,
            version: row.version,
        }))
    }
}

impl Tx {
    /// Stores a new election after all others. [`Unique::Election`] when there is one of this identifier, or another took the place.
    pub async fn insert_election(&mut self, new: NewElection) -> Result<(), StoreError> {
        let last = election::Entity::find().order_by_desc(election::Column::Sequence).one(self.db()).await?;
        let row = election::Model {
            id: new.id,
            sequence: last.map_or(0, |row| row.sequence) + 1,
            mission: new.mission,
            title: new.title,
            voting_day: new.voting_day,
            check_until: new.check_until,
            announced_by: new.announced_by,
            announced_at: stored_time(new.announced_at),
            told_at: None,
            version: 1,
        };
        let active: election::ActiveModel = row.into();
        election::Entity::insert(active)
            .exec_without_returning(self.db())
            .await
            .map_err(|error| StoreError::of_insert(error, Unique::Election))?;
        Ok(())
    }

    /// Notes that everybody was told of an election. Nobody decided that: the version stays.
    pub async fn note_election_told(&mut self, id: Uuid, time: DateTime<Utc>) -> Result<(), StoreError> {
        election::Entity::update_many()
            .col_expr(election::Column::ToldAt, Expr::value(stored_time(time)))
            .filter(election::Column::Id.eq(id))
            .exec(self.db())
            .await?;
        Ok(())
    }
}
