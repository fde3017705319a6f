//! Counters, events, jobs and notifications.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, blob, integer, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
};

use crate::schema::{index, table};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0003_work"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let series = vec![text("series"), integer("year"), big_integer("next")];
        table("number_series", series).key(&["series", "year"]).clustered().create(manager).await?;
        events(manager).await?;
        notifications(manager).await
    }
}

async fn events(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let events = vec![
        big_integer("sequence"),
        text("subject_type"),
        uuid("subject"),
        text("kind"),
        text("actor"),
        timestamp_with_time_zone("time"),
        text("refs"),
    ];
    table("events", events).key(&["sequence"]).clustered().create(manager).await?;
    index("events_subject", "events", &["subject", "sequence"]).create(manager).await?;

    let outbox = vec![
        uuid("id"),
        text("kind"),
        uuid("subject"),
        text("payload"),
        timestamp_with_time_zone("not_before"),
        integer("attempts"),
        timestamp_with_time_zone_null("leased_until"),
        timestamp_with_time_zone_null("done_at"),
        timestamp_with_time_zone_null("dead_at"),
        text_null("last_error"),
    ];
    table("outbox", outbox).key(&["id"]).clustered().create(manager).await?;
    // Done jobs leave the index, so that a claim costs the same after a year as on the first day.
    index("outbox_open", "outbox", &["not_before", "id"])
        .only(Expr::col("done_at").is_null().and(Expr::col("dead_at").is_null()))
        .create(manager)
        .await?;
    index("outbox_dead", "outbox", &["dead_at"]).only(Expr::col("dead_at").is_not_null()).create(manager).await
}

async fn notifications(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let notifications = vec![
        uuid("id"),
        big_integer("sequence"),
        text("caller"),
        uuid("application"),
        text("kind"),
        integer("notification_version"),
        text("language"),
        timestamp_with_time_zone("created_at"),
        timestamp_with_time_zone_null("acknowledged_at"),
        blob("message"),
    ];
    table("notifications", notifications)
        .key(&["id"])
        .references("application", "applications", "id")
        .create(manager)
        .await?;
    index("notifications_application", "notifications", &["application", "kind", "notification_version"])
        .unique()
        .create(manager)
        .await?;
    index("notifications_caller", "notifications", &["caller", "sequence"]).unique().create(manager).await
}
