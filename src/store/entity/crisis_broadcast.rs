//! One row per message to all on the roll of a crisis, never changed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "crisis_broadcasts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i32,
    pub crisis: Uuid,
    pub message: String,
    pub actor: String,
    pub report_id: Uuid,
    pub sent_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
