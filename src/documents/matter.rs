//! What each kind of document is about. Kept sealed from the step that it tells of until it is made, so that it says what was known then,
//! whatever happened since.

use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::registration::document::DocumentKind;
use crate::registration::form::ApplicationType;
use crate::registration::rules::Channel;
use crate::registration::{Kind, Text};

/// What a document is about. Times are in the local time of the mission, days by its calendar. `Debug` shows the variant only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Matter {
    /// A registration: notices, certificate, insert to the passport, note of removal.
    Registration(RegistrationMatter),
    /// An application that was accepted: its receipt.
    Acceptance(Acceptance),
    /// An application that was returned.
    Return(Return),
    /// A refusal that is announced.
    PreliminaryDecision(PreliminaryDecision),
    /// A hearing that was held.
    Hearing(Hearing),
    /// A refusal.
    Refusal(Refusal),
    /// A registration elsewhere.
    Transfer(Transfer),
}

impl Matter {
    /// Whether a document of that kind is about such a matter.
    pub(super) const fn is_of(&self, kind: DocumentKind) -> bool {
        match kind {
            DocumentKind::NoticeOfRegistration
            | DocumentKind::NoticeOfTemporaryRegistration
            | DocumentKind::CertificateOfRegistration
            | DocumentKind::PassportInsert
            | DocumentKind::NoticeOfDeregistration
            | DocumentKind::NoteOfDeregistration => matches!(self, Self::Registration(_)),
            DocumentKind::Receipt => matches!(self, Self::Acceptance(_)),
            DocumentKind::ReturnNotice => matches!(self, Self::Return(_)),
            DocumentKind::PreliminaryDecision => matches!(self, Self::PreliminaryDecision(_)),
            DocumentKind::HearingProtocol => matches!(self, Self::Hearing(_)),
            DocumentKind::Refusal => matches!(self, Self::Refusal(_)),
            DocumentKind::TransferNotice => matches!(self, Self::Transfer(_)),
        }
    }
}

impl fmt::Debug for Matter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Registration(_) => "Registration(not shown)",
            Self::Acceptance(_) => "Acceptance(not shown)",
            Self::Return(_) => "Return(not shown)",
            Self::PreliminaryDecision(_) => "PreliminaryDecision(not shown)",
            Self::Hearing(_) => "Hearing(not shown)",
            Self::Refusal(_) => "Refusal(not shown)",
            Self::Transfer(_) => "Transfer(not shown)",
        })
    }
}

/// A registration as the register has it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationMatter {
    /// Number of the registration in the register.
    pub registration: String,
    /// First day of the registration.
    pub registered_on: NaiveDate,
    /// Permanent or temporary.
    pub kind: Kind,
    /// Last day of the registration; a permanent one has none and holds until the citizen is de-registered.
    pub valid_until: Option<NaiveDate>,
    /// Number of the passport, which an insert belongs to.
    pub passport: Option<String>,
    /// How the registration ended, on a notice or note of de-registration only.
    pub removal: Option<Removal>,
}

/// The end of a registration.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// The day.
    pub on: NaiveDate,
    /// On what ground.
    pub ground: Text,
}

/// An accepted application.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// What was applied for.
    pub application_type: ApplicationType,
    /// Permanent or temporary.
    pub kind: Kind,
    /// Through the portal or at a mission.
    pub channel: Channel,
    /// What was presented, a line each.
    pub presented: Vec<Text>,
    /// The officer who took it in, at a mission only.
    pub officer: Option<String>,
    /// When the term for the decision ends.
    pub due_at: DateTime<FixedOffset>,
}

/// A returned application.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    /// Number of the application.
    pub application: String,
    /// What has to be mended, at least one.
    pub remarks: Vec<FieldRemark>,
    /// Until when: the term for the decision runs on.
    pub due_at: DateTime<FixedOffset>,
    /// The officer who returned it; none when the rules did.
    pub officer: Option<String>,
}

/// One thing to mend.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldRemark {
    /// Path of the field in the form, such as `card.stay.until`.
    pub field: String,
    /// What is wrong there.
    pub text: Text,
}

/// On which ground an application is refused, and why.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grounds {
    /// The ground, as the law lists it.
    pub ground: Text,
    /// The facts and reasons, in Kazakh, as the officer wrote them.
    pub reason_kk: String,
    /// The same in Russian.
    pub reason_ru: String,
    /// The acts it rests on.
    pub law: Vec<Text>,
}

/// A refusal that is announced, with the invitation to be heard.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreliminaryDecision {
    /// Number of the application.
    pub application: String,
    /// Ground and reasons.
    pub grounds: Grounds,
    /// When the applicant is heard.
    pub hearing_at: DateTime<FixedOffset>,
    /// Where, or by which means.
    pub place: String,
    /// Until when the applicant may object.
    pub objection_until: DateTime<FixedOffset>,
    /// The officer who announced it.
    pub officer: Option<String>,
}

/// A hearing, by the items of its protocol.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hearing {
    /// Number of the application.
    pub application: String,
    /// Where it was held.
    pub place: String,
    /// When it began.
    pub begin: DateTime<FixedOffset>,
    /// When it ended.
    pub end: DateTime<FixedOffset>,
    /// The administrative body.
    pub body: String,
    /// The official who chaired.
    pub official: String,
    /// The secretary.
    pub secretary: String,
    /// Who was heard.
    pub participant: String,
    /// The question considered.
    pub question: String,
    /// What was explained and objected.
    pub explanations: String,
    /// Whether the one who chaired signed.
    pub signed_by_chair: bool,
    /// Whether the secretary signed.
    pub signed_by_secretary: bool,
}

/// A refusal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Number of the application.
    pub application: String,
    /// Ground and reasons.
    pub grounds: Grounds,
    /// When it was announced, if it was.
    pub announced_at: Option<DateTime<FixedOffset>>,
    /// When the applicant was heard; none when nobody objected.
    pub heard_at: Option<DateTime<FixedOffset>>,
    /// Where to appeal.
    pub appeal: Text,
    /// The officer who decided.
    pub officer: Option<String>,
}

/// A citizen of the former mission's register, registered elsewhere now.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// The mission that kept the registration.
    pub former_mission: Text,
    /// Number of the registration there.
    pub former_registration: String,
    /// Number of the new registration.
    pub registration: String,
    /// First day of the new registration.
    pub registered_on: NaiveDate,
    /// Permanent or temporary.
    pub kind: Kind,
}
