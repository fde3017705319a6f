//! How a signature arrives: DER or BER bytes, PEM, or bare base64 text.
//!
//! PEM labels are those that OpenSSL and the national clients write (RFC 7468 §8–9: `CMS`, `PKCS7`). The text form carries no
//! meaning of its own: the decoded bytes go the same way as bytes received as they are.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::CmsError;
use super::ber::Der;

/// PEM labels under which a CMS message is accepted.
const PEM_LABELS: [&str; 3] = ["CMS", "PKCS7", "PKCS #7 SIGNED DATA"];

/// Octets of text decoded at a time; a multiple of four.
const BLOCK: usize = 4096;

/// Decodes whatever form the message came in and brings its framing to DER.
///
/// `limit` bounds the decoded message in octets. Memory beyond `input` stays under twice `limit`.
///
/// # Errors
/// [`CmsError::Empty`], [`CmsError::TooLarge`], [`CmsError::Text`] for broken PEM or base64, and what [`Der::from_ber`] finds.
pub fn to_der(input: &[u8], limit: usize) -> Result<Der<'_>, CmsError> {
    Der::from_ber(to_bytes(input, limit)?)
}

/// Decodes PEM or base64; bytes that are neither are handed through without a copy.
fn to_bytes(input: &[u8], limit: usize) -> Result<Cow<'_, [u8]>, CmsError> {
    // A SEQUENCE begins with 0x30, whose base64 begins with 'M': the first octet tells the forms apart.
    if input.first() == Some(&0x30) {
        return if input.len() > limit { Err(CmsError::TooLarge { limit }) } else { Ok(Cow::Borrowed(input)) };
    }
    let text = input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input).trim_ascii();
    match text.first() {
        None => Err(CmsError::Empty),
        Some(b'-') => decode(pem_body(text)?, limit).map(Cow::Owned),
        Some(b'M') => decode(text, limit).map(Cow::Owned),
        Some(_) => Err(CmsError::Encoding("neither a SEQUENCE, nor PEM, nor base64")),
    }
}

/// The base64 between the two boundaries of exactly one PEM block (RFC 7468 §3).
fn pem_body(text: &[u8]) -> Result<&[u8], CmsError> {
    PEM_LABELS
        .iter()
        .find_map(|label| {
            let body = text.strip_prefix(format!("-----BEGIN {label}-----").as_bytes())?;
            body.strip_suffix(format!("-----END {label}-----").as_bytes())
        })
        .ok_or(CmsError::Text("not one PEM block of a CMS message"))
}

/// Decodes base64 with white space anywhere, in blocks, so that no second copy of the text is made.
fn decode(text: &[u8], limit: usize) -> Result<Vec<u8>, CmsError> {
    let mut out = Vec::with_capacity((text.len() / 4 * 3 + 3).min(limit));
    let mut block = Vec::with_capacity(BLOCK);
    let mut flush = |block: &mut Vec<u8>| {
        if out.len() + block.len() / 4 * 3 > limit.saturating_add(2) {
            return Err(CmsError::TooLarge { limit });
        }
        STANDARD.decode_vec(&*block, &mut out).map_err(|_| CmsError::Text("not base64"))?;
        block.clear();
        if out.len() > limit { Err(CmsError::TooLarge { limit }) } else { Ok(()) }
    };
    let mut padded = false;
    for octet in text.iter().copied().filter(|octet| !octet.is_ascii_whitespace()) {
        if block.len() == BLOCK {
            padded |= block.ends_with(b"=");
            flush(&mut block)?;
        }
        if padded {
            return Err(CmsError::Text("octets behind the padding"));
        }
        block.push(octet);
    }
    flush(&mut block)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms_give_the_same_bytes() {
        let mut message = vec![0x30, 0x82, 0x20, 0x00];
        message.extend((0..0x2000_u32).map(|n| (n % 251) as u8));
        let base64 = STANDARD.encode(&message);
        let lines: String =
            base64.as_bytes().chunks(64).map(|line| format!("{}\r\n", String::from_utf8_lossy(line))).collect();
        for text in [base64.clone(), lines.clone(), format!("\u{feff}  {lines}\n\n")] {
            assert_eq!(to_bytes(text.as_bytes(), 10_000).unwrap(), message);
        }
        for label in PEM_LABELS {
            let pem = format!("-----BEGIN {label}-----\n{lines}-----END {label}-----\n");
            assert_eq!(to_bytes(pem.as_bytes(), 10_000).unwrap(), message);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        assert!(matches!(to_bytes(b"", 100), Err(CmsError::Empty)));
        assert!(matches!(to_bytes(b" \n", 100), Err(CmsError::Empty)));
        assert!(matches!(to_bytes(b"hello", 100), Err(CmsError::Encoding(_))));
        assert!(matches!(to_bytes(b"MII=MII=", 100), Err(CmsError::Text(_))));
        assert!(matches!(to_bytes(b"MII*", 100), Err(CmsError::Text(_))));
        assert!(matches!(
            to_bytes(b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", 100),
            Err(CmsError::Text(_))
        ));
        assert!(matches!(to_bytes(&[0x30; 101], 100), Err(CmsError::TooLarge { limit: 100 })));
        assert!(matches!(to_bytes(&[b'M'; 200], 100), Err(CmsError::TooLarge { limit: 100 })));
    }
}
