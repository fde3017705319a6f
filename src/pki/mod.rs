//! RFC 5280: what a certificate, a CRL and a certification path are, and whether they hold.
//!
//! Here live the algorithm table, the one interpretation of certificates (by x509-parser), the national subject profile,
//! CRLs, trust anchors in the immutable revisioned [`trust::TrustStore`], path building and validation, revocation status.
//! Not here: the law, any clock (time is an argument), any I/O, async or database, CMS, and ETSI verdicts — every outcome
//! is a typed value which the `signature` room maps to EN 319 102-1.

pub mod der;
mod oid;

pub use oid::Oid;
