//! Electronic documents, and what anybody may learn of one.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::registration::document::DocumentKind;
use crate::registration::list::ListKind;
use crate::registration::text::Text;

/// An issued electronic document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentView {
    /// Identifier.
    pub id: Uuid,
    /// The application it belongs to.
    pub application: Uuid,
    /// What it is.
    pub kind: DocumentKind,
    /// Version, from 1.
    pub version: u32,
    /// Its number.
    pub number: String,
    /// When it was issued.
    pub issue_time: DateTime<Utc>,
    /// Octets of the PDF; absent until a document that is made on demand is first asked for.
    pub size: Option<u64>,
    /// SHA-256 of the PDF; absent likewise.
    pub sha256: Option<[u8; 32]>,
}

/// A document that somebody has at hand and wants verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentedDocument {
    /// The number printed on it; not looked at where there is an address.
    pub number: String,
    /// The address in its QR code.
    pub address: Option<String>,
    /// SHA-256 of the PDF.
    pub sha256: Option<[u8; 32]>,
}

/// What anybody may learn about an issued document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentVerification {
    /// Its number.
    pub number: String,
    /// What it is.
    pub kind: VerifiedKind,
    /// Its title.
    pub title: Text,
    /// Whether what it says still holds.
    pub status: DocumentStatus,
    /// Whether the PDF at hand is the one that was issued.
    pub sameness: Sameness,
    /// The citizen's name but for the first letters; empty where there is no one citizen.
    pub holder: String,
    /// Code of the mission that issued it.
    pub mission: String,
    /// Name of that mission.
    pub mission_name: Text,
    /// When it was issued.
    pub issue_time: DateTime<Utc>,
    /// First day of the registration that it speaks of.
    pub registered_on: Option<NaiveDate>,
    /// Last day of that registration, as printed.
    pub valid_until: Option<NaiveDate>,
}

/// What was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerifiedKind {
    /// A document issued to a citizen or about a step of the procedure.
    Issued(DocumentKind),
    /// A list on sealed sheets, or a volume of one.
    List(ListKind),
}

/// Whether what a document says still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentStatus {
    /// It does.
    Valid,
    /// The stay that it speaks of is over and was not extended.
    Expired,
    /// The registration that it speaks of has ended.
    Ended,
    /// The registration that it speaks of was annulled.
    Annulled,
}

/// Whether bytes are those that were issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sameness {
    /// Nobody asked.
    NotAsked,
    /// Byte for byte.
    Same,
    /// Altered, added to, or another document.
    Differs,
    /// No copy is kept to compare with.
    NotKept,
}
