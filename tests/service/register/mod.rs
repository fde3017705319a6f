//! The register's side of the procedure through gRPC, on both databases: change, extension, transfer, the end of a stay by the
//! sandbox's clock, removal on each ground, certificate, annulment.

mod notices;
mod removal;
mod stay;

use std::time::{Duration, Instant};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use consular_registration::grpc::client::{Refusal, answer};
use consular_registration::grpc::proto::{
    AnnulRegistrationRequest, Application, ApplicationState, DeregisterRegistrationRequest, Document, DocumentKind,
    GetRegistrationRequest, ListRegistrationHistoryRequest, Registration, RegistrationChange, RegistrationState,
    SetClockRequest,
};
use consular_registration::registration::form::{ApplicationForm, ApplicationType, Kind};
use consular_registration::sandbox::Form;
use serde_json::{Value, json};

use super::support::service::{Service, now, refusal};

/// How long to wait for what a job brings about.
const PATIENCE: Duration = Duration::from_mins(1);

/// A complete form of assel, made at `time`.
fn form(service: &Service, application_type: ApplicationType, time: DateTime<Utc>) -> ApplicationForm {
    let person = service.sandbox.person("assel");
    let mut form = Form::fresh(&person, Kind::Temporary, time).unwrap().application;
    form.application_type = application_type;
    form
}

/// The same, for a stay until that day.
fn until(
    service: &Service,
    application_type: ApplicationType,
    time: DateTime<Utc>,
    last: NaiveDate,
) -> ApplicationForm {
    let mut form = form(service, application_type, time);
    form.card.stay.until = Some(last);
    form
}

/// Files a form as assel; right after the clock was set the authority's fresh list may still be on its way.
async fn file(service: &Service, form: &ApplicationForm) -> Result<Application, Refusal> {
    let signed = service.sandbox.signed("assel", form);
    let begin = Instant::now();
    loop {
        match service.submit(signed.clone()).await {
            Err(refused) if refused.code == "UNAVAILABLE" && begin.elapsed() < PATIENCE => {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            other => return other,
        }
    }
}

/// Files a form that completes by itself.
async fn complete(service: &Service, form: &ApplicationForm) -> Application {
    let accepted = file(service, form).await.unwrap();
    service.reaches(&accepted.name, ApplicationState::Completed).await
}

/// Assel registers for a stay until that day.
async fn register(service: &Service, last: NaiveDate) -> (Application, Registration) {
    let application = complete(service, &until(service, ApplicationType::Register, now(), last)).await;
    let registration = registration(service, &application.registration).await;
    (application, registration)
}

async fn registration(service: &Service, name: &str) -> Registration {
    let request = GetRegistrationRequest { name: name.to_owned() };
    answer(service.client.registrations().get_registration(request)).await.unwrap().registration.unwrap()
}

/// Waits until the registration is in `state`.
async fn becomes(service: &Service, name: &str, state: RegistrationState) -> Registration {
    let begin = Instant::now();
    loop {
        let found = registration(service, name).await;
        if found.state() == state {
            return found;
        }
        assert!(begin.elapsed() < PATIENCE, "still {:?} instead of {state:?}", found.state());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until the account of an application holds so many notifications of a kind.
async fn told(service: &Service, application: &str, kind: &str, count: usize) {
    let begin = Instant::now();
    loop {
        let found = service.notifications(application).await;
        let found = found.iter().filter(|notification| notification.kind == kind).count();
        if found == count {
            return;
        }
        assert!(found < count && begin.elapsed() < PATIENCE, "{found} {kind} instead of {count}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until the application has its notice of removal from the register.
async fn noticed(service: &Service, application: &str) {
    let begin = Instant::now();
    let is_notice = |document: &Document| document.kind() == DocumentKind::NoticeOfDeregistration;
    while !service.documents(application).await.iter().any(is_notice) {
        assert!(begin.elapsed() < PATIENCE, "no notice of removal");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The kinds of the documents that an application has beside its receipt.
async fn ended_with(service: &Service, application: &str) -> Vec<DocumentKind> {
    let documents = service.documents(application).await;
    documents.iter().map(Document::kind).filter(|kind| *kind != DocumentKind::Receipt).collect()
}

async fn history(service: &Service, name: &str) -> Vec<RegistrationChange> {
    let request = ListRegistrationHistoryRequest { parent: name.to_owned(), ..Default::default() };
    answer(service.client.registrations().list_registration_history(request)).await.unwrap().changes
}

async fn events(service: &Service, name: &str) -> Vec<String> {
    history(service, name).await.into_iter().map(|change| change.event).collect()
}

async fn set_clock(service: &Service, time: DateTime<Utc>) {
    let request = SetClockRequest { time: Some(prost_types::Timestamp { seconds: time.timestamp(), nanos: 0 }) };
    answer(service.client.sandbox().set_clock(request)).await.unwrap();
}

/// Noon in UTC so many days after `day`.
fn noon(day: NaiveDate, after: i64) -> DateTime<Utc> {
    day.and_hms_opt(12, 0, 0).unwrap().and_utc() + TimeDelta::days(after)
}

fn in_days(days: u64) -> NaiveDate {
    now().date_naive() + Days::new(days)
}

fn act(service: &Service, officer: &str, subject: &str, etag: &str, act: &str, decision: &Value) -> Vec<u8> {
    let act = json!({ "act": act, "subject": subject, "etag": etag, "decision": decision, "time": now().to_rfc3339() });
    service.sandbox.sign(&format!("officers/{officer}"), &serde_json::to_vec(&act).unwrap())
}

async fn deregister(
    service: &Service,
    officer: &str,
    seen: &Registration,
    decision: Value,
    request_id: &str,
) -> Result<Registration, Refusal> {
    let signed_act = act(service, officer, &seen.name, &seen.etag, "DEREGISTER", &decision);
    send_deregistration(service, signed_act, request_id).await
}

async fn send_deregistration(
    service: &Service,
    signed_act: Vec<u8>,
    request_id: &str,
) -> Result<Registration, Refusal> {
    let request = DeregisterRegistrationRequest { request_id: request_id.to_owned(), signed_act };
    match answer(service.client.registrations().deregister_registration(request)).await {
        Ok(response) => Ok(response.registration.unwrap()),
        Err(error) => Err(refusal(error)),
    }
}

async fn annul(service: &Service, officer: &str, seen: &Registration) -> Result<Registration, Refusal> {
    let decision = json!({ "result": "ANNULLED", "reason": { "kk": "Қате тіркелген.", "ru": "Внесено по ошибке." } });
    let signed_act = act(service, officer, &seen.name, &seen.etag, "ANNUL", &decision);
    let request = AnnulRegistrationRequest { request_id: String::new(), signed_act };
    match answer(service.client.registrations().annul_registration(request)).await {
        Ok(response) => Ok(response.registration.unwrap()),
        Err(error) => Err(refusal(error)),
    }
}

fn removal(ground: &str) -> Value {
    json!({ "result": "DEREGISTERED", "ground": ground })
}

fn proved_removal(ground: &str) -> Value {
    let mut removal = removal(ground);
    removal["proof"] = json!({ "title": "Куәлік", "number": "1", "issuer": "Сот", "issued_on": "2026-01-31" });
    removal
}

fn reason(refused: &Refusal) -> (&str, &str) {
    (refused.code, refused.reason.as_str())
}

fn reasons(application: &Application) -> Vec<&str> {
    application.findings.iter().map(|finding| finding.reason.as_str()).collect()
}
