//! `consular registration`: what stands in the register, and an officer's acts on it, for trying and testing.

use clap::ValueEnum;
use serde_json::{Value, json};

use super::connection::Connection;
use super::election::{self, ElectionArguments};
use super::failure::{CommandError, Exit};
use super::material::{ActSigner, sign_act};
use super::output::{Format, Output, Painted, Tone};
use super::resource::{localized, localized_json, moment, rfc3339, short};
use super::{sealed_list, statistics};
use crate::clock::SystemClock;
use crate::grpc::client::{Client, answer, instant};
use crate::grpc::proto::{
    AnnulRegistrationRequest, DeregisterRegistrationRequest, GetRegistrationRequest, ListRegistrationHistoryRequest,
    ListRegistrationsRequest, Registration, RegistrationChange, RegistrationState,
};
use crate::registration::DeregistrationGround;

/// Arguments of `registration`.
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
    /// Show a registration
    Get {
        /// registrations/UUID, the UUID or the number
        name: String,
    },
    /// List the registrations of a mission, or of all
    List {
        /// Only those that this mission keeps, by its code
        #[arg(long, default_value = "", hide_default_value = true)]
        mission: String,
        /// Only those in this state
        #[arg(long, value_enum)]
        state: Option<State>,
    },
    /// Show what has happened to a registration
    History {
        /// registrations/UUID, the UUID or the number
        name: String,
    },
    /// Remove a citizen from the register
    Deregister {
        /// registrations/UUID, the UUID or the number
        name: String,
        /// On what ground, such as CITIZENSHIP_LOST
        #[arg(long, value_parser = ground)]
        ground: DeregistrationGround,
        /// The document that shows the ground: title, number, issuer and date of issue (YYYY-MM-DD)
        #[arg(long, num_args = 4, value_names = ["TITLE", "NUMBER", "ISSUER", "DATE"])]
        proof: Option<Vec<String>>,
    },
    /// Annul a registration that should not have been made
    Annul {
        /// registrations/UUID, the UUID or the number
        name: String,
        /// Why, in Kazakh
        #[arg(long, value_name = "TEXT")]
        reason_kk: String,
        /// Why, in Russian
        #[arg(long, value_name = "TEXT")]
        reason_ru: String,
    },
    /// Save the roll of those who may vote at a mission, with its seals
    ElectoralRoll(sealed_list::RollArguments),
    /// Save what was entered in a mission's register in a period, with its seals
    Journal(sealed_list::JournalArguments),
    /// Announce an election, as an officer: everybody who may vote at the mission is asked to check the card
    AnnounceElection(ElectionArguments),
    /// Show figures of a period by mission and kind
    Statistics(statistics::Arguments),
}

/// State of a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum State {
    /// In force
    Active,
    /// The stay has ended
    Overdue,
    /// Removed from the register
    Deregistered,
    /// Void
    Annulled,
}

impl State {
    const fn on_the_wire(self) -> RegistrationState {
        match self {
            Self::Active => RegistrationState::Active,
            Self::Overdue => RegistrationState::Overdue,
            Self::Deregistered => RegistrationState::Deregistered,
            Self::Annulled => RegistrationState::Annulled,
        }
    }
}

fn ground(name: &str) -> Result<DeregistrationGround, String> {
    DeregistrationGround::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = DeregistrationGround::ALL.into_iter().map(DeregistrationGround::as_str).collect();
        format!("the grounds are {}", names.join(", "))
    })
}

