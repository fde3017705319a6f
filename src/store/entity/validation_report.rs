//! One row per validation, never changed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "validation_reports")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub indication: String,
    pub sub_indication: Option<String>,
    pub trust_store_revision: i64,
    pub policy: String,
    pub engine: String,
    pub requested_by: String,
    pub created_at: DateTimeUtc,
    pub report: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
