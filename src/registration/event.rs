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
    /// An applicant mended a returned application.
    #[serde(rename = "application.resubmitted")]
    ApplicationResubmitted,
    /// An officer took an application up.
    #[serde(rename = "application.claimed")]
    ApplicationClaimed,
    /// The refusal of an application was announced.
    #[serde(rename = "application.refusal_announced")]
    ApplicationRefusalAnnounced,
    /// An applicant was heard.
    #[serde(rename = "application.heard")]
    ApplicationHeard,
    /// An application was refused.
    #[serde(rename = "application.refused")]
    ApplicationRefused,
    /// The term of an application is about to end.
    #[serde(rename = "application.due_soon")]
    ApplicationDueSoon,
    /// The term of an application is over, and it is not decided.
    #[serde(rename = "application.overdue")]
    ApplicationOverdue,
    /// An application was passed on to another mission.
    #[serde(rename = "application.forwarded")]
    ApplicationForwarded,
    /// An applicant took an application back.
    #[serde(rename = "application.withdrawn")]
    ApplicationWithdrawn,
    /// A registration got a new version of its card.
    #[serde(rename = "registration.changed")]
    RegistrationChanged,
    /// The stay was extended, with a new version of the card.
    #[serde(rename = "registration.extended")]
    RegistrationExtended,
    /// The stay has ended and was not extended.
    #[serde(rename = "registration.overdue")]
    RegistrationOverdue,
    /// A registration was removed from the register.
    #[serde(rename = "registration.deregistered")]
    RegistrationDeregistered,
    /// A registration was annulled.
    #[serde(rename = "registration.annulled")]
    RegistrationAnnulled,
    /// A certificate of registration was granted.
    #[serde(rename = "registration.certified")]
    RegistrationCertified,
    /// An officer opened a crisis.
    #[serde(rename = "crisis.opened")]
    CrisisOpened,
    /// The register was gone through for the roll of a crisis.
    #[serde(rename = "crisis.roll_made")]
    CrisisRollMade,
    /// A message was sent to all on the roll of a crisis.
    #[serde(rename = "crisis.broadcast")]
    CrisisBroadcast,
    /// An officer closed a crisis.
    #[serde(rename = "crisis.closed")]
    CrisisClosed,
    /// A reply about a person in a crisis was recorded.
    #[serde(rename = "crisis.reply_recorded")]
    CrisisReplyRecorded,
    /// An officer announced an election at a mission.
    #[serde(rename = "election.announced")]
    ElectionAnnounced,
    /// Everybody who may vote was told of an election.
    #[serde(rename = "election.told")]
    ElectionTold,
    /// An electoral roll was handed out.
    #[serde(rename = "electoral_roll.exported")]
    ElectoralRollExported,
    /// A mission's roll of a crisis was handed out.
    #[serde(rename = "crisis_roll.exported")]
    CrisisRollExported,
    /// A journal of a mission's register was handed out.
    #[serde(rename = "register_journal.exported")]
    RegisterJournalExported,
    /// A state register answered what was asked about an application.
    #[serde(rename = "application.register_answered")]
    ApplicationRegisterAnswered,
    /// State registers do not answer: the application waits for them, or goes to an officer.
    #[serde(rename = "application.register_silent")]
    ApplicationRegisterSilent,
    /// A person withdrew the consent to processing personal data.
    #[serde(rename = "consent.withdrawn")]
    ConsentWithdrawn,
    /// The personal data of an application were erased: they had been kept for long enough.
    #[serde(rename = "application.erased")]
    ApplicationErased,
    /// The personal data of a registration were erased: they had been kept for long enough.
    #[serde(rename = "registration.erased")]
    RegistrationErased,
    /// Somebody on the roll of a crisis who was not registered was forgotten, by the retention policy.
    #[serde(rename = "crisis_person.erased")]
    CrisisPersonErased,
}

