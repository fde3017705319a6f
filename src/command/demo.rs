//! `consular demo`: the main job on an embedded database and a sandbox authority, over gRPC.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::application::{Until, follow};
use super::document::{Saved, fetch, listed, openssl_command};
use super::failure::{CommandError, Exit, read, write};
use super::material;
use super::output::{Format, Output, Painted, Tone};
use super::sandbox::open_or_mint;
use super::scenario;
use crate::clock::SystemClock;
use crate::cms::sign_attached;
use crate::config::Settings;
use crate::grpc::client::{Client, Target, answer};
use crate::grpc::proto::submit_application_request::Signed;
use crate::grpc::proto::{
    Application, ApplicationState, DocumentKind, ListNotificationsRequest, Notification, SubmitApplicationRequest,
    WatchApplicationRequest,
};
use crate::pki::TrustStore;
use crate::pki::trust::{Purpose, TrustEntry};
use crate::registration::form::Kind;
use crate::sandbox::{Authority, Form, Person, Strength};
use crate::server::{Running, start};
use crate::signature::{Conclusion, RevocationMode, SignatureInput, ValidationPolicy, validate};

/// The citizen of the demonstration.
const CITIZEN: &str = "assel";

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where the sandbox, the signed application and the document are put
    #[arg(long, value_name = "DIR", default_value = "demo-output")]
    out: PathBuf,
    /// Play scenarios of the procedure instead and compare what is seen with what must be seen: `all` that ship, a file, or a folder of files
    #[arg(long, value_name = "all|FILE|DIR", num_args = 1..)]
    scenario: Vec<String>,
}

/// What the demonstration saw.
struct Seen {
    application: Application,
    notification: Notification,
    document: Saved,
    seal: Conclusion,
}

/// Does the main job; exit 0 only when all of it held.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    if !arguments.scenario.is_empty() {
        return scenario::run(&arguments.scenario, &arguments.out, output);
    }
    let sandbox = arguments.out.join("sandbox");
    fs::create_dir_all(&arguments.out)
        .map_err(|cause| CommandError::Unwritable { path: arguments.out.clone(), cause })?;
    let authority = open_or_mint(&sandbox, Strength::National, output)?;
    let settings = Settings { listen: ([127, 0, 0, 1], 0).into(), ..Settings::default() }.for_sandbox(&sandbox);
    // The citizen registers for the first time in every demonstration.
    for ending in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(sandbox.join(format!("consular.sqlite{ending}")));
    }
    let root = authority.path("roots/rsa.crt");

    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let seen = runtime.block_on(async {
        let signed = sign(&authority, &arguments.out)?;
        let running = start(settings, Some(authority)).await?;
        let seen = main_job(&running, signed, &arguments.out, &root, output).await;
        running.stop().await?;
        seen
    })?;
    show(&seen, &root, output)?;
    let held = seen.application.state() == ApplicationState::Completed && seen.seal.is_passed();
    Ok(if held { Exit::Done } else { Exit::Refused })
}

/// Fills in a form and signs it as the citizen's own software would.
fn sign(authority: &Authority, out: &Path) -> Result<Vec<u8>, CommandError> {
    let failed = |error: String| CommandError::Failed(error);
    let now = SystemClock::shared().now();
    let person =
        Person::citizen(CITIZEN, authority.minted()).ok_or_else(|| failed("the sandbox has no such citizen".into()))?;
    let form = Form::fresh(&person, Kind::Temporary, now).map_err(|error| failed(error.to_string()))?;
    let content = form.to_json().map_err(|error| failed(error.to_string()))?;
    let key = authority.path(&format!("citizens/{CITIZEN}.key"));
    let holder = material::signer(&key, &authority.path(&format!("citizens/{CITIZEN}.crt")))?;
    let signed = sign_attached(&holder.key, &holder.certificate, &holder.chain, &content, now)
        .map_err(|error| failed(error.to_string()))?;
    write(&out.join("application.json"), &content)?;
    write(&out.join("application.cms"), &signed)?;
    Ok(signed)
}

