//! `consular check-config`: what keeps the service from starting, all of it at once.

use std::io;

use serde_json::json;

use super::failure::{CommandError, Exit};
use super::output::{Format, Output, Painted, Tone};
use super::settings_file::SettingsFile;
use crate::config::Problem;

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

/// Lists what is missing or wrong.
pub fn show_problems(problems: &[Problem], output: &mut Output<'_>) -> io::Result<()> {
    if output.format() == Format::Json {
        let problems: Vec<_> = problems
            .iter()
            .map(|problem| json!({ "setting": problem.setting, "explanation": problem.explanation }))
            .collect();
        return output.json(&json!({ "problems": problems }));
    }
    output.complain("Settings are missing or wrong:")?;
    let rows = problems
        .iter()
        .map(|problem| [Painted::new(Tone::Strong, problem.setting), problem.explanation.clone().into()])
        .collect();
    output.list(["setting", "problem"], rows)?;
    output.note(
        "Set them in the settings file (--config FILE) or in the environment as CONSULAR_ and the name in capitals.",
    )?;
    output.note("A sandbox needs none: --sandbox DIR, as of `consular serve`.")
}
