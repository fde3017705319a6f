//! Counts of the procedure and of the register over a period, made by the database from its indexes.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Func, JoinType, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryResult};

use super::entity::{application, event, registration};
use super::{Store, StoreError, stored_time};

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

/// How many applications of one mission and one kind went one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeCount {
    /// Mission, kind and how many.
    pub all: Count,
    /// Name of the event, such as `application.completed`.
    pub event: String,
    /// Of these, how many came after the term. A term that stood still then has not run out.
    pub late: i64,
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

/// The events that are counted, exactly as the index over them says: another spelling would not be answered by it.
const COUNTED: &str = "\"events\".\"kind\" IN ('application.completed', 'application.refused', \
                       'application.returned', 'application.withdrawn')";

impl Store {
    /// How many applications were filed, by mission and kind.
    pub async fn count_filed(&self, filter: &CountFilter) -> Result<Vec<Count>, StoreError> {
        use application::{Column, Entity};
        let mut query = of_applications(filter);
        query
            .from(Entity)
            .and_where(Column::ReceivedAt.gte(stored_time(filter.start)))
            .and_where(Column::ReceivedAt.lt(stored_time(filter.end)));
        self.counts(&query).await
    }

    /// How many applications were completed, refused, returned and withdrawn, by mission and kind.
    pub async fn count_outcomes(&self, filter: &CountFilter) -> Result<Vec<OutcomeCount>, StoreError> {
        use event::{Column, Entity};
        let is_its = Expr::col((application::Entity, application::Column::Id)).equals((Entity, Column::Subject));
        let due = Expr::col((application::Entity, application::Column::DueAt));
        let late = CaseStatement::new().case(Expr::col((Entity, Column::Time)).gt(due), 1);
        let mut query = of_applications(filter);
        query
            .expr_as(Expr::col((Entity, Column::Kind)), "event")
            .expr_as(Func::count(late), "late")
            .from(Entity)
            .join(JoinType::InnerJoin, application::Entity, is_its)
            .and_where(Column::Time.gte(stored_time(filter.start)))
            .and_where(Column::Time.lt(stored_time(filter.end)))
            .and_where(Expr::cust(COUNTED))
            .add_group_by([Expr::col((Entity, Column::Kind))]);
        let rows = self.reader().query_all(&query).await?;
        let outcome = |row: &QueryResult| {
            Ok(OutcomeCount { all: count(row)?, event: row.try_get("", "event")?, late: row.try_get("", "late")? })
        };
        rows.iter().map(outcome).collect()
    }

    /// How many registrations were open at the end of the period, by mission and kind.
    pub async fn count_standing(&self, filter: &CountFilter) -> Result<Vec<Count>, StoreError> {
        use registration::{Column, Entity};
        let end = stored_time(filter.end);
        let mut query = Query::select();
        query
            .columns([Column::Mission, Column::Kind])
            .expr_as(Func::count(Expr::col(Column::Kind)), "count")
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
        self.counts(&query).await
    }

    async fn counts(&self, query: &SelectStatement) -> Result<Vec<Count>, StoreError> {
        let rows = self.reader().query_all(query).await?;
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
        .expr_as(Func::count(Expr::col((Entity, Column::Kind))), "count")
        .group_by_columns([(Entity, Column::Mission), (Entity, Column::Kind)]);
    if let Some(mission) = &filter.mission {
        query.and_where(Column::Mission.eq(mission));
    }
    if let Some(kind) = &filter.kind {
        query.and_where(Column::Kind.eq(kind));
    }
    query
}
