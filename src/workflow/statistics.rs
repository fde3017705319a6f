//! Figures of a period by mission and kind: how many applications went which way, how the legal term was kept, how many are registered.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::decide::corrupt;
use super::{Caller, Refusal, Workflow};
use crate::registration::event::EventName;
use crate::registration::form::Kind;
use crate::registration::{FieldViolation, ViolationCode};
use crate::store::{Count, CountFilter};

/// Which figures are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatisticsQuery {
    /// The first moment of the period.
    pub start: DateTime<Utc>,
    /// The moment after its last.
    pub end: DateTime<Utc>,
    /// Only this mission.
    pub mission: Option<String>,
    /// Only this kind.
    pub kind: Option<Kind>,
}

/// Figures of one mission and one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatisticsRow {
    /// Code of the mission.
    pub mission: String,
    /// Kind.
    pub kind: Kind,
    /// The figures.
    pub figures: Figures,
}

/// What is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Applications filed.
    pub filed: u64,
    /// Applications granted.
    pub completed: u64,
    /// Applications refused.
    pub refused: u64,
    /// Returns with remarks.
    pub returned: u64,
    /// Applications taken back.
    pub withdrawn: u64,
    /// Of those granted or refused, the ones after their term.
    pub late: u64,
    /// Registrations open at the end of the period.
    pub open_registrations: u64,
}

impl Figures {
    /// Of those granted or refused, the ones within their term.
    pub const fn in_time(&self) -> u64 {
        (self.completed + self.refused).saturating_sub(self.late)
    }
}

/// Figures by mission and kind.
type Rows = BTreeMap<(String, String), Figures>;

/// The figures that a count belongs to, and the count.
fn at(rows: &mut Rows, count: Count) -> Result<(&mut Figures, u64), Refusal> {
    let counted = u64::try_from(count.count).map_err(|_| corrupt("count"))?;
    Ok((rows.entry((count.mission, count.kind)).or_default(), counted))
}

impl Workflow {
    /// The figures that a caller may see and asks for: a mission its own. By mission, then permanent before temporary; a mission and kind
    /// without any figure has no row.
    ///
    /// # Errors
    /// A period that does not begin before it ends, or ends ahead.
    pub async fn statistics(&self, caller: &Caller, query: &StatisticsQuery) -> Result<Vec<StatisticsRow>, Refusal> {
        let mut violations = Vec::new();
        if query.start >= query.end {
            let description = "has to be later than start_time";
            violations.push(FieldViolation::new("end_time", ViolationCode::Inconsistent, description));
        }
        if query.end > self.clock.now() {
            let description = "lies ahead: what will have happened by then is not known";
            violations.push(FieldViolation::new("end_time", ViolationCode::OutOfRange, description));
        }
        if !violations.is_empty() {
            return Err(Refusal::Fields(violations));
        }
        let own = caller.own_mission();
        if own.zip(query.mission.as_deref()).is_some_and(|(own, asked)| own != asked) {
            return Ok(Vec::new());
        }
        let filter = CountFilter {
            start: query.start,
            end: query.end,
            mission: own.or(query.mission.as_deref()).map(str::to_owned),
            kind: query.kind.map(|kind| kind.as_str().to_owned()),
        };
        let mut rows = Rows::new();
        for count in self.store.count_filed(&filter).await? {
            let (figures, counted) = at(&mut rows, count)?;
            figures.filed = counted;
        }
        for outcome in self.store.count_outcomes(&filter).await? {
            let late = u64::try_from(outcome.late).map_err(|_| corrupt("count"))?;
            let (figures, counted) = at(&mut rows, outcome.all)?;
            match EventName::from_name(&outcome.event) {
                Some(EventName::ApplicationCompleted) => {
                    figures.completed = counted;
                    figures.late += late;
                }
                Some(EventName::ApplicationRefused) => {
                    figures.refused = counted;
                    figures.late += late;
                }
                Some(EventName::ApplicationReturned) => figures.returned = counted,
                Some(EventName::ApplicationWithdrawn) => figures.withdrawn = counted,
                _ => return Err(corrupt("event")),
            }
        }
        for count in self.store.count_standing(&filter).await? {
            let (figures, counted) = at(&mut rows, count)?;
            figures.open_registrations = counted;
        }
        let row = |((mission, kind), figures): ((String, String), Figures)| {
            let kind = Kind::from_name(&kind).ok_or_else(|| corrupt("kind"))?;
            Ok(StatisticsRow { mission, kind, figures })
        };
        rows.into_iter().map(row).collect()
    }
}
