//! State registers asked about applications, through the sandbox's imitation of them: what they confirm, contradict, do not hold, and what
//! happens when they do not answer.

use std::fs;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use consular_registration::clock::SystemClock;
use consular_registration::config::Settings;
use consular_registration::grpc::client::answer;
use consular_registration::grpc::proto::{
    Application, ApplicationState, AwaitedFrom, ListRegistrationHistoryRequest, SetClockRequest,
};
use consular_registration::grpc::state_registers::{RegisterServer, RegisterTls};
use consular_registration::registration::form::{ApplicationForm, Kind};
use consular_registration::sandbox::{Form, SandboxRegisters};
use consular_registration::server::start;
use prost_types::Timestamp;

use super::support::postgres;
use super::support::service::{Sandbox, Service, now};

const PATIENCE: Duration = Duration::from_mins(1);

/// Serves the registers of a sandbox until the test ends; their address.
async fn registers(sandbox: &Sandbox, tls: Option<RegisterTls>) -> String {
    let held = SandboxRegisters::open(&sandbox.path()).unwrap();
    let scheme = if tls.is_some() { "https" } else { "http" };
    let server = RegisterServer::bind(([127, 0, 0, 1], 0).into(), held, SystemClock::shared(), tls).await.unwrap();
    let address = format!("{scheme}://{}", server.address().unwrap());
    tokio::spawn(server.serve(std::future::pending()));
    address
}

/// A service that asks the three registers, and how these behave.
async fn asking(settings: Settings, behaviour: &[(&str, &str)]) -> Service {
    let sandbox = Sandbox::new();
    behave(&sandbox, behaviour);
    let settings = settings.with_registers_at(&registers(&sandbox, None).await);
    Service::over(sandbox, Settings { registers_deadline_seconds: 1, ..settings }).await
}

fn behave(sandbox: &Sandbox, behaviour: &[(&str, &str)]) {
    let text: String = behaviour.iter().map(|(register, how)| format!("{register} = \"{how}\"\n")).collect();
    fs::write(sandbox.file("registers/behaviour.toml"), text).unwrap();
}

/// What the registers hold, changed.
fn hold_instead(sandbox: &Sandbox, file: &str, from: &str, to: &str) {
    let file = sandbox.file(&format!("registers/{file}.toml"));
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{from} is not in {text}");
    fs::write(file, text.replace(from, to)).unwrap();
}

/// A form that states what the registers hold: of the day on which these were written.
fn form(sandbox: &Sandbox, citizen: &str, kind: Kind) -> ApplicationForm {
    Form::fresh(&sandbox.person(citizen), kind, sandbox.authority().minted()).unwrap().application
}

async fn file(service: &Service, citizen: &str, kind: Kind) -> Application {
    let form = form(&service.sandbox, citizen, kind);
    service.submit(service.sandbox.signed(citizen, &form)).await.unwrap()
}

/// Waits until a register is awaited.
async fn awaits_register(service: &Service, name: &str) -> Application {
    let begin = Instant::now();
    loop {
        let seen = service.reaches(name, ApplicationState::Accepted).await;
        if seen.awaiting_from() == AwaitedFrom::Register {
            return seen;
        }
        assert!(begin.elapsed() < PATIENCE, "no register is awaited: {seen:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn set_clock(service: &Service, time: DateTime<Utc>) {
    let time = Some(Timestamp { seconds: time.timestamp(), nanos: 0 });
    answer(service.client.sandbox().set_clock(SetClockRequest { time })).await.unwrap();
}

fn said(application: &Application) -> Vec<(String, String, String)> {
    let rows = application.register_answers.iter().flat_map(|answer| {
        answer.statements.iter().map(|said| (answer.register.clone(), said.fact.clone(), said.statement.clone()))
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort();
    rows
}

fn row(register: &str, fact: &str, statement: &str) -> (String, String, String) {
    (register.to_owned(), fact.to_owned(), statement.to_owned())
}

fn reasons(application: &Application) -> Vec<&str> {
    application.findings.iter().map(|finding| finding.reason.as_str()).collect()
}

/// Runs every test on SQLite and on PostgreSQL.
macro_rules! with_registers {
    ($(async fn $name:ident($settings:ident: Settings) $body:block)+) => {
        $(async fn $name($settings: Settings) $body)+
        mod on_sqlite {
            use consular_registration::config::Settings;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(Settings::default()).await; })+
        }
        mod on_postgres {
            use consular_registration::config::Settings;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let database_url = super::postgres::new_database().await;
                super::$name(Settings { database_url, ..Settings::default() }).await;
            })+
        }
    };
}

