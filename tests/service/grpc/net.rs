//! A certificate authority, callers and a server for one test.

use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use consular_registration::clock::SandboxClock;
use consular_registration::grpc::callers::{CallerTable, SharedCallers};
use consular_registration::grpc::personal_reads::{Recording, SharedTrail, Trail};
use consular_registration::grpc::proto::application_service_client::ApplicationServiceClient;
use consular_registration::grpc::proto::application_service_server::{ApplicationService, ApplicationServiceServer};
use consular_registration::grpc::proto::{
    Application, GetApplicationRequest, GetApplicationResponse, ListApplicationsRequest, ListApplicationsResponse,
    ResubmitApplicationRequest, ResubmitApplicationResponse, SubmitApplicationRequest, SubmitApplicationResponse,
    WatchApplicationRequest, WatchApplicationResponse, WithdrawApplicationRequest, WithdrawApplicationResponse,
    WithdrawConsentRequest, WithdrawConsentResponse,
};
use consular_registration::grpc::tls::{CallerTrust, ServerIdentity, SharedTls, UnknownRevocation, server_config};
use consular_registration::grpc::{Anchors, Call, Conditions, Health, Limits, Listener, Security, introspectable, run};
use consular_registration::workflow::Read;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, IsCa, Issuer, KeyIdMethod, KeyPair,
    KeyUsagePurpose, RevocationReason, RevokedCertParams, SerialNumber, date_time_ymd,
};
use ring::digest;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_stream::{Stream, StreamExt};
use tonic::codec::CompressionEncoding;
use tonic::service::Routes;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Request, Response, Status};

/// A trail that is not looked at.
struct Unrecorded;

impl Trail for Unrecorded {
    fn record(&self, _: Read) -> Recording<'_> {
        Box::pin(async { Ok(()) })
    }
}

/// An authority for callers and servers.
pub struct Authority {
    pub certificate: rcgen::Certificate,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate with its key.
pub struct Holder {
    pub certificate: rcgen::Certificate,
    pub key: KeyPair,
    pub serial: SerialNumber,
}

impl Holder {
    pub fn sha256(&self) -> String {
        hex::encode(digest::digest(&digest::SHA256, self.certificate.der()))
    }
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2030, 1, 1);
    params
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = params(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().unwrap();
        Self { certificate: params.self_signed(&key).unwrap(), issuer: Issuer::new(params, key) }
    }

    pub fn certify(&self, name: &str) -> Holder {
        self.certify_system(name, None)
    }

    /// With the identifier of an information system in UID, as the national profile has it.
    pub fn certify_system(&self, name: &str, information_system: Option<&str>) -> Holder {
        let mut params = params(name);
        if let Some(oid) = information_system {
            params.distinguished_name.push(DnType::CustomDnType(vec![0, 9, 2342, 19_200_300, 100, 1, 1]), oid);
        }
        let serial = SerialNumber::from_slice(&digest::digest(&digest::SHA256, name.as_bytes()).as_ref()[..8]);
        params.serial_number = Some(serial.clone());
        let key = KeyPair::generate().unwrap();
        Holder { certificate: params.signed_by(&key, &self.issuer).unwrap(), key, serial }
    }

    pub fn revocation_list(&self, revoked: &[&Holder]) -> Vec<u8> {
        let revoked = revoked.iter().map(|holder| RevokedCertParams {
            serial_number: holder.serial.clone(),
            revocation_time: date_time_ymd(2026, 1, 2),
            reason_code: Some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        });
        let params = CertificateRevocationListParams {
            this_update: date_time_ymd(2026, 1, 3),
            next_update: date_time_ymd(2027, 1, 3),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&self.issuer).unwrap().der().to_vec()
    }
}

