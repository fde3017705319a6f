//! Looking up certificates in a list whose signature holds.

use super::entry::read_entry;
use super::{CertificateRevocationList, Reason, RevokedEntry, Unreadable};
use crate::pki::Certificate;
use crate::pki::der::Reader;

/// A list whose signature holds under the key of an issuer the caller chose.
#[derive(Debug, Clone, Copy)]
pub struct Verified<'a>(&'a CertificateRevocationList);

impl<'a> Verified<'a> {
    pub(super) fn of(list: &'a CertificateRevocationList) -> Self {
        Self(list)
    }

    /// The list.
    pub fn list(self) -> &'a CertificateRevocationList {
        self.0
    }

    /// The entry for a serial number (content octets) of the list's own issuer. When it stands twice: a revocation before a
    /// hold, then the earlier.
    ///
    /// # Errors
    /// [`Unreadable`]: an entry may be there and cannot be read.
    pub fn lookup(self, serial: &[u8]) -> Result<Option<RevokedEntry>, Unreadable> {
        self.find(serial, &self.0.canonical_issuer)
    }

    /// The entry for a certificate of any issuer that the list speaks of (§5.3.3), as [`lookup`](Self::lookup).
    ///
    /// # Errors
    /// As of [`lookup`](Self::lookup).
    pub fn lookup_certificate(self, certificate: &Certificate) -> Result<Option<RevokedEntry>, Unreadable> {
        self.find(certificate.serial(), certificate.issuer_canonical())
    }

    fn find(self, serial: &[u8], issuer: &[u8]) -> Result<Option<RevokedEntry>, Unreadable> {
        let list = self.0;
        let mut found: Option<RevokedEntry> = None;
        for position in list.entries.candidates(serial).filter(|position| list.issuer_at(*position) == issuer) {
            let entry = list.octets.with_element(position, |octets| {
                let mut entry = Reader::new(octets).sequence().map_err(|_| Unreadable)?;
                let listed = entry.clone().integer().map_err(|_| Unreadable)?;
                if listed == serial {
                    return read_entry(&mut entry).map(|(entry, _)| Some(entry)).map_err(|_| Unreadable);
                }
                // Two serial numbers of one fingerprint: the entry is of another certificate. Or the octets have changed.
                if list.entries.is_alike(listed, serial) { Ok(None) } else { Err(Unreadable) }
            });
            let Some(entry) = entry?? else { continue };
            let rank = |entry: &RevokedEntry| (entry.reason == Reason::CertificateHold, entry.revocation_date);
            found = found.filter(|known| rank(known) <= rank(&entry)).or(Some(entry));
        }
        Ok(found)
    }
}
