//! Counts of the procedure and of the register over a period, made by the database from its indexes.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, JoinType, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryResult};

use super::entity::{application, event, registration};
use super::{Store, StoreError, stored_time};

/// What a count is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Applications filed.
    Filed,
    /// Events of that name of the procedure.
    Event(&'static str),
    /// Of those, the ones that came after the term.
    Late(&'static str),
    /// Registrations open at the end of the period.
    Standing,
}

/// A count for one mission and one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// Code of the mission.
    pub mission: String,
    /// PERMANENT or TEMPORARY.
    pub kind: String,
    /// How many.
    pub count: i64,
}

/// From when, inclusive, to when, exclusive, and of which mission and kind.
#[derive(Debug, Clone)]
pub struct CountFilter {
    /// The first moment.
    pub start: DateTime<Utc>,
    /// The moment after the last.
    pub end: DateTime<Utc>,
    /// Only this mission.
    pub mission: Option<String>,
    /// Only this kind.
    pub kind: Option<String>,
}

impl Store {
    /// Counts by mission and kind.
    pub async fn count(&self, counted: Counted, filter: &CountFilter) -> Result<Vec<Count>, StoreError> {
        let query = match counted {
            Counted::Filed => filed(filter),
            Counted::Event(name) => happened(name, filter),
            Counted::Late(name) => {
                let mut query = happened(name, filter);
                // A term that stood still when the application ended has not run out.
                query.and_where(
                    Expr::col((event::Entity, event::Column::Time))
                        .gt(Expr::col((application::Entity, application::Column::DueAt))),
                );
                query
            }
            Counted::Standing => standing(filter),
        };
        let rows = self.reader().query_all(&query).await?;
        Ok(rows.iter().map(count).collect::<Result<_, _>>()?)
    }
}

fn count(row: &QueryResult) -> Result<Count, DbErr> {
    Ok(Count { mission: row.try_get("", "mission")?, kind: row.try_get("", "kind")?, count: row.try_get("", "count")? })
}

fn of_applications(filter: &CountFilter) -> SelectStatement {
    use application::{Column, Entity};
    let mut query = Query::select();
    query
        .column((Entity, Column::Mission))
        .column((Entity, Column::Kind))
        .expr_as(Func::count(Expr::col((Entity, Column::Kind))), Alias::new("count"))
        .group_by_columns([(Entity, Column::Mission), (Entity, Column::Kind)]);
    if let Some(mission) = &filter.mission {
        query.and_where(Column::Mission.eq(mission));
    }
    if let Some(kind) = &filter.kind {
        query.and_where(Column::Kind.eq(kind));
    }
    query
}

fn filed(filter: &CountFilter) -> SelectStatement {
    use application::{Column, Entity};
    let mut query = of_applications(filter);
    query
        .from(Entity)
        .and_where(Column::ReceivedAt.gte(stored_time(filter.start)))
        .and_where(Column::ReceivedAt.lt(stored_time(filter.end)));
    query
}

fn happened(name: &'static str, filter: &CountFilter) -> SelectStatement {
    use event::{Column, Entity};
    let is_its = Expr::col((application::Entity, application::Column::Id)).equals((Entity, Column::Subject));
    let mut query = of_applications(filter);
    query
        .from(Entity)
        .join(JoinType::InnerJoin, application::Entity, is_its)
        .and_where(Column::Time.gte(stored_time(filter.start)))
        .and_where(Column::Time.lt(stored_time(filter.end)))
        // A name of this program, written out: the index over these events is found for a text that is there to be read only.
        .and_where(Expr::cust(format!("\"events\".\"kind\" = '{name}'")));
    query
}

fn standing(filter: &CountFilter) -> SelectStatement {
    use registration::{Column, Entity};
    let end = stored_time(filter.end);
    let mut query = Query::select();
    query
        .columns([Column::Mission, Column::Kind])
        .expr_as(Func::count(Expr::col(Column::Kind)), Alias::new("count"))
        .from(Entity)
        .and_where(Column::RegisteredAt.lt(end))
        .and_where(Column::ClosedAt.is_null().or(Column::ClosedAt.gte(end)))
        .group_by_columns([Column::Mission, Column::Kind]);
    if let Some(mission) = &filter.mission {
        query.and_where(Column::Mission.eq(mission));
    }
    if let Some(kind) = &filter.kind {
        query.and_where(Column::Kind.eq(kind));
    }
    query
}
