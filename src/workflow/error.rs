//! Why a use case did not do what was asked. The gRPC room maps each variant to one status.

use std::time::Duration;

use crate::registration::FieldViolation;
use crate::registration::application::TransitionError;
use crate::registration::decision::Awaiting;
use crate::registration::record::RecordError;
use crate::registration::rules::{Finding, RefusalCode};
use crate::store::{StoreError, Unique};

/// The verdict that a refusal rests on; everything else about it stands in the stored report.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// Identifier of the stored validation report.
    pub report: uuid::Uuid,
    /// The conclusion.
    pub conclusion: crate::signature::Conclusion,
    /// Revision of the trust store that it rests on.
    pub trust_store_revision: u64,
}

/// Why a change of the trust store is not possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TrustReason {
    /// No other anchor is active for a purpose.
    LastActiveAnchor,
    /// The sample certificate would not validate.
    SampleNotValid,
    /// A newer list of the issuer is held.
    CrlOlder,
    /// The trust store has no authority of the list's name.
    CrlIssuerUnknown,
    /// The list is not signed by the authority that it names.
    CrlSignatureInvalid,
    /// The list's nextUpdate has passed.
    CrlStale,
    /// The list's thisUpdate lies ahead.
    CrlNotYetValid,
    /// A list of a kind that cannot be used.
    CrlUnusable,
}

impl TrustReason {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::LastActiveAnchor,
        Self::SampleNotValid,
        Self::CrlOlder,
        Self::CrlIssuerUnknown,
        Self::CrlSignatureInvalid,
        Self::CrlStale,
        Self::CrlNotYetValid,
        Self::CrlUnusable,
    ];

    /// As shown, such as `CRL_OLDER`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LastActiveAnchor => "LAST_ACTIVE_ANCHOR",
            Self::SampleNotValid => "SAMPLE_NOT_VALID",
            Self::CrlOlder => "CRL_OLDER",
            Self::CrlIssuerUnknown => "CRL_ISSUER_UNKNOWN",
            Self::CrlSignatureInvalid => "CRL_SIGNATURE_INVALID",
            Self::CrlStale => "CRL_STALE",
            Self::CrlNotYetValid => "CRL_NOT_YET_VALID",
            Self::CrlUnusable => "CRL_UNUSABLE",
        }
    }
}

/// A piece of evidence that cannot be used any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable {
    /// What it is, in upper case.
    pub kind: &'static str,
    /// SHA-256 of its content, as the report or the trust store names it.
    pub sha256: [u8; 32],
    /// What is wrong: `EVIDENCE_MISSING`, `EVIDENCE_ALTERED` or `EVIDENCE_UNREADABLE` (for this version).
    pub fault: &'static str,
}

/// A kind of thing that is looked up by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceKind {
    /// `applications/…`
    Application,
    /// `registrations/…`
    Registration,
    /// `documents/…`
    Document,
    /// `validationReports/…`
    ValidationReport,
    /// `trustAnchors/…`
    TrustAnchor,
    /// `crises/…`
    Crisis,
    /// `crisisPersons/…`
    CrisisPerson,
    /// `elections/…`
    Election,
    /// `notifications/…`
    Notification,
}

