//! A volume of an electoral roll: the list on paper, with everything that says what it is a list of.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::Serialize;

use super::render::{Paper, Renderer};
use super::{DocumentError, VerificationLink};
use crate::registration::electoral::Elector;
use crate::registration::text::Text;

/// Stands for a letter that no font of the documents has: a list is not held up by one letter of a foreign address.
const UNPRINTABLE: char = '\u{FFFD}';

/// Everything that one volume shows. Equal volumes give equal bytes. `Debug` shows no elector.
#[derive(Clone)]
pub struct ElectoralVolume {
    /// Number of the volume.
    pub number: String,
    /// Number of the roll.
    pub roll: String,
    /// Place of the volume in the roll, from 1.
    pub place: usize,
    /// How many volumes there are.
    pub volumes: usize,
    /// When the roll was first asked for, in the local time of the mission.
    pub issued_at: DateTime<FixedOffset>,
    /// The voting day.
    pub voting_day: NaiveDate,
    /// Who was registered then, in the local time of the mission.
    pub cut_off: DateTime<FixedOffset>,
    /// Name of the mission.
    pub mission: Text,
    /// Only those who live in this country.
    pub country: Option<String>,
    /// Only those who live in these parts of it.
    pub subdivisions: Vec<String>,
    /// How many electors the roll has.
    pub total: usize,
    /// Place of the first elector of this volume in the roll, from 1.
    pub first: usize,
    /// The electors of this volume.
    pub electors: Vec<Elector>,
    /// The acts that the roll is made under.
    pub citations: Vec<Text>,
    /// SHA-256 of the whole list for machines, hexadecimal.
    pub list_sha256: String,
    /// Where anyone checks the volume.
    pub verification: VerificationLink,
    /// Whether it comes from the sandbox and says so across the sheet.
    pub sandbox: bool,
}

impl ElectoralVolume {
    /// The title of every volume.
    pub const TITLE: Text = Text::fixed(
        "Шетелдегі мекеме жанындағы сайлаушылар тізімі",
        "Список избирателей при загранучреждении",
        "List of electors at a mission",
    );
}

impl fmt::Debug for ElectoralVolume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ElectoralVolume({})", self.number)
    }
}

/// The JSON that the template reads.
#[derive(Serialize)]
struct Printed<'a> {
    title: &'a Text,
    number: &'a str,
    roll: &'a str,
    place: usize,
    volumes: usize,
    issued_at: String,
    voting_day: NaiveDate,
    cut_off: String,
    mission: &'a Text,
    area: String,
    total: usize,
    first: usize,
    last: usize,
    electors: Vec<Line<'a>>,
    citations: &'a [Text],
    list_sha256: &'a str,
    verification: &'a VerificationLink,
    sandbox: bool,
}

/// One elector on paper.
#[derive(Serialize)]
struct Line<'a> {
    name: Cow<'a, str>,
    birth_date: String,
    iin: &'a str,
    address: Cow<'a, str>,
    registration: &'a str,
}

impl Renderer {
    /// Lays out one volume of an electoral roll as PDF/A-2a and PDF/UA-1. Equal volumes give equal bytes, in any process. Takes the
    /// better part of a second of one core for hundreds of electors, so it does not belong on an asynchronous thread.
    ///
    /// # Errors
    /// [`DocumentError::VerificationLink`], [`DocumentError::Template`] and [`DocumentError::Standard`] for faults of the settings or of
    /// the build.
    pub fn render_electoral_volume(&self, volume: &ElectoralVolume) -> Result<Vec<u8>, DocumentError> {
        let area: Vec<&str> = volume.country.iter().chain(&volume.subdivisions).map(String::as_str).collect();
        let printed = Printed {
            title: &ElectoralVolume::TITLE,
            number: &volume.number,
            roll: &volume.roll,
            place: volume.place,
            volumes: volume.volumes,
            issued_at: moment(volume.issued_at),
            voting_day: volume.voting_day,
            cut_off: moment(volume.cut_off),
            mission: &volume.mission,
            area: area.join(", "),
            total: volume.total,
            first: volume.first,
            last: volume.first + volume.electors.len().saturating_sub(1),
            electors: volume.electors.iter().map(|elector| self.line(elector)).collect(),
            citations: &volume.citations,
            list_sha256: &volume.list_sha256,
            verification: &volume.verification,
            sandbox: volume.sandbox,
        };
        let data = serde_json::to_vec(&printed).map_err(|_| DocumentError::Setup("the data have no JSON form"))?;
        self.lay_out(&Paper {
            main: &self.electoral_roll,
            data,
            verification: &volume.verification,
            number: &volume.number,
            issued_at: volume.issued_at,
        })
    }

    fn line<'a>(&self, elector: &'a Elector) -> Line<'a> {
        let place = elector.subdivision.as_ref().unwrap_or(&elector.country);
        Line {
            name: self.printable(Cow::Owned(elector.full_name())),
            birth_date: elector.birth_date.format("%d.%m.%Y").to_string(),
            iin: elector.iin.as_deref().unwrap_or_default(),
            address: self.printable(Cow::Owned(format!("{}, {place}", elector.address))),
            registration: &elector.registration,
        }
    }

    fn printable<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        if text.chars().all(|letter| self.shows(letter)) {
            return text;
        }
        text.chars().map(|letter| if self.shows(letter) { letter } else { UNPRINTABLE }).collect()
    }
}

/// Local time with its distance from UTC, to the minute.
fn moment(time: DateTime<FixedOffset>) -> String {
    time.format("%d.%m.%Y %H:%M (UTC%:z)").to_string()
}
