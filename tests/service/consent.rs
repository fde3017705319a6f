//! Withdrawal of the consent to processing personal data, through gRPC, on both databases.

use consular_registration::grpc::client::{Refusal, answer};
use consular_registration::grpc::proto::{
    Application, ApplicationState, GetRegistrationRequest, RegistrationState, WithdrawConsentRequest,
    WithdrawConsentResponse,
};
use consular_registration::registration::form::{ApplicationType, DocumentType, Kind};
use serde_json::json;

use super::support::service::{Service, now, refusal};

fn act(service: &Service, person: &str, seen: &Application) -> Vec<u8> {
    let act = json!({
        "act": "WITHDRAW_CONSENT", "subject": seen.name, "etag": seen.etag,
        "decision": { "result": "CONSENT_WITHDRAWN" }, "time": now().to_rfc3339(),
    });
    service.sandbox.sign(person, &serde_json::to_vec(&act).unwrap())
}

async fn withdraw(
    service: &Service,
    signed_act: Vec<u8>,
    request_id: &str,
) -> Result<WithdrawConsentResponse, Refusal> {
    let request = WithdrawConsentRequest { request_id: request_id.to_owned(), signed_act };
    answer(service.client.applications().withdraw_consent(request)).await.map_err(refusal)
}

/// Assel is registered, and has two more applications that wait for an officer.
async fn registered_with_open_applications(service: &Service) -> (Application, [Application; 2]) {
    let accepted =
        service.submit(service.sandbox.signed("assel", &service.sandbox.form("assel", Kind::Temporary))).await.unwrap();
    let completed = service.reaches(&accepted.name, ApplicationState::Completed).await;
    let mut open = Vec::new();
    for application_type in [ApplicationType::Change, ApplicationType::Change] {
        let mut form = service.sandbox.form("assel", Kind::Temporary);
        form.application_type = application_type;
        form.card.identity.document.as_mut().unwrap().document_type = Some(DocumentType::ResidencePermit);
        let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        open.push(service.reaches(&accepted.name, ApplicationState::InReview).await);
    }
    (completed, open.try_into().unwrap())
}

with_each_database! {
    async fn who_withdraws_the_consent_ends_all_open_applications_and_keeps_the_registration(service: Service) {
        let (completed, open) = registered_with_open_applications(&service).await;
        let signed = act(&service, "citizens/assel", &open[0]);
        let withdrawn = withdraw(&service, signed.clone(), "once").await.unwrap();
        let mut expected: Vec<String> = open.iter().map(|application| application.name.clone()).collect();
        expected.sort();
        let mut ended = withdrawn.ended_applications.clone();
        ended.sort();
        assert_eq!(ended, expected);
        assert_eq!(withdrawn.application.as_ref().unwrap().state(), ApplicationState::Withdrawn);
        assert!(withdrawn.citation.as_ref().unwrap().ru.contains("№ 94-V"), "{withdrawn:?}");
        for application in &open {
            let ended = service.reaches(&application.name, ApplicationState::Withdrawn).await;
            assert!(ended.awaiting.is_none() && ended.complete_time.is_some());
            assert_eq!(kinds(&service, &application.name).await.iter().filter(|kind| *kind == "APPLICATION_WITHDRAWN").count(), 1);
        }
        let message = service.notifications(&open[0].name).await.pop().unwrap();
        assert_eq!(message.kind, "CONSENT_WITHDRAWN");
        assert!(message.body.contains("келісім кері қайтарып алынды"), "{}", message.body);

        let request = GetRegistrationRequest { name: completed.registration.clone() };
        let kept = answer(service.client.registrations().get_registration(request)).await.unwrap().registration.unwrap();
        assert_eq!(kept.state(), RegistrationState::Active, "the register is kept by law");
        let repeated = withdraw(&service, signed, "once").await.unwrap();
        assert_eq!(repeated, withdrawn, "the same call again is answered with the original result");
    }

    async fn only_the_applicant_withdraws_the_consent_and_over_the_version_seen(service: Service) {
        let (completed, open) = registered_with_open_applications(&service).await;
        let other = withdraw(&service, act(&service, "citizens/student", &open[0]), "").await.unwrap_err();
        assert_eq!((other.code, other.reason.as_str()), ("PERMISSION_DENIED", "SIGNER_MISMATCH"));
        let stale = Application { etag: "99".to_owned(), ..open[0].clone() };
        let stale = withdraw(&service, act(&service, "citizens/assel", &stale), "").await.unwrap_err();
        assert_eq!(stale.reason, "VERSION_CONFLICT");
        // The application named may be one that ended long ago.
        let withdrawn = withdraw(&service, act(&service, "citizens/assel", &completed), "").await.unwrap();
        assert_eq!(withdrawn.ended_applications.len(), 2);
        assert_eq!(withdrawn.application.unwrap().state(), ApplicationState::Completed);
    }

    async fn who_files_again_files_with_a_new_consent(service: Service) {
        let (_, open) = registered_with_open_applications(&service).await;
        withdraw(&service, act(&service, "citizens/assel", &open[0]), "").await.unwrap();
        let mut form = service.sandbox.form("assel", Kind::Temporary);
        form.application_type = ApplicationType::Certificate;
        let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        service.reaches(&accepted.name, ApplicationState::Completed).await;
    }
}

async fn kinds(service: &Service, application: &str) -> Vec<String> {
    service.notifications(application).await.into_iter().map(|notification| notification.kind).collect()
}
