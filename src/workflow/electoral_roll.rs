//! Electoral rolls: made from the register as it stood at the cut-off, put in order, and handed out on sealed sheets.
//!
//! Nothing of a roll is kept but its number: the register gives the same roll again, as long as it keeps the cards.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use serde::Serialize;
use serde_json::json;
use tokio_stream::Stream;

use super::sealed_list::{Asked, ListPart, Reader, Sheets, Told, at, machine_readable};
use super::{Caller, Refusal, Workflow};
use crate::documents::{Cell, Column, Fact, ListHeader, moment};
use crate::registration::crisis::is_in_area;
use crate::registration::electoral::{Elector, ElectoralLaw, in_order};
use crate::registration::form::Card;
use crate::registration::list::ListKind;
use crate::registration::mission::Mission;
use crate::registration::value::{CountryCode, SubdivisionCode};
use crate::registration::{FieldViolation, Text, ViolationCode};

/// Registrations read at one time.
const PAGE: u64 = 200;

/// The columns on paper.
static COLUMNS: [Column; 4] = [
    Column {
        label: Text::fixed("Тегі, аты, әкесінің аты", "Фамилия, имя, отчество", "Name"), width: None
    },
    Column { label: Text::fixed("Туған күні", "Дата рождения", "Born on"), width: Some(19) },
    Column { label: Text::fixed("ЖСН", "ИИН", "IIN"), width: Some(25) },
    Column { label: Text::fixed("Мекенжайы", "Адрес", "Address"), width: None },
];

/// Which roll is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollRequest {
    /// Code of the mission.
    pub mission: String,
    /// The voting day.
    pub voting_day: NaiveDate,
    /// Who was registered then.
    pub cut_off: DateTime<Utc>,
    /// Only those who live in this country.
    pub country: Option<CountryCode>,
    /// Only those who live in these parts of it.
    pub subdivisions: Vec<SubdivisionCode>,
}

/// A roll as it is handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollView {
    /// What was asked for; the parts of the country in alphabetical order.
    pub request: RollRequest,
    /// Number of the roll.
    pub number: String,
    /// How many are on it.
    pub electors: usize,
    /// When it was first asked for.
    pub issue_time: DateTime<Utc>,
    /// The acts that it is made under.
    pub citations: Vec<Text>,
}

/// The whole list for machines.
#[derive(Serialize)]
struct List<'a> {
    number: &'a str,
    mission: &'a str,
    voting_day: NaiveDate,
    cut_off_time: DateTime<Utc>,
    country: Option<&'a str>,
    subdivisions: &'a [SubdivisionCode],
    issue_time: DateTime<Utc>,
    citations: &'a [Text],
    electors: &'a [Elector],
}

impl Workflow {
    /// Hands out an electoral roll.
    ///
    /// # Errors
    /// A mission that is not there or not the caller's, a cut-off that lies ahead; what goes wrong later comes as the last item.
    pub fn electoral_roll(
        self: &Arc<Self>,
        caller: &Caller,
        mut request: RollRequest,
    ) -> Result<impl Stream<Item = Result<ListPart<RollView>, Refusal>> + Send + use<>, Refusal> {
        let mission = self.roll_mission(caller, &request)?;
        // As fine as the store keeps time.
        request.cut_off = request.cut_off.trunc_subsecs(6);
        request.subdivisions.sort_unstable();
        request.subdivisions.dedup();
        let caller = caller.clone();
        Ok(self
            .in_turn(async move |workflow, reader| workflow.hand_out_roll(&caller, &mission, request, &reader).await))
    }

    fn roll_mission(&self, caller: &Caller, request: &RollRequest) -> Result<Arc<Mission>, Refusal> {
        let mut violations = Vec::new();
        let mission = self.mission_of_list(caller, &request.mission, &mut violations)?;
        let mut violation = |field: &str, code, text: &str| violations.push(FieldViolation::new(field, code, text));
        if request.cut_off > self.clock.now() {
            violation(
                "cut_off_time",
                ViolationCode::OutOfRange,
                "lies ahead: who will be registered then is not known",
            );
        }
        match &request.country {
            None if !request.subdivisions.is_empty() => {
                violation("subdivisions", ViolationCode::Inconsistent, "goes with country only");
            }
            Some(country) if request.subdivisions.iter().any(|part| part.get(..2) != Some(country.as_str())) => {
                violation("subdivisions", ViolationCode::Inconsistent, "has a part of another country");
            }
            _ => {}
        }
        match mission {
            Some(mission) if violations.is_empty() => Ok(mission),
            _ => Err(Refusal::Fields(violations)),
        }
    }

