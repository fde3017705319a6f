//! The service outside the sandbox: mutual TLS, roles, and what it says when settings are missing.

use std::fs;
use std::process::Command;
use std::sync::Arc;

use consular_registration::config::Settings;
use consular_registration::grpc::client::{Client, ClientError, Target, answer};
use consular_registration::grpc::proto::{
    ApplicationState, AuditEventKind, GetTrustStoreRequest, GetValidationReportRequest, ListAuditEventsRequest,
};
use consular_registration::registration::form::Kind;
use consular_registration::server::{Running, open_store, start};

use super::support::service::{Sandbox, application, reaches, refusal, submit};

/// A service with real settings, all of whose files come from a sandbox authority.
pub(super) struct Guarded {
    pub sandbox: Arc<Sandbox>,
    pub running: Running,
}

impl Guarded {
    pub async fn start() -> Self {
        let sandbox = Arc::new(Sandbox::new());
        let settings = Settings {
            listen: ([127, 0, 0, 1], 0).into(),
            tls_certificate_file: Some(sandbox.file("tls/server.crt")),
            tls_key_file: Some(sandbox.file("tls/server.key")),
            ..Settings::default().for_sandbox(&sandbox.path())
        };
        open_store(&settings).await.unwrap().migrate().await.unwrap();
        let running = start(settings, None).await.expect("the service starts");
        Self { sandbox, running }
    }

    pub async fn caller(&self, name: &str) -> Result<Client, ClientError> {
        let identity = |ending: &str| fs::read(self.sandbox.file(&format!("callers/{name}.{ending}"))).unwrap();
        self.connect(Some((identity("crt"), identity("key")))).await
    }

