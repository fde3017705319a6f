//! From BER to DER, bounded in depth, number of elements and memory.
//!
//! RFC 5652 §2 lets the framing of a message be BER (X.690 §8): `openssl cms -stream` writes indefinite lengths and splits
//! the content into chunks. Everything behind this file reads strict DER only, so the framing is rewritten here, once, and
//! it is remembered which elements had to be touched: signed attributes and certificates are judged by the bytes that were
//! received, never by bytes that this file produced.

mod plain;

use std::borrow::Cow;

use super::CmsError;
use plain::{is_constructed_string, is_plainly_der};

/// Levels of nesting; a SignedData with certificates needs about fifteen.
const MAX_DEPTH: usize = 40;
/// Elements in one message; 128 certificates need about twenty thousand.
const MAX_ELEMENTS: usize = 1 << 16;
/// Universal tag of OCTET STRING in its constructed form (X.690 §8.7.3).
const CONSTRUCTED_OCTET_STRING: u8 = 0x24;
/// Universal tag of OCTET STRING.
const OCTET_STRING: u8 = 0x04;

/// One DER message, and which of its elements did not arrive as DER.
#[derive(Debug, Clone)]
pub struct Der<'a> {
    bytes: Cow<'a, [u8]>,
    /// Offsets in `bytes` of the elements that were re-encoded, ascending.
    rewritten: Vec<u32>,
}

impl<'a> Der<'a> {
    /// Checks the framing of one whole message and rewrites it where it is BER.
    ///
    /// # Errors
    /// [`CmsError::Encoding`] names the rule that the bytes break; [`CmsError::TooComplex`] when a bound is passed.
    pub fn from_ber(input: Cow<'a, [u8]>) -> Result<Self, CmsError> {
        if is_plainly_der(&input) {
            return Ok(Self { bytes: input, rewritten: Vec::new() });
        }
        let plan = Plan::of(&input)?;
        if !plan.rewrite {
            return Ok(Self { bytes: input, rewritten: Vec::new() });
        }
        let mut writer =
            Writer { input: &input, lengths: plan.lengths.into_iter(), out: Vec::new(), rewritten: Vec::new() };
        writer.out.reserve_exact(plan.total);
        writer.element(0)?;
        Ok(Self { bytes: Cow::Owned(writer.out), rewritten: writer.rewritten })
    }

    /// The DER bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The DER bytes, taken out.
    pub fn into_bytes(self) -> Cow<'a, [u8]> {
        self.bytes
    }

    /// Whether the whole message arrived as DER.
    pub fn is_verbatim(&self) -> bool {
        self.rewritten.is_empty()
    }

    /// Whether a part of [`Self::bytes`] is, byte for byte, what was received. A slice from elsewhere is not.
    pub fn received_verbatim(&self, part: &[u8]) -> bool {
        let base = self.bytes.as_ptr().addr();
        let Some(start) = part.as_ptr().addr().checked_sub(base) else { return false };
        let end = start.saturating_add(part.len());
        if end > self.bytes.len() {
            return false;
        }
        let next = self.rewritten.partition_point(|&offset| (offset as usize) < start);
        self.rewritten.get(next).is_none_or(|&offset| offset as usize >= end)
    }
}

/// How an element gives its length (X.690 §8.1.3).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Length {
    Definite(usize),
    Indefinite,
}

/// Identifier and length octets of one element.
struct Header {
    /// First identifier octet.
    identifier: u8,
    /// Identifier octets, counted.
    identifier_length: usize,
    /// Offset of the first content octet.
    content: usize,
    length: Length,
    /// The length octets are those that DER demands.
    minimal: bool,
}

impl Header {
    fn is_constructed(&self) -> bool {
        self.identifier & 0x20 != 0
    }

    /// Must be written anew to be DER.
    fn is_foreign(&self) -> bool {
        !self.minimal || self.identifier == CONSTRUCTED_OCTET_STRING
    }

