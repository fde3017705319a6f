//! The composition root: settings in, a running service out. The only place that knows all rooms.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use ring::hkdf;
use tokio::sync::watch;
use tracing::{info, warn};

use crate::clock::{Clock, SandboxClock, SharedClock, SystemClock};
use crate::cms::SigningKey;
use crate::config::{Plaintext, Problem, Settings};
use crate::documents::{KeySeal, Renderer};
use crate::grpc::callers::CallerTable;
use crate::grpc::personal_reads::SharedTrail;
use crate::grpc::{self, Conditions, Health, Limits, Listener, ListenerError, Security};
use crate::pki::{Certificate, pem};
use crate::registration::IdentifierPolicy;
use crate::registration::mission::Missions;
use crate::sandbox::Authority;
use crate::store::{Store, StoreKeys, StoreOptions};
use crate::workflow::{
    ListFolder, OfficerTable, Parts, SeedSources, SharedMissions, SharedOfficers, TrustKeeper, Workflow,
    follow_missions, run_consultations, run_outbox, run_retention, seed, seed_missions,
};

mod registers;
mod trust_in_force;

use registers::state_registers;
use trust_in_force::{Tls, follow_trust, tell_health};

/// How often the tables of callers and officers are looked at.
const TABLE_INTERVAL: Duration = Duration::from_secs(5);

/// Why the service did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Settings are missing or contradict each other; each is named.
    #[error("settings are missing or wrong: {}", named(.0))]
    Settings(Vec<Problem>),
    /// A file cannot be used.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    /// The trust store cannot be read or seeded.
    #[error("trust store: {0}")]
    Trust(String),
    /// The missions cannot be read or seeded.
    #[error("missions: {0}")]
    Missions(String),
    /// The address cannot be listened on.
    #[error("{0}; another address: `listen` in the settings file, or CONSULAR_LISTEN=HOST:PORT")]
    Listener(#[from] ListenerError),
    /// The transport failed.
    #[error("{0}")]
    Transport(String),
    /// Something of the program itself does not work.
    #[error("{0}")]
    Internal(String),
}

/// A service that has started and listens.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Ends when the service has ended.
    pub ended: tokio::task::JoinHandle<Result<(), ServerError>>,
    stop: watch::Sender<bool>,
}

impl Running {
    /// Asks the service to stop, and waits until it has.
    pub async fn stop(self) -> Result<(), ServerError> {
        self.stop.send_replace(true);
        self.ended.await.map_err(|error| ServerError::Internal(error.to_string()))?
    }

    /// A handle that asks the service to stop.
    pub fn stopper(&self) -> watch::Sender<bool> {
        self.stop.clone()
    }
}

/// Starts the service. With `sandbox` it runs over that authority's folder: plaintext on loopback, a clock that may be set, test identifiers accepted.
pub async fn start(settings: Settings, sandbox: Option<Authority>) -> Result<Running, ServerError> {
    let problems = match &sandbox {
        None => settings.problems(),
        Some(_) => settings.register_problems(Plaintext::OnLoopback),
    };
    if !problems.is_empty() {
        return Err(ServerError::Settings(problems));
    }
    run(settings, sandbox.map(|authority| (authority, SandboxClock::new()))).await
}

/// Starts the service over a sandbox authority's folder at another time than the machine's.
pub async fn start_sandbox_at(
    settings: Settings,
    authority: Authority,
    time: DateTime<Utc>,
) -> Result<Running, ServerError> {
    run(settings, Some((authority, SandboxClock::starting_at(time)))).await
}

