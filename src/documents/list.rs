//! A volume of a list on paper: an electoral roll, the roll of a crisis, a register journal; with everything that says what it is a list of.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset};
use serde::Serialize;

use super::render::{Paper, Renderer};
use super::{DocumentError, VerificationLink};
use crate::registration::list::ListKind;
use crate::registration::text::Text;

/// What every volume of a list says beside its rows.
#[derive(Debug, Clone)]
pub struct ListHeader {
    /// What is listed.
    pub kind: ListKind,
    /// Number of the list.
    pub number: String,
    /// When it was first asked for, in the local time of the mission.
    pub issued_at: DateTime<FixedOffset>,
    /// Name of the mission.
    pub mission: Text,
    /// What tells this list from others of its kind: two facts beside the number.
    pub highlights: [Fact; 2],
    /// What else there is to say.
    pub facts: Vec<Fact>,
    /// What is counted, such as electors.
    pub counted: Text,
    /// How many are on the list.
    pub total: usize,
    /// The columns, after that of the places.
    pub columns: &'static [Column],
    /// The acts that the list is made under.
    pub citations: Vec<Text>,
    /// SHA-256 of the whole list for machines, hexadecimal.
    pub list_sha256: String,
    /// Whether it comes from the sandbox and says so across the sheet.
    pub sandbox: bool,
}

/// A line of the header: what it is, and its value.
#[derive(Debug, Clone, Serialize)]
pub struct Fact {
    /// What it is.
    pub label: Text,
    /// Its value.
    pub value: String,
}

/// A column of a list.
#[derive(Debug, Clone, Serialize)]
pub struct Column {
    /// Its heading.
    pub label: Text,
    /// Its width in millimetres; none takes a share of what is left.
    pub width: Option<u8>,
}

/// One place of a row.
#[derive(Clone, Serialize)]
pub struct Cell {
    /// What stands there.
    pub text: String,
    /// What stands under it, smaller. Both may have several lines.
    pub beneath: String,
}

impl Cell {
    /// A text alone.
    pub fn of(text: impl Into<String>) -> Self {
        Self::over(text, "")
    }

    /// A text with a smaller one under it.
    pub fn over(text: impl Into<String>, beneath: impl Into<String>) -> Self {
        Self { text: text.into(), beneath: beneath.into() }
    }
}

/// One volume. Equal ones give equal bytes. `Debug` shows nobody who is on it.
#[derive(Clone)]
pub struct ListVolume {
    /// What every volume says.
    pub header: Arc<ListHeader>,
    /// Number of the volume.
    pub number: String,
    /// Place of the volume in the list, from 1.
    pub place: usize,
    /// How many volumes there are.
    pub volumes: usize,
    /// Place of the first row of this volume in the list, from 1.
    pub first: usize,
    /// The rows, each with a cell for each column; the first cell names who the row is of.
    pub rows: Vec<Vec<Cell>>,
    /// Where anyone checks the volume.
    pub verification: VerificationLink,
}

impl fmt::Debug for ListVolume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ListVolume({})", self.number)
    }
}

/// The JSON that the template reads.
#[derive(Serialize)]
struct Printed<'a> {
    title: Text,
    number: &'a str,
    place: usize,
    volumes: usize,
    issued_at: String,
    mission: &'a Text,
    highlights: &'a [Fact],
    facts: &'a [Fact],
    counted: &'a Text,
    total: usize,
    first: usize,
    last: usize,
    columns: &'a [Column],
    rows: &'a [Vec<Cell>],
    citations: &'a [Text],
    list_sha256: &'a str,
    verification: &'a VerificationLink,
    sandbox: bool,
}

impl Renderer {
    /// Lays out one volume of a list as PDF/A-2a and PDF/UA-1. Equal volumes give equal bytes, in any process. Takes the better part of a
    /// second of one core for hundreds of rows, so it does not belong on an asynchronous thread.
    ///
    /// # Errors
    /// [`DocumentError::VerificationLink`], [`DocumentError::Template`] and [`DocumentError::Standard`] for faults of the settings or of
    /// the build.
    pub fn render_list_volume(&self, volume: &ListVolume) -> Result<Vec<u8>, DocumentError> {
        let header = &*volume.header;
        let last = volume.first + volume.rows.len().saturating_sub(1);
        let printed = Printed {
            title: header.kind.title(),
            number: &volume.number,
            place: volume.place,
            volumes: volume.volumes,
            issued_at: moment(header.issued_at),
            mission: &header.mission,
            highlights: &header.highlights,
            facts: &header.facts,
            counted: &header.counted,
            total: header.total,
            first: volume.first,
            last,
            columns: header.columns,
            rows: &volume.rows,
            citations: &header.citations,
            list_sha256: &header.list_sha256,
            verification: &volume.verification,
            sandbox: header.sandbox,
        };
        let no_form = |_| DocumentError::Setup("the data have no JSON form");
        // A list is not held up by one letter of a foreign address.
        let mut printed = serde_json::to_value(&printed).map_err(no_form)?;
        self.replace_unprintable(&mut printed);
        let data = serde_json::to_vec(&printed).map_err(no_form)?;
        self.lay_out(&Paper {
            main: &self.list,
            data,
            verification: &volume.verification,
            number: &volume.number,
            issued_at: header.issued_at,
        })
    }
}

/// Local time with its distance from UTC, to the minute.
pub fn moment(time: DateTime<FixedOffset>) -> String {
    time.format("%d.%m.%Y %H:%M (UTC%:z)").to_string()
}
