//! `consular submit`: files a signed application.

use std::path::PathBuf;

use super::application::{Until, follow};
use super::connection::Connection;
use super::failure::{CommandError, Exit, read};
use super::output::{Format, Output};
use super::resource;
use crate::grpc::client::answer;
use crate::grpc::proto::submit_application_request::Signed;
use crate::grpc::proto::{Application, DetachedApplication, SubmitApplicationRequest, WatchApplicationRequest};

/// Arguments of `submit`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The signed application: CMS as DER, PEM or base64
    file: PathBuf,
    /// The application form, when the signature is detached
    #[arg(long, value_name = "FILE")]
    content: Option<PathBuf>,
    /// The same for every repetition of this call
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    request_id: String,
    /// Only say what would be found; nothing is opened
    #[arg(long)]
    validate_only: bool,
    /// Wait until the application is decided or needs somebody
    #[arg(long, conflicts_with = "validate_only")]
    wait: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Files the application and shows how it stands.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let signature = read(&arguments.file)?;
    let signed = match &arguments.content {
        None => Signed::SignedApplication(signature),
        Some(content) => Signed::Detached(DetachedApplication { content: read(content)?, signature }),
    };
    let request = SubmitApplicationRequest {
        request_id: arguments.request_id.clone(),
        validate_only: arguments.validate_only,
        signed: Some(signed),
    };
    arguments.connection.with_client(async |client| {
        let response = answer(client.applications().submit_application(request)).await?;
        let mut application = response.application.unwrap_or_default();
        if arguments.wait {
            let request = WatchApplicationRequest { name: application.name.clone(), resume_token: String::new() };
            application = follow(&client, request, Until::SomebodyHasToAct, |_| Ok(())).await?.unwrap_or(application);
        }
        show(&application, arguments, output)
    })?;
    Ok(Exit::Done)
}

fn show(application: &Application, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), CommandError> {
    if output.format() == Format::Json {
        output.json(&resource::application_json(application))?;
        return Ok(());
    }
    resource::show_application(application, output)?;
    if arguments.validate_only {
        output.note("Only validated: nothing was opened.")?;
    } else if !arguments.wait {
        output.note(&format!("Follow it: consular application watch {}", application.name))?;
    }
    Ok(())
}
