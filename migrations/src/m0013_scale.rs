//! Lists of a register of millions: whatever is asked for, a page is read in the order of its index and ends at its limit.

use sea_orm_migration::prelude::*;

use crate::schema::index;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0013_scale"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table, columns) in [
            ("applications_of_mission", "applications", &["mission", "id"][..]),
            ("applications_in_state", "applications", &["state", "id"]),
            ("applications_of_caller_in_state", "applications", &["caller", "state", "id"]),
            ("registrations_in_state", "registrations", &["state", "id"]),
            ("registrations_of_kind", "registrations", &["kind", "id"]),
            ("registrations_of_mission_and_kind", "registrations", &["mission", "kind", "id"]),
        ] {
            index(name, table, columns).create(manager).await?;
        }
        Ok(())
    }
}
