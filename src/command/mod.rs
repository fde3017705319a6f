//! The command line: one file per command, the tree of commands, and what ends in which exit code.
//!
//! Lives here: arguments, what is shown and how. May not live here: anything that another room decides. Each command has
//! `Arguments` and a `run` that takes them with the [`Output`] and says how it ended.
//!
//! | exit code | means |
//! |---|---|
//! | 0 | done; for `validate` TOTAL-PASSED |
//! | 1 | refused or failed; for `validate` TOTAL-FAILED; for `healthcheck` not serving; for `conformance` a difference |
//! | 2 | for `validate` INDETERMINATE |
//! | 3 | the command line makes no sense, settings are missing or wrong, or a file that either names cannot be used |
//! | 4 | the service cannot be reached; for `healthcheck` too |

mod application;
mod audit;
mod check_config;
mod conformance;
mod connection;
mod crisis;
mod demo;
mod document;
mod election;
mod failure;
mod fill;
mod healthcheck;
mod material;
mod migrate;
mod missions;
mod officers;
mod outbox;
pub mod output;
mod registration;
mod resource;
mod review;
mod rules;
mod sandbox;
mod sandbox_registers;
mod scenario;
mod schema;
mod sealed_list;
mod sentence;
mod serve;
mod settings_file;
mod sign;
mod statistics;
mod stop;
mod submit;
mod trust;
mod validate;
mod verdict;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::builder::{StringValueParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Parser, Subcommand, ValueEnum};

pub use failure::{CommandError, Exit};
use output::{Device, Format, Output};

use crate::registration::text::Language;

const EXIT_CODES: &str = "\
Exit codes:
  0  done, or TOTAL-PASSED
  1  refused, or TOTAL-FAILED
  2  INDETERMINATE
  3  wrong command line or settings, or unusable file
  4  no connection";

/// Consular registration of citizens of Kazakhstan abroad.
///
/// Verifies EDS signatures, applies the rules, issues electronic documents.
#[derive(Debug, Parser)]
#[command(name = "consular", version, after_help = EXIT_CODES, max_term_width = 110)]
#[command(propagate_version = true, subcommand_required = true, arg_required_else_help = true)]
struct CommandLine {
    #[command(flatten)]
    presentation: Presentation,
    #[command(subcommand)]
    command: Command,
}

/// How results are shown.
#[derive(Debug, clap::Args)]
struct Presentation {
    /// Print JSON for programs instead of text for people
    #[arg(long, global = true, help_heading = "Output")]
    json: bool,
    /// Language of explanations: kk, ru or en
    #[arg(long, global = true, value_enum, default_value_t = Tongue::En, value_name = "LANGUAGE")]
    #[arg(hide_possible_values = true, help_heading = "Output")]
    lang: Tongue,
    /// No colours; so does a non-empty NO_COLOR
    #[arg(long, global = true, env = "NO_COLOR", hide_env = true, value_parser = presence(), help_heading = "Output")]
    no_color: bool,
}

/// A language on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Tongue {
    Kk,
    Ru,
    En,
}

