//! The application form: what an applicant fills in and signs.
//!
//! Version 1 is this service's own design after the forms of sister states, since the printed forms of the Rules could not be
//! read; it asks for nothing beyond the registration card, the consent and, for permanent residence, the departure decision. What
//! an applicant may leave out and mend later is optional here and judged by the deficiency rules; what is written must be well formed.

mod attachments;
mod card;
mod deregistration;
mod header;
mod life;
mod presented;

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

pub use attachments::{Consent, ConsentPeriod, Evidence, EvidenceKind, Proof, Representative, RepresentativeKind};
pub use card::{
    Address, Card, CyrillicFullName, DepartureDecision, DocumentType, Identity, IdentityDocument, LatinFullName,
    MaritalStatus, Purpose, Stay,
};
pub use deregistration::Deregistration;
pub use header::{header_violations, unknown_mission};
pub use life::{ContactPerson, Contacts, FamilyMember, Life, Occupation, Relation};
pub use presented::presented;

use super::record::DeregistrationGround;
use super::strict::{FieldViolation, Strict, ViolationCode, read};
use super::text::{Language, Text};
use super::value::{Digest, Line, MissionCode};

/// Value of `form` in every application form.
pub const FORM_NAME: &str = "consular-registration-application";

/// The version of the form that this service reads.
pub const FORM_VERSION: u32 = 1;

/// Audience of forms for the production service.
pub const PRODUCTION_AUDIENCE: &str = "kz.consular-registration";

/// Audience of forms for trying and testing.
pub const SANDBOX_AUDIENCE: &str = "kz.consular-registration.sandbox";

/// Application for consular registration of a citizen of Kazakhstan abroad, version 1. Signed as a whole with the applicant's
/// electronic digital signature; every field counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationForm {
    /// Name of this form, so that a signature for one purpose cannot serve another.
    #[schemars(extend("const" = FORM_NAME))]
    pub form: Line,
    /// Version of this form.
    #[schemars(extend("const" = FORM_VERSION))]
    pub version: u32,
    /// The service the form was signed for.
    pub audience: Line,
    /// The application's identity, chosen by the applicant's system; with revision 1 it must be new.
    pub application_id: Uuid,
    /// 1 for the first form of an application; one more for each form that mends it.
    #[schemars(range(min = 1, max = 1000))]
    pub revision: u32,
    /// SHA-256 of the signed content of the revision before; absent in revision 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_digest: Option<Digest>,
    /// When the form was made.
    pub issued_at: DateTime<Utc>,
    /// Until when it may be filed for the first time; at most 90 days after it was made.
    pub expires_at: DateTime<Utc>,
    /// The language to answer the applicant in.
    pub language: Language,
    /// What is applied for.
    #[serde(rename = "type")]
    pub application_type: ApplicationType,
    /// Permanent or temporary residence.
    pub kind: Kind,
    /// The mission applied to.
    pub mission: MissionCode,
    /// The citizen whom the application is about.
    pub applicant: Applicant,
    /// The registration card.
    pub card: Card,
    /// Consent to collecting and processing personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// Who acts for the applicant, when the applicant is a minor or incapable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub representative: Option<Representative>,
    /// Why the citizen is to be removed from the register; with type DEREGISTER only, and only where it is not the own wish.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deregistration: Option<Deregistration>,
    /// Documents that go with the application, by their digests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    pub evidence: Vec<Evidence>,
}

/// The citizen whom an application is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Applicant {
    /// Individual identification number: twelve digits. Judged by the rules, not by the syntax.
    pub iin: Line,
}

/// What is applied for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ApplicationType {
    /// Registration.
    Register,
    /// Change of the card.
    Change,
    /// Extension of a temporary stay.
    Extend,
    /// Transfer to another mission.
    Transfer,
    /// Removal from the register.
    Deregister,
    /// A certificate of registration.
    Certificate,
}

