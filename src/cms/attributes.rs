//! Signed attributes: strict DER, the attributes that bind a signature, each at most once (RFC 5652 §5.3, §11; RFC 5035 §3–4).

use chrono::{DateTime, Utc};

use super::MAX_ATTRIBUTES;
use crate::pki::Oid;
use crate::pki::der::{DerError, Element, Reader, Tag};

/// id-contentType (RFC 5652 §11.1).
pub const CONTENT_TYPE: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 9, 3]);
/// id-messageDigest (RFC 5652 §11.2).
pub const MESSAGE_DIGEST: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 9, 4]);
/// id-signingTime (RFC 5652 §11.3).
pub const SIGNING_TIME: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 9, 5]);
/// id-aa-signingCertificate (RFC 5035 §5.4.1): SHA-1, written by older clients and by the national time-stamp service.
pub const SIGNING_CERTIFICATE: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 9, 16, 2, 12]);
/// id-aa-signingCertificateV2 (RFC 5035 §3).
pub const SIGNING_CERTIFICATE_V2: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 9, 16, 2, 47]);
/// id-aa-CMSAlgorithmProtection (RFC 6211 §2).
pub const ALGORITHM_PROTECTION: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 9, 52]);

const SHA1: Oid = Oid::new(&[1, 3, 14, 3, 2, 26]);
const SHA256: Oid = Oid::new(&[2, 16, 840, 1, 101, 3, 4, 2, 1]);

/// What is wrong with the signed attributes of one signer. Each is a FORMAT_FAILURE of that signer (EN 319 102-1 §5.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttributeError {
    /// The attributes did not arrive as DER, over which the signature is made (RFC 5652 §5.4).
    #[error("the signed attributes are not DER")]
    NotDer,
    /// The structure is not that of a SET OF Attribute, or a value is not what its attribute holds.
    #[error("malformed attribute: {0}")]
    Malformed(DerError),
    /// More attributes than one signer may have.
    #[error("more than {MAX_ATTRIBUTES} attributes")]
    TooMany,
    /// An attribute stands twice.
    #[error("attribute {0} stands twice")]
    Duplicate(Oid),
    /// An attribute that holds exactly one value holds none or several.
    #[error("attribute {0} must hold exactly one value")]
    ValueCount(Oid),
    /// An attribute that binds a signature stands among the unsigned ones, where anybody may put it (RFC 5652 §11).
    #[error("attribute {0} is not signed")]
    NotSigned(Oid),
    /// An attribute stands where it must not: a counter-signature has no content type (RFC 5652 §11.4).
    #[error("attribute {0} has no place here")]
    Misplaced(Oid),
    /// A mandatory attribute is absent.
    #[error("attribute {0} is missing")]
    Missing(Oid),
}

impl From<DerError> for AttributeError {
    fn from(error: DerError) -> Self {
        match error {
            DerError::SetOrder | DerError::IndefiniteLength => Self::NotDer,
            other => Self::Malformed(other),
        }
    }
}

/// The signer's certificate as the signer names it in signing-certificate or signing-certificate-v2 (RFC 5035).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SigningCertificate<'a> {
    /// Algorithm of the digest; SHA-1 for the first version of the attribute, SHA-256 unless said in the second.
    pub digest_algorithm: Oid,
    /// Digest of the whole DER certificate.
    pub digest: &'a [u8],
    /// Issuer (a GeneralNames element) and serial number (INTEGER content), when given.
    pub issuer_serial: Option<IssuerSerial<'a>>,
}

/// IssuerSerial of RFC 5035 §4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IssuerSerial<'a> {
    /// The directory name among the general names, as the encoded Name; `None` when there is none.
    pub issuer: Option<&'a [u8]>,
    /// INTEGER content octets.
    pub serial: &'a [u8],
}

/// Algorithms repeated under the signature (RFC 6211), so that they cannot be exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlgorithmProtection<'a> {
    /// Encoded digest AlgorithmIdentifier content.
    pub digest: &'a [u8],
    /// Encoded signature AlgorithmIdentifier content; absent when a MAC algorithm stands there instead.
    pub signature: Option<&'a [u8]>,
}

