//! Certificates and lists as administrators have them: DER, or one or more PEM blocks (RFC 7468).

use x509_parser::pem::Pem;

/// What a certificate's PEM block is called (RFC 7468 §5).
pub const CERTIFICATE: &str = "CERTIFICATE";
/// What a revocation list's PEM block is called (RFC 7468 §6).
pub const CERTIFICATE_REVOCATION_LIST: &str = "X509 CRL";

/// The octets are neither DER nor PEM blocks of the wanted label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither DER nor PEM with \"{0}\"")]
pub struct NotPem(pub &'static str);

/// The DER of every block, in order; octets that are DER already are the only block. Text between the blocks is passed over.
pub fn blocks(octets: Vec<u8>, label: &'static str) -> Result<Vec<Vec<u8>>, NotPem> {
    // A SEQUENCE begins with 0x30; text that is PEM does not ("0" is no letter that headers begin with).
    if octets.first() == Some(&0x30) {
        return Ok(vec![octets]);
    }
    let mut found = Vec::new();
    for block in Pem::iter_from_buffer(&octets) {
        let block = block.map_err(|_| NotPem(label))?;
        if block.label != label {
            return Err(NotPem(label));
        }
        found.push(block.contents);
    }
    if found.is_empty() { Err(NotPem(label)) } else { Ok(found) }
}

/// The DER of exactly one block.
pub fn single(octets: Vec<u8>, label: &'static str) -> Result<Vec<u8>, NotPem> {
    let mut found = blocks(octets, label)?;
    match (found.pop(), found.is_empty()) {
        (Some(der), true) => Ok(der),
        _ => Err(NotPem(label)),
    }
}
