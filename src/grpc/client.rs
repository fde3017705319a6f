//! The calling side: how the command line and the demo reach the service, over plaintext on loopback or mutual TLS.
//!
//! A refusal comes back as [`Refusal`] with everything that the service said in google.rpc error details, so that whoever
//! shows it need not know the wire.

use std::error::Error as _;
use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use prost::Message as _;
use tokio_stream::Stream;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Response, Status, Streaming};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::{ErrorDetail, StatusExt};

use super::by_name;
use super::proto;
use super::proto::application_service_client::ApplicationServiceClient;
use super::proto::audit_service_client::AuditServiceClient;
use super::proto::document_service_client::DocumentServiceClient;
use super::proto::notification_service_client::NotificationServiceClient;
use super::proto::registration_service_client::RegistrationServiceClient;
use super::proto::review_service_client::ReviewServiceClient;
use super::proto::sandbox_service_client::SandboxServiceClient;
use super::proto::trust_anchor_service_client::TrustAnchorServiceClient;
use super::proto::validation_service_client::ValidationServiceClient;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Until a response begins; a stream may then go on for as long as it likes.
const RESPONSE_TIMEOUT: Duration = Duration::from_mins(2);
/// Octets of a revocation list sent in one message; the service takes at most 1 MiB.
const CRL_CHUNK: usize = 512 * 1024;

/// Where the service is and how to prove who calls.
#[derive(Clone)]
pub struct Target {
    /// `http://host:port` or `https://host:port`.
    pub address: String,
    /// PEM certificates that the server's certificate must lead to; needed for `https`.
    pub certificate_authority: Option<Vec<u8>>,
    /// PEM certificate chain and PEM private key of the caller.
    pub identity: Option<(Vec<u8>, Vec<u8>)>,
}

impl Target {
    /// A service without TLS, as the sandbox offers on loopback.
    pub fn plaintext(address: impl Into<String>) -> Self {
        Self { address: address.into(), certificate_authority: None, identity: None }
    }
}

/// Why a call did not give a result.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The target makes no sense: the text says what to change.
    #[error("{0}")]
    Target(String),
    /// No connection, or it broke.
    #[error("no connection to {address}: {cause}")]
    Connection {
        /// The address tried; empty when an established connection broke.
        address: String,
        /// The innermost cause known.
        cause: String,
    },
    /// The service answered with an error.
    #[error(transparent)]
    Refused(Box<Refusal>),
}

/// An error answered by the service, with its details (google.rpc error model).
#[derive(Debug, Clone, Default)]
pub struct Refusal {
    /// gRPC status code as it is spelled in specifications, for example `FAILED_PRECONDITION`.
    pub code: &'static str,
    /// The status message.
    pub message: String,
    /// ErrorInfo.reason, for example `SIGNER_MISMATCH`; empty when there is none.
    pub reason: String,
    /// LocalizedMessage: what it means and what to do next, in the languages of the service.
    pub explanation: Option<proto::LocalizedText>,
    /// ErrorInfo.metadata, sorted by key.
    pub metadata: Vec<(String, String)>,
    /// BadRequest: every field that is wrong.
    pub fields: Vec<FieldProblem>,
    /// PreconditionFailure: every finding that stands in the way.
    pub findings: Vec<PreconditionProblem>,
    /// RetryInfo: try again after this long.
    pub retry_after: Option<Duration>,
    /// RequestInfo.request_id: what to quote when asking about an internal error.
    pub request_id: Option<String>,
}

/// One field that breaks its syntax.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// Path of the field, for example `card.stay.until`.
    pub field: String,
    /// What is wrong with it.
    pub description: String,
    /// Machine-readable reason; may be empty.
    pub reason: String,
    /// What is wrong, in the languages of the service.
    pub text: Option<proto::LocalizedText>,
}

/// One rule or state that stands in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreconditionProblem {
    /// Machine-readable reason, for example `ALREADY_REGISTERED`.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// The rule's statement with its citation.
    pub description: String,
    /// What is wrong, in the languages of the service.
    pub text: Option<proto::LocalizedText>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if !self.reason.is_empty() {
            write!(f, " {}", self.reason)?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}

