//! What a register of a million registrations costs beside one of a thousand, on PostgreSQL: the p99 of look-ups, pages, the queue and filing,
//! call by call by turns on both, so that whatever else the machine does meets both alike.
//!
//! `CONSULAR_SCALE_REGISTRATIONS` makes the large one smaller, for a look in minutes.

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use consular_registration::clock::SystemClock;
use consular_registration::cms::{SigningKey, sign_attached};
use consular_registration::config::Settings;
use consular_registration::grpc::client::{Client, Target, answer};
use consular_registration::grpc::proto::submit_application_request::Signed;
use consular_registration::grpc::proto::{
    ApplicationState, GetApplicationRequest, GetRegistrationRequest, ListApplicationsRequest, ListQueueRequest,
    ListRegistrationsRequest, RegistrationState, SubmitApplicationRequest,
};
use consular_registration::pki::Certificate;
use consular_registration::registration::form::Kind;
use consular_registration::sandbox::{Authority, Form, LoadIssuer, Strength};
use consular_registration::server::{Running, start};
use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};
use uuid::Uuid;

#[path = "../tests/service/support/postgres.rs"]
mod postgres;

const SMALL: u32 = 1_000;
const LARGE: u32 = 1_000_000;
const WAITING: u32 = 300;
/// Of each call, on each register, in each round.
const CALLS: usize = 600;
const ROUNDS: usize = 5;
const WARM_UP: usize = 100;
const PAGE: i32 = 50;
const MISSION: &str = "KZ-DE-BER";

type Failure = Box<dyn Error + Send + Sync>;

/// One register with its service.
struct Register {
    client: Client,
    /// Names spread over all that there are.
    registrations: Vec<Uuid>,
    applications: Vec<Uuid>,
    submissions: Vec<Vec<u8>>,
    running: Running,
}

/// What is measured.
#[derive(Debug, Clone, Copy)]
enum Call {
    GetRegistration,
    GetApplication,
    ListRegistrations,
    ListRegistrationsOfMission,
    ListRegistrationsDeep,
    ListApplicationsInReview,
    ListQueue,
    SubmitApplication,
}

const MEASURED: [Call; 8] = [
    Call::GetRegistration,
    Call::GetApplication,
    Call::ListRegistrations,
    Call::ListRegistrationsOfMission,
    Call::ListRegistrationsDeep,
    Call::ListApplicationsInReview,
    Call::ListQueue,
    Call::SubmitApplication,
];

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let sandbox = folder.path().join("sandbox");
    let now = SystemClock::shared().now() - TimeDelta::seconds(1);
    let authority = Authority::mint(&sandbox, Strength::National, now, &|_| ()).map_err(|error| error.to_string())?;
    let large = wanted().unwrap_or(LARGE);
    let mut submissions = signed(&authority, 2 * (ROUNDS * CALLS + WARM_UP), now)?;
    let mine = submissions.split_off(submissions.len() / 2);
    let mut small = register(&sandbox, SMALL, submissions).await?;
    let mut large = register(&sandbox, large, mine).await?;

    println!(
        "{:>28} {:>11} {:>11} {:>11} {:>11} {:>7} {:>15}",
        "call", "p50 small", "p50 large", "p99 small", "p99 large", "ratio", "by round"
    );
    for call in MEASURED {
        let mut rounds = Vec::new();
        for round in 0..=ROUNDS {
            let calls = if round == 0 { WARM_UP } else { CALLS };
            let (mut of_small, mut of_large) = (Vec::with_capacity(calls), Vec::with_capacity(calls));
            for turn in 0..calls {
                of_small.push(small.timed(call, round * CALLS + turn).await?);
                of_large.push(large.timed(call, round * CALLS + turn).await?);
            }
            if round > 0 {
                rounds.push((of_small, of_large));
            }
        }
        show(call, &rounds);
    }
    small.running.stop().await?;
    large.running.stop().await?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a smaller register is asked for by the environment")]
fn wanted() -> Option<u32> {
    std::env::var("CONSULAR_SCALE_REGISTRATIONS").ok()?.parse().ok()
}

fn show(call: Call, rounds: &[(Vec<Duration>, Vec<Duration>)]) {
    let all_small: Vec<Duration> = rounds.iter().flat_map(|(small, _)| small.clone()).collect();
    let all_large: Vec<Duration> = rounds.iter().flat_map(|(_, large)| large.clone()).collect();
    let ratio = |small: &[Duration], large: &[Duration]| {
        percentile(large, 99).as_secs_f64() / percentile(small, 99).as_secs_f64()
    };
    let mut by_round: Vec<f64> = rounds.iter().map(|(small, large)| ratio(small, large)).collect();
    by_round.sort_by(f64::total_cmp);
    let milliseconds = |time: Duration| format!("{:.2} ms", 1000.0 * time.as_secs_f64());
    println!(
        "{:>28} {:>11} {:>11} {:>11} {:>11} {:>7.2} {:>15}",
        format!("{call:?}"),
        milliseconds(percentile(&all_small, 50)),
        milliseconds(percentile(&all_large, 50)),
        milliseconds(percentile(&all_small, 99)),
        milliseconds(percentile(&all_large, 99)),
        ratio(&all_small, &all_large),
        format!("{:.2}–{:.2}", by_round[0], by_round[by_round.len() - 1]),
    );
}

