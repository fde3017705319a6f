//! Missions and their consular districts, as data.
//!
//! Exactly one mission is competent for a country, a part of it and a day. A district is a whole country, or named parts of one; a
//! district of a whole country gives way to districts of its parts, so that an embassy can keep "the rest".

use std::sync::LazyLock;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::Deserialize;

use super::parameters::Period;
use super::text::{Language, Text};
use super::value::{CountryCode, MissionCode, SubdivisionCode};

/// The sample set shipped with the program.
const SAMPLE: &str = include_str!("missions.toml");

/// Why a list of missions cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MissionError {
    /// Not a list of missions at all; with the parser's explanation.
    #[error("not a list of missions: {0}")]
    Malformed(String),
    /// The same code twice.
    #[error("mission {0} stands twice in the list")]
    Duplicate(MissionCode),
    /// Two missions for the same place on the same day.
    #[error("missions {0} and {1} have a district in common")]
    Overlap(MissionCode, MissionCode),
    /// A subdivision that is not part of its district's country.
    #[error("mission {0} has a district with a subdivision of another country")]
    ForeignSubdivision(MissionCode),
}

/// Type of a foreign institution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MissionType {
    /// Embassy with a consular section.
    Embassy,
    /// Consulate general.
    ConsulateGeneral,
    /// Consulate.
    Consulate,
}

/// One foreign institution of Kazakhstan.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mission {
    /// Code, such as `KZ-DE-BER`.
    pub code: MissionCode,
    /// Type.
    #[serde(rename = "type")]
    pub mission_type: MissionType,
    /// Name.
    pub name: Text,
    /// City.
    pub city: Text,
    /// Country in which it stands.
    pub country: CountryCode,
    /// Time zone of its office hours and of its working days.
    #[serde(deserialize_with = "time_zone")]
    pub time_zone: Tz,
    /// Languages it answers in.
    pub languages: Vec<Language>,
    /// Whom to call in an emergency.
    pub emergency: EmergencyContacts,
    /// Days off of this mission beyond Kazakhstan's holidays.
    #[serde(default)]
    pub days_off: Vec<NaiveDate>,
    /// Its consular district in words, as printed on documents.
    pub district_name: Text,
    /// Where it is competent.
    pub districts: Vec<District>,
}

/// Whom to call in an emergency.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyContacts {
    /// Telephone number.
    pub phone: String,
    /// E-mail address.
    pub email: String,
}

/// Where and when a mission is competent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct District {
    /// Country.
    pub country: CountryCode,
    /// Parts of the country; none means the country, as far as no other district names a part.
    #[serde(default)]
    pub subdivisions: Vec<SubdivisionCode>,
    /// First day; open when absent.
    pub from: Option<NaiveDate>,
    /// Last day; open when absent.
    pub until: Option<NaiveDate>,
}

impl District {
    /// The days of competence.
    pub fn period(&self) -> Period {
        Period { from: self.from, until: self.until }
    }

    fn overlaps(&self, other: &Self) -> bool {
        let is_same_rest = self.subdivisions.is_empty() && other.subdivisions.is_empty();
        let shares_part = self.subdivisions.iter().any(|part| other.subdivisions.contains(part));
        self.country == other.country && (is_same_rest || shares_part) && self.period().overlaps(&other.period())
    }
}

/// Which mission is competent for a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Competence<'a> {
    /// This one.
    Mission(&'a Mission),
    /// The country is divided between missions, and the address does not name its part.
    SubdivisionNeeded,
    /// No mission of the list.
    Nobody,
}

/// A list of missions whose districts do not overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missions {
    missions: Vec<Mission>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(rename = "mission")]
    missions: Vec<Mission>,
}

impl Missions {
    /// Reads a list in TOML.
    ///
    /// # Errors
    /// When it is no such list, names a mission twice, or has two missions competent for one place on one day.
    pub fn parse(toml: &str) -> Result<Self, MissionError> {
        let List { missions } = toml::from_str(toml).map_err(|error| MissionError::Malformed(error.to_string()))?;
        for (place, mission) in missions.iter().enumerate() {
            let is_foreign = |district: &District| {
                district.subdivisions.iter().any(|part| part.get(..2) != Some(district.country.as_str()))
            };
            if mission.districts.iter().any(is_foreign) {
                return Err(MissionError::ForeignSubdivision(mission.code.clone()));
            }
            for other in missions.iter().skip(place + 1) {
                if other.code == mission.code {
                    return Err(MissionError::Duplicate(mission.code.clone()));
                }
                let meets = |one: &District| other.districts.iter().any(|two| one.overlaps(two));
                if mission.districts.iter().any(meets) {
                    return Err(MissionError::Overlap(mission.code.clone(), other.code.clone()));
                }
            }
        }
        Ok(Self { missions })
    }

    /// The sample set shipped with the program: a few real places with invented contacts and districts.
    ///
    /// # Panics
    /// Never: the set is part of the program and read by a test.
    pub fn sample() -> &'static Self {
        static LIST: LazyLock<Missions> =
            LazyLock::new(|| Missions::parse(SAMPLE).expect("the shipped sample of missions is well formed"));
        &LIST
    }

    /// The mission of that code.
    pub fn find(&self, code: &str) -> Option<&Mission> {
        self.missions.iter().find(|mission| mission.code.as_str() == code)
    }

    /// All missions in the order of the list.
    pub fn iter(&self) -> impl Iterator<Item = &Mission> {
        self.missions.iter()
    }

    /// The mission competent for an address on a day.
    pub fn competent_for(
        &self,
        country: &CountryCode,
        subdivision: Option<&SubdivisionCode>,
        day: NaiveDate,
    ) -> Competence<'_> {
        let here = || {
            self.missions
                .iter()
                .flat_map(|mission| mission.districts.iter().map(move |district| (mission, district)))
                .filter(|(_, district)| district.country == *country && district.period().contains(day))
        };
        let rest = || here().find(|(_, district)| district.subdivisions.is_empty());
        let found = match subdivision {
            Some(part) => here().find(|(_, district)| district.subdivisions.contains(part)).or_else(rest),
            None if here().any(|(_, district)| !district.subdivisions.is_empty()) => {
                return Competence::SubdivisionNeeded;
            }
            None => rest(),
        };
        found.map_or(Competence::Nobody, |(mission, _)| Competence::Mission(mission))
    }
}

fn time_zone<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Tz, D::Error> {
    let name = String::deserialize(deserializer)?;
    name.parse().map_err(|_| serde::de::Error::custom("not a time zone of the IANA database"))
}