impl From<Tongue> for Language {
    fn from(tongue: Tongue) -> Self {
        match tongue {
            Tongue::Kk => Self::Kk,
            Tongue::Ru => Self::Ru,
            Tongue::En => Self::En,
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service
    Serve(serve::Arguments),
    /// See the main job done, end to end, on this machine
    Demo(demo::Arguments),
    /// Judge a signature or a certificate offline
    Validate(validate::Arguments),
    /// Sign an application form, for trials
    Sign(sign::Arguments),
    /// Imitate the national certification authority, for trials
    Sandbox(sandbox::Arguments),
    /// Print the JSON Schema of a form, or a validation policy
    Schema(schema::Arguments),
    /// File a signed application
    Submit(submit::Arguments),
    /// See how applications fare
    Application(application::Arguments),
    /// See what waits at a mission, and act on applications by a person's signature
    Review(review::Arguments),
    /// Print the rules and the numbers of the law as they are applied, with their sources
    Rules(rules::Arguments),
    /// See the register and act on it as an officer
    Registration(registration::Arguments),
    /// See who of an area in danger is safe, and act on it as an officer
    Crisis(crisis::Arguments),
    /// Fetch electronic documents with their seals, and verify what is at hand
    Document(document::Arguments),
    /// Administer what the service trusts
    Trust(trust::Arguments),
    /// Read the audit trail
    Audit(audit::Arguments),
    /// Bring the database to this version
    Migrate(migrate::Arguments),
    /// See, import and export the missions with their districts
    Missions(missions::Arguments),
    /// See and import the officers who may act for the missions
    Officers(officers::Arguments),
    /// See and revive jobs that were given up
    Outbox(outbox::Arguments),
    /// Say what is missing or wrong in the settings
    CheckConfig(check_config::Arguments),
    /// Judge third-party cases and count agreements
    Conformance(conformance::Arguments),
    /// Ask whether the service is serving
    Healthcheck(healthcheck::Arguments),
}

impl Command {
    /// Whether it does nothing but show: a reader that has seen enough, such as `head`, is then no failure.
    const fn only_shows(&self) -> bool {
        matches!(self, Self::Rules(_) | Self::Schema(_) | Self::Audit(_) | Self::Application(_) | Self::Registration(_))
    }

    fn run(&self, output: &mut Output<'_>) -> Result<Exit, CommandError> {
        match self {
            Self::Serve(arguments) => serve::run(arguments, output),
            Self::Demo(arguments) => demo::run(arguments, output),
            Self::Migrate(arguments) => migrate::run(arguments, output),
            Self::Missions(arguments) => missions::run(arguments, output),
            Self::Officers(arguments) => officers::run(arguments, output),
            Self::Outbox(arguments) => outbox::run(arguments, output),
            Self::CheckConfig(arguments) => check_config::run(arguments, output),
            Self::Validate(arguments) => validate::run(arguments, output),
            Self::Sign(arguments) => sign::run(arguments, output),
            Self::Sandbox(arguments) => sandbox::run(arguments, output),
            Self::Schema(arguments) => schema::run(arguments, output),
            Self::Submit(arguments) => submit::run(arguments, output),
            Self::Application(arguments) => application::run(arguments, output),
            Self::Review(arguments) => review::run(arguments, output),
            Self::Rules(arguments) => rules::run(arguments, output),
            Self::Registration(arguments) => registration::run(arguments, output),
            Self::Crisis(arguments) => crisis::run(arguments, output),
            Self::Document(arguments) => document::run(arguments, output),
            Self::Trust(arguments) => trust::run(arguments, output),
            Self::Audit(arguments) => audit::run(arguments, output),
            Self::Conformance(arguments) => conformance::run(arguments, output),
            Self::Healthcheck(arguments) => healthcheck::run(arguments, output),
        }
    }
}

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    let device = Device::of_standard_output();
    // Not locked: a server's log goes the same ways from other threads.
    run_with(std::env::args_os(), device, &mut io::stdout(), &mut io::stderr()).into()
}

/// Runs a command line, the program's name first. Results go to `out`, remarks and complaints to `notes`.
pub fn run_with<I>(arguments: I, device: Device, out: &mut dyn Write, notes: &mut dyn Write) -> Exit
where
    I: IntoIterator<Item: Into<OsString> + Clone>,
{
    let line = match CommandLine::try_parse_from(arguments) {
        Ok(line) => line,
        Err(error) => return usage(&error, device, out, notes),
    };
    let mut output = Output::new(out, notes, device);
    let format = if line.presentation.json { Format::Json } else { Format::Human };
    output.configure(format, line.presentation.lang.into(), !line.presentation.no_color);
    line.command.run(&mut output).unwrap_or_else(|error| {
        // Nothing is left to be done where even the complaint cannot be written.
        let _ = error.show(&mut output);
        if error.is_reader_gone() && line.command.only_shows() { Exit::Done } else { error.exit() }
    })
}

/// Help and version are answers; everything else that clap says is about a wrong command line.
fn usage(error: &clap::Error, device: Device, out: &mut dyn Write, notes: &mut dyn Write) -> Exit {
    let text = error.render();
    let text = if device == Device::Plain { text.to_string() } else { text.ansi().to_string() };
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let _ = out.write_all(text.as_bytes());
        return Exit::Done;
    }
    let _ = notes.write_all(text.as_bytes());
    Exit::Usage
}

/// A flag that an environment variable sets by having any value but the empty one.
fn presence() -> impl TypedValueParser<Value = bool> {
    StringValueParser::new().map(|value| !value.is_empty() && value != "false")
}
