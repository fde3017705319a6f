//! Reports repeated from their evidence: to the same bytes, whatever has changed since, or not at all.

use consular_registration::cms::{SigningKey, sign_detached};
use consular_registration::config::Settings;
use consular_registration::grpc::client::{Client, ClientError, Target, answer};
use consular_registration::grpc::proto::{
    ActivateTrustAnchorRequest, GetTrustStoreRequest, ImportTrustAnchorRequest, RetireTrustAnchorRequest,
    RevalidateReportRequest, RevalidateReportResponse, SetClockRequest, TrustAnchor, TrustEntryKind, TrustPurpose,
    ValidateSignatureRequest, ValidationReport,
};
use consular_registration::pki::der::{Tag, write};
use consular_registration::pki::pem;
use consular_registration::registration::form::Kind;
use consular_registration::server::{open_store, start};
use consular_registration::store::{EvidenceItem, NewReport, ReportRecord};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use sea_orm::{ConnectionTrait, Database};
use uuid::Uuid;

use super::support::forge::{self, Message};
use super::support::ocsp;
use super::support::openssl::PKI;
use super::support::postgres;
use super::support::service::{Sandbox, Service, metadata, now, refusal};
use super::support::time_stamp::{SIGNATURE_TIME_STAMP, Token};
use super::support::xml;

