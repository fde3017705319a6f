//! Numbers without gaps and without reuse: a counter row per series and year, moved inside the transaction that uses the number.
//!
//! The row is locked from the allocation to the commit, so that a number taken by a transaction that fails is taken again by
//! the next one. Counters are allocated in the order of their names, events last, which keeps transactions from waiting for
//! each other in a circle.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ConnectionTrait, DbErr};

use super::entity::number_series::{Column, Entity};

/// Which counter a number is taken from: numbers start at 1 in every year.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NumberSeries {
    /// The series, printed as the beginning of the number: for example `KZ-DE-BER` or `KZ-DE-BER/R`.
    pub series: String,
    /// The year in the mission's own time zone.
    pub year: i32,
}

impl NumberSeries {
    /// The `n`-th number as people read it: `KZ-DE-BER/2026/000017`.
    pub fn number(&self, n: i64) -> String {
        format!("{}/{:04}/{n:06}", self.series, self.year)
    }
}

/// How many numbers are wanted from a counter.
pub(super) struct Wanted {
    pub counter: NumberSeries,
    pub count: i64,
}

/// The counter of the global sequence of events.
pub(super) fn events(count: usize) -> Wanted {
    internal("~events", count)
}

/// The counter of the sequence of notifications.
pub(super) fn notifications(count: usize) -> Wanted {
    internal("~notifications", count)
}

/// The counter of the sequence of reads of personal data.
pub(super) fn reads(count: usize) -> Wanted {
    internal("~reads", count)
}

/// `~` sorts after every letter: internal counters are locked last.
fn internal(series: &str, count: usize) -> Wanted {
    Wanted {
        counter: NumberSeries { series: series.to_owned(), year: 0 },
        count: i64::try_from(count).unwrap_or(i64::MAX),
    }
}

/// Moves the counters and returns the first number taken from each, in the order of `wanted`. One statement for all of them.
pub(super) async fn allocate<C: ConnectionTrait>(db: &C, wanted: &[Wanted]) -> Result<Vec<i64>, DbErr> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let mut sorted: Vec<&Wanted> = wanted.iter().collect();
    sorted.sort_by(|a, b| a.counter.cmp(&b.counter));
    let mut insert = Query::insert();
    insert.into_table(Entity).columns([Column::Series, Column::Year, Column::Next]);
    for item in sorted {
        insert
            .values([item.counter.series.clone().into(), item.counter.year.into(), (item.count + 1).into()])
            .map_err(|_| DbErr::Custom("a counter row has three columns".to_owned()))?;
    }
    // A new counter starts at 1, so the proposed `next` is count + 1; an existing one moves by the count.
    let moved = Expr::col((Entity, Column::Next)).add(Expr::col(("excluded", Column::Next))).sub(1);
    insert.on_conflict(OnConflict::columns([Column::Series, Column::Year]).value(Column::Next, moved).to_owned());
    insert.returning(Query::returning().columns([Column::Series, Column::Year, Column::Next]));
    let mut next = std::collections::HashMap::new();
    for row in db.query_all(&insert).await? {
        let counter = NumberSeries { series: row.try_get("", "series")?, year: row.try_get("", "year")? };
        next.insert(counter, row.try_get::<i64>("", "next")?);
    }
    wanted
        .iter()
        .map(|item| next.get(&item.counter).map(|next| next - item.count))
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| DbErr::Custom("a counter row was not returned".to_owned()))
}
