//! Time stamps (RFC 3161, EN 319 102-1 §5.4): whether a token proves that something existed at its time.
//!
//! A token is a signed message and is judged by the same blocks as any other; added are the rules of RFC 3161: exactly one
//! signer, which names its certificate under the signature, a certificate for nothing but time stamping, an imprint of the
//! very data, and what a request demanded. The chain is judged at the time that the token states, since authorities expire;
//! its algorithms, as of now, since a token by a broken one could have been made yesterday. An authority that was revoked
//! since loses its past tokens too, unless it was revoked for a harmless reason (§4 (1)).
//! A token that proves nothing is left out with the reason; it never makes a verdict worse.

mod rules;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::conclusion::FailedReason;
use super::evidence::Evidence;
use super::format::{self, Attributes};
use super::identification::Candidates;
use super::integrity::{ContentDigests, Integrity, VerificationBudget};
use super::judgement::Judgement;
use super::policy::{RevocationMode, ValidationPolicy};
use super::report::{TimeStampReport, digest_text};
use super::signer::{path_entries, path_evidence, summary};
use super::status::{Material, Status, StatusRequest, Usage};
use super::{acceptance, chain, freshness};
use crate::cms::time_stamp::{TST_INFO, TimeStampError};
use crate::cms::{self, SignedData, SignerInfo, TimeStampInfo, TimeStampRequest, TimeStampResponse};
use crate::pki::der::{self, Tag};
use crate::pki::path::{self, CertificationPath, PathBudget, PathRequest};
use crate::pki::trust::Purpose;
use crate::pki::{Certificate, CertificateRevocationList, OcspResponse, TrustStore};

/// Octets of one token or response.
const MAX_TOKEN: usize = 1024 * 1024;

/// A time stamp by itself, with everything that came along. Nothing in it is trusted.
#[derive(Debug, Clone, Copy)]
pub struct TimeStampInput<'a> {
    /// A time-stamp token, or a whole TimeStampResp.
    pub token: &'a [u8],
    /// What was stamped, when it is at hand.
    pub data: Option<&'a [u8]>,
    /// The TimeStampReq that the token answers, when it is at hand: imprint, nonce and policy must be its own.
    pub request: Option<&'a [u8]>,
    /// Further certificates.
    pub certificates: &'a [Certificate],
    /// Further revocation lists.
    pub crls: &'a [Arc<CertificateRevocationList>],
    /// Further OCSP responses.
    pub ocsps: &'a [Arc<OcspResponse>],
}

/// Judges one time stamp as of `time`.
pub fn validate_time_stamp(
    input: &TimeStampInput<'_>,
    policy: &ValidationPolicy,
    trust: &TrustStore,
    time: DateTime<Utc>,
) -> TimeStampReport {
    let request = match input.request.map(TimeStampRequest::parse).transpose() {
        Ok(request) => request,
        Err(error) => return refused(&format!("the request: {error}")),
    };
    let token = match token_in(input.token) {
        Ok(token) => token,
        Err(error) => return refused(&error.to_string()),
    };
    let material = Material { lists: input.crls, responses: input.ocsps, candidates: input.certificates };
    let authority = StampJudge::new(material, policy, trust, time);
    let subject = Stamped { data: input.data, request: request.as_ref() };
    authority
        .judge(token, &subject, &mut Budgets::new(&mut PathBudget::default(), &mut VerificationBudget::new()))
        .report
}

/// A response holds `SEQUENCE { SEQUENCE …`, a token `SEQUENCE { OBJECT IDENTIFIER …`, whichever its lengths are.
fn token_in(octets: &[u8]) -> Result<&[u8], TimeStampError> {
    let is_response = der::single(octets).is_ok_and(|outer| outer.reader().peek() == Some(Tag::SEQUENCE));
    if is_response { TimeStampResponse::parse(octets).map(|response| response.token) } else { Ok(octets) }
}

fn refused(reason: &str) -> TimeStampReport {
    let mut judgement = Judgement::new();
    judgement.fails(FORM, reason.to_owned(), FailedReason::FormatFailure);
    blank(judgement)
}

/// What a time stamp is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stamped<'a> {
    pub data: Option<&'a [u8]>,
    pub request: Option<&'a TimeStampRequest<'a>>,
}