fn percentile(times: &[Duration], percent: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times[(times.len() * percent / 100).min(times.len() - 1)]
}

/// A register of so many, filled by the shipped command, and a service over it whose outbox rests.
async fn register(sandbox: &Path, registrations: u32, submissions: Vec<Vec<u8>>) -> Result<Register, Failure> {
    let url = postgres::new_database().await;
    let begin = Instant::now();
    let filled = Command::new(env!("CARGO_BIN_EXE_consular"))
        .args(["sandbox", "fill", "--registrations", &registrations.to_string(), "--waiting", &WAITING.to_string()])
        .arg("--sandbox")
        .arg(sandbox)
        .env("CONSULAR_DATABASE_URL", &url)
        .output()?;
    if !filled.status.success() {
        return Err(String::from_utf8_lossy(&filled.stderr).into_owned().into());
    }
    println!("{registrations} registrations filled in {:.0} s", begin.elapsed().as_secs_f64());
    let database = Database::connect(&url).await?;
    for sql in ["VACUUM (ANALYZE)", "CHECKPOINT"] {
        database.execute_unprepared(sql).await?;
    }
    let names = async |table: &str| -> Result<Vec<Uuid>, Failure> {
        let sql = format!("SELECT id FROM {table} ORDER BY random() LIMIT 10000");
        let rows = database.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
        Ok(rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?)
    };
    let (registrations, applications) = (names("registrations").await?, names("applications").await?);
    database.close().await?;
    let settings =
        Settings { listen: ([127, 0, 0, 1], 0).into(), database_url: url, outbox_workers: 0, ..Settings::default() };
    let authority = Authority::open(sandbox).map_err(|error| error.to_string())?;
    let running = start(settings.for_sandbox(sandbox), Some(authority)).await?;
    let client = Client::connect(&Target::plaintext(format!("http://{}", running.address))).await?;
    Ok(Register { client, registrations, applications, submissions, running })
}

impl Register {
    async fn timed(&mut self, call: Call, turn: usize) -> Result<Duration, Failure> {
        let registration = self.registrations[turn % self.registrations.len()];
        let application = self.applications[turn % self.applications.len()];
        let list = ListRegistrationsRequest { page_size: PAGE, ..Default::default() };
        let (mut applications, mut registrations) = (self.client.applications(), self.client.registrations());
        let begin = Instant::now();
        match call {
            Call::GetRegistration => {
                let name = format!("registrations/{registration}");
                answer(registrations.get_registration(GetRegistrationRequest { name })).await?;
            }
            Call::GetApplication => {
                let name = format!("applications/{application}");
                answer(applications.get_application(GetApplicationRequest { name })).await?;
            }
            Call::ListRegistrations => {
                answer(registrations.list_registrations(list)).await?;
            }
            Call::ListRegistrationsOfMission => {
                let state = RegistrationState::Active.into();
                let list = ListRegistrationsRequest { mission: MISSION.to_owned(), state, ..list };
                answer(registrations.list_registrations(list)).await?;
            }
            Call::ListRegistrationsDeep => {
                let list = ListRegistrationsRequest {
                    mission: MISSION.to_owned(),
                    page_token: registration.to_string(),
                    ..list
                };
                answer(registrations.list_registrations(list)).await?;
            }
            Call::ListApplicationsInReview => {
                let states = vec![ApplicationState::InReview.into(), ApplicationState::Returned.into()];
                let request = ListApplicationsRequest { states, page_size: PAGE, ..Default::default() };
                answer(applications.list_applications(request)).await?;
            }
            Call::ListQueue => {
                let request = ListQueueRequest { mission: MISSION.to_owned(), page_size: PAGE, ..Default::default() };
                answer(self.client.reviews().list_queue(request)).await?;
            }
            Call::SubmitApplication => {
                let signed = self.submissions.pop().ok_or("more submissions than were signed")?;
                let signed = Some(Signed::SignedApplication(signed));
                let request = SubmitApplicationRequest { request_id: String::new(), validate_only: false, signed };
                answer(applications.submit_application(request)).await?;
            }
        }
        Ok(begin.elapsed())
    }
}

/// Forms of citizens who are in neither register, signed.
fn signed(authority: &Authority, count: usize, now: DateTime<Utc>) -> Result<Vec<Vec<u8>>, Failure> {
    let batch =
        authority.mint_many(u32::try_from(count)?, LoadIssuer::Quick, now).map_err(|error| error.to_string())?;
    let key = SigningKey::from_bytes(&batch.key)?;
    let mut signed = Vec::with_capacity(count);
    for citizen in &batch.citizens {
        let content = Form::fresh(&citizen.person, Kind::Temporary, now).and_then(|form| form.to_json());
        let content = content.map_err(|error| error.to_string())?;
        signed.push(sign_attached(&key, &Certificate::from_der(&citizen.certificate)?, &[], &content, now)?);
    }
    Ok(signed)
}
