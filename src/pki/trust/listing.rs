//! The canonical listing of a trust store: what its digest is made over, and what it can be rebuilt from.
//!
//! A line an entry and a list, sorted; certificates and lists by the SHA-256 of their octets:
//!
//! ```text
//! certificate SHA256 KIND PURPOSES STATE FROM UNTIL
//! list SHA256 PURPOSES
//! ```

use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, Utc};

use super::{EntryKind, EntryState, Purpose, PurposeSet, StoredList, TrustEntry, TrustStore};

/// What a listing says, without the octets of anything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// The entries, in the order of their certificates' digests.
    pub entries: Vec<ListedEntry>,
    /// SHA-256 of each revocation list and its purposes, in the order of the digests.
    pub lists: Vec<([u8; 32], PurposeSet)>,
}

/// An entry of a listing: everything but its certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedEntry {
    /// SHA-256 of the certificate.
    pub sha256: [u8; 32],
    /// Anchor or intermediate.
    pub kind: EntryKind,
    /// What it may be used for.
    pub purposes: PurposeSet,
    /// Where it is in its life.
    pub state: EntryState,
    /// Not trusted before, inclusive.
    pub trusted_from: Option<DateTime<Utc>>,
    /// Not trusted from here on, exclusive.
    pub trusted_until: Option<DateTime<Utc>>,
}

/// A text that is not a listing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {0} is not one of a trust store's listing")]
pub struct ListingError(usize);

impl TrustStore {
    /// The canonical listing; its SHA-256 is [`digest`](Self::digest).
    pub fn listing(&self) -> String {
        listing_of(self.entries(), self.crls())
    }
}

pub(super) fn listing_of(entries: &[TrustEntry], crls: &[StoredList]) -> String {
    let mut lines: Vec<String> = entries.iter().map(line).collect();
    lines.extend(crls.iter().map(|(list, purposes)| format!("list {} {purposes}\n", hex::encode(list.sha256()))));
    lines.sort_unstable();
    lines.concat()
}

fn line(entry: &TrustEntry) -> String {
    let instant =
        |time: Option<DateTime<Utc>>| time.map_or("-".to_owned(), |t| t.to_rfc3339_opts(SecondsFormat::Micros, true));
    format!(
        "certificate {} {} {} {} {} {}\n",
        hex::encode(entry.certificate.sha256()),
        entry.kind,
        entry.purposes,
        entry.state,
        instant(entry.trusted_from),
        instant(entry.trusted_until)
    )
}

impl FromStr for Listing {
    type Err = ListingError;

    fn from_str(text: &str) -> Result<Self, ListingError> {
        let mut listing = Self::default();
        for (index, line) in text.lines().enumerate() {
            let words: Vec<&str> = line.split(' ').collect();
            let read = match words.as_slice() {
                ["certificate", words @ ..] => entry(words).map(|entry| listing.entries.push(entry)),
                ["list", sha256, purposes] => {
                    digest(sha256).zip(purpose_set(purposes)).map(|list| listing.lists.push(list))
                }
                _ => None,
            };
            read.ok_or(ListingError(index + 1))?;
        }
        Ok(listing)
    }
}

fn entry(words: &[&str]) -> Option<ListedEntry> {
    let [sha256, kind, purposes, state, from, until] = words else { return None };
    Some(ListedEntry {
        sha256: digest(sha256)?,
        kind: kind.parse().ok()?,
        purposes: purpose_set(purposes)?,
        state: state.parse().ok()?,
        trusted_from: instant(from).ok()?,
        trusted_until: instant(until).ok()?,
    })
}

fn digest(text: &str) -> Option<[u8; 32]> {
    hex::decode(text).ok()?.try_into().ok()
}

fn purpose_set(text: &str) -> Option<PurposeSet> {
    let names = text.split(',').filter(|name| !name.is_empty());
    names.map(|name| name.parse::<Purpose>().ok()).collect()
}

fn instant(text: &str) -> Result<Option<DateTime<Utc>>, chrono::ParseError> {
    if text == "-" { Ok(None) } else { text.parse().map(Some) }
}
