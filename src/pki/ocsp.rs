//! OCSP responses (RFC 6960): read strictly, and believed only when an authorised responder signed them.
//!
//! A response is read once, whole, by the strict reader. Nothing it says counts before its signature holds under the key of
//! the certificate's issuer or of a responder that the issuer delegated: statuses can be looked up only through
//! [`Authorised`], which [`OcspResponse::authorise`] alone hands out. What proves nothing is [`Ignored`], with the reason;
//! no response is ever a verdict by itself. No request is made here: time, nonce and candidates are arguments.

mod extension;
mod identifier;
mod responder;
mod status;

use std::fmt;

use chrono::{DateTime, Utc};

use super::algorithm::AlgorithmIdentifier;
use super::certificate::Certificate;
use super::crl::{Reason, RevokedEntry};
use super::der::{self, DerError, Reader, Tag};
use super::{Oid, sha256};
use extension::{ResponseExtensions, SingleExtensions};
use identifier::CertificateId;
pub use identifier::ResponderId;
pub use responder::{Authorised, Responder};
pub use status::{Answer, Freshness, Ignored, Question, Standing};

/// id-pkix-ocsp-basic (RFC 6960 §4.2.1).
const BASIC: Oid = Oid::new(&[1, 3, 6, 1, 5, 5, 7, 48, 1, 1]);
/// Largest response accepted, in octets; a usual one takes three thousand.
const MAX_LENGTH: usize = 1024 * 1024;
/// Statuses one response may carry.
const MAX_STATUSES: usize = 256;
/// Certificates one response may carry.
const MAX_CERTIFICATES: usize = 16;

/// Why octets are not a response that could prove anything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OcspError {
    /// Longer than 1 MiB.
    #[error("the response is larger than {MAX_LENGTH} octets")]
    Oversized,
    /// Not DER, or not the structure of §4.2.1; trailing octets included.
    #[error("not a DER OCSP response: {0}")]
    Der(#[from] DerError),
    /// The responder had no answer (§4.2.1 `responseStatus`).
    #[error("the responder answered: {0}")]
    NotSuccessful(ResponseStatus),
    /// A status that §4.2.1 does not have, or a response without its content.
    #[error("the response has a status of no meaning")]
    Status,
    /// Another response type than id-pkix-ocsp-basic.
    #[error("response type {0} is not known")]
    ResponseType(Oid),
    /// A version other than 1.
    #[error("the response has a version that does not exist")]
    Version,
    /// An extension that stands twice.
    #[error("extension {0} occurs twice")]
    DuplicateExtension(Oid),
    /// A known extension whose content is malformed.
    #[error("extension {0} is malformed")]
    Extension(Oid),
    /// A revocation reason that RFC 5280 §5.3.1 does not have.
    #[error("malformed revocation reason")]
    Reason,
    /// More statuses or certificates than one response may carry.
    #[error("the response carries too many {0}")]
    TooMany(&'static str),
}

/// Why a responder gave no answer (§4.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of the standard")]
pub enum ResponseStatus {
    MalformedRequest,
    InternalError,
    TryLater,
    SignatureRequired,
    Unauthorized,
}

impl fmt::Display for ResponseStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MalformedRequest => "malformedRequest",
            Self::InternalError => "internalError",
            Self::TryLater => "tryLater",
            Self::SignatureRequired => "sigRequired",
            Self::Unauthorized => "unauthorized",
        })
    }
}

/// `CertStatus` as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CertificateStatus {
    Good,
    Revoked(RevokedEntry),
    Unknown,
}

/// One of the statuses of a response.
#[derive(Debug, Clone)]
struct SingleResponse {
    certificate: CertificateId,
    status: CertificateStatus,
    this_update: DateTime<Utc>,
    next_update: Option<DateTime<Utc>>,
    extensions: SingleExtensions,
}