impl From<Status> for ClientError {
    fn from(status: Status) -> Self {
        // A status made on this side because the transport failed carries the transport's error as its source.
        if let Some(source) = status
            .source()
            .filter(|source| source.is::<tonic::transport::Error>() || status.code() == Code::Unavailable)
        {
            return Self::Connection { address: String::new(), cause: innermost(source) };
        }
        let details = status.get_error_details();
        let words = Words::of(&status);
        let mut refusal =
            Refusal { code: code_name(status.code()), message: status.message().to_owned(), ..Refusal::default() };
        if let Some(info) = details.error_info() {
            refusal.reason.clone_from(&info.reason);
            refusal.metadata = info.metadata.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
            refusal.metadata.sort();
        }
        if let Some(bad) = details.bad_request() {
            refusal.fields = bad
                .field_violations
                .iter()
                .map(|violation| FieldProblem {
                    field: violation.field.clone(),
                    description: violation.description.clone(),
                    reason: violation.reason.clone(),
                    text: words.of_violation(&violation.field, &violation.reason),
                })
                .collect();
        }
        if let Some(failure) = details.precondition_failure() {
            refusal.findings = failure
                .violations
                .iter()
                .map(|violation| PreconditionProblem {
                    kind: violation.r#type.clone(),
                    subject: violation.subject.clone(),
                    description: violation.description.clone(),
                    text: words.of_violation(&violation.subject, &violation.r#type),
                })
                .collect();
        }
        refusal.explanation = words.explanation;
        refusal.retry_after = details.retry_info().and_then(|info| info.retry_delay);
        refusal.request_id = details.request_info().map(|info| info.request_id.clone());
        Self::Refused(Box::new(refusal))
    }
}

/// What an error says in the languages of the service.
struct Words {
    explanation: Option<proto::LocalizedText>,
    violations: Vec<proto::LocalizedViolation>,
}

impl Words {
    fn of(status: &Status) -> Self {
        let mut explanation = proto::LocalizedText::default();
        for detail in status.get_error_details_vec() {
            if let ErrorDetail::LocalizedMessage(message) = detail {
                match message.locale.as_str() {
                    "kk" => explanation.kk = message.message,
                    "ru" => explanation.ru = message.message,
                    _ => explanation.en = message.message,
                }
            }
        }
        let details = tonic_types::Status::decode(status.details()).unwrap_or_default().details;
        let list = details.iter().find(|detail| detail.type_url.ends_with(".LocalizedViolations"));
        let list = list.and_then(|detail| proto::LocalizedViolations::decode(detail.value.as_slice()).ok());
        Self {
            explanation: Some(explanation).filter(|words| *words != proto::LocalizedText::default()),
            violations: list.unwrap_or_default().violations,
        }
    }

    fn of_violation(&self, field: &str, reason: &str) -> Option<proto::LocalizedText> {
        let found = self.violations.iter().find(|violation| violation.field == field && violation.reason == reason);
        found.and_then(|violation| violation.text.clone())
    }
}

/// What the health service says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Calls are answered.
    Serving,
    /// The service is up but does not take calls.
    NotServing,
    /// The health service does not know the service asked about.
    Unknown,
}

/// An open connection to the service.
#[derive(Clone)]
pub struct Client {
    channel: Channel,
}

impl Client {
    /// Connects to `target`.
    ///
    /// # Errors
    /// [`ClientError::Target`] when the address and the certificates do not fit together, [`ClientError::Connection`] when
    /// nobody answers or the TLS handshake fails.
    pub async fn connect(target: &Target) -> Result<Self, ClientError> {
        let mut endpoint = Endpoint::from_shared(target.address.clone())
            .map_err(|_| {
                ClientError::Target(format!(
                    "`{}` is no address; write http://HOST:PORT or https://HOST:PORT",
                    target.address
                ))
            })?
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(RESPONSE_TIMEOUT);
        if let Some(tls) = tls_configuration(target)? {
            endpoint = endpoint
                .tls_config(tls)
                .map_err(|error| ClientError::Target(format!("TLS cannot be set up: {}", innermost(&error))))?;
        }
        let channel = endpoint
            .connect()
            .await
            .map_err(|error| ClientError::Connection { address: target.address.clone(), cause: innermost(&error) })?;
        Ok(Self { channel })
    }

    /// ApplicationService.
    pub fn applications(&self) -> ApplicationServiceClient<Channel> {
        ApplicationServiceClient::new(self.channel.clone())
    }

    /// DocumentService.
    pub fn documents(&self) -> DocumentServiceClient<Channel> {
        DocumentServiceClient::new(self.channel.clone())
    }

    /// NotificationService.
    pub fn notifications(&self) -> NotificationServiceClient<Channel> {
        NotificationServiceClient::new(self.channel.clone())
    }

