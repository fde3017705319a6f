//! Certificate revocation lists (RFC 5280 §5), built for lists of 21 MB and 422,000 entries.
//!
//! The list is read once, entry by entry, by the strict reader; kept are its octets and, for each entry, four octets of
//! position sorted by serial number. Nothing is believed before the signature holds: entries can be looked up only through
//! [`Verified`], which [`CertificateRevocationList::verify`] alone hands out, after one verification per issuer key.

mod extension;

use std::cmp::Ordering;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use ring::digest;

use super::algorithm::{AlgorithmError, AlgorithmIdentifier, SignatureAlgorithm};
use super::certificate::{Certificate, PointName};
use super::der::{DerError, Reader, Tag};
use super::{Oid, name};
use extension::{EntryExtensions, ListExtensions};
pub use extension::{Reason, Scope, Unusable};

/// Largest list accepted, in octets: positions are kept in four octets, and ten times the national list is room enough.
const MAX_LENGTH: usize = 256 * 1024 * 1024;
/// Issuer keys whose verdict on a list is remembered.
const REMEMBERED_KEYS: usize = 4;

/// Why octets are not a CRL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CrlError {
    /// Longer than 256 MiB.
    #[error("the list is larger than {MAX_LENGTH} octets")]
    Oversized,
    /// Not DER, or not the structure of a CRL; trailing octets included.
    #[error("the list is not a DER CRL: {0}")]
    Der(#[from] DerError),
    /// A version other than 1 and 2, or extensions in version 1.
    #[error("the list has fields that its version does not have")]
    Version,
    /// `signatureAlgorithm` and `tbsCertList.signature` differ (§5.1.1.2).
    #[error("inner and outer signature algorithms differ")]
    SignatureAlgorithms,
    /// An extension that stands twice.
    #[error("extension {0} occurs twice")]
    DuplicateExtension(Oid),
    /// A known extension whose content is malformed.
    #[error("extension {0} is malformed")]
    Extension(Oid),
}

/// Why a CRL is not verified under an issuer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The list's issuer is not the certificate's subject.
    #[error("the list is issued by another name")]
    IssuerName,
    /// The issuer has `keyUsage` without `cRLSign` (§4.2.1.3).
    #[error("the issuer may not sign revocation lists")]
    KeyUsage,
    /// Algorithm, key or signature.
    #[error(transparent)]
    Algorithm(#[from] AlgorithmError),
}

/// One revoked certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevokedEntry {
    /// When the issuer revoked it, to the second.
    pub revocation_date: DateTime<Utc>,
    /// Why; [`Reason::Unspecified`] when the entry does not say (§5.3.1).
    pub reason: Reason,
    /// From when the key is held to have been bad (§5.3.2).
    pub invalidity_date: Option<DateTime<Utc>>,
}

/// SHA-256 of an issuer's SubjectPublicKeyInfo, and whether the list's signature holds under it.
type Verdict = ([u8; 32], Result<(), AlgorithmError>);

/// A certificate revocation list, read but not yet believed. Immutable; shared behind `Arc`.
pub struct CertificateRevocationList {
    der: Box<[u8]>,
    sha256: [u8; 32],
    tbs: (usize, usize),
    issuer: (usize, usize),
    signature: (usize, usize),
    algorithm: AlgorithmIdentifier,
    this_update: DateTime<Utc>,
    next_update: Option<DateTime<Utc>>,
    extensions: ListExtensions,
    unusable: Option<Unusable>,
    /// Positions of the entries in `der`, in order of serial number.
    entries: Vec<u32>,
    canonical_issuer: Box<[u8]>,
    verdicts: Mutex<Vec<Verdict>>,
}

