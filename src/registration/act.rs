//! A person's act: the small JSON document that an officer, or an applicant who withdraws, signs with the own EDS.
//!
//! Who acts, for which mission and in what role comes from the certificate that verified and from the officer table; the
//! document says only what is done to what.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::crisis::{CrisisArea, CrisisStatus, Sentence, WalkIn};
use super::document::DocumentKind;
use super::form::{EvidenceKind, Proof};
use super::hearing::{Grounds, HearingNotice, Protocol};
use super::record::DeregistrationGround;
use super::rules::Verification;
use super::strict::{FieldViolation, Strict, ViolationCode};
use super::text::Text;
use super::value::{Line, MissionCode};

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
            Self::ConsentWithdrawn => "CONSENT_WITHDRAWN",
        }
    }
}

/// What an act does, once its parts are known to fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// One piece of evidence is verified or refuted.
    VerifyEvidence {
        /// Which.
        evidence: EvidenceKind,
        /// With what result; never pending.
        result: Verification,
    },
    /// The application is approved.
    Approve {
        /// The document that it ends with, as far as the officer names one.
        document: Option<DocumentKind>,
    },
    /// An officer takes it up.
    Claim,
    /// It goes back to the applicant.
    Return {
        /// What has to be mended; never empty.
        remarks: Vec<OfficerRemark>,
    },
    /// Its refusal is announced.
    PreliminaryRefusal {
        /// Ground and reasons, as complete as the officer wrote them.
        grounds: Grounds,
        /// Where and when the applicant is heard.
        hearing: HearingNotice,
    },
    /// The hearing is recorded.
    RecordHearing {
        /// The protocol, as complete as the officer wrote it.
        protocol: Protocol,
        /// Whether the objection convinced.
        upheld: bool,
    },
    /// It is refused.
    Refuse {
        /// Ground and reasons, as complete as the officer wrote them.
        grounds: Grounds,
    },
    /// Another mission goes on with it.
    Forward {
        /// Which.
        mission: MissionCode,
    },
    /// The applicant takes it back.
    Withdraw,
    /// The citizen is removed from the register.
    Deregister {
        /// On what ground.
        ground: DeregistrationGround,
        /// The document that shows it.
        proof: Option<Proof>,
    },
    /// A crisis is opened.
    OpenCrisis {
        /// What has happened and where.
        area: CrisisArea,
    },
    /// Everybody on the roll of a crisis is told something.
    BroadcastCrisis {
        /// What.
        message: Sentence,
    },
    /// It is recorded how a person in a crisis fares.
    RecordCrisisReply {
        /// Safe or in need of help.
        status: CrisisStatus,
        /// Who it is, for somebody who is not on the roll.
        walk_in: Option<WalkIn>,
        /// Whether it holds for the family members on the citizen's card too.
        includes_family: bool,
    },
    /// The registration is annulled.
    Annul {
        /// Why.
        reason: AnnulmentReason,
    },
    /// The consent to processing personal data is withdrawn.
    WithdrawConsent,
}

impl Act {
    /// The name of the act.
    pub const fn name(&self) -> ActName {
        match self {
            Self::VerifyEvidence { .. } => ActName::VerifyEvidence,
            Self::Approve { .. } => ActName::Approve,
            Self::Claim => ActName::Claim,
            Self::Return { .. } => ActName::Return,
            Self::PreliminaryRefusal { .. } => ActName::PreliminaryRefusal,
            Self::RecordHearing { .. } => ActName::RecordHearing,
            Self::Refuse { .. } => ActName::Refuse,
            Self::Forward { .. } => ActName::Forward,
            Self::Withdraw => ActName::Withdraw,
            Self::Deregister { .. } => ActName::Deregister,
            Self::OpenCrisis { .. } => ActName::OpenCrisis,
            Self::BroadcastCrisis { .. } => ActName::BroadcastCrisis,
            Self::RecordCrisisReply { .. } => ActName::RecordCrisisReply,
            Self::Annul { .. } => ActName::Annul,
            Self::WithdrawConsent => ActName::WithdrawConsent,
        }
    }
}

