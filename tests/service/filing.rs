//! Filing and deciding where somebody might get in between: minors, representatives, rivals, copies, acts that come too late.

use consular_registration::config::Settings;
use consular_registration::grpc::client::{Refusal, answer};
use consular_registration::grpc::proto::submit_application_request::Signed;
use consular_registration::grpc::proto::{
    Application, ApplicationState, ApproveApplicationRequest, SubmitApplicationRequest, VerifyEvidenceRequest,
};
use consular_registration::registration::form::Kind;
use serde_json::{Value, json};

use super::support::service::{Sandbox, Service, metadata, now, refusal};

fn act(service: &Service, officer: &str, application: &Application, act: Value) -> Vec<u8> {
    let mut act = act;
    act["subject"] = json!(application.name);
    act["etag"] = json!(application.etag);
    act["time"] = json!(now().to_rfc3339());
    service.sandbox.sign(&format!("officers/{officer}"), &serde_json::to_vec(&act).unwrap())
}

async fn verify(
    service: &Service,
    officer: &str,
    application: &Application,
    evidence: &str,
    request_id: &str,
) -> Result<Application, Refusal> {
    let decision = json!({ "result": "VERIFIED", "evidence": evidence });
    let signed_act = act(service, officer, application, json!({ "act": "VERIFY_EVIDENCE", "decision": decision }));
    let request = VerifyEvidenceRequest { request_id: request_id.to_owned(), signed_act };
    match answer(service.client.reviews().verify_evidence(request)).await {
        Ok(response) => Ok(response.application.unwrap()),
        Err(error) => Err(refusal(error)),
    }
}

async fn approve(service: &Service, officer: &str, application: &Application) -> Result<Application, Refusal> {
    let approval = json!({ "act": "APPROVE", "decision": { "result": "APPROVED" } });
    let signed_act = act(service, officer, application, approval);
    let request = ApproveApplicationRequest { request_id: String::new(), signed_act };
    match answer(service.client.reviews().approve_application(request)).await {
        Ok(response) => Ok(response.application.unwrap()),
        Err(error) => Err(refusal(error)),
    }
}

fn awaited(refusal: &Refusal) -> Vec<&str> {
    refusal.findings.iter().map(|finding| finding.kind.as_str()).collect()
}

fn reasons(application: &Application) -> Vec<&str> {
    application.findings.iter().map(|finding| finding.reason.as_str()).collect()
}

