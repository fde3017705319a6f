//! Missions and their consular districts, as data.
//!
//! Exactly one mission is competent for a country, a part of it and a day. A district is a whole country, or named parts of one; a
//! district of a whole country gives way to districts of its parts, so that an embassy can keep "the rest".

use std::sync::{Arc, LazyLock};

use chrono::NaiveDate;
use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

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
    /// A list without any mission.
    #[error("the list has no mission")]
    Empty,
    /// The same code twice.
    #[error("mission {0} stands twice in the list")]
    Duplicate(MissionCode),
    /// Two missions for the same place on the same day.
    #[error("missions {0} and {1} have a district in common")]
    Overlap(MissionCode, MissionCode),
    /// Two districts of one mission for the same place on the same day.
    #[error("mission {0} has the same district twice")]
    Repeated(MissionCode),
    /// A subdivision that is not part of its district's country.
    #[error("mission {0} has a district with a subdivision of another country")]
    ForeignSubdivision(MissionCode),
    /// A district that ends before it begins.
    #[error("mission {0} has a district that ends before it begins")]
    EmptyPeriod(MissionCode),
}

/// Type of a foreign institution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
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
    /// Time zone of its office hours and of its working days, as the IANA database names it, such as `Europe/Berlin`.
    #[serde(deserialize_with = "time_zone")]
    #[schemars(with = "String")]
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
    /// Where it is competent; nowhere, once it is closed and only ends what it has.
    pub districts: Vec<District>,
}

/// Whom to call in an emergency.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmergencyContacts {
    /// Telephone number.
    pub phone: String,
    /// E-mail address.
    pub email: String,
}

/// Where and when a mission is competent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
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

impl MissionType {
    /// As written, such as `EMBASSY`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Embassy => "EMBASSY",
            Self::ConsulateGeneral => "CONSULATE_GENERAL",
            Self::Consulate => "CONSULATE",
        }
    }
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

/// A list of missions whose districts do not overlap, and the missions that stood in the lists before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missions {
    revision: u64,
    present: Vec<Arc<Mission>>,
    former: Vec<Arc<Mission>>,
}

/// A list of missions, as it is imported.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct List {
    /// The missions.
    #[serde(rename = "mission")]
    missions: Vec<Mission>,
}

impl Missions {
    /// Reads a list in TOML.
    ///
    /// # Errors
    /// When it is no such list; or all that is wrong with it: a mission named twice, two missions competent for one place on one day.
    pub fn parse(toml: &str) -> Result<Self, Vec<MissionError>> {
        let List { missions } =
            toml::from_str(toml).map_err(|error| vec![MissionError::Malformed(error.to_string())])?;
        let errors = contradictions(&missions);
        if errors.is_empty() {
            Ok(Self { revision: 0, present: missions.into_iter().map(Arc::new).collect(), former: Vec::new() })
        } else {
            Err(errors)
        }
    }

    /// The list as `revision`, after the lists that were in force `before` it, oldest first: what they had and this one has no more stays known.
    #[must_use]
    pub fn in_force(mut self, revision: u64, before: impl DoubleEndedIterator<Item = Self>) -> Self {
        self.revision = revision;
        for mission in before.rev().flat_map(|list| list.present) {
            if self.known(&mission.code).is_none() {
                self.former.push(mission);
            }
        }
        self
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

    /// The sample set as it is written, with its explanations.
    pub const fn sample_toml() -> &'static str {
        SAMPLE
    }

    /// The number of the list among all that were in force, from 1; 0 for a list that is not in force.
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// The mission of that code in this list.
    pub fn find(&self, code: &str) -> Option<&Arc<Mission>> {
        self.present.iter().find(|mission| mission.code.as_str() == code)
    }

    /// The mission of that code in this list or, as it stood last, in one before it: for what began while it was there.
    pub fn known(&self, code: &str) -> Option<&Arc<Mission>> {
        self.find(code).or_else(|| self.former.iter().find(|mission| mission.code.as_str() == code))
    }

    /// All missions in the order of the list.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Mission>> {
        self.present.iter()
    }

    /// The mission competent for an address on a day.
    pub fn competent_for(
        &self,
        country: &CountryCode,
        subdivision: Option<&SubdivisionCode>,
        day: NaiveDate,
    ) -> Competence<'_> {
        let here = || {
            self.present
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

/// Everything in which missions contradict each other or themselves.
fn contradictions(missions: &[Mission]) -> Vec<MissionError> {
    let mut errors = Vec::new();
    if missions.is_empty() {
        errors.push(MissionError::Empty);
    }
    for (place, mission) in missions.iter().enumerate() {
        let code = || mission.code.clone();
        let is_foreign = |part: &SubdivisionCode, country: &CountryCode| part.get(..2) != Some(country.as_str());
        let mut districts = mission.districts.iter();
        if districts.any(|district| district.subdivisions.iter().any(|part| is_foreign(part, &district.country))) {
            errors.push(MissionError::ForeignSubdivision(code()));
        }
        let ends_early =
            |district: &District| district.from.zip(district.until).is_some_and(|(from, until)| until < from);
        if mission.districts.iter().any(ends_early) {
            errors.push(MissionError::EmptyPeriod(code()));
        }
        let mut pairs = mission.districts.iter().enumerate();
        if pairs.any(|(at, one)| mission.districts.iter().skip(at + 1).any(|two| one.overlaps(two))) {
            errors.push(MissionError::Repeated(code()));
        }
        for other in missions.iter().skip(place + 1) {
            if other.code == mission.code {
                errors.push(MissionError::Duplicate(code()));
            } else if mission.districts.iter().any(|one| other.districts.iter().any(|two| one.overlaps(two))) {
                errors.push(MissionError::Overlap(code(), other.code.clone()));
            }
        }
    }
    errors
}

/// The JSON Schema (draft 2020-12) of a list of missions; the list itself is written in TOML.
pub fn schema() -> Value {
    schemars::schema_for!(List).to_value()
}

fn time_zone<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Tz, D::Error> {
    let name = String::deserialize(deserializer)?;
    name.parse().map_err(|_| serde::de::Error::custom(format!("{name} is not a time zone of the IANA database")))
}
