//! `consular migrate`: brings the database to this version; with `--check` only says what is missing.

use serde_json::json;

use super::failure::{CommandError, Exit};
use super::output::{Format, Output, Tone};
use super::settings_file::LocalService;
use crate::server::open_store;

/// Arguments of `migrate`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    service: LocalService,
    /// Change nothing; exit 1 when migrations are missing
    #[arg(long)]
    check: bool,
}

/// Migrates, or says what would be done.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let settings = arguments.service.settings()?;
    let failed = |error: String| CommandError::Failed(error);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let pending = runtime.block_on(async {
        let store = open_store(&settings).await?;
        let pending = store.pending_migrations().await.map_err(|error| failed(error.to_string()))?;
        if !arguments.check {
            store.migrate().await.map_err(|error| failed(error.to_string()))?;
        }
        Ok::<_, CommandError>(pending)
    })?;
    if output.format() == Format::Json {
        output.json(&json!({ "applied": !arguments.check, "migrations": pending }))?;
    } else if pending.is_empty() {
        output.line(format_args!("{} the database is up to date", output.paint(Tone::Good, "✔")))?;
    } else {
        let verb = if arguments.check { "missing" } else { "applied" };
        for migration in &pending {
            output.line(format_args!("{verb}: {migration}"))?;
        }
    }
    Ok(if arguments.check && !pending.is_empty() { Exit::Refused } else { Exit::Done })
}
