//! The real thing under the walk: the use cases over a database of their own, a clock that stands still until it is moved, and people who sign.
//!
//! Everybody signs with one ECDSA key under certificates of their own: what is walked through is the procedure, not the signatures.

use std::fmt::Write as _;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use chrono::{DateTime, Days, NaiveDate, Utc};
use consular_registration::clock::Clock;
use consular_registration::cms::{SigningKey, sign_attached};
use consular_registration::documents::{KeySeal, Renderer};
use consular_registration::grpc::failure::Failure;
use consular_registration::grpc::status;
use consular_registration::pki::der::{Tag, write};
use consular_registration::pki::trust::{EntryKind, Purpose};
use consular_registration::pki::{Certificate, Oid};
use consular_registration::registration::IdentifierPolicy;
use consular_registration::registration::form::SANDBOX_AUDIENCE;
use consular_registration::registration::mission::Missions;
use consular_registration::registration::person::Sex;
use consular_registration::sandbox::{Person, iin};
use consular_registration::store::{Store, StoreKeys, StoreOptions};
use consular_registration::workflow::{
    Caller, OfficerTable, Parts, Scope, StateRegisters, TrustChange, TrustImport, TrustKeeper, Workflow, run_outbox,
};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use tempfile::TempDir;
use tokio::sync::watch;
use tonic_types::StatusExt;
use uuid::Uuid;

use super::super::support::pki::{self, Authority, Key, ListTemplate, Template};
use super::calendar::PLACES;

/// How long a job may take before the walk is given up; nothing waits for it to pass.
const PATIENCE: Duration = Duration::from_mins(1);

/// Citizens of the walk.
pub const CITIZENS: usize = 6;

/// The mission of each officer, by its place in [`PLACES`]: Berlin has two.
pub const OFFICERS: [usize; 5] = [0, 0, 1, 2, 3];

/// Who signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signer {
    Citizen(usize),
    Officer(usize),
}

/// A clock that shows what it was last set to.
struct Hand {
    time: Mutex<DateTime<Utc>>,
    changes: watch::Sender<u64>,
}

impl Clock for Hand {
    fn now(&self) -> DateTime<Utc> {
        *self.time.lock().unwrap()
    }

