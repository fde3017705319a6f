//! `consular review`: what waits at a mission, and persons' acts, signed with their own keys, for trying and testing.

use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::{Value, json};

use super::application::name_of;
use super::connection::Connection;
use super::failure::{CommandError, Exit};
use super::material::{ActSigner, sign_act};
use super::output::{Format, Output, Painted, Tone};
use super::resource;
use super::resource::moment;
use crate::clock::SystemClock;
use crate::grpc::client::{Client, ClientError, answer, instant};
use crate::grpc::proto::{
    Application, ApproveApplicationRequest, ClaimApplicationRequest, ForwardApplicationRequest, GetApplicationRequest,
    IssuePreliminaryRefusalRequest, ListQueueRequest, QueueEntry, RecordHearingRequest, RefuseApplicationRequest,
    ReturnApplicationRequest, Urgency, VerifyEvidenceRequest, WithdrawApplicationRequest, WithdrawConsentRequest,
};
use crate::registration::act::ActName;

/// Arguments of `review`.
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
    /// Show what waits at a mission, oldest first
    Queue {
        /// Only this mission's, by its code
        #[arg(long, default_value = "", hide_default_value = true)]
        mission: String,
    },
    /// Take the application up for examination
    Claim {
        /// applications/UUID, the UUID or the number
        name: String,
    },
    /// Say that a piece of evidence was verified
    VerifyEvidence {
        /// applications/UUID, the UUID or the number
        name: String,
        /// What was verified
        #[arg(long, value_enum, default_value_t = Evidence::DepartureDecision)]
        evidence: Evidence,
        /// It was found untrue
        #[arg(long)]
        refuted: bool,
    },
    /// Return the application to the applicant with a remark
    Return {
        /// applications/UUID, the UUID or the number
        name: String,
        /// Path of the field to mend, such as card.stay.until
        #[arg(long)]
        field: String,
        /// What is wrong, in Kazakh
        #[arg(long)]
        kk: String,
        /// What is wrong, in Russian
        #[arg(long)]
        ru: String,
    },
    /// Announce that the application is going to be refused
    PreliminaryRefusal {
        /// applications/UUID, the UUID or the number
        name: String,
        #[command(flatten)]
        grounds: Grounds,
        /// When the applicant is heard, RFC 3339
        #[arg(long, value_name = "TIME")]
        hearing_time: String,
        /// Where the applicant is heard
        #[arg(long, value_name = "PLACE")]
        hearing_place: String,
    },
    /// Record the hearing
    RecordHearing {
        /// applications/UUID, the UUID or the number
        name: String,
        /// The protocol as JSON: place, begin, end, body, official, secretary, participant, question, explanations,
        /// signed_by_chair, signed_by_secretary
        #[arg(long, value_name = "FILE")]
        protocol: PathBuf,
        /// The objection did not convince
        #[arg(long)]
        dismissed: bool,
    },
    /// Refuse the application
    Refuse {
        /// applications/UUID, the UUID or the number
        name: String,
        #[command(flatten)]
        grounds: Grounds,
    },
    /// Pass the application on to another mission
    Forward {
        /// applications/UUID, the UUID or the number
        name: String,
        /// Code of the mission that is competent
        #[arg(long)]
        mission: String,
    },
    /// Grant the application
    Approve {
        /// applications/UUID, the UUID or the number
        name: String,
        /// The document that the mission is about to give, such as PASSPORT_INSERT: refused where it does not fit
        #[arg(long, value_name = "KIND")]
        document: Option<String>,
    },
    /// Take the application back: signed by the applicant
    Withdraw {
        /// applications/UUID, the UUID or the number
        name: String,
    },
    /// Withdraw the consent to processing personal data: signed by the applicant; ends all open applications of the person
    WithdrawConsent {
        /// applications/UUID
        name: String,
    },
}

/// On which ground, and why.
#[derive(Debug, clap::Args)]
struct Grounds {
    /// UNRELIABLE_DOCUMENTS_OR_DATA, NON_COMPLIANCE_WITH_RULES or NO_PERSONAL_DATA_CONSENT
    #[arg(long)]
    ground: String,
    /// The reasons in Kazakh
    #[arg(long, value_name = "TEXT")]
    reason_kk: String,
    /// The reasons in Russian
    #[arg(long, value_name = "TEXT")]
    reason_ru: String,
}