/// An OCSP response, read but not yet believed. Immutable; shared behind `Arc`.
#[derive(Clone)]
pub struct OcspResponse {
    der: Box<[u8]>,
    sha256: [u8; 32],
    tbs: Box<[u8]>,
    algorithm: AlgorithmIdentifier,
    signature: Box<[u8]>,
    responder: ResponderId,
    produced_at: DateTime<Utc>,
    statuses: Vec<SingleResponse>,
    extensions: ResponseExtensions,
    certificates: Vec<Certificate>,
}

impl OcspResponse {
    /// Reads one DER OCSPResponse, with nothing after it.
    ///
    /// # Errors
    /// [`OcspError`]; an answer other than `successful` is [`OcspError::NotSuccessful`], since it proves nothing.
    pub fn from_der(der: &[u8]) -> Result<Self, OcspError> {
        if der.len() > MAX_LENGTH {
            return Err(OcspError::Oversized);
        }
        let mut outer = Reader::new(der);
        let mut response = outer.sequence()?;
        outer.finish()?;
        let status = der::unsigned_content(response.element(Tag::ENUMERATED)?.content)?;
        let body = response.optional(Tag::context_constructed(0))?;
        response.finish()?;
        let refused = |status| Err(OcspError::NotSuccessful(status));
        let mut body = match (status, body) {
            (0, Some(body)) => body.reader(),
            (1, _) => return refused(ResponseStatus::MalformedRequest),
            (2, _) => return refused(ResponseStatus::InternalError),
            (3, _) => return refused(ResponseStatus::TryLater),
            (5, _) => return refused(ResponseStatus::SignatureRequired),
            (6, _) => return refused(ResponseStatus::Unauthorized),
            _ => return Err(OcspError::Status),
        };
        let mut bytes = body.sequence()?;
        body.finish()?;
        let kind = bytes.oid()?;
        if kind != BASIC {
            return Err(OcspError::ResponseType(kind));
        }
        let basic = bytes.octet_string()?;
        bytes.finish()?;
        Self::read(der, basic)
    }

    /// Reads one DER BasicOCSPResponse without the frame around it, as long-term signatures keep them (RFC 5126 §6.3.4).
    ///
    /// # Errors
    /// [`OcspError`].
    pub fn from_basic_der(der: &[u8]) -> Result<Self, OcspError> {
        if der.len() > MAX_LENGTH { Err(OcspError::Oversized) } else { Self::read(der, der) }
    }

    fn read(der: &[u8], basic: &[u8]) -> Result<Self, OcspError> {
        let mut outer = Reader::new(basic);
        let mut fields = outer.sequence()?;
        outer.finish()?;
        let tbs = fields.element(Tag::SEQUENCE)?;
        let algorithm = AlgorithmIdentifier::read(&mut fields)?;
        let signature = fields.bit_string()?;
        let certificates = match fields.optional(Tag::context_constructed(0))? {
            Some(explicit) => certificates(explicit.reader())?,
            None => Vec::new(),
        };
        fields.finish()?;

        let mut data = tbs.reader();
        if let Some(explicit) = data.optional(Tag::context_constructed(0))? {
            let mut version = explicit.reader();
            // Some responders write the DEFAULT out; its meaning is the same, and the octets are signed as they stand.
            if version.unsigned()? != 0 {
                return Err(OcspError::Version);
            }
            version.finish()?;
        }
        let responder = ResponderId::read(&mut data)?;
        let produced_at = generalized_time(&mut data)?;
        let mut list = data.sequence()?;
        let mut statuses = Vec::new();
        while !list.is_empty() {
            if statuses.len() == MAX_STATUSES {
                return Err(OcspError::TooMany("statuses"));
            }
            statuses.push(SingleResponse::read(list.sequence()?)?);
        }
        let extensions = match data.optional(Tag::context_constructed(1))? {
            Some(explicit) => ResponseExtensions::read(explicit.reader())?,
            None => ResponseExtensions::default(),
        };
        data.finish()?;
        let sha256 = sha256(der);
        Ok(Self {
            der: der.into(),
            sha256,
            tbs: tbs.encoded.into(),
            algorithm,
            signature: signature.into(),
            responder,
            produced_at,
            statuses,
            extensions,
            certificates,
        })
    }

