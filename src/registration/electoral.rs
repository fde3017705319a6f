//! Who may vote at a mission, and what the electoral roll says of them.
//!
//! The acts are known by their names; which particulars a list has to show could not be read, so they are this service's own design: what
//! tells electors apart and lets a commission find the same person on two lists.

use chrono::NaiveDate;
use serde::Serialize;

use super::collation::CollationKey;
use super::form::{Address, Card, Kind, RepresentativeKind};
use super::parameters::Period;
use super::person::age_on;
use super::rules::{CITATIONS, Citation, Source};
use super::value::Line;

/// The electoral law in force during one period.
#[derive(Debug)]
pub struct ElectoralLaw {
    /// The days it is in force.
    pub in_force: Period,
    /// Age in years on the voting day from which a citizen may vote.
    pub voting_age: i32,
    /// The most electors on one roll: of more, rolls are made by parts of the country, as polling stations are.
    pub most_electors: usize,
    /// The acts.
    pub citations: [&'static Citation; 2],
    /// How well the age is known.
    pub age_source: Source,
    /// How well the particulars and the number of electors are known.
    pub own_source: Source,
}

impl ElectoralLaw {
    /// The law in force on `day`.
    pub fn on(day: NaiveDate) -> &'static Self {
        TABLE.iter().rev().find(|row| row.in_force.contains(day)).unwrap_or(&TABLE[0])
    }

    /// Whether a citizen born on `birth_date` may vote on `voting_day`. Whoever a guardian acts for at full age was found incapable by a
    /// court and may not.
    pub fn may_vote(
        &self,
        birth_date: NaiveDate,
        represented_by: Option<RepresentativeKind>,
        voting_day: NaiveDate,
    ) -> bool {
        age_on(birth_date, voting_day) >= self.voting_age && represented_by != Some(RepresentativeKind::Guardian)
    }
}

static TABLE: [ElectoralLaw; 1] = [ElectoralLaw {
    in_force: Period::ALWAYS,
    voting_age: 18,
    most_electors: 50_000,
    citations: [&CITATIONS.elections, &CITATIONS.voter_lists],
    age_source: Source::SecondarySource,
    own_source: Source::OwnDesign,
}];

/// An elector as the roll shows one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Elector {
    /// Surname in Cyrillic.
    pub surname: String,
    /// Given name in Cyrillic.
    pub given_name: String,
    /// Patronymic in Cyrillic, where there is one.
    pub patronymic: Option<String>,
    /// Date of birth.
    pub birth_date: NaiveDate,
    /// Individual identification number, where the application that names it is still kept.
    pub iin: Option<String>,
    /// Host country, ISO 3166-1 alpha-2.
    pub country: String,
    /// Part of the country, ISO 3166-2.
    pub subdivision: Option<String>,
    /// The address in one line: street, postal code and locality.
    pub address: String,
    /// Kind of registration.
    pub kind: Kind,
    /// Number of the registration.
    pub registration: String,
}

impl Elector {
    /// The elector of a card; none for a card that does not say who it is of.
    pub fn of(card: &Card, iin: Option<String>, kind: Kind, registration: String) -> Option<Self> {
        let name = card.identity.name.as_ref()?;
        let host = card.stay.host_address.clone().unwrap_or_default();
        Some(Self {
            surname: name.surname.as_ref()?.to_string(),
            given_name: name.given.as_ref()?.to_string(),
            patronymic: name.patronymic.as_ref().map(ToString::to_string),
            birth_date: card.identity.birth_date?,
            iin,
            country: card.stay.host_country.as_ref()?.to_string(),
            subdivision: host.subdivision.as_ref().map(ToString::to_string),
            address: in_one_line(&host),
            kind,
            registration,
        })
    }

    /// Surname, given name and patronymic, with blanks between them.
    pub fn full_name(&self) -> String {
        let parts = [Some(&self.surname), Some(&self.given_name), self.patronymic.as_ref()];
        parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ")
    }
}

/// Puts electors in the order of the roll: by surname, given name, patronymic, date of birth, and number of the registration.
pub fn in_order(electors: &mut [Elector]) {
    electors.sort_by_cached_key(|elector| {
        let name = [&elector.surname, &elector.given_name, elector.patronymic.as_ref().unwrap_or(&String::new())]
            .map(|part| CollationKey::of(part));
        (name, elector.birth_date, elector.registration.clone())
    });
}

/// Street, postal code and locality of an address, those present.
pub fn in_one_line(address: &Address) -> String {
    let town: Vec<&str> = [&address.postal_code, &address.locality].into_iter().flatten().map(Line::as_str).collect();
    let town = town.join(" ");
    let street = address.street.as_deref().unwrap_or_default();
    [street, town.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}
