//! Facts about the database itself: which keys it was written under.

use sea_orm::{DatabaseConnection, EntityTrait};

use super::StoreError;
use super::entity::meta;
use super::insert::{OnPresent, insert_all};
use super::seal::{Place, Sealer};

const SEALING: &str = "sealing-key";
const INDEX: &str = "index-key";
/// What the check box contains; only that it opens counts.
const CHECK: &[u8] = b"consular register";

/// Refuses keys other than those the database was written under; the first keys to come are noted.
///
/// Without it a wrong index key would show as nobody being registered, and everybody would be registered twice.
pub(super) async fn check_keys(db: &DatabaseConnection, sealer: &Sealer) -> Result<(), StoreError> {
    let place = Place::new("meta", "value", SEALING.as_bytes());
    let hash = sealer.keyed_hash("key-check", "").to_vec();
    if meta::Entity::find_by_id(INDEX).one(db).await?.is_none() {
        let rows = vec![
            meta::Model { name: SEALING.to_owned(), value: sealer.seal(place, CHECK)? },
            meta::Model { name: INDEX.to_owned(), value: hash.clone() },
        ];
        insert_all(db, meta::Entity, rows, OnPresent::Keep).await?;
    }
    let value = async |name: &str| -> Result<Vec<u8>, StoreError> {
        let row = meta::Entity::find_by_id(name).one(db).await?;
        Ok(row.ok_or(StoreError::Corrupt("the key check is missing"))?.value)
    };
    if value(INDEX).await? != hash || sealer.open(place, &value(SEALING).await?).is_err() {
        return Err(StoreError::WrongKeys);
    }
    Ok(())
}