/// A form of `citizen` that names `representative` as its guardian, signed by that one.
fn guarded(sandbox: &Sandbox, citizen: &str, representative: &str) -> Vec<u8> {
    let mut form = serde_json::to_value(sandbox.form(citizen, Kind::Temporary)).unwrap();
    form["representative"] = json!({
        "kind": "GUARDIAN", "iin": sandbox.person(representative).iin, "name": "Қорғаншы",
        "proof": { "title": "Сот шешімі", "number": "1", "issuer": "Сот", "issued_on": "2020-01-01" }
    });
    sandbox.sign(&format!("citizens/{representative}"), &serde_json::to_vec(&form).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_minor_registers_by_a_representative_whose_right_an_officer_has_established() {
    let service = Service::sqlite().await;
    let content = std::fs::read(service.sandbox.file("forms/minor.json")).unwrap();
    let alone = service.submit(service.sandbox.sign("citizens/minor", &content)).await.unwrap_err();
    assert_eq!((alone.code, alone.reason.as_str()), ("FAILED_PRECONDITION", "SIGNER_MISMATCH"));

    let accepted = service.submit(service.sandbox.sign("citizens/assel", &content)).await.unwrap();
    let waiting = service.reaches(&accepted.name, ApplicationState::InReview).await;
    let officer = "berlin-officer";
    let early = approve(&service, officer, &waiting).await.unwrap_err();
    assert_eq!(early.reason, "STILL_AWAITING");
    assert!(awaited(&early).contains(&"REPRESENTATION"), "{early:?}");
    let identified = verify(&service, officer, &waiting, "IDENTITY_DOCUMENT", "").await.unwrap();
    let early = approve(&service, officer, &identified).await.unwrap_err();
    assert_eq!(awaited(&early), ["REPRESENTATION"]);
    let proved = verify(&service, officer, &identified, "REPRESENTATION_PROOF", "").await.unwrap();
    approve(&service, officer, &proved).await.unwrap();
    service.reaches(&accepted.name, ApplicationState::Completed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_names_another_persons_number_learns_nothing_of_the_register() {
    let service = Service::sqlite().await;
    let form = service.sandbox.form("assel", Kind::Temporary);
    let registered = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
    let registered = service.reaches(&registered.name, ApplicationState::Completed).await;
    assert!(!registered.registration.is_empty());

    let preview = async |citizen: &str| {
        let request = SubmitApplicationRequest {
            request_id: String::new(),
            validate_only: true,
            signed: Some(Signed::SignedApplication(guarded(&service.sandbox, citizen, "daniyar"))),
        };
        answer(service.client.applications().submit_application(request)).await.unwrap().application.unwrap()
    };
    assert_eq!(preview("assel").await.findings, preview("student").await.findings);

    let accepted = service.submit(guarded(&service.sandbox, "assel", "daniyar")).await.unwrap();
    let waiting = service.reaches(&accepted.name, ApplicationState::InReview).await;
    let told = format!("{waiting:?}");
    assert!(!told.contains("/R/") && !told.contains("REGISTERED") && !told.contains("TRANSFER"), "{told}");
    // The officer establishes both and is told then.
    let identified = verify(&service, "berlin-officer", &waiting, "IDENTITY_DOCUMENT", "").await.unwrap();
    let proved = verify(&service, "berlin-officer", &identified, "REPRESENTATION_PROOF", "").await.unwrap();
    assert_eq!(reasons(&proved), ["ALREADY_REGISTERED"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_open_applications_of_one_person_the_second_waits_for_an_officer() {
    let paused = Settings { outbox_workers: 0, ..Settings::default() };
    let service = Service::over(Sandbox::new(), paused).await;
    let mut filed = Vec::new();
    for _ in 0..2 {
        let form = service.sandbox.form("assel", Kind::Temporary);
        filed.push(service.submit(service.sandbox.signed("assel", &form)).await.unwrap().name);
    }
    let Service { sandbox, .. } = service;
    let service = Service::over(sandbox, Settings::default()).await;
    service.reaches(&filed[0], ApplicationState::Completed).await;
    let second = service.reaches(&filed[1], ApplicationState::InReview).await;
    assert_eq!(reasons(&second), ["ALREADY_REGISTERED"]);
    let refused = approve(&service, "berlin-officer", &second).await.unwrap_err();
    assert_eq!((refused.reason.as_str(), awaited(&refused)), ("STILL_AWAITING", vec!["PRESENT_REGISTRATION"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approval_is_refused_when_another_application_has_led_to_a_registration_meanwhile() {
    let service = Service::sqlite().await;
    let officer = "new-york-officer";
    let mut reviewed = Vec::new();
    for _ in 0..2 {
        let form = service.sandbox.form("daniyar", Kind::Permanent);
        let accepted = service.submit(service.sandbox.signed("daniyar", &form)).await.unwrap();
        let waiting = service.reaches(&accepted.name, ApplicationState::InReview).await;
        reviewed.push(verify(&service, officer, &waiting, "DEPARTURE_DECISION", "").await.unwrap());
    }
    let approved = approve(&service, officer, &reviewed[0]).await.unwrap();
    let refused = approve(&service, officer, &reviewed[1]).await.unwrap_err();
    assert_eq!((refused.reason.as_str(), awaited(&refused)), ("STILL_AWAITING", vec!["PRESENT_REGISTRATION"]));

    // What is approved is acted on no more, and ends.
    let late = verify(&service, officer, &approved, "DEPARTURE_DECISION", "").await.unwrap_err();
    assert!(["WRONG_STATE", "VERSION_CONFLICT"].contains(&late.reason.as_str()), "{late:?}");
    service.reaches(&approved.name, ApplicationState::Completed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_done_to_an_approved_application_before_it_ends() {
    let service = Service::sqlite().await;
    let form = service.sandbox.form("daniyar", Kind::Permanent);
    let accepted = service.submit(service.sandbox.signed("daniyar", &form)).await.unwrap();
    let waiting = service.reaches(&accepted.name, ApplicationState::InReview).await;
    let verified = verify(&service, "new-york-officer", &waiting, "DEPARTURE_DECISION", "").await.unwrap();

    // The same review with the work of ending paused.
    let Service { sandbox, .. } = service;
    let service = Service::over(sandbox, Settings { outbox_workers: 0, ..Settings::default() }).await;
    let approved = approve(&service, "new-york-officer", &verified).await.unwrap();
    assert_eq!(approved.state(), ApplicationState::InReview);
    let decision = json!({ "result": "REFUTED", "evidence": "DEPARTURE_DECISION" });
    let late = act(&service, "new-york-officer", &approved, json!({ "act": "VERIFY_EVIDENCE", "decision": decision }));
    let request = VerifyEvidenceRequest { request_id: String::new(), signed_act: late };
    let late = refusal(answer(service.client.reviews().verify_evidence(request)).await.unwrap_err());
    assert_eq!((late.code, late.reason.as_str()), ("FAILED_PRECONDITION", "WRONG_STATE"));
    let again = approve(&service, "new-york-officer", &approved).await.unwrap_err();
    assert_eq!(again.reason, "WRONG_STATE");

    let Service { sandbox, .. } = service;
    let service = Service::over(sandbox, Settings::default()).await;
    service.reaches(&accepted.name, ApplicationState::Completed).await;
}

async fn the_same_act_at_once(service: Service) {
    let form = service.sandbox.form("daniyar", Kind::Permanent);
    let accepted = service.submit(service.sandbox.signed("daniyar", &form)).await.unwrap();
    let waiting = service.reaches(&accepted.name, ApplicationState::InReview).await;
    let decision = json!({ "result": "VERIFIED", "evidence": "DEPARTURE_DECISION" });
    let act = json!({ "act": "VERIFY_EVIDENCE", "decision": decision });
    let signed_act = self::act(&service, "new-york-officer", &waiting, act);
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (client, signed_act) = (service.client.clone(), signed_act.clone());
        calls.spawn(async move {
            let request = VerifyEvidenceRequest { request_id: "one".into(), signed_act };
            answer(client.reviews().verify_evidence(request)).await.map(|response| response.application.unwrap())
        });
    }
    let answers: Vec<_> = calls.join_all().await.into_iter().map(|answer| answer.expect("a replay")).collect();
    assert!(answers.iter().all(|answer| answer.etag == answers[0].etag && answer.name == waiting.name));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_act_at_once_is_answered_as_a_replay_on_sqlite() {
    the_same_act_at_once(Service::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_act_at_once_is_answered_as_a_replay_on_postgres() {
    the_same_act_at_once(Service::postgres().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_officer_without_a_role_does_nothing_and_the_table_is_followed() {
    let sandbox = Sandbox::new();
    let table = std::fs::read_to_string(sandbox.file("officers.toml")).unwrap();
    let without_roles: String = table
        .lines()
        .map(|line| if line.starts_with("roles") { "roles = []\n".to_owned() } else { format!("{line}\n") })
        .collect();
    assert_ne!(table, without_roles);
    std::fs::write(sandbox.file("officers.toml"), without_roles).unwrap();
    let service = Service::over(sandbox, Settings::default()).await;
    let form = service.sandbox.form("daniyar", Kind::Permanent);
    let accepted = service.submit(service.sandbox.signed("daniyar", &form)).await.unwrap();
    let waiting = service.reaches(&accepted.name, ApplicationState::InReview).await;
    let refused = verify(&service, "new-york-officer", &waiting, "DEPARTURE_DECISION", "").await.unwrap_err();
    assert_eq!(refused.reason, "SIGNER_NOT_OFFICER");

    std::fs::write(service.sandbox.file("officers.toml"), table).unwrap();
    let begun = std::time::Instant::now();
    while let Err(refused) = verify(&service, "new-york-officer", &waiting, "DEPARTURE_DECISION", "").await {
        assert_eq!(refused.reason, "SIGNER_NOT_OFFICER");
        assert!(begun.elapsed().as_secs() < 60, "the table is followed");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_officer_files_at_the_mission_under_an_authority_for_officers_only() {
    let sandbox = Sandbox::new();
    let trust = std::fs::read_to_string(sandbox.file("trust.toml")).unwrap();
    std::fs::write(sandbox.file("trust.toml"), trust.replace("\"APPLICANTS\", ", "")).unwrap();
    let service = Service::over(sandbox, Settings::default()).await;
    let form = serde_json::to_vec(&service.sandbox.form("assel", Kind::Temporary)).unwrap();
    let filed = service.submit(service.sandbox.sign("officers/berlin-officer", &form)).await.unwrap();
    assert_eq!(filed.channel().as_str_name(), "CHANNEL_MISSION");
    let refused = service.submit(service.sandbox.sign("citizens/assel", &form)).await.unwrap_err();
    assert_eq!(refused.reason, "SIGNATURE_INVALID", "{refused:?}");
    assert!(!metadata(&refused, "validation_report").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_signature_is_told_of_the_field_it_came_in() {
    let service = Service::sqlite().await;
    let garbage = b"\x30\x03abc".to_vec();
    let refused = service.submit(garbage.clone()).await.unwrap_err();
    assert_eq!(refused.fields[0].field, "signed_application");
    let request = ApproveApplicationRequest { request_id: String::new(), signed_act: garbage };
    let refused = refusal(answer(service.client.reviews().approve_application(request)).await.unwrap_err());
    assert_eq!(refused.fields[0].field, "signed_act");
}