/// The signed attributes of one signer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedAttributes<'a> {
    /// Content of the SET OF: with the universal tag in front it is what was signed.
    content: &'a [u8],
    /// The type of the content that was signed; `None` for a counter-signature alone.
    pub content_type: Option<Oid>,
    /// Digest of the content.
    pub message_digest: &'a [u8],
    /// The time the signer claims; proves nothing.
    pub signing_time: Option<DateTime<Utc>>,
    /// First signing certificate of each version of the attribute that is present.
    pub signing_certificates: Vec<SigningCertificate<'a>>,
    /// The further certificates that these attributes name: authorities, to which the path is limited (RFC 5035 §3).
    pub signing_authorities: Vec<SigningCertificate<'a>>,
    /// Algorithms repeated under the signature.
    pub algorithm_protection: Option<AlgorithmProtection<'a>>,
}

impl<'a> SignedAttributes<'a> {
    /// Reads the encoded attributes under whichever tag they bear: `[0]` in a SignerInfo, SET when hidden in content.
    ///
    /// # Errors
    /// The first [`AttributeError`] met.
    pub fn parse(encoded: &'a [u8]) -> Result<Self, AttributeError> {
        let attributes = read_all(encoded)?;
        let content_type = required(&attributes, CONTENT_TYPE)?;
        let read = Self::read(encoded, &attributes)?;
        Ok(Self { content_type: Some(only(content_type, Reader::oid)?), ..read })
    }

    /// Reads those of a counter-signature, which must not name a content type (RFC 5652 §11.4).
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_of_counter_signature(encoded: &'a [u8]) -> Result<Self, AttributeError> {
        let attributes = read_all(encoded)?;
        if attributes.iter().any(|attribute| attribute.kind == CONTENT_TYPE) {
            return Err(AttributeError::Misplaced(CONTENT_TYPE));
        }
        Self::read(encoded, &attributes)
    }

    /// Everything but the content type.
    fn read(encoded: &'a [u8], attributes: &[Attribute<'a>]) -> Result<Self, AttributeError> {
        let whole = crate::pki::der::single(encoded)?;
        let message_digest = required(attributes, MESSAGE_DIGEST)?;
        let signing_time = match single(attributes, SIGNING_TIME)? {
            Some(value) => Some(only(value, Reader::time)?),
            None => None,
        };
        let mut signing_certificates = Vec::new();
        let mut signing_authorities = Vec::new();
        if let Some(value) = single(attributes, SIGNING_CERTIFICATE_V2)? {
            signing_certificates.push(signing_certificate(value, ess_cert_id_v2, &mut signing_authorities)?);
        }
        if let Some(value) = single(attributes, SIGNING_CERTIFICATE)? {
            signing_certificates.push(signing_certificate(value, ess_cert_id, &mut signing_authorities)?);
        }
        let algorithm_protection = match single(attributes, ALGORITHM_PROTECTION)? {
            Some(value) => Some(protection(value)?),
            None => None,
        };
        Ok(Self {
            content: whole.content,
            content_type: None,
            message_digest: only(message_digest, Reader::octet_string)?,
            signing_time,
            signing_certificates,
            signing_authorities,
            algorithm_protection,
        })
    }

    /// The octets that were signed: the attributes under the universal SET tag (RFC 5652 §5.4).
    pub fn signed_octets(&self) -> Vec<u8> {
        crate::pki::der::write::tlv(Tag::SET, self.content)
    }
}

/// Attributes that have a meaning only under the signature (RFC 5652 §11.1–11.3, RFC 5035 §3, RFC 6211 §2).
pub(super) const ONLY_SIGNED: [Oid; 6] =
    [CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME, SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2, ALGORITHM_PROTECTION];

struct Attribute<'a> {
    kind: Oid,
    values: Vec<Element<'a>>,
}

