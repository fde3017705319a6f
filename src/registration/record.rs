//! States of a registration: the record that lives for years after its application has ended.

use std::fmt;

use serde::{Deserialize, Serialize};

/// State of a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RegistrationState {
    /// The citizen is registered.
    Active,
    /// The stay has ended by the card, and nobody has extended it or removed the record yet.
    Overdue,
    /// Removed from the register.
    Deregistered,
    /// Goes on at another mission.
    Transferred,
    /// Void from the beginning.
    Annulled,
}

impl RegistrationState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Active, Self::Overdue, Self::Deregistered, Self::Transferred, Self::Annulled];

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
            Self::Transferred => "TRANSFERRED",
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
