//! What use cases take and give: values of the domain, free of the wire and of the database.

mod documents;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::pki::trust::{EntryKind, Purpose};
use crate::registration::form::{ApplicationType, Kind, Relation};
use crate::registration::rules::Finding;
use crate::registration::state_register::RegisterAnswer;
use crate::registration::text::{Language, Text};
use crate::registration::{ApplicationState, DeregistrationGround, RegistrationState};
use crate::signature::ValidationReport;

pub use documents::{DocumentStatus, DocumentVerification, DocumentView, PresentedDocument, Sameness, VerifiedKind};

/// The calling system, as the use cases see it. A person never is a caller: a person acts by signing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Identifier from the table of callers.
    pub id: String,
    /// Whose resources it may see.
    pub scope: Scope,
}

/// Whose resources a caller may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Those that it filed itself.
    Own,
    /// Those of one mission, by its code.
    Mission(String),
    /// All.
    All,
}

/// A signed application as it arrived.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Makes a repeated call recognisable.
    pub request_id: Option<String>,
    /// Only say what would be found.
    pub validate_only: bool,
    /// The signed form.
    pub signed: Signed,
}

/// A signed form.
#[derive(Debug, Clone)]
pub enum Signed {
    /// CMS SignedData with the content inside.
    Attached(Vec<u8>),
    /// Content and CMS SignedData apart.
    Detached {
        /// The content as it was signed.
        content: Vec<u8>,
        /// The CMS SignedData.
        signature: Vec<u8>,
    },
}

/// An application as its caller sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationView {
    /// Absent for `validate_only`.
    pub id: Option<Uuid>,
    /// From the form.
    pub application_id: Uuid,
    /// Revision of the form.
    pub revision: u32,
    /// Absent for `validate_only`.
    pub number: Option<String>,
    /// Absent for `validate_only`.
    pub state: Option<ApplicationState>,
    /// What is applied for.
    pub application_type: ApplicationType,
    /// Kind of stay.
    pub kind: Kind,
    /// By portal or at a mission.
    pub channel: crate::registration::rules::Channel,
    /// Code of the mission.
    pub mission: String,
    /// The applicant's language.
    pub language: Language,
    /// Identifier of the system that filed it.
    pub submitted_by: String,
    /// When it was accepted.
    pub accept_time: Option<DateTime<Utc>>,
    /// End of the legal term.
    pub due_time: Option<DateTime<Utc>>,
    /// When the procedure ended.
    pub complete_time: Option<DateTime<Utc>>,
    /// Report on its signature.
    pub report: Uuid,
    /// What the rules found.
    pub findings: Vec<Finding>,
    /// What is awaited next; nothing once the procedure has ended.
    pub awaited: Option<Awaited>,
    /// The refusal that is intended, or was decided.
    pub refusal: Option<RefusalView>,
    /// What state registers answered about the present form.
    pub register_answers: Vec<RegisterAnswerView>,
    /// The registration that came of it.
    pub registration: Option<Uuid>,
    /// Version, from 1.
    pub version: i64,
    /// When it last changed.
    pub update_time: Option<DateTime<Utc>>,
}

/// What a procedure waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaited {
    /// What, as a sentence.
    pub text: Text,
    /// From whom.
    pub from: AwaitedFrom,
    /// Until when.
    pub until: Option<DateTime<Utc>>,
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AwaitedFrom {
    /// The applicant's.
    Applicant,
    /// An officer's of the mission.
    Mission,
    /// This service's.
    Service,
    /// A state register's, which keeps silent and is asked again.
    Register,
}

/// A refusal that is intended or was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalView {
    /// The ground, by its name in the list.
    pub ground: String,
    /// The ground and the officer's reasons.
    pub reason: Text,
    /// Where to complain about it.
    pub appeal: Text,
    /// When the applicant is or was to be heard.
    pub hearing_time: Option<DateTime<Utc>>,
    /// Where.
    pub hearing_place: Option<String>,
    /// Until when the applicant may object.
    pub objection_until: Option<DateTime<Utc>>,
    /// Whether the objection convinced; absent until heard.
    pub objection_upheld: Option<bool>,
}

/// An answer of a state register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterAnswerView {
    /// The answer.
    pub answer: RegisterAnswer,
    /// SHA-256 of the evidence that keeps question and answer, hexadecimal.
    pub evidence: String,
}

/// One step of a watched application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationChange {
    /// The application as it is now.
    pub application: ApplicationView,
    /// Name of the event; absent for the state found at the start.
    pub event: Option<String>,
    /// When it happened.
    pub time: DateTime<Utc>,
    /// Go on after this step.
    pub resume_token: String,
}

/// A registration as its caller sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationView {
    /// Identifier.
    pub id: Uuid,
    /// Number in the register.
    pub number: String,
    /// Kind of stay.
    pub kind: Kind,
    /// Whether it is in force.
    pub state: RegistrationState,
    /// Code of the mission.
    pub mission: String,
    /// The application it came of.
    pub application: Uuid,
    /// When it was made.
    pub register_time: DateTime<Utc>,
    /// Last day of a temporary stay.
    pub valid_until: Option<NaiveDate>,
    /// The latest version of the card, from 1.
    pub card_version: u32,
    /// Why it was removed from the register.
    pub ground: Option<DeregistrationGround>,
    /// When it ended.
    pub close_time: Option<DateTime<Utc>>,
    /// The family members on the card whose own registration can be found; looked up for one registration only.
    pub family: Vec<FamilyMemberView>,
    /// Version, from 1.
    pub version: i64,
}

