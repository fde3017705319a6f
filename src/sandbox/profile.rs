//! The national certificate profile as rcgen parameters: subjects, roles, key usage, identifiers, addresses.
//!
//! RFC 5280 §4.2 and the profile observed on the national test certificates: the role is an extended key usage, the G attribute
//! is the patronymic, identification numbers carry their prefix.

use std::ops::Add;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rcgen::{
    BasicConstraints, CertificateParams, CrlDistributionPoint, CustomExtension, DistinguishedName, DnType, DnValue,
    IsCa, KeyUsagePurpose, PublicKeyData, SerialNumber, date_time_ymd,
};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};

use super::keys::Key;
use super::people::{Mission, Person};
use super::{Family, SandboxError};
use crate::pki::Oid;
use crate::pki::der::{Tag, write};

/// Extended key usages: what the holder is.
pub(super) mod usage {
    /// A natural person.
    pub(in crate::sandbox) const INDIVIDUAL: &[u64] = &[1, 2, 398, 3, 3, 4, 1, 1];
    /// A legal entity.
    pub(in crate::sandbox) const LEGAL_ENTITY: &[u64] = &[1, 2, 398, 3, 3, 4, 1, 2];
    /// A person with the right of signature for the legal entity.
    pub(in crate::sandbox) const RIGHT_OF_SIGNATURE: &[u64] = &[1, 2, 398, 3, 3, 4, 1, 2, 2];
    /// An employee of the legal entity.
    pub(in crate::sandbox) const EMPLOYEE: &[u64] = &[1, 2, 398, 3, 3, 4, 1, 2, 5];
    /// An information system of the legal entity.
    pub(in crate::sandbox) const INFORMATION_SYSTEM: &[u64] = &[1, 2, 398, 3, 3, 4, 1, 2, 6];
    /// id-kp-emailProtection (RFC 5280 §4.2.1.12).
    pub(in crate::sandbox) const EMAIL_PROTECTION: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 3, 4];
    /// id-kp-clientAuth.
    pub(in crate::sandbox) const CLIENT_AUTHENTICATION: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 3, 2];
    /// id-kp-serverAuth.
    pub(in crate::sandbox) const SERVER_AUTHENTICATION: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 3, 1];
    /// id-kp-timeStamping (RFC 3161 §2.3: alone and critical).
    pub(in crate::sandbox) const TIME_STAMPING: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 3, 8];
}

/// Bits of the keyUsage extension (RFC 5280 §4.2.1.3) in their first octet.
#[derive(Debug, Clone, Copy)]
pub(super) enum KeyUsage {
    /// digitalSignature and nonRepudiation.
    Signing,
    /// digitalSignature and keyEncipherment, as the national authentication certificates have it.
    Authentication,
    /// digitalSignature, nonRepudiation and keyAgreement, as the national GOST certificates have it.
    SigningGost,
    /// digitalSignature alone, for TLS.
    Transport,
}

impl KeyUsage {
    /// What signers' certificates for keys of this kind say.
    pub(super) const fn signing(key: &Key) -> Self {
        match key {
            Key::Ring(_) => Self::Signing,
            Key::Gost(_) => Self::SigningGost,
        }
    }

    /// The BIT STRING with its count of unused bits first.
    const fn octets(self) -> [u8; 2] {
        match self {
            Self::Signing => [6, 0b1100_0000],
            Self::Authentication => [5, 0b1010_0000],
            Self::SigningGost => [3, 0b1100_1000],
            Self::Transport => [7, 0b1000_0000],
        }
    }
}

/// Which of the two usage extensions a verifier must understand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Critical {
    /// keyUsage is, extended key usage is not: everybody but the next two.
    KeyUsage,
    /// The other way round, as on national certificates with the right of signature.
    ExtendedKeyUsage,
    /// Both: time stamping.
    Both,
}