/// Why a use case was refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Fields of the request or of the signed form break their syntax: all of them.
    #[error("{} field violations", .0.len())]
    Fields(Vec<FieldViolation>),
    /// The form is well formed but not for here and now: another version or audience, expired, not yet issued.
    #[error("the form is not for this service or not for this time")]
    FormNotCurrent(Vec<FieldViolation>),
    /// The signature is not TOTAL-PASSED.
    #[error("the signature is {}", .0.conclusion)]
    Signature(Verdict),
    /// The application carries more than one signature; who files it would be unclear.
    #[error("an application has exactly one signer")]
    SeveralSigners(Verdict),
    /// The law does not admit the application; holds the findings not met.
    #[error("not admissible: {} rules not met", .0.len())]
    NotAdmissible(Vec<Finding>),
    /// The law does not allow the act; holds the findings not met.
    #[error("not allowed: {} rules not met", .0.len())]
    ActNotAllowed(Vec<Finding>),
    /// The person who signed is not the applicant, nor who acts for the applicant.
    #[error("the signer is not the applicant, nor who acts for the applicant")]
    SignerNotApplicant,
    /// The person who signed the act is no officer of that mission with that role.
    #[error("the signer is not an officer who may do this")]
    SignerNotOfficer,
    /// The officer's mission does not handle the application or keep the registration.
    #[error("it is handled by another mission")]
    OutOfJurisdiction,
    /// The act does not fit the state of the application.
    #[error("what is {state} cannot {act}")]
    WrongState {
        /// The act or transition asked for.
        act: &'static str,
        /// The state found.
        state: String,
    },
    /// The application cannot be granted while decision rules are not met.
    #[error("the review still waits for {} things", .0.len())]
    StillAwaiting(Vec<Awaiting>),
    /// The law does not allow the act.
    #[error("{}: {explanation}", code.as_str())]
    ActUnfit {
        /// For example `DEREG_GROUND_INVALID`.
        code: RefusalCode,
        /// What is wrong and what to do.
        explanation: &'static str,
    },
    /// The version named is not the present one.
    #[error("the version named is not the present one")]
    VersionConflict {
        /// The present etag.
        current: String,
    },
    /// The application_id was used with other content.
    #[error("application_id was used before with other content")]
    ApplicationIdReused,
    /// The request_id was used with other content.
    #[error("request_id was used before with other content")]
    RequestIdReused,
    /// There is a trust entry with this certificate already.
    #[error("the trust store has this certificate already")]
    TrustEntryExists,
    /// The change of the trust store is not possible; the reason is machine-readable, the text says what to do.
    #[error("{}: {explanation}", reason.as_str())]
    TrustChange {
        /// Why, for programs.
        reason: TrustReason,
        /// What is wrong and what to do.
        explanation: String,
    },
    /// A report cannot be repeated: evidence that it rests on is not there, or not what it was. All of it.
    #[error("{} pieces of evidence are missing or altered", .0.len())]
    EvidenceIncomplete(Vec<Unusable>),
    /// Nothing of that name, or the caller may not see it: never said which.
    #[error("no such resource")]
    NotFound(ResourceKind),
    /// A resume token or page token that this service did not make for this stream.
    #[error("the token is not one of this service's")]
    BadToken,
    /// Only the sandbox can do this.
    #[error("this is possible in the sandbox only")]
    NotSandbox,
    /// Another run of the same job came first; its effect is there.
    #[error("the job is already done")]
    JobAlreadyDone,
    /// Another change came between reading and writing: the same thing tried again looks at what is there now.
    #[error("overtaken by another change")]
    Overtaken,
    /// More entries than one list may have.
    #[error("more than {most} entries")]
    ListTooLarge {
        /// The most that there may be.
        most: usize,
    },
    /// Something needed is not to be had just now.
    #[error("try again later: {what}")]
    Unavailable {
        /// What is missing.
        what: &'static str,
        /// When to try again.
        retry_after: Duration,
    },
    /// A fault of the service itself. The text is for the log, never for the caller.
    #[error("internal: {0}")]
    Internal(String),
}

impl Refusal {
    /// The refusal of a form that could not be read: a form for another service or version is a failed precondition, not an error in
    /// the argument.
    pub(super) fn of_form(violations: Vec<FieldViolation>) -> Self {
        if violations.iter().all(|violation| violation.code.is_precondition()) {
            Self::FormNotCurrent(violations)
        } else {
            Self::Fields(violations)
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::JobAlreadyDone => Self::JobAlreadyDone,
            // The request_id came in meanwhile with a call at the same time, see `Workflow::act`; or another application opened a
            // registration for the same person.
            StoreError::VersionConflict
            | StoreError::AlreadyExists(
                Unique::RequestKey
                | Unique::OpenRegistration
                | Unique::CardVersion
                | Unique::Crisis
                | Unique::Election
                | Unique::List,
            ) => Self::Overtaken,
            // Another caller filed it: nobody learns of others' applications.
            StoreError::AlreadyExists(Unique::Content) => Self::NotFound(ResourceKind::Application),
            error if error.is_transient() => {
                Self::Unavailable { what: "the database", retry_after: Duration::from_secs(1) }
            }
            error => Self::Internal(error.to_string()),
        }
    }
}

impl From<TransitionError> for Refusal {
    fn from(error: TransitionError) -> Self {
        match error {
            TransitionError::WrongState { from, transition } => {
                Self::WrongState { act: transition, state: from.to_string() }
            }
            TransitionError::StillAwaiting(awaiting) => Self::StillAwaiting(awaiting),
        }
    }
}

impl From<RecordError> for Refusal {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::WrongState { from, transition } => {
                Self::WrongState { act: transition, state: from.to_string() }
            }
            RecordError::NotExtended => Self::ActUnfit {
                code: RefusalCode::StayPeriodInvalid,
                explanation: "an extension ends later than the present stay",
            },
            RecordError::TermChanged => Self::ActUnfit {
                code: RefusalCode::StayPeriodInvalid,
                explanation: "a change does not move the end of the stay",
            },
            RecordError::GroundInvalid(_) => Self::ActUnfit {
                code: RefusalCode::DeregGroundInvalid,
                explanation: "the stay by the register has not ended",
            },
        }
    }
}
