//! The life of personal data: consents withdrawn, records erased, and what either is looked for by.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{blob, text, timestamp_with_time_zone, uuid};

use crate::schema::{index, table};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0009_personal_data"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let withdrawals = vec![
            uuid("id"),
            blob("iin_hash"),
            uuid("application"),
            uuid("report_id"),
            timestamp_with_time_zone("withdrawn_at"),
            text("applications"),
        ];
        table("consent_withdrawals", withdrawals)
            .key(&["id"])
            .references("application", "applications", "id")
            .references("report_id", "validation_reports", "id")
            .create(manager)
            .await?;
        index("consent_withdrawals_person", "consent_withdrawals", &["iin_hash", "withdrawn_at"])
            .create(manager)
            .await?;
        // Only while they are open, so that it stays small: whoever looks has to say the same states.
        index("applications_open_iin", "applications", &["iin_hash"])
            .only(Expr::col("state").is_in(["ACCEPTED", "IN_REVIEW", "RETURNED", "PRELIMINARY_REFUSAL", "HEARD"]))
            .create(manager)
            .await?;

        let erasures = vec![uuid("subject"), text("class"), timestamp_with_time_zone("erased_at")];
        table("erasures", erasures).key(&["subject"]).clustered().create(manager).await?;
        index("applications_ended", "applications", &["updated_at", "id"])
            .only(Expr::col("state").is_in(["REFUSED", "WITHDRAWN"]))
            .create(manager)
            .await?;
        index("registrations_closed", "registrations", &["closed_at", "id"])
            .only(Expr::col("closed_at").is_not_null())
            .create(manager)
            .await
    }
}
