//! The register: one registration per person and place, with every version of its card.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::entity::{application, registration, registration_card};
use super::error::Unique;
use super::seal::{Place, Sealer};
use super::{IinHash, Store, StoreError, Tx, digest, stored_time};
use crate::registration::RegistrationState;

/// A registration as it stands. Its cards are apart: [`Store::registration_cards`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationRecord {
    /// Its identifier.
    pub id: Uuid,
    /// The number people read.
    pub number: String,
    /// Whose registration it is.
    pub iin_hash: IinHash,
    /// PERMANENT or TEMPORARY.
    pub kind: String,
    /// Code of the mission.
    pub mission: String,
    /// Its state.
    pub state: RegistrationState,
    /// The application that opened it.
    pub application: Uuid,
    /// The latest version of the card, from 1.
    pub card_version: i32,
    /// When it was opened.
    pub registered_at: DateTime<Utc>,
    /// Last day of the stay, for a temporary one.
    pub valid_until: Option<NaiveDate>,
    /// When it ended.
    pub closed_at: Option<DateTime<Utc>>,
    /// Why it ended.
    pub closing_ground: Option<String>,
    /// When the row last changed.
    pub updated_at: DateTime<Utc>,
    /// Counts changes, from 1: the etag.
    pub version: i64,
}

/// A registration to be opened, ACTIVE, with the first version of its card.
#[derive(Debug, Clone)]
pub struct NewRegistration {
    /// See [`RegistrationRecord::id`]; make it with [`super::id_at`].
    pub id: Uuid,
    /// From [`Tx::allocate_number`].
    pub number: String,
    /// By [`Store::iin_hash`], or from the application.
    pub iin_hash: IinHash,
    /// See [`RegistrationRecord::kind`].
    pub kind: String,
    /// See [`RegistrationRecord::mission`].
    pub mission: String,
    /// See [`RegistrationRecord::application`].
    pub application: Uuid,
    /// See [`RegistrationRecord::registered_at`].
    pub registered_at: DateTime<Utc>,
    /// See [`RegistrationRecord::valid_until`].
    pub valid_until: Option<NaiveDate>,
    /// The registration card as JSON. Sealed.
    pub card: Vec<u8>,
}

/// One version of a registration's card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardRecord {
    /// The registration.
    pub registration: Uuid,
    /// From 1.
    pub card_version: i32,
    /// The application that brought it.
    pub application: Uuid,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The card as JSON.
    pub card: Vec<u8>,
}

/// Which registrations a list wants. All given conditions hold together.
#[derive(Debug, Clone, Default)]
pub struct RegistrationFilter {
    /// Only this mission's.
    pub mission: Option<String>,
    /// Only those in this state.
    pub state: Option<RegistrationState>,
    /// Only PERMANENT or only TEMPORARY.
    pub kind: Option<String>,
    /// Only the one of this number.
    pub number: Option<String>,
}

/// States of which a person has at most one registration; see [`RegistrationState::is_open`]. Written into the statement, not bound
/// to it: only so can every plan of it use the index over open registrations.
const OPEN: [&str; 2] = [RegistrationState::Active.as_str(), RegistrationState::Overdue.as_str()];

fn card_row(registration: Uuid, card_version: i32) -> Vec<u8> {
    [&registration.as_bytes()[..], &card_version.to_be_bytes()].concat()
}

fn card_place(row: &[u8]) -> Place<'_> {
    Place::new("registration_cards", "card", row)
}

/// The record of a row.
pub(super) fn record(row: registration::Model) -> Result<RegistrationRecord, StoreError> {
    Ok(RegistrationRecord {
        id: row.id,
        number: row.number,
        iin_hash: IinHash(digest(row.iin_hash)?),
        kind: row.kind,
        mission: row.mission,
        state: RegistrationState::from_name(&row.state)
            .ok_or(StoreError::Corrupt("unknown state of a registration"))?,
        application: row.application,
        card_version: row.card_version,
        registered_at: row.registered_at,
        valid_until: row.valid_until,
        closed_at: row.closed_at,
        closing_ground: row.closing_ground,
        updated_at: row.updated_at,
        version: row.version,
    })
}

