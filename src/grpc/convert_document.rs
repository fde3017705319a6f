//! Verifying a document, in the form of the wire.

use super::convert::{document_kind, text};
use super::convert_time::timestamp;
use super::failure::Failure;
use super::proto;
use super::proto::verify_document_request::Document;
use crate::registration::list::ListKind;
use crate::registration::{FieldViolation, ViolationCode};
use crate::workflow::{DocumentStatus, DocumentVerification, PresentedDocument, Sameness, VerifiedKind};

/// The document at hand.
pub fn presented(request: proto::VerifyDocumentRequest) -> Result<PresentedDocument, Failure> {
    let violation = |field: &str, code, description: &str| FieldViolation::new(field, code, description);
    let (number, address) = match request.document {
        Some(Document::Number(number)) => (number, None),
        Some(Document::Address(address)) => (String::new(), Some(address)),
        None => {
            let description = "number or address has to be given";
            return Err(Failure::field(violation("document", ViolationCode::MissingField, description)));
        }
    };
    let wrong = || {
        let description = "has to be 64 hexadecimal digits";
        Failure::field(violation("sha256", ViolationCode::BadFormat, description))
    };
    let digest = |text: String| hex::decode(text).ok()?.try_into().ok();
    let given = Some(request.sha256).filter(|text| !text.is_empty());
    let sha256 = given.map(|text| digest(text).ok_or_else(wrong)).transpose()?;
    Ok(PresentedDocument { number, address, sha256 })
}

/// What is known of it.
pub fn verified(verification: DocumentVerification) -> proto::VerifiedDocument {
    let status = match verification.status {
        DocumentStatus::Valid => proto::DocumentStatus::Valid,
        DocumentStatus::Expired => proto::DocumentStatus::Expired,
        DocumentStatus::Ended => proto::DocumentStatus::Ended,
        DocumentStatus::Annulled => proto::DocumentStatus::Annulled,
    };
    let content = match verification.sameness {
        Sameness::NotAsked => proto::DocumentContent::NotCompared,
        Sameness::Same => proto::DocumentContent::Same,
        Sameness::Differs => proto::DocumentContent::Differs,
        Sameness::NotKept => proto::DocumentContent::NotKept,
    };
    let kind = match verification.kind {
        VerifiedKind::Issued(kind) => document_kind(kind),
        VerifiedKind::List(ListKind::ElectoralRoll) => proto::DocumentKind::ElectoralRoll,
        VerifiedKind::List(ListKind::CrisisRoll) => proto::DocumentKind::CrisisRoll,
        VerifiedKind::List(ListKind::RegisterJournal) => proto::DocumentKind::RegisterJournal,
    };
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    proto::VerifiedDocument {
        number: verification.number,
        kind: kind.into(),
        title: Some(text(&verification.title)),
        status: status.into(),
        content: content.into(),
        masked_name: verification.holder,
        mission: verification.mission,
        mission_name: Some(text(&verification.mission_name)),
        issue_time: Some(timestamp(verification.issue_time)),
        registered_on: day(verification.registered_on),
        valid_until: day(verification.valid_until),
    }
}
