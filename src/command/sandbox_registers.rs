//! `consular sandbox registers`: an imitation of the state registers, for trying and testing.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::failure::{CommandError, Exit, read};
use super::output::Output;
use super::stop::asked_to_stop;
use crate::clock::SystemClock;
use crate::grpc::state_registers::{RegisterServer, RegisterTls};
use crate::sandbox::{SandboxError, SandboxRegisters};

/// Arguments of `sandbox registers`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The sandbox's folder; what the registers hold is in DIR/registers
    #[arg(value_name = "DIR", default_value = "sandbox")]
    sandbox: PathBuf,
    /// Address to listen at; on this machine alone unless --tls
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:50061")]
    listen: SocketAddr,
    /// With TLS, by the sandbox's tls/server.crt; its root is roots/tls.crt
    #[arg(long)]
    tls: bool,
    /// Stop when the standard input ends, for use under another program
    #[arg(long)]
    until_stdin_ends: bool,
}

/// Serves the registers until told to stop.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    if !arguments.tls && !arguments.listen.ip().is_loopback() {
        let explanation = "persons are asked about: without --tls only on loopback, such as 127.0.0.1:50061";
        return Err(CommandError::Usage(explanation.to_owned()));
    }
    let registers = SandboxRegisters::open(&arguments.sandbox).map_err(|error| match error {
        SandboxError::NotFound(_) => CommandError::Usage(error.to_string()),
        other => CommandError::Failed(other.to_string()),
    })?;
    let tls = if arguments.tls {
        let file = |name: &str| read(&arguments.sandbox.join("tls").join(name));
        Some(RegisterTls { certificate: file("server.crt")?, key: file("server.key")? })
    } else {
        None
    };
    let scheme = if arguments.tls { "https" } else { "http" };
    let folder = registers.dir();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let server = RegisterServer::bind(arguments.listen, registers, SystemClock::shared(), tls).await?;
        output.line(format_args!("listening on {scheme}://{}", server.address()?))?;
        output.note(&format!("Answers from {}; a changed file counts from the next question on.", folder.display()))?;
        let serving = server.serve(asked_to_stop(arguments.until_stdin_ends));
        serving.await.map_err(|error| CommandError::Failed(error.to_string()))?;
        Ok(Exit::Done)
    })
}