fn read_all(encoded: &[u8]) -> Result<Vec<Attribute<'_>>, AttributeError> {
    let mut reader = Reader::new(encoded);
    let tag = reader.peek().ok_or(DerError::Truncated)?;
    // One more than allowed is read, so that "too many" is told from a length error.
    let elements = reader.set_of(tag, MAX_ATTRIBUTES).map_err(|error| match error {
        DerError::Length => AttributeError::TooMany,
        other => other.into(),
    })?;
    reader.finish()?;
    let mut attributes: Vec<Attribute<'_>> = Vec::with_capacity(elements.len());
    for element in elements {
        if element.tag != Tag::SEQUENCE {
            return Err(DerError::UnexpectedTag { expected: Tag::SEQUENCE, found: Some(element.tag) }.into());
        }
        let mut fields = element.reader();
        let kind = fields.oid()?;
        let values = fields.set_of(Tag::SET, MAX_ATTRIBUTES)?;
        fields.finish()?;
        if attributes.iter().any(|earlier| earlier.kind == kind) {
            return Err(AttributeError::Duplicate(kind));
        }
        attributes.push(Attribute { kind, values });
    }
    Ok(attributes)
}

fn single<'a>(attributes: &[Attribute<'a>], kind: Oid) -> Result<Option<Element<'a>>, AttributeError> {
    match attributes.iter().find(|attribute| attribute.kind == kind) {
        None => Ok(None),
        Some(attribute) => match *attribute.values.as_slice() {
            [value] => Ok(Some(value)),
            _ => Err(AttributeError::ValueCount(kind)),
        },
    }
}

fn required<'a>(attributes: &[Attribute<'a>], kind: Oid) -> Result<Element<'a>, AttributeError> {
    single(attributes, kind)?.ok_or(AttributeError::Missing(kind))
}

/// The one thing that `element` is.
fn only<'a, T>(element: Element<'a>, read: impl FnOnce(&mut Reader<'a>) -> Result<T, DerError>) -> Result<T, DerError> {
    let mut reader = Reader::new(element.encoded);
    let value = read(&mut reader)?;
    reader.finish()?;
    Ok(value)
}

/// `SigningCertificate(V2) ::= SEQUENCE { certs SEQUENCE OF ESSCertID(v2), policies … OPTIONAL }`: the first is the signer's,
/// the others are its authorities.
fn signing_certificate<'a>(
    value: Element<'a>,
    read: fn(Reader<'a>) -> Result<SigningCertificate<'a>, DerError>,
    authorities: &mut Vec<SigningCertificate<'a>>,
) -> Result<SigningCertificate<'a>, DerError> {
    const MAX_AUTHORITIES: usize = 16;
    let mut fields = Reader::new(value.encoded).sequence()?;
    let mut named = fields.sequence()?;
    fields.optional(Tag::SEQUENCE)?;
    fields.finish()?;
    let first = read(named.sequence()?)?;
    while !named.is_empty() {
        if authorities.len() == MAX_AUTHORITIES {
            return Err(DerError::Length);
        }
        authorities.push(read(named.sequence()?)?);
    }
    Ok(first)
}

fn ess_cert_id(mut fields: Reader<'_>) -> Result<SigningCertificate<'_>, DerError> {
    let digest = fields.octet_string()?;
    let issuer_serial = issuer_serial(&mut fields)?;
    fields.finish()?;
    Ok(SigningCertificate { digest_algorithm: SHA1, digest, issuer_serial })
}

fn ess_cert_id_v2(mut fields: Reader<'_>) -> Result<SigningCertificate<'_>, DerError> {
    // Several signers write the DEFAULT out; its meaning is the same, and the octets are signed as they stand.
    let digest_algorithm = match fields.optional(Tag::SEQUENCE)? {
        Some(algorithm) => algorithm.reader().oid()?,
        None => SHA256,
    };
    let digest = fields.octet_string()?;
    let issuer_serial = issuer_serial(&mut fields)?;
    fields.finish()?;
    Ok(SigningCertificate { digest_algorithm, digest, issuer_serial })
}

fn issuer_serial<'a>(fields: &mut Reader<'a>) -> Result<Option<IssuerSerial<'a>>, DerError> {
    let Some(element) = fields.optional(Tag::SEQUENCE)? else { return Ok(None) };
    let mut parts = element.reader();
    let mut names = parts.sequence()?;
    let serial = parts.integer()?;
    // IssuerSerial of RFC 5755 §4.1 may end with issuerUID, which nobody writes.
    parts.finish()?;
    let mut issuer = None;
    while !names.is_empty() {
        let name = names.any()?;
        if name.tag == Tag::context_constructed(4) {
            issuer = Some(name.content);
        }
    }
    Ok(Some(IssuerSerial { issuer, serial }))
}

