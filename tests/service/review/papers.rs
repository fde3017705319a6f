//! The documents that the steps of the procedure leave behind, through gRPC.

use std::time::{Duration, Instant};

use consular_registration::grpc::proto::{ApplicationState, Document, DocumentKind};
use consular_registration::registration::form::Kind;
use serde_json::json;

use super::super::support::service::{Service, download};
use super::{
    OFFICER, SUPERVISOR, after_hearing, announce, approve, grounds, in_review, intention, protocol, record_hearing,
    resubmit, revised, set_clock, verify,
};

/// Waits until the application has the document, and gives all that it has.
async fn issued(service: &Service, application: &str, kind: DocumentKind, version: u32) -> Vec<Document> {
    let begin = Instant::now();
    loop {
        let documents = service.documents(application).await;
        if documents.iter().any(|document| (document.kind(), document.version) == (kind, version)) {
            return documents;
        }
        assert!(begin.elapsed() < Duration::from_mins(1), "no {kind:?} of version {version}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn kinds(documents: &[Document]) -> Vec<DocumentKind> {
    documents.iter().map(Document::kind).collect()
}

with_each_database! {
    async fn a_receipt_bears_the_applications_number_and_is_made_when_it_is_asked_for(service: Service) {
        let form = service.sandbox.form("assel", Kind::Temporary);
        let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        service.reaches(&accepted.name, ApplicationState::Completed).await;
        let documents = service.documents(&accepted.name).await;
        assert_eq!(kinds(&documents), [DocumentKind::Receipt, DocumentKind::NoticeOfTemporaryRegistration]);
        let receipt = &documents[0];
        assert_eq!((&receipt.number, receipt.issue_time), (&accepted.number, accepted.accept_time));
        assert_eq!((receipt.sha256.as_str(), receipt.size_bytes), ("", 0), "nobody has asked for it");

        let (described, pdf, seal) = download(&service.client, &receipt.name).await;
        assert_eq!(described.size_bytes, pdf.len() as u64);
        let again = download(&service.client, &receipt.name).await;
        assert_eq!((&described, &pdf, &seal), (&again.0, &again.1, &again.2), "it is issued once");
        let listed = service.documents(&accepted.name).await;
        assert_eq!((&listed[0], listed[0].issue_time), (&described, accepted.accept_time));
    }

    async fn two_who_ask_for_a_receipt_at_once_get_the_same_one(service: Service) {
        let form = service.sandbox.form("assel", Kind::Temporary);
        let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        service.reaches(&accepted.name, ApplicationState::Completed).await;
        let receipt = service.documents(&accepted.name).await.remove(0);
        let (one, other) =
            tokio::join!(download(&service.client, &receipt.name), download(&service.client, &receipt.name));
        assert_eq!(one, other);
    }

    async fn every_return_has_a_notice_of_its_own(service: Service) {
        let mut form = service.sandbox.form("assel", Kind::Temporary);
        form.card.identity.birth_place = None;
        let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        service.reaches(&accepted.name, ApplicationState::Returned).await;
        let first = issued(&service, &accepted.name, DocumentKind::ReturnNotice, 1).await;
        assert_eq!(kinds(&first), [DocumentKind::Receipt, DocumentKind::ReturnNotice]);
        resubmit(&service, "assel", &revised(&form)).await.unwrap();
        let second = issued(&service, &accepted.name, DocumentKind::ReturnNotice, 2).await;
        assert_eq!(kinds(&second), [DocumentKind::Receipt, DocumentKind::ReturnNotice, DocumentKind::ReturnNotice]);
        assert_ne!(second[1].number, second[2].number);
    }

    async fn a_refusal_leaves_decision_protocol_and_refusal(service: Service) {
        let (_, waiting) = in_review(&service).await;
        let announced = announce(&service, OFFICER, &waiting, intention()).await.unwrap();
        issued(&service, &waiting.name, DocumentKind::PreliminaryDecision, 1).await;
        after_hearing(&service).await;
        let dismissed = json!({ "result": "OBJECTION_DISMISSED", "protocol": protocol() });
        let heard = record_hearing(&service, OFFICER, &announced, dismissed).await.unwrap();
        issued(&service, &waiting.name, DocumentKind::HearingProtocol, 1).await;
        let mut over = announced.refusal.as_ref().unwrap().objection_until.unwrap();
        over.seconds += 1;
        set_clock(&service, over).await;
        let refused = json!({ "result": "REFUSED", "grounds": grounds() });
        super::later(&service, SUPERVISOR, &heard, &refused).await.unwrap();
        let documents = issued(&service, &waiting.name, DocumentKind::Refusal, 1).await;
        let all = [
            DocumentKind::Receipt,
            DocumentKind::PreliminaryDecision,
            DocumentKind::HearingProtocol,
            DocumentKind::Refusal,
        ];
        assert_eq!(kinds(&documents), all);
        let (_, pdf, _) = download(&service.client, &documents[3].name).await;
        assert!(pdf.starts_with(b"%PDF"));
    }

    async fn a_permanent_registration_at_a_mission_ends_with_an_insert_to_the_passport(service: Service) {
        let officer = "officers/new-york-officer";
        let form = service.sandbox.form("daniyar", Kind::Permanent);
        let filed = service.sandbox.sign(officer, &serde_json::to_vec(&form).unwrap());
        let accepted = service.submit(filed).await.unwrap();
        let waiting = service.reaches(&accepted.name, ApplicationState::InReview).await;
        let verified = json!({ "result": "VERIFIED", "evidence": "DEPARTURE_DECISION" });
        let ready = verify(&service, officer, &waiting, verified).await.unwrap();
        approve(&service, officer, &ready, json!({ "result": "APPROVED" })).await.unwrap();
        service.reaches(&accepted.name, ApplicationState::Completed).await;
        let documents = service.documents(&accepted.name).await;
        assert_eq!(kinds(&documents), [DocumentKind::Receipt, DocumentKind::PassportInsert]);
        assert!(!documents[1].sha256.is_empty(), "COMPLETED means that the document is issued");
    }
}
