//! One row per signed revision of an application, never changed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "application_forms")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub application: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub revision: i32,
    pub content_digest: Vec<u8>,
    pub report_id: Uuid,
    pub received_at: DateTimeUtc,
    pub form: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
