//! What is trusted, for what, and when: the immutable, revisioned trust store.
//!
//! A store is built whole from its entries and lists and never changes; whoever validates holds one `Arc` of it from start
//! to end, so that every verdict belongs to exactly one revision. What is remembered beside it are facts, not decisions: whose
//! key signed which certificate. Time, revocation, purposes and policy are asked again each time, and another revision
//! remembers nothing of this one.

mod leaves;
mod listing;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use leaves::{Leaf, Leaves};
pub use listing::{ListedEntry, Listing, ListingError};

use super::certificate::{Certificate, CertificateError};
use super::crl::CertificateRevocationList;
use super::sha256;

/// Verified links remembered, at 64 octets each.
const REMEMBERED_LINKS: usize = 4096;

/// What a trust anchor is trusted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Signatures of applicants and their representatives.
    Applicants,
    /// Signatures of officers on their acts.
    Officers,
    /// TLS certificates of callers.
    Callers,
    /// Time-stamp tokens.
    TimeStamps,
}

impl Purpose {
    /// All purposes, in the order of their bits.
    pub const ALL: [Self; 4] = [Self::Applicants, Self::Officers, Self::Callers, Self::TimeStamps];

    fn name(self) -> &'static str {
        match self {
            Self::Applicants => "APPLICANTS",
            Self::Officers => "OFFICERS",
            Self::Callers => "CALLERS",
            Self::TimeStamps => "TIME_STAMPS",
        }
    }
}

/// What a trust entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// Trusted by decision; paths end here. Need not be self-signed.
    Anchor,
    /// A CA certificate at hand for building; trusted only through its own path.
    Intermediate,
}

/// Where an entry is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryState {
    /// Imported, supports nothing yet.
    Prepared,
    /// Supports signatures within its period of trust.
    Active,
    /// Supports signatures proved to lie before `trusted_until`; with no such date, none.
    Retired,
    /// Supports nothing, and no path may run through it.
    Distrusted,
}

macro_rules! text_form {
    ($type:ident, $($variant:ident => $text:literal),+) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$variant => $text),+ })
            }
        }

        impl FromStr for $type {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, UnknownName> {
                match text { $($text => Ok(Self::$variant),)+ _ => Err(UnknownName) }
            }
        }
    };
}

text_form!(Purpose, Applicants => "APPLICANTS", Officers => "OFFICERS", Callers => "CALLERS", TimeStamps => "TIME_STAMPS");
text_form!(EntryKind, Anchor => "ANCHOR", Intermediate => "INTERMEDIATE");
text_form!(EntryState, Prepared => "PREPARED", Active => "ACTIVE", Retired => "RETIRED", Distrusted => "DISTRUSTED");

/// A text that names no purpose, kind or state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown name")]
pub struct UnknownName;

/// A set of purposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct PurposeSet(u8);

impl PurposeSet {
    /// Every purpose.
    pub const ALL: Self = Self(0b1111);

    /// Whether `purpose` is in the set.
    pub fn contains(self, purpose: Purpose) -> bool {
        self.0 & (1 << purpose as u8) != 0
    }

    /// The purposes in the set, in order.
    pub fn iter(self) -> impl Iterator<Item = Purpose> {
        Purpose::ALL.into_iter().filter(move |purpose| self.contains(*purpose))
    }

    /// Whether the set has no purpose.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Purpose> for PurposeSet {
    fn from_iter<I: IntoIterator<Item = Purpose>>(purposes: I) -> Self {
        Self(purposes.into_iter().fold(0, |bits, purpose| bits | 1 << purpose as u8))
    }
}

impl From<Purpose> for PurposeSet {
    fn from(purpose: Purpose) -> Self {
        std::iter::once(purpose).collect()
    }
}

impl fmt::Display for PurposeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(Purpose::name).collect();
        f.write_str(&names.join(","))
    }
}

/// One certificate of the trust store with what was decided about it.
#[derive(Debug, Clone)]
pub struct TrustEntry {
    /// The certificate.
    pub certificate: Certificate,
    /// Anchor or intermediate.
    pub kind: EntryKind,
    /// What it may be used for.
    pub purposes: PurposeSet,
    /// Where it is in its life.
    pub state: EntryState,
    /// Not trusted before, inclusive; `None`: from its certificate's own validity.
    pub trusted_from: Option<DateTime<Utc>>,
    /// Not trusted from here on, exclusive; `None`: until its certificate expires.
    pub trusted_until: Option<DateTime<Utc>>,
}

