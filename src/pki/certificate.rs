//! A certificate, interpreted once (RFC 5280 §4).
//!
//! The frame is walked by the strict reader, which fixes where each field lies and refuses whatever is not DER; names, keys
//! and extensions are interpreted by x509-parser and by nothing else.

mod extension;
mod frame;

use std::fmt;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::algorithm::{AlgorithmError, AlgorithmIdentifier, PublicKey, SignatureAlgorithm};
use super::der::{DerError, Reader, Tag};
pub use super::distribution::{DistributionPoint, PointName};
use super::{Oid, name, sha256};
use extension::Extensions;
pub use extension::{BasicConstraints, ExtendedKeyUsage, KeyUsage, PolicyConstraints};
use frame::{Frame, Span};

/// Largest certificate accepted, in octets.
const MAX_LENGTH: usize = 256 * 1024;

/// Why octets are not a certificate this service works with. Carries nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Longer than 256 KiB.
    #[error("the certificate is larger than {MAX_LENGTH} octets")]
    Oversized,
    /// Not DER, or not the frame of a certificate; trailing octets included.
    #[error("the certificate is not DER: {0}")]
    Der(#[from] DerError),
    /// The frame is right, its fields are not.
    #[error("the certificate cannot be interpreted: {0}")]
    Uninterpretable(&'static str),
    /// A version that does not exist, or fields its version does not have.
    #[error("the certificate has fields that its version does not have")]
    Version,
    /// `signatureAlgorithm` and `tbsCertificate.signature` differ (RFC 5280 §4.1.1.2).
    #[error("inner and outer signature algorithms differ")]
    SignatureAlgorithms,
    /// An extension that stands twice (RFC 5280 §4.2).
    #[error("extension {0} occurs twice")]
    DuplicateExtension(Oid),
    /// An extension this service relies on whose content is malformed.
    #[error("extension {0} is malformed")]
    Extension(Oid),
}

/// A certificate. Immutable; a clone shares it.
///
/// Equality is that of the octets. `Debug` shows the SHA-256 only, since subjects are persons.
#[derive(Clone)]
pub struct Certificate(Arc<Inner>);

struct Inner {
    der: Box<[u8]>,
    sha256: [u8; 32],
    tbs: Span,
    serial: Span,
    issuer: Span,
    subject: Span,
    spki: Span,
    signature: Span,
    not_before: DateTime<Utc>,
    not_after: DateTime<Utc>,
    signature_algorithm: AlgorithmIdentifier,
    key_algorithm: AlgorithmIdentifier,
    public_key: Result<PublicKey, AlgorithmError>,
    attributes: Vec<(Oid, Tag, Span)>,
    extensions: Extensions,
    spki_sha256: OnceLock<[u8; 32]>,
    canonical_issuer: OnceLock<Arc<[u8]>>,
    canonical_subject: OnceLock<Arc<[u8]>>,
    subject_display: OnceLock<Arc<str>>,
    issuer_display: OnceLock<Arc<str>>,
}

impl Certificate {
    /// Interprets one DER certificate, with nothing after it.
    ///
    /// An algorithm or key that cannot be verified here is no error: [`public_key`](Self::public_key) and
    /// [`verify_signed_by`](Self::verify_signed_by) say so when asked. Odd CRL or AIA locations are none either.
    ///
    /// Errors: see [`CertificateError`]; RFC 5280 §4.1–4.2.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        Self::of_digest(der, sha256(der))
    }

    /// As [`from_der`](Self::from_der), for octets whose SHA-256 is known.
    pub(super) fn of_digest(der: &[u8], sha256: [u8; 32]) -> Result<Self, CertificateError> {
        if der.len() > MAX_LENGTH {
            return Err(CertificateError::Oversized);
        }
        let frame = Frame::read(der)?;
        match frame.version {
            0 if frame.has_unique_identifiers || frame.has_extensions => return Err(CertificateError::Version),
            1 if frame.has_extensions => return Err(CertificateError::Version),
            0..=2 => {}
            _ => return Err(CertificateError::Version),
        }
        if frame.inner_algorithm != frame.outer_algorithm {
            return Err(CertificateError::SignatureAlgorithms);
        }
        let (rest, parsed) =
            X509Certificate::from_der(der).map_err(|_| CertificateError::Uninterpretable("structure"))?;
        if !rest.is_empty() || parsed.subject().as_raw() != frame.subject || parsed.issuer().as_raw() != frame.issuer {
            return Err(CertificateError::Uninterpretable("structure"));
        }
        let mut spki = Reader::new(frame.spki).sequence()?;
        let key_algorithm = AlgorithmIdentifier::read(&mut spki)?;
        let key_octets = spki.bit_string()?;
        spki.finish()?;
        let mut attributes = Vec::with_capacity(8);
        for attribute in parsed.subject().iter_attributes() {
            let oid = Oid::from_content(attribute.attr_type().as_bytes())?;
            let tag = Tag(u8::try_from(attribute.attr_value().tag().0).unwrap_or(0xff));
            attributes.push((oid, tag, Span::of(der, attribute.attr_value().data)?));
        }
        Ok(Self(Arc::new(Inner {
            sha256,
            tbs: Span::of(der, frame.tbs)?,
            serial: Span::of(der, frame.serial)?,
            issuer: Span::of(der, frame.issuer)?,
            subject: Span::of(der, frame.subject)?,
            spki: Span::of(der, frame.spki)?,
            signature: Span::of(der, frame.signature)?,
            not_before: frame.not_before,
            not_after: frame.not_after,
            signature_algorithm: AlgorithmIdentifier::read(&mut Reader::new(frame.outer_algorithm))?,
            public_key: PublicKey::new(&key_algorithm, key_octets),
            key_algorithm,
            attributes,
            extensions: Extensions::read(der, &parsed)?,
            spki_sha256: OnceLock::new(),
            canonical_issuer: OnceLock::new(),
            canonical_subject: OnceLock::new(),
            subject_display: OnceLock::new(),
            issuer_display: OnceLock::new(),
            der: der.into(),
        })))
    }

    /// The certificate as received.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// SHA-256 of [`der`](Self::der).
    pub fn sha256(&self) -> &[u8; 32] {
        &self.0.sha256
    }

    /// `tbsCertificate` as encoded: what the issuer signed.
    pub fn tbs(&self) -> &[u8] {
        self.0.tbs.within(&self.0.der)
    }

    /// Content octets of the serial number: two's complement, minimal, possibly zero or negative.
    pub fn serial(&self) -> &[u8] {
        self.0.serial.within(&self.0.der)
    }

    /// The serial number in lower-case hexadecimal.
    pub fn serial_hex(&self) -> String {
        hex::encode(self.serial())
    }

    /// The issuer's Name as encoded.
    pub fn issuer_raw(&self) -> &[u8] {
        self.0.issuer.within(&self.0.der)
    }

    /// The subject's Name as encoded.
    pub fn subject_raw(&self) -> &[u8] {
        self.0.subject.within(&self.0.der)
    }

    pub(super) fn issuer_canonical(&self) -> &[u8] {
        self.0.canonical_issuer.get_or_init(|| name::canonical(self.issuer_raw()).into())
    }

    pub(super) fn subject_canonical(&self) -> &[u8] {
        self.shared_subject()
    }

    fn shared_subject(&self) -> &Arc<[u8]> {
        self.0.canonical_subject.get_or_init(|| name::canonical(self.subject_raw()).into())
    }

    /// Takes over what is made of the issuer's name from a certificate whose subject is written in the same octets: for an authority's name
    /// that is done once, not with each of its certificates.
    pub(super) fn adopt_issuer_name(&self, issuer: &Self) {
        if self.0.canonical_issuer.get().is_none() && self.issuer_raw() == issuer.subject_raw() {
            let _ = self.0.canonical_issuer.set(Arc::clone(issuer.shared_subject()));
            let _ = self.0.issuer_display.set(Arc::clone(issuer.shared_display()));
        }
    }

    /// Whether `issuer`'s subject is this certificate's issuer name (RFC 5280 §7.1), octets first.
    pub fn is_named_issuer(&self, issuer: &Self) -> bool {
        self.issuer_raw() == issuer.subject_raw()
            || name::length(self.issuer_raw()) == name::length(issuer.subject_raw())
                && self.issuer_canonical() == issuer.subject_canonical()
    }

    /// Whether issuer and subject are the same name (RFC 5280 §3.2 self-issued).
    pub fn is_self_issued(&self) -> bool {
        self.is_named_issuer(self)
    }

    /// Attributes of the subject in order: identifier, string type, content octets.
    pub fn subject_attributes(&self) -> impl Iterator<Item = (Oid, Tag, &[u8])> {
        self.0.attributes.iter().map(|(oid, tag, span)| (*oid, *tag, span.within(&self.0.der)))
    }

    /// The subject for people: escaped and capped. Personal data: for reports, never for logs.
    pub fn subject_display(&self) -> String {
        self.shared_display().to_string()
    }

    fn shared_display(&self) -> &Arc<str> {
        self.0.subject_display.get_or_init(|| name::display(self.subject_attributes()).into())
    }

    /// The issuer for people: escaped and capped.
    pub fn issuer_display(&self) -> String {
        self.0.issuer_display.get_or_init(|| name::display_raw(self.issuer_raw()).into()).to_string()
    }

    /// Start of the validity period, inclusive.
    pub fn not_before(&self) -> DateTime<Utc> {
        self.0.not_before
    }

    /// End of the validity period, inclusive (RFC 5280 §4.1.2.5).
    pub fn not_after(&self) -> DateTime<Utc> {
        self.0.not_after
    }

    /// SubjectPublicKeyInfo as encoded.
    pub fn spki(&self) -> &[u8] {
        self.0.spki.within(&self.0.der)
    }

    /// SHA-256 of [`spki`](Self::spki), computed when first asked for.
    pub fn spki_sha256(&self) -> &[u8; 32] {
        self.0.spki_sha256.get_or_init(|| sha256(self.spki()))
    }

    /// The algorithm of the subject's key.
    pub fn key_algorithm(&self) -> &AlgorithmIdentifier {
        &self.0.key_algorithm
    }

    /// The subject's key, or why nothing can be verified with it here.
    pub fn public_key(&self) -> Result<&PublicKey, AlgorithmError> {
        self.0.public_key.as_ref().map_err(Clone::clone)
    }

    /// The algorithm the issuer signed with.
    pub fn signature_algorithm(&self) -> &AlgorithmIdentifier {
        &self.0.signature_algorithm
    }

    /// Verifies the issuer's signature under the key of `issuer` (RFC 5280 §6.1.3 (a)(1)); names are not looked at.
    ///
    /// Errors: the certificate's algorithm or the issuer's key not usable here, or `SignatureInvalid`.
    pub fn verify_signed_by(&self, issuer: &Self) -> Result<(), AlgorithmError> {
        let algorithm = SignatureAlgorithm::resolve(&self.0.signature_algorithm)?;
        algorithm.verify(issuer.public_key()?, self.tbs(), self.0.signature.within(&self.0.der))
    }

    /// `subjectKeyIdentifier` (§4.2.1.2). Compared, never recomputed: the national CAs derive it in several ways.
    pub fn subject_key_identifier(&self) -> Option<&[u8]> {
        self.0.extensions.subject_key_identifier.map(|span| span.within(&self.0.der))
    }

    /// `keyIdentifier` of `authorityKeyIdentifier` (§4.2.1.1).
    pub fn authority_key_identifier(&self) -> Option<&[u8]> {
        self.0.extensions.authority_key_identifier.map(|span| span.within(&self.0.der))
    }

    /// `basicConstraints` (§4.2.1.9).
    pub fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.0.extensions.basic_constraints
    }

    /// Whether `basicConstraints` says CA.
    pub fn is_ca(&self) -> bool {
        self.basic_constraints().is_some_and(|constraints| constraints.ca)
    }

    /// `keyUsage` (§4.2.1.3); `None` when absent, which restricts nothing.
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.0.extensions.key_usage
    }

    /// `extKeyUsage` (§4.2.1.12); in the national profile it carries the roles.
    pub fn extended_key_usage(&self) -> Option<&ExtendedKeyUsage> {
        self.0.extensions.extended_key_usage.as_ref()
    }

    /// Identifiers of `certificatePolicies` (§4.2.1.4), `None` when the extension is absent.
    pub fn policies(&self) -> Option<&[Oid]> {
        self.0.extensions.policies.as_deref()
    }

    /// `policyMappings` (§4.2.1.5): issuer's policy, subject's policy.
    pub fn policy_mappings(&self) -> &[(Oid, Oid)] {
        &self.0.extensions.policy_mappings
    }

    /// `policyConstraints` (§4.2.1.11).
    pub fn policy_constraints(&self) -> Option<PolicyConstraints> {
        self.0.extensions.policy_constraints
    }

    /// `inhibitAnyPolicy` (§4.2.1.14): certificates after which anyPolicy no longer counts.
    pub fn inhibit_any_policy(&self) -> Option<u32> {
        self.0.extensions.inhibit_any_policy
    }

    /// `nameConstraints` (§4.2.1.10), the extension's content as encoded.
    pub fn name_constraints_raw(&self) -> Option<&[u8]> {
        self.0.extensions.name_constraints.map(|span| span.within(&self.0.der))
    }

    /// `subjectAltName` (§4.2.1.6), the extension's content as encoded.
    pub fn subject_alternative_name_raw(&self) -> Option<&[u8]> {
        self.0.extensions.subject_alternative_name.map(|span| span.within(&self.0.der))
    }

    /// `cRLDistributionPoints` (§4.2.1.13); empty when absent or unreadable. Never fetched from.
    pub fn crl_distribution_points(&self) -> &[DistributionPoint] {
        &self.0.extensions.crl_distribution_points
    }

    /// Whether the certificate has extensions at all; one of version 1 has none.
    pub fn has_extensions(&self) -> bool {
        self.0.extensions.present
    }

    /// Critical extensions nothing here processes: a path through this certificate is refused (§4.2).
    pub fn unknown_critical_extensions(&self) -> &[Oid] {
        &self.0.extensions.unknown_critical
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.sha256 == other.0.sha256
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", hex::encode(self.0.sha256))
    }
}
