//! Writes DER into owned octets. Each function returns one complete element; composition is by slices of elements.

use chrono::{DateTime, Datelike, Utc};

use super::Tag;
use crate::pki::Oid;

/// One element: identifier octet, minimal length, content.
pub fn tlv(tag: Tag, content: &[u8]) -> Vec<u8> {
    let mut out = header(tag, content.len());
    out.extend_from_slice(content);
    out
}

/// Identifier and length octets of an element whose content of `length` octets follows.
pub fn header(tag: Tag, length: usize) -> Vec<u8> {
    let octets = length.to_be_bytes();
    let significant: Vec<u8> = octets.into_iter().skip_while(|&octet| octet == 0).collect();
    let mut out = vec![tag.0];
    match *significant {
        [] => out.push(0),
        [short @ 0..=0x7f] => out.push(short),
        _ => {
            out.push(0x80 | u8::try_from(significant.len()).unwrap_or(0));
            out.extend_from_slice(&significant);
        }
    }
    out
}

/// An element with `tag` whose content is the given elements one after another.
pub fn constructed(tag: Tag, elements: &[&[u8]]) -> Vec<u8> {
    let mut out = header(tag, elements.iter().map(|element| element.len()).sum());
    for element in elements {
        out.extend_from_slice(element);
    }
    out
}

/// A SEQUENCE of the given elements.
pub fn sequence(elements: &[&[u8]]) -> Vec<u8> {
    constructed(Tag::SEQUENCE, elements)
}

/// A SET OF (or one under an implicit `tag`) with its elements sorted as X.690 §11.6 wants.
pub fn set_of(tag: Tag, mut elements: Vec<Vec<u8>>) -> Vec<u8> {
    elements.sort();
    tlv(tag, &elements.concat())
}

/// `[number] EXPLICIT` around one element; `number` below 31.
pub fn explicit(number: u8, element: &[u8]) -> Vec<u8> {
    tlv(Tag::context_constructed(number), element)
}

/// An OBJECT IDENTIFIER.
pub fn oid(oid: &Oid) -> Vec<u8> {
    tlv(Tag::OBJECT_IDENTIFIER, oid.as_bytes())
}

/// AlgorithmIdentifier with NULL parameters, as RSA and SHA-2 are written.
pub fn algorithm_with_null(algorithm: &Oid) -> Vec<u8> {
    sequence(&[&oid(algorithm), &null()])
}

/// A non-negative INTEGER from a small number.
pub fn unsigned(value: u64) -> Vec<u8> {
    unsigned_octets(&value.to_be_bytes())
}

/// A non-negative INTEGER from big-endian magnitude octets of any length.
pub fn unsigned_octets(magnitude: &[u8]) -> Vec<u8> {
    let mut content: Vec<u8> = magnitude.iter().copied().skip_while(|&octet| octet == 0).collect();
    if content.first().is_none_or(|&first| first & 0x80 != 0) {
        content.insert(0, 0);
    }
    tlv(Tag::INTEGER, &content)
}

/// An INTEGER from its two's complement content octets, taken as they are (a serial number read elsewhere).
pub fn integer_content(content: &[u8]) -> Vec<u8> {
    tlv(Tag::INTEGER, content)
}

/// A BOOLEAN.
pub fn boolean(value: bool) -> Vec<u8> {
    tlv(Tag::BOOLEAN, &[if value { 0xff } else { 0 }])
}

/// A NULL.
pub fn null() -> Vec<u8> {
    tlv(Tag::NULL, &[])
}

/// An OCTET STRING.
pub fn octet_string(content: &[u8]) -> Vec<u8> {
    tlv(Tag::OCTET_STRING, content)
}

/// A BIT STRING of whole octets.
pub fn bit_string(octets: &[u8]) -> Vec<u8> {
    constructed(Tag::BIT_STRING, &[&[0], octets])
}

/// A UTF8String.
pub fn utf8_string(text: &str) -> Vec<u8> {
    tlv(Tag::UTF8_STRING, text.as_bytes())
}

/// UTCTime up to 2049, GeneralizedTime from 2050 and before 1950 (RFC 5280 §4.1.2.5, RFC 5652 §11.3); whole seconds.
pub fn time(at: DateTime<Utc>) -> Vec<u8> {
    if (1950..2050).contains(&at.year()) {
        tlv(Tag::UTC_TIME, at.format("%y%m%d%H%M%SZ").to_string().as_bytes())
    } else {
        generalized_time(at)
    }
}

/// GeneralizedTime in whole seconds.
pub fn generalized_time(at: DateTime<Utc>) -> Vec<u8> {
    tlv(Tag::GENERALIZED_TIME, at.format("%Y%m%d%H%M%SZ").to_string().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::Reader;
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let when = "2026-08-11T10:20:30Z".parse().unwrap();
        let long = vec![7; 70_000];
        let encoded = sequence(&[
            &unsigned(0),
            &unsigned(128),
            &oid(&Oid::new(&[2, 5, 29, 15])),
            &time(when),
            &octet_string(&long),
            &bit_string(&[1, 2]),
            &set_of(Tag::SET, vec![unsigned(9), unsigned(3)]),
            &explicit(0, &boolean(true)),
        ]);
        let mut outer = Reader::new(&encoded);
        let mut reader = outer.sequence().unwrap();
        outer.finish().unwrap();
        assert_eq!(reader.unsigned(), Ok(0));
        assert_eq!(reader.integer(), Ok(&[0x00, 0x80][..]));
        assert_eq!(reader.oid().unwrap().to_string(), "2.5.29.15");
        assert_eq!(reader.time(), Ok(when));
        assert_eq!(reader.octet_string(), Ok(&long[..]));
        assert_eq!(reader.bit_string(), Ok(&[1, 2][..]));
        assert_eq!(reader.set_of(Tag::SET, 2).unwrap().len(), 2);
        assert_eq!(reader.nested(Tag::context_constructed(0)).unwrap().boolean(), Ok(true));
        reader.finish().unwrap();
    }
}
