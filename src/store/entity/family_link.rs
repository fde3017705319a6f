//! Family members that a card names and whose own registration can be found: by number or by keyed hash of the IIN.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "family_links")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub registration: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub place: i32,
    pub relation: String,
    pub number: Option<String>,
    pub iin_hash: Option<Vec<u8>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
