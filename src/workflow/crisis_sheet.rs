//! A mission's roll of a crisis on sealed sheets, for those who go out and look for people: who needs help comes first.
//!
//! Each time it is asked for it is another document, with its own number: what is known of people in danger changes by the minute.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio_stream::Stream;
use uuid::Uuid;

use super::crisis_views::{CrisisCounts, CrisisPersonView, CrisisView};
use super::sealed_list::{Asked, ListPart, MOST_ENTRIES, Reader, Sheets, Told, at, machine_readable};
use super::{Caller, Refusal, Workflow};
use crate::documents::{Cell, Column, Fact, ListHeader, moment};
use crate::registration::collation::CollationKey;
use crate::registration::crisis::{CrisisPersonKind, CrisisStatus, Particulars};
use crate::registration::list::ListKind;
use crate::registration::mission::Mission;
use crate::registration::rules::CITATIONS;
use crate::registration::{FieldViolation, Text, ViolationCode};
use crate::store::CrisisPersonFilter;

/// Persons read at one time.
const PAGE: u64 = 200;
/// When to ask again for a roll that is being made.
const PAUSE: Duration = Duration::from_secs(5);

/// The columns on paper.
static COLUMNS: [Column; 5] = [
    Column {
        label: Text::fixed("Тегі, аты, әкесінің аты", "Фамилия, имя, отчество", "Name"), width: None
    },
    Column { label: Text::fixed("Туған күні", "Дата рождения", "Born on"), width: Some(19) },
    Column { label: Text::fixed("Байланыс", "Контакты", "Contacts"), width: Some(38) },
    Column { label: Text::fixed("Мекенжайы", "Адрес", "Address"), width: None },
    Column { label: Text::fixed("Жағдайы", "Состояние", "State"), width: Some(33) },
];

/// A mission's roll of a crisis as it is handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrisisSheetView {
    /// The crisis, with the counts of this mission.
    pub crisis: CrisisView,
    /// Code of the mission.
    pub mission: String,
    /// Only those in one of these states are on it; none means all.
    pub statuses: Vec<CrisisStatus>,
    /// Number of the roll.
    pub number: String,
    /// How many are on it.
    pub persons: usize,
    /// When it was made.
    pub issue_time: DateTime<Utc>,
    /// The acts that it is made under.
    pub citations: Vec<Text>,
}

/// The whole roll for machines.
#[derive(Serialize)]
struct Roll<'a> {
    number: &'a str,
    crisis: String,
    title: &'a Text,
    mission: &'a str,
    statuses: Vec<&'static str>,
    issue_time: DateTime<Utc>,
    made_time: Option<DateTime<Utc>>,
    citations: &'a [Text],
    persons: Vec<Person<'a>>,
}

/// A person on it.
#[derive(Serialize)]
struct Person<'a> {
    kind: &'static str,
    status: &'static str,
    reply_time: Option<DateTime<Utc>>,
    note: Option<&'a str>,
    registration: Option<String>,
    #[serde(flatten)]
    particulars: &'a Particulars,
}

impl Workflow {
    /// Hands out a mission's roll of a crisis.
    ///
    /// # Errors
    /// Not found, a mission that has nothing to do with the crisis or is not the caller's; what goes wrong later comes as the last item.
    pub async fn crisis_sheet(
        self: &Arc<Self>,
        caller: &Caller,
        crisis: Uuid,
        mission: &str,
        statuses: Vec<CrisisStatus>,
    ) -> Result<impl Stream<Item = Result<ListPart<CrisisSheetView>, Refusal>> + Send + use<>, Refusal> {
        let seen = self.visible_crisis(caller, crisis).await?;
        // Half a roll on paper is worse than none.
        if seen.roll_at.is_none() {
            return Err(Refusal::Unavailable { what: "the roll, which is being made", retry_after: PAUSE });
        }
        let mut violations = Vec::new();
        let found = self.mission_of_list(caller, mission, &mut violations)?;
        if found.is_some() && !seen.missions.iter().any(|concerned| concerned == mission) {
            let description = "the crisis does not concern this mission";
            violations.push(FieldViolation::new("mission", ViolationCode::Inconsistent, description));
        }
        let Some(mission) = found.filter(|_| violations.is_empty()) else {
            return Err(Refusal::Fields(violations));
        };
        let caller = caller.clone();
        Ok(self.in_turn(async move |workflow, reader| {
            workflow.hand_out_crisis_sheet(&caller, crisis, (&mission, &statuses), &reader).await
        }))
    }