/// The rows of a registration that is opened: itself and the first version of its card.
pub(super) fn rows(
    new: NewRegistration,
    sealer: &Sealer,
) -> Result<(registration::Model, registration_card::Model), StoreError> {
    let card = CardRecord {
        registration: new.id,
        card_version: 1,
        application: new.application,
        recorded_at: new.registered_at,
        card: new.card,
    };
    let row = registration::Model {
        id: new.id,
        number: new.number,
        iin_hash: new.iin_hash.0.to_vec(),
        kind: new.kind,
        mission: new.mission,
        state: RegistrationState::Active.as_str().to_owned(),
        application: new.application,
        card_version: 1,
        registered_at: stored_time(new.registered_at),
        valid_until: new.valid_until,
        closed_at: None,
        closing_ground: None,
        updated_at: stored_time(new.registered_at),
        version: 1,
    };
    Ok((row, sealed_card(&card, sealer)?))
}

fn sealed_card(card: &CardRecord, sealer: &Sealer) -> Result<registration_card::Model, StoreError> {
    Ok(registration_card::Model {
        registration: card.registration,
        card_version: card.card_version,
        application: card.application,
        recorded_at: stored_time(card.recorded_at),
        card: sealer.seal(card_place(&card_row(card.registration, card.card_version)), &card.card)?,
    })
}

/// The card of a row, opened.
pub(super) fn card_record(row: &registration_card::Model, sealer: &Sealer) -> Result<CardRecord, StoreError> {
    let card = sealer.open(card_place(&card_row(row.registration, row.card_version)), &row.card)?;
    Ok(CardRecord {
        registration: row.registration,
        card_version: row.card_version,
        application: row.application,
        recorded_at: row.recorded_at,
        card,
    })
}

async fn find<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<Option<RegistrationRecord>, StoreError> {
    registration::Entity::find_by_id(id).one(db).await?.map(record).transpose()
}

async fn find_open<C: ConnectionTrait>(db: &C, iin: IinHash) -> Result<Option<RegistrationRecord>, StoreError> {
    let row = registration::Entity::find()
        .filter(registration::Column::IinHash.eq(iin.0.to_vec()))
        .filter(Expr::col(registration::Column::State).is_in(OPEN.map(|state| Expr::Constant(state.into()))))
        .one(db)
        .await?;
    row.map(record).transpose()
}

async fn find_card<C: ConnectionTrait>(
    db: &C,
    sealer: &Sealer,
    registration: Uuid,
    card_version: i32,
) -> Result<Option<CardRecord>, StoreError> {
    let row = registration_card::Entity::find_by_id((registration, card_version)).one(db).await?;
    row.filter(|row| !row.card.is_empty()).map(|row| card_record(&row, sealer)).transpose()
}

impl Store {
    /// The registration, by its identifier.
    pub async fn registration(&self, id: Uuid) -> Result<Option<RegistrationRecord>, StoreError> {
        find(self.reader(), id).await
    }

    /// The one open registration of a person, wherever it is.
    pub async fn open_registration(&self, iin: IinHash) -> Result<Option<RegistrationRecord>, StoreError> {
        find_open(self.reader(), iin).await
    }