pub fn noon() -> DateTime<Utc> {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

/// A TLS configuration of a server certified by `server` that trusts callers of `callers`.
pub fn tls(server: &Authority, callers: &[&Authority], lists: &[Vec<u8>], now: DateTime<Utc>) -> rustls::ServerConfig {
    let holder = server.certify("server");
    let identity =
        ServerIdentity::from_pem(holder.certificate.pem().as_bytes(), holder.key.serialize_pem().as_bytes()).unwrap();
    let trust = CallerTrust {
        anchors: callers.iter().map(|authority| authority.certificate.der().as_ref()).collect(),
        revocation_lists: lists.iter().map(Vec::as_slice).collect(),
        unknown_revocation: UnknownRevocation::Deny,
    };
    let clock = SandboxClock::new();
    clock.set(now);
    server_config(&identity, &trust, Arc::new(clock)).unwrap()
}

/// Shows who called; a slow call is one for `applications/slow`, and watching never ends by itself.
pub struct Echo;

type Watched = Pin<Box<dyn Stream<Item = Result<WatchApplicationResponse, Status>> + Send>>;

#[tonic::async_trait]
impl ApplicationService for Echo {
    async fn submit_application(
        &self,
        request: Request<SubmitApplicationRequest>,
    ) -> Result<Response<SubmitApplicationResponse>, Status> {
        let (call, _) = Call::open(request)?;
        let application = Application { submitted_by: call.caller.id, ..Application::default() };
        Ok(Response::new(SubmitApplicationResponse { application: Some(application) }))
    }

    async fn get_application(
        &self,
        request: Request<GetApplicationRequest>,
    ) -> Result<Response<GetApplicationResponse>, Status> {
        let (call, request) = Call::open(request)?;
        if request.name == "applications/slow" {
            tokio::time::sleep(Duration::from_millis(600)).await;
        }
        let mission = format!("{:?}", call.caller.scope);
        let application = Application { submitted_by: call.caller.id, mission, ..Application::default() };
        Ok(Response::new(GetApplicationResponse { application: Some(application) }))
    }

    async fn list_applications(
        &self,
        _: Request<ListApplicationsRequest>,
    ) -> Result<Response<ListApplicationsResponse>, Status> {
        Ok(Response::new(ListApplicationsResponse::default()))
    }

    async fn resubmit_application(
        &self,
        _: Request<ResubmitApplicationRequest>,
    ) -> Result<Response<ResubmitApplicationResponse>, Status> {
        Ok(Response::new(ResubmitApplicationResponse::default()))
    }

    async fn withdraw_application(
        &self,
        _: Request<WithdrawApplicationRequest>,
    ) -> Result<Response<WithdrawApplicationResponse>, Status> {
        Ok(Response::new(WithdrawApplicationResponse::default()))
    }

    async fn withdraw_consent(
        &self,
        _: Request<WithdrawConsentRequest>,
    ) -> Result<Response<WithdrawConsentResponse>, Status> {
        Ok(Response::new(WithdrawConsentResponse::default()))
    }

    type WatchApplicationStream = Watched;

    async fn watch_application(&self, request: Request<WatchApplicationRequest>) -> Result<Response<Watched>, Status> {
        let (call, _) = Call::open(request)?;
        let first =
            tokio_stream::once(Ok(WatchApplicationResponse { resume_token: "1".to_owned(), ..Default::default() }));
        Ok(Response::new(call.bounded(first.chain(tokio_stream::pending()))))
    }
}

/// A server under test.
pub struct Server {
    pub address: SocketAddr,
    pub callers: SharedCallers,
    pub health: Health,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Server {
    pub async fn plaintext(limits: Limits) -> Self {
        Self::start(Security::PlaintextSandbox, "", limits).await
    }

    pub async fn tls(config: &SharedTls, callers: &str) -> Self {
        Self::start(Security::Tls(Arc::clone(config)), callers, Limits::default()).await
    }

    pub async fn start(security: Security, callers: &str, limits: Limits) -> Self {
        let listener = Listener::bind((Ipv4Addr::LOCALHOST, 0).into(), security).await.unwrap();
        let address = listener.local_address();
        let callers: SharedCallers = Arc::new(ArcSwap::from_pointee(CallerTable::from_toml(callers).unwrap()));
        let health = Health::starting().await;
        health.anchors(Anchors::Present).await;
        let service = ApplicationServiceServer::new(Echo)
            .max_decoding_message_size(limits.message_octets)
            .accept_compressed(CompressionEncoding::Gzip);
        let names = ["consular.registration.v1.ApplicationService"];
        let routes = introspectable(Routes::new(service), &names, &health).unwrap();
        let conditions = Conditions {
            callers: Arc::clone(&callers),
            health: health.clone(),
            trail: SharedTrail::new(Arc::new(Unrecorded)),
            limits,
        };
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            let stop = async { stopped.await.unwrap_or(()) };
            run(listener, routes, conditions, stop).await.unwrap();
        });
        Self { address, callers, health, stop: Some(stop), task }
    }

    pub fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    pub async fn ended(self) {
        self.task.await.unwrap();
    }

    pub fn replace_callers(&self, text: &str) {
        self.callers.store(Arc::new(CallerTable::from_toml(text).unwrap()));
    }

    pub async fn channel(&self) -> Channel {
        Endpoint::from_shared(format!("http://{}", self.address)).unwrap().connect().await.unwrap()
    }

    pub async fn applications(&self) -> ApplicationServiceClient<Channel> {
        ApplicationServiceClient::new(self.channel().await)
    }

    /// A new TLS connection, tried out with one call: under TLS 1.3 a client learns only then that it was turned away.
    pub async fn connect(
        &self,
        server: &Authority,
        holder: Option<&Holder>,
    ) -> Result<ApplicationServiceClient<Channel>, Box<dyn std::error::Error>> {
        let mut tls = ClientTlsConfig::new()
            .ca_certificate(Certificate::from_pem(server.certificate.pem()))
            .domain_name("localhost");
        if let Some(holder) = holder {
            tls = tls.identity(Identity::from_pem(holder.certificate.pem(), holder.key.serialize_pem()));
        }
        let endpoint = Endpoint::from_shared(format!("https://{}", self.address))?.tls_config(tls)?;
        let channel = endpoint.connect().await?;
        let mut health = tonic_health::pb::health_client::HealthClient::new(channel.clone());
        health.check(tonic_health::pb::HealthCheckRequest::default()).await?;
        Ok(ApplicationServiceClient::new(channel))
    }
}

pub fn named(name: &str) -> GetApplicationRequest {
    GetApplicationRequest { name: name.to_owned() }
}

pub fn shared(config: rustls::ServerConfig) -> SharedTls {
    Arc::new(ArcSwap::from_pointee(config))
}

/// An entry of `callers.toml`.
pub fn entry(id: &str, holder: &Holder, rest: &str) -> String {
    format!("[[caller]]\nid = \"{id}\"\ncertificate_sha256 = \"{}\"\n{rest}\n", holder.sha256())
}
