//! `consular trust …`: what the service trusts, for which purpose, in which state.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde_json::{Value, json};

use super::connection::Connection;
use super::failure::{CommandError, Exit, read};
use super::material;
use super::output::{Format, Output, Painted, Tone};
use super::resource::{self, moment};
use crate::grpc::client::{Client, answer, instant};
use crate::grpc::proto::{
    ActivateTrustAnchorRequest, CertificateRevocationList, GetTrustStoreRequest, GetTrustStoreResponse,
    ImportTrustAnchorRequest, RetireTrustAnchorRequest, TrustAnchor, TrustEntryKind, TrustPurpose,
};

/// Arguments of `trust`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the certificates trusted and the revocation lists held
    List,
    /// Show one certificate's entry in full
    Show {
        /// trustAnchors/SHA-256; the first eight digits will do
        name: String,
    },
    /// Bring certificates in as PREPARED: known and checked, not used yet
    Import(Import),
    /// Begin to use an entry
    Activate(Change),
    /// Stop using an entry for new signatures
    Retire(Change),
    /// Bring in a certificate revocation list
    ImportCrl {
        /// DER or PEM
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

#[derive(Debug, clap::Args)]
struct Import {
    /// Certificate, DER or PEM; a PEM file may hold several
    file: PathBuf,
    /// Whether paths end at it, or only lead through it
    #[arg(long)]
    kind: Kind,
    /// What to trust it for; may be repeated
    #[arg(long, required = true)]
    purpose: Vec<Purpose>,
    /// Begin to use it at once
    #[arg(long)]
    activate: bool,
    /// Why, for the journal
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
}

#[derive(Debug, clap::Args)]
struct Change {
    /// trustAnchors/SHA-256; the first eight digits will do
    name: String,
    /// The version decided on [default: the present one]
    #[arg(long)]
    etag: Option<String>,
    /// Activate only if this certificate then validates
    #[arg(long, value_name = "FILE")]
    sample: Option<PathBuf>,
    /// Why, for the journal
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// A trust anchor
    Anchor,
    /// An authority's certificate for path building, trusted only by its own path
    Intermediate,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Purpose {
    /// Signatures of applicants and their representatives
    Applicants,
    /// Signatures of consular officers
    Officers,
    /// TLS certificates of calling systems
    Callers,
    /// Time-stamp tokens
    TimeStamps,
}

impl From<Kind> for TrustEntryKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Anchor => Self::Anchor,
            Kind::Intermediate => Self::Intermediate,
        }
    }
}

impl From<Purpose> for TrustPurpose {
    fn from(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Applicants => Self::Applicants,
            Purpose::Officers => Self::Officers,
            Purpose::Callers => Self::Callers,
            Purpose::TimeStamps => Self::TimeStamps,
        }
    }
}

/// Runs the subcommand.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    arguments.connection.with_client(async |client| match &arguments.command {
        Command::List => show_store(&store(&client).await?, output),
        Command::Show { name } => show_entry(&find(&client, name).await?, output),
        Command::Import(import) => bring_in(&client, import, output).await,
        Command::Activate(change) => {
            let entry = find(&client, &change.name).await?;
            let (entry, revision) =
                activate(&client, entry, change.etag.clone(), change.sample.as_deref(), &change.note).await?;
            show_changed(&entry, revision, output)
        }
        Command::Retire(change) => retire(&client, change, output).await,
        Command::ImportCrl { files } => {
            for file in files {
                import_crl(&client, file, output).await?;
            }
            Ok(())
        }
    })?;
    Ok(Exit::Done)
}

async fn store(client: &Client) -> Result<GetTrustStoreResponse, CommandError> {
    Ok(answer(client.trust_anchors().get_trust_store(GetTrustStoreRequest {})).await?)
}

