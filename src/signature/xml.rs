//! XML signatures by the same building blocks as signers of CMS messages: what differs is only where the facts come from.
//!
//! All signatures of a document must be over one content, as all signers of a CMS message are: the content that leaves is
//! what the first signature covered, which every later one covers too.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::acceptance::of_constraint;
use super::conclusion::{Conclusion, FailedReason, IndeterminateReason};
use super::integrity::{Integrity, VerificationBudget};
use super::judgement::Judgement;
use super::policy::{Presence, ValidationPolicy, level};
use super::signer::{Outcome, Surroundings, blank_report, describe};
use super::status::Material;
use super::{InputError, SignatureInput, Signed, Validation, sum_up};
use crate::pki::der::{Tag, write};
use crate::pki::{
    AlgorithmError, AlgorithmIdentifier, Certificate, DigestAlgorithm, SignatureAlgorithm, TrustStore, sha256,
};
use crate::xml::{Algorithm, CertificateDigest, DigestState, Reference, Signature, SignatureError, SignedDocument};

/// Whether octets are to be read as XML: the first that is not blank opens markup. Neither DER, PEM nor base64 does.
pub(super) fn is_xml(input: &[u8]) -> bool {
    input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input).trim_ascii_start().first() == Some(&b'<')
}

/// Validates every signature of a document.
pub(super) fn validate(
    input: &SignatureInput<'_>,
    policy: &ValidationPolicy,
    trust: &TrustStore,
    time: DateTime<Utc>,
) -> Result<Validation, InputError> {
    let document = SignedDocument::parse(input.signature)?;
    if input.content.is_some() {
        return Err(InputError::ContentTwice);
    }
    let mut warnings = Vec::new();
    let named: Vec<Vec<Certificate>> =
        document.signatures.iter().map(|signature| certificates_of(signature, &mut warnings)).collect();
    let certificates: Vec<Certificate> = named.iter().flatten().chain(input.certificates).cloned().collect();
    let material = Material { lists: input.crls, responses: input.ocsps, candidates: &certificates };
    let mut surroundings = Surroundings::new(material, policy, trust, time);
    let mut budget = VerificationBudget::new();
    let first = document.signatures.iter().find_map(|each| each.as_ref().ok()).and_then(Signature::content);
    let outcomes: Vec<Outcome> = document
        .signatures
        .iter()
        .zip(&named)
        .map(|(signature, candidates)| {
            judge(&mut surroundings, (policy, time), signature, candidates, first, &mut budget)
        })
        .collect();

    let content = first.and_then(|reference| match &reference.state {
        DigestState::Matched(octets) => Some(octets.as_slice()),
        _ => None,
    });
    warnings.extend(surroundings.warnings());
    let content_digest = content.map(|octets| hex::encode(sha256(octets)));
    let signed = Signed { signature: input.signature, content, content_digest };
    Ok(sum_up(outcomes, &signed, policy, trust, time, warnings))
}

/// The certificates that one signature brings along. What cannot be read cannot be the signer's either.
fn certificates_of(signature: &Result<Signature, SignatureError>, warnings: &mut Vec<String>) -> Vec<Certificate> {
    let carried = signature.as_ref().map(|signature| signature.certificates.as_slice()).unwrap_or_default();
    let mut read: Vec<Certificate> = Vec::with_capacity(carried.len());
    for certificate in carried.iter().filter_map(|der| Certificate::from_der(der).ok()) {
        if !read.contains(&certificate) {
            read.push(certificate);
        }
    }
    if carried.iter().any(|der| Certificate::from_der(der).is_err()) {
        warnings.push("a certificate in the document could not be read and was left out".to_owned());
    }
    read
}

