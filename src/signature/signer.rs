//! One signer from facts to verdict: the blocks in the order of EN 319 102-1 §5.3.4.

use std::fmt::Write;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::conclusion::Conclusion;
use super::evidence::Evidence;
use super::format::{self, Attributes};
use super::identification::Candidates;
use super::integrity::{ContentDigests, Integrity, VerificationBudget};
use super::judgement::Judgement;
use super::policy::ValidationPolicy;
use super::report::{CertificateSummary, PathEntry, Role, SignerReport, digest_text};
use super::status::{Material, Source, Status, StatusRequest, Usage};
use super::time_stamp::{Budgets, Stamp, StampJudge, Stamped};
use super::verified::VerifiedSigner;
use super::{acceptance, chain, freshness};
use crate::cms::unsigned::SIGNATURE_TIME_STAMP;
use crate::cms::{SignedData, SignerInfo};
use crate::pki::path::{self, CertificationPath, PathBudget, PathError, PathRequest};
use crate::pki::subject::{self, Identity};
use crate::pki::{Certificate, TrustStore};

/// Time stamps over one signature that are looked at.
const MAX_TIME_STAMPS: usize = 8;

/// Everything a signer is judged by, and what the judging of all signers together may cost.
pub(super) struct Surroundings<'a> {
    /// All that came along; its certificates are those of signers too.
    material: Material<'a>,
    policy: &'a ValidationPolicy,
    trust: &'a TrustStore,
    /// The time of judgement.
    now: DateTime<Utc>,
    budget: PathBudget,
    usage: Usage,
}

/// What became of one signer.
pub(super) struct Outcome {
    pub(super) report: SignerReport,
    pub(super) verified: Option<VerifiedSigner>,
    pub(super) evidence: Vec<Evidence>,
}

/// What is known about a certificate whose key verified.
struct ChainFacts {
    path: Result<CertificationPath, PathError>,
    revocation: Vec<Status>,
}

/// What a certificate is judged as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    /// The signer's: its key must be meant for signing.
    Signer,
    /// Itself: it may be an authority's.
    Certificate,
}

/// A certificate that was judged.
struct Judged {
    certificate: Certificate,
    facts: ChainFacts,
    judgement: Judgement,
    identity: Option<Identity>,
}

impl<'a> Surroundings<'a> {
    pub(super) fn new(
        material: Material<'a>,
        policy: &'a ValidationPolicy,
        trust: &'a TrustStore,
        now: DateTime<Utc>,
    ) -> Self {
        Self { material, policy, trust, now, budget: PathBudget::default(), usage: Usage::default() }
    }

