//! How results reach the person at the terminal, or the program behind a pipe.
//!
//! Colours and line breaking only on a terminal; text from outside (names in certificates, messages of a server) is made harmless
//! first, since a terminal obeys control characters.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use comfy_table::{
    Attribute, Cell, Color, ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle,
};
use serde_json::Value;

use crate::registration::text::{Language, Text};

/// Names and values, with nothing drawn around them.
const FACTS: TableStyle = TableStyle::new().content_lines(ContentLineStyle::none());
/// A list with a thin line below its header.
const LIST: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none())
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .content_lines(ContentLineStyle::none());
/// Wider than this a line is hard to read.
const WIDEST: u16 = 140;
/// The first column of a list is not broken over lines up to this width: an UUID with a word before it.
const WIDEST_NAME: usize = 44;
/// The column of names, so that facts of one page stand below each other.
const NAMES: u16 = 22;

/// Whom the output is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A person.
    Human,
    /// A program: exactly one JSON value on the standard output, or one a line where results keep coming.
    Json,
}

/// What kind of device the output goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Device {
    /// A terminal of so many columns.
    Terminal {
        /// Columns.
        width: u16,
    },
    /// A file, a pipe or a test.
    Plain,
}

impl Device {
    /// What the standard output is connected to.
    pub fn of_standard_output() -> Self {
        match (io::stdout().is_terminal(), Table::new().width()) {
            (true, Some(width)) => Self::Terminal { width },
            _ => Self::Plain,
        }
    }
}

/// What a piece of text means, shown by its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    Plain,
    /// It held.
    Good,
    /// Not decided, or to be looked at.
    Doubtful,
    /// It did not hold.
    Bad,
    /// Stands out.
    Strong,
    /// Stands back.
    Quiet,
}

#[derive(Debug, Clone, Copy)]
enum Channel {
    Results,
    Complaints,
}

/// Where output goes, and in which form and language.
pub struct Output<'a> {
    out: &'a mut dyn Write,
    notes: &'a mut dyn Write,
    channel: Channel,
    device: Device,
    colours: bool,
    format: Format,
    language: Language,
}

impl<'a> Output<'a> {
    /// Results go to `out`, remarks and progress to `notes`.
    pub fn new(out: &'a mut dyn Write, notes: &'a mut dyn Write, device: Device) -> Self {
        let colours = device != Device::Plain;
        Self { out, notes, channel: Channel::Results, device, colours, format: Format::Human, language: Language::En }
    }

    /// The same output in this form and language, without colours if they are not wanted.
    pub fn configure(&mut self, format: Format, language: Language, colours_wanted: bool) {
        self.format = format;
        self.language = language;
        self.colours = self.device != Device::Plain && colours_wanted;
    }

    /// Whom the output is for.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The language of the person at the terminal.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Whether somebody watches while it happens.
    pub fn is_terminal(&self) -> bool {
        self.device != Device::Plain
    }