/// A family member as the registration of another one shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FamilyMemberView {
    /// What the person is to the citizen.
    pub relation: Relation,
    /// Number of the person's own registration.
    pub number: String,
    /// The registration, where both cards name each other.
    pub registration: Option<Uuid>,
    /// Whether it is in force, where both cards name each other.
    pub state: Option<RegistrationState>,
}

/// Which applications a list wants; what is absent is not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApplicationQuery {
    /// Any of these states; none means all.
    pub states: Vec<ApplicationState>,
    /// Code of the mission.
    pub mission: Option<String>,
    /// Number.
    pub number: Option<String>,
}

/// Which registrations a list wants; what is absent is not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegistrationQuery {
    /// Code of the mission.
    pub mission: Option<String>,
    /// State.
    pub state: Option<RegistrationState>,
    /// Kind of stay.
    pub kind: Option<Kind>,
    /// Number.
    pub number: Option<String>,
}

/// One step in the life of a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationChange {
    /// Name of the event, such as `registration.extended`.
    pub event: String,
    /// When.
    pub time: DateTime<Utc>,
    /// `policy`, `term`, or the SHA-256 of the certificate of the officer who acted.
    pub actor: String,
    /// The application that it came of.
    pub application: Option<Uuid>,
    /// The report on the signature of the officer's act that it came of.
    pub report: Option<Uuid>,
    /// Version of the card after it.
    pub card_version: Option<u32>,
    /// On what ground the registration ended.
    pub ground: Option<DeregistrationGround>,
}

/// A notification in the applicant's personal account, or in a mission's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationView {
    /// Identifier.
    pub id: Uuid,
    /// The application it is about.
    pub application: Uuid,
    /// What it tells, for example `APPLICATION_COMPLETED`.
    pub kind: String,
    /// Whom it is for.
    pub audience: crate::registration::event::Audience,
    /// Its language.
    pub language: Language,
    /// One line.
    pub subject: String,
    /// The text.
    pub body: String,
    /// When it was written.
    pub create_time: DateTime<Utc>,
    /// The crisis that it asks about.
    pub crisis: Option<Uuid>,
    /// When the reader acknowledged it.
    pub acknowledge_time: Option<DateTime<Utc>>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// At most so many.
    pub size: u32,
    /// Where the former page ended.
    pub token: Option<String>,
}

/// One page's items and where the next page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paged<T> {
    /// The items.
    pub items: Vec<T>,
    /// Absent when there is no more.
    pub next: Option<String>,
}

/// A signature to judge, from a calling system.
#[derive(Debug, Clone)]
pub struct ValidationRequest {
    /// CMS SignedData.
    pub signature: Vec<u8>,
    /// The content, when the signature is detached.
    pub content: Option<Vec<u8>>,
    /// Further certificates, DER.
    pub certificates: Vec<Vec<u8>>,
    /// OCSP responses, DER.
    pub ocsps: Vec<Vec<u8>>,
    /// Judge at this time.
    pub validation_time: Option<DateTime<Utc>>,
    /// Identifier of the policy; empty: the national one.
    pub policy: String,
}

/// A validation report and its name.
#[derive(Debug, Clone)]
pub struct StoredReport {
    /// Identifier.
    pub id: Uuid,
    /// The report.
    pub report: ValidationReport,
    /// The report as it is stored.
    pub canonical_json: String,
}

/// A certificate to be taken into the trust store.
#[derive(Debug, Clone)]
pub struct TrustImport {
    /// One certificate, DER or PEM.
    pub certificate: Vec<u8>,
    /// Anchor or intermediate.
    pub kind: EntryKind,
    /// What for.
    pub purposes: Vec<Purpose>,
    /// Trusted from.
    pub trusted_from: Option<DateTime<Utc>>,
    /// Trusted until.
    pub trusted_until: Option<DateTime<Utc>>,
    /// Why, for the journal.
    pub note: String,
}

/// A change of one trust entry.
#[derive(Debug, Clone)]
pub struct TrustChange {
    /// SHA-256 of the entry's certificate.
    pub sha256: [u8; 32],
    /// The version that the decision was made on.
    pub etag: String,
    /// For an activation: a certificate that has to validate afterwards.
    pub sample_certificate: Option<Vec<u8>>,
    /// Why, for the journal.
    pub note: String,
}

/// An entry of the trust store as administrators see it.
#[derive(Debug, Clone)]
pub struct TrustEntryView {
    /// The entry as validations use it.
    pub entry: crate::pki::trust::TrustEntry,
    /// Version, from 1.
    pub version: i64,
    /// When it last changed.
    pub update_time: DateTime<Utc>,
}

/// A revocation list as administrators see it.
#[derive(Debug, Clone)]
pub struct CrlView {
    /// The list as validations use it.
    pub list: std::sync::Arc<crate::pki::CertificateRevocationList>,
    /// The purposes of its issuer.
    pub purposes: Vec<Purpose>,
    /// Past its nextUpdate.
    pub stale: bool,
}

/// The trust store as administrators see it.
#[derive(Debug, Clone)]
pub struct TrustStoreView {
    /// Grows by one with every change.
    pub revision: u64,
    /// SHA-256 of the canonical listing.
    pub digest: [u8; 32],
    /// All entries.
    pub entries: Vec<TrustEntryView>,
    /// All revocation lists.
    pub crls: Vec<CrlView>,
}
