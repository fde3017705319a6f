//! Crises, their rolls and counts, as text and as JSON.

use std::io;

use serde_json::{Value, json};

use crate::command::failure::CommandError;
use crate::command::output::{Format, Output, Painted, Tone};
use crate::command::resource::{localized, localized_json, moment, rfc3339, short};
use crate::grpc::client::instant;
use crate::grpc::proto::{Crisis, CrisisCounts, CrisisPerson, CrisisStatus, WatchCrisisResponse};

pub(super) fn status(person: &CrisisPerson) -> (String, Tone) {
    let tone = match person.status() {
        CrisisStatus::Safe => Tone::Good,
        CrisisStatus::NeedHelp => Tone::Bad,
        _ => Tone::Doubtful,
    };
    (short(person.status().as_str_name(), "CRISIS_STATUS_"), tone)
}

fn counts_json(counts: &CrisisCounts) -> Value {
    json!({
        "total": counts.total,
        "unanswered": counts.unanswered,
        "safe": counts.safe,
        "need_help": counts.need_help,
        "registered": counts.registered,
        "family_members": counts.family_members,
        "walk_ins": counts.walk_ins,
    })
}

fn crisis_json(crisis: &Crisis) -> Value {
    json!({
        "name": crisis.name,
        "title": localized_json(crisis.title.as_ref()),
        "country": crisis.country,
        "subdivisions": crisis.subdivisions,
        "missions": crisis.missions,
        "opened_by": crisis.opened_by,
        "open_time": rfc3339(instant(crisis.open_time.as_ref())),
        "roll_time": rfc3339(instant(crisis.roll_time.as_ref())),
        "broadcast_count": crisis.broadcast_count,
        "counts": crisis.counts.as_ref().map(counts_json),
        "etag": crisis.etag,
        "close_time": rfc3339(instant(crisis.close_time.as_ref())),
        "closed_by": crisis.closed_by,
    })
}

pub(super) fn person_json(person: &CrisisPerson) -> Value {
    let replies: Vec<Value> = person
        .replies
        .iter()
        .map(|reply| {
            json!({
                "status": short(reply.status().as_str_name(), "CRISIS_STATUS_"),
                "reply_time": rfc3339(instant(reply.reply_time.as_ref())),
                "source": short(reply.source().as_str_name(), "CRISIS_REPLY_SOURCE_"),
                "actor": reply.actor,
                "validation_report": reply.validation_report,
                "note": reply.note,
            })
        })
        .collect();
    json!({
        "name": person.name,
        "crisis": person.crisis,
        "kind": short(person.kind().as_str_name(), "CRISIS_PERSON_KIND_"),
        "mission": person.mission,
        "registration": person.registration,
        "head": person.head,
        "full_name": person.full_name,
        "relation": person.relation,
        "birth_date": person.birth_date,
        "citizenship": person.citizenship,
        "document_number": person.document_number,
        "phones": person.phones,
        "email": person.email,
        "address": person.address,
        "emergency_contacts": person.emergency_contacts,
        "status": status(person).0,
        "reply_time": rfc3339(instant(person.reply_time.as_ref())),
        "replies": replies,
        "etag": person.etag,
    })
}

fn tally(counts: &CrisisCounts) -> String {
    format!(
        "{} in all: {} safe, {} need help, {} unanswered",
        counts.total, counts.safe, counts.need_help, counts.unanswered
    )
}

pub(super) fn show(crisis: &Crisis, output: &mut Output<'_>) -> Result<(), CommandError> {
    if output.format() == Format::Json {
        return Ok(output.json(&crisis_json(crisis))?);
    }
    show_facts(crisis, output)
}

pub(super) fn show_list(crises: &[Crisis], output: &mut Output<'_>) -> Result<(), CommandError> {
    if output.format() == Format::Json {
        return Ok(output.json(&crises.iter().map(crisis_json).collect())?);
    }
    let language = output.language();
    let rows = crises.iter().map(|crisis| {
        [
            Painted::new(Tone::Quiet, moment(instant(crisis.open_time.as_ref()))),
            Painted::new(Tone::Strong, localized(crisis.title.as_ref(), language)),
            moment(instant(crisis.close_time.as_ref())).into(),
            area(crisis).into(),
            tally(&crisis.counts.unwrap_or_default()).into(),
            Painted::new(Tone::Quiet, crisis.name.as_str()),
        ]
    });
    Ok(output.list(["opened", "what", "closed", "area", "on the roll", "crisis"], rows.collect())?)
}

fn area(crisis: &Crisis) -> String {
    std::iter::once(&crisis.country).chain(&crisis.subdivisions).cloned().collect::<Vec<_>>().join(", ")
}

fn show_facts(crisis: &Crisis, output: &mut Output<'_>) -> Result<(), CommandError> {
    let title = localized(crisis.title.as_ref(), output.language());
    output.line(output.paint(Tone::Strong, &title))?;
    let counts = crisis.counts.unwrap_or_default();
    let roll = moment(instant(crisis.roll_time.as_ref()));
    output.facts([
        ("crisis", Painted::from(crisis.name.as_str())),
        ("area", area(crisis).into()),
        ("missions", crisis.missions.join(", ").into()),
        ("opened", moment(instant(crisis.open_time.as_ref())).into()),
        ("closed", moment(instant(crisis.close_time.as_ref())).into()),
        ("roll made", if roll.is_empty() { "not yet".to_owned() } else { roll }.into()),
        ("messages sent", crisis.broadcast_count.to_string().into()),
        ("on the roll", tally(&counts).into()),
        ("etag", crisis.etag.as_str().into()),
    ])?;
    Ok(())
}

pub(super) fn show_roll(
    crisis: &Crisis,
    persons: &[CrisisPerson],
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    if output.format() == Format::Json {
        let persons: Vec<Value> = persons.iter().map(person_json).collect();
        return Ok(output.json(&json!({ "crisis": crisis_json(crisis), "persons": persons }))?);
    }
    show_facts(crisis, output)?;
    output.gap()?;
    let rows = persons.iter().map(|person| {
        let (status, tone) = status(person);
        let kind = short(person.kind().as_str_name(), "CRISIS_PERSON_KIND_");
        let kind = [kind.as_str(), person.relation.as_str()].join(" ").trim().to_owned();
        [
            Painted::new(tone, status),
            Painted::new(Tone::Strong, person.full_name.as_str()),
            kind.into(),
            person.mission.as_str().into(),
            person.phones.join(", ").into(),
            person.address.as_str().into(),
            Painted::new(Tone::Quiet, person.name.as_str()),
        ]
    });
    Ok(output.list(["status", "name", "why", "mission", "telephone", "where", "person"], rows.collect())?)
}

pub(super) fn show_change(response: &WatchCrisisResponse, output: &mut Output<'_>) -> io::Result<()> {
    let crisis = response.crisis.clone().unwrap_or_default();
    let time = instant(response.event_time.as_ref());
    if output.format() == Format::Json {
        return output.json_line(&json!({
            "event": response.event,
            "event_time": rfc3339(time),
            "event_count": response.event_count,
            "crisis": crisis_json(&crisis),
            "resume_token": response.resume_token,
        }));
    }
    let event = if response.event.is_empty() { "now" } else { response.event.as_str() };
    let (time, event) = (output.paint(Tone::Quiet, &moment(time)), output.paint(Tone::Strong, event));
    output.line(format_args!("{time}  {event}  {}", tally(&crisis.counts.unwrap_or_default())))
}
