//! The authority as a whole: minted once into a folder, opened again later, revoking and issuing CRLs.

use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use rcgen::{CertificateParams, CertificateRevocationListParams, Issuer, KeyIdMethod, SerialNumber, date_time_ymd};
use serde::{Deserialize, Serialize};

use super::folder::{Folder, REGISTER};
use super::keys::{Key, Progress};
use super::profile::{self, moment};
use super::register::Register;
use super::{SandboxError, gost, minting, transport};

/// How long a CRL of an issuing authority is good.
pub const CRL_VALIDITY: TimeDelta = TimeDelta::days(7);

/// How long the root's CRL is good.
pub const ROOT_CRL_VALIDITY: TimeDelta = TimeDelta::days(90);

/// A family of algorithms with a hierarchy of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// RSA with SHA-256.
    Rsa,
    /// GOST R 34.10-2015 with 512 bits.
    Gost,
}

/// Lengths of the authorities' keys. Everybody else's RSA keys have 2048 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Strength {
    /// 4096 bits, as the national authorities have: two to ten seconds of minting.
    National,
    /// 2048 bits, for tests that mint often.
    Quick,
}

impl Strength {
    /// Modulus length of root and issuing authority, in bits.
    pub(super) const fn modulus(self) -> usize {
        match self {
            Self::National => 4096,
            Self::Quick => 2048,
        }
    }
}

/// One certificate authority of the sandbox, ready to sign.
pub(super) struct CertificateAuthority {
    /// Short name, as in CRL file names and the register.
    pub(super) id: &'static str,
    /// Its certificate, DER.
    pub(super) certificate: Vec<u8>,
    /// Its name and key.
    pub(super) issuer: Issuer<'static, Key>,
}

impl CertificateAuthority {
    /// Issues a certificate for `key`, DER. Keys of one family are certified by authorities of that family.
    pub(super) fn certify(&self, params: &CertificateParams, key: &Key) -> Result<Vec<u8>, SandboxError> {
        finished(params.signed_by(key, &self.issuer)?.der(), key, self.issuer.key())
    }
}

/// What rcgen made of a certificate, as it is issued.
pub(super) fn finished(der: &[u8], subject: &Key, issuer: &Key) -> Result<Vec<u8>, SandboxError> {
    match (subject, issuer) {
        (Key::Gost(subject), Key::Gost(issuer)) => gost::certificate(der, subject, issuer),
        _ => Ok(der.to_vec()),
    }
}

/// The short names of the authorities.
pub(super) mod id {
    pub(in crate::sandbox) const ROOT: &str = "root-rsa";
    pub(in crate::sandbox) const ISSUING: &str = "rsa";
    pub(in crate::sandbox) const ROOT_GOST: &str = "root-gost";
    pub(in crate::sandbox) const ISSUING_GOST: &str = "gost";
    pub(in crate::sandbox) const LOAD: &str = "rsa-load";
    pub(in crate::sandbox) const TRANSPORT: &str = "tls";
}

/// Common name of the authority that issues certificates by the thousand.
pub(super) const LOAD_NAME: &str = "ЖҮКТЕМЕ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (RSA) SANDBOX";

/// The authorities whose certificates a service is told to trust.
pub(super) struct Authorities {
    pub(super) root: CertificateAuthority,
    pub(super) issuing: CertificateAuthority,
    pub(super) root_gost: CertificateAuthority,
    pub(super) issuing_gost: CertificateAuthority,
    pub(super) load: CertificateAuthority,
    pub(super) transport: CertificateAuthority,
}

impl Authorities {
    pub(super) fn all(&self) -> [&CertificateAuthority; 6] {
        [&self.root, &self.issuing, &self.root_gost, &self.issuing_gost, &self.load, &self.transport]
    }
}

/// An imitation national certification authority in a folder.
pub struct Authority {
    folder: Folder,
    register: Register,
    authorities: Authorities,
}

impl Authority {
    /// Mints a new authority with its people into `dir`, which must be absent or empty, as of `now`.
    ///
    /// `progress` is called from several threads, after each generated key.
    ///
    /// # Errors
    /// [`SandboxError::NotASandbox`], [`SandboxError::AlreadyMinted`] before anything is written; otherwise what failed.
    pub fn mint(
        dir: &Path,
        strength: Strength,
        now: DateTime<Utc>,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Self, SandboxError> {
        let folder = Folder::claim(dir)?;
        let (authorities, register) = minting::mint(&folder, strength, now, progress)?;
        let mut authority = Self { folder, register, authorities };
        authority.renew_crls(now)?;
        Ok(authority)
    }

    /// Opens an authority minted before.
    ///
    /// # Errors
    /// [`SandboxError::NotFound`] where there is none; otherwise the file that could not be read.
    pub fn open(dir: &Path) -> Result<Self, SandboxError> {
        let folder = Folder::existing(dir)?;
        let register: Register = folder.read_toml(REGISTER)?;
        let authorities = minting::reopen(&folder, register.minted)?;
        Ok(Self { folder, register, authorities })
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        self.folder.root()
    }

    /// A file of the folder, such as `citizens/assel.key`.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path(name)
    }

