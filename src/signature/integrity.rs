//! Cryptographic verification (EN 319 102-1 §5.2.7): the content is the one that was signed, and a candidate's key signed it.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::acceptance::of_constraint;
use super::conclusion::{Conclusion, FailedReason, IndeterminateReason};
use super::format::Attributes;
use super::judgement::Judgement;
use super::policy::ValidationPolicy;
use crate::cms::SignerInfo;
use crate::pki::algorithm::Digest;
use crate::pki::{AlgorithmError, Certificate, DigestAlgorithm, PublicKey, SignatureAlgorithm};

/// Digests of one content, each made once however many signers share it.
#[derive(Debug)]
pub(super) struct ContentDigests<'a> {
    content: Option<&'a [u8]>,
    made: Vec<(DigestAlgorithm, Digest)>,
}

impl<'a> ContentDigests<'a> {
    pub(super) fn new(content: Option<&'a [u8]>) -> Self {
        Self { content, made: Vec::new() }
    }

    /// The digest by `algorithm`; `None` without content, or when the algorithm is not computed here.
    pub(super) fn by(&mut self, algorithm: DigestAlgorithm) -> Option<Digest> {
        let content = self.content?;
        if let Some((_, digest)) = self.made.iter().find(|(made, _)| *made == algorithm) {
            return Some(*digest);
        }
        let digest = algorithm.digest(content).ok()?;
        self.made.push((algorithm, digest));
        Some(digest)
    }
}

/// Public-key operations that candidates of one message may cost, in [`PublicKey::verification_cost`]: junk certificates must not
/// buy unlimited work.
#[derive(Debug)]
pub(super) struct VerificationBudget(u32);

impl VerificationBudget {
    pub(super) fn new() -> Self {
        Self(256)
    }

    fn spend(&mut self, key: &PublicKey) -> bool {
        let left = self.0.checked_sub(key.verification_cost());
        self.0 = left.unwrap_or(0);
        left.is_some()
    }
}

/// What is known about content and signature value of one signer.
#[derive(Debug)]
pub(super) struct Integrity {
    algorithm: Result<SignatureAlgorithm, AlgorithmError>,
    content: ContentState,
    signature: SignatureState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ContentState {
    /// There is no content.
    NotFound,
    /// The signature is over the content itself.
    SignedDirectly,
    /// The message digest is the content's.
    Unchanged,
    /// It is not.
    Changed,
}

#[derive(Debug)]
enum SignatureState {
    /// There was nothing to try.
    NotTried,
    /// These certificates' keys verify it.
    Verified(Vec<Certificate>),
    /// No key verifies it.
    Refused(AlgorithmError),
}

impl Integrity {
    /// Computes digest and signature of one signer. Nothing is concluded yet.
    pub(super) fn examine(
        signer: &SignerInfo<'_>,
        attributes: &Attributes<'_>,
        candidates: &[Certificate],
        digests: &mut ContentDigests<'_>,
        budget: &mut VerificationBudget,
    ) -> Self {
        let algorithm = SignatureAlgorithm::resolve_with_digest(&signer.signature_algorithm, &signer.digest_algorithm);
        let (content, octets) = match (digests.content, attributes) {
            (None, _) => (ContentState::NotFound, None),
            // What was signed cannot be known.
            (Some(_), Err(_)) => (ContentState::SignedDirectly, None),
            (Some(content), Ok(None)) => (ContentState::SignedDirectly, Some(Cow::Borrowed(content))),
            (Some(_), Ok(Some(attributes))) => {
                let digest = algorithm.as_ref().ok().and_then(|algorithm| digests.by(algorithm.digest()));
                let unchanged = digest.is_some_and(|digest| digest.as_ref() == attributes.message_digest);
                let state = if unchanged { ContentState::Unchanged } else { ContentState::Changed };
                (state, Some(attributes.signed_octets().into()))
            }
        };
        let signature = match (&algorithm, octets, content) {
            // A changed content is proved without the key.
            (Ok(algorithm), Some(octets), ContentState::SignedDirectly | ContentState::Unchanged) => {
                let candidates = candidates.iter().map(|candidate| (candidate, signer.signature));
                verify(*algorithm, &octets, candidates, budget)
            }
            _ => SignatureState::NotTried,
        };
        Self { algorithm, content, signature }
    }

