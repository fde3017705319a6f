//! The electronic documents that the service issues: what stands in them, how they look, how they are sealed and checked.
//!
//! Lives here: the data a document is made of, the typst templates, the renderer
//! (PDF/A-2a, ISO 19005-2, together with PDF/UA-1, ISO 14289-1), the QR code (ISO/IEC 18004) and the port of the electronic
//! seal (a detached CMS, RFC 5652). May not live here: the database, the law's choice of the document (`registration::document`), the
//! allocation of numbers, the time (it is an argument) and async. Rendering takes milliseconds of one core: callers keep it off their
//! asynchronous threads.
//!
//! Kazakh and Russian stand on one sheet as the Rules of consular registration want it (order of 14.06.2016 № 11-1-2/263);
//! English is added for the authorities of the country of stay.
//!
//! What a document says ([`DocumentFacts`]) is fixed when its number is reserved; making it is separate and may be repeated.

mod data;
mod list;
mod matter;
mod render;
mod seal;
mod verification;

pub use data::{DocumentData, DocumentFacts, EmergencyContacts, Holder, IssuingMission};
pub use list::{Cell, Column, Fact, ListHeader, ListVolume, moment};
pub use matter::{
    Acceptance, FieldRemark, Grounds, Hearing, Matter, PreliminaryDecision, Refusal, RegistrationMatter, Removal,
    Return, Transfer,
};
pub use render::Renderer;
pub use seal::{KeySeal, Seal, check_digest, sha256_hex};
pub use verification::VerificationLink;

use crate::registration::document::DocumentKind;

/// Why a document could not be made or may not be handed out. Says nothing about the person it is for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// The facts are of another matter than a document of that kind is about.
    #[error("DOCUMENT_NOT_APPLICABLE: {} is about another matter", .0.as_str())]
    NotApplicable(DocumentKind),
    /// The verification address does not begin with `http://` or `https://`, or is too long for a QR code that a
    /// telephone reads from paper.
    #[error("the verification address cannot be printed: {0}")]
    VerificationLink(&'static str),
    /// The data hold a character that none of the document fonts can show; which one is personal data.
    #[error("the field {field} has a character that the document fonts cannot show")]
    Unprintable {
        /// Path of the field in [`DocumentData`].
        field: &'static str,
    },
    /// A template does not compile. The place is named, the message is not: it may quote personal data.
    #[error("the template fails at {place}")]
    Template {
        /// File and line.
        place: String,
    },
    /// The laid-out document does not meet PDF/A-2a or PDF/UA-1.
    #[error("the document does not meet its PDF standards: {problems} problems")]
    Standard {
        /// How many.
        problems: usize,
    },
    /// The renderer's own parts do not fit together: a fault of the build.
    #[error("the renderer cannot be set up: {0}")]
    Setup(&'static str),
    /// The seal could not be made.
    #[error("the document could not be sealed: {0}")]
    Seal(#[from] crate::cms::SignError),
    /// The bytes are not those that were issued.
    #[error("the document differs from the one that was issued")]
    Altered,
}
