//! Certifying more people than were minted: for trials that bring their own cast, at any time.
//!
//! An RSA key is a matter of a second, so that newcomers take over the keys of the minted cast by turns; a GOST key is made anew. Nobody
//! is known by the key: whoever signs is known by the certificate.

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};

use super::authority::Authority;
use super::keys::Key;
use super::minting::Desk;
use super::people::{self, Citizen, Condition, Mission, Officer, Person, with_check_digit};
use super::tables::OfficerTable;
use super::{Family, SandboxError};
use crate::registration::mission;

/// How long the certificates of newcomers are good: through the years that a registration lives.
const VALIDITY: TimeDelta = TimeDelta::days(5 * 365);

/// Whose RSA keys newcomers take over.
const DONORS: [&str; 8] = [
    "citizens/assel",
    "citizens/daniyar",
    "citizens/student",
    "citizens/minor",
    "citizens/test-iin",
    "officers/berlin-officer",
    "officers/istanbul-officer",
    "officers/new-york-officer",
];

/// Which certificate a newcomer holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Standing {
    /// Good for signing.
    #[default]
    Good,
    /// Good once, revoked the day before.
    Revoked,
    /// Ended a month before.
    Expired,
    /// Authentication only: no nonRepudiation.
    AuthenticationOnly,
}

impl From<Standing> for Condition {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Good => Self::Good,
            Standing::Revoked => Self::Revoked,
            Standing::Expired => Self::Expired,
            Standing::AuthenticationOnly => Self::AuthenticationOnly,
        }
    }
}

/// Where somebody's key and certificate are.
#[derive(Debug, Clone)]
pub struct Holder {
    /// The private key, PKCS#8 PEM.
    pub key: PathBuf,
    /// The certificate, PEM.
    pub certificate: PathBuf,
}

/// An officer to be certified.
#[derive(Debug, Clone)]
pub struct NewOfficer<'a> {
    /// Who it is.
    pub person: Person,
    /// The mission served.
    pub mission: &'a mission::Mission,
    /// `OFFICER`, `SUPERVISOR`.
    pub roles: &'a [&'a str],
}

impl Authority {
    /// Certifies a citizen as of `now` under `citizens/NAME`, with a certificate in that standing. `place` tells newcomers apart.
    ///
    /// # Errors
    /// Key generation or signing failed, or a file cannot be read or written.
    pub fn certify_citizen(
        &mut self,
        name: &str,
        person: Person,
        (family, standing): (Family, Standing),
        place: usize,
        now: DateTime<Utc>,
    ) -> Result<Holder, SandboxError> {
        let key = self.key_for(family, place)?;
        let citizen = Citizen { name, person, condition: standing.into(), family };
        self.at_desk(now, &format!("citizens/{name}"), |desk, authority| {
            let issuer = match family {
                Family::Gost => &authority.authorities().issuing_gost,
                Family::Rsa => &authority.authorities().issuing,
            };
            desk.certify_citizen(&citizen, issuer, &key).map(drop)
        })?;
        Ok(self.holder(&format!("citizens/{name}")))
    }

    /// Certifies an officer as of `now` under `officers/NAME` and enters the officer in `officers.toml`. `place` tells newcomers apart.
    ///
    /// # Errors
    /// Signing failed, or a file cannot be read or written.
    pub fn certify_officer(
        &mut self,
        name: &str,
        newcomer: NewOfficer<'_>,
        place: usize,
        now: DateTime<Utc>,
    ) -> Result<Holder, SandboxError> {
        let key = self.key_for(Family::Rsa, place)?;
        let NewOfficer { person, mission, roles } = newcomer;
        let body = bin_body(mission.code.as_str());
        let organization = &*mission.name.kk;
        let made_up = Mission { code: mission.code.as_str(), organization, bin_body: &body };
        let known = [people::BERLIN, people::ISTANBUL, people::NEW_YORK];
        let mission = known.into_iter().find(|known| known.code == made_up.code).unwrap_or(made_up);
        let officer = Officer { name, person, mission, roles };
        self.at_desk(now, &format!("officers/{name}"), |desk, authority| {
            desk.certify_officer(&officer, &authority.authorities().issuing, &key).map(drop)?;
            let mut table: OfficerTable = desk.folder().read_toml(OFFICERS)?;
            let row = officer.row();
            table.officers.retain(|known| (&known.iin, &known.bin) != (&row.iin, &row.bin));
            table.officers.push(row);
            desk.folder().write_toml(OFFICERS, "Who may act for which mission.", &table)
        })?;
        Ok(self.holder(&format!("officers/{name}")))
    }

    /// Certifies the service's seal anew, good from a month before `now`.
    ///
    /// # Errors
    /// Signing failed, or a file cannot be read or written.
    pub fn renew_seal(&mut self, now: DateTime<Utc>) -> Result<(), SandboxError> {
        let key = self.key_of("seal/seal")?;
        self.at_desk(now, "seal/seal", |desk, authority| desk.seal(&authority.authorities().issuing, &key))
    }

    fn key_for(&self, family: Family, place: usize) -> Result<Key, SandboxError> {
        match family {
            Family::Gost => Key::gost(),
            Family::Rsa => self.key_of(DONORS[place % DONORS.len()]),
        }
    }

    fn key_of(&self, name: &str) -> Result<Key, SandboxError> {
        Key::from_pem(&self.folder().read(&format!("{name}.key"))?)
    }

    fn holder(&self, name: &str) -> Holder {
        Holder { key: self.path(&format!("{name}.key")), certificate: self.path(&format!("{name}.crt")) }
    }

    fn at_desk(
        &mut self,
        now: DateTime<Utc>,
        name: &str,
        work: impl FnOnce(&mut Desk<'_>, &Self) -> Result<(), SandboxError>,
    ) -> Result<(), SandboxError> {
        let mut register = self.register().clone();
        register.certificates.retain(|issued| issued.name != name);
        let mut desk = Desk::open(self.folder(), now, VALIDITY, register);
        work(&mut desk, self)?;
        let register = desk.close();
        self.keep(register)
    }
}

/// The table of officers in the folder.
const OFFICERS: &str = "officers.toml";

/// The first eleven digits of a BIN made of a mission's code, for missions that the sandbox has not named one for.
fn bin_body(code: &str) -> String {
    let sum = code.bytes().fold(0_u32, |sum, letter| (sum * 31 + u32::from(letter)) % 100_000);
    let mut bodies = (sum..).map(|serial| format!("950140{:05}", serial % 100_000));
    bodies.find(|body| with_check_digit(body).is_some()).unwrap_or_default()
}
