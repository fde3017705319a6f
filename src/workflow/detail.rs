//! What is kept with an application's state: the facts verified so far and what the rules found. Stored sealed.

use serde::{Deserialize, Serialize};

use super::Refusal;
use super::consult::Consultation;
use crate::registration::application::Docket;
use crate::registration::decision::{Awaiting, remarks};
use crate::registration::hearing::{Grounds, PreliminaryDecision, Protocol};
use crate::registration::rules::{EvidenceFacts, Finding, Stage};
use crate::registration::{Application, ApplicationState};
use crate::store::ApplicationRecord;

/// The detail of an application's state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StateDetail {
    /// What has been verified.
    pub evidence: EvidenceFacts,
    /// The findings that matter in this state: remarks when RETURNED, reasons when IN_REVIEW.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// What the review waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awaiting: Vec<Awaiting>,
    /// The name of the officer who took it in, at a mission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entered_by: Option<String>,
    /// The officer who examines it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub examined_by: Option<OfficerMark>,
    /// The refusal that was announced, and by whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announced: Option<Announced>,
    /// The protocol of the hearing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
    /// Whether the objection convinced, once heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objection_upheld: Option<bool>,
    /// What the state registers were asked about the present form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consultation: Option<Consultation>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Grounds>,
}

/// An officer, told from others without a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OfficerMark {
    /// Keyed hash of the IIN, hexadecimal: one person may have several certificates.
    pub person: String,
    /// SHA-256 of the certificate that signed, hexadecimal.
    pub certificate: String,
}

/// A preliminary decision and who announced it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Announced {
    /// The decision.
    pub decision: PreliminaryDecision,
    /// Who announced it.
    pub by: OfficerMark,
}

impl StateDetail {
    /// The detail of a stored application.
    pub fn of(application: &ApplicationRecord) -> Result<Self, Refusal> {
        match &application.state_detail {
            None => Ok(Self::default()),
            Some(json) => {
                serde_json::from_slice(json).map_err(|error| Refusal::Internal(format!("state detail: {error}")))
            }
        }
    }

    /// The form in which it is stored.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Refusal> {
        serde_json::to_vec(self).map_err(|error| Refusal::Internal(format!("state detail: {error}")))
    }

    /// The application as the state machine knows it.
    pub fn application(&self, state: ApplicationState, record: &ApplicationRecord) -> Result<Application, Refusal> {
        let docket = Docket {
            number: record.number.clone(),
            accepted_time: record.received_at,
            due_time: record.due_at.unwrap_or(record.received_at),
            evidence: self.evidence,
        };
        match state {
            ApplicationState::Accepted => Ok(Application::Accepted { docket }),
            ApplicationState::InReview => Ok(Application::InReview { docket, awaiting: self.awaiting.clone() }),
            ApplicationState::Returned => {
                Ok(Application::Returned { docket, remarks: remarks(&self.findings, Stage::Deficiency) })
            }
            ApplicationState::PreliminaryRefusal => {
                Ok(Application::PreliminaryRefusal { docket, preliminary: self.preliminary()? })
            }
            ApplicationState::Heard => {
                let awaiting = self.awaiting.clone();
                Ok(Application::Heard { docket, preliminary: self.preliminary()?, awaiting })
            }
            ApplicationState::Completed => Ok(Application::Completed { docket, completed_time: record.updated_at }),
            ApplicationState::Refused => Ok(Application::Refused { docket }),
            ApplicationState::Withdrawn => Ok(Application::Withdrawn { docket }),
            // Acceptance happens in the transaction that stores an application.
            ApplicationState::Submitted => Err(Refusal::Internal("a stored application is not accepted".to_owned())),
        }
    }

    fn preliminary(&self) -> Result<Box<PreliminaryDecision>, Refusal> {
        let announced = self.announced.as_ref().map(|announced| Box::new(announced.decision.clone()));
        announced.ok_or_else(|| Refusal::Internal("a stored preliminary decision cannot be read".to_owned()))
    }
}
