//! Trust that changes while the service runs: hot, audited, every report naming its revision.

use consular_registration::config::Settings;
use consular_registration::grpc::client::{Client, Health, answer};
use consular_registration::grpc::proto::{
    ActivateTrustAnchorRequest, ApplicationState, GetTrustStoreRequest, GetValidationReportRequest,
    ImportTrustAnchorRequest, RetireTrustAnchorRequest, SetClockRequest, TrustAnchor, TrustEntryKind, TrustEntryState,
    TrustPurpose,
};
use consular_registration::registration::form::Kind;

use consular_registration::server::start;

use super::support::pki::{Authority, ListTemplate};
use super::support::service::{Sandbox, Service, metadata, now, refusal};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_revokes_a_citizen_counts_from_the_next_application_on() {
    let service = Service::sqlite().await;
    let form = service.sandbox.form("assel", Kind::Temporary);
    let before = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
    service.reaches(&before.name, ApplicationState::Completed).await;
    let revision_before = report_revision(&service, &before.validation_report).await;

    let folder = service.sandbox.path().join("elsewhere");
    std::fs::create_dir(&folder).unwrap();
    let list = service.sandbox.authority().revoke("citizens/assel", now()).unwrap();
    let list = std::fs::read(list).unwrap();
    let pieces = Client::crl_pieces(&list);
    let imported = answer(service.client.trust_anchors().import_certificate_revocation_list(pieces)).await.unwrap();
    assert!(imported.trust_store_revision >= revision_before);

    let form = service.sandbox.form("assel", Kind::Temporary);
    let refused = service.submit(service.sandbox.signed("assel", &form)).await.unwrap_err();
    assert_eq!(metadata(&refused, "sub_indication"), "REVOKED_NO_POE", "{refused:?}");
    let revision_after = report_revision(&service, metadata(&refused, "validation_report")).await;
    assert!(revision_after > revision_before, "{revision_after} after {revision_before}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_list_never_replaces_a_newer_one() {
    let service = Service::sqlite().await;
    let old = std::fs::read(service.sandbox.file("crls/rsa.crl")).unwrap();
    let newer = std::fs::read(service.sandbox.authority().revoke("citizens/assel", now()).unwrap()).unwrap();
    answer(service.client.trust_anchors().import_certificate_revocation_list(Client::crl_pieces(&newer)))
        .await
        .unwrap();
    let refused =
        answer(service.client.trust_anchors().import_certificate_revocation_list(Client::crl_pieces(&old))).await;
    let refused = refusal(refused.unwrap_err());
    assert_eq!((refused.code, refused.reason.as_str()), ("FAILED_PRECONDITION", "CRL_OLDER"));
    for broken in [&newer[..newer.len() - 1], b"", b"garbage"] {
        let pieces = Client::crl_pieces(broken);
        let refused = answer(service.client.trust_anchors().import_certificate_revocation_list(pieces)).await;
        assert_eq!(refusal(refused.unwrap_err()).code, "INVALID_ARGUMENT");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_root_is_trusted_once_it_is_active_and_no_longer_when_it_is_retired() {
    let service = Service::sqlite().await;
    let signed = || service.sandbox.signed("outsider", &service.sandbox.form("outsider", Kind::Temporary));
    let import = ImportTrustAnchorRequest {
        certificate: std::fs::read(service.sandbox.file("untrusted/outsider.crt")).unwrap(),
        kind: TrustEntryKind::Anchor.into(),
        purposes: vec![TrustPurpose::Applicants.into()],
        note: "a test".into(),
        ..ImportTrustAnchorRequest::default()
    };
    let imported = answer(service.client.trust_anchors().import_trust_anchor(import.clone())).await.unwrap();
    let prepared = imported.trust_anchor.unwrap();
    assert_eq!(prepared.state(), TrustEntryState::Prepared);
    let refused = service.submit(signed()).await.unwrap_err();
    assert_eq!(metadata(&refused, "sub_indication"), "NO_CERTIFICATE_CHAIN_FOUND", "prepared is not trusted");
    let twice = refusal(answer(service.client.trust_anchors().import_trust_anchor(import)).await.unwrap_err());
    assert_eq!(twice.code, "ALREADY_EXISTS");

    let active = activate(&service, &prepared).await;
    assert_eq!(active.state(), TrustEntryState::Active);
    // The path holds now; what is missing is fresh revocation information.
    let refused = service.submit(signed()).await.unwrap_err();
    assert_eq!(metadata(&refused, "sub_indication"), "TRY_LATER", "{refused:?}");
    assert_eq!(refused.code, "UNAVAILABLE", "nothing is wrong with the signature: {refused:?}");
    assert!(refused.retry_after.is_some());

    let retire = RetireTrustAnchorRequest { name: active.name.clone(), etag: active.etag.clone(), note: String::new() };
    let retired = answer(service.client.trust_anchors().retire_trust_anchor(retire.clone())).await.unwrap();
    assert_eq!(retired.trust_anchor.unwrap().state(), TrustEntryState::Retired);
    let stale = refusal(answer(service.client.trust_anchors().retire_trust_anchor(retire)).await.unwrap_err());
    assert_eq!(stale.code, "ABORTED");
    let refused = service.submit(signed()).await.unwrap_err();
    assert_eq!(metadata(&refused, "sub_indication"), "NO_CERTIFICATE_CHAIN_FOUND", "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_anchor_is_refused_with_reasons() {
    let service = Service::sqlite().await;
    let import = |file: &str| ImportTrustAnchorRequest {
        certificate: std::fs::read(service.sandbox.file(file)).unwrap(),
        kind: TrustEntryKind::Anchor.into(),
        purposes: vec![TrustPurpose::Applicants.into()],
        ..ImportTrustAnchorRequest::default()
    };
    let leaf = refusal(
        answer(service.client.trust_anchors().import_trust_anchor(import("citizens/assel.crt"))).await.unwrap_err(),
    );
    assert_eq!((leaf.code, leaf.fields.is_empty()), ("INVALID_ARGUMENT", false));
    let key =
        refusal(answer(service.client.trust_anchors().import_trust_anchor(import("roots/rsa.key"))).await.unwrap_err());
    assert!(key.fields.iter().any(|field| field.description.contains("private key")), "{key:?}");

    let store = answer(service.client.trust_anchors().get_trust_store(GetTrustStoreRequest {})).await.unwrap();
    let retire = |file: &str| {
        let root = service.sandbox.certificate(file);
        let root = store.trust_anchors.iter().find(|anchor| anchor.certificate == root.der()).unwrap();
        RetireTrustAnchorRequest { name: root.name.clone(), etag: root.etag.clone(), note: String::new() }
    };
    answer(service.client.trust_anchors().retire_trust_anchor(retire("roots/rsa"))).await.unwrap();
    let last =
        refusal(answer(service.client.trust_anchors().retire_trust_anchor(retire("roots/gost"))).await.unwrap_err());
    assert_eq!((last.code, last.reason.as_str()), ("FAILED_PRECONDITION", "LAST_ACTIVE_ANCHOR"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_by_which_nobody_could_tell_when_it_is_stale_is_refused() {
    let service = Service::sqlite().await;
    let authority = Authority::root("Callers of a test");
    let import = ImportTrustAnchorRequest {
        certificate: authority.certificate.der().to_vec(),
        kind: TrustEntryKind::Anchor.into(),
        purposes: vec![TrustPurpose::Callers.into()],
        ..ImportTrustAnchorRequest::default()
    };
    answer(service.client.trust_anchors().import_trust_anchor(import)).await.unwrap();
    let (this_update, next_update) = (now() - chrono::TimeDelta::hours(1), now() + chrono::TimeDelta::hours(12));
    let endless = ListTemplate { this_update, next_update: None, ..ListTemplate::new(1) };
    let pieces = Client::crl_pieces(&endless.issue_der(&authority));
    let refused = answer(service.client.trust_anchors().import_certificate_revocation_list(pieces)).await;
    assert_eq!(refusal(refused.unwrap_err()).reason, "CRL_UNUSABLE");
    let ended = ListTemplate { this_update, next_update: Some(next_update), ..ListTemplate::new(2) };
    let pieces = Client::crl_pieces(&ended.issue_der(&authority));
    answer(service.client.trust_anchors().import_certificate_revocation_list(pieces)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_start_that_fails_takes_in_nothing_and_is_repeated_whole() {
    let sandbox = Sandbox::new();
    let settings = Settings { listen: ([127, 0, 0, 1], 0).into(), ..Settings::default() }.for_sandbox(&sandbox.path());
    let trust = std::fs::read_to_string(sandbox.file("trust.toml")).unwrap();
    let at = trust.rfind("kind = ").unwrap();
    let broken = format!("{}kind = \"NONSENSE\" #{}", &trust[..at], &trust[at..]);
    std::fs::write(sandbox.file("trust.toml"), broken).unwrap();
    assert!(start(settings, Some(sandbox.authority())).await.is_err());

    std::fs::write(sandbox.file("trust.toml"), &trust).unwrap();
    let service = Service::over(sandbox, Settings::default()).await;
    let store = answer(service.client.trust_anchors().get_trust_store(GetTrustStoreRequest {})).await.unwrap();
    assert_eq!(store.trust_anchors.len(), trust.matches("[[certificate]]").count());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_in_the_folder_counts_once_its_issuer_is_known() {
    let sandbox = Sandbox::new();
    let trust = std::fs::read_to_string(sandbox.file("trust.toml")).unwrap();
    let rows = trust.split_inclusive("\n\n").filter(|row| !row.contains("CALLERS")).collect::<String>();
    assert!(rows.contains("APPLICANTS") && !rows.contains("CALLERS"));
    std::fs::write(sandbox.file("trust.toml"), rows).unwrap();
    let service = Service::over(sandbox, Settings::default()).await;
    let lists = async || {
        let store = answer(service.client.trust_anchors().get_trust_store(GetTrustStoreRequest {})).await.unwrap();
        store.certificate_revocation_lists.len()
    };
    let before = lists().await;
    let import = ImportTrustAnchorRequest {
        certificate: std::fs::read(service.sandbox.file("roots/tls.crt")).unwrap(),
        kind: TrustEntryKind::Anchor.into(),
        purposes: vec![TrustPurpose::Callers.into()],
        ..ImportTrustAnchorRequest::default()
    };
    answer(service.client.trust_anchors().import_trust_anchor(import)).await.unwrap();
    let begun = std::time::Instant::now();
    while lists().await == before {
        assert!(begun.elapsed().as_secs() < 60, "the refused list is looked at again");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_says_so_when_every_anchor_has_expired() {
    let service = Service::sqlite().await;
    assert_eq!(service.client.health("").await.unwrap(), Health::Serving);
    let far = now() + chrono::TimeDelta::days(60 * 365);
    let request = SetClockRequest { time: Some(prost_types::Timestamp { seconds: far.timestamp(), nanos: 0 }) };
    answer(service.client.sandbox().set_clock(request)).await.unwrap();
    let begun = std::time::Instant::now();
    while service.client.health("").await.unwrap() == Health::Serving {
        assert!(begun.elapsed().as_secs() < 60, "time alone changes what is trusted");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

async fn activate(service: &Service, entry: &TrustAnchor) -> TrustAnchor {
    let request =
        ActivateTrustAnchorRequest { name: entry.name.clone(), etag: entry.etag.clone(), ..Default::default() };
    answer(service.client.trust_anchors().activate_trust_anchor(request)).await.unwrap().trust_anchor.unwrap()
}

async fn report_revision(service: &Service, name: &str) -> u64 {
    let request = GetValidationReportRequest { name: name.to_owned(), ..Default::default() };
    let report = answer(service.client.validations().get_validation_report(request)).await.unwrap();
    report.report.unwrap().trust_store_revision
}
