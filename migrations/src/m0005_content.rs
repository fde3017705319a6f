//! One application for one signed content, whoever files it; reports found by the application that names them.

use sea_orm_migration::prelude::*;

use crate::schema::index;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0005_content"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // It told contents apart within one application only. The new one serves the same look-up.
        let mut former = Index::drop();
        former.name("application_forms_content").table("application_forms");
        manager.drop_index(former).await?;
        index("application_forms_one_content", "application_forms", &["content_digest"])
            .unique()
            .create(manager)
            .await?;
        index("applications_report", "applications", &["report_id"]).create(manager).await
    }
}
