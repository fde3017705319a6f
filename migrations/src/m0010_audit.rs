//! Who read personal data: a trail that is only ever added to.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, text, timestamp_with_time_zone, uuid};
use sea_orm_migration::sea_orm::DbBackend;

use crate::schema::{index, table};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0010_audit"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let reads = vec![
            big_integer("sequence"),
            timestamp_with_time_zone("time"),
            text("caller"),
            text("method"),
            uuid("request_id"),
        ];
        table("audit_reads", reads).key(&["sequence"]).clustered().create(manager).await?;
        let subjects = vec![big_integer("sequence"), text("subject_type"), uuid("subject")];
        table("audit_read_subjects", subjects)
            .key(&["sequence", "subject_type", "subject"])
            .clustered()
            .references("sequence", "audit_reads", "sequence")
            .create(manager)
            .await?;
        index("audit_read_subjects_subject", "audit_read_subjects", &["subject", "sequence"]).create(manager).await?;
        // Whoever wants to change the trail has to change the schema first.
        for table in ["audit_reads", "audit_read_subjects"] {
            for statement in only_added_to(table, manager.get_database_backend()) {
                manager.get_connection().execute_unprepared(&statement).await?;
            }
        }
        Ok(())
    }
}

/// Statements after which rows of the table can be neither changed nor removed.
fn only_added_to(table: &str, backend: DbBackend) -> Vec<String> {
    if backend == DbBackend::Sqlite {
        let trigger = |act: &str| {
            format!(
                "CREATE TRIGGER {table}_no_{act} BEFORE {act} ON {table} \
                 BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END"
            )
        };
        return vec![trigger("UPDATE"), trigger("DELETE")];
    }
    vec![
        format!(
            "CREATE FUNCTION {table}_only_added_to() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'the audit trail is only added to'; END $$"
        ),
        format!(
            "CREATE TRIGGER {table}_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} \
             FOR EACH STATEMENT EXECUTE FUNCTION {table}_only_added_to()"
        ),
    ]
}
