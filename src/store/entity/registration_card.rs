//! One row per version of a registration's card, never changed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "registration_cards")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub registration: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub card_version: i32,
    pub application: Uuid,
    pub recorded_at: DateTimeUtc,
    pub card: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