    async fn hand_out_crisis_sheet(
        &self,
        caller: &Caller,
        crisis: Uuid,
        (mission, statuses): (&Mission, &[CrisisStatus]),
        reader: &Reader<CrisisSheetView>,
    ) -> Result<(), Told> {
        let now = self.clock.now();
        let (counts, persons) = self.persons_of_mission(crisis, mission, statuses).await?;
        let matter = format!("{crisis} {}", now.timestamp_micros());
        let listed: Vec<Person<'_>> = persons.iter().map(Person::of).collect();
        let asked = Asked { kind: ListKind::CrisisRoll, mission, matter, entries: &listed };
        let reserved = self.numbered(caller, asked).await?;
        let sheet = CrisisSheetView {
            crisis: CrisisView { counts, ..CrisisView::of(self.visible_crisis(caller, crisis).await?, &[])? },
            mission: mission.code.to_string(),
            statuses: statuses.to_vec(),
            number: reserved.number,
            persons: persons.len(),
            issue_time: reserved.issued_at,
            citations: vec![CITATIONS.registration_rules.text()],
        };
        let machine = Roll {
            number: &sheet.number,
            crisis: format!("crises/{crisis}"),
            title: &sheet.crisis.title,
            mission: &sheet.mission,
            statuses: statuses.iter().map(|status| status.as_str()).collect(),
            issue_time: sheet.issue_time,
            citations: &sheet.citations,
            made_time: sheet.crisis.roll_time,
            persons: listed,
        };
        let machine = machine_readable(&machine)?;
        let header = self.header_of_crisis_sheet(mission, &sheet);
        let row = |person: &CrisisPersonView| row(person, mission);
        self.hand_out(sheet, Sheets { header, machine, entries: &persons, row }, reader).await
    }

    /// How those fare whom the mission looks after, and of them those in these states: who needs help, who has not answered, who is safe, each in the order of the alphabet.
    async fn persons_of_mission(
        &self,
        crisis: Uuid,
        mission: &Mission,
        statuses: &[CrisisStatus],
    ) -> Result<(CrisisCounts, Vec<CrisisPersonView>), Refusal> {
        let filter = CrisisPersonFilter { mission: Some(mission.code.to_string()), ..CrisisPersonFilter::default() };
        let (mut counts, mut persons, mut after) = (CrisisCounts::default(), Vec::new(), None);
        loop {
            let page = self.store.crisis_persons(crisis, &filter, after, PAGE).await?;
            after = page.last().map(|last| last.id);
            let is_last = u64::try_from(page.len()).is_ok_and(|count| count < PAGE);
            let ids: Vec<Uuid> = page.iter().map(|record| record.id).collect();
            let replies = self.store.crisis_replies(&ids).await?;
            let page = CrisisPersonView::all(page, replies)?;
            // Who is not on the sheet is counted on it all the same.
            counts.add_persons(&page);
            persons.extend(page.into_iter().filter(|one| statuses.is_empty() || statuses.contains(&one.status)));
            if persons.len() > MOST_ENTRIES {
                return Err(Refusal::ListTooLarge { most: MOST_ENTRIES });
            }
            if is_last {
                break;
            }
        }
        persons.sort_by_cached_key(|person| {
            (urgency(person.status), CollationKey::of(&person.particulars.name), person.id)
        });
        Ok((counts, persons))
    }

