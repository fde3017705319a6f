//! A person's act: the small JSON document that an officer, or an applicant who withdraws, signs with the own EDS.
//!
//! Who acts, for which mission and in what role comes from the certificate that verified and from the officer table; the
//! document says only what is done to what.

mod meaning;

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::crisis::{CrisisArea, WalkIn};
use super::document::DocumentKind;
use super::election::Election;
use super::form::{EvidenceKind, Proof};
use super::hearing::{Grounds, HearingNotice, Protocol};
use super::record::DeregistrationGround;
use super::sentence::Sentence;
use super::strict::{FieldViolation, Strict};
use super::text::Text;
use super::value::{Line, MissionCode};

pub use meaning::Act;

/// An officer's act, as signed. `subject` and `etag` bind it to one state of one resource, so that it can neither be used twice
/// nor against what the officer did not see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OfficerAct {
    /// What is done.
    pub act: ActName,
    /// Resource name of what it is done to, such as `applications/0192…`.
    pub subject: Line,
    /// The resource's etag as the officer saw it.
    pub etag: Line,
    /// The decision.
    pub decision: ActDecision,
    /// When the officer acted.
    pub time: DateTime<Utc>,
}

/// What a person does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ActName {
    /// Verifies one piece of evidence; the decision names it and the result.
    VerifyEvidence,
    /// Approves the application.
    Approve,
    /// Takes the application up.
    Claim,
    /// Returns the application to the applicant; the decision has the remarks.
    Return,
    /// Announces that the application is going to be refused; the decision has the ground, the reasons and the hearing.
    PreliminaryRefusal,
    /// Records the hearing; the decision has its protocol.
    RecordHearing,
    /// Refuses the application; the decision has the ground and the reasons.
    Refuse,
    /// Passes the application on to another mission; the decision names it.
    Forward,
    /// Takes the application back: the applicant's own act.
    Withdraw,
    /// Removes a citizen from the register; the decision names the ground.
    Deregister,
    /// Annuls a registration that should not have been made.
    Annul,
    /// Opens a crisis; the decision has the area.
    OpenCrisis,
    /// Tells everybody on the roll of a crisis something; the decision has the message.
    BroadcastCrisis,
    /// Records that a person in a crisis is safe or needs help.
    RecordCrisisReply,
    /// Closes a crisis.
    CloseCrisis,
    /// Announces an election at the officer's mission; the decision has it.
    AnnounceElection,
    /// Withdraws the consent to processing personal data: the applicant's own act.
    WithdrawConsent,
}

impl ActName {
    /// As written, such as `VERIFY_EVIDENCE`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEvidence => "VERIFY_EVIDENCE",
            Self::Approve => "APPROVE",
            Self::Claim => "CLAIM",
            Self::Return => "RETURN",
            Self::PreliminaryRefusal => "PRELIMINARY_REFUSAL",
            Self::RecordHearing => "RECORD_HEARING",
            Self::Refuse => "REFUSE",
            Self::Forward => "FORWARD",
            Self::Withdraw => "WITHDRAW",
            Self::Deregister => "DEREGISTER",
            Self::Annul => "ANNUL",
            Self::OpenCrisis => "OPEN_CRISIS",
            Self::BroadcastCrisis => "BROADCAST_CRISIS",
            Self::RecordCrisisReply => "RECORD_CRISIS_REPLY",
            Self::CloseCrisis => "CLOSE_CRISIS",
            Self::AnnounceElection => "ANNOUNCE_ELECTION",
            Self::WithdrawConsent => "WITHDRAW_CONSENT",
        }
    }

    /// The results that a decision of this act may have.
    pub const fn results(self) -> &'static [ActResult] {
        match self {
            Self::VerifyEvidence => &[ActResult::Verified, ActResult::Refuted],
            Self::Approve => &[ActResult::Approved],
            Self::Claim => &[ActResult::Claimed],
            Self::Return => &[ActResult::Returned],
            Self::PreliminaryRefusal => &[ActResult::RefusalIntended],
            Self::RecordHearing => &[ActResult::ObjectionUpheld, ActResult::ObjectionDismissed],
            Self::Refuse => &[ActResult::Refused],
            Self::Forward => &[ActResult::Forwarded],
            Self::Withdraw => &[ActResult::Withdrawn],
            Self::Deregister => &[ActResult::Deregistered],
            Self::Annul => &[ActResult::Annulled],
            Self::OpenCrisis => &[ActResult::CrisisOpened],
            Self::BroadcastCrisis => &[ActResult::Broadcast],
            Self::RecordCrisisReply => &[ActResult::Safe, ActResult::NeedHelp],
            Self::CloseCrisis => &[ActResult::CrisisClosed],
            Self::AnnounceElection => &[ActResult::ElectionAnnounced],
            Self::WithdrawConsent => &[ActResult::ConsentWithdrawn],
        }
    }
}