/// Judges one signature. `first` is the content of the first signature of the document.
fn judge(
    surroundings: &mut Surroundings<'_>,
    (policy, time): (&ValidationPolicy, DateTime<Utc>),
    signature: &Result<Signature, SignatureError>,
    named: &[Certificate],
    first: Option<&Reference>,
    budget: &mut VerificationBudget,
) -> Outcome {
    const FORM: &str = "format.xml-signature";
    let mut judgement = Judgement::new();
    let signature = match signature {
        Ok(signature) => signature,
        Err(error) => {
            judgement.fails(FORM, error.to_string(), FailedReason::FormatFailure);
            return surroundings.conclude(judgement, &[], &[], blank_report(String::new(), String::new(), None));
        }
    };
    judgement.holds(FORM, "as expected");
    let content = signature.content();
    if first.map(|reference| reference.part) == content.map(|reference| reference.part) {
        judgement.holds("format.same-content", "the content of all signatures");
    } else {
        judgement.fails(
            "format.same-content",
            "another content than that of the first signature",
            FailedReason::FormatFailure,
        );
    }
    let candidates = candidates(signature, named, policy, &mut judgement);
    let (algorithm, state) = stated_algorithm(signature);
    let is_unchanged = signature.references.iter().all(|each| matches!(each.state, DigestState::Matched(_)));
    let mut verified = Vec::new();
    let mut name = describe_algorithm(&signature.algorithm);
    if let Some(algorithm) = algorithm {
        let encoded: Vec<_> = candidates.iter().map(|each| (each.clone(), value_for(each, signature))).collect();
        let integrity = Integrity::of_octets(algorithm, is_unchanged, &signature.signed_info, &encoded, budget);
        verified.extend_from_slice(integrity.verified_by());
        name = integrity.algorithm_name().map_or(name, str::to_owned);
        if !candidates.is_empty()
            && !matches!(judgement.conclusion(), Conclusion::TotalFailed(_))
            && judge_digests(signature, policy, time, &mut judgement)
        {
            integrity.judge(policy, time, &mut judgement);
        }
    } else if !matches!(judgement.conclusion(), Conclusion::TotalFailed(_)) {
        judgement.fails("integrity.algorithm", state, IndeterminateReason::CryptoConstraintsFailure);
    }
    let claimed = signature.properties.as_ref().and_then(|properties| properties.signing_time);
    let digest = content.map(|reference| describe_algorithm(&reference.digest_algorithm)).unwrap_or_default();
    surroundings.conclude(judgement, &verified, &candidates, blank_report(name, digest, claimed))
}

/// Those of the certificates that the signature does not exclude by naming another (XAdES §5.2.2).
fn candidates(
    signature: &Signature,
    named: &[Certificate],
    policy: &ValidationPolicy,
    judgement: &mut Judgement,
) -> Vec<Certificate> {
    const CERTIFICATE: &str = "identification.signing-certificate";
    const PROPERTY: &str = level::SIGNING_CERTIFICATE;
    let meant = signature.properties.as_ref().map(|each| each.signing_certificates.as_slice()).unwrap_or_default();
    let is_meant = |certificate: &&Certificate| meant.iter().all(|each| is_digest_of(each, certificate));
    let candidates: Vec<Certificate> = named.iter().filter(is_meant).cloned().collect();
    match (candidates.len(), named.len()) {
        (_, 0) => {
            judgement.fails(
                CERTIFICATE,
                "the signer's certificate is not at hand",
                IndeterminateReason::NoSigningCertificateFound,
            );
            return candidates;
        }
        (0, _) => {
            judgement.fails(
                PROPERTY,
                "the property names another certificate",
                IndeterminateReason::NoSigningCertificateFound,
            );
            return candidates;
        }
        (1, _) => judgement.holds(CERTIFICATE, "found"),
        (count, _) => judgement.holds(CERTIFICATE, format!("{count} candidates")),
    }
    match (meant.is_empty(), policy.signing_certificate) {
        (false, _) => judgement.holds(PROPERTY, "names this certificate"),
        (true, Presence::Optional) => judgement.skips(PROPERTY, "absent, which the policy accepts"),
        (true, Presence::Required) => {
            let level = policy.levels.level(PROPERTY);
            judgement.violates(level, PROPERTY, "absent, and required", IndeterminateReason::SigConstraintsFailure);
        }
    }
    candidates
}

/// However weak the digest, it only picks one of the certificates at hand; what a certificate says is proved by its own
/// signature.
fn is_digest_of(named: &CertificateDigest, certificate: &Certificate) -> bool {
    let Algorithm::Known(identifier) = &named.algorithm else { return false };
    DigestAlgorithm::resolve(identifier)
        .and_then(|algorithm| algorithm.digest(certificate.der()))
        .is_ok_and(|computed| computed.as_ref() == named.digest)
}

