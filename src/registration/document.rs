//! Which document an application ends with: by kind of registration and channel.

use serde::{Deserialize, Serialize};

use super::form::Kind;
use super::rules::Channel;
use super::text::Text;

/// Kind of an electronic document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DocumentKind {
    /// Notice of (permanent) registration, through the portal.
    NoticeOfRegistration,
    /// Notice of temporary registration, through the portal.
    NoticeOfTemporaryRegistration,
    /// Insert to the passport, at a mission.
    PassportInsert,
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::NoticeOfRegistration, Self::NoticeOfTemporaryRegistration, Self::PassportInsert];

    /// The document that completes an application, if there is one: a temporary registration at a mission is an entry in the register
    /// and nothing else (procedure table of the official page).
    pub const fn on_completion(kind: Kind, channel: Channel) -> Option<Self> {
        match (kind, channel) {
            (Kind::Permanent, Channel::Portal) => Some(Self::NoticeOfRegistration),
            (Kind::Temporary, Channel::Portal) => Some(Self::NoticeOfTemporaryRegistration),
            (Kind::Permanent, Channel::Mission) => Some(Self::PassportInsert),
            (Kind::Temporary, Channel::Mission) => None,
        }
    }

    /// Whether it is made here; the insert to the passport is paper that the mission fills in.
    pub const fn is_electronic(self) -> bool {
        matches!(self, Self::NoticeOfRegistration | Self::NoticeOfTemporaryRegistration)
    }

    /// As stored and shown, such as `NOTICE_OF_TEMPORARY_REGISTRATION`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoticeOfRegistration => "NOTICE_OF_REGISTRATION",
            Self::NoticeOfTemporaryRegistration => "NOTICE_OF_TEMPORARY_REGISTRATION",
            Self::PassportInsert => "PASSPORT_INSERT",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The title printed on the document.
    pub const fn title(self) -> Text {
        match self {
            Self::NoticeOfRegistration => Text::fixed(
                "Консулдық есепке алу туралы хабарлама",
                "Уведомление о постановке на консульский учёт",
                "Notice of consular registration",
            ),
            Self::NoticeOfTemporaryRegistration => Text::fixed(
                "Уақытша консулдық есепке алу туралы хабарлама",
                "Уведомление о постановке на временный консульский учёт",
                "Notice of temporary consular registration",
            ),
            Self::PassportInsert => Text::fixed(
                "Консулдық есепке алу туралы паспортқа қосымша бет",
                "Вкладыш в паспорт о постановке на консульский учёт",
                "Insert to the passport on consular registration",
            ),
        }
    }
}
