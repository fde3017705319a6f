//! Statistics in the form of the wire.

use super::convert::registration_kind;
use super::convert_registration::asked_kind;
use super::convert_time::instant;
use super::failure::Failure;
use super::proto;
use crate::workflow::{StatisticsQuery, StatisticsRow};

/// Which figures are asked for.
pub fn statistics_query(request: &proto::GetStatisticsRequest) -> Result<StatisticsQuery, Failure> {
    Ok(StatisticsQuery {
        start: instant("start_time", request.start_time.as_ref())?,
        end: instant("end_time", request.end_time.as_ref())?,
        mission: Some(request.mission.clone()).filter(|mission| !mission.is_empty()),
        kind: asked_kind(request.kind)?,
    })
}

/// The figures of one mission and one kind.
pub fn statistics_row(row: StatisticsRow) -> proto::StatisticsRow {
    let figures = row.figures;
    proto::StatisticsRow {
        mission: row.mission,
        kind: registration_kind(row.kind).into(),
        filed: figures.filed,
        completed: figures.completed,
        refused: figures.refused,
        returned: figures.returned,
        withdrawn: figures.withdrawn,
        in_time: figures.in_time(),
        late: figures.late,
        open_registrations: figures.open_registrations,
    }
}
