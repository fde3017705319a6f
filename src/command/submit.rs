//! `consular submit`: files a signed application.

use std::io;
use std::path::{Path, PathBuf};

use super::application::{Until, follow};
use super::connection::Connection;
use super::failure::{CommandError, Exit, read};
use super::output::{Format, Output};
use super::resource::{self, localized, moment};
use crate::grpc::client::{answer, instant};
use crate::grpc::proto::submit_application_request::Signed;
use crate::grpc::proto::{
    Application, AwaitedFrom, DetachedApplication, SubmitApplicationRequest, WatchApplicationRequest,
};
use crate::registration::Text;

const ONLY_VALIDATED: Text = Text::fixed(
    "Тек тексерілді: ештеңе ашылған жоқ.",
    "Только проверено: ничего не открыто.",
    "Only validated: nothing was opened.",
);
const FOLLOW: Text = Text::fixed("Барысын қадағалау:", "Следить за ходом:", "Follow it:");

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
    has_to_be_signed(&arguments.file, &signature)?;
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
            let mut told = String::new();
            tell(&application, &mut told, output)?;
            let request = WatchApplicationRequest { name: application.name.clone(), resume_token: String::new() };
            let seen = follow(&client, request, Until::SomebodyHasToAct, |response| {
                response.application.as_ref().map_or(Ok(()), |application| tell(application, &mut told, output))
            });
            application = seen.await?.unwrap_or(application);
        }
        show(&application, arguments, output)
    })?;
    Ok(Exit::Done)
}

/// A form in the place of the signature over it is told before anybody is asked.
fn has_to_be_signed(path: &Path, file: &[u8]) -> Result<(), CommandError> {
    if serde_json::from_slice::<serde::de::IgnoredAny>(file).is_err() {
        return Ok(());
    }
    let form = path.display();
    let explanation = format!(
        "this is JSON that nobody has signed; sign it first: consular sign --key KEY --cert CERTIFICATE {form}"
    );
    Err(CommandError::Unusable { path: path.to_owned(), explanation })
}

/// Says what is waited for, when that has changed.
fn tell(application: &Application, told: &mut String, output: &mut Output<'_>) -> io::Result<()> {
    let awaiting = localized(application.awaiting.as_ref(), output.language());
    let mut now = format!("{}  {}  {awaiting}", application.number, resource::state(application));
    // Whom else is awaited until when, the words say already.
    if application.awaiting_from() == AwaitedFrom::Register {
        now = format!("{now} → {}", moment(instant(application.awaiting_until.as_ref())));
    }
    if awaiting.is_empty() || *told == now {
        return Ok(());
    }
    output.note(&now)?;
    *told = now;
    Ok(())
}

fn show(application: &Application, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), CommandError> {
    if output.format() == Format::Json {
        output.json(&resource::application_json(application))?;
        return Ok(());
    }
    resource::show_application(application, output)?;
    if arguments.validate_only {
        output.note(output.say(&ONLY_VALIDATED))?;
    } else if !arguments.wait {
        output.note(&format!("{} consular application watch {}", output.say(&FOLLOW), application.name))?;
    }
    Ok(())
}
