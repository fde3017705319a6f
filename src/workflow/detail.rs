//! What is kept with an application's state: the facts verified so far and what the rules found. Stored sealed.

use serde::{Deserialize, Serialize};

use super::Refusal;
use crate::registration::application::Docket;
use crate::registration::decision::{Awaiting, remarks};
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
            ApplicationState::Completed => Ok(Application::Completed { docket, completed_time: record.updated_at }),
            other => Err(Refusal::Internal(format!("{other} is not a state of this version"))),
        }
    }
}