impl OfficerAct {
    /// What the act does.
    ///
    /// # Errors
    /// Everything in which its decision belongs to another act or lacks a part.
    pub fn meaning(&self) -> Result<Act, Vec<FieldViolation>> {
        let mut parts = Parts { act: self.act, decision: self.decision.clone(), violations: Vec::new() };
        let result = self.decision.result;
        if !self.act.results().contains(&result) {
            let allowed: Vec<&str> = self.act.results().iter().map(|result| result.as_str()).collect();
            let description = format!("{} decides {}", self.act.as_str(), allowed.join(" or "));
            parts.violations.push(FieldViolation::new("decision.result", ViolationCode::Inconsistent, description));
        }
        let act = match self.act {
            ActName::VerifyEvidence => {
                let verified = result == ActResult::Verified;
                let result = if verified { Verification::Verified } else { Verification::Refuted };
                parts
                    .take("evidence", |decision| decision.evidence.take())
                    .map(|evidence| Act::VerifyEvidence { evidence, result })
            }
            ActName::Approve => Some(Act::Approve { document: parts.decision.document.take() }),
            ActName::Claim => Some(Act::Claim),
            ActName::Return => {
                let remarks =
                    parts.take("remarks", |decision| decision.remarks.take().filter(|remarks| !remarks.is_empty()));
                remarks.map(|remarks| Act::Return { remarks })
            }
            ActName::PreliminaryRefusal => {
                let grounds = parts.take("grounds", |decision| decision.grounds.take());
                let hearing = parts.take("hearing", |decision| decision.hearing.take());
                grounds.zip(hearing).map(|(grounds, hearing)| Act::PreliminaryRefusal { grounds, hearing })
            }
            ActName::RecordHearing => {
                let upheld = result == ActResult::ObjectionUpheld;
                parts
                    .take("protocol", |decision| decision.protocol.take())
                    .map(|protocol| Act::RecordHearing { protocol, upheld })
            }
            ActName::Refuse => {
                parts.take("grounds", |decision| decision.grounds.take()).map(|grounds| Act::Refuse { grounds })
            }
            ActName::Forward => {
                parts.take("mission", |decision| decision.mission.take()).map(|mission| Act::Forward { mission })
            }
            ActName::Withdraw => Some(Act::Withdraw),
            ActName::Deregister => {
                let proof = parts.decision.proof.take();
                let ground = parts.take("ground", |decision| decision.ground.take());
                ground.map(|ground| Act::Deregister { ground, proof })
            }
            ActName::OpenCrisis => {
                parts.take("crisis", |decision| decision.crisis.take()).map(|area| Act::OpenCrisis { area })
            }
            ActName::BroadcastCrisis => parts
                .take("message", |decision| decision.message.take())
                .map(|message| Act::BroadcastCrisis { message }),
            ActName::RecordCrisisReply => {
                let is_safe = result == ActResult::Safe;
                let status = if is_safe { CrisisStatus::Safe } else { CrisisStatus::NeedHelp };
                let walk_in = parts.decision.walk_in.take();
                let includes_family = parts.decision.includes_family.take().unwrap_or_default();
                Some(Act::RecordCrisisReply { status, walk_in, includes_family })
            }
            ActName::Annul => {
                parts.take("reason", |decision| decision.reason.take()).map(|reason| Act::Annul { reason })
            }
            ActName::WithdrawConsent => Some(Act::WithdrawConsent),
        };
        parts.nothing_else();
        match act {
            Some(act) if parts.violations.is_empty() => Ok(act),
            _ => Err(parts.violations),
        }
    }
}

/// A decision whose parts are taken one by one: what is left over belongs to another act.
struct Parts {
    act: ActName,
    decision: ActDecision,
    violations: Vec<FieldViolation>,
}

impl Parts {
    fn take<T>(&mut self, field: &str, part: impl FnOnce(&mut ActDecision) -> Option<T>) -> Option<T> {
        let part = part(&mut self.decision);
        if part.is_none() {
            let description = format!("{} needs it", self.act.as_str());
            let field = format!("decision.{field}");
            self.violations.push(FieldViolation::new(field, ViolationCode::MissingField, description));
        }
        part
    }

    fn nothing_else(&mut self) {
        let left = [
            ("evidence", self.decision.evidence.is_some()),
            ("remarks", self.decision.remarks.is_some()),
            ("grounds", self.decision.grounds.is_some()),
            ("hearing", self.decision.hearing.is_some()),
            ("protocol", self.decision.protocol.is_some()),
            ("mission", self.decision.mission.is_some()),
            ("ground", self.decision.ground.is_some()),
            ("proof", self.decision.proof.is_some()),
            ("crisis", self.decision.crisis.is_some()),
            ("message", self.decision.message.is_some()),
            ("walk_in", self.decision.walk_in.is_some()),
            ("includes_family", self.decision.includes_family.is_some()),
            ("reason", self.decision.reason.is_some()),
            ("document", self.decision.document.is_some()),
        ];
        for (field, _) in left.into_iter().filter(|(_, is_left)| *is_left) {
            let description = format!("{} has no such part", self.act.as_str());
            let field = format!("decision.{field}");
            self.violations.push(FieldViolation::new(field, ViolationCode::Inconsistent, description));
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
