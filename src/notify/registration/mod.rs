//! What a citizen is told about the registration after its application has ended.

use chrono::NaiveDate;

use super::Message;
use crate::registration::event::NotificationKind;
use crate::registration::{Language, Text};

mod en;
mod kk;
mod ru;

/// What happened to a registration, with everything that the message about it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistrationNotice {
    /// The stay ends soon, or today.
    StayEnding {
        /// Number of the registration.
        registration: String,
        /// Last day of the stay.
        valid_until: NaiveDate,
    },
    /// The stay has ended and was not extended.
    StayEnded {
        /// Number of the registration.
        registration: String,
        /// Last day of the stay.
        valid_until: NaiveDate,
        /// The day on which the registration is removed unless the stay is extended.
        removed_on: NaiveDate,
    },
    /// The registration was removed from the register.
    Deregistered {
        /// Number of the registration.
        registration: String,
        /// On what ground.
        ground: Text,
        /// The day, by the mission's calendar.
        on: NaiveDate,
    },
    /// The registration was annulled.
    Annulled {
        /// Number of the registration.
        registration: String,
        /// Why.
        reason: Text,
        /// The day, by the mission's calendar.
        on: NaiveDate,
    },
    /// The passport on the card ends soon.
    PassportExpiring {
        /// Number of the registration.
        registration: String,
        /// Last day of the passport's validity.
        on: NaiveDate,
    },
    /// The card has not changed for a year.
    ReconfirmationDue {
        /// Number of the registration.
        registration: String,
    },
    /// There is a crisis where the citizen is.
    CrisisBroadcast {
        /// What has happened.
        title: Text,
        /// What everybody there is told.
        message: Text,
        /// Telephone of the mission for emergencies.
        phone: String,
    },
    /// There is an election, and the citizen may vote at the mission.
    ElectionListCheck {
        /// What is voted on.
        title: Text,
        /// The voting day.
        voting_day: NaiveDate,
        /// Number of the registration.
        registration: String,
        /// The last day for correcting the particulars.
        check_until: NaiveDate,
        /// Telephone of the mission.
        phone: String,
    },
}

impl RegistrationNotice {
    /// The kind of message.
    pub const fn kind(&self) -> NotificationKind {
        match self {
            Self::StayEnding { .. } => NotificationKind::StayEnding,
            Self::StayEnded { .. } => NotificationKind::StayEnded,
            Self::Deregistered { .. } => NotificationKind::RegistrationDeregistered,
            Self::Annulled { .. } => NotificationKind::RegistrationAnnulled,
            Self::PassportExpiring { .. } => NotificationKind::PassportExpiring,
            Self::ReconfirmationDue { .. } => NotificationKind::ReconfirmationDue,
            Self::CrisisBroadcast { .. } => NotificationKind::CrisisBroadcast,
            Self::ElectionListCheck { .. } => NotificationKind::ElectionListCheck,
        }
    }

    /// The message in `language`.
    pub fn message(&self, language: Language) -> Message {
        match language {
            Language::Kk => kk::message(self),
            Language::Ru => ru::message(self),
            Language::En => en::message(self),
        }
    }
}
