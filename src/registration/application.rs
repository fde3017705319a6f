//! An application: the procedure, which ends for ever. Each state carries exactly its own data; a transition consumes the old
//! state and gives the new one, so that nothing can be done to an application in a state in which the law does not allow it.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::decision::{Awaiting, CodedRemark};
use super::form::EvidenceKind;
use super::hearing::PreliminaryDecision;
use super::rules::{EvidenceFacts, Verification};

/// Name of an application's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ApplicationState {
    /// Received; not yet accepted.
    Submitted,
    /// Has a number and a term.
    Accepted,
    /// With an officer.
    InReview,
    /// Back with the applicant, with remarks; the term runs.
    Returned,
    /// Refusal announced; the term is paused for the hearing.
    PreliminaryRefusal,
    /// The applicant has been heard.
    Heard,
    /// Refused.
    Refused,
    /// Ended with a registration.
    Completed,
    /// Taken back by the applicant.
    Withdrawn,
}

impl ApplicationState {
    /// Every state.
    pub const ALL: [Self; 9] = [
        Self::Submitted,
        Self::Accepted,
        Self::InReview,
        Self::Returned,
        Self::PreliminaryRefusal,
        Self::Heard,
        Self::Refused,
        Self::Completed,
        Self::Withdrawn,
    ];

    /// Whether the procedure still runs.
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Refused | Self::Completed | Self::Withdrawn)
    }

    /// As stored and shown, such as `IN_REVIEW`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "SUBMITTED",
            Self::Accepted => "ACCEPTED",
            Self::InReview => "IN_REVIEW",
            Self::Returned => "RETURNED",
            Self::PreliminaryRefusal => "PRELIMINARY_REFUSAL",
            Self::Heard => "HEARD",
            Self::Refused => "REFUSED",
            Self::Completed => "COMPLETED",
            Self::Withdrawn => "WITHDRAWN",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

impl fmt::Display for ApplicationState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What every application has from its acceptance on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Docket {
    /// Its number, such as `KZ-DE-BER/2026/000123`.
    pub number: String,
    /// When it was accepted.
    pub accepted_time: DateTime<Utc>,
    /// When its term ends.
    pub due_time: DateTime<Utc>,
    /// What has been verified so far.
    pub evidence: EvidenceFacts,
}

/// An application in one of the states reached so far. Serializes with its state's name under `state`, and without personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Application {
    /// Received; not yet accepted.
    Submitted,
    /// Accepted, to be decided on by the policy.
    Accepted {
        /// Number and term.
        docket: Docket,
    },
    /// With an officer.
    InReview {
        /// Number and term.
        docket: Docket,
        /// What the review waits for.
        awaiting: Vec<Awaiting>,
    },
    /// Back with the applicant.
    Returned {
        /// Number and term.
        docket: Docket,
        /// What has to be mended.
        remarks: Vec<CodedRemark>,
    },
    /// Its refusal is announced; the term stands still.
    PreliminaryRefusal {
        /// Number and term.
        docket: Docket,
        /// What was announced.
        preliminary: Box<PreliminaryDecision>,
    },
    /// The applicant was heard.
    Heard {
        /// Number and term, which runs again.
        docket: Docket,
        /// What was announced before the hearing.
        preliminary: Box<PreliminaryDecision>,
        /// What the application waits for, should it be approved.
        awaiting: Vec<Awaiting>,
    },
    /// Ended with a registration.
    Completed {
        /// Number and term.
        docket: Docket,
        /// When it ended.
        completed_time: DateTime<Utc>,
    },
    /// Ended with a refusal.
    Refused {
        /// Number and term.
        docket: Docket,
    },
    /// Taken back by the applicant.
    Withdrawn {
        /// Number and term.
        docket: Docket,
    },
}

/// Why a transition is not possible. What was stored is unchanged; the value in hand is spent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransitionError {
    /// The state does not allow it.
    #[error("an application in state {from} cannot {transition}")]
    WrongState {
        /// The state it is in.
        from: ApplicationState,
        /// What was tried.
        transition: &'static str,
    },
    /// The review still waits for something else than approval.
    #[error("the review still waits for something else than approval")]
    StillAwaiting(Vec<Awaiting>),
}

