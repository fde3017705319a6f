//! The retention policy carried out by the sandbox's clock, on both databases.

use std::time::{Duration, Instant};

use chrono::{DateTime, Months, TimeDelta, Utc};
use consular_registration::grpc::client::{answer, next};
use consular_registration::grpc::proto::{
    Application, ApplicationState, AuditEventKind, DownloadDocumentRequest, GetRegistrationRequest,
    GetValidationReportRequest, ListAuditEventsRequest, RegistrationState, SetClockRequest, WithdrawApplicationRequest,
};
use consular_registration::registration::form::{ApplicationType, DocumentType, Kind};
use consular_registration::registration::retention::{RecordClass, rule};
use prost_types::Timestamp;
use serde_json::json;

use super::support::service::{Service, application, now, refusal};

const PATIENCE: Duration = Duration::from_mins(1);

async fn set_clock(service: &Service, time: DateTime<Utc>) {
    let time = Some(Timestamp { seconds: time.timestamp(), nanos: 0 });
    answer(service.client.sandbox().set_clock(SetClockRequest { time })).await.unwrap();
}

/// The moment so many days after the term of a class of records that ended now.
fn after_term(class: RecordClass, days: i64) -> DateTime<Utc> {
    let years = rule(class, now().date_naive()).unwrap().years.unwrap();
    now() + Months::new(12 * years) + TimeDelta::days(days)
}

async fn transitions(service: &Service, subject: &str) -> Vec<String> {
    let kind = AuditEventKind::Transition.into();
    let request = ListAuditEventsRequest { kind, subject: subject.to_owned(), ..Default::default() };
    let found = answer(service.client.audit().list_audit_events(request)).await.unwrap();
    found.events.into_iter().map(|event| event.action).collect()
}

async fn erased(service: &Service, subject: &str, event: &str) {
    let begin = Instant::now();
    while !transitions(service, subject).await.iter().any(|action| action == event) {
        assert!(begin.elapsed() < PATIENCE, "{subject} is not erased");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// What a call for the report on an application's signature comes to.
async fn report_code(service: &Service, application: &Application) -> &'static str {
    let name = application.validation_report.clone();
    let request = GetValidationReportRequest { name, ..Default::default() };
    match answer(service.client.validations().get_validation_report(request)).await {
        Ok(_) => "OK",
        Err(error) => refusal(error).code,
    }
}

with_each_database! {
    async fn an_application_that_ended_without_registration_loses_its_data_after_the_term_and_keeps_its_references(service: Service) {
        let mut form = service.sandbox.form("assel", Kind::Temporary);
        form.card.identity.document.as_mut().unwrap().document_type = Some(DocumentType::ResidencePermit);
        let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        let open = service.reaches(&accepted.name, ApplicationState::InReview).await;
        let act = json!({
            "act": "WITHDRAW", "subject": open.name, "etag": open.etag,
            "decision": { "result": "WITHDRAWN" }, "time": now().to_rfc3339(),
        });
        let signed_act = service.sandbox.sign("citizens/assel", &serde_json::to_vec(&act).unwrap());
        let request = WithdrawApplicationRequest { request_id: String::new(), signed_act };
        answer(service.client.applications().withdraw_application(request)).await.unwrap();

        set_clock(&service, after_term(RecordClass::EndedApplication, -2)).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(report_code(&service, &open).await, "OK", "the term is not over");
        set_clock(&service, after_term(RecordClass::EndedApplication, 2)).await;
        erased(&service, &open.name, "application.erased").await;

        let kept = application(&service.client, &open.name).await.unwrap();
        assert_eq!((kept.state(), &kept.number), (ApplicationState::Withdrawn, &open.number));
        assert!(kept.accept_time.is_some() && kept.findings.is_empty());
        assert!(service.notifications(&open.name).await.is_empty());
        assert_eq!(report_code(&service, &open).await, "NOT_FOUND");
    }

    async fn a_closed_registration_loses_its_cards_and_documents_after_the_term(service: Service) {
        let form = service.sandbox.form("assel", Kind::Temporary);
        let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        let opened = service.reaches(&accepted.name, ApplicationState::Completed).await;
        let mut form = service.sandbox.form("assel", Kind::Temporary);
        form.application_type = ApplicationType::Deregister;
        let removed = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        service.reaches(&removed.name, ApplicationState::Completed).await;
        let document = service.documents(&opened.name).await.remove(0);

        set_clock(&service, after_term(RecordClass::Registration, 2)).await;
        erased(&service, &opened.registration, "registration.erased").await;
        for application in [&opened.name, &removed.name] {
            assert!(transitions(&service, application).await.contains(&"application.erased".to_owned()));
            assert!(service.notifications(application).await.is_empty());
        }
        let request = GetRegistrationRequest { name: opened.registration.clone() };
        let kept = answer(service.client.registrations().get_registration(request)).await.unwrap().registration.unwrap();
        assert_eq!(kept.state(), RegistrationState::Deregistered);
        let request = DownloadDocumentRequest { name: document.name.clone() };
        let gone = match answer(service.client.documents().download_document(request)).await {
            Ok(mut stream) => next(&mut stream).await.unwrap_err(),
            Err(error) => error,
        };
        assert_eq!(refusal(gone).code, "NOT_FOUND");
        assert_eq!(service.documents(&opened.name).await[0].number, document.number, "its number stays");
    }
}
