//! The sandbox's imitation of the state registers, served.

use std::net::SocketAddr;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::server::NamedService;
use tonic::transport::{Identity, Server, ServerTlsConfig};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::proto::document_register_service_server::{DocumentRegisterService, DocumentRegisterServiceServer};
use super::proto::migration_register_service_server::{MigrationRegisterService, MigrationRegisterServiceServer};
use super::proto::population_register_service_server::{PopulationRegisterService, PopulationRegisterServiceServer};
use super::proto::{
    self, AnswerHeader, FILE_DESCRIPTOR_SET, VerifyDepartureDecisionRequest, VerifyDepartureDecisionResponse,
    VerifyDocumentRequest, VerifyDocumentResponse, VerifyPersonRequest, VerifyPersonResponse,
};
use super::wire_statement;
use crate::clock::SharedClock;
use crate::grpc::convert_time::timestamp;
use crate::grpc::failure::Failure;
use crate::grpc::server::ServeError;
use crate::grpc::status;
use crate::registration::form::DocumentType;
use crate::registration::state_register::{
    DepartureDecisionQuestion, DocumentQuestion, PersonQuestion, StateRegister, Statement,
};
use crate::registration::{FieldViolation, ViolationCode};
use crate::sandbox::{Behaviour, SandboxError, SandboxRegisters};
use crate::workflow::Refusal;

/// How long a register that never answers holds a question; every caller's deadline is shorter.
const FOR_EVER: Duration = Duration::from_hours(1);

/// Certificate chain and private key of the server, PEM.
pub struct RegisterTls {
    /// The chain.
    pub certificate: Vec<u8>,
    /// The key.
    pub key: Vec<u8>,
}

/// A server of the three registers that listens already.
pub struct RegisterServer {
    registers: SandboxRegisters,
    clock: SharedClock,
    listener: TcpListener,
    tls: Option<RegisterTls>,
}

impl RegisterServer {
    /// Listens at `address`, with TLS where an identity is given.
    ///
    /// # Errors
    /// The address cannot be had.
    pub async fn bind(
        address: SocketAddr,
        registers: SandboxRegisters,
        clock: SharedClock,
        tls: Option<RegisterTls>,
    ) -> std::io::Result<Self> {
        Ok(Self { registers, clock, listener: TcpListener::bind(address).await?, tls })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// As the operating system has it.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` completes.
    ///
    /// # Errors
    /// The transport or reflection cannot be set up, or failed.
    pub async fn serve(self, stop: impl Future<Output = ()> + Send) -> Result<(), ServeError> {
        let Self { registers, clock, listener, tls } = self;
        let answering = Registers { registers, clock };
        let reflection = || {
            let builder = tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
                .include_reflection_service(false);
            [
                PopulationRegisterServiceServer::<Registers>::NAME,
                DocumentRegisterServiceServer::<Registers>::NAME,
                MigrationRegisterServiceServer::<Registers>::NAME,
            ]
            .into_iter()
            .fold(builder, tonic_reflection::server::Builder::with_service_name)
        };
        let mut server = Server::builder();
        if let Some(RegisterTls { certificate, key }) = tls {
            server = server.tls_config(ServerTlsConfig::new().identity(Identity::from_pem(certificate, key)))?;
        }
        server
            .add_service(PopulationRegisterServiceServer::new(answering.clone()))
            .add_service(DocumentRegisterServiceServer::new(answering.clone()))
            .add_service(MigrationRegisterServiceServer::new(answering))
            .add_service(reflection().build_v1()?)
            .add_service(reflection().build_v1alpha()?)
            .serve_with_incoming_shutdown(TcpListenerStream::new(listener), stop)
            .await?;
        Ok(())
    }
}

/// The three registers.
#[derive(Clone)]
struct Registers {
    registers: SandboxRegisters,
    clock: SharedClock,
}

impl Registers {
    /// How the register behaves now; where it does not answer, this does not either. `true`: the answer has to make no sense.
    async fn behave(&self, register: StateRegister) -> Result<bool, Status> {
        match self.registers.behaviour(register).map_err(|error| unreadable(&error))? {
            Behaviour::Answers => Ok(false),
            Behaviour::Nonsense => Ok(true),
            Behaviour::Unavailable => Err(unavailable()),
            Behaviour::Silent => {
                tokio::time::sleep(FOR_EVER).await;
                Err(unavailable())
            }
        }
    }

