//! The settings: the only place that reads a settings file or the environment.
//!
//! A setting comes from, in rising order: the default below, the settings file (TOML, `--config` or `CONSULAR_CONFIG`), the
//! environment (`CONSULAR_` and the name in capitals). Unknown names in the file are refused, so that a misspelt setting is
//! noticed at the start and not at three in the morning.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

use crate::pki::pem;
use crate::registration::form::{PRODUCTION_AUDIENCE, SANDBOX_AUDIENCE};

/// All settings of the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Address of the gRPC listener.
    pub listen: SocketAddr,
    /// `sqlite://FILE` or `postgres://USER@HOST/DATABASE`.
    pub database_url: String,
    /// Connections for reading (SQLite) or altogether (PostgreSQL).
    pub database_connections: u32,
    /// File of 64 hexadecimal digits: the master key that card data are sealed with and IINs are indexed by.
    pub storage_key_file: Option<PathBuf>,
    /// PEM certificate chain of the TLS listener.
    pub tls_certificate_file: Option<PathBuf>,
    /// PEM private key of the TLS listener.
    pub tls_key_file: Option<PathBuf>,
    /// Table of calling systems.
    pub callers_file: Option<PathBuf>,
    /// Roots under which the TLS certificates of calling systems are issued, PEM: taken in when no anchor for callers is in force.
    pub callers_trust_file: Option<PathBuf>,
    /// Table of consular officers.
    pub officers_file: Option<PathBuf>,
    /// Private key of the electronic seal, PKCS#8.
    pub seal_key_file: Option<PathBuf>,
    /// Certificate of the electronic seal and the certificates above it, PEM.
    pub seal_certificate_file: Option<PathBuf>,
    /// Names of the trust entries that a first start takes in.
    pub trust_seed_file: PathBuf,
    /// Folder with certificates; those that the seed names by SHA-256 are taken in.
    pub trust_certificates_dir: PathBuf,
    /// Folder watched for revocation lists; absent: none is watched.
    pub crl_dir: Option<PathBuf>,
    /// Seconds between two looks into `crl_dir`.
    pub crl_dir_interval_seconds: u64,
    /// The audience that application forms have to name.
    pub audience: String,
    /// Where anyone checks a document; the document's number is appended.
    pub verification_url: String,
    /// Largest gRPC message taken, in octets.
    pub max_message_bytes: usize,
    /// Most connections at one time.
    pub max_connections: usize,
    /// Seconds after which a connection is asked to end, so that load spreads and certificates are looked at again.
    pub max_connection_age_seconds: u64,
    /// Seconds that running calls are given to finish when the service stops.
    pub drain_seconds: u64,
    /// Workers that decide applications and make documents; 0 pauses both (for measuring).
    pub outbox_workers: usize,
    /// The state register of the population: `https://HOST:PORT`; absent: it is not asked.
    pub population_register_address: Option<String>,
    /// The register of identity documents.
    pub document_register_address: Option<String>,
    /// The register of migration decisions.
    pub migration_register_address: Option<String>,
    /// Roots that the registers' TLS certificates are issued under, PEM.
    pub registers_trust_file: Option<PathBuf>,
    /// This service's TLS certificate chain towards the registers, PEM.
    pub registers_certificate_file: Option<PathBuf>,
    /// The private key to it, PEM.
    pub registers_key_file: Option<PathBuf>,
    /// Seconds within which a register has to answer one question.
    pub registers_deadline_seconds: u64,
    /// Log format: `text` or `json`.
    pub log_format: LogFormat,
    /// Log filter in the syntax of `tracing`, for example `info,consular_registration=debug`.
    pub log: String,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines, one object a line.
    Json,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 50051)),
            database_url: "sqlite://consular.sqlite".into(),
            database_connections: 16,
            storage_key_file: None,
            tls_certificate_file: None,
            tls_key_file: None,
            callers_file: None,
            callers_trust_file: None,
            officers_file: None,
            seal_key_file: None,
            seal_certificate_file: None,
            trust_seed_file: "certs/trust-anchors.toml".into(),
            trust_certificates_dir: "certs".into(),
            crl_dir: None,
            crl_dir_interval_seconds: 10,
            audience: PRODUCTION_AUDIENCE.into(),
            verification_url: "https://consular-registration.example/verify/".into(),
            max_message_bytes: 4 * 1024 * 1024,
            max_connections: 1024,
            max_connection_age_seconds: 3600,
            drain_seconds: 30,
            outbox_workers: 2,
            population_register_address: None,
            document_register_address: None,
            migration_register_address: None,
            registers_trust_file: None,
            registers_certificate_file: None,
            registers_key_file: None,
            registers_deadline_seconds: 5,
            log_format: LogFormat::Text,
            log: "info".into(),
        }
    }
}

