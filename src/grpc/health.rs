//! grpc.health.v1: what balancers and orchestrators are told, per service and for the server as a whole (the empty name).
//!
//! Services that judge signatures do not serve without an active trust anchor: fail closed. Trust administration does, since it is
//! the way out. A stopping server serves nothing any more.

use std::sync::Arc;

use tokio::sync::Mutex;
use tonic::server::NamedService;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use super::proto::application_service_server::ApplicationServiceServer;
use super::proto::document_service_server::DocumentServiceServer;
use super::proto::notification_service_server::NotificationServiceServer;
use super::proto::registration_service_server::RegistrationServiceServer;
use super::proto::review_service_server::ReviewServiceServer;
use super::proto::trust_anchor_service_server::TrustAnchorServiceServer;
use super::proto::validation_service_server::ValidationServiceServer;

/// Services whose work rests on trust anchors; the server as a whole is one of them.
const ON_ANCHORS: &[&str] =
    &["", ApplicationServiceServer::<()>::NAME, ReviewServiceServer::<()>::NAME, ValidationServiceServer::<()>::NAME];
/// Services that serve with or without anchors.
const ALWAYS: &[&str] = &[
    RegistrationServiceServer::<()>::NAME,
    DocumentServiceServer::<()>::NAME,
    NotificationServiceServer::<()>::NAME,
    TrustAnchorServiceServer::<()>::NAME,
];

/// Whether the trust store in force has an active, usable anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchors {
    /// At least one.
    Present,
    /// None, so that no signature can pass.
    Absent,
}

/// The handle by which the server tells how it is. Clones share one state.
#[derive(Debug, Clone, Default)]
pub struct Health {
    reporter: HealthReporter,
    /// Once stopping, nothing makes it serving again.
    stopping: Arc<Mutex<bool>>,
}

impl Health {
    /// A server that does not serve yet.
    pub async fn starting() -> Self {
        let health = Self::default();
        health.report(ON_ANCHORS, ServingStatus::NotServing).await;
        health.report(ALWAYS, ServingStatus::NotServing).await;
        health
    }

    /// Told at the start and after every change of the trust store.
    pub async fn anchors(&self, anchors: Anchors) {
        // Held over the reports, so that a stop in between is not overwritten.
        let stopping = self.stopping.lock().await;
        if *stopping {
            return;
        }
        let on_anchors = match anchors {
            Anchors::Present => ServingStatus::Serving,
            Anchors::Absent => ServingStatus::NotServing,
        };
        self.report(ON_ANCHORS, on_anchors).await;
        self.report(ALWAYS, ServingStatus::Serving).await;
    }

    /// Everything NOT_SERVING, for good.
    pub async fn stopping(&self) {
        let mut stopping = self.stopping.lock().await;
        *stopping = true;
        self.report(ON_ANCHORS, ServingStatus::NotServing).await;
        self.report(ALWAYS, ServingStatus::NotServing).await;
    }

    async fn report(&self, services: &[&str], status: ServingStatus) {
        for service in services {
            self.reporter.set_service_status(service, status).await;
        }
    }

    pub(super) fn reporter(&self) -> HealthReporter {
        self.reporter.clone()
    }
}
