//! `consular sandbox init DIR`: an imitation national authority with citizens, officers, callers and ready forms; `revoke` and `fill`.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::failure::{CommandError, Exit};
use super::fill;
use super::output::{Format, Output, Painted, Tone};
use super::sandbox_registers;
use crate::clock::SystemClock;
use crate::sandbox::{Authority, P12_PASSWORD, SandboxError, Strength};

/// What is in each folder, in the order in which it is of use.
const FOLDERS: [(&str, &str); 10] = [
    ("citizens", "keys and certificates of invented citizens; some revoked, expired or for authentication only"),
    ("officers", "consular officers, by mission"),
    ("forms", "application forms, ready to sign"),
    ("callers", "TLS certificates of calling systems"),
    ("roots", "what a service is told to trust"),
    ("intermediates", "issuing authorities"),
    ("crls", "certificate revocation lists"),
    ("seal", "the service's electronic seal"),
    ("tsa", "a time-stamping unit"),
    ("registers", "what the imitated state registers hold, and how they behave"),
];

/// Who signs what in the example shown.
const EXAMPLE_CITIZEN: &str = "assel";
const EXAMPLE_FORM: &str = "temporary.json";

/// Arguments of `sandbox`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Mint an imitation authority into a new folder
    Init(Init),
    /// Imitate the state registers, from the files in the authority's folder
    Registers(sandbox_registers::Arguments),
    /// Revoke a certificate and issue the authority's next list; a service that watches the folder follows
    Revoke(Revoke),
    /// Fill the register with a crowd, as it will stand after years: to measure it and to look at it
    Fill(fill::Arguments),
}

#[derive(Debug, clap::Args)]
struct Revoke {
    /// The certificate, such as citizens/assel, or assel where only one has that name
    name: String,
    /// The authority's folder
    #[arg(long, value_name = "DIR", default_value = "sandbox")]
    sandbox: PathBuf,
}

#[derive(Debug, clap::Args)]
struct Init {
    /// The folder; absent or empty
    dir: PathBuf,
    /// Authority keys of 2048 instead of 4096 bits, for when seconds count
    #[arg(long)]
    quick: bool,
}

/// Runs the subcommand.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let init = match &arguments.command {
        Command::Init(init) => init,
        Command::Revoke(revoke) => return revoked(revoke, output),
        Command::Fill(filling) => return fill::run(filling, output),
        Command::Registers(registers) => return sandbox_registers::run(registers, output),
    };
    let strength = if init.quick { Strength::Quick } else { Strength::National };
    mint(&init.dir, strength, SystemClock::shared().now(), output)?;
    let folders = inventory(&init.dir)?;
    if output.format() == Format::Json {
        output.json(&json!({ "directory": init.dir, "folders": to_json(&folders), "p12_password": P12_PASSWORD }))?;
    } else {
        show(&init.dir, &folders, output)?;
    }
    Ok(Exit::Done)
}

fn revoked(arguments: &Revoke, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let of_sandbox = |error: SandboxError| match error {
        SandboxError::NotFound(_) | SandboxError::UnknownName(_) => CommandError::Usage(error.to_string()),
        other => CommandError::Failed(other.to_string()),
    };
    let now = SystemClock::shared().now();
    let list = Authority::open(&arguments.sandbox).and_then(|mut authority| authority.revoke(&arguments.name, now));
    let list = list.map_err(of_sandbox)?;
    if output.format() == Format::Json {
        output.json(&json!({ "revoked": arguments.name, "certificate_revocation_list": list }))?;
    } else {
        let done = output.paint(Tone::Good, "✔");
        output.line(format_args!("{done} {} is revoked; the next list is {}", arguments.name, list.display()))?;
    }
    Ok(Exit::Done)
}

/// The authority in `folder`, minted when the folder is absent or empty.
///
/// # Errors
/// The folder holds something else, or a file cannot be written.
pub fn open_or_mint(folder: &Path, strength: Strength, output: &mut Output<'_>) -> Result<Authority, CommandError> {
    open_or_mint_at(folder, strength, SystemClock::shared().now(), output)
}

