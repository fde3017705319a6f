//! Validation reports in the form of the wire.

use prost::Message as _;
use tonic::Status;

use super::convert_report;
use super::convert_time::timestamp;
use super::names;
use super::proto;
use super::proto::ValidationReportView;
use crate::registration::{IdentifierPolicy, Iin};
use crate::signature::{Conclusion, Side, SignerReport, explain};
use crate::workflow::{Difference, ResourceKind, Revalidation, StoredReport};

/// A stored report, as much of it as `view` asks for.
pub fn report(stored: StoredReport, view: ValidationReportView) -> proto::ValidationReport {
    let report = stored.report;
    let detailed = match view {
        ValidationReportView::Full => Some(convert_report::detailed(&report)),
        ValidationReportView::Basic | ValidationReportView::Unspecified => None,
    };
    proto::ValidationReport {
        name: names::format(ResourceKind::ValidationReport, stored.id),
        indication: report.conclusion.indication().to_owned(),
        sub_indication: report.conclusion.sub_indication().unwrap_or_default().to_owned(),
        side: side(report.conclusion, report.words.side),
        explanation: Some(text(report.words.explanation)),
        remedy: Some(text(report.words.remedy)),
        validation_time: Some(timestamp(report.validation_time)),
        best_signature_time: Some(timestamp(report.best_signature_time)),
        trust_store_revision: report.trust_store.revision,
        trust_store_digest: report.trust_store.digest,
        policy: format!("{} {}", report.policy.id, report.policy.version),
        engine_version: report.engine_version,
        signers: report.signers.into_iter().map(signer).collect(),
        canonical_json: stored.canonical_json,
        warnings: report.warnings,
        detailed,
    }
}

fn text(text: crate::signature::Text) -> proto::LocalizedText {
    proto::LocalizedText { kk: text.kk.into_owned(), ru: text.ru.into_owned(), en: text.en.into_owned() }
}

/// Where all is well it is on nobody's side.
fn side(conclusion: Conclusion, side: Side) -> String {
    match side {
        _ if conclusion.is_passed() => "",
        Side::Signer => "SIGNER",
        Side::Authority => "AUTHORITY",
        Side::Service => "SERVICE",
    }
    .to_owned()
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
        stored: Some(report(revalidation.stored, ValidationReportView::Basic)),
        revalidated: Some(report(revalidation.repeated, ValidationReportView::Basic)),
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
    let words = explain(signer.conclusion);
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
        proved_time: signer.proved_time.map(timestamp),
        side: side(signer.conclusion, words.side),
        explanation: Some(text(words.explanation)),
        remedy: Some(text(words.remedy)),
    }
}
