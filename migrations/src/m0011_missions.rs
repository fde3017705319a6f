//! The lists of missions that are or were in force; the family members that cards name.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, blob_null, boolean, integer, text, text_null, timestamp_with_time_zone, uuid,
};

use crate::schema::{index, table};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0011_missions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let lists = vec![
            big_integer("revision"),
            text("content"),
            boolean("is_sample"),
            text("note"),
            timestamp_with_time_zone("imported_at"),
        ];
        table("mission_lists", lists).key(&["revision"]).create(manager).await?;

        let links =
            vec![uuid("registration"), integer("place"), text("relation"), text_null("number"), blob_null("iin_hash")];
        table("family_links", links)
            .key(&["registration", "place"])
            .references("registration", "registrations", "id")
            .create(manager)
            .await?;
        index("registrations_iin", "registrations", &["iin_hash", "id"]).create(manager).await
    }
}
