//! `consular registration electoral-roll | statistics`: what the register is for, in files and figures.

use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use clap::ValueEnum;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::failure::{CommandError, write};
use super::output::{Format, Output, Painted, Tone};
use super::resource::{localized, localized_json, moment, rfc3339, short};
use crate::grpc::client::{Client, answer, instant, next, timestamp};
use crate::grpc::proto::export_electoral_roll_response::Part;
use crate::grpc::proto::{
    ElectoralRoll, ElectoralRollFile, ExportElectoralRollRequest, GetStatisticsRequest, RegistrationKind, StatisticsRow,
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

/// Arguments of `statistics`.
#[derive(Debug, clap::Args)]
pub struct StatisticsArguments {
    /// The period begins then: RFC 3339, or a day for its beginning in UTC
    #[arg(long, value_name = "TIME", value_parser = instant_of)]
    from: DateTime<Utc>,
    /// The period ends before then: RFC 3339, or a day for its beginning in UTC
    #[arg(long, value_name = "TIME", value_parser = instant_of)]
    until: DateTime<Utc>,
    /// Only this mission, by its code
    #[arg(long, default_value = "", hide_default_value = true)]
    mission: String,
    /// Only this kind
    #[arg(long, value_enum)]
    kind: Option<Kind>,
}

/// Kind of registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Permanent residence
    Permanent,
    /// A stay for a time
    Temporary,
}

fn instant_of(text: &str) -> Result<DateTime<Utc>, String> {
    let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    text.parse().or_else(|_| text.parse().map(midnight)).map_err(|_| "neither RFC 3339 nor YYYY-MM-DD".to_owned())
}

/// A file on the disk with its seal.
struct Saved {
    file: ElectoralRollFile,
    content: PathBuf,
    seal: PathBuf,
}

/// Fetches a roll into files.
///
/// # Errors
/// The service refused, a file cannot be written, or what came is not what was announced.
pub async fn export(client: &Client, asked: &RollArguments, output: &mut Output<'_>) -> Result<(), CommandError> {
    std::fs::create_dir_all(&asked.out).map_err(|cause| CommandError::Unwritable { path: asked.out.clone(), cause })?;
    let request = ExportElectoralRollRequest {
        mission: asked.mission.clone(),
        voting_day: asked.voting_day.to_string(),
        cut_off_time: Some(timestamp(asked.cut_off)),
        country: asked.country.clone(),
        subdivisions: asked.subdivisions.clone(),
    };
    let mut stream = answer(client.registrations().export_electoral_roll(request)).await?;
    let (mut roll, mut saved) = (ElectoralRoll::default(), Vec::new());
    let mut current: Option<(ElectoralRollFile, Vec<u8>, Vec<u8>)> = None;
    while let Some(response) = next(&mut stream).await? {
        match (response.part, &mut current) {
            (Some(Part::Roll(description)), _) => roll = description,
            (Some(Part::File(file)), current) => {
                if let Some(complete) = current.replace((file, Vec::new(), Vec::new())) {
                    saved.push(save(complete, &asked.out)?);
                }
            }
            (Some(Part::ContentChunk(chunk)), Some((_, content, _))) => content.extend(chunk),
            (Some(Part::SealChunk(chunk)), Some((_, _, seal))) => seal.extend(chunk),
            _ => return Err(CommandError::Failed("the service sent a piece of no file".to_owned())),
        }
    }
    if let Some(complete) = current {
        saved.push(save(complete, &asked.out)?);
    }
    show_roll(&roll, &saved, output)
}