impl ApplicationForm {
    /// The ground on which removal from the register is applied for; the own wish unless another one is claimed.
    pub fn deregistration_ground(&self) -> DeregistrationGround {
        self.deregistration.as_ref().map_or(DeregistrationGround::OwnApplication, |claimed| claimed.ground)
    }
}

impl ApplicationType {
    /// Every type.
    pub const ALL: [Self; 6] =
        [Self::Register, Self::Change, Self::Extend, Self::Transfer, Self::Deregister, Self::Certificate];

    /// The type of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|application_type| application_type.as_str() == name)
    }

    /// Whether it is about a registration that exists already.
    pub const fn needs_registration(self) -> bool {
        !matches!(self, Self::Register)
    }

    /// Whether the card of the form becomes the card in the register; it has to be complete then.
    pub const fn writes_card(self) -> bool {
        matches!(self, Self::Register | Self::Change | Self::Extend | Self::Transfer)
    }

    /// As written in the form, such as `REGISTER`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Register => "REGISTER",
            Self::Change => "CHANGE",
            Self::Extend => "EXTEND",
            Self::Transfer => "TRANSFER",
            Self::Deregister => "DEREGISTER",
            Self::Certificate => "CERTIFICATE",
        }
    }
}

/// Kind of registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// The citizen left for permanent residence, with the decision of the internal-affairs bodies on departure.
    Permanent,
    /// The citizen stays abroad for a time: study, work, treatment, a journey.
    Temporary,
}

impl Kind {
    /// As written in the form: `PERMANENT` or `TEMPORARY`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Permanent => "PERMANENT",
            Self::Temporary => "TEMPORARY",
        }
    }

    /// In words.
    pub const fn text(self) -> Text {
        match self {
            Self::Permanent => Text::fixed("тұрақты", "постоянный", "permanent"),
            Self::Temporary => Text::fixed("уақытша", "временный", "temporary"),
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Permanent, Self::Temporary].into_iter().find(|kind| kind.as_str() == name)
    }
}

static READER: LazyLock<Strict<ApplicationForm>> = LazyLock::new(Strict::new);

/// Reads an application form from the signed bytes.
///
/// # Errors
/// Every violation that can be told at once, each naming its field. A document for another form or of another version is told
/// only that: its other fields follow other rules.
pub fn decode(content: &[u8]) -> Result<ApplicationForm, Vec<FieldViolation>> {
    let (tree, violations) = read(content);
    let Some(tree) = tree else { return Err(violations) };
    let foreign = header::foreign(&tree);
    if !foreign.is_empty() {
        return Err(foreign);
    }
    let form = READER.judge(tree, violations)?;
    let violations = contradictions(&form);
    if violations.is_empty() { Ok(form) } else { Err(violations) }
}

/// The JSON Schema (draft 2020-12) of the application form.
pub fn schema() -> Value {
    READER.schema().clone()
}

/// What the schema cannot say.
fn contradictions(form: &ApplicationForm) -> Vec<FieldViolation> {
    let mut violations = Vec::new();
    let mut contradicts = |field: &str, description| {
        violations.push(FieldViolation::worded(field, ViolationCode::Inconsistent, description));
    };
    if form.deregistration.is_some() && form.application_type != ApplicationType::Deregister {
        let description = Text::fixed(
            "Тек DEREGISTER түріндегі өтініште болады.",
            "Бывает только в заявлении типа DEREGISTER.",
            "goes with type DEREGISTER only",
        );
        contradicts("deregistration", description);
    }
    if (form.revision == 1) != form.previous_digest.is_none() {
        let description = Text::fixed(
            "Нысанның нөмірі (revision) 1 болмағанда ғана көрсетіледі.",
            "Указывается тогда и только тогда, когда номер редакции (revision) не 1.",
            "must be present exactly when the revision is not 1",
        );
        contradicts("previous_digest", description);
    }
    if form.expires_at <= form.issued_at {
        let description = Text::fixed(
            "issued_at уақытынан кеш болуы тиіс.",
            "Должно быть позже issued_at.",
            "must be later than issued_at",
        );
        contradicts("expires_at", description);
    }
    violations
}
