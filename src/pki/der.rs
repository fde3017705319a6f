//! A strict, bounded reader of DER (X.690 §10, §11) over borrowed octets, and a small writer in [`write`].
//!
//! Only what this service signs and judges by itself goes through here: CRLs, signed attributes, CMS frames, algorithm
//! parameters. Certificates are interpreted by x509-parser alone, so that two parsers never disagree about one.
//! Refused by construction: indefinite and non-minimal lengths, multi-octet tags, non-minimal INTEGERs, BOOLEANs other
//! than 00/FF, trailing data (through [`Reader::finish`]). Nothing here recurses or allocates by a length it was told.

pub mod write;

use chrono::{DateTime, NaiveDate, Utc};

use super::Oid;

/// Why octets are not the DER that was expected. Carries no content, so it may be logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DerError {
    /// The data ends before the element does.
    #[error("the data ends within an element")]
    Truncated,
    /// Octets follow the last expected element.
    #[error("unexpected data after the last element")]
    TrailingData,
    /// Another tag stands where `expected` must; `found` is `None` at the end of the data.
    #[error("expected tag {expected}, found {}", found.map_or("the end".into(), |t| t.to_string()))]
    UnexpectedTag {
        /// The tag that must stand here.
        expected: Tag,
        /// The tag that stands here.
        found: Option<Tag>,
    },
    /// Tag numbers of 31 and more are in no structure this service reads.
    #[error("multi-octet tag")]
    MultiOctetTag,
    /// BER's indefinite length.
    #[error("indefinite length")]
    IndefiniteLength,
    /// A length in more octets than needed, or more than four.
    #[error("length is not minimally encoded")]
    Length,
    /// An INTEGER that is empty, not minimal, negative where it may not be, or too large.
    #[error("malformed integer")]
    Integer,
    /// A BOOLEAN other than 00 or FF.
    #[error("malformed boolean")]
    Boolean,
    /// A NULL with content.
    #[error("malformed null")]
    Null,
    /// A BIT STRING with impossible or unclean unused bits.
    #[error("malformed bit string")]
    BitString,
    /// A malformed or overlong OBJECT IDENTIFIER.
    #[error("malformed object identifier")]
    ObjectIdentifier,
    /// A time not in the one form RFC 5280 §4.1.2.5 allows.
    #[error("malformed time")]
    Time,
    /// A character string with characters its type does not have.
    #[error("malformed character string")]
    String,
    /// SET OF elements out of order (X.690 §11.6) or, where that is wrong, repeated.
    #[error("set elements out of order")]
    SetOrder,
    /// A DEFAULT value written out (X.690 §11.5).
    #[error("default value encoded")]
    DefaultEncoded,
}

/// The identifier octet of an element: class, constructed bit, and a number below 31.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub u8);

#[expect(missing_docs, reason = "the names are those of the standard")]
impl Tag {
    pub const BOOLEAN: Self = Self(0x01);
    pub const INTEGER: Self = Self(0x02);
    pub const BIT_STRING: Self = Self(0x03);
    pub const OCTET_STRING: Self = Self(0x04);
    pub const NULL: Self = Self(0x05);
    pub const OBJECT_IDENTIFIER: Self = Self(0x06);
    pub const ENUMERATED: Self = Self(0x0a);
    pub const UTF8_STRING: Self = Self(0x0c);
    pub const SEQUENCE: Self = Self(0x30);
    pub const SET: Self = Self(0x31);
    pub const PRINTABLE_STRING: Self = Self(0x13);
    pub const IA5_STRING: Self = Self(0x16);
    pub const UTC_TIME: Self = Self(0x17);
    pub const GENERALIZED_TIME: Self = Self(0x18);

    /// `[number]` with primitive content, as IMPLICIT tagging of a primitive type gives; `number` below 31.
    pub const fn context(number: u8) -> Self {
        Self(0x80 | number)
    }

    /// `[number]` with constructed content: EXPLICIT tagging, or IMPLICIT of a SEQUENCE or SET; `number` below 31.
    pub const fn context_constructed(number: u8) -> Self {
        Self(0xa0 | number)
    }
}

impl std::fmt::Display for Tag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "0x{:02x}", self.0)
    }
}

/// One element as it stands in the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'a> {
    /// The identifier octet.
    pub tag: Tag,
    /// The content octets.
    pub content: &'a [u8],
    /// Identifier, length and content octets together: what a digest or a comparison is made over.
    pub encoded: &'a [u8],
}

impl<'a> Element<'a> {
    /// A reader over the content.
    pub fn reader(&self) -> Reader<'a> {
        Reader::new(self.content)
    }
}