    /// The same for a signature whose content was compared already: `octets` are what the key signed, `values` the
    /// signature value in the encoding that each candidate's key takes.
    pub(super) fn of_octets(
        algorithm: Result<SignatureAlgorithm, AlgorithmError>,
        is_unchanged: bool,
        octets: &[u8],
        candidates: &[(Certificate, Cow<'_, [u8]>)],
        budget: &mut VerificationBudget,
    ) -> Self {
        let content = if is_unchanged { ContentState::Unchanged } else { ContentState::Changed };
        let signature = match &algorithm {
            Ok(algorithm) if is_unchanged => {
                let candidates = candidates.iter().map(|(certificate, value)| (certificate, value.as_ref()));
                verify(*algorithm, octets, candidates, budget)
            }
            _ => SignatureState::NotTried,
        };
        Self { algorithm, content, signature }
    }

    /// Certificates whose key verified the signature: the only ones from which an identity may be taken.
    pub(super) fn verified_by(&self) -> &[Certificate] {
        match &self.signature {
            SignatureState::Verified(certificates) => certificates,
            SignatureState::NotTried | SignatureState::Refused(_) => &[],
        }
    }

    /// Name of the signature algorithm, when it is one that can be verified.
    pub(super) fn algorithm_name(&self) -> Option<&'static str> {
        self.algorithm.as_ref().ok().map(|algorithm| algorithm.name())
    }

    /// Judges content, algorithm, digest and signature, in this order.
    pub(super) fn judge(&self, policy: &ValidationPolicy, time: DateTime<Utc>, judgement: &mut Judgement) {
        const CONTENT: &str = "integrity.content";
        const ALGORITHM: &str = "integrity.algorithm";
        const DIGEST: &str = "integrity.content-digest";
        if self.content == ContentState::NotFound {
            return judgement.fails(
                CONTENT,
                "the signed content is not at hand",
                IndeterminateReason::SignedDataNotFound,
            );
        }
        judgement.holds(CONTENT, "at hand");
        match &self.algorithm {
            Err(error) => return judgement.fails(ALGORITHM, error.to_string(), of_algorithm(error)),
            Ok(algorithm) => match policy.algorithms.check_digest(algorithm.digest(), time) {
                Ok(()) => judgement.holds(ALGORITHM, algorithm.name()),
                Err(error) => return judgement.fails(ALGORITHM, error.to_string(), of_constraint(&error)),
            },
        }
        match self.content {
            ContentState::Changed => {
                return judgement.fails(DIGEST, "is not the one that was signed", FailedReason::HashFailure);
            }
            ContentState::SignedDirectly => judgement.skips(DIGEST, "the signature is over the content itself"),
            ContentState::Unchanged | ContentState::NotFound => judgement.holds(DIGEST, "is the one that was signed"),
        }
        match &self.signature {
            SignatureState::Verified(_) => judgement.holds(super::SIGNATURE_CHECK, "verifies"),
            SignatureState::Refused(error) => judgement.fails(super::SIGNATURE_CHECK, error.to_string(), of_key(error)),
            SignatureState::NotTried => {
                judgement.fails(super::SIGNATURE_CHECK, "not verified", IndeterminateReason::NoSigningCertificateFound);
            }
        }
    }
}

fn verify<'a>(
    algorithm: SignatureAlgorithm,
    octets: &[u8],
    candidates: impl Iterator<Item = (&'a Certificate, &'a [u8])>,
    budget: &mut VerificationBudget,
) -> SignatureState {
    let mut verified = Vec::new();
    let mut refusal = None;
    for (candidate, value) in candidates {
        let key = candidate.public_key();
        if key.as_ref().is_ok_and(|key| !budget.spend(key)) {
            break;
        }
        match key.and_then(|key| algorithm.verify(key, octets, value)) {
            Ok(()) => verified.push(candidate.clone()),
            // While one candidate's key cannot be tried at all, the signature is not proved bad.
            Err(error) if refusal.is_none() || matches!(of_key(&error), Conclusion::Indeterminate(_)) => {
                refusal = Some(error);
            }
            Err(_) => {}
        }
    }
    match refusal {
        _ if !verified.is_empty() => SignatureState::Verified(verified),
        Some(error) => SignatureState::Refused(error),
        None => SignatureState::NotTried,
    }
}

/// What an algorithm that the signer stated leads to.
fn of_algorithm(error: &AlgorithmError) -> Conclusion {
    match error {
        AlgorithmError::DigestMismatch { .. } => IndeterminateReason::SigConstraintsFailure.into(),
        _ => IndeterminateReason::CryptoConstraintsFailure.into(),
    }
}

/// What the trial of a key leads to. A key that cannot have made the signature proves it bad.
fn of_key(error: &AlgorithmError) -> Conclusion {
    match error {
        AlgorithmError::Unsupported { .. } | AlgorithmError::TooWeak { .. } | AlgorithmError::Outdated { .. } => {
            of_constraint(error).into()
        }
        AlgorithmError::Parameters { .. }
        | AlgorithmError::DigestMismatch { .. }
        | AlgorithmError::KeyMismatch { .. }
        | AlgorithmError::KeyMalformed(_)
        | AlgorithmError::SignatureInvalid => FailedReason::SigCryptoFailure.into(),
    }
}
