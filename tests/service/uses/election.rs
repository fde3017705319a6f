//! An election that an officer announces, and who is told of it.

use std::time::{Duration, Instant};

use chrono::{Days, NaiveDate};
use consular_registration::config::Settings;
use consular_registration::grpc::client::{Client, Refusal, answer};
use consular_registration::grpc::proto::{
    AnnounceElectionRequest, Application, AuditEventKind, Election, ListAuditEventsRequest, Notification,
};
use consular_registration::registration::form::ApplicationType;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::command::{consular, text};
use super::super::family::register_represented;
use super::super::support::service::{Sandbox, Service, now, refusal};
use super::{PATIENCE, act, clock, complete, fields, form, reason, register, register_in_istanbul};

const OFFICER: &str = "officers/berlin-officer";

/// So many days from today, by the service's clock.
async fn in_days(service: &Service, days: u64) -> NaiveDate {
    clock(service).await.date_naive() + Days::new(days)
}

fn decision(voting_day: NaiveDate, check_until: NaiveDate) -> Value {
    let title = json!({ "kk": "Президент сайлауы", "ru": "Выборы Президента", "en": "Presidential election" });
    let election = json!({ "title": title, "voting_day": voting_day, "check_until": check_until });
    json!({ "result": "ELECTION_ANNOUNCED", "election": election })
}

fn fresh() -> String {
    format!("elections/{}", Uuid::new_v4())
}

async fn send(client: &Client, request_id: &str, signed_act: Vec<u8>) -> Result<Election, Refusal> {
    let request = AnnounceElectionRequest { request_id: request_id.to_owned(), signed_act };
    let answered = answer(client.registrations().announce_election(request)).await;
    answered.map(|announced| announced.election.unwrap()).map_err(refusal)
}

async fn announce(service: &Service, officer: &str, name: &str, decision: &Value) -> Result<Election, Refusal> {
    send(&service.client, "", act(service, officer, "ANNOUNCE_ELECTION", name, "0", decision)).await
}