/// What an end-entity certificate says beside subject and key.
pub(super) struct Leaf<'a> {
    pub(super) subject: DistinguishedName,
    pub(super) issuer: &'a str,
    pub(super) key_usage: KeyUsage,
    pub(super) extended: &'a [&'a [u64]],
    pub(super) critical: Critical,
    pub(super) not_before: DateTime<Utc>,
    pub(super) not_after: DateTime<Utc>,
}

impl Leaf<'_> {
    /// Parameters with a fresh serial number.
    pub(super) fn parameters(self, key: &impl PublicKeyData) -> Result<CertificateParams, SandboxError> {
        let mut params = blank(self.subject, self.not_before, self.not_after)?;
        params.crl_distribution_points = vec![distribution_point(self.issuer)];
        params.custom_extensions = vec![
            key_usage(self.key_usage, self.critical != Critical::ExtendedKeyUsage),
            extended_key_usage(self.extended, self.critical != Critical::KeyUsage),
            subject_key_identifier(key),
            policies(),
            authority_information(self.issuer),
        ];
        Ok(params)
    }
}

/// A certificate authority's parameters; `path_length` is the number of authorities that may stand below it.
pub(super) fn authority(
    common_name: &str,
    path_length: u8,
    issuer: Option<&str>,
    now: DateTime<Utc>,
) -> Result<CertificateParams, SandboxError> {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, common_name);
    country(&mut subject)?;
    let mut params = blank(subject, now - TimeDelta::days(730), now + TimeDelta::days(365 * 19))?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(path_length));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.custom_extensions = vec![policies()];
    if let Some(issuer) = issuer {
        params.crl_distribution_points = vec![distribution_point(issuer)];
        params.custom_extensions.push(authority_information(issuer));
    }
    Ok(params)
}

/// CN, SN, serialNumber, C, G of a citizen; with a mission also O and OU.
pub(super) fn person_subject(
    person: &Person,
    mission: Option<&Mission<'_>>,
) -> Result<DistinguishedName, SandboxError> {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, format!("{} {}", person.surname, person.given_name));
    subject.push(DnType::CustomDnType(vec![2, 5, 4, 4]), person.surname.as_str());
    let number = DnValue::PrintableString(format!("IIN{}", person.iin).try_into()?);
    subject.push(DnType::CustomDnType(vec![2, 5, 4, 5]), number);
    country(&mut subject)?;
    if let Some(mission) = mission {
        subject.push(DnType::OrganizationName, mission.organization);
        subject.push(DnType::OrganizationalUnitName, format!("BIN{}", mission.bin()));
    }
    if let Some(patronymic) = &person.patronymic {
        subject.push(DnType::CustomDnType(vec![2, 5, 4, 42]), patronymic.as_str());
    }
    Ok(subject)
}

/// UID (the system's OID), CN, C, O, OU of an information system of a legal entity.
pub(super) fn system_subject(oid: &str, name: &str, owner: &Mission<'_>) -> Result<DistinguishedName, SandboxError> {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CustomDnType(vec![0, 9, 2342, 19_200_300, 100, 1, 1]), oid);
    subject.push(DnType::CommonName, name);
    country(&mut subject)?;
    subject.push(DnType::OrganizationName, owner.organization);
    subject.push(DnType::OrganizationalUnitName, format!("BIN{}", owner.bin()));
    Ok(subject)
}

/// A time as rcgen wants it: `epoch` is 1970-01-01 in its type, which it does not let anybody name. Whole seconds, as
/// RFC 5280 §4.1.2.5 demands; times before the epoch become the epoch.
pub(super) fn moment<T: Add<Duration, Output = T>>(epoch: T, at: DateTime<Utc>) -> T {
    epoch + Duration::from_secs(u64::try_from(at.timestamp()).unwrap_or(0))
}

/// Sixteen random octets, positive and of full length.
pub(super) fn serial_number() -> Result<SerialNumber, SandboxError> {
    let mut octets = [0; 16];
    SystemRandom::new().fill(&mut octets).map_err(|_| SandboxError::Key("no random octets".to_owned()))?;
    octets[0] = octets[0] & 0x3f | 0x40;
    Ok(SerialNumber::from_slice(&octets))
}