impl Grounds {
    fn json(&self) -> Value {
        json!({ "ground": self.ground, "reason_kk": self.reason_kk, "reason_ru": self.reason_ru })
    }
}

/// Evidence that officers verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Evidence {
    /// The decision on departure for permanent residence
    DepartureDecision,
    /// The identity document
    IdentityDocument,
    /// The proof of a representative's right
    RepresentationProof,
    /// The document that shows the ground of de-registration
    DeregistrationProof,
}

impl Evidence {
    const fn as_str(self) -> &'static str {
        match self {
            Self::DepartureDecision => "DEPARTURE_DECISION",
            Self::IdentityDocument => "IDENTITY_DOCUMENT",
            Self::RepresentationProof => "REPRESENTATION_PROOF",
            Self::DeregistrationProof => "DEREGISTRATION_PROOF",
        }
    }
}

/// Signs the act over the application as it stands, and sends it; or shows what waits.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    if let Command::Queue { mission } = &arguments.command {
        let request = ListQueueRequest { mission: mission.clone(), ..ListQueueRequest::default() };
        let queue =
            arguments.connection.with_client(async |client| Ok(answer(client.reviews().list_queue(request)).await?))?;
        show_queue(&queue.entries, output)?;
        return Ok(Exit::Done);
    }
    let application = arguments.connection.with_client(async |client| act(&client, arguments).await)?;
    if output.format() == Format::Json {
        output.json(&resource::application_json(&application))?;
    } else {
        resource::show_application(&application, output)?;
    }
    Ok(Exit::Done)
}

fn show_queue(entries: &[QueueEntry], output: &mut Output<'_>) -> Result<(), CommandError> {
    let urgency = |entry: &QueueEntry| resource::short(entry.urgency().as_str_name(), "URGENCY_");
    if output.format() == Format::Json {
        let json = |entry: &QueueEntry| {
            let application = entry.application.as_ref().map(resource::application_json);
            json!({ "application": application, "urgency": urgency(entry), "examined_by": entry.examined_by })
        };
        output.json(&Value::Array(entries.iter().map(json).collect()))?;
        return Ok(());
    }
    let rows = entries.iter().map(|entry| {
        let application = entry.application.clone().unwrap_or_default();
        let tone = match entry.urgency() {
            Urgency::Overdue => Tone::Bad,
            Urgency::DueSoon => Tone::Doubtful,
            _ => Tone::Quiet,
        };
        [
            Painted::new(Tone::Strong, application.number.as_str()),
            Painted::new(tone, urgency(entry)),
            resource::short(application.state().as_str_name(), "APPLICATION_STATE_").into(),
            moment(instant(application.due_time.as_ref())).into(),
        ]
    });
    output.list(["number", "urgency", "state", "due by"], rows.collect())?;
    Ok(())
}

impl Command {
    /// The application, the act's name and its decision.
    fn act(&self) -> Result<(&str, ActName, Value), CommandError> {
        Ok(match self {
            Self::Queue { .. } => return Err(CommandError::Usage("the queue is no act".to_owned())),
            Self::Claim { name } => (name, ActName::Claim, json!({ "result": "CLAIMED" })),
            Self::VerifyEvidence { name, evidence, refuted } => {
                let result = if *refuted { "REFUTED" } else { "VERIFIED" };
                (name, ActName::VerifyEvidence, json!({ "result": result, "evidence": evidence.as_str() }))
            }
            Self::Return { name, field, kk, ru } => {
                let remarks = json!([{ "field": field, "kk": kk, "ru": ru }]);
                (name, ActName::Return, json!({ "result": "RETURNED", "remarks": remarks }))
            }
            Self::PreliminaryRefusal { name, grounds, hearing_time, hearing_place } => {
                let hearing = json!({ "time": hearing_time, "place": hearing_place });
                let decision = json!({ "result": "REFUSAL_INTENDED", "grounds": grounds.json(), "hearing": hearing });
                (name, ActName::PreliminaryRefusal, decision)
            }
            Self::RecordHearing { name, protocol, dismissed } => {
                let result = if *dismissed { "OBJECTION_DISMISSED" } else { "OBJECTION_UPHELD" };
                let unusable =
                    |error: &dyn std::error::Error| CommandError::Usage(format!("{}: {error}", protocol.display()));
                let protocol = std::fs::read(protocol).map_err(|error| unusable(&error))?;
                let protocol: Value = serde_json::from_slice(&protocol).map_err(|error| unusable(&error))?;
                (name, ActName::RecordHearing, json!({ "result": result, "protocol": protocol }))
            }
            Self::Refuse { name, grounds } => {
                (name, ActName::Refuse, json!({ "result": "REFUSED", "grounds": grounds.json() }))
            }
            Self::Forward { name, mission } => {
                (name, ActName::Forward, json!({ "result": "FORWARDED", "mission": mission }))
            }
            Self::Approve { name, document } => {
                let mut decision = json!({ "result": "APPROVED" });
                if let Some(document) = document {
                    decision["document"] = json!(document);
                }
                (name, ActName::Approve, decision)
            }
            Self::Withdraw { name } => (name, ActName::Withdraw, json!({ "result": "WITHDRAWN" })),
            Self::WithdrawConsent { name } => {
                (name, ActName::WithdrawConsent, json!({ "result": "CONSENT_WITHDRAWN" }))
            }
        })
    }
}

