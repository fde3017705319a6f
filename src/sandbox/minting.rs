//! Minting a whole authority: keys, authorities, people, systems, tables, forms, in this order.
//!
//! The register is written last, by the caller: a folder without it is not a sandbox, so a mint that was cut short is never
//! taken for a whole one.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use rcgen::{CertificateParams, DistinguishedName, Issuer, KeyPair};

use super::authority::{Authorities, CertificateAuthority, Family, Strength, finished, id, parameters};
use super::folder::Folder;
use super::keys::{self, Key, Progress};
use super::people::{self, Citizen, Condition, Officer};
use super::profile::{self, Critical, KeyUsage, Leaf, usage};
use super::register::{Issued, Register};
use super::tables::{OfficerRow, OfficerTable, TrustRow, TrustTable};
use super::{Form, SandboxError, pkcs12, state_registers, transport};
use crate::pki::{Certificate, pem};

/// Modulus length of everybody who is not a national-strength authority, in bits.
const LEAF_MODULUS: usize = 2048;

/// With the month that has passed already, a year.
const VALIDITY: TimeDelta = TimeDelta::days(335);

/// Version of the register's format.
const REGISTER_VERSION: u32 = 1;

/// OID of the service as an information system, for the seal's UID. Under the arc that the national test certificate
/// of an information system uses.
const SERVICE_OID: &str = "1.2.398.6.10.1.1";

/// Mints everything but the CRLs and the register's file.
pub(super) fn mint(
    folder: &Folder,
    strength: Strength,
    now: DateTime<Utc>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(Authorities, Register), SandboxError> {
    let citizens = people::citizens(now);
    let officers = people::officers();
    // Root and issuing authority first: theirs are the long searches. Then load authority, outsider's root, seal, time stamps.
    let mut moduli = vec![strength.modulus(), strength.modulus()];
    let rsa_citizens = citizens.iter().filter(|citizen| citizen.family == Family::Rsa).count();
    moduli.resize(6 + rsa_citizens + officers.len(), LEAF_MODULUS);
    let mut keys = keys::generate(&moduli, progress)?.into_iter();
    let mut key = || keys.next().ok_or_else(|| SandboxError::Key("fewer keys than holders".to_owned()));

    let authorities = authorities(folder, now, key()?, key()?, key()?)?;
    let outsider = outsider_root(folder, now, key()?)?;
    let certificates = Vec::new();
    let register =
        Register { version: REGISTER_VERSION, minted: now, strength, crl_numbers: BTreeMap::new(), certificates };
    let mut desk = Desk { folder, now, validity: VALIDITY, register };

    desk.seal(&authorities.issuing, &key()?)?;
    desk.time_stamping_unit(&authorities.issuing, &key()?)?;
    for citizen in &citizens {
        let (issuer, key) = match (citizen.family, citizen.condition) {
            (Family::Gost, _) => (&authorities.issuing_gost, Key::gost()?),
            (Family::Rsa, Condition::Outsider) => (&outsider, key()?),
            (Family::Rsa, _) => (&authorities.issuing, key()?),
        };
        desk.citizen(citizen, issuer, &key)?;
    }
    for officer in &officers {
        desk.officer(officer, &authorities.issuing, &key()?)?;
    }
    transport::mint(&mut desk, &authorities.transport)?;
    let mut register = desk.register;
    // What nobody trusts nobody looks up in a CRL.
    register.certificates.retain(|issued| issued.issuer != OUTSIDER);

    folder.write_secret("storage.key", keys::storage_key()?)?;
    folder.write_toml("officers.toml", "Who may act for which mission.", &officer_table(&officers))?;
    folder.write_toml("trust.toml", "What a service trusts in this sandbox.", &trust_table(&authorities)?)?;
    state_registers::write(folder, now)?;
    for (name, form) in Form::samples(now)? {
        folder.write(&format!("forms/{name}.json"), form.to_json()?)?;
    }
    Ok((authorities, register))
}

/// Loads the authorities of a folder minted at `minted`.
pub(super) fn reopen(folder: &Folder, minted: DateTime<Utc>) -> Result<Authorities, SandboxError> {
    let open = |id, file: &str| {
        let key = Key::from_pem(&folder.read(&format!("{file}.key"))?)?;
        let path = format!("{file}.crt");
        let certificate = pem::single(folder.read(&path)?.into_bytes(), pem::CERTIFICATE)
            .map_err(|error| SandboxError::content(&folder.path(&path), error))?;
        Ok::<_, SandboxError>(CertificateAuthority {
            id,
            certificate,
            issuer: Issuer::new(parameters(id, minted)?, key),
        })
    };
    Ok(Authorities {
        root: open(id::ROOT, "roots/rsa")?,
        issuing: open(id::ISSUING, "intermediates/rsa")?,
        root_gost: open(id::ROOT_GOST, "roots/gost")?,
        issuing_gost: open(id::ISSUING_GOST, "intermediates/gost")?,
        load: open(id::LOAD, "intermediates/rsa-load")?,
        transport: open(id::TRANSPORT, "roots/tls")?,
    })
}

/// Issues end-entity certificates, files them and books them.
pub(super) struct Desk<'a> {
    folder: &'a Folder,
    now: DateTime<Utc>,
    /// How long certificates are good from `now` on.
    validity: TimeDelta,
    register: Register,
}

