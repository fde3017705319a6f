//! Removal from the register, on each of its grounds.

use super::super::support::service::{Service, now};
use super::{
    PATIENCE, act, annul, becomes, complete, deregister, ended_with, file, form, history, in_days, noon, noticed,
    proved_removal, reason, reasons, register, registration, removal, send_deregistration, set_clock, told,
};
use consular_registration::grpc::client::answer;
use consular_registration::grpc::proto::{
    ApplicationState, ApproveApplicationRequest, DeregistrationGround, DocumentKind, Registration, RegistrationState,
    VerifyEvidenceRequest,
};
use consular_registration::registration::form::{ApplicationForm, ApplicationType};
use serde_json::json;
use std::time::{Duration, Instant};

with_each_database! {
    async fn a_citizen_is_removed_on_the_own_application_with_a_notice(service: Service) {
        let (_, opened) = register(&service, in_days(100)).await;
        let removed = complete(&service, &form(&service, ApplicationType::Deregister, now())).await;
        assert_eq!(ended_with(&service, &removed.name).await, [DocumentKind::NoticeOfDeregistration]);
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
}
