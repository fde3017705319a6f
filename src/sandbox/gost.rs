//! GOST certificates and lists: rcgen writes them, and what it has no words for — the national key and algorithm — is put in its
//! place before they are signed.

use ring::rand::SystemRandom;

use super::SandboxError;
use crate::pki::der::{DerError, Reader, Tag, write};
use crate::pki::gost::PrivateKey;

/// Which element of TBSCertificate is the algorithm, and which the key (RFC 5280 §4.1).
const CERTIFICATE_ALGORITHM: usize = 2;
const CERTIFICATE_KEY: usize = 6;

/// Which element of TBSCertList is the algorithm (RFC 5280 §5.1).
const LIST_ALGORITHM: usize = 1;

/// The certificate `der` with the key of `subject`, signed by `issuer`.
pub(super) fn certificate(der: &[u8], subject: &PrivateKey, issuer: &PrivateKey) -> Result<Vec<u8>, SandboxError> {
    let algorithm = issuer.set().signature_identifier().to_der();
    sign(der, &[(CERTIFICATE_ALGORITHM, algorithm), (CERTIFICATE_KEY, subject.spki())], issuer)
}

/// The revocation list `der`, signed by `issuer`.
pub(super) fn list(der: &[u8], issuer: &PrivateKey) -> Result<Vec<u8>, SandboxError> {
    sign(der, &[(LIST_ALGORITHM, issuer.set().signature_identifier().to_der())], issuer)
}

fn sign(der: &[u8], changes: &[(usize, Vec<u8>)], issuer: &PrivateKey) -> Result<Vec<u8>, SandboxError> {
    let elements = elements(der).map_err(|error| SandboxError::Key(error.to_string()))?;
    let content: Vec<&[u8]> = elements
        .iter()
        .enumerate()
        .map(|(index, element)| changes.iter().find(|(at, _)| *at == index).map_or(*element, |(_, change)| change))
        .collect();
    let tbs = write::sequence(&content);
    let signature = issuer
        .sign(&tbs, &SystemRandom::new())
        .ok_or_else(|| SandboxError::Key("no random octets were to be had".to_owned()))?;
    let algorithm = issuer.set().signature_identifier().to_der();
    Ok(write::sequence(&[&tbs, &algorithm, &write::bit_string(&signature)]))
}

/// The elements of the first element: of what is signed.
fn elements(der: &[u8]) -> Result<Vec<&[u8]>, DerError> {
    let mut tbs = Reader::new(der).sequence()?.element(Tag::SEQUENCE)?.reader();
    let mut elements = Vec::new();
    while !tbs.is_empty() {
        elements.push(tbs.any()?.encoded);
    }
    Ok(elements)
}