impl EventName {
    /// Every name.
    pub const ALL: [Self; 39] = [
        Self::ApplicationAccepted,
        Self::ApplicationReturned,
        Self::ApplicationInReview,
        Self::ApplicationEvidenceVerified,
        Self::ApplicationApproved,
        Self::ApplicationCompleted,
        Self::RegistrationOpened,
        Self::DocumentIssued,
        Self::ApplicationResubmitted,
        Self::ApplicationClaimed,
        Self::ApplicationRefusalAnnounced,
        Self::ApplicationHeard,
        Self::ApplicationRefused,
        Self::ApplicationForwarded,
        Self::ApplicationWithdrawn,
        Self::RegistrationChanged,
        Self::RegistrationExtended,
        Self::RegistrationOverdue,
        Self::RegistrationDeregistered,
        Self::RegistrationAnnulled,
        Self::RegistrationCertified,
        Self::CrisisOpened,
        Self::CrisisRollMade,
        Self::CrisisBroadcast,
        Self::CrisisClosed,
        Self::CrisisReplyRecorded,
        Self::ElectionAnnounced,
        Self::ElectionTold,
        Self::ElectoralRollExported,
        Self::CrisisRollExported,
        Self::RegisterJournalExported,
        Self::ApplicationDueSoon,
        Self::ApplicationOverdue,
        Self::ApplicationRegisterAnswered,
        Self::ApplicationRegisterSilent,
        Self::ConsentWithdrawn,
        Self::ApplicationErased,
        Self::RegistrationErased,
        Self::CrisisPersonErased,
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
            Self::ApplicationResubmitted => "application.resubmitted",
            Self::ApplicationClaimed => "application.claimed",
            Self::ApplicationRefusalAnnounced => "application.refusal_announced",
            Self::ApplicationHeard => "application.heard",
            Self::ApplicationRefused => "application.refused",
            Self::ApplicationForwarded => "application.forwarded",
            Self::ApplicationDueSoon => "application.due_soon",
            Self::ApplicationOverdue => "application.overdue",
            Self::ApplicationWithdrawn => "application.withdrawn",
            Self::RegistrationChanged => "registration.changed",
            Self::RegistrationExtended => "registration.extended",
            Self::RegistrationOverdue => "registration.overdue",
            Self::RegistrationDeregistered => "registration.deregistered",
            Self::RegistrationAnnulled => "registration.annulled",
            Self::RegistrationCertified => "registration.certified",
            Self::CrisisOpened => "crisis.opened",
            Self::CrisisRollMade => "crisis.roll_made",
            Self::CrisisBroadcast => "crisis.broadcast",
            Self::CrisisClosed => "crisis.closed",
            Self::CrisisReplyRecorded => "crisis.reply_recorded",
            Self::ElectionAnnounced => "election.announced",
            Self::ElectionTold => "election.told",
            Self::ElectoralRollExported => "electoral_roll.exported",
            Self::CrisisRollExported => "crisis_roll.exported",
            Self::RegisterJournalExported => "register_journal.exported",
            Self::ApplicationRegisterAnswered => "application.register_answered",
            Self::ApplicationRegisterSilent => "application.register_silent",
            Self::ConsentWithdrawn => "consent.withdrawn",
            Self::ApplicationErased => "application.erased",
            Self::RegistrationErased => "registration.erased",
            Self::CrisisPersonErased => "crisis_person.erased",
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

/// What somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NotificationKind {
    /// The application is accepted: number and term.
    ApplicationAccepted,
    /// The application is returned: remarks and how to mend them.
    ApplicationReturned,
    /// The application is with an officer.
    ApplicationInReview,
    /// What was applied for is done, and the document, if there is one, is ready.
    ApplicationCompleted,
    /// The application is going to be refused: why, and where the applicant is heard.
    ApplicationRefusalAnnounced,
    /// The hearing is recorded; the term runs again.
    ApplicationHeard,
    /// The application is refused: why, and where to appeal.
    ApplicationRefused,
    /// Another mission goes on with the application.
    ApplicationForwarded,
    /// The application was taken back, as the applicant wished.
    ApplicationWithdrawn,
    /// The stay ends soon.
    StayEnding,
    /// The stay has ended; until when it can still be extended.
    StayEnded,
    /// The registration was removed from the register.
    RegistrationDeregistered,
    /// The registration was annulled.
    RegistrationAnnulled,
    /// The card has not changed for a year: is everything still true?
    ReconfirmationDue,
    /// There is a crisis where the citizen is: what to do, and is the citizen safe?
    CrisisBroadcast,
    /// There is an election: are the particulars on the card right?
    ElectionListCheck,
    /// The hearing is near, and the end of the term for objecting.
    ApplicationHearingReminder,
    /// The passport on the card ends soon.
    PassportExpiring,
    /// The term of an application is about to end.
    ApplicationDueSoon,
    /// The term of an application is over, and it is not decided.
    ApplicationOverdue,
    /// A registration was transferred from one mission to another.
    RegistrationTransferred,
    /// The consent to processing personal data is withdrawn: what ends and what is kept.
    ConsentWithdrawn,
}

/// Whom a notification is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// The applicant or the registered citizen.
    Applicant,
    /// The officers of a mission.
    Officers,
    /// The officers of a mission and who supervises them.
    OfficersAndSupervisor,
}

