//! What documents say, kept from the reservation of their numbers on.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{blob, uuid};

use crate::schema::table;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0012_papers"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table("document_facts", vec![uuid("document"), blob("facts")])
            .key(&["document"])
            .references("document", "documents", "id")
            .create(manager)
            .await
    }
}
