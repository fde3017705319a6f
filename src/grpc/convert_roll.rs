//! Electoral rolls and statistics in the form of the wire.

use std::str::FromStr;

use chrono::NaiveDate;

use super::convert::{registration_kind, text};
use super::convert_registration::asked_kind;
use super::convert_time::{instant, timestamp};
use super::failure::Failure;
use super::proto;
use super::proto::export_electoral_roll_response::Part;
use crate::registration::{FieldViolation, ViolationCode};
use crate::workflow::{RollFile, RollPart, RollRequest, RollView, StatisticsQuery, StatisticsRow};

/// Which roll is asked for.
pub fn roll_request(request: proto::ExportElectoralRollRequest) -> Result<RollRequest, Failure> {
    let mut violations = Vec::new();
    let voting_day = NaiveDate::from_str(&request.voting_day).ok();
    if voting_day.is_none() {
        let code = if request.voting_day.is_empty() { ViolationCode::MissingField } else { ViolationCode::BadFormat };
        violations.push(FieldViolation::new("voting_day", code, "has to be a day as YYYY-MM-DD"));
    }
    let country = Some(request.country).filter(|country| !country.is_empty());
    let country = code_in("country", country, &mut violations);
    let parts: Vec<_> = request
        .subdivisions
        .into_iter()
        .filter_map(|part| code_in("subdivisions", Some(part), &mut violations))
        .collect();
    if request.mission.is_empty() {
        violations.push(FieldViolation::new("mission", ViolationCode::MissingField, "has to be given"));
    }
    let cut_off = instant("cut_off_time", request.cut_off_time.as_ref());
    match (voting_day, cut_off) {
        (Some(voting_day), Ok(cut_off)) if violations.is_empty() => {
            Ok(RollRequest { mission: request.mission, voting_day, cut_off, country, subdivisions: parts })
        }
        (_, cut_off) => {
            if let Err(Failure::Request(also)) = cut_off {
                violations.extend(also);
            }
            Err(Failure::Request(violations))
        }
    }
}

/// A code in a field that may be absent; what is no code is noted.
fn code_in<T: FromStr>(field: &str, code: Option<String>, violations: &mut Vec<FieldViolation>) -> Option<T> {
    let code = code?;
    let parsed = code.parse().ok();
    if parsed.is_none() {
        violations.push(FieldViolation::new(field, ViolationCode::BadFormat, "is no code of ISO 3166"));
    }
    parsed
}

/// One part of an export.
pub fn roll_part(part: RollPart) -> proto::ExportElectoralRollResponse {
    let part = match part {
        RollPart::Roll(view) => Part::Roll(roll(*view)),
        RollPart::File(view) => Part::File(file(view)),
        RollPart::Content(octets) => Part::ContentChunk(octets),
        RollPart::Seal(octets) => Part::SealChunk(octets),
    };
    proto::ExportElectoralRollResponse { part: Some(part) }
}

fn roll(view: RollView) -> proto::ElectoralRoll {
    proto::ElectoralRoll {
        number: view.number,
        mission: view.request.mission,
        voting_day: view.request.voting_day.to_string(),
        cut_off_time: Some(timestamp(view.request.cut_off)),
        country: view.request.country.map(String::from).unwrap_or_default(),
        subdivisions: view.request.subdivisions.into_iter().map(String::from).collect(),
        elector_count: counted(view.electors),
        issue_time: Some(timestamp(view.issue_time)),
        citations: view.citations.iter().map(text).collect(),
    }
}

fn file(view: RollFile) -> proto::ElectoralRollFile {
    proto::ElectoralRollFile {
        number: view.number,
        media_type: view.media_type.to_owned(),
        size_bytes: view.size,
        sha256: hex::encode(view.sha256),
        first_elector: counted(view.first),
        elector_count: counted(view.electors),
    }
}

fn counted(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

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
