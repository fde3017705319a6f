//! Why a command did not do what was asked, and the exit code that says so.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};

use super::output::{Format, Output, Painted, Tone};
use super::resource::{localized, localized_json};
use crate::config::Problem;
use crate::grpc::client::{ClientError, Refusal};
use crate::grpc::proto::LocalizedText;
use crate::registration::{Language, Text};
use crate::server::ServerError;

const STATUS: Text = Text::fixed("мәртебесі", "статус", "status");
const RETRY: Text = Text::fixed("қайталау", "повторить через", "try again after");
const REQUEST: Text = Text::fixed("сұрау", "запрос", "request");
const FIELDS: Text = Text::fixed("Түзетілетін өрістер", "Поля, которые надо исправить", "Fields to mend");
const FIELD: Text = Text::fixed("өріс", "поле", "field");
const REASON: Text = Text::fixed("себебі", "причина", "reason");
const WRONG: Text = Text::fixed("қатесі", "что не так", "what is wrong");
const FINDINGS: Text = Text::fixed("Кедергілер", "Что препятствует", "What stands in the way");
const ABOUT: Text = Text::fixed("не туралы", "о чём", "about");
const RULE: Text = Text::fixed("қағида", "правило", "rule");

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done; for a validation: TOTAL-PASSED.
    Done,
    /// Refused or failed; for a validation: TOTAL-FAILED.
    Refused,
    /// For a validation only: INDETERMINATE.
    Indeterminate,
    /// The command line makes no sense, settings are missing, or a file that either names cannot be used.
    Usage,
    /// The service cannot be reached.
    Connection,
}

impl Exit {
    /// The number that the calling program sees.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Refused => 1,
            Self::Indeterminate => 2,
            Self::Usage => 3,
            Self::Connection => 4,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The arguments do not fit together; the text says what to change.
    #[error("{0}")]
    Usage(String),
    /// A file that the command line names cannot be read.
    #[error("{}: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// A file can be read but is not what it has to be.
    #[error("{}: {explanation}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What it should be and is not.
        explanation: String,
    },
    /// A result cannot be written.
    #[error("{}: cannot be written: {cause}", path.display())]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// The service refused, or could not be reached.
    #[error(transparent)]
    Service(#[from] ClientError),
    /// The settings, a file that they name, or what they lead to cannot be used.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// It was tried and did not work.
    #[error("{0}")]
    Failed(String),
    /// The output cannot be written to; a reader that went away is the usual case.
    #[error("the output cannot be written: {0}")]
    Output(#[from] io::Error),
}

impl CommandError {
    /// The exit code that says so.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage(_)
            | Self::Unreadable { .. }
            | Self::Unusable { .. }
            | Self::Server(ServerError::Settings(_) | ServerError::File { .. })
            | Self::Service(ClientError::Target(_)) => Exit::Usage,
            Self::Service(ClientError::Connection { .. }) => Exit::Connection,
            Self::Service(ClientError::Refused(_))
            | Self::Server(_)
            | Self::Unwritable { .. }
            | Self::Failed(_)
            | Self::Output(_) => Exit::Refused,
        }
    }

    /// Whether whoever reads the output has read enough, as `head` does.
    pub fn is_reader_gone(&self) -> bool {
        matches!(self, Self::Output(cause) if cause.kind() == io::ErrorKind::BrokenPipe)
    }

    /// Tells the person or the program.
    pub fn show(&self, output: &mut Output<'_>) -> io::Result<()> {
        if self.is_reader_gone() {
            return Ok(());
        }
        if output.format() == Format::Json {
            return output.json(&json!({ "error": self.to_json() }));
        }
        match self {
            Self::Service(ClientError::Refused(refusal)) => show_refusal(refusal, output),
            Self::Server(ServerError::Settings(problems)) => show_problems(problems, output),
            Self::Service(ClientError::Connection { .. }) => {
                output.complain(&self.to_string())?;
                output.note(
                    "Is the service running there? `consular serve --sandbox` starts one; --address names another.",
                )
            }
            _ => output.complain(&self.to_string()),
        }
    }

    /// What happened, for programs.
    pub fn to_json(&self) -> Value {
        let kind = match self.exit() {
            Exit::Usage => "USAGE",
            Exit::Connection => "CONNECTION",
            _ => "FAILED",
        };
        let Self::Service(ClientError::Refused(refusal)) = self else {
            return json!({ "kind": kind, "message": self.to_string() });
        };
        json!({
            "kind": "REFUSED",
            "code": refusal.code,
            "reason": refusal.reason,
            "message": refusal.message,
            "explanation": localized_json(refusal.explanation.as_ref()),
            "metadata": refusal.metadata.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect::<serde_json::Map<_, _>>(),
            "field_violations": refusal.fields.iter()
                .map(|problem| json!({
                    "field": problem.field, "description": problem.description, "reason": problem.reason,
                    "text": localized_json(problem.text.as_ref()),
                }))
                .collect::<Vec<_>>(),
            "precondition_violations": refusal.findings.iter()
                .map(|problem| json!({
                    "type": problem.kind, "subject": problem.subject, "description": problem.description,
                    "text": localized_json(problem.text.as_ref()),
                }))
                .collect::<Vec<_>>(),
            "retry_after_seconds": refusal.retry_after.map(|delay| delay.as_secs()),
            "request_id": refusal.request_id,
        })
    }
}

