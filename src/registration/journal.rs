//! The journal of a mission's register: what was entered in a period, and about whom.
//!
//! Which particulars a journal has to show could not be read in the Rules, so they are this service's own design.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::event::EventName;
use super::form::{Card, CyrillicFullName, Kind};
use super::record::DeregistrationGround;
use super::text::Text;

/// What is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EntryKind {
    /// A registration was opened.
    Opened,
    /// The card got a new version.
    Changed,
    /// The stay was extended.
    Extended,
    /// The stay has ended and was not extended.
    Overdue,
    /// A certificate was granted.
    Certified,
    /// The citizen was removed from the register.
    Deregistered,
    /// The registration was annulled.
    Annulled,
}

impl EntryKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Opened,
        Self::Changed,
        Self::Extended,
        Self::Overdue,
        Self::Certified,
        Self::Deregistered,
        Self::Annulled,
    ];

    /// The event that it tells of.
    pub const fn event(self) -> EventName {
        match self {
            Self::Opened => EventName::RegistrationOpened,
            Self::Changed => EventName::RegistrationChanged,
            Self::Extended => EventName::RegistrationExtended,
            Self::Overdue => EventName::RegistrationOverdue,
            Self::Certified => EventName::RegistrationCertified,
            Self::Deregistered => EventName::RegistrationDeregistered,
            Self::Annulled => EventName::RegistrationAnnulled,
        }
    }

    /// The kind that tells of an event of that name.
    pub fn of_event(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.event().as_str() == name)
    }

    /// In words.
    pub const fn text(self) -> Text {
        match self {
            Self::Opened => Text::fixed("есепке қойылды", "поставлен на учёт", "registered"),
            Self::Changed => Text::fixed("мәліметтер өзгертілді", "сведения изменены", "particulars changed"),
            Self::Extended => Text::fixed("мерзімі ұзартылды", "срок продлён", "stay extended"),
            Self::Overdue => Text::fixed("болу мерзімі аяқталды", "срок пребывания истёк", "stay ended"),
            Self::Certified => Text::fixed("анықтама берілді", "выдана справка", "certificate granted"),
            Self::Deregistered => Text::fixed("есептен шығарылды", "снят с учёта", "removed from the register"),
            Self::Annulled => Text::fixed("тіркеу жойылды", "регистрация аннулирована", "annulled"),
        }
    }
}

/// One entry. What a card that is kept no more said is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JournalEntry {
    /// What was entered.
    pub entry: EntryKind,
    /// When.
    pub time: DateTime<Utc>,
    /// Number of the registration.
    pub registration: String,
    /// Kind of registration.
    pub kind: Kind,
    /// Name in Cyrillic, by the card at the end of the period.
    pub name: Option<String>,
    /// Date of birth, by that card.
    pub birth_date: Option<NaiveDate>,
    /// Last day of the stay, by that card; a permanent registration has none.
    pub valid_until: Option<NaiveDate>,
    /// On what ground the citizen was removed from the register.
    pub ground: Option<DeregistrationGround>,
}

impl JournalEntry {
    /// Fills in what the card says.
    #[must_use]
    pub fn by_card(self, card: &Card) -> Self {
        Self {
            name: card.identity.name.as_ref().map(CyrillicFullName::full),
            birth_date: card.identity.birth_date,
            valid_until: card.stay.until,
            ..self
        }
    }
}
