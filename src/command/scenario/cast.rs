//! The people of a scenario: declared ones and those whom the sandbox authority knows anyway, each with a certificate for the time in
//! which the scenario plays.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use toml::Spanned;

use super::format::{self, Algorithm, Certificate, Scenario};
use crate::command::failure::CommandError;
use crate::command::material::{self, Signer};
use crate::registration::mission::Missions;
use crate::registration::person::Sex;
use crate::sandbox::{Authority, Family, NewOfficer, Person, SandboxError, Standing, iin};

/// Who somebody is in the scenario.
pub struct Member {
    /// Key and certificate.
    pub signer: Signer,
    /// What texts may refer to.
    pub facts: Value,
    /// The citizen; officers apply for nothing.
    pub citizen: Option<Person>,
    /// Who acts for the citizen.
    pub represented_by: Option<String>,
}

/// Everybody by name.
pub type Cast = BTreeMap<String, Member>;

/// Whether the sandbox authority knows somebody of that name without a declaration.
pub fn is_known(name: &str) -> bool {
    Person::citizen(name, DateTime::UNIX_EPOCH).is_some() || Person::officer(name).is_some()
}

/// Certifies everybody whom the scenario names, as of the time at which it begins.
///
/// # Errors
/// A mission that does not exist, or what the sandbox authority could not do.
pub fn gather(scenario: &Scenario, authority: &mut Authority, begin: DateTime<Utc>) -> Result<Cast, CommandError> {
    let failed = |error: SandboxError| CommandError::Failed(error.to_string());
    let mut cast = Cast::new();
    for (place, name) in named(scenario).into_iter().enumerate() {
        let (holder, facts, citizen, represented_by) = if let Some(declared) = scenario.officer.get(name) {
            let person = somebody(&officer_of_age(), place);
            let facts = json!({ "iin": person.iin, "mission": declared.mission });
            let roles: Vec<&str> = declared.roles.iter().map(String::as_str).collect();
            let newcomer = NewOfficer { person, mission: mission(&declared.mission)?, roles: &roles };
            (authority.certify_officer(name, newcomer, place, begin).map_err(failed)?, facts, None, None)
        } else if let Some((person, code, roles)) = Person::officer(name) {
            let facts = json!({ "iin": person.iin, "mission": code });
            let newcomer = NewOfficer { person, mission: mission(code)?, roles };
            (authority.certify_officer(name, newcomer, place, begin).map_err(failed)?, facts, None, None)
        } else {
            let (person, kind, parent) = match scenario.person.get(name) {
                Some(declared) => {
                    let kind = (family(declared.key), standing(declared.certificate));
                    (somebody(declared, place), kind, declared.represented_by.clone())
                }
                None => (known(name, begin)?, known_kind(name), None),
            };
            let holder = authority.certify_citizen(name, person.clone(), kind, place, begin).map_err(failed)?;
            (holder, facts_of(&person), Some(person), parent)
        };
        let signer = material::signer(&holder.key, &holder.certificate)?;
        cast.insert(name.to_owned(), Member { signer, facts, citizen, represented_by });
    }
    Ok(cast)
}

/// Everybody whom the scenario declares, or names in a step.
fn named(scenario: &Scenario) -> BTreeSet<&str> {
    let declared = scenario.person.keys().chain(scenario.officer.keys());
    let parents = scenario.person.values().filter_map(|person| person.represented_by.as_ref());
    let steps = scenario.step.iter().map(Spanned::get_ref);
    let in_steps = steps.flat_map(|step| step.by.iter().chain(&step.applicant));
    declared.chain(parents).chain(in_steps).map(String::as_str).collect()
}

fn mission(code: &str) -> Result<&'static crate::registration::mission::Mission, CommandError> {
    let found = Missions::sample().find(code).map(AsRef::as_ref);
    found.ok_or_else(|| CommandError::Usage(format!("there is no mission {code}")))
}

fn known(name: &str, begin: DateTime<Utc>) -> Result<Person, CommandError> {
    Person::citizen(name, begin).ok_or_else(|| CommandError::Usage(format!("there is nobody called {name}")))
}

/// The certificates that the sandbox authority gave its own citizens.
fn known_kind(name: &str) -> (Family, Standing) {
    let family = if name.starts_with("gost") { Family::Gost } else { Family::Rsa };
    let standing = match name {
        "revoked" | "gost-revoked" => Standing::Revoked,
        "expired" => Standing::Expired,
        "authentication-only" => Standing::AuthenticationOnly,
        _ => Standing::Good,
    };
    (family, standing)
}

const fn family(key: Algorithm) -> Family {
    match key {
        Algorithm::Rsa => Family::Rsa,
        Algorithm::Gost => Family::Gost,
    }
}

const fn standing(certificate: Certificate) -> Standing {
    match certificate {
        Certificate::Good => Standing::Good,
        Certificate::Revoked => Standing::Revoked,
        Certificate::Expired => Standing::Expired,
        Certificate::AuthenticationOnly => Standing::AuthenticationOnly,
    }
}

/// A person as declared, the rest invented; `place` keeps the numbers of a scenario's people apart.
fn somebody(declared: &format::Person, place: usize) -> Person {
    let (surname, given_name, patronymic, surname_latin, given_name_latin) = match declared.sex {
        Sex::Female => ("САНАТОВА", "САНА", "САНАТҚЫЗЫ", "SANATOVA", "SANA"),
        Sex::Male => ("САНАТОВ", "САНАТ", "САНАТҰЛЫ", "SANATOV", "SANAT"),
    };
    let serial = u16::try_from(100 + 10 * place).unwrap_or(100);
    let or = |given: &Option<String>, invented: &str| given.clone().unwrap_or_else(|| invented.to_owned());
    Person {
        iin: declared.iin.clone().or_else(|| iin(declared.born.0, declared.sex, serial)).unwrap_or_default(),
        surname: or(&declared.surname, surname),
        given_name: or(&declared.given_name, given_name),
        // Whoever is named in full has a patronymic only if one is given.
        patronymic: declared.patronymic.clone().or_else(|| declared.surname.is_none().then(|| patronymic.to_owned())),
        surname_latin: or(&declared.surname_latin, surname_latin),
        given_name_latin: or(&declared.given_name_latin, given_name_latin),
        birth_date: declared.born.0,
        sex: declared.sex,
    }
}

fn officer_of_age() -> format::Person {
    format::Person {
        born: format::Day(chrono::NaiveDate::from_ymd_opt(1984, 2, 14).unwrap_or_default()),
        sex: Sex::Female,
        iin: None,
        surname: None,
        given_name: None,
        patronymic: None,
        surname_latin: None,
        given_name_latin: None,
        key: Algorithm::Rsa,
        certificate: Certificate::Good,
        represented_by: None,
    }
}

fn facts_of(person: &Person) -> Value {
    json!({
        "iin": person.iin,
        "surname": person.surname,
        "given_name": person.given_name,
        "full_name": format!("{} {}", person.surname, person.given_name),
        "birth_date": person.birth_date,
    })
}
