//! The arguments that say where the service is, common to all commands that call it.

use std::path::PathBuf;

use super::failure::{CommandError, read};
use crate::grpc::client::{Client, Target};

/// Where the service is and how to prove who calls.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Connection")]
pub struct Connection {
    /// Where the service is, http:// or https://
    #[arg(
        long,
        global = true,
        env = "CONSULAR_ADDRESS",
        default_value = "http://127.0.0.1:50051",
        value_name = "URL",
        hide_env_values = true
    )]
    address: String,
    /// Root of the server's certificate, PEM; for https
    #[arg(long, global = true, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The caller's certificate for mutual TLS, PEM
    #[arg(long, global = true, value_name = "FILE")]
    client_cert: Option<PathBuf>,
    /// The caller's private key for mutual TLS, PEM
    #[arg(long, global = true, value_name = "FILE")]
    client_key: Option<PathBuf>,
}

impl Connection {
    /// Connects, does `work` and ends the connection.
    ///
    /// # Errors
    /// What reading the certificates, connecting or the work ended in.
    pub fn with_client<T>(&self, work: impl AsyncFnOnce(Client) -> Result<T, CommandError>) -> Result<T, CommandError> {
        let target = self.target()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let client = Client::connect(&target).await?;
            work(client).await
        })
    }

    fn target(&self) -> Result<Target, CommandError> {
        let identity = match (&self.client_cert, &self.client_key) {
            (Some(certificate), Some(key)) => Some((read(certificate)?, read(key)?)),
            (None, None) => None,
            (Some(_), None) => return Err(CommandError::Usage("--client-cert needs --client-key".to_owned())),
            (None, Some(_)) => return Err(CommandError::Usage("--client-key needs --client-cert".to_owned())),
        };
        let certificate_authority = self.ca.as_deref().map(read).transpose()?;
        Ok(Target { address: self.address.clone(), certificate_authority, identity })
    }
}
