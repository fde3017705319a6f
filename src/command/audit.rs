//! `consular audit`: the audit trail, for auditors.

use serde_json::{Value, json};

use super::connection::Connection;
use super::failure::{CommandError, Exit};
use super::output::{Format, Output, Painted, Tone};
use super::resource::{moment, rfc3339, short};
use crate::grpc::client::{Client, answer, instant};
use crate::grpc::proto::{AuditEvent, AuditEventKind, ListAuditEventsRequest};

/// Arguments of `audit`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show who was shown personal data, oldest first
    Reads(Filter),
    /// Show what changed and by whom, oldest first
    Transitions(Filter),
}

#[derive(Debug, clap::Args)]
struct Filter {
    /// Only about this resource, such as applications/UUID
    #[arg(long, default_value = "", hide_default_value = true)]
    subject: String,
}

/// Lists one trail.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let (kind, filter) = match &arguments.command {
        Command::Reads(filter) => (AuditEventKind::Read, filter),
        Command::Transitions(filter) => (AuditEventKind::Transition, filter),
    };
    let events = arguments.connection.with_client(async |client| list(&client, kind, &filter.subject).await)?;
    if output.format() == Format::Json {
        output.json(&Value::Array(events.iter().map(event_json).collect()))?;
        return Ok(Exit::Done);
    }
    let rows = events.iter().map(|event| {
        let action = event.action.rsplit('/').next().unwrap_or_default();
        [
            Painted::new(Tone::Quiet, event.sequence.to_string()),
            moment(instant(event.event_time.as_ref())).into(),
            event.actor.as_str().into(),
            Painted::new(Tone::Strong, action),
            event.subjects.join("\n").into(),
        ]
    });
    output.list(["no", "when", "who", "what", "about"], rows.collect())?;
    Ok(Exit::Done)
}

async fn list(client: &Client, kind: AuditEventKind, subject: &str) -> Result<Vec<AuditEvent>, CommandError> {
    let mut all = Vec::new();
    let mut page_token = String::new();
    loop {
        let request =
            ListAuditEventsRequest { kind: kind.into(), subject: subject.to_owned(), page_size: 200, page_token };
        let response = answer(client.audit().list_audit_events(request)).await?;
        all.extend(response.events);
        page_token = response.next_page_token;
        if page_token.is_empty() {
            return Ok(all);
        }
    }
}

fn event_json(event: &AuditEvent) -> Value {
    json!({
        "kind": short(event.kind().as_str_name(), "AUDIT_EVENT_KIND_"),
        "sequence": event.sequence,
        "event_time": rfc3339(instant(event.event_time.as_ref())),
        "actor": event.actor,
        "action": event.action,
        "subjects": event.subjects,
        "request_id": event.request_id,
        "references": serde_json::from_str::<Value>(&event.references).unwrap_or(Value::Null),
    })
}
