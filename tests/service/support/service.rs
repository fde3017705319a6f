//! A whole service over a sandbox authority: in this process, or as the built program.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use consular_registration::cms::{SigningKey, sign_attached};
use consular_registration::config::Settings;
use consular_registration::grpc::client::{Client, ClientError, Refusal, Target, answer, next};
use consular_registration::grpc::proto::download_document_response::Part;
use consular_registration::grpc::proto::submit_application_request::Signed;
use consular_registration::grpc::proto::{
    Application, ApplicationState, Document, DownloadDocumentRequest, GetApplicationRequest, ListDocumentsRequest,
    ListNotificationsRequest, Notification, SubmitApplicationRequest,
};
use consular_registration::pki::Certificate;
use consular_registration::registration::form::{ApplicationForm, Kind};
use consular_registration::sandbox::{Authority, Form, Person, Strength};
use consular_registration::server::{Running, start};
use tempfile::TempDir;
use x509_parser::pem::Pem;

use super::postgres;

/// Long enough for a loaded machine; nothing waits for it to pass.
const PATIENCE: Duration = Duration::from_mins(1);

/// A sandbox folder of one's own: a copy of the authority that this process minted once.
pub struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    pub fn new() -> Self {
        static MINTED: OnceLock<TempDir> = OnceLock::new();
        let minted = MINTED.get_or_init(|| {
            let folder = TempDir::new().unwrap();
            Authority::mint(&folder.path().join("sandbox"), Strength::Quick, now(), &|_| ())
                .expect("an authority is minted");
            folder
        });
        let folder = TempDir::new().unwrap();
        copy(&minted.path().join("sandbox"), &folder.path().join("sandbox"));
        Self { folder }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("sandbox")
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn authority(&self) -> Authority {
        Authority::open(&self.path()).expect("the authority opens")
    }

    pub fn person(&self, name: &str) -> Person {
        Person::citizen(name, self.authority().minted()).expect("a citizen of that name")
    }

    /// A new form of a citizen.
    pub fn form(&self, citizen: &str, kind: Kind) -> ApplicationForm {
        Form::fresh(&self.person(citizen), kind, now()).expect("a form").application
    }

    /// Signs as the holder of `name.key` and `name.crt`, for example `citizens/assel`.
    pub fn sign(&self, name: &str, content: &[u8]) -> Vec<u8> {
        let key = SigningKey::from_bytes(&fs::read(self.file(&format!("{name}.key"))).unwrap()).unwrap();
        let certificate = self.certificate(name);
        sign_attached(&key, &certificate, &[], content, now()).unwrap()
    }

    pub fn certificate(&self, name: &str) -> Certificate {
        let pem = fs::read(self.file(&format!("{name}.crt"))).unwrap();
        let block = Pem::iter_from_buffer(&pem).next().unwrap().unwrap();
        Certificate::from_der(&block.contents).unwrap()
    }

    /// A citizen's signed form.
    pub fn signed(&self, citizen: &str, form: &ApplicationForm) -> Vec<u8> {
        self.sign(&format!("citizens/{citizen}"), &serde_json::to_vec(form).unwrap())
    }
}

/// A service in this process, over a sandbox.
pub struct Service {
    pub sandbox: Sandbox,
    pub client: Client,
    /// Kept, because the service stops with it.
    running: Running,
}

impl Service {
    pub async fn sqlite() -> Self {
        Self::over(Sandbox::new(), Settings::default()).await
    }

    pub async fn postgres() -> Self {
        let settings = Settings { database_url: postgres::new_database().await, ..Settings::default() };
        Self::over(Sandbox::new(), settings).await
    }

    pub async fn over(sandbox: Sandbox, settings: Settings) -> Self {
        let settings = Settings { listen: ([127, 0, 0, 1], 0).into(), ..settings }.for_sandbox(&sandbox.path());
        let authority = sandbox.authority();
        let running = start(settings, Some(authority)).await.expect("the service starts");
        let client =
            Client::connect(&Target::plaintext(format!("http://{}", running.address))).await.expect("it answers");
        Self { sandbox, client, running }
    }

    pub fn address(&self) -> String {
        format!("http://{}", self.running.address)
    }

    pub async fn submit(&self, signed: Vec<u8>) -> Result<Application, Refusal> {
        submit(&self.client, signed, "").await
    }

    /// Waits until the application is in `state`.
    pub async fn reaches(&self, name: &str, state: ApplicationState) -> Application {
        reaches(&self.client, name, state).await
    }

