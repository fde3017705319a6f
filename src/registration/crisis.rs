//! Crises: an area in danger, who is there, and whether they are safe. What an officer signs about one, and what a roll keeps of a person.

use std::sync::Arc;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::electoral::in_one_line;
use super::form::{Card, ContactPerson, FamilyMember, Relation, Stay};
use super::mission::{Mission, Missions};
use super::sentence::Sentence;
use super::strict::{FieldViolation, ViolationCode};
use super::text::Text;
use super::value::{CountryCode, Line, Phone, SubdivisionCode};

/// What has happened and where, as an officer opens a crisis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CrisisArea {
    /// The country.
    pub country: CountryCode,
    /// The parts of it that are concerned; none means all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub subdivisions: Vec<SubdivisionCode>,
    /// What has happened.
    pub title: Sentence,
}

/// A citizen who is not registered, reported by an officer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WalkIn {
    /// The crisis, `crises/{uuid}`.
    pub crisis: Line,
    /// Name.
    pub name: Line,
    /// Date of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
    /// Number of the identity document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_number: Option<Line>,
    /// Telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// Where the person is or was last seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whereabouts: Option<Line>,
}

/// What is known of a person on a roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CrisisStatus {
    /// Nobody has replied.
    Unanswered,
    /// Safe.
    Safe,
    /// In need of help.
    NeedHelp,
}

impl CrisisStatus {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Unanswered, Self::Safe, Self::NeedHelp];

    /// As stored and shown, such as `NEED_HELP`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unanswered => "UNANSWERED",
            Self::Safe => "SAFE",
            Self::NeedHelp => "NEED_HELP",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// In words.
    pub const fn text(self) -> Text {
        match self {
            Self::Unanswered => Text::fixed("жауап жоқ", "нет ответа", "no answer"),
            Self::Safe => Text::fixed("қауіпсіз", "в безопасности", "safe"),
            Self::NeedHelp => Text::fixed("көмек керек", "нужна помощь", "needs help"),
        }
    }
}

/// Why a person is on a roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CrisisPersonKind {
    /// Has an open registration with an address in the area.
    Registered,
    /// Lives with a registered citizen and has no registration of the own.
    FamilyMember,
    /// Is not registered.
    WalkIn,
}

impl CrisisPersonKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Registered, Self::FamilyMember, Self::WalkIn];

    /// As stored and shown, such as `WALK_IN`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "REGISTERED",
            Self::FamilyMember => "FAMILY_MEMBER",
            Self::WalkIn => "WALK_IN",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// In words.
    pub const fn text(self) -> Text {
        match self {
            Self::Registered => Text::fixed("есепте тұр", "состоит на учёте", "registered"),
            Self::FamilyMember => Text::fixed("отбасы мүшесі", "член семьи", "family member"),
            Self::WalkIn => Text::fixed("есепте тұрмайды", "не состоит на учёте", "not registered"),
        }
    }
}

/// How a reply came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReplySource {
    /// The citizen replied through the portal.
    Portal,
    /// An officer recorded it.
    Officer,
}

impl ReplySource {
    /// As stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Portal => "PORTAL",
            Self::Officer => "OFFICER",
        }
    }

    /// The source of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Portal, Self::Officer].into_iter().find(|source| source.as_str() == name)
    }
}

/// Who a person on a roll is and how to reach the person. Kept sealed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Particulars {
    /// Name.
    pub name: String,
    /// What a family member is to the citizen.
    pub relation: Option<Relation>,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// Citizenship of a family member.
    pub citizenship: Option<String>,
    /// Number of the identity document.
    pub document_number: Option<String>,
    /// Telephone numbers.
    pub phones: Vec<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Where the person lives or was last seen.
    pub address: String,
    /// Whom to tell.
    pub emergency_contacts: Vec<String>,
}

