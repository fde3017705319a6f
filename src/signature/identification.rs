//! Identification of the signing certificate (EN 319 102-1 §5.2.3): which certificates may be the signer's.
//!
//! A SignerInfo names its certificate by issuer and serial number or by key identifier, and certificates in a message are not
//! protected. So there may be several candidates; which of them it was is known only once a key has verified the signature.

use ring::digest;

use super::conclusion::IndeterminateReason;
use super::format::Attributes;
use super::judgement::Judgement;
use super::policy::{Presence, ValidationPolicy, level};
use crate::cms::{SignerIdentifier, SigningCertificate};
use crate::pki::algorithm::Parameters;
use crate::pki::{AlgorithmIdentifier, Certificate, DigestAlgorithm};

/// The certificates that may be a signer's.
#[derive(Debug, Clone)]
pub(super) enum Candidates {
    /// None bears the signer's identifier.
    Absent,
    /// Some bear the identifier, but none is the one that the signer named in its signing-certificate attribute.
    NotTheNamed,
    /// Those that may be it; at least one.
    Found(Vec<Certificate>),
}

impl Candidates {
    /// Looks among `certificates` for those that `identifier` and the attributes name.
    pub(super) fn find(
        identifier: &SignerIdentifier<'_>,
        attributes: &Attributes<'_>,
        certificates: &[Certificate],
    ) -> Self {
        let mut matching: Vec<&Certificate> = Vec::new();
        for certificate in certificates.iter().filter(|certificate| is_identified(identifier, certificate)) {
            if !matching.contains(&certificate) {
                matching.push(certificate);
            }
        }
        if matching.is_empty() {
            return Self::Absent;
        }
        let named = attributes
            .as_ref()
            .ok()
            .and_then(Option::as_ref)
            .map(|attributes| attributes.signing_certificates.as_slice());
        matching.retain(|certificate| named.unwrap_or_default().iter().all(|name| is_named(name, certificate)));
        if matching.is_empty() { Self::NotTheNamed } else { Self::Found(matching.into_iter().cloned().collect()) }
    }

    /// The candidates, none when there are none.
    pub(super) fn as_slice(&self) -> &[Certificate] {
        match self {
            Self::Absent | Self::NotTheNamed => &[],
            Self::Found(certificates) => certificates,
        }
    }

    /// Judges whether a signer could be identified.
    pub(super) fn judge(&self, attributes: &Attributes<'_>, policy: &ValidationPolicy, judgement: &mut Judgement) {
        const CERTIFICATE: &str = "identification.signing-certificate";
        const ATTRIBUTE: &str = level::SIGNING_CERTIFICATE;
        let reason = IndeterminateReason::NoSigningCertificateFound;
        match self {
            Self::Absent => return judgement.fails(CERTIFICATE, "the signer's certificate is not at hand", reason),
            Self::NotTheNamed => return judgement.fails(ATTRIBUTE, "the attribute names another certificate", reason),
            Self::Found(certificates) if certificates.len() == 1 => judgement.holds(CERTIFICATE, "found"),
            Self::Found(certificates) => judgement.holds(CERTIFICATE, format!("{} candidates", certificates.len())),
        }
        let named = attributes
            .as_ref()
            .ok()
            .and_then(Option::as_ref)
            .is_some_and(|attributes| !attributes.signing_certificates.is_empty());
        match (named, policy.signing_certificate) {
            (true, _) => judgement.holds(ATTRIBUTE, "names this certificate"),
            (false, Presence::Optional) => judgement.skips(ATTRIBUTE, "absent, which the policy accepts"),
            (false, Presence::Required) => {
                let level = policy.levels.level(ATTRIBUTE);
                judgement.violates(
                    level,
                    ATTRIBUTE,
                    "absent, and required",
                    IndeterminateReason::SigConstraintsFailure,
                );
            }
        }
    }
}

fn is_identified(identifier: &SignerIdentifier<'_>, certificate: &Certificate) -> bool {
    match *identifier {
        SignerIdentifier::IssuerAndSerial { issuer, serial } => {
            certificate.serial() == serial && certificate.issuer_raw() == issuer
        }
        SignerIdentifier::SubjectKeyIdentifier(identifier) => certificate.subject_key_identifier() == Some(identifier),
    }
}

/// Whether the signing-certificate attribute names this certificate.
pub(super) fn is_named(name: &SigningCertificate<'_>, certificate: &Certificate) -> bool {
    let same_digest = match DigestAlgorithm::resolve(&AlgorithmIdentifier {
        oid: name.digest_algorithm,
        parameters: Parameters::Absent,
    }) {
        Ok(DigestAlgorithm::Sha256) => certificate.sha256() == name.digest,
        Ok(algorithm) => algorithm.digest(certificate.der()).is_ok_and(|digest| digest.as_ref() == name.digest),
        // SHA-1 only picks one of the certificates at hand here; what the certificate says is proved by its own signature.
        Err(_) if name.digest_algorithm == DigestAlgorithm::Sha1.oid() => {
            digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, certificate.der()).as_ref() == name.digest
        }
        Err(_) => false,
    };
    let same_issuer = name.issuer_serial.is_none_or(|pair| {
        pair.serial == certificate.serial() && pair.issuer.is_none_or(|issuer| issuer == certificate.issuer_raw())
    });
    same_digest && same_issuer
}
