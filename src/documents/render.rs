//! From data to PDF: one typst library and one set of fonts for all documents, a small world for each.

use std::collections::HashSet;

use chrono::{DateTime, Datelike, FixedOffset, Timelike};
use serde::Serialize;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{DiagSpanKind, FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook, FontInfo, FontStyle, FontWeight};
use typst::utils::LazyHash;
use typst::{Feature, Library, LibraryExt, World, WorldExt, comemo};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use super::{DocumentData, DocumentError, VerificationLink};
use crate::registration::Text;
use crate::registration::document::DocumentKind;

/// The family that all documents are set in, without its bold italic, which lacks the letters of Kazakh.
const FAMILY: &str = "Libertinus Serif";
/// Stands in for letters that the family lacks, such as those of Cyrillic alphabets outside Kazakhstan: a plain letter in a
/// name is better than no document.
const FALLBACK: &str = "DejaVu Sans Mono";
/// Stands for a letter that no document font has.
const REPLACEMENT: char = '\u{FFFD}';
const CREATOR: &str = "consular-registration";
/// Layout results not used for this many documents are forgotten, so that memory does not grow with the number of documents.
const CACHE_AGE: usize = 10;

/// Renders documents. Costly to make and cheap to use: the service has one, shared by all threads.
pub struct Renderer {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    letters: HashSet<u32>,
    sheet: Source,
    notice: Source,
    pub(super) list: Source,
    insert: Source,
    receipt: Source,
    returned: Source,
    decision: Source,
    protocol: Source,
    transfer: Source,
    watermark: (FileId, Bytes),
    data: FileId,
    qr: FileId,
    standards: PdfStandards,
}

