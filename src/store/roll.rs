//! The register as it stood at a moment, and what was entered in it, read page by page: for electoral rolls, the rolls of crises and journals.
//!
//! A registration stood at a moment that is not before its opening and before its end; its card was the last one recorded by then. So
//! the past is read from what the register keeps anyway, and the same moment gives the same answer whenever it is asked.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::entity::{application, application_form, event, registration, registration_card};
use super::insert::padded;
use super::{CardRecord, EventRecord, RegistrationRecord, Store, StoreError, stored_time};

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

    /// At most `limit` of the events of those kinds that happened to registrations of a mission in the period, its end excluded, in their
    /// order, each with its registration, beginning after the cursor: the last sequence of the page before.
    pub async fn register_events(
        &self,
        mission: &str,
        kinds: &[&str],
        (start, end): (DateTime<Utc>, DateTime<Utc>),
        after: i64,
        limit: u64,
    ) -> Result<Vec<(EventRecord, RegistrationRecord)>, StoreError> {
        use event::Column;
        let of_mission = Query::select()
            .column(registration::Column::Id)
            .from(registration::Entity)
            .and_where(registration::Column::Mission.eq(mission))
            .to_owned();
        let rows = event::Entity::find()
            .filter(Column::Sequence.gt(after))
            .filter(Column::Time.gte(stored_time(start)))
            .filter(Column::Time.lt(stored_time(end)))
            .filter(Column::Kind.is_in(kinds.iter().copied()))
            .filter(Column::Subject.in_subquery(of_mission))
            .order_by_asc(Column::Sequence)
            .limit(limit)
            .all(self.reader())
            .await?;
        let subjects: Vec<Uuid> = rows.iter().map(|row| row.subject).collect();
        let registrations = registration::Entity::find().filter(registration::Column::Id.is_in(padded(subjects)));
        let registrations: HashMap<Uuid, registration::Model> =
            registrations.all(self.reader()).await?.into_iter().map(|row| (row.id, row)).collect();
        let found = rows.into_iter().filter_map(|row| Some((registrations.get(&row.subject)?.clone(), row)));
        found.map(|(of, row)| Ok((super::event::record(row)?, super::registration::record(of)?))).collect()
    }

    /// The cards that these registrations had at `time`, as far as they are kept.
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
        let kept = latest.into_iter().filter(|(_, row)| !row.card.is_empty());
        kept.map(|(id, row)| Ok((id, super::registration::card_record(&row, self.sealer())?))).collect()
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
        let kept = latest.into_iter().filter(|(_, row)| !row.form.is_empty());
        kept.map(|(id, row)| Ok((id, super::application::open_form(&row, self.sealer())?))).collect()
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