impl CertificateRevocationList {
    /// Reads one DER list, with nothing after it. Takes octets by value when they are owned, so that large lists are not copied.
    ///
    /// A list that is well formed but cannot be used (delta, indirect, unknown critical extension…) is no error here:
    /// [`unusable`](Self::unusable) says so.
    pub fn from_der(der: impl Into<Box<[u8]>>) -> Result<Self, CrlError> {
        let der: Box<[u8]> = der.into();
        if der.len() > MAX_LENGTH {
            return Err(CrlError::Oversized);
        }
        let base = der.as_ptr().addr();
        let place = |part: &[u8]| (part.as_ptr().addr() - base, part.as_ptr().addr() - base + part.len());

        let mut outer = Reader::new(&der);
        let mut list = outer.sequence()?;
        outer.finish()?;
        let tbs_element = list.element(Tag::SEQUENCE)?;
        let outer_algorithm = list.element(Tag::SEQUENCE)?;
        let signature = list.bit_string()?;
        list.finish()?;

        let mut tbs = tbs_element.reader();
        let version = if tbs.peek() == Some(Tag::INTEGER) { tbs.unsigned()? } else { 0 };
        let inner_algorithm = tbs.element(Tag::SEQUENCE)?;
        let algorithm = AlgorithmIdentifier::read(&mut Reader::new(outer_algorithm.encoded))?;
        // Some national lists write NULL outside and nothing inside, which means the same.
        if !algorithm.means_the_same_as(&AlgorithmIdentifier::read(&mut Reader::new(inner_algorithm.encoded))?) {
            return Err(CrlError::SignatureAlgorithms);
        }
        let issuer = tbs.element(Tag::SEQUENCE)?.encoded;
        let this_update = tbs.time()?;
        if this_update < DateTime::UNIX_EPOCH {
            return Err(DerError::Time.into());
        }
        let next_update = match tbs.peek() {
            Some(Tag::UTC_TIME | Tag::GENERALIZED_TIME) => Some(tbs.time()?),
            _ => None,
        };
        let revoked = tbs.optional(Tag::SEQUENCE)?.map(|element| element.reader());
        let listed = tbs.optional(Tag::context_constructed(0))?;
        tbs.finish()?;
        if version > 1 || version == 0 && listed.is_some() {
            return Err(CrlError::Version);
        }
        let extensions = match listed {
            Some(explicit) => ListExtensions::read(explicit.reader())?,
            None => ListExtensions::default(),
        };
        let (entries, entry_unusable) = read_entries(revoked, base)?;
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(digest::digest(&digest::SHA256, &der).as_ref());
        Ok(Self {
            sha256,
            tbs: place(tbs_element.encoded),
            issuer: place(issuer),
            signature: place(signature),
            algorithm,
            this_update,
            next_update,
            unusable: extensions.unusable(entry_unusable),
            extensions,
            entries,
            canonical_issuer: name::canonical(issuer),
            verdicts: Mutex::new(Vec::new()),
            der,
        })
    }

    /// The list as received.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 of [`der`](Self::der).
    pub fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    /// The issuer's Name as encoded.
    pub fn issuer_raw(&self) -> &[u8] {
        self.part(self.issuer)
    }

    /// The issuer for people: escaped and capped.
    pub fn issuer_display(&self) -> String {
        name::display_raw(self.issuer_raw())
    }

    pub(super) fn issuer_canonical(&self) -> &[u8] {
        &self.canonical_issuer
    }

    /// Whether `certificate`'s subject is this list's issuer name (§7.1), octets first.
    pub fn is_issued_by_name_of(&self, certificate: &Certificate) -> bool {
        self.issuer_raw() == certificate.subject_raw() || self.issuer_canonical() == certificate.subject_canonical()
    }

    /// `thisUpdate`.
    pub fn this_update(&self) -> DateTime<Utc> {
        self.this_update
    }

    /// `nextUpdate`; `None` when absent, which RFC 5280 §5.1.2.5 forbids and X.509 allows.
    pub fn next_update(&self) -> Option<DateTime<Utc>> {
        self.next_update
    }

