//! Distinguished names: comparison (RFC 5280 §7.1) and safe printing.
//!
//! Names are compared octet by octet first; two national roots share a common name and differ in the order of their
//! attributes, so a name is never matched by one attribute. Only when the octets differ the canonical form decides.

use std::borrow::Cow;
use std::fmt::Write;

use x509_parser::prelude::{AttributeTypeAndValue, FromDer, RelativeDistinguishedName, X509Name};

use super::Oid;
use super::der::{Reader, Tag};

/// The form in which two names are equal under RFC 5280 §7.1: character strings of any type as text, in lower case,
/// white space collapsed; attributes of one RDN sorted; everything else as encoded. For comparison only.
pub(crate) fn canonical(raw: &[u8]) -> Box<[u8]> {
    let Some(rdns) = canonical_rdns(raw) else {
        return raw.into();
    };
    let mut out = Vec::with_capacity(raw.len());
    for rdn in rdns {
        append(&mut out, &rdn);
    }
    out.into()
}

/// How many RDNs a name has: names that are the same have as many. `None` when the name is malformed.
pub(crate) fn length(raw: &[u8]) -> Option<usize> {
    let mut rdns = Reader::new(raw).sequence().ok()?;
    let mut length = 0;
    while !rdns.is_empty() {
        rdns.element(Tag::SET).ok()?;
        length += 1;
    }
    Some(length)
}

/// The RDNs of a name, each in canonical form; `None` when the name is malformed.
pub(crate) fn canonical_rdns(raw: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (rest, name) = X509Name::from_der(raw).ok()?;
    if !rest.is_empty() {
        return None;
    }
    let canonical_rdn = |rdn: &RelativeDistinguishedName<'_>| {
        let mut attributes: Vec<Vec<u8>> = rdn.iter().map(canonical_attribute).collect();
        attributes.sort();
        attributes.concat()
    };
    Some(name.iter().map(canonical_rdn).collect())
}

fn canonical_attribute(attribute: &AttributeTypeAndValue<'_>) -> Vec<u8> {
    let mut encoded = Vec::new();
    append(&mut encoded, attribute.attr_type().as_bytes());
    let tag = Tag(u8::try_from(attribute.attr_value().tag().0).unwrap_or(0xff));
    if let Some(text) = text(tag, attribute.attr_value().data) {
        append(&mut encoded, fold(&text).as_bytes());
    } else {
        encoded.push(tag.0);
        append(&mut encoded, attribute.attr_value().data);
    }
    encoded
}

fn append(out: &mut Vec<u8>, part: &[u8]) {
    out.extend_from_slice(&(part.len() as u64).to_be_bytes());
    out.extend_from_slice(part);
}

fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase));
    }
    folded
}

/// The text of a character string, `None` for other types and for octets that are not in its encoding.
pub(crate) fn text(tag: Tag, octets: &[u8]) -> Option<Cow<'_, str>> {
    const BMP_STRING: Tag = Tag(0x1e);
    match tag {
        Tag::UTF8_STRING | Tag::PRINTABLE_STRING | Tag::IA5_STRING => {
            std::str::from_utf8(octets).ok().map(Cow::Borrowed)
        }
        BMP_STRING => {
            let units = octets.chunks(2).map(|pair| match *pair {
                [high, low] => Some(u16::from_be_bytes([high, low])),
                _ => None,
            });
            String::from_utf16(&units.collect::<Option<Vec<u16>>>()?).ok().map(Cow::Owned)
        }
        _ => None,
    }
}

/// `text` fit to be printed or logged: control, format and separator characters as `\u{…}`, cut after `limit` characters.
///
/// Right-to-left overrides, zero-width characters, line ends and terminal escapes do not survive.
pub fn escape(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len());
    escape_into(&mut out, text, limit);
    out
}

