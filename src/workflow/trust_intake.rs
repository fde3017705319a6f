//! Where trust comes from besides administrators: the seed of a first start, and a watched folder of revocation lists.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use tokio::sync::watch;
use tracing::{info, warn};

use super::trust_change::{Act, candidate};
use super::{Refusal, TrustImport, TrustKeeper, TrustReason, Workflow};
use crate::clock::Clock;
use crate::pki::trust::{EntryKind, EntryState, Purpose};
use crate::pki::{pem, sha256};
use crate::store::Store;

/// Largest revocation list read from the folder, in octets.
const LARGEST_LIST: u64 = 512 * 1024 * 1024;

/// What files with revocation lists end in; others, such as half-written ones, are passed over.
const LIST_ENDINGS: [&str; 3] = ["crl", "der", "pem"];

/// The names of the certificates that a first start takes in.
#[derive(Debug, Deserialize)]
pub struct TrustSeed {
    #[serde(default, rename = "certificate")]
    certificates: Vec<SeedRow>,
}

#[derive(Debug, Deserialize)]
struct SeedRow {
    name: String,
    file: String,
    kind: String,
    purposes: Vec<String>,
    sha256: String,
    not_after: DateTime<Utc>,
    #[serde(default)]
    source: Option<String>,
}

/// Why a seed could not be taken in.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The file cannot be read.
    #[error("{0}: {1}")]
    File(PathBuf, #[source] std::io::Error),
    /// The file is not a seed.
    #[error("{0}: {1}")]
    Format(PathBuf, String),
    /// An entry was refused.
    #[error("the certificate {0} is refused: {1}")]
    Entry(String, #[source] Box<Refusal>),
    /// The trust store cannot be changed.
    #[error(transparent)]
    Trust(#[from] Box<Refusal>),
}

/// Where the certificates of a first start come from.
#[derive(Debug, Clone, Copy)]
pub struct SeedSources<'a> {
    /// Names certificates by SHA-256.
    pub names: &'a Path,
    /// Where their files are.
    pub folder: &'a Path,
    /// The roots under which callers' TLS certificates are issued, PEM.
    pub callers: Option<&'a Path>,
}

/// On the first start, takes in the certificates that are named by SHA-256, as far as their files are in the folder, and the roots of
/// callers. Each is checked before the first is written, and all are written in one transaction, so that a first start that fails is
/// repeated whole. Later starts change nothing, since the trust store then has a history of its own, with one exception: where
/// no anchor for callers is in force, so that nobody could get in to bring one, roots of callers that were never known are taken in.
pub async fn seed(
    store: &Store,
    trust: &TrustKeeper,
    clock: &dyn Clock,
    sources: SeedSources<'_>,
) -> Result<(), SeedError> {
    let now = clock.now();
    let current = trust.current();
    let mut imports = if current.revision() == 0 { named(sources, now)? } else { Vec::new() };
    if current.revision() == 0 || !trust.has_anchor(Purpose::Callers, now) {
        let known =
            |sha256: &str| current.entries().iter().any(|entry| hex::encode(entry.certificate.sha256()) == sha256);
        for (sha256, certificate) in roots_of_callers(sources)? {
            match imports.iter_mut().find(|(named, _)| *named == sha256) {
                Some((_, import)) if !import.purposes.contains(&Purpose::Callers) => {
                    import.purposes.push(Purpose::Callers);
                }
                None if !known(&sha256) => imports.push((sha256, of_callers(certificate))),
                Some(_) | None => {}
            }
        }
    }
    let mut entries = Vec::with_capacity(imports.len());
    for (sha256, import) in imports {
        let act = Act { actor: "seed", now, note: import.note.clone() };
        let entry = candidate(&import, EntryState::Active, &act);
        entries.push((entry.map_err(|refusal| SeedError::Entry(sha256, Box::new(refusal)))?, act));
    }
    if entries.is_empty() {
        return Ok(());
    }
    Ok(trust.take_in(store, &entries).await.map_err(Box::new)?)
}

fn of_callers(certificate: Vec<u8>) -> TrustImport {
    TrustImport {
        certificate,
        kind: EntryKind::Anchor,
        purposes: vec![Purpose::Callers],
        trusted_from: None,
        trusted_until: None,
        note: "start: root of callers".to_owned(),
    }
}

/// The roots of callers by their SHA-256, in the order of their file.
fn roots_of_callers(sources: SeedSources<'_>) -> Result<Vec<(String, Vec<u8>)>, SeedError> {
    let Some(file) = sources.callers else { return Ok(Vec::new()) };
    let bytes = std::fs::read(file).map_err(|error| SeedError::File(file.to_owned(), error))?;
    let certificates =
        pem::blocks(bytes, pem::CERTIFICATE).map_err(|error| SeedError::Format(file.to_owned(), error.to_string()))?;
    Ok(certificates.into_iter().map(|der| (hex::encode(sha256(&der)), der)).collect())
}

/// What the seed names and the folder has, by SHA-256.
fn named(sources: SeedSources<'_>, now: DateTime<Utc>) -> Result<Vec<(String, TrustImport)>, SeedError> {
    let SeedSources { names: seed, folder, .. } = sources;
    let text = std::fs::read_to_string(seed).map_err(|error| SeedError::File(seed.to_owned(), error))?;
    let wanted: TrustSeed =
        toml::from_str(&text).map_err(|error| SeedError::Format(seed.to_owned(), error.to_string()))?;
    let found = certificates_in(folder, &wanted).map_err(|error| SeedError::File(folder.to_owned(), error))?;
    let mut imports = Vec::new();
    for row in &wanted.certificates {
        if row.not_after < now {
            info!(name = row.name, "listed for signatures of the past; it has expired and is not taken in");
            continue;
        }
        let Some(certificate) = found.get(&row.sha256) else {
            warn!(name = row.name, sha256 = row.sha256, source = row.source, "the certificate's file is not there");
            continue;
        };
        let format = |what: &str| SeedError::Format(seed.to_owned(), format!("{}: unknown {what}", row.name));
        let purposes: Result<Vec<Purpose>, _> = row.purposes.iter().map(|purpose| purpose.parse()).collect();
        let import = TrustImport {
            certificate: certificate.clone(),
            kind: row.kind.parse().map_err(|_| format("kind"))?,
            purposes: purposes.map_err(|_| format("purpose"))?,
            trusted_from: None,
            trusted_until: None,
            note: format!("first start: {}", row.name),
        };
        imports.push((row.sha256.clone(), import));
    }
    Ok(imports)
}

/// The certificates of a folder by their SHA-256, whatever their files are called, and those at the places that the seed names.
fn certificates_in(folder: &Path, wanted: &TrustSeed) -> Result<HashMap<String, Vec<u8>>, std::io::Error> {
    let mut files: Vec<PathBuf> = wanted.certificates.iter().map(|row| folder.join(&row.file)).collect();
    for file in std::fs::read_dir(folder)? {
        files.push(file?.path());
    }
    let mut found = HashMap::new();
    for file in files.iter().filter(|file| file.is_file()) {
        let bytes = std::fs::read(file)?;
        if let Ok(der) = pem::single(bytes, pem::CERTIFICATE) {
            found.insert(hex::encode(sha256(&der)), der);
        }
    }
    Ok(found)
}

/// A folder into which revocation lists are put. A file is looked at again when it has changed. One that is refused is reported once,
/// and the list held before stays in force; it is looked at again with the next revision of the trust store, which may know
/// its issuer. One that could not be taken in for a passing reason is tried again at every look.
pub struct ListFolder {
    folder: PathBuf,
    /// Taken in, by length and time of the file.
    taken: HashMap<PathBuf, Mark>,
    /// Refused under the revision of `refused_under`.
    refused: HashMap<PathBuf, Mark>,
    refused_under: u64,
}

/// Length and time of a file: what a change of it is told by.
type Mark = (u64, SystemTime);

/// Whether the same list would be refused again until the trust store changes.
fn is_lasting(refusal: &Refusal) -> bool {
    match refusal {
        // A list of the future becomes good by waiting.
        Refusal::TrustChange { reason, .. } => *reason != TrustReason::CrlNotYetValid,
        Refusal::Fields(_) => true,
        _ => false,
    }
}

impl ListFolder {
    /// A folder that nobody has looked into yet.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, taken: HashMap::new(), refused: HashMap::new(), refused_under: 0 }
    }

    /// Looks into the folder every `interval`, until `stop` turns true.
    pub async fn watch(mut self, workflow: Arc<Workflow>, interval: Duration, mut stop: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                _ = stop.changed() => return,
                () = tokio::time::sleep(interval) => {}
            }
            self.look(&workflow).await;
        }
    }

    /// Takes in what is new.
    pub async fn look(&mut self, workflow: &Workflow) {
        let revision = workflow.trust.current().revision();
        if revision != self.refused_under {
            self.refused.clear();
            self.refused_under = revision;
        }
        let changed = match self.changed().await {
            Ok(changed) => changed,
            Err(error) => return warn!(%error, "the folder of revocation lists cannot be read"),
        };
        for (path, mark) in changed {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Ok(bytes) = tokio::fs::read(&path).await else {
                warn!(file = name, "the revocation list cannot be read");
                continue;
            };
            match workflow.import_crl("crl folder", bytes).await {
                Ok((view, revision)) => {
                    info!(file = name, entries = view.list.entry_count(), revision, "revocation list in use");
                    self.taken.insert(path, mark);
                }
                Err(refusal) => {
                    warn!(file = name, %refusal, "revocation list not taken in");
                    if is_lasting(&refusal) {
                        self.refused.insert(path, mark);
                    }
                }
            }
        }
    }

    /// The lists that are new or have another length or time than when they were taken in or refused.
    async fn changed(&self) -> Result<Vec<(PathBuf, Mark)>, std::io::Error> {
        let mut changed = Vec::new();
        let mut files = tokio::fs::read_dir(&self.folder).await?;
        while let Some(file) = files.next_entry().await? {
            let path = file.path();
            let metadata = file.metadata().await?;
            let is_list = path
                .extension()
                .is_some_and(|ending| LIST_ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)));
            if !metadata.is_file() || !is_list || metadata.len() > LARGEST_LIST {
                continue;
            }
            let mark = (metadata.len(), metadata.modified()?);
            if self.taken.get(&path) != Some(&mark) && self.refused.get(&path) != Some(&mark) {
                changed.push((path, mark));
            }
        }
        Ok(changed)
    }
}