    /// At most `limit` registrations in the order of their identifiers, beginning after the cursor: the last identifier of the
    /// page before.
    pub async fn registrations(
        &self,
        filter: &RegistrationFilter,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<RegistrationRecord>, StoreError> {
        use registration::Column;
        let mut query = registration::Entity::find().order_by_asc(Column::Id).limit(limit);
        if let Some(mission) = &filter.mission {
            query = query.filter(Column::Mission.eq(mission));
        }
        if let Some(state) = filter.state {
            query = query.filter(Column::State.eq(state.as_str()));
        }
        if let Some(kind) = &filter.kind {
            query = query.filter(Column::Kind.eq(kind));
        }
        if let Some(number) = &filter.number {
            query = query.filter(Column::Number.eq(number));
        }
        if let Some(after) = after {
            query = query.filter(Column::Id.gt(after));
        }
        query.all(self.reader()).await?.into_iter().map(record).collect()
    }

    /// Whether `caller` filed an application that led to this registration or changed it.
    pub async fn has_filed_about(&self, caller: &str, registration: Uuid) -> Result<bool, StoreError> {
        let row = application::Entity::find()
            .filter(application::Column::RegistrationId.eq(registration))
            .filter(application::Column::Caller.eq(caller))
            .one(self.reader())
            .await?;
        Ok(row.is_some())
    }

    /// All versions of a registration's card, oldest first; none once they are erased.
    pub async fn registration_cards(&self, registration: Uuid) -> Result<Vec<CardRecord>, StoreError> {
        let rows = registration_card::Entity::find()
            .filter(registration_card::Column::Registration.eq(registration))
            .order_by_asc(registration_card::Column::CardVersion)
            .all(self.reader())
            .await?;
        rows.into_iter().filter(|row| !row.card.is_empty()).map(|row| card_record(&row, self.sealer())).collect()
    }

    /// One version of a registration's card.
    pub async fn registration_card(
        &self,
        registration: Uuid,
        card_version: i32,
    ) -> Result<Option<CardRecord>, StoreError> {
        find_card(self.reader(), self.sealer(), registration, card_version).await
    }
}

impl Tx {
    /// The registration, as this transaction sees it.
    pub async fn registration(&self, id: Uuid) -> Result<Option<RegistrationRecord>, StoreError> {
        find(self.db(), id).await
    }

    /// The one open registration of a person, as this transaction sees it.
    pub async fn open_registration(&self, iin: IinHash) -> Result<Option<RegistrationRecord>, StoreError> {
        find_open(self.db(), iin).await
    }

    /// One version of a registration's card, as this transaction sees it.
    pub async fn registration_card(
        &self,
        registration: Uuid,
        card_version: i32,
    ) -> Result<Option<CardRecord>, StoreError> {
        find_card(self.db(), self.sealer(), registration, card_version).await
    }

    /// Opens a registration with its first card. [`Unique::OpenRegistration`] when the person has an open one.
    pub async fn insert_registration(&mut self, new: NewRegistration) -> Result<RegistrationRecord, StoreError> {
        let (row, card) = rows(new, self.sealer())?;
        let active: registration::ActiveModel = row.clone().into();
        registration::Entity::insert(active)
            .exec_without_returning(self.db())
            .await
            .map_err(|error| StoreError::of_insert(error, Unique::OpenRegistration))?;
        self.write_card(card).await?;
        record(row)
    }

    /// Adds a version of the card; the registration's `card_version` moves with [`Tx::update_registration`].
    pub async fn insert_card(&mut self, card: CardRecord) -> Result<(), StoreError> {
        let row = sealed_card(&card, self.sealer())?;
        self.write_card(row).await
    }

    async fn write_card(&mut self, row: registration_card::Model) -> Result<(), StoreError> {
        let active: registration_card::ActiveModel = row.into();
        registration_card::Entity::insert(active)
            .exec_without_returning(self.db())
            .await
            .map_err(|error| StoreError::of_insert(error, Unique::CardVersion))?;
        Ok(())
    }

    /// Writes the changeable columns (mission, state, card version, validity, closing) over the version that `record` was read
    /// at, and returns the new version. [`StoreError::VersionConflict`] when the row changed meanwhile.
    pub async fn update_registration(&mut self, record: &RegistrationRecord) -> Result<i64, StoreError> {
        use registration::Column;
        let version = record.version + 1;
        let updated = registration::Entity::update_many()
            .col_expr(Column::Mission, Expr::value(record.mission.as_str()))
            .col_expr(Column::State, Expr::value(record.state.as_str()))
            .col_expr(Column::CardVersion, Expr::value(record.card_version))
            .col_expr(Column::ValidUntil, Expr::value(record.valid_until))
            .col_expr(Column::ClosedAt, Expr::value(record.closed_at.map(stored_time)))
            .col_expr(Column::ClosingGround, Expr::value(record.closing_ground.clone()))
            .col_expr(Column::UpdatedAt, Expr::value(stored_time(record.updated_at)))
            .col_expr(Column::Version, Expr::value(version))
            .filter(Column::Id.eq(record.id))
            .filter(Column::Version.eq(record.version))
            .exec(self.db())
            .await
            .map_err(|error| StoreError::of_insert(error, Unique::OpenRegistration))?;
        if updated.rows_affected == 1 { Ok(version) } else { Err(StoreError::VersionConflict) }
    }
}
