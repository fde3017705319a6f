//! `consular registration electoral-roll | journal`, `consular crisis export`: lists on sealed sheets, saved into files.

use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, Utc};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::failure::{CommandError, write};
use super::output::{Format, Output, Painted, Tone};
use super::resource::{instant_of, localized, localized_json, moment, rfc3339};
use crate::grpc::client::{Client, ClientError, answer, instant, next, timestamp};
use crate::grpc::proto::{
    CrisisRoll, ElectoralRoll, ExportCrisisRollRequest, ExportElectoralRollRequest, ExportRegisterJournalRequest,
    LocalizedText, RegisterJournal, SealedListFile, export_crisis_roll_response as crisis_part,
    export_electoral_roll_response as roll_part, export_register_journal_response as journal_part,
};

/// Arguments of `electoral-roll`.
#[derive(Debug, clap::Args)]
pub struct RollArguments {
    /// Code of the mission
    #[arg(long)]
    mission: String,
    /// The voting day, YYYY-MM-DD
    #[arg(long, value_name = "DAY")]
    voting_day: NaiveDate,
    /// Who was registered then is on the roll: RFC 3339, or a day for its beginning in UTC
    #[arg(long, value_name = "TIME", value_parser = instant_of)]
    cut_off: DateTime<Utc>,
    /// Only those who live in this country, ISO 3166-1
    #[arg(long, default_value = "", hide_default_value = true)]
    country: String,
    /// Only those who live in this part of it, ISO 3166-2; may be given several times
    #[arg(long = "subdivision", value_name = "CODE")]
    subdivisions: Vec<String>,
    /// Folder to save into; made when absent
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
}

/// Arguments of `journal`.
#[derive(Debug, clap::Args)]
pub struct JournalArguments {
    /// Code of the mission
    #[arg(long)]
    mission: String,
    /// The period begins then: RFC 3339, or a day for its beginning in UTC
    #[arg(long, value_name = "TIME", value_parser = instant_of)]
    from: DateTime<Utc>,
    /// The period ends before then: RFC 3339, or a day for its beginning in UTC
    #[arg(long, value_name = "TIME", value_parser = instant_of)]
    until: DateTime<Utc>,
    /// Folder to save into; made when absent
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
}

/// One part of an export, whatever is listed.
enum Part<L> {
    List(L),
    File(SealedListFile),
    Content(Vec<u8>),
    Seal(Vec<u8>),
}

/// A file on the disk with its seal.
struct Saved {
    file: SealedListFile,
    content: PathBuf,
    seal: PathBuf,
}

/// Fetches an electoral roll into files.
///
/// # Errors
/// The service refused, a file cannot be written, or what came is not what was announced.
pub async fn electoral_roll(
    client: &Client,
    asked: &RollArguments,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let request = ExportElectoralRollRequest {
        mission: asked.mission.clone(),
        voting_day: asked.voting_day.to_string(),
        cut_off_time: Some(timestamp(asked.cut_off)),
        country: asked.country.clone(),
        subdivisions: asked.subdivisions.clone(),
    };
    let mut stream = answer(client.registrations().export_electoral_roll(request)).await?;
    let part = |part| match part {
        roll_part::Part::Roll(roll) => Part::List(roll),
        roll_part::Part::File(file) => Part::File(file),
        roll_part::Part::ContentChunk(chunk) => Part::Content(chunk),
        roll_part::Part::SealChunk(chunk) => Part::Seal(chunk),
    };
    let parts = async || Ok(next(&mut stream).await?.map(|response| response.part.map(part)));
    let (roll, saved) = save_all(parts, &asked.out).await?;
    let area = std::iter::once(&roll.country).chain(&roll.subdivisions).filter(|code| !code.is_empty());
    let area: Vec<&str> = area.map(String::as_str).collect();
    let facts = [
        ("mission", roll.mission.clone()),
        ("area", area.join(", ")),
        ("voting day", roll.voting_day.clone()),
        ("registered by", moment(instant(roll.cut_off_time.as_ref()))),
        ("electors", roll.elector_count.to_string()),
        ("issued", moment(instant(roll.issue_time.as_ref()))),
    ];
    show(&roll.number, &roll.citations, &facts, &saved, roll_json(&roll), output)
}

