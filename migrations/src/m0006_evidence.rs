//! Signed messages are CMS or XML: their evidence is called after neither.

use sea_orm_migration::prelude::*;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0006_evidence"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["evidence", "report_evidence"] {
            let mut rename = Query::update();
            rename.table(table).value("kind", "SIGNATURE").and_where(Expr::col("kind").eq("CMS"));
            manager.execute(rename).await?;
        }
        Ok(())
    }
}
