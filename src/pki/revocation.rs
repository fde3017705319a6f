//! Revocation status of the certificates of a path from CRLs, at a given time (RFC 5280 §6.3).
//!
//! A list counts when its issuer bears the name of the certificate's issuer, its signature holds under that issuer's key,
//! it covers the certificate, and the time lies between its updates. The newest such list decides, together with a delta
//! that fits it. Absence of an answer is [`RevocationStatus::Unknown`] with its reason: whether that is acceptable is the
//! caller's policy, never decided here. A delta that is absent, stale or badly signed takes nothing from its base.

use std::cmp::Ordering;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::algorithm::{AlgorithmError, CryptographicConstraints, SignatureAlgorithm};
use super::certificate::Certificate;
use super::crl::{CertificateRevocationList, Reason, RevokedEntry, Scope, Unusable, Verified, VerifyError};
use super::path::{self, CertificationPath, InitialPolicies, PathBudget, PathRequest};
use super::trust::{Purpose, TrustStore};

/// How many CRL issuers with a key of their own may follow from one another: a key rollover at two levels of authorities.
const MAX_SIGNER_DEPTH: u8 = 2;

/// What is asked about a path.
#[derive(Debug, Clone, Copy)]
pub struct RevocationRequest<'a> {
    /// The path.
    pub path: &'a CertificationPath,
    /// Lists at hand, used for `purpose` only.
    pub store: &'a TrustStore,
    /// What the path is for.
    pub purpose: Purpose,
    /// Lists that came along.
    pub lists: &'a [Arc<CertificateRevocationList>],
    /// Certificates that came along, among which an issuer's separate key for CRLs may be.
    pub candidates: &'a [Certificate],
    /// The time whose status is asked for.
    pub time: DateTime<Utc>,
    /// Which algorithms count as reliable in lists.
    pub algorithms: &'a CryptographicConstraints,
}

/// The status of one certificate.
#[derive(Debug, Clone)]
pub enum RevocationStatus {
    /// On no list that counts, or revoked only later.
    Good {
        /// The list that decided.
        list: Arc<CertificateRevocationList>,
        /// The entry, when the list says that the certificate was revoked after the time asked for.
        revoked_later: Option<RevokedEntry>,
    },
    /// Revoked at the time.
    Revoked {
        /// When and why.
        entry: RevokedEntry,
        /// The list that decided.
        list: Arc<CertificateRevocationList>,
    },
    /// On hold at the time (`certificateHold`): neither good nor finally revoked.
    Hold {
        /// Since when.
        entry: RevokedEntry,
        /// The list that decided.
        list: Arc<CertificateRevocationList>,
    },
    /// No list that counts.
    Unknown(UnknownReason),
}

/// Why the status is unknown: of several lists, what kept the most promising one from counting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownReason {
    /// No list of the issuer is at hand.
    #[error("no revocation list of the issuer")]
    NoList,
    /// The signature of the list does not hold under the issuer's key.
    #[error("the signature of the revocation list does not verify")]
    BadSignature,
    /// The list's algorithm or the issuer's key cannot be verified here.
    #[error("the revocation list cannot be verified: {0}")]
    Algorithm(AlgorithmError),
    /// The list cannot be used for this certificate.
    #[error("the revocation list is not usable: {0}")]
    Unusable(Unusable),
    /// The list was issued after the time asked for.
    #[error("the revocation list is not valid before {this_update}")]
    NotYetValid {
        /// Its `thisUpdate`.
        this_update: DateTime<Utc>,
    },
    /// The list was superseded before the time asked for.
    #[error("the revocation list is stale since {next_update}")]
    Stale {
        /// Its `nextUpdate`.
        next_update: DateTime<Utc>,
    },
}

impl UnknownReason {
    fn rank(&self) -> u8 {
        match self {
            Self::NoList => 0,
            Self::BadSignature => 1,
            Self::Algorithm(_) => 2,
            Self::Unusable(_) => 3,
            Self::NotYetValid { .. } => 4,
            Self::Stale { .. } => 5,
        }
    }
}

