//! What an officer writes for everybody to read, as options.

use serde_json::{Value, json};

/// The same sentence in three languages.
#[derive(Debug, clap::Args)]
pub struct Sentence {
    /// In Kazakh
    #[arg(long, value_name = "TEXT")]
    kk: String,
    /// In Russian
    #[arg(long, value_name = "TEXT")]
    ru: String,
    /// In English
    #[arg(long, value_name = "TEXT")]
    en: String,
}

impl Sentence {
    /// As an act has it.
    pub fn json(&self) -> Value {
        json!({ "kk": self.kk, "ru": self.ru, "en": self.en })
    }
}
