//! Applications made to another mission than the competent one: forwarded, not refused.

use chrono::Utc;
use consular_registration::grpc::client::{Refusal, answer};
use consular_registration::grpc::proto::{
    Application, ApplicationState, ApproveApplicationRequest, AwaitedFrom, GetRegistrationRequest,
    WatchApplicationRequest,
};
use consular_registration::registration::form::{ApplicationForm, ApplicationType, Kind};
use serde_json::json;

use super::support::service::{Service, now, refusal};

/// A form of assel at Berlin with an address in Istanbul.
fn misdirected(service: &Service) -> ApplicationForm {
    let mut form = service.sandbox.form("assel", Kind::Temporary);
    assert_eq!(form.mission.as_str(), "KZ-DE-BER");
    form.card.stay.host_country = Some("TR".parse().unwrap());
    form.card.stay.host_address.as_mut().unwrap().subdivision = Some("TR-34".parse().unwrap());
    form
}

async fn approve(service: &Service, officer: &str, seen: &Application) -> Result<Application, Refusal> {
    let act = json!({
        "act": "APPROVE", "subject": seen.name, "etag": seen.etag, "decision": { "result": "APPROVED" },
        "time": now().with_timezone(&Utc).to_rfc3339(),
    });
    let signed_act = service.sandbox.sign(&format!("officers/{officer}"), &serde_json::to_vec(&act).unwrap());
    let request = ApproveApplicationRequest { request_id: String::new(), signed_act };
    match answer(service.client.reviews().approve_application(request)).await {
        Ok(response) => Ok(response.application.unwrap()),
        Err(error) => Err(refusal(error)),
    }
}

async fn told(service: &Service, application: &str) -> Vec<String> {
    service.notifications(application).await.into_iter().map(|notification| notification.kind).collect()
}

with_each_database! {
    async fn an_application_to_the_wrong_mission_goes_to_the_competent_one_by_itself(service: Service) {
        let accepted = service.submit(service.sandbox.signed("assel", &misdirected(&service))).await.unwrap();
        assert_eq!(accepted.mission, "KZ-DE-BER");
        let mut steps = service
            .client
            .applications()
            .watch_application(WatchApplicationRequest { name: accepted.name.clone(), ..Default::default() })
            .await
            .unwrap()
            .into_inner();
        let forwarded = service.reaches(&accepted.name, ApplicationState::InReview).await;
        assert_eq!((forwarded.mission.as_str(), &forwarded.number), ("KZ-TR-IST", &accepted.number));
        assert_eq!((forwarded.awaiting_from(), forwarded.due_time), (AwaitedFrom::Mission, accepted.due_time));
        let awaiting = forwarded.awaiting.as_ref().unwrap();
        assert!(awaiting.en.contains("Istanbul") && awaiting.ru.contains("Стамбул"), "{awaiting:?}");
        assert!(forwarded.findings.is_empty(), "{:?}", forwarded.findings);
        assert_eq!(told(&service, &accepted.name).await, ["APPLICATION_FORWARDED"]);

        let foreign = approve(&service, "berlin-officer", &forwarded).await.unwrap_err();
        assert_eq!((foreign.code, foreign.reason.as_str()), ("PERMISSION_DENIED", "OUT_OF_JURISDICTION"));
        approve(&service, "istanbul-officer", &forwarded).await.unwrap();
        let completed = service.reaches(&accepted.name, ApplicationState::Completed).await;
        let request = GetRegistrationRequest { name: completed.registration };
        let registration = answer(service.client.registrations().get_registration(request)).await.unwrap();
        assert_eq!(registration.registration.unwrap().mission, "KZ-TR-IST");

        let mut events = Vec::new();
        while let Some(step) = steps.message().await.unwrap() {
            events.push(step.event);
        }
        let forwardings = events.iter().filter(|event| event.to_lowercase().contains("forwarded")).count();
        assert_eq!(forwardings, 1, "{events:?}");
    }

    async fn what_is_incomplete_is_returned_by_the_competent_mission(service: Service) {
        let mut form = misdirected(&service);
        form.card.identity.birth_place = None;
        let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        let returned = service.reaches(&accepted.name, ApplicationState::Returned).await;
        assert_eq!(returned.mission, "KZ-TR-IST");
        assert_eq!(returned.findings.iter().map(|finding| finding.reason.as_str()).collect::<Vec<_>>(), ["CARD_INCOMPLETE"]);
        let mut kinds = told(&service, &accepted.name).await;
        kinds.sort();
        assert_eq!(kinds, ["APPLICATION_FORWARDED", "APPLICATION_RETURNED"]);
    }

    async fn where_it_is_not_known_who_is_competent_an_officer_looks(service: Service) {
        let mut form = service.sandbox.form("assel", Kind::Temporary);
        form.card.stay.host_address.as_mut().unwrap().subdivision = None;
        let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        let waiting = service.reaches(&accepted.name, ApplicationState::InReview).await;
        assert_eq!(waiting.mission, "KZ-DE-BER");
        assert_eq!(waiting.findings[0].reason, "WRONG_CONSULAR_DISTRICT");
        assert!(waiting.findings[0].advice.as_ref().unwrap().en.contains("need not be filed again"));
    }

    async fn what_is_about_a_registration_goes_to_the_mission_that_keeps_it(service: Service) {
        let form = service.sandbox.form("assel", Kind::Temporary);
        let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        service.reaches(&accepted.name, ApplicationState::Completed).await;
        let mut certificate = service.sandbox.form("assel", Kind::Temporary);
        certificate.application_type = ApplicationType::Certificate;
        certificate.mission = "KZ-TR-IST".parse().unwrap();
        let accepted = service.submit(service.sandbox.signed("assel", &certificate)).await.unwrap();
        let waiting = service.reaches(&accepted.name, ApplicationState::InReview).await;
        assert_eq!(waiting.mission, "KZ-DE-BER");
        approve(&service, "berlin-officer", &waiting).await.unwrap();
        service.reaches(&accepted.name, ApplicationState::Completed).await;
    }
}
