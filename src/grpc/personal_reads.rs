//! Which methods answer with personal data: their answers leave the gate only once the audit trail holds who was shown what.

use std::fmt;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use crate::workflow::{Read, Refusal, ResourceKind, Workflow};

/// The methods whose answers are recorded as reads. Answers to filing and acting tell the actor what the act came to, and stand in the trail as
/// transitions.
pub const PERSONAL_READS: &[&str] = &[
    "/consular.registration.v1.ApplicationService/GetApplication",
    "/consular.registration.v1.ApplicationService/WatchApplication",
    "/consular.registration.v1.ApplicationService/ListApplications",
    "/consular.registration.v1.ReviewService/ListQueue",
    "/consular.registration.v1.RegistrationService/GetRegistration",
    "/consular.registration.v1.RegistrationService/ListRegistrations",
    "/consular.registration.v1.RegistrationService/ListRegistrationHistory",
    "/consular.registration.v1.RegistrationService/ExportElectoralRoll",
    "/consular.registration.v1.RegistrationService/ExportRegisterJournal",
    "/consular.registration.v1.RegistrationService/GetCrisisRoll",
    "/consular.registration.v1.RegistrationService/ExportCrisisRoll",
    "/consular.registration.v1.DocumentService/GetDocument",
    "/consular.registration.v1.DocumentService/ListDocuments",
    "/consular.registration.v1.DocumentService/DownloadDocument",
    "/consular.registration.v1.NotificationService/ListNotifications",
    "/consular.registration.v1.NotificationService/WatchNotifications",
    "/consular.registration.v1.NotificationService/AcknowledgeNotification",
    "/consular.registration.v1.ValidationService/GetValidationReport",
    "/consular.registration.v1.ValidationService/RevalidateReport",
    "/consular.registration.v1.AuditService/ListAuditEvents",
];

/// Methods that are called like reads and show nothing about anybody.
pub const IMPERSONAL_READS: &[&str] = &[
    "/consular.registration.v1.RegistrationService/ListCrises",
    "/consular.registration.v1.RegistrationService/WatchCrisis",
    "/consular.registration.v1.RegistrationService/GetStatistics",
    "/consular.registration.v1.TrustAnchorService/ListTrustAnchors",
    "/consular.registration.v1.TrustAnchorService/GetTrustStore",
    "/consular.registration.v1.SandboxService/GetClock",
];

/// A record under way.
pub type Recording<'a> = Pin<Box<dyn Future<Output = Result<(), Refusal>> + Send + 'a>>;

/// Where reads are recorded.
pub trait Trail: Send + Sync {
    /// Makes the record durable.
    fn record(&self, read: Read) -> Recording<'_>;
}

impl Trail for Workflow {
    fn record(&self, read: Read) -> Recording<'_> {
        Box::pin(self.record_read(read))
    }
}

/// The trail that the gate records in.
#[derive(Clone)]
pub struct SharedTrail(Arc<dyn Trail>);

impl SharedTrail {
    /// Shares a trail.
    pub fn new(trail: Arc<impl Trail + 'static>) -> Self {
        Self(trail)
    }
}

impl Deref for SharedTrail {
    type Target = dyn Trail;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl fmt::Debug for SharedTrail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SharedTrail")
    }
}

/// What the answer of one call shows; filled by its handler, recorded by the gate.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown(Arc<Mutex<Vec<(ResourceKind, Uuid)>>>);

impl Shown {
    /// Notes what the answer shows.
    pub(super) fn note(&self, kind: ResourceKind, id: Uuid) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((kind, id));
    }

    /// Takes what was noted.
    pub(super) fn take(&self) -> Vec<(ResourceKind, Uuid)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
