//! Figures of a period by mission and kind: how many applications went which way, how the legal term was kept, how many are registered.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::decide::corrupt;
use super::{Caller, Refusal, Workflow};
use crate::registration::event::EventName;
use crate::registration::form::Kind;
use crate::registration::{FieldViolation, ViolationCode};
use crate::store::{CountFilter, Counted};

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

/// Where a count goes.
type Figure = fn(&mut Figures) -> &mut u64;

/// What is counted, and where it goes.
const COUNTED: [(Counted, Figure); 8] = [
    (Counted::Filed, |figures| &mut figures.filed),
    (Counted::Event(EventName::ApplicationCompleted.as_str()), |figures| &mut figures.completed),
    (Counted::Event(EventName::ApplicationRefused.as_str()), |figures| &mut figures.refused),
    (Counted::Event(EventName::ApplicationReturned.as_str()), |figures| &mut figures.returned),
    (Counted::Event(EventName::ApplicationWithdrawn.as_str()), |figures| &mut figures.withdrawn),
    (Counted::Late(EventName::ApplicationCompleted.as_str()), |figures| &mut figures.late),
    (Counted::Late(EventName::ApplicationRefused.as_str()), |figures| &mut figures.late),
    (Counted::Standing, |figures| &mut figures.open_registrations),
];

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
        let mut rows: BTreeMap<(String, String), Figures> = BTreeMap::new();
        for (counted, figure) in COUNTED {
            for row in self.store.count(counted, &filter).await? {
                let count = u64::try_from(row.count).map_err(|_| corrupt("count"))?;
                *figure(rows.entry((row.mission, row.kind)).or_default()) += count;
            }
        }
        let row = |((mission, kind), figures): ((String, String), Figures)| {
            let kind = Kind::from_name(&kind).ok_or_else(|| corrupt("kind"))?;
            Ok(StatisticsRow { mission, kind, figures })
        };
        rows.into_iter().map(row).collect()
    }
}