impl<'a> Desk<'a> {
    /// A desk over a folder that has a register already.
    pub(super) fn open(folder: &'a Folder, now: DateTime<Utc>, validity: TimeDelta, register: Register) -> Self {
        Self { folder, now, validity, register }
    }

    /// The register with everything that was issued here.
    pub(super) fn close(self) -> Register {
        self.register
    }

    pub(super) fn folder(&self) -> &Folder {
        self.folder
    }

    /// The usual period, of which a month has passed.
    pub(super) fn period(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        (self.now - TimeDelta::days(30), self.now + self.validity)
    }

    /// Signs `params` for `key`, writes `NAME.crt` and `NAME.key`, returns the certificate's DER.
    pub(super) fn issue(
        &mut self,
        name: &str,
        params: &CertificateParams,
        issuer: &CertificateAuthority,
        key: &Key,
    ) -> Result<Vec<u8>, SandboxError> {
        let certificate = issuer.certify(params, key)?;
        let serial = params.serial_number.as_ref().map(|serial| hex::encode(serial.as_ref())).unwrap_or_default();
        let entry = Issued { name: name.to_owned(), issuer: issuer.id.to_owned(), serial, revoked: None };
        self.register.certificates.push(entry);
        self.folder.write(&format!("{name}.crt"), pem_certificate(&certificate))?;
        self.folder.write_secret(&format!("{name}.key"), key.to_pem())?;
        Ok(certificate)
    }

    fn citizen(&mut self, citizen: &Citizen<'_>, issuer: &CertificateAuthority, key: &Key) -> Result<(), SandboxError> {
        let certificate = self.certify_citizen(citizen, issuer, key)?;
        self.container(&format!("citizens/{}", citizen.name), key, &certificate, issuer)
    }

    pub(super) fn certify_citizen(
        &mut self,
        citizen: &Citizen<'_>,
        issuer: &CertificateAuthority,
        key: &Key,
    ) -> Result<Vec<u8>, SandboxError> {
        let (mut not_before, mut not_after) = self.period();
        if citizen.condition == Condition::Expired {
            (not_before, not_after) = (self.now - TimeDelta::days(395), self.now - TimeDelta::days(30));
        }
        let authentication = citizen.condition == Condition::AuthenticationOnly;
        let extended: &[&[u64]] = if authentication {
            &[usage::CLIENT_AUTHENTICATION, usage::INDIVIDUAL]
        } else {
            &[usage::EMAIL_PROTECTION, usage::INDIVIDUAL]
        };
        let leaf = Leaf {
            subject: profile::person_subject(&citizen.person, None)?,
            issuer: issuer.id,
            key_usage: if authentication { KeyUsage::Authentication } else { KeyUsage::signing(key) },
            extended,
            critical: Critical::KeyUsage,
            not_before,
            not_after,
        };
        let name = format!("citizens/{}", citizen.name);
        let certificate = self.issue(&name, &leaf.parameters(key)?, issuer, key)?;
        if citizen.condition == Condition::Revoked
            && let Some(issued) = self.register.certificates.last_mut()
        {
            issued.revoked = Some(self.now - TimeDelta::days(1));
        }
        Ok(certificate)
    }

