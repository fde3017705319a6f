//! SubmitApplication acknowledged, against the ceiling that its parts allow: 1/(1/a + 1/b + 1/c), where a, b and c are the rates of the empty
//! RPC, the validation and the batched insert alone, measured in the same run on the same cores at the same concurrency.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use consular_registration::clock::SystemClock;
use consular_registration::cms::{SigningKey, sign_attached};
use consular_registration::config::Settings;
use consular_registration::grpc::client::{Client, Target, answer};
use consular_registration::grpc::proto::submit_application_request::Signed;
use consular_registration::grpc::proto::{GetClockRequest, SubmitApplicationRequest};
use consular_registration::pki::trust::{PurposeSet, TrustEntry};
use consular_registration::pki::{Certificate, CertificateRevocationList, TrustStore, pem};
use consular_registration::registration::form::Kind;
use consular_registration::sandbox::{Authority, Form, LoadIssuer, Strength};
use consular_registration::server::{Running, open_store, start};
use consular_registration::signature::{SignatureInput, ValidationPolicy, validate};
use consular_registration::store::{
    EvidenceItem, EvidenceKind, NewApplication, NewEvent, NewJob, NewSubmission, NumberSeries, ReportRecord, Store,
    id_at,
};
use tokio::task::JoinSet;

#[path = "../tests/service/support/postgres.rs"]
mod postgres;

const CONNECTIONS: usize = 8;
const STREAMS: usize = 16;
const SUBMISSIONS: usize = 6_000;
/// Of them with the outbox running.
const WITH_OUTBOX: usize = 1_500;
const EMPTY_CALLS: usize = 40_000;
const ROUNDS: usize = 3;

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let now = SystemClock::shared().now() - TimeDelta::seconds(1);
    let sandbox = folder.path().join("sandbox");
    let authority = Authority::mint(&sandbox, Strength::National, now, &|_| ()).map_err(|error| error.to_string())?;
    println!("two threads for server and clients, {CONNECTIONS} connections × {STREAMS} calls at a time\n");
    println!(
        "{:>10} {:>6} {:>10} {:>12} {:>10} {:>10} {:>12} {:>10} {:>16}",
        "database", "round", "a empty", "b validate", "c insert", "ceiling", "submit", "of ceiling", "with the outbox"
    );
    for round in 1..=ROUNDS {
        let sqlite = format!("sqlite://{}/round-{round}.sqlite", folder.path().display());
        measure("SQLite", round, sqlite, &sandbox, &authority, now).await?;
        measure("PostgreSQL", round, postgres::new_database().await, &sandbox, &authority, now).await?;
    }
    Ok(())
}

async fn measure(
    name: &str,
    round: usize,
    database_url: String,
    sandbox: &std::path::Path,
    authority: &Authority,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let signed = signed(authority, SUBMISSIONS + WITH_OUTBOX, now)?;
    let (first, second) = signed.split_at(SUBMISSIONS);
    let settings = |outbox_workers| {
        let settings =
            Settings { listen: ([127, 0, 0, 1], 0).into(), database_url: database_url.clone(), ..Settings::default() };
        Settings { outbox_workers, ..settings.for_sandbox(sandbox) }
    };
    let b = validations(first, authority).await?;

    let store = open_store(&settings(0)).await?;
    store.migrate().await?;
    let c = inserts(&store, first, now).await?;
    drop(store);

    let running = start(settings(0), Some(reopened(authority)?)).await?;
    let a = empty_calls(&running).await?;
    let submit = submissions(&running, first).await?;
    running.stop().await?;

    let running = start(settings(2), Some(reopened(authority)?)).await?;
    let with_outbox = submissions(&running, second).await?;
    running.stop().await?;

    let ceiling = 1.0 / (1.0 / a + 1.0 / b + 1.0 / c);
    println!(
        "{name:>10} {round:>6} {a:>10.0} {b:>12.0} {c:>10.0} {ceiling:>10.0} {submit:>12.0} {:>9.0}% {with_outbox:>16.0}",
        100.0 * submit / ceiling
    );
    Ok(())
}

fn reopened(authority: &Authority) -> Result<Authority, Failure> {
    Authority::open(authority.dir()).map_err(|error| error.to_string().into())
}

fn signed(authority: &Authority, count: usize, now: DateTime<Utc>) -> Result<Arc<[Vec<u8>]>, Failure> {
    let batch =
        authority.mint_many(u32::try_from(count)?, LoadIssuer::Quick, now).map_err(|error| error.to_string())?;
    let key = SigningKey::from_bytes(&batch.key)?;
    let mut signed = Vec::with_capacity(count);
    for citizen in &batch.citizens {
        let content = Form::fresh(&citizen.person, Kind::Temporary, now).and_then(|form| form.to_json());
        let content = content.map_err(|error| error.to_string())?;
        signed.push(sign_attached(&key, &Certificate::from_der(&citizen.certificate)?, &[], &content, now)?);
    }
    Ok(signed.into())
}

/// `count` pieces of work, `CONNECTIONS × STREAMS` at a time; pieces a second.
async fn rate<W, F>(count: usize, work: W) -> Result<f64, Failure>
where
    W: Fn(usize, usize) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), Failure>> + Send,
{
    let (work, next) = (Arc::new(work), Arc::new(AtomicUsize::new(0)));
    let mut workers = JoinSet::new();
    let begin = Instant::now();
    for worker in 0..CONNECTIONS * STREAMS {
        let (work, next) = (Arc::clone(&work), Arc::clone(&next));
        workers.spawn(async move {
            loop {
                let piece = next.fetch_add(1, Ordering::Relaxed);
                if piece >= count {
                    return Ok::<(), Failure>(());
                }
                work(worker, piece).await?;
            }
        });
    }
    while let Some(done) = workers.join_next().await {
        done??;
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of thousands")]
    let count = count as f64;
    Ok(count / begin.elapsed().as_secs_f64())
}

async fn clients(running: &Running) -> Result<Arc<[Client]>, Failure> {
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(Client::connect(&Target::plaintext(format!("http://{}", running.address))).await?);
    }
    Ok(clients.into())
}