/// The entry whose digest begins as given, if it is the only one.
async fn find(client: &Client, name: &str) -> Result<TrustAnchor, CommandError> {
    const SHORTEST: usize = 8;
    let digits = name.strip_prefix("trustAnchors/").unwrap_or(name).to_ascii_lowercase();
    if digits.len() < SHORTEST {
        return Err(CommandError::Usage(format!(
            "`{name}` is too short; give at least {SHORTEST} digits of the SHA-256"
        )));
    }
    let full = format!("trustAnchors/{digits}");
    let mut found = store(client).await?.trust_anchors.into_iter().filter(|anchor| anchor.name.starts_with(&full));
    match (found.next(), found.next()) {
        (Some(anchor), None) => Ok(anchor),
        (None, _) => {
            Err(CommandError::Failed(format!("the trust store has no entry {name}; `consular trust list` shows them")))
        }
        (Some(_), Some(_)) => Err(CommandError::Usage(format!("several entries begin with {name}; give more digits"))),
    }
}

async fn bring_in(client: &Client, import: &Import, output: &mut Output<'_>) -> Result<(), CommandError> {
    for certificate in material::certificates(&import.file)? {
        let request = ImportTrustAnchorRequest {
            certificate: certificate.der().to_vec(),
            kind: TrustEntryKind::from(import.kind).into(),
            purposes: import.purpose.iter().map(|purpose| TrustPurpose::from(*purpose).into()).collect(),
            note: import.note.clone(),
            ..ImportTrustAnchorRequest::default()
        };
        let response = answer(client.trust_anchors().import_trust_anchor(request)).await?;
        let entry = response.trust_anchor.unwrap_or_default();
        let (entry, revision) = if import.activate {
            activate(client, entry, None, None, &import.note).await?
        } else {
            (entry, response.trust_store_revision)
        };
        show_changed(&entry, revision, output)?;
        if !import.activate && output.format() == Format::Human {
            output.note(&format!("Not used yet: consular trust activate {}", entry.name))?;
        }
    }
    Ok(())
}

async fn activate(
    client: &Client,
    entry: TrustAnchor,
    etag: Option<String>,
    sample: Option<&Path>,
    note: &str,
) -> Result<(TrustAnchor, u64), CommandError> {
    let request = ActivateTrustAnchorRequest {
        name: entry.name,
        etag: etag.unwrap_or(entry.etag),
        sample_certificate: sample.map(read).transpose()?.unwrap_or_default(),
        note: note.to_owned(),
    };
    let response = answer(client.trust_anchors().activate_trust_anchor(request)).await?;
    Ok((response.trust_anchor.unwrap_or_default(), response.trust_store_revision))
}

async fn retire(client: &Client, change: &Change, output: &mut Output<'_>) -> Result<(), CommandError> {
    if change.sample.is_some() {
        return Err(CommandError::Usage("--sample is for activate".to_owned()));
    }
    let entry = find(client, &change.name).await?;
    let etag = change.etag.clone().unwrap_or(entry.etag);
    let request = RetireTrustAnchorRequest { name: entry.name, etag, note: change.note.clone() };
    let response = answer(client.trust_anchors().retire_trust_anchor(request)).await?;
    show_changed(&response.trust_anchor.unwrap_or_default(), response.trust_store_revision, output)
}

async fn import_crl(client: &Client, file: &Path, output: &mut Output<'_>) -> Result<(), CommandError> {
    let pieces = Client::crl_pieces(&read(file)?);
    let response = answer(client.trust_anchors().import_certificate_revocation_list(pieces)).await?;
    let list = response.certificate_revocation_list.unwrap_or_default();
    if output.format() == Format::Json {
        let value = json!({
            "certificate_revocation_list": resource::crl_json(&list),
            "trust_store_revision": response.trust_store_revision,
        });
        output.json(&value)?;
        return Ok(());
    }
    let mark = output.paint(Tone::Good, "✔ in use");
    output.line(format_args!("{mark}  {}", output.paint(Tone::Strong, &list.issuer)))?;
    output.facts([
        ("number", Painted::from(list.number.as_str())),
        ("entries", list.entry_count.to_string().into()),
        ("issued", moment(instant(list.this_update_time.as_ref())).into()),
        ("next by", moment(instant(list.next_update_time.as_ref())).into()),
        ("trust store", format!("revision {}", response.trust_store_revision).into()),
    ])?;
    Ok(())
}