fn protection(value: Element<'_>) -> Result<AlgorithmProtection<'_>, DerError> {
    let mut fields = Reader::new(value.encoded).sequence()?;
    let digest = fields.element(Tag::SEQUENCE)?.content;
    let signature = fields.optional(Tag::context_constructed(1))?.map(|element| element.content);
    fields.optional(Tag::context_constructed(2))?;
    fields.finish()?;
    Ok(AlgorithmProtection { digest, signature })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::der::write;

    fn attribute(kind: Oid, values: &[Vec<u8>]) -> Vec<u8> {
        let kind = write::tlv(Tag::OBJECT_IDENTIFIER, kind.as_bytes());
        write::sequence(&[&kind, &write::set_of(Tag::SET, values.to_vec())])
    }

    fn content_type() -> Vec<u8> {
        attribute(CONTENT_TYPE, &[write::tlv(Tag::OBJECT_IDENTIFIER, CONTENT_TYPE.as_bytes())])
    }

    fn digest(octet: u8) -> Vec<u8> {
        write::tlv(Tag::OCTET_STRING, &[octet; 32])
    }

    fn time(text: &[u8]) -> Vec<u8> {
        write::tlv(Tag::UTC_TIME, text)
    }

    fn parse(attributes: &[Vec<u8>]) -> Result<(), AttributeError> {
        let encoded = write::set_of(Tag::SET, attributes.to_vec());
        SignedAttributes::parse(&encoded).map(|parsed| assert_eq!(parsed.signed_octets(), encoded))
    }

    #[test]
    fn what_binds_a_signature_stands_exactly_once() {
        let message_digest = attribute(MESSAGE_DIGEST, &[digest(1)]);
        let signing_time = attribute(SIGNING_TIME, &[time(b"220101000000Z")]);
        assert_eq!(parse(&[content_type(), message_digest.clone(), signing_time.clone()]), Ok(()));
        assert_eq!(parse(&[content_type()]), Err(AttributeError::Missing(MESSAGE_DIGEST)));
        assert_eq!(parse(std::slice::from_ref(&message_digest)), Err(AttributeError::Missing(CONTENT_TYPE)));
        assert_eq!(
            parse(&[content_type(), message_digest.clone(), attribute(MESSAGE_DIGEST, &[digest(2)])]),
            Err(AttributeError::Duplicate(MESSAGE_DIGEST))
        );
        assert_eq!(
            parse(&[content_type(), attribute(MESSAGE_DIGEST, &[digest(1), digest(2)])]),
            Err(AttributeError::ValueCount(MESSAGE_DIGEST))
        );
        assert_eq!(
            parse(&[
                content_type(),
                message_digest.clone(),
                signing_time,
                attribute(SIGNING_TIME, &[time(b"230101000000Z")])
            ]),
            Err(AttributeError::Duplicate(SIGNING_TIME))
        );
        assert_eq!(
            parse(&[content_type(), message_digest.clone(), attribute(SIGNING_TIME, &[])]),
            Err(AttributeError::ValueCount(SIGNING_TIME))
        );
        let unknown = attribute(ALGORITHM_PROTECTION, &[time(b"2301")]);
        assert!(matches!(parse(&[content_type(), message_digest, unknown]), Err(AttributeError::Malformed(_))));
    }

    #[test]
    fn attributes_out_of_order_are_not_der() {
        let mut members = [content_type(), attribute(MESSAGE_DIGEST, &[digest(1)])];
        members.sort();
        members.reverse();
        let encoded = write::tlv(Tag::SET, &members.concat());
        assert_eq!(SignedAttributes::parse(&encoded), Err(AttributeError::NotDer));
    }
}
