//! `kill -9` while applications pour in: what was acknowledged is there, once.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use consular_registration::cms::{SigningKey, sign_attached};
use consular_registration::grpc::client::{Client, ClientError, answer};
use consular_registration::grpc::proto::submit_application_request::Signed;
use consular_registration::grpc::proto::{
    Application, ApplicationState, Document, DocumentKind, SubmitApplicationRequest, SubmitApplicationResponse,
};
use consular_registration::pki::Certificate;
use consular_registration::registration::form::Kind;
use consular_registration::sandbox::{Form, LoadIssuer};
use tokio::task::JoinSet;

use super::support::postgres;
use super::support::service::{Program, Sandbox, documents, notifications, now, reaches, submit};

const SUBMISSIONS: u32 = 2_000;
const CONCURRENT: usize = 32;
/// The process is killed when so many were acknowledged: in the midst, with decisions and documents under way.
const KILLED_AFTER: usize = 700;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_nothing_acknowledged_is_lost_and_nothing_is_issued_twice() {
    survives_a_kill(&[("CONSULAR_OUTBOX_WORKERS", "2")]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_nothing_acknowledged_is_lost_and_nothing_is_issued_twice() {
    let url = postgres::new_database().await;
    survives_a_kill(&[("CONSULAR_DATABASE_URL", &url)]).await;
}

async fn survives_a_kill(environment: &[(&str, &str)]) {
    let sandbox = Sandbox::new();
    let applications = signed_applications(&sandbox);
    let program = Program::serve(&sandbox.path(), environment);
    let acknowledged = pour_in(program, &applications).await;
    assert!(acknowledged.len() >= KILLED_AFTER, "{} acknowledged", acknowledged.len());
    assert!(acknowledged.len() < applications.len(), "the kill came too late to prove anything");

    let program = Program::serve(&sandbox.path(), environment);
    let client = program.client().await;
    let mut numbers = HashSet::new();
    for application in &acknowledged {
        let completed = reaches(&client, &application.name, ApplicationState::Completed).await;
        assert_eq!(completed.number, application.number);
        let documents = documents(&client, &application.name).await;
        let notifications = notifications(&client, &application.name).await;
        // Its receipt and the document that it ended with, one of each; and one notification.
        let kinds: Vec<DocumentKind> = documents.iter().map(Document::kind).collect();
        let each_once = [DocumentKind::Receipt, DocumentKind::NoticeOfTemporaryRegistration];
        assert_eq!((kinds.as_slice(), notifications.len()), (each_once.as_slice(), 1), "{}", application.name);
        for document in &documents {
            assert!(numbers.insert(document.number.clone()), "{} twice", document.number);
        }
    }
    // Sending what was cut off again opens it or finds it; sending what was acknowledged finds it.
    for signed in applications.iter().take(50) {
        let application = submit(&client, signed.clone(), "").await.expect("it is accepted or found");
        assert!(!application.number.is_empty());
    }
}

/// Applications of as many citizens, all under one key.
fn signed_applications(sandbox: &Sandbox) -> Arc<Vec<Vec<u8>>> {
    let batch = sandbox.authority().mint_many(SUBMISSIONS, LoadIssuer::Quick, now()).expect("citizens are minted");
    let key = SigningKey::from_bytes(&batch.key).unwrap();
    let signed = batch.citizens.iter().map(|citizen| {
        let content = Form::fresh(&citizen.person, Kind::Temporary, now()).unwrap().to_json().unwrap();
        let certificate = Certificate::from_der(&citizen.certificate).unwrap();
        sign_attached(&key, &certificate, &[], &content, now()).unwrap()
    });
    Arc::new(signed.collect())
}

/// Submits, kills the process in the midst, and returns every acknowledged application.
async fn pour_in(mut program: Program, applications: &Arc<Vec<Vec<u8>>>) -> Vec<Application> {
    let (next, done) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let client = program.client().await;
    let mut senders = JoinSet::new();
    for _ in 0..CONCURRENT {
        let (client, applications) = (client.clone(), Arc::clone(applications));
        let (next, done) = (Arc::clone(&next), Arc::clone(&done));
        senders.spawn(async move {
            let mut acknowledged = Vec::new();
            while let Some(signed) = applications.get(next.fetch_add(1, Ordering::Relaxed)) {
                // Whatever ends a call before its answer leaves it open what became of it.
                let Ok(response) = call(&client, signed).await else { break };
                let application = response.application.expect("the response wraps the application");
                assert_eq!(application.state(), ApplicationState::Accepted);
                acknowledged.push(application);
                done.fetch_add(1, Ordering::Relaxed);
            }
            acknowledged
        });
    }
    while done.load(Ordering::Relaxed) < KILLED_AFTER {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    program.kill();
    senders.join_all().await.into_iter().flatten().collect()
}

async fn call(client: &Client, signed: &[u8]) -> Result<SubmitApplicationResponse, ClientError> {
    let request = SubmitApplicationRequest {
        request_id: String::new(),
        validate_only: false,
        signed: Some(Signed::SignedApplication(signed.to_vec())),
    };
    answer(client.applications().submit_application(request)).await
}
