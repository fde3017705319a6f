//! Logging: set up once, by the commands that run long.
//!
//! Nothing personal is ever logged: no IIN, no name, no form, no certificate subject; a log line names calls by method, caller and request id.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::LogFormat;

/// Sends log lines of the given filter to standard error.
pub fn start(format: LogFormat, filter: &str) {
    // What a migration has to say is said by the command that runs it; who wants more names the module in the filter.
    let filter = EnvFilter::builder().parse_lossy(format!("sea_orm_migration=warn,{filter}"));
    let registry = tracing_subscriber::registry().with(filter);
    let result = match format {
        LogFormat::Text => registry
            .with(fmt::layer().with_ansi(std::io::stderr().is_terminal()).with_writer(std::io::stderr))
            .try_init(),
        LogFormat::Json => registry.with(fmt::layer().json().with_writer(std::io::stderr)).try_init(),
    };
    if let Err(error) = result {
        // A second start within one process (tests) keeps the first subscriber.
        tracing::debug!(%error, "logging is set up already");
    }
}
