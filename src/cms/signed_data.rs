//! ContentInfo and SignedData (RFC 5652 §3, §5.1).

use super::ber::Der;
use super::signer_info::SignerInfo;
use super::{CmsError, MAX_CERTIFICATES, MAX_CRLS, MAX_SIGNERS};
use crate::pki::der::{DerError, Reader, Tag};
use crate::pki::{AlgorithmIdentifier, Oid};

/// id-signedData (RFC 5652 §5.1).
pub const SIGNED_DATA: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 7, 2]);
/// id-data (RFC 5652 §4).
pub const DATA: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 7, 1]);
/// id-ri-ocsp-response (RFC 5940 §2.1).
const OCSP_RESPONSE: Oid = Oid::new(&[1, 3, 6, 1, 5, 5, 7, 16, 2]);

/// A SignedData, borrowing every part from the message.
#[derive(Debug, Clone)]
pub struct SignedData<'a> {
    /// Type of the content that is signed.
    pub content_type: Oid,
    /// The content, when the message carries it.
    pub content: Option<&'a [u8]>,
    /// X.509 certificates byte for byte as received, in their order. Other choices, and certificates whose own encoding
    /// was not DER, are left out.
    pub certificates: Vec<&'a [u8]>,
    /// Certificate revocation lists, byte for byte as received.
    pub crls: Vec<&'a [u8]>,
    /// OCSP responses among the revocation information (RFC 5940 §2.1), byte for byte as received.
    pub ocsps: Vec<&'a [u8]>,
    /// The signers in their order; may be empty, which is a verdict's business.
    pub signers: Vec<SignerInfo<'a>>,
}

impl<'a> SignedData<'a> {
    /// Reads one whole message.
    ///
    /// # Errors
    /// [`CmsError::NotSignedData`], [`CmsError::Malformed`] or [`CmsError::TooMany`]. What is wrong with the signed
    /// attributes of one signer is told by [`SignerInfo::signed_attributes`] instead.
    pub fn parse(der: &'a Der<'_>) -> Result<Self, CmsError> {
        let mut message = Reader::new(der.bytes());
        let mut info = message.sequence().map_err(malformed("ContentInfo"))?;
        message.finish().map_err(malformed("octets behind ContentInfo"))?;
        let kind = info.oid().map_err(malformed("content type"))?;
        if kind != SIGNED_DATA {
            return Err(CmsError::NotSignedData(kind));
        }
        let mut wrapper = info.nested(Tag::context_constructed(0)).map_err(malformed("ContentInfo"))?;
        info.finish().map_err(malformed("octets behind the content"))?;
        let mut fields = wrapper.sequence().map_err(malformed("SignedData"))?;
        wrapper.finish().map_err(malformed("octets behind SignedData"))?;

        let version = fields.unsigned().map_err(malformed("version"))?;
        if !(1..=5).contains(&version) {
            return Err(CmsError::Malformed("version"));
        }
        digest_algorithms(fields.set().map_err(malformed("digest algorithms"))?)?;
        let (content_type, content) = content(fields.sequence().map_err(malformed("encapsulated content"))?)?;
        let certificates = certificates(&mut fields, der)?;
        let (crls, ocsps) = revocation_information(&mut fields, der)?;
        let signers = signers(fields.set().map_err(malformed("signers"))?, der)?;
        fields.finish().map_err(malformed("unknown field of SignedData"))?;
        Ok(Self { content_type, content, certificates, crls, ocsps, signers })
    }
}

fn malformed(what: &'static str) -> impl Fn(DerError) -> CmsError {
    move |_| CmsError::Malformed(what)
}

/// Only a hint for one-pass readers (RFC 5652 §5.1): its form is checked, its word is not taken.
fn digest_algorithms(mut set: Reader<'_>) -> Result<(), CmsError> {
    let mut count = 0;
    while !set.is_empty() {
        AlgorithmIdentifier::read(&mut set).map_err(malformed("digest algorithms"))?;
        count += 1;
        if count > MAX_SIGNERS {
            return Err(CmsError::TooMany { what: "digest algorithms", limit: MAX_SIGNERS });
        }
    }
    Ok(())
}