impl TrustEntry {
    /// An active anchor without a period of its own.
    pub fn anchor(certificate: Certificate, purposes: PurposeSet) -> Self {
        Self {
            certificate,
            kind: EntryKind::Anchor,
            purposes,
            state: EntryState::Active,
            trusted_from: None,
            trusted_until: None,
        }
    }

    /// An active intermediate without a period of its own.
    pub fn intermediate(certificate: Certificate, purposes: PurposeSet) -> Self {
        Self { kind: EntryKind::Intermediate, ..Self::anchor(certificate, purposes) }
    }

    /// Whether the decision about the entry supports a signature made at `time`. The certificate's own validity is checked
    /// by the path validation, for anchors as for any other certificate.
    pub fn supports(&self, time: DateTime<Utc>) -> bool {
        let in_period =
            self.trusted_from.is_none_or(|from| from <= time) && self.trusted_until.is_none_or(|until| time < until);
        match self.state {
            EntryState::Active => in_period,
            EntryState::Retired => in_period && self.trusted_until.is_some(),
            EntryState::Prepared | EntryState::Distrusted => false,
        }
    }

    /// Whether the entry is an anchor that counts for `purpose`, whenever that is.
    pub fn is_anchor_for(&self, purpose: Purpose) -> bool {
        self.kind == EntryKind::Anchor && self.purposes.contains(purpose)
    }
}

/// A revocation list of the store with the purposes it may be used for.
pub type StoredList = (Arc<CertificateRevocationList>, PurposeSet);

/// Everything trusted at one revision. Immutable; share it behind `Arc`.
#[derive(Debug)]
pub struct TrustStore {
    revision: u64,
    digest: [u8; 32],
    entries: Vec<TrustEntry>,
    crls: Vec<StoredList>,
    entries_by_subject: HashMap<Box<[u8]>, Vec<usize>>,
    entries_by_canonical_subject: HashMap<Box<[u8]>, Vec<usize>>,
    crls_by_issuer: HashMap<Box<[u8]>, Vec<usize>>,
    distrusted: HashSet<[u8; 32]>,
    /// SHA-256 of an issuer's SubjectPublicKeyInfo and of a CA certificate whose signature holds under it.
    links: RwLock<HashSet<([u8; 32], [u8; 32])>>,
    /// Apart from the links, so that end entities cannot crowd out authorities.
    leaves: Leaves,
}

impl TrustStore {
    /// Prepares the keys of all entries for frequent use; see [`super::PublicKey::prepare`].
    pub fn prepare(&self) {
        for entry in &self.entries {
            if let Ok(key) = entry.certificate.public_key() {
                key.prepare();
            }
        }
    }

    /// Builds the store of one revision.
    pub fn new(revision: u64, entries: Vec<TrustEntry>, crls: Vec<StoredList>) -> Self {
        let mut entries_by_subject: HashMap<Box<[u8]>, Vec<usize>> = HashMap::new();
        let mut entries_by_canonical_subject: HashMap<Box<[u8]>, Vec<usize>> = HashMap::new();
        for (index, entry) in entries.iter().enumerate() {
            entries_by_subject.entry(entry.certificate.subject_raw().into()).or_default().push(index);
            entries_by_canonical_subject.entry(entry.certificate.subject_canonical().into()).or_default().push(index);
        }
        let mut crls_by_issuer: HashMap<Box<[u8]>, Vec<usize>> = HashMap::new();
        for (index, (list, _)) in crls.iter().enumerate() {
            crls_by_issuer.entry(list.issuer_canonical().into()).or_default().push(index);
        }
        let distrusted = entries
            .iter()
            .filter(|entry| entry.state == EntryState::Distrusted)
            .map(|entry| *entry.certificate.spki_sha256());
        Self {
            revision,
            digest: sha256(listing::listing_of(&entries, &crls).as_bytes()),
            distrusted: distrusted.collect(),
            entries_by_subject,
            entries_by_canonical_subject,
            crls_by_issuer,
            entries,
            crls,
            links: RwLock::new(HashSet::new()),
            leaves: Leaves::default(),
        }
    }

    /// The revision, counted up by one with every change of trust.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// SHA-256 of the [listing](Self::listing) of all entries with their decisions and all lists; the revision is not part of it.
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// All entries, of every state.
    pub fn entries(&self) -> &[TrustEntry] {
        &self.entries
    }

    /// All revocation lists with their purposes.
    pub fn crls(&self) -> &[StoredList] {
        &self.crls
    }

