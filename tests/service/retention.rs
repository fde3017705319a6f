//! The retention policy carried out by the sandbox's clock, on both databases.

use std::time::{Duration, Instant};

use chrono::{DateTime, Months, TimeDelta, Utc};
use consular_registration::grpc::client::{answer, next};
use consular_registration::grpc::proto::record_crisis_reply_request::Reply;
use consular_registration::grpc::proto::{
    Application, ApplicationState, AuditEventKind, CloseCrisisRequest, CrisisPerson, DownloadDocumentRequest,
    ExportElectoralRollRequest, ExportRegisterJournalRequest, GetCrisisRollRequest, GetRegistrationRequest,
    GetValidationReportRequest, ListAuditEventsRequest, OpenCrisisRequest, RecordCrisisReplyRequest, RegistrationState,
    RevalidateReportRequest, SetClockRequest, ValidateSignatureRequest, WithdrawApplicationRequest,
    export_electoral_roll_response, export_register_journal_response,
};
use consular_registration::registration::form::{ApplicationType, DocumentType, Kind};
use consular_registration::registration::retention::{RecordClass, rule};
use prost_types::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::support::service::{Service, application, now, refusal};

const PATIENCE: Duration = Duration::from_mins(1);

/// The entries of the journal of Berlin for all days, and how many may vote there by the roll of that time.
async fn exported(service: &Service, cut_off_time: Option<Timestamp>) -> (Vec<Value>, u32) {
    let seconds = |time: DateTime<Utc>| Some(Timestamp { seconds: time.timestamp(), nanos: 0 });
    let mission = "KZ-DE-BER".to_owned();
    let (start_time, end_time) = (seconds(DateTime::UNIX_EPOCH), seconds(now() + TimeDelta::days(1)));
    let request = ExportRegisterJournalRequest { mission: mission.clone(), start_time, end_time };
    let mut stream = answer(service.client.registrations().export_register_journal(request)).await.unwrap();
    let mut list = Vec::new();
    while let Some(response) = next(&mut stream).await.unwrap() {
        match response.part.unwrap() {
            export_register_journal_response::Part::File(file) if file.media_type != "application/json" => break,
            export_register_journal_response::Part::ContentChunk(chunk) => list.extend(chunk),
            _ => {}
        }
    }
    let list: Value = serde_json::from_slice(&list).unwrap();
    let voting_day = now().date_naive().to_string();
    let request = ExportElectoralRollRequest { mission, voting_day, cut_off_time, ..Default::default() };
    let mut stream = answer(service.client.registrations().export_electoral_roll(request)).await.unwrap();
    let first = next(&mut stream).await.unwrap().unwrap().part.unwrap();
    let export_electoral_roll_response::Part::Roll(roll) = first else { panic!("the roll comes first") };
    (list["entries"].as_array().unwrap().clone(), roll.elector_count)
}

async fn set_clock(service: &Service, time: DateTime<Utc>) {
    let time = Some(Timestamp { seconds: time.timestamp(), nanos: 0 });
    answer(service.client.sandbox().set_clock(SetClockRequest { time })).await.unwrap();
}

/// The moment so many days after the term of a class of records that ended now.
fn after_term(class: RecordClass, days: i64) -> DateTime<Utc> {
    let years = rule(class, now().date_naive()).unwrap().years.unwrap();
    now() + Months::new(12 * years) + TimeDelta::days(days)
}

async fn transitions(service: &Service, subject: &str) -> Vec<String> {
    let kind = AuditEventKind::Transition.into();
    let request = ListAuditEventsRequest { kind, subject: subject.to_owned(), ..Default::default() };
    let found = answer(service.client.audit().list_audit_events(request)).await.unwrap();
    found.events.into_iter().map(|event| event.action).collect()
}

