//! SignerInfo (RFC 5652 §5.3): who signed, how, and over which attributes.

use super::attributes::{AttributeError, ONLY_SIGNED, SignedAttributes};
use super::ber::Der;
use super::unsigned::COUNTER_SIGNATURE;
use super::{CmsError, MAX_ATTRIBUTES};
use crate::pki::Oid;
use crate::pki::algorithm::AlgorithmIdentifier;
use crate::pki::der::{DerError, Element, Reader, Tag};

/// How a signer names its certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignerIdentifier<'a> {
    /// Encoded issuer Name and the content octets of the serial number.
    IssuerAndSerial {
        /// The issuer's Name with tag and length.
        issuer: &'a [u8],
        /// INTEGER content octets.
        serial: &'a [u8],
    },
    /// The subject key identifier.
    SubjectKeyIdentifier(&'a [u8]),
}

/// One signer of a message.
#[derive(Debug, Clone)]
pub struct SignerInfo<'a> {
    /// How the certificate is named.
    pub identifier: SignerIdentifier<'a>,
    /// Digest over the content.
    pub digest_algorithm: AlgorithmIdentifier,
    /// Signature over the signed attributes, or over the content when there are none.
    pub signature_algorithm: AlgorithmIdentifier,
    /// The signature itself.
    pub signature: &'a [u8],
    /// The signed attributes with their `[0]` tag, when present.
    attributes: Option<&'a [u8]>,
    /// They stand as they were received.
    attributes_verbatim: bool,
    /// Types of the unsigned attributes. Anybody may put them there: what they hold must prove itself.
    pub unsigned_attributes: Vec<Oid>,
    /// Content of the SET OF unsigned attributes.
    unsigned: &'a [u8],
}

impl<'a> SignerInfo<'a> {
    /// Reads the fields of one SignerInfo; `der` tells what was received as DER.
    pub(super) fn read(mut fields: Reader<'a>, der: &Der<'_>) -> Result<Self, CmsError> {
        let version = fields.unsigned().map_err(|_| CmsError::Malformed("version of a signer"))?;
        // RFC 5652 couples 1 to issuer and serial, 3 to the key identifier. Signers get this wrong; nothing hangs on it.
        if version != 1 && version != 3 {
            return Err(CmsError::Malformed("version of a signer"));
        }
        let identifier = identifier(&mut fields).map_err(|_| CmsError::Malformed("signer identifier"))?;
        let digest_algorithm =
            AlgorithmIdentifier::read(&mut fields).map_err(|_| CmsError::Malformed("digest algorithm of a signer"))?;
        let attributes =
            fields.optional(Tag::context_constructed(0)).map_err(|_| CmsError::Malformed("signed attributes"))?;
        let signature_algorithm = AlgorithmIdentifier::read(&mut fields)
            .map_err(|_| CmsError::Malformed("signature algorithm of a signer"))?;
        let signature = fields.octet_string().map_err(|_| CmsError::Malformed("signature value"))?;
        let unsigned =
            fields.optional(Tag::context_constructed(1)).map_err(|_| CmsError::Malformed("unsigned attributes"))?;
        fields.finish().map_err(|_| CmsError::Malformed("unknown field of a signer"))?;
        let unsigned_attributes =
            unsigned.map_or_else(|| Ok(Vec::new()), |unsigned| unsigned_types(unsigned.reader()))?;
        Ok(Self {
            identifier,
            digest_algorithm,
            signature_algorithm,
            signature,
            attributes: attributes.map(|element| element.encoded),
            attributes_verbatim: attributes.is_none_or(|element| der.received_verbatim(element.encoded)),
            unsigned_attributes,
            unsigned: unsigned.map_or(&[], |element| element.content),
        })
    }

    /// The values of every unsigned attribute of type `kind`, at most `limit` of them. One that is malformed has none:
    /// no judgement may hang on what anybody could have broken.
    pub fn unsigned_values(&self, kind: &Oid, limit: usize) -> Vec<Element<'a>> {
        let mut attributes = Reader::new(self.unsigned);
        let mut values = Vec::new();
        while let Ok(mut attribute) = attributes.sequence() {
            if attribute.oid().as_ref() != Ok(kind) {
                continue;
            }
            let Ok(mut set) = attribute.set() else { continue };
            while let Ok(value) = set.any() {
                if values.len() == limit {
                    return values;
                }
                values.push(value);
            }
        }
        values
    }

    /// The counter-signatures over this signature, at most `limit` of them; `der` tells what was received as DER.
    pub fn counter_signatures(&self, der: &Der<'_>, limit: usize) -> Vec<Result<SignerInfo<'a>, CmsError>> {
        let values = self.unsigned_values(&COUNTER_SIGNATURE, limit).into_iter();
        let read = |value: Element<'a>| {
            if value.tag != Tag::SEQUENCE {
                return Err(CmsError::Malformed("counter-signature"));
            }
            Self::read(value.reader(), der)
        };
        values.map(read).collect()
    }

    /// The signed attributes, read strictly; `None` when the signer has none.
    ///
    /// # Errors
    /// [`AttributeError`]: the signer cannot be judged further.
    pub fn signed_attributes(&self) -> Result<Option<SignedAttributes<'a>>, AttributeError> {
        self.attributes_by(SignedAttributes::parse)
    }

    /// The same where this is a counter-signature.
    ///
    /// # Errors
    /// As [`signed_attributes`](Self::signed_attributes).
    pub fn counter_signature_attributes(&self) -> Result<Option<SignedAttributes<'a>>, AttributeError> {
        self.attributes_by(SignedAttributes::parse_of_counter_signature)
    }

    fn attributes_by(
        &self,
        parse: fn(&'a [u8]) -> Result<SignedAttributes<'a>, AttributeError>,
    ) -> Result<Option<SignedAttributes<'a>>, AttributeError> {
        if let Some(misplaced) = self.unsigned_attributes.iter().find(|kind| ONLY_SIGNED.contains(kind)) {
            return Err(AttributeError::NotSigned(*misplaced));
        }
        match self.attributes {
            None => Ok(None),
            Some(_) if !self.attributes_verbatim => Err(AttributeError::NotDer),
            Some(encoded) => parse(encoded).map(Some),
        }
    }
}

fn identifier<'a>(fields: &mut Reader<'a>) -> Result<SignerIdentifier<'a>, DerError> {
    if fields.peek() == Some(Tag::context(0)) {
        return Ok(SignerIdentifier::SubjectKeyIdentifier(fields.any()?.content));
    }
    let mut parts = fields.sequence()?;
    let issuer = parts.element(Tag::SEQUENCE)?.encoded;
    let serial = parts.integer()?;
    parts.finish()?;
    Ok(SignerIdentifier::IssuerAndSerial { issuer, serial })
}

fn unsigned_types(mut attributes: Reader<'_>) -> Result<Vec<Oid>, CmsError> {
    let mut types = Vec::new();
    while !attributes.is_empty() {
        if types.len() == MAX_ATTRIBUTES {
            return Err(CmsError::TooMany { what: "unsigned attributes", limit: MAX_ATTRIBUTES });
        }
        let kind = attributes.sequence().and_then(|mut attribute| attribute.oid());
        types.push(kind.map_err(|_| CmsError::Malformed("unsigned attributes"))?);
    }
    Ok(types)
}