    /// Reads the header at `at`; the element may not reach beyond `end`.
    fn read(input: &[u8], at: usize, end: usize) -> Result<Self, CmsError> {
        let octets = input.get(..end).ok_or(CmsError::Encoding("element beyond the end"))?;
        let octet = |position: usize| octets.get(position).copied().ok_or(CmsError::Encoding("truncated element"));
        let identifier = octet(at)?;
        let mut cursor = at + 1;
        if identifier & 0x1f == 0x1f {
            loop {
                let next = octet(cursor)?;
                cursor += 1;
                if cursor - at > 5 {
                    return Err(CmsError::Encoding("tag number too large"));
                }
                if next & 0x80 == 0 {
                    break;
                }
            }
        }
        let identifier_length = cursor - at;
        let first = octet(cursor)?;
        cursor += 1;
        let (length, minimal) = match first {
            0x00..=0x7f => (Length::Definite(usize::from(first)), true),
            0x80 if identifier & 0x20 != 0 => (Length::Indefinite, false),
            0x80 => return Err(CmsError::Encoding("indefinite length of a primitive element")),
            0xff => return Err(CmsError::Encoding("reserved length octet")),
            _ => {
                let count = usize::from(first & 0x7f);
                if count > 8 {
                    return Err(CmsError::Encoding("length of the length"));
                }
                let mut value = 0_u64;
                for index in 0..count {
                    value = (value << 8) | u64::from(octet(cursor + index)?);
                }
                let minimal = octet(cursor)? != 0 && value >= 0x80;
                cursor += count;
                (Length::Definite(usize::try_from(value).map_err(|_| CmsError::Encoding("length"))?), minimal)
            }
        };
        if let Length::Definite(length) = length
            && length > end - cursor
        {
            return Err(CmsError::Encoding("element longer than what holds it"));
        }
        Ok(Self { identifier, identifier_length, content: cursor, length, minimal })
    }

    /// Where the contents must end, when the header tells.
    fn content_end(&self) -> Option<usize> {
        match self.length {
            Length::Definite(length) => Some(self.content + length),
            Length::Indefinite => None,
        }
    }
}

/// First pass: bounds are checked and the DER length of every constructed element is found.
struct Plan {
    /// Content lengths of the constructed elements in the order of their headers.
    lengths: Vec<u32>,
    elements: usize,
    rewrite: bool,
    total: usize,
}

impl Plan {
    fn of(input: &[u8]) -> Result<Self, CmsError> {
        if u32::try_from(input.len()).is_err() {
            return Err(CmsError::TooLarge { limit: u32::MAX as usize });
        }
        let mut plan = Self { lengths: Vec::new(), elements: 0, rewrite: false, total: 0 };
        let (next, total) = plan.element(input, 0, input.len(), 0)?;
        if next != input.len() {
            return Err(CmsError::Encoding("trailing bytes"));
        }
        plan.total = total;
        Ok(plan)
    }

    /// Offset behind the element and its length as DER.
    fn element(&mut self, input: &[u8], at: usize, end: usize, depth: usize) -> Result<(usize, usize), CmsError> {
        self.elements += 1;
        if depth > MAX_DEPTH || self.elements > MAX_ELEMENTS {
            return Err(CmsError::TooComplex);
        }
        let header = Header::read(input, at, end)?;
        if header.identifier == 0 {
            return Err(CmsError::Encoding("end-of-contents out of place"));
        }
        self.rewrite |= header.is_foreign();
        if !header.is_constructed() {
            let Some(stop) = header.content_end() else { return Err(CmsError::Encoding("indefinite primitive")) };
            return Ok((stop, header.identifier_length + encoded_length(stop - header.content)));
        }
        if header.identifier & 0xc0 == 0 && is_constructed_string(header.identifier) {
            return Err(CmsError::Encoding("constructed string where only OCTET STRING may be split"));
        }
        let slot = self.lengths.len();
        self.lengths.push(0);
        let is_string = header.identifier == CONSTRUCTED_OCTET_STRING;
        let (next, length) = self.contents(input, &header, end, depth, is_string)?;
        let stored = self.lengths.get_mut(slot).ok_or(CmsError::TooComplex)?;
        *stored = u32::try_from(length).map_err(|_| CmsError::TooComplex)?;
        Ok((next, header.identifier_length + encoded_length(length)))
    }