impl Particulars {
    /// Those of a registered citizen.
    pub fn of_citizen(card: &Card) -> Self {
        let identity = &card.identity;
        let document = identity.document.as_ref().and_then(|document| document.number.as_ref());
        Self {
            name: identity.name.as_ref().map(super::form::CyrillicFullName::full).unwrap_or_default(),
            birth_date: identity.birth_date,
            document_number: document.map(ToString::to_string),
            emergency_contacts: card.contacts.emergency_contacts.iter().map(contact).collect(),
            ..Self::at_home(card)
        }
    }

    /// Those of somebody who lives with a registered citizen.
    pub fn of_family_member(card: &Card, member: &FamilyMember) -> Self {
        Self {
            name: member.name.to_string(),
            relation: Some(member.relation),
            birth_date: member.birth_date,
            citizenship: Some(member.citizenship.to_string()),
            ..Self::at_home(card)
        }
    }

    /// Those of somebody who is not registered.
    pub fn of_walk_in(walk_in: &WalkIn) -> Self {
        Self {
            name: walk_in.name.to_string(),
            birth_date: walk_in.birth_date,
            document_number: walk_in.document_number.as_ref().map(ToString::to_string),
            phones: walk_in.phone.iter().map(ToString::to_string).collect(),
            address: walk_in.whereabouts.as_ref().map(ToString::to_string).unwrap_or_default(),
            ..Self::default()
        }
    }

    /// How to reach those who live at the address of a card.
    fn at_home(card: &Card) -> Self {
        Self {
            phones: card.contacts.phones.iter().map(ToString::to_string).collect(),
            email: card.contacts.email.as_ref().map(ToString::to_string),
            address: card.stay.host_address.as_ref().map(in_one_line).unwrap_or_default(),
            ..Self::default()
        }
    }
}

fn contact(person: &ContactPerson) -> String {
    let relation = person.relation.map(Relation::as_str);
    let reached = person.phone.as_deref().or(person.email.as_deref());
    [Some(person.name.as_str()), relation, reached].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Whether a stay is in an area. Where a card does not say which part of the country, it counts: better to ask once too often.
pub fn is_in_area(stay: &Stay, country: &str, subdivisions: &[String]) -> bool {
    let part = stay.host_address.as_ref().and_then(|address| address.subdivision.as_deref());
    let is_there = part.is_none_or(|part| subdivisions.iter().any(|other| other == part));
    stay.host_country.as_deref() == Some(country) && (subdivisions.is_empty() || is_there)
}

/// The missions whose districts lie in an area, on whatever day: who registered under a former division still is where the person is.
///
/// # Errors
/// A part that is not of the country, and an area in which no mission is competent.
pub fn missions_in<'a>(area: &CrisisArea, missions: &'a Missions) -> Result<Vec<&'a Mission>, Vec<FieldViolation>> {
    let foreign = |part: &SubdivisionCode| part.get(..2) != Some(area.country.as_str());
    let mut violations: Vec<FieldViolation> = (area.subdivisions.iter().enumerate())
        .filter(|(_, part)| foreign(part))
        .map(|(place, _)| {
            let field = format!("decision.crisis.subdivisions[{place}]");
            FieldViolation::new(field, ViolationCode::Inconsistent, "is not a part of the country")
        })
        .collect();
    let is_of_area = |mission: &&Mission| {
        mission.districts.iter().filter(|district| district.country == area.country).any(|district| {
            let shares = |part: &SubdivisionCode| district.subdivisions.contains(part);
            area.subdivisions.is_empty() || district.subdivisions.is_empty() || area.subdivisions.iter().any(shares)
        })
    };
    let found: Vec<&Mission> = missions.iter().map(Arc::as_ref).filter(is_of_area).collect();
    if found.is_empty() {
        let description = "no mission has a district there";
        violations.push(FieldViolation::new("decision.crisis.country", ViolationCode::UnknownValue, description));
    }
    if violations.is_empty() { Ok(found) } else { Err(violations) }
}