async fn empty_calls(running: &Running) -> Result<f64, Failure> {
    let clients = clients(running).await?;
    rate(EMPTY_CALLS, move |worker, _| {
        let client = clients[worker % CONNECTIONS].clone();
        async move {
            answer(client.sandbox().get_clock(GetClockRequest {})).await?;
            Ok(())
        }
    })
    .await
}

async fn submissions(running: &Running, signed: &[Vec<u8>]) -> Result<f64, Failure> {
    let clients = clients(running).await?;
    let signed: Arc<[Vec<u8>]> = signed.into();
    rate(signed.len(), move |worker, piece| {
        let (client, signed) = (clients[worker % CONNECTIONS].clone(), signed[piece].clone());
        async move {
            let signed = Some(Signed::SignedApplication(signed));
            let request = SubmitApplicationRequest { request_id: String::new(), validate_only: false, signed };
            answer(client.applications().submit_application(request)).await?;
            Ok(())
        }
    })
    .await
}

async fn validations(signed: &[Vec<u8>], authority: &Authority) -> Result<f64, Failure> {
    // The lists were issued anew by the service of the round before.
    let now = SystemClock::shared().now();
    let trust = Arc::new(trust_store(authority)?);
    let signed: Arc<[Vec<u8>]> = signed.into();
    rate(signed.len(), move |_, piece| {
        let (trust, signed) = (Arc::clone(&trust), Arc::clone(&signed));
        async move {
            let input =
                SignatureInput { signature: &signed[piece], content: None, certificates: &[], crls: &[], ocsps: &[] };
            let validation = validate(&input, &ValidationPolicy::national(), &trust, now)?;
            if validation.report.conclusion.is_passed() {
                Ok(())
            } else {
                Err(validation.report.conclusion.to_string().into())
            }
        }
    })
    .await
}

fn trust_store(authority: &Authority) -> Result<TrustStore, Failure> {
    let certificate = |file: &str| -> Result<Certificate, Failure> {
        let der = pem::single(std::fs::read(authority.path(file))?, pem::CERTIFICATE)?;
        Ok(Certificate::from_der(&der)?)
    };
    let list = CertificateRevocationList::from_der(std::fs::read(authority.path("crls/rsa-load.crl"))?)?;
    let entries = vec![
        TrustEntry::anchor(certificate("roots/rsa.crt")?, PurposeSet::ALL),
        TrustEntry::intermediate(certificate("intermediates/rsa-load.crt")?, PurposeSet::ALL),
    ];
    Ok(TrustStore::new(1, entries, vec![(Arc::new(list), PurposeSet::ALL)]))
}

/// What one submission stores, by size: the form, a report, the message, a certificate, an event and a job.
async fn inserts(store: &Store, signed: &[Vec<u8>], now: DateTime<Utc>) -> Result<f64, Failure> {
    let (store, signed): (Store, Arc<[Vec<u8>]>) = (store.clone(), signed.into());
    rate(signed.len(), move |_, piece| {
        let (store, signed) = (store.clone(), Arc::clone(&signed));
        async move {
            store.submit(row(&store, &signed[piece], piece, now)).await?;
            Ok(())
        }
    })
    .await
}

fn row(store: &Store, message: &[u8], piece: usize, now: DateTime<Utc>) -> NewSubmission {
    let (id, report) = (id_at(now), id_at(now));
    let content = &message[..message.len().min(2_400)];
    let text = |value: &str| value.to_owned();
    NewSubmission {
        application: NewApplication {
            id,
            caller: text("insert alone"),
            application_id: id,
            content_digest: EvidenceItem::new(EvidenceKind::Signature, content.to_vec()).digest().to_owned(),
            application_type: text("REGISTER"),
            kind: text("TEMPORARY"),
            channel: text("PORTAL"),
            mission: text("KZ-DE-BER"),
            language: text("kk"),
            state: text("ACCEPTED"),
            state_detail: Some(vec![b' '; 100]),
            iin_hash: store.iin_hash(&format!("{piece:012}")),
            received_at: now,
            due_at: Some(now),
            form: content.to_vec(),
        },
        series: NumberSeries { series: text("INSERT"), year: 2026 },
        request_id: None,
        report: ReportRecord {
            id: report,
            indication: text("TOTAL-PASSED"),
            sub_indication: None,
            trust_store_revision: 1,
            policy: text("kz-national"),
            engine: text("0.1.0"),
            requested_by: text("insert alone"),
            created_at: now,
            report: vec![b' '; 4_000],
        },
        evidence: vec![
            EvidenceItem::new(EvidenceKind::Signature, message.to_vec()),
            EvidenceItem::new(EvidenceKind::Certificate, message[message.len() / 2..].to_vec()),
        ],
        events: vec![NewEvent {
            subject_type: "APPLICATION",
            subject: id,
            kind: text("application.accepted"),
            actor: text("insert alone"),
            time: now,
            references: serde_json::json!({}),
        }],
        jobs: vec![NewJob { kind: text("NONE"), subject: id, payload: serde_json::json!({}), not_before: now }],
    }
}
