//! One row per crisis.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "crises")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub country: String,
    pub subdivisions: String,
    pub missions: String,
    pub title: String,
    pub opened_by: String,
    pub opened_at: DateTimeUtc,
    pub roll_at: Option<DateTimeUtc>,
    pub broadcasts: i32,
    pub version: i64,
    pub closed_at: Option<DateTimeUtc>,
    pub closed_by: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
