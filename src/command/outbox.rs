//! `consular outbox …`: the jobs that were given up, straight on the configured database.

use chrono::SecondsFormat;
use serde_json::json;
use uuid::Uuid;

use super::failure::{CommandError, Exit};
use super::output::{Format, Output, Painted, Tone};
use super::settings_file::LocalService;
use crate::clock::SystemClock;
use crate::server::open_store;
use crate::store::{JobRecord, OutboxDepth, Store};

/// Dead jobs shown or revived at one time.
const MOST: u64 = 1000;

/// Arguments of `outbox`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    service: LocalService,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the jobs that were given up and wait for a person
    List,
    /// Bring jobs back, due at once and with their attempts counted anew; a running service takes them up
    Revive {
        /// Identifiers, as listed
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        ids: Vec<Uuid>,
        /// Every job that was given up
        #[arg(long)]
        all: bool,
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
            Command::List => list(&store, output).await,
            Command::Revive { ids, all } => {
                let ids = if *all {
                    let dead = store.dead_jobs(MOST).await.map_err(|error| failed(&error))?;
                    dead.iter().map(|job| job.id).collect()
                } else {
                    ids.clone()
                };
                revive(&store, &ids, output).await
            }
        }
    })
}

async fn list(store: &Store, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let failed = |error: crate::store::StoreError| CommandError::Failed(error.to_string());
    let depth = store.outbox_depth(SystemClock::shared().now()).await.map_err(failed)?;
    let dead = store.dead_jobs(MOST).await.map_err(failed)?;
    if output.format() == Format::Json {
        let OutboxDepth { open, due, dead: count } = depth;
        let jobs: Vec<_> = dead.iter().map(to_json).collect();
        output.json(&json!({ "open": open, "due": due, "dead": count, "jobs": jobs }))?;
        return Ok(Exit::Done);
    }
    output.line(format_args!("{} open, {} of them due; {} given up", depth.open, depth.due, depth.dead))?;
    if dead.is_empty() {
        return Ok(Exit::Done);
    }
    output.gap()?;
    let rows = dead.iter().map(|job| {
        [
            Painted::new(Tone::Strong, format!("{}\nabout {}", job.id, job.subject)),
            job.kind.as_str().into(),
            given_up(job).into(),
            job.last_error.clone().unwrap_or_default().into(),
        ]
    });
    output.list(["job", "kind", "given up", "last error"], rows.collect())?;
    output.note("`consular outbox revive ID` brings one back once its cause is mended.")?;
    Ok(Exit::Done)
}

async fn revive(store: &Store, ids: &[Uuid], output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let now = SystemClock::shared().now();
    let (mut revived, mut unknown) = (Vec::new(), Vec::new());
    for id in ids {
        let found = store.revive_job(*id, now).await.map_err(|error| CommandError::Failed(error.to_string()))?;
        if found { revived.push(id) } else { unknown.push(id) }
    }
    if output.format() == Format::Json {
        output.json(&json!({ "revived": revived, "not_given_up": unknown }))?;
    } else {
        for id in &revived {
            output.line(format_args!("{} {id} is due again", output.paint(Tone::Good, "✔")))?;
        }
        for id in &unknown {
            output.complain(&format!("{id} is no job that was given up"))?;
        }
    }
    Ok(if unknown.is_empty() { Exit::Done } else { Exit::Refused })
}

fn given_up(job: &JobRecord) -> String {
    job.dead_at.map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true)).unwrap_or_default()
}

fn to_json(job: &JobRecord) -> serde_json::Value {
    json!({
        "id": job.id,
        "kind": job.kind,
        "subject": job.subject,
        "attempts": job.attempts,
        "dead_time": given_up(job),
        "last_error": job.last_error,
    })
}