    /// TrustAnchorService.
    pub fn trust_anchors(&self) -> TrustAnchorServiceClient<Channel> {
        TrustAnchorServiceClient::new(self.channel.clone())
    }

    /// ReviewService.
    pub fn reviews(&self) -> ReviewServiceClient<Channel> {
        ReviewServiceClient::new(self.channel.clone())
    }

    /// RegistrationService.
    pub fn registrations(&self) -> RegistrationServiceClient<Channel> {
        RegistrationServiceClient::new(self.channel.clone())
    }

    /// ValidationService.
    pub fn validations(&self) -> ValidationServiceClient<Channel> {
        ValidationServiceClient::new(self.channel.clone())
    }

    /// AuditService.
    pub fn audit(&self) -> AuditServiceClient<Channel> {
        AuditServiceClient::new(self.channel.clone())
    }

    /// SandboxService.
    pub fn sandbox(&self) -> SandboxServiceClient<Channel> {
        SandboxServiceClient::new(self.channel.clone())
    }

    /// Calls a method that is known by its name only, with its requests: one, unless it takes a stream.
    ///
    /// # Errors
    /// What the service or the connection answered instead.
    pub async fn call(
        &self,
        method: &by_name::Method,
        requests: Vec<by_name::Message>,
    ) -> Result<by_name::Answers, ClientError> {
        method.call(self.channel.clone(), requests).await
    }

    /// Asks grpc.health.v1 about `service`; the empty name asks about the server as a whole.
    ///
    /// # Errors
    /// As any call; an unknown service is no error.
    pub async fn health(&self, service: &str) -> Result<Health, ClientError> {
        let request = HealthCheckRequest { service: service.to_owned() };
        match HealthClient::new(self.channel.clone()).check(request).await {
            Ok(response) if response.get_ref().status() == ServingStatus::Serving => Ok(Health::Serving),
            Ok(response) if response.get_ref().status() == ServingStatus::ServiceUnknown => Ok(Health::Unknown),
            Ok(_) => Ok(Health::NotServing),
            Err(status) if status.code() == Code::NotFound => Ok(Health::Unknown),
            Err(status) => Err(status.into()),
        }
    }

    /// The pieces of a revocation list as ImportCertificateRevocationList wants them.
    pub fn crl_pieces(
        list: &[u8],
    ) -> impl Stream<Item = proto::ImportCertificateRevocationListRequest> + Send + 'static {
        let pieces: Vec<_> = list
            .chunks(CRL_CHUNK)
            .map(|chunk| proto::ImportCertificateRevocationListRequest { chunk: chunk.to_vec() })
            .collect();
        tokio_stream::iter(pieces)
    }
}

/// The message of a call's response.
///
/// # Errors
/// What the service or the connection answered instead.
pub async fn answer<T>(call: impl Future<Output = Result<Response<T>, Status>>) -> Result<T, ClientError> {
    Ok(call.await?.into_inner())
}

/// The next message of a stream; `None` at its end.
///
/// # Errors
/// What the service or the connection answered instead.
pub async fn next<T>(stream: &mut Streaming<T>) -> Result<Option<T>, ClientError> {
    Ok(stream.message().await?)
}

/// An instant of the wire as chrono has it; `None` when absent or out of range.
pub fn instant(time: Option<&prost_types::Timestamp>) -> Option<DateTime<Utc>> {
    let time = time?;
    DateTime::from_timestamp(time.seconds, u32::try_from(time.nanos).ok()?)
}

/// An instant as the wire has it.
pub fn timestamp(time: DateTime<Utc>) -> prost_types::Timestamp {
    super::convert_time::timestamp(time)
}

pub(super) fn tls_configuration(target: &Target) -> Result<Option<ClientTlsConfig>, ClientError> {
    if !target.address.starts_with("https://") {
        if target.certificate_authority.is_some() || target.identity.is_some() {
            return Err(ClientError::Target("certificates are of use with an https:// address only".to_owned()));
        }
        return Ok(None);
    }
    let Some(authority) = &target.certificate_authority else {
        return Err(ClientError::Target(
            "an https:// address needs --ca, the certificate that the server's leads to".to_owned(),
        ));
    };
    let mut tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(authority));
    if let Some((certificate, key)) = &target.identity {
        tls = tls.identity(Identity::from_pem(certificate, key));
    }
    Ok(Some(tls))
}

/// The text of the cause at the end of the chain: the outer ones only say "transport error".
pub(super) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// The spelling of google.rpc.Code.
fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
