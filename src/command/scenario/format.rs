//! The format of scenario files, as types; `consular schema scenario` prints what they say as JSON Schema.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use toml::Spanned;

use super::moment::{Delay, Moment, text_of};
use crate::registration::person::Sex;

/// A scenario of the procedure: who does what when, and what must be seen. A TOML file; every scenario has a sandbox service of its own,
/// which begins empty.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// One line: what the scenario shows.
    pub title: String,
    /// What it rests on, in words.
    #[serde(default)]
    pub about: String,
    /// When it begins.
    pub begin: Moment,
    /// The mission whose time zone and working days count, and which forms name unless they name another one.
    #[serde(default = "berlin")]
    pub mission: String,
    /// Citizens by the names that steps use for them. Also known without a declaration: `assel`, `daniyar`, `student`, `minor` and the
    /// other citizens of the sandbox authority.
    #[serde(default)]
    pub person: BTreeMap<String, Person>,
    /// Officers by the names that steps use for them. Also known: `berlin-officer`, `berlin-supervisor`, `istanbul-officer`,
    /// `new-york-officer`.
    #[serde(default)]
    pub officer: BTreeMap<String, Officer>,
    /// What happens, in this order.
    #[schemars(with = "Vec<Step>")]
    pub step: Vec<Spanned<Step>>,
}

fn berlin() -> String {
    "KZ-DE-BER".to_owned()
}

/// A citizen, with an identification number and a certificate minted for the scenario.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Date of birth.
    pub born: Day,
    /// Sex.
    pub sex: Sex,
    /// Identification number; made of birth date and sex when absent.
    #[serde(default)]
    pub iin: Option<String>,
    /// Surname in Cyrillic; invented when absent, as the other names are.
    #[serde(default)]
    pub surname: Option<String>,
    /// Given name in Cyrillic.
    #[serde(default)]
    pub given_name: Option<String>,
    /// Patronymic in Cyrillic.
    #[serde(default)]
    pub patronymic: Option<String>,
    /// Surname in Latin letters.
    #[serde(default)]
    pub surname_latin: Option<String>,
    /// Given name in Latin letters.
    #[serde(default)]
    pub given_name_latin: Option<String>,
    /// Algorithm of the key.
    #[serde(default)]
    pub key: Algorithm,
    /// Which certificate the citizen holds.
    #[serde(default)]
    pub certificate: Certificate,
    /// The parent who acts for this citizen: forms then name that person as the representative.
    #[serde(default)]
    pub represented_by: Option<String>,
}

/// Algorithm of a key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Algorithm {
    /// RSA with 2048 bits.
    #[default]
    Rsa,
    /// GOST R 34.10-2015 with 512 bits.
    Gost,
}

/// Which certificate somebody holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Certificate {
    /// Good for signing.
    #[default]
    Good,
    /// Revoked the day before the scenario begins.
    Revoked,
    /// Ended a month before the scenario begins.
    Expired,
    /// For authentication only.
    AuthenticationOnly,
}

/// An officer, with a certificate as an employee of the mission and a row in the table of officers.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Officer {
    /// Code of the mission.
    pub mission: String,
    /// `OFFICER`, `SUPERVISOR`.
    #[serde(default = "officer")]
    pub roles: Vec<String>,
}

fn officer() -> Vec<String> {
    vec!["OFFICER".to_owned()]
}

/// One step: the clock is set, a method is called, and what comes back is compared.
///
/// In texts `${NAME.PATH}` stands for what an earlier step saw (`${a.due_time}`) or for a fact about a person (`${assel.iin}`).
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    /// What happens, in words; made of the call when absent.
    pub title: String,
    /// The clock is set to this moment first. Time goes forward only.
    pub at: Option<Moment>,
    /// The clock is set on by so much first (from `at` where both are there).
    pub after: Option<Delay>,
    /// Method to call, such as `SubmitApplication` or `ReviewService.ListQueue`. Without it the step only sets the clock.
    pub call: Option<String>,
    /// Fields of the request by the names of the proto files. What is signed is put in by `by`, names by `about`.
    pub request: Tree,
    /// Who signs: a person or an officer.
    pub by: Option<String>,
    /// Whose application it is; who signs, when absent.
    #[serde(rename = "for")]
    pub applicant: Option<String>,
    /// What differs from a complete form of that citizen, by the fields of the application form.
    pub form: Tree,
    /// Paths of the form that are left out, such as `card.identity.birth_place`.
    pub without: Vec<String>,
    /// Sends the signed octets of an earlier step once more.
    pub again: Option<String>,
    /// The application or registration of an earlier step: `name` or `parent` of the request, the subject of an act, the form that a
    /// resubmission mends.
    pub about: Option<String>,
    /// Name of the act that is signed; made of the method's name when absent.
    pub act: Option<String>,
    /// The decision within the act; `result` may be left out where the act has only one.
    pub decision: Tree,
    /// Resource name of what the act is about, in place of `about`.
    pub subject: Option<String>,
    /// The version that the act names; the present one when absent.
    pub etag: Option<String>,
    /// The time that the act names; the clock's when absent.
    pub time: Option<Moment>,
    /// Under which name later steps speak of what came back.
    #[serde(rename = "as")]
    pub name: Option<String>,
    /// Paths and what must be there.
    pub expect: Tree,
    /// Paths and what the text there must begin with.
    pub expect_begins: Tree,
    /// Paths and what the list or text there must contain: an item or a list of items.
    pub expect_contains: Tree,
    /// Paths and how many items must be there.
    pub expect_count: Tree,
    /// Paths and what must not be there.
    pub expect_differs: Tree,
    /// Paths at which something must be.
    pub expect_present: Vec<String>,
    /// Paths at which nothing may be.
    pub expect_absent: Vec<String>,
    /// Seconds that a look waits for what is expected.
    #[serde(default = "patience")]
    pub patience: u64,
}

/// Long enough for a loaded machine; nothing waits for it to pass.
const fn patience() -> u64 {
    30
}

/// A day, as a TOML date or a text.
#[derive(Debug, Clone, Copy)]
pub struct Day(pub NaiveDate);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = text_of(toml::Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)?;
        text.parse().map(Self).map_err(|_| serde::de::Error::custom("a day is expected, such as 1988-03-15"))
    }
}

impl JsonSchema for Day {
    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date", "description": "A TOML date, or a text such as `1988-03-15`." })
    }
}

/// Any table. Dates and times in it are texts to the program.
#[derive(Debug, Clone, Default)]
pub struct Tree(pub Map<String, Value>);

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let table = toml::Table::deserialize(deserializer)?;
        let entries = table.into_iter().map(|(key, value)| Ok((key, json(value).map_err(serde::de::Error::custom)?)));
        Ok(Self(entries.collect::<Result<_, D::Error>>()?))
    }
}

impl JsonSchema for Tree {
    fn schema_name() -> Cow<'static, str> {
        "Tree".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "description": "A table; keys may be paths such as `\"findings[*].reason\"` where paths are meant." })
    }
}

fn json(value: toml::Value) -> Result<Value, String> {
    Ok(match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(truth) => truth.into(),
        toml::Value::Datetime(time) => time.to_string().into(),
        toml::Value::Array(items) => items.into_iter().map(json).collect::<Result<_, _>>()?,
        toml::Value::Table(table) => {
            let entries = table.into_iter().map(|(key, value)| Ok::<_, String>((key, json(value)?)));
            Value::Object(entries.collect::<Result<_, _>>()?)
        }
    })
}

/// The JSON Schema (draft 2020-12) of scenario files.
pub fn schema() -> Value {
    schemars::schema_for!(Scenario).to_value()
}
