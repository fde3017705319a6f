//! A registration: the record that lives for years after its application has ended. Each state carries exactly its own data; a
//! transition consumes the old state and gives the new one.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::Text;

/// Name of a registration's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RegistrationState {
    /// The citizen is registered.
    Active,
    /// The stay has ended by the card, and nobody has extended it or removed the record yet.
    Overdue,
    /// Removed from the register.
    Deregistered,
    /// Void from the beginning.
    Annulled,
}

impl RegistrationState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Active, Self::Overdue, Self::Deregistered, Self::Annulled];

    /// Whether the citizen is registered: there is at most one open registration per person in the world.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Active | Self::Overdue)
    }

    /// As stored and shown, such as `ACTIVE`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Overdue => "OVERDUE",
            Self::Deregistered => "DEREGISTERED",
            Self::Annulled => "ANNULLED",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

impl fmt::Display for RegistrationState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// On what ground a citizen is removed from the register: the closed list of the Rules of consular registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeregistrationGround {
    /// The citizen, or the legal representative, applied for it.
    OwnApplication,
    /// Another mission gave notice that it has registered the citizen.
    RegisteredElsewhere,
    /// The term on the card is over.
    StayExpired,
    /// The citizen has died, or a court has decided so.
    DeathOrCourtDecision,
    /// The citizenship of Kazakhstan was lost.
    CitizenshipLost,
}

impl DeregistrationGround {
    /// Every ground.
    pub const ALL: [Self; 5] = [
        Self::OwnApplication,
        Self::RegisteredElsewhere,
        Self::StayExpired,
        Self::DeathOrCourtDecision,
        Self::CitizenshipLost,
    ];

    /// Whether a document has to show it: the application and the register show the others themselves.
    pub const fn needs_evidence(self) -> bool {
        match self {
            Self::RegisteredElsewhere | Self::DeathOrCourtDecision | Self::CitizenshipLost => true,
            Self::OwnApplication | Self::StayExpired => false,
        }
    }

    /// As stored and shown, such as `STAY_EXPIRED`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OwnApplication => "OWN_APPLICATION",
            Self::RegisteredElsewhere => "REGISTERED_ELSEWHERE",
            Self::StayExpired => "STAY_EXPIRED",
            Self::DeathOrCourtDecision => "DEATH_OR_COURT_DECISION",
            Self::CitizenshipLost => "CITIZENSHIP_LOST",
        }
    }

    /// The ground of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ground| ground.as_str() == name)
    }

    /// The ground as documents and notifications name it.
    pub const fn text(self) -> Text {
        match self {
            Self::OwnApplication => {
                Text::fixed("азаматтың өтініші", "заявление гражданина", "the citizen's own application")
            }
            Self::RegisteredElsewhere => Text::fixed(
                "басқа шетелдегі мекемеде есепке қойылуы",
                "постановка на учёт в другом загранучреждении",
                "registration at another mission",
            ),
            Self::StayExpired => {
                Text::fixed("болу мерзімінің аяқталуы", "истечение срока пребывания", "the end of the stay")
            }
            Self::DeathOrCourtDecision => Text::fixed(
                "қайтыс болу немесе сот шешімі",
                "смерть или решение суда",
                "death or a decision of a court",
            ),
            Self::CitizenshipLost => Text::fixed(
                "Қазақстан Республикасы азаматтығының тоқтатылуы",
                "утрата гражданства Республики Казахстан",
                "loss of the citizenship of Kazakhstan",
            ),
        }
    }
}

/// What stands in the register of a registration, whatever its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The latest version of the card, from 1.
    pub card_version: u32,
    /// Last day of the stay; none for one without an end.
    pub valid_until: Option<NaiveDate>,
}

/// A registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registration {
    /// In force.
    Active(Entry),
    /// The stay has ended by the card.
    Overdue(Entry),
    /// Removed from the register.
    Deregistered {
        /// As it was last.
        entry: Entry,
        /// Why.
        ground: DeregistrationGround,
        /// When.
        closed_time: DateTime<Utc>,
    },
    /// Void from the beginning.
    Annulled {
        /// As it was last.
        entry: Entry,
        /// When that was established.
        closed_time: DateTime<Utc>,
    },
}

