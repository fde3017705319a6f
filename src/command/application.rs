//! `consular application list | get | watch`: how applications fare.

use std::io;

use serde_json::json;

use super::connection::Connection;
use super::failure::{CommandError, Exit};
use super::output::{Format, Output, Painted, Tone};
use super::resource::{self, moment};
use crate::grpc::client::{Client, ClientError, answer, instant, next};
use crate::grpc::proto::{
    Application, ApplicationState, GetApplicationRequest, ListApplicationsRequest, ListNotificationsRequest,
    Notification, WatchApplicationRequest, WatchApplicationResponse,
};

/// What the names of states begin with on the wire.
const STATE: &str = "APPLICATION_STATE_";

/// Arguments of `application`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the applications at a mission, or all, oldest first
    List {
        /// Only those at this mission, by its code
        #[arg(long, default_value = "", hide_default_value = true)]
        mission: String,
        /// Only those in this state, such as IN_REVIEW; may be repeated
        #[arg(long, value_parser = state)]
        state: Vec<ApplicationState>,
    },
    /// Show an application with its notifications
    Get {
        /// applications/UUID, the UUID or the number
        name: String,
    },
    /// Follow an application until it ends
    Watch {
        /// applications/UUID, the UUID or the number
        name: String,
        /// Go on after the response that carried this token
        #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
        resume_token: String,
    },
}

fn state(name: &str) -> Result<ApplicationState, String> {
    let found = ApplicationState::from_str_name(&format!("{STATE}{name}"));
    found.filter(|state| *state != ApplicationState::Unspecified).ok_or_else(|| {
        let known = (1..).map_while(|number| ApplicationState::try_from(number).ok());
        let names: Vec<_> = known.map(|state| resource::short(state.as_str_name(), STATE)).collect();
        format!("the states are {}", names.join(", "))
    })
}

/// Runs the subcommand.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    arguments.connection.with_client(async |client| match &arguments.command {
        Command::List { mission, state } => {
            let states = state.iter().map(|state| i32::from(*state)).collect();
            let request = ListApplicationsRequest { mission: mission.clone(), states, ..Default::default() };
            show_list(&list(&client, request).await?, output)
        }
        Command::Get { name } => get(&client, &name_of(&client, name).await?, output).await,
        Command::Watch { name, resume_token } => {
            let name = name_of(&client, name).await?;
            let request = WatchApplicationRequest { name, resume_token: resume_token.clone() };
            follow(&client, request, Until::Ended, |response| show_event(response, output)).await?;
            Ok(())
        }
    })?;
    Ok(Exit::Done)
}

/// The resource name of an application that was written as its name, its UUID or its number.
///
/// # Errors
/// What the service answered instead; or that it knows no application of that number.
pub async fn name_of(client: &Client, text: &str) -> Result<String, CommandError> {
    if text.starts_with("applications/") {
        return Ok(text.to_owned());
    }
    if !text.contains('/') {
        return Ok(format!("applications/{text}"));
    }
    let request = ListApplicationsRequest { number: text.to_owned(), ..ListApplicationsRequest::default() };
    let listed = answer(client.applications().list_applications(request)).await?;
    let found = listed.applications.into_iter().next().map(|application| application.name);
    found.ok_or_else(|| CommandError::Failed(format!("there is no application of the number {text}")))
}

async fn list(client: &Client, mut request: ListApplicationsRequest) -> Result<Vec<Application>, CommandError> {
    let mut all = Vec::new();
    loop {
        let page = answer(client.applications().list_applications(request.clone())).await?;
        all.extend(page.applications);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return Ok(all);
        }
    }
}

fn show_list(applications: &[Application], output: &mut Output<'_>) -> Result<(), CommandError> {
    if output.format() == Format::Json {
        return Ok(output.json(&applications.iter().map(resource::application_json).collect())?);
    }
    let rows = applications.iter().map(|application| {
        [
            Painted::new(Tone::Strong, application.number.as_str()),
            resource::short(application.r#type().as_str_name(), "APPLICATION_TYPE_").into(),
            resource::state(application).into(),
            application.mission.as_str().into(),
            Painted::new(Tone::Quiet, moment(instant(application.due_time.as_ref()))),
        ]
    });
    Ok(output.list(["number", "type", "state", "mission", "due by"], rows.collect())?)
}

/// How far to follow an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Until it has ended.
    Ended,
    /// Until it has ended or somebody has to act, which no program should wait for.
    SomebodyHasToAct,
}

