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
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
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

    /// This and then another, in each language.
    #[must_use]
    pub fn followed_by(&self, next: &Self) -> Self {
        let joined = |language| format!("{} {}", self.in_language(language), next.in_language(language));
        Self::composed(joined(Language::Kk), joined(Language::Ru), joined(Language::En))
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

/// What a state or a refusal means for the person concerned, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// What is so.
    pub meaning: Text,
    /// What to do now.
    pub advice: Text,
}

impl Words {
    /// Words that are part of the program: Kazakh, Russian, English.
    pub const fn fixed(meaning: [&'static str; 3], advice: [&'static str; 3]) -> Self {
        let [kk, ru, en] = meaning;
        let meaning = Text::fixed(kk, ru, en);
        let [kk, ru, en] = advice;
        Self { meaning, advice: Text::fixed(kk, ru, en) }
    }

    /// Both, one after the other.
    pub fn together(&self) -> Text {
        self.meaning.followed_by(&self.advice)
    }
}
