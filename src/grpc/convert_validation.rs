//! Validation reports in the form of the wire.

use prost::Message as _;
use tonic::Status;

use super::convert_time::timestamp;
use super::names;
use super::proto;
use crate::registration::{IdentifierPolicy, Iin};
use crate::signature::{Side, SignerReport};
use crate::workflow::{Difference, ResourceKind, Revalidation, StoredReport};

/// A stored report.
pub fn report(stored: StoredReport) -> proto::ValidationReport {
    let report = stored.report;
    let text = |text: crate::signature::Text| proto::LocalizedText {
        kk: text.kk.into_owned(),
        ru: text.ru.into_owned(),
        en: text.en.into_owned(),
    };
    let side = match report.words.side {
        _ if report.conclusion.is_passed() => "",
        Side::Signer => "SIGNER",
        Side::Authority => "AUTHORITY",
        Side::Service => "SERVICE",
    };
    proto::ValidationReport {
        name: names::format(ResourceKind::ValidationReport, stored.id),
        indication: report.conclusion.indication().to_owned(),
        sub_indication: report.conclusion.sub_indication().unwrap_or_default().to_owned(),
        explanation: Some(text(report.words.explanation)),
        remedy: Some(text(report.words.remedy)),
        side: side.to_owned(),
        validation_time: Some(timestamp(report.validation_time)),
        best_signature_time: Some(timestamp(report.best_signature_time)),
        trust_store_revision: report.trust_store.revision,
        trust_store_digest: report.trust_store.digest,
        policy: format!("{} {}", report.policy.id, report.policy.version),
        engine_version: report.engine_version,
        signers: report.signers.into_iter().map(signer).collect(),
        canonical_json: stored.canonical_json,
    }
}

/// A stored report and its repetition.
pub fn revalidation(revalidation: Revalidation) -> proto::RevalidateReportResponse {
    let json = |value: Option<serde_json::Value>| value.map(|value| value.to_string()).unwrap_or_default();
    let difference = |difference: Difference| proto::ReportDifference {
        pointer: difference.pointer,
        before: json(difference.before),
        after: json(difference.after),
    };
    proto::RevalidateReportResponse {
        identical: revalidation.is_identical(),
        differences: revalidation.differences.into_iter().map(difference).collect(),
        stored: Some(report(revalidation.stored)),
        revalidated: Some(report(revalidation.repeated)),
    }
}

/// A status as the result of one item of a stream: the details of a status are an encoded google.rpc.Status.
pub fn item_error(status: &Status) -> proto::ItemError {
    let details = proto::ItemError::decode(status.details()).unwrap_or_default();
    proto::ItemError { code: status.code().into(), message: status.message().to_owned(), details: details.details }
}

fn signer(signer: SignerReport) -> proto::SignerReport {
    let (subject, certificate_sha256) =
        signer.certificate.map(|summary| (summary.subject, summary.sha256)).unwrap_or_default();
    proto::SignerReport {
        indication: signer.conclusion.indication().to_owned(),
        sub_indication: signer.conclusion.sub_indication().unwrap_or_default().to_owned(),
        subject,
        certificate_sha256,
        iin_checksum_valid: signer.iin.as_deref().map(|iin| Iin::parse(iin, IdentifierPolicy::Strict).is_ok()),
        iin: signer.iin.unwrap_or_default(),
        bin: signer.bin.unwrap_or_default(),
        roles: signer.roles.into_iter().map(|role| role.oid).collect(),
        signature_algorithm: signer.signature_algorithm,
        claimed_signing_time: signer.claimed_signing_time.map(timestamp),
        trust_anchor_sha256: signer.trust_anchor.unwrap_or_default(),
    }
}
