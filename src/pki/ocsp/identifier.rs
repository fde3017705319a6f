//! Who a response is about, and who made it (RFC 6960 §4.1.1 `CertID`, §4.2.1 `ResponderID`).

use ring::digest;

use super::OcspError;
use crate::pki::algorithm::{AlgorithmIdentifier, DigestAlgorithm};
use crate::pki::certificate::Certificate;
use crate::pki::der::{DerError, Reader, Tag};
use crate::pki::name;

/// How a responder names itself (§4.2.1 `ResponderID`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResponderId {
    /// Its Name as encoded.
    Name(Box<[u8]>),
    /// SHA-1 over the key bits of its certificate.
    Key(Box<[u8]>),
}

/// Which certificate a status is about (§4.1.1 `CertID`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CertificateId {
    digest_algorithm: AlgorithmIdentifier,
    issuer_name_hash: Box<[u8]>,
    issuer_key_hash: Box<[u8]>,
    serial: Box<[u8]>,
}

impl ResponderId {
    pub(super) fn read(data: &mut Reader<'_>) -> Result<Self, OcspError> {
        let element = data.any()?;
        let mut reader = element.reader();
        let id = match element.tag {
            tag if tag == Tag::context_constructed(1) => Self::Name(reader.element(Tag::SEQUENCE)?.encoded.into()),
            tag if tag == Tag::context_constructed(2) => Self::Key(reader.octet_string()?.into()),
            found => {
                return Err(
                    DerError::UnexpectedTag { expected: Tag::context_constructed(1), found: Some(found) }.into()
                );
            }
        };
        reader.finish()?;
        Ok(id)
    }

    /// Whether the certificate's subject, or its key, is the one named.
    pub(super) fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Name(name) => {
                **name == *certificate.subject_raw() || *name::canonical(name) == *certificate.subject_canonical()
            }
            Self::Key(hash) => key_octets(certificate).is_some_and(|key| is_sha1(key, hash)),
        }
    }
}

impl CertificateId {
    pub(super) fn read(mut fields: Reader<'_>) -> Result<Self, OcspError> {
        let read = Self {
            digest_algorithm: AlgorithmIdentifier::read(&mut fields)?,
            issuer_name_hash: fields.octet_string()?.into(),
            issuer_key_hash: fields.octet_string()?.into(),
            serial: fields.integer()?.into(),
        };
        fields.finish()?;
        Ok(read)
    }

    /// Whether this is `certificate` issued by `issuer`. The certificate's own issuer field is what is hashed (§4.1.1).
    pub(super) fn names(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        let is_digest = |expected: &[u8], data: &[u8]| identifying_digest(&self.digest_algorithm, data, expected);
        *self.serial == *certificate.serial()
            && certificate.is_named_issuer(issuer)
            && is_digest(&self.issuer_name_hash, certificate.issuer_raw())
            && key_octets(issuer).is_some_and(|key| is_digest(&self.issuer_key_hash, key))
    }
}

/// Whether `expected` is the digest of `data`. Any digest will do, SHA-1 included: it only picks one of the certificates at
/// hand, and what is picked is proved by the signature over the response.
fn identifying_digest(algorithm: &AlgorithmIdentifier, data: &[u8], expected: &[u8]) -> bool {
    let computed = DigestAlgorithm::resolve(algorithm).and_then(|algorithm| algorithm.digest(data));
    computed.is_ok_and(|digest| digest.as_ref() == expected)
}

fn is_sha1(data: &[u8], expected: &[u8]) -> bool {
    digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, data).as_ref() == expected
}

/// The key bits of a certificate, without tag, length and unused bits: what identifiers of keys are made over.
pub(super) fn key_octets(certificate: &Certificate) -> Option<&[u8]> {
    let mut fields = Reader::new(certificate.spki()).sequence().ok()?;
    fields.sequence().ok()?;
    fields.bit_string().ok()
}
