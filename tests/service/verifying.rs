//! Anybody checks a document by its number, by the address in its QR code, and by its bytes.

use consular_registration::grpc::client::{Refusal, answer};
use consular_registration::grpc::proto::verify_document_request::Document as AtHand;
use consular_registration::grpc::proto::{
    ApplicationState, DocumentContent, DocumentKind, DocumentStatus, VerifiedDocument, VerifyDocumentRequest,
};
use consular_registration::pki::sha256;
use consular_registration::registration::form::{ApplicationType, Kind};

use super::support::service::{Service, download, refusal};

async fn verify(service: &Service, document: AtHand, sha256: &str) -> Result<VerifiedDocument, Refusal> {
    let request = VerifyDocumentRequest { document: Some(document), sha256: sha256.to_owned() };
    match answer(service.client.documents().verify_document(request)).await {
        Ok(response) => Ok(response.document.unwrap()),
        Err(error) => Err(refusal(error)),
    }
}

/// The address that is printed on a document and stands in its link.
fn address_in(pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("document.pdf");
    std::fs::write(&file, pdf).unwrap();
    let text = std::process::Command::new("pdftotext")
        .args(["-raw".as_ref(), file.as_os_str(), "-".as_ref()])
        .output()
        .unwrap();
    let text: String = String::from_utf8(text.stdout).unwrap().split_whitespace().collect();
    let begin = text.find("https://").unwrap();
    let end = begin + text[begin..].find("?token=").unwrap() + "?token=".len() + 20;
    text[begin..end].to_owned()
}

with_each_database! {
    async fn a_document_is_verified_by_number_address_and_bytes(service: Service) {
        let form = service.sandbox.form("assel", Kind::Temporary);
        let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        service.reaches(&accepted.name, ApplicationState::Completed).await;
        let documents = service.documents(&accepted.name).await;
        let notice = documents.iter().find(|document| document.kind() != DocumentKind::Receipt).unwrap();
        let (_, mut pdf, _) = download(&service.client, &notice.name).await;

        let found = verify(&service, AtHand::Number(notice.number.clone()), "").await.unwrap();
        assert_eq!((found.kind(), found.status()), (DocumentKind::NoticeOfTemporaryRegistration, DocumentStatus::Valid));
        assert_eq!(found.content(), DocumentContent::NotCompared);
        assert_eq!((found.mission.as_str(), &found.number), ("KZ-DE-BER", &notice.number));
        assert_eq!(found.valid_until, form.card.stay.until.unwrap().to_string());
        let name = form.card.identity.name.as_ref().unwrap();
        let surname = name.surname.as_ref().unwrap().as_str();
        let first: String = surname.chars().take(1).collect();
        assert!(found.masked_name.starts_with(&format!("{first}*** ")), "{}", found.masked_name);
        let told = format!("{found:?}");
        assert!(!told.contains(surname) && !told.contains(form.applicant.iin.as_str()), "{told}");

        let address = address_in(&pdf);
        assert_eq!(verify(&service, AtHand::Address(address.clone()), "").await.unwrap(), found);
        let other = address.replace(&notice.number, &accepted.number);
        let last = if address.ends_with('0') { "1" } else { "0" };
        let forged = format!("{}{last}", &address[..address.len() - 1]);
        for wrong in [other.as_str(), forged.as_str(), "https://elsewhere.example/x?token=1", ""] {
            let wrong = verify(&service, AtHand::Address(wrong.to_owned()), "").await.unwrap_err();
            assert_eq!(wrong.code, "NOT_FOUND");
        }
        for unknown in ["KZ-DE-BER/D/2026/999999", "KZ-DE-BER/D/2026/1", "", "'"] {
            let unknown = verify(&service, AtHand::Number(unknown.to_owned()), "").await.unwrap_err();
            assert_eq!(unknown.code, "NOT_FOUND");
        }

        let compared = async |pdf: &[u8]| {
            let digest = hex::encode(sha256(pdf));
            verify(&service, AtHand::Number(notice.number.clone()), &digest).await.unwrap().content()
        };
        assert_eq!(compared(&pdf).await, DocumentContent::Same);
        let whole = pdf.clone();
        pdf[whole.len() / 2] ^= 1;
        assert_eq!(compared(&pdf).await, DocumentContent::Differs);
        let appended = [whole.as_slice(), b"\n1 0 obj<<>>endobj\nstartxref\n0\n%%EOF\n"].concat();
        assert_eq!(compared(&appended).await, DocumentContent::Differs);
        let malformed = verify(&service, AtHand::Number(notice.number.clone()), "abc").await.unwrap_err();
        assert_eq!((malformed.code, malformed.fields[0].field.as_str()), ("INVALID_ARGUMENT", "sha256"));
    }

    async fn a_receipt_is_known_before_anybody_has_it(service: Service) {
        let form = service.sandbox.form("assel", Kind::Temporary);
        let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        service.reaches(&accepted.name, ApplicationState::Completed).await;
        let found = verify(&service, AtHand::Number(accepted.number.clone()), "").await.unwrap();
        assert_eq!((found.kind(), found.issue_time), (DocumentKind::Receipt, accepted.accept_time));
        let forged = verify(&service, AtHand::Number(accepted.number.clone()), &"0".repeat(64)).await.unwrap();
        assert_eq!(forged.content(), DocumentContent::Differs);
    }

    async fn a_document_tells_that_the_registration_has_ended(service: Service) {
        let form = service.sandbox.form("assel", Kind::Temporary);
        let opened = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        service.reaches(&opened.name, ApplicationState::Completed).await;
        let mut ending = service.sandbox.form("assel", Kind::Temporary);
        ending.application_type = ApplicationType::Deregister;
        let ended = service.submit(service.sandbox.signed("assel", &ending)).await.unwrap();
        service.reaches(&ended.name, ApplicationState::Completed).await;
        let status = async |application: &str| {
            let documents = service.documents(application).await;
            let document = documents.into_iter().find(|document| document.kind() != DocumentKind::Receipt).unwrap();
            verify(&service, AtHand::Number(document.number), "").await.unwrap().status()
        };
        assert_eq!(status(&opened.name).await, DocumentStatus::Ended);
        assert_eq!(status(&ended.name).await, DocumentStatus::Valid, "the notice of removal stays true");
    }
}