    /// `cRLNumber` (§5.2.3): magnitude octets without leading zeros.
    pub fn number(&self) -> Option<&[u8]> {
        self.extensions.number.as_deref()
    }

    /// `keyIdentifier` of `authorityKeyIdentifier` (§5.2.1).
    pub fn authority_key_identifier(&self) -> Option<&[u8]> {
        self.extensions.authority_key_identifier.as_deref()
    }

    /// Whether the list is a delta (§5.2.4), which says nothing without its base.
    pub fn is_delta(&self) -> bool {
        self.extensions.delta_base.is_some()
    }

    /// Whether this delta, added to `base`, is a full list as of the delta (§5.2.4): same issuer, key identifier, scope and
    /// distribution point; the base is not older than the one the delta starts from, and older than the delta.
    pub fn is_delta_to(&self, base: &Self) -> bool {
        let Some(((start, own), held)) = self.extensions.delta_base.as_deref().zip(self.number()).zip(base.number())
        else {
            return false;
        };
        self.unusable == Some(Unusable::Delta)
            && self.canonical_issuer == base.canonical_issuer
            && self.authority_key_identifier() == base.authority_key_identifier()
            && self.scope() == base.scope()
            && self.distribution_point() == base.distribution_point()
            && compare_magnitudes(start, held).is_le()
            && compare_magnitudes(held, own).is_lt()
    }

    /// Which certificates the list covers (§5.2.5).
    pub fn scope(&self) -> Scope {
        self.extensions.scope
    }

    /// Names of the list's distribution point (§5.2.5); empty when it names none.
    pub fn distribution_point(&self) -> &[PointName] {
        &self.extensions.distribution_point
    }

    /// How many certificates are listed.
    pub fn entry_count(&self) -> usize {
        self.entries.len()
    }

    /// Why the list cannot be used as a full list of its scope, if so.
    pub fn unusable(&self) -> Option<&Unusable> {
        self.unusable.as_ref()
    }

    /// Compares the age of two lists of one issuer and scope: by number where both have one, then by `thisUpdate`.
    ///
    /// `Less`: this list is older than `held` and must not replace it.
    pub fn compare_age(&self, held: &Self) -> Ordering {
        let numbers = self.number().zip(held.number());
        let by_number = numbers.map_or(Ordering::Equal, |(own, other)| compare_magnitudes(own, other));
        by_number.then(self.this_update.cmp(&held.this_update))
    }

    /// The algorithm the list is signed with.
    pub fn signature_algorithm(&self) -> &AlgorithmIdentifier {
        &self.algorithm
    }

    /// Verifies the list under the key of `issuer`, whose subject must be the list's issuer (§6.3.3 (f), (g)).
    ///
    /// The verdict is remembered per issuer key, so that a large list is hashed once.
    pub fn verify(&self, issuer: &Certificate) -> Result<Verified<'_>, VerifyError> {
        if !self.is_issued_by_name_of(issuer) {
            return Err(VerifyError::IssuerName);
        }
        if issuer.key_usage().is_some_and(|usage| !usage.crl_sign()) {
            return Err(VerifyError::KeyUsage);
        }
        let key = issuer.spki_sha256();
        let remembered = {
            let verdicts = self.verdicts.lock().unwrap_or_else(PoisonError::into_inner);
            verdicts.iter().find(|(known, _)| known == key).map(|(_, verdict)| verdict.clone())
        };
        let verdict = remembered.unwrap_or_else(|| {
            let verdict = SignatureAlgorithm::resolve(&self.algorithm).and_then(|algorithm| {
                algorithm.verify(issuer.public_key()?, self.part(self.tbs), self.part(self.signature))
            });
            let mut verdicts = self.verdicts.lock().unwrap_or_else(PoisonError::into_inner);
            if verdicts.len() < REMEMBERED_KEYS && verdicts.iter().all(|(known, _)| known != key) {
                verdicts.push((*key, verdict.clone()));
            }
            verdict
        });
        Ok(verdict.map(|()| Verified(self))?)
    }

    fn part(&self, (start, end): (usize, usize)) -> &[u8] {
        self.der.get(start..end).unwrap_or_default()
    }

    /// The serial number of the entry at a position taken while reading; empty never happens.
    fn serial_at(&self, position: u32) -> &[u8] {
        let serial =
            self.der.get(position as usize..).and_then(|rest| Reader::new(rest).sequence().ok()?.integer().ok());
        serial.unwrap_or_default()
    }

    fn entry_at(&self, position: u32) -> Option<RevokedEntry> {
        let mut entry = Reader::new(self.der.get(position as usize..)?).sequence().ok()?;
        read_entry(&mut entry).ok().map(|(entry, _)| entry)
    }
}

