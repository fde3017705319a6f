//! What is recorded and waits for an officer, and what an early approval is told.

use consular_registration::grpc::proto::ApplicationState;
use consular_registration::registration::form::{ApplicationForm, ApplicationType, DocumentType, Kind};
use serde_json::json;

use super::super::support::service::Service;
use super::{Told, denied, filed};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_decision_waits_for_is_recorded_and_withholds_approval() {
    let service = Service::sqlite().await;
    let mut told = Told::default();
    let mut foreigner = service.sandbox.form("assel", Kind::Temporary);
    foreigner.card.identity.document.as_mut().unwrap().document_type = Some(DocumentType::ResidencePermit);
    let mut nameless = service.sandbox.form("daniyar", Kind::Permanent);
    nameless.card.departure_decision.as_mut().unwrap().number = None;
    let permanent = service.sandbox.form("daniyar", Kind::Permanent);
    let mut elsewhere = service.sandbox.form("assel", Kind::Temporary);
    elsewhere.card.stay.host_address.as_mut().unwrap().subdivision = None;
    let mut certificate = service.sandbox.form("assel", Kind::Temporary);
    certificate.application_type = ApplicationType::Certificate;
    let represented = std::fs::read(service.sandbox.file("forms/minor.json")).unwrap();
    let represented: ApplicationForm = serde_json::from_slice(&represented).unwrap();

    let cases = [
        ("NOT_RK_CITIZEN", "the document shown is a foreigner's", "assel", foreigner, "berlin-officer"),
        ("IDENTITY_NOT_VERIFIED", "a parent signed for the child", "assel", represented.clone(), "berlin-officer"),
        (
            "REPRESENTATION_NOT_VERIFIED",
            "nobody has seen the proof of the parent's right",
            "assel",
            renewed(represented),
            "berlin-officer",
        ),
        ("EXIT_DECISION_REQUIRED", "the departure decision has no number", "daniyar", nameless, "new-york-officer"),
        (
            "EXIT_DECISION_NOT_VERIFIED",
            "nobody has verified the departure decision",
            "daniyar",
            permanent,
            "new-york-officer",
        ),
        (
            "WRONG_CONSULAR_DISTRICT",
            "the address does not name its part of a divided country",
            "assel",
            elsewhere,
            "berlin-officer",
        ),
        ("NO_REGISTRATION", "a certificate for who is not registered", "assel", certificate, "berlin-officer"),
    ];
    for (code, when, citizen, form, officer) in cases {
        let waiting = filed(&service, &format!("citizens/{citizen}"), &form, ApplicationState::InReview).await;
        told.finding(code, when, &waiting);
        let officer = format!("officers/{officer}");
        let early = denied(&service, &officer, &waiting, "APPROVE", json!({ "result": "APPROVED" })).await;
        told.status("STILL_AWAITING", "its early approval", &early);
    }
    insta::assert_snapshot!(told.0);
}

/// The same application filed as another one.
fn renewed(form: ApplicationForm) -> ApplicationForm {
    ApplicationForm { application_id: uuid::Uuid::new_v4(), ..form }
}
