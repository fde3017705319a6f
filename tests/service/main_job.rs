//! The main job through gRPC, on both databases: one signed application travels the whole way.

use consular_registration::grpc::client::{answer, next};
use consular_registration::grpc::proto::submit_application_request::Signed;
use consular_registration::grpc::proto::{
    Application, ApplicationState, ApproveApplicationRequest, DetachedApplication, Document, DocumentKind,
    GetClockRequest, GetRegistrationRequest, GetValidationReportRequest, RegistrationState, SetClockRequest,
    SubmitApplicationRequest, VerifyEvidenceRequest, WatchApplicationRequest,
};
use consular_registration::registration::form::Kind;
use serde_json::json;
use uuid::Uuid;

use super::support::service::{Service, metadata, now, refusal, submit};

with_each_database! {
    async fn a_temporary_application_by_portal_completes_without_an_officer(service: Service) {
        let form = service.sandbox.form("assel", Kind::Temporary);
        let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        assert_eq!(accepted.state(), ApplicationState::Accepted);
        assert_eq!(accepted.number, format!("KZ-DE-BER/{}/000001", now().format("%Y")));
        assert!(accepted.due_time.is_some());
        assert_eq!(accepted.application_id, form.application_id.to_string());

        let completed = service.reaches(&accepted.name, ApplicationState::Completed).await;
        let documents = service.documents(&accepted.name).await;
        let notifications = service.notifications(&accepted.name).await;
        let kinds: Vec<DocumentKind> = documents.iter().map(Document::kind).collect();
        assert_eq!(kinds, [DocumentKind::Receipt, DocumentKind::NoticeOfTemporaryRegistration]);
        assert_eq!(notifications.len(), 1);
        assert!(notifications[0].body.contains(&documents[1].number), "the notification names the document");

        let request = GetRegistrationRequest { name: completed.registration };
        let registration = answer(service.client.registrations().get_registration(request)).await.unwrap();
        let registration = registration.registration.unwrap();
        assert_eq!(registration.state(), RegistrationState::Active);
        assert_eq!(registration.application, accepted.name);
        assert_eq!(registration.valid_until, form.card.stay.until.unwrap().to_string());
    }

    async fn a_key_of_the_kind_that_is_issued_today_files_an_application(service: Service) {
        let form = service.sandbox.form("gost", Kind::Temporary);
        let accepted = service.submit(service.sandbox.signed("gost", &form)).await.unwrap();
        service.reaches(&accepted.name, ApplicationState::Completed).await;
        let form = service.sandbox.form("gost-revoked", Kind::Temporary);
        let refused = service.submit(service.sandbox.signed("gost-revoked", &form)).await.unwrap_err();
        assert_eq!(metadata(&refused, "sub_indication"), "REVOKED_NO_POE");
    }

    async fn a_permanent_application_waits_for_an_officer_and_then_completes(service: Service) {
        let form = service.sandbox.form("daniyar", Kind::Permanent);
        let accepted = service.submit(service.sandbox.signed("daniyar", &form)).await.unwrap();
        let waiting = service.reaches(&accepted.name, ApplicationState::InReview).await;
        assert!(waiting.awaiting.is_some(), "it says what is awaited");

        // Not by an officer of another mission, and not before the evidence is verified.
        let foreign = act(&service, "berlin-officer", &waiting, &approval());
        assert_eq!(approve(&service, foreign).await.unwrap_err().code, "PERMISSION_DENIED");
        let early = act(&service, "new-york-officer", &waiting, &approval());
        assert_eq!(approve(&service, early).await.unwrap_err().code, "FAILED_PRECONDITION");

        let verified = json!({ "result": "VERIFIED", "evidence": "DEPARTURE_DECISION" });
        let verified = json!({ "act": "VERIFY_EVIDENCE", "decision": verified });
        let request = VerifyEvidenceRequest {
            request_id: "evidence-1".into(),
            signed_act: act(&service, "new-york-officer", &waiting, &verified),
        };
        let reviewed = answer(service.client.reviews().verify_evidence(request.clone())).await.unwrap();
        let repeated = answer(service.client.reviews().verify_evidence(request)).await.unwrap();
        assert_eq!(reviewed, repeated, "a repeated call gives the original result");
        let reviewed = reviewed.application.unwrap();

        let stale = act(&service, "new-york-officer", &waiting, &approval());
        let stale = approve(&service, stale).await.unwrap_err();
        assert_eq!((stale.code, stale.reason.as_str()), ("ABORTED", "VERSION_CONFLICT"));
        approve(&service, act(&service, "new-york-officer", &reviewed, &approval())).await.unwrap();
        service.reaches(&accepted.name, ApplicationState::Completed).await;
        assert_eq!(service.documents(&accepted.name).await.len(), 2, "the receipt and the notice");
    }

    async fn an_incomplete_card_is_accepted_and_returned_with_remarks(service: Service) {
        let mut form = service.sandbox.form("assel", Kind::Temporary);
        form.card.identity.birth_place = None;
        form.consent = None;
        let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        let returned = service.reaches(&accepted.name, ApplicationState::Returned).await;
        let reasons: Vec<&str> = returned.findings.iter().map(|finding| finding.reason.as_str()).collect();
        assert_eq!(reasons, ["CARD_INCOMPLETE", "CONSENT_MISSING"]);
        assert_eq!(service.notifications(&accepted.name).await[0].kind, "APPLICATION_RETURNED");
    }

    async fn the_same_content_again_gives_the_original_result(service: Service) {
        let form = service.sandbox.form("assel", Kind::Temporary);
        let signed = service.sandbox.signed("assel", &form);
        let first = submit(&service.client, signed.clone(), "one").await.unwrap();
        let again = submit(&service.client, signed.clone(), "one").await.unwrap();
        assert_eq!(first.name, again.name);
        // Also once the registration exists, which would keep a new application out.
        service.reaches(&first.name, ApplicationState::Completed).await;
        let late = submit(&service.client, signed, "two").await.unwrap();
        assert_eq!((late.name, late.number), (first.name.clone(), first.number));

        let mut other = form.clone();
        other.card.contacts.phones.truncate(1);
        other.card.life.education = Some("another".parse().unwrap());
        let reused = submit(&service.client, service.sandbox.signed("assel", &other), "").await.unwrap_err();
        assert_eq!(reused.code, "ALREADY_EXISTS");
        let form = service.sandbox.form("student", Kind::Temporary);
        let reused = submit(&service.client, service.sandbox.signed("student", &form), "one").await.unwrap_err();
        assert_eq!(reused.code, "ALREADY_EXISTS");
        assert_eq!(service.documents(&first.name).await.len(), 2, "the receipt and the notice");
    }

    async fn who_is_registered_already_is_told_so(service: Service) {
        let first = service.sandbox.form("assel", Kind::Temporary);
        let first = service.submit(service.sandbox.signed("assel", &first)).await.unwrap();
        service.reaches(&first.name, ApplicationState::Completed).await;
        let second = service.sandbox.form("assel", Kind::Temporary);
        let refused = service.submit(service.sandbox.signed("assel", &second)).await.unwrap_err();
        assert_eq!((refused.code, refused.reason.as_str()), ("FAILED_PRECONDITION", "ALREADY_REGISTERED"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_input_gets_a_typed_error_and_opens_nothing() {
    let service = Service::sqlite().await;
    let sandbox = &service.sandbox;
    let form = |citizen: &str| sandbox.form(citizen, Kind::Temporary);
    let signed = |citizen: &str| sandbox.signed(citizen, &form(citizen));

    let mut flipped = signed("assel");
    let place = flipped.windows(10).position(|window| window == b"\"audience\"").unwrap();
    flipped[place + 1] ^= 2;
    let other_audience = {
        let mut form = form("assel");
        form.audience = "kz.consular-registration".parse().unwrap();
        sandbox.signed("assel", &form)
    };
    let mut unknown_field = serde_json::to_value(form("assel")).unwrap();
    unknown_field["surprise"] = json!(1);
    let unknown_field = sandbox.sign("citizens/assel", &serde_json::to_vec(&unknown_field).unwrap());
    let twice = String::from_utf8(serde_json::to_vec(&form("assel")).unwrap()).unwrap();
    let twice = sandbox.sign("citizens/assel", twice.replacen('{', "{\"version\":1,", 1).as_bytes());

    let cases: Vec<(&str, Vec<u8>, &str, &str, &str)> = vec![
        ("tampered content", flipped, "INVALID_ARGUMENT", "SIGNATURE_INVALID", "HASH_FAILURE"),
        ("wrong signer", sandbox.signed("student", &form("assel")), "FAILED_PRECONDITION", "SIGNER_MISMATCH", ""),
        ("expired certificate", signed("expired"), "FAILED_PRECONDITION", "SIGNATURE_INVALID", "OUT_OF_BOUNDS_NO_POE"),
        ("revoked certificate", signed("revoked"), "FAILED_PRECONDITION", "SIGNATURE_INVALID", "REVOKED_NO_POE"),
        ("unknown root", signed("outsider"), "FAILED_PRECONDITION", "SIGNATURE_INVALID", "NO_CERTIFICATE_CHAIN_FOUND"),
        (
            "authentication key",
            signed("authentication-only"),
            "FAILED_PRECONDITION",
            "SIGNATURE_INVALID",
            "CHAIN_CONSTRAINTS_FAILURE",
        ),
        ("another audience", other_audience, "FAILED_PRECONDITION", "FORM_INVALID", ""),
        ("unknown field", unknown_field, "INVALID_ARGUMENT", "FORM_INVALID", ""),
        ("duplicate key", twice, "INVALID_ARGUMENT", "FORM_INVALID", ""),
        ("garbage", b"\x30\x03abc".to_vec(), "INVALID_ARGUMENT", "", ""),
        ("empty", Vec::new(), "INVALID_ARGUMENT", "", ""),
    ];
    for (case, signed, code, reason, sub_indication) in cases {
        let refused = service.submit(signed).await.expect_err(case);
        assert_eq!(refused.code, code, "{case}: {refused:?}");
        if !reason.is_empty() {
            assert_eq!(refused.reason, reason, "{case}: {refused:?}");
        }
        assert_eq!(metadata(&refused, "sub_indication"), sub_indication, "{case}: {refused:?}");
    }
    let oversized = service.submit(vec![0x30; 5 << 20]).await.expect_err("over the limit");
    assert!(["RESOURCE_EXHAUSTED", "OUT_OF_RANGE"].contains(&oversized.code), "{oversized:?}");

    // After all of it the first application is the first.
    let first = service.submit(signed("assel")).await.unwrap();
    assert!(first.number.ends_with("/000001"), "{}", first.number);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_detached_signature_needs_its_content_and_an_attached_one_none() {
    let service = Service::sqlite().await;
    let content = serde_json::to_vec(&service.sandbox.form("assel", Kind::Temporary)).unwrap();
    let attached = service.sandbox.sign("citizens/assel", &content);
    let both = SubmitApplicationRequest {
        request_id: String::new(),
        validate_only: false,
        signed: Some(Signed::Detached(DetachedApplication { content, signature: attached })),
    };
    let refused = refusal(answer(service.client.applications().submit_application(both)).await.unwrap_err());
    assert_eq!(refused.code, "INVALID_ARGUMENT");
    let neither = SubmitApplicationRequest { request_id: String::new(), validate_only: false, signed: None };
    let refused = refusal(answer(service.client.applications().submit_application(neither)).await.unwrap_err());
    assert_eq!(refused.code, "INVALID_ARGUMENT");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn validate_only_tells_the_remarks_and_opens_nothing() {
    let service = Service::sqlite().await;
    let mut form = service.sandbox.form("assel", Kind::Temporary);
    form.consent = None;
    let request = SubmitApplicationRequest {
        request_id: String::new(),
        validate_only: true,
        signed: Some(Signed::SignedApplication(service.sandbox.signed("assel", &form))),
    };
    let preview = answer(service.client.applications().submit_application(request)).await.unwrap().application.unwrap();
    assert_eq!((preview.name.as_str(), preview.number.as_str()), ("", ""));
    assert_eq!(preview.findings.iter().map(|finding| finding.reason.as_str()).collect::<Vec<_>>(), ["CONSENT_MISSING"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_national_test_identity_is_accepted_in_the_sandbox() {
    let service = Service::sqlite().await;
    let form = service.sandbox.form("test-iin", Kind::Temporary);
    assert_eq!(form.applicant.iin.as_str(), "123456789011");
    let accepted = service.submit(service.sandbox.signed("test-iin", &form)).await.unwrap();
    service.reaches(&accepted.name, ApplicationState::Completed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watch_tells_every_step_and_resumes_only_with_its_own_token() {
    let service = Service::sqlite().await;
    let form = service.sandbox.form("assel", Kind::Temporary);
    let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
    let watch =
        |resume_token: &str| WatchApplicationRequest { name: accepted.name.clone(), resume_token: resume_token.into() };
    let mut stream = answer(service.client.applications().watch_application(watch(""))).await.unwrap();
    let first = next(&mut stream).await.unwrap().unwrap();
    assert_eq!(first.event, "");
    let mut last = first.clone();
    while let Some(change) = next(&mut stream).await.unwrap() {
        last = change;
    }
    assert_eq!(last.application.unwrap().state(), ApplicationState::Completed);

    // From the end there is nothing more; a token changed in one letter is not one.
    let mut resumed = answer(service.client.applications().watch_application(watch(&last.resume_token))).await.unwrap();
    assert!(next(&mut resumed).await.unwrap().is_none());
    let forged: String = last.resume_token.chars().rev().collect();
    let refused = refusal(answer(service.client.applications().watch_application(watch(&forged))).await.unwrap_err());
    assert_eq!(refused.code, "INVALID_ARGUMENT");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clock_of_the_sandbox_can_be_set_and_certificates_expire_by_it() {
    let service = Service::sqlite().await;
    let far = now() + chrono::TimeDelta::days(400);
    let request = SetClockRequest { time: Some(prost_types::Timestamp { seconds: far.timestamp(), nanos: 0 }) };
    answer(service.client.sandbox().set_clock(request)).await.unwrap();
    let told = answer(service.client.sandbox().get_clock(GetClockRequest {})).await.unwrap().time.unwrap();
    assert!(told.seconds >= far.timestamp());
    let form = service.sandbox.form("assel", Kind::Temporary);
    let refused = service.submit(service.sandbox.signed("assel", &form)).await.unwrap_err();
    assert_eq!(metadata(&refused, "sub_indication"), "OUT_OF_BOUNDS_NO_POE", "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_names_a_report_that_can_be_read() {
    let service = Service::sqlite().await;
    let form = service.sandbox.form("revoked", Kind::Temporary);
    let refused = service.submit(service.sandbox.signed("revoked", &form)).await.unwrap_err();
    let request =
        GetValidationReportRequest { name: metadata(&refused, "validation_report").to_owned(), ..Default::default() };
    let report = answer(service.client.validations().get_validation_report(request)).await.unwrap().report.unwrap();
    assert_eq!((report.indication.as_str(), report.sub_indication.as_str()), ("INDETERMINATE", "REVOKED_NO_POE"));
    assert_eq!(report.trust_store_revision.to_string(), metadata(&refused, "trust_store_revision"));
    assert!(report.canonical_json.contains("REVOKED_NO_POE"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_exist_is_not_found() {
    let service = Service::sqlite().await;
    let name = format!("applications/{}", Uuid::nil());
    let refused = refusal(super::support::service::application(&service.client, &name).await.unwrap_err());
    assert_eq!(refused.code, "NOT_FOUND");
}

fn approval() -> serde_json::Value {
    json!({ "act": "APPROVE", "decision": { "result": "APPROVED" } })
}

/// Signs an act on the application as the officer saw it.
fn act(service: &Service, officer: &str, application: &Application, act: &serde_json::Value) -> Vec<u8> {
    let mut act = act.clone();
    act["subject"] = json!(application.name);
    act["etag"] = json!(application.etag);
    act["time"] = json!(now().to_rfc3339());
    service.sandbox.sign(&format!("officers/{officer}"), &serde_json::to_vec(&act).unwrap())
}

async fn approve(
    service: &Service,
    signed_act: Vec<u8>,
) -> Result<Application, consular_registration::grpc::client::Refusal> {
    let request = ApproveApplicationRequest { request_id: String::new(), signed_act };
    match answer(service.client.reviews().approve_application(request)).await {
        Ok(response) => Ok(response.application.unwrap()),
        Err(error) => Err(refusal(error)),
    }
}
