use consular_registration::command::Exit;
use consular_registration::config::Settings;
use consular_registration::server::open_store;
use consular_registration::store::NewJob;
use uuid::Uuid;

use super::{consular, text};
use crate::support::service::now;

#[test]
fn a_job_that_was_given_up_is_listed_and_revived() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let settings = Settings {
        database_url: format!("sqlite://{}", file("register.sqlite").display()),
        storage_key_file: Some(file("storage.key")),
        ..Settings::default()
    };
    std::fs::write(file("storage.key"), "0b".repeat(32)).unwrap();
    std::fs::write(
        file("settings.toml"),
        format!("database_url = {:?}\nstorage_key_file = {:?}\n", settings.database_url, file("storage.key")),
    )
    .unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let dead = runtime.block_on(async {
        let store = open_store(&settings).await.unwrap();
        store.migrate().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let payload = serde_json::json!({});
        tx.enqueue(vec![NewJob { kind: "DECIDE".into(), subject: Uuid::nil(), payload, not_before: now() }])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let jobs = store.claim_jobs(&[], 1, now(), std::time::Duration::from_secs(1)).await.unwrap();
        store.bury_job(jobs[0].id, now(), "overtaken by another change").await.unwrap();
        store.close().await.unwrap();
        jobs[0].id.to_string()
    });

    let config = file("settings.toml");
    let list = || consular(&["outbox", "list", "--config", text(&config), "--json"]).json();
    let told = list();
    assert_eq!(told["dead"], 1, "{told}");
    assert_eq!(
        (told["jobs"][0]["id"].as_str(), told["jobs"][0]["kind"].as_str()),
        (Some(dead.as_str()), Some("DECIDE"))
    );
    let shown = consular(&["outbox", "list", "--config", text(&config)]);
    assert!(shown.out.contains("overtaken by another change") && shown.out.contains(&dead), "{}", shown.out);

    let revived = consular(&["outbox", "revive", &dead, "--config", text(&config)]);
    assert_eq!(revived.exit, Exit::Done, "{}", revived.notes);
    assert_eq!((&list()["dead"], &list()["open"]), (&0.into(), &1.into()));
    assert_eq!(consular(&["outbox", "revive", &dead, "--config", text(&config)]).exit, Exit::Refused);
    assert_eq!(consular(&["outbox", "revive", "--all", "--config", text(&config)]).exit, Exit::Done);
}
