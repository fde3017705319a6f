//! What an officer writes for everybody to read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::Text;
use super::value::Line;

/// The same sentence in the three languages, written by an officer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sentence {
    /// In Kazakh.
    pub kk: Line,
    /// In Russian.
    pub ru: Line,
    /// In English.
    pub en: Line,
}

impl Sentence {
    /// As a text to be shown.
    pub fn text(&self) -> Text {
        Text::composed(self.kk.to_string(), self.ru.to_string(), self.en.to_string())
    }

    /// As it is stored: JSON that reads as a [`Text`].
    pub fn json(&self) -> String {
        serde_json::json!({ "kk": self.kk, "ru": self.ru, "en": self.en }).to_string()
    }
}
