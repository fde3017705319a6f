//! `consular registration statistics`: the figures of a period.

use chrono::{DateTime, Utc};
use clap::ValueEnum;
use serde_json::{Value, json};

use super::failure::CommandError;
use super::output::{Format, Output, Painted, Tone};
use super::resource::{instant_of, short};
use crate::grpc::client::{Client, answer, timestamp};
use crate::grpc::proto::{GetStatisticsRequest, RegistrationKind, StatisticsRow};

/// Arguments of `statistics`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
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

/// Shows the figures of a period.
///
/// # Errors
/// The service refused.
pub async fn show(client: &Client, asked: &Arguments, output: &mut Output<'_>) -> Result<(), CommandError> {
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
