//! Names of domain events and of notifications. Events hold references only, never personal data.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventName {
    /// An application was accepted: it has a number and a term.
    #[serde(rename = "application.accepted")]
    ApplicationAccepted,
    /// An application was returned with remarks.
    #[serde(rename = "application.returned")]
    ApplicationReturned,
    /// An application went to an officer.
    #[serde(rename = "application.in_review")]
    ApplicationInReview,
    /// An officer verified or refuted a piece of evidence.
    #[serde(rename = "application.evidence_verified")]
    ApplicationEvidenceVerified,
    /// An officer approved an application.
    #[serde(rename = "application.approved")]
    ApplicationApproved,
    /// An application ended with a registration.
    #[serde(rename = "application.completed")]
    ApplicationCompleted,
    /// A registration was opened.
    #[serde(rename = "registration.opened")]
    RegistrationOpened,
    /// A document was issued.
    #[serde(rename = "document.issued")]
    DocumentIssued,
}

impl EventName {
    /// Every name.
    pub const ALL: [Self; 8] = [
        Self::ApplicationAccepted,
        Self::ApplicationReturned,
        Self::ApplicationInReview,
        Self::ApplicationEvidenceVerified,
        Self::ApplicationApproved,
        Self::ApplicationCompleted,
        Self::RegistrationOpened,
        Self::DocumentIssued,
    ];

    /// As stored and shown, such as `application.accepted`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApplicationAccepted => "application.accepted",
            Self::ApplicationReturned => "application.returned",
            Self::ApplicationInReview => "application.in_review",
            Self::ApplicationEvidenceVerified => "application.evidence_verified",
            Self::ApplicationApproved => "application.approved",
            Self::ApplicationCompleted => "application.completed",
            Self::RegistrationOpened => "registration.opened",
            Self::DocumentIssued => "document.issued",
        }
    }

    /// The event of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == name)
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an applicant is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NotificationKind {
    /// The application is accepted: number and term.
    ApplicationAccepted,
    /// The application is returned: remarks and how to mend them.
    ApplicationReturned,
    /// The application is with an officer.
    ApplicationInReview,
    /// The citizen is registered, and the document, if there is one, is ready.
    ApplicationCompleted,
}

impl NotificationKind {
    /// Every kind.
    pub const ALL: [Self; 4] =
        [Self::ApplicationAccepted, Self::ApplicationReturned, Self::ApplicationInReview, Self::ApplicationCompleted];

    /// As stored and shown, such as `APPLICATION_ACCEPTED`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApplicationAccepted => "APPLICATION_ACCEPTED",
            Self::ApplicationReturned => "APPLICATION_RETURNED",
            Self::ApplicationInReview => "APPLICATION_IN_REVIEW",
            Self::ApplicationCompleted => "APPLICATION_COMPLETED",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}