async fn run(settings: Settings, sandbox: Option<(Authority, SandboxClock)>) -> Result<Running, ServerError> {
    let (sandbox, sandbox_clock) = sandbox.map(|(authority, clock)| (authority, Arc::new(clock))).unzip();
    let clock: SharedClock = match &sandbox_clock {
        Some(clock) => Arc::<SandboxClock>::clone(clock),
        None => SystemClock::shared(),
    };
    let keys = Keys::of(&settings)?;
    let store = open(&settings, &keys).await?;
    if sandbox.is_some() {
        store.migrate().await?;
    }
    let trust = TrustKeeper::load(store.clone()).await.map_err(|error| ServerError::Trust(error.to_string()))?;
    seed(&store, &trust, clock.as_ref(), sources(&settings))
        .await
        .map_err(|error| ServerError::Trust(error.to_string()))?;
    let trust = Arc::new(trust);

    let registers = state_registers(&settings)?;
    let missions =
        seed_missions(&store, clock.now()).await.map_err(|error| ServerError::Missions(error.to_string()))?;
    let missions = Arc::new(ArcSwap::from_pointee(missions));
    let officers = Arc::new(ArcSwap::from_pointee(officers_of(settings.officers_file.as_deref(), &missions.load())?));
    let workflow = Arc::new(Workflow::new(Parts {
        store: store.clone(),
        clock: clock.clone(),
        trust: Arc::clone(&trust),
        officers: Arc::clone(&officers),
        missions: Arc::clone(&missions),
        renderer: Arc::new(Renderer::new().map_err(|error| ServerError::Internal(error.to_string()))?),
        seal: Arc::new(seal(&settings)?),
        audience: settings.audience.clone(),
        identifiers: if sandbox.is_some() { IdentifierPolicy::AcceptNationalTest } else { IdentifierPolicy::Strict },
        verification_url: settings.verification_url.clone(),
        verification_key: keys.verification,
        registers: registers.clone(),
        sandbox: sandbox_clock.clone(),
    }));

    let callers = Arc::new(ArcSwap::from_pointee(callers(settings.callers_file.as_deref())?));
    let tls = match &sandbox {
        Some(_) => None,
        None => Some(Tls::new(&settings, &trust.current(), &clock)?),
    };
    let security = tls.as_ref().map_or(Security::PlaintextSandbox, |tls| Security::Tls(tls.shared()));
    let listener = Listener::bind(settings.listen, security).await?;
    let address = listener.local_address();

    let (stop, stopped) = watch::channel(false);
    let health = Health::starting().await;
    tell_health(&health, &trust, clock.now()).await;
    tokio::spawn(Arc::clone(&trust).follow(stopped.clone()));
    tokio::spawn(follow_trust(Arc::clone(&trust), health.clone(), tls, clock.clone(), stopped.clone()));
    tokio::spawn(follow_missions(store.clone(), Arc::clone(&missions), stopped.clone()));
    follow_tables(&settings, &callers, (&officers, missions), &stopped);
    if let (Some(authority), Some(clock)) = (sandbox, sandbox_clock) {
        renew_lists(authority.dir().to_owned(), clock.now()).await;
        tokio::spawn(renew_lists_on_time(authority.dir().to_owned(), clock, stopped.clone()));
    }
    if let Some(folder) = settings.crl_dir.clone() {
        let interval = Duration::from_secs(settings.crl_dir_interval_seconds.max(1));
        let mut lists = ListFolder::new(folder);
        // Before the first call: what is there already shall not be missing from the first verdict.
        lists.look(&workflow).await;
        tokio::spawn(lists.watch(Arc::clone(&workflow), interval, stopped.clone()));
    }
    tokio::spawn(run_retention(Arc::clone(&workflow), stopped.clone()));
    let mut workers: Vec<_> = (0..settings.outbox_workers)
        .map(|_| tokio::spawn(run_outbox(Arc::clone(&workflow), stopped.clone())))
        .collect();
    if !registers.is_empty() {
        let consulting = || tokio::spawn(run_consultations(Arc::clone(&workflow), stopped.clone()));
        workers.extend((0..settings.outbox_workers).map(|_| consulting()));
    }

    let limits = Limits {
        message_octets: settings.max_message_bytes,
        connections: settings.max_connections,
        connection_age: Duration::from_secs(settings.max_connection_age_seconds),
        drain_time: Duration::from_secs(settings.drain_seconds),
        ..Limits::default()
    };
    let trail = SharedTrail::new(Arc::clone(&workflow));
    let conditions = Conditions { callers, health, trail, limits };
    let mut stopping = stopped;
    let ended = tokio::spawn(async move {
        let wait = async move {
            // The sender gone means the same.
            let _ = stopping.wait_for(|stop| *stop).await;
        };
        let served = grpc::serve(listener, workflow, conditions, wait).await;
        for worker in workers {
            // The job in hand is finished; what is left stays in the outbox.
            let _ = worker.await;
        }
        served.map_err(|error| ServerError::Transport(error.to_string()))
    });
    info!(%address, "listening");
    Ok(Running { address, ended, stop })
}

