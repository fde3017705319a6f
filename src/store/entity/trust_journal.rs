//! Every change of the trust store, one revision each.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "trust_journal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub revision: i64,
    pub action: String,
    pub entry: Option<Vec<u8>>,
    pub kind: Option<String>,
    pub purposes: String,
    pub state: Option<String>,
    pub actor: String,
    pub time: DateTimeUtc,
    pub note: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
