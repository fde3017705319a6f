//! Validation of signatures by ETSI EN 319 102-1, one file per building block: format §5.2.2, identification §5.2.3,
//! freshness §5.2.5, chain §5.2.6, integrity §5.2.7, acceptance §5.2.8; and the report.
//!
//! Facts are gathered first and judged second; the outcome is a report, never an error. An error ([`InputError`]) means that
//! there was nothing to judge. Pure functions: trust, policy and time are arguments. No law lives here — what a verified
//! signer may do is decided elsewhere — and no network: only evidence at hand counts.
//!
//! Two rules hold everything together. The identity of a signer is taken only from a certificate whose key verified the
//! signature. And content leaves only as [`VerifiedContent`], which only a TOTAL-PASSED message yields.

mod acceptance;
mod chain;
mod conclusion;
mod counter_signature;
mod evidence;
mod format;
mod freshness;
mod identification;
mod integrity;
mod judgement;
mod policy;
mod report;
mod signer;
mod status;
mod texts;
mod time_stamp;
mod verified;
mod xml;

use std::sync::Arc;

use chrono::{DateTime, Utc};
pub use conclusion::{Conclusion, FailedReason, IndeterminateReason};
pub use evidence::{Evidence, EvidenceKind};
pub use policy::{
    CertificatePolicies, Level, LevelError, Levels, PolicyError, Presence, RevocationMode, SubjectProfile,
    ValidationPolicy,
};
pub use report::{
    BuildingBlock, CertificateSummary, Constraint, ConstraintStatus, PathEntry, PolicyReference, RevocationSource,
    RevocationStatusName, RevocationSummary, Role, SignerReport, TimeStampReport, TrustStoreReference,
    ValidationReport,
};
pub use texts::{Explanation, Side, Text, explain};
pub use time_stamp::{TimeStampInput, validate_time_stamp};
pub use verified::{VerifiedContent, VerifiedSigner};

use crate::cms::unsigned::{REVOCATION_VALUES, RevocationValues};
use crate::cms::{self, CmsError, SignedData};
use crate::pki::certificate::CertificateError;
use crate::pki::{Certificate, CertificateRevocationList, DigestAlgorithm, OcspResponse, TrustStore, sha256};
use crate::xml::XmlError;
use signer::{Outcome, Surroundings};
use status::Material;

/// OCSP responses of one message that are looked at.
const MAX_RESPONSES: usize = 128;

/// Identifier of the check of the signature value in [`SignerReport::constraints`].
pub const SIGNATURE_CHECK: &str = "integrity.signature";
/// Identifier of the check of the certification path there, and in [`TimeStampReport::constraints`].
pub const PATH_CHECK: &str = "chain.path";

/// What is to be validated, with everything that came along. Nothing in it is trusted.
#[derive(Debug, Clone, Copy)]
pub struct SignatureInput<'a> {
    /// A CMS SignedData: DER or BER, PEM, or base64; or a signed XML document.
    pub signature: &'a [u8],
    /// The content of a detached signature.
    pub content: Option<&'a [u8]>,
    /// Further certificates: of signers, or for building paths.
    pub certificates: &'a [Certificate],
    /// Further revocation lists.
    pub crls: &'a [Arc<CertificateRevocationList>],
    /// Further OCSP responses.
    pub ocsps: &'a [Arc<OcspResponse>],
}

