//! Opening, migrating, keys.

use consular_registration::store::{Store, StoreError, StoreKeys, StoreOptions};

use super::{KEYS, TestDatabase, accepted, on_both_databases};

async fn open(url: &str, keys: &StoreKeys) -> Result<Store, StoreError> {
    Store::open(url, keys, &StoreOptions::default()).await
}

on_both_databases! {
    async fn other_keys_are_refused(database: TestDatabase) {
        let record = accepted(&database.store).await;
        database.store.close().await.unwrap();
        let sealing = StoreKeys { sealing: [1; 32], ..KEYS };
        let index = StoreKeys { index: [1; 32], ..KEYS };
        for keys in [sealing, index] {
            assert!(matches!(open(&database.url, &keys).await, Err(StoreError::WrongKeys)));
        }
        let again = open(&database.url, &KEYS).await.unwrap();
        assert_eq!(again.application(record.id).await.unwrap(), Some(record));
    }

    async fn migrating_again_changes_nothing(database: TestDatabase) {
        assert!(database.store.pending_migrations().await.unwrap().is_empty());
        database.store.migrate().await.unwrap();
        database.store.ping().await.unwrap();
    }

    async fn a_closed_store_says_so(database: TestDatabase) {
        database.store.close().await.unwrap();
        let error = database.store.submit(super::fresh(&database.store)).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    }
}

#[tokio::test]
async fn a_new_file_has_all_migrations_pending() {
    let folder = tempfile::TempDir::new().unwrap();
    let url = format!("sqlite://{}/new.sqlite", folder.path().display());
    let store = open(&url, &KEYS).await.unwrap();
    assert_eq!(store.pending_migrations().await.unwrap()[0], "m0001_applications");
    // A first look by somebody with other keys must not decide which keys count.
    store.migrate().await.unwrap();
    assert!(store.pending_migrations().await.unwrap().is_empty());
}

#[tokio::test]
async fn addresses_that_cannot_keep_a_promise_are_refused() {
    for url in ["mysql://localhost/x", "sqlite::memory:", "sqlite://x?mode=memory", "", "register.sqlite"] {
        assert!(matches!(open(url, &KEYS).await, Err(StoreError::UnsupportedAddress)), "{url}");
    }
    let unreachable = "postgres://nobody@127.0.0.1:1/none";
    let options = StoreOptions { patience: std::time::Duration::from_secs(1), ..StoreOptions::default() };
    let error = Store::open(unreachable, &KEYS, &options).await.err().unwrap();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
}
