//! Who is on the roll of a crisis, and what was replied about them. Who it is and what was said is sealed.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, Func, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::entity::{crisis_person, crisis_reply};
use super::error::Unique;
use super::insert::{OnPresent, insert_all, padded};
use super::seal::{Place, Sealer};
use super::{Store, StoreError, Tx, stored_time};

/// A person on a roll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrisisPersonRecord {
    /// Its identifier.
    pub id: Uuid,
    /// The crisis.
    pub crisis: Uuid,
    /// Why the person is on the roll.
    pub kind: String,
    /// Code of the mission that looks after the person.
    pub mission: String,
    /// The registration; of a family member, the citizen's.
    pub registration: Option<Uuid>,
    /// For a family member: the citizen's entry.
    pub head: Option<Uuid>,
    /// By the latest reply.
    pub status: String,
    /// When the latest reply was recorded.
    pub replied_at: Option<DateTime<Utc>>,
    /// When the person came on the roll.
    pub created_at: DateTime<Utc>,
    /// Counts replies, from 1 for none: the etag.
    pub version: i64,
    /// Who it is, as the caller of the store writes it. Sealed.
    pub person: Vec<u8>,
}

/// A reply about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrisisReplyRecord {
    /// Its identifier; make it with [`super::id_at`].
    pub id: Uuid,
    /// The person.
    pub person: Uuid,
    /// What was replied.
    pub status: String,
    /// How it came in.
    pub source: String,
    /// The calling system, or the SHA-256 of the signing certificate.
    pub actor: String,
    /// The report on the signature of an officer's act.
    pub report: Option<Uuid>,
    /// When it was recorded.
    pub replied_at: DateTime<Utc>,
    /// What was said beside it. Sealed.
    pub note: Option<String>,
}

/// Which persons of a roll a list wants. All given conditions hold together.
#[derive(Debug, Clone, Default)]
pub struct CrisisPersonFilter {
    /// Only those whom this mission looks after.
    pub mission: Option<String>,
    /// Only those in these states; empty means all.
    pub statuses: Vec<String>,
    /// Only those who are on the roll for this reason.
    pub kind: Option<String>,
}

/// How many persons of one kind are in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrisisCount {
    /// Why they are on the roll.
    pub kind: String,
    /// By their latest replies.
    pub status: String,
    /// How many.
    pub count: i64,
}

const REPLIES: &str = "crisis_replies";

fn place(id: &Uuid) -> Place<'_> {
    Place::new("crisis_persons", "person", id.as_bytes())
}

fn row(new: CrisisPersonRecord, sealer: &Sealer) -> Result<crisis_person::Model, StoreError> {
    Ok(crisis_person::Model {
        person: sealer.seal(place(&new.id), &new.person)?,
        id: new.id,
        crisis: new.crisis,
        kind: new.kind,
        mission: new.mission,
        registration: new.registration,
        head: new.head,
        status: new.status,
        replied_at: new.replied_at.map(stored_time),
        created_at: stored_time(new.created_at),
        version: new.version,
    })
}

fn record(row: crisis_person::Model, sealer: &Sealer) -> Result<CrisisPersonRecord, StoreError> {
    Ok(CrisisPersonRecord {
        person: sealer.open(place(&row.id), &row.person)?,
        id: row.id,
        crisis: row.crisis,
        kind: row.kind,
        mission: row.mission,
        registration: row.registration,
        head: row.head,
        status: row.status,
        replied_at: row.replied_at,
        created_at: row.created_at,
        version: row.version,
    })
}

fn reply(row: crisis_reply::Model, sealer: &Sealer) -> Result<CrisisReplyRecord, StoreError> {
    let note = row.note.as_deref().map(|note| sealer.open(Place::new(REPLIES, "note", row.id.as_bytes()), note));
    let note = note.transpose()?.map(String::from_utf8).transpose();
    Ok(CrisisReplyRecord {
        id: row.id,
        person: row.person,
        status: row.status,
        source: row.source,
        actor: row.actor,
        report: row.report_id,
        replied_at: row.replied_at,
        note: note.map_err(|_| StoreError::Corrupt("a note is not text"))?,
    })
}

impl Store {
    /// A person on a roll, by the entry's identifier.
    pub async fn crisis_person(&self, id: Uuid) -> Result<Option<CrisisPersonRecord>, StoreError> {
        let row = crisis_person::Entity::find_by_id(id).one(self.reader()).await?;
        row.map(|row| record(row, self.sealer())).transpose()
    }

