//! Crises in the form of the wire.

use super::convert::{etag, text};
use super::convert_time::timestamp;
use super::failure::Failure;
use super::names;
use super::proto;
use crate::registration::crisis::{CrisisPersonKind, CrisisStatus, ReplySource};
use crate::registration::form::Relation;
use crate::registration::value::Line;
use crate::registration::{FieldViolation, ViolationCode};
use crate::workflow::{
    CitizenReply, CrisisChange, CrisisPersonView, CrisisReplyView, CrisisRollQuery, CrisisView, ResourceKind,
};

/// A crisis.
pub fn crisis(view: CrisisView) -> proto::Crisis {
    let counts = view.counts;
    proto::Crisis {
        name: names::format(ResourceKind::Crisis, view.id),
        title: Some(text(&view.title)),
        country: view.country,
        subdivisions: view.subdivisions,
        missions: view.missions,
        opened_by: view.opened_by,
        open_time: Some(timestamp(view.open_time)),
        roll_time: view.roll_time.map(timestamp),
        broadcast_count: view.broadcast_count,
        counts: Some(proto::CrisisCounts {
            total: counts.total,
            unanswered: counts.unanswered,
            safe: counts.safe,
            need_help: counts.need_help,
            registered: counts.registered,
            family_members: counts.family_members,
            walk_ins: counts.walk_ins,
        }),
        etag: etag(view.version),
        close_time: view.close_time.map(timestamp),
        closed_by: view.closed_by.unwrap_or_default(),
    }
}

/// One step of a watched crisis.
pub fn crisis_change(change: CrisisChange) -> proto::WatchCrisisResponse {
    proto::WatchCrisisResponse {
        crisis: Some(crisis(change.crisis)),
        event: change.event.unwrap_or_default(),
        event_time: Some(timestamp(change.time)),
        event_count: change.events,
        resume_token: change.resume_token,
    }
}

/// A person on a roll.
pub fn person(view: CrisisPersonView) -> proto::CrisisPerson {
    let kind = match view.kind {
        CrisisPersonKind::Registered => proto::CrisisPersonKind::Registered,
        CrisisPersonKind::FamilyMember => proto::CrisisPersonKind::FamilyMember,
        CrisisPersonKind::WalkIn => proto::CrisisPersonKind::WalkIn,
    };
    let name = |kind, id: Option<uuid::Uuid>| id.map(|id| names::format(kind, id)).unwrap_or_default();
    let who = view.particulars;
    proto::CrisisPerson {
        name: names::format(ResourceKind::CrisisPerson, view.id),
        crisis: names::format(ResourceKind::Crisis, view.crisis),
        kind: kind.into(),
        mission: view.mission,
        registration: name(ResourceKind::Registration, view.registration),
        head: name(ResourceKind::CrisisPerson, view.head),
        full_name: who.name,
        relation: who.relation.map(Relation::as_str).unwrap_or_default().to_owned(),
        birth_date: who.birth_date.map(|day| day.to_string()).unwrap_or_default(),
        citizenship: who.citizenship.unwrap_or_default(),
        document_number: who.document_number.unwrap_or_default(),
        phones: who.phones,
        email: who.email.unwrap_or_default(),
        address: who.address,
        emergency_contacts: who.emergency_contacts,
        status: status(view.status).into(),
        reply_time: view.reply_time.map(timestamp),
        replies: view.replies.into_iter().map(reply).collect(),
        etag: etag(view.version),
    }
}

fn reply(view: CrisisReplyView) -> proto::CrisisReply {
    let source = match view.source {
        ReplySource::Portal => proto::CrisisReplySource::Portal,
        ReplySource::Officer => proto::CrisisReplySource::Officer,
    };
    proto::CrisisReply {
        status: status(view.status).into(),
        reply_time: Some(timestamp(view.time)),
        source: source.into(),
        actor: view.actor,
        validation_report: view
            .report
            .map(|report| names::format(ResourceKind::ValidationReport, report))
            .unwrap_or_default(),
        note: view.note.unwrap_or_default(),
    }
}

/// What a roll is asked for.
pub fn query(request: &proto::GetCrisisRollRequest) -> Result<CrisisRollQuery, Failure> {
    let mission = Some(request.mission.clone()).filter(|mission| !mission.is_empty());
    Ok(CrisisRollQuery { statuses: statuses(&request.statuses)?, mission })
}

/// The states that are asked for.
pub fn statuses(wire: &[i32]) -> Result<Vec<CrisisStatus>, Failure> {
    let asked = wire.iter().map(|wire| {
        let description = "is no state of a person in a crisis";
        known(*wire)
            .ok_or_else(|| Failure::field(FieldViolation::new("statuses", ViolationCode::UnknownValue, description)))
    });
    asked.collect()
}

/// A citizen's own reply.
pub fn citizen_reply(wire: &proto::CitizenReply) -> Result<CitizenReply, Failure> {
    let violation = |field: &str, code, text: &str| Failure::field(FieldViolation::new(field, code, text));
    let replied = known(wire.status).filter(|status| *status != CrisisStatus::Unanswered);
    let note = Some(wire.note.as_str()).filter(|note| !note.is_empty()).map(Line::new).transpose();
    Ok(CitizenReply {
        crisis: names::parse(ResourceKind::Crisis, "citizen_reply.crisis", &wire.crisis)?,
        registration: names::parse(ResourceKind::Registration, "citizen_reply.registration", &wire.registration)?,
        status: replied.ok_or_else(|| {
            violation("citizen_reply.status", ViolationCode::UnknownValue, "has to be SAFE or NEED_HELP")
        })?,
        includes_family: wire.includes_family,
        note: note
            .map_err(|_| violation("citizen_reply.note", ViolationCode::BadFormat, Line::SHAPE.expected[2]))?
            .map(String::from),
    })
}

fn known(wire: i32) -> Option<CrisisStatus> {
    CrisisStatus::ALL.into_iter().find(|known| i32::from(status(*known)) == wire)
}

/// The state on the wire.
pub fn status(status: CrisisStatus) -> proto::CrisisStatus {
    match status {
        CrisisStatus::Unanswered => proto::CrisisStatus::Unanswered,
        CrisisStatus::Safe => proto::CrisisStatus::Safe,
        CrisisStatus::NeedHelp => proto::CrisisStatus::NeedHelp,
    }
}