impl Application {
    /// The name of the state.
    pub const fn state(&self) -> ApplicationState {
        match self {
            Self::Submitted => ApplicationState::Submitted,
            Self::Accepted { .. } => ApplicationState::Accepted,
            Self::InReview { .. } => ApplicationState::InReview,
            Self::Returned { .. } => ApplicationState::Returned,
            Self::PreliminaryRefusal { .. } => ApplicationState::PreliminaryRefusal,
            Self::Heard { .. } => ApplicationState::Heard,
            Self::Completed { .. } => ApplicationState::Completed,
            Self::Refused { .. } => ApplicationState::Refused,
            Self::Withdrawn { .. } => ApplicationState::Withdrawn,
        }
    }

    /// Number, term and evidence, from acceptance on.
    pub const fn docket(&self) -> Option<&Docket> {
        match self {
            Self::Submitted => None,
            Self::Accepted { docket }
            | Self::InReview { docket, .. }
            | Self::Returned { docket, .. }
            | Self::PreliminaryRefusal { docket, .. }
            | Self::Heard { docket, .. }
            | Self::Completed { docket, .. }
            | Self::Refused { docket }
            | Self::Withdrawn { docket } => Some(docket),
        }
    }

    /// SUBMITTED → ACCEPTED.
    ///
    /// # Errors
    /// From any other state.
    pub fn accept(self, docket: Docket) -> Result<Self, TransitionError> {
        match self {
            Self::Submitted => Ok(Self::Accepted { docket }),
            other => Err(other.cannot("be accepted")),
        }
    }

    /// ACCEPTED or IN_REVIEW → RETURNED.
    ///
    /// # Errors
    /// From any other state.
    pub fn send_back(self, remarks: Vec<CodedRemark>) -> Result<Self, TransitionError> {
        match self {
            Self::Accepted { docket } | Self::InReview { docket, .. } => Ok(Self::Returned { docket, remarks }),
            other => Err(other.cannot("be returned")),
        }
    }

    /// ACCEPTED → IN_REVIEW.
    ///
    /// # Errors
    /// From any other state.
    pub fn put_to_review(self, awaiting: Vec<Awaiting>) -> Result<Self, TransitionError> {
        match self {
            Self::Accepted { docket } => Ok(Self::InReview { docket, awaiting }),
            other => Err(other.cannot("be put to review")),
        }
    }

    /// RETURNED → IN_REVIEW by a mended form. What the review waits for is for the rules to say: see [`Self::await_instead`].
    ///
    /// # Errors
    /// From any other state.
    pub fn resubmit(self, evidence: EvidenceFacts) -> Result<Self, TransitionError> {
        match self {
            Self::Returned { docket, .. } => {
                Ok(Self::InReview { docket: Docket { evidence, ..docket }, awaiting: Vec::new() })
            }
            other => Err(other.cannot("be resubmitted")),
        }
    }

    /// IN_REVIEW → IN_REVIEW with an officer who examines it.
    ///
    /// # Errors
    /// From any other state.
    pub fn claim(self) -> Result<Self, TransitionError> {
        match self {
            review @ Self::InReview { .. } => Ok(review),
            other => Err(other.cannot("be claimed")),
        }
    }

    /// IN_REVIEW → IN_REVIEW at another mission; the term runs on.
    ///
    /// # Errors
    /// From any other state.
    pub fn forward(self) -> Result<Self, TransitionError> {
        match self {
            review @ Self::InReview { .. } => Ok(review),
            other => Err(other.cannot("be forwarded")),
        }
    }

    /// IN_REVIEW → PRELIMINARY_REFUSAL: the term stands still.
    ///
    /// # Errors
    /// From any other state.
    pub fn announce_refusal(self, preliminary: PreliminaryDecision) -> Result<Self, TransitionError> {
        match self {
            Self::InReview { docket, .. } => {
                Ok(Self::PreliminaryRefusal { docket, preliminary: Box::new(preliminary) })
            }
            other => Err(other.cannot("be refused preliminarily")),
        }
    }

    /// PRELIMINARY_REFUSAL → HEARD: the term runs again and ends at `due_time`.
    ///
    /// # Errors
    /// From any other state.
    pub fn hear(self, due_time: DateTime<Utc>) -> Result<Self, TransitionError> {
        match self {
            Self::PreliminaryRefusal { docket, preliminary } => {
                let docket = Docket { due_time, ..docket };
                Ok(Self::Heard { docket, preliminary, awaiting: Vec::new() })
            }
            other => Err(other.cannot("be heard")),
        }
    }