impl Renderer {
    /// Parses templates and fonts.
    ///
    /// # Errors
    /// [`DocumentError::Setup`], a fault of the build.
    pub fn new() -> Result<Self, DocumentError> {
        let fonts: Vec<Font> = typst_assets::fonts()
            .flat_map(|file| Font::iter(Bytes::new(file)))
            .filter(|font| in_use(font.info()))
            .collect();
        if fonts.is_empty() {
            return Err(DocumentError::Setup("the document fonts are missing"));
        }
        let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1])
            .map_err(|_| DocumentError::Setup("PDF/A-2a and PDF/UA-1 exclude each other"))?;
        Ok(Self {
            // Row headers of tables are told to screen readers; typst still calls that an extra.
            library: LazyHash::new(
                Library::builder().with_features([Feature::A11yExtras].into_iter().collect()).build(),
            ),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            letters: letters(&fonts),
            fonts,
            sheet: Source::new(file("/sheet.typ")?, include_str!("templates/sheet.typ").into()),
            notice: Source::new(file("/notice.typ")?, include_str!("templates/notice.typ").into()),
            list: Source::new(file("/list.typ")?, include_str!("templates/list.typ").into()),
            insert: Source::new(file("/insert.typ")?, include_str!("templates/insert.typ").into()),
            receipt: Source::new(file("/receipt.typ")?, include_str!("templates/receipt.typ").into()),
            returned: Source::new(file("/returned.typ")?, include_str!("templates/returned.typ").into()),
            decision: Source::new(file("/decision.typ")?, include_str!("templates/decision.typ").into()),
            protocol: Source::new(file("/protocol.typ")?, include_str!("templates/protocol.typ").into()),
            transfer: Source::new(file("/transfer.typ")?, include_str!("templates/transfer.typ").into()),
            watermark: (file("/sandbox.svg")?, Bytes::from_string(include_str!("templates/sandbox.svg"))),
            data: file("/data.json")?,
            qr: file("/verification.svg")?,
            standards,
        })
    }

    /// Renders one document as PDF/A-2a and PDF/UA-1. Equal data give equal bytes, in any process. Takes milliseconds of
    /// one core, so it does not belong on an asynchronous thread.
    ///
    /// # Errors
    /// [`DocumentError::NotApplicable`] for facts of another matter; [`DocumentError::Unprintable`] for a character that the fonts lack; [`DocumentError::VerificationLink`],
    /// [`DocumentError::Template`] and [`DocumentError::Standard`] for faults of the settings or of the build.
    pub fn render(&self, data: &DocumentData) -> Result<Vec<u8>, DocumentError> {
        if !data.facts.matter.is_of(data.kind) {
            return Err(DocumentError::NotApplicable(data.kind));
        }
        let main = self.template(data.kind);
        self.check_letters(data)?;
        let no_form = |_| DocumentError::Setup("the data have no JSON form");
        let mut printed = serde_json::to_value(Printed { title: data.kind.title(), data }).map_err(no_form)?;
        self.replace_unprintable(&mut printed);
        self.lay_out(&Paper {
            main,
            data: serde_json::to_vec(&printed).map_err(no_form)?,
            verification: &data.verification,
            number: &data.number,
            issued_at: data.facts.issued_at,
        })
    }

    /// Compiles a template over its data and exports what comes of it.
    pub(super) fn lay_out(&self, paper: &Paper<'_>) -> Result<Vec<u8>, DocumentError> {
        let sheet = Sheet {
            renderer: self,
            main: paper.main,
            data: Bytes::new(paper.data.clone()),
            qr: Bytes::from_string(paper.verification.qr_svg()?),
        };
        let pdf = self.export(&sheet, paper);
        comemo::evict(CACHE_AGE);
        pdf
    }

    fn export(&self, sheet: &Sheet<'_>, paper: &Paper<'_>) -> Result<Vec<u8>, DocumentError> {
        let document = typst::compile(sheet)
            .output
            .map_err(|problems| DocumentError::Template { place: sheet.place(problems.first()) })?;
        let options = PdfOptions {
            ident: Smart::Custom(paper.number.to_owned()),
            creator: Smart::Custom(Some(CREATOR.to_owned())),
            timestamp: timestamp(paper.issued_at),
            standards: self.standards.clone(),
            ..PdfOptions::default()
        };
        typst_pdf::pdf(&document, &options).map_err(|problems| DocumentError::Standard { problems: problems.len() })
    }

    fn template(&self, kind: DocumentKind) -> &Source {
        match kind {
            DocumentKind::NoticeOfRegistration
            | DocumentKind::NoticeOfTemporaryRegistration
            | DocumentKind::CertificateOfRegistration
            | DocumentKind::NoticeOfDeregistration
            | DocumentKind::NoteOfDeregistration => &self.notice,
            DocumentKind::PassportInsert => &self.insert,
            DocumentKind::Receipt => &self.receipt,
            DocumentKind::ReturnNotice => &self.returned,
            DocumentKind::PreliminaryDecision | DocumentKind::Refusal => &self.decision,
            DocumentKind::HearingProtocol => &self.protocol,
            DocumentKind::TransferNotice => &self.transfer,
        }
    }

    /// PDF/A forbids a missing glyph; found here, it is reported with its field instead of as a fault of the whole document.
    fn check_letters(&self, data: &DocumentData) -> Result<(), DocumentError> {
        match data.indispensable().find(|(_, text)| !text.chars().all(|letter| self.shows(letter))) {
            Some((field, _)) => Err(DocumentError::Unprintable { field }),
            None => Ok(()),
        }
    }

    /// Elsewhere, as in the address of a hearing, a letter that no font has is shown as such: a person who is heard or refused
    /// gets the document in any case. The ends of lines stay.
    pub(super) fn replace_unprintable(&self, value: &mut serde_json::Value) {
        let is_printed = |letter| letter == '\n' || self.shows(letter);
        match value {
            serde_json::Value::String(text) if !text.chars().all(is_printed) => {
                *text = text.chars().map(|letter| if is_printed(letter) { letter } else { REPLACEMENT }).collect();
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(|item| self.replace_unprintable(item)),
            serde_json::Value::Object(fields) => fields.values_mut().for_each(|field| self.replace_unprintable(field)),
            _ => {}
        }
    }

    /// Whether the documents' fonts have the letter.
    fn shows(&self, letter: char) -> bool {
        self.letters.contains(&u32::from(letter))
    }
}

