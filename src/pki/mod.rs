//! RFC 5280: what a certificate, a CRL and a certification path are, and whether they hold.
//!
//! Here live the algorithm table, GOST signatures, the one interpretation of certificates (by x509-parser), the national
//! subject profile, CRLs, OCSP responses (RFC 6960), trust anchors in the immutable revisioned [`trust::TrustStore`], path
//! building and validation, revocation status.
//! Not here: the law, any clock (time is an argument), any I/O, async or database, CMS, and ETSI verdicts — every outcome
//! is a typed value which the `signature` room maps to EN 319 102-1.

pub mod algorithm;
pub mod certificate;
pub mod crl;
pub mod der;
pub mod distribution;
pub mod gost;
mod name;
pub mod ocsp;
mod oid;
pub mod path;
pub mod pem;
pub mod revocation;
pub mod subject;
pub mod trust;

pub use algorithm::{
    AlgorithmError, AlgorithmIdentifier, CryptographicConstraints, DigestAlgorithm, PublicKey, SignatureAlgorithm,
};
pub use certificate::{Certificate, CertificateError};
pub use crl::CertificateRevocationList;
pub use name::escape;
pub use ocsp::OcspResponse;
pub use oid::Oid;
pub use trust::TrustStore;

/// SHA-256, by which this program names certificates, lists, responses and contents.
pub fn sha256(octets: &[u8]) -> [u8; 32] {
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, octets).as_ref());
    sha256
}
