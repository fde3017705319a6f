//! What a verdict rests on, for keeping: with it and the trust store's digest the same verdict can be reached again.

use std::borrow::Cow;
use std::sync::Arc;

use super::policy::ValidationPolicy;
use crate::pki::crl::Unreadable;
use crate::pki::{Certificate, CertificateRevocationList, OcspResponse, sha256};

/// What a piece of evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EvidenceKind {
    /// The signature as DER.
    Signature,
    /// A certificate of a path, anchor included.
    Certificate,
    /// A revocation list that decided a status.
    RevocationList,
    /// An OCSP response that decided a status.
    OcspResponse,
    /// The policy, as canonical JSON.
    Policy,
}

impl EvidenceKind {
    /// Name in upper case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signature => "SIGNATURE",
            Self::Certificate => "CERTIFICATE",
            Self::RevocationList => "REVOCATION_LIST",
            Self::OcspResponse => "OCSP_RESPONSE",
            Self::Policy => "POLICY",
        }
    }
}

/// One piece of evidence. Shares its octets with where they came from: lists are large.
#[derive(Debug, Clone)]
pub enum Evidence {
    /// The signature as DER.
    Signature(Arc<[u8]>),
    /// A certificate of a path.
    Certificate(Certificate),
    /// A revocation list.
    RevocationList(Arc<CertificateRevocationList>),
    /// An OCSP response.
    OcspResponse(Arc<OcspResponse>),
    /// The policy; its octets are its canonical JSON.
    Policy(Box<ValidationPolicy>),
}

impl Evidence {
    /// What it is.
    pub fn kind(&self) -> EvidenceKind {
        match self {
            Self::Signature(_) => EvidenceKind::Signature,
            Self::Certificate(_) => EvidenceKind::Certificate,
            Self::RevocationList(_) => EvidenceKind::RevocationList,
            Self::OcspResponse(_) => EvidenceKind::OcspResponse,
            Self::Policy(_) => EvidenceKind::Policy,
        }
    }

    /// Its octets.
    ///
    /// # Errors
    /// [`Unreadable`]: those of a large list lie elsewhere and cannot be read.
    pub fn bytes(&self) -> Result<Cow<'_, [u8]>, Unreadable> {
        Ok(match self {
            Self::Signature(octets) => octets.as_ref().into(),
            Self::Certificate(certificate) => certificate.der().into(),
            Self::RevocationList(list) => return list.der(),
            Self::OcspResponse(response) => response.der().into(),
            Self::Policy(policy) => policy.canonical().into_bytes().into(),
        })
    }

    /// Whether both are the same certificate, list or response.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Certificate(one), Self::Certificate(other)) => one == other,
            (Self::RevocationList(one), Self::RevocationList(other)) => Arc::ptr_eq(one, other),
            (Self::OcspResponse(one), Self::OcspResponse(other)) => one.sha256() == other.sha256(),
            _ => false,
        }
    }

    /// SHA-256 of its octets; computed once for certificates and lists.
    pub fn sha256(&self) -> [u8; 32] {
        match self {
            Self::Certificate(certificate) => *certificate.sha256(),
            Self::RevocationList(list) => *list.sha256(),
            Self::OcspResponse(response) => *response.sha256(),
            Self::Signature(octets) => sha256(octets),
            Self::Policy(policy) => sha256(policy.canonical().as_bytes()),
        }
    }
}
