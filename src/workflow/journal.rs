//! The journal of a mission's register for a period, on sealed sheets.
//!
//! What was entered is read from the events, which are never changed; who they are about, from the cards that are still kept. A period that
//! has just ended may get another entry, of what was under way: then the journal has another number.

use std::sync::Arc;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde::Serialize;
use tokio_stream::Stream;
use uuid::Uuid;

use super::decide::corrupt;
use super::sealed_list::{Asked, ListPart, MOST_ENTRIES, Reader, Sheets, Told, at, machine_readable};
use super::{Caller, Refusal, Workflow};
use crate::documents::{Cell, Column, Fact, ListHeader, moment};
use crate::registration::form::{Card, Kind};
use crate::registration::journal::{EntryKind, JournalEntry};
use crate::registration::list::ListKind;
use crate::registration::mission::Mission;
use crate::registration::rules::CITATIONS;
use crate::registration::{DeregistrationGround, FieldViolation, Text, ViolationCode};
use crate::store::{EventRecord, RegistrationRecord};

/// Entries read at one time.
const PAGE: u64 = 200;

/// The columns on paper.
static COLUMNS: [Column; 5] = [
    Column {
        label: Text::fixed("Тегі, аты, әкесінің аты", "Фамилия, имя, отчество", "Name"), width: None
    },
    Column { label: Text::fixed("Туған күні", "Дата рождения", "Born on"), width: Some(19) },
    Column {
        label: Text::fixed("Түрі және мерзімі", "Вид и срок", "Kind and term"), width: Some(31)
    },
    Column { label: Text::fixed("Жазба", "Запись", "Entry"), width: None },
    Column {
        label: Text::fixed("Жазылған сәті", "Время записи", "Entered at"), width: Some(23)
    },
];

/// Which journal is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRequest {
    /// Code of the mission.
    pub mission: String,
    /// The period begins with this moment.
    pub start: DateTime<Utc>,
    /// The period ends before this moment.
    pub end: DateTime<Utc>,
}

/// A journal as it is handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalView {
    /// What was asked for.
    pub request: JournalRequest,
    /// Number of the journal.
    pub number: String,
    /// How many entries it has.
    pub entries: usize,
    /// When it was first asked for.
    pub issue_time: DateTime<Utc>,
    /// The acts that it is kept under.
    pub citations: Vec<Text>,
}

/// The whole journal for machines.
#[derive(Serialize)]
struct Journal<'a> {
    number: &'a str,
    mission: &'a str,
    start_time: DateTime<Utc>,
    end_time: DateTime<Utc>,
    issue_time: DateTime<Utc>,
    citations: &'a [Text],
    entries: &'a [JournalEntry],
}

impl Workflow {
    /// Hands out the journal of a mission's register.
    ///
    /// # Errors
    /// A mission that is not there or not the caller's, a period that is none or not over; what goes wrong later comes as the last item.
    pub fn journal(
        self: &Arc<Self>,
        caller: &Caller,
        mut request: JournalRequest,
    ) -> Result<impl Stream<Item = Result<ListPart<JournalView>, Refusal>> + Send + use<>, Refusal> {
        // As fine as the store keeps time.
        (request.start, request.end) = (request.start.trunc_subsecs(6), request.end.trunc_subsecs(6));
        let mut violations = Vec::new();
        let mission = self.mission_of_list(caller, &request.mission, &mut violations)?;
        let mut violation = |code, text: &str| violations.push(FieldViolation::new("end_time", code, text));
        if request.end <= request.start {
            violation(ViolationCode::Inconsistent, "has to be later than start_time");
        } else if request.end > self.clock.now() {
            violation(ViolationCode::OutOfRange, "lies ahead: what will be entered by then is not known");
        }
        let Some(mission) = mission.filter(|_| violations.is_empty()) else {
            return Err(Refusal::Fields(violations));
        };
        let caller = caller.clone();
        Ok(self.in_turn(async move |workflow, reader| {
            workflow.hand_out_journal(&caller, &mission, request, &reader).await
        }))
    }

    async fn hand_out_journal(
        &self,
        caller: &Caller,
        mission: &Mission,
        request: JournalRequest,
        reader: &Reader<JournalView>,
    ) -> Result<(), Told> {
        let entries = self.journal_entries(mission, &request).await?;
        let asked = Asked {
            kind: ListKind::RegisterJournal,
            mission,
            matter: format!("{} {}", request.start.timestamp_micros(), request.end.timestamp_micros()),
            entries: &entries,
        };
        let reserved = self.numbered(caller, asked).await?;
        let journal = JournalView {
            request,
            number: reserved.number,
            entries: entries.len(),
            issue_time: reserved.issued_at,
            citations: vec![CITATIONS.registration_rules.text()],
        };
        let machine = Journal {
            number: &journal.number,
            mission: &journal.request.mission,
            start_time: journal.request.start,
            end_time: journal.request.end,
            issue_time: journal.issue_time,
            citations: &journal.citations,
            entries: &entries,
        };
        let machine = machine_readable(&machine)?;
        let header = self.header_of_journal(mission, &journal);
        let row = |entry: &JournalEntry| row(entry, mission);
        self.hand_out(journal, Sheets { header, machine, entries: &entries, row }, reader).await
    }

