//! `consular healthcheck`: one question to the health service, for container supervisors. Exit code 1 is a service that does
//! not serve, 4 one that cannot be reached; a supervisor takes either for bad.

use serde_json::json;

use super::connection::Connection;
use super::failure::{CommandError, Exit};
use super::output::{Format, Output, Tone};
use crate::grpc::client::{ClientError, Health};

/// Arguments of `healthcheck`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Ask about one gRPC service only, by its full name
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    service: String,
    #[command(flatten)]
    connection: Connection,
}

/// Asks, and says the answer.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let answer = arguments.connection.with_client(async |client| Ok(client.health(&arguments.service).await?));
    let (word, tone, exit, cause) = match answer {
        Ok(Health::Serving) => ("SERVING", Tone::Good, Exit::Done, None),
        Ok(Health::NotServing) => ("NOT_SERVING", Tone::Bad, Exit::Refused, None),
        Ok(Health::Unknown) => ("SERVICE_UNKNOWN", Tone::Bad, Exit::Refused, None),
        Err(error @ CommandError::Service(ClientError::Connection { .. })) => {
            ("UNREACHABLE", Tone::Bad, Exit::Connection, Some(error.to_string()))
        }
        Err(error) => return Err(error),
    };
    if output.format() == Format::Json {
        output.json(&json!({ "status": word, "cause": cause }))?;
    } else {
        output.line(output.paint(tone, word))?;
        if let Some(cause) = cause {
            output.note(&cause)?;
        }
    }
    Ok(exit)
}
