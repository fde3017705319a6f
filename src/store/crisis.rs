//! Crises, and the messages sent to all on their rolls. Both are public: what happened where, and what everybody is told.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::entity::{crisis, crisis_broadcast};
use super::error::Unique;
use super::{Store, StoreError, Tx, stored_time};

/// A crisis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrisisRecord {
    /// Its identifier, chosen by the officer who opened it.
    pub id: Uuid,
    /// Code of the country.
    pub country: String,
    /// Codes of the parts of the country; none means all of it.
    pub subdivisions: Vec<String>,
    /// Codes of the missions whose districts lie in the area.
    pub missions: Vec<String>,
    /// What has happened, as the caller of the store writes it.
    pub title: String,
    /// Who opened it: SHA-256 of the signing certificate.
    pub opened_by: String,
    /// When.
    pub opened_at: DateTime<Utc>,
    /// When the register was last gone through for the roll.
    pub roll_at: Option<DateTime<Utc>>,
    /// How many messages were sent to all on the roll.
    pub broadcasts: i32,
    /// Counts what officers decided about it, from 1: the etag.
    pub version: i64,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// Who closed it: SHA-256 of the signing certificate.
    pub closed_by: Option<String>,
}

/// A message to all on the roll of a crisis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BroadcastRecord {
    /// Its place among all broadcasts, from 1.
    pub sequence: i32,
    /// The crisis.
    pub crisis: Uuid,
    /// The message, as the caller of the store writes it.
    pub message: String,
    /// Who sent it: SHA-256 of the signing certificate.
    pub actor: String,
    /// The report on the signature of the act.
    pub report: Uuid,
    /// When.
    pub sent_at: DateTime<Utc>,
}

fn codes(json: &str) -> Result<Vec<String>, StoreError> {
    serde_json::from_str(json).map_err(|_| StoreError::Corrupt("codes of a crisis are not a list"))
}

fn record(row: crisis::Model) -> Result<CrisisRecord, StoreError> {
    Ok(CrisisRecord {
        id: row.id,
        country: row.country,
        subdivisions: codes(&row.subdivisions)?,
        missions: codes(&row.missions)?,
        title: row.title,
        opened_by: row.opened_by,
        opened_at: row.opened_at,
        roll_at: row.roll_at,
        broadcasts: row.broadcasts,
        version: row.version,
        closed_at: row.closed_at,
        closed_by: row.closed_by,
    })
}

async fn find<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<Option<CrisisRecord>, StoreError> {
    crisis::Entity::find_by_id(id).one(db).await?.map(record).transpose()
}

impl Store {
    /// The crisis, by its identifier.
    pub async fn crisis(&self, id: Uuid) -> Result<Option<CrisisRecord>, StoreError> {
        find(self.reader(), id).await
    }

    /// At most `limit` crises, the latest first, beginning after the cursor: the last of the page before. Of one
    /// mission when given; only those that are not closed where `open_only`.
    pub async fn crises(
        &self,
        mission: Option<&str>,
        open_only: bool,
        after: Option<&CrisisRecord>,
        limit: u64,
    ) -> Result<Vec<CrisisRecord>, StoreError> {
        use crisis::Column;
        let mut query = crisis::Entity::find().order_by_desc(Column::OpenedAt).order_by_desc(Column::Id).limit(limit);
        if let Some(mission) = mission {
            // The column holds a list of codes, each in quotation marks.
            query = query.filter(Column::Missions.contains(format!("\"{mission}\"")));
        }
        if open_only {
            query = query.filter(Column::ClosedAt.is_null());
        }
        if let Some(last) = after {
            let is_earlier = Column::OpenedAt.lt(last.opened_at);
            query = query.filter(is_earlier.or(Column::OpenedAt.eq(last.opened_at).and(Column::Id.lt(last.id))));
        }
        query.all(self.reader()).await?.into_iter().map(record).collect()
    }

    /// The message of that place among all broadcasts.
    pub async fn broadcast(&self, sequence: i32) -> Result<Option<BroadcastRecord>, StoreError> {
        let row = crisis_broadcast::Entity::find_by_id(sequence).one(self.reader()).await?;
        Ok(row.map(|row| BroadcastRecord {
            sequence: row.sequence,
            crisis: row.crisis,
            message: row.message,
            actor: row.actor,
            report: row.report_id,
            sent_at: row.sent_at,
        }))
    }
}

