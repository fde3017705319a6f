//! Signed properties of XAdES (ETSI EN 319 132-1 §5.2): the time the signer claims, and which certificate is meant.

use chrono::{DateTime, Utc};
use roxmltree::Node;

use super::signed_info::{bare, elements, expect};
use super::{Algorithm, SignatureError, XMLDSIG, document};

/// Type of a reference to signed properties (§4.4.2.2).
pub(super) const REFERENCE_TYPE: &str = "http://uri.etsi.org/01903#SignedProperties";
const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";

/// What the signer says about the signature, under the signature.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SignedProperties {
    /// The time the signer claims; proves nothing.
    pub signing_time: Option<DateTime<Utc>>,
    /// The signer's certificate: the first of SigningCertificate and of SigningCertificateV2 each.
    pub signing_certificates: Vec<CertificateDigest>,
}

/// A certificate by its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateDigest {
    /// Algorithm of the digest.
    pub algorithm: Algorithm,
    /// Digest of the whole DER certificate.
    pub digest: Vec<u8>,
}

/// The signed properties of a signature, when it has exactly one set of them.
pub(super) fn of<'a, 'input>(signature: Node<'a, 'input>) -> Option<Node<'a, 'input>> {
    let mut found = signature
        .children()
        .filter(|each| document::is(*each, XMLDSIG, "Object"))
        .flat_map(|object| object.children())
        .filter(|each| document::is(*each, XADES, "QualifyingProperties"))
        .flat_map(|qualifying| qualifying.children())
        .filter(|each| document::is(*each, XADES, "SignedProperties"));
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// Reads signed properties. What is not about time and certificate is left alone: no judgement rests on it.
pub(super) fn read(node: Node<'_, '_>) -> Result<SignedProperties, SignatureError> {
    let mut properties = SignedProperties::default();
    let Some(about) = one(node, "SignedSignatureProperties")? else { return Ok(properties) };
    if let Some(time) = one(about, "SigningTime")? {
        let text = document::only_text(time).map_err(SignatureError::Malformed)?;
        let time = DateTime::parse_from_rfc3339(text.trim_ascii());
        properties.signing_time = Some(time.map_err(|_| SignatureError::Malformed("SigningTime"))?.to_utc());
    }
    for name in ["SigningCertificate", "SigningCertificateV2"] {
        if let Some(list) = one(about, name)? {
            let first = *elements(list)?.first().ok_or(SignatureError::Malformed("SigningCertificate"))?;
            properties.signing_certificates.push(certificate_digest(first)?);
        }
    }
    Ok(properties)
}

fn certificate_digest(certificate: Node<'_, '_>) -> Result<CertificateDigest, SignatureError> {
    let digest = one(certificate, "CertDigest")?.ok_or(SignatureError::Malformed("SigningCertificate"))?;
    let [method, value] = *elements(digest)?.as_slice() else {
        return Err(SignatureError::Malformed("CertDigest"));
    };
    expect(method, "DigestMethod")?;
    expect(value, "DigestValue")?;
    Ok(CertificateDigest {
        algorithm: Algorithm::digest(bare(method)?),
        digest: document::base64(value).map_err(SignatureError::Malformed)?,
    })
}

/// The child of this name; a second one is a fault.
fn one<'a, 'input>(parent: Node<'a, 'input>, name: &str) -> Result<Option<Node<'a, 'input>>, SignatureError> {
    let mut found = parent.children().filter(|each| document::is(*each, XADES, name));
    let first = found.next();
    if found.next().is_some() { Err(SignatureError::Malformed("a property stands twice")) } else { Ok(first) }
}