/// A list whose signature holds under the key of an issuer the caller chose.
#[derive(Debug, Clone, Copy)]
pub struct Verified<'a>(&'a CertificateRevocationList);

impl<'a> Verified<'a> {
    /// The list.
    pub fn list(self) -> &'a CertificateRevocationList {
        self.0
    }

    /// The entry for a serial number (content octets). When a serial stands twice: a revocation before a hold, then the earlier.
    pub fn lookup(self, serial: &[u8]) -> Option<RevokedEntry> {
        let list = self.0;
        let first = list.entries.partition_point(|position| list.serial_at(*position) < serial);
        let same = list.entries.get(first..)?.iter().take_while(|position| list.serial_at(**position) == serial);
        same.map(|position| {
            // The entry was read when the list was; were it not readable now, the certificate counts as revoked.
            list.entry_at(*position).unwrap_or(RevokedEntry {
                revocation_date: DateTime::UNIX_EPOCH,
                reason: Reason::Unspecified,
                invalidity_date: None,
            })
        })
        .min_by_key(|entry| (entry.reason == Reason::CertificateHold, entry.revocation_date))
    }
}

impl fmt::Debug for CertificateRevocationList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CertificateRevocationList({}, {} entries)", hex::encode(self.sha256), self.entries.len())
    }
}

fn compare_magnitudes(a: &[u8], b: &[u8]) -> Ordering {
    a.len().cmp(&b.len()).then(a.cmp(b))
}

/// Positions of all entries in order of serial number, and the first reason in an entry that makes the list unusable.
fn read_entries(revoked: Option<Reader<'_>>, base: usize) -> Result<(Vec<u32>, Option<Unusable>), CrlError> {
    let Some(mut revoked) = revoked else {
        return Ok((Vec::new(), None));
    };
    // A national entry takes 35 to 55 octets.
    let mut entries: Vec<(&[u8], u32)> = Vec::with_capacity(revoked.remaining().len() / 40);
    let mut unusable = None;
    while !revoked.is_empty() {
        let element = revoked.element(Tag::SEQUENCE)?;
        let serial = element.reader().integer()?;
        let (_, reason) = read_entry(&mut element.reader())?;
        unusable = unusable.or(reason);
        entries.push((serial, u32::try_from(element.encoded.as_ptr().addr() - base).map_err(|_| CrlError::Oversized)?));
    }
    if !entries.is_sorted() {
        entries.sort_unstable();
    }
    Ok((entries.into_iter().map(|(_, position)| position).collect(), unusable))
}

fn read_entry(entry: &mut Reader<'_>) -> Result<(RevokedEntry, Option<Unusable>), CrlError> {
    entry.integer()?;
    let revocation_date = entry.time()?;
    let extensions =
        if entry.is_empty() { EntryExtensions::default() } else { EntryExtensions::read(entry.sequence()?)? };
    entry.finish()?;
    let read = RevokedEntry { revocation_date, reason: extensions.reason, invalidity_date: extensions.invalidity_date };
    Ok((read, extensions.unusable))
}