with_registers! {
    async fn a_permanent_registration_completes_without_an_officer_once_its_departure_decision_is_confirmed(settings: Settings) {
        let service = asking(settings, &[]).await;
        let accepted = file(&service, "daniyar", Kind::Permanent).await;
        let completed = service.reaches(&accepted.name, ApplicationState::Completed).await;
        assert_eq!(said(&completed), [
            row("DOCUMENTS", "IDENTITY", "CONFIRMED"),
            row("MIGRATION", "DEPARTURE_DECISION", "CONFIRMED"),
            row("POPULATION", "CITIZENSHIP", "CONFIRMED"),
            row("POPULATION", "IDENTITY", "CONFIRMED"),
        ]);
        for answer in &completed.register_answers {
            assert!(answer.reference.starts_with("SANDBOX-") && answer.answer_time.is_some(), "{answer:?}");
            assert_eq!(answer.evidence.len(), 64);
        }
        let parent = completed.registration;
        let request = ListRegistrationHistoryRequest { parent, ..Default::default() };
        let history = answer(service.client.registrations().list_registration_history(request)).await.unwrap();
        assert_eq!(history.changes[0].actor, "policy");
    }

    async fn who_is_no_citizen_by_the_register_goes_to_an_officer_and_is_not_refused(settings: Settings) {
        let service = asking(settings, &[]).await;
        let iin = service.sandbox.person("assel").iin;
        let population = fs::read_to_string(service.sandbox.file("registers/population.toml")).unwrap();
        let (before, after) = population.split_at(population.find(&iin).unwrap());
        let changed = format!("{before}{}", after.replacen("citizen = true", "citizen = false", 1));
        fs::write(service.sandbox.file("registers/population.toml"), changed).unwrap();
        let accepted = file(&service, "assel", Kind::Temporary).await;
        let waiting = service.reaches(&accepted.name, ApplicationState::InReview).await;
        assert_eq!(reasons(&waiting), ["NOT_RK_CITIZEN"]);
        assert!(said(&waiting).contains(&row("POPULATION", "CITIZENSHIP", "CONTRADICTED")));
        assert_eq!(waiting.awaiting_from(), AwaitedFrom::Mission);
    }

    async fn what_a_register_does_not_hold_is_an_officers_to_verify(settings: Settings) {
        let service = asking(settings, &[]).await;
        hold_instead(&service.sandbox, "decisions", "ТТЖ-2025-000417", "ТТЖ-2025-000418");
        let accepted = file(&service, "daniyar", Kind::Permanent).await;
        let waiting = service.reaches(&accepted.name, ApplicationState::InReview).await;
        assert_eq!(reasons(&waiting), ["EXIT_DECISION_NOT_VERIFIED"]);
        assert!(said(&waiting).contains(&row("MIGRATION", "DEPARTURE_DECISION", "NOT_HELD")));
    }

    async fn while_a_register_keeps_silent_the_application_waits_and_says_for_which(settings: Settings) {
        let service = asking(settings, &[("population", "SILENT"), ("documents", "UNAVAILABLE")]).await;
        let accepted = file(&service, "assel", Kind::Temporary).await;
        let waiting = awaits_register(&service, &accepted.name).await;
        let text = waiting.awaiting.clone().unwrap();
        assert!(text.en.contains("the state register of the population, the register of identity documents"), "{text:?}");
        assert!(text.ru.contains("государственный реестр населения") && text.ru.contains("повторяется"), "{text:?}");
        assert!(text.kk.contains("халықтың мемлекеттік тізілімі"), "{text:?}");
        assert!(waiting.awaiting_until.is_some() && waiting.findings.is_empty());

        behave(&service.sandbox, &[]);
        set_clock(&service, now() + TimeDelta::minutes(10)).await;
        let completed = service.reaches(&accepted.name, ApplicationState::Completed).await;
        assert_eq!(said(&completed).len(), 3);
    }

    async fn a_register_that_answers_nonsense_is_taken_for_one_that_does_not_answer(settings: Settings) {
        let service = asking(settings, &[("migration", "NONSENSE")]).await;
        let accepted = file(&service, "daniyar", Kind::Permanent).await;
        let waiting = awaits_register(&service, &accepted.name).await;
        assert!(waiting.awaiting.unwrap().en.contains("the register of migration decisions"));
        assert!(said(&service.reaches(&accepted.name, ApplicationState::Accepted).await).iter().all(|row| row.0 != "MIGRATION"));
    }

    async fn a_register_that_keeps_silent_too_long_leaves_the_application_to_an_officer(settings: Settings) {
        let service = asking(settings, &[("population", "UNAVAILABLE")]).await;
        let accepted = file(&service, "assel", Kind::Temporary).await;
        let waiting = awaits_register(&service, &accepted.name).await;
        let mut until = waiting.awaiting_until.unwrap();
        until.seconds += 1;
        set_clock(&service, DateTime::from_timestamp(until.seconds, 0).unwrap()).await;
        let review = service.reaches(&accepted.name, ApplicationState::InReview).await;
        assert_eq!(review.awaiting_from(), AwaitedFrom::Mission);
        assert!(review.awaiting.as_ref().unwrap().en.contains("did not answer in time"));
        assert!(reasons(&review).is_empty(), "silence refuses nobody: {review:?}");
    }

    async fn an_application_that_an_officer_has_to_look_at_in_any_case_does_not_wait_for_a_register(settings: Settings) {
        let service = asking(settings, &[("population", "UNAVAILABLE")]).await;
        let mut form = form(&service.sandbox, "assel", Kind::Temporary);
        // Germany is divided between two missions, and the address does not say in which part it is.
        form.card.stay.host_address.as_mut().unwrap().subdivision = None;
        let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        let waiting = service.reaches(&accepted.name, ApplicationState::InReview).await;
        assert_eq!(reasons(&waiting), ["WRONG_CONSULAR_DISTRICT"]);
        assert_eq!(said(&waiting), [row("DOCUMENTS", "IDENTITY", "CONFIRMED")]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn registers_are_asked_over_tls_and_only_under_the_roots_that_are_set() {
    let sandbox = Sandbox::new();
    let tls = || {
        let file = |name: &str| fs::read(sandbox.file(name)).unwrap();
        RegisterTls { certificate: file("tls/server.crt"), key: file("tls/server.key") }
    };
    let address = registers(&sandbox, Some(tls())).await;
    let root = sandbox.file("roots/tls.crt");
    let foreign = sandbox.file("roots/rsa.crt");
    let settings =
        |root| Settings { registers_trust_file: Some(root), ..Settings::default() }.with_registers_at(&address);

    let trusting = settings(root);
    let distrusting = settings(foreign);
    let service = Service::over(sandbox, trusting).await;
    let accepted = file(&service, "daniyar", Kind::Permanent).await;
    service.reaches(&accepted.name, ApplicationState::Completed).await;

    let service = Service::over(Sandbox::new(), distrusting).await;
    let accepted = file(&service, "daniyar", Kind::Permanent).await;
    awaits_register(&service, &accepted.name).await;
}

#[tokio::test]
async fn persons_are_never_asked_about_in_plaintext_beyond_this_machine() {
    let sandbox = Sandbox::new();
    let settings = Settings::default().with_registers_at("http://192.0.2.1:50061").for_sandbox(&sandbox.path());
    let Err(refused) = start(settings, Some(sandbox.authority())).await.map(drop) else {
        panic!("it started");
    };
    assert!(format!("{refused:?}").contains("has to begin with https://"), "{refused:?}");
    let problems = Settings::default().with_registers_at("http://127.0.0.1:50061").problems();
    assert_eq!(problems.iter().filter(|problem| problem.setting.ends_with("_register_address")).count(), 3);
}