    fn header_of_crisis_sheet(&self, mission: &Mission, sheet: &CrisisSheetView) -> ListHeader {
        let title = &sheet.crisis.title;
        let counts = &sheet.crisis.counts;
        let states = [
            (CrisisStatus::NeedHelp, counts.need_help),
            (CrisisStatus::Unanswered, counts.unanswered),
            (CrisisStatus::Safe, counts.safe),
        ];
        let states = states.map(|(status, count)| format!("{} · {}: {count}", status.text().kk, status.text().ru));
        let in_words = |status: &CrisisStatus| format!("{} · {}", status.text().kk, status.text().ru);
        let only = sheet.statuses.iter().map(in_words).collect::<Vec<_>>().join("\n");
        let area = std::iter::once(&sheet.crisis.country).chain(&sheet.crisis.subdivisions).cloned();
        let fact = |label, value| Fact { label, value };
        ListHeader {
            kind: ListKind::CrisisRoll,
            number: sheet.number.clone(),
            issued_at: at(sheet.issue_time, mission),
            mission: mission.name.clone(),
            highlights: [
                fact(Text::fixed("Аумағы", "Территория", "Area"), area.collect::<Vec<_>>().join(", ")),
                fact(
                    Text::fixed("Жағдай ашылған сәт", "Ситуация открыта", "Crisis opened"),
                    moment(at(sheet.crisis.open_time, mission)),
                ),
            ],
            facts: [
                fact(
                    Text::fixed("Не болды", "Что произошло", "What has happened"),
                    format!("{} · {} · {}", title.kk, title.ru, title.en),
                ),
                fact(Text::fixed("Жағдайы бойынша", "По состоянию", "By state"), states.join("\n")),
                fact(
                    Text::fixed("Есеп қаралған сәт", "Учёт просмотрен", "Register gone through"),
                    sheet.crisis.roll_time.map(|time| moment(at(time, mission))).unwrap_or_default(),
                ),
                fact(Text::fixed("Тек осы жағдайдағылар", "Только в состоянии", "Only those in the state"), only),
            ]
            .into_iter()
            .filter(|fact| !fact.value.is_empty())
            .collect(),
            counted: Text::fixed("Адамдар саны", "Число людей", "Number of persons"),
            total: sheet.persons,
            columns: &COLUMNS,
            citations: sheet.citations.clone(),
            list_sha256: String::new(),
            sandbox: self.sandbox.is_some(),
        }
    }
}

impl<'a> Person<'a> {
    fn of(person: &'a CrisisPersonView) -> Self {
        Self {
            kind: person.kind.as_str(),
            status: person.status.as_str(),
            reply_time: person.reply_time,
            note: note(person),
            registration: person.registration.map(|id| format!("registrations/{id}")),
            particulars: &person.particulars,
        }
    }
}

/// What was said beside the latest reply.
fn note(person: &CrisisPersonView) -> Option<&str> {
    person.replies.last()?.note.as_deref()
}

const fn urgency(status: CrisisStatus) -> u8 {
    match status {
        CrisisStatus::NeedHelp => 0,
        CrisisStatus::Unanswered => 1,
        CrisisStatus::Safe => 2,
    }
}

/// A person on paper.
fn row(person: &CrisisPersonView, mission: &Mission) -> Vec<Cell> {
    let known = &person.particulars;
    let born = known.birth_date.map(|day| day.format("%d.%m.%Y").to_string()).unwrap_or_default();
    let kind = match person.kind {
        CrisisPersonKind::Registered => String::new(),
        other => format!("{} · {}", other.text().kk, other.text().ru),
    };
    let further = known.email.iter().chain(&known.emergency_contacts).map(String::as_str).collect::<Vec<_>>();
    let status = person.status.text();
    let said = note(person).map(|said| format!("\n{said}")).unwrap_or_default();
    let replied = person.reply_time.map(|time| format!("\n{}", at(time, mission).format("%d.%m.%Y %H:%M")));
    vec![
        Cell::over(known.name.clone(), kind),
        Cell::over(born, known.document_number.clone().unwrap_or_default()),
        Cell::over(known.phones.join("\n"), further.join("\n")),
        Cell::of(known.address.clone()),
        Cell::over(status.kk.to_string(), format!("{}{}{said}", status.ru, replied.unwrap_or_default())),
    ]
}
