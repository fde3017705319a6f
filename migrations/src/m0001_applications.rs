//! Applications with their signed forms, validation reports and the evidence under them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, blob, blob_null, boolean, integer, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

use crate::schema::{index, table};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0001_applications"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        reports(manager).await?;
        applications(manager).await?;
        let request_keys = vec![
            text("request_id"),
            text("caller"),
            text("method"),
            blob("content_digest"),
            uuid("subject"),
            timestamp_with_time_zone("created_at"),
        ];
        table("request_keys", request_keys).key(&["request_id", "caller", "method"]).clustered().create(manager).await
    }
}

async fn reports(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let reports = vec![
        uuid("id"),
        text("indication"),
        text_null("sub_indication"),
        big_integer("trust_store_revision"),
        text("policy"),
        text("engine"),
        text("requested_by"),
        timestamp_with_time_zone("created_at"),
        blob("report"),
    ];
    table("validation_reports", reports).key(&["id"]).create(manager).await?;

    let evidence =
        vec![blob("digest"), text("kind"), boolean("sealed"), blob("content"), timestamp_with_time_zone("stored_at")];
    table("evidence", evidence).key(&["digest"]).create(manager).await?;

    // No foreign key to evidence: thousands of reports name the same CRL, and checking the key would make every one of them
    // lock that one row. The digest proves itself.
    let links = vec![uuid("report_id"), blob("digest"), text("kind")];
    table("report_evidence", links)
        .key(&["report_id", "digest"])
        .clustered()
        .references("report_id", "validation_reports", "id")
        .create(manager)
        .await
}

async fn applications(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let applications = vec![
        uuid("id"),
        text("caller"),
        uuid("application_id"),
        integer("revision"),
        blob("content_digest"),
        text("number"),
        text("application_type"),
        text("kind"),
        text("channel"),
        text("mission"),
        text("language"),
        text("state"),
        blob_null("state_detail"),
        blob("iin_hash"),
        uuid("report_id"),
        uuid_null("registration_id"),
        timestamp_with_time_zone("received_at"),
        timestamp_with_time_zone_null("due_at"),
        timestamp_with_time_zone("updated_at"),
        big_integer("version"),
    ];
    table("applications", applications)
        .key(&["id"])
        .references("report_id", "validation_reports", "id")
        .create(manager)
        .await?;
    // application_id first: the replay check of a whole batch asks for many application_ids at once.
    index("applications_application_id_caller", "applications", &["application_id", "caller"])
        .unique()
        .create(manager)
        .await?;
    index("applications_number", "applications", &["number"]).unique().create(manager).await?;
    index("applications_caller", "applications", &["caller", "id"]).create(manager).await?;
    index("applications_mission", "applications", &["mission", "state", "id"]).create(manager).await?;

    let forms = vec![
        uuid("application"),
        integer("revision"),
        blob("content_digest"),
        uuid("report_id"),
        timestamp_with_time_zone("received_at"),
        blob("form"),
    ];
    table("application_forms", forms)
        .key(&["application", "revision"])
        .references("application", "applications", "id")
        .references("report_id", "validation_reports", "id")
        .create(manager)
        .await?;
    // With (application_id, caller) above this is the replay key (caller, application_id, content digest); content first, so
    // that the repetition of a message whose certificate was revoked since is found by its content alone.
    index("application_forms_content", "application_forms", &["content_digest", "application"])
        .unique()
        .create(manager)
        .await
}