    /// When the authority was minted.
    pub fn minted(&self) -> DateTime<Utc> {
        self.register.minted
    }

    /// Revokes the certificate `name` (`citizens/assel`, or `assel` where only one has that name) as of `when`, and issues
    /// its authority's next CRL with that time as thisUpdate. Revoking twice keeps the first date. Returns the CRL's file.
    ///
    /// # Errors
    /// [`SandboxError::UnknownName`]; otherwise the file that could not be written.
    pub fn revoke(&mut self, name: &str, when: DateTime<Utc>) -> Result<PathBuf, SandboxError> {
        let entry = self.register.find(name).ok_or_else(|| SandboxError::UnknownName(name.to_owned()))?;
        entry.revoked.get_or_insert(when);
        let issuer = entry.issuer.clone();
        self.issue_crl(&issuer, when)?;
        self.save()?;
        Ok(self.path(&crl_file(&issuer)))
    }

    /// Issues the next CRL of every authority, good from `now`.
    ///
    /// # Errors
    /// The file that could not be written.
    pub fn renew_crls(&mut self, now: DateTime<Utc>) -> Result<(), SandboxError> {
        for id in self.authorities.all().map(|authority| authority.id) {
            self.issue_crl(id, now)?;
        }
        self.save()
    }

    pub(super) fn authorities(&self) -> &Authorities {
        &self.authorities
    }

    pub(super) fn folder(&self) -> &Folder {
        &self.folder
    }

    pub(super) fn register(&self) -> &Register {
        &self.register
    }

    /// Keeps what the register has become.
    pub(super) fn keep(&mut self, register: Register) -> Result<(), SandboxError> {
        self.register = register;
        self.save()
    }

    fn issue_crl(&mut self, id: &str, now: DateTime<Utc>) -> Result<(), SandboxError> {
        let authorities = self.authorities.all();
        let found = authorities.into_iter().find(|authority| authority.id == id);
        let authority = found.ok_or_else(|| SandboxError::UnknownName(id.to_owned()))?;
        let number = self.register.crl_numbers.get(id).copied().unwrap_or(0) + 1;
        let validity =
            if matches!(id, id::ROOT | id::ROOT_GOST | id::TRANSPORT) { ROOT_CRL_VALIDITY } else { CRL_VALIDITY };
        let epoch = date_time_ymd(1970, 1, 1);
        let list = CertificateRevocationListParams {
            this_update: moment(epoch, now),
            next_update: moment(epoch, now + validity),
            crl_number: SerialNumber::from(number),
            issuing_distribution_point: None,
            revoked_certs: self.register.revoked_by(id),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let signed = list.signed_by(&authority.issuer)?;
        let signed = match authority.issuer.key() {
            Key::Ring(_) => signed.der().to_vec(),
            Key::Gost(key) => gost::list(signed.der(), key)?,
        };
        self.folder.write(&crl_file(id), signed)?;
        self.register.crl_numbers.insert(id.to_owned(), number);
        Ok(())
    }

    fn save(&self) -> Result<(), SandboxError> {
        self.folder.write_toml(REGISTER, "The sandbox authority's own register. Do not edit.", &self.register)
    }
}

impl std::fmt::Debug for Authority {
    /// The folder only: the rest is keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("dir", &self.folder.root()).finish_non_exhaustive()
    }
}

/// The CRL file of the authority `id`.
pub(super) fn crl_file(id: &str) -> String {
    format!("crls/{id}.crl")
}

/// The authorities' parameters by id; names and key identifiers do not depend on `now`.
pub(super) fn parameters(id: &'static str, now: DateTime<Utc>) -> Result<rcgen::CertificateParams, SandboxError> {
    match id {
        id::ROOT => profile::authority(Family::Rsa.root_name(), 1, None, now),
        id::ISSUING => profile::authority(Family::Rsa.issuing_name(), 0, Some(id::ROOT), now),
        id::ROOT_GOST => profile::authority(Family::Gost.root_name(), 1, None, now),
        id::ISSUING_GOST => profile::authority(Family::Gost.issuing_name(), 0, Some(id::ROOT_GOST), now),
        id::LOAD => profile::authority(LOAD_NAME, 0, Some(id::ROOT), now),
        id::TRANSPORT => profile::authority(transport::ROOT_NAME, 0, None, now),
        other => Err(SandboxError::UnknownName(other.to_owned())),
    }
}