    fn header(&self, request_id: String) -> AnswerHeader {
        let reference = format!("SANDBOX-{}", Uuid::new_v4());
        AnswerHeader { request_id, reference, answer_time: Some(timestamp(self.clock.now())) }
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

fn unavailable() -> Status {
    let refusal = Refusal::Unavailable { what: "the register", retry_after: Duration::from_secs(1) };
    status::of(&refusal.into(), Uuid::nil())
}

fn unreadable(error: &SandboxError) -> Status {
    status::of(&Refusal::Internal(error.to_string()).into(), Uuid::nil())
}

fn wrong(field: &'static str, description: &str) -> Status {
    status::of(&Failure::field(FieldViolation::new(field, ViolationCode::BadFormat, description)), Uuid::nil())
}

fn day(field: &'static str, text: &str) -> Result<NaiveDate, Status> {
    text.parse().map_err(|_| wrong(field, "has to be YYYY-MM-DD"))
}

/// What is said, or nothing at all where the answer has to make no sense.
fn said(statement: Statement, is_nonsense: bool) -> i32 {
    if is_nonsense { proto::Statement::Unspecified.into() } else { wire_statement(statement).into() }
}

#[tonic::async_trait]
impl PopulationRegisterService for Registers {
    async fn verify_person(
        &self,
        request: Request<VerifyPersonRequest>,
    ) -> Result<Response<VerifyPersonResponse>, Status> {
        let request = request.into_inner();
        let is_nonsense = self.behave(StateRegister::Population).await?;
        let person = PersonQuestion {
            birth_date: day("birth_date", &request.birth_date)?,
            iin: request.iin,
            surname: request.surname,
            given_name: request.given_name,
            patronymic: Some(request.patronymic).filter(|patronymic| !patronymic.is_empty()),
        };
        let (identity, citizenship) = self.registers.person(&person).map_err(|error| unreadable(&error))?;
        Ok(Response::new(VerifyPersonResponse {
            header: Some(self.header(request.request_id)),
            identity: said(identity, is_nonsense),
            citizenship: said(citizenship, is_nonsense),
        }))
    }
}

#[tonic::async_trait]
impl DocumentRegisterService for Registers {
    async fn verify_document(
        &self,
        request: Request<VerifyDocumentRequest>,
    ) -> Result<Response<VerifyDocumentResponse>, Status> {
        let request = request.into_inner();
        let is_nonsense = self.behave(StateRegister::Documents).await?;
        let document_type = match request.r#type() {
            proto::DocumentType::Unspecified => return Err(wrong("type", "has to be given")),
            proto::DocumentType::Passport => DocumentType::Passport,
            proto::DocumentType::IdentityCard => DocumentType::IdentityCard,
            proto::DocumentType::DiplomaticPassport => DocumentType::DiplomaticPassport,
            proto::DocumentType::ServicePassport => DocumentType::ServicePassport,
            proto::DocumentType::ResidencePermit => DocumentType::ResidencePermit,
            proto::DocumentType::StatelessCertificate => DocumentType::StatelessCertificate,
        };
        let valid_until = Some(request.valid_until.as_str()).filter(|last| !last.is_empty());
        let document = DocumentQuestion {
            document_type,
            issued_on: day("issue_date", &request.issue_date)?,
            valid_until: valid_until.map(|last| day("valid_until", last)).transpose()?,
            iin: request.iin,
            number: request.number,
        };
        let today = self.now().date_naive();
        let document = self.registers.document(&document, today).map_err(|error| unreadable(&error))?;
        let header = Some(self.header(request.request_id));
        Ok(Response::new(VerifyDocumentResponse { header, document: said(document, is_nonsense) }))
    }
}

#[tonic::async_trait]
impl MigrationRegisterService for Registers {
    async fn verify_departure_decision(
        &self,
        request: Request<VerifyDepartureDecisionRequest>,
    ) -> Result<Response<VerifyDepartureDecisionResponse>, Status> {
        let request = request.into_inner();
        let is_nonsense = self.behave(StateRegister::Migration).await?;
        let decision = DepartureDecisionQuestion {
            date: day("decision_date", &request.decision_date)?,
            iin: request.iin,
            authority: request.authority,
            number: request.number,
        };
        let decision = self.registers.departure_decision(&decision).map_err(|error| unreadable(&error))?;
        let header = Some(self.header(request.request_id));
        Ok(Response::new(VerifyDepartureDecisionResponse { header, departure_decision: said(decision, is_nonsense) }))
    }
}
