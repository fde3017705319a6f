//! A sentence in the three languages of the service.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The applicant's language: what notifications and remarks are shown in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Kazakh, the state language.
    Kk,
    /// Russian.
    Ru,
    /// English.
    En,
}

impl Language {
    /// ISO 639-1 code: `kk`, `ru` or `en`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kk => "kk",
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    /// The language of an ISO 639-1 code, if the service speaks it.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Kk, Self::Ru, Self::En].into_iter().find(|language| language.as_str() == code)
    }
}

/// The same sentence in Kazakh, Russian and English.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// In Kazakh.
    pub kk: Cow<'static, str>,
    /// In Russian.
    pub ru: Cow<'static, str>,
    /// In English.
    pub en: Cow<'static, str>,
}

impl Text {
    /// A text that is part of the program.
    pub const fn fixed(kk: &'static str, ru: &'static str, en: &'static str) -> Self {
        Self { kk: Cow::Borrowed(kk), ru: Cow::Borrowed(ru), en: Cow::Borrowed(en) }
    }

    /// A text composed at run time.
    pub fn composed(kk: String, ru: String, en: String) -> Self {
        Self { kk: Cow::Owned(kk), ru: Cow::Owned(ru), en: Cow::Owned(en) }
    }

    /// The sentence in `language`.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Kk => &self.kk,
            Language::Ru => &self.ru,
            Language::En => &self.en,
        }
    }
}
