//! The end of a crisis, and the list of crises.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{text_null, timestamp_with_time_zone_null};

use crate::schema::index;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0016_crisis_end"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time.
        for column in [timestamp_with_time_zone_null("closed_at"), text_null("closed_by")] {
            let mut crises = Table::alter();
            crises.table("crises").add_column(column);
            manager.alter_table(crises).await?;
        }
        index("crises_opened", "crises", &["opened_at", "id"]).create(manager).await
    }
}
