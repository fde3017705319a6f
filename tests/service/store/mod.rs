//! The store, each behaviour on both databases.

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use consular_registration::store::{
    ApplicationRecord, EvidenceItem, EvidenceKind, NewApplication, NewEvent, NewJob, NewSubmission, NumberSeries,
    ReportRecord, Store, StoreKeys, StoreOptions, SubmitOutcome, id_at,
};
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

use super::support::postgres;

mod aggregates;
mod missions;
mod moving;
mod opening;
mod outbox;
mod races;
mod submitting;

/// Runs every test on SQLite and on PostgreSQL.
macro_rules! on_both_databases {
    ($($(#[$attribute:meta])* async fn $name:ident($database:ident: $kind:ty) $body:block)+) => {
        $($(#[$attribute])* async fn $name($database: $kind) $body)+
        mod sqlite {
            use crate::store::TestDatabase;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() { super::$name(TestDatabase::sqlite().await).await; })+
        }
        mod postgres {
            use crate::store::TestDatabase;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() { super::$name(TestDatabase::postgres().await).await; })+
        }
    };
}
use on_both_databases;

const KEYS: StoreKeys = StoreKeys { sealing: [7; 32], index: [8; 32] };
const IIN: &str = "990101300123";
const NAME: &str = "Әсел Өмірбекқызы";

/// A migrated store and what keeps it alive.
struct TestDatabase {
    store: Store,
    url: String,
    folder: Option<TempDir>,
}

impl TestDatabase {
    async fn sqlite() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite://{}/register.sqlite", folder.path().display());
        Self { store: migrated(&url).await, url, folder: Some(folder) }
    }

    async fn postgres() -> Self {
        let url = postgres::new_database().await;
        Self { store: migrated(&url).await, url, folder: None }
    }
}

async fn migrated(url: &str) -> Store {
    let store = Store::open(url, &KEYS, &StoreOptions::default()).await.unwrap();
    store.migrate().await.unwrap();
    store
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn noon() -> DateTime<Utc> {
    at("2026-08-28T12:00:00Z")
}

fn berlin() -> NumberSeries {
    NumberSeries { series: "KZ-DE-BER".to_owned(), year: 2026 }
}

/// A new identifier in the order of the calls.
fn next_id() -> Uuid {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    id_at(noon() + TimeDelta::milliseconds(COUNT.fetch_add(1, Ordering::Relaxed).into()))
}

fn new_report() -> ReportRecord {
    ReportRecord {
        id: next_id(),
        indication: "TOTAL-PASSED".to_owned(),
        sub_indication: None,
        trust_store_revision: 3,
        policy: "national-1".to_owned(),
        engine: "consular 0.1.0".to_owned(),
        requested_by: "portal".to_owned(),
        created_at: noon(),
        report: format!(r#"{{"signer":"{NAME}","iin":"{IIN}"}}"#).into_bytes(),
    }
}

/// A submission of `content` under `application_id` by the portal; like every signed content it names its application_id.
fn submission(store: &Store, application_id: Uuid, content: &str) -> NewSubmission {
    let id = next_id();
    let content = &format!("{application_id} {content}");
    let form = EvidenceItem::new(EvidenceKind::Signature, content.as_bytes().to_vec());
    NewSubmission {
        application: NewApplication {
            id,
            caller: "portal".to_owned(),
            application_id,
            content_digest: *form.digest(),
            application_type: "REGISTER".to_owned(),
            kind: "TEMPORARY".to_owned(),
            channel: "PORTAL".to_owned(),
            mission: "KZ-DE-BER".to_owned(),
            language: "kk".to_owned(),
            state: "ACCEPTED".to_owned(),
            state_detail: Some(format!("remark about {NAME}").into_bytes()),
            iin_hash: store.iin_hash(IIN),
            received_at: noon(),
            due_at: Some(noon() + TimeDelta::days(3)),
            form: content.as_bytes().to_vec(),
        },
        series: berlin(),
        request_id: None,
        report: new_report(),
        evidence: vec![
            EvidenceItem::new(EvidenceKind::Signature, format!("CMS of {content}").into_bytes()),
            EvidenceItem::new(EvidenceKind::Certificate, format!("certificate of {NAME} {IIN}").into_bytes()),
            EvidenceItem::new(EvidenceKind::Policy, b"the policy".to_vec()),
            EvidenceItem::reference(EvidenceKind::TrustStore, [9; 32]),
        ],
        events: vec![NewEvent {
            subject_type: "APPLICATION",
            subject: id,
            kind: "ACCEPTED".to_owned(),
            actor: "portal".to_owned(),
            time: noon(),
            references: json!({"mission": "KZ-DE-BER"}),
        }],
        jobs: vec![NewJob {
            kind: "decide".to_owned(),
            subject: id,
            payload: json!({"application": id}),
            not_before: noon(),
        }],
    }
}

/// A submission that nobody made before.
fn fresh(store: &Store) -> NewSubmission {
    submission(store, Uuid::new_v4(), &format!(r#"{{"name":"{NAME}","iin":"{IIN}","n":"{}"}}"#, Uuid::new_v4()))
}

/// A stored application.
async fn accepted(store: &Store) -> ApplicationRecord {
    accepted_of(store.submit(fresh(store)).await.unwrap())
}

fn accepted_of(outcome: SubmitOutcome) -> ApplicationRecord {
    match outcome {
        SubmitOutcome::Accepted(record) => record,
        other => panic!("expected an accepted application, got {other:?}"),
    }
}

/// The running number at the end of a printed number.
fn running(number: &str) -> i64 {
    number.rsplit('/').next().unwrap().parse().unwrap()
}