    /// HEARD or PRELIMINARY_REFUSAL → REFUSED. Whether the objection term is over is for the rules to say.
    ///
    /// # Errors
    /// From any other state: nobody is refused unheard.
    pub fn refuse(self) -> Result<Self, TransitionError> {
        match self {
            Self::PreliminaryRefusal { docket, .. } | Self::Heard { docket, .. } => Ok(Self::Refused { docket }),
            other => Err(other.cannot("be refused")),
        }
    }

    /// Any open state → WITHDRAWN by the applicant.
    ///
    /// # Errors
    /// Once it has ended.
    pub fn withdraw(self) -> Result<Self, TransitionError> {
        match self {
            Self::Accepted { docket }
            | Self::InReview { docket, .. }
            | Self::Returned { docket, .. }
            | Self::PreliminaryRefusal { docket, .. }
            | Self::Heard { docket, .. } => Ok(Self::Withdrawn { docket }),
            other => Err(other.cannot("be withdrawn")),
        }
    }

    /// IN_REVIEW or HEARD, with one more thing verified or refuted. What the application waits for now is for the rules to say: see
    /// [`Self::await_instead`].
    ///
    /// # Errors
    /// From any other state.
    pub fn verify_evidence(mut self, kind: EvidenceKind, result: Verification) -> Result<Self, TransitionError> {
        match &mut self {
            Self::InReview { docket, .. } | Self::Heard { docket, .. } => {
                match kind {
                    EvidenceKind::DepartureDecision => docket.evidence.departure_decision = result,
                    EvidenceKind::IdentityDocument => {
                        // The document that shows who somebody is also shows whose citizen; a foreigner's, however true, does not.
                        docket.evidence.identity = result;
                        if docket.evidence.citizenship != Verification::Refuted {
                            docket.evidence.citizenship = result;
                        }
                    }
                    EvidenceKind::RepresentationProof => docket.evidence.representation = result,
                    EvidenceKind::DeregistrationProof => docket.evidence.deregistration_ground = result,
                }
                Ok(self)
            }
            _ => Err(self.cannot("have its evidence verified")),
        }
    }

    /// IN_REVIEW or HEARD, waiting for what the rules say now. Nothing left to wait for means an officer's decision.
    ///
    /// # Errors
    /// From any other state.
    pub fn await_instead(self, awaiting: Vec<Awaiting>) -> Result<Self, TransitionError> {
        let awaiting = if awaiting.is_empty() { vec![Awaiting::Approval] } else { awaiting };
        match self {
            Self::InReview { docket, .. } => Ok(Self::InReview { docket, awaiting }),
            Self::Heard { docket, preliminary, .. } => Ok(Self::Heard { docket, preliminary, awaiting }),
            other => Err(other.cannot("wait for something else")),
        }
    }

    /// What an officer has to see to, in the states in which one does.
    pub fn awaiting(&self) -> &[Awaiting] {
        match self {
            Self::InReview { awaiting, .. } | Self::Heard { awaiting, .. } => awaiting,
            _ => &[],
        }
    }

    /// IN_REVIEW or HEARD → COMPLETED by an officer's approval.
    ///
    /// # Errors
    /// From any other state, and while anything but the approval is awaited.
    pub fn approve(self, now: DateTime<Utc>) -> Result<Self, TransitionError> {
        match self {
            Self::InReview { docket, awaiting } | Self::Heard { docket, awaiting, .. } => {
                if awaiting.iter().all(|item| *item == Awaiting::Approval) {
                    Ok(Self::Completed { docket, completed_time: now })
                } else {
                    Err(TransitionError::StillAwaiting(awaiting))
                }
            }
            other => Err(other.cannot("be approved")),
        }
    }

    /// IN_REVIEW or HEARD → COMPLETED of an application that an officer's approval has granted already: what was awaited before it counts no more.
    ///
    /// # Errors
    /// From any other state.
    pub fn complete_granted(self, now: DateTime<Utc>) -> Result<Self, TransitionError> {
        match self {
            Self::InReview { docket, .. } | Self::Heard { docket, .. } => {
                Ok(Self::Completed { docket, completed_time: now })
            }
            other => Err(other.cannot("complete after approval")),
        }
    }

    /// ACCEPTED → COMPLETED by the policy, without an officer.
    ///
    /// # Errors
    /// From any other state.
    pub fn complete(self, now: DateTime<Utc>) -> Result<Self, TransitionError> {
        match self {
            Self::Accepted { docket } => Ok(Self::Completed { docket, completed_time: now }),
            other => Err(other.cannot("complete without review")),
        }
    }

    fn cannot(&self, transition: &'static str) -> TransitionError {
        TransitionError::WrongState { from: self.state(), transition }
    }
}