async fn erased(service: &Service, subject: &str, event: &str) {
    let begin = Instant::now();
    while !transitions(service, subject).await.iter().any(|action| action == event) {
        assert!(begin.elapsed() < PATIENCE, "{subject} is not erased");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// What a call for the report on an application's signature comes to.
async fn report_code(service: &Service, application: &Application) -> &'static str {
    let name = application.validation_report.clone();
    let request = GetValidationReportRequest { name, ..Default::default() };
    match answer(service.client.validations().get_validation_report(request)).await {
        Ok(_) => "OK",
        Err(error) => refusal(error).code,
    }
}

/// Whether the report is repeated from its evidence.
async fn is_repeated(service: &Service, name: &str) -> bool {
    let request = RevalidateReportRequest { name: name.to_owned() };
    answer(service.client.validations().revalidate_report(request)).await.is_ok()
}

fn act(service: &Service, act: &str, subject: &str, etag: &str, decision: &Value) -> Vec<u8> {
    let act = json!({ "act": act, "subject": subject, "etag": etag, "decision": decision, "time": now().to_rfc3339() });
    service.sandbox.sign("officers/berlin-officer", &serde_json::to_vec(&act).unwrap())
}

/// A crisis, and somebody who came to the mission in it.
async fn walk_in(service: &Service) -> (String, CrisisPerson) {
    let (crisis, name) = (format!("crises/{}", Uuid::new_v4()), format!("crisisPersons/{}", Uuid::new_v4()));
    let title = json!({ "kk": "Су тасқыны", "ru": "Наводнение", "en": "Flood" });
    let area = json!({ "country": "DE", "subdivisions": ["DE-BE"], "title": title });
    let opening = json!({ "result": "CRISIS_OPENED", "crisis": area });
    let signed_act = act(service, "OPEN_CRISIS", &crisis, "0", &opening);
    let request = OpenCrisisRequest { request_id: String::new(), signed_act };
    answer(service.client.registrations().open_crisis(request)).await.unwrap();
    let walk_in =
        json!({ "crisis": crisis, "name": "ТӨЛЕУ АЙБЕК", "phone": "+77010000009", "whereabouts": "Hauptbahnhof" });
    let reported = json!({ "result": "SAFE", "walk_in": walk_in });
    let reply = Some(Reply::SignedAct(act(service, "RECORD_CRISIS_REPLY", &name, "0", &reported)));
    let request = RecordCrisisReplyRequest { request_id: String::new(), reply };
    let person = answer(service.client.registrations().record_crisis_reply(request)).await.unwrap().person.unwrap();
    assert_eq!(person.name, name);
    (crisis, person)
}

with_each_database! {
    async fn an_application_that_ended_without_registration_loses_its_data_after_the_term_and_keeps_its_references(service: Service) {
        let mut form = service.sandbox.form("assel", Kind::Temporary);
        form.card.identity.document.as_mut().unwrap().document_type = Some(DocumentType::ResidencePermit);
        let signed = service.sandbox.signed("assel", &form);
        let judged = ValidateSignatureRequest { signature: signed.clone(), ..Default::default() };
        let judged = answer(service.client.validations().validate_signature(judged)).await.unwrap().report.unwrap();
        let accepted = service.submit(signed).await.unwrap();
        let open = service.reaches(&accepted.name, ApplicationState::InReview).await;
        let act = json!({
            "act": "WITHDRAW", "subject": open.name, "etag": open.etag,
            "decision": { "result": "WITHDRAWN" }, "time": now().to_rfc3339(),
        });
        let signed_act = service.sandbox.sign("citizens/assel", &serde_json::to_vec(&act).unwrap());
        let request = WithdrawApplicationRequest { request_id: String::new(), signed_act };
        answer(service.client.applications().withdraw_application(request)).await.unwrap();

        set_clock(&service, after_term(RecordClass::EndedApplication, -2)).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(report_code(&service, &open).await, "OK", "the term is not over");
        set_clock(&service, after_term(RecordClass::EndedApplication, 2)).await;
        erased(&service, &open.name, "application.erased").await;

        let kept = application(&service.client, &open.name).await.unwrap();
        assert_eq!((kept.state(), &kept.number), (ApplicationState::Withdrawn, &open.number));
        assert!(kept.accept_time.is_some() && kept.findings.is_empty());
        assert!(service.notifications(&open.name).await.is_empty());
        assert_eq!(report_code(&service, &open).await, "NOT_FOUND");
        assert!(!is_repeated(&service, &judged.name).await, "the same caller had the same message judged before it was filed");
    }

    async fn who_came_to_a_mission_in_a_crisis_is_forgotten_after_the_term(service: Service) {
        let (crisis, person) = walk_in(&service).await;
        let report = GetValidationReportRequest { name: person.replies[0].validation_report.clone(), ..Default::default() };
        answer(service.client.validations().get_validation_report(report.clone())).await.unwrap();

        set_clock(&service, after_term(RecordClass::WalkIn, 2)).await;
        erased(&service, &person.name, "crisis_person.erased").await;
        let request = GetCrisisRollRequest { name: crisis, ..Default::default() };
        let roll = answer(service.client.registrations().get_crisis_roll(request)).await.unwrap();
        assert!(roll.persons.is_empty(), "{:?}", roll.persons);
        let gone = answer(service.client.validations().get_validation_report(report)).await.unwrap_err();
        assert_eq!(refusal(gone).code, "NOT_FOUND", "the officer's act names the person");
    }

    async fn where_the_crisis_was_closed_the_term_is_counted_from_then(service: Service) {
        let (closed, kept) = walk_in(&service).await;
        let (_, other) = walk_in(&service).await;
        let month_later = now() + TimeDelta::days(30);
        set_clock(&service, month_later).await;
        let close = async || {
            let signed_act = act(&service, "CLOSE_CRISIS", &closed, "1", &json!({ "result": "CRISIS_CLOSED" }));
            let request = CloseCrisisRequest { request_id: String::new(), signed_act };
            answer(service.client.registrations().close_crisis(request)).await.map_err(refusal)
        };
        let begin = Instant::now();
        while let Err(refused) = close().await {
            // Right after the clock was set the authority's fresh list may still be on its way.
            assert!(refused.code == "UNAVAILABLE" && begin.elapsed() < PATIENCE, "{refused:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }

        set_clock(&service, after_term(RecordClass::WalkIn, 2)).await;
        erased(&service, &other.name, "crisis_person.erased").await;
        let request = GetCrisisRollRequest { name: closed, ..Default::default() };
        let roll = answer(service.client.registrations().get_crisis_roll(request)).await.unwrap();
        assert_eq!((roll.persons.len(), &roll.persons[0].name), (1, &kept.name));
        set_clock(&service, after_term(RecordClass::WalkIn, 32)).await;
        erased(&service, &kept.name, "crisis_person.erased").await;
    }

    async fn a_closed_registration_loses_its_cards_and_documents_after_the_term(service: Service) {
        let form = service.sandbox.form("assel", Kind::Temporary);
        let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        let opened = service.reaches(&accepted.name, ApplicationState::Completed).await;
        let mut form = service.sandbox.form("assel", Kind::Temporary);
        form.application_type = ApplicationType::Deregister;
        let removed = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        service.reaches(&removed.name, ApplicationState::Completed).await;
        let document = service.documents(&opened.name).await.remove(0);

        set_clock(&service, after_term(RecordClass::Registration, 2)).await;
        erased(&service, &opened.registration, "registration.erased").await;
        for application in [&opened.name, &removed.name] {
            assert!(transitions(&service, application).await.contains(&"application.erased".to_owned()));
            assert!(service.notifications(application).await.is_empty());
        }
        let request = GetRegistrationRequest { name: opened.registration.clone() };
        let kept = answer(service.client.registrations().get_registration(request)).await.unwrap().registration.unwrap();
        assert_eq!(kept.state(), RegistrationState::Deregistered);
        let request = DownloadDocumentRequest { name: document.name.clone() };
        let gone = match answer(service.client.documents().download_document(request)).await {
            Ok(mut stream) => next(&mut stream).await.unwrap_err(),
            Err(error) => error,
        };
        assert_eq!(refusal(gone).code, "NOT_FOUND");
        assert_eq!(service.documents(&opened.name).await[0].number, document.number, "its number stays");
        let (entries, electors) = exported(&service, kept.register_time).await;
        assert_eq!(electors, 0, "whose card is kept no more is on no roll");
        assert_eq!(entries.len(), 2, "the journal still tells what was entered, and of nobody");
        assert!(entries.iter().all(|entry| entry["name"].is_null() && entry["registration"] == kept.number));
    }
}
