//! Time stamps (RFC 3161): the request, the response, and what a token states. Whether that may be believed is decided in
//! `signature`.

use chrono::{DateTime, TimeDelta, Utc};

use crate::pki::der::{self, DerError, Reader, Tag};
use crate::pki::{AlgorithmIdentifier, Oid};

/// id-ct-TSTInfo (RFC 3161 §2.4.2).
pub const TST_INFO: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 9, 16, 1, 4]);

/// Longest serial number or nonce, in octets: RFC 3161 §2.4.2 asks for 160 bits.
const MAX_INTEGER: usize = 64;

/// Why octets are not what RFC 3161 describes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeStampError {
    /// Not DER, or another structure; trailing octets included.
    #[error("malformed time stamp: {0}")]
    Der(#[from] DerError),
    /// A version other than 1.
    #[error("the time stamp has a version that does not exist")]
    Version,
    /// Fractions of a second that are not DER, or an accuracy out of its range.
    #[error("malformed time in a time stamp")]
    Time,
    /// A critical extension nothing here processes.
    #[error("unknown critical extension {0}")]
    CriticalExtension(Oid),
    /// An extension that stands twice.
    #[error("extension {0} occurs twice")]
    DuplicateExtension(Oid),
    /// The authority refused to issue a token (§2.4.2 `PKIStatus`).
    #[error("the time-stamping authority answered with status {0}")]
    NotGranted(u64),
    /// A granted response without a token, or a refused one with one.
    #[error("status and token of the response contradict each other")]
    Contradiction,
}

/// `MessageImprint`: what was stamped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageImprint<'a> {
    /// The digest algorithm.
    pub algorithm: AlgorithmIdentifier,
    /// The digest.
    pub digest: &'a [u8],
}

impl<'a> MessageImprint<'a> {
    fn read(mut fields: Reader<'a>) -> Result<Self, DerError> {
        let read = Self { algorithm: AlgorithmIdentifier::read(&mut fields)?, digest: fields.octet_string()? };
        fields.finish().map(|()| read)
    }

    /// Whether both are one imprint: parameters that are absent and NULL are no difference.
    pub fn is_same(&self, other: &Self) -> bool {
        self.digest == other.digest && self.algorithm.means_the_same_as(&other.algorithm)
    }
}

/// `TSTInfo` (§2.4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeStampInfo<'a> {
    /// Under which policy of the authority the token was issued.
    pub policy: Oid,
    /// What was stamped.
    pub imprint: MessageImprint<'a>,
    /// INTEGER content octets.
    pub serial: &'a [u8],
    /// `genTime`, with its fraction.
    pub time: DateTime<Utc>,
    /// How far the time may be off, when the token says so.
    pub accuracy: Option<TimeDelta>,
    /// Whether tokens of this authority can be put in order by their times alone.
    pub ordering: bool,
    /// The nonce of the request: INTEGER content octets.
    pub nonce: Option<&'a [u8]>,
    /// The authority's name as it states it, an encoded GeneralName; a hint only.
    pub authority: Option<&'a [u8]>,
}

impl<'a> TimeStampInfo<'a> {
    /// Reads one encoded TSTInfo.
    ///
    /// # Errors
    /// [`TimeStampError`].
    pub fn parse(encoded: &'a [u8]) -> Result<Self, TimeStampError> {
        let mut outer = Reader::new(encoded);
        let mut fields = outer.sequence()?;
        outer.finish()?;
        version(&mut fields)?;
        let policy = fields.oid()?;
        let imprint = MessageImprint::read(fields.sequence()?)?;
        let serial = bounded_integer(&mut fields)?;
        let time = generalized_time(fields.element(Tag::GENERALIZED_TIME)?.content)?;
        let accuracy = fields.optional(Tag::SEQUENCE)?.map(|element| accuracy(element.reader())).transpose()?;
        // Some authorities write the DEFAULT out; its meaning is the same, and the octets are signed as they stand.
        let ordering = if fields.peek() == Some(Tag::BOOLEAN) { fields.boolean()? } else { false };
        let nonce = if fields.peek() == Some(Tag::INTEGER) { Some(bounded_integer(&mut fields)?) } else { None };
        let authority = match fields.optional(Tag::context_constructed(0))? {
            Some(explicit) => Some(der::single(explicit.content)?.encoded),
            None => None,
        };
        extensions(&mut fields, 1)?;
        fields.finish()?;
        Ok(Self { policy, imprint, serial, time, accuracy, ordering, nonce, authority })
    }
}

/// `TimeStampReq` (§2.4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeStampRequest<'a> {
    /// What is to be stamped.
    pub imprint: MessageImprint<'a>,
    /// The policy that is asked for.
    pub policy: Option<Oid>,
    /// INTEGER content octets.
    pub nonce: Option<&'a [u8]>,
    /// Whether the token is to carry the authority's certificate.
    pub wants_certificate: bool,
}

impl<'a> TimeStampRequest<'a> {
    /// Reads one encoded TimeStampReq.
    ///
    /// # Errors
    /// [`TimeStampError`].
    pub fn parse(encoded: &'a [u8]) -> Result<Self, TimeStampError> {
        let mut outer = Reader::new(encoded);
        let mut fields = outer.sequence()?;
        outer.finish()?;
        version(&mut fields)?;
        let imprint = MessageImprint::read(fields.sequence()?)?;
        let policy = if fields.peek() == Some(Tag::OBJECT_IDENTIFIER) { Some(fields.oid()?) } else { None };
        let nonce = if fields.peek() == Some(Tag::INTEGER) { Some(bounded_integer(&mut fields)?) } else { None };
        let wants_certificate = if fields.peek() == Some(Tag::BOOLEAN) { fields.boolean()? } else { false };
        extensions(&mut fields, 0)?;
        fields.finish()?;
        Ok(Self { imprint, policy, nonce, wants_certificate })
    }
}