/// Opens the database of these settings, migrated or not.
pub async fn open_store(settings: &Settings) -> Result<Store, ServerError> {
    open(settings, &Keys::of(settings)?).await
}

async fn open(settings: &Settings, keys: &Keys) -> Result<Store, ServerError> {
    let options = StoreOptions { readers: settings.database_connections, ..StoreOptions::default() };
    Ok(Store::open(&settings.database_url, &keys.store, &options).await?)
}

/// The keys that everything stored rests on, derived from one master key (RFC 5869).
struct Keys {
    store: StoreKeys,
    verification: [u8; 32],
}

impl Keys {
    fn of(settings: &Settings) -> Result<Self, ServerError> {
        Self::read(required(settings.storage_key_file.as_deref(), "storage_key_file")?)
    }

    fn read(file: &Path) -> Result<Self, ServerError> {
        let text = read_text(file)?;
        let wrong = || ServerError::File { path: file.to_owned(), reason: "has to hold 64 hexadecimal digits".into() };
        let master: [u8; 32] = hex::decode(text.trim()).ok().and_then(|key| key.try_into().ok()).ok_or_else(wrong)?;
        let derived = hkdf::Salt::new(hkdf::HKDF_SHA256, b"consular registration, storage keys").extract(&master);
        let key = |name: &[u8]| -> Result<[u8; 32], ServerError> {
            let mut out = [0; 32];
            let info = [name];
            let made = derived.expand(&info, hkdf::HKDF_SHA256).and_then(|okm| okm.fill(&mut out));
            made.map(|()| out).map_err(|_| ServerError::Internal("keys cannot be derived".into()))
        };
        Ok(Self {
            store: StoreKeys { sealing: key(b"sealing")?, index: key(b"index")? },
            verification: key(b"verification")?,
        })
    }
}

fn sources(settings: &Settings) -> SeedSources<'_> {
    SeedSources {
        names: &settings.trust_seed_file,
        folder: &settings.trust_certificates_dir,
        callers: settings.callers_trust_file.as_deref(),
    }
}

/// Follows both tables, until `stop` turns true.
fn follow_tables(
    settings: &Settings,
    callers: &grpc::callers::SharedCallers,
    (officers, missions): (&SharedOfficers, SharedMissions),
    stop: &watch::Receiver<bool>,
) {
    if let Some(file) = settings.callers_file.clone() {
        let parsed = |text: &str| CallerTable::from_toml(text).map_err(|error| error.to_string());
        tokio::spawn(follow_table("callers", file, Arc::clone(callers), parsed, stop.clone()));
    }
    if let Some(file) = settings.officers_file.clone() {
        let parsed = move |text: &str| officer_table(text, &missions.load());
        tokio::spawn(follow_table("officers", file, Arc::clone(officers), parsed, stop.clone()));
    }
}

/// Takes over a changed table of callers or officers; a table that cannot be read changes nothing.
async fn follow_table<T>(
    table: &'static str,
    file: PathBuf,
    shared: Arc<ArcSwap<T>>,
    parsed: impl Fn(&str) -> Result<T, String>,
    mut stop: watch::Receiver<bool>,
) {
    let (mut last, mut refused) = (read_text(&file).unwrap_or_default(), String::new());
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            () = tokio::time::sleep(TABLE_INTERVAL) => {}
        }
        let Ok(text) = read_text(&file) else { continue };
        if text == last {
            continue;
        }
        match parsed(&text) {
            Ok(changed) => {
                info!(table, "changed table taken over");
                shared.store(Arc::new(changed));
                last = text;
            }
            // Tried again: it may become usable by what changes elsewhere. Told once.
            Err(error) if text != refused => {
                warn!(table, error, "the changed table cannot be used; the former one stays in force");
                refused = text;
            }
            Err(_) => {}
        }
    }
}

