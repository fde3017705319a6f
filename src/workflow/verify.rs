//! Judging a signature: the trust store and the time are taken once, the verdict is stored whatever it is.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;

use super::{Caller, Refusal, Signed, Verdict, Workflow};
use crate::pki::trust::Purpose;
use crate::pki::{Certificate, OcspResponse, TrustStore};
use crate::registration::{FieldViolation, ViolationCode};
use crate::signature::{
    self, Evidence, InputError, SignatureInput, Validation, ValidationPolicy, ValidationReport, VerifiedContent,
};
use crate::store::{EvidenceItem, EvidenceKind, NewReport, ReportRecord, id_at};

/// A signature as it was presented, with all that came with it. Owned, because it is judged on another thread.
pub(super) struct Presented {
    /// The field of the request that it came in.
    pub field: &'static str,
    /// CMS SignedData.
    pub signature: Vec<u8>,
    /// The content, when it stands apart.
    pub content: Option<Vec<u8>>,
    /// Further certificates.
    pub certificates: Vec<Certificate>,
    /// Further OCSP responses.
    pub ocsps: Vec<Arc<OcspResponse>>,
}

impl Presented {
    /// CMS SignedData with its content inside, from the field of that name.
    pub fn attached(field: &'static str, signature: Vec<u8>) -> Self {
        Self { field, signature, content: None, certificates: Vec::new(), ocsps: Vec::new() }
    }

    /// With what came beside the signature. Certificates and responses are taken in the order of their digests, which is the order that
    /// evidence is read back in: a validation repeated years later has the same input.
    pub fn with(
        self,
        content: Option<Vec<u8>>,
        mut certificates: Vec<Certificate>,
        mut ocsps: Vec<Arc<OcspResponse>>,
    ) -> Self {
        certificates.sort_unstable_by_key(|certificate| *certificate.sha256());
        certificates.dedup();
        ocsps.sort_unstable_by_key(|response| *response.sha256());
        ocsps.dedup_by_key(|response| *response.sha256());
        Self { content, certificates, ocsps, ..self }
    }

    /// What was presented, for keeping.
    fn evidence(&self) -> Vec<EvidenceItem> {
        let mut kept = vec![EvidenceItem::new(EvidenceKind::Signature, self.signature.clone())];
        kept.extend(self.content.iter().map(|content| EvidenceItem::new(EvidenceKind::Content, content.clone())));
        kept.extend(
            self.certificates
                .iter()
                .map(|certificate| EvidenceItem::new(EvidenceKind::SuppliedCertificate, certificate.der().to_vec())),
        );
        kept.extend(
            self.ocsps
                .iter()
                .map(|response| EvidenceItem::new(EvidenceKind::SuppliedOcspResponse, response.der().to_vec())),
        );
        kept
    }

    /// A signed form.
    pub fn form(signed: Signed) -> Self {
        match signed {
            Signed::Attached(signature) => Self::attached("signed_application", signature),
            Signed::Detached { content, signature } => {
                Self { content: Some(content), ..Self::attached("detached.signature", signature) }
            }
        }
    }
}

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
    /// What a refusal says of this judgement.
    pub fn verdict(&self) -> Verdict {
        Verdict {
            report: self.id,
            conclusion: self.report.conclusion,
            trust_store_revision: self.report.trust_store.revision,
        }
    }
}

impl Workflow {
    /// Judges one signature under the policy for `purpose`, at `time`.
    pub(super) async fn judge(
        &self,
        presented: &Arc<Presented>,
        purpose: Purpose,
        caller: &Caller,
        time: DateTime<Utc>,
    ) -> Result<Judged, Refusal> {
        let policy = ValidationPolicy::national().for_purpose(purpose);
        self.judge_under(presented, policy, caller, time).await
    }

    /// Judges one signature under `policy`, at `time`.
    pub(super) async fn judge_under(
        &self,
        presented: &Arc<Presented>,
        policy: ValidationPolicy,
        caller: &Caller,
        time: DateTime<Utc>,
    ) -> Result<Judged, Refusal> {
        let place = self.place().await?;
        // Taken when the work begins: who waited is judged by what is trusted now.
        let trust = self.trust.current();
        let validation = validated(place, presented, policy, &trust, time).await?;
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
        let mut evidence = presented.evidence();
        evidence.extend(validation.evidence.iter().filter_map(kept));
        evidence.push(EvidenceItem::reference(EvidenceKind::TrustStore, *trust.digest()));
        Ok(Judged {
            id,
            report,
            stored: NewReport { report: record, evidence, events: Vec::new() },
            verified: validation.verified,
        })
    }
}

impl Workflow {
    /// A place to judge in. Who waits for one and is given up (its deadline has passed) leaves the queue.
    pub(super) async fn place(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        Arc::clone(&self.judging).acquire_owned().await.map_err(|error| Refusal::Internal(format!("judging: {error}")))
    }
}

/// Judges on a thread of its own, so that calls that need no processor are answered meanwhile. The place is held until the work is
/// done, whoever still waits for it.
pub(super) async fn validated(
    place: OwnedSemaphorePermit,
    presented: &Arc<Presented>,
    policy: ValidationPolicy,
    trust: &Arc<TrustStore>,
    time: DateTime<Utc>,
) -> Result<Validation, Refusal> {
    let (shared, trust) = (Arc::clone(presented), Arc::clone(trust));
    let judging = tokio::task::spawn_blocking(move || {
        let _place = place;
        let input = SignatureInput {
            signature: &shared.signature,
            content: shared.content.as_deref(),
            certificates: &shared.certificates,
            crls: &[],
            ocsps: &shared.ocsps,
        };
        signature::validate(&input, &policy, &trust, time)
    });
    let validation = judging.await.map_err(|error| Refusal::Internal(format!("judging: {error}")))?;
    validation.map_err(|error| refused_input(presented.field, &error))
}

/// A revocation list and the listing of a trust store are stored when they come into force; they are named, not stored again. The
/// message is kept as it was received: what was not DER in it counts for the verdict.
fn kept(item: &Evidence) -> Option<EvidenceItem> {
    Some(match item {
        Evidence::Signature(_) => return None,
        Evidence::Certificate(certificate) => EvidenceItem::new(EvidenceKind::Certificate, certificate.der().to_vec()),
        Evidence::RevocationList(list) => {
            EvidenceItem::reference(EvidenceKind::CertificateRevocationList, *list.sha256())
        }
        // A response, unlike a list, comes with the message or beside it and is nowhere else.
        Evidence::OcspResponse(response) => EvidenceItem::new(EvidenceKind::OcspResponse, response.der().to_vec()),
        Evidence::Policy(policy) => EvidenceItem::new(EvidenceKind::Policy, policy.canonical().into_bytes()),
    })
}

fn refused_input(field: &'static str, error: &InputError) -> Refusal {
    Refusal::Fields(vec![FieldViolation::new(field, ViolationCode::BadFormat, error.to_string())])
}
