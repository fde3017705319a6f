//! The outbox.

use std::collections::HashSet;
use std::time::Duration;

use chrono::TimeDelta;
use consular_registration::store::{NewJob, OutboxDepth, Store, StoreError};
use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{TestDatabase, noon, on_both_databases};

const LEASE: Duration = Duration::from_mins(1);

async fn enqueue(store: &Store, kind: &str, count: usize) {
    let job = NewJob { kind: kind.to_owned(), subject: Uuid::nil(), payload: json!({"n": 1}), not_before: noon() };
    let mut tx = store.begin().await.unwrap();
    tx.enqueue(vec![job; count]).await.unwrap();
    tx.commit().await.unwrap();
}

on_both_databases! {
    async fn a_job_is_claimed_once_per_lease(database: TestDatabase) {
        let store = &database.store;
        enqueue(store, "decide", 1).await;
        assert_eq!(store.next_job_at().await.unwrap(), Some(noon()));
        let early = noon() - TimeDelta::seconds(1);
        assert!(store.claim_jobs(&[], 10, early, LEASE).await.unwrap().is_empty());
        assert!(store.claim_jobs(&["render"], 10, noon(), LEASE).await.unwrap().is_empty());

        let claimed = store.claim_jobs(&["decide"], 10, noon(), LEASE).await.unwrap();
        assert_eq!((claimed.len(), claimed[0].attempts), (1, 1));
        assert_eq!(claimed[0].payload, json!({"n": 1}));
        assert!(store.claim_jobs(&[], 10, noon(), LEASE).await.unwrap().is_empty());
        assert_eq!(store.next_job_at().await.unwrap(), Some(noon() + LEASE));

        // The worker died: after the lease the job is there again.
        let again = store.claim_jobs(&[], 10, noon() + LEASE, LEASE).await.unwrap();
        assert_eq!((again[0].id, again[0].attempts), (claimed[0].id, 2));
    }

    async fn only_one_of_two_runs_commits_its_effect(database: TestDatabase) {
        let store = &database.store;
        enqueue(store, "decide", 1).await;
        let job = store.claim_jobs(&[], 1, noon(), LEASE).await.unwrap().remove(0);
        let mut first = store.begin().await.unwrap();
        first.complete_job(job.id, noon()).await.unwrap();
        first.commit().await.unwrap();
        let mut second = store.begin().await.unwrap();
        assert!(matches!(second.complete_job(job.id, noon()).await, Err(StoreError::JobAlreadyDone)));
        drop(second);
        assert_eq!(store.outbox_depth(noon()).await.unwrap(), OutboxDepth::default());
        assert_eq!(store.next_job_at().await.unwrap(), None);
        // A late failure of the other run does not bring it back.
        store.retry_job(job.id, noon(), "late").await.unwrap();
        store.bury_job(job.id, noon(), "late").await.unwrap();
        assert_eq!(store.outbox_depth(noon()).await.unwrap(), OutboxDepth::default());
    }

    async fn a_failed_job_waits_dies_and_is_revived(database: TestDatabase) {
        let store = &database.store;
        enqueue(store, "render", 1).await;
        let job = store.claim_jobs(&[], 1, noon(), LEASE).await.unwrap().remove(0);
        let later = noon() + TimeDelta::minutes(5);
        store.retry_job(job.id, later, "the renderer was busy").await.unwrap();
        assert!(store.claim_jobs(&[], 1, noon(), LEASE).await.unwrap().is_empty());
        let job = store.claim_jobs(&[], 1, later, LEASE).await.unwrap().remove(0);
        assert_eq!(job.last_error.as_deref(), Some("the renderer was busy"));

        store.bury_job(job.id, later, "hopeless").await.unwrap();
        assert_eq!(store.outbox_depth(later).await.unwrap(), OutboxDepth { open: 0, due: 0, dead: 1 });
        let dead = store.dead_jobs(10).await.unwrap();
        assert_eq!((dead[0].id, dead[0].last_error.as_deref()), (job.id, Some("hopeless")));

        assert!(store.revive_job(job.id, later).await.unwrap());
        assert!(!store.revive_job(job.id, later).await.unwrap());
        assert_eq!(store.claim_jobs(&[], 1, later, LEASE).await.unwrap()[0].attempts, 1);
    }

    async fn workers_never_hold_the_same_job(database: TestDatabase) {
        let store = &database.store;
        enqueue(store, "decide", 200).await;
        let mut workers = JoinSet::new();
        for _ in 0..8 {
            let store = store.clone();
            workers.spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let jobs = store.claim_jobs(&[], 7, noon(), LEASE).await.unwrap();
                    if jobs.is_empty() {
                        return mine;
                    }
                    mine.extend(jobs.into_iter().map(|job| job.id));
                }
            });
        }
        let claimed: Vec<Uuid> = workers.join_all().await.into_iter().flatten().collect();
        assert_eq!(claimed.len(), 200);
        assert_eq!(claimed.into_iter().collect::<HashSet<_>>().len(), 200);
    }
}