fn escape_into(out: &mut String, text: &str, limit: usize) {
    for (index, character) in text.chars().enumerate() {
        if index == limit {
            out.push('…');
            break;
        }
        if !is_visible(character) || character == '\\' {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
        } else {
            out.push(character);
        }
    }
}

/// Whether a character is seen where it stands, and changes nothing about how others are: no control, format or separator character.
pub(crate) fn is_visible(character: char) -> bool {
    let invisible = matches!(character,
        '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}');
    !(character.is_control() || invisible)
}

/// Attribute types that have a short name (RFC 4514 §3, and what the national profile uses).
static LABELS: [(Oid, &str); 10] = [
    (Oid::new(&[2, 5, 4, 3]), "CN"),
    (Oid::new(&[2, 5, 4, 4]), "SN"),
    (Oid::new(&[2, 5, 4, 5]), "serialNumber"),
    (Oid::new(&[2, 5, 4, 6]), "C"),
    (Oid::new(&[2, 5, 4, 7]), "L"),
    (Oid::new(&[2, 5, 4, 8]), "ST"),
    (Oid::new(&[2, 5, 4, 10]), "O"),
    (Oid::new(&[2, 5, 4, 11]), "OU"),
    (Oid::new(&[2, 5, 4, 42]), "G"),
    (Oid::new(&[0, 9, 2342, 19_200_300, 100, 1, 1]), "UID"),
];

/// A distinguished name for people, escaped, each value cut after 128 characters and the whole after 16 attributes.
pub(crate) fn display<'a>(attributes: impl Iterator<Item = (Oid, Tag, &'a [u8])>) -> String {
    let mut out = String::with_capacity(160);
    for (index, (oid, tag, octets)) in attributes.enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        if index == 16 {
            out.push('…');
            break;
        }
        match LABELS.iter().find(|(known, _)| *known == oid) {
            Some((_, label)) => out.push_str(label),
            None => drop(write!(out, "{oid}")),
        }
        out.push('=');
        match text(tag, octets) {
            Some(text) => escape_into(&mut out, &text, 128),
            None => drop(write!(out, "#{}", hex::encode(octets.get(..64).unwrap_or(octets)))),
        }
    }
    out
}

/// A Name as encoded, for people: as [`display`]; one that cannot be read is empty.
pub(crate) fn display_raw(raw: &[u8]) -> String {
    let Ok((_, name)) = X509Name::from_der(raw) else {
        return String::new();
    };
    let attributes = name.iter_attributes().filter_map(|attribute| {
        let oid = Oid::from_content(attribute.attr_type().as_bytes()).ok()?;
        let tag = Tag(u8::try_from(attribute.attr_value().tag().0).unwrap_or(0xff));
        Some((oid, tag, attribute.attr_value().data))
    });
    display(attributes)
}

#[cfg(test)]
mod tests {
    use super::super::der::write;
    use super::*;

    fn common_name(tag: Tag, text: &str) -> Vec<u8> {
        let attribute = write::sequence(&[&write::oid(&Oid::new(&[2, 5, 4, 3])), &write::tlv(tag, text.as_bytes())]);
        write::sequence(&[&write::set_of(Tag::SET, vec![attribute])])
    }

    #[test]
    fn case_white_space_and_string_type_do_not_make_another_name() {
        let a = common_name(Tag::PRINTABLE_STRING, "Good  CA ");
        let b = common_name(Tag::UTF8_STRING, "good ca");
        assert_eq!(canonical(&a), canonical(&b));
        assert_ne!(canonical(&a), canonical(&common_name(Tag::UTF8_STRING, "goodca")));
    }

    #[test]
    fn what_is_printed_cannot_forge_a_log_line() {
        assert_eq!(escape("a\nb\u{202e}c\u{1b}[31m", 99), "a\\u{a}b\\u{202e}c\\u{1b}[31m");
        assert_eq!(escape(&"x".repeat(20_000), 3), "xxx…");
        assert_eq!(escape("ТЕСТОВ Ә", 99), "ТЕСТОВ Ә");
    }
}
