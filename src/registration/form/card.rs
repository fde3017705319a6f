//! The registration card: who the citizen is and where the citizen stays.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::life::{Contacts, Life};
use crate::registration::person::Sex;
use crate::registration::value::{CountryCode, CyrillicName, LatinName, Line, SubdivisionCode};

/// The registration card. A missing item does not stop the application from being accepted: it is returned as a remark.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Card {
    /// Who the citizen is.
    pub identity: Identity,
    /// Where the citizen stays and why.
    pub stay: Stay,
    /// Education and occupation.
    pub life: Life,
    /// How to reach the citizen and the family.
    pub contacts: Contacts,
    /// Decision of the internal-affairs bodies on departure for permanent residence; for permanent registration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub departure_decision: Option<DepartureDecision>,
}

/// Who the citizen is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Identity {
    /// Name in Cyrillic letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<CyrillicFullName>,
    /// Name in Latin letters, exactly as in the passport.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_latin: Option<LatinFullName>,
    /// Names borne before, each in full.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    pub former_names: Vec<Line>,
    /// Date of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
    /// Place of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_place: Option<Line>,
    /// Sex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    /// Nationality in the sense of ethnic origin; never required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nationality: Option<Line>,
    /// Marital status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marital_status: Option<MaritalStatus>,
    /// The identity document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<IdentityDocument>,
}

/// A name in Cyrillic letters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CyrillicFullName {
    /// Surname.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub surname: Option<CyrillicName>,
    /// Given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<CyrillicName>,
    /// Patronymic, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patronymic: Option<CyrillicName>,
}

impl CyrillicFullName {
    /// Surname, given name and patronymic, those present, with blanks between them.
    pub fn full(&self) -> String {
        let parts = [&self.surname, &self.given, &self.patronymic];
        parts.into_iter().flatten().map(CyrillicName::as_str).collect::<Vec<_>>().join(" ")
    }
}

/// A name in Latin letters, exactly as in the passport.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LatinFullName {
    /// Surname.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub surname: Option<LatinName>,
    /// Given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<LatinName>,
}

impl LatinFullName {
    /// Surname and given name, those present, with a blank between them.
    pub fn full(&self) -> String {
        let parts = [&self.surname, &self.given];
        parts.into_iter().flatten().map(LatinName::as_str).collect::<Vec<_>>().join(" ")
    }
}

/// Marital status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MaritalStatus {
    /// Never married.
    Single,
    /// Married.
    Married,
    /// Divorced.
    Divorced,
    /// Widowed.
    Widowed,
}

/// The identity document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct IdentityDocument {
    /// What document it is.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub document_type: Option<DocumentType>,
    /// Its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Line>,
    /// The authority that issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Line>,
    /// Date of issue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_on: Option<NaiveDate>,
    /// Last day of validity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<NaiveDate>,
}

/// Type of an identity document issued by Kazakhstan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DocumentType {
    /// Passport of a citizen of Kazakhstan.
    Passport,
    /// Identity card of a citizen of Kazakhstan.
    IdentityCard,
    /// Diplomatic passport.
    DiplomaticPassport,
    /// Service passport.
    ServicePassport,
    /// Residence permit of a foreigner in Kazakhstan.
    ResidencePermit,
    /// Certificate of a stateless person.
    StatelessCertificate,
}

impl DocumentType {
    /// Whether Kazakhstan issues this document to its own citizens only.
    pub const fn is_of_citizen(self) -> bool {
        match self {
            Self::Passport | Self::IdentityCard | Self::DiplomaticPassport | Self::ServicePassport => true,
            Self::ResidencePermit | Self::StatelessCertificate => false,
        }
    }
}

/// Where the citizen stays and why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Stay {
    /// Last address in Kazakhstan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_address_in_kazakhstan: Option<Address>,
    /// Date of departure from Kazakhstan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_on: Option<NaiveDate>,
    /// Purpose of the stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// Host country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_country: Option<CountryCode>,
    /// Address in the host country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_address: Option<Address>,
    /// First day of the stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// Last day of the stay; required for a temporary one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// Status by the host country's law, such as a residence title; never required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_status: Option<Line>,
}

/// A postal address without its country.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Address {
    /// Part of the country; decides which mission is competent where a country has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subdivision: Option<SubdivisionCode>,
    /// Town or village.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<Line>,
    /// Street, house and apartment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<Line>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<Line>,
}

/// Purpose of the stay abroad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Purpose {
    /// Permanent residence.
    PermanentResidence,
    /// Study.
    Study,
    /// Temporary work.
    TemporaryWork,
    /// Business trip.
    BusinessTrip,
    /// Medical treatment.
    MedicalTreatment,
    /// Tourism.
    Tourism,
    /// Private trip.
    PrivateTrip,
    /// Invitation of organisations or persons.
    Invitation,
    /// Staff of a foreign institution of Kazakhstan.
    MissionStaff,
    /// Military personnel in peacekeeping.
    Peacekeeping,
    /// A post under Kazakhstan's quota in an international organisation.
    InternationalOrganisationQuota,
}

/// Decision of the internal-affairs bodies on departure for permanent residence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DepartureDecision {
    /// The body that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<Line>,
    /// Number of the decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Line>,
    /// Date of the decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<NaiveDate>,
}