/// The status of each certificate of the path, from the leaf up, in the order of [`CertificationPath::certificates`]. The
/// anchor has none: trust in it is revoked in the trust store.
pub fn check(request: &RevocationRequest<'_>, budget: &mut PathBudget) -> Vec<RevocationStatus> {
    (0..request.path.certificates().len()).map(|index| check_one(request, index, budget)).collect()
}

/// The status of the certificate at `index` of the path (0 is the leaf).
pub fn check_one(request: &RevocationRequest<'_>, index: usize, budget: &mut PathBudget) -> RevocationStatus {
    status(request, index, budget, 0)
}

fn status(request: &RevocationRequest<'_>, index: usize, budget: &mut PathBudget, depth: u8) -> RevocationStatus {
    let pair = request.path.certificates().get(index).zip(request.path.issuer(index));
    let Some((certificate, issuer)) = pair else {
        return RevocationStatus::Unknown(UnknownReason::NoList);
    };
    let came_along = request.lists.iter().filter(|list| list.is_issued_by_name_of(issuer));
    let mut lists: Vec<&Arc<CertificateRevocationList>> =
        request.store.crls_of(issuer, request.purpose).chain(came_along).collect();
    lists.sort_by(|a, b| b.compare_age(a));
    let (deltas, full): (Vec<_>, Vec<_>) = lists.into_iter().partition(|list| list.is_delta());
    // A delta without a base still explains why there is no answer.
    let mut unknown = deltas.first().map_or(UnknownReason::NoList, |_| UnknownReason::Unusable(Unusable::Delta));
    for list in full {
        let (verified, signer) = match counting(request, list, certificate, issuer, budget, depth) {
            Ok(counting) => counting,
            Err(reason) => {
                unknown = if reason.rank() > unknown.rank() { reason } else { unknown };
                continue;
            }
        };
        let delta = deltas.iter().find(|delta| delta.is_delta_to(list) && in_period(delta, request.time).is_ok());
        let later = delta.and_then(|delta| Some((delta, delta.verify(&signer).ok()?.lookup(certificate.serial())?)));
        let (list, entry) =
            later.map_or_else(|| (list, verified.lookup(certificate.serial())), |(delta, entry)| (*delta, Some(entry)));
        return judge(Arc::clone(list), entry, request.time);
    }
    RevocationStatus::Unknown(unknown)
}

fn judge(list: Arc<CertificateRevocationList>, entry: Option<RevokedEntry>, time: DateTime<Utc>) -> RevocationStatus {
    match entry {
        None => RevocationStatus::Good { list, revoked_later: None },
        Some(entry) if entry.reason == Reason::RemoveFromCrl => RevocationStatus::Good { list, revoked_later: None },
        Some(entry) if entry.revocation_date > time => RevocationStatus::Good { list, revoked_later: Some(entry) },
        Some(entry) if entry.reason == Reason::CertificateHold => RevocationStatus::Hold { entry, list },
        Some(entry) => RevocationStatus::Revoked { entry, list },
    }
}

/// The list with its signature verified, and the certificate it was verified under, if it counts for `certificate`.
fn counting<'l>(
    request: &RevocationRequest<'_>,
    list: &'l CertificateRevocationList,
    certificate: &Certificate,
    issuer: &Certificate,
    budget: &mut PathBudget,
    depth: u8,
) -> Result<(Verified<'l>, Certificate), UnknownReason> {
    if let Some(reason) = list.unusable() {
        return Err(UnknownReason::Unusable(reason.clone()));
    }
    if !covers(list, certificate) {
        return Err(UnknownReason::Unusable(Unusable::OutOfScope));
    }
    in_period(list, request.time)?;
    let refused = match list.verify(issuer) {
        Ok(verified) => return reliable(request, list, issuer).map(|()| (verified, issuer.clone())),
        Err(VerifyError::KeyUsage) => UnknownReason::Unusable(Unusable::Signer),
        Err(VerifyError::Algorithm(AlgorithmError::SignatureInvalid) | VerifyError::IssuerName) => {
            UnknownReason::BadSignature
        }
        Err(VerifyError::Algorithm(error)) => UnknownReason::Algorithm(error),
    };
    let signer = separate_signer(request, list, issuer, budget, depth).ok_or(refused.clone())?;
    reliable(request, list, &signer)?;
    list.verify(&signer).map(|verified| (verified, signer)).map_err(|_| refused)
}

