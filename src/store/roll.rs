//! The register as it stood at a moment, read page by page: for electoral rolls and the rolls of crises.
//!
//! A registration stood at a moment that is not before its opening and before its end; its card was the last one recorded by then. So
//! the past is read from what the register keeps anyway, and the same moment gives the same answer whenever it is asked.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::entity::{application, application_form, electoral_roll, registration, registration_card};
use super::error::Unique;
use super::insert::padded;
use super::{CardRecord, NumberSeries, RegistrationRecord, Store, StoreError, Tx, stored_time};

/// An electoral roll that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ElectoralRollRecord {
    /// Its identifier.
    pub id: Uuid,
    /// The number people read.
    pub number: String,
    /// When it was first asked for.
    pub issued_at: DateTime<Utc>,
}

/// What an electoral roll is of. Equal ones are the same roll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ElectoralRollKey {
    /// Code of the mission.
    pub mission: String,
    /// The voting day.
    pub voting_day: NaiveDate,
    /// Who was registered then.
    pub cut_off: DateTime<Utc>,
    /// The part of the district, in a spelling of its own; empty means all of it.
    pub area: String,
}

/// The account in which a citizen is told something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The application that brought the present card.
    pub application: Uuid,
    /// The caller that filed it.
    pub caller: String,
    /// Its language.
    pub language: String,
}

impl Store {
    /// At most `limit` of the registrations that stood at a mission at `time`, in the order of their identifiers, beginning after the
    /// cursor: the last identifier of the page before.
    pub async fn registrations_standing(
        &self,
        mission: &str,
        time: DateTime<Utc>,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<RegistrationRecord>, StoreError> {
        use registration::Column;
        let time = stored_time(time);
        let mut query = registration::Entity::find()
            .filter(Column::Mission.eq(mission))
            .filter(Column::RegisteredAt.lte(time))
            .filter(Column::ClosedAt.is_null().or(Column::ClosedAt.gt(time)))
            .order_by_asc(Column::Id)
            .limit(limit);
        if let Some(after) = after {
            query = query.filter(Column::Id.gt(after));
        }
        query.all(self.reader()).await?.into_iter().map(super::registration::record).collect()
    }

    /// The electoral roll of that number.
    pub async fn electoral_roll(&self, number: &str) -> Result<Option<ElectoralRollRecord>, StoreError> {
        let found = electoral_roll::Entity::find().filter(electoral_roll::Column::Number.eq(number));
        let row = found.one(self.reader()).await?;
        Ok(row.map(|row| ElectoralRollRecord { id: row.id, number: row.number, issued_at: row.issued_at }))
    }

    /// The cards that these registrations had at `time`.
    pub async fn cards_at(
        &self,
        registrations: &[Uuid],
        time: DateTime<Utc>,
    ) -> Result<HashMap<Uuid, CardRecord>, StoreError> {
        use registration_card::Column;
        if registrations.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = registration_card::Entity::find()
            .filter(Column::Registration.is_in(padded(registrations.to_vec())))
            .filter(Column::RecordedAt.lte(stored_time(time)))
            .all(self.reader())
            .await?;
        let mut latest: HashMap<Uuid, registration_card::Model> = HashMap::new();
        for row in rows {
            match latest.get(&row.registration) {
                Some(known) if known.card_version > row.card_version => {}
                _ => _ = latest.insert(row.registration, row),
            }
        }
        let opened = latest.into_iter();
        opened.map(|(id, row)| Ok((id, super::registration::card_record(&row, self.sealer())?))).collect()
    }

    /// The latest signed forms of these applications, as far as they are kept.
    pub async fn latest_forms(&self, applications: &[Uuid]) -> Result<HashMap<Uuid, Vec<u8>>, StoreError> {
        use application_form::Column;
        if applications.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = application_form::Entity::find()
            .filter(Column::Application.is_in(padded(applications.to_vec())))
            .order_by_asc(Column::Revision)
            .all(self.reader())
            .await?;
        let latest: HashMap<Uuid, application_form::Model> =
            rows.into_iter().map(|row| (row.application, row)).collect();
        let opened = latest.into_iter();
        opened.map(|(id, row)| Ok((id, super::application::open_form(&row, self.sealer())?))).collect()
    }

    /// The accounts of these registrations: of whoever brought their present cards.
    pub async fn accounts(&self, registrations: &[Uuid]) -> Result<HashMap<Uuid, Account>, StoreError> {
        use registration_card::Column;
        if registrations.is_empty() {
            return Ok(HashMap::new());
        }
        let cards: Vec<(Uuid, Uuid)> = registration_card::Entity::find()
            .select_only()
            .columns([Column::Registration, Column::Application])
            .filter(Column::Registration.is_in(padded(registrations.to_vec())))
            .order_by_asc(Column::CardVersion)
            .into_tuple()
            .all(self.reader())
            .await?;
        let brought: HashMap<Uuid, Uuid> = cards.into_iter().collect();
        let applications: Vec<(Uuid, String, String)> = application::Entity::find()
            .select_only()
            .columns([application::Column::Id, application::Column::Caller, application::Column::Language])
            .filter(application::Column::Id.is_in(padded(brought.values().copied().collect())))
            .into_tuple()
            .all(self.reader())
            .await?;
        let callers: HashMap<Uuid, (String, String)> =
            applications.into_iter().map(|(id, caller, language)| (id, (caller, language))).collect();
        let account = |(registration, application): (Uuid, Uuid)| {
            let (caller, language) = callers.get(&application)?.clone();
            Some((registration, Account { application, caller, language }))
        };
        Ok(brought.into_iter().filter_map(account).collect())
    }
}

impl Tx {
    /// The electoral roll of that key, with a number of the series when it was not asked for before. [`Unique::ElectoralRoll`] when
    /// somebody else asks for the first time at once: trying again finds it.
    pub async fn reserve_electoral_roll(
        &mut self,
        id: Uuid,
        key: &ElectoralRollKey,
        series: &NumberSeries,
        now: DateTime<Utc>,
    ) -> Result<ElectoralRollRecord, StoreError> {
        use electoral_roll::Column;
        let present = electoral_roll::Entity::find()
            .filter(Column::Mission.eq(key.mission.as_str()))
            .filter(Column::VotingDay.eq(key.voting_day))
            .filter(Column::CutOff.eq(stored_time(key.cut_off)))
            .filter(Column::Area.eq(key.area.as_str()))
            .one(self.db())
            .await?;
        if let Some(row) = present {
            return Ok(ElectoralRollRecord { id: row.id, number: row.number, issued_at: row.issued_at });
        }
        let row = electoral_roll::Model {
            id,
            number: self.allocate_number(series).await?,
            mission: key.mission.clone(),
            voting_day: key.voting_day,
            cut_off: stored_time(key.cut_off),
            area: key.area.clone(),
            issued_at: stored_time(now),
        };
        let reserved = ElectoralRollRecord { id, number: row.number.clone(), issued_at: row.issued_at };
        let active: electoral_roll::ActiveModel = row.into();
        electoral_roll::Entity::insert(active)
            .exec_without_returning(self.db())
            .await
            .map_err(|error| StoreError::of_insert(error, Unique::ElectoralRoll))?;
        Ok(reserved)
    }
}