    pub(super) fn certificates(&self) -> &'a [Certificate] {
        self.material.candidates
    }

    pub(super) fn policy(&self) -> &'a ValidationPolicy {
        self.policy
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// What came along and counted nowhere, for the report.
    pub(super) fn warnings(&self) -> Vec<String> {
        self.usage.warnings().collect()
    }

    /// Gathers and judges one signer of a message.
    pub(super) fn judge_signer(
        &mut self,
        signer: &SignerInfo<'_>,
        message: &SignedData<'_>,
        content: Option<&[u8]>,
        digests: &mut ContentDigests<'_>,
        budget: &mut VerificationBudget,
    ) -> Outcome {
        let attributes: Attributes<'_> = signer.signed_attributes();
        let candidates = Candidates::find(&signer.identifier, &attributes, self.material.candidates);
        let integrity = Integrity::examine(signer, &attributes, candidates.as_slice(), digests, budget);

        let mut judgement = Judgement::new();
        format::judge(signer, &attributes, message, content, self.policy, &mut judgement);
        if judgement.conclusion().is_passed() {
            candidates.judge(&attributes, self.policy, &mut judgement);
        }
        // A signature that does not verify is not worth asking when it was made.
        let stamps = if integrity.verified_by().is_empty() { Vec::new() } else { self.judge_stamps(signer, budget) };
        let trusted = stamps.iter().filter(|stamp| stamp.report.trusted);
        let proved_time = trusted.filter_map(|stamp| stamp.report.time).min();
        let best_time = proved_time.unwrap_or(self.now);
        if !candidates.as_slice().is_empty() && !matches!(judgement.conclusion(), Conclusion::TotalFailed(_)) {
            integrity.judge(self.policy, best_time, &mut judgement);
        }
        judge_proof(&stamps, proved_time, &mut judgement);
        let algorithm = integrity.algorithm_name().map_or_else(|| describe(&signer.signature_algorithm), str::to_owned);
        let claimed = attributes.as_ref().ok().and_then(Option::as_ref).and_then(|attributes| attributes.signing_time);
        let (time_stamps, stamp_evidence): (Vec<_>, Vec<_>) =
            stamps.into_iter().map(|stamp| (stamp.report, stamp.evidence)).unzip();
        let blank = SignerReport {
            proved_time,
            time_stamps,
            ..blank_report(algorithm, describe(&signer.digest_algorithm), claimed)
        };
        let mut outcome = self.conclude(judgement, integrity.verified_by(), candidates.as_slice(), blank);
        outcome.evidence.extend(stamp_evidence.into_iter().flatten());
        outcome
    }

    /// From what was found about a signature to what became of its signer: the certificates that verified it are judged, at
    /// the time that `blank` says is proved, else now.
    pub(super) fn conclude(
        &mut self,
        judgement: Judgement,
        verified: &[Certificate],
        candidates: &[Certificate],
        blank: SignerReport,
    ) -> Outcome {
        let blank = SignerReport { conclusion: judgement.conclusion(), ..blank };
        let best_time = blank.proved_time.unwrap_or(self.now);
        if let Some(judged) = self.judge_verified(verified, best_time, &judgement) {
            return judged.into_outcome(blank);
        }
        // With several candidates and no verified signature, nobody knows which one it was.
        let certificate = match candidates {
            [only] => Some(summary(only)),
            _ => None,
        };
        let report = SignerReport { certificate, constraints: judgement.into_constraints(), ..blank };
        Outcome { report, verified: None, evidence: Vec::new() }
    }

    /// Judges a certificate as if its key had verified a signature.
    pub(super) fn judge_certificate(&mut self, certificate: &Certificate) -> Outcome {
        let judged = self.judge_one(certificate, self.now, Subject::Certificate, Judgement::new());
        let blank = blank_report(describe(certificate.signature_algorithm()), String::new(), None);
        judged.into_outcome(blank)
    }

    /// Of several certificates with the key that verified, the first that passes, else the first.
    fn judge_verified(&mut self, verified: &[Certificate], time: DateTime<Utc>, so_far: &Judgement) -> Option<Judged> {
        let mut first = None;
        for certificate in verified {
            let judged = self.judge_one(certificate, time, Subject::Signer, so_far.clone());
            if judged.judgement.conclusion().is_passed() {
                return Some(judged);
            }
            first.get_or_insert(judged);
        }
        first
    }

    /// The time stamps over the signature value (RFC 3161 appendix A).
    fn judge_stamps(&mut self, signer: &SignerInfo<'_>, budget: &mut VerificationBudget) -> Vec<Stamp> {
        let tokens = signer.unsigned_values(&SIGNATURE_TIME_STAMP, MAX_TIME_STAMPS);
        if tokens.is_empty() {
            return Vec::new();
        }
        let judge = StampJudge::new(self.material, self.policy, self.trust, self.now);
        let stamped = Stamped { data: Some(signer.signature), request: None };
        let mut budgets = Budgets::new(&mut self.budget, budget);
        tokens.iter().map(|token| judge.judge(token.encoded, &stamped, &mut budgets)).collect()
    }

    /// Judges one certificate at `time`: the best signature time (EN 319 102-1 §5.5), which is now without a proof.
    fn judge_one(
        &mut self,
        certificate: &Certificate,
        time: DateTime<Utc>,
        subject: Subject,
        mut judgement: Judgement,
    ) -> Judged {
        let facts = self.gather(certificate, time);
        acceptance::judge_key(certificate, self.policy, time, &mut judgement);
        chain::judge_path(&facts.path, &mut judgement);
        let identity = if subject == Subject::Certificate && certificate.is_ca() {
            judgement.skips("chain.key-usage", "an authority's certificate");
            None
        } else {
            chain::judge_usage(certificate, self.policy, &mut judgement);
            chain::judge_subject(certificate, self.policy, &mut judgement)
        };
        if facts.path.is_ok() {
            let (mode, levels) = (self.policy.revocation, &self.policy.levels);
            freshness::judge(&facts.revocation, mode, levels, time, &mut judgement);
        }
        Judged { certificate: certificate.clone(), facts, judgement, identity }
    }

    fn gather(&mut self, certificate: &Certificate, time: DateTime<Utc>) -> ChainFacts {
        let request = PathRequest {
            leaf: certificate,
            candidates: self.material.candidates,
            store: self.trust,
            purpose: self.policy.purpose,
            time,
            algorithms: &self.policy.algorithms,
            policies: self.policy.certificate_policies.initial(),
        };
        let path = path::build(&request, &mut self.budget);
        let revocation = match &path {
            Err(_) => Vec::new(),
            Ok(path) => {
                let request = StatusRequest {
                    path,
                    store: self.trust,
                    purpose: self.policy.purpose,
                    material: self.material,
                    time,
                    now: self.now,
                    algorithms: &self.policy.algorithms,
                    freshness: self.policy.ocsp_freshness,
                };
                freshness::examine(&request, self.policy.revocation, &mut self.budget, &mut self.usage)
            }
        };
        ChainFacts { path, revocation }
    }
}

impl Judged {
    fn into_outcome(self, blank: SignerReport) -> Outcome {
        let conclusion = self.judgement.conclusion();
        // What a certificate says of its subject is stated only where everything about it was proved.
        let identity = self.identity.filter(|_| conclusion.is_passed());
        let path = chain::path_of(&self.facts.path);
        let report = SignerReport {
            conclusion,
            certificate: Some(summary(&self.certificate)),
            iin: identity.as_ref().and_then(|identity| identity.iin.clone()),
            bin: identity.as_ref().and_then(|identity| identity.bin.clone()),
            roles: if conclusion.is_passed() { roles(&self.certificate) } else { Vec::new() },
            path: path_entries(path, &self.facts.revocation),
            trust_anchor: path.map(|path| digest_text(path.anchor().certificate.sha256())),
            constraints: self.judgement.into_constraints(),
            ..blank
        };
        let evidence = path_evidence(path, &self.facts.revocation, &self.certificate);
        let verified = conclusion.is_passed().then(|| VerifiedSigner::new(self.certificate, identity));
        Outcome { report, verified, evidence }
    }
}

