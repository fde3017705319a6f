//! The stage of one scenario: a sandbox folder and a service of its own, at the time in which the scenario plays.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::cast::gather;
use super::check::Checked;
use super::play::{Played, Player};
use crate::command::failure::CommandError;
use crate::config::Settings;
use crate::grpc::client::{Client, Target};
use crate::sandbox::Authority;
use crate::server::start_sandbox_at;

/// Plays `scenario` in `folder`, which is made anew over a copy of the authority in `minted`.
///
/// # Errors
/// The stage could not be set up, or the service went away.
pub async fn perform(scenario: &Checked, minted: PathBuf, folder: PathBuf) -> Result<Vec<Played>, CommandError> {
    let prepared = {
        let (scenario, folder) = (scenario.clone(), folder.clone());
        tokio::task::spawn_blocking(move || {
            anew(&minted, &folder).map_err(|cause| CommandError::Unwritable { path: folder.clone(), cause })?;
            let failed = |error: crate::sandbox::SandboxError| CommandError::Failed(error.to_string());
            let mut authority = Authority::open(&folder).map_err(failed)?;
            authority.renew_seal(scenario.begin).map_err(failed)?;
            let cast = gather(&scenario.scenario, &mut authority, scenario.begin)?;
            Ok::<_, CommandError>((authority, cast))
        })
    };
    let (authority, cast) = prepared.await.map_err(|error| CommandError::Failed(error.to_string()))??;
    let settings = Settings { listen: ([127, 0, 0, 1], 0).into(), database_connections: 4, ..Settings::default() };
    let running = start_sandbox_at(settings.for_sandbox(&folder), authority, scenario.begin).await?;
    let client = Client::connect(&Target::plaintext(format!("http://{}", running.address))).await?;
    let played = Player::new(scenario, client, cast).play().await;
    running.stop().await?;
    played
}

/// A copy of the minted authority, and nothing of what was there before.
fn anew(minted: &Path, folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    copy(minted, folder)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
