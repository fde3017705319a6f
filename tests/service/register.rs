//! The register's side of the procedure through gRPC, on both databases: change, extension, transfer, the end of a stay by the
//! sandbox's clock, removal on each ground, certificate, annulment.

use std::time::{Duration, Instant};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use consular_registration::grpc::client::{Refusal, answer};
use consular_registration::grpc::proto::{
    AnnulRegistrationRequest, Application, ApplicationState, ApproveApplicationRequest, DeregisterRegistrationRequest,
    DeregistrationGround, Document, DocumentKind, GetRegistrationRequest, ListRegistrationHistoryRequest,
    ListRegistrationsRequest, Registration, RegistrationChange, RegistrationState, SetClockRequest,
    VerifyEvidenceRequest,
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
    let decision = json!({ "result": "ANNULLED" });
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

with_each_database! {
    async fn a_change_writes_the_next_version_of_the_card(service: Service) {
        let last = in_days(100);
        let (_, opened) = register(&service, last).await;
        let mut change = until(&service, ApplicationType::Change, now(), last);
        change.card.contacts.phones = vec!["+77010000099".parse().unwrap()];
        let changed = complete(&service, &change).await;
        assert_eq!(changed.registration, opened.name);
        assert!(service.documents(&changed.name).await.is_empty(), "a change is an entry in the register");
        let now_stands = registration(&service, &opened.name).await;
        assert_eq!((now_stands.card_version, now_stands.state()), (2, RegistrationState::Active));
        assert_eq!((now_stands.number, now_stands.valid_until), (opened.number, last.to_string()));
        let steps = history(&service, &opened.name).await;
        let steps: Vec<_> = steps.iter().map(|step| (step.event.as_str(), step.card_version)).collect();
        assert_eq!(steps, [("registration.opened", 1), ("registration.changed", 2)]);

        // Out of the district it is a transfer, and a longer stay is an extension.
        let mut moved = until(&service, ApplicationType::Change, now(), last);
        moved.card.stay.host_address.as_mut().unwrap().subdivision = Some("DE-HE".parse().unwrap());
        let moved = file(&service, &moved).await.unwrap();
        assert_eq!(reasons(&service.reaches(&moved.name, ApplicationState::Returned).await), ["TRANSFER_REQUIRED"]);
        let longer = file(&service, &until(&service, ApplicationType::Change, now(), in_days(101))).await.unwrap();
        assert_eq!(reasons(&service.reaches(&longer.name, ApplicationState::Returned).await), ["STAY_PERIOD_INVALID"]);
    }

    async fn an_extension_moves_the_end_and_brings_an_overdue_registration_back(service: Service) {
        let last = in_days(20);
        let (_, opened) = register(&service, last).await;
        let same = file(&service, &until(&service, ApplicationType::Extend, now(), last)).await.unwrap();
        assert_eq!(reasons(&service.reaches(&same.name, ApplicationState::Returned).await), ["STAY_PERIOD_INVALID"]);

        set_clock(&service, noon(last, 1)).await;
        becomes(&service, &opened.name, RegistrationState::Overdue).await;
        let later = last + Days::new(90);
        let extended = complete(&service, &until(&service, ApplicationType::Extend, noon(last, 1), later)).await;
        let documents = service.documents(&extended.name).await;
        assert_eq!(documents[0].kind(), DocumentKind::NoticeOfTemporaryRegistration);
        let stands = registration(&service, &opened.name).await;
        assert_eq!((stands.state(), stands.valid_until), (RegistrationState::Active, later.to_string()));

        // What was scheduled for the former stay does nothing any more: the grace period of it passes.
        set_clock(&service, noon(last, 40)).await;
        told(&service, &extended.name, "STAY_ENDING", 1).await;
        assert_eq!(registration(&service, &opened.name).await.state(), RegistrationState::Active);
        let steps = ["registration.opened", "registration.overdue", "registration.extended"];
        assert_eq!(events(&service, &opened.name).await, steps);
    }

    async fn a_stay_ends_with_reminders_and_without_an_extension_the_registration_ends_too(service: Service) {
        let last = in_days(90);
        let (application, opened) = register(&service, last).await;
        for (before, reminders) in [(60, 1), (30, 2), (7, 3), (0, 4)] {
            set_clock(&service, noon(last, -before)).await;
            told(&service, &application.name, "STAY_ENDING", reminders).await;
        }
        assert_eq!(registration(&service, &opened.name).await.state(), RegistrationState::Active);
        set_clock(&service, noon(last, 1)).await;
        becomes(&service, &opened.name, RegistrationState::Overdue).await;
        told(&service, &application.name, "STAY_ENDED", 1).await;
        set_clock(&service, noon(last, 30)).await;
        let certificate = file(&service, &form(&service, ApplicationType::Certificate, noon(last, 30))).await.unwrap();
        let returned = service.reaches(&certificate.name, ApplicationState::Returned).await;
        assert_eq!(reasons(&returned), ["STAY_PERIOD_INVALID"], "an overdue registration is extended first");
        set_clock(&service, noon(last, 31)).await;
        let ended = becomes(&service, &opened.name, RegistrationState::Deregistered).await;
        assert_eq!(ended.deregistration_ground(), DeregistrationGround::StayExpired);
        told(&service, &application.name, "REGISTRATION_DEREGISTERED", 1).await;
        told(&service, &application.name, "STAY_ENDING", 4).await;
        noticed(&service, &application.name).await;

        // The person may register anew.
        let anew = until(&service, ApplicationType::Register, noon(last, 31), last + Days::new(200));
        assert_ne!(complete(&service, &anew).await.registration, opened.name);
    }

    async fn what_was_missed_while_the_service_stood_still_happens_once_in_order(service: Service) {
        let last = in_days(90);
        let (application, opened) = register(&service, last).await;
        set_clock(&service, noon(last, 60)).await;
        becomes(&service, &opened.name, RegistrationState::Deregistered).await;
        let steps = ["registration.opened", "registration.overdue", "registration.deregistered"];
        assert_eq!(events(&service, &opened.name).await, steps);
        told(&service, &application.name, "STAY_ENDING", 0).await;
    }

    async fn a_transfer_opens_there_and_ends_here_and_both_sides_see_it(service: Service) {
        let (first, at_berlin) = register(&service, in_days(100)).await;
        let same_place = file(&service, &form(&service, ApplicationType::Transfer, now())).await.unwrap();
        let waiting = service.reaches(&same_place.name, ApplicationState::InReview).await;
        assert_eq!(reasons(&waiting), ["ALREADY_REGISTERED"]);

        let transfer: ApplicationForm =
            serde_json::from_slice(&std::fs::read(service.sandbox.file("forms/transfer.json")).unwrap()).unwrap();
        let moved = complete(&service, &transfer).await;
        let at_istanbul = registration(&service, &moved.registration).await;
        assert_eq!((at_istanbul.mission.as_str(), at_istanbul.state()), ("KZ-TR-IST", RegistrationState::Active));
        assert!(at_istanbul.number.starts_with("KZ-TR-IST/R/"), "{}", at_istanbul.number);
        let ended = registration(&service, &at_berlin.name).await;
        assert_eq!(ended.state(), RegistrationState::Deregistered);
        assert_eq!(ended.deregistration_ground(), DeregistrationGround::RegisteredElsewhere);
        assert_eq!(history(&service, &at_berlin.name).await[1].application, moved.name);
        told(&service, &first.name, "REGISTRATION_DEREGISTERED", 1).await;
        assert_eq!(service.documents(&moved.name).await.len(), 1);

        let list = async |request: ListRegistrationsRequest| {
            answer(service.client.registrations().list_registrations(request)).await.unwrap()
        };
        let open = ListRegistrationsRequest { state: RegistrationState::Active.into(), ..Default::default() };
        assert_eq!(list(open).await.registrations, [at_istanbul]);
        let berlin = ListRegistrationsRequest { mission: "KZ-DE-BER".into(), ..Default::default() };
        assert_eq!(list(berlin).await.registrations, [ended]);
        let first = list(ListRegistrationsRequest { page_size: 1, ..Default::default() }).await;
        let rest = ListRegistrationsRequest { page_token: first.next_page_token.clone(), ..Default::default() };
        let rest = list(rest).await;
        assert_eq!((first.registrations.len(), rest.registrations.len()), (1, 1));
        assert_eq!(rest.next_page_token, "");
    }

    async fn a_citizen_is_removed_on_the_own_application_with_a_notice(service: Service) {
        let (_, opened) = register(&service, in_days(100)).await;
        let removed = complete(&service, &form(&service, ApplicationType::Deregister, now())).await;
        assert_eq!(service.documents(&removed.name).await[0].kind(), DocumentKind::NoticeOfDeregistration);
        let ended = registration(&service, &opened.name).await;
        assert_eq!(ended.deregistration_ground(), DeregistrationGround::OwnApplication);
        let again = file(&service, &form(&service, ApplicationType::Deregister, now())).await.unwrap();
        let waiting = service.reaches(&again.name, ApplicationState::InReview).await;
        assert_eq!(reasons(&waiting), ["NO_REGISTRATION"]);
    }

    async fn a_claimed_ground_is_verified_by_an_officer_first(service: Service) {
        let (_, opened) = register(&service, in_days(100)).await;
        let mut tree = serde_json::to_value(form(&service, ApplicationType::Deregister, now())).unwrap();
        tree["deregistration"] = json!({ "ground": "CITIZENSHIP_LOST" });
        let bare: ApplicationForm = serde_json::from_value(tree.clone()).unwrap();
        let bare = file(&service, &bare).await.unwrap();
        let returned = service.reaches(&bare.name, ApplicationState::Returned).await;
        assert!(reasons(&returned).contains(&"EVIDENCE_REQUIRED"), "{returned:?}");

        tree["application_id"] = json!(uuid::Uuid::new_v4());
        tree["evidence"] =
            json!([{ "kind": "DEREGISTRATION_PROOF", "digest": "0".repeat(64), "media_type": "application/pdf" }]);
        let accepted = file(&service, &serde_json::from_value(tree).unwrap()).await.unwrap();
        let waiting = service.reaches(&accepted.name, ApplicationState::InReview).await;
        assert_eq!(reasons(&waiting), ["DEREG_GROUND_NOT_VERIFIED"]);
        let verified = json!({ "result": "VERIFIED", "evidence": "DEREGISTRATION_PROOF" });
        let officer = "berlin-officer";
        let signed_act = act(&service, officer, &waiting.name, &waiting.etag, "VERIFY_EVIDENCE", &verified);
        let request = VerifyEvidenceRequest { request_id: String::new(), signed_act };
        let seen = answer(service.client.reviews().verify_evidence(request)).await.unwrap().application.unwrap();
        let signed_act = act(&service, officer, &seen.name, &seen.etag, "APPROVE", &json!({ "result": "APPROVED" }));
        let request = ApproveApplicationRequest { request_id: String::new(), signed_act };
        answer(service.client.reviews().approve_application(request)).await.unwrap();
        let ended = registration(&service, &opened.name).await;
        assert_eq!(ended.deregistration_ground(), DeregistrationGround::CitizenshipLost);
    }

    async fn an_officer_removes_a_citizen_by_a_signed_act(service: Service) {
        for (ground, wire) in [
            ("REGISTERED_ELSEWHERE", DeregistrationGround::RegisteredElsewhere),
            ("DEATH_OR_COURT_DECISION", DeregistrationGround::DeathOrCourtDecision),
            ("CITIZENSHIP_LOST", DeregistrationGround::CitizenshipLost),
        ] {
            let (application, opened) = register(&service, in_days(100)).await;
            let officer = "berlin-officer";
            let bare = deregister(&service, officer, &opened, removal(ground), "").await.unwrap_err();
            assert_eq!(reason(&bare), ("FAILED_PRECONDITION", "EVIDENCE_REQUIRED"));
            let foreign = deregister(&service, "istanbul-officer", &opened, proved_removal(ground), "").await;
            assert_eq!(reason(&foreign.unwrap_err()), ("PERMISSION_DENIED", "OUT_OF_JURISDICTION"));

            let signed = act(&service, officer, &opened.name, &opened.etag, "DEREGISTER", &proved_removal(ground));
            let ended = send_deregistration(&service, signed.clone(), ground).await.unwrap();
            assert_eq!((ended.state(), ended.deregistration_ground()), (RegistrationState::Deregistered, wire));
            assert_eq!(send_deregistration(&service, signed.clone(), ground).await.unwrap(), ended, "repeated");
            assert_eq!(reason(&send_deregistration(&service, signed, "").await.unwrap_err()).1, "VERSION_CONFLICT");
            let late = deregister(&service, officer, &ended, proved_removal(ground), "").await.unwrap_err();
            assert_eq!(reason(&late), ("FAILED_PRECONDITION", "WRONG_STATE"));
            told(&service, &application.name, "REGISTRATION_DEREGISTERED", 1).await;
            noticed(&service, &application.name).await;
            let last = history(&service, &opened.name).await.pop().unwrap();
            assert_eq!((last.event.as_str(), last.deregistration_ground()), ("registration.deregistered", wire));
            assert_ne!(last.validation_report, "");
        }
    }

    async fn some_grounds_are_none_for_an_officers_act(service: Service) {
        let last = in_days(20);
        let (_, opened) = register(&service, last).await;
        let officer = "berlin-officer";
        for ground in ["OWN_APPLICATION", "STAY_EXPIRED"] {
            let refused = deregister(&service, officer, &opened, proved_removal(ground), "").await.unwrap_err();
            assert_eq!(reason(&refused), ("FAILED_PRECONDITION", "DEREG_GROUND_INVALID"), "{ground}");
        }
        let wrong = annul(&service, officer, &Registration { etag: "9".into(), ..opened.clone() }).await.unwrap_err();
        assert_eq!(reason(&wrong), ("ABORTED", "VERSION_CONFLICT"));
        let citizen = service.sandbox.sign("citizens/assel", b"{}");
        assert_eq!(send_deregistration(&service, citizen, "").await.unwrap_err().code, "INVALID_ARGUMENT");
        // Once the stay has ended, an officer need not wait for the grace period.
        set_clock(&service, noon(last, 2)).await;
        let overdue = becomes(&service, &opened.name, RegistrationState::Overdue).await;
        let begin = Instant::now();
        let ended = loop {
            match deregister(&service, officer, &overdue, removal("STAY_EXPIRED"), "").await {
                Err(refused) if refused.code == "UNAVAILABLE" && begin.elapsed() < PATIENCE => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                other => break other.unwrap(),
            }
        };
        assert_eq!(ended.deregistration_ground(), DeregistrationGround::StayExpired);
    }

    async fn a_certificate_is_issued_to_who_is_registered(service: Service) {
        let early = file(&service, &form(&service, ApplicationType::Certificate, now())).await.unwrap();
        let waiting = service.reaches(&early.name, ApplicationState::InReview).await;
        assert_eq!(reasons(&waiting), ["NO_REGISTRATION"]);
        let (_, opened) = register(&service, in_days(100)).await;
        let certified = complete(&service, &form(&service, ApplicationType::Certificate, now())).await;
        let documents = service.documents(&certified.name).await;
        assert_eq!(documents[0].kind(), DocumentKind::CertificateOfRegistration);
        assert_eq!(certified.registration, opened.name);
        assert_eq!(registration(&service, &opened.name).await.etag, opened.etag, "a certificate changes nothing");
    }

    async fn an_annulled_registration_makes_room_for_another(service: Service) {
        let (application, opened) = register(&service, in_days(100)).await;
        let foreign = annul(&service, "istanbul-officer", &opened).await.unwrap_err();
        assert_eq!(reason(&foreign), ("PERMISSION_DENIED", "OUT_OF_JURISDICTION"));
        let annulled = annul(&service, "berlin-supervisor", &opened).await.unwrap();
        assert_eq!(annulled.state(), RegistrationState::Annulled);
        assert!(annulled.close_time.is_some());
        told(&service, &application.name, "REGISTRATION_ANNULLED", 1).await;
        register(&service, in_days(50)).await;
    }

    async fn a_card_that_has_not_changed_for_a_year_is_asked_about(service: Service) {
        let (application, _) = register(&service, in_days(500)).await;
        set_clock(&service, now() + TimeDelta::days(360)).await;
        told(&service, &application.name, "RECONFIRMATION_DUE", 0).await;
        set_clock(&service, now() + TimeDelta::days(370)).await;
        told(&service, &application.name, "RECONFIRMATION_DUE", 1).await;
    }

    async fn a_thousand_filings_for_one_person_leave_one_open_registration(service: Service) {
        let service = std::sync::Arc::new(service);
        let signed: Vec<Vec<u8>> = (0..1000)
            .map(|_| service.sandbox.signed("assel", &form(&service, ApplicationType::Register, now())))
            .collect();
        let mut calls = tokio::task::JoinSet::new();
        for message in signed {
            let service = std::sync::Arc::clone(&service);
            calls.spawn(async move {
                loop {
                    match service.submit(message.clone()).await {
                        Err(refused) if refused.code == "UNAVAILABLE" => {
                            tokio::time::sleep(Duration::from_millis(50)).await;
                        }
                        other => return other,
                    }
                }
            });
        }
        let (mut accepted, mut refused) = (Vec::new(), 0);
        for outcome in calls.join_all().await {
            match outcome {
                Ok(application) => accepted.push(application.name),
                Err(told) => {
                    assert_eq!(told.reason, "ALREADY_REGISTERED", "{told:?}");
                    refused += 1;
                }
            }
        }
        assert_eq!(accepted.len() + refused, 1000);
        let begin = Instant::now();
        let mut completed = 0;
        for name in &accepted {
            let state = loop {
                let found = super::support::service::application(&service.client, name).await.unwrap();
                if !matches!(found.state(), ApplicationState::Accepted) {
                    break found.state();
                }
                assert!(begin.elapsed() < 5 * PATIENCE, "{name} is not decided");
                tokio::time::sleep(Duration::from_millis(50)).await;
            };
            completed += usize::from(state == ApplicationState::Completed);
        }
        let open = ListRegistrationsRequest { page_size: 200, ..Default::default() };
        let open = answer(service.client.registrations().list_registrations(open)).await.unwrap().registrations;
        assert_eq!((completed, open.len()), (1, 1));
    }
}
