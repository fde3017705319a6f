//! What a mission is told: its officers, and where the law is about to be broken or was, who supervises them.
//!
//! Like all messages these name numbers only; who it is about is seen in the application, by whoever may see that.

use chrono::NaiveDateTime;

use super::Message;
use crate::registration::event::NotificationKind;
use crate::registration::{Language, Text};

mod en;
mod kk;
mod ru;

/// What a mission has to know of, with everything that the message about it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MissionNotice {
    /// The term of an application is about to end.
    DueSoon {
        /// Number of the application.
        application: String,
        /// When it ends, by the mission's clock.
        due: NaiveDateTime,
    },
    /// The term of an application is over, and it is not decided.
    Overdue {
        /// Number of the application.
        application: String,
        /// When it ended, by the mission's clock.
        due: NaiveDateTime,
    },
    /// A registration was transferred from one mission to another; both are told.
    Transferred {
        /// Number of the registration that has ended.
        former: String,
        /// The mission that kept it.
        from: Text,
        /// Number of the registration that was opened.
        registration: String,
        /// The mission that keeps it.
        to: Text,
    },
}

impl MissionNotice {
    /// The kind of message.
    pub const fn kind(&self) -> NotificationKind {
        match self {
            Self::DueSoon { .. } => NotificationKind::ApplicationDueSoon,
            Self::Overdue { .. } => NotificationKind::ApplicationOverdue,
            Self::Transferred { .. } => NotificationKind::RegistrationTransferred,
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