/// Why a transition is not possible. What was stored is unchanged; the value in hand is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The state does not allow it.
    #[error("a registration in state {from} cannot {transition}")]
    WrongState {
        /// The state it is in.
        from: RegistrationState,
        /// What was tried.
        transition: &'static str,
    },
    /// An extension that does not end later than the present stay.
    #[error("an extension ends later than the present stay")]
    NotExtended,
    /// A change that moves the end of the stay: later is an extension, earlier is not said by an older card.
    #[error("a change does not move the end of the stay")]
    TermChanged,
    /// A ground that does not hold: the stay has not ended.
    #[error("the ground {} does not hold", .0.as_str())]
    GroundInvalid(DeregistrationGround),
}

impl Registration {
    /// A new registration with the first version of its card: ACTIVE.
    pub const fn open(valid_until: Option<NaiveDate>) -> Self {
        Self::Active(Entry { card_version: 1, valid_until })
    }

    /// The name of the state.
    pub const fn state(&self) -> RegistrationState {
        match self {
            Self::Active(_) => RegistrationState::Active,
            Self::Overdue(_) => RegistrationState::Overdue,
            Self::Deregistered { .. } => RegistrationState::Deregistered,
            Self::Annulled { .. } => RegistrationState::Annulled,
        }
    }

    /// What stands in the register.
    pub const fn entry(&self) -> &Entry {
        match self {
            Self::Active(entry)
            | Self::Overdue(entry)
            | Self::Deregistered { entry, .. }
            | Self::Annulled { entry, .. } => entry,
        }
    }

    /// ACTIVE → ACTIVE with the next version of the card, which leaves the end of the stay as it is.
    ///
    /// # Errors
    /// From any other state, and when the card names another end.
    pub fn change(self, valid_until: Option<NaiveDate>) -> Result<Self, RecordError> {
        match self {
            Self::Active(entry) if valid_until != entry.valid_until => Err(RecordError::TermChanged),
            Self::Active(entry) => Ok(Self::Active(entry.next(valid_until))),
            other => Err(other.cannot("be changed")),
        }
    }

    /// ACTIVE or OVERDUE → ACTIVE with the next version of the card and a later end of the stay.
    ///
    /// # Errors
    /// From any other state, and when the stay does not end later.
    pub fn extend(self, valid_until: Option<NaiveDate>) -> Result<Self, RecordError> {
        match self {
            Self::Active(entry) | Self::Overdue(entry) => {
                if is_later(valid_until, entry.valid_until) {
                    Ok(Self::Active(entry.next(valid_until)))
                } else {
                    Err(RecordError::NotExtended)
                }
            }
            other => Err(other.cannot("be extended")),
        }
    }

    /// ACTIVE → OVERDUE, on a day after the last one of the stay.
    ///
    /// # Errors
    /// From any other state, and while the stay lasts.
    pub fn expire(self, today: NaiveDate) -> Result<Self, RecordError> {
        match self {
            Self::Active(entry) if entry.valid_until.is_some_and(|last| last < today) => Ok(Self::Overdue(entry)),
            other => Err(other.cannot("become overdue")),
        }
    }

    /// ACTIVE or OVERDUE → DEREGISTERED. An expired stay is a ground only once the registration is OVERDUE.
    ///
    /// # Errors
    /// From any other state, and where the ground does not hold.
    pub fn deregister(self, ground: DeregistrationGround, now: DateTime<Utc>) -> Result<Self, RecordError> {
        match self {
            Self::Active(_) if ground == DeregistrationGround::StayExpired => Err(RecordError::GroundInvalid(ground)),
            Self::Active(entry) | Self::Overdue(entry) => Ok(Self::Deregistered { entry, ground, closed_time: now }),
            other => Err(other.cannot("be removed from the register")),
        }
    }

    /// ACTIVE or OVERDUE → ANNULLED.
    ///
    /// # Errors
    /// From any other state.
    pub fn annul(self, now: DateTime<Utc>) -> Result<Self, RecordError> {
        match self {
            Self::Active(entry) | Self::Overdue(entry) => Ok(Self::Annulled { entry, closed_time: now }),
            other => Err(other.cannot("be annulled")),
        }
    }

    const fn cannot(&self, transition: &'static str) -> RecordError {
        RecordError::WrongState { from: self.state(), transition }
    }
}

impl Entry {
    const fn next(self, valid_until: Option<NaiveDate>) -> Self {
        Self { card_version: self.card_version + 1, valid_until }
    }
}

/// Whether a stay until `one` lasts longer than a stay until `other`; without an end it lasts longest.
fn is_later(one: Option<NaiveDate>, other: Option<NaiveDate>) -> bool {
    match (one, other) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(one), Some(other)) => one > other,
    }
}