async fn act(client: &Client, arguments: &Arguments) -> Result<Application, CommandError> {
    let (name, act, decision) = arguments.command.act()?;
    let request = GetApplicationRequest { name: name_of(client, name).await? };
    let seen = answer(client.applications().get_application(request)).await?.application.unwrap_or_default();
    let now = SystemClock::shared().now();
    let document =
        json!({ "act": act.as_str(), "subject": seen.name, "etag": seen.etag, "decision": decision, "time": now });
    let signed_act = sign_act(&arguments.signer, &document)?;
    let request_id = uuid::Uuid::new_v4().to_string();
    let application = send(client, act, request_id, signed_act).await?;
    Ok(application.unwrap_or_default())
}

/// Sends a signed act to the method that it is for.
///
/// # Errors
/// What the service answered instead.
pub async fn send(
    client: &Client,
    act: ActName,
    request_id: String,
    signed_act: Vec<u8>,
) -> Result<Option<Application>, ClientError> {
    let mut reviews = client.reviews();
    Ok(match act {
        ActName::VerifyEvidence => {
            let request = VerifyEvidenceRequest { request_id, signed_act };
            answer(reviews.verify_evidence(request)).await?.application
        }
        ActName::Approve => {
            let request = ApproveApplicationRequest { request_id, signed_act };
            answer(reviews.approve_application(request)).await?.application
        }
        ActName::Claim => {
            let request = ClaimApplicationRequest { request_id, signed_act };
            answer(reviews.claim_application(request)).await?.application
        }
        ActName::Return => {
            let request = ReturnApplicationRequest { request_id, signed_act };
            answer(reviews.return_application(request)).await?.application
        }
        ActName::PreliminaryRefusal => {
            let request = IssuePreliminaryRefusalRequest { request_id, signed_act };
            answer(reviews.issue_preliminary_refusal(request)).await?.application
        }
        ActName::RecordHearing => {
            let request = RecordHearingRequest { request_id, signed_act };
            answer(reviews.record_hearing(request)).await?.application
        }
        ActName::Refuse => {
            let request = RefuseApplicationRequest { request_id, signed_act };
            answer(reviews.refuse_application(request)).await?.application
        }
        ActName::Forward => {
            let request = ForwardApplicationRequest { request_id, signed_act };
            answer(reviews.forward_application(request)).await?.application
        }
        ActName::Withdraw => {
            let request = WithdrawApplicationRequest { request_id, signed_act };
            answer(client.applications().withdraw_application(request)).await?.application
        }
        ActName::WithdrawConsent => {
            let request = WithdrawConsentRequest { request_id, signed_act };
            answer(client.applications().withdraw_consent(request)).await?.application
        }
        // These are done to registrations, in crises and before elections.
        ActName::Deregister
        | ActName::Annul
        | ActName::OpenCrisis
        | ActName::BroadcastCrisis
        | ActName::RecordCrisisReply
        | ActName::CloseCrisis
        | ActName::AnnounceElection => None,
    })
}