/// Whether the list's signature, which verified under the key of `signer`, still proves something.
fn reliable(
    request: &RevocationRequest<'_>,
    list: &CertificateRevocationList,
    signer: &Certificate,
) -> Result<(), UnknownReason> {
    let algorithm = SignatureAlgorithm::resolve(list.signature_algorithm()).map_err(UnknownReason::Algorithm)?;
    let key = signer.public_key().map_err(UnknownReason::Algorithm)?;
    request.algorithms.check(algorithm, key, request.time).map_err(UnknownReason::Algorithm)
}

fn in_period(list: &CertificateRevocationList, time: DateTime<Utc>) -> Result<(), UnknownReason> {
    if time < list.this_update() {
        return Err(UnknownReason::NotYetValid { this_update: list.this_update() });
    }
    match list.next_update() {
        Some(next_update) if next_update < time => Err(UnknownReason::Stale { next_update }),
        _ => Ok(()),
    }
}

/// Another certificate of the issuer's name whose key signed the list: a separate key for CRLs, or the key before or after a
/// rollover. It must have its own valid path to the same anchor (§6.3.3 (f)) and must not be revoked itself.
fn separate_signer(
    request: &RevocationRequest<'_>,
    list: &CertificateRevocationList,
    issuer: &Certificate,
    budget: &mut PathBudget,
    depth: u8,
) -> Option<Certificate> {
    if depth >= MAX_SIGNER_DEPTH {
        return None;
    }
    let at_hand = request
        .store
        .namesakes_of(issuer)
        .filter(|entry| entry.purposes.contains(request.purpose) && entry.supports(request.time));
    let at_hand = at_hand.map(|entry| &entry.certificate);
    let came_along = request.candidates.iter().filter(|candidate| list.is_issued_by_name_of(candidate));
    for signer in at_hand.chain(came_along).filter(|signer| signer.spki() != issuer.spki()) {
        budget.signature_checks = budget.signature_checks.checked_sub(1)?;
        if list.verify(signer).is_err() {
            continue;
        }
        let to_signer = PathRequest {
            leaf: signer,
            candidates: request.candidates,
            store: request.store,
            purpose: request.purpose,
            time: request.time,
            algorithms: request.algorithms,
            policies: InitialPolicies::default(),
        };
        let Ok(path) = path::build(&to_signer, budget) else {
            continue;
        };
        if path.anchor().certificate != request.path.anchor().certificate {
            continue;
        }
        let of_signer = RevocationRequest { path: &path, ..*request };
        let holds = (0..path.certificates().len())
            .all(|index| matches!(status(&of_signer, index, budget, depth + 1), RevocationStatus::Good { .. }));
        if holds {
            return Some(signer.clone());
        }
    }
    None
}

/// Whether the list's scope and distribution point are the certificate's (§6.3.3 (b)).
fn covers(list: &CertificateRevocationList, certificate: &Certificate) -> bool {
    let kind = match list.scope() {
        Scope::All => true,
        Scope::EndEntities => !certificate.is_ca(),
        Scope::Authorities => certificate.is_ca(),
    };
    let point = list.distribution_point().is_empty()
        || certificate
            .crl_distribution_points()
            .iter()
            .any(|point| !point.is_partial && point.names.iter().any(|name| list.distribution_point().contains(name)));
    kind && point
}

/// Whether `candidate` is older than `held` and must not replace it (see [`CertificateRevocationList::compare_age`]).
pub fn is_older(candidate: &CertificateRevocationList, held: &CertificateRevocationList) -> bool {
    candidate.compare_age(held) == Ordering::Less
}
