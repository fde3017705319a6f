//! What an act means: its decision taken apart by the act that it belongs to.

use super::{ActDecision, ActName, ActResult, AnnulmentReason, OfficerAct, OfficerRemark};
use crate::registration::crisis::{CrisisArea, CrisisStatus, WalkIn};
use crate::registration::document::DocumentKind;
use crate::registration::election::Election;
use crate::registration::form::{EvidenceKind, Proof};
use crate::registration::hearing::{Grounds, HearingNotice, Protocol};
use crate::registration::record::DeregistrationGround;
use crate::registration::rules::Verification;
use crate::registration::sentence::Sentence;
use crate::registration::strict::{FieldViolation, ViolationCode};
use crate::registration::value::MissionCode;

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
    /// A crisis is closed.
    CloseCrisis,
    /// An election is announced at the officer's mission.
    AnnounceElection {
        /// What is voted on and when.
        election: Election,
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
            Self::CloseCrisis => ActName::CloseCrisis,
            Self::AnnounceElection { .. } => ActName::AnnounceElection,
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
            ActName::CloseCrisis => Some(Act::CloseCrisis),
            ActName::AnnounceElection => parts
                .take("election", |decision| decision.election.take())
                .map(|election| Act::AnnounceElection { election }),
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
            ("election", self.decision.election.is_some()),
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