/// Follows an application and hands on every response. Goes on by itself where the service broke the stream off in good order.
/// Gives the last state seen.
///
/// # Errors
/// What the service answered instead, or what `each` ended in.
pub async fn follow(
    client: &Client,
    mut request: WatchApplicationRequest,
    until: Until,
    mut each: impl FnMut(&WatchApplicationResponse) -> io::Result<()>,
) -> Result<Option<Application>, CommandError> {
    let mut last: Option<Application> = None;
    let mut stream = answer(client.applications().watch_application(request.clone())).await?;
    loop {
        let response = match next(&mut stream).await {
            Ok(Some(response)) => response,
            Ok(None) => return Ok(last),
            Err(ClientError::Refused(refusal)) if refusal.reason == "STREAM_INTERRUPTED" => {
                stream = answer(client.applications().watch_application(request.clone())).await?;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        each(&response)?;
        request.resume_token = response.resume_token;
        last = response.application.or(last);
        if until == Until::SomebodyHasToAct
            && last.as_ref().is_some_and(|application| needs_somebody(application.state()))
        {
            return Ok(last);
        }
    }
}

/// States that no waiting changes unless a person acts.
fn needs_somebody(state: ApplicationState) -> bool {
    matches!(
        state,
        ApplicationState::InReview
            | ApplicationState::Returned
            | ApplicationState::PreliminaryRefusal
            | ApplicationState::Heard
    )
}

fn show_event(response: &WatchApplicationResponse, output: &mut Output<'_>) -> io::Result<()> {
    let application = response.application.clone().unwrap_or_default();
    let time = instant(response.event_time.as_ref());
    if output.format() == Format::Json {
        return output.json_line(&json!({
            "event": response.event,
            "event_time": resource::rfc3339(time),
            "resume_token": response.resume_token,
            "application": resource::application_json(&application),
        }));
    }
    let event = if response.event.is_empty() { "state now" } else { &response.event };
    let time =
        output.paint(Tone::Quiet, &format!("{:<23}", moment(time.or(instant(application.update_time.as_ref())))));
    let event = output.paint(Tone::Plain, &format!("{event:<28}"));
    let state = output.paint(Tone::Strong, &resource::state(&application));
    output.line(format_args!("{time}  {event}  {state}"))
}

async fn get(client: &Client, name: &str, output: &mut Output<'_>) -> Result<(), CommandError> {
    let request = GetApplicationRequest { name: name.to_owned() };
    let application = answer(client.applications().get_application(request)).await?.application.unwrap_or_default();
    let notifications = notifications(client, name).await?;
    if output.format() == Format::Json {
        let mut value = resource::application_json(&application);
        value["notifications"] = notifications.iter().map(notification_json).collect();
        output.json(&value)?;
        return Ok(());
    }
    resource::show_application(&application, output)?;
    if !notifications.is_empty() {
        output.heading("Notifications")?;
        let rows = notifications.iter().map(|notification| {
            let text = format!("{}\n{}", notification.subject, notification.body);
            [
                Painted::new(Tone::Quiet, moment(instant(notification.create_time.as_ref()))),
                notification.kind.as_str().into(),
                text.into(),
            ]
        });
        output.list(["written", "kind", "text"], rows.collect())?;
    }
    Ok(())
}

async fn notifications(client: &Client, parent: &str) -> Result<Vec<Notification>, CommandError> {
    let mut all = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListNotificationsRequest { parent: parent.to_owned(), page_size: 200, page_token };
        let response = answer(client.notifications().list_notifications(request)).await?;
        all.extend(response.notifications);
        page_token = response.next_page_token;
        if page_token.is_empty() {
            return Ok(all);
        }
    }
}

fn notification_json(notification: &Notification) -> serde_json::Value {
    json!({
        "name": notification.name,
        "kind": notification.kind,
        "language": notification.language,
        "subject": notification.subject,
        "body": notification.body,
        "create_time": resource::rfc3339(instant(notification.create_time.as_ref())),
    })
}
