//! What an applicant or a mission is told, and in which words: one message from one event, in the reader's language.
//!
//! Lives here: the events worth a message and their texts in Kazakh, Russian and English, one table file per language. May not
//! live here: the database, the choice of channel, transports, the time. The personal account is always a channel; others come
//! by consent.
//!
//! One step of the procedure gives one message. Acceptance gives none: the caller is answered with number and due time at
//! once. So an application that completes without an officer leads to exactly one message, that it is completed.
//!
//! Texts name applications, registrations and documents by their numbers and never hold a name or an IIN: a message may
//! travel by channels that others read.

use chrono::{NaiveDate, NaiveDateTime};

use serde::{Deserialize, Serialize};

use crate::registration::{ApplicationType, Language, Text};

mod en;
mod kk;
mod mission;
mod registration;
mod ru;

pub use mission::MissionNotice;
pub use registration::RegistrationNotice;

/// What happened, with everything that the message about it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageData {
    /// The application was not decided at once: an officer examines it.
    ApplicationInReview {
        /// Number of the application.
        application: String,
        /// The mission that examines it.
        mission: Text,
        /// The day, by the mission's calendar, by which it is decided.
        due_on: NaiveDate,
    },
    /// The application was given back with remarks; the term for deciding it runs on.
    ApplicationReturned {
        /// Number of the application.
        application: String,
        /// What has to be mended, at least one.
        remarks: Vec<Remark>,
        /// The day, by the mission's calendar, by which the application is decided.
        due_on: NaiveDate,
    },
    /// What was applied for is done and the document is ready.
    ApplicationCompleted {
        /// What was applied for.
        application_type: ApplicationType,
        /// Number of the application.
        application: String,
        /// Number of the registration.
        registration: String,
        /// Title and number of the electronic document; an application at a mission ends with none.
        document: Option<(Text, String)>,
    },
    /// The application is going to be refused, unless the applicant's objection convinces.
    RefusalAnnounced {
        /// Number of the application.
        application: String,
        /// The ground and the reasons.
        reason: Text,
        /// When the applicant is heard, by the mission's clock.
        hearing: NaiveDateTime,
        /// Where the applicant is heard.
        place: String,
        /// Until when the applicant may object, by the mission's clock.
        objection_until: NaiveDateTime,
    },
    /// The hearing is near, and the end of the term for objecting.
    HearingReminder {
        /// Number of the application.
        application: String,
        /// When the applicant is heard, by the mission's clock.
        hearing: NaiveDateTime,
        /// Where the applicant is heard.
        place: String,
        /// Until when the applicant may object, by the mission's clock.
        objection_until: NaiveDateTime,
    },
    /// The applicant was heard; the term runs again.
    Heard {
        /// Number of the application.
        application: String,
        /// The day, by the mission's calendar, by which the application is decided.
        due_on: NaiveDate,
    },
    /// The application is refused.
    Refused {
        /// Number of the application.
        application: String,
        /// The ground and the reasons.
        reason: Text,
    },
    /// Another mission is competent and goes on with the application.
    Forwarded {
        /// Number of the application.
        application: String,
        /// The mission that goes on with it.
        mission: Text,
    },
    /// The application was taken back.
    Withdrawn {
        /// Number of the application.
        application: String,
    },
    /// The consent to processing personal data is withdrawn.
    ConsentWithdrawn {
        /// Number of the application that the act names.
        application: String,
        /// What follows.
        consequences: Text,
    },
}

/// One thing to mend in an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Path of the field in the application form, such as `card.stay.until`.
    pub field: String,
    /// What is wrong with it.
    pub text: Text,
}

/// A message ready to be shown or sent: plain text, lines parted by `\n`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// One line.
    pub subject: String,
    /// Whole sentences.
    pub body: String,
}

impl MessageData {
    /// Name of the kind of message as stored and shown, such as `APPLICATION_COMPLETED`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ApplicationInReview { .. } => "APPLICATION_IN_REVIEW",
            Self::ApplicationReturned { .. } => "APPLICATION_RETURNED",
            Self::ApplicationCompleted { .. } => "APPLICATION_COMPLETED",
            Self::RefusalAnnounced { .. } => "APPLICATION_REFUSAL_ANNOUNCED",
            Self::HearingReminder { .. } => "APPLICATION_HEARING_REMINDER",
            Self::Heard { .. } => "APPLICATION_HEARD",
            Self::Refused { .. } => "APPLICATION_REFUSED",
            Self::Forwarded { .. } => "APPLICATION_FORWARDED",
            Self::Withdrawn { .. } => "APPLICATION_WITHDRAWN",
            Self::ConsentWithdrawn { .. } => "CONSENT_WITHDRAWN",
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

/// The remarks as a list, one a line.
fn listed(remarks: &[Remark], language: Language) -> String {
    let line = |remark: &Remark| format!("— {} ({})\n", remark.text.in_language(language), remark.field);
    remarks.iter().map(line).collect::<Vec<_>>().concat()
}
