//! Revocation status of the certificates of a path from CRLs, at a given time (RFC 5280 §6.3).
//!
//! A list counts when it [covers](self::coverage) the certificate, the time lies between its updates, and its signature holds
//! under the key of an issuer whose own path ends at the same anchor. Lists are taken newest first, each with the newest delta
//! that fits it, until every reason is covered: a certificate is good only when no reason is left out. Absence of an answer is
//! [`RevocationStatus::Unknown`] with its reason: whether that is acceptable is the caller's policy, never decided here. A
//! delta that is absent, stale or badly signed takes nothing from its base, and a delta without its base says nothing.

mod coverage;
mod signer;

use std::cmp::Ordering;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::algorithm::{AlgorithmError, CryptographicConstraints};
use super::certificate::Certificate;
use super::crl::{CertificateRevocationList, Reason, RevokedEntry, Unreadable, Unusable};
use super::distribution::ReasonSet;
use super::path::{CertificationPath, PathBudget};
use super::trust::{Purpose, TrustStore};
use coverage::{coverage, issuer_names};
use signer::{reliable, signer_of};

type List = Arc<CertificateRevocationList>;

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
        /// What the answer rests on besides: the base of a delta, lists for other reasons.
        beside: Vec<Arc<CertificateRevocationList>>,
        /// The entry, when the list says that the certificate was revoked after the time asked for.
        revoked_later: Option<RevokedEntry>,
    },
    /// Revoked at the time.
    Revoked {
        /// When and why.
        entry: RevokedEntry,
        /// The list that decided.
        list: Arc<CertificateRevocationList>,
        /// What the answer rests on besides.
        beside: Vec<Arc<CertificateRevocationList>>,
    },
    /// On hold at the time (`certificateHold`): neither good nor finally revoked.
    Hold {
        /// Since when.
        entry: RevokedEntry,
        /// The list that decided.
        list: Arc<CertificateRevocationList>,
        /// What the answer rests on besides.
        beside: Vec<Arc<CertificateRevocationList>>,
    },
    /// No list that counts.
    Unknown(UnknownReason),
}

impl RevocationStatus {
    /// Every list that the answer rests on, the one that decided first: with them it can be reached again.
    pub fn lists(&self) -> impl Iterator<Item = &Arc<CertificateRevocationList>> {
        let (list, beside) = match self {
            Self::Good { list, beside, .. } | Self::Revoked { list, beside, .. } | Self::Hold { list, beside, .. } => {
                (Some(list), beside.as_slice())
            }
            Self::Unknown(_) => (None, [].as_slice()),
        };
        list.into_iter().chain(beside)
    }
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
    /// The octets of the list cannot be read again.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Lists count, but not for every reason for which a certificate may be revoked (§6.3.3 (l)).
    #[error("the revocation lists at hand leave out some reasons")]
    ReasonsLeftOut,
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
            Self::Unreadable(_) => 6,
            Self::ReasonsLeftOut => 7,
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

/// A certificate whose status is asked for, with its place in its path.
#[derive(Clone, Copy)]
struct Question<'a> {
    request: &'a RevocationRequest<'a>,
    certificate: &'a Certificate,
    /// Of the certificate; the certificates above it, and the anchor, stand above.
    index: usize,
    /// How many CRL issuers have led here.
    depth: u8,
}

fn status(request: &RevocationRequest<'_>, index: usize, budget: &mut PathBudget, depth: u8) -> RevocationStatus {
    let Some(certificate) = request.path.certificates().get(index) else {
        return RevocationStatus::Unknown(UnknownReason::NoList);
    };
    let question = Question { request, certificate, index, depth };
    let (deltas, full): (Vec<_>, Vec<_>) = question.lists_at_hand().into_iter().partition(|list| list.is_delta());
    // A delta without a base still explains why there is no answer.
    let mut unknown = deltas.first().map_or(UnknownReason::NoList, |_| UnknownReason::Unusable(Unusable::Delta));
    let mut covered = ReasonSet::NONE;
    let mut answer: Option<Answer> = None;
    for list in full {
        match question.ask(list, &deltas, covered, budget) {
            Ok(None) => {}
            Ok(Some((reasons, given))) => {
                covered = covered.union(reasons);
                answer = Some(Answer::worse(answer, given));
                if answer.as_ref().is_some_and(Answer::is_final) || covered.contains(ReasonSet::ALL) {
                    break;
                }
            }
            Err(reason) => unknown = if reason.rank() > unknown.rank() { reason } else { unknown },
        }
    }
    match answer {
        Some(answer) => answer.conclude(covered),
        None => RevocationStatus::Unknown(unknown),
    }
}