    /// Waits until the application is as wanted.
    pub async fn watched(&self, name: &str, is_so: impl Fn(&Application) -> bool) -> Application {
        let begin = Instant::now();
        loop {
            let application = application(&self.client, name).await.expect("the application is there");
            if is_so(&application) {
                return application;
            }
            assert!(begin.elapsed() < PATIENCE, "still {application:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn documents(&self, application: &str) -> Vec<Document> {
        documents(&self.client, application).await
    }

    pub async fn notifications(&self, application: &str) -> Vec<Notification> {
        notifications(&self.client, application).await
    }
}

pub async fn submit(client: &Client, signed: Vec<u8>, request_id: &str) -> Result<Application, Refusal> {
    let request = SubmitApplicationRequest {
        request_id: request_id.to_owned(),
        validate_only: false,
        signed: Some(Signed::SignedApplication(signed)),
    };
    match answer(client.applications().submit_application(request)).await {
        Ok(response) => Ok(response.application.expect("the response wraps the application")),
        Err(error) => Err(refusal(error)),
    }
}

pub fn refusal(error: ClientError) -> Refusal {
    match error {
        ClientError::Refused(refusal) => *refusal,
        other => panic!("no refusal but {other}"),
    }
}

pub async fn application(client: &Client, name: &str) -> Result<Application, ClientError> {
    let response =
        answer(client.applications().get_application(GetApplicationRequest { name: name.to_owned() })).await?;
    Ok(response.application.expect("the response wraps the application"))
}

pub async fn reaches(client: &Client, name: &str, state: ApplicationState) -> Application {
    let begin = Instant::now();
    loop {
        let application = application(client, name).await.expect("the application is there");
        if application.state() == state {
            return application;
        }
        assert!(begin.elapsed() < PATIENCE, "still {:?} instead of {state:?}", application.state());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub async fn documents(client: &Client, application: &str) -> Vec<Document> {
    let request = ListDocumentsRequest { parent: application.to_owned(), ..ListDocumentsRequest::default() };
    answer(client.documents().list_documents(request)).await.expect("documents are listed").documents
}

/// A document with its PDF and its seal.
pub async fn download(client: &Client, name: &str) -> (Document, Vec<u8>, Vec<u8>) {
    let request = DownloadDocumentRequest { name: name.to_owned() };
    let mut stream = answer(client.documents().download_document(request)).await.expect("it is downloaded");
    let (mut document, mut pdf, mut seal) = (None, Vec::new(), Vec::new());
    while let Some(response) = next(&mut stream).await.expect("the stream ends in good order") {
        match response.part.expect("a part") {
            Part::Document(description) => document = Some(description),
            Part::PdfChunk(chunk) => pdf.extend(chunk),
            Part::SealChunk(chunk) => seal.extend(chunk),
        }
    }
    (document.expect("the description comes first"), pdf, seal)
}

pub async fn notifications(client: &Client, application: &str) -> Vec<Notification> {
    let request = ListNotificationsRequest { parent: application.to_owned(), ..ListNotificationsRequest::default() };
    answer(client.notifications().list_notifications(request)).await.expect("notifications are listed").notifications
}

/// The value of one key of ErrorInfo's metadata.
pub fn metadata<'a>(refusal: &'a Refusal, key: &str) -> &'a str {
    refusal.metadata.iter().find(|(known, _)| known == key).map_or("", |(_, value)| value)
}

/// The built program as a server. Ends with this process: its standard input is a pipe that ends then.
pub struct Program {
    child: Child,
    pub address: String,
}

impl Program {
    /// Starts `consular serve --sandbox` and waits until it listens.
    pub fn serve(sandbox: &Path, environment: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_consular"))
            .args(["serve", "--until-stdin-ends", "--sandbox"])
            .arg(sandbox)
            .env("CONSULAR_LISTEN", "127.0.0.1:0")
            .env("CONSULAR_LOG", "warn")
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = loop {
            let line = lines.next().expect("it says where it listens").unwrap();
            if let Some(address) = line.trim().strip_prefix("listening on ") {
                break address.to_owned();
            }
        };
        // Read on, so that the program never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address: format!("http://{address}") }
    }

    pub async fn client(&self) -> Client {
        Client::connect(&Target::plaintext(self.address.clone())).await.expect("it answers")
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().expect("the process is killed");
        self.child.wait().expect("the process has ended");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[expect(clippy::disallowed_methods, reason = "a whole service goes by the machine's clock")]
pub fn now() -> DateTime<Utc> {
    Utc::now() - TimeDelta::seconds(1)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