/// Where the CRL of the authority `issuer` would be published. The address cannot exist (RFC 2606 §2): files are in `crls/`.
pub(super) fn distribution_point(issuer: &str) -> CrlDistributionPoint {
    CrlDistributionPoint { uris: vec![format!("http://sandbox.invalid/crls/{issuer}.crl")] }
}

impl Family {
    /// Common name of the root. Names follow the national ones and say what they are not.
    pub(super) const fn root_name(self) -> &'static str {
        match self {
            Self::Rsa => "НЕГІЗГІ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (RSA) SANDBOX",
            Self::Gost => "НЕГІЗГІ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (GOST) SANDBOX",
        }
    }

    /// Common name of the issuing authority.
    pub(super) const fn issuing_name(self) -> &'static str {
        match self {
            Self::Rsa => "ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (RSA) SANDBOX",
            Self::Gost => "ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (GOST) SANDBOX",
        }
    }
}

fn blank(
    subject: DistinguishedName,
    not_before: DateTime<Utc>,
    not_after: DateTime<Utc>,
) -> Result<CertificateParams, SandboxError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = subject;
    let epoch = date_time_ymd(1970, 1, 1);
    params.not_before = moment(epoch, not_before);
    params.not_after = moment(epoch, not_after);
    params.serial_number = Some(serial_number()?);
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn country(subject: &mut DistinguishedName) -> Result<(), SandboxError> {
    subject.push(DnType::CountryName, DnValue::PrintableString("KZ".try_into()?));
    Ok(())
}

fn key_usage(usage: KeyUsage, critical: bool) -> CustomExtension {
    let mut extension =
        CustomExtension::from_oid_content(&[2, 5, 29, 15], write::tlv(Tag::BIT_STRING, &usage.octets()));
    extension.set_criticality(critical);
    extension
}

fn extended_key_usage(usages: &[&[u64]], critical: bool) -> CustomExtension {
    let usages: Vec<Vec<u8>> = usages.iter().map(|arcs| write::oid(&Oid::new(arcs))).collect();
    let usages: Vec<&[u8]> = usages.iter().map(Vec::as_slice).collect();
    let mut extension = CustomExtension::from_oid_content(&[2, 5, 29, 37], write::sequence(&usages));
    extension.set_criticality(critical);
    extension
}

/// The same method as rcgen's default for authorities (RFC 7093 §2 method 1).
fn subject_key_identifier(key: &impl PublicKeyData) -> CustomExtension {
    let digest = digest(&SHA256, &key.subject_public_key_info());
    let identifier = write::octet_string(digest.as_ref().get(..20).unwrap_or_default());
    CustomExtension::from_oid_content(&[2, 5, 29, 14], identifier)
}

/// The policy of the national authority's 2022 generation with a CPS qualifier (RFC 5280 §4.2.1.4).
fn policies() -> CustomExtension {
    let cps = write::sequence(&[
        &write::oid(&Oid::new(&[1, 3, 6, 1, 5, 5, 7, 2, 1])),
        &write::tlv(Tag::IA5_STRING, b"http://sandbox.invalid/cps"),
    ]);
    let policy = write::sequence(&[&write::oid(&Oid::new(&[1, 2, 398, 3, 3, 2])), &write::sequence(&[&cps])]);
    CustomExtension::from_oid_content(&[2, 5, 29, 32], write::sequence(&[&policy]))
}

/// Where the issuer's certificate would be published (RFC 5280 §4.2.2.1). No OCSP: the sandbox has no responder.
fn authority_information(issuer: &str) -> CustomExtension {
    let address = format!("http://sandbox.invalid/certificates/{issuer}.crt");
    let description = write::sequence(&[
        &write::oid(&Oid::new(&[1, 3, 6, 1, 5, 5, 7, 48, 2])),
        &write::tlv(Tag::context(6), address.as_bytes()),
    ]);
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], write::sequence(&[&description]))
}
