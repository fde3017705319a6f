//! Family members: who is named on whose card, and by what their own registrations are found.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::entity::{family_link, registration};
use super::insert::{OnPresent, insert_all};
use super::{IinHash, RegistrationRecord, Store, StoreError, Tx, digest};

/// A family member on a card. Names no person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FamilyLink {
    /// What the person is to the citizen, such as `SPOUSE`.
    pub relation: String,
    /// Number of the person's own registration, as the card has it.
    pub number: Option<String>,
    /// The person.
    pub iin_hash: Option<IinHash>,
}

impl FamilyLink {
    /// Whether the link means the person of this registration.
    pub fn means(&self, registration: &RegistrationRecord) -> bool {
        self.number.as_deref() == Some(registration.number.as_str()) || self.iin_hash == Some(registration.iin_hash)
    }
}

impl Store {
    /// The family members that the present card of a registration names, in its order.
    pub async fn family(&self, registration: Uuid) -> Result<Vec<FamilyLink>, StoreError> {
        let rows = family_link::Entity::find()
            .filter(family_link::Column::Registration.eq(registration))
            .order_by_asc(family_link::Column::Place)
            .all(self.reader())
            .await?;
        rows.into_iter()
            .map(|row| {
                let iin_hash = row.iin_hash.map(digest).transpose()?.map(IinHash);
                Ok(FamilyLink { relation: row.relation, number: row.number, iin_hash })
            })
            .collect()
    }

    /// The registration that a link means: that of the number, or the person's latest one.
    pub async fn registration_of_member(&self, link: &FamilyLink) -> Result<Option<RegistrationRecord>, StoreError> {
        if let Some(number) = &link.number {
            let of_number = registration::Entity::find().filter(registration::Column::Number.eq(number));
            if let Some(row) = of_number.one(self.reader()).await? {
                return super::registration::record(row).map(Some);
            }
        }
        let Some(iin_hash) = link.iin_hash else { return Ok(None) };
        let latest = registration::Entity::find()
            .filter(registration::Column::IinHash.eq(iin_hash.0.to_vec()))
            .order_by_desc(registration::Column::Id);
        latest.one(self.reader()).await?.map(super::registration::record).transpose()
    }
}

impl Tx {
    /// Puts the family members of a registration's new card in the place of those of the card before.
    pub async fn replace_family(&mut self, registration: Uuid, links: Vec<FamilyLink>) -> Result<(), StoreError> {
        let db: &sea_orm::DatabaseTransaction = self.db();
        clear(db, registration).await?;
        let rows = links.into_iter().zip(0..).map(|(link, place)| family_link::Model {
            registration,
            place,
            relation: link.relation,
            number: link.number,
            iin_hash: link.iin_hash.map(|hash| hash.0.to_vec()),
        });
        Ok(insert_all(db, family_link::Entity, rows.collect(), OnPresent::Fail).await?)
    }
}

async fn clear<C: ConnectionTrait>(db: &C, registration: Uuid) -> Result<(), StoreError> {
    family_link::Entity::delete_many().filter(family_link::Column::Registration.eq(registration)).exec(db).await?;
    Ok(())
}
