//! Certificate revocation lists (RFC 5280 §5), built for lists of five million entries.
//!
//! A list is read once, entry by entry, by the strict reader, and kept as a compact [index](self::index) of ten octets an
//! entry beside its octets. Nothing is believed before the signature holds: entries can be looked up only through
//! [`Verified`], which [`CertificateRevocationList::verify`] alone hands out, after one verification per issuer key.
//!
//! Large lists let go of their octets. [`CertificateRevocationList::release`] takes a place from which they can be read
//! again, as a rule an unlinked file, and from then on the list costs its index. Weighed and left: a list that remembers only
//! which key it was verified under could not be tried under the key after a rollover, and a digest in place of the octets
//! cannot be verified by ring, which hashes itself. So what is verified, and the entry behind every hit, is read again from
//! that place; the whole is compared with the list's SHA-256 first. A place that cannot be read gives no answer at all:
//! never "good", never "revoked".

mod entry;
mod extension;
mod index;
mod series;
mod verified;

use std::borrow::Cow;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use ring::digest;

use super::algorithm::{AlgorithmError, AlgorithmIdentifier, SignatureAlgorithm};
use super::certificate::Certificate;
use super::der::{DerError, Reader, Tag};
use super::distribution::IssuingDistributionPoint;
pub use super::distribution::Scope;
use super::{Oid, name, sha256};
use entry::Entries;
use extension::ListExtensions;
pub use extension::{Reason, Unusable};
pub use index::ListOctets;
use index::{Index, Octets};
pub use verified::Verified;

/// Largest list accepted, in octets: room for eight million national entries, positions in four octets.
const MAX_LENGTH: usize = 512 * 1024 * 1024;
/// Issuer keys whose verdict on a list is remembered.
const REMEMBERED_KEYS: usize = 4;

/// Why octets are not a CRL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CrlError {
    /// Longer than 512 MiB.
    #[error("the list is larger than {MAX_LENGTH} octets")]
    Oversized,
    /// Not DER, or not the structure of a CRL; trailing octets included.
    #[error("the list is not a DER CRL: {0}")]
    Der(#[from] DerError),
    /// A version other than 2 written out, or extensions in version 1.
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

/// The octets of a released list cannot be read, or are no longer those of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the octets of the revocation list cannot be read again")]
pub struct Unreadable;

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
    /// What was signed cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
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
    octets: Octets,
    sha256: [u8; 32],
    tbs: (usize, usize),
    issuer: Box<[u8]>,
    canonical_issuer: Box<[u8]>,
    signature: Box<[u8]>,
    algorithm: AlgorithmIdentifier,
    this_update: DateTime<Utc>,
    next_update: Option<DateTime<Utc>>,
    extensions: ListExtensions,
    unusable: Option<Unusable>,
    entries: Index,
    /// From which position on entries are of which other issuer (§5.3.3), in order of position.
    issuers: Vec<(u32, Box<[u8]>)>,
    verdicts: Mutex<Vec<Verdict>>,
}

impl CertificateRevocationList {
    /// Reads one DER list, with nothing after it. Takes octets by value when they are owned, so that large lists are not copied.
    ///
    /// A list that is well formed but cannot be used (unknown critical extension…) is no error here:
    /// [`unusable`](Self::unusable) says so.
    pub fn from_der(der: impl Into<Box<[u8]>>) -> Result<Self, CrlError> {
        let der: Box<[u8]> = der.into();
        if der.len() > MAX_LENGTH {
            return Err(CrlError::Oversized);
        }
        let base = der.as_ptr().addr();
        let mut outer = Reader::new(&der);
        let mut list = outer.sequence()?;
        outer.finish()?;
        let tbs_element = list.element(Tag::SEQUENCE)?;
        let outer_algorithm = list.element(Tag::SEQUENCE)?;
        let signature = list.bit_string()?;
        list.finish()?;

        let mut tbs = tbs_element.reader();
        // Version 1 is never written out (§5.1.2.1).
        let is_version_2 = match tbs.peek() {
            Some(Tag::INTEGER) if tbs.unsigned()? != 1 => return Err(CrlError::Version),
            tag => tag == Some(Tag::INTEGER),
        };
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
        let revoked = match tbs.optional(Tag::SEQUENCE)? {
            // Where nothing is revoked the field must be absent (§5.1.2.6).
            Some(element) if element.content.is_empty() => return Err(DerError::Length.into()),
            Some(element) => element.reader(),
            None => Reader::new(&[]),
        };
        let listed = tbs.optional(Tag::context_constructed(0))?;
        tbs.finish()?;
        if !is_version_2 && listed.is_some() {
            return Err(CrlError::Version);
        }
        let extensions = match listed {
            Some(explicit) => ListExtensions::read(explicit.reader())?,
            None => ListExtensions::default(),
        };
        let read = Entries::read(revoked, base, extensions.issuing_distribution_point.is_indirect)?;
        let tbs = tbs_element.encoded.as_ptr().addr() - base;
        Ok(Self {
            sha256: sha256(&der),
            tbs: (tbs, tbs + tbs_element.encoded.len()),
            issuer: issuer.into(),
            canonical_issuer: name::canonical(issuer),
            signature: signature.into(),
            algorithm,
            this_update,
            next_update,
            unusable: extensions.unusable(read.unusable),
            extensions,
            entries: Index::of(revoked, base, read.count)?,
            issuers: read.issuers,
            verdicts: Mutex::new(Vec::new()),
            octets: Octets::Held(der),
        })
    }