/// Whether a register may be asked without TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plaintext {
    /// Never.
    Refused,
    /// On this machine alone: the sandbox.
    OnLoopback,
}

/// Why the settings could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the settings cannot be read: {0}")]
pub struct SettingsError(#[from] Box<figment::Error>);

/// One thing that keeps the service from starting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Name of the setting as it stands in the file.
    pub setting: &'static str,
    /// What is wrong and what to do.
    pub explanation: String,
}

impl Settings {
    /// Reads defaults, file and environment. A file that was named has to exist.
    pub fn read(file: Option<&Path>) -> Result<Self, SettingsError> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if let Some(file) = file {
            figment = figment.merge(Toml::file_exact(file));
        }
        // These belong to the command line, which shares the prefix.
        let environment =
            Env::prefixed("CONSULAR_").ignore(&["config", "address", "test_data", "test_postgres", "p12_password"]);
        figment.merge(environment).extract().map_err(|error| SettingsError(Box::new(error)))
    }

    /// These settings over a sandbox authority's folder: its keys, its seal, its tables, its lists; an own database beside them
    /// unless another one is set.
    #[must_use]
    pub fn for_sandbox(mut self, folder: &Path) -> Self {
        let file = |name: &str| folder.join(name);
        if self.database_url == Self::default().database_url {
            self.database_url = format!("sqlite://{}", file("consular.sqlite").display());
        }
        self.audience = SANDBOX_AUDIENCE.into();
        self.storage_key_file = Some(file("storage.key"));
        self.officers_file = Some(file("officers.toml"));
        self.callers_file = Some(file("callers.toml"));
        self.seal_key_file = Some(file("seal/seal.key"));
        self.seal_certificate_file = Some(file("seal/seal.crt"));
        self.trust_seed_file = file("trust.toml");
        self.trust_certificates_dir = folder.into();
        self.crl_dir = Some(file("crls"));
        self.crl_dir_interval_seconds = 1;
        self
    }

    /// Everything that is missing or contradictory for running outside the sandbox: all of it at once.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let required = [
            (
                "storage_key_file",
                &self.storage_key_file,
                "64 hexadecimal digits, for example from `openssl rand -hex 32`",
            ),
            ("tls_certificate_file", &self.tls_certificate_file, "the PEM certificate chain of this server"),
            ("tls_key_file", &self.tls_key_file, "the PEM private key of this server"),
            ("callers_file", &self.callers_file, "the table of systems that may call"),
            ("officers_file", &self.officers_file, "the table of consular officers"),
            ("seal_key_file", &self.seal_key_file, "the private key of the electronic seal"),
            ("seal_certificate_file", &self.seal_certificate_file, "the certificate chain of the electronic seal"),
        ];
        for (setting, value, purpose) in required {
            match value {
                None => problems.push(Problem { setting, explanation: format!("is not set: {purpose}") }),
                Some(file) if !file.is_file() => {
                    problems
                        .push(Problem { setting, explanation: format!("{} is not a file: {purpose}", file.display()) });
                }
                Some(_) => {}
            }
        }
        if !self.trust_seed_file.is_file() {
            problems.push(Problem {
                setting: "trust_seed_file",
                explanation: format!(
                    "{} is not a file: names of the trust anchors of a first start",
                    self.trust_seed_file.display()
                ),
            });
        }
        problems.extend(self.callers_trust_problem());
        problems.extend(self.register_problems(Plaintext::Refused));
        if !(self.database_url.starts_with("sqlite:") || self.database_url.starts_with("postgres:")) {
            problems.push(Problem {
                setting: "database_url",
                explanation: "has to begin with sqlite:// or postgres://".into(),
            });
        }
        if let Some(folder) = &self.crl_dir
            && !folder.is_dir()
        {
            problems.push(Problem { setting: "crl_dir", explanation: format!("{} is not a folder", folder.display()) });
        }
        problems
    }

    /// The same settings with all three registers at one address.
    #[must_use]
    pub fn with_registers_at(mut self, address: &str) -> Self {
        self.population_register_address = Some(address.to_owned());
        self.document_register_address = Some(address.to_owned());
        self.migration_register_address = Some(address.to_owned());
        self
    }

    /// What is wrong with the settings of the registers. They are told who asks about whom: never in plaintext, but on loopback in the sandbox.
    pub fn register_problems(&self, plaintext: Plaintext) -> Vec<Problem> {
        let addresses = [
            ("population_register_address", &self.population_register_address),
            ("document_register_address", &self.document_register_address),
            ("migration_register_address", &self.migration_register_address),
        ];
        let mut problems = Vec::new();
        let set: Vec<_> =
            addresses.iter().filter_map(|(setting, address)| Some((*setting, address.as_deref()?))).collect();
        for (setting, address) in &set {
            let is_allowed = address.starts_with("https://")
                || (plaintext == Plaintext::OnLoopback
                    && address.strip_prefix("http://").is_some_and(|rest| rest.starts_with("127.0.0.1:")));
            if !is_allowed {
                let explanation = format!("{address} has to begin with https:// (http://127.0.0.1: in the sandbox)");
                problems.push(Problem { setting, explanation });
            }
        }
        let is_encrypted = set.iter().any(|(_, address)| address.starts_with("https://"));
        if is_encrypted && self.registers_trust_file.is_none() {
            let explanation = "is not set: the PEM roots that the registers' certificates are issued under".into();
            problems.push(Problem { setting: "registers_trust_file", explanation });
        }
        if self.registers_certificate_file.is_some() != self.registers_key_file.is_some() {
            let explanation = "registers_certificate_file and registers_key_file go together".into();
            problems.push(Problem { setting: "registers_key_file", explanation });
        }
        for (setting, file) in [
            ("registers_trust_file", &self.registers_trust_file),
            ("registers_certificate_file", &self.registers_certificate_file),
            ("registers_key_file", &self.registers_key_file),
        ] {
            if let Some(file) = file.as_ref().filter(|file| !file.is_file()) {
                problems.push(Problem { setting, explanation: format!("{} is not a file", file.display()) });
            }
        }
        if !(1..=30).contains(&self.registers_deadline_seconds) {
            let explanation = "has to be 1 to 30 seconds".into();
            problems.push(Problem { setting: "registers_deadline_seconds", explanation });
        }
        problems
    }

    /// Without a root for callers nobody could ever connect; the national anchors issue to persons and are none.
    fn callers_trust_problem(&self) -> Option<Problem> {
        let purpose = "the PEM roots that callers' TLS certificates are issued under";
        let explanation = match &self.callers_trust_file {
            None if self.seed_names_roots_of_callers() => return None,
            None => format!(
                "is not set, and {} names no certificate for CALLERS: {purpose}",
                self.trust_seed_file.display()
            ),
            Some(file) => match std::fs::read(file).map(|bytes| pem::blocks(bytes, pem::CERTIFICATE)) {
                Ok(Ok(certificates)) if !certificates.is_empty() => return None,
                Ok(_) => format!("{} holds no certificate in PEM: {purpose}", file.display()),
                Err(error) => format!("{} cannot be read ({error}): {purpose}", file.display()),
            },
        };
        Some(Problem { setting: "callers_trust_file", explanation })
    }

    fn seed_names_roots_of_callers(&self) -> bool {
        let Ok(text) = std::fs::read_to_string(&self.trust_seed_file) else { return false };
        let Ok(seed) = toml::from_str::<toml::Table>(&text) else { return false };
        let rows = seed.get("certificate").and_then(toml::Value::as_array);
        rows.into_iter().flatten().any(|row| {
            let purposes = row.get("purposes").and_then(toml::Value::as_array);
            purposes.into_iter().flatten().any(|purpose| purpose.as_str() == Some("CALLERS"))
        })
    }
}