/// What the judging may cost, shared with everything else in the message.
pub(super) struct Budgets<'a> {
    path: &'a mut PathBudget,
    verification: &'a mut VerificationBudget,
}

impl<'a> Budgets<'a> {
    pub(super) fn new(path: &'a mut PathBudget, verification: &'a mut VerificationBudget) -> Self {
        Self { path, verification }
    }
}

/// One time stamp, judged.
pub(super) struct Stamp {
    pub report: TimeStampReport,
    pub evidence: Vec<Evidence>,
}

/// Judges time stamps by what came along and what is trusted.
pub(super) struct StampJudge<'a> {
    material: Material<'a>,
    policy: ValidationPolicy,
    trust: &'a TrustStore,
    now: DateTime<Utc>,
}

const FORM: &str = "time-stamp.form";
const SIGNER: &str = "time-stamp.signer";

/// A token that could be read, with the certificates it may be verified with.
struct Token<'a> {
    message: &'a SignedData<'a>,
    info: &'a TimeStampInfo<'a>,
    attributes: Attributes<'a>,
    certificates: Vec<Certificate>,
}

impl<'a> StampJudge<'a> {
    pub(super) fn new(
        material: Material<'a>,
        policy: &ValidationPolicy,
        trust: &'a TrustStore,
        now: DateTime<Utc>,
    ) -> Self {
        Self { material, policy: policy.of_time_stamps(), trust, now }
    }

    /// Judges one token about `stamped`.
    pub(super) fn judge(&self, token: &[u8], stamped: &Stamped<'_>, budgets: &mut Budgets<'_>) -> Stamp {
        let unread = |reason: String| Stamp { report: refused(&reason), evidence: Vec::new() };
        let der = match cms::to_der(token, MAX_TOKEN) {
            Ok(der) => der,
            Err(error) => return unread(error.to_string()),
        };
        let message = match SignedData::parse(&der) {
            Ok(message) => message,
            Err(error) => return unread(error.to_string()),
        };
        let Some(content) = message.content.filter(|_| message.content_type == TST_INFO) else {
            return unread("the token does not carry a TSTInfo".to_owned());
        };
        match TimeStampInfo::parse(content) {
            Ok(info) => self.judge_read(&message, content, &info, stamped, budgets),
            Err(error) => unread(error.to_string()),
        }
    }

    fn judge_read(
        &self,
        message: &SignedData<'_>,
        content: &[u8],
        info: &TimeStampInfo<'_>,
        stamped: &Stamped<'_>,
        budgets: &mut Budgets<'_>,
    ) -> Stamp {
        let mut judgement = Judgement::new();
        judgement.holds(FORM, "a TSTInfo of version 1");
        rules::judge_imprint(&info.imprint, stamped, &self.policy, self.now, &mut judgement);
        rules::judge_statement(info, stamped, &self.policy, self.now, &mut judgement);
        let mut stamp = match message.signers.as_slice() {
            [signer] => {
                judgement.holds(SIGNER, "exactly one");
                let own = message.certificates.iter().filter_map(|der| Certificate::from_der(der).ok());
                let certificates = own.chain(self.material.candidates.iter().cloned()).collect();
                let token = Token { message, info, attributes: signer.signed_attributes(), certificates };
                self.judge_signer(signer, &token, content, judgement, budgets)
            }
            _ => {
                judgement.fails(SIGNER, "not exactly one", FailedReason::FormatFailure);
                Stamp { report: blank(judgement), evidence: Vec::new() }
            }
        };
        stamp.report.time = Some(info.time);
        stamp.report.accuracy_microseconds = info.accuracy.and_then(|accuracy| accuracy.num_microseconds());
        stamp.report.policy = Some(info.policy.to_string());
        stamp.report.serial = Some(hex::encode(info.serial));
        stamp
    }

