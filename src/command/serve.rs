//! `consular serve`: the service itself.

use std::path::{Path, PathBuf};

use super::failure::{CommandError, Exit};
use super::output::Output;
use super::sandbox::open_or_mint;
use super::settings_file::SettingsFile;
use super::stop::asked_to_stop;
use crate::sandbox::Strength;
use crate::server::start;
use crate::telemetry;

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    settings: SettingsFile,
    /// Run over a sandbox authority in DIR, minted when it is not there: plaintext on loopback, every right to every caller
    #[arg(long, value_name = "DIR", num_args = 0..=1, default_missing_value = "sandbox")]
    sandbox: Option<PathBuf>,
    /// Ask the state registers at URL, which offers all three as `consular sandbox registers` does
    #[arg(long, value_name = "URL")]
    registers: Option<String>,
    /// Stop when the standard input ends, for use under another program
    #[arg(long)]
    until_stdin_ends: bool,
}

/// Runs the service until it is told to stop.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let mut settings = arguments.settings.read()?;
    if let Some(address) = &arguments.registers {
        settings = settings.with_registers_at(address);
    }
    let authority = match &arguments.sandbox {
        None => None,
        Some(folder) => {
            settings = settings.for_sandbox(folder);
            Some(open_or_mint(folder, Strength::National, output)?)
        }
    };
    telemetry::start(settings.log_format, &settings.log);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let running = start(settings, authority).await?;
        output.line(format_args!("listening on {}", running.address))?;
        if let Some(folder) = &arguments.sandbox {
            welcome(folder, output)?;
        }
        let stopper = running.stopper();
        let until_stdin_ends = arguments.until_stdin_ends;
        tokio::spawn(async move {
            asked_to_stop(until_stdin_ends).await;
            stopper.send_replace(true);
        });
        let ended = running.ended.await.map_err(|error| CommandError::Failed(error.to_string()))?;
        ended?;
        Ok(Exit::Done)
    })
}

fn welcome(folder: &Path, output: &mut Output<'_>) -> Result<(), CommandError> {
    output.note(&format!(
        "Sandbox: plaintext, every right to every caller. Keys and ready forms are in {}; nothing here has legal force.",
        folder.display()
    ))?;
    Ok(())
}