    /// An officer is an employee of the mission; a supervisor also has the right of signature, with the odd criticality
    /// that national certificates of that kind have.
    pub(super) fn certify_officer(
        &mut self,
        officer: &Officer<'_>,
        issuer: &CertificateAuthority,
        key: &Key,
    ) -> Result<Vec<u8>, SandboxError> {
        let supervisor = officer.roles.contains(&"SUPERVISOR");
        let role = if supervisor { usage::RIGHT_OF_SIGNATURE } else { usage::EMPLOYEE };
        let (not_before, not_after) = self.period();
        let leaf = Leaf {
            subject: profile::person_subject(&officer.person, Some(&officer.mission))?,
            issuer: issuer.id,
            key_usage: KeyUsage::Signing,
            extended: &[usage::EMAIL_PROTECTION, usage::LEGAL_ENTITY, role],
            critical: if supervisor { Critical::ExtendedKeyUsage } else { Critical::KeyUsage },
            not_before,
            not_after,
        };
        self.issue(&format!("officers/{}", officer.name), &leaf.parameters(key)?, issuer, key)
    }

    fn officer(&mut self, officer: &Officer<'_>, issuer: &CertificateAuthority, key: &Key) -> Result<(), SandboxError> {
        let certificate = self.certify_officer(officer, issuer, key)?;
        self.container(&format!("officers/{}", officer.name), key, &certificate, issuer)
    }

    /// The seal has emailProtection beside its role, without which `openssl cms -verify` refuses a signer.
    pub(super) fn seal(&mut self, issuer: &CertificateAuthority, key: &Key) -> Result<(), SandboxError> {
        let subject = profile::system_subject(SERVICE_OID, "ИС \"Консулдық есеп\" SANDBOX", &people::MINISTRY)?;
        let extended = [usage::EMAIL_PROTECTION, usage::LEGAL_ENTITY, usage::INFORMATION_SYSTEM];
        self.system("seal/seal", subject, &extended, Critical::KeyUsage, issuer, key)?;
        // With its issuer, so that a seal can be verified by whoever has the root only.
        let own = self.folder.read("seal/seal.crt")?;
        self.folder.write("seal/seal.crt", format!("{own}{}", pem_certificate(&issuer.certificate)))
    }

    fn time_stamping_unit(&mut self, issuer: &CertificateAuthority, key: &Key) -> Result<(), SandboxError> {
        let subject = profile::system_subject(SERVICE_OID, "TSA SANDBOX", &people::MINISTRY)?;
        self.system("tsa/tsa", subject, &[usage::TIME_STAMPING], Critical::Both, issuer, key)
    }

    fn system(
        &mut self,
        name: &str,
        subject: DistinguishedName,
        extended: &[&[u64]],
        critical: Critical,
        issuer: &CertificateAuthority,
        key: &Key,
    ) -> Result<(), SandboxError> {
        let (not_before, not_after) = self.period();
        let key_usage = KeyUsage::Signing;
        let leaf = Leaf { subject, issuer: issuer.id, key_usage, extended, critical, not_before, not_after };
        self.issue(name, &leaf.parameters(key)?, issuer, key).map(drop)
    }

    fn container(
        &self,
        name: &str,
        key: &Key,
        certificate: &[u8],
        issuer: &CertificateAuthority,
    ) -> Result<(), SandboxError> {
        let container = pkcs12::container(name, key, &[certificate, &issuer.certificate])?;
        self.folder.write_secret(&format!("{name}.p12"), container)
    }
}

/// Short name of the authority nobody trusts.
const OUTSIDER: &str = "outsider";

fn authorities(
    folder: &Folder,
    now: DateTime<Utc>,
    root_key: Key,
    issuing_key: Key,
    load_key: Key,
) -> Result<Authorities, SandboxError> {
    let root = self_signed(folder, id::ROOT, "roots/rsa", &parameters(id::ROOT, now)?, root_key)?;
    let root_gost = self_signed(folder, id::ROOT_GOST, "roots/gost", &parameters(id::ROOT_GOST, now)?, Key::gost()?)?;
    let under = |root: &CertificateAuthority, id, file, key| {
        let params = parameters(id, now)?;
        let certificate = root.certify(&params, &key)?;
        file_authority(folder, file, &certificate, &key)?;
        Ok::<_, SandboxError>(CertificateAuthority { id, certificate, issuer: Issuer::new(params, key) })
    };
    let issuing = under(&root, id::ISSUING, "intermediates/rsa", issuing_key)?;
    let issuing_gost = under(&root_gost, id::ISSUING_GOST, "intermediates/gost", Key::gost()?)?;
    let load = under(&root, id::LOAD, "intermediates/rsa-load", load_key)?;
    let transport_key = KeyPair::generate()?.into();
    let transport = self_signed(folder, id::TRANSPORT, "roots/tls", &parameters(id::TRANSPORT, now)?, transport_key)?;
    Ok(Authorities { root, issuing, root_gost, issuing_gost, load, transport })
}

