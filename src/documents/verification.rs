//! The address under which anyone checks a document, and its QR code.

use std::fmt;

use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use serde::Serialize;

use super::DocumentError;

/// Longer addresses make modules smaller than half a millimetre on the sheet, which older telephones do not read.
const LONGEST: usize = 180;

/// A public verification address: base address, document number, and a token that cannot be guessed, so that nobody walks
/// through all documents by their numbers.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct VerificationLink(String);

impl VerificationLink {
    /// `BASE/NUMBER?token=TOKEN`; the slashes of a number stay, so that it can be read and typed, and what is not allowed in
    /// an address is percent-encoded (RFC 3986 §2.1).
    ///
    /// # Errors
    /// [`DocumentError::VerificationLink`].
    pub fn new(base: &str, number: &str, token: &str) -> Result<Self, DocumentError> {
        if !(base.starts_with("https://") || base.starts_with("http://")) {
            return Err(DocumentError::VerificationLink("the base address does not begin with https:// or http://"));
        }
        if !base.bytes().all(|octet| octet.is_ascii_graphic()) {
            return Err(DocumentError::VerificationLink("the base address has characters outside RFC 3986"));
        }
        let base = base.trim_end_matches('/');
        let address = format!("{base}/{}?token={}", percent_encoded(number, b"-._~/"), percent_encoded(token, b"-._~"));
        if address.len() > LONGEST {
            return Err(DocumentError::VerificationLink("it is longer than 180 characters"));
        }
        Ok(Self(address))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The QR code as an SVG image: level M, which withstands the loss of 15 % of its area, with its quiet zone.
    pub(super) fn qr_svg(&self) -> Result<String, DocumentError> {
        let code = QrCode::with_error_correction_level(&self.0, EcLevel::M)
            .map_err(|_| DocumentError::VerificationLink("it does not fit a QR code"))?;
        Ok(code.render::<svg::Color<'_>>().module_dimensions(1, 1).build())
    }
}

impl fmt::Debug for VerificationLink {
    /// The token is a key to the document and stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let public = self.0.split('?').next().unwrap_or_default();
        write!(f, "VerificationLink({public})")
    }
}

fn percent_encoded(text: &str, kept: &[u8]) -> String {
    use fmt::Write as _;
    let mut encoded = String::with_capacity(text.len());
    for octet in text.bytes() {
        if octet.is_ascii_alphanumeric() || kept.contains(&octet) {
            encoded.push(char::from(octet));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{octet:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_base_number_and_token() {
        let link = VerificationLink::new("https://example.kz/verify/", "KZ-DE-BER/D/2026/000007", "a/b c")
            .expect("a good link");
        assert_eq!(link.as_str(), "https://example.kz/verify/KZ-DE-BER/D/2026/000007?token=a%2Fb%20c");
        assert_eq!(format!("{link:?}"), "VerificationLink(https://example.kz/verify/KZ-DE-BER/D/2026/000007)");
    }

    #[test]
    fn a_base_that_is_no_web_address_is_refused() {
        for base in ["", "example.kz", "javascript:alert(1)", "https://a b", "https://пример.kz"] {
            assert!(VerificationLink::new(base, "1", "t").is_err(), "{base}");
        }
    }
}
