//! The manifest, and the files that its cases name.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::pki::trust::{PurposeSet, TrustEntry, TrustStore};
use crate::pki::{Certificate, CertificateRevocationList, OcspResponse};

/// The one format that is read.
const FORMAT: &str = "suites-manifest/1";
/// When a case that names no time is judged.
const DEFAULT_TIME: DateTime<Utc> = DateTime::from_timestamp(1_780_272_000, 0).expect("2026-06-01");

/// Why a manifest cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The file cannot be read.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
    /// It is not a manifest.
    #[error("{}: not a manifest: {explanation}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        explanation: String,
    },
}

/// What a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A certification path, with revocation lists where the case demands them.
    Path,
    /// The status of a certificate by one list, or a list's form.
    Crl,
    /// A CMS message.
    Cms,
    /// An OCSP response.
    Ocsp,
    /// A time-stamp token.
    Tsp,
    /// Vectors of a signature algorithm.
    Sig,
}

impl Kind {
    /// Its name in manifests.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Crl => "crl",
            Self::Cms => "cms",
            Self::Ocsp => "ocsp",
            Self::Tsp => "tsp",
            Self::Sig => "sig",
        }
    }
}

/// The verdict of the case's authors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Expected {
    /// Valid.
    Valid,
    /// Not valid.
    Invalid,
    /// Neither; nothing may be called valid.
    Indeterminate,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Many(Vec<String>),
}

/// One case.
#[derive(Debug, Deserialize)]
pub struct Case {
    /// Its name.
    pub id: String,
    /// What it is about.
    pub kind: Kind,
    /// The collection it is from.
    pub suite: String,
    files: HashMap<String, Option<Names>>,
    #[serde(default)]
    trust_anchors: Vec<String>,
    validation_time: Option<DateTime<Utc>>,
    content: Option<String>,
    settings: serde_json::Value,
    /// The verdict of its authors.
    pub expected: Expected,
    /// Why they expect it.
    pub reason: String,
    /// Why another verdict would do as well.
    pub arguable: Option<String>,
}

impl Case {
    /// The time to judge at.
    pub(super) fn time(&self) -> DateTime<Utc> {
        self.validation_time.unwrap_or(DEFAULT_TIME)
    }

    /// The time that the case names.
    pub(super) fn stated_time(&self) -> Option<DateTime<Utc>> {
        self.validation_time
    }

    /// Whether a setting is among its settings.
    pub(super) fn names_setting(&self, setting: &str) -> bool {
        self.settings.get(setting).is_some()
    }

    /// The settings, every one of which `S` knows.
    pub(super) fn settings<S: DeserializeOwned>(&self) -> Result<S, String> {
        S::deserialize(&self.settings).map_err(|error| format!("settings: {error}"))
    }
}

/// A manifest with the folder that its files lie in.
#[derive(Debug)]
pub struct Suites {
    folder: PathBuf,
    cases: Vec<Case>,
}

impl Suites {
    /// Reads a manifest.
    ///
    /// # Errors
    /// [`ManifestError`].
    pub fn open(manifest: &Path) -> Result<Self, ManifestError> {
        #[derive(Deserialize)]
        struct Document {
            format: String,
            cases: Vec<Case>,
        }
        let bytes =
            std::fs::read(manifest).map_err(|cause| ManifestError::File { path: manifest.to_owned(), cause })?;
        let format = |explanation| ManifestError::Format { path: manifest.to_owned(), explanation };
        let document: Document = serde_json::from_slice(&bytes).map_err(|error| format(error.to_string()))?;
        if document.format != FORMAT {
            return Err(format(format!("its format is {}, not {FORMAT}", document.format)));
        }
        let folder = manifest.parent().unwrap_or(Path::new("")).to_owned();
        Ok(Self { folder, cases: document.cases })
    }

    /// The cases in their order.
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        std::fs::read(self.folder.join(name)).map_err(|error| format!("{name}: {error}"))
    }

    /// The files of a role; none when the case has no such role.
    pub(super) fn files(&self, case: &Case, role: &str) -> Result<Vec<Vec<u8>>, String> {
        match case.files.get(role) {
            None | Some(None) => Ok(Vec::new()),
            Some(Some(Names::One(name))) => Ok(vec![self.read(name)?]),
            Some(Some(Names::Many(names))) => names.iter().map(|name| self.read(name)).collect(),
        }
    }

    /// The one file of a role.
    pub(super) fn file(&self, case: &Case, role: &str) -> Result<Vec<u8>, String> {
        match <[Vec<u8>; 1]>::try_from(self.files(case, role)?) {
            Ok([only]) => Ok(only),
            Err(files) => Err(format!("{} files of the role {role}", files.len())),
        }
    }

    /// The detached content.
    pub(super) fn content(&self, case: &Case) -> Result<Option<Vec<u8>>, String> {
        case.content.as_ref().map(|name| self.read(name)).transpose()
    }

    /// The certificates of a role, those that can be read: junk may be among them.
    pub(super) fn certificates(&self, case: &Case, role: &str) -> Result<Vec<Certificate>, String> {
        let files = self.files(case, role)?;
        Ok(files.iter().filter_map(|der| Certificate::from_der(der).ok()).collect())
    }

    /// The revocation lists of a case that can be read, and how many cannot.
    pub(super) fn lists(&self, case: &Case) -> Result<(Vec<Arc<CertificateRevocationList>>, usize), String> {
        let files = self.files(case, "crls")?;
        let count = files.len();
        let lists: Vec<_> =
            files.into_iter().filter_map(|der| CertificateRevocationList::from_der(der).ok().map(Arc::new)).collect();
        let unread = count - lists.len();
        Ok((lists, unread))
    }

    /// The OCSP responses of a case that can be read.
    pub(super) fn responses(&self, case: &Case) -> Result<Vec<Arc<OcspResponse>>, String> {
        let files = self.files(case, "ocsps")?;
        Ok(files.iter().filter_map(|der| OcspResponse::from_der(der).ok().map(Arc::new)).collect())
    }

    /// A store of the case's anchors, trusted for everything.
    pub(super) fn trust(&self, case: &Case) -> Result<TrustStore, String> {
        let anchors = case.trust_anchors.iter().map(|name| self.read(name)).collect::<Result<Vec<_>, _>>()?;
        let anchors = anchors.iter().filter_map(|der| Certificate::from_der(der).ok());
        let entries = anchors.map(|anchor| TrustEntry::anchor(anchor, PurposeSet::ALL)).collect();
        Ok(TrustStore::new(1, entries, Vec::new()))
    }
}
