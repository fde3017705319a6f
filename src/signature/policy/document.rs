//! The policy as a document: the shipped ones, and one text for people (TOML) and for evidence (JSON), read strictly.

use std::sync::LazyLock;

use super::ValidationPolicy;

const NATIONAL: &str = include_str!("../policies/kz-national.toml");
const STRICT: &str = include_str!("../policies/strict.toml");

/// Why a text is not a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a validation policy: {0}")]
pub struct PolicyError(String);

impl ValidationPolicy {
    /// Every policy that ships with this program, the national one first.
    ///
    /// # Panics
    /// Never: they are part of the program and read by a test.
    pub fn shipped() -> &'static [Self] {
        static SHIPPED: LazyLock<Vec<ValidationPolicy>> = LazyLock::new(|| {
            let read = |text| ValidationPolicy::from_toml(text).expect("the shipped policies are well formed");
            [NATIONAL, STRICT].into_iter().map(read).collect()
        });
        &SHIPPED
    }

    /// The shipped policy of that name.
    pub fn find(id: &str) -> Option<&'static Self> {
        Self::shipped().iter().find(|policy| policy.id == id)
    }

    /// The national profile for signatures of applicants, `policies/kz-national.toml`.
    pub fn national() -> Self {
        Self::shipped()[0].clone()
    }

    /// Reads a document: every setting, and nothing else, as the shipped ones have it.
    ///
    /// # Errors
    /// [`PolicyError`]: not TOML, a setting missing, unknown or wrong, or a level that no policy may set.
    pub fn from_toml(text: &str) -> Result<Self, PolicyError> {
        toml::from_str(text).map_err(|error| PolicyError(error.to_string()))
    }

    /// The canonical text, as stored in evidence: JSON in the order of the settings.
    pub fn canonical(&self) -> String {
        // Cannot fail: every setting has a JSON form, and the keys of its one map are texts.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a canonical text back.
    ///
    /// # Errors
    /// [`PolicyError`].
    pub fn from_canonical(text: &str) -> Result<Self, PolicyError> {
        serde_json::from_str(text).map_err(|error| PolicyError(error.to_string()))
    }
}
