//! A crowd for load and kill tests: many citizens, each with an IIN and a certificate of its own, all over one RSA key.

use std::thread;

use chrono::{DateTime, TimeDelta, Utc};

use super::SandboxError;
use super::authority::{Authority, CertificateAuthority};
use super::keys::{self, Key};
use super::people::{self, Person};
use super::profile::{self, Critical, KeyUsage, Leaf, usage};

/// Which authority issues a crowd's certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadIssuer {
    /// The RSA-2048 authority made for crowds: some 1,400 certificates a second and core.
    Quick,
    /// The national-strength authority: some 200 a second and core with 4096 bits.
    National,
    /// The GOST authority, certifying a GOST key.
    Gost,
}

/// Many citizens with one key.
pub struct LoadBatch {
    /// The key of all of them, PKCS#8 DER.
    pub key: Vec<u8>,
    /// The certificate of their issuer, DER.
    pub issuer: Vec<u8>,
    /// The citizens, each with another IIN.
    pub citizens: Vec<LoadCitizen>,
}

/// One citizen of a crowd.
pub struct LoadCitizen {
    /// Who it is.
    pub person: Person,
    /// The certificate, DER.
    pub certificate: Vec<u8>,
}

impl Authority {
    /// Certifies one new key (RSA-2048, or GOST under that authority) for `count` distinct adult citizens (at most 18,000), good for a year from
    /// `now` less a day. Nothing is written to the folder; these certificates cannot be revoked by name.
    ///
    /// # Errors
    /// Key generation or signing failed.
    pub fn mint_many(&self, count: u32, issuer: LoadIssuer, now: DateTime<Utc>) -> Result<LoadBatch, SandboxError> {
        let authorities = self.authorities();
        let issuer = match issuer {
            LoadIssuer::Quick => &authorities.load,
            LoadIssuer::National => &authorities.issuing,
            LoadIssuer::Gost => &authorities.issuing_gost,
        };
        let key = match issuer.issuer.key() {
            Key::Gost(_) => Key::gost()?,
            Key::Ring(_) => keys::generate(&[2048], &|_| ())?
                .pop()
                .ok_or_else(|| SandboxError::Key("no key was generated".to_owned()))?,
        };
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let indices: Vec<u32> = (0..count.min(people::BIRTHDAYS)).collect();
        let chunk = indices.len().div_ceil(threads).max(1);
        let citizens = thread::scope(|scope| {
            let workers: Vec<_> = indices
                .chunks(chunk)
                .map(|part| {
                    let key = &key;
                    scope.spawn(move || part.iter().map(|&index| certify(index, issuer, key, now)).collect())
                })
                .collect();
            let mut citizens = Vec::with_capacity(indices.len());
            for worker in workers {
                let part: Result<Vec<LoadCitizen>, SandboxError> =
                    worker.join().map_err(|_| SandboxError::Key("a signing thread ended early".to_owned()))?;
                citizens.extend(part?);
            }
            Ok::<_, SandboxError>(citizens)
        })?;
        Ok(LoadBatch { key: key.to_pkcs8(), issuer: issuer.certificate.clone(), citizens })
    }
}

fn certify(
    index: u32,
    issuer: &CertificateAuthority,
    key: &Key,
    now: DateTime<Utc>,
) -> Result<LoadCitizen, SandboxError> {
    let person = people::somebody(index);
    let leaf = Leaf {
        subject: profile::person_subject(&person, None)?,
        issuer: issuer.id,
        key_usage: KeyUsage::signing(key),
        extended: &[usage::EMAIL_PROTECTION, usage::INDIVIDUAL],
        critical: Critical::KeyUsage,
        not_before: now - TimeDelta::days(1),
        not_after: now + TimeDelta::days(364),
    };
    let certificate = issuer.certify(&leaf.parameters(key)?, key)?;
    Ok(LoadCitizen { person, certificate })
}
