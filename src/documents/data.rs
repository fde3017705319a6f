//! What stands in a document. The renderer hands it to the template as JSON, field by field under these names.

use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::Serialize;

use super::VerificationLink;
use crate::registration::document::DocumentKind;
use crate::registration::{Kind, Text};

/// Everything that one document shows. Equal data give equal bytes.
#[derive(Debug, Clone, Serialize)]
pub struct DocumentData {
    /// What is issued.
    pub kind: DocumentKind,
    /// Number of the document.
    pub number: String,
    /// When it is issued, in the local time of the mission; to the second.
    pub issued_at: DateTime<FixedOffset>,
    /// Number of the registration in the register.
    pub registration_number: String,
    /// First day of the registration, by the calendar of the mission.
    pub registered_on: NaiveDate,
    /// Permanent or temporary.
    pub registration_kind: Kind,
    /// Last day of the registration; a permanent one has none and holds until the citizen is de-registered.
    pub valid_until: Option<NaiveDate>,
    /// How the registration ended, on a notice of de-registration only.
    pub removal: Option<Removal>,
    /// Who is registered.
    pub holder: Holder,
    /// Where.
    pub mission: IssuingMission,
    /// Where anyone checks the document; printed as text and as a QR code.
    pub verification: VerificationLink,
    /// Whether it comes from the sandbox and says so across the sheet.
    pub sandbox: bool,
}

/// The end of a registration.
#[derive(Debug, Clone, Serialize)]
pub struct Removal {
    /// The day, by the calendar of the mission.
    pub on: NaiveDate,
    /// On what ground.
    pub ground: Text,
}

/// The citizen a document is for. `Debug` shows no part of it.
#[derive(Clone, Serialize)]
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

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Holder(not shown)")
    }
}

/// The foreign institution that keeps the registration.
#[derive(Debug, Clone, Serialize)]
pub struct IssuingMission {
    /// Its full name.
    pub name: Text,
    /// The consular district that it serves.
    pub district: Text,
    /// Where to turn in distress.
    pub emergency: EmergencyContacts,
}

/// How a mission is reached in an emergency.
#[derive(Debug, Clone, Serialize)]
pub struct EmergencyContacts {
    /// Telephone numbers as people dial them, the one answered at any hour first.
    pub phones: Vec<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Postal address in the country's own spelling.
    pub address: Option<String>,
}

impl DocumentData {
    /// The fields whose text comes from outside, under the names that errors use.
    pub(super) fn printed(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let holder = &self.holder;
        let mission = &self.mission;
        let fixed = [
            ("number", self.number.as_str()),
            ("registration_number", &self.registration_number),
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
