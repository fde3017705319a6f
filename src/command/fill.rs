//! `consular sandbox fill`: a register of the size it will have, to measure it and to look at it.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::failure::{CommandError, Exit};
use super::output::{Format, Output, Tone};
use super::settings_file::SettingsFile;
use crate::clock::SystemClock;
use crate::cms::{SigningKey, sign_attached};
use crate::pki::trust::{PurposeSet, TrustEntry};
use crate::pki::{Certificate, CertificateRevocationList, TrustStore, pem};
use crate::registration::form::Kind;
use crate::registration::mission::Missions;
use crate::sandbox::{Authority, Form, LoadIssuer};
use crate::server::open_store;
use crate::signature::{SignatureInput, ValidationPolicy, validate};
use crate::store::{ReportRecord, id_at};
use crate::workflow::Crowd;

/// Said to have filed the applications.
const CALLER: &str = "sandbox";

/// The first person of the crowd: those before may be minted certificates and file themselves.
const FIRST: u32 = 18_000;

/// Arguments of `sandbox fill`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// How many registrations
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=9_000_000))]
    registrations: u32,
    /// How many applications wait for officers besides
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    waiting: u32,
    /// Pass over so many persons of the crowd: those whom a former fill has registered
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=9_000_000))]
    after: u32,
    /// The authority's folder; its database, or the one that the settings name
    #[arg(long, value_name = "DIR", default_value = "sandbox")]
    sandbox: PathBuf,
    #[command(flatten)]
    settings: SettingsFile,
}

/// Writes the histories.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let failed = |error: &dyn std::error::Error| CommandError::Failed(error.to_string());
    let settings = arguments.settings.read()?.for_sandbox(&arguments.sandbox);
    let authority = Authority::open(&arguments.sandbox).map_err(|error| CommandError::Usage(error.to_string()))?;
    let now = SystemClock::shared().now();
    let report = report(&authority, now).map_err(|error| failed(error.as_ref()))?;
    let Arguments { registrations, waiting, after, .. } = *arguments;
    let first = FIRST + after;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = open_store(&settings).await?;
        store.migrate().await.map_err(|error| failed(&error))?;
        let crowd = Crowd { store, missions: Missions::sample(), caller: CALLER.to_owned(), report, now };
        let mut shown = Ok(());
        let told = |done| {
            if shown.is_ok() {
                shown = output.progress(&format!("registering {done}/{registrations}"));
            }
        };
        crowd.register(first, registrations, told).await.map_err(|error| failed(&error))?;
        shown?;
        output.progress_done()?;
        crowd.wait(first + registrations, waiting).await.map_err(|error| failed(&error))?;
        Ok::<_, CommandError>(())
    })?;
    if output.format() == Format::Json {
        output.json(
            &json!({ "registrations": registrations, "waiting": waiting, "next": after + registrations + waiting }),
        )?;
    } else {
        let done = output.paint(Tone::Good, "✔");
        output.line(format_args!("{done} {registrations} citizens are registered, {waiting} applications wait"))?;
        output.note(&format!("More of them: --after {}", after + registrations + waiting))?;
    }
    Ok(Exit::Done)
}

/// The report on a signature of the crowd's key: what every application of the crowd would have.
fn report(authority: &Authority, now: DateTime<Utc>) -> Result<ReportRecord, Box<dyn std::error::Error>> {
    let batch = authority.mint_many(1, LoadIssuer::Quick, now)?;
    let citizen = batch.citizens.first().ok_or("nobody was certified")?;
    let content = Form::fresh(&citizen.person, Kind::Temporary, now)?.to_json()?;
    let certificate = Certificate::from_der(&citizen.certificate)?;
    let signature = sign_attached(&SigningKey::from_bytes(&batch.key)?, &certificate, &[], &content, now)?;
    let trusted = |file: &str| -> Result<Certificate, Box<dyn std::error::Error>> {
        let der = pem::single(std::fs::read(authority.path(file))?, pem::CERTIFICATE)?;
        Ok(Certificate::from_der(&der)?)
    };
    let list = CertificateRevocationList::from_der(std::fs::read(authority.path("crls/rsa-load.crl"))?)?;
    let entries = vec![
        TrustEntry::anchor(trusted("roots/rsa.crt")?, PurposeSet::ALL),
        TrustEntry::intermediate(trusted("intermediates/rsa-load.crt")?, PurposeSet::ALL),
    ];
    let trust = TrustStore::new(1, entries, vec![(Arc::new(list), PurposeSet::ALL)]);
    let input = SignatureInput { signature: &signature, content: None, certificates: &[], crls: &[], ocsps: &[] };
    let report = validate(&input, &ValidationPolicy::national(), &trust, now)?.report;
    Ok(ReportRecord {
        id: id_at(now),
        indication: report.conclusion.indication().to_owned(),
        sub_indication: report.conclusion.sub_indication().map(str::to_owned),
        trust_store_revision: 1,
        policy: format!("{} {}", report.policy.id, report.policy.version),
        engine: report.engine_version.clone(),
        requested_by: CALLER.to_owned(),
        created_at: now,
        report: report.to_json()?.into_bytes(),
    })
}