impl Tx {
    /// Stores a new crisis. [`Unique::Crisis`] when there is one of this identifier.
    pub async fn insert_crisis(&mut self, new: &CrisisRecord) -> Result<(), StoreError> {
        let row = crisis::Model {
            id: new.id,
            country: new.country.clone(),
            subdivisions: serde_json::Value::from(new.subdivisions.clone()).to_string(),
            missions: serde_json::Value::from(new.missions.clone()).to_string(),
            title: new.title.clone(),
            opened_by: new.opened_by.clone(),
            opened_at: stored_time(new.opened_at),
            roll_at: None,
            broadcasts: new.broadcasts,
            version: new.version,
            closed_at: None,
            closed_by: None,
        };
        let active: crisis::ActiveModel = row.into();
        crisis::Entity::insert(active)
            .exec_without_returning(self.db())
            .await
            .map_err(|error| StoreError::of_insert(error, Unique::Crisis))?;
        Ok(())
    }

    /// The crisis as this transaction sees it; until its end nobody closes it.
    pub async fn crisis(&self, id: Uuid) -> Result<Option<CrisisRecord>, StoreError> {
        crisis::Entity::find_by_id(id).lock_shared().one(self.db()).await?.map(record).transpose()
    }

    /// Closes a crisis over the version that `crisis` was read at. [`StoreError::VersionConflict`] when it changed meanwhile.
    pub async fn close_crisis(
        &mut self,
        crisis: &CrisisRecord,
        actor: &str,
        time: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        use crisis::Column;
        let updated = crisis::Entity::update_many()
            .col_expr(Column::ClosedAt, Expr::value(stored_time(time)))
            .col_expr(Column::ClosedBy, Expr::value(actor))
            .col_expr(Column::Version, Expr::value(crisis.version + 1))
            .filter(Column::Id.eq(crisis.id))
            .filter(Column::Version.eq(crisis.version))
            .exec(self.db())
            .await?;
        if updated.rows_affected == 1 { Ok(()) } else { Err(StoreError::VersionConflict) }
    }

    /// Notes that the register was gone through for the roll. Nobody decided that: the version stays.
    pub async fn note_crisis_roll(&mut self, id: Uuid, time: DateTime<Utc>) -> Result<(), StoreError> {
        crisis::Entity::update_many()
            .col_expr(crisis::Column::RollAt, Expr::value(stored_time(time)))
            .filter(crisis::Column::Id.eq(id))
            .exec(self.db())
            .await?;
        Ok(())
    }

    /// Stores a message to all on the roll of a crisis over the version that `crisis` was read at, and returns its place among all
    /// broadcasts. [`StoreError::VersionConflict`] when the crisis changed meanwhile, [`Unique::Crisis`] when another message took the
    /// place.
    pub async fn insert_broadcast(
        &mut self,
        crisis: &CrisisRecord,
        message: String,
        actor: &str,
        report: Uuid,
        time: DateTime<Utc>,
    ) -> Result<i32, StoreError> {
        use crisis::Column;
        let updated = crisis::Entity::update_many()
            .col_expr(Column::Broadcasts, Expr::value(crisis.broadcasts + 1))
            .col_expr(Column::Version, Expr::value(crisis.version + 1))
            .filter(Column::Id.eq(crisis.id))
            .filter(Column::Version.eq(crisis.version))
            .exec(self.db())
            .await?;
        if updated.rows_affected != 1 {
            return Err(StoreError::VersionConflict);
        }
        let last = crisis_broadcast::Entity::find()
            .order_by_desc(crisis_broadcast::Column::Sequence)
            .one(self.db())
            .await?
            .map_or(0, |row| row.sequence);
        let row = crisis_broadcast::Model {
            sequence: last + 1,
            crisis: crisis.id,
            message,
            actor: actor.to_owned(),
            report_id: report,
            sent_at: stored_time(time),
        };
        let active: crisis_broadcast::ActiveModel = row.into();
        crisis_broadcast::Entity::insert(active)
            .exec_without_returning(self.db())
            .await
            .map_err(|error| StoreError::of_insert(error, Unique::Crisis))?;
        Ok(last + 1)
    }
}
