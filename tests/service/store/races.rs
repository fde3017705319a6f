//! Many at once.

use std::collections::{HashMap, HashSet};

use consular_registration::store::{
    DocumentNumber, NewDocument, NewEvent, NewRegistration, Store, StoreError, SubmitOutcome, Unique,
};
use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{
    IIN, TestDatabase, accepted, accepted_of, berlin, fresh, next_id, noon, on_both_databases, running, submission,
};

async fn open_registration(store: &Store, application: Uuid, iin: &str) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    let number = tx.allocate_number(&berlin()).await?;
    tx.insert_registration(NewRegistration {
        id: next_id(),
        number,
        iin_hash: store.iin_hash(iin),
        kind: "TEMPORARY".to_owned(),
        mission: "KZ-DE-BER".to_owned(),
        application,
        registered_at: noon(),
        valid_until: None,
        card: b"{}".to_vec(),
    })
    .await?;
    tx.commit().await
}

on_both_databases! {
    async fn a_thousand_openings_for_one_person_leave_one_registration(database: TestDatabase) {
        let store = &database.store;
        let application = accepted(store).await.id;
        let mut calls = JoinSet::new();
        for _ in 0..1000 {
            let store = store.clone();
            calls.spawn(async move { open_registration(&store, application, IIN).await });
        }
        let mut opened = 0;
        for outcome in calls.join_all().await {
            match outcome {
                Ok(()) => opened += 1,
                Err(StoreError::AlreadyExists(Unique::OpenRegistration)) => {}
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(opened, 1);
        let open = store.open_registration(store.iin_hash(IIN)).await.unwrap().unwrap();
        assert_eq!(running(&open.number), 2, "the application took 1; failed openings gave theirs back");
    }

    async fn numbers_have_no_gaps_however_transactions_end(database: TestDatabase) {
        let store = &database.store;
        let mut calls = JoinSet::new();
        for n in 0..200 {
            let store = store.clone();
            calls.spawn(async move {
                match n % 3 {
                    0 => Some(accepted(&store).await.number),
                    kind => {
                        let mut tx = store.begin().await.unwrap();
                        let number = tx.allocate_number(&berlin()).await.unwrap();
                        if kind == 1 {
                            return None; // dropped
                        }
                        tx.commit().await.unwrap();
                        Some(number)
                    }
                }
            });
        }
        let mut numbers: Vec<i64> = calls.join_all().await.iter().flatten().map(|number| running(number)).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..).take(numbers.len()).collect::<Vec<i64>>());
        assert_eq!(numbers.len(), 133);
    }

    async fn the_same_content_at_once_is_accepted_once(database: TestDatabase) {
        let store = &database.store;
        let ids: Vec<Uuid> = (0..8).map(|_| Uuid::new_v4()).collect();
        let mut calls = JoinSet::new();
        for n in 0..240 {
            let id = ids[n % ids.len()];
            // Every fourth caller sends other content under the same identifier.
            let new = submission(store, id, if n / 8 % 4 == 3 { "other" } else { "content" });
            let store = store.clone();
            calls.spawn(async move { (id, store.submit(new).await.unwrap()) });
        }
        let mut accepted = HashMap::new();
        let mut replayed = Vec::new();
        let mut refused = 0;
        for (id, outcome) in calls.join_all().await {
            match outcome {
                SubmitOutcome::Accepted(record) => assert!(accepted.insert(id, record).is_none()),
                SubmitOutcome::Replayed(record) => replayed.push((id, record)),
                SubmitOutcome::ApplicationIdReused => refused += 1,
                SubmitOutcome::RequestIdReused => panic!("no request_id was given"),
                SubmitOutcome::FiledByAnother => panic!("there is one caller"),
            }
        }
        assert_eq!(accepted.len(), 8);
        assert_eq!(accepted.len() + replayed.len() + refused, 240);
        assert!(replayed.iter().all(|(id, record)| accepted.get(id) == Some(record)));
        assert_eq!(store.latest_event().await.unwrap(), 8);
    }

    async fn request_ids_at_once_stand_for_one_content(database: TestDatabase) {
        let store = &database.store;
        let mut calls = JoinSet::new();
        for _ in 0..60 {
            let mut new = fresh(store);
            new.request_id = Some("one".to_owned());
            let store = store.clone();
            calls.spawn(async move { store.submit(new).await.unwrap() });
        }
        let outcomes = calls.join_all().await;
        let accepted = outcomes.iter().filter(|outcome| matches!(outcome, SubmitOutcome::Accepted(_))).count();
        let refused = outcomes.iter().filter(|outcome| **outcome == SubmitOutcome::RequestIdReused).count();
        assert_eq!((accepted, refused), (1, 59));
    }

    async fn a_stream_that_follows_events_misses_none(database: TestDatabase) {
        const EVENTS: i64 = 400;
        let store = &database.store;
        let follower = {
            let store = store.clone();
            tokio::spawn(async move {
                let mut committed = store.committed();
                let mut last = 0;
                while last < EVENTS {
                    let events = store.events(None, last, 50).await.unwrap();
                    if events.is_empty() {
                        committed.changed().await.unwrap();
                    }
                    for event in events {
                        last += 1;
                        assert_eq!(event.sequence, last);
                    }
                }
            })
        };
        let mut calls = JoinSet::new();
        for n in 0..EVENTS {
            let store = store.clone();
            calls.spawn(async move {
                if n % 2 == 0 {
                    accepted_of(store.submit(fresh(&store)).await.unwrap());
                    return;
                }
                let mut tx = store.begin().await.unwrap();
                tx.append_event(&NewEvent {
                    subject_type: "TEST",
                    subject: next_id(),
                    kind: "HAPPENED".to_owned(),
                    actor: "test".to_owned(),
                    time: noon(),
                    references: json!({}),
                });
                tx.commit().await.unwrap();
            });
        }
        calls.join_all().await;
        tokio::time::timeout(std::time::Duration::from_secs(20), follower).await.unwrap().unwrap();
    }

    async fn a_commit_wakes_those_who_wait_for_its_subject_and_nobody_else(database: TestDatabase) {
        let store = &database.store;
        let (watched, other) = (next_id(), next_id());
        let mut commits = store.commits_of(watched);
        let happened = async |subject: Uuid| {
            let mut tx = store.begin().await.unwrap();
            tx.append_event(&NewEvent {
                subject_type: "TEST",
                subject,
                kind: "HAPPENED".to_owned(),
                actor: "test".to_owned(),
                time: noon(),
                references: json!({}),
            });
            tx.commit().await.unwrap();
        };
        commits.mark_seen();
        happened(other).await;
        let short = std::time::Duration::from_millis(200);
        assert!(tokio::time::timeout(short, commits.changed()).await.is_err(), "somebody else's event");
        happened(watched).await;
        tokio::time::timeout(std::time::Duration::from_secs(10), commits.changed()).await.expect("the own one");
    }

    async fn a_document_reserved_by_many_has_one_number(database: TestDatabase) {
        let store = &database.store;
        let application = accepted(store).await.id;
        let mut calls = JoinSet::new();
        for _ in 0..20 {
            let store = store.clone();
            calls.spawn(async move {
                loop {
                    let mut tx = store.begin().await.unwrap();
                    let reserved = tx
                        .reserve_document(NewDocument {
                            id: next_id(),
                            application,
                            registration: None,
                            kind: "E_NOTICE".to_owned(),
                            version: 1,
                            number: DocumentNumber::Next(berlin()),
                            reserved_at: noon(),
                            facts: b"facts".to_vec(),
                        })
                        .await;
                    match reserved {
                        Ok(record) => {
                            tx.commit().await.unwrap();
                            return record.number;
                        }
                        Err(error) => assert!(error.is_transient(), "{error}"),
                    }
                }
            });
        }
        let numbers: HashSet<String> = calls.join_all().await.into_iter().collect();
        assert_eq!(numbers.into_iter().collect::<Vec<_>>(), ["KZ-DE-BER/2026/000002"]);
        assert_eq!(store.documents(application).await.unwrap().len(), 1);
    }
}
