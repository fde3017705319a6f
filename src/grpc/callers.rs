//! The systems that may call: who they are by TLS certificate, and which roles each has.
//!
//! The table is data (`callers.toml`) and may be replaced while connections are open: every call looks its caller up anew, so a
//! system that was taken out is turned away at its next call.
//!
//! ```toml
//! [[caller]]
//! id = "egov-portal"
//! certificate_sha256 = "…64 hexadecimal digits…"
//! roles = ["portal"]
//!
//! [[caller]]
//! id = "berlin-front-desk"
//! information_system = "1.2.398.3.3.…"
//! roles = ["mission"]
//! mission = "KZ-DE-BER"
//! ```

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use serde::Deserialize;

use super::peer::PeerCertificate;

/// What a calling system is, and so which methods it may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The portal, which files citizens' applications and sees its own.
    Portal,
    /// The system of one mission.
    Mission,
    /// The ministry, which sees all missions.
    Ministry,
    /// A state system that has signatures validated.
    Validation,
    /// Certificate administrators.
    TrustAdministrator,
    /// Auditors, who read and change nothing.
    Auditor,
}

impl Role {
    /// All roles, in the order of their description.
    pub const ALL: [Self; 6] =
        [Self::Portal, Self::Mission, Self::Ministry, Self::Validation, Self::TrustAdministrator, Self::Auditor];

    /// The name in `callers.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Portal => "portal",
            Self::Mission => "mission",
            Self::Ministry => "ministry",
            Self::Validation => "validation",
            Self::TrustAdministrator => "trust-administrator",
            Self::Auditor => "auditor",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// One calling system. It is recognised when every mark that its entry names is found on the peer's certificate.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallerEntry {
    /// Its identifier, stored as `submitted_by`.
    pub id: String,
    /// SHA-256 of its TLS certificate, lower-case hexadecimal.
    #[serde(default)]
    pub certificate_sha256: Option<String>,
    /// Object identifier of the information system in the certificate's subject (UID): survives a renewal of the certificate.
    #[serde(default)]
    pub information_system: Option<String>,
    /// What it may be.
    pub roles: Vec<Role>,
    /// Code of the mission, for the role `mission`.
    #[serde(default)]
    pub mission: Option<String>,
}

impl CallerEntry {
    fn is(&self, peer: &PeerCertificate) -> bool {
        self.certificate_sha256.as_ref().is_none_or(|sha256| *sha256 == peer.sha256)
            && self.information_system.as_ref().is_none_or(|oid| peer.information_system.as_ref() == Some(oid))
    }

    fn check(&self) -> Result<(), CallerTableError> {
        let wrong = |explanation| Err(CallerTableError::Entry { id: self.id.clone(), explanation });
        let plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '.' | '_');
        if self.id.is_empty() || self.id.len() > 64 || !self.id.chars().all(plain) {
            return wrong("id has to be 1 to 64 characters of A-Z a-z 0-9 - . _");
        }
        if self.certificate_sha256.is_none() && self.information_system.is_none() {
            return wrong("certificate_sha256 or information_system is needed to recognise the caller");
        }
        let hexadecimal = |digit: char| digit.is_ascii_digit() || matches!(digit, 'a'..='f');
        if self.certificate_sha256.as_ref().is_some_and(|sha256| sha256.len() != 64 || !sha256.chars().all(hexadecimal))
        {
            return wrong("certificate_sha256 has to be 64 lower-case hexadecimal digits");
        }
        if self
            .information_system
            .as_ref()
            .is_some_and(|oid| !oid.chars().all(|digit| digit.is_ascii_digit() || digit == '.'))
        {
            return wrong("information_system has to be a dotted object identifier");
        }
        if self.roles.is_empty() {
            return wrong("roles has to name at least one role");
        }
        if self.roles.contains(&Role::Mission) != self.mission.as_ref().is_some_and(|mission| !mission.is_empty()) {
            return wrong("the role mission and a mission code go together");
        }
        Ok(())
    }
}

