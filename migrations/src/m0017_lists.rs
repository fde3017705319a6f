//! Sealed lists of every kind have one table of numbers; that of electoral rolls moves into it. A version before this cannot hand out rolls any
//! more: stop it first.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, text, timestamp_with_time_zone, uuid};
use sea_orm_migration::sea_orm::entity::prelude::{Date, DateTimeUtc, Uuid};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, QueryResult};

use crate::schema::{index, table};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0017_lists"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let lists = vec![
            uuid("id"),
            text("kind"),
            text("number"),
            text("mission"),
            text("matter"),
            big_integer("entries"),
            timestamp_with_time_zone("issued_at"),
        ];
        table("lists", lists).key(&["id"]).create(manager).await?;
        index("lists_number", "lists", &["number"]).unique().create(manager).await?;
        // The same list has the same number, whoever asks.
        index("lists_asked", "lists", &["kind", "mission", "matter"]).unique().create(manager).await?;
        move_electoral_rolls(manager).await?;
        manager.drop_table(Table::drop().table("electoral_rolls").to_owned()).await
    }
}

async fn move_electoral_rolls(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    if manager.get_database_backend() == DbBackend::Postgres {
        // None is handed out between the copy and the end of the table.
        db.execute_unprepared("LOCK TABLE electoral_rolls IN ACCESS EXCLUSIVE MODE").await?;
    }
    let columns = ["id", "number", "mission", "voting_day", "cut_off", "area", "issued_at"];
    for row in db.query_all(Query::select().columns(columns).from("electoral_rolls")).await? {
        let id: Uuid = row.try_get("", "id")?;
        let values = [
            id.into(),
            "ELECTORAL_ROLL".into(),
            row.try_get::<String>("", "number")?.into(),
            row.try_get::<String>("", "mission")?.into(),
            matter(&row)?.into(),
            electors(db, id).await?.into(),
            row.try_get::<DateTimeUtc>("", "issued_at")?.into(),
        ];
        let mut insert = Query::insert();
        insert.into_table("lists").columns(["id", "kind", "number", "mission", "matter", "entries", "issued_at"]);
        insert.values(values).map_err(|error| DbErr::Custom(error.to_string()))?;
        db.execute(&insert).await?;
    }
    Ok(())
}

/// What a roll is of: the voting day, the cut-off in microseconds and the part of the district.
fn matter(row: &QueryResult) -> Result<String, DbErr> {
    let day: Date = row.try_get("", "voting_day")?;
    let cut_off: DateTimeUtc = row.try_get("", "cut_off")?;
    let area: String = row.try_get("", "area")?;
    Ok(format!("{day} {} {area}", cut_off.timestamp_micros()))
}

/// How many were on a roll, by the first event about it.
async fn electors(db: &impl ConnectionTrait, roll: Uuid) -> Result<i64, DbErr> {
    let first = Query::select()
        .column("refs")
        .from("events")
        .and_where(Expr::col("subject").eq(roll))
        .order_by("sequence", Order::Asc)
        .limit(1)
        .to_owned();
    let Some(event) = db.query_one(&first).await? else { return Ok(0) };
    let references: String = event.try_get("", "refs")?;
    let count = references.split("\"electors\":").nth(1).unwrap_or_default();
    let digits: String = count.trim_start().chars().take_while(char::is_ascii_digit).collect();
    Ok(digits.parse().unwrap_or(0))
}
