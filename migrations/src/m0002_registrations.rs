//! The register itself, and the electronic documents.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, blob, blob_null, date_null, integer, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

use crate::schema::{index, table};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0002_registrations"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        registrations(manager).await?;
        documents(manager).await
    }
}

async fn registrations(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let registrations = vec![
        uuid("id"),
        text("number"),
        blob("iin_hash"),
        text("kind"),
        text("mission"),
        text("state"),
        uuid("application"),
        integer("card_version"),
        timestamp_with_time_zone("registered_at"),
        date_null("valid_until"),
        timestamp_with_time_zone_null("closed_at"),
        text_null("closing_ground"),
        timestamp_with_time_zone("updated_at"),
        big_integer("version"),
    ];
    table("registrations", registrations)
        .key(&["id"])
        .references("application", "applications", "id")
        .create(manager)
        .await?;
    // The rule "one open registration per IIN, world-wide".
    index("registrations_open_iin", "registrations", &["iin_hash"])
        .unique()
        .only(Expr::col("state").is_in(["ACTIVE", "OVERDUE"]))
        .create(manager)
        .await?;
    index("registrations_number", "registrations", &["number"]).unique().create(manager).await?;
    index("registrations_mission", "registrations", &["mission", "state", "id"]).create(manager).await?;

    let cards = vec![
        uuid("registration"),
        integer("card_version"),
        uuid("application"),
        timestamp_with_time_zone("recorded_at"),
        blob("card"),
    ];
    table("registration_cards", cards)
        .key(&["registration", "card_version"])
        .references("registration", "registrations", "id")
        .references("application", "applications", "id")
        .create(manager)
        .await
}

async fn documents(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let documents = vec![
        uuid("id"),
        uuid("application"),
        uuid_null("registration"),
        text("kind"),
        integer("document_version"),
        text("number"),
        text("state"),
        timestamp_with_time_zone("reserved_at"),
        timestamp_with_time_zone_null("issued_at"),
        blob_null("pdf_sha256"),
        big_integer_null("pdf_length"),
    ];
    table("documents", documents)
        .key(&["id"])
        .references("application", "applications", "id")
        .references("registration", "registrations", "id")
        .create(manager)
        .await?;
    index("documents_application", "documents", &["application", "kind", "document_version"])
        .unique()
        .create(manager)
        .await?;
    index("documents_number", "documents", &["number"]).unique().create(manager).await?;

    let contents = vec![uuid("document"), blob("pdf"), blob("seal")];
    table("document_contents", contents)
        .key(&["document"])
        .references("document", "documents", "id")
        .create(manager)
        .await
}
