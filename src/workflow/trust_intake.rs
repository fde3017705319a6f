//! Where trust comes from besides administrators: the seed of a first start, and a watched folder of revocation lists.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use tokio::sync::watch;
use tracing::{info, warn};

use super::submit::sha256;
use super::trust_change::Act;
use super::{Refusal, TrustImport, TrustKeeper, Workflow};
use crate::clock::Clock;
use crate::pki::pem;
use crate::pki::trust::{EntryState, Purpose};
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

/// On the first start, takes in the certificates that `seed` names by SHA-256, as far as their files are in `folder`. Later
/// starts change nothing: the trust store then has a history of its own.
pub async fn seed(
    store: &Store,
    trust: &TrustKeeper,
    clock: &dyn Clock,
    seed: &Path,
    folder: &Path,
) -> Result<(), SeedError> {
    if trust.current().revision() > 0 {
        return Ok(());
    }
    let text = std::fs::read_to_string(seed).map_err(|error| SeedError::File(seed.to_owned(), error))?;
    let wanted: TrustSeed =
        toml::from_str(&text).map_err(|error| SeedError::Format(seed.to_owned(), error.to_string()))?;
    let found = certificates_in(folder, &wanted).map_err(|error| SeedError::File(folder.to_owned(), error))?;
    let now = clock.now();
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
        let act = Act { actor: "seed", now, note: import.note.clone() };
        trust
            .import(store, import, EntryState::Active, &act)
            .await
            .map_err(|refusal| SeedError::Entry(row.name.clone(), Box::new(refusal)))?;
    }
    Ok(())
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

/// A folder into which revocation lists are put. A file is looked at again when it has changed; a file that is refused is
/// reported once, and the list held before stays in force.
pub struct ListFolder {
    folder: PathBuf,
    seen: HashMap<PathBuf, (u64, SystemTime)>,
}

impl ListFolder {
    /// A folder that nobody has looked into yet.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, seen: HashMap::new() }
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
        let changed = match self.changed().await {
            Ok(changed) => changed,
            Err(error) => return warn!(%error, "the folder of revocation lists cannot be read"),
        };
        for path in changed {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Ok(bytes) = tokio::fs::read(&path).await else {
                warn!(file = name, "the revocation list cannot be read");
                continue;
            };
            match workflow.import_crl("crl folder", bytes).await {
                Ok((view, revision)) => {
                    info!(file = name, entries = view.list.entry_count(), revision, "revocation list in use");
                }
                Err(refusal) => warn!(file = name, %refusal, "revocation list not taken in"),
            }
        }
    }

    /// The lists that are new or have another length or time than at the last look.
    async fn changed(&mut self) -> Result<Vec<PathBuf>, std::io::Error> {
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
            if self.seen.insert(path.clone(), mark) != Some(mark) {
                changed.push(path);
            }
        }
        Ok(changed)
    }
}