/// Fetches the journal of a register into files.
///
/// # Errors
/// As [`electoral_roll`].
pub async fn journal(client: &Client, asked: &JournalArguments, output: &mut Output<'_>) -> Result<(), CommandError> {
    let request = ExportRegisterJournalRequest {
        mission: asked.mission.clone(),
        start_time: Some(timestamp(asked.from)),
        end_time: Some(timestamp(asked.until)),
    };
    let mut stream = answer(client.registrations().export_register_journal(request)).await?;
    let part = |part| match part {
        journal_part::Part::Journal(journal) => Part::List(journal),
        journal_part::Part::File(file) => Part::File(file),
        journal_part::Part::ContentChunk(chunk) => Part::Content(chunk),
        journal_part::Part::SealChunk(chunk) => Part::Seal(chunk),
    };
    let parts = async || Ok(next(&mut stream).await?.map(|response| response.part.map(part)));
    let (journal, saved) = save_all(parts, &asked.out).await?;
    let facts = [
        ("mission", journal.mission.clone()),
        ("from", moment(instant(journal.start_time.as_ref()))),
        ("until", moment(instant(journal.end_time.as_ref()))),
        ("entries", journal.entry_count.to_string()),
        ("issued", moment(instant(journal.issue_time.as_ref()))),
    ];
    show(&journal.number, &journal.citations, &facts, &saved, journal_json(&journal), output)
}

/// Fetches a mission's roll of a crisis into files.
///
/// # Errors
/// As [`electoral_roll`].
pub async fn crisis_roll(
    client: &Client,
    request: ExportCrisisRollRequest,
    out: &Path,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let mut stream = answer(client.registrations().export_crisis_roll(request)).await?;
    let part = |part| match part {
        crisis_part::Part::Roll(roll) => Part::List(roll),
        crisis_part::Part::File(file) => Part::File(file),
        crisis_part::Part::ContentChunk(chunk) => Part::Content(chunk),
        crisis_part::Part::SealChunk(chunk) => Part::Seal(chunk),
    };
    let parts = async || Ok(next(&mut stream).await?.map(|response| response.part.map(part)));
    let (roll, saved) = save_all(parts, out).await?;
    let crisis = roll.crisis.clone().unwrap_or_default();
    let counts = crisis.counts.unwrap_or_default();
    let facts = [
        ("crisis", crisis.name),
        ("what", localized(crisis.title.as_ref(), output.language())),
        ("mission", roll.mission.clone()),
        ("need help", counts.need_help.to_string()),
        ("unanswered", counts.unanswered.to_string()),
        ("safe", counts.safe.to_string()),
        ("issued", moment(instant(roll.issue_time.as_ref()))),
    ];
    show(&roll.number, &roll.citations, &facts, &saved, crisis_json(&roll), output)
}

/// Saves the files as they come.
async fn save_all<L: Default>(
    mut parts: impl AsyncFnMut() -> Result<Option<Option<Part<L>>>, ClientError>,
    out: &Path,
) -> Result<(L, Vec<Saved>), CommandError> {
    std::fs::create_dir_all(out).map_err(|cause| CommandError::Unwritable { path: out.to_owned(), cause })?;
    let (mut list, mut saved) = (L::default(), Vec::new());
    let mut current: Option<(SealedListFile, Vec<u8>, Vec<u8>)> = None;
    while let Some(part) = parts().await? {
        match (part, &mut current) {
            (Some(Part::List(description)), _) => list = description,
            (Some(Part::File(file)), current) => {
                if let Some(complete) = current.replace((file, Vec::new(), Vec::new())) {
                    saved.push(save(complete, out)?);
                }
            }
            (Some(Part::Content(chunk)), Some((_, content, _))) => content.extend(chunk),
            (Some(Part::Seal(chunk)), Some((_, _, seal))) => seal.extend(chunk),
            _ => return Err(CommandError::Failed("the service sent a piece of no file".to_owned())),
        }
    }
    if let Some(complete) = current {
        saved.push(save(complete, out)?);
    }
    Ok((list, saved))
}

