//! Trust entries, CRLs and the journal of their changes; facts about the database.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, blob, blob_null, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null,
};

use crate::schema::{index, table};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0004_trust"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let journal = vec![
            big_integer("revision"),
            text("action"),
            blob_null("entry"),
            text_null("kind"),
            text("purposes"),
            text_null("state"),
            text("actor"),
            timestamp_with_time_zone("time"),
            text("note"),
        ];
        table("trust_journal", journal).key(&["revision"]).create(manager).await?;

        let entries = vec![
            blob("sha256"),
            text("kind"),
            text("purposes"),
            text("state"),
            timestamp_with_time_zone("trusted_from"),
            timestamp_with_time_zone_null("trusted_until"),
            blob("certificate"),
            timestamp_with_time_zone("created_at"),
            timestamp_with_time_zone("updated_at"),
            big_integer("version"),
        ];
        table("trust_entries", entries).key(&["sha256"]).create(manager).await?;

        let crls = vec![
            blob("sha256"),
            text("issuer"),
            text_null("crl_number"),
            timestamp_with_time_zone("this_update"),
            timestamp_with_time_zone_null("next_update"),
            text("purposes"),
            timestamp_with_time_zone("imported_at"),
        ];
        table("trust_crls", crls).key(&["sha256"]).references("sha256", "evidence", "digest").create(manager).await?;
        index("trust_crls_issuer", "trust_crls", &["issuer"]).create(manager).await?;

        table("meta", vec![text("name"), blob("value")]).key(&["name"]).create(manager).await
    }
}
