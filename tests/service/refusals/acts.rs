//! What officers' acts are refused with.

use chrono::{DateTime, TimeDelta, Utc};
use consular_registration::grpc::client::answer;
use consular_registration::grpc::proto::{Application, ApplicationState, SetClockRequest};
use consular_registration::registration::form::{DocumentType, Kind};
use prost_types::Timestamp;
use serde_json::{Value, json};
use tonic::{Code, Status};

use super::super::support::service::{Service, now};
use super::{Told, act, denied, done, filed};

const OFFICER: &str = "officers/berlin-officer";
const SUPERVISOR: &str = "officers/berlin-supervisor";

/// An application whose document is not a citizen's: an officer has to look.
async fn waiting(service: &Service) -> Application {
    let mut form = service.sandbox.form("assel", Kind::Temporary);
    form.card.identity.document.as_mut().unwrap().document_type = Some(DocumentType::ResidencePermit);
    filed(service, "citizens/assel", &form, ApplicationState::InReview).await
}

fn grounds() -> Value {
    json!({
        "ground": "UNRELIABLE_DOCUMENTS_OR_DATA",
        "reason_kk": "Құжат азаматтығын растамайды.",
        "reason_ru": "Документ не подтверждает гражданство.",
    })
}

/// A refusal announced with a hearing in a minute.
fn intention(grounds: &Value) -> Value {
    let hearing = json!({ "time": (now() + TimeDelta::minutes(1)).to_rfc3339(), "place": "Nordendstraße 14" });
    json!({ "result": "REFUSAL_INTENDED", "grounds": grounds, "hearing": hearing })
}

fn refusal() -> Value {
    json!({ "result": "REFUSED", "grounds": grounds() })
}

async fn set_clock(service: &Service, time: DateTime<Utc>) {
    let time = Some(Timestamp { seconds: time.timestamp(), nanos: 0 });
    answer(service.client.sandbox().set_clock(SetClockRequest { time })).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_act_that_the_law_does_not_allow_is_told_what_it_lacks() {
    let service = Service::sqlite().await;
    let mut told = Told::default();
    let waiting = waiting(&service).await;

    let mut baseless = grounds();
    baseless["ground"] = json!("TOO_MUCH_WORK");
    let baseless = denied(&service, OFFICER, &waiting, "PRELIMINARY_REFUSAL", intention(&baseless)).await;
    told.status("REFUSAL_GROUND_INVALID", "the ground is not on the list", &baseless);
    let unreasoned = json!({ "ground": "NON_COMPLIANCE_WITH_RULES" });
    let unreasoned = denied(&service, OFFICER, &waiting, "PRELIMINARY_REFUSAL", intention(&unreasoned)).await;
    told.status("REASON_REQUIRED", "a ground without reasons", &unreasoned);
    let unheard = denied(&service, OFFICER, &waiting, "REFUSE", refusal()).await;
    told.status("HEARING_REQUIRED", "refused before it was announced", &unheard);
    let document = json!({ "result": "APPROVED", "document": "PASSPORT_INSERT" });
    let document = denied(&service, OFFICER, &waiting, "APPROVE", document).await;
    told.status("DOCUMENT_NOT_APPLICABLE", "an insert to the passport for a temporary stay by portal", &document);

    let announced = done(&service, OFFICER, &waiting, "PRELIMINARY_REFUSAL", intention(&grounds())).await;
    let early = denied(&service, SUPERVISOR, &announced, "REFUSE", refusal()).await;
    told.status("OBJECTION_PERIOD_OPEN", "refused while the applicant may object", &early);
    let early = denied(&service, OFFICER, &announced, "REFUSE", refusal()).await;
    told.status("OTHER_OFFICER_REQUIRED", "refused by the officer who announced it", &early);
    let protocol =
        json!({ "result": "OBJECTION_DISMISSED", "protocol": { "place": "Berlin", "signed_by_chair": false } });
    let protocol = denied(&service, OFFICER, &announced, "RECORD_HEARING", protocol).await;
    told.status("PROTOCOL_INCOMPLETE", "a protocol with a place and an open signature", &protocol);

    let heard = json!({ "result": "OBJECTION_UPHELD", "protocol": protocol_of_hearing() });
    set_clock(&service, now() + TimeDelta::minutes(10)).await;
    let heard = done(&service, OFFICER, &announced, "RECORD_HEARING", heard).await;
    let upheld = denied(&service, SUPERVISOR, &heard, "REFUSE", refusal()).await;
    told.status("HEARING_REQUIRED", "refused although the objection was upheld", &upheld);
    insta::assert_snapshot!(told.0);
}

fn protocol_of_hearing() -> Value {
    json!({
        "place": "Berlin", "begin": (now() + TimeDelta::minutes(2)).to_rfc3339(),
        "end": (now() + TimeDelta::minutes(5)).to_rfc3339(), "body": "Embassy in Berlin", "official": "Consul",
        "secretary": "Attaché", "participant": "The applicant", "question": "Citizenship",
        "explanations": "A passport was shown.", "signed_by_chair": true, "signed_by_secretary": true,
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_act_of_the_wrong_person_or_on_the_wrong_state_is_told_so() {
    let service = Service::sqlite().await;
    let mut told = Told::default();
    let waiting = waiting(&service).await;
    let claimed = || json!({ "result": "CLAIMED" });

    let foreign = denied(&service, "officers/istanbul-officer", &waiting, "CLAIM", claimed()).await;
    told.status("OUT_OF_JURISDICTION", "an officer of another mission", &foreign);
    let citizen = denied(&service, "citizens/assel", &waiting, "CLAIM", claimed()).await;
    told.status("SIGNER_NOT_OFFICER", "a citizen takes the application up", &citizen);
    let stranger = denied(&service, "citizens/daniyar", &waiting, "WITHDRAW", json!({ "result": "WITHDRAWN" })).await;
    told.status("SIGNER_MISMATCH", "somebody else takes the application back", &stranger);
    let upheld = json!({ "result": "OBJECTION_UPHELD", "protocol": protocol_of_hearing() });
    let unannounced = denied(&service, OFFICER, &waiting, "RECORD_HEARING", in_the_past(upheld)).await;
    told.status("WRONG_STATE", "a hearing that was never announced", &unannounced);
    let nowhere = json!({ "result": "FORWARDED", "mission": "KZ-ZZ-ZZZ" });
    let nowhere = denied(&service, OFFICER, &waiting, "FORWARD", nowhere).await;
    told.status("FORM_INVALID", "forwarded to a mission that does not exist", &nowhere);
    done(&service, OFFICER, &waiting, "CLAIM", claimed()).await;
    let stale = denied(&service, SUPERVISOR, &waiting, "CLAIM", claimed()).await;
    told.status("VERSION_CONFLICT", "the application has changed since it was read", &stale);
    let gone: Result<(), Status> =
        act(&service, OFFICER, ("applications/01920000-0000-7000-8000-000000000001", "1"), "CLAIM", claimed()).await;
    let gone = gone.unwrap_err();
    assert_eq!(gone.code(), Code::NotFound);
    told.status("NOT_FOUND", "an application that does not exist", &gone);
    insta::assert_snapshot!(told.0);
}

/// A hearing that is over already.
fn in_the_past(mut decision: Value) -> Value {
    decision["protocol"]["begin"] = json!("2026-03-20T09:00:00Z");
    decision["protocol"]["end"] = json!("2026-03-20T09:30:00Z");
    decision
}