/// The sandbox authority issues its lists anew from time to time and when its clock was set, as a real authority does.
async fn renew_lists_on_time(folder: PathBuf, clock: Arc<SandboxClock>, mut stop: watch::Receiver<bool>) {
    let mut changed = clock.changed();
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            _ = changed.changed() => {}
            () = tokio::time::sleep(Duration::from_hours(6)) => {}
        }
        renew_lists(folder.clone(), clock.now()).await;
    }
}

async fn renew_lists(folder: PathBuf, now: DateTime<Utc>) {
    // Opened anew each time: another process may have revoked something meanwhile.
    let renewed = tokio::task::spawn_blocking(move || Authority::open(&folder)?.renew_crls(now)).await;
    if let Ok(Err(error)) = renewed {
        warn!(%error, "the sandbox authority cannot issue its lists");
    }
}

fn seal(settings: &Settings) -> Result<KeySeal, ServerError> {
    let key_file = required(settings.seal_key_file.as_deref(), "seal_key_file")?;
    let certificate_file = required(settings.seal_certificate_file.as_deref(), "seal_certificate_file")?;
    let wrong = |path: &Path, reason: String| ServerError::File { path: path.to_owned(), reason };
    let key = SigningKey::from_bytes(&read(key_file)?).map_err(|error| wrong(key_file, error.to_string()))?;
    let chain = pem::blocks(read(certificate_file)?, pem::CERTIFICATE)
        .map_err(|error| wrong(certificate_file, error.to_string()))?;
    let mut chain = chain.iter().map(|der| Certificate::from_der(der));
    let certificate = chain.next().ok_or_else(|| wrong(certificate_file, "holds no certificate".into()))?;
    let certificate = certificate.map_err(|error| wrong(certificate_file, error.to_string()))?;
    let above = chain.collect::<Result<Vec<_>, _>>().map_err(|error| wrong(certificate_file, error.to_string()))?;
    KeySeal::new(key, certificate, above).map_err(|error| wrong(key_file, error.to_string()))
}

/// The officers of these settings; none without the file. Whether their missions exist is for the caller to ask.
pub fn officers(settings: &Settings) -> Result<OfficerTable, ServerError> {
    let Some(file) = settings.officers_file.as_deref() else { return Ok(OfficerTable::default()) };
    OfficerTable::from_toml(&read_text(file)?).map_err(|reason| ServerError::File { path: file.to_owned(), reason })
}

fn officers_of(file: Option<&Path>, missions: &Missions) -> Result<OfficerTable, ServerError> {
    let Some(file) = file else { return Ok(OfficerTable::default()) };
    officer_table(&read_text(file)?, missions).map_err(|reason| ServerError::File { path: file.to_owned(), reason })
}

/// A table of officers, each at a mission in force.
fn officer_table(text: &str, missions: &Missions) -> Result<OfficerTable, String> {
    let table = OfficerTable::from_toml(text)?;
    let faults = table.faults(missions);
    if faults.is_empty() { Ok(table) } else { Err(faults.join("; ")) }
}

fn callers(file: Option<&Path>) -> Result<CallerTable, ServerError> {
    let text = file.map(read_text).transpose()?.unwrap_or_default();
    CallerTable::from_toml(&text).map_err(|error| ServerError::File {
        path: file.map(Path::to_owned).unwrap_or_default(),
        reason: error.to_string(),
    })
}

fn named(problems: &[Problem]) -> String {
    let one = |problem: &Problem| format!("{} {}", problem.setting, problem.explanation);
    problems.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn required<'a>(value: Option<&'a Path>, setting: &'static str) -> Result<&'a Path, ServerError> {
    value.ok_or_else(|| not_set(setting))
}

/// A setting that is needed and missing.
pub fn not_set(setting: &'static str) -> ServerError {
    ServerError::Settings(vec![Problem { setting, explanation: "is not set".into() }])
}

fn read(file: &Path) -> Result<Vec<u8>, ServerError> {
    std::fs::read(file).map_err(|error| ServerError::File { path: file.to_owned(), reason: error.to_string() })
}

fn read_text(file: &Path) -> Result<String, ServerError> {
    std::fs::read_to_string(file)
        .map_err(|error| ServerError::File { path: file.to_owned(), reason: error.to_string() })
}