/// Waits until everybody has been told, and gives how many that were.
async fn told(service: &Service, election: &Election) -> u64 {
    let begin = Instant::now();
    loop {
        let kind = AuditEventKind::Transition.into();
        let request = ListAuditEventsRequest { kind, subject: election.name.clone(), ..Default::default() };
        let events = answer(service.client.audit().list_audit_events(request)).await.unwrap().events;
        assert_eq!(events[0].action, "election.announced");
        if let Some(event) = events.get(1) {
            assert_eq!((event.action.as_str(), event.actor.as_str(), events.len()), ("election.told", "service", 2));
            return serde_json::from_str::<Value>(&event.references).unwrap()["told"].as_u64().unwrap();
        }
        assert!(begin.elapsed() < PATIENCE, "not everybody is told");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What the account of an application holds about elections.
async fn checks(service: &Service, application: &Application) -> Vec<Notification> {
    let found = service.notifications(&application.name).await;
    found.into_iter().filter(|found| found.kind == "ELECTION_LIST_CHECK").collect()
}

with_each_database! {
    async fn everybody_who_may_vote_at_the_mission_is_told_once_in_the_own_language(service: Service) {
        let (assel, registration) = register(&service, "assel", |_| ()).await;
        let (student, _) = register(&service, "student", |tree| tree["language"] = json!("ru")).await;
        let (voting_day, check_until) = (in_days(&service, 40).await, in_days(&service, 20).await);
        let name = fresh();
        let signed = act(&service, OFFICER, "ANNOUNCE_ELECTION", &name, "0", &decision(voting_day, check_until));
        let announced = send(&service.client, "once", signed.clone()).await.unwrap();
        assert_eq!((announced.name.as_str(), announced.mission.as_str()), (name.as_str(), "KZ-DE-BER"));
        assert_eq!((announced.etag.as_str(), announced.announced_by.len()), ("1", 64));
        assert_eq!(announced.title.as_ref().unwrap().ru, "Выборы Президента");
        assert_eq!((announced.voting_day.clone(), announced.check_until.clone()), (voting_day.to_string(), check_until.to_string()));
        assert_eq!(told(&service, &announced).await, 2);

        let repeated = send(&service.client, "once", signed).await.unwrap();
        assert!(repeated.told_time.is_some());
        assert_eq!(Election { told_time: None, ..repeated }, Election { told_time: None, ..announced });
        let other = act(&service, OFFICER, "ANNOUNCE_ELECTION", &fresh(), "0", &decision(voting_day, check_until));
        let reused = send(&service.client, "once", other).await.unwrap_err();
        assert_eq!(reason(&reused), ("ALREADY_EXISTS", "REQUEST_ID_REUSED"));

        let notices = checks(&service, &assel).await;
        assert_eq!(notices.len(), 1, "{notices:?}");
        let Notification { subject, body, language, .. } = &notices[0];
        assert_eq!((subject.as_str(), language.as_str()), ("Президент сайлауы: деректеріңізді тексеріңіз", "kk"));
        for piece in [
            registration.number.as_str(),
            &voting_day.format("%d.%m.%Y").to_string(),
            &check_until.format("%d.%m.%Y").to_string(),
            "+49300000000",
            "карточканы өзгерту туралы өтініш",
        ] {
            assert!(body.contains(piece), "{piece} in {body}");
        }
        assert!(!body.contains("ӘСЕЛ") && !body.contains("ҚҰРМАНҒАЛИЕВА"), "{body}");
        let notices = checks(&service, &student).await;
        assert_eq!((notices.len(), notices[0].subject.as_str()), (1, "Выборы Президента: проверьте свои данные"));
    }

    async fn who_may_not_vote_there_is_not_told(service: Service) {
        let (assel, _) = register(&service, "assel", |_| ()).await;
        let minor = std::fs::read(service.sandbox.file("forms/minor.json")).unwrap();
        register_represented(&service, "assel", &serde_json::from_slice(&minor).unwrap()).await;
        let mut ward = serde_json::to_value(form(&service, "student", ApplicationType::Register, now())).unwrap();
        ward["representative"] = json!({
            "kind": "GUARDIAN", "iin": service.sandbox.person("assel").iin, "name": "Қорғаншы",
            "proof": { "title": "Сот шешімі", "number": "2-17", "issuer": "Сот", "issued_on": "2024-01-15" },
            "valid_until": in_days(&service, 300).await,
        });
        register_represented(&service, "assel", &ward).await;
        let elsewhere = register_in_istanbul(&service, "gost").await;
        let (gone, _) = register(&service, "daniyar", |_| ()).await;
        complete(&service, "daniyar", &form(&service, "daniyar", ApplicationType::Deregister, now())).await;

        let decision = decision(in_days(&service, 40).await, in_days(&service, 20).await);
        let announced = announce(&service, OFFICER, &fresh(), &decision).await.unwrap();
        assert_eq!(told(&service, &announced).await, 1, "no child, no ward, nobody from elsewhere, nobody who has left");
        assert_eq!(checks(&service, &assel).await.len(), 1);
        for application in [&elsewhere, &gone] {
            assert!(checks(&service, application).await.is_empty());
        }
    }

    async fn each_election_is_told_of_for_itself(service: Service) {
        let (assel, _) = register(&service, "assel", |_| ()).await;
        let decision = decision(in_days(&service, 40).await, in_days(&service, 20).await);
        for _ in 0..2 {
            let announced = announce(&service, OFFICER, &fresh(), &decision).await.unwrap();
            assert_eq!(told(&service, &announced).await, 1);
        }
        assert_eq!(checks(&service, &assel).await.len(), 2);
    }

    async fn an_announcement_that_may_not_be_made_is_refused(service: Service) {
        let (today, soon) = (in_days(&service, 0).await, in_days(&service, 20).await);
        let past = today - Days::new(3);
        let passed = announce(&service, OFFICER, &fresh(), &decision(past, soon)).await.unwrap_err();
        assert_eq!(reason(&passed), ("INVALID_ARGUMENT", "FORM_INVALID"));
        assert_eq!(fields(&passed), ["decision.election.voting_day", "decision.election.check_until"]);
        let late = announce(&service, OFFICER, &fresh(), &decision(soon, past)).await.unwrap_err();
        assert_eq!(fields(&late), ["decision.election.check_until"]);
        let nothing = json!({ "result": "ELECTION_ANNOUNCED" });
        let nothing = announce(&service, OFFICER, &fresh(), &nothing).await.unwrap_err();
        assert_eq!(fields(&nothing), ["decision.election"]);

        let right = decision(soon, soon);
        let citizen = announce(&service, "citizens/assel", &fresh(), &right).await.unwrap_err();
        assert_eq!(reason(&citizen), ("PERMISSION_DENIED", "SIGNER_NOT_OFFICER"));
        let other = announce(&service, OFFICER, &format!("crises/{}", Uuid::new_v4()), &right).await.unwrap_err();
        assert_eq!(fields(&other), ["subject"]);
        let signed = act(&service, OFFICER, "ANNOUNCE_ELECTION", &fresh(), "1", &right);
        let stale = send(&service.client, "", signed).await.unwrap_err();
        assert_eq!(reason(&stale), ("ABORTED", "VERSION_CONFLICT"));
        let name = fresh();
        let announced = announce(&service, OFFICER, &name, &right).await.unwrap();
        assert_eq!(told(&service, &announced).await, 0, "nobody is registered");
        let again = announce(&service, OFFICER, &name, &right).await.unwrap_err();
        assert_eq!(reason(&again), ("ABORTED", "VERSION_CONFLICT"), "one act announces one election once");
    }
}

#[test]
fn a_register_of_several_pages_is_told_to_its_end() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path();
    let filled = consular(&["sandbox", "fill", "--registrations", "630", "--waiting", "0", "--sandbox", text(&folder)]);
    assert_eq!(filled.exit, consular_registration::command::Exit::Done, "{}", filled.notes);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let service = Service::over(sandbox, Settings::default()).await;
        let decision = decision(in_days(&service, 40).await, in_days(&service, 20).await);
        let announced = announce(&service, OFFICER, &fresh(), &decision).await.unwrap();
        assert_eq!(told(&service, &announced).await, 105, "each sixth of the crowd is Berlin's, on three pages");
    });
}