fn save((file, content, seal): (SealedListFile, Vec<u8>, Vec<u8>), folder: &Path) -> Result<Saved, CommandError> {
    if hex::encode(digest(&SHA256, &content)) != file.sha256 {
        return Err(CommandError::Failed(format!("{}: what came is not what was announced; try again", file.number)));
    }
    let plain = |each: char| if each.is_ascii_alphanumeric() || each == '-' { each } else { '-' };
    let stem: String = file.number.chars().map(plain).collect();
    let ending = if file.media_type == "application/pdf" { "pdf" } else { "json" };
    let saved = Saved {
        content: folder.join(format!("{stem}.{ending}")),
        seal: folder.join(format!("{stem}.{ending}.p7s")),
        file,
    };
    write(&saved.content, &content)?;
    write(&saved.seal, &seal)?;
    Ok(saved)
}

fn show(
    number: &str,
    citations: &[LocalizedText],
    facts: &[(&str, String)],
    saved: &[Saved],
    mut described: Value,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    if output.format() == Format::Json {
        described["number"] = json!(number);
        described["citations"] = citations.iter().map(|citation| localized_json(Some(citation))).collect();
        described["files"] = saved.iter().map(file_json).collect();
        return Ok(output.json(&described)?);
    }
    let language = output.language();
    output.line(format_args!("{} {}", output.paint(Tone::Good, "✔"), output.paint(Tone::Strong, number)))?;
    let citations: Vec<String> = citations.iter().map(|citation| localized(Some(citation), language)).collect();
    let facts = facts.iter().map(|(name, value)| (*name, Painted::from(value.as_str())));
    output.facts(facts.chain([("under", citations.join("\n").into())]))?;
    output.gap()?;
    let rows = saved.iter().map(|saved| {
        let last = saved.file.first_entry + saved.file.entry_count.saturating_sub(1);
        let range =
            if saved.file.entry_count == 0 { String::new() } else { format!("{}–{last}", saved.file.first_entry) };
        [
            Painted::new(Tone::Strong, saved.content.display().to_string()),
            range.into(),
            saved.file.size_bytes.to_string().into(),
            Painted::new(Tone::Quiet, saved.seal.display().to_string()),
        ]
    });
    Ok(output.list(["file", "entries", "octets", "seal"], rows.collect())?)
}

fn file_json(saved: &Saved) -> Value {
    json!({
        "number": saved.file.number,
        "media_type": saved.file.media_type,
        "size_bytes": saved.file.size_bytes,
        "sha256": saved.file.sha256,
        "first_entry": saved.file.first_entry,
        "entry_count": saved.file.entry_count,
        "content": saved.content,
        "seal": saved.seal,
    })
}

fn roll_json(roll: &ElectoralRoll) -> Value {
    json!({
        "mission": roll.mission,
        "voting_day": roll.voting_day,
        "cut_off_time": rfc3339(instant(roll.cut_off_time.as_ref())),
        "country": roll.country,
        "subdivisions": roll.subdivisions,
        "elector_count": roll.elector_count,
        "issue_time": rfc3339(instant(roll.issue_time.as_ref())),
    })
}

fn journal_json(journal: &RegisterJournal) -> Value {
    json!({
        "mission": journal.mission,
        "start_time": rfc3339(instant(journal.start_time.as_ref())),
        "end_time": rfc3339(instant(journal.end_time.as_ref())),
        "entry_count": journal.entry_count,
        "issue_time": rfc3339(instant(journal.issue_time.as_ref())),
    })
}

fn crisis_json(roll: &CrisisRoll) -> Value {
    json!({
        "crisis": roll.crisis.as_ref().map(|crisis| crisis.name.as_str()),
        "mission": roll.mission,
        "person_count": roll.person_count,
        "issue_time": rfc3339(instant(roll.issue_time.as_ref())),
    })
}