fn save((file, content, seal): (ElectoralRollFile, Vec<u8>, Vec<u8>), folder: &Path) -> Result<Saved, CommandError> {
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

fn show_roll(roll: &ElectoralRoll, saved: &[Saved], output: &mut Output<'_>) -> Result<(), CommandError> {
    if output.format() == Format::Json {
        let files: Vec<Value> = saved
            .iter()
            .map(|saved| {
                json!({
                    "number": saved.file.number,
                    "media_type": saved.file.media_type,
                    "size_bytes": saved.file.size_bytes,
                    "sha256": saved.file.sha256,
                    "first_elector": saved.file.first_elector,
                    "elector_count": saved.file.elector_count,
                    "content": saved.content,
                    "seal": saved.seal,
                })
            })
            .collect();
        output.json(&json!({
            "number": roll.number,
            "mission": roll.mission,
            "voting_day": roll.voting_day,
            "cut_off_time": rfc3339(instant(roll.cut_off_time.as_ref())),
            "country": roll.country,
            "subdivisions": roll.subdivisions,
            "elector_count": roll.elector_count,
            "issue_time": rfc3339(instant(roll.issue_time.as_ref())),
            "citations": roll.citations.iter().map(|citation| localized_json(Some(citation))).collect::<Vec<_>>(),
            "files": files,
        }))?;
        return Ok(());
    }
    let language = output.language();
    output.line(format_args!("{} {}", output.paint(Tone::Good, "✔"), output.paint(Tone::Strong, &roll.number)))?;
    let area: Vec<&str> = std::iter::once(&roll.country)
        .chain(&roll.subdivisions)
        .filter(|code| !code.is_empty())
        .map(String::as_str)
        .collect();
    let citations: Vec<String> = roll.citations.iter().map(|citation| localized(Some(citation), language)).collect();
    output.facts([
        ("mission", Painted::from(roll.mission.as_str())),
        ("area", area.join(", ").into()),
        ("voting day", roll.voting_day.as_str().into()),
        ("registered by", moment(instant(roll.cut_off_time.as_ref())).into()),
        ("electors", roll.elector_count.to_string().into()),
        ("issued", moment(instant(roll.issue_time.as_ref())).into()),
        ("under", citations.join("\n").into()),
    ])?;
    output.gap()?;
    let rows = saved.iter().map(|saved| {
        let last = saved.file.first_elector + saved.file.elector_count.saturating_sub(1);
        let range = if saved.file.elector_count == 0 {
            String::new()
        } else {
            format!("{}–{last}", saved.file.first_elector)
        };
        [
            Painted::new(Tone::Strong, saved.content.display().to_string()),
            range.into(),
            saved.file.size_bytes.to_string().into(),
            Painted::new(Tone::Quiet, saved.seal.display().to_string()),
        ]
    });
    output.list(["file", "electors", "octets", "seal"], rows.collect())?;
    Ok(())
}

/// Shows the figures of a period.
///
/// # Errors
/// The service refused.
pub async fn statistics(
    client: &Client,
    asked: &StatisticsArguments,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let kind = match asked.kind {
        None => RegistrationKind::Unspecified,
        Some(Kind::Permanent) => RegistrationKind::Permanent,
        Some(Kind::Temporary) => RegistrationKind::Temporary,
    };
    let request = GetStatisticsRequest {
        start_time: Some(timestamp(asked.from)),
        end_time: Some(timestamp(asked.until)),
        mission: asked.mission.clone(),
        kind: kind.into(),
    };
    let rows = answer(client.registrations().get_statistics(request)).await?.rows;
    if output.format() == Format::Json {
        return Ok(output.json(&rows.iter().map(row_json).collect())?);
    }
    let figures = |row: &StatisticsRow| {
        [
            row.filed,
            row.completed,
            row.refused,
            row.returned,
            row.withdrawn,
            row.in_time,
            row.late,
            row.open_registrations,
        ]
    };
    let header =
        ["mission", "kind", "filed", "completed", "refused", "returned", "withdrawn", "in time", "late", "registered"];
    let painted = rows.iter().map(|row| {
        let [filed, completed, refused, returned, withdrawn, in_time, late, open] =
            figures(row).map(|figure| Painted::from(figure.to_string()));
        let late = if row.late > 0 { Painted::new(Tone::Bad, row.late.to_string()) } else { late };
        let kind = short(row.kind().as_str_name(), "REGISTRATION_KIND_");
        let mission = Painted::new(Tone::Strong, row.mission.as_str());
        [mission, kind.into(), filed, completed, refused, returned, withdrawn, in_time, late, open]
    });
    Ok(output.list(header, painted.collect())?)
}

fn row_json(row: &StatisticsRow) -> Value {
    json!({
        "mission": row.mission,
        "kind": short(row.kind().as_str_name(), "REGISTRATION_KIND_"),
        "filed": row.filed,
        "completed": row.completed,
        "refused": row.refused,
        "returned": row.returned,
        "withdrawn": row.withdrawn,
        "in_time": row.in_time,
        "late": row.late,
        "open_registrations": row.open_registrations,
    })
}
