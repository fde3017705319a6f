//! The entries of a list as they stand, read strictly before anything is believed (RFC 5280 §5.1.2.6).

use super::extension::EntryExtensions;
use super::{CrlError, RevokedEntry, Unusable};
use crate::pki::der::{Reader, Tag};

/// What one pass over all entries finds out.
pub(super) struct Entries {
    pub(super) count: usize,
    /// From which position on entries are of which other issuer (§5.3.3): the extension holds until the next one.
    pub(super) issuers: Vec<(u32, Box<[u8]>)>,
    /// The first thing in an entry that makes the list unusable.
    pub(super) unusable: Option<Unusable>,
}

impl Entries {
    /// Reads every entry of `revoked`, which lies in octets that begin at `base`.
    pub(super) fn read(mut revoked: Reader<'_>, base: usize, is_indirect: bool) -> Result<Self, CrlError> {
        let mut read = Self { count: 0, issuers: Vec::new(), unusable: None };
        while !revoked.is_empty() {
            let element = revoked.element(Tag::SEQUENCE)?;
            let (_, extensions) = read_entry(&mut element.reader())?;
            read.count += 1;
            read.unusable = read.unusable.or(extensions.unusable);
            let Some(issuer) = extensions.certificate_issuer else { continue };
            if !is_indirect {
                read.unusable = read.unusable.or(Some(Unusable::ForeignEntries));
            }
            if read.issuers.last().is_none_or(|(_, last)| *last != issuer) {
                let position =
                    u32::try_from(element.encoded.as_ptr().addr() - base).map_err(|_| CrlError::Oversized)?;
                read.issuers.push((position, issuer));
            }
        }
        Ok(read)
    }
}

/// Reads the content of one entry.
pub(super) fn read_entry(entry: &mut Reader<'_>) -> Result<(RevokedEntry, EntryExtensions), CrlError> {
    entry.integer()?;
    let revocation_date = entry.time()?;
    let extensions =
        if entry.is_empty() { EntryExtensions::default() } else { EntryExtensions::read(entry.sequence()?)? };
    entry.finish()?;
    let read = RevokedEntry { revocation_date, reason: extensions.reason, invalidity_date: extensions.invalidity_date };
    Ok((read, extensions))
}
