//! The lists of missions that are or were in force, and what is still open at a mission.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::{application, mission_list, registration};
use super::error::Unique;
use super::{Store, StoreError, Tx, stored_time};

/// A list of missions as it was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissionListRecord {
    /// From 1 without gaps; the latest one is in force.
    pub revision: i64,
    /// The list in TOML, as it was written.
    pub content: String,
    /// Whether it is the sample shipped with the program.
    pub is_sample: bool,
    /// Why, or from where.
    pub note: String,
    /// When it was imported.
    pub imported_at: DateTime<Utc>,
}

/// How many applications and registrations are open at a mission, with the numbers of the first few.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenAtMission {
    /// Open applications.
    pub applications: u64,
    /// Open registrations.
    pub registrations: u64,
    /// Numbers of the first few of both.
    pub numbers: Vec<String>,
}

impl From<mission_list::Model> for MissionListRecord {
    fn from(row: mission_list::Model) -> Self {
        Self {
            revision: row.revision,
            content: row.content,
            is_sample: row.is_sample,
            note: row.note,
            imported_at: row.imported_at,
        }
    }
}

impl Store {
    /// The revision of the missions: 0 before the first list.
    pub async fn mission_revision(&self) -> Result<i64, StoreError> {
        let latest: Option<i64> = mission_list::Entity::find()
            .select_only()
            .column(mission_list::Column::Revision)
            .order_by_desc(mission_list::Column::Revision)
            .into_tuple()
            .one(self.reader())
            .await?;
        Ok(latest.unwrap_or(0))
    }

    /// Every list of missions, oldest first.
    pub async fn mission_lists(&self) -> Result<Vec<MissionListRecord>, StoreError> {
        let rows = mission_list::Entity::find().order_by_asc(mission_list::Column::Revision).all(self.reader()).await?;
        Ok(rows.into_iter().map(MissionListRecord::from).collect())
    }
}

impl Tx {
    /// Appends a list whose revision must be the latest one plus 1; [`StoreError::VersionConflict`] when another came first.
    pub async fn append_mission_list(&mut self, list: &MissionListRecord) -> Result<(), StoreError> {
        let row = mission_list::Model {
            revision: list.revision,
            content: list.content.clone(),
            is_sample: list.is_sample,
            note: list.note.clone(),
            imported_at: stored_time(list.imported_at),
        };
        let active: mission_list::ActiveModel = row.into();
        mission_list::Entity::insert(active).exec_without_returning(self.db()).await.map_err(|error| {
            match StoreError::of_insert(error, Unique::Other) {
                StoreError::AlreadyExists(_) => StoreError::VersionConflict,
                other => other,
            }
        })?;
        Ok(())
    }

    /// What is in one of these states at a mission: applications and registrations.
    pub async fn open_at_mission(
        &self,
        mission: &str,
        application_states: &[&str],
        registration_states: &[&str],
    ) -> Result<OpenAtMission, StoreError> {
        /// So many numbers of each are named.
        const NAMED: u64 = 3;
        let applications = application::Entity::find()
            .filter(application::Column::Mission.eq(mission))
            .filter(application::Column::State.is_in(application_states.iter().copied()));
        let registrations = registration::Entity::find()
            .filter(registration::Column::Mission.eq(mission))
            .filter(registration::Column::State.is_in(registration_states.iter().copied()));
        let mut found = OpenAtMission {
            applications: applications.clone().count(self.db()).await?,
            registrations: registrations.clone().count(self.db()).await?,
            numbers: Vec::new(),
        };
        let numbers: Vec<String> = applications
            .select_only()
            .column(application::Column::Number)
            .order_by_asc(application::Column::Id)
            .limit(NAMED)
            .into_tuple()
            .all(self.db())
            .await?;
        found.numbers.extend(numbers);
        let numbers: Vec<String> = registrations
            .select_only()
            .column(registration::Column::Number)
            .order_by_asc(registration::Column::Id)
            .limit(NAMED)
            .into_tuple()
            .all(self.db())
            .await?;
        found.numbers.extend(numbers);
        Ok(found)
    }
}
