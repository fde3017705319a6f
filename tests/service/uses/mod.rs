//! What the register is for, through gRPC, on both databases: electoral rolls, crises, statistics.

mod crisis;
mod crisis_end;
mod election;
mod electoral_roll;
mod notifications;
mod scope;
mod sealed_list;
mod statistics;
mod volume;

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use consular_registration::grpc::client::{Refusal, answer, timestamp};
use consular_registration::grpc::proto::{
    Application, ApplicationState, GetRegistrationRequest, Registration, SetClockRequest,
};
use consular_registration::registration::form::{ApplicationForm, ApplicationType, Kind};
use consular_registration::sandbox::Form;
use serde_json::{Value, json};

use super::support::service::{Service, now};

/// How long to wait for what a job brings about.
const PATIENCE: Duration = Duration::from_mins(1);

/// A complete form of a citizen for Berlin, made at `time`.
fn form(service: &Service, citizen: &str, application_type: ApplicationType, time: DateTime<Utc>) -> ApplicationForm {
    let mut form = Form::fresh(&service.sandbox.person(citizen), Kind::Temporary, time).unwrap().application;
    form.application_type = application_type;
    form
}

/// Files a form; right after the clock was set the authority's fresh list may still be on its way.
async fn file(service: &Service, citizen: &str, form: &ApplicationForm) -> Result<Application, Refusal> {
    let signed = service.sandbox.signed(citizen, form);
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
async fn complete(service: &Service, citizen: &str, form: &ApplicationForm) -> Application {
    let accepted = file(service, citizen, form).await.unwrap();
    service.reaches(&accepted.name, ApplicationState::Completed).await
}

/// The citizen registers in Berlin, with what `change` makes of the form.
async fn register(service: &Service, citizen: &str, change: impl FnOnce(&mut Value)) -> (Application, Registration) {
    let mut tree = serde_json::to_value(form(service, citizen, ApplicationType::Register, now())).unwrap();
    change(&mut tree);
    let application = complete(service, citizen, &serde_json::from_value(tree).unwrap()).await;
    let request = GetRegistrationRequest { name: application.registration.clone() };
    let found = answer(service.client.registrations().get_registration(request)).await.unwrap();
    (application, found.registration.unwrap())
}

/// The citizen registers in Istanbul.
async fn register_in_istanbul(service: &Service, citizen: &str) -> Application {
    let study = std::fs::read(service.sandbox.file("forms/study.json")).unwrap();
    let mut form: ApplicationForm = serde_json::from_slice(&study).unwrap();
    form.applicant.iin = service.sandbox.person(citizen).iin.parse().unwrap();
    form.card.identity = service.sandbox.form(citizen, form.kind).card.identity;
    complete(service, citizen, &form).await
}

async fn set_clock(service: &Service, time: DateTime<Utc>) {
    let request = SetClockRequest { time: Some(timestamp(time)) };
    answer(service.client.sandbox().set_clock(request)).await.unwrap();
}

/// The time by the service's clock.
async fn clock(service: &Service) -> DateTime<Utc> {
    let request = consular_registration::grpc::proto::GetClockRequest {};
    let time = answer(service.client.sandbox().get_clock(request)).await.unwrap().time.unwrap();
    DateTime::from_timestamp(time.seconds, u32::try_from(time.nanos).unwrap()).unwrap()
}

/// Signs an act as `signer`, such as `officers/berlin-officer`.
fn act(service: &Service, signer: &str, act: &str, subject: &str, etag: &str, decision: &Value) -> Vec<u8> {
    let time = now() - TimeDelta::seconds(1);
    let act = json!({ "act": act, "subject": subject, "etag": etag, "decision": decision, "time": time.to_rfc3339() });
    service.sandbox.sign(signer, &serde_json::to_vec(&act).unwrap())
}

fn reason(refused: &Refusal) -> (&str, &str) {
    (refused.code, refused.reason.as_str())
}

fn fields(refused: &Refusal) -> Vec<&str> {
    refused.fields.iter().map(|problem| problem.field.as_str()).collect()
}
