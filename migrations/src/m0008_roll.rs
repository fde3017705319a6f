//! What the register is for: electoral rolls, crises, statistics.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, blob, blob_null, date, integer, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
    uuid_null,
};

use crate::schema::{index, table};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0008_roll"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rolls(manager).await?;
        crises(manager).await?;
        statistics(manager).await
    }
}

async fn rolls(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let rolls = vec![
        uuid("id"),
        text("number"),
        text("mission"),
        date("voting_day"),
        timestamp_with_time_zone("cut_off"),
        text("area"),
        timestamp_with_time_zone("issued_at"),
    ];
    table("electoral_rolls", rolls).key(&["id"]).create(manager).await?;
    index("electoral_rolls_number", "electoral_rolls", &["number"]).unique().create(manager).await?;
    // The same roll has the same number, whoever asks.
    index("electoral_rolls_asked", "electoral_rolls", &["mission", "voting_day", "cut_off", "area"])
        .unique()
        .create(manager)
        .await?;
    // A mission's registrations page by page, whatever their state.
    index("registrations_mission_id", "registrations", &["mission", "id"]).create(manager).await
}

async fn crises(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let crises = vec![
        uuid("id"),
        text("country"),
        text("subdivisions"),
        text("missions"),
        text("title"),
        text("opened_by"),
        timestamp_with_time_zone("opened_at"),
        timestamp_with_time_zone_null("roll_at"),
        integer("broadcasts"),
        big_integer("version"),
    ];
    table("crises", crises).key(&["id"]).create(manager).await?;

    let broadcasts = vec![
        integer("sequence"),
        uuid("crisis"),
        text("message"),
        text("actor"),
        uuid("report_id"),
        timestamp_with_time_zone("sent_at"),
    ];
    table("crisis_broadcasts", broadcasts)
        .key(&["sequence"])
        .references("crisis", "crises", "id")
        .create(manager)
        .await?;

    let persons = vec![
        uuid("id"),
        uuid("crisis"),
        text("kind"),
        text("mission"),
        uuid_null("registration"),
        uuid_null("head"),
        text("status"),
        timestamp_with_time_zone_null("replied_at"),
        timestamp_with_time_zone("created_at"),
        big_integer("version"),
        blob("person"),
    ];
    table("crisis_persons", persons).key(&["id"]).references("crisis", "crises", "id").create(manager).await?;
    index("crisis_persons_crisis", "crisis_persons", &["crisis", "id"]).create(manager).await?;
    // Counted whenever somebody replies: from the index alone.
    index("crisis_persons_counts", "crisis_persons", &["crisis", "mission", "status", "kind"]).create(manager).await?;
    index("crisis_persons_registration", "crisis_persons", &["registration", "crisis"])
        .only(Expr::col("registration").is_not_null())
        .create(manager)
        .await?;

    let replies = vec![
        uuid("id"),
        uuid("person"),
        text("status"),
        text("source"),
        text("actor"),
        uuid_null("report_id"),
        timestamp_with_time_zone("replied_at"),
        blob_null("note"),
    ];
    table("crisis_replies", replies).key(&["id"]).references("person", "crisis_persons", "id").create(manager).await?;
    index("crisis_replies_person", "crisis_replies", &["person", "id"]).create(manager).await?;

    let mut notifications = Table::alter();
    notifications.table("notifications").add_column(uuid_null("crisis"));
    manager.alter_table(notifications).await?;
    // What a reader has not seen yet, whatever else is in the account.
    index("notifications_unread", "notifications", &["caller", "sequence"])
        .only(Expr::col("acknowledged_at").is_null())
        .create(manager)
        .await
}

async fn statistics(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // Each answers its count without the table.
    index("applications_received", "applications", &["received_at", "mission", "kind"]).create(manager).await?;
    index("registrations_standing", "registrations", &["mission", "kind", "registered_at", "closed_at"])
        .create(manager)
        .await?;
    let counted = ["application.completed", "application.refused", "application.returned", "application.withdrawn"];
    index("events_counted", "events", &["time", "subject", "kind"])
        .only(Expr::col("kind").is_in(counted))
        .create(manager)
        .await
}