/// Runs the subcommand.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    arguments.connection.with_client(async |client| match &arguments.command {
        Command::Get { name } => show(&get(&client, name).await?, output),
        Command::List { mission, state } => {
            let state = state.map_or(RegistrationState::Unspecified, State::on_the_wire);
            let request =
                ListRegistrationsRequest { mission: mission.clone(), state: state.into(), ..Default::default() };
            show_list(&list(&client, request).await?, output)
        }
        Command::History { name } => show_history(&history(&client, &name_of(&client, name).await?).await?, output),
        Command::Deregister { name, ground, proof } => {
            let mut decision = json!({ "result": "DEREGISTERED", "ground": ground.as_str() });
            if let Some([title, number, issuer, issued_on]) = proof.as_deref() {
                decision["proof"] =
                    json!({ "title": title, "number": number, "issuer": issuer, "issued_on": issued_on });
            }
            let (request_id, signed_act) = act(&client, arguments, name, "DEREGISTER", decision).await?;
            let request = DeregisterRegistrationRequest { request_id, signed_act };
            let answered = answer(client.registrations().deregister_registration(request)).await?;
            show(&answered.registration.unwrap_or_default(), output)
        }
        Command::ElectoralRoll(asked) => sealed_list::electoral_roll(&client, asked, output).await,
        Command::AnnounceElection(asked) => election::announce(&client, asked, &arguments.signer, output).await,
        Command::Journal(asked) => sealed_list::journal(&client, asked, output).await,
        Command::Statistics(asked) => statistics::show(&client, asked, output).await,
        Command::Annul { name, reason_kk, reason_ru } => {
            let decision = json!({ "result": "ANNULLED", "reason": { "kk": reason_kk, "ru": reason_ru } });
            let (request_id, signed_act) = act(&client, arguments, name, "ANNUL", decision).await?;
            let request = AnnulRegistrationRequest { request_id, signed_act };
            let answered = answer(client.registrations().annul_registration(request)).await?;
            show(&answered.registration.unwrap_or_default(), output)
        }
    })?;
    Ok(Exit::Done)
}

/// The resource name of a registration that was written as its name, its UUID or its number.
async fn name_of(client: &Client, text: &str) -> Result<String, CommandError> {
    if text.starts_with("registrations/") {
        return Ok(text.to_owned());
    }
    if !text.contains('/') {
        return Ok(format!("registrations/{text}"));
    }
    let request = ListRegistrationsRequest { number: text.to_owned(), ..ListRegistrationsRequest::default() };
    let found = list(client, request).await?.into_iter().next().map(|registration| registration.name);
    found.ok_or_else(|| CommandError::Failed(format!("there is no registration of the number {text}")))
}

async fn get(client: &Client, name: &str) -> Result<Registration, CommandError> {
    let request = GetRegistrationRequest { name: name_of(client, name).await? };
    Ok(answer(client.registrations().get_registration(request)).await?.registration.unwrap_or_default())
}

async fn list(client: &Client, mut request: ListRegistrationsRequest) -> Result<Vec<Registration>, CommandError> {
    let mut all = Vec::new();
    loop {
        let page = answer(client.registrations().list_registrations(request.clone())).await?;
        all.extend(page.registrations);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return Ok(all);
        }
    }
}

async fn history(client: &Client, parent: &str) -> Result<Vec<RegistrationChange>, CommandError> {
    let mut request = ListRegistrationHistoryRequest { parent: parent.to_owned(), ..Default::default() };
    let mut all = Vec::new();
    loop {
        let page = answer(client.registrations().list_registration_history(request.clone())).await?;
        all.extend(page.changes);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return Ok(all);
        }
    }
}

/// Signs an act over the registration as it stands. Gives a new request_id with it.
async fn act(
    client: &Client,
    arguments: &Arguments,
    name: &str,
    act: &str,
    decision: Value,
) -> Result<(String, Vec<u8>), CommandError> {
    let seen = get(client, name).await?;
    let now = SystemClock::shared().now();
    let act = json!({ "act": act, "subject": seen.name, "etag": seen.etag, "decision": decision, "time": now });
    let signed_act = sign_act(&arguments.signer, &act)?;
    Ok((uuid::Uuid::new_v4().to_string(), signed_act))
}

fn state(registration: &Registration) -> String {
    short(registration.state().as_str_name(), "REGISTRATION_STATE_")
}

fn closing_ground(ground: crate::grpc::proto::DeregistrationGround) -> String {
    let name = short(ground.as_str_name(), "DEREGISTRATION_GROUND_");
    if name == "UNSPECIFIED" { String::new() } else { name }
}