    async fn hand_out_roll(
        &self,
        caller: &Caller,
        mission: &Mission,
        request: RollRequest,
        reader: &Reader<RollView>,
    ) -> Result<(), Told> {
        let electors = self.electors(&request).await?;
        let area = match &request.country {
            None => String::new(),
            Some(country) => json!([country, request.subdivisions]).to_string(),
        };
        let asked = Asked {
            kind: ListKind::ElectoralRoll,
            mission,
            matter: format!("{} {} {area}", request.voting_day, request.cut_off.timestamp_micros()),
            entries: &electors,
        };
        let reserved = self.numbered(caller, asked).await?;
        let citations = ElectoralLaw::on(request.voting_day).citations.iter().map(|citation| citation.text()).collect();
        let roll = RollView {
            request,
            number: reserved.number,
            electors: electors.len(),
            issue_time: reserved.issued_at,
            citations,
        };
        let sheets = Sheets {
            header: self.header_of_roll(mission, &roll),
            machine: machine_readable(&List::of(&roll, &electors))?,
            entries: &electors,
            row,
        };
        self.hand_out(roll, sheets, reader).await
    }

    fn header_of_roll(&self, mission: &Mission, roll: &RollView) -> ListHeader {
        let request = &roll.request;
        let area = request.country.iter().map(ToString::to_string);
        let area: Vec<String> = area.chain(request.subdivisions.iter().map(ToString::to_string)).collect();
        let area = (!area.is_empty())
            .then(|| Fact {
                label: Text::fixed("Аумағы", "Территория", "Area"), value: area.join(", ")
            });
        ListHeader {
            kind: ListKind::ElectoralRoll,
            number: roll.number.clone(),
            issued_at: at(roll.issue_time, mission),
            mission: mission.name.clone(),
            highlights: [
                Fact {
                    label: Text::fixed("Дауыс беру күні", "День голосования", "Voting day"),
                    value: request.voting_day.format("%d.%m.%Y").to_string(),
                },
                Fact {
                    label: Text::fixed("Есеп күйі алынған сәт", "По состоянию на", "As of"),
                    value: moment(at(request.cut_off, mission)),
                },
            ],
            facts: area.into_iter().collect(),
            counted: Text::fixed("Сайлаушылар саны", "Число избирателей", "Number of electors"),
            total: roll.electors,
            columns: &COLUMNS,
            citations: roll.citations.clone(),
            list_sha256: String::new(),
            sandbox: self.sandbox.is_some(),
        }
    }

    /// Those who may vote, in the order of the roll.
    async fn electors(&self, request: &RollRequest) -> Result<Vec<Elector>, Refusal> {
        let law = ElectoralLaw::on(request.voting_day);
        let parts: Vec<String> = request.subdivisions.iter().map(ToString::to_string).collect();
        let is_asked_for =
            |card: &Card| request.country.as_ref().is_none_or(|country| is_in_area(&card.stay, country, &parts));
        let mut electors = Vec::new();
        let mut after = None;
        loop {
            let page = self.store.registrations_standing(&request.mission, request.cut_off, after, PAGE).await?;
            let found = self.electors_among(&page, request.cut_off, request.voting_day, is_asked_for).await?;
            electors.extend(found.into_iter().map(|(_, elector)| elector));
            if electors.len() > law.most_electors {
                return Err(Refusal::ListTooLarge { most: law.most_electors });
            }
            after = page.last().map(|last| last.id);
            if u64::try_from(page.len()).is_ok_and(|count| count < PAGE) {
                break;
            }
        }
        in_order(&mut electors);
        Ok(electors)
    }
}

impl<'a> List<'a> {
    fn of(roll: &'a RollView, electors: &'a [Elector]) -> Self {
        Self {
            number: &roll.number,
            mission: &roll.request.mission,
            voting_day: roll.request.voting_day,
            cut_off_time: roll.request.cut_off,
            country: roll.request.country.as_deref(),
            subdivisions: &roll.request.subdivisions,
            issue_time: roll.issue_time,
            citations: &roll.citations,
            electors,
        }
    }
}

/// An elector on paper.
fn row(elector: &Elector) -> Vec<Cell> {
    let place = elector.subdivision.as_ref().unwrap_or(&elector.country);
    vec![
        Cell::of(elector.full_name()),
        Cell::of(elector.birth_date.format("%d.%m.%Y").to_string()),
        Cell::of(elector.iin.clone().unwrap_or_default()),
        Cell::over(format!("{}, {place}", elector.address), elector.registration.clone()),
    ]
}
