//! Whose key signed a list (RFC 5280 §6.3.3 (f), (g)): the certificate's issuer, another authority above it, or a CRL issuer
//! with a path of its own to the same anchor.

use super::{Question, RevocationRequest, RevocationStatus, UnknownReason, status};
use crate::pki::algorithm::{AlgorithmError, SignatureAlgorithm};
use crate::pki::certificate::Certificate;
use crate::pki::crl::{CertificateRevocationList, Unusable, Verified, VerifyError};
use crate::pki::path::{self, InitialPolicies, PathBudget, PathRequest};

/// How many CRL issuers with a key of their own may follow from one another: a key rollover at two levels of authorities.
const MAX_SIGNER_DEPTH: u8 = 2;

/// The list with its signature verified, and the certificate it was verified under.
pub(super) fn signer_of<'l>(
    question: &Question<'_>,
    list: &'l CertificateRevocationList,
    budget: &mut PathBudget,
) -> Result<(Verified<'l>, Certificate), UnknownReason> {
    let path = question.request.path;
    let above = path.certificates().iter().skip(question.index + 1).chain([&path.anchor().certificate]);
    let above: Vec<&Certificate> = above.filter(|certificate| list.is_issued_by_name_of(certificate)).collect();
    let mut refused = UnknownReason::NoList;
    for signer in &above {
        match list.verify(signer) {
            Ok(verified) => return reliable(question.request, list, signer).map(|()| (verified, (*signer).clone())),
            Err(error) => refused = reason(error),
        }
    }
    let signer = separate_signer(question, list, &above, budget).ok_or(match refused {
        // Names only, no key: the CRL issuer's certificate is not at hand, or leads nowhere.
        UnknownReason::NoList => UnknownReason::BadSignature,
        refused => refused,
    })?;
    reliable(question.request, list, &signer)?;
    list.verify(&signer).map(|verified| (verified, signer)).map_err(reason)
}

/// Whether the list's signature, which verified under the key of `signer`, still proves something.
pub(super) fn reliable(
    request: &RevocationRequest<'_>,
    list: &CertificateRevocationList,
    signer: &Certificate,
) -> Result<(), UnknownReason> {
    let algorithm = SignatureAlgorithm::resolve(list.signature_algorithm()).map_err(UnknownReason::Algorithm)?;
    let key = signer.public_key().map_err(UnknownReason::Algorithm)?;
    request.algorithms.check(algorithm, key, request.time).map_err(UnknownReason::Algorithm)
}

fn reason(error: VerifyError) -> UnknownReason {
    match error {
        VerifyError::KeyUsage => UnknownReason::Unusable(Unusable::Signer),
        VerifyError::Algorithm(AlgorithmError::SignatureInvalid) | VerifyError::IssuerName => {
            UnknownReason::BadSignature
        }
        VerifyError::Algorithm(error) => UnknownReason::Algorithm(error),
        VerifyError::Unreadable(error) => UnknownReason::Unreadable(error),
    }
}

/// A certificate of the list's issuer whose key signed the list and who is not in the path: a separate key for lists, the key
/// before or after a rollover, or the CRL issuer that the certificate names. It must have its own valid path to the same
/// anchor, and must not be revoked itself; that path comes first, since the list may be large and the candidate anybody's.
fn separate_signer(
    question: &Question<'_>,
    list: &CertificateRevocationList,
    tried: &[&Certificate],
    budget: &mut PathBudget,
) -> Option<Certificate> {
    if question.depth >= MAX_SIGNER_DEPTH {
        return None;
    }
    let request = question.request;
    let at_hand = request
        .store
        .named(list.issuer_canonical())
        .filter(|entry| entry.purposes.contains(request.purpose) && entry.supports(request.time));
    let at_hand = at_hand.map(|entry| &entry.certificate);
    let came_along = request.candidates.iter().filter(|candidate| list.is_issued_by_name_of(candidate));
    let untried = |signer: &&Certificate| tried.iter().all(|tried| tried.spki() != signer.spki());
    for signer in at_hand.chain(came_along).filter(untried) {
        let is_permitted = request.store.permits(signer, request.purpose, request.time);
        if !is_permitted || signer.key_usage().is_some_and(|usage| !usage.crl_sign()) {
            continue;
        }
        if signer == question.certificate {
            // Its path is the one in question already. Its list tells its own status only where its issuer said so.
            budget.signature_checks = budget.signature_checks.checked_sub(1)?;
            if is_sent_to_itself(signer) && list.verify(signer).is_ok() {
                return Some(signer.clone());
            }
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
        let anchor = &request.path.anchor().certificate;
        if path.anchor().certificate != *anchor
            && !(path.certificates().is_empty() && is_rollover(signer, anchor, budget))
        {
            continue;
        }
        budget.signature_checks = budget.signature_checks.checked_sub(1)?;
        if list.verify(signer).is_err() {
            continue;
        }
        let of_signer = RevocationRequest { path: &path, ..*request };
        let holds = (0..path.certificates().len()).all(|index| {
            matches!(status(&of_signer, index, budget, question.depth + 1), RevocationStatus::Good { .. })
        });
        if holds {
            return Some(signer.clone());
        }
    }
    None
}

/// Whether two anchors are one authority before and after a change of keys: one name, and one key certified the other
/// (RFC 4210 §4.4). Both are trusted by decision; the path might have ended at either.
fn is_rollover(one: &Certificate, other: &Certificate, budget: &mut PathBudget) -> bool {
    let certified = |subject: &Certificate, issuer: &Certificate, budget: &mut PathBudget| {
        let Some(left) = budget.signature_checks.checked_sub(1) else { return false };
        budget.signature_checks = left;
        subject.is_named_issuer(issuer) && subject.verify_signed_by(issuer).is_ok()
    };
    let is_same_name = one.subject_canonical() == other.subject_canonical();
    is_same_name && (certified(one, other, budget) || certified(other, one, budget))
}

/// Whether the issuer of a CRL issuer's certificate names that very CRL issuer for its revocation: there is no other source.
fn is_sent_to_itself(signer: &Certificate) -> bool {
    let named = signer.crl_distribution_points().iter().flat_map(|point| &point.crl_issuer);
    named.into_iter().any(|name| name.is_directory(signer.subject_canonical()))
}