    async fn connect(&self, identity: Option<(Vec<u8>, Vec<u8>)>) -> Result<Client, ClientError> {
        let target = Target {
            address: format!("https://localhost:{}", self.running.address.port()),
            certificate_authority: Some(fs::read(self.sandbox.file("roots/tls.crt")).unwrap()),
            identity,
        };
        Client::connect(&target).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_sees_its_own_applications_and_others_are_not_found() {
    let service = Guarded::start().await;
    let portal = service.caller("portal").await.unwrap();
    let form = service.sandbox.form("assel", Kind::Temporary);
    let filed = submit(&portal, service.sandbox.signed("assel", &form), "").await.unwrap();
    assert_eq!(filed.submitted_by, "portal");
    assert!(application(&portal, &filed.name).await.is_ok());

    // The mission that handles it sees it, another mission does not, the ministry sees all.
    assert!(application(&service.caller("berlin").await.unwrap(), &filed.name).await.is_ok());
    assert!(application(&service.caller("ministry").await.unwrap(), &filed.name).await.is_ok());
    let foreign = application(&service.caller("istanbul").await.unwrap(), &filed.name).await;
    assert_eq!(refusal(foreign.unwrap_err()).code, "NOT_FOUND");
    service.running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_may_call_what_its_role_allows() {
    let service = Guarded::start().await;
    let portal = service.caller("portal").await.unwrap();
    let denied = answer(portal.trust_anchors().get_trust_store(GetTrustStoreRequest {})).await;
    assert_eq!(refusal(denied.unwrap_err()).code, "PERMISSION_DENIED");
    let administrator = service.caller("trust-administrator").await.unwrap();
    assert!(answer(administrator.trust_anchors().get_trust_store(GetTrustStoreRequest {})).await.is_ok());
    let trail = || ListAuditEventsRequest { kind: AuditEventKind::Read.into(), ..Default::default() };
    let denied = answer(service.caller("ministry").await.unwrap().audit().list_audit_events(trail())).await;
    assert_eq!(refusal(denied.unwrap_err()).code, "PERMISSION_DENIED");
    assert!(answer(service.caller("auditor").await.unwrap().audit().list_audit_events(trail())).await.is_ok());
    service.running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gets_in_without_a_certificate() {
    let service = Guarded::start().await;
    let outcome = match service.connect(None).await {
        Err(error) => Err(error),
        // TLS 1.3 tells the client of its rejection at the first read.
        Ok(client) => answer(client.trust_anchors().get_trust_store(GetTrustStoreRequest {})).await,
    };
    assert!(matches!(outcome, Err(ClientError::Connection { .. } | ClientError::Refused(_))), "{outcome:?}");
    service.running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mission_files_for_itself_only_and_reads_the_reports_its_applications_name() {
    let service = Guarded::start().await;
    let (portal, berlin) = (service.caller("portal").await.unwrap(), service.caller("berlin").await.unwrap());
    let istanbul = service.caller("istanbul").await.unwrap();
    let form = service.sandbox.form("assel", Kind::Temporary);
    let signed = service.sandbox.signed("assel", &form);
    let refused = submit(&istanbul, signed.clone(), "").await.unwrap_err();
    assert_eq!((refused.code, refused.reason.as_str()), ("PERMISSION_DENIED", "OUT_OF_JURISDICTION"));

    let filed = submit(&portal, signed, "").await.unwrap();
    let report = async |client: &Client| {
        let request = GetValidationReportRequest { name: filed.validation_report.clone(), ..Default::default() };
        answer(client.validations().get_validation_report(request)).await
    };
    assert!(report(&berlin).await.is_ok());
    assert_eq!(refusal(report(&istanbul).await.unwrap_err()).code, "NOT_FOUND");
    service.running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn content_that_another_caller_has_filed_is_not_found_whatever_has_become_of_it() {
    let service = Guarded::start().await;
    let (portal, berlin) = (service.caller("portal").await.unwrap(), service.caller("berlin").await.unwrap());
    let form = service.sandbox.form("assel", Kind::Temporary);
    let signed = service.sandbox.signed("assel", &form);
    let filed = submit(&portal, signed.clone(), "").await.unwrap();
    for _ in 0..2 {
        let copied = submit(&berlin, signed.clone(), "").await.unwrap_err();
        assert_eq!((copied.code, copied.reason.as_str()), ("NOT_FOUND", "NOT_FOUND"));
        assert!(copied.findings.is_empty());
        // Then again with the registration there, which an application of its own would be told of.
        reaches(&portal, &filed.name, ApplicationState::Completed).await;
    }
    assert_eq!(submit(&portal, signed, "").await.unwrap().name, filed.name);
    service.running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_roots_of_callers_may_come_from_a_file_of_their_own() {
    let sandbox = Arc::new(Sandbox::new());
    let trust = fs::read_to_string(sandbox.file("trust.toml")).unwrap();
    let rows = trust.split_inclusive("\n\n").filter(|row| !row.contains("CALLERS")).collect::<String>();
    fs::write(sandbox.file("trust.toml"), rows).unwrap();
    let settings = Settings {
        listen: ([127, 0, 0, 1], 0).into(),
        tls_certificate_file: Some(sandbox.file("tls/server.crt")),
        tls_key_file: Some(sandbox.file("tls/server.key")),
        ..Settings::default().for_sandbox(&sandbox.path())
    };
    let missing: Vec<_> = settings.problems().iter().map(|problem| problem.setting).collect();
    assert_eq!(missing, ["callers_trust_file"]);

    let settings = Settings { callers_trust_file: Some(sandbox.file("roots/tls.crt")), ..settings };
    assert_eq!(settings.problems(), []);
    open_store(&settings).await.unwrap().migrate().await.unwrap();
    let running = start(settings, None).await.expect("the service starts");
    let service = Guarded { sandbox, running };
    let administrator = service.caller("trust-administrator").await.unwrap();
    assert!(answer(administrator.trust_anchors().get_trust_store(GetTrustStoreRequest {})).await.is_ok());
    service.running.stop().await.unwrap();
}

#[test]
fn serve_without_settings_names_each_one_that_is_missing() {
    let folder = tempfile::TempDir::new().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_consular")).arg("serve").current_dir(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    for setting in [
        "storage_key_file",
        "tls_certificate_file",
        "tls_key_file",
        "callers_file",
        "callers_trust_file",
        "officers_file",
        "seal_key_file",
        "seal_certificate_file",
        "trust_seed_file",
    ] {
        assert!(said.contains(setting), "{setting} is missing in:\n{said}");
    }
}
