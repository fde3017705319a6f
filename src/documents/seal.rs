//! The electronic seal of a document: a detached CMS SignedData (RFC 5652 §5) kept beside the PDF, so that any CMS tool can
//! check it and the PDF stays byte for byte what was rendered.

use chrono::{DateTime, Utc};
use ring::digest;

use super::DocumentError;
use crate::cms::{SigningKey, sign_detached};
use crate::pki::Certificate;

/// Where seals come from: a key in memory today, a security module behind the same port.
pub trait Seal: Send + Sync {
    /// Seals `pdf` at `time`; gives the detached CMS in DER.
    ///
    /// # Errors
    /// [`DocumentError::Seal`].
    fn seal(&self, pdf: &[u8], time: DateTime<Utc>) -> Result<Vec<u8>, DocumentError>;

    /// The certificate that the seals verify under.
    fn certificate(&self) -> &Certificate;
}

/// A seal made with a key in memory.
pub struct KeySeal {
    key: SigningKey,
    certificate: Certificate,
    chain: Vec<Certificate>,
}

impl KeySeal {
    /// A seal by `key`; `certificate` is of that key, and `chain`, which leads on towards the root, goes into every seal.
    ///
    /// # Errors
    /// [`DocumentError::Seal`] when key and certificate do not belong together: found now and not at the first document.
    pub fn new(key: SigningKey, certificate: Certificate, chain: Vec<Certificate>) -> Result<Self, DocumentError> {
        let seal = Self { key, certificate, chain };
        seal.seal(&[], DateTime::UNIX_EPOCH)?;
        Ok(seal)
    }
}

impl Seal for KeySeal {
    fn seal(&self, pdf: &[u8], time: DateTime<Utc>) -> Result<Vec<u8>, DocumentError> {
        Ok(sign_detached(&self.key, &self.certificate, &self.chain, pdf, time)?)
    }

    fn certificate(&self) -> &Certificate {
        &self.certificate
    }
}

/// SHA-256 of a document in lower-case hexadecimal, as stored beside it.
pub fn sha256_hex(document: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, document))
}

/// Checks on reading that `document` is what was issued.
///
/// # Errors
/// [`DocumentError::Altered`] when its SHA-256 is not `expected` (lower-case hexadecimal).
pub fn check_digest(document: &[u8], expected: &str) -> Result<(), DocumentError> {
    if sha256_hex(document) == expected { Ok(()) } else { Err(DocumentError::Altered) }
}