fn content(mut fields: Reader<'_>) -> Result<(Oid, Option<&[u8]>), CmsError> {
    let content_type = fields.oid().map_err(malformed("type of the content"))?;
    if content_type == SIGNED_DATA {
        // Which of two nested signatures speaks for the content is nobody's to guess.
        return Err(CmsError::Malformed("a signed message within a signed message"));
    }
    let wrapper = fields.optional(Tag::context_constructed(0)).map_err(malformed("encapsulated content"))?;
    fields.finish().map_err(malformed("encapsulated content"))?;
    let Some(wrapper) = wrapper else { return Ok((content_type, None)) };
    let mut reader = wrapper.reader();
    let octets = reader.octet_string().map_err(malformed("content that is not an OCTET STRING"))?;
    reader.finish().map_err(malformed("octets behind the content"))?;
    Ok((content_type, Some(octets)))
}

/// CertificateSet (RFC 5652 §10.2.3): of its choices only `certificate` is an X.509 certificate.
fn certificates<'a>(fields: &mut Reader<'a>, der: &Der<'_>) -> Result<Vec<&'a [u8]>, CmsError> {
    let elements = bounded(fields, 0, "certificates", MAX_CERTIFICATES)?;
    Ok(elements
        .into_iter()
        .filter(|element| element.first() == Some(&Tag::SEQUENCE.0) && der.received_verbatim(element))
        .collect())
}

/// Elements as they stand in the message.
type Elements<'a> = Vec<&'a [u8]>;

/// RevocationInfoChoices (RFC 5652 §10.2.1): CRLs, and OCSP responses; other formats are left out.
fn revocation_information<'a>(
    fields: &mut Reader<'a>,
    der: &Der<'_>,
) -> Result<(Elements<'a>, Elements<'a>), CmsError> {
    let elements = bounded(fields, 1, "revocation lists", MAX_CRLS)?;
    let verbatim = elements.into_iter().filter(|element| der.received_verbatim(element));
    let (crls, others): (Vec<_>, Vec<_>) = verbatim.partition(|element| element.first() == Some(&Tag::SEQUENCE.0));
    Ok((crls, others.into_iter().filter_map(ocsp_response).collect()))
}

/// `other [1] OtherRevocationInfoFormat`, when that is an OCSP response.
fn ocsp_response(element: &[u8]) -> Option<&[u8]> {
    let mut format = Reader::new(element).nested(Tag::context_constructed(1)).ok()?;
    if format.oid().ok()? != OCSP_RESPONSE {
        return None;
    }
    let response = format.any().ok()?;
    format.finish().ok().map(|()| response.encoded)
}

fn bounded<'a>(fields: &mut Reader<'a>, tag: u8, what: &'static str, limit: usize) -> Result<Vec<&'a [u8]>, CmsError> {
    let Some(set) = fields.optional(Tag::context_constructed(tag)).map_err(malformed(what))? else {
        return Ok(Vec::new());
    };
    let mut reader = set.reader();
    let mut elements = Vec::new();
    while !reader.is_empty() {
        if elements.len() == limit {
            return Err(CmsError::TooMany { what, limit });
        }
        elements.push(reader.any().map_err(malformed(what))?.encoded);
    }
    Ok(elements)
}

fn signers<'a>(mut set: Reader<'a>, der: &Der<'_>) -> Result<Vec<SignerInfo<'a>>, CmsError> {
    let mut signers = Vec::new();
    while !set.is_empty() {
        if signers.len() == MAX_SIGNERS {
            return Err(CmsError::TooMany { what: "signers", limit: MAX_SIGNERS });
        }
        signers.push(SignerInfo::read(set.sequence().map_err(malformed("signer"))?, der)?);
    }
    Ok(signers)
}
