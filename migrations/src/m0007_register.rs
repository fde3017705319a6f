//! Applications found by the registration that they are about.

use sea_orm_migration::prelude::*;

use crate::schema::index;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0007_register"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        index("applications_registration", "applications", &["registration_id", "caller"])
            .only(Expr::col("registration_id").is_not_null())
            .create(manager)
            .await
    }
}
