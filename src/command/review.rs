//! `consular review`: an officer's acts, signed with the officer's own key, for trying and testing.

use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::{Value, json};

use super::application::full_name;
use super::connection::Connection;
use super::failure::{CommandError, Exit};
use super::output::{Format, Output};
use super::{material, resource};
use crate::clock::SystemClock;
use crate::cms::sign_attached;
use crate::grpc::client::{Client, answer};
use crate::grpc::proto::{Application, ApproveApplicationRequest, GetApplicationRequest, VerifyEvidenceRequest};

/// Arguments of `review`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// The officer's private key, PEM or DER
    #[arg(long, global = true, value_name = "FILE", required = false)]
    key: Option<PathBuf>,
    /// The officer's certificate, PEM or DER
    #[arg(long, global = true, value_name = "FILE", required = false)]
    cert: Option<PathBuf>,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Say that a piece of evidence was verified
    VerifyEvidence {
        /// applications/UUID
        name: String,
        /// What was verified
        #[arg(long, value_enum, default_value_t = Evidence::DepartureDecision)]
        evidence: Evidence,
        /// It was found untrue
        #[arg(long)]
        refuted: bool,
    },
    /// Grant the application
    Approve {
        /// applications/UUID
        name: String,
    },
}

/// Evidence that officers verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Evidence {
    /// The decision on departure for permanent residence
    DepartureDecision,
    /// The identity document
    IdentityDocument,
}

impl Evidence {
    const fn as_str(self) -> &'static str {
        match self {
            Self::DepartureDecision => "DEPARTURE_DECISION",
            Self::IdentityDocument => "IDENTITY_DOCUMENT",
        }
    }
}

/// Signs the act over the application as it stands, and sends it.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let application = arguments.connection.with_client(async |client| act(&client, arguments).await)?;
    if output.format() == Format::Json {
        output.json(&resource::application_json(&application))?;
    } else {
        resource::show_application(&application, output)?;
    }
    Ok(Exit::Done)
}

async fn act(client: &Client, arguments: &Arguments) -> Result<Application, CommandError> {
    let (name, act, decision) = match &arguments.command {
        Command::VerifyEvidence { name, evidence, refuted } => {
            let result = if *refuted { "REFUTED" } else { "VERIFIED" };
            (name, "VERIFY_EVIDENCE", json!({ "result": result, "evidence": evidence.as_str() }))
        }
        Command::Approve { name } => (name, "APPROVE", json!({ "result": "APPROVED" })),
    };
    let request = GetApplicationRequest { name: full_name(name) };
    let seen = answer(client.applications().get_application(request)).await?.application.unwrap_or_default();
    let now = SystemClock::shared().now();
    let act = json!({ "act": act, "subject": seen.name, "etag": seen.etag, "decision": decision, "time": now });
    let signed_act = sign(arguments, &act)?;
    let request_id = uuid::Uuid::new_v4().to_string();
    let application = match &arguments.command {
        Command::VerifyEvidence { .. } => {
            let request = VerifyEvidenceRequest { request_id, signed_act };
            answer(client.reviews().verify_evidence(request)).await?.application
        }
        Command::Approve { .. } => {
            let request = ApproveApplicationRequest { request_id, signed_act };
            answer(client.reviews().approve_application(request)).await?.application
        }
    };
    Ok(application.unwrap_or_default())
}

fn sign(arguments: &Arguments, act: &Value) -> Result<Vec<u8>, CommandError> {
    let (Some(key), Some(certificate)) = (&arguments.key, &arguments.cert) else {
        return Err(CommandError::Usage("an act is signed: name --key and --cert".to_owned()));
    };
    let officer = material::signer(key, certificate)?;
    let now = SystemClock::shared().now();
    sign_attached(&officer.key, &officer.certificate, &officer.chain, act.to_string().as_bytes(), now)
        .map_err(|error| CommandError::Failed(error.to_string()))
}