    /// Lets go of the octets, which from now on are read from `place`. What lies there is compared with the list first.
    ///
    /// # Errors
    /// [`Unreadable`]: something else lies there; the list keeps its octets.
    pub fn release(&mut self, place: impl ListOctets + 'static) -> Result<(), Unreadable> {
        let length = match &self.octets {
            Octets::Held(octets) => octets.len(),
            Octets::Elsewhere { length, .. } => *length,
        };
        let mut context = digest::Context::new(&digest::SHA256);
        let mut piece = vec![0; length.clamp(1, 64 * 1024)];
        for start in (0..length).step_by(piece.len()) {
            let end = piece.len().min(length - start);
            let piece = piece.get_mut(..end).ok_or(Unreadable)?;
            place.read_at(start as u64, piece)?;
            context.update(piece);
        }
        if context.finish().as_ref() != self.sha256 {
            return Err(Unreadable);
        }
        self.octets = Octets::Elsewhere { octets: Box::new(place), length };
        Ok(())
    }

    /// The list as received; read again when it was released.
    ///
    /// # Errors
    /// [`Unreadable`]; never of a list that was not released.
    pub fn der(&self) -> Result<Cow<'_, [u8]>, Unreadable> {
        if let Octets::Held(octets) = &self.octets {
            return Ok(octets.as_ref().into());
        }
        let octets = self.octets.read_all()?;
        if sha256(&octets) == self.sha256 { Ok(octets.into_vec().into()) } else { Err(Unreadable) }
    }

    /// SHA-256 of [`der`](Self::der).
    pub fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    /// The issuer's Name as encoded.
    pub fn issuer_raw(&self) -> &[u8] {
        &self.issuer
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

    /// `issuingDistributionPoint` (§5.2.5); its default when absent.
    pub fn issuing_distribution_point(&self) -> &IssuingDistributionPoint {
        &self.extensions.issuing_distribution_point
    }

    /// Whether the list is a delta (§5.2.4), which says nothing without its base.
    pub fn is_delta(&self) -> bool {
        self.extensions.delta_base.is_some()
    }

    /// How many certificates are listed.
    pub fn entry_count(&self) -> usize {
        self.entries.len()
    }

    /// Why no certificate's status can be taken from the list, if so.
    pub fn unusable(&self) -> Option<&Unusable> {
        self.unusable.as_ref()
    }

    /// The algorithm the list is signed with.
    pub fn signature_algorithm(&self) -> &AlgorithmIdentifier {
        &self.algorithm
    }

    /// Verifies the list under the key of `issuer`, whose subject must be the list's issuer (§6.3.3 (f), (g)).
    ///
    /// The verdict is remembered per issuer key, so that a large list is hashed once. A released list is read as a whole for
    /// every other key: callers try keys of certificates that lead to an anchor, not of whatever came along.
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
        let verdict = match remembered {
            Some(verdict) => verdict,
            None => self.verify_now(issuer)?,
        };
        Ok(verdict.map(|()| Verified::of(self))?)
    }

    fn verify_now(&self, issuer: &Certificate) -> Result<Result<(), AlgorithmError>, Unreadable> {
        let der = self.der()?;
        let tbs = der.get(self.tbs.0..self.tbs.1).unwrap_or_default();
        let verdict = SignatureAlgorithm::resolve(&self.algorithm)
            .and_then(|algorithm| algorithm.verify(issuer.public_key()?, tbs, &self.signature));
        let mut verdicts = self.verdicts.lock().unwrap_or_else(PoisonError::into_inner);
        let key = issuer.spki_sha256();
        if verdicts.len() < REMEMBERED_KEYS && verdicts.iter().all(|(known, _)| known != key) {
            verdicts.push((*key, verdict.clone()));
        }
        Ok(verdict)
    }

    /// The canonical name of the issuer of the certificate in the entry at `position`.
    fn issuer_at(&self, position: u32) -> &[u8] {
        let after = self.issuers.partition_point(|(from, _)| *from <= position);
        let run = after.checked_sub(1).and_then(|index| self.issuers.get(index));
        run.map_or(&*self.canonical_issuer, |(_, issuer)| issuer)
    }
}

impl fmt::Debug for CertificateRevocationList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CertificateRevocationList({}, {} entries)", hex::encode(self.sha256), self.entries.len())
    }
}
