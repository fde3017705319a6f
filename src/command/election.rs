//! `consular registration announce-election`: tells everybody who may vote at an officer's mission.

use chrono::NaiveDate;
use serde_json::{Value, json};
use uuid::Uuid;

use super::failure::CommandError;
use super::material::{ActSigner, sign_act};
use super::output::{Format, Output, Painted, Tone};
use super::resource::{localized, localized_json, moment, rfc3339};
use super::sentence::Sentence;
use crate::clock::SystemClock;
use crate::grpc::client::{Client, answer, instant};
use crate::grpc::proto::{AnnounceElectionRequest, Election};

/// Arguments of `announce-election`.
#[derive(Debug, clap::Args)]
pub struct ElectionArguments {
    /// The voting day, YYYY-MM-DD
    #[arg(long, value_name = "DAY")]
    voting_day: NaiveDate,
    /// The last day on which a change of the card still counts, YYYY-MM-DD
    #[arg(long, value_name = "DAY")]
    check_until: NaiveDate,
    #[command(flatten)]
    title: Sentence,
}

/// Announces an election at the mission of the officer who signs.
///
/// # Errors
/// The act cannot be signed, or the service refused.
pub async fn announce(
    client: &Client,
    asked: &ElectionArguments,
    signer: &ActSigner,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let election =
        json!({ "title": asked.title.json(), "voting_day": asked.voting_day, "check_until": asked.check_until });
    let act = json!({
        "act": "ANNOUNCE_ELECTION",
        "subject": format!("elections/{}", Uuid::new_v4()),
        "etag": "0",
        "decision": { "result": "ELECTION_ANNOUNCED", "election": election },
        "time": SystemClock::shared().now(),
    });
    let request =
        AnnounceElectionRequest { request_id: Uuid::new_v4().to_string(), signed_act: sign_act(signer, &act)? };
    let announced = answer(client.registrations().announce_election(request)).await?.election.unwrap_or_default();
    show(&announced, output)
}

fn election_json(election: &Election) -> Value {
    json!({
        "name": election.name,
        "title": localized_json(election.title.as_ref()),
        "mission": election.mission,
        "voting_day": election.voting_day,
        "check_until": election.check_until,
        "announced_by": election.announced_by,
        "announce_time": rfc3339(instant(election.announce_time.as_ref())),
        "told_time": rfc3339(instant(election.told_time.as_ref())),
        "etag": election.etag,
    })
}

fn show(election: &Election, output: &mut Output<'_>) -> Result<(), CommandError> {
    if output.format() == Format::Json {
        return Ok(output.json(&election_json(election))?);
    }
    let title = localized(election.title.as_ref(), output.language());
    output.line(output.paint(Tone::Strong, &title))?;
    output.facts([
        ("election", Painted::from(election.name.as_str())),
        ("mission", election.mission.as_str().into()),
        ("voting day", election.voting_day.as_str().into()),
        ("check until", election.check_until.as_str().into()),
        ("announced", moment(instant(election.announce_time.as_ref())).into()),
        ("etag", election.etag.as_str().into()),
    ])?;
    Ok(())
}