    fn contents(
        &mut self,
        input: &[u8],
        header: &Header,
        end: usize,
        depth: usize,
        is_string: bool,
    ) -> Result<(usize, usize), CmsError> {
        let stop = header.content_end().unwrap_or(end);
        let mut cursor = header.content;
        let mut length = 0;
        loop {
            if header.length == Length::Indefinite {
                if input.get(cursor..stop).is_some_and(|rest| rest.starts_with(&[0, 0])) {
                    return Ok((cursor + 2, length));
                }
            } else if cursor == stop {
                return Ok((cursor, length));
            }
            let (next, encoded) = if is_string {
                self.segment(input, cursor, stop, depth + 1)?
            } else {
                self.element(input, cursor, stop, depth + 1)?
            };
            cursor = next;
            length += encoded;
        }
    }

    /// One segment of a split OCTET STRING (X.690 §8.7.3.2); its length is that of the octets alone.
    fn segment(&mut self, input: &[u8], at: usize, end: usize, depth: usize) -> Result<(usize, usize), CmsError> {
        self.elements += 1;
        if depth > MAX_DEPTH || self.elements > MAX_ELEMENTS {
            return Err(CmsError::TooComplex);
        }
        let header = Header::read(input, at, end)?;
        match (header.identifier, header.content_end()) {
            (OCTET_STRING, Some(stop)) => Ok((stop, stop - header.content)),
            (CONSTRUCTED_OCTET_STRING, _) => self.contents(input, &header, end, depth, true),
            _ => Err(CmsError::Encoding("segment of another type in an OCTET STRING")),
        }
    }
}

/// Header-less length of `content` octets plus the DER length octets in front of them.
fn encoded_length(content: usize) -> usize {
    content + length_octets(content).1
}

/// DER length octets (X.690 §10.1), and how many of the five count.
fn length_octets(length: usize) -> ([u8; 5], usize) {
    let [.., a, b, c, d] = length.to_be_bytes();
    match length {
        0..=0x7f => ([d, 0, 0, 0, 0], 1),
        0x80..=0xff => ([0x81, d, 0, 0, 0], 2),
        0x100..=0xffff => ([0x82, c, d, 0, 0], 3),
        0x1_0000..=0xff_ffff => ([0x83, b, c, d, 0], 4),
        _ => ([0x84, a, b, c, d], 5),
    }
}

/// Second pass: writes DER by the lengths of the first.
struct Writer<'a> {
    input: &'a [u8],
    lengths: std::vec::IntoIter<u32>,
    out: Vec<u8>,
    rewritten: Vec<u32>,
}