/// Why a table of callers is refused; the one in force stays.
#[derive(Debug, thiserror::Error)]
pub enum CallerTableError {
    /// Not the TOML that is expected.
    #[error("the table of callers cannot be read: {0}")]
    Syntax(#[from] toml::de::Error),
    /// An entry that makes no sense.
    #[error("caller `{id}`: {explanation}")]
    Entry {
        /// The entry.
        id: String,
        /// What is wrong with it.
        explanation: &'static str,
    },
    /// The same certificate could be either of two callers.
    #[error("caller `{0}`: another entry has the same id or the same marks")]
    Duplicate(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallersFile {
    #[serde(default, rename = "caller")]
    callers: Vec<CallerEntry>,
}

/// All callers known; immutable.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct CallerTable {
    /// Those known by their certificate come first: the narrower mark decides.
    entries: Vec<CallerEntry>,
}

impl CallerTable {
    /// Reads the text of `callers.toml`.
    pub fn from_toml(text: &str) -> Result<Self, CallerTableError> {
        Self::new(toml::from_str::<CallersFile>(text)?.callers)
    }

    /// A table of these entries, each checked and no two alike.
    pub fn new(mut entries: Vec<CallerEntry>) -> Result<Self, CallerTableError> {
        let (mut ids, mut marks) = (HashSet::new(), HashSet::new());
        for entry in &entries {
            entry.check()?;
            if !ids.insert(&entry.id) || !marks.insert((&entry.certificate_sha256, &entry.information_system)) {
                return Err(CallerTableError::Duplicate(entry.id.clone()));
            }
        }
        entries.sort_by_key(|entry| entry.certificate_sha256.is_none());
        Ok(Self { entries })
    }

    /// The caller whose marks this certificate bears.
    pub fn find(&self, peer: &PeerCertificate) -> Option<&CallerEntry> {
        self.entries.iter().find(|entry| entry.is(peer))
    }

    /// How many callers there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no caller at all.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// The table in force, shared by all connections.
pub type SharedCallers = Arc<ArcSwap<CallerTable>>;

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(sha256: &str, information_system: Option<&str>) -> PeerCertificate {
        PeerCertificate { sha256: sha256.repeat(64), information_system: information_system.map(str::to_owned) }
    }

    fn table(text: &str) -> Result<CallerTable, CallerTableError> {
        CallerTable::from_toml(text)
    }

    #[test]
    fn a_caller_is_known_by_every_mark_its_entry_names() {
        let a = "a".repeat(64);
        let table = table(&format!(
            "[[caller]]\nid = \"by-system\"\ninformation_system = \"1.2.398.9\"\nroles = [\"portal\"]\n\
             [[caller]]\nid = \"by-both\"\ncertificate_sha256 = \"{a}\"\ninformation_system = \"1.2.398.9\"\nroles = [\"auditor\"]\n"
        ))
        .unwrap();
        let id = |peer: PeerCertificate| table.find(&peer).map(|entry| entry.id.as_str());
        assert_eq!(id(peer("a", Some("1.2.398.9"))), Some("by-both"));
        assert_eq!(id(peer("b", Some("1.2.398.9"))), Some("by-system"));
        assert_eq!(id(peer("a", None)), None);
        assert_eq!(id(peer("b", Some("1.2.398.8"))), None);
    }

    #[test]
    fn a_table_that_leaves_doubt_is_refused() {
        let a = "a".repeat(64);
        let entry = |rest: &str| table(&format!("[[caller]]\nid = \"x\"\n{rest}\n")).unwrap_err().to_string();
        assert!(entry("roles = [\"portal\"]").contains("to recognise the caller"));
        assert!(entry("certificate_sha256 = \"AB\"\nroles = [\"portal\"]").contains("64 lower-case"));
        assert!(entry("information_system = \"1.2\"\nroles = []").contains("at least one role"));
        assert!(entry("information_system = \"1.2\"\nroles = [\"mission\"]").contains("go together"));
        assert!(
            entry("information_system = \"1.2\"\nroles = [\"portal\"]\nmission = \"KZ-DE-BER\"")
                .contains("go together")
        );
        assert!(entry("information_system = \"1.2\"\nroles = [\"king\"]").contains("unknown variant"));
        assert!(entry("information_system = \"1.2\"\nroles = [\"portal\"]\nscope = \"all\"").contains("unknown field"));
        let twice = format!("certificate_sha256 = \"{a}\"\nroles = [\"portal\"]\n");
        let error = table(&format!("[[caller]]\nid = \"x\"\n{twice}[[caller]]\nid = \"y\"\n{twice}")).unwrap_err();
        assert!(matches!(error, CallerTableError::Duplicate(id) if id == "y"));
    }
}