    /// `text` in the language of the person at the terminal.
    pub fn say<'t>(&self, text: &'t Text) -> &'t str {
        text.in_language(self.language)
    }

    /// From now on it is told why there is no result: to the standard error, under a headline.
    pub fn complain(&mut self, headline: &str) -> io::Result<()> {
        self.channel = Channel::Complaints;
        let text = format!("{} {}", self.paint(Tone::Bad, "✘"), self.paint(Tone::Strong, headline));
        self.line(text)
    }

    /// One line; may already be painted.
    pub fn line(&mut self, text: impl Display) -> io::Result<()> {
        let writer = self.writer();
        writeln!(writer, "{text}")
    }

    /// Octets of the result, as they are.
    pub fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.out.flush()
    }

    /// An empty line.
    pub fn gap(&mut self) -> io::Result<()> {
        self.line("")
    }

    /// A title over what follows.
    pub fn heading(&mut self, text: &str) -> io::Result<()> {
        let text = self.paint(Tone::Strong, text);
        self.line(format_args!("\n {text}"))
    }

    /// A remark that is no part of the result: nothing when a program reads.
    pub fn note(&mut self, text: &str) -> io::Result<()> {
        if self.format == Format::Json {
            return Ok(());
        }
        let text = self.paint(Tone::Quiet, text);
        writeln!(self.notes, " {text}")
    }

    /// Shows what is being done now; the line is overwritten by the next one, and only a terminal sees it.
    pub fn progress(&mut self, text: &str) -> io::Result<()> {
        if self.format == Format::Json || self.device == Device::Plain {
            return Ok(());
        }
        let text = self.paint(Tone::Quiet, text);
        write!(self.notes, "\r\u{1b}[2K {text}")?;
        self.notes.flush()
    }

    /// Wipes the line that [`Output::progress`] left.
    pub fn progress_done(&mut self) -> io::Result<()> {
        if self.format == Format::Json || self.device == Device::Plain {
            return Ok(());
        }
        write!(self.notes, "\r\u{1b}[2K")?;
        self.notes.flush()
    }

    /// One JSON value, laid out for reading.
    pub fn json(&mut self, value: &Value) -> io::Result<()> {
        writeln!(self.out, "{value:#}")
    }

    /// One JSON value on one line, where more may follow.
    pub fn json_line(&mut self, value: &Value) -> io::Result<()> {
        writeln!(self.out, "{value}")?;
        self.out.flush()
    }

    /// Names and their values below each other; empty values are left out.
    pub fn facts<'f>(&mut self, facts: impl IntoIterator<Item = (&'f str, Painted)>) -> io::Result<()> {
        let mut table = self.table(FACTS);
        for (name, value) in facts {
            if !value.text.is_empty() {
                table.add_row([cell(&Painted::new(Tone::Quiet, name)), cell(&value)]);
            }
        }
        if let Some(names) = table.column_mut(0) {
            names.set_constraint(ColumnConstraint::LowerBoundary(comfy_table::Width::Fixed(NAMES)));
        }
        self.print(&table)
    }

    /// As [`Output::facts`], the names in the language of the person at the terminal.
    pub fn named_facts(&mut self, facts: impl IntoIterator<Item = (Text, Painted)>) -> io::Result<()> {
        let language = self.language;
        let facts: Vec<_> =
            facts.into_iter().map(|(name, value)| (name.in_language(language).to_owned(), value)).collect();
        self.facts(facts.iter().map(|(name, value)| (name.as_str(), value.clone())))
    }

    /// A list with a header. What stands in the first column is what the others are about: it is not broken over lines while it leaves
    /// room for them.
    pub fn list<const N: usize>(&mut self, header: [&str; N], rows: Vec<[Painted; N]>) -> io::Result<()> {
        let mut table = self.table(LIST);
        let lines = rows.iter().filter_map(|row| row.first()).flat_map(|first| first.text.lines());
        let first = lines.map(|line| line.chars().count()).max().unwrap_or(0);
        table.set_header(header.map(|name| cell(&Painted::new(Tone::Quiet, name))));
        for row in rows {
            table.add_row(row.map(|value| cell(&value)));
        }
        if first <= WIDEST_NAME
            && let Some(names) = table.column_mut(0)
        {
            names.set_constraint(ColumnConstraint::ContentWidth);
        }
        self.print(&table)
    }

    /// `text`, made harmless and in the colour of `tone`.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        let text = harmless(text);
        let code = match tone {
            _ if !self.colours => return text,
            Tone::Plain => return text,
            Tone::Good => "1;32",
            Tone::Doubtful => "1;33",
            Tone::Bad => "1;31",
            Tone::Strong => "1",
            Tone::Quiet => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    fn writer(&mut self) -> &mut dyn Write {
        match self.channel {
            Channel::Results => self.out,
            Channel::Complaints => self.notes,
        }
    }

    fn table(&self, style: TableStyle) -> Table {
        let mut table = Table::new();
        table.load_style(style).force_no_tty();
        let width = match self.device {
            Device::Terminal { width } => width.min(WIDEST),
            Device::Plain => WIDEST,
        };
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        if self.colours {
            table.enforce_styling();
        }
        table
    }

    fn print(&mut self, table: &Table) -> io::Result<()> {
        for line in table.lines() {
            self.line(line.trim_end())?;
        }
        Ok(())
    }
}

fn cell(value: &Painted) -> Cell {
    let cell = Cell::new(harmless(&value.text));
    match value.tone {
        Tone::Plain => cell,
        Tone::Good => cell.fg(Color::Green).add_attribute(Attribute::Bold),
        Tone::Doubtful => cell.fg(Color::Yellow).add_attribute(Attribute::Bold),
        Tone::Bad => cell.fg(Color::Red).add_attribute(Attribute::Bold),
        Tone::Strong => cell.add_attribute(Attribute::Bold),
        Tone::Quiet => cell.add_attribute(Attribute::Dim),
    }
}

/// A text with its tone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Painted {
    tone: Tone,
    text: String,
}

impl Painted {
    /// `text` in `tone`.
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { tone, text: text.into() }
    }
}

impl From<&str> for Painted {
    fn from(text: &str) -> Self {
        Self::new(Tone::Plain, text)
    }
}

impl From<String> for Painted {
    fn from(text: String) -> Self {
        Self::new(Tone::Plain, text)
    }
}

impl From<Option<String>> for Painted {
    fn from(text: Option<String>) -> Self {
        Self::new(Tone::Plain, text.unwrap_or_default())
    }
}

/// `text` without anything that a terminal would obey or that would make it read in another order than it is written.
pub fn harmless(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut clean, character| {
        match character {
            '\n' => clean.push(character),
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => {
                clean.extend(character.escape_unicode());
            }
            _ if character.is_control() => clean.extend(character.escape_default()),
            _ => clean.push(character),
        }
        clean
    })
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(harmless("A\u{1b}[2JB\rC\u{202e}D"), "A\\u{1b}[2JB\\rC\\u{202e}D");
        assert_eq!(harmless("ТЕСТОВ ҚАЗАҚ\nline"), "ТЕСТОВ ҚАЗАҚ\nline");
    }
}
