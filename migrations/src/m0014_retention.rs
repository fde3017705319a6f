//! Looking for what is to be erased, and for who else needs it: never by going through a whole table.

use sea_orm_migration::prelude::*;

use crate::schema::index;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0014_retention"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        index("report_evidence_digest", "report_evidence", &["digest"]).create(manager).await?;
        index("crisis_persons_of_kind", "crisis_persons", &["kind", "created_at"]).create(manager).await
    }
}