/// The authority in `folder`, minted as of `now` when the folder is absent or empty.
///
/// # Errors
/// The folder holds something else, or a file cannot be written.
pub fn open_or_mint_at(
    folder: &Path,
    strength: Strength,
    now: DateTime<Utc>,
    output: &mut Output<'_>,
) -> Result<Authority, CommandError> {
    match Authority::open(folder) {
        Err(SandboxError::NotFound(_)) => mint(folder, strength, now, output),
        other => other.map_err(|error| CommandError::Failed(error.to_string())),
    }
}

fn mint(
    folder: &Path,
    strength: Strength,
    now: DateTime<Utc>,
    output: &mut Output<'_>,
) -> Result<Authority, CommandError> {
    let (told, heard) = mpsc::channel();
    let outcome = thread::scope(|scope| {
        let minting = scope.spawn(move || {
            Authority::mint(folder, strength, now, &|progress| {
                // Nobody listens any more only when the output failed, which is told below.
                let _ = told.send(progress);
            })
        });
        for progress in heard {
            output.progress(&format!("minting keys {}", bar(progress.done, progress.total)))?;
        }
        output.progress_done()?;
        Ok::<_, CommandError>(minting.join())
    })?;
    match outcome {
        Ok(Ok(authority)) => Ok(authority),
        Ok(Err(error @ (SandboxError::NotASandbox(_) | SandboxError::AlreadyMinted(_)))) => {
            Err(CommandError::Usage(format!("{error}; name a new folder")))
        }
        Ok(Err(error)) => Err(CommandError::Failed(error.to_string())),
        Err(_) => Err(CommandError::Failed("minting ended early".to_owned())),
    }
}

fn bar(done: usize, total: usize) -> String {
    const WIDTH: usize = 24;
    let filled = (done * WIDTH).checked_div(total).unwrap_or(WIDTH).min(WIDTH);
    format!("{}{} {done}/{total}", "█".repeat(filled), "░".repeat(WIDTH - filled))
}

/// One folder of the authority.
struct Contents {
    folder: &'static str,
    about: &'static str,
    /// The names in it, without endings.
    names: Vec<String>,
}

fn inventory(dir: &Path) -> Result<Vec<Contents>, CommandError> {
    FOLDERS
        .iter()
        .map(|&(folder, about)| {
            let path = dir.join(folder);
            let entries = std::fs::read_dir(&path).map_err(|cause| CommandError::Unreadable { path, cause })?;
            let mut names: Vec<String> = entries
                .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_string_lossy().into_owned()))
                .collect();
            names.sort();
            names.dedup();
            Ok(Contents { folder, about, names })
        })
        .collect()
}

fn to_json(folders: &[Contents]) -> Value {
    folders.iter().map(|contents| (contents.folder.to_owned(), Value::from(contents.names.clone()))).collect()
}

fn show(dir: &Path, folders: &[Contents], output: &mut Output<'_>) -> Result<(), CommandError> {
    let place = dir.display();
    output.line(format_args!(
        "{} {}",
        output.paint(Tone::Good, "✔"),
        output.paint(Tone::Strong, &format!("sandbox authority in {place}"))
    ))?;
    output.gap()?;
    let rows = folders.iter().map(|Contents { folder, about, names }| {
        [Painted::new(Tone::Strong, format!("{folder}/")), Painted::new(Tone::Quiet, *about), names.join(", ").into()]
    });
    output.list(["folder", "holds", "names"], rows.collect())?;
    output.gap()?;
    output.note(&format!("Keys are PKCS#8 PEM; the .p12 files open with the password {P12_PASSWORD}. Nothing here is trusted unless asked."))?;
    output.note("Try it:")?;
    let example = |command: String| format!("   {command}");
    output.line(example(format!("consular serve --sandbox {place}")))?;
    output.line(example(format!("consular sign --p12 {place}/citizens/{EXAMPLE_CITIZEN}.p12 --password {P12_PASSWORD} {place}/forms/{EXAMPLE_FORM}")))?;
    output.line(example(format!("consular submit --wait {place}/forms/{EXAMPLE_FORM}.cms")))?;
    Ok(())
}