async fn main_job(
    running: &Running,
    signed: Vec<u8>,
    out: &Path,
    root: &Path,
    output: &mut Output<'_>,
) -> Result<Seen, CommandError> {
    let client = Client::connect(&Target::plaintext(format!("http://{}", running.address))).await?;
    let request = SubmitApplicationRequest {
        request_id: uuid::Uuid::new_v4().to_string(),
        validate_only: false,
        signed: Some(Signed::SignedApplication(signed)),
    };
    let accepted = answer(client.applications().submit_application(request)).await?.application.unwrap_or_default();
    output.progress(&format!("{} accepted, waiting for the decision", accepted.number))?;
    let watch = WatchApplicationRequest { name: accepted.name.clone(), resume_token: String::new() };
    let application = follow(&client, watch, Until::SomebodyHasToAct, |_| Ok(())).await?.unwrap_or(accepted);
    output.progress_done()?;

    let list = ListNotificationsRequest { parent: application.name.clone(), page_size: 0, page_token: String::new() };
    let notifications = answer(client.notifications().list_notifications(list)).await?.notifications;
    let notification = notifications.into_iter().next().unwrap_or_default();
    // Beside the receipt there is the one that the application ended with.
    let documents = listed(&client, &application.name).await?;
    let issued = documents.into_iter().find(|document| document.kind() != DocumentKind::Receipt);
    let issued = issued.ok_or_else(|| CommandError::Failed("no document was issued".into()))?;
    let document = fetch(&client, &issued.name, out).await?.into_iter().next();
    let document = document.ok_or_else(|| CommandError::Failed("no document was issued".into()))?;
    let seal = judge_seal(&document, root)?;
    Ok(Seen { application, notification, document, seal })
}

/// Validates the seal over the saved PDF with nothing but the sandbox root, as anybody may.
fn judge_seal(document: &Saved, root: &Path) -> Result<Conclusion, CommandError> {
    let anchors = material::certificates(root)?;
    let entries = anchors.into_iter().map(|anchor| TrustEntry::anchor(anchor, Purpose::Applicants.into())).collect();
    let trust = TrustStore::new(0, entries, Vec::new());
    let policy = ValidationPolicy::national().with_revocation(RevocationMode::None);
    let (pdf, seal) = (read(&document.pdf)?, read(&document.seal)?);
    let input = SignatureInput { signature: &seal, content: Some(&pdf), certificates: &[], crls: &[], ocsps: &[] };
    let now = SystemClock::shared().now();
    let validation = validate(&input, &policy, &trust, now).map_err(|error| CommandError::Failed(error.to_string()))?;
    Ok(validation.report.conclusion)
}

fn show(seen: &Seen, root: &Path, output: &mut Output<'_>) -> Result<(), CommandError> {
    let state = seen.application.state().as_str_name().trim_start_matches("APPLICATION_STATE_");
    if output.format() == Format::Json {
        output.json(&json!({
            "application": seen.application.name,
            "number": seen.application.number,
            "state": state,
            "notification": { "subject": seen.notification.subject, "body": seen.notification.body },
            "document": seen.document.document.number,
            "pdf": seen.document.pdf,
            "seal": seen.document.seal,
            "seal_conclusion": seen.seal.to_string(),
            "verify_command": openssl_command(&seen.document, Some(root)),
        }))?;
        return Ok(());
    }
    let tone = if state == "COMPLETED" { Tone::Good } else { Tone::Bad };
    let seal_tone = if seen.seal.is_passed() { Tone::Good } else { Tone::Bad };
    output.facts([
        ("application", Painted::from(seen.application.number.as_str())),
        ("state", Painted::new(tone, state)),
        ("document", Painted::from(seen.document.pdf.display().to_string())),
        ("seal", Painted::from(seen.document.seal.display().to_string())),
        ("seal is", Painted::new(seal_tone, seen.seal.to_string())),
    ])?;
    output.gap()?;
    output.heading(&seen.notification.subject)?;
    output.line(&seen.notification.body)?;
    output.gap()?;
    output.note("Verify the seal with OpenSSL:")?;
    output.line(format_args!("   {}", openssl_command(&seen.document, Some(root))))?;
    Ok(())
}
