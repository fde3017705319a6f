//! `consular crisis`: who of an area is safe, and officers' acts about it, for trying and testing.

use std::io;
use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::{Value, json};
use uuid::Uuid;

use super::connection::Connection;
use super::failure::{CommandError, Exit};
use super::material::{ActSigner, sign_act};
use super::output::{Format, Output, Painted, Tone};
use super::resource::moment;
use super::sealed_list;
use super::sentence::Sentence;
use crate::clock::SystemClock;
use crate::grpc::client::{Client, ClientError, answer, instant, next};
use crate::grpc::proto::record_crisis_reply_request::Reply;
use crate::grpc::proto::{
    BroadcastCrisisRequest, CitizenReply, CloseCrisisRequest, Crisis, CrisisPerson, CrisisStatus,
    ExportCrisisRollRequest, GetCrisisRollRequest, ListCrisesRequest, OpenCrisisRequest, RecordCrisisReplyRequest,
    WatchCrisisRequest, WatchCrisisResponse,
};

mod shown;

use shown::{person_json, show, show_change, show_list, show_roll, status};

/// Arguments of `crisis`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    signer: ActSigner,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Open a crisis in a country or in parts of it
    Open {
        /// The country, ISO 3166-1, such as TR
        #[arg(long)]
        country: String,
        /// A part of it, ISO 3166-2, such as TR-34; may be given several times
        #[arg(long = "subdivision", value_name = "CODE")]
        subdivisions: Vec<String>,
        #[command(flatten)]
        title: Sentence,
    },
    /// Send a message to everybody with a registration on the roll
    Broadcast {
        /// crises/UUID; the UUID alone will do
        name: String,
        #[command(flatten)]
        message: Sentence,
    },
    /// Record, as an officer, that somebody on the roll is safe or needs help
    Reply {
        /// crises/UUID; the UUID alone will do
        name: String,
        /// crisisPersons/UUID; the UUID alone will do
        person: String,
        #[command(flatten)]
        said: Said,
    },
    /// Report, as an officer, somebody who is not on the roll
    Report {
        /// crises/UUID; the UUID alone will do
        name: String,
        /// Name of the person
        #[arg(long)]
        person: String,
        /// Telephone number of the person, such as +77010000001
        #[arg(long)]
        phone: Option<String>,
        /// Where the person is or was last seen
        #[arg(long)]
        whereabouts: Option<String>,
        #[command(flatten)]
        said: Said,
    },
    /// Hand on a citizen's own reply, as the portal does
    Answer {
        /// crises/UUID; the UUID alone will do
        name: String,
        /// registrations/UUID; the UUID alone will do
        registration: String,
        #[command(flatten)]
        said: Said,
    },
    /// Close a crisis: its roll stays, nothing more is sent or recorded
    Close {
        /// crises/UUID; the UUID alone will do
        name: String,
    },
    /// List the crises, the latest first
    List {
        /// Only those that are not closed
        #[arg(long)]
        open: bool,
    },
    /// Show the roll
    Roll {
        /// crises/UUID; the UUID alone will do
        name: String,
        /// Only those in this state; may be given several times
        #[arg(long = "status", value_enum, value_name = "STATUS")]
        statuses: Vec<Status>,
        /// Only those whom this mission looks after, by its code
        #[arg(long, default_value = "", hide_default_value = true)]
        mission: String,
    },
    /// Save a mission's roll on sealed sheets: who needs help comes first
    Export {
        /// crises/UUID; the UUID alone will do
        name: String,
        /// Code of the mission
        #[arg(long)]
        mission: String,
        /// Only those in this state; may be given several times
        #[arg(long = "status", value_enum, value_name = "STATUS")]
        statuses: Vec<Status>,
        /// Folder to save into; made when absent
        #[arg(long, value_name = "DIR", default_value = ".")]
        out: PathBuf,
    },
    /// Follow the counts
    Watch {
        /// crises/UUID; the UUID alone will do
        name: String,
        /// Go on after the response that carried this token
        #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
        resume_token: String,
        /// End once nobody is left who has not answered
        #[arg(long)]
        until_answered: bool,
    },
}

/// What was replied.
#[derive(Debug, clap::Args)]
struct Said {
    /// How the person is
    #[arg(long, value_enum)]
    status: Answered,
    /// The same holds for the family members on the citizen's card
    #[arg(long)]
    family: bool,
    /// What was said beside it
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

impl Said {
    fn decision(&self) -> Value {
        let mut decision = json!({ "result": self.status.as_str() });
        if self.family {
            decision["includes_family"] = json!(true);
        }
        if let Some(note) = &self.note {
            decision["note"] = json!(note);
        }
        decision
    }
}

/// How a person is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Answered {
    /// Safe
    Safe,
    /// In need of help
    NeedHelp,
}

