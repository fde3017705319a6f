//! One row per registration in the consular register.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "registrations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub number: String,
    pub iin_hash: Vec<u8>,
    pub kind: String,
    pub mission: String,
    pub state: String,
    pub application: Uuid,
    pub card_version: i32,
    pub registered_at: DateTimeUtc,
    pub valid_until: Option<Date>,
    pub closed_at: Option<DateTimeUtc>,
    pub closing_ground: Option<String>,
    pub updated_at: DateTimeUtc,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
