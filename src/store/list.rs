//! Sealed lists that were asked for: their numbers. What stood in them is made anew from the register each time.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::entity::list;
use super::error::Unique;
use super::{NumberSeries, Store, StoreError, Tx, stored_time};

/// A list that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRecord {
    /// Its identifier.
    pub id: Uuid,
    /// The number people read.
    pub number: String,
    /// How many are on it.
    pub entries: i64,
    /// When it was first asked for.
    pub issued_at: DateTime<Utc>,
}

/// What a list is of. Equal ones are the same list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListKey {
    /// Kind of the list, such as `ELECTORAL_ROLL`.
    pub kind: &'static str,
    /// Code of the mission.
    pub mission: String,
    /// What else was asked for, in a spelling of its own.
    pub matter: String,
}

fn record(row: list::Model) -> ListRecord {
    ListRecord { id: row.id, number: row.number, entries: row.entries, issued_at: row.issued_at }
}

impl Store {
    /// The list of that number.
    pub async fn list_by_number(&self, number: &str) -> Result<Option<ListRecord>, StoreError> {
        let found = list::Entity::find().filter(list::Column::Number.eq(number));
        Ok(found.one(self.reader()).await?.map(record))
    }
}

impl Tx {
    /// The list of that key, with a number of the series when it was not asked for before. [`Unique::List`] when somebody else asks for the
    /// first time at once: trying again finds it.
    pub async fn reserve_list(
        &mut self,
        id: Uuid,
        key: &ListKey,
        series: &NumberSeries,
        entries: i64,
        now: DateTime<Utc>,
    ) -> Result<ListRecord, StoreError> {
        use list::Column;
        let present = list::Entity::find()
            .filter(Column::Kind.eq(key.kind))
            .filter(Column::Mission.eq(key.mission.as_str()))
            .filter(Column::Matter.eq(key.matter.as_str()))
            .one(self.db())
            .await?;
        if let Some(row) = present {
            return Ok(record(row));
        }
        let row = list::Model {
            id,
            kind: key.kind.to_owned(),
            number: self.allocate_number(series).await?,
            mission: key.mission.clone(),
            matter: key.matter.clone(),
            entries,
            issued_at: stored_time(now),
        };
        let active: list::ActiveModel = row.clone().into();
        list::Entity::insert(active)
            .exec_without_returning(self.db())
            .await
            .map_err(|error| StoreError::of_insert(error, Unique::List))?;
        Ok(record(row))
    }
}