fn registration_json(registration: &Registration) -> Value {
    json!({
        "name": registration.name,
        "number": registration.number,
        "kind": short(registration.kind().as_str_name(), "REGISTRATION_KIND_"),
        "state": state(registration),
        "mission": registration.mission,
        "application": registration.application,
        "register_time": rfc3339(instant(registration.register_time.as_ref())),
        "valid_until": registration.valid_until,
        "card_version": registration.card_version,
        "deregistration_ground": closing_ground(registration.deregistration_ground()),
        "close_time": rfc3339(instant(registration.close_time.as_ref())),
        "state_text": localized_json(registration.state_text.as_ref()),
        "family_members": registration.family_members.iter()
            .map(|member| json!({
                "relation": member.relation, "number": member.number, "registration": member.registration,
                "state": short(member.state().as_str_name(), "REGISTRATION_STATE_"),
            }))
            .collect::<Vec<_>>(),
        "etag": registration.etag,
    })
}

fn change_json(change: &RegistrationChange) -> Value {
    json!({
        "event": change.event,
        "event_time": rfc3339(instant(change.event_time.as_ref())),
        "actor": change.actor,
        "application": change.application,
        "validation_report": change.validation_report,
        "card_version": change.card_version,
        "deregistration_ground": closing_ground(change.deregistration_ground()),
    })
}

fn show(registration: &Registration, output: &mut Output<'_>) -> Result<(), CommandError> {
    if output.format() == Format::Json {
        return Ok(output.json(&registration_json(registration))?);
    }
    let number = output.paint(Tone::Strong, &registration.number);
    output.line(format_args!("{}  {number}", state(registration)))?;
    output.facts([
        ("means", Painted::from(localized(registration.state_text.as_ref(), output.language()))),
        ("registration", registration.name.as_str().into()),
        ("kind", short(registration.kind().as_str_name(), "REGISTRATION_KIND_").into()),
        ("mission", registration.mission.as_str().into()),
        ("application", registration.application.as_str().into()),
        ("registered", moment(instant(registration.register_time.as_ref())).into()),
        ("valid until", registration.valid_until.as_str().into()),
        ("card version", registration.card_version.to_string().into()),
        ("ended", moment(instant(registration.close_time.as_ref())).into()),
        ("ground", closing_ground(registration.deregistration_ground()).into()),
        ("etag", registration.etag.as_str().into()),
    ])?;
    if !registration.family_members.is_empty() {
        output.heading("Family members with a registration of their own")?;
        let rows = registration.family_members.iter().map(|member| {
            let state = short(member.state().as_str_name(), "REGISTRATION_STATE_");
            [
                Painted::new(Tone::Strong, member.number.as_str()),
                member.relation.as_str().into(),
                Some(state).filter(|state| state != "UNSPECIFIED").into(),
            ]
        });
        output.list(["number", "relation", "state"], rows.collect())?;
    }
    Ok(())
}

fn show_list(registrations: &[Registration], output: &mut Output<'_>) -> Result<(), CommandError> {
    if output.format() == Format::Json {
        return Ok(output.json(&registrations.iter().map(registration_json).collect())?);
    }
    let rows = registrations.iter().map(|registration| {
        [
            Painted::new(Tone::Strong, registration.number.as_str()),
            state(registration).into(),
            short(registration.kind().as_str_name(), "REGISTRATION_KIND_").into(),
            registration.valid_until.as_str().into(),
            Painted::new(Tone::Quiet, registration.mission.as_str()),
        ]
    });
    Ok(output.list(["number", "state", "kind", "valid until", "mission"], rows.collect())?)
}

fn show_history(changes: &[RegistrationChange], output: &mut Output<'_>) -> Result<(), CommandError> {
    if output.format() == Format::Json {
        return Ok(output.json(&changes.iter().map(change_json).collect())?);
    }
    let rows = changes.iter().map(|change| {
        let ground = closing_ground(change.deregistration_ground());
        let application = change.application.strip_prefix("applications/").unwrap_or_default();
        let lines = [change.event.as_str(), &ground, application];
        let lines: Vec<&str> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        [
            Painted::new(Tone::Quiet, moment(instant(change.event_time.as_ref()))),
            change.card_version.to_string().into(),
            lines.join("\n").into(),
        ]
    });
    Ok(output.list(["time", "card", "event, ground, application"], rows.collect())?)
}