    /// At most `limit` persons of a roll in the order of their identifiers, beginning after the cursor: the last identifier of the page
    /// before.
    pub async fn crisis_persons(
        &self,
        crisis: Uuid,
        filter: &CrisisPersonFilter,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<CrisisPersonRecord>, StoreError> {
        use crisis_person::Column;
        let mut query =
            crisis_person::Entity::find().filter(Column::Crisis.eq(crisis)).order_by_asc(Column::Id).limit(limit);
        if let Some(mission) = &filter.mission {
            query = query.filter(Column::Mission.eq(mission));
        }
        if !filter.statuses.is_empty() {
            query = query.filter(Column::Status.is_in(&filter.statuses));
        }
        if let Some(kind) = &filter.kind {
            query = query.filter(Column::Kind.eq(kind));
        }
        if let Some(after) = after {
            query = query.filter(Column::Id.gt(after));
        }
        query.all(self.reader()).await?.into_iter().map(|row| record(row, self.sealer())).collect()
    }

    /// The replies about these persons, each person's oldest first.
    pub async fn crisis_replies(&self, persons: &[Uuid]) -> Result<HashMap<Uuid, Vec<CrisisReplyRecord>>, StoreError> {
        use crisis_reply::Column;
        let mut replies: HashMap<Uuid, Vec<CrisisReplyRecord>> = HashMap::new();
        if persons.is_empty() {
            return Ok(replies);
        }
        let rows = crisis_reply::Entity::find()
            .filter(Column::Person.is_in(padded(persons.to_vec())))
            .order_by_asc(Column::Id)
            .all(self.reader())
            .await?;
        for row in rows {
            replies.entry(row.person).or_default().push(reply(row, self.sealer())?);
        }
        Ok(replies)
    }

    /// How many persons there are by kind and state on each of these rolls that has any; of one mission when given.
    pub async fn crisis_counts(
        &self,
        crises: &[Uuid],
        mission: Option<&str>,
    ) -> Result<HashMap<Uuid, Vec<CrisisCount>>, StoreError> {
        use crisis_person::{Column, Entity};
        let mut query = Query::select();
        query
            .from(Entity)
            .columns([Column::Crisis, Column::Kind, Column::Status])
            .expr_as(Func::count(Expr::col(Column::Id)), "count")
            .and_where(Column::Crisis.is_in(padded(crises.to_vec())))
            .group_by_columns([Column::Crisis, Column::Kind, Column::Status]);
        if let Some(mission) = mission {
            query.and_where(Column::Mission.eq(mission));
        }
        let mut counts: HashMap<Uuid, Vec<CrisisCount>> = HashMap::new();
        for row in self.reader().query_all(&query).await? {
            counts.entry(row.try_get("", "crisis")?).or_default().push(CrisisCount {
                kind: row.try_get("", "kind")?,
                status: row.try_get("", "status")?,
                count: row.try_get("", "count")?,
            });
        }
        Ok(counts)
    }
}

impl Tx {
    /// Puts persons on a roll; who is on it already stays as is.
    pub async fn insert_crisis_persons(&mut self, persons: Vec<CrisisPersonRecord>) -> Result<(), StoreError> {
        let rows = persons.into_iter().map(|person| row(person, self.sealer())).collect::<Result<_, _>>()?;
        insert_all(self.db(), crisis_person::Entity, rows, OnPresent::Keep).await?;
        Ok(())
    }

    /// Puts a person on a roll who is not on it. [`Unique::Crisis`] when there is an entry of this identifier.
    pub async fn insert_crisis_person(&mut self, person: CrisisPersonRecord) -> Result<(), StoreError> {
        let active: crisis_person::ActiveModel = row(person, self.sealer())?.into();
        crisis_person::Entity::insert(active)
            .exec_without_returning(self.db())
            .await
            .map_err(|error| StoreError::of_insert(error, Unique::Crisis))?;
        Ok(())
    }

    /// A citizen's entry on a roll and those of the family members under it, the citizen's first, as this transaction sees them.
    pub async fn crisis_household(
        &self,
        crisis: Uuid,
        registration: Uuid,
    ) -> Result<Vec<CrisisPersonRecord>, StoreError> {
        use crisis_person::Column;
        let rows = crisis_person::Entity::find()
            .filter(Column::Registration.eq(registration))
            .filter(Column::Crisis.eq(crisis))
            .order_by_asc(Column::Id)
            .all(self.db())
            .await?;
        let mut records = rows.into_iter().map(|row| record(row, self.sealer())).collect::<Result<Vec<_>, _>>()?;
        records.sort_by_key(|record| record.head.is_some());
        Ok(records)
    }

    /// Keeps a reply and writes it over the version that `person` was read at. [`StoreError::VersionConflict`] when another reply came
    /// meanwhile.
    pub async fn insert_crisis_reply(
        &mut self,
        person: &CrisisPersonRecord,
        new: &CrisisReplyRecord,
    ) -> Result<(), StoreError> {
        use crisis_person::Column;
        let updated = crisis_person::Entity::update_many()
            .col_expr(Column::Status, Expr::value(new.status.as_str()))
            .col_expr(Column::RepliedAt, Expr::value(stored_time(new.replied_at)))
            .col_expr(Column::Version, Expr::value(person.version + 1))
            .filter(Column::Id.eq(person.id))
            .filter(Column::Version.eq(person.version))
            .exec(self.db())
            .await?;
        if updated.rows_affected != 1 {
            return Err(StoreError::VersionConflict);
        }
        let place = Place::new(REPLIES, "note", new.id.as_bytes());
        let note = new.note.as_ref().map(|note| self.sealer().seal(place, note.as_bytes())).transpose()?;
        let row = crisis_reply::Model {
            id: new.id,
            person: new.person,
            status: new.status.clone(),
            source: new.source.clone(),
            actor: new.actor.clone(),
            report_id: new.report,
            replied_at: stored_time(new.replied_at),
            note,
        };
        let active: crisis_reply::ActiveModel = row.into();
        crisis_reply::Entity::insert(active).exec_without_returning(self.db()).await?;
        Ok(())
    }
}