impl NotificationKind {
    /// Every kind.
    pub const ALL: [Self; 22] = [
        Self::ApplicationAccepted,
        Self::ApplicationReturned,
        Self::ApplicationInReview,
        Self::ApplicationCompleted,
        Self::ApplicationRefusalAnnounced,
        Self::ApplicationHeard,
        Self::ApplicationRefused,
        Self::ApplicationForwarded,
        Self::ApplicationWithdrawn,
        Self::StayEnding,
        Self::StayEnded,
        Self::RegistrationDeregistered,
        Self::RegistrationAnnulled,
        Self::ReconfirmationDue,
        Self::CrisisBroadcast,
        Self::ElectionListCheck,
        Self::ApplicationHearingReminder,
        Self::PassportExpiring,
        Self::ApplicationDueSoon,
        Self::ApplicationOverdue,
        Self::RegistrationTransferred,
        Self::ConsentWithdrawn,
    ];

    /// As stored and shown, such as `APPLICATION_ACCEPTED`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApplicationAccepted => "APPLICATION_ACCEPTED",
            Self::ApplicationReturned => "APPLICATION_RETURNED",
            Self::ApplicationInReview => "APPLICATION_IN_REVIEW",
            Self::ApplicationCompleted => "APPLICATION_COMPLETED",
            Self::ApplicationRefusalAnnounced => "APPLICATION_REFUSAL_ANNOUNCED",
            Self::ApplicationHeard => "APPLICATION_HEARD",
            Self::ApplicationRefused => "APPLICATION_REFUSED",
            Self::ApplicationForwarded => "APPLICATION_FORWARDED",
            Self::ApplicationWithdrawn => "APPLICATION_WITHDRAWN",
            Self::StayEnding => "STAY_ENDING",
            Self::StayEnded => "STAY_ENDED",
            Self::RegistrationDeregistered => "REGISTRATION_DEREGISTERED",
            Self::RegistrationAnnulled => "REGISTRATION_ANNULLED",
            Self::ReconfirmationDue => "RECONFIRMATION_DUE",
            Self::CrisisBroadcast => "CRISIS_BROADCAST",
            Self::ElectionListCheck => "ELECTION_LIST_CHECK",
            Self::ApplicationHearingReminder => "APPLICATION_HEARING_REMINDER",
            Self::PassportExpiring => "PASSPORT_EXPIRING",
            Self::ApplicationDueSoon => "APPLICATION_DUE_SOON",
            Self::ApplicationOverdue => "APPLICATION_OVERDUE",
            Self::RegistrationTransferred => "REGISTRATION_TRANSFERRED",
            Self::ConsentWithdrawn => "CONSENT_WITHDRAWN",
        }
    }

    /// Whom it is for.
    pub const fn audience(self) -> Audience {
        match self {
            Self::ApplicationDueSoon | Self::RegistrationTransferred => Audience::Officers,
            Self::ApplicationOverdue => Audience::OfficersAndSupervisor,
            _ => Audience::Applicant,
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}
