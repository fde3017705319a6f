//! One row per application: its current standing. The signed forms are in `application_forms`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "applications")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub caller: String,
    pub application_id: Uuid,
    pub revision: i32,
    pub content_digest: Vec<u8>,
    pub number: String,
    pub application_type: String,
    pub kind: String,
    pub channel: String,
    pub mission: String,
    pub language: String,
    pub state: String,
    pub state_detail: Option<Vec<u8>>,
    pub iin_hash: Vec<u8>,
    pub report_id: Uuid,
    pub registration_id: Option<Uuid>,
    pub received_at: DateTimeUtc,
    pub due_at: Option<DateTimeUtc>,
    pub updated_at: DateTimeUtc,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
