//! Which services are offered: one line each.

use std::sync::Arc;

use tonic::codec::CompressionEncoding;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::HealthService;
use tonic_reflection::server::Builder;

use super::applications::Applications;
use super::audit::Audit;
use super::documents::Documents;
use super::health::Health;
use super::limits::Limits;
use super::listener::Listener;
use super::notifications::Notifications;
use super::proto::FILE_DESCRIPTOR_SET;
use super::proto::application_service_server::ApplicationServiceServer;
use super::proto::audit_service_server::AuditServiceServer;
use super::proto::document_service_server::DocumentServiceServer;
use super::proto::notification_service_server::NotificationServiceServer;
use super::proto::registration_service_server::RegistrationServiceServer;
use super::proto::review_service_server::ReviewServiceServer;
use super::proto::sandbox_service_server::SandboxServiceServer;
use super::proto::trust_anchor_service_server::TrustAnchorServiceServer;
use super::proto::validation_service_server::ValidationServiceServer;
use super::registrations::Registrations;
use super::reviews::Reviews;
use super::sandbox::Sandbox;
use super::server::{Conditions, ServeError, run};
use super::trust_anchors::TrustAnchors;
use super::validation::Validation;
use crate::workflow::Workflow;

/// An upload's message: 1 MiB of content and its framing.
const UPLOAD_MESSAGE_OCTETS: usize = (1 << 20) + (16 << 10);

/// Serves all services until `stop` completes; how it stops is said at [`run`]. SandboxService is offered on a plaintext listener
/// only, which is the sandbox's.
pub async fn serve(
    listener: Listener,
    workflow: Arc<Workflow>,
    conditions: Conditions,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    let mut names = Vec::new();
    let mut routes = offered(Routes::default(), &mut names, &workflow, &conditions.limits);
    if listener.is_plaintext() {
        names.push(SandboxServiceServer::<Sandbox>::NAME);
        routes = routes.add_service(SandboxServiceServer::new(Sandbox::new(workflow)));
    }
    run(listener, introspectable(routes, &names, &conditions.health)?, conditions, stop).await
}

fn offered(routes: Routes, names: &mut Vec<&'static str>, workflow: &Arc<Workflow>, limits: &Limits) -> Routes {
    let octets = limits.message_octets;
    // Gzip is accepted; what comes out of it is bounded like what came in.
    macro_rules! offer {
        ($($server:ident($handlers:expr) within $octets:expr;)*) => {{
            let mut routes = routes;
            $(
                let server = $server::new($handlers).max_decoding_message_size($octets);
                names.push(named(&server));
                routes = routes.add_service(server.accept_compressed(CompressionEncoding::Gzip));
            )*
            routes
        }};
    }
    let workflow = || Arc::clone(workflow);
    offer! {
        ApplicationServiceServer(Applications::new(workflow())) within octets;
        ReviewServiceServer(Reviews::new(workflow())) within octets;
        RegistrationServiceServer(Registrations::new(workflow())) within octets;
        DocumentServiceServer(Documents::new(workflow())) within octets;
        NotificationServiceServer(Notifications::new(workflow())) within octets;
        ValidationServiceServer(Validation::new(workflow())) within octets;
        AuditServiceServer(Audit::new(workflow())) within octets;
        TrustAnchorServiceServer(TrustAnchors::new(workflow(), limits.revocation_list_octets)) within octets.min(UPLOAD_MESSAGE_OCTETS);
    }
}

fn named<S: NamedService>(_: &S) -> &'static str {
    S::NAME
}

/// Adds health and both versions of reflection, which tells of `names` and of itself.
pub fn introspectable(routes: Routes, names: &[&'static str], health: &Health) -> Result<Routes, ServeError> {
    let health = HealthServer::new(HealthService::from_health_reporter(health.reporter()));
    let reflection = || {
        let builder = Builder::configure()
            .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET)
            .include_reflection_service(false);
        let itself =
            [named(&health), "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"];
        names.iter().chain(&itself).fold(builder, |builder, name| builder.with_service_name(*name))
    };
    let (v1, v1alpha) = (reflection().build_v1()?, reflection().build_v1alpha()?);
    Ok(routes.add_service(health).add_service(v1).add_service(v1alpha))
}