/// `TimeStampResp` (§2.4.2) that was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeStampResponse<'a> {
    /// The token, a ContentInfo as encoded.
    pub token: &'a [u8],
    /// Granted otherwise than it was asked for (`grantedWithMods`).
    pub is_modified: bool,
}

impl<'a> TimeStampResponse<'a> {
    /// Reads one encoded TimeStampResp.
    ///
    /// # Errors
    /// [`TimeStampError::NotGranted`] when there is no token because the authority refused, else why it cannot be read.
    pub fn parse(encoded: &'a [u8]) -> Result<Self, TimeStampError> {
        let mut outer = Reader::new(encoded);
        let mut fields = outer.sequence()?;
        outer.finish()?;
        let mut information = fields.sequence()?;
        let status = information.unsigned()?;
        // PKIFreeText and PKIFailureInfo are words for people; of them only the form is checked.
        information.optional(Tag::SEQUENCE)?;
        information.optional(Tag::BIT_STRING)?;
        information.finish()?;
        let token = fields.optional(Tag::SEQUENCE)?.map(|element| element.encoded);
        fields.finish()?;
        match (status, token) {
            (0 | 1, Some(token)) => Ok(Self { token, is_modified: status == 1 }),
            (0 | 1, None) | (_, Some(_)) => Err(TimeStampError::Contradiction),
            (refused, None) => Err(TimeStampError::NotGranted(refused)),
        }
    }
}

fn version(fields: &mut Reader<'_>) -> Result<(), TimeStampError> {
    if fields.unsigned()? == 1 { Ok(()) } else { Err(TimeStampError::Version) }
}

fn bounded_integer<'a>(fields: &mut Reader<'a>) -> Result<&'a [u8], DerError> {
    let content = fields.integer()?;
    if content.len() > MAX_INTEGER { Err(DerError::Integer) } else { Ok(content) }
}

/// GeneralizedTime in UTC, with a fraction that does not end in zero (§2.4.2, X.690 §11.7). Kept to the nanosecond.
fn generalized_time(content: &[u8]) -> Result<DateTime<Utc>, TimeStampError> {
    let Some(point) = content.iter().position(|octet| *octet == b'.') else {
        return Ok(der::generalized_time_content(content)?);
    };
    let (whole, rest) = content.split_at(point);
    let fraction = rest.strip_prefix(b".").and_then(|rest| rest.strip_suffix(b"Z")).ok_or(TimeStampError::Time)?;
    let is_canonical = fraction.last().is_some_and(|last| *last != b'0') && fraction.iter().all(u8::is_ascii_digit);
    if !is_canonical || fraction.len() > 32 {
        return Err(TimeStampError::Time);
    }
    let padded = fraction.iter().copied().chain(std::iter::repeat(b'0')).take(9);
    let nanoseconds = padded.fold(0_i64, |value, digit| value * 10 + i64::from(digit - b'0'));
    let seconds = der::generalized_time_content(&[whole, b"Z"].concat())?;
    seconds.checked_add_signed(TimeDelta::nanoseconds(nanoseconds)).ok_or(TimeStampError::Time)
}

/// `Accuracy`: seconds, milliseconds and microseconds, each below the next larger unit.
fn accuracy(mut fields: Reader<'_>) -> Result<TimeDelta, TimeStampError> {
    let seconds = if fields.peek() == Some(Tag::INTEGER) { fields.unsigned()? } else { 0 };
    let mut small = |number| -> Result<i64, TimeStampError> {
        let Some(element) = fields.optional(Tag::context(number))? else { return Ok(0) };
        match der::unsigned_content(element.content)? {
            value @ 0..=999 => i64::try_from(value).map_err(|_| TimeStampError::Time),
            _ => Err(TimeStampError::Time),
        }
    };
    let (millis, micros) = (small(0)?, small(1)?);
    fields.finish()?;
    let seconds = i64::try_from(seconds).ok().and_then(TimeDelta::try_seconds).ok_or(TimeStampError::Time)?;
    let parts = TimeDelta::milliseconds(millis) + TimeDelta::microseconds(micros);
    seconds.checked_add(&parts).ok_or(TimeStampError::Time)
}

/// Extensions under an implicit tag; none of them is known here.
fn extensions(fields: &mut Reader<'_>, number: u8) -> Result<(), TimeStampError> {
    let Some(implicit) = fields.optional(Tag::context_constructed(number))? else { return Ok(()) };
    let mut list = implicit.reader();
    let mut seen = Vec::new();
    while !list.is_empty() {
        let mut extension = list.sequence()?;
        let oid = extension.oid()?;
        let critical = extension.default_false()?;
        extension.octet_string()?;
        extension.finish()?;
        if critical {
            return Err(TimeStampError::CriticalExtension(oid));
        }
        if seen.contains(&oid) || seen.len() == 32 {
            return Err(TimeStampError::DuplicateExtension(oid));
        }
        seen.push(oid);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_one_form_with_and_without_a_fraction() {
        let read = |text: &str| generalized_time(text.as_bytes()).map(|time| time.to_rfc3339());
        assert_eq!(read("20260601120000Z").unwrap(), "2026-06-01T12:00:00+00:00");
        assert_eq!(read("20260601120000.5Z").unwrap(), "2026-06-01T12:00:00.500+00:00");
        assert_eq!(read("20260601120000.000000001Z").unwrap(), "2026-06-01T12:00:00.000000001+00:00");
        for bad in
            ["20260601120000.Z", "20260601120000.50Z", "20260601120000.5", "20260601120000.5+0000", "202606011200.5Z"]
        {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
