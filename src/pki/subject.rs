//! The national certificate profile: whom a certificate names, strictly read.
//!
//! Here is only what stands in the certificate. Whether an IIN or BIN is a possible one (check digit, date) is law and lives
//! in the `registration` room.

use std::fmt;

use super::Oid;
use super::certificate::Certificate;
use super::name;

const COMMON_NAME: Oid = Oid::new(&[2, 5, 4, 3]);
const SURNAME: Oid = Oid::new(&[2, 5, 4, 4]);
const SERIAL_NUMBER: Oid = Oid::new(&[2, 5, 4, 5]);
const ORGANIZATION: Oid = Oid::new(&[2, 5, 4, 10]);
const ORGANIZATIONAL_UNIT: Oid = Oid::new(&[2, 5, 4, 11]);
const GIVEN_NAME: Oid = Oid::new(&[2, 5, 4, 42]);
const USER_ID: Oid = Oid::new(&[0, 9, 2342, 19_200_300, 100, 1, 1]);

/// Longest accepted text of a name attribute, in characters; the national ones stay below 128.
const MAX_NAME: usize = 256;

/// Why the subject is not one of the national profile. Carries no values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// An attribute that may stand once stands several times.
    #[error("the subject has several {0} attributes")]
    Repeated(&'static str),
    /// An attribute whose text is not readable, too long, or has control characters.
    #[error("the subject's {0} attribute is malformed")]
    Malformed(&'static str),
    /// `serialNumber` other than `IIN` and twelve ASCII digits.
    #[error("the subject's serialNumber is not IIN and twelve digits")]
    Iin,
    /// An organizational unit that begins like a BIN and is not `BIN` and twelve ASCII digits, or two of them.
    #[error("the subject's organizational unit is not BIN and twelve digits")]
    Bin,
    /// No common name.
    #[error("the subject has no common name")]
    NoCommonName,
}

/// Whom a certificate of the national profile names.
///
/// `Debug` shows no values: they are personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// `CN`: surname and given name, or the name of an information system.
    pub common_name: String,
    /// `SN`.
    pub surname: Option<String>,
    /// What follows the surname in the common name.
    pub given_name: Option<String>,
    /// `G`: the national profile puts the patronymic there.
    pub patronymic: Option<String>,
    /// Twelve digits of `serialNumber`; absent for information systems.
    pub iin: Option<String>,
    /// Twelve digits of the organizational unit that has `BIN`; present for legal entities.
    pub bin: Option<String>,
    /// `O`.
    pub organization: Option<String>,
    /// `UID` of an information system: its identifier in the national registry.
    pub information_system: Option<Oid>,
    /// Roles, by extended key usage, in the order of the certificate. Other purposes are left out.
    pub roles: Vec<Role>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("roles", &self.roles).finish_non_exhaustive()
    }
}

/// A role named by an extended key usage under 1.2.398.3.3.4.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// …1: a natural person.
    Individual,
    /// …2: a legal entity.
    LegalEntity,
    /// …2.1: its first head, with the right to sign.
    FirstHead,
    /// …2.2: with the right of signature.
    RightOfSignature,
    /// …2.3: with the right of signature on financial documents.
    Finance,
    /// …2.4: of the personnel department.
    HumanResources,
    /// …2.5: an employee.
    Employee,
    /// …2.6: an information system.
    InformationSystem,
    /// …2.6.7: the portal of electronic government.
    Portal,
    /// …2.6.8: its gateway.
    Gateway,
    /// …2.6.N: another named information system.
    NamedInformationSystem(Oid),
}

/// The arc under which the roles stand.
const ROLE_ARC: Oid = Oid::new(&[1, 2, 398, 3, 3, 4, 1]);

const ROLES: [(Oid, Role); 10] = [
    (Oid::new(&[1, 2, 398, 3, 3, 4, 1, 1]), Role::Individual),
    (Oid::new(&[1, 2, 398, 3, 3, 4, 1, 2]), Role::LegalEntity),
    (Oid::new(&[1, 2, 398, 3, 3, 4, 1, 2, 1]), Role::FirstHead),
    (Oid::new(&[1, 2, 398, 3, 3, 4, 1, 2, 2]), Role::RightOfSignature),
    (Oid::new(&[1, 2, 398, 3, 3, 4, 1, 2, 3]), Role::Finance),
    (Oid::new(&[1, 2, 398, 3, 3, 4, 1, 2, 4]), Role::HumanResources),
    (Oid::new(&[1, 2, 398, 3, 3, 4, 1, 2, 5]), Role::Employee),
    (Oid::new(&[1, 2, 398, 3, 3, 4, 1, 2, 6]), Role::InformationSystem),
    (Oid::new(&[1, 2, 398, 3, 3, 4, 1, 2, 6, 7]), Role::Portal),
    (Oid::new(&[1, 2, 398, 3, 3, 4, 1, 2, 6, 8]), Role::Gateway),
];