/// Reads elements one after another. Cheap to copy; a copy reads on independently.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the first octet of `data`.
    pub const fn new(data: &'a [u8]) -> Self {
        Self { rest: data }
    }

    /// Whether everything has been read.
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What has not been read yet.
    pub const fn remaining(&self) -> &'a [u8] {
        self.rest
    }

    /// Ends reading; [`DerError::TrailingData`] when something is left.
    pub fn finish(self) -> Result<(), DerError> {
        if self.rest.is_empty() { Ok(()) } else { Err(DerError::TrailingData) }
    }

    /// The tag of the next element, if any, without reading it.
    pub fn peek(&self) -> Option<Tag> {
        self.rest.first().copied().map(Tag)
    }

    /// Reads the next element, whatever its tag.
    pub fn any(&mut self) -> Result<Element<'a>, DerError> {
        let (&tag, after_tag) = self.rest.split_first().ok_or(DerError::Truncated)?;
        if tag & 0x1f == 0x1f {
            return Err(DerError::MultiOctetTag);
        }
        let (&first, mut body) = after_tag.split_first().ok_or(DerError::Truncated)?;
        let length = match first {
            0..=0x7f => usize::from(first),
            0x80 => return Err(DerError::IndefiniteLength),
            0x81..=0x84 => {
                let (octets, after) = body.split_at_checked(usize::from(first & 0x7f)).ok_or(DerError::Truncated)?;
                body = after;
                let length = octets.iter().fold(0_usize, |length, &octet| length << 8 | usize::from(octet));
                if octets.first() == Some(&0) || length < 0x80 {
                    return Err(DerError::Length);
                }
                length
            }
            _ => return Err(DerError::Length),
        };
        let (content, rest) = body.split_at_checked(length).ok_or(DerError::Truncated)?;
        let encoded = self.rest.get(..self.rest.len() - rest.len()).ok_or(DerError::Truncated)?;
        self.rest = rest;
        Ok(Element { tag: Tag(tag), content, encoded })
    }

    /// Reads the next element, which must bear `tag`.
    pub fn element(&mut self, tag: Tag) -> Result<Element<'a>, DerError> {
        match self.peek() {
            Some(found) if found == tag => self.any(),
            found => Err(DerError::UnexpectedTag { expected: tag, found }),
        }
    }

    /// Reads the next element if it bears `tag`; otherwise reads nothing.
    pub fn optional(&mut self, tag: Tag) -> Result<Option<Element<'a>>, DerError> {
        if self.peek() == Some(tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// Reads a constructed element with `tag` and returns a reader over its content.
    pub fn nested(&mut self, tag: Tag) -> Result<Reader<'a>, DerError> {
        Ok(self.element(tag)?.reader())
    }

    /// Reads a SEQUENCE and returns a reader over its content.
    pub fn sequence(&mut self) -> Result<Reader<'a>, DerError> {
        self.nested(Tag::SEQUENCE)
    }

    /// Reads a SET and returns a reader over its content. The order of a SET OF is checked by [`set_of`](Self::set_of).
    pub fn set(&mut self) -> Result<Reader<'a>, DerError> {
        self.nested(Tag::SET)
    }

    /// Reads a SET OF under `tag` (SET or an implicit tag) with at most `limit` elements, in DER order.
    ///
    /// Errors: [`DerError::SetOrder`] when not ascending (equal elements are in order), [`DerError::Length`] above `limit`.
    pub fn set_of(&mut self, tag: Tag, limit: usize) -> Result<Vec<Element<'a>>, DerError> {
        let mut reader = self.nested(tag)?;
        let mut elements: Vec<Element<'a>> = Vec::new();
        while !reader.is_empty() {
            if elements.len() == limit {
                return Err(DerError::Length);
            }
            let element = reader.any()?;
            // X.690 §11.6 pads the shorter with zeros; no DER encoding is a proper prefix of another, so this is the same.
            if elements.last().is_some_and(|last| last.encoded > element.encoded) {
                return Err(DerError::SetOrder);
            }
            elements.push(element);
        }
        Ok(elements)
    }

    /// Reads an OBJECT IDENTIFIER.
    pub fn oid(&mut self) -> Result<Oid, DerError> {
        Oid::from_content(self.element(Tag::OBJECT_IDENTIFIER)?.content)
    }

    /// Reads an INTEGER and returns its content octets: two's complement, minimal, possibly negative.
    pub fn integer(&mut self) -> Result<&'a [u8], DerError> {
        integer_content(self.element(Tag::INTEGER)?.content)
    }

    /// Reads an INTEGER between 0 and 2^64 − 1.
    pub fn unsigned(&mut self) -> Result<u64, DerError> {
        unsigned_content(self.integer()?)
    }

    /// Reads a BOOLEAN.
    pub fn boolean(&mut self) -> Result<bool, DerError> {
        match self.element(Tag::BOOLEAN)?.content {
            [0x00] => Ok(false),
            [0xff] => Ok(true),
            _ => Err(DerError::Boolean),
        }
    }

    /// Reads a BOOLEAN DEFAULT FALSE: absent is false, written-out false is not DER.
    pub fn default_false(&mut self) -> Result<bool, DerError> {
        if self.peek() != Some(Tag::BOOLEAN) {
            return Ok(false);
        }
        if self.boolean()? { Ok(true) } else { Err(DerError::DefaultEncoded) }
    }

    /// Reads a NULL.
    pub fn null(&mut self) -> Result<(), DerError> {
        if self.element(Tag::NULL)?.content.is_empty() { Ok(()) } else { Err(DerError::Null) }
    }

    /// Reads a primitive OCTET STRING.
    pub fn octet_string(&mut self) -> Result<&'a [u8], DerError> {
        Ok(self.element(Tag::OCTET_STRING)?.content)
    }

    /// Reads a BIT STRING of whole octets: no unused bits. Keys and signatures are such.
    pub fn bit_string(&mut self) -> Result<&'a [u8], DerError> {
        match bit_string_content(self.element(Tag::BIT_STRING)?.content)? {
            (octets, 0) => Ok(octets),
            _ => Err(DerError::BitString),
        }
    }

    /// Reads a UTCTime or GeneralizedTime in the form of RFC 5280 §4.1.2.5: seconds, `Z`, no fraction.
    ///
    /// Years of a UTCTime: 50–99 are 19YY, 00–49 are 20YY. That a year before 2050 be in UTCTime is not demanded: signers
    /// of all kinds get that wrong, and the meaning is the same.
    pub fn time(&mut self) -> Result<DateTime<Utc>, DerError> {
        match self.peek() {
            Some(Tag::UTC_TIME) => utc_time_content(self.any()?.content),
            Some(Tag::GENERALIZED_TIME) => generalized_time_content(self.any()?.content),
            found => Err(DerError::UnexpectedTag { expected: Tag::UTC_TIME, found }),
        }
    }
}