fn show_changed(entry: &TrustAnchor, revision: u64, output: &mut Output<'_>) -> Result<(), CommandError> {
    if output.format() == Format::Json {
        output.json(&json!({ "trust_anchor": resource::anchor_json(entry), "trust_store_revision": revision }))?;
        return Ok(());
    }
    let mark = output.paint(Tone::Good, &format!("✔ {}", resource::anchor_state(entry)));
    output.line(format_args!("{mark}  {}", output.paint(Tone::Strong, &entry.subject)))?;
    output.facts([
        ("name", Painted::from(entry.name.as_str())),
        ("trust store", format!("revision {revision}").into()),
    ])?;
    Ok(())
}

fn show_entry(entry: &TrustAnchor, output: &mut Output<'_>) -> Result<(), CommandError> {
    if output.format() == Format::Json {
        output.json(&resource::anchor_json(entry))?;
        return Ok(());
    }
    output.line(output.paint(Tone::Strong, &entry.subject))?;
    let period = |from, until| match (moment(instant(from)), moment(instant(until))) {
        (from, until) if from.is_empty() && until.is_empty() => String::new(),
        (from, until) if until.is_empty() => format!("from {from}"),
        (from, until) if from.is_empty() => format!("until {until}"),
        (from, until) => format!("{from} – {until}"),
    };
    output.facts([
        ("name", Painted::from(entry.name.as_str())),
        ("state", resource::painted_state(entry)),
        ("kind", resource::anchor_kind(entry).into()),
        ("trusted for", resource::purposes(entry.purposes()).join(", ").into()),
        ("issuer", entry.issuer.as_str().into()),
        ("serial number", entry.serial_number.as_str().into()),
        ("valid", period(entry.not_before_time.as_ref(), entry.not_after_time.as_ref()).into()),
        ("trusted", period(entry.trusted_from_time.as_ref(), entry.trusted_until_time.as_ref()).into()),
        ("changed", moment(instant(entry.update_time.as_ref())).into()),
        ("etag", entry.etag.as_str().into()),
    ])?;
    Ok(())
}

fn show_store(store: &GetTrustStoreResponse, output: &mut Output<'_>) -> Result<(), CommandError> {
    if output.format() == Format::Json {
        output.json(&json!({
            "revision": store.revision,
            "digest": store.digest,
            "trust_anchors": store.trust_anchors.iter().map(resource::anchor_json).collect::<Value>(),
            "certificate_revocation_lists": store.certificate_revocation_lists.iter().map(resource::crl_json).collect::<Value>(),
        }))?;
        return Ok(());
    }
    output.line(output.paint(Tone::Strong, &format!("Trust store, revision {}", store.revision)))?;
    output.line(output.paint(Tone::Quiet, &store.digest))?;
    output.gap()?;
    output.list(
        ["entry", "state", "kind", "trusted for", "until", "subject"],
        store.trust_anchors.iter().map(entry_row).collect(),
    )?;
    if !store.certificate_revocation_lists.is_empty() {
        output.heading("Revocation lists")?;
        let rows = store.certificate_revocation_lists.iter().map(crl_row).collect();
        output.list(["issuer", "state", "number", "entries", "issued", "next by"], rows)?;
    }
    Ok(())
}

fn entry_row(entry: &TrustAnchor) -> [Painted; 6] {
    let digits: String = entry.name.trim_start_matches("trustAnchors/").chars().take(12).collect();
    let until = instant(entry.trusted_until_time.as_ref()).or_else(|| instant(entry.not_after_time.as_ref()));
    [
        Painted::new(Tone::Strong, digits),
        resource::painted_state(entry),
        resource::anchor_kind(entry).into(),
        resource::purposes(entry.purposes()).join("\n").into(),
        until.map(|until| until.format("%Y-%m-%d").to_string()).into(),
        entry.subject.as_str().into(),
    ]
}

fn crl_row(list: &CertificateRevocationList) -> [Painted; 6] {
    let tone = if list.state == "STALE" { Tone::Bad } else { Tone::Good };
    [
        list.issuer.as_str().into(),
        Painted::new(tone, list.state.as_str()),
        list.number.as_str().into(),
        list.entry_count.to_string().into(),
        moment(instant(list.this_update_time.as_ref())).into(),
        moment(instant(list.next_update_time.as_ref())).into(),
    ]
}