fn outsider_root(folder: &Folder, now: DateTime<Utc>, key: Key) -> Result<CertificateAuthority, SandboxError> {
    let params = profile::authority("БӨГДЕ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ SANDBOX", 0, None, now)?;
    self_signed(folder, OUTSIDER, "untrusted/outsider", &params, key)
}

fn self_signed(
    folder: &Folder,
    id: &'static str,
    file: &str,
    params: &CertificateParams,
    key: Key,
) -> Result<CertificateAuthority, SandboxError> {
    let issuer = Issuer::new(params.clone(), key);
    let key = issuer.key();
    let certificate = finished(params.signed_by(key, &issuer)?.der(), key, key)?;
    file_authority(folder, file, &certificate, key)?;
    Ok(CertificateAuthority { id, certificate, issuer })
}

fn file_authority(folder: &Folder, file: &str, certificate: &[u8], key: &Key) -> Result<(), SandboxError> {
    folder.write(&format!("{file}.crt"), pem_certificate(certificate))?;
    folder.write_secret(&format!("{file}.key"), key.to_pem())
}

fn officer_table(officers: &[Officer<'_>]) -> OfficerTable {
    OfficerTable { officers: officers.iter().map(Officer::row).collect() }
}

impl Officer<'_> {
    /// The officer's row in the table of officers.
    pub(super) fn row(&self) -> OfficerRow {
        OfficerRow {
            iin: self.person.iin.clone(),
            bin: self.mission.bin(),
            mission: self.mission.code.to_owned(),
            roles: self.roles.iter().map(|&role| role.to_owned()).collect(),
        }
    }
}

/// The trusted authorities: the RSA and the GOST hierarchy for persons and time stamps, the TLS root for callers.
fn trust_table(authorities: &Authorities) -> Result<TrustTable, SandboxError> {
    const PERSONS: &[&str] = &["APPLICANTS", "OFFICERS", "TIME_STAMPS"];
    const CALLERS: &[&str] = &["CALLERS"];
    let row = |authority: &CertificateAuthority, file: &str, kind: &str, purposes: &[&str]| {
        let certificate = Certificate::from_der(&authority.certificate)
            .map_err(|error| SandboxError::content(std::path::Path::new(file), error))?;
        Ok::<_, SandboxError>(TrustRow {
            name: authority.id.to_owned(),
            file: file.to_owned(),
            kind: kind.to_owned(),
            purposes: purposes.iter().map(|&purpose| purpose.to_owned()).collect(),
            subject: certificate.subject_display(),
            algorithm: certificate.signature_algorithm().oid.to_string(),
            not_before: certificate.not_before(),
            not_after: certificate.not_after(),
            sha256: hex::encode(certificate.sha256()),
            source: None,
        })
    };
    let certificates = vec![
        row(&authorities.root, "roots/rsa.crt", "ANCHOR", PERSONS)?,
        row(&authorities.transport, "roots/tls.crt", "ANCHOR", CALLERS)?,
        row(&authorities.root_gost, "roots/gost.crt", "ANCHOR", PERSONS)?,
        row(&authorities.issuing, "intermediates/rsa.crt", "INTERMEDIATE", PERSONS)?,
        row(&authorities.issuing_gost, "intermediates/gost.crt", "INTERMEDIATE", PERSONS)?,
        row(&authorities.load, "intermediates/rsa-load.crt", "INTERMEDIATE", PERSONS)?,
    ];
    Ok(TrustTable { certificates })
}

fn pem_certificate(der: &[u8]) -> String {
    keys::pem_block("CERTIFICATE", der)
}