impl Writer<'_> {
    /// Writes the element at `at`; offset behind it.
    fn element(&mut self, at: usize) -> Result<usize, CmsError> {
        let header = Header::read(self.input, at, self.input.len())?;
        if header.is_foreign() {
            self.rewritten.push(u32::try_from(self.out.len()).map_err(|_| CmsError::TooComplex)?);
        }
        if !header.is_constructed() {
            let stop = header.content_end().ok_or(CmsError::Encoding("indefinite primitive"))?;
            self.header(at, &header, stop - header.content);
            self.copy(header.content, stop);
            return Ok(stop);
        }
        let length = self.lengths.next().ok_or(CmsError::TooComplex)? as usize;
        self.header(at, &header, length);
        self.contents(&header, header.identifier == CONSTRUCTED_OCTET_STRING)
    }

    fn contents(&mut self, header: &Header, is_string: bool) -> Result<usize, CmsError> {
        let mut cursor = header.content;
        loop {
            match header.content_end() {
                Some(stop) if cursor >= stop => return Ok(stop),
                None if self.input.get(cursor..).is_some_and(|rest| rest.starts_with(&[0, 0])) => return Ok(cursor + 2),
                _ if is_string => {
                    let segment = Header::read(self.input, cursor, self.input.len())?;
                    cursor = match segment.content_end() {
                        Some(stop) if !segment.is_constructed() => {
                            self.copy(segment.content, stop);
                            stop
                        }
                        _ => self.contents(&segment, true)?,
                    };
                }
                _ => cursor = self.element(cursor)?,
            }
        }
    }

    fn header(&mut self, at: usize, header: &Header, length: usize) {
        let identifier = if header.identifier == CONSTRUCTED_OCTET_STRING { OCTET_STRING } else { header.identifier };
        self.out.push(identifier);
        self.copy(at + 1, at + header.identifier_length);
        let (octets, count) = length_octets(length);
        self.out.extend(octets.into_iter().take(count));
    }

    fn copy(&mut self, from: usize, to: usize) {
        self.out.extend_from_slice(self.input.get(from..to).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(input: &[u8]) -> Result<Vec<u8>, CmsError> {
        Der::from_ber(Cow::Borrowed(input)).map(|der| der.bytes().to_vec())
    }

    #[test]
    fn der_is_passed_on_without_a_copy() {
        let input = [0x30, 0x03, 0x02, 0x01, 0x05];
        let der = Der::from_ber(Cow::Borrowed(&input)).unwrap();
        assert!(der.is_verbatim());
        assert!(matches!(der.bytes, Cow::Borrowed(_)));
    }

    #[test]
    fn indefinite_lengths_and_split_strings_become_der() {
        let input = [0x30, 0x80, 0x24, 0x80, 0x04, 0x02, 1, 2, 0x24, 0x03, 0x04, 0x01, 3, 0, 0, 0x02, 0x01, 7, 0, 0];
        assert_eq!(der(&input).unwrap(), [0x30, 0x08, 0x04, 0x03, 1, 2, 3, 0x02, 0x01, 7]);
    }

    #[test]
    fn what_was_rewritten_is_remembered() {
        let input = [0x30, 0x80, 0x30, 0x03, 0x02, 0x01, 7, 0x30, 0x81, 0x03, 0x02, 0x01, 8, 0, 0];
        let der = Der::from_ber(Cow::Borrowed(&input)).unwrap();
        assert_eq!(der.bytes(), [0x30, 0x0a, 0x30, 0x03, 0x02, 0x01, 7, 0x30, 0x03, 0x02, 0x01, 8]);
        assert!(der.received_verbatim(&der.bytes()[2..7]));
        assert!(!der.received_verbatim(&der.bytes()[7..12]));
        assert!(!der.received_verbatim(der.bytes()));
        assert!(!der.received_verbatim(&[1, 2, 3]));
    }

    #[test]
    fn broken_framing_is_refused() {
        for input in [
            &[0x30, 0x01][..],
            &[],
            &[0x30],
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x30, 0x89, 0, 0, 0, 0, 0, 0, 0, 0, 1],
            &[0x30, 0x80, 0x02, 0x01, 0x05],
            &[0x04, 0x80, 0, 0],
            &[0x30, 0x00, 0x00],
            &[0x30, 0x02, 0x00, 0x00],
            &[0x30, 0x80, 0x24, 0x80, 0x02, 0x01, 1, 0, 0, 0, 0],
            &[0x2c, 0x03, 0x0c, 0x01, 0x41],
        ] {
            assert!(matches!(der(input), Err(CmsError::Encoding(_))), "{input:x?}");
        }
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let mut bomb = Vec::new();
        for _ in 0..100_000 {
            bomb.extend_from_slice(&[0x30, 0x80]);
        }
        assert!(matches!(der(&bomb), Err(CmsError::TooComplex)));
        let mut strings = vec![0x30, 0x80];
        for _ in 0..100_000 {
            strings.extend_from_slice(&[0x24, 0x80]);
        }
        assert!(matches!(der(&strings), Err(CmsError::TooComplex)));
        let mut many = vec![0x30, 0x80];
        for _ in 0..1_000_000 {
            many.extend_from_slice(&[0x05, 0x00]);
        }
        assert!(matches!(der(&many), Err(CmsError::TooComplex)));
    }
}