/// The octets of a file that the command line names; `-` is the standard input.
///
/// # Errors
/// [`CommandError::Unreadable`].
pub fn read(path: &Path) -> Result<Vec<u8>, CommandError> {
    let unreadable = |cause| CommandError::Unreadable { path: path.to_owned(), cause };
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut io::stdin().lock(), &mut bytes).map_err(unreadable)?;
        return Ok(bytes);
    }
    std::fs::read(path).map_err(unreadable)
}

/// Writes a result to a file.
///
/// # Errors
/// [`CommandError::Unwritable`].
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    std::fs::write(path, bytes).map_err(|cause| CommandError::Unwritable { path: path.to_owned(), cause })
}

fn show_refusal(refusal: &Refusal, output: &mut Output<'_>) -> io::Result<()> {
    let reason = if refusal.reason.is_empty() { refusal.code } else { &refusal.reason };
    output.complain(reason)?;
    let language = output.language();
    let explanation = localized(refusal.explanation.as_ref(), language);
    for text in [&refusal.message, &explanation].into_iter().filter(|text| !text.is_empty()) {
        output.line(format_args!("   {}", output.paint(Tone::Plain, text)))?;
    }
    let mut facts = vec![(output.say(&STATUS).to_owned(), Painted::from(refusal.code))];
    facts.extend(refusal.metadata.iter().map(|(key, value)| (key.replace('_', " "), Painted::from(value.as_str()))));
    facts.push((
        output.say(&RETRY).to_owned(),
        Painted::from(refusal.retry_after.map(|delay| format!("{} s", delay.as_secs()))),
    ));
    facts.push((
        output.say(&REQUEST).to_owned(),
        Painted::new(Tone::Quiet, refusal.request_id.clone().unwrap_or_default()),
    ));
    output.gap()?;
    output.facts(facts.iter().map(|(name, value)| (name.as_str(), value.clone())))?;
    if !refusal.fields.is_empty() {
        output.heading(output.say(&FIELDS))?;
        let rows = refusal.fields.iter().map(|problem| {
            [
                Painted::new(Tone::Strong, problem.field.as_str()),
                problem.reason.as_str().into(),
                in_words(problem.text.as_ref(), &problem.description, language).into(),
            ]
        });
        output.list([output.say(&FIELD), output.say(&REASON), output.say(&WRONG)], rows.collect())?;
    }
    if !refusal.findings.is_empty() {
        output.heading(output.say(&FINDINGS))?;
        let rows = refusal.findings.iter().map(|problem| {
            [
                Painted::new(Tone::Strong, problem.kind.as_str()),
                problem.subject.as_str().into(),
                in_words(problem.text.as_ref(), &problem.description, language).into(),
            ]
        });
        output.list([output.say(&REASON), output.say(&ABOUT), output.say(&RULE)], rows.collect())?;
    }
    Ok(())
}

/// English as the service describes it, which cites the act; other languages where the service gave words for them.
fn in_words(text: Option<&LocalizedText>, description: &str, language: Language) -> String {
    match language {
        Language::En => description.to_owned(),
        Language::Kk | Language::Ru => {
            text.map_or_else(|| description.to_owned(), |text| localized(Some(text), language))
        }
    }
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
    output.note("A sandbox needs none of them: --sandbox DIR.")
}
