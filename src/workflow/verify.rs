//! Judging a signature: the trust store and the time are taken once, the verdict is stored whatever it is.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Caller, Refusal, Verdict, Workflow};
use crate::pki::trust::Purpose;
use crate::registration::{FieldViolation, ViolationCode};
use crate::signature::{
    self, Evidence, InputError, SignatureInput, ValidationPolicy, ValidationReport, VerifiedContent,
};
use crate::store::{EvidenceItem, EvidenceKind, NewReport, ReportRecord, id_at};

/// A judged signature: the report ready to be stored and, when TOTAL-PASSED, the bytes that were verified.
pub(super) struct Judged {
    /// Identifier that the report is stored under.
    pub id: Uuid,
    /// The report.
    pub report: ValidationReport,
    /// The report with its evidence, as the store takes it.
    pub stored: NewReport,
    /// Only there when the conclusion is TOTAL-PASSED.
    pub verified: Option<VerifiedContent>,
}

impl Judged {
    /// SHA-256 of the signed message, as it is kept with the report.
    pub fn message(&self) -> Option<[u8; 32]> {
        self.stored.evidence.iter().find(|item| item.kind() == EvidenceKind::Cms).map(|item| *item.digest())
    }

    /// What a refusal says of this judgement.
    pub fn verdict(&self) -> Verdict {
        Verdict {
            report: self.id,
            conclusion: self.report.conclusion,
            trust_store_revision: self.report.trust_store.revision,
            explanation: self.report.words.explanation.en.clone().into_owned(),
        }
    }
}

impl Workflow {
    /// Judges one signature under the policy for `purpose`, at `time`.
    pub(super) fn judge(
        &self,
        input: &SignatureInput<'_>,
        purpose: Purpose,
        caller: &Caller,
        time: DateTime<Utc>,
    ) -> Result<Judged, Refusal> {
        let policy = ValidationPolicy::national().for_purpose(purpose);
        self.judge_under(input, &policy, caller, time)
    }

    pub(super) fn judge_under(
        &self,
        input: &SignatureInput<'_>,
        policy: &ValidationPolicy,
        caller: &Caller,
        time: DateTime<Utc>,
    ) -> Result<Judged, Refusal> {
        let trust = self.trust.current();
        let validation = signature::validate(input, policy, &trust, time).map_err(|error| refused_input(&error))?;
        let now = self.clock.now();
        let id = id_at(now);
        let report = validation.report;
        let json = report.to_json().map_err(|error| Refusal::Internal(format!("report: {error}")))?;
        let record = ReportRecord {
            id,
            indication: report.conclusion.indication().to_owned(),
            sub_indication: report.conclusion.sub_indication().map(str::to_owned),
            trust_store_revision: i64::try_from(trust.revision()).unwrap_or(i64::MAX),
            policy: format!("{} {}", report.policy.id, report.policy.version),
            engine: report.engine_version.clone(),
            requested_by: caller.id.clone(),
            created_at: now,
            report: json.into_bytes(),
        };
        let mut evidence: Vec<EvidenceItem> = validation.evidence.iter().map(kept).collect();
        evidence.push(EvidenceItem::reference(EvidenceKind::TrustStore, *trust.digest()));
        Ok(Judged {
            id,
            report,
            stored: NewReport { report: record, evidence, events: Vec::new() },
            verified: validation.verified,
        })
    }
}

/// A revocation list is in the store since its import; it is named, not stored again.
fn kept(item: &Evidence) -> EvidenceItem {
    match item {
        Evidence::Signature(octets) => EvidenceItem::new(EvidenceKind::Cms, octets.to_vec()),
        Evidence::Certificate(certificate) => EvidenceItem::new(EvidenceKind::Certificate, certificate.der().to_vec()),
        Evidence::RevocationList(list) => {
            EvidenceItem::reference(EvidenceKind::CertificateRevocationList, *list.sha256())
        }
        // A response, unlike a list, comes with the message and is nowhere else.
        Evidence::OcspResponse(response) => EvidenceItem::new(EvidenceKind::OcspResponse, response.der().to_vec()),
        Evidence::Policy(policy) => EvidenceItem::new(EvidenceKind::Policy, policy.canonical().into_bytes()),
    }
}

fn refused_input(error: &InputError) -> Refusal {
    Refusal::Fields(vec![FieldViolation::new("signed", ViolationCode::BadFormat, error.to_string())])
}
