//! What keeps a path from being built or from holding.

use chrono::{DateTime, Utc};

use super::CertificationPath;
use crate::pki::Oid;
use crate::pki::algorithm::AlgorithmError;
use crate::pki::certificate::Certificate;

/// Why one certificate breaks a path. The order of the variants is not their rank; see [`Defect::rank`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    /// Algorithm or key of the link to its issuer, or the signature itself.
    #[error(transparent)]
    Algorithm(#[from] AlgorithmError),
    /// Before its validity period.
    #[error("not valid before {0}")]
    NotYetValid(DateTime<Utc>),
    /// After its validity period.
    #[error("expired at {0}")]
    Expired(DateTime<Utc>),
    /// An anchor by name and key whose entry does not support the time: state or period of trust.
    #[error("the trust anchor is not trusted at that time")]
    AnchorNotTrusted,
    /// Its key was distrusted.
    #[error("the key is distrusted")]
    Distrusted,
    /// An authority that came along, and that the trust store knows and does not let issue for this purpose at that time.
    #[error("the trust store does not let this authority issue for this purpose at that time")]
    NotPermitted,
    /// An issuer that is not a CA (RFC 5280 §6.1.4 (k)).
    #[error("the issuer is not a certification authority")]
    NotAuthority,
    /// More certificates below than an issuer's `pathLenConstraint` allows (§6.1.4 (l)).
    #[error("path length constraint exceeded")]
    PathLength,
    /// An issuer with `keyUsage` without `keyCertSign` (§6.1.4 (n)).
    #[error("the issuer may not sign certificates")]
    KeyUsage,
    /// A critical extension nothing here processes (§6.1.4 (o), §6.1.5 (f)).
    #[error("unknown critical extension {0}")]
    CriticalExtension(Oid),
    /// A name outside what an authority above permits, or one that cannot be compared (§6.1.3 (b), (c)).
    #[error("name constraints violated")]
    NameConstraints,
    /// Named purposes among which a demanded one is not (§4.2.1.12).
    #[error("extended key usage {0} is not allowed")]
    ExtendedKeyUsage(Oid),
    /// No acceptable certificate policy where one is demanded (§6.1.3 (f), §6.1.5 (g)).
    #[error("no acceptable certificate policy")]
    Policy,
}

impl Defect {
    /// How specific the defect is: of several failed attempts the highest is reported.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Algorithm(AlgorithmError::SignatureInvalid) => 1,
            Self::AnchorNotTrusted | Self::NotPermitted => 2,
            Self::Algorithm(_) => 3,
            Self::NotYetValid(_) | Self::Expired(_) => 4,
            Self::NotAuthority
            | Self::PathLength
            | Self::KeyUsage
            | Self::CriticalExtension(_)
            | Self::NameConstraints
            | Self::ExtendedKeyUsage(_)
            | Self::Policy => 5,
            Self::Distrusted => 6,
        }
    }
}

/// A defect and the certificate that has it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("certificate {index} ({}): {defect}", hex::encode(sha256))]
pub struct Fault {
    /// Distance from the leaf, which is 0; the anchor is one above the last certificate.
    pub index: usize,
    /// SHA-256 of the certificate.
    pub sha256: [u8; 32],
    /// What is wrong with it. A signature defect is that of the certificate whose signature was checked.
    pub defect: Defect,
}

impl Fault {
    pub(super) fn new(index: usize, certificate: &Certificate, defect: Defect) -> Self {
        Self { index, sha256: *certificate.sha256(), defect }
    }
}

/// Why there is no valid path.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PathError {
    /// No chain of valid signatures reaches a trusted anchor. EN 319 102-1: NO_CERTIFICATE_CHAIN_FOUND, or
    /// CRYPTO_CONSTRAINTS_FAILURE where `closest` names an algorithm.
    #[error("no certification path to a trust anchor{}", closest.as_ref().map(|fault| format!(": {fault}")).unwrap_or_default())]
    NotFound {
        /// The most specific thing that stood in the way, if anything did.
        closest: Option<Fault>,
    },
    /// A chain reaches a trusted anchor and does not hold. EN 319 102-1: CHAIN_CONSTRAINTS_FAILURE, or by `fault` a matter
    /// of time.
    #[error("the certification path does not hold: {fault}")]
    Invalid {
        /// The most specific fault of the most specific chain.
        fault: Fault,
        /// That chain.
        path: Box<CertificationPath>,
    },
    /// The search was given up. EN 319 102-1: CERTIFICATE_CHAIN_GENERAL_FAILURE.
    #[error("the search for a certification path exceeded its budget")]
    BudgetExhausted,
}