/// Reads the one element that `data` must be, and nothing after it.
pub fn single(data: &[u8]) -> Result<Element<'_>, DerError> {
    let mut reader = Reader::new(data);
    let element = reader.any()?;
    reader.finish()?;
    Ok(element)
}

/// Checks INTEGER content octets for minimal form (X.690 §8.3.2) and returns them.
pub fn integer_content(content: &[u8]) -> Result<&[u8], DerError> {
    match content {
        [] | [0x00, 0x00..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => Err(DerError::Integer),
        _ => Ok(content),
    }
}

/// The value of INTEGER or ENUMERATED content octets between 0 and 2^64 − 1.
pub fn unsigned_content(content: &[u8]) -> Result<u64, DerError> {
    match integer_content(content)? {
        [0x80..=0xff, ..] => Err(DerError::Integer),
        octets if octets.len() > 9 || octets.len() == 9 && octets.first() != Some(&0) => Err(DerError::Integer),
        octets => Ok(octets.iter().fold(0, |value, &octet| value << 8 | u64::from(octet))),
    }
}

/// Splits BIT STRING content into its octets and the number of unused bits (0–7), which DER wants zero.
pub fn bit_string_content(content: &[u8]) -> Result<(&[u8], u8), DerError> {
    match content {
        [0, octets @ ..] => Ok((octets, 0)),
        [unused @ 1..=7, octets @ .., last] if last & ((1 << unused) - 1) == 0 => {
            let all = content.get(1..).unwrap_or(octets);
            Ok((all, *unused))
        }
        _ => Err(DerError::BitString),
    }
}

/// Reads UTCTime content: `YYMMDDHHMMSSZ`.
pub fn utc_time_content(content: &[u8]) -> Result<DateTime<Utc>, DerError> {
    let (year, rest) = content.split_at_checked(2).ok_or(DerError::Time)?;
    let year = decimal(year)?;
    month_to_second(if year < 50 { 2000 + year } else { 1900 + year }, rest)
}

/// Reads GeneralizedTime content: `YYYYMMDDHHMMSSZ`, no fraction.
pub fn generalized_time_content(content: &[u8]) -> Result<DateTime<Utc>, DerError> {
    let (year, rest) = content.split_at_checked(4).ok_or(DerError::Time)?;
    month_to_second(decimal(year)?, rest)
}

fn month_to_second(year: u32, rest: &[u8]) -> Result<DateTime<Utc>, DerError> {
    let [m1, m2, d1, d2, h1, h2, n1, n2, s1, s2, b'Z'] = *rest else {
        return Err(DerError::Time);
    };
    let year = i32::try_from(year).map_err(|_| DerError::Time)?;
    NaiveDate::from_ymd_opt(year, decimal(&[m1, m2])?, decimal(&[d1, d2])?)
        .and_then(|day| {
            Some(
                day.and_hms_opt(decimal(&[h1, h2]).ok()?, decimal(&[n1, n2]).ok()?, decimal(&[s1, s2]).ok()?)?
                    .and_utc(),
            )
        })
        .ok_or(DerError::Time)
}

fn decimal(digits: &[u8]) -> Result<u32, DerError> {
    digits.iter().try_fold(0, |value, digit| match digit {
        b'0'..=b'9' => Ok(value * 10 + u32::from(digit - b'0')),
        _ => Err(DerError::Time),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_keep_their_encoding_and_nothing_may_follow() {
        let mut reader = Reader::new(&[0x30, 0x03, 0x02, 0x01, 0x05, 0x05, 0x00]);
        let element = reader.element(Tag::SEQUENCE).unwrap();
        assert_eq!((element.content, element.encoded.len()), (&[0x02, 0x01, 0x05][..], 5));
        assert_eq!(element.reader().unsigned(), Ok(5));
        assert_eq!(reader.finish(), Err(DerError::TrailingData));
        assert_eq!(reader.null(), Ok(()));
        assert_eq!(reader.finish(), Ok(()));
    }

    #[test]
    fn only_the_one_minimal_definite_length_is_read() {
        let refused: [(&[u8], DerError); 8] = [
            (&[], DerError::Truncated),
            (&[0x30], DerError::Truncated),
            (&[0x30, 0x80, 0x00, 0x00], DerError::IndefiniteLength),
            (&[0x04, 0x81, 0x01, 0x00], DerError::Length),
            (&[0x04, 0x82, 0x00, 0x80], DerError::Length),
            (&[0x04, 0x85, 1, 0, 0, 0, 0], DerError::Length),
            (&[0x04, 0x84, 0xff, 0xff, 0xff, 0xff, 0x00], DerError::Truncated),
            (&[0x1f, 0x81, 0x01, 0x00], DerError::MultiOctetTag),
        ];
        for (data, error) in refused {
            assert_eq!(Reader::new(data).any(), Err(error), "{data:x?}");
        }
    }

    #[test]
    fn integers_booleans_and_bit_strings_have_one_form() {
        assert_eq!(integer_content(&[0, 0x7f]), Err(DerError::Integer));
        assert_eq!(integer_content(&[0xff, 0x80]), Err(DerError::Integer));
        assert_eq!(unsigned_content(&[0xff]), Err(DerError::Integer));
        assert_eq!(unsigned_content(&[0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), Ok(u64::MAX));
        assert_eq!(Reader::new(&[0x01, 0x01, 0x01]).boolean(), Err(DerError::Boolean));
        assert_eq!(Reader::new(&[0x01, 0x01, 0x00]).default_false(), Err(DerError::DefaultEncoded));
        assert_eq!(bit_string_content(&[]), Err(DerError::BitString));
        assert_eq!(bit_string_content(&[3]), Err(DerError::BitString));
        assert_eq!(bit_string_content(&[1, 0x01]), Err(DerError::BitString));
        assert_eq!(bit_string_content(&[8, 0x00]), Err(DerError::BitString));
        assert_eq!(bit_string_content(&[1, 0xaa, 0x02]), Ok((&[0xaa, 0x02][..], 1)));
        assert_eq!(bit_string_content(&[0]), Ok((&[][..], 0)));
    }

    #[test]
    fn times_are_in_utc_to_the_second() {
        assert_eq!(utc_time_content(b"490101000000Z").unwrap().to_rfc3339(), "2049-01-01T00:00:00+00:00");
        assert_eq!(utc_time_content(b"500101000000Z").unwrap().to_rfc3339(), "1950-01-01T00:00:00+00:00");
        assert_eq!(generalized_time_content(b"20500229000000Z"), Err(DerError::Time));
        for bad in [&b"4901010000Z"[..], b"490101000000+0000", b"49010100000 Z", b"491301000000Z", b""] {
            assert_eq!(utc_time_content(bad), Err(DerError::Time));
        }
        assert_eq!(generalized_time_content(b"20490101000000.5Z"), Err(DerError::Time));
    }

    #[test]
    fn a_set_is_read_in_order_and_to_its_limit() {
        let set = [0x31, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02];
        assert_eq!(Reader::new(&set).set_of(Tag::SET, 2).unwrap().len(), 2);
        assert_eq!(Reader::new(&set).set_of(Tag::SET, 1), Err(DerError::Length));
        let unordered = [0x31, 0x06, 0x02, 0x01, 0x02, 0x02, 0x01, 0x01];
        assert_eq!(Reader::new(&unordered).set_of(Tag::SET, 2), Err(DerError::SetOrder));
    }
}
