//! `consular conformance`: judges the cases of a manifest and shows the score.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::failure::{CommandError, Exit};
use super::output::{Format, Output, Painted, Tone};
use crate::conformance::{self, Difference, Kind, ManifestError, Nature, Report, Tally};

const EXIT_CODES: &str = "\
Exit codes:
  0  every core case agrees, nothing was accepted that should not be
  1  some differ
  3  wrong command line or unusable manifest";

const ALL: [Kind; 6] = [Kind::Path, Kind::Crl, Kind::Cms, Kind::Ocsp, Kind::Tsp, Kind::Sig];

/// Arguments of `conformance`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub struct Arguments {
    /// Manifest of the cases (suites-manifest/1); its files lie beside it
    manifest: PathBuf,
    /// Show each difference with its reason
    #[arg(long)]
    list: bool,
}

/// Judges the cases and shows the score.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let mut shown: std::io::Result<()> = Ok(());
    let report = conformance::run(&arguments.manifest, |done, of, next| {
        if shown.is_ok() {
            shown = output.progress(&format!("{done}/{of} {next}"));
        }
    });
    shown?;
    output.progress_done()?;
    let report = report.map_err(|error| match error {
        ManifestError::File { path, cause } => CommandError::Unreadable { path, cause },
        ManifestError::Format { path, explanation } => CommandError::Unusable { path, explanation },
    })?;
    if output.format() == Format::Json {
        output.json(&to_json(&report, arguments.list)?)?;
    } else {
        show(&report, arguments.list, output)?;
    }
    Ok(if report.holds() { Exit::Done } else { Exit::Refused })
}

fn show(report: &Report, list: bool, output: &mut Output<'_>) -> Result<(), CommandError> {
    let mut rows: Vec<_> =
        report.tallies().map(|(kind, suite, tally)| row(&format!("{}/{suite}", kind.as_str()), tally)).collect();
    rows.push(row("all", &report.total(&ALL)));
    output.list(
        ["suite", "cases", "agree", "core", "core agree", "false accepts", "false rejects", "unsupported"],
        rows,
    )?;
    if list && !report.differences().is_empty() {
        output.heading("Differences")?;
        output
            .list(["case", "is", "expected because", "found"], report.differences().iter().map(difference).collect())?;
    } else if !report.differences().is_empty() {
        output.note("--list shows each difference with its reason")?;
    }
    output.gap()?;
    let (tone, sign, text) = if report.holds() {
        (Tone::Good, "✔", "every core case agrees")
    } else {
        (Tone::Bad, "✘", "not every core case agrees")
    };
    output.line(format_args!("{} {text}", output.paint(tone, sign)))?;
    Ok(())
}

fn row(name: &str, tally: &Tally) -> [Painted; 8] {
    let count = |count: usize| Painted::from(count.to_string());
    let fault = |count: usize| Painted::new(if count == 0 { Tone::Quiet } else { Tone::Bad }, count.to_string());
    let quiet = |count: usize| Painted::new(if count == 0 { Tone::Quiet } else { Tone::Doubtful }, count.to_string());
    [
        Painted::new(Tone::Strong, name),
        count(tally.cases),
        count(tally.agree),
        count(tally.core),
        Painted::new(if tally.core_agree == tally.core { Tone::Good } else { Tone::Bad }, tally.core_agree.to_string()),
        fault(tally.false_accepts),
        fault(tally.false_rejects),
        quiet(tally.unsupported),
    ]
}

fn difference(difference: &Difference) -> [Painted; 4] {
    let (tone, text) = match difference.nature {
        Nature::FalseAccept => (Tone::Bad, "accepted"),
        Nature::FalseReject => (Tone::Bad, "refused"),
        Nature::Failed => (Tone::Bad, "failed"),
        Nature::Unsupported => (Tone::Quiet, "unsupported"),
    };
    let (tone, text) = match &difference.arguable {
        Some(_) if matches!(difference.nature, Nature::FalseAccept | Nature::FalseReject) => {
            (Tone::Doubtful, format!("{text}, arguable"))
        }
        _ => (tone, text.to_owned()),
    };
    [
        Painted::new(Tone::Strong, difference.id.as_str()),
        Painted::new(tone, text),
        difference.reason.as_str().into(),
        difference.finding.as_str().into(),
    ]
}

fn to_json(report: &Report, list: bool) -> Result<Value, CommandError> {
    let failed = |error: serde_json::Error| CommandError::Failed(error.to_string());
    let mut suites = Vec::new();
    for (kind, suite, tally) in report.tallies() {
        let mut row = json!({ "kind": kind.as_str(), "suite": suite });
        if let (Value::Object(row), Value::Object(counts)) = (&mut row, serde_json::to_value(tally).map_err(failed)?) {
            row.extend(counts);
        }
        suites.push(row);
    }
    let mut value = json!({
        "holds": report.holds(),
        "suites": suites,
        "total": serde_json::to_value(report.total(&ALL)).map_err(failed)?,
    });
    if list {
        value["differences"] = serde_json::to_value(report.differences()).map_err(failed)?;
    }
    Ok(value)
}