    /// Entries whose subject is `certificate`'s issuer name, of every state; by octets, else by canonical form.
    pub fn issuers_of(&self, certificate: &Certificate) -> impl Iterator<Item = &TrustEntry> {
        let by_octets = self.entries_by_subject.get(certificate.issuer_raw());
        if let Some(entry) = by_octets.and_then(|found| self.entries.get(*found.first()?)) {
            certificate.adopt_issuer_name(&entry.certificate);
        }
        let found = by_octets.or_else(|| self.entries_by_canonical_subject.get(certificate.issuer_canonical()));
        found.into_iter().flatten().filter_map(|index| self.entries.get(*index))
    }

    /// Whether a certificate that came along may issue: what the store has decided about this very authority (its name and key, in
    /// whatever certificate) holds for it too. One the store does not know is neither allowed nor forbidden by it.
    pub fn permits(&self, authority: &Certificate, purpose: Purpose, time: DateTime<Utc>) -> bool {
        let mut known =
            self.namesakes_of(authority).filter(|entry| entry.certificate.spki() == authority.spki()).peekable();
        known.peek().is_none() || known.any(|entry| entry.purposes.contains(purpose) && entry.supports(time))
    }

    /// Entries with the same subject name as `certificate`, of every state.
    pub fn namesakes_of(&self, certificate: &Certificate) -> impl Iterator<Item = &TrustEntry> {
        self.named(certificate.subject_canonical())
    }

    /// Entries whose subject is this canonical name, of every state.
    pub(super) fn named(&self, subject: &[u8]) -> impl Iterator<Item = &TrustEntry> {
        let found = self.entries_by_canonical_subject.get(subject);
        found.into_iter().flatten().filter_map(|index| self.entries.get(*index))
    }

    /// The entry with this very certificate.
    pub fn entry(&self, sha256: &[u8; 32]) -> Option<&TrustEntry> {
        self.entries.iter().find(|entry| entry.certificate.sha256() == sha256)
    }

    /// Whether the key of `certificate` is that of a distrusted entry.
    pub fn is_distrusted(&self, certificate: &Certificate) -> bool {
        !self.distrusted.is_empty() && self.distrusted.contains(certificate.spki_sha256())
    }

    /// Lists for `purpose` whose issuer is the subject of `issuer`.
    pub fn crls_of(
        &self,
        issuer: &Certificate,
        purpose: Purpose,
    ) -> impl Iterator<Item = &Arc<CertificateRevocationList>> {
        self.crls_named(issuer.subject_canonical(), purpose)
    }

    /// Lists for `purpose` whose issuer is this canonical name.
    pub(super) fn crls_named(
        &self,
        issuer: &[u8],
        purpose: Purpose,
    ) -> impl Iterator<Item = &Arc<CertificateRevocationList>> {
        let found = self.crls_by_issuer.get(issuer);
        let lists = found.into_iter().flatten().filter_map(|index| self.crls.get(*index));
        lists.filter(move |(_, purposes)| purposes.contains(purpose)).map(|(list, _)| list)
    }

    /// Reads a certificate as [`Certificate::from_der`] does, or finds it among the end entities that were on valid paths before.
    ///
    /// # Errors
    /// As of [`Certificate::from_der`].
    pub fn read_certificate(&self, der: &[u8]) -> Result<Certificate, CertificateError> {
        let sha256 = sha256(der);
        match self.leaves.find(&sha256) {
            Some(leaf) => Ok(leaf.certificate),
            None => Certificate::of_digest(der, sha256),
        }
    }

    /// Whether the signature of `subject` is known to hold under the key of `issuer`.
    pub(super) fn knows_link(&self, issuer: &Certificate, subject: &Certificate) -> bool {
        if !subject.is_ca() {
            let leaf = self.leaves.find(subject.sha256());
            return leaf.is_some_and(|leaf| leaf.issuer == *issuer.spki_sha256());
        }
        let links = self.links.read().unwrap_or_else(PoisonError::into_inner);
        links.contains(&(*issuer.spki_sha256(), *subject.sha256()))
    }

    /// Remembers that `subject` is signed by the key of `issuer`: a CA on a path that ended at an anchor, or the end entity of
    /// a valid one.
    pub(super) fn remember_link(&self, issuer: &Certificate, subject: &Certificate) {
        let key = *issuer.spki_sha256();
        if !subject.is_ca() {
            self.leaves.remember(Leaf { certificate: subject.clone(), issuer: key });
            return;
        }
        let mut links = self.links.write().unwrap_or_else(PoisonError::into_inner);
        if links.len() < REMEMBERED_LINKS {
            links.insert((key, *subject.sha256()));
        }
    }
}
