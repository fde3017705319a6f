//! `consular demo --scenario`: scenarios of the procedure, played over gRPC against sandbox services of this process, and what must be seen
//! compared with what is seen.
//!
//! Lives here: the [format](format) of scenario files, [reading](check) and [playing](play) them, and the [table](report) that tells how
//! they went. `scenarios/README.md` explains the format; beside it are the scenarios that ship. Time is the sandbox's clock, set over gRPC;
//! whatever happens later is waited for by looking, never by sleeping for a time.

mod cast;
mod check;
mod comparison;
pub mod format;
mod moment;
mod names;
mod path;
mod play;
mod report;
mod shipped;
mod signing;
mod stage;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::failure::{CommandError, Exit, read};
use super::output::Output;
use super::sandbox::open_or_mint_at;
use crate::sandbox::Strength;
use check::Checked;
use report::Performance;

/// Stands for the scenarios that ship.
const ALL: &str = "all";
/// When the sandbox authority is minted: it issues for any year in which a scenario may play.
const MINTED: &str = "2020-01-01T00:00:00Z";
/// Scenarios that are played at a time; most of their time they wait for the authority's lists.
const AT_A_TIME: usize = 6;

/// Plays the scenarios that `wanted` names: `all`, files, folders of files.
///
/// # Errors
/// A file that is no scenario, or a stage that cannot be set up.
pub fn run(wanted: &[String], out: &Path, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let mut scenarios = Vec::new();
    for name in wanted {
        if name == ALL {
            for (name, text) in shipped::SCENARIOS {
                scenarios.push(Checked::read(name, Path::new(&format!("{name}.toml")), text)?);
            }
        } else {
            for file in files(Path::new(name))? {
                scenarios.push(from_file(&file)?);
            }
        }
    }
    let folder = out.join("scenarios");
    fs::create_dir_all(&folder).map_err(|cause| CommandError::Unwritable { path: folder.clone(), cause })?;
    let minted = folder.join("authority");
    let now: DateTime<Utc> = MINTED.parse().unwrap_or_default();
    drop(open_or_mint_at(&minted, Strength::Quick, now, output)?);

    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let performances = runtime.block_on(perform(scenarios, &minted, &folder, output))?;
    report::show(&performances, output)?;
    Ok(if performances.iter().all(Performance::is_equal) { Exit::Done } else { Exit::Refused })
}

async fn perform(
    scenarios: Vec<Checked>,
    minted: &Path,
    folder: &Path,
    output: &mut Output<'_>,
) -> Result<Vec<Performance>, CommandError> {
    let places = Arc::new(Semaphore::new(AT_A_TIME));
    let mut under_way = JoinSet::new();
    let count = scenarios.len();
    for (place, scenario) in scenarios.into_iter().enumerate() {
        let (places, minted) = (Arc::clone(&places), minted.to_owned());
        let stage = folder.join(format!("{:02}-{}", place + 1, scenario.name));
        under_way.spawn(async move {
            let _place = places.acquire_owned().await;
            let played = stage::perform(&scenario, minted, stage).await;
            (place, scenario, played)
        });
    }
    let mut performances = Vec::new();
    while let Some(done) = under_way.join_next().await {
        let (place, scenario, played) = done.map_err(|error| CommandError::Failed(error.to_string()))?;
        performances.push((place, Performance { scenario, played: played? }));
        output.progress(&format!("{} of {count} scenarios played", performances.len()))?;
    }
    output.progress_done()?;
    performances.sort_by_key(|(place, _)| *place);
    Ok(performances.into_iter().map(|(_, performance)| performance).collect())
}

/// The file itself, or the TOML files of a folder by name.
fn files(path: &Path) -> Result<Vec<PathBuf>, CommandError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let unreadable = |cause| CommandError::Unreadable { path: path.to_owned(), cause };
    let entries = fs::read_dir(path).map_err(unreadable)?;
    let mut found = Vec::new();
    for entry in entries {
        let file = entry.map_err(unreadable)?.path();
        if file.extension().is_some_and(|ending| ending == "toml") {
            found.push(file);
        }
    }
    found.sort();
    if found.is_empty() {
        return Err(CommandError::Usage(format!("{}: there is no scenario in this folder", path.display())));
    }
    Ok(found)
}

fn from_file(file: &Path) -> Result<Checked, CommandError> {
    let text = String::from_utf8(read(file)?)
        .map_err(|_| CommandError::Unusable { path: file.to_owned(), explanation: "is not UTF-8".to_owned() })?;
    let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    Checked::read(&name, file, &text)
}