impl Role {
    /// The role an extended key usage names, if any.
    pub fn from_oid(oid: &Oid) -> Option<Self> {
        let listed = ROLES.iter().find(|(row, _)| row == oid).map(|(_, role)| *role);
        let systems = Self::InformationSystem.oid();
        listed.or_else(|| oid.is_under(&systems).then_some(Self::NamedInformationSystem(*oid)))
    }

    /// Its identifier.
    pub fn oid(self) -> Oid {
        match self {
            Self::NamedInformationSystem(oid) => oid,
            // Every other variant has its row, which a test holds true.
            role => ROLES.iter().find(|(_, row)| *row == role).map_or(ROLE_ARC, |(oid, _)| *oid),
        }
    }
}

impl Identity {
    /// Reads the subject and roles of a certificate by the national profile.
    ///
    /// Errors: see [`IdentityError`]. An IIN is `IIN` and twelve ASCII digits in exactly one `serialNumber`; digits of other
    /// scripts, other prefixes and blanks are refused, not cleaned.
    pub fn of(certificate: &Certificate) -> Result<Self, IdentityError> {
        let single = |wanted: Oid, label: &'static str| -> Result<Option<String>, IdentityError> {
            let mut found = certificate.subject_attributes().filter(|(oid, ..)| *oid == wanted);
            let Some((_, tag, octets)) = found.next() else {
                return Ok(None);
            };
            if found.next().is_some() {
                return Err(IdentityError::Repeated(label));
            }
            let text = name::text(tag, octets).filter(|text| is_printable_name(text));
            text.map(|text| Some(text.into_owned())).ok_or(IdentityError::Malformed(label))
        };
        let common_name = single(COMMON_NAME, "common name")?.ok_or(IdentityError::NoCommonName)?;
        let surname = single(SURNAME, "surname")?;
        let given_name = surname
            .as_deref()
            .and_then(|surname| common_name.strip_prefix(surname)?.strip_prefix(' '))
            .map(str::to_owned);
        let iin = match single(SERIAL_NUMBER, "serialNumber")? {
            Some(text) => Some(twelve_digits(&text, "IIN").ok_or(IdentityError::Iin)?),
            None => None,
        };
        let information_system = match single(USER_ID, "UID")? {
            Some(text) => Some(text.parse().map_err(|_| IdentityError::Malformed("UID"))?),
            None => None,
        };
        let purposes = certificate.extended_key_usage().map(|usage| usage.purposes.as_slice()).unwrap_or_default();
        Ok(Self {
            common_name,
            surname,
            given_name,
            patronymic: single(GIVEN_NAME, "given name")?,
            iin,
            bin: bin(certificate)?,
            organization: single(ORGANIZATION, "organization")?,
            information_system,
            roles: purposes.iter().filter_map(Role::from_oid).collect(),
        })
    }

    /// Whether the certificate names a role.
    pub fn has_role(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// The BIN: of all organizational units exactly one may begin with `BIN`, in capitals as the profile has it.
fn bin(certificate: &Certificate) -> Result<Option<String>, IdentityError> {
    let mut found = None;
    for (_, tag, octets) in certificate.subject_attributes().filter(|(oid, ..)| *oid == ORGANIZATIONAL_UNIT) {
        let text = name::text(tag, octets).ok_or(IdentityError::Malformed("organizational unit"))?;
        if !text.trim_start().to_ascii_uppercase().starts_with("BIN") {
            continue;
        }
        let digits = twelve_digits(&text, "BIN").ok_or(IdentityError::Bin)?;
        if found.replace(digits).is_some() {
            return Err(IdentityError::Bin);
        }
    }
    Ok(found)
}

fn twelve_digits(text: &str, prefix: &str) -> Option<String> {
    let digits = text.strip_prefix(prefix)?;
    (digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.to_owned())
}

fn is_printable_name(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= MAX_NAME && text.chars().all(name::is_visible)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_its_identifier() {
        for (oid, role) in ROLES {
            assert_eq!((Role::from_oid(&oid), role.oid()), (Some(role), oid));
        }
        let treasury: Oid = "1.2.398.3.3.4.1.2.6.9".parse().unwrap();
        assert_eq!(Role::from_oid(&treasury), Some(Role::NamedInformationSystem(treasury)));
        assert_eq!(Role::from_oid(&"1.3.6.1.5.5.7.3.4".parse().unwrap()), None);
    }

    #[test]
    fn only_twelve_ascii_digits_after_the_exact_prefix_count() {
        assert_eq!(twelve_digits("IIN123456789011", "IIN").as_deref(), Some("123456789011"));
        for text in [
            "IIN12345678901",
            "IIN1234567890112",
            "iin123456789011",
            "IIN 123456789011",
            "IIN١٢٣٤٥٦٧٨٩٠١١",
            "ІIN123456789011",
            "123456789011",
        ] {
            assert_eq!(twelve_digits(text, "IIN"), None, "{text}");
        }
    }
}