    /// The response as received.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 of [`der`](Self::der).
    pub fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    /// When the responder signed it.
    pub fn produced_at(&self) -> DateTime<Utc> {
        self.produced_at
    }

    /// How the responder names itself.
    pub fn responder_id(&self) -> &ResponderId {
        &self.responder
    }

    /// Certificates the response carries: candidates for the responder's, trusted in nothing.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// `nonce` (§4.4.1): the octets that a request gave, when the response repeats them.
    pub fn nonce(&self) -> Option<&[u8]> {
        self.extensions.nonce.as_deref()
    }

    /// Whether a status of the response is about `certificate`, issued by `issuer`.
    pub fn is_about(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        self.statuses.iter().any(|single| single.certificate.names(certificate, issuer))
    }
}

impl fmt::Debug for OcspResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OcspResponse({}, {} statuses)", hex::encode(self.sha256), self.statuses.len())
    }
}

impl SingleResponse {
    fn read(mut fields: Reader<'_>) -> Result<Self, OcspError> {
        let certificate = CertificateId::read(fields.sequence()?)?;
        let status = fields.any()?;
        let this_update = generalized_time(&mut fields)?;
        let next_update = match fields.optional(Tag::context_constructed(0))? {
            Some(explicit) => {
                let mut reader = explicit.reader();
                let time = generalized_time(&mut reader)?;
                reader.finish()?;
                Some(time)
            }
            None => None,
        };
        let extensions = match fields.optional(Tag::context_constructed(1))? {
            Some(explicit) => SingleExtensions::read(explicit.reader())?,
            None => SingleExtensions::default(),
        };
        fields.finish()?;
        let status = match status.tag {
            tag if tag == Tag::context(0) && status.content.is_empty() => CertificateStatus::Good,
            tag if tag == Tag::context_constructed(1) => {
                CertificateStatus::Revoked(revoked(status.reader(), &extensions)?)
            }
            tag if tag == Tag::context(2) && status.content.is_empty() => CertificateStatus::Unknown,
            found => {
                return Err(DerError::UnexpectedTag { expected: Tag::context(0), found: Some(found) }.into());
            }
        };
        Ok(Self { certificate, status, this_update, next_update, extensions })
    }
}

/// `RevokedInfo` (§4.2.1).
fn revoked(mut fields: Reader<'_>, extensions: &SingleExtensions) -> Result<RevokedEntry, OcspError> {
    let revocation_date = generalized_time(&mut fields)?;
    let reason = match fields.optional(Tag::context_constructed(0))? {
        Some(explicit) => {
            let mut reader = explicit.reader();
            let code = der::unsigned_content(reader.element(Tag::ENUMERATED)?.content)?;
            reader.finish()?;
            Reason::from_code(code).ok_or(OcspError::Reason)?
        }
        None => Reason::Unspecified,
    };
    fields.finish()?;
    Ok(RevokedEntry { revocation_date, reason, invalidity_date: extensions.invalidity_date })
}

/// Certificates in the response; what cannot be read cannot be the responder's either, and is left out.
fn certificates(mut explicit: Reader<'_>) -> Result<Vec<Certificate>, OcspError> {
    let mut list = explicit.sequence()?;
    explicit.finish()?;
    let mut elements = Vec::new();
    while !list.is_empty() {
        if elements.len() == MAX_CERTIFICATES {
            return Err(OcspError::TooMany("certificates"));
        }
        elements.push(list.element(Tag::SEQUENCE)?.encoded);
    }
    Ok(elements.into_iter().filter_map(|der| Certificate::from_der(der).ok()).collect())
}

/// Times of a response are GeneralizedTime to the second (§4.2.2.1, RFC 5280 §4.1.2.5.2).
fn generalized_time(reader: &mut Reader<'_>) -> Result<DateTime<Utc>, DerError> {
    der::generalized_time_content(reader.element(Tag::GENERALIZED_TIME)?.content)
}
