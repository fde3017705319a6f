//! Lists on sealed sheets in the form of the wire: electoral rolls, register journals, rolls of crises.

use std::str::FromStr;

use chrono::NaiveDate;

use super::convert::text;
use super::convert_crisis::{crisis, status};
use super::convert_time::{instant, timestamp};
use super::failure::Failure;
use super::proto;
use super::proto::{
    export_crisis_roll_response as crisis_part, export_electoral_roll_response as roll_part,
    export_register_journal_response as journal_part,
};
use crate::registration::{FieldViolation, ViolationCode};
use crate::workflow::{CrisisSheetView, JournalRequest, JournalView, ListFile, ListPart, RollRequest, RollView};

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

/// Which journal is asked for.
pub fn journal_request(request: proto::ExportRegisterJournalRequest) -> Result<JournalRequest, Failure> {
    let mut violations = Vec::new();
    if request.mission.is_empty() {
        violations.push(FieldViolation::new("mission", ViolationCode::MissingField, "has to be given"));
    }
    let times = [("start_time", &request.start_time), ("end_time", &request.end_time)];
    match times.map(|(field, time)| instant(field, time.as_ref())) {
        [Ok(start), Ok(end)] if violations.is_empty() => Ok(JournalRequest { mission: request.mission, start, end }),
        times => {
            for failure in times.into_iter().filter_map(Result::err) {
                if let Failure::Request(also) = failure {
                    violations.extend(also);
                }
            }
            Err(Failure::Request(violations))
        }
    }
}

/// One part of the export of an electoral roll.
pub fn roll(part: ListPart<RollView>) -> proto::ExportElectoralRollResponse {
    use roll_part::Part;
    let part = match part {
        ListPart::List(view) => Part::Roll(electoral_roll(*view)),
        ListPart::File(view) => Part::File(file(view)),
        ListPart::Content(octets) => Part::ContentChunk(octets),
        ListPart::Seal(octets) => Part::SealChunk(octets),
    };
    proto::ExportElectoralRollResponse { part: Some(part) }
}

/// One part of the export of a journal.
pub fn journal(part: ListPart<JournalView>) -> proto::ExportRegisterJournalResponse {
    use journal_part::Part;
    let part = match part {
        ListPart::List(view) => Part::Journal(register_journal(*view)),
        ListPart::File(view) => Part::File(file(view)),
        ListPart::Content(octets) => Part::ContentChunk(octets),
        ListPart::Seal(octets) => Part::SealChunk(octets),
    };
    proto::ExportRegisterJournalResponse { part: Some(part) }
}

/// One part of the export of the roll of a crisis.
pub fn crisis_sheet(part: ListPart<CrisisSheetView>) -> proto::ExportCrisisRollResponse {
    use crisis_part::Part;
    let part = match part {
        ListPart::List(view) => Part::Roll(crisis_roll(*view)),
        ListPart::File(view) => Part::File(file(view)),
        ListPart::Content(octets) => Part::ContentChunk(octets),
        ListPart::Seal(octets) => Part::SealChunk(octets),
    };
    proto::ExportCrisisRollResponse { part: Some(part) }
}

fn electoral_roll(view: RollView) -> proto::ElectoralRoll {
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

fn register_journal(view: JournalView) -> proto::RegisterJournal {
    proto::RegisterJournal {
        number: view.number,
        mission: view.request.mission,
        start_time: Some(timestamp(view.request.start)),
        end_time: Some(timestamp(view.request.end)),
        entry_count: counted(view.entries),
        issue_time: Some(timestamp(view.issue_time)),
        citations: view.citations.iter().map(text).collect(),
    }
}

fn crisis_roll(view: CrisisSheetView) -> proto::CrisisRoll {
    proto::CrisisRoll {
        number: view.number,
        crisis: Some(crisis(view.crisis)),
        mission: view.mission,
        person_count: counted(view.persons),
        issue_time: Some(timestamp(view.issue_time)),
        citations: view.citations.iter().map(text).collect(),
        statuses: view.statuses.into_iter().map(|one| status(one).into()).collect(),
    }
}

fn file(view: ListFile) -> proto::SealedListFile {
    proto::SealedListFile {
        number: view.number,
        media_type: view.media_type.to_owned(),
        size_bytes: view.size,
        sha256: hex::encode(view.sha256),
        first_entry: counted(view.first),
        entry_count: counted(view.entries),
    }
}

fn counted(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
