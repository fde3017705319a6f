//! Which role may call which method, and how far its sight reaches there: one table. A method without a row is denied to everybody.

use super::callers::{CallerEntry, Role};
use crate::workflow::Scope;

/// How far a role sees in one method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// What the caller itself has submitted.
    Own,
    /// What the caller's mission handles.
    Mission,
    /// Everything.
    All,
}

/// How a method's messages flow, which decides its bounds on time and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// One request, one response.
    Unary,
    /// A stream of requests, one response.
    Upload,
    /// One request, a stream of responses.
    Stream,
    /// A stream of requests, a stream of responses.
    Exchange,
}

/// One row: a method, its flow, and who may call it.
#[derive(Debug, Clone, Copy)]
pub struct Method {
    /// Full path as it stands in the request.
    pub path: &'static str,
    /// How its messages flow.
    pub flow: Flow,
    /// Roles allowed, and how far each sees.
    pub allowed: &'static [(Role, Reach)],
}

use Flow::{Exchange, Stream, Unary, Upload};
use Reach::{All, Mission, Own};

const FILE: &[(Role, Reach)] = &[(Role::Portal, Own), (Role::Mission, Mission)];
const FOLLOW: &[(Role, Reach)] = &[(Role::Portal, Own), (Role::Mission, Mission), (Role::Ministry, All)];
const LOOK: &[(Role, Reach)] =
    &[(Role::Portal, Own), (Role::Mission, Mission), (Role::Ministry, All), (Role::Auditor, All)];
const LIST: &[(Role, Reach)] = &[(Role::Mission, Mission), (Role::Ministry, All), (Role::Auditor, All)];
const REVIEW: &[(Role, Reach)] = &[(Role::Mission, Mission)];
const QUEUE: &[(Role, Reach)] = &[(Role::Mission, Mission), (Role::Ministry, All)];
const VALIDATE: &[(Role, Reach)] =
    &[(Role::Portal, Own), (Role::Mission, Own), (Role::Ministry, Own), (Role::Validation, Own)];
const READ_REPORT: &[(Role, Reach)] = &[
    (Role::Portal, Own),
    (Role::Mission, Mission),
    (Role::Ministry, All),
    (Role::Validation, Own),
    (Role::Auditor, All),
];
const ADMINISTER_TRUST: &[(Role, Reach)] = &[(Role::TrustAdministrator, All)];
const READ_TRUST: &[(Role, Reach)] = &[(Role::TrustAdministrator, All), (Role::Ministry, All), (Role::Auditor, All)];
/// Every caller there is; what is answered does not depend on who asks.
const EVERYBODY: &[(Role, Reach)] = &[
    (Role::Portal, Own),
    (Role::Mission, Own),
    (Role::Ministry, Own),
    (Role::Validation, Own),
    (Role::TrustAdministrator, Own),
    (Role::Auditor, Own),
];
const AUDIT: &[(Role, Reach)] = &[(Role::Auditor, All)];
/// Nobody by role: the sandbox caller alone, who passes everywhere.
const SANDBOX: &[(Role, Reach)] = &[];

const fn row(path: &'static str, flow: Flow, allowed: &'static [(Role, Reach)]) -> Method {
    Method { path, flow, allowed }
}

