//! Who is a consular officer of which mission: data, by IIN and BIN as the officer's certificate names them.

use std::sync::Arc;

use arc_swap::ArcSwap;
use serde::Deserialize;

use crate::registration::MissionCode;
use crate::registration::act::ActName;
use crate::registration::mission::Missions;

/// The officers that the service knows.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficerTable {
    #[serde(default, rename = "officer")]
    officers: Vec<Officer>,
}

/// One officer at one mission.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officer {
    /// The officer's individual identification number.
    pub iin: String,
    /// The business identification number of the mission, as the officer's certificate names it.
    pub bin: String,
    /// Code of the mission.
    pub mission: MissionCode,
    /// What the officer may do.
    pub roles: Vec<OfficerRole>,
}

/// What an officer may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OfficerRole {
    /// Examines and decides.
    Officer,
    /// Supervises; may do what an officer may.
    Supervisor,
}

/// What an officer does for a mission by signing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// Enters an application that was filed on paper.
    EnterApplication,
    /// Carries out an act on an application.
    Act(ActName),
}

impl OfficerRole {
    /// Whether the role carries the duty. Whose second pair of eyes it takes is for the rules of acts to say.
    const fn carries(self, duty: Duty) -> bool {
        match (self, duty) {
            (Self::Officer | Self::Supervisor, Duty::EnterApplication | Duty::Act(_)) => true,
        }
    }
}

impl Officer {
    /// Whether any role of the officer carries the duty; without a role an officer may do nothing.
    pub fn may(&self, duty: Duty) -> bool {
        self.roles.iter().any(|role| role.carries(duty))
    }
}

/// The table in force; replaced as a whole.
pub type SharedOfficers = Arc<ArcSwap<OfficerTable>>;

impl OfficerTable {
    /// How many officers there are.
    pub fn len(&self) -> usize {
        self.officers.len()
    }

    /// Whether there is no officer at all.
    pub fn is_empty(&self) -> bool {
        self.officers.is_empty()
    }

    /// Reads the table from TOML: `[[officer]]` with `iin`, `bin`, `mission`, `roles`.
    pub fn from_toml(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// How many officers a mission has.
    pub fn of_mission(&self, code: &MissionCode) -> usize {
        self.officers.iter().filter(|officer| officer.mission == *code).count()
    }

    /// Codes that officers are listed with and no mission in force has, each once.
    pub fn unknown_missions(&self, missions: &Missions) -> Vec<MissionCode> {
        let mut unknown: Vec<MissionCode> = Vec::new();
        for officer in self.officers.iter().filter(|officer| missions.find(&officer.mission).is_none()) {
            if !unknown.contains(&officer.mission) {
                unknown.push(officer.mission.clone());
            }
        }
        unknown
    }

    /// The officer of that IIN and BIN.
    pub fn find(&self, iin: Option<&str>, bin: Option<&str>) -> Option<&Officer> {
        self.officers.iter().find(|officer| Some(officer.iin.as_str()) == iin && Some(officer.bin.as_str()) == bin)
    }
}