    fn changed(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

/// Certificates and missions, made once for all episodes.
struct Cast {
    key: Vec<u8>,
    root: Certificate,
    list: Vec<u8>,
    citizens: Vec<(Person, Certificate)>,
    officers: Vec<Certificate>,
    officer_table: String,
    missions: Missions,
    renderer: Arc<Renderer>,
}

static CAST: LazyLock<Cast> = LazyLock::new(Cast::new);

impl Cast {
    fn new() -> Self {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new()).unwrap();
        let (from, until) = ("2023-06-01T00:00:00Z", "2029-06-01T00:00:00Z");
        let (name, key) = (pki::name("Walk authority"), Key::generate());
        let certificate = Template::authority(name.clone(), &key).valid(from, until).issue(&key, &name, &key);
        let authority = Authority { name, key, certificate };
        let holder = Key::from_pkcs8(pkcs8.as_ref());
        let mut serial = 0;
        let mut certify = |iin: &str, bin: Option<&str>, roles: &[&[u64]]| {
            serial += 1;
            Template::signer(subject(iin, bin))
                .serial(&[0x20, serial])
                .valid(from, until)
                .with(extended_key_usage(roles))
                .with(pki::authority_key(&authority.key.identifier()))
                .issue(&holder, &authority.name, &authority.key)
        };
        let citizens = (0..CITIZENS).map(citizen).map(|person| {
            let certificate = certify(&person.iin, None, &[&[1, 2, 398, 3, 3, 4, 1, 1]]);
            (person, certificate)
        });
        let citizens = citizens.collect();
        let mut officer_table = String::new();
        let officers = OFFICERS.iter().enumerate().map(|(index, place)| {
            let born = NaiveDate::from_ymd_opt(1970, 1, 1 + u32::try_from(index).unwrap()).unwrap();
            let iin = iin(born, Sex::Male, 10).unwrap();
            let (bin, mission) = (format!("92104000010{place}"), PLACES[*place].code);
            writeln!(officer_table, "[[officer]]\niin = \"{iin}\"\nbin = \"{bin}\"").unwrap();
            writeln!(officer_table, "mission = \"{mission}\"\nroles = [\"OFFICER\"]").unwrap();
            certify(&iin, Some(&bin), &[&[1, 2, 398, 3, 3, 4, 1, 2], &[1, 2, 398, 3, 3, 4, 1, 2, 5]])
        });
        let officers = officers.collect();
        let list =
            ListTemplate { this_update: pki::at(from), next_update: Some(pki::at(until)), ..ListTemplate::new(1) };
        Self {
            key: pkcs8.as_ref().to_vec(),
            list: list.issue_der(&authority),
            root: authority.certificate,
            citizens,
            officers,
            officer_table,
            missions: missions(),
            renderer: Arc::new(Renderer::new().unwrap()),
        }
    }
}

/// The sample missions with the days off of the walk.
fn missions() -> Missions {
    let mut text = include_str!("../../../src/registration/missions.toml").to_owned();
    for place in &PLACES {
        let head = format!("code = \"{}\"\n", place.code);
        assert!(text.contains(&head), "{}", place.code);
        text = text.replace(&head, &format!("{head}days_off = {:?}\n", place.days_off));
    }
    Missions::parse(&text).unwrap()
}

fn citizen(index: usize) -> Person {
    let birth_date = NaiveDate::from_ymd_opt(1980, 1, 1).unwrap() + Days::new(400 * u64::try_from(index).unwrap());
    let text = |text: &str| text.to_owned();
    Person {
        iin: iin(birth_date, Sex::Female, 100).unwrap(),
        surname: text("САНАТОВА"),
        given_name: text("САНА"),
        patronymic: None,
        surname_latin: text("SANATOVA"),
        given_name_latin: text("SANA"),
        birth_date,
        sex: Sex::Female,
    }
}

fn subject(iin: &str, bin: Option<&str>) -> Vec<u8> {
    let (number, unit) = (format!("IIN{iin}"), bin.map(|bin| format!("BIN{bin}")));
    let mut attributes: Vec<(Oid, Tag, &[u8])> = vec![
        (Oid::new(&[2, 5, 4, 3]), Tag::UTF8_STRING, "САНАТОВА САНА".as_bytes()),
        (Oid::new(&[2, 5, 4, 4]), Tag::UTF8_STRING, "САНАТОВА".as_bytes()),
        (Oid::new(&[2, 5, 4, 5]), Tag::PRINTABLE_STRING, number.as_bytes()),
    ];
    if let Some(unit) = &unit {
        attributes.push((Oid::new(&[2, 5, 4, 10]), Tag::UTF8_STRING, "Елшілік".as_bytes()));
        attributes.push((Oid::new(&[2, 5, 4, 11]), Tag::UTF8_STRING, unit.as_bytes()));
    }
    pki::name_of(&attributes)
}

fn extended_key_usage(roles: &[&[u64]]) -> Vec<u8> {
    let roles: Vec<Vec<u8>> = roles.iter().map(|arcs| write::oid(&Oid::new(arcs))).collect();
    let roles: Vec<&[u8]> = roles.iter().map(Vec::as_slice).collect();
    pki::extension(Oid::new(&[2, 5, 29, 37]), false, &write::sequence(&roles))
}

/// The service of one episode.
pub struct World {
    pub workflow: Arc<Workflow>,
    pub store: Store,
    pub caller: Caller,
    clock: Arc<Hand>,
    /// Beside the store's own connections: only to see that no job is due.
    database: DatabaseConnection,
    stop: watch::Sender<bool>,
    key: SigningKey,
    _folder: TempDir,
}

impl World {
    /// A service with nothing in it, at that time.
    pub async fn new(now: DateTime<Utc>) -> Self {
        let cast = &*CAST;
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite://{}", folder.path().join("walk.sqlite").display());
        let keys = StoreKeys { sealing: [1; 32], index: [2; 32] };
        let store = Store::open(&url, &keys, &StoreOptions::default()).await.unwrap();
        store.migrate().await.unwrap();
        let clock = Arc::new(Hand { time: Mutex::new(now), changes: watch::Sender::new(0) });
        let key = || SigningKey::from_bytes(&cast.key).unwrap();
        let seal = KeySeal::new(key(), cast.officers[0].clone(), Vec::new()).unwrap();
        let workflow = Arc::new(Workflow::new(Parts {
            store: store.clone(),
            clock: clock.clone(),
            trust: Arc::new(TrustKeeper::load(store.clone()).await.unwrap()),
            officers: Arc::new(ArcSwap::from_pointee(OfficerTable::from_toml(&cast.officer_table).unwrap())),
            missions: Arc::new(ArcSwap::from_pointee(cast.missions.clone())),
            registers: StateRegisters::default(),
            renderer: Arc::clone(&cast.renderer),
            seal: Arc::new(seal),
            audience: SANDBOX_AUDIENCE.to_owned(),
            identifiers: IdentifierPolicy::Strict,
            verification_url: "https://walk.example".to_owned(),
            verification_key: [3; 32],
            sandbox: None,
        }));
        trust(&workflow, cast).await;
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(run_outbox(Arc::clone(&workflow), stopped));
        let database = Database::connect(&url).await.unwrap();
        let caller = Caller { id: "portal".to_owned(), scope: Scope::All };
        Self { workflow, store, caller, clock, database, stop, key: key(), _folder: folder }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Moves the clock and waits for what falls due by it.
    pub async fn set(&self, time: DateTime<Utc>) {
        *self.clock.time.lock().unwrap() = time;
        self.clock.changes.send_modify(|count| *count += 1);
        self.settle().await;
    }

    /// Waits until no job is due.
    pub async fn settle(&self) {
        let mut committed = self.store.committed();
        loop {
            committed.mark_unchanged();
            let due = self.due().await;
            if due.is_empty() {
                return;
            }
            let waited = tokio::time::timeout(PATIENCE, committed.changed()).await;
            assert!(waited.is_ok(), "at {} these jobs are due and not done: {due:?}", self.now());
        }
    }

    /// Jobs that are due: kind, time, attempts and the last error.
    async fn due(&self) -> Vec<(String, String, i32, Option<String>)> {
        let sql = "SELECT kind, not_before, attempts, last_error FROM outbox WHERE done_at IS NULL AND not_before <= ?";
        let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, [self.now().into()]);
        let rows = self.database.query_all_raw(statement).await.unwrap();
        let job = |row: &sea_orm::QueryResult| {
            Ok::<_, sea_orm::DbErr>((
                row.try_get("", "kind")?,
                row.try_get("", "not_before")?,
                row.try_get("", "attempts")?,
                row.try_get("", "last_error")?,
            ))
        };
        rows.iter().map(|row| job(row).unwrap()).collect()
    }