/// Why there is nothing to judge.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// The bytes are not a SignedData.
    #[error(transparent)]
    Signature(#[from] CmsError),
    /// The text is not an XML document that can be judged.
    #[error(transparent)]
    Document(#[from] XmlError),
    /// Content inside and beside the signature: which one was meant cannot be known.
    #[error("the signature carries its content, and content was supplied as well")]
    ContentTwice,
    /// The bytes are not a certificate.
    #[error("not a certificate: {0}")]
    Certificate(#[from] CertificateError),
}

/// Outcome of a validation.
#[derive(Debug, Clone)]
pub struct Validation {
    /// The report, whatever the outcome.
    pub report: ValidationReport,
    /// The content with its signers, when and only when the message is TOTAL-PASSED.
    pub verified: Option<VerifiedContent>,
    /// What the verdict rests on.
    pub evidence: Vec<Evidence>,
}

/// Validates a signature as of `time` (EN 319 102-1 §5.3).
///
/// # Errors
/// [`InputError`] when the input is not one signature over one content. Everything else is in the report.
pub fn validate(
    input: &SignatureInput<'_>,
    policy: &ValidationPolicy,
    trust: &TrustStore,
    time: DateTime<Utc>,
) -> Result<Validation, InputError> {
    if xml::is_xml(input.signature) {
        return xml::validate(input, policy, trust, time);
    }
    let der = cms::to_der(input.signature, cms::DEFAULT_MESSAGE_LIMIT)?;
    let message = SignedData::parse(&der)?;
    if message.content.is_some() && input.content.is_some() {
        return Err(InputError::ContentTwice);
    }
    let content = message.content.or(input.content);

    let mut warnings = Vec::new();
    let certificates = certificates_of(&message, input.certificates, trust, &mut warnings);
    let (lists, responses) = evidence_of(&message, input, policy.revocation, &mut warnings);
    let material = Material { lists: &lists, responses: &responses, candidates: &certificates };
    let mut surroundings = Surroundings::new(material, policy, trust, time);
    let mut digests = integrity::ContentDigests::new(content);
    let mut budget = integrity::VerificationBudget::new();
    let mut outcomes: Vec<Outcome> = message
        .signers
        .iter()
        .map(|each| surroundings.judge_signer(each, &message, content, &mut digests, &mut budget))
        .collect();

    counter_signature::judge_all(&mut outcomes, &message, &der, Surroundings::new(material, policy, trust, time));

    warnings.extend(surroundings.warnings());
    let digest = digests.by(DigestAlgorithm::Sha256).map(hex::encode);
    let signed = Signed { signature: der.bytes(), content, content_digest: digest };
    Ok(sum_up(outcomes, &signed, policy, trust, time, warnings))
}

/// What was signed, and by what.
struct Signed<'a> {
    /// The whole message or document, as it is kept in evidence.
    signature: &'a [u8],
    /// What all signatures cover; `None` when that is not at hand or not the same.
    content: Option<&'a [u8]>,
    content_digest: Option<String>,
}

/// What the outcomes of all signers amount to.
fn sum_up(
    outcomes: Vec<Outcome>,
    signed: &Signed<'_>,
    policy: &ValidationPolicy,
    trust: &TrustStore,
    time: DateTime<Utc>,
    mut warnings: Vec<String>,
) -> Validation {
    // RFC 5652 allows a message without signers, and a document is well-formed without one; a signature neither is.
    let conclusion = outcomes
        .iter()
        .map(|outcome| outcome.report.conclusion)
        .reduce(Conclusion::or_worse)
        .unwrap_or(Conclusion::TotalFailed(FailedReason::FormatFailure));
    let mut evidence = vec![Evidence::Signature(signed.signature.into())];
    let mut reports = Vec::with_capacity(outcomes.len());
    let mut verified = Vec::with_capacity(outcomes.len());
    let mut best_signature_time = None;
    for outcome in outcomes {
        best_signature_time = best_signature_time.max(Some(outcome.report.proved_time.unwrap_or(time)));
        warnings.extend(ignored_stamps(&outcome.report));
        warnings.extend(violations_taken_lightly(&outcome.report));
        add_evidence(&mut evidence, outcome.evidence);
        reports.push(outcome.report);
        verified.extend(outcome.verified);
    }
    let content = signed.content.filter(|_| conclusion.is_passed());
    let verified = content.map(|content| VerifiedContent::new(content.into(), verified));
    evidence.push(Evidence::Policy(Box::new(policy.clone())));
    let mut report = report(conclusion, policy, trust, time, signed.signature, reports);
    report.content_digest.clone_from(&signed.content_digest);
    report.best_signature_time = best_signature_time.unwrap_or(time);
    report.warnings = warnings;
    Validation { report, verified, evidence }
}

/// Validates one certificate as of `time`, as if a signature by its key had verified (EN 319 102-1 §5.2.6).
///
/// The certificate may be an authority's, whose key need not be meant for signing.
///
/// # Errors
/// [`InputError::Certificate`].
pub fn validate_certificate(
    certificate: &[u8],
    certificates: &[Certificate],
    crls: &[Arc<CertificateRevocationList>],
    ocsps: &[Arc<OcspResponse>],
    policy: &ValidationPolicy,
    trust: &TrustStore,
    time: DateTime<Utc>,
) -> Result<Validation, InputError> {
    let certificate = Certificate::from_der(certificate)?;
    let material = Material { lists: crls, responses: ocsps, candidates: certificates };
    let mut surroundings = Surroundings::new(material, policy, trust, time);
    let outcome = surroundings.judge_certificate(&certificate);
    let mut evidence = Vec::new();
    add_evidence(&mut evidence, outcome.evidence);
    evidence.push(Evidence::Policy(Box::new(policy.clone())));
    let conclusion = outcome.report.conclusion;
    let mut report = report(conclusion, policy, trust, time, certificate.der(), vec![outcome.report]);
    report.warnings = surroundings.warnings();
    let violations: Vec<_> = report.signers.iter().flat_map(violations_taken_lightly).collect();
    report.warnings.extend(violations);
    Ok(Validation { report, verified: None, evidence })
}

/// A line for each constraint whose violation the policy takes for a warning.
fn violations_taken_lightly(signer: &SignerReport) -> impl Iterator<Item = String> {
    let warned = signer.constraints.iter().filter(|each| each.status == ConstraintStatus::Warning);
    warned.map(|each| format!("{}: {}", each.id, each.detail))
}

fn report(
    conclusion: Conclusion,
    policy: &ValidationPolicy,
    trust: &TrustStore,
    time: DateTime<Utc>,
    subject: &[u8],
    signers: Vec<SignerReport>,
) -> ValidationReport {
    ValidationReport {
        conclusion,
        words: explain(conclusion),
        validation_time: time,
        best_signature_time: time,
        trust_store: TrustStoreReference { revision: trust.revision(), digest: report::digest_text(trust.digest()) },
        policy: PolicyReference { id: policy.id.clone(), version: policy.version.clone() },
        engine_version: env!("CARGO_PKG_VERSION").to_owned(),
        signature_digest: report::digest_text(&sha256(subject)),
        content_digest: None,
        signers,
        warnings: Vec::new(),
    }
}

/// Certificates in the message, then those supplied. What cannot be read cannot be a signer's either, and is left out.
fn certificates_of(
    message: &SignedData<'_>,
    supplied: &[Certificate],
    trust: &TrustStore,
    warnings: &mut Vec<String>,
) -> Vec<Certificate> {
    let read: Vec<Certificate> =
        message.certificates.iter().filter_map(|der| trust.read_certificate(der).ok()).collect();
    let unread = message.certificates.len() - read.len();
    if unread > 0 {
        warnings.push(format!("{unread} certificates in the message could not be read and were left out"));
    }
    read.into_iter().chain(supplied.iter().cloned()).collect()
}

type Lists = Vec<Arc<CertificateRevocationList>>;
type Responses = Vec<Arc<OcspResponse>>;

/// Revocation material in the message (RFC 5652 §10.2.1, RFC 5940, RFC 5126 §6.3.4), then what was supplied.
fn evidence_of(
    message: &SignedData<'_>,
    supplied: &SignatureInput<'_>,
    mode: RevocationMode,
    warnings: &mut Vec<String>,
) -> (Lists, Responses) {
    if mode == RevocationMode::None {
        return (Vec::new(), Vec::new());
    }
    let attributes = message.signers.iter().flat_map(|signer| signer.unsigned_values(&REVOCATION_VALUES, 1));
    let values: Vec<_> = attributes.map(|value| RevocationValues::parse(value.encoded)).collect();
    if values.iter().any(Result::is_err) {
        warnings.push("revocation values in the message could not be read and were left out".to_owned());
    }
    let values: Vec<_> = values.into_iter().flatten().collect();
    let lists = message.crls.iter().chain(values.iter().flat_map(|value| &value.crls));
    let lists: Vec<_> = lists.map(|der| CertificateRevocationList::from_der(*der).map(Arc::new)).collect();
    let framed = message.ocsps.iter().map(|der| OcspResponse::from_der(der));
    let bare = values.iter().flat_map(|value| &value.basic_ocsps).map(|der| OcspResponse::from_basic_der(der));
    let responses: Vec<_> = framed.chain(bare).take(MAX_RESPONSES).collect();
    let unread = lists.iter().filter(|list| list.is_err()).count();
    if unread > 0 {
        warnings.push(format!("{unread} revocation lists in the message could not be read and were left out"));
    }
    for error in responses.iter().filter_map(|response| response.as_ref().err()) {
        warnings.push(format!("an OCSP response in the message was left out: {error}"));
    }
    let lists = lists.into_iter().flatten().chain(supplied.crls.iter().cloned()).collect();
    let responses = responses.into_iter().flatten().map(Arc::new).chain(supplied.ocsps.iter().cloned()).collect();
    (lists, responses)
}

/// A line for each time stamp that proves nothing.
fn ignored_stamps(signer: &SignerReport) -> impl Iterator<Item = String> {
    signer
        .time_stamps
        .iter()
        .filter_map(|stamp| stamp.reason.as_ref())
        .map(|reason| format!("a time stamp was ignored: {reason}"))
}

/// Adds what is not there yet: signers share authorities and lists.
fn add_evidence(evidence: &mut Vec<Evidence>, more: Vec<Evidence>) {
    for each in more {
        if !evidence.iter().any(|known| known.is_same(&each)) {
            evidence.push(each);
        }
    }
}
