//! Extensions of a response and of its statuses (RFC 6960 §4.4).

use chrono::{DateTime, Utc};

use super::{OcspError, generalized_time};
use crate::pki::Oid;
use crate::pki::der::{self, DerError, Reader, Tag};

const NONCE: Oid = Oid::new(&[1, 3, 6, 1, 5, 5, 7, 48, 1, 2]);
const ARCHIVE_CUTOFF: Oid = Oid::new(&[1, 3, 6, 1, 5, 5, 7, 48, 1, 6]);
const EXTENDED_REVOKE: Oid = Oid::new(&[1, 3, 6, 1, 5, 5, 7, 48, 1, 9]);
const INVALIDITY_DATE: Oid = Oid::new(&[2, 5, 29, 24]);

/// `responseExtensions`.
#[derive(Debug, Clone, Default)]
pub(super) struct ResponseExtensions {
    pub nonce: Option<Box<[u8]>>,
    pub unknown_critical: Option<Oid>,
}

impl ResponseExtensions {
    pub(super) fn read(explicit: Reader<'_>) -> Result<Self, OcspError> {
        let mut read = Self::default();
        for_each(explicit, |oid, critical, value| {
            match oid {
                // RFC 8954 §2.1 wraps the nonce in an OCTET STRING; older responders put it bare, and any octets are a nonce.
                NONCE => {
                    let wrapped = der::single(value).ok().filter(|element| element.tag == Tag::OCTET_STRING);
                    read.nonce = Some(wrapped.map_or(value, |element| element.content).into());
                }
                // Announces that "revoked" may also mean "never issued" (§4.4.8), which is no better.
                EXTENDED_REVOKE => {}
                _ if critical => read.unknown_critical = read.unknown_critical.or(Some(oid)),
                _ => {}
            }
            Ok(())
        })?;
        Ok(read)
    }
}

/// `singleExtensions`.
#[derive(Debug, Clone, Default)]
pub(super) struct SingleExtensions {
    /// Back to when the responder keeps statuses of expired certificates (§4.4.4).
    pub archive_cutoff: Option<DateTime<Utc>>,
    /// From when the key is held to have been bad (§4.4.5, RFC 5280 §5.3.2).
    pub invalidity_date: Option<DateTime<Utc>>,
    pub unknown_critical: Option<Oid>,
}

impl SingleExtensions {
    pub(super) fn read(explicit: Reader<'_>) -> Result<Self, OcspError> {
        let mut read = Self::default();
        let time = |value| {
            let mut reader = Reader::new(value);
            let time = generalized_time(&mut reader)?;
            reader.finish().map(|()| time)
        };
        for_each(explicit, |oid, critical, value| {
            match oid {
                ARCHIVE_CUTOFF => read.archive_cutoff = Some(time(value)?),
                INVALIDITY_DATE => read.invalidity_date = Some(time(value)?),
                _ if critical => read.unknown_critical = read.unknown_critical.or(Some(oid)),
                _ => {}
            }
            Ok(())
        })?;
        Ok(read)
    }
}

/// Walks an explicitly tagged Extensions list; an identifier may stand once.
fn for_each<'a>(
    mut explicit: Reader<'a>,
    mut visit: impl FnMut(Oid, bool, &'a [u8]) -> Result<(), DerError>,
) -> Result<(), OcspError> {
    const MAX_EXTENSIONS: usize = 32;
    let mut list = explicit.sequence()?;
    explicit.finish()?;
    let mut seen: Vec<Oid> = Vec::new();
    while !list.is_empty() {
        let mut extension = list.sequence()?;
        let oid = extension.oid()?;
        let critical = extension.default_false()?;
        let value = extension.octet_string()?;
        extension.finish()?;
        if seen.contains(&oid) {
            return Err(OcspError::DuplicateExtension(oid));
        }
        if seen.len() == MAX_EXTENSIONS {
            return Err(OcspError::TooMany("extensions"));
        }
        seen.push(oid);
        visit(oid, critical, value).map_err(|_| OcspError::Extension(oid))?;
    }
    Ok(())
}