    /// Judges the signature; of several certificates with the key that verified, the first whose chain holds, else the first.
    fn judge_signer(
        &self,
        signer: &SignerInfo<'_>,
        token: &Token<'_>,
        content: &[u8],
        mut judgement: Judgement,
        budgets: &mut Budgets<'_>,
    ) -> Stamp {
        let candidates = Candidates::find(&signer.identifier, &token.attributes, &token.certificates);
        let mut digests = ContentDigests::new(Some(content));
        let integrity =
            Integrity::examine(signer, &token.attributes, candidates.as_slice(), &mut digests, budgets.verification);
        format::judge(signer, &token.attributes, token.message, Some(content), &self.policy, &mut judgement);
        candidates.judge(&token.attributes, &self.policy, &mut judgement);
        integrity.judge(&self.policy, self.now, &mut judgement);
        let mut first = None;
        for certificate in integrity.verified_by() {
            let mut judgement = judgement.clone();
            rules::judge_usage(certificate, &mut judgement);
            acceptance::judge_key(certificate, &self.policy, self.now, &mut judgement);
            let stamp = self.judge_chain(certificate, token, judgement, budgets);
            if stamp.report.trusted {
                return stamp;
            }
            first.get_or_insert(stamp);
        }
        first.unwrap_or_else(|| Stamp { report: blank(judgement), evidence: Vec::new() })
    }

    fn judge_chain(
        &self,
        certificate: &Certificate,
        token: &Token<'_>,
        mut judgement: Judgement,
        budgets: &mut Budgets<'_>,
    ) -> Stamp {
        let request = PathRequest {
            leaf: certificate,
            candidates: &token.certificates,
            store: self.trust,
            purpose: Purpose::TimeStamps,
            time: token.info.time,
            algorithms: &self.policy.algorithms,
            policies: self.policy.certificate_policies.initial(),
        };
        let path = path::build(&request, budgets.path);
        chain::judge_path(&path, &mut judgement);
        if let Ok(path) = &path {
            rules::judge_algorithms(path, &self.policy, self.now, &mut judgement);
        }
        let statuses = match &path {
            Ok(path) if token.info.time <= self.now => {
                if let Ok(Some(attributes)) = &token.attributes {
                    rules::judge_authorities(attributes, path, &mut judgement);
                }
                self.judge_revocation(path, token, &mut judgement, budgets)
            }
            Ok(_) | Err(_) => Vec::new(),
        };
        let found = chain::path_of(&path);
        let report = TimeStampReport {
            authority: Some(summary(certificate)),
            path: path_entries(found, &statuses),
            trust_anchor: found.map(|path| digest_text(path.anchor().certificate.sha256())),
            ..blank(judgement)
        };
        let evidence = if report.trusted { path_evidence(found, &statuses, certificate) } else { Vec::new() };
        Stamp { report, evidence }
    }

    /// Of the authority what is at hand counts, unless the status of everything is demanded.
    fn judge_revocation(
        &self,
        path: &CertificationPath,
        token: &Token<'_>,
        judgement: &mut Judgement,
        budgets: &mut Budgets<'_>,
    ) -> Vec<Status> {
        let mode = match self.policy.revocation {
            RevocationMode::RequireEndEntity => RevocationMode::IfPresent,
            other => other,
        };
        let own_lists = token.message.crls.iter().filter_map(|der| CertificateRevocationList::from_der(*der).ok());
        let lists: Vec<_> = own_lists.map(Arc::new).chain(self.material.lists.iter().cloned()).collect();
        let own_responses = token.message.ocsps.iter().filter_map(|der| OcspResponse::from_der(der).ok());
        let responses: Vec<_> = own_responses.map(Arc::new).chain(self.material.responses.iter().cloned()).collect();
        let request = StatusRequest {
            path,
            store: self.trust,
            purpose: Purpose::TimeStamps,
            material: Material { lists: &lists, responses: &responses, candidates: &token.certificates },
            time: token.info.time,
            now: self.now,
            algorithms: &self.policy.algorithms,
            freshness: self.policy.ocsp_freshness,
        };
        let statuses = freshness::examine(&request, mode, budgets.path, &mut Usage::default());
        freshness::judge(&statuses, mode, &self.policy.levels, token.info.time, judgement);
        rules::judge_past(&statuses, self.now, judgement);
        statuses
    }
}

fn blank(judgement: Judgement) -> TimeStampReport {
    let conclusion = judgement.conclusion();
    let reason = judgement.first_failure();
    TimeStampReport {
        conclusion,
        trusted: conclusion.is_passed(),
        reason,
        time: None,
        accuracy_microseconds: None,
        policy: None,
        serial: None,
        authority: None,
        constraints: judgement.into_constraints(),
        path: Vec::new(),
        trust_anchor: None,
    }
}