impl<'a> Question<'a> {
    /// Lists by the names under which the certificate's revocation may be published, newest first. By `thisUpdate`, since
    /// numbers of several series do not compare.
    fn lists_at_hand(&self) -> Vec<&'a List> {
        let request = self.request;
        let names = issuer_names(self.certificate);
        let stored = names.iter().flat_map(|name| request.store.crls_named(name, request.purpose));
        let came_along =
            request.lists.iter().filter(|list| names.iter().any(|name| **name == *list.issuer_canonical()));
        let mut lists: Vec<&List> = stored.chain(came_along).collect();
        let age = |list: &List| (list.this_update(), list.number().map(|number| (number.len(), number.to_vec())));
        lists.sort_by_cached_key(|list| std::cmp::Reverse(age(list)));
        lists
    }

    /// What one full list, with its delta, says: the reasons it covers and the answer. `None`: nothing new.
    fn ask(
        &self,
        list: &'a List,
        deltas: &[&'a List],
        covered: ReasonSet,
        budget: &mut PathBudget,
    ) -> Result<Option<(ReasonSet, Answer)>, UnknownReason> {
        if let Some(reason) = list.unusable() {
            return Err(UnknownReason::Unusable(reason.clone()));
        }
        let reasons = coverage(list, self.certificate).map_err(UnknownReason::Unusable)?;
        if covered.contains(reasons) {
            return Ok(None);
        }
        in_period(list, self.request.time)?;
        let (verified, signer) = signer_of(self, list, budget)?;
        let mut answer = Answer { list: Arc::clone(list), beside: Vec::new(), entry: None, time: self.request.time };
        let delta = deltas.iter().find_map(|delta| {
            let counts = delta.is_delta_to(list) && in_period(delta, self.request.time).is_ok();
            let verified = counts.then(|| delta.verify(&signer).ok()).flatten()?;
            reliable(self.request, delta, &signer).is_ok().then_some((*delta, verified))
        });
        if let Some((delta, verified)) = delta {
            let entry = verified.lookup_certificate(self.certificate)?;
            answer.beside.push(std::mem::replace(&mut answer.list, Arc::clone(delta)));
            answer.entry = entry;
        }
        if answer.entry.is_none() {
            answer.entry = verified.lookup_certificate(self.certificate)?;
        }
        Ok(Some((reasons, answer)))
    }
}

/// What lists say about one certificate.
struct Answer {
    list: List,
    beside: Vec<List>,
    entry: Option<RevokedEntry>,
    time: DateTime<Utc>,
}

impl Answer {
    /// Of the answers for different reasons the one that weighs more, with the lists of both.
    fn worse(known: Option<Self>, given: Self) -> Self {
        let Some(known) = known else { return given };
        let (mut worse, better) = if given.weight() > known.weight() { (given, known) } else { (known, given) };
        worse.beside.push(better.list);
        worse.beside.extend(better.beside);
        worse
    }

    fn weight(&self) -> u8 {
        match self.entry {
            None => 0,
            Some(entry) if entry.reason == Reason::RemoveFromCrl => 0,
            Some(entry) if entry.revocation_date > self.time => 1,
            Some(entry) if entry.reason == Reason::CertificateHold => 2,
            Some(_) => 3,
        }
    }

    /// A hold may still turn out to be a revocation for another reason; a revocation stays one.
    fn is_final(&self) -> bool {
        self.weight() == 3
    }

    fn conclude(self, covered: ReasonSet) -> RevocationStatus {
        let (weight, Self { list, beside, entry, .. }) = (self.weight(), self);
        match entry {
            Some(entry) if weight == 3 => RevocationStatus::Revoked { entry, list, beside },
            Some(entry) if weight == 2 => RevocationStatus::Hold { entry, list, beside },
            _ if !covered.contains(ReasonSet::ALL) => RevocationStatus::Unknown(UnknownReason::ReasonsLeftOut),
            entry => RevocationStatus::Good { list, beside, revoked_later: entry.filter(|_| weight == 1) },
        }
    }
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

/// Whether `candidate` is older than `held` and must not replace it (see [`CertificateRevocationList::compare_age`]).
pub fn is_older(candidate: &CertificateRevocationList, held: &CertificateRevocationList) -> bool {
    candidate.compare_age(held) == Ordering::Less
}