impl Answered {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "SAFE",
            Self::NeedHelp => "NEED_HELP",
        }
    }

    const fn on_the_wire(self) -> CrisisStatus {
        match self {
            Self::Safe => CrisisStatus::Safe,
            Self::NeedHelp => CrisisStatus::NeedHelp,
        }
    }
}

/// What is known of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Status {
    /// Nobody has replied
    Unanswered,
    /// Safe
    Safe,
    /// In need of help
    NeedHelp,
}

impl Status {
    const fn on_the_wire(self) -> CrisisStatus {
        match self {
            Self::Unanswered => CrisisStatus::Unanswered,
            Self::Safe => CrisisStatus::Safe,
            Self::NeedHelp => CrisisStatus::NeedHelp,
        }
    }
}

/// Runs the subcommand.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let signer = &arguments.signer;
    arguments.connection.with_client(async |client| match &arguments.command {
        Command::Open { country, subdivisions, title } => {
            let area = json!({ "country": country, "subdivisions": subdivisions, "title": title.json() });
            let decision = json!({ "result": "CRISIS_OPENED", "crisis": area });
            let name = format!("crises/{}", Uuid::new_v4());
            let signed_act = signed(signer, "OPEN_CRISIS", &name, "0", &decision)?;
            let request = OpenCrisisRequest { request_id: fresh(), signed_act };
            show(&answer(client.registrations().open_crisis(request)).await?.crisis.unwrap_or_default(), output)
        }
        Command::Broadcast { name, message } => {
            let seen = crisis(&client, name).await?;
            let decision = json!({ "result": "BROADCAST", "message": message.json() });
            let signed_act = signed(signer, "BROADCAST_CRISIS", &seen.name, &seen.etag, &decision)?;
            let request = BroadcastCrisisRequest { request_id: fresh(), signed_act };
            show(&answer(client.registrations().broadcast_crisis(request)).await?.crisis.unwrap_or_default(), output)
        }
        Command::Reply { name, person, said } => {
            let person = full_name("crisisPersons", person);
            let (_, roll) = roll(&client, &full_name("crises", name), Vec::new(), "").await?;
            let seen = roll.into_iter().find(|other| other.name == person);
            let seen = seen.ok_or_else(|| CommandError::Failed(format!("{person} is not on this roll")))?;
            let signed_act = signed(signer, "RECORD_CRISIS_REPLY", &seen.name, &seen.etag, &said.decision())?;
            record(&client, Reply::SignedAct(signed_act), output).await
        }
        Command::Report { name, person, phone, whereabouts, said } => {
            let mut decision = said.decision();
            decision["walk_in"] = json!({ "crisis": full_name("crises", name), "name": person });
            for (field, value) in [("phone", phone), ("whereabouts", whereabouts)] {
                if let Some(value) = value {
                    decision["walk_in"][field] = json!(value);
                }
            }
            let subject = format!("crisisPersons/{}", Uuid::new_v4());
            let signed_act = signed(signer, "RECORD_CRISIS_REPLY", &subject, "0", &decision)?;
            record(&client, Reply::SignedAct(signed_act), output).await
        }
        Command::Answer { name, registration, said } => {
            let reply = CitizenReply {
                crisis: full_name("crises", name),
                registration: full_name("registrations", registration),
                status: said.status.on_the_wire().into(),
                includes_family: said.family,
                note: said.note.clone().unwrap_or_default(),
            };
            record(&client, Reply::CitizenReply(reply), output).await
        }
        Command::Close { name } => {
            let seen = crisis(&client, name).await?;
            let decision = json!({ "result": "CRISIS_CLOSED" });
            let signed_act = signed(signer, "CLOSE_CRISIS", &seen.name, &seen.etag, &decision)?;
            let request = CloseCrisisRequest { request_id: fresh(), signed_act };
            show(&answer(client.registrations().close_crisis(request)).await?.crisis.unwrap_or_default(), output)
        }
        Command::List { open } => show_list(&list(&client, *open).await?, output),
        Command::Roll { name, statuses, mission } => {
            let statuses = statuses.iter().map(|status| status.on_the_wire().into()).collect();
            let (crisis, persons) = roll(&client, &full_name("crises", name), statuses, mission).await?;
            show_roll(&crisis, &persons, output)
        }
        Command::Export { name, mission, statuses, out } => {
            let request = ExportCrisisRollRequest {
                name: full_name("crises", name),
                mission: mission.clone(),
                statuses: statuses.iter().map(|status| status.on_the_wire().into()).collect(),
            };
            sealed_list::crisis_roll(&client, request, out, output).await
        }
        Command::Watch { name, resume_token, until_answered } => {
            let request = WatchCrisisRequest { name: full_name("crises", name), resume_token: resume_token.clone() };
            follow(&client, request, *until_answered, |response| show_change(response, output)).await
        }
    })?;
    Ok(Exit::Done)
}

