//! What was kept before a migration is there after it.

use consular_registration::store::{Store, StoreOptions};
use migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Database};

use super::KEYS;

/// The migration that moves electoral rolls among the lists.
const LISTS: &str = "m0017_lists";

#[tokio::test]
async fn an_electoral_roll_of_before_is_found_by_its_number() {
    let folder = tempfile::TempDir::new().unwrap();
    let url = format!("sqlite://{}/old.sqlite", folder.path().display());
    let db = Database::connect(format!("{url}?mode=rwc")).await.unwrap();
    let before = Migrator::migrations().iter().position(|migration| migration.name() == LISTS).unwrap();
    Migrator::up(&db, Some(u32::try_from(before).unwrap())).await.unwrap();
    let id = "X'0193F3C0000070008000000000000001'";
    for statement in [
        format!(
            "INSERT INTO electoral_rolls (id, number, mission, voting_day, cut_off, area, issued_at) VALUES ({id}, \
             'KZ-DE-BER/E/2026/000007', 'KZ-DE-BER', '2026-11-20', '2026-10-31T00:00:00.000001+00:00', '[\"DE\",[]]', \
             '2026-11-01T09:00:00+00:00')"
        ),
        format!(
            "INSERT INTO events (sequence, subject_type, subject, kind, actor, time, refs) VALUES (1, 'ELECTORAL_ROLL', {id}, \
             'electoral_roll.exported', 'portal', '2026-11-01T09:00:00+00:00', \
             '{{\"electors\":1200,\"mission\":\"KZ-DE-BER\",\"number\":\"KZ-DE-BER/E/2026/000007\"}}')"
        ),
    ] {
        db.execute_unprepared(&statement).await.unwrap();
    }
    db.close().await.unwrap();

    let store = Store::open(&url, &KEYS, &StoreOptions::default()).await.unwrap();
    store.migrate().await.unwrap();
    let found = store.list_by_number("KZ-DE-BER/E/2026/000007").await.unwrap().unwrap();
    assert_eq!(found.entries, 1200);
}