/// The table.
#[rustfmt::skip]
pub const METHODS: &[Method] = &[
    row("/consular.registration.v1.ApplicationService/SubmitApplication", Unary, FILE),
    row("/consular.registration.v1.ApplicationService/GetApplication", Unary, LOOK),
    row("/consular.registration.v1.ApplicationService/WatchApplication", Stream, FOLLOW),
    row("/consular.registration.v1.ApplicationService/ListApplications", Unary, LOOK),
    row("/consular.registration.v1.ApplicationService/ResubmitApplication", Unary, FILE),
    row("/consular.registration.v1.ApplicationService/WithdrawApplication", Unary, FILE),
    row("/consular.registration.v1.ApplicationService/WithdrawConsent", Unary, FILE),
    row("/consular.registration.v1.ReviewService/ListQueue", Unary, QUEUE),
    row("/consular.registration.v1.ReviewService/VerifyEvidence", Unary, REVIEW),
    row("/consular.registration.v1.ReviewService/ApproveApplication", Unary, REVIEW),
    row("/consular.registration.v1.ReviewService/ClaimApplication", Unary, REVIEW),
    row("/consular.registration.v1.ReviewService/ReturnApplication", Unary, REVIEW),
    row("/consular.registration.v1.ReviewService/IssuePreliminaryRefusal", Unary, REVIEW),
    row("/consular.registration.v1.ReviewService/RecordHearing", Unary, REVIEW),
    row("/consular.registration.v1.ReviewService/RefuseApplication", Unary, REVIEW),
    row("/consular.registration.v1.ReviewService/ForwardApplication", Unary, REVIEW),
    row("/consular.registration.v1.RegistrationService/GetRegistration", Unary, LOOK),
    row("/consular.registration.v1.RegistrationService/ListRegistrations", Unary, LIST),
    row("/consular.registration.v1.RegistrationService/ListRegistrationHistory", Unary, LOOK),
    row("/consular.registration.v1.RegistrationService/DeregisterRegistration", Unary, REVIEW),
    row("/consular.registration.v1.RegistrationService/AnnulRegistration", Unary, REVIEW),
    row("/consular.registration.v1.RegistrationService/ExportElectoralRoll", Stream, QUEUE),
    row("/consular.registration.v1.RegistrationService/ExportRegisterJournal", Stream, QUEUE),
    row("/consular.registration.v1.RegistrationService/AnnounceElection", Unary, QUEUE),
    row("/consular.registration.v1.RegistrationService/OpenCrisis", Unary, QUEUE),
    row("/consular.registration.v1.RegistrationService/BroadcastCrisis", Unary, QUEUE),
    row("/consular.registration.v1.RegistrationService/CloseCrisis", Unary, QUEUE),
    row("/consular.registration.v1.RegistrationService/RecordCrisisReply", Unary, FOLLOW),
    row("/consular.registration.v1.RegistrationService/GetCrisisRoll", Unary, QUEUE),
    row("/consular.registration.v1.RegistrationService/ExportCrisisRoll", Stream, QUEUE),
    row("/consular.registration.v1.RegistrationService/ListCrises", Unary, QUEUE),
    row("/consular.registration.v1.RegistrationService/WatchCrisis", Stream, QUEUE),
    row("/consular.registration.v1.RegistrationService/GetStatistics", Unary, LIST),
    row("/consular.registration.v1.DocumentService/GetDocument", Unary, LOOK),
    row("/consular.registration.v1.DocumentService/ListDocuments", Unary, LOOK),
    row("/consular.registration.v1.DocumentService/DownloadDocument", Stream, FOLLOW),
    row("/consular.registration.v1.DocumentService/VerifyDocument", Unary, EVERYBODY),
    row("/consular.registration.v1.NotificationService/ListNotifications", Unary, FOLLOW),
    row("/consular.registration.v1.NotificationService/WatchNotifications", Stream, FOLLOW),
    row("/consular.registration.v1.NotificationService/AcknowledgeNotification", Unary, FILE),
    row("/consular.registration.v1.ValidationService/ValidateSignature", Unary, VALIDATE),
    row("/consular.registration.v1.ValidationService/ValidateSignatures", Exchange, VALIDATE),
    row("/consular.registration.v1.ValidationService/GetValidationReport", Unary, READ_REPORT),
    row("/consular.registration.v1.ValidationService/RevalidateReport", Unary, READ_REPORT),
    row("/consular.registration.v1.TrustAnchorService/ImportTrustAnchor", Unary, ADMINISTER_TRUST),
    row("/consular.registration.v1.TrustAnchorService/ActivateTrustAnchor", Unary, ADMINISTER_TRUST),
    row("/consular.registration.v1.TrustAnchorService/RetireTrustAnchor", Unary, ADMINISTER_TRUST),
    row("/consular.registration.v1.TrustAnchorService/ListTrustAnchors", Unary, READ_TRUST),
    row("/consular.registration.v1.TrustAnchorService/GetTrustStore", Unary, READ_TRUST),
    row("/consular.registration.v1.TrustAnchorService/ImportCertificateRevocationList", Upload, ADMINISTER_TRUST),
    row("/consular.registration.v1.AuditService/ListAuditEvents", Unary, AUDIT),
    row("/consular.registration.v1.SandboxService/GetClock", Unary, SANDBOX),
    row("/consular.registration.v1.SandboxService/SetClock", Unary, SANDBOX),
];

/// Services that any peer past the handshake may ask: they tell what the service is, nothing about anybody.
const OPEN: &[&str] =
    &["/grpc.health.v1.Health/", "/grpc.reflection.v1.ServerReflection/", "/grpc.reflection.v1alpha.ServerReflection/"];

/// What the table says about a path.
#[derive(Debug, Clone, Copy)]
pub enum Access {
    /// Anybody past the handshake.
    Open,
    /// Those in the row.
    Restricted(&'static Method),
    /// No row: nobody.
    Denied,
}

/// Looks a request's path up.
pub fn access(path: &str) -> Access {
    if let Some(method) = METHODS.iter().find(|method| method.path == path) {
        return Access::Restricted(method);
    }
    if OPEN.iter().any(|service| path.starts_with(service)) {
        return Access::Open;
    }
    Access::Denied
}

impl Method {
    /// How far `caller` sees here: by the widest of its roles; `None` when none of them is allowed.
    pub fn scope_of(&self, caller: &CallerEntry) -> Option<Scope> {
        let reach =
            self.allowed.iter().filter(|(role, _)| caller.roles.contains(role)).map(|(_, reach)| *reach).max()?;
        match reach {
            Reach::Own => Some(Scope::Own),
            Reach::Mission => caller.mission.clone().map(Scope::Mission),
            Reach::All => Some(Scope::All),
        }
    }
}
