//! What applications and acts about a registration are told.

use consular_registration::grpc::client::answer;
use consular_registration::grpc::proto::{ApplicationState, GetRegistrationRequest};
use consular_registration::registration::form::{ApplicationForm, ApplicationType, Kind};
use serde_json::{Value, json};

use super::super::support::service::Service;
use super::{Told, act, filed};

const ASSEL: &str = "citizens/assel";
const OFFICER: &str = "officers/berlin-officer";

fn removal(ground: &str) -> Value {
    json!({ "result": "DEREGISTERED", "ground": ground })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_fit_the_register_is_told_with_the_way_out() {
    let service = Service::sqlite().await;
    let mut told = Told::default();
    let form = |application_type| {
        let mut form = service.sandbox.form("assel", Kind::Temporary);
        form.application_type = application_type;
        form
    };
    let deregistration = |deregistration: Value| -> ApplicationForm {
        let mut tree = serde_json::to_value(form(ApplicationType::Deregister)).unwrap();
        tree["deregistration"] = deregistration;
        serde_json::from_value(tree).unwrap()
    };
    let registered = filed(&service, ASSEL, &form(ApplicationType::Register), ApplicationState::Completed).await;

    let mut moved = form(ApplicationType::Change);
    moved.card.stay.host_address.as_mut().unwrap().subdivision = Some("DE-HE".parse().unwrap());
    let moved = filed(&service, ASSEL, &moved, ApplicationState::Returned).await;
    told.finding("TRANSFER_REQUIRED", "a change of address into another district", &moved);
    let elsewhere: ApplicationForm =
        serde_json::from_slice(&std::fs::read(service.sandbox.file("forms/transfer.json")).unwrap()).unwrap();
    let elsewhere = ApplicationForm { application_type: ApplicationType::Register, ..elsewhere };
    let elsewhere = filed(&service, ASSEL, &elsewhere, ApplicationState::InReview).await;
    told.finding("TRANSFER_REQUIRED", "a second registration at another mission", &elsewhere);
    let mut longer = form(ApplicationType::Change);
    longer.card.stay.until = longer.card.stay.until.map(|last| last + chrono::Days::new(1));
    let longer = filed(&service, ASSEL, &longer, ApplicationState::Returned).await;
    told.finding("STAY_PERIOD_INVALID", "a change that prolongs the stay", &longer);

    let lasting = deregistration(json!({ "ground": "STAY_EXPIRED" }));
    let lasting = filed(&service, ASSEL, &lasting, ApplicationState::Returned).await;
    told.finding("DEREG_GROUND_INVALID", "the end of a stay that has not ended", &lasting);
    let unproved = deregistration(json!({ "ground": "CITIZENSHIP_LOST" }));
    let unproved = filed(&service, ASSEL, &unproved, ApplicationState::Returned).await;
    told.finding("EVIDENCE_REQUIRED", "loss of citizenship without a document", &unproved);
    let returned = deregistration(json!({ "ground": "OWN_APPLICATION", "returned_on": "2026-03-20" }));
    let returned = filed(&service, OFFICER, &returned, ApplicationState::Returned).await;
    told.finding("OUT_OF_JURISDICTION", "a citizen back in Kazakhstan applies at a mission", &returned);
    let mut claimed = deregistration(json!({ "ground": "CITIZENSHIP_LOST" }));
    let proof = json!([{ "kind": "DEREGISTRATION_PROOF", "digest": "0".repeat(64), "media_type": "application/pdf" }]);
    claimed.evidence = serde_json::from_value(proof).unwrap();
    let claimed = filed(&service, ASSEL, &claimed, ApplicationState::InReview).await;
    told.finding("DEREG_GROUND_NOT_VERIFIED", "nobody has verified that document", &claimed);

    let request = GetRegistrationRequest { name: registered.registration };
    let seen = answer(service.client.registrations().get_registration(request)).await.unwrap().registration.unwrap();
    for (code, when, signer, decision) in [
        ("DEREG_GROUND_INVALID", "an officer removes on the citizen's own wish", OFFICER, removal("OWN_APPLICATION")),
        ("DEREG_GROUND_INVALID", "an officer removes before the stay has ended", OFFICER, removal("STAY_EXPIRED")),
        ("EVIDENCE_REQUIRED", "an officer removes without a document", OFFICER, removal("DEATH_OR_COURT_DECISION")),
        (
            "OUT_OF_JURISDICTION",
            "an officer of another mission removes",
            "officers/istanbul-officer",
            removal("STAY_EXPIRED"),
        ),
    ] {
        let refused = act(&service, signer, (&seen.name, &seen.etag), "DEREGISTER", decision).await.unwrap_err();
        told.status(code, when, &refused);
    }
    let stale = act(
        &service,
        OFFICER,
        (&seen.name, "9"),
        "ANNUL",
        json!({ "result": "ANNULLED", "reason": { "kk": "Қате жазба.", "ru": "Ошибочная запись." } }),
    )
    .await
    .unwrap_err();
    told.status("VERSION_CONFLICT", "the registration has changed since it was read", &stale);
    insta::assert_snapshot!(told.0);
}
