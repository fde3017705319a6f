//! Who is a consular officer of which mission: data, by IIN and BIN as the officer's certificate names them.

use std::sync::Arc;

use arc_swap::ArcSwap;
use serde::Deserialize;

use crate::registration::MissionCode;
use crate::registration::act::ActName;
use crate::registration::mission::Missions;

/// The officers that the service knows.
#[derive(Debug, Clone, Default)]
pub struct OfficerTable {
    officers: Vec<Officer>,
}

/// The table as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    #[serde(default, rename = "officer")]
    officers: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    iin: String,
    bin: String,
    mission: String,
    roles: Vec<String>,
}

/// One officer at one mission.
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfficerRole {
    /// Examines and decides.
    Officer,
    /// Supervises; may do what an officer may.
    Supervisor,
}

impl OfficerRole {
    /// As the table spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Officer => "OFFICER",
            Self::Supervisor => "SUPERVISOR",
        }
    }
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
    /// Reads a row; or everything that is wrong with it.
    fn of(row: Row) -> Result<Self, Vec<&'static str>> {
        let is_number = |digits: &str| digits.len() == 12 && digits.bytes().all(|octet| octet.is_ascii_digit());
        let role = |name: &String| {
            [OfficerRole::Officer, OfficerRole::Supervisor].into_iter().find(|role| role.as_str() == name)
        };
        let roles: Option<Vec<OfficerRole>> = row.roles.iter().map(role).collect();
        let mut faults = Vec::new();
        if !is_number(&row.iin) {
            faults.push("the IIN is not twelve digits");
        }
        if !is_number(&row.bin) {
            faults.push("the BIN is not twelve digits");
        }
        if roles.is_none() {
            faults.push("a role is neither OFFICER nor SUPERVISOR");
        }
        match (row.mission.parse(), roles) {
            (Ok(mission), Some(roles)) if faults.is_empty() => Ok(Self { iin: row.iin, bin: row.bin, mission, roles }),
            (Ok(_), _) => Err(faults),
            (Err(_), _) => {
                faults.push("the mission is not a code such as KZ-DE-BER");
                Err(faults)
            }
        }
    }

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
    ///
    /// # Errors
    /// Which line is no TOML of this kind; else everything that is wrong with each officer, who is named by the place in the table. Nothing is
    /// quoted and digits are hidden, since they name a person.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        let rows: Rows = toml::from_str(text).map_err(|error: toml::de::Error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let hidden = error.message().replace(|letter: char| letter.is_ascii_digit(), "·");
            format!("line {}: {hidden}", before.matches('\n').count() + 1)
        })?;
        let (mut officers, mut faults) = (Vec::with_capacity(rows.officers.len()), Vec::new());
        for (row, place) in rows.officers.into_iter().zip(1..) {
            match Officer::of(row) {
                Ok(officer) => officers.push(officer),
                Err(wrong) => faults.extend(wrong.into_iter().map(|what| format!("officer {place}: {what}"))),
            }
        }
        if faults.is_empty() { Ok(Self { officers }) } else { Err(faults.join("; ")) }
    }

    /// How many officers a mission has.
    pub fn of_mission(&self, code: &MissionCode) -> usize {
        self.officers.iter().filter(|officer| officer.mission == *code).count()
    }

    /// All rows, in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = &Officer> {
        self.officers.iter()
    }

    /// What keeps the table from coming into force beside these missions. Without a role an officer may stand in it, and may do nothing.
    pub fn faults(&self, missions: &Missions) -> Vec<String> {
        let mut faults = Vec::new();
        for (index, officer) in self.officers.iter().enumerate() {
            let mut fault = |what: &str| faults.push(format!("officer {}: {what}", index + 1));
            if missions.find(&officer.mission).is_none() {
                fault(&format!("there is no mission {}", officer.mission));
            }
            let is_the_same = |other: &Officer| other.iin == officer.iin && other.bin == officer.bin;
            if let Some(first) = self.officers.iter().take(index).position(is_the_same) {
                fault(&format!("has the IIN and BIN of officer {}", first + 1));
            }
        }
        faults
    }

    /// The officer of that IIN and BIN.
    pub fn find(&self, iin: Option<&str>, bin: Option<&str>) -> Option<&Officer> {
        self.officers.iter().find(|officer| Some(officer.iin.as_str()) == iin && Some(officer.bin.as_str()) == bin)
    }
}