    /// Jobs that were not done at the first attempt.
    pub async fn stumbles(&self) -> i64 {
        let sql = "SELECT count(*) AS n FROM outbox WHERE last_error IS NOT NULL OR attempts > 1";
        let statement = Statement::from_string(DbBackend::Sqlite, sql);
        self.database.query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
    }

    /// Ends the outbox.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    pub fn person(index: usize) -> &'static Person {
        &CAST.citizens[index].0
    }

    /// CMS over `content`.
    pub fn sign(&self, signer: Signer, content: &[u8]) -> Vec<u8> {
        let certificate = match signer {
            Signer::Citizen(index) => &CAST.citizens[index].1,
            Signer::Officer(index) => &CAST.officers[index],
        };
        sign_attached(&self.key, certificate, &[], content, self.now()).unwrap()
    }
}

async fn trust(workflow: &Workflow, cast: &Cast) {
    let purposes = vec![Purpose::Applicants, Purpose::Officers];
    let import = TrustImport {
        certificate: cast.root.der().to_vec(),
        kind: EntryKind::Anchor,
        purposes,
        trusted_from: None,
        trusted_until: None,
        note: String::new(),
    };
    let (entry, _) = workflow.import_trust_anchor("walk", import).await.unwrap();
    let change = TrustChange {
        sha256: *cast.root.sha256(),
        etag: entry.version.to_string(),
        sample_certificate: None,
        note: String::new(),
    };
    workflow.activate_trust_anchor("walk", change).await.unwrap();
    workflow.import_crl("walk", cast.list.clone()).await.unwrap();
}

/// What a caller is told: ErrorInfo.reason.
pub fn reason(failure: &Failure) -> String {
    let status = status::of(failure, Uuid::nil());
    status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default()
}
