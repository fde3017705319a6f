//! What stands in a document. The renderer hands it to the template as JSON, field by field under these names.

use std::fmt;

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use super::VerificationLink;
use super::matter::Matter;
use crate::registration::Text;
use crate::registration::document::DocumentKind;

/// Everything that one document shows. Equal data give equal bytes.
#[derive(Debug, Clone, Serialize)]
pub struct DocumentData {
    /// What is issued.
    pub kind: DocumentKind,
    /// Number of the document.
    pub number: String,
    /// What it says.
    #[serde(flatten)]
    pub facts: DocumentFacts,
    /// Where anyone checks the document; printed as text and as a QR code.
    pub verification: VerificationLink,
    /// Whether it comes from the sandbox and says so across the sheet.
    pub sandbox: bool,
}

/// What a document says beside its number: known when the number is reserved, and kept until it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentFacts {
    /// When it is issued, in the local time of the mission; printed to the minute.
    pub issued_at: DateTime<FixedOffset>,
    /// Who it is about.
    pub holder: Holder,
    /// The mission that issues it.
    pub mission: IssuingMission,
    /// What it is about.
    pub matter: Matter,
}

/// The citizen a document is about. `Debug` shows no part of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Surname in Cyrillic, exactly as in the registration card.
    pub surname: String,
    /// Given name in Cyrillic, exactly as in the registration card.
    pub given_name: String,
    /// Patronymic in Cyrillic; many citizens have none.
    pub patronymic: Option<String>,
    /// Surname in Latin letters as in the passport.
    pub latin_surname: String,
    /// Given name in Latin letters as in the passport.
    pub latin_given_name: String,
    /// Individual identification number, twelve digits.
    pub iin: String,
}

impl Holder {
    /// The name for strangers: the first letter of each part, and three asterisks whatever its length.
    pub fn masked_name(&self) -> String {
        let parts = [Some(&self.surname), Some(&self.given_name), self.patronymic.as_ref()];
        let parts = parts.into_iter().flatten().filter_map(|part| part.chars().next());
        parts.map(|first| format!("{first}***")).collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Holder(not shown)")
    }
}

/// The foreign institution that issues a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuingMission {
    /// Its full name.
    pub name: Text,
    /// The consular district that it serves.
    pub district: Text,
    /// Where to turn in distress.
    pub emergency: EmergencyContacts,
}

/// How a mission is reached in an emergency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyContacts {
    /// Telephone numbers as people dial them, the one answered at any hour first.
    pub phones: Vec<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Postal address in the country's own spelling.
    pub address: Option<String>,
}

impl DocumentData {
    /// The fields in which no letter may be missing, under the names that errors use: without them it would be a document about somebody
    /// else, or of somebody else.
    pub(super) fn indispensable(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let holder = &self.facts.holder;
        let mission = &self.facts.mission;
        let fixed = [
            ("number", self.number.as_str()),
            ("holder.surname", &holder.surname),
            ("holder.given_name", &holder.given_name),
            ("holder.latin_surname", &holder.latin_surname),
            ("holder.latin_given_name", &holder.latin_given_name),
            ("holder.iin", &holder.iin),
            ("mission.name.kk", &mission.name.kk),
            ("mission.name.ru", &mission.name.ru),
            ("mission.name.en", &mission.name.en),
            ("mission.district.kk", &mission.district.kk),
            ("mission.district.ru", &mission.district.ru),
            ("mission.district.en", &mission.district.en),
        ];
        let optional = [
            ("holder.patronymic", &holder.patronymic),
            ("mission.emergency.email", &mission.emergency.email),
            ("mission.emergency.address", &mission.emergency.address),
        ];
        fixed
            .into_iter()
            .chain(optional.into_iter().filter_map(|(field, text)| text.as_deref().map(|text| (field, text))))
            .chain(mission.emergency.phones.iter().map(|phone| ("mission.emergency.phones", phone.as_str())))
    }
}
