//! Elections that are announced to those who may vote at a mission.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, date, integer, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
};

use crate::schema::{index, table};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0015_elections"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let elections = vec![
            uuid("id"),
            integer("sequence"),
            text("mission"),
            text("title"),
            date("voting_day"),
            date("check_until"),
            text("announced_by"),
            timestamp_with_time_zone("announced_at"),
            timestamp_with_time_zone_null("told_at"),
            big_integer("version"),
        ];
        table("elections", elections).key(&["id"]).create(manager).await?;
        // What tells the notices of one election apart from those of another.
        index("elections_sequence", "elections", &["sequence"]).unique().create(manager).await
    }
}