/// The letters that every font of the family has, or every font of the other one.
fn letters(fonts: &[Font]) -> HashSet<u32> {
    let of_family = |family| {
        let mut fonts = fonts.iter().filter(move |font| font.info().family.as_str() == family);
        let first: HashSet<u32> = fonts.next().map(|font| font.info().coverage.iter().collect()).unwrap_or_default();
        fonts.fold(first, |letters, font| {
            letters.into_iter().filter(|letter| font.info().coverage.contains(*letter)).collect()
        })
    };
    of_family(FAMILY).into_iter().chain(of_family(FALLBACK)).collect()
}

/// What goes onto one paper.
pub(super) struct Paper<'a> {
    /// The template.
    pub main: &'a Source,
    /// Its data as JSON.
    pub data: Vec<u8>,
    /// Where anyone checks it.
    pub verification: &'a VerificationLink,
    /// Its number, by which the PDF is identified.
    pub number: &'a str,
    /// Its date.
    pub issued_at: DateTime<FixedOffset>,
}

/// The JSON that templates read.
#[derive(Serialize)]
struct Printed<'a> {
    title: Text,
    #[serde(flatten)]
    data: &'a DocumentData,
}

/// What one compilation sees: the templates, the fonts, the data of one document, its QR code, and nothing else. There is no
/// file system, no package registry and no current date, so the bytes depend on the data alone.
struct Sheet<'a> {
    renderer: &'a Renderer,
    main: &'a Source,
    data: Bytes,
    qr: Bytes,
}

impl Sheet<'_> {
    /// File and line of a problem.
    fn place(&self, problem: Option<&SourceDiagnostic>) -> String {
        let Some(problem) = problem else { return "an unknown place".to_owned() };
        let (DiagSpanKind::Number { id, .. } | DiagSpanKind::Range { id, .. }) = problem.span.get() else {
            return "an unknown place".to_owned();
        };
        let line = self
            .range(problem.span)
            .zip(self.source(id).ok())
            .and_then(|(range, source)| source.lines().byte_to_line(range.start))
            .map_or(0, |line| line + 1);
        format!("{}:{line}", id.vpath().get_without_slash())
    }
}

impl World for Sheet<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.renderer.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.renderer.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        [self.main, &self.renderer.sheet]
            .into_iter()
            .find(|source| source.id() == id)
            .cloned()
            .ok_or_else(|| FileError::NotFound(id.vpath().get_without_slash().into()))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.renderer.data {
            Ok(self.data.clone())
        } else if id == self.renderer.qr {
            Ok(self.qr.clone())
        } else if id == self.renderer.watermark.0 {
            Ok(self.renderer.watermark.1.clone())
        } else {
            self.source(id).map(Bytes::from_string)
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.renderer.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn in_use(font: &FontInfo) -> bool {
    let is_italic = font.variant.style != FontStyle::Normal;
    let is_bold = font.variant.weight > FontWeight::REGULAR;
    match font.family.as_str() {
        FAMILY => !(is_italic && is_bold),
        FALLBACK => !is_italic,
        _ => false,
    }
}

fn file(path: &str) -> Result<FileId, DocumentError> {
    let path = VirtualPath::new(path).map_err(|_| DocumentError::Setup("a template has an impossible name"))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

/// The creation date of the PDF. `None` leaves it out, which typst does for years beyond its calendar.
fn timestamp(time: DateTime<FixedOffset>) -> Option<Timestamp> {
    let part = |value: u32| u8::try_from(value).ok();
    let local = Datetime::from_ymd_hms(
        time.year(),
        part(time.month())?,
        part(time.day())?,
        part(time.hour())?,
        part(time.minute())?,
        part(time.second())?,
    )?;
    Timestamp::new_local(local, time.offset().local_minus_utc() / 60)
}