    /// What was entered, oldest first.
    async fn journal_entries(&self, mission: &Mission, asked: &JournalRequest) -> Result<Vec<JournalEntry>, Refusal> {
        let kinds = EntryKind::ALL.map(|kind| kind.event().as_str());
        // Cards count as they were when the period ended.
        let last = asked.end - TimeDelta::microseconds(1);
        let (mut entries, mut after) = (Vec::new(), 0);
        loop {
            let period = (asked.start, asked.end);
            let page = self.store.register_events(&mission.code, &kinds, period, after, PAGE).await?;
            let ids: Vec<Uuid> = page.iter().map(|(_, registration)| registration.id).collect();
            let cards = self.store.cards_at(&ids, last).await?;
            for (event, registration) in &page {
                let entry = entry_of(event, registration)?;
                let card = cards.get(&registration.id).map(|record| serde_json::from_slice::<Card>(&record.card));
                let card = card.transpose().map_err(|_| corrupt("card"))?;
                entries.push(match card {
                    Some(card) => entry.by_card(&card),
                    None => entry,
                });
            }
            if entries.len() > MOST_ENTRIES {
                return Err(Refusal::ListTooLarge { most: MOST_ENTRIES });
            }
            let is_full = u64::try_from(page.len()).is_ok_and(|count| count >= PAGE);
            let Some((event, _)) = page.last().filter(|_| is_full) else { return Ok(entries) };
            after = event.sequence;
        }
    }

    fn header_of_journal(&self, mission: &Mission, journal: &JournalView) -> ListHeader {
        let fact = |label, time| Fact { label, value: moment(at(time, mission)) };
        ListHeader {
            kind: ListKind::RegisterJournal,
            number: journal.number.clone(),
            issued_at: at(journal.issue_time, mission),
            mission: mission.name.clone(),
            highlights: [
                fact(Text::fixed("Кезеңнің басы", "Начало периода", "From"), journal.request.start),
                fact(Text::fixed("Кезеңнің соңы", "Конец периода", "Until"), journal.request.end),
            ],
            facts: Vec::new(),
            counted: Text::fixed("Жазбалар саны", "Число записей", "Number of entries"),
            total: journal.entries,
            columns: &COLUMNS,
            citations: journal.citations.clone(),
            list_sha256: String::new(),
            sandbox: self.sandbox.is_some(),
        }
    }
}

fn entry_of(event: &EventRecord, registration: &RegistrationRecord) -> Result<JournalEntry, Refusal> {
    let entry = EntryKind::of_event(&event.kind).ok_or_else(|| corrupt("event"))?;
    let ground = registration.closing_ground.as_deref().and_then(DeregistrationGround::from_name);
    Ok(JournalEntry {
        entry,
        time: event.time,
        registration: registration.number.clone(),
        kind: Kind::from_name(&registration.kind).ok_or_else(|| corrupt("kind"))?,
        name: None,
        birth_date: None,
        valid_until: None,
        ground: ground.filter(|_| entry == EntryKind::Deregistered),
    })
}

/// An entry on paper.
fn row(entry: &JournalEntry, mission: &Mission) -> Vec<Cell> {
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.format("%d.%m.%Y").to_string()).unwrap_or_default();
    let kind = entry.kind.text();
    let term = entry.valid_until.map(|until| format!("– {}", day(Some(until))));
    let what = entry.entry.text();
    let ground = entry.ground.map(DeregistrationGround::text);
    let ground = ground.map(|ground| format!("\n{} · {}", ground.kk, ground.ru)).unwrap_or_default();
    let entered = at(entry.time, mission);
    vec![
        Cell::over(entry.name.clone().unwrap_or_default(), entry.registration.clone()),
        Cell::of(day(entry.birth_date)),
        Cell::over(format!("{} · {}", kind.kk, kind.ru), term.unwrap_or_default()),
        Cell::over(what.kk.to_string(), format!("{}{ground}", what.ru)),
        Cell::over(entered.format("%d.%m.%Y").to_string(), entered.format("%H:%M:%S").to_string()),
    ]
}
