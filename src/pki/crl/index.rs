//! Finding one serial number among millions in ten octets an entry.
//!
//! Kept for each entry are 48 bits of a fingerprint of its serial number and the four octets of its position in the list,
//! grouped into buckets by other bits of the same fingerprint. The serial numbers themselves are not kept: five million
//! random ones of twenty octets cannot be written in fewer than 17 octets each, however cleverly. So the index alone proves
//! only absence: a serial number whose fingerprint is not there is not listed, whatever the fingerprint's length. A
//! fingerprint that is there is confirmed on the entry itself, read where the list's octets lie ([`ListOctets`]), and its
//! date and reasons come from there too. Hence the answer is exact both ways: no collision revokes a certificate, and none
//! hides a revocation.
//!
//! Fingerprints are keyed anew for every list (SipHash under a random key), so nobody can choose serial numbers that collide,
//! and an entry whose octets no longer bear its fingerprint shows that what was read is not what was indexed.

use std::hash::{BuildHasher, RandomState};

use super::{CrlError, MAX_LENGTH, Unreadable};
use crate::pki::der::{Reader, Tag};

/// About so many entries share a bucket, as a power of two: a bucket's fingerprints lie in two or three cache lines.
const BUCKET_BITS: u32 = 4;
/// Octets of fingerprint kept for each entry.
const KEPT: usize = 6;
/// What is read at once of an entry; one with a reason and an invalidity date takes 70 octets.
const ENTRY: usize = 128;

/// Where a list's octets lie when they are not kept in memory. They must not change.
pub trait ListOctets: Send + Sync {
    /// Fills `buffer` from `position` on.
    ///
    /// # Errors
    /// [`Unreadable`], whatever keeps the octets from being read, their end included.
    fn read_at(&self, position: u64, buffer: &mut [u8]) -> Result<(), Unreadable>;
}

/// The positions of a list's entries by serial number.
pub(super) struct Index {
    keys: RandomState,
    /// Bits of a fingerprint that choose the bucket.
    bits: u32,
    /// Where each bucket begins; one more than there are buckets.
    starts: Vec<u32>,
    fingerprints: Vec<[u8; KEPT]>,
    positions: Vec<u32>,
}

impl Index {
    /// Indexes `count` entries, which were read before. Two passes and no sorting: beside the finished index only the buckets'
    /// beginnings are held twice.
    pub(super) fn of(revoked: Reader<'_>, base: usize, count: usize) -> Result<Self, CrlError> {
        let bits = u32::try_from(count).unwrap_or(u32::MAX).max(1).ilog2().saturating_sub(BUCKET_BITS);
        let mut index = Self {
            keys: RandomState::new(),
            bits,
            starts: vec![0; (1 << bits) + 1],
            fingerprints: vec![[0; KEPT]; count],
            positions: vec![0; count],
        };
        let mut entries = revoked;
        while !entries.is_empty() {
            let (bucket, _) = index.place(entries.element(Tag::SEQUENCE)?.reader().integer()?);
            if let Some(after) = index.starts.get_mut(bucket + 1) {
                *after += 1;
            }
        }
        let mut sum = 0;
        for start in &mut index.starts {
            sum += *start;
            *start = sum;
        }
        let mut next = index.starts.clone();
        let mut entries = revoked;
        while !entries.is_empty() {
            let element = entries.element(Tag::SEQUENCE)?;
            let (bucket, fingerprint) = index.place(element.reader().integer()?);
            let position = u32::try_from(element.encoded.as_ptr().addr() - base).map_err(|_| CrlError::Oversized)?;
            let next = next.get_mut(bucket).ok_or(CrlError::Oversized)?;
            let at = *next as usize;
            *next += 1;
            if let Some((kept, place)) = index.fingerprints.get_mut(at).zip(index.positions.get_mut(at)) {
                (*kept, *place) = (fingerprint, position);
            }
        }
        Ok(index)
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.positions.len()
    }

    /// Positions of the entries that may bear `serial`; every entry that does is among them.
    pub(super) fn candidates(&self, serial: &[u8]) -> impl Iterator<Item = u32> {
        let (bucket, fingerprint) = self.place(serial);
        let from = self.starts.get(bucket).map_or(0, |start| *start as usize);
        let until = self.starts.get(bucket + 1).map_or(from, |start| *start as usize);
        let kept = self.fingerprints.get(from..until).unwrap_or_default();
        let found = kept.iter().enumerate().filter(move |(_, kept)| **kept == fingerprint);
        found.filter_map(move |(offset, _)| self.positions.get(from + offset).copied())
    }

    /// Whether both have one fingerprint, as an entry that was indexed has with itself.
    pub(super) fn is_alike(&self, one: &[u8], other: &[u8]) -> bool {
        self.place(one) == self.place(other)
    }

    fn place(&self, serial: &[u8]) -> (usize, [u8; KEPT]) {
        let hash = self.keys.hash_one(serial);
        let bucket = hash.checked_shr(u64::BITS - self.bits).unwrap_or(0);
        let [_, _, kept @ ..] = hash.to_be_bytes();
        (usize::try_from(bucket).unwrap_or(0), kept)
    }
}

/// The octets of a list, in memory or elsewhere.
pub(super) enum Octets {
    Held(Box<[u8]>),
    Elsewhere { octets: Box<dyn ListOctets>, length: usize },
}

impl Octets {
    /// Calls `read` with the octets of the element that begins at `position`.
    pub(super) fn with_element<T>(&self, position: u32, read: impl FnOnce(&[u8]) -> T) -> Result<T, Unreadable> {
        let start = position as usize;
        match self {
            Self::Held(octets) => Ok(read(octets.get(start..).unwrap_or_default())),
            Self::Elsewhere { octets, length } => {
                let rest = length.saturating_sub(start);
                let mut first = [0; ENTRY];
                let first = first.get_mut(..ENTRY.min(rest)).unwrap_or_default();
                octets.read_at(position.into(), first)?;
                let whole = element_length(first).unwrap_or(0);
                if whole <= first.len() {
                    return Ok(read(first));
                }
                let mut element = vec![0; whole.min(rest)];
                octets.read_at(position.into(), &mut element)?;
                Ok(read(&element))
            }
        }
    }

    /// All of them, read when they are not in memory.
    pub(super) fn read_all(&self) -> Result<Box<[u8]>, Unreadable> {
        match self {
            Self::Held(octets) => Ok(octets.clone()),
            Self::Elsewhere { octets, length } => {
                let mut all = vec![0; (*length).min(MAX_LENGTH)];
                octets.read_at(0, &mut all)?;
                Ok(all.into())
            }
        }
    }
}

/// Length of the element that begins with `first`, its identifier and length octets included.
fn element_length(first: &[u8]) -> Option<usize> {
    let length = *first.get(1)?;
    if length < 0x80 {
        return Some(usize::from(length) + 2);
    }
    let count = usize::from(length & 0x7f).min(4);
    let octets = first.get(2..2 + count)?;
    Some(octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet)) + 2 + count)
}
