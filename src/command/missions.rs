//! `consular missions …`: the missions with their districts as data, straight on the configured database; a running service takes a new list
//! over by itself.

use std::path::PathBuf;

use serde_json::json;

use super::failure::{CommandError, Exit, read, write};
use super::output::{Format, Output, Painted, Tone};
use super::settings_file::LocalService;
use crate::clock::SystemClock;
use crate::registration::mission::{District, Mission, Missions};
use crate::registration::value::SubdivisionCode;
use crate::server::{officers, open_store};
use crate::store::{MissionListRecord, Store};
use crate::workflow::{MissionImport, MissionRefusal, import_missions, missions_in_force};

/// Arguments of `missions`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    service: LocalService,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Take in a list of missions (TOML, see `missions export`) as the next revision
    ///
    /// Refused when the list contradicts itself, or when a mission would vanish at which applications or registrations are open or officers work.
    Import {
        /// The list; `-` is the standard input
        file: PathBuf,
        /// Why, for the history of the lists
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Show the missions in force
    List {
        /// Show the lists that were imported instead
        #[arg(long)]
        revisions: bool,
    },
    /// Print a list as it was imported; before any import, the documented sample
    Export {
        /// This revision instead of the one in force
        #[arg(long)]
        revision: Option<i64>,
        /// Write it to this file
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// Runs the subcommand.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let settings = arguments.service.settings()?;
    let failed = |error: &dyn std::error::Error| CommandError::Failed(error.to_string());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = open_store(&settings).await?;
        match &arguments.command {
            Command::Import { file, note } => {
                let octets = read(file)?;
                let unusable = |explanation: String| CommandError::Unusable { path: file.clone(), explanation };
                let toml = String::from_utf8(octets).map_err(|_| unusable("it is not UTF-8".to_owned()))?;
                let officers = officers(&settings)?;
                let now = SystemClock::shared().now();
                match import_missions(&store, &officers, &toml, note, now).await {
                    Ok(import) => imported(&import, output),
                    Err(MissionRefusal::Unusable(errors)) => {
                        Err(unusable(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))
                    }
                    Err(error) => Err(failed(&error)),
                }
            }
            Command::List { revisions: true } => {
                let lists = store.mission_lists().await.map_err(|error| failed(&error))?;
                revisions(&lists, output)
            }
            Command::List { revisions: false } => {
                let lists = store.mission_lists().await.map_err(|error| failed(&error))?;
                let missions = match lists.last() {
                    Some(_) => missions_in_force(&store).await.map_err(|error| failed(&error))?,
                    // What the first start will take in.
                    None => Missions::sample().clone(),
                };
                list(&missions, lists.last().is_none_or(|list| list.is_sample), output)
            }
            Command::Export { revision, out } => {
                let content = content(&store, *revision).await?;
                match out {
                    Some(file) => write(file, content.as_bytes())?,
                    None => output.bytes(content.as_bytes())?,
                }
                Ok(Exit::Done)
            }
        }
    })
}

fn imported(import: &MissionImport, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let MissionImport { revision, is_new, gone, added } = import;
    if output.format() == Format::Json {
        output.json(&json!({ "revision": revision, "new": is_new, "added": added, "gone": gone }))?;
        return Ok(Exit::Done);
    }
    let mark = output.paint(Tone::Good, "✔");
    if !is_new {
        output.line(format_args!("{mark} this list is in force already, as revision {revision}"))?;
        return Ok(Exit::Done);
    }
    output.line(format_args!("{mark} revision {revision} of the missions is in force"))?;
    for (what, codes) in [("added", added), ("gone", gone)].into_iter().filter(|(_, codes)| !codes.is_empty()) {
        let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
        output.line(format_args!("  {what}: {}", codes.join(", ")))?;
    }
    output.note("A running service takes it over within seconds.")?;
    Ok(Exit::Done)
}

fn list(missions: &Missions, is_sample: bool, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    if output.format() == Format::Json {
        let shown: Vec<_> = missions.iter().map(|mission| to_json(mission)).collect();
        output.json(&json!({ "revision": missions.revision(), "sample": is_sample, "missions": shown }))?;
        return Ok(Exit::Done);
    }
    let language = output.language();
    let rows = missions.iter().map(|mission| {
        [
            Painted::new(Tone::Strong, mission.code.as_str()),
            mission.mission_type.as_str().into(),
            mission.city.in_language(language).into(),
            mission.time_zone.name().into(),
            mission.districts.iter().map(in_short).collect::<Vec<_>>().join("; ").into(),
        ]
    });
    output.list(["code", "type", "city", "time zone", "districts"], rows.collect())?;
    if is_sample {
        output.note(
            "This is the sample shipped with the program: contacts and districts are made up. `consular missions import FILE` takes in your list.",
        )?;
    }
    Ok(Exit::Done)
}

fn revisions(lists: &[MissionListRecord], output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let time = |record: &MissionListRecord| super::resource::rfc3339(Some(record.imported_at)).unwrap_or_default();
    if output.format() == Format::Json {
        let shown = lists.iter().map(|record| {
            json!({ "revision": record.revision, "sample": record.is_sample, "import_time": time(record), "note": record.note })
        });
        output.json(&shown.collect())?;
        return Ok(Exit::Done);
    }
    let rows = lists.iter().map(|record| {
        [Painted::new(Tone::Strong, record.revision.to_string()), time(record).into(), record.note.as_str().into()]
    });
    output.list(["revision", "imported", "note"], rows.collect())?;
    Ok(Exit::Done)
}

async fn content(store: &Store, revision: Option<i64>) -> Result<String, CommandError> {
    let mut lists = store.mission_lists().await.map_err(|error| CommandError::Failed(error.to_string()))?;
    match revision {
        Some(asked) => {
            let found = lists.into_iter().find(|record| record.revision == asked);
            found
                .map(|record| record.content)
                .ok_or_else(|| CommandError::Failed(format!("there is no revision {asked}")))
        }
        None => Ok(lists.pop().map_or_else(|| Missions::sample_toml().to_owned(), |record| record.content)),
    }
}

/// Country or its parts, and the days when it is not for ever.
fn in_short(district: &District) -> String {
    let parts: Vec<&str> = district.subdivisions.iter().map(SubdivisionCode::as_str).collect();
    let place = if parts.is_empty() { district.country.to_string() } else { parts.join(" ") };
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    match (district.from, district.until) {
        (None, None) => place,
        (from, until) => format!("{place} ({} – {})", day(from), day(until)),
    }
}

fn to_json(mission: &Mission) -> serde_json::Value {
    let districts = mission.districts.iter().map(|district| {
        json!({
            "country": district.country, "subdivisions": district.subdivisions,
            "from": district.from, "until": district.until,
        })
    });
    json!({
        "code": mission.code,
        "type": mission.mission_type.as_str(),
        "name": mission.name,
        "city": mission.city,
        "country": mission.country,
        "time_zone": mission.time_zone.name(),
        "languages": mission.languages,
        "districts": districts.collect::<Vec<_>>(),
    })
}
