//! Numbers of applications, registrations and documents: `KZ-DE-BER/2026/000123`, `KZ-DE-BER/R/2026/000123`,
//! `KZ-DE-BER/D/2026/000123`, and of lists: electoral rolls `KZ-DE-BER/E/2026/000123`, rolls of crises `…/C/…`, register journals `…/J/…`.
//!
//! Each mission counts each series anew in each year of its local calendar, from 1 and without gaps by the store's transaction.

use std::fmt;
use std::str::FromStr;

use super::list::ListKind;
use super::value::MissionCode;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Series {
    /// Applications.
    Application,
    /// Registrations.
    Registration,
    /// Documents.
    Document,
    /// Lists, each kind for itself.
    List(ListKind),
}

impl Series {
    /// Name for the store's counters, such as `APPLICATION`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Application => "APPLICATION",
            Self::Registration => "REGISTRATION",
            Self::Document => "DOCUMENT",
            Self::List(kind) => kind.as_str(),
        }
    }

    /// What a mission's numbers of this series begin with, such as `KZ-DE-BER/R`.
    pub fn prefix(self, mission: &MissionCode) -> String {
        match self.letter() {
            None => mission.to_string(),
            Some(letter) => format!("{mission}/{letter}"),
        }
    }

    const fn letter(self) -> Option<&'static str> {
        match self {
            Self::Application => None,
            Self::Registration => Some("R"),
            Self::Document => Some("D"),
            Self::List(ListKind::ElectoralRoll) => Some("E"),
            Self::List(ListKind::CrisisRoll) => Some("C"),
            Self::List(ListKind::RegisterJournal) => Some("J"),
        }
    }
}

/// A number as it is printed. `Display` and `FromStr` are each other's inverse.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Number {
    /// What is counted.
    pub series: Series,
    /// Who counts.
    pub mission: MissionCode,
    /// The year in which it was given.
    pub year: u16,
    /// Its place in the year, from 1.
    pub sequence: u32,
}

/// A text that is no number of this service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a number of an application, registration or document")]
pub struct NumberError;

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{:04}/{:06}", self.series.prefix(&self.mission), self.year, self.sequence)
    }
}

/// What is printed on a sheet: a number, or that of one volume of a list, `KZ-DE-BER/E/2026/000123/2`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PrintedNumber {
    /// The number; of a volume, the list's.
    pub number: Number,
    /// Place of the volume, from 1.
    pub volume: Option<usize>,
}

impl FromStr for PrintedNumber {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        if let Ok(number) = text.parse() {
            return Ok(Self { number, volume: None });
        }
        let (list, place) = text.rsplit_once('/').ok_or(NumberError)?;
        let (number, volume): (Number, usize) = (list.parse()?, place.parse().map_err(|_| NumberError)?);
        // Exactly the printed form here too.
        let is_volume = matches!(number.series, Series::List(_)) && volume > 0 && volume.to_string() == place;
        if is_volume { Ok(Self { number, volume: Some(volume) }) } else { Err(NumberError) }
    }
}

impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        let parts: Vec<&str> = text.split('/').collect();
        let (mission, series, year, sequence) = match parts.as_slice() {
            [mission, year, sequence] => (mission, Series::Application, year, sequence),
            [mission, "R", year, sequence] => (mission, Series::Registration, year, sequence),
            [mission, "D", year, sequence] => (mission, Series::Document, year, sequence),
            [mission, "E", year, sequence] => (mission, Series::List(ListKind::ElectoralRoll), year, sequence),
            [mission, "C", year, sequence] => (mission, Series::List(ListKind::CrisisRoll), year, sequence),
            [mission, "J", year, sequence] => (mission, Series::List(ListKind::RegisterJournal), year, sequence),
            _ => return Err(NumberError),
        };
        let number = Self {
            series,
            mission: mission.parse().map_err(|_| NumberError)?,
            year: year.parse().map_err(|_| NumberError)?,
            sequence: sequence.parse().map_err(|_| NumberError)?,
        };
        // Exactly the printed form: no signs, no missing or further zeros.
        if number.sequence > 0 && number.to_string() == text { Ok(number) } else { Err(NumberError) }
    }
}