/// The certificates of a path with their statuses, for reports.
pub(super) fn path_entries(path: Option<&CertificationPath>, revocation: &[Status]) -> Vec<PathEntry> {
    let certificates = path.map(CertificationPath::certificates).unwrap_or_default();
    let entry = |(index, certificate): (usize, &Certificate)| PathEntry {
        subject: certificate.subject_display(),
        sha256: digest_text(certificate.sha256()),
        revocation: freshness::summary(revocation.get(index)),
    };
    certificates.iter().enumerate().map(entry).collect()
}

/// What the judging of a path rests on.
pub(super) fn path_evidence(
    path: Option<&CertificationPath>,
    revocation: &[Status],
    certificate: &Certificate,
) -> Vec<Evidence> {
    let mut certificates: Vec<Certificate> = match path {
        Some(path) => path.certificates().iter().chain([&path.anchor().certificate]).cloned().collect(),
        None => vec![certificate.clone()],
    };
    let mut sources = Vec::new();
    for status in revocation {
        match status {
            Status::Known { source: Source::List { list, beside }, .. } => {
                let lists = std::iter::once(list).chain(beside);
                sources.extend(lists.map(|list| Evidence::RevocationList(Arc::clone(list))));
            }
            Status::Known { source: Source::Response { response, responder, .. }, .. } => {
                sources.push(Evidence::OcspResponse(Arc::clone(response)));
                certificates.push(responder.clone());
            }
            Status::Unknown { .. } => {}
        }
    }
    certificates.into_iter().map(Evidence::Certificate).chain(sources).collect()
}

/// A report in which nothing about a certificate is said yet.
pub(super) fn blank_report(
    signature_algorithm: String,
    digest_algorithm: String,
    claimed_signing_time: Option<DateTime<Utc>>,
) -> SignerReport {
    SignerReport {
        conclusion: Conclusion::TotalPassed,
        certificate: None,
        iin: None,
        bin: None,
        roles: Vec::new(),
        signature_algorithm,
        digest_algorithm,
        claimed_signing_time,
        proved_time: None,
        time_stamps: Vec::new(),
        constraints: Vec::new(),
        path: Vec::new(),
        trust_anchor: None,
        counter_signatures: Vec::new(),
    }
}

/// Says what the time stamps prove. None of them makes anything worse: whoever holds a signature can add more.
fn judge_proof(stamps: &[Stamp], proved_time: Option<DateTime<Utc>>, judgement: &mut Judgement) {
    const ID: &str = "proof-of-existence.time-stamp";
    match proved_time {
        Some(time) => judgement.holds(ID, format!("the signature existed at {time}")),
        None if stamps.is_empty() => judgement.skips(ID, "there is none: the time of judgement counts"),
        None => judgement.skips(ID, "none is trusted: the time of judgement counts"),
    }
}

/// A certificate in brief.
pub(super) fn summary(certificate: &Certificate) -> CertificateSummary {
    CertificateSummary {
        subject: certificate.subject_display(),
        serial: certificate.serial_hex(),
        issuer: certificate.issuer_display(),
        sha256: digest_text(certificate.sha256()),
        not_before: certificate.not_before(),
        not_after: certificate.not_after(),
    }
}

fn roles(certificate: &Certificate) -> Vec<Role> {
    let purposes = certificate.extended_key_usage().map(|usage| usage.purposes.as_slice()).unwrap_or_default();
    let roles = purposes.iter().filter_map(|oid| subject::Role::from_oid(oid).map(|role| (oid, role)));
    roles.map(|(oid, role)| Role { oid: oid.to_string(), name: Some(role_name(role)) }).collect()
}

/// Name of a role in reports, as in the national registry of identifiers.
fn role_name(role: subject::Role) -> String {
    match role {
        subject::Role::Individual => "individual",
        subject::Role::LegalEntity => "legal entity",
        subject::Role::FirstHead => "first head",
        subject::Role::RightOfSignature => "right of signature",
        subject::Role::Finance => "finance",
        subject::Role::HumanResources => "human resources",
        subject::Role::Employee => "employee",
        subject::Role::InformationSystem => "information system",
        subject::Role::Portal => "portal",
        subject::Role::Gateway => "gateway",
        subject::Role::NamedInformationSystem(_) => "named information system",
    }
    .to_owned()
}

/// An algorithm by name and identifier.
pub(super) fn describe(identifier: &crate::pki::AlgorithmIdentifier) -> String {
    let mut text = String::with_capacity(64);
    // Writing to a String cannot fail.
    let _ = write!(text, "{} ({})", identifier.name(), identifier.oid);
    text
}