/// The decision within an act. Each act has its own fields beside `result` and `note`, and no others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActDecision {
    /// What was decided.
    pub result: ActResult,
    /// VERIFY_EVIDENCE: which evidence was verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceKind>,
    /// RETURN: what has to be mended, in Kazakh and Russian.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 50))]
    pub remarks: Option<Vec<OfficerRemark>>,
    /// PRELIMINARY_REFUSAL, REFUSE: on which ground and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grounds: Option<Grounds>,
    /// PRELIMINARY_REFUSAL: where and when the applicant is heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hearing: Option<HearingNotice>,
    /// RECORD_HEARING: the protocol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
    /// FORWARD: the mission that is competent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mission: Option<MissionCode>,
    /// DEREGISTER: on what ground.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<DeregistrationGround>,
    /// DEREGISTER: the document that shows the ground, where it needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// OPEN_CRISIS: what has happened and where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crisis: Option<CrisisArea>,
    /// BROADCAST_CRISIS: what everybody is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Sentence>,
    /// RECORD_CRISIS_REPLY: who it is about, for somebody who is not on the roll.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub walk_in: Option<WalkIn>,
    /// RECORD_CRISIS_REPLY: whether it holds for the family members on the citizen's card too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub includes_family: Option<bool>,
    /// ANNOUNCE_ELECTION: what is voted on and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub election: Option<Election>,
    /// ANNUL: why the registration should not have been made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<AnnulmentReason>,
    /// APPROVE: the document that the mission is about to give, where the officer names it; it has to be the one that fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentKind>,
    /// A note of the person who acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Line>,
}

/// One thing that an officer wants mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OfficerRemark {
    /// Path of the field in the form, such as `card.stay.until`.
    pub field: Line,
    /// What is wrong, in Kazakh.
    pub kk: Line,
    /// What is wrong, in Russian.
    pub ru: Line,
    /// What is wrong, in English; otherwise the Russian text is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<Line>,
}

/// Why a registration is void; told to the citizen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnulmentReason {
    /// In Kazakh.
    pub kk: Line,
    /// In Russian.
    pub ru: Line,
}

impl AnnulmentReason {
    /// The reason for whoever reads it; English readers get it in Russian.
    pub fn text(&self) -> Text {
        Text::composed(self.kk.to_string(), self.ru.to_string(), self.ru.to_string())
    }
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ActResult {
    /// VERIFY_EVIDENCE: the evidence is true.
    Verified,
    /// VERIFY_EVIDENCE: the evidence is not true.
    Refuted,
    /// APPROVE: the application is approved.
    Approved,
    /// CLAIM: the officer examines it.
    Claimed,
    /// RETURN: the applicant has to mend it.
    Returned,
    /// PRELIMINARY_REFUSAL: it is going to be refused.
    RefusalIntended,
    /// RECORD_HEARING: what the applicant said convinced.
    ObjectionUpheld,
    /// RECORD_HEARING: what the applicant said did not convince.
    ObjectionDismissed,
    /// REFUSE: it is refused.
    Refused,
    /// FORWARD: another mission goes on with it.
    Forwarded,
    /// WITHDRAW: the applicant takes it back.
    Withdrawn,
    /// DEREGISTER: the citizen is removed from the register.
    Deregistered,
    /// ANNUL: the registration is void.
    Annulled,
    /// OPEN_CRISIS: there is a crisis.
    CrisisOpened,
    /// BROADCAST_CRISIS: everybody is told.
    Broadcast,
    /// RECORD_CRISIS_REPLY: the person is safe.
    Safe,
    /// RECORD_CRISIS_REPLY: the person needs help.
    NeedHelp,
    /// CLOSE_CRISIS: the crisis is over.
    CrisisClosed,
    /// ANNOUNCE_ELECTION: everybody who may vote is told.
    ElectionAnnounced,
    /// WITHDRAW_CONSENT: the consent is withdrawn.
    ConsentWithdrawn,
}

impl ActResult {
    /// As written, such as `VERIFIED`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "VERIFIED",
            Self::Refuted => "REFUTED",
            Self::Approved => "APPROVED",
            Self::Claimed => "CLAIMED",
            Self::Returned => "RETURNED",
            Self::RefusalIntended => "REFUSAL_INTENDED",
            Self::ObjectionUpheld => "OBJECTION_UPHELD",
            Self::ObjectionDismissed => "OBJECTION_DISMISSED",
            Self::Refused => "REFUSED",
            Self::Forwarded => "FORWARDED",
            Self::Withdrawn => "WITHDRAWN",
            Self::Deregistered => "DEREGISTERED",
            Self::Annulled => "ANNULLED",
            Self::CrisisOpened => "CRISIS_OPENED",
            Self::Broadcast => "BROADCAST",
            Self::Safe => "SAFE",
            Self::NeedHelp => "NEED_HELP",
            Self::CrisisClosed => "CRISIS_CLOSED",
            Self::ElectionAnnounced => "ELECTION_ANNOUNCED",
            Self::ConsentWithdrawn => "CONSENT_WITHDRAWN",
        }
    }
}

static READER: LazyLock<Strict<OfficerAct>> = LazyLock::new(Strict::new);

/// Reads an act from the signed bytes.
///
/// # Errors
/// Every violation that can be told at once.
pub fn decode(content: &[u8]) -> Result<OfficerAct, Vec<FieldViolation>> {
    let act = READER.decode(content)?;
    act.meaning()?;
    Ok(act)
}

/// The JSON Schema (draft 2020-12) of an officer's act.
pub fn schema() -> Value {
    READER.schema().clone()
}
