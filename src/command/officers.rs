//! `consular officers …`: who may act for which mission, as data: the table that the settings name. A running service takes a new table over by
//! itself.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::failure::{CommandError, Exit, read};
use super::output::{Format, Output, Painted, Tone};
use super::settings_file::LocalService;
use crate::registration::mission::Missions;
use crate::server::{not_set, officers, open_store};
use crate::store::Store;
use crate::workflow::{OfficerTable, missions_in_force};

/// Arguments of `officers`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    service: LocalService,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Put a table of officers (TOML: `[[officer]]` with iin, bin, mission, roles) in the place of the one in force
    ///
    /// Refused when a row is wrong or names a mission that is not in force; everything that is wrong is told.
    Import {
        /// The table; `-` is the standard input
        file: PathBuf,
        /// Take a table without any officer
        #[arg(long)]
        allow_empty: bool,
    },
    /// Show the officers in force
    List,
}

/// Runs the subcommand.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let settings = arguments.service.settings()?;
    let table = settings.officers_file.clone().ok_or_else(|| not_set("officers_file"))?;
    match &arguments.command {
        Command::List => list(&officers(&settings)?, output),
        Command::Import { file, allow_empty } => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let missions = runtime.block_on(async {
                let store = open_store(&settings).await?;
                missions(&store).await
            })?;
            // A table that is not there, or cannot be read, is replaced like any other.
            let former = officers(&settings).unwrap_or_default();
            import((file, *allow_empty), &table, &former, &missions, output)
        }
    }
}

/// The missions in force; before the first start those that it will take in.
async fn missions(store: &Store) -> Result<Missions, CommandError> {
    let failed = |error: &dyn std::error::Error| CommandError::Failed(error.to_string());
    if store.mission_revision().await.map_err(|error| failed(&error))? == 0 {
        return Ok(Missions::sample().clone());
    }
    missions_in_force(store).await.map_err(|error| failed(&error))
}

fn import(
    (file, allow_empty): (&Path, bool),
    place: &Path,
    former: &OfficerTable,
    missions: &Missions,
    output: &mut Output<'_>,
) -> Result<Exit, CommandError> {
    let unusable = |explanation: String| CommandError::Unusable { path: file.to_owned(), explanation };
    let octets = read(file)?;
    let text = std::str::from_utf8(&octets).map_err(|_| unusable("it is not UTF-8".to_owned()))?;
    let table = OfficerTable::from_toml(text).map_err(unusable)?;
    let faults = table.faults(missions);
    if !faults.is_empty() {
        return Err(unusable(faults.join("; ")));
    }
    if table.is_empty() && !allow_empty {
        return Err(unusable("it names no officer; add --allow-empty if nobody shall act any more".to_owned()));
    }
    let missing_in = |one: &OfficerTable, other: &OfficerTable| {
        one.iter().filter(|officer| other.find(Some(&officer.iin), Some(&officer.bin)) != Some(officer)).count()
    };
    let (new, gone) = (missing_in(&table, former), missing_in(former, &table));
    replace(place, &octets).map_err(|cause| CommandError::Unwritable { path: place.to_owned(), cause })?;
    if output.format() == Format::Json {
        output.json(&json!({ "officers": table.len(), "new": new, "gone": gone }))?;
        return Ok(Exit::Done);
    }
    let mark = output.paint(Tone::Good, "✔");
    output.line(format_args!("{mark} {} officers: {new} rows are new, {gone} are gone", table.len()))?;
    output.note("A running service takes them over within seconds.")?;
    Ok(Exit::Done)
}

/// Puts the octets in the place of a file, which keeps its mode and owner: a reader sees the former content or this one, never half of it, even
/// after a power cut.
fn replace(place: &Path, octets: &[u8]) -> io::Result<()> {
    let place = if place.exists() { place.canonicalize()? } else { place.to_owned() };
    let beside = place.with_extension("toml.new");
    let mut file = File::create(&beside)?;
    if let Ok(former) = place.metadata() {
        file.set_permissions(former.permissions())?;
        std::os::unix::fs::fchown(&file, Some(former.uid()), Some(former.gid()))?;
    }
    file.write_all(octets)?;
    file.sync_all()?;
    std::fs::rename(&beside, &place)
}

fn list(table: &OfficerTable, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let roles = |roles: &[crate::workflow::OfficerRole]| roles.iter().map(|role| role.as_str()).collect::<Vec<_>>();
    if output.format() == Format::Json {
        let shown = table.iter().map(|officer| {
            json!({ "iin": officer.iin, "bin": officer.bin, "mission": officer.mission, "roles": roles(&officer.roles) })
        });
        output.json(&shown.collect())?;
        return Ok(Exit::Done);
    }
    let rows = table.iter().map(|officer| {
        [
            Painted::new(Tone::Strong, officer.mission.as_str()),
            officer.iin.as_str().into(),
            officer.bin.as_str().into(),
            roles(&officer.roles).join(", ").into(),
        ]
    });
    output.list(["mission", "IIN", "BIN", "roles"], rows.collect())?;
    Ok(Exit::Done)
}
