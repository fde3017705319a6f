//! What the command line tells of an application that waits for a state register.

use chrono::{DateTime, Utc};
use consular_registration::command::Exit;
use consular_registration::config::Settings;
use consular_registration::grpc::client::answer;
use consular_registration::grpc::proto::{ApplicationState, AwaitedFrom, ListApplicationsRequest, SetClockRequest};
use consular_registration::registration::form::Kind;
use prost_types::Timestamp;

use super::{Ended, consular, text};
use crate::support::service::{Sandbox, Service};

/// A service whose registers nobody reaches, and a signed application.
async fn unanswered() -> (Service, String) {
    let settings = Settings { registers_deadline_seconds: 1, ..Settings::default() };
    let service = Service::over(Sandbox::new(), settings.with_registers_at("http://127.0.0.1:1")).await;
    let form = service.sandbox.form("assel", Kind::Temporary);
    let signature = service.sandbox.file("assel.cms");
    std::fs::write(&signature, service.sandbox.signed("assel", &form)).unwrap();
    (service, text(&signature).to_owned())
}

async fn call(service: &Service, line: &[&str]) -> Ended {
    let address = service.address();
    let line: Vec<String> = [line, &["--address", &address]].concat().into_iter().map(str::to_owned).collect();
    tokio::task::spawn_blocking(move || consular(&line)).await.unwrap()
}

/// Waits until the one application waits for a register; its name and until when.
async fn awaited(service: &Service) -> (String, DateTime<Utc>) {
    let only = loop {
        let request = ListApplicationsRequest::default();
        let listed = answer(service.client.applications().list_applications(request)).await.unwrap();
        if let Some(application) = listed.applications.into_iter().next() {
            break application.name;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    let waiting = service.watched(&only, |application| application.awaiting_from() == AwaitedFrom::Register).await;
    (only, DateTime::from_timestamp(waiting.awaiting_until.unwrap().seconds + 1, 0).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_is_told_the_number_and_what_is_waited_for_once() {
    let (service, signature) = unanswered().await;
    let line = ["submit", "--wait", "--lang", "ru", &signature];
    let submitted = call(&service, &line);
    let time_passes = async {
        let (name, until) = awaited(&service).await;
        let time = Some(Timestamp { seconds: until.timestamp(), nanos: 0 });
        answer(service.client.sandbox().set_clock(SetClockRequest { time })).await.unwrap();
        service.reaches(&name, ApplicationState::InReview).await
    };
    let both = async { tokio::join!(submitted, time_passes) };
    let both = tokio::time::timeout(std::time::Duration::from_mins(2), both);
    let (ended, application) = both.await.expect("the application was filed and left to an officer");
    assert_eq!(ended.exit, Exit::Done, "{}", ended.notes);
    let told: Vec<&str> = ended.notes.lines().collect();
    assert!(told.iter().all(|line| line.contains(&application.number)), "{told:?}");
    assert_eq!(told.iter().filter(|line| line.contains("государственный реестр населения")).count(), 1, "{told:?}");
    assert!(ended.out.contains("IN_REVIEW") && ended.out.contains("загранучреждение"), "{}", ended.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn applications_are_listed_by_mission_and_state() {
    let (service, signature) = unanswered().await;
    assert_eq!(call(&service, &["submit", &signature]).await.exit, Exit::Done);
    let accepted = ["application", "list", "--mission", "KZ-DE-BER", "--state", "ACCEPTED", "--state", "IN_REVIEW"];
    let listed = call(&service, &accepted).await.out;
    assert!(listed.contains("KZ-DE-BER/") && listed.contains("REGISTER") && listed.contains("ACCEPTED"), "{listed}");
    let json = call(&service, &[&accepted[..], &["--json"]].concat()).await.json();
    assert_eq!((json.as_array().unwrap().len(), &json[0]["state"]), (1, &"ACCEPTED".into()));
    let completed = call(&service, &["application", "list", "--state", "COMPLETED", "--json"]).await;
    assert_eq!(completed.json(), serde_json::json!([]));
    let unknown = call(&service, &["application", "list", "--state", "LOST"]).await;
    assert_eq!(unknown.exit, Exit::Usage);
    assert!(unknown.notes.contains("SUBMITTED, ACCEPTED, IN_REVIEW"), "{}", unknown.notes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_is_not_there_leaves_a_way_to_it() {
    let (service, signature) = unanswered().await;
    let name = call(&service, &["submit", "--json", &signature]).await.json()["name"].as_str().unwrap().to_owned();
    let folder = service.sandbox.file("documents");
    let early = call(&service, &["document", "get", &name, "--out", text(&folder)]).await;
    assert!(early.notes.contains("consular application watch"), "{}", early.notes);
    let by_number = call(&service, &["document", "get", "KZ-DE-BER/D/2026/000042"]).await;
    assert_eq!(by_number.exit, Exit::Usage);
    assert!(by_number.notes.contains("consular document verify KZ-DE-BER/D/2026/000042"), "{}", by_number.notes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_labelled_in_the_language_asked_for() {
    let (service, signature) = unanswered().await;
    std::fs::write(&signature, service.sandbox.sign("citizens/assel", b"{}")).unwrap();
    for (language, label) in
        [("kk", "Түзетілетін өрістер"), ("ru", "Поля, которые надо исправить"), ("en", "Fields to mend")]
    {
        let refused = call(&service, &["submit", "--lang", language, &signature]).await;
        assert_eq!(refused.exit, Exit::Refused);
        assert!(refused.notes.contains(label), "{}", refused.notes);
    }
}
