//! `consular check-config`: what keeps the service from starting, all of it at once.

use serde_json::json;

use super::failure::{CommandError, Exit, show_problems};
use super::output::{Format, Output, Tone};
use super::settings_file::SettingsFile;

/// Arguments of `check-config`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    settings: SettingsFile,
}

/// Checks the settings.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let settings = arguments.settings.read()?;
    let problems = settings.problems();
    if problems.is_empty() {
        if output.format() == Format::Json {
            output.json(&json!({ "problems": [] }))?;
        } else {
            output.line(format_args!("{} the settings are complete", output.paint(Tone::Good, "✔")))?;
        }
        return Ok(Exit::Done);
    }
    show_problems(&problems, output)?;
    Ok(Exit::Usage)
}