with_each_database! {
    async fn a_report_is_repeated_to_the_same_bytes_whatever_was_trusted_since(service: Service) {
        let sandbox = &service.sandbox;
        let detached = {
            let key = SigningKey::from_bytes(&std::fs::read(sandbox.file("citizens/assel.key")).unwrap()).unwrap();
            sign_detached(&key, &sandbox.certificate("citizens/assel"), &[], b"apart", now()).unwrap()
        };
        let beside = ["intermediates/rsa", "citizens/revoked", "citizens/student", "intermediates/rsa"];
        let beside = beside.map(|name| sandbox.certificate(name).der().to_vec()).to_vec();
        let mut names = Vec::new();
        for request in [
            attached(sandbox.sign("citizens/assel", b"content")),
            attached(sandbox.sign("citizens/gost", b"content")),
            attached(sandbox.sign("citizens/revoked", b"content")),
            attached(sandbox.sign("citizens/outsider", b"content")),
            ValidateSignatureRequest { certificates: beside, content: Some(b"apart".to_vec()), ..attached(detached) },
            ValidateSignatureRequest {
                policy: "strict".to_owned(),
                ..attached(sandbox.sign("citizens/assel", b"content"))
            },
        ] {
            names.push(validate(&service.client, request).await.name);
        }
        let form = sandbox.form("daniyar", Kind::Permanent);
        names.push(service.submit(sandbox.signed("daniyar", &form)).await.unwrap().validation_report);
        let refused = service.submit(sandbox.signed("revoked", &sandbox.form("revoked", Kind::Temporary))).await;
        names.push(metadata(&refused.unwrap_err(), "validation_report").to_owned());
        let first = repeat_all(&service.client, &names).await;
        assert!(first.iter().any(|report| report.indication == "TOTAL-PASSED"));

        // The certificate of the first is revoked, the root of the second retired, another root comes in.
        let list = std::fs::read(sandbox.authority().revoke("citizens/assel", now()).unwrap()).unwrap();
        let pieces = Client::crl_pieces(&list);
        answer(service.client.trust_anchors().import_certificate_revocation_list(pieces)).await.unwrap();
        let outsider = std::fs::read(sandbox.file("untrusted/outsider.crt")).unwrap();
        trust(&service.client, outsider, TrustEntryKind::Anchor).await;
        let root = sandbox.certificate("roots/gost");
        let store = answer(service.client.trust_anchors().get_trust_store(GetTrustStoreRequest {})).await.unwrap();
        let root = store.trust_anchors.into_iter().find(|anchor| anchor.certificate == root.der()).unwrap();
        let retire = RetireTrustAnchorRequest { name: root.name, etag: root.etag, note: String::new() };
        answer(service.client.trust_anchors().retire_trust_anchor(retire)).await.unwrap();
        for (signer, sub_indication) in [("assel", "REVOKED_NO_POE"), ("gost", "NO_CERTIFICATE_CHAIN_FOUND")] {
            let signed = service.sandbox.sign(&format!("citizens/{signer}"), b"content");
            assert_eq!(validate(&service.client, attached(signed)).await.sub_indication, sub_indication);
        }
        assert_eq!(repeat_all(&service.client, &names).await, first);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn responses_beside_a_signature_count_and_are_kept_with_the_report() {
    let service = Service::sqlite().await;
    let sandbox = &service.sandbox;
    let issuer = sandbox.certificate("intermediates/rsa");
    let key = pem::single(std::fs::read(sandbox.file("intermediates/rsa.key")).unwrap(), "PRIVATE KEY").unwrap();
    let key = RsaKeyPair::from_pkcs8(&key).unwrap();
    let sign = |tbs: &[u8]| {
        let mut signature = vec![0; key.public().modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), tbs, &mut signature).unwrap();
        signature
    };
    let hour_ago = now() - chrono::TimeDelta::hours(1);
    let told = |status| {
        let response = ocsp::Response::new(&sandbox.certificate("citizens/assel"), &issuer, &issuer, status, hour_ago);
        response.encode(&write::algorithm_with_null(&forge::SHA256_RSA), sign)
    };
    let request = |ocsps| ValidateSignatureRequest { ocsps, ..attached(sandbox.sign("citizens/assel", b"content")) };
    let (good, revoked) = (told(ocsp::good()), told(ocsp::revoked(hour_ago, None)));
    let mut names = Vec::new();
    for (ocsps, verdict) in [
        (vec![good.clone()], ("TOTAL-PASSED", "")),
        (vec![revoked.clone()], ("INDETERMINATE", "REVOKED_NO_POE")),
        (vec![good.clone(), revoked, good.clone()], ("INDETERMINATE", "REVOKED_NO_POE")),
    ] {
        let report = validate(&service.client, request(ocsps)).await;
        assert_eq!((report.indication.as_str(), report.sub_indication.as_str()), verdict);
        names.push(report.name);
    }
    repeat_all(&service.client, &names).await;

    for (ocsps, field) in [(vec![good.clone(), b"none".to_vec()], "ocsps[1]"), (vec![good; 17], "ocsps")] {
        let refused = answer(service.client.validations().validate_signature(request(ocsps))).await;
        assert_eq!(refusal(refused.unwrap_err()).fields[0].field, field);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn xml_time_stamps_and_foreign_encodings_are_repeated_too() {
    let service = Service::sqlite().await;
    let client = &service.client;
    let at = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    let june = at("2026-06-01T00:00:00Z").timestamp();
    let clock = SetClockRequest { time: Some(prost_types::Timestamp { seconds: june, nanos: 0 }) };
    answer(client.sandbox().set_clock(clock)).await.unwrap();
    trust(client, PKI.certificate("root").der().to_vec(), TrustEntryKind::Anchor).await;
    trust(client, PKI.certificate("ca").der().to_vec(), TrustEntryKind::Intermediate).await;
    for list in PKI.lists() {
        let list = list.der().unwrap().into_owned();
        answer(client.trust_anchors().import_certificate_revocation_list(Client::crl_pieces(&list))).await.unwrap();
    }
    let stamped = {
        let mut message = Message::new(&PKI, "thief", b"content");
        let attributes = message.signers[0].attributes.clone().unwrap();
        let value = forge::rsa(&PKI, "thief.key", &write::set_of(Tag::SET, attributes));
        let token = Token::new(&PKI, "tsa", &value, at("2026-01-15T00:00:00Z")).encode(&PKI);
        message.signers[0].signature = Some(value);
        message.signers[0].unsigned = vec![forge::attribute(&SIGNATURE_TIME_STAMP, &[token])];
        message.encode(&PKI)
    };
    let document = xml::enveloped(&PKI, "alice", "<a></a>").into_bytes();
    let mut names = Vec::new();
    for (signature, indication) in [
        (stamped, "TOTAL-PASSED"),
        (document, "TOTAL-PASSED"),
        (PKI.sign("alice", b"content", &["-stream"]), "TOTAL-PASSED"),
        (PKI.sign("alice", b"content", &["-outform", "PEM"]), "TOTAL-PASSED"),
        (PKI.sign("late", b"content", &[]), "INDETERMINATE"),
    ] {
        let report = validate(client, attached(signature)).await;
        assert_eq!(report.indication, indication, "{}", report.canonical_json);
        names.push(report.name);
    }
    assert!(!repeat(client, &names[0]).await.unwrap().stored.unwrap().canonical_json.contains("\"time_stamps\":[]"));
    repeat_all(client, &names).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_outlive_the_process_that_made_them() {
    for database_url in [Settings::default().database_url, postgres::new_database().await] {
        let sandbox = Sandbox::new();
        let settings = Settings { listen: ([127, 0, 0, 1], 0).into(), database_url, ..Settings::default() }
            .for_sandbox(&sandbox.path());
        let mut names = Vec::new();
        for _ in 0..2 {
            let running = start(settings.clone(), Some(sandbox.authority())).await.expect("the service starts");
            let target = Target::plaintext(format!("http://{}", running.address));
            let client = Client::connect(&target).await.expect("it answers");
            names.push(validate(&client, attached(sandbox.sign("citizens/assel", b"content"))).await.name);
            repeat_all(&client, &names).await;
            drop(client);
            running.stop().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evidence_that_is_gone_is_named_and_nothing_is_judged_without_it() {
    for database_url in [None, Some(postgres::new_database().await)] {
        let sandbox = Sandbox::new();
        let sqlite = format!("sqlite://{}", sandbox.file("consular.sqlite").display());
        let settings =
            Settings { database_url: database_url.clone().unwrap_or_else(|| sqlite.clone()), ..Settings::default() };
        let service = Service::over(sandbox, settings).await;
        let signed = service.sandbox.sign("citizens/assel", b"content");
        let report = validate(&service.client, attached(signed.clone())).await;
        repeat(&service.client, &report.name).await.expect("it is all there");
        let database = Database::connect(database_url.unwrap_or(sqlite)).await.unwrap();
        for (kind, fault) in [("POLICY", "EVIDENCE_ALTERED"), ("SIGNATURE", "EVIDENCE_MISSING")] {
            let change = match fault {
                "EVIDENCE_ALTERED" => format!("UPDATE evidence SET content = digest WHERE kind = '{kind}'"),
                _ => format!("DELETE FROM evidence WHERE kind = '{kind}'"),
            };
            database.execute_unprepared(&change).await.unwrap();
        }
        let refused = refusal(repeat(&service.client, &report.name).await.unwrap_err());
        assert_eq!((refused.code, refused.reason.as_str()), ("FAILED_PRECONDITION", "EVIDENCE_INCOMPLETE"));
        let told: Vec<_> = refused.findings.iter().map(|each| (each.kind.as_str(), each.subject.as_str())).collect();
        assert_eq!(told, [("EVIDENCE_MISSING", "SIGNATURE"), ("EVIDENCE_ALTERED", "POLICY")]);
        let unknown = RevalidateReportRequest { name: format!("validationReports/{}", Uuid::nil()) };
        let unknown = answer(service.client.validations().revalidate_report(unknown)).await;
        assert_eq!(refusal(unknown.unwrap_err()).code, "NOT_FOUND");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_change_of_the_engine_both_reports_and_the_difference_are_given() {
    let service = Service::sqlite().await;
    let report = validate(&service.client, attached(service.sandbox.sign("citizens/assel", b"content"))).await;
    let id: Uuid = report.name.rsplit('/').next().unwrap().parse().unwrap();
    // The same report as an engine of old would have left it.
    let store = open_store(&Settings::default().for_sandbox(&service.sandbox.path())).await.unwrap();
    let made = store.report(id).await.unwrap().unwrap();
    let mut old: serde_json::Value = serde_json::from_slice(&made.report).unwrap();
    old["engine_version"] = "0.0.1".into();
    old["signers"][0]["constraints"].as_array_mut().unwrap().pop();
    old["signers"][0]["roles"] = serde_json::json!([{ "oid": "1.2.3", "name": null }]);
    let evidence = store.report_evidence(id).await.unwrap();
    let evidence = evidence.into_iter().map(|(kind, digest)| EvidenceItem::reference(kind, digest)).collect();
    let id = Uuid::from_u128(id.as_u128() + 1);
    let record = ReportRecord { id, engine: "0.0.1".to_owned(), report: old.to_string().into_bytes(), ..made };
    store.record_report(NewReport { report: record, evidence, events: Vec::new() }).await.unwrap();

    let answer = repeat(&service.client, &format!("validationReports/{id}")).await.unwrap();
    assert!(!answer.identical);
    let (stored, revalidated) = (answer.stored.unwrap(), answer.revalidated.unwrap());
    assert_eq!((stored.engine_version.as_str(), stored.canonical_json), ("0.0.1", old.to_string()));
    assert_eq!(revalidated.canonical_json, report.canonical_json);
    let differences: Vec<_> = answer.differences.iter().map(|each| each.pointer.as_str()).collect();
    let last = serde_json::from_str::<serde_json::Value>(&report.canonical_json).unwrap();
    let last = last["signers"][0]["constraints"].as_array().unwrap().len() - 1;
    assert!(differences.contains(&"/engine_version"), "{differences:?}");
    assert!(differences.contains(&format!("/signers/0/constraints/{last}").as_str()), "{differences:?}");
    let version = answer.differences.iter().find(|each| each.pointer == "/engine_version").unwrap();
    assert_eq!(version.before, "\"0.0.1\"");
    assert_eq!(version.after, format!("\"{}\"", env!("CARGO_PKG_VERSION")));
}

fn attached(signature: Vec<u8>) -> ValidateSignatureRequest {
    ValidateSignatureRequest { signature, ..ValidateSignatureRequest::default() }
}

async fn validate(client: &Client, request: ValidateSignatureRequest) -> ValidationReport {
    answer(client.validations().validate_signature(request)).await.expect("a report").report.unwrap()
}

async fn repeat(client: &Client, name: &str) -> Result<RevalidateReportResponse, ClientError> {
    answer(client.validations().revalidate_report(RevalidateReportRequest { name: name.to_owned() })).await
}

/// The stored reports, after each was repeated to the same bytes.
async fn repeat_all(client: &Client, names: &[String]) -> Vec<ValidationReport> {
    let mut reports = Vec::new();
    for name in names {
        let answer = repeat(client, name).await.expect("the evidence is complete");
        assert!(answer.identical && answer.differences.is_empty(), "{name}: {:?}", answer.differences);
        let (stored, revalidated) = (answer.stored.unwrap(), answer.revalidated.unwrap());
        assert_eq!(stored, revalidated);
        reports.push(stored);
    }
    reports
}

/// Imports and activates an authority for every kind of signature.
async fn trust(client: &Client, certificate: Vec<u8>, kind: TrustEntryKind) {
    let import = ImportTrustAnchorRequest {
        certificate,
        kind: kind.into(),
        purposes: vec![TrustPurpose::Applicants.into(), TrustPurpose::TimeStamps.into()],
        ..ImportTrustAnchorRequest::default()
    };
    let imported = answer(client.trust_anchors().import_trust_anchor(import)).await.unwrap();
    let TrustAnchor { name, etag, .. } = imported.trust_anchor.unwrap();
    let activate = ActivateTrustAnchorRequest { name, etag, ..ActivateTrustAnchorRequest::default() };
    answer(client.trust_anchors().activate_trust_anchor(activate)).await.unwrap();
}