fn full_name(collection: &str, name: &str) -> String {
    if name.contains('/') { name.to_owned() } else { format!("{collection}/{name}") }
}

fn fresh() -> String {
    Uuid::new_v4().to_string()
}

fn signed(signer: &ActSigner, act: &str, subject: &str, etag: &str, decision: &Value) -> Result<Vec<u8>, CommandError> {
    let now = SystemClock::shared().now();
    sign_act(signer, &json!({ "act": act, "subject": subject, "etag": etag, "decision": decision, "time": now }))
}

async fn record(client: &Client, reply: Reply, output: &mut Output<'_>) -> Result<(), CommandError> {
    let request = RecordCrisisReplyRequest { request_id: fresh(), reply: Some(reply) };
    let person = answer(client.registrations().record_crisis_reply(request)).await?.person.unwrap_or_default();
    if output.format() == Format::Json {
        return Ok(output.json(&person_json(&person))?);
    }
    let status = status(&person);
    output.line(format_args!(
        "{}  {}",
        output.paint(status.1, &status.0),
        output.paint(Tone::Strong, &person.full_name)
    ))?;
    output.facts([
        ("person", Painted::from(person.name.as_str())),
        ("mission", person.mission.as_str().into()),
        ("recorded", moment(instant(person.reply_time.as_ref())).into()),
        ("replies", person.replies.len().to_string().into()),
        ("etag", person.etag.as_str().into()),
    ])?;
    Ok(())
}

async fn crisis(client: &Client, name: &str) -> Result<Crisis, CommandError> {
    let request = GetCrisisRollRequest { name: full_name("crises", name), page_size: 1, ..Default::default() };
    Ok(answer(client.registrations().get_crisis_roll(request)).await?.crisis.unwrap_or_default())
}

/// All crises, page by page.
async fn list(client: &Client, open_only: bool) -> Result<Vec<Crisis>, CommandError> {
    let mut request = ListCrisesRequest { open_only, page_size: 200, ..Default::default() };
    let mut all = Vec::new();
    loop {
        let page = answer(client.registrations().list_crises(request.clone())).await?;
        all.extend(page.crises);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return Ok(all);
        }
    }
}

/// The crisis and its whole roll, page by page.
async fn roll(
    client: &Client,
    name: &str,
    statuses: Vec<i32>,
    mission: &str,
) -> Result<(Crisis, Vec<CrisisPerson>), CommandError> {
    let (name, mission) = (name.to_owned(), mission.to_owned());
    let mut request = GetCrisisRollRequest { name, statuses, mission, page_size: 200, ..Default::default() };
    let mut all = Vec::new();
    loop {
        let page = answer(client.registrations().get_crisis_roll(request.clone())).await?;
        all.extend(page.persons);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return Ok((page.crisis.unwrap_or_default(), all));
        }
    }
}

/// Hands on every response, and goes on by itself where the service broke the stream off in good order.
async fn follow(
    client: &Client,
    mut request: WatchCrisisRequest,
    until_answered: bool,
    mut each: impl FnMut(&WatchCrisisResponse) -> io::Result<()>,
) -> Result<(), CommandError> {
    let mut stream = answer(client.registrations().watch_crisis(request.clone())).await?;
    loop {
        let response = match next(&mut stream).await {
            Ok(Some(response)) => response,
            Ok(None) => return Ok(()),
            Err(ClientError::Refused(refusal)) if refusal.reason == "STREAM_INTERRUPTED" => {
                stream = answer(client.registrations().watch_crisis(request.clone())).await?;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        each(&response)?;
        let crisis = response.crisis.unwrap_or_default();
        let counts = crisis.counts.unwrap_or_default();
        let is_answered = until_answered && crisis.roll_time.is_some() && counts.unanswered == 0;
        // Nothing more happens in a crisis that is closed.
        if is_answered || crisis.close_time.is_some() {
            return Ok(());
        }
        request.resume_token = response.resume_token;
    }
}