/// The signature algorithm, resolved; `None` with a reason when the document names one that nobody here knows.
fn stated_algorithm(signature: &Signature) -> (Option<Result<SignatureAlgorithm, AlgorithmError>>, String) {
    match &signature.algorithm {
        Algorithm::Unknown(uri) => (None, unsupported(uri)),
        Algorithm::Known(identifier) => (Some(resolve(identifier, signature)), String::new()),
    }
}

/// The digests of references are free to differ from the one inside the signature, but not in kind: a national signature
/// goes with a national digest, and no other does.
fn resolve(identifier: &AlgorithmIdentifier, signature: &Signature) -> Result<SignatureAlgorithm, AlgorithmError> {
    let algorithm = SignatureAlgorithm::resolve(identifier)?;
    for reference in &signature.references {
        if let Algorithm::Known(digest) = &reference.digest_algorithm
            && DigestAlgorithm::resolve(digest)
                .is_ok_and(|digest| is_national(digest) != is_national(algorithm.digest()))
        {
            return Err(AlgorithmError::DigestMismatch { signature: algorithm.name(), digest: digest.name().into() });
        }
    }
    Ok(algorithm)
}

fn is_national(digest: DigestAlgorithm) -> bool {
    matches!(digest, DigestAlgorithm::Gost34311 | DigestAlgorithm::Streebog256 | DigestAlgorithm::Streebog512)
}

/// Judges the digest algorithms of the references and says whether all are accepted; whether the digests are right is
/// judged with the signature.
fn judge_digests(
    signature: &Signature,
    policy: &ValidationPolicy,
    time: DateTime<Utc>,
    judgement: &mut Judgement,
) -> bool {
    const ID: &str = "integrity.reference-digest";
    for reference in &signature.references {
        let accepted = match &reference.digest_algorithm {
            Algorithm::Unknown(uri) => Err((unsupported(uri), IndeterminateReason::CryptoConstraintsFailure)),
            Algorithm::Known(identifier) => DigestAlgorithm::resolve(identifier)
                .and_then(|digest| policy.algorithms.check_digest(digest, time))
                .map_err(|error| (error.to_string(), of_constraint(&error))),
        };
        if let Err((detail, reason)) = accepted {
            judgement.fails(ID, detail, reason);
            return false;
        }
        judgement.holds(ID, describe_algorithm(&reference.digest_algorithm));
    }
    true
}

fn unsupported(uri: &str) -> String {
    format!("{uri:.100} is not supported")
}

fn describe_algorithm(algorithm: &Algorithm) -> String {
    match algorithm {
        Algorithm::Known(identifier) => describe(identifier),
        Algorithm::Unknown(uri) => format!("{uri:.100}"),
    }
}

/// The signature value as `certificate`'s key takes it. XML Signature writes ECDSA as r and s in as many octets as the
/// curve has (RFC 4050 §3.3, XML Signature 1.1 §6.4.3), where the house verifies the ASN.1 pair of RFC 3279.
fn value_for<'a>(certificate: &Certificate, signature: &'a Signature) -> Cow<'a, [u8]> {
    let length = match certificate.public_key().map(crate::pki::PublicKey::description).as_deref() {
        Ok("P-256") => 32,
        Ok("P-384") => 48,
        _ => return Cow::Borrowed(&signature.value),
    };
    if signature.value.len() != 2 * length {
        // Another length is no signature by this key, whatever it would mean as ASN.1.
        return Cow::Borrowed(&[]);
    }
    let (r, s) = signature.value.split_at(length);
    Cow::Owned(write::sequence(&[&integer(r), &integer(s)]))
}

/// An INTEGER of a number without sign.
fn integer(magnitude: &[u8]) -> Vec<u8> {
    let significant = &magnitude[magnitude.iter().position(|octet| *octet != 0).unwrap_or(magnitude.len())..];
    let is_padded = significant.first().is_none_or(|first| first & 0x80 != 0);
    write::tlv(Tag::INTEGER, &[if is_padded { &[0][..] } else { &[] }, significant].concat())
}
