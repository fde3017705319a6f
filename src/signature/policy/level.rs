//! What a violated constraint leads to, constraint by constraint (EN 319 102-1 §5.1.4, in the four levels that validators share).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a constraint that is violated leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// The verdict is not TOTAL-PASSED.
    #[default]
    Fail,
    /// A warning of the report.
    Warn,
    /// The constraint is listed with what was found.
    Inform,
    /// The constraint is listed as not checked.
    Ignore,
}

impl Level {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it so")]
    pub(crate) fn is_fail(&self) -> bool {
        *self == Self::Fail
    }
}

/// Constraints whose violation a policy may take more lightly than FAIL, by the identifiers that reports use.
///
/// Of `format.signed-attributes` and `identification.signing-certificate-attribute` only the absence is meant, of the two of
/// `freshness` only that a status which the policy demands is not known: what is there and wrong, or revoked, always fails.
const LOWERABLE: [&str; 9] = [
    SIGNED_ATTRIBUTES,
    SIGNING_CERTIFICATE,
    KEY_SIZE,
    KEY_USAGE,
    EXTENDED_KEY_USAGE,
    SUBJECT,
    END_ENTITY,
    AUTHORITY,
    TIME_STAMP_POLICY,
];

pub(crate) const SIGNED_ATTRIBUTES: &str = "format.signed-attributes";
pub(crate) const SIGNING_CERTIFICATE: &str = "identification.signing-certificate-attribute";
pub(crate) const KEY_SIZE: &str = "acceptance.key-size";
pub(crate) const KEY_USAGE: &str = "chain.key-usage";
pub(crate) const EXTENDED_KEY_USAGE: &str = "chain.extended-key-usage";
pub(crate) const SUBJECT: &str = "chain.subject";
pub(crate) const END_ENTITY: &str = "freshness.end-entity";
/// Of every authority; reports number them.
pub(crate) const AUTHORITY: &str = "freshness.authority";
pub(crate) const TIME_STAMP_POLICY: &str = "time-stamp.policy";

/// Constraints on which everything rests: no policy may lower them.
const FIXED: [&str; 11] = [
    "format.content-type",
    "format.algorithm-protection",
    "format.xml-signature",
    "format.same-content",
    "identification.signing-certificate",
    "integrity.content",
    "integrity.algorithm",
    "integrity.reference-digest",
    "integrity.content-digest",
    crate::signature::SIGNATURE_CHECK,
    crate::signature::PATH_CHECK,
];

/// Why a table of levels is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LevelError {
    /// No report has such a constraint.
    #[error("there is no constraint `{0}`; those whose level can be set are {list}", list = LOWERABLE.join(", "))]
    Unknown(String),
    /// Without it a verdict would mean nothing.
    #[error("`{0}` cannot be lowered: without it a verdict would mean nothing")]
    Fixed(String),
}

/// The level of each constraint; FAIL where nothing is said.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, Level>", into = "BTreeMap<String, Level>")]
pub struct Levels(BTreeMap<&'static str, Level>);

impl Levels {
    /// Sets levels by the constraints' identifiers.
    ///
    /// # Errors
    /// [`LevelError`].
    pub fn of<'a>(levels: impl IntoIterator<Item = (&'a str, Level)>) -> Result<Self, LevelError> {
        let mut table = BTreeMap::new();
        for (id, level) in levels {
            let known = LOWERABLE.into_iter().find(|known| *known == id);
            match known {
                Some(id) if !level.is_fail() => {
                    table.insert(id, level);
                }
                Some(_) => {}
                None if !FIXED.contains(&id) => return Err(LevelError::Unknown(id.to_owned())),
                None if level.is_fail() => {}
                None => return Err(LevelError::Fixed(id.to_owned())),
            }
        }
        Ok(Self(table))
    }

    /// The level of one constraint.
    pub fn level(&self, id: &str) -> Level {
        self.0.get(id).copied().unwrap_or_default()
    }

    /// Those of time stamps alone: what is taken lightly of a signer is not of the authority that proves a time.
    pub(crate) fn of_time_stamps(&self) -> Self {
        Self(self.0.iter().filter(|(id, _)| **id == TIME_STAMP_POLICY).map(|(id, level)| (*id, *level)).collect())
    }
}

impl TryFrom<BTreeMap<String, Level>> for Levels {
    type Error = LevelError;

    fn try_from(levels: BTreeMap<String, Level>) -> Result<Self, LevelError> {
        Self::of(levels.iter().map(|(id, level)| (id.as_str(), *level)))
    }
}

impl From<Levels> for BTreeMap<String, Level> {
    fn from(levels: Levels) -> Self {
        levels.0.into_iter().map(|(id, level)| (id.to_owned(), level)).collect()
    }
}
