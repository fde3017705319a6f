//! One row per electronic document; its bytes are in `document_contents`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "documents")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub application: Uuid,
    pub registration: Option<Uuid>,
    pub kind: String,
    pub document_version: i32,
    pub number: String,
    pub state: String,
    pub reserved_at: DateTimeUtc,
    pub issued_at: Option<DateTimeUtc>,
    pub pdf_sha256: Option<Vec<u8>>,
    pub pdf_length: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
