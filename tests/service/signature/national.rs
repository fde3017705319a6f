//! The national test data: every row of `eds/expected.json`, and signatures by national test keys.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use consular_registration::pki::trust::{PurposeSet, TrustEntry};
use consular_registration::pki::{Certificate, CertificateRevocationList, CryptographicConstraints};
use consular_registration::signature::{RevocationMode, validate_certificate};
use serde_json::Value;

use super::*;
use crate::support::data;

fn certificates(folder: &Path, names: &Value) -> Vec<Certificate> {
    let names = names.as_array().into_iter().flatten().filter_map(Value::as_str);
    names.map(|name| Certificate::from_der(&data::read_der(folder.join(name))).expect(name)).collect()
}

fn trust(folder: &Path, row: &Value) -> TrustStore {
    let anchors = certificates(folder, &row["trust_anchors"]);
    TrustStore::new(1, anchors.into_iter().map(|anchor| TrustEntry::anchor(anchor, PurposeSet::ALL)).collect(), vec![])
}

fn judge_row(folder: &Path, row: &Value) -> Validation {
    judge_row_under(folder, row, ValidationPolicy::national())
}

fn judge_row_under(folder: &Path, row: &Value, policy: ValidationPolicy) -> Validation {
    let mode = serde_json::from_value(row["revocation"].clone()).expect("a mode");
    let policy = policy.with_revocation(mode);
    let lists = row["crls"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let lists: Vec<_> = lists
        .map(|name| Arc::new(CertificateRevocationList::from_der(data::read(folder.join(name))).expect(name)))
        .collect();
    let certificates = certificates(folder, &row["certificates"]);
    let time = row["at"].as_str().expect("a time").parse().expect("a time");
    let subject = data::read(folder.join(row["file"].as_str().expect("a file")));
    if row["kind"] == "certificate" {
        let der = data::read_der(folder.join(row["file"].as_str().expect("a file")));
        return validate_certificate(&der, &certificates, &lists, &[], &policy, &trust(folder, row), time)
            .expect("a certificate");
    }
    let content = row["content"].as_str().map(|name| data::read(folder.join(name)));
    let input = SignatureInput {
        signature: &subject,
        content: content.as_deref(),
        certificates: &certificates,
        crls: &lists,
        ocsps: &[],
    };
    validate(&input, &policy, &trust(folder, row), time).expect("a signature")
}

#[test]
fn national_signatures_are_judged_as_expected() {
    let Some(folder) = data::folder("eds") else { return };
    let rows: Value = serde_json::from_slice(&data::read(folder.join("expected.json"))).expect("JSON");
    let mut judged = 0;
    for row in rows["rows"].as_array().expect("rows") {
        let id = row["id"].as_str().expect("an id");
        let report = judge_row(&folder, row).report;
        let (reached, sub) = (report.conclusion.indication(), report.conclusion.sub_indication());
        assert_eq!(Some(reached), row["indication"].as_str(), "{id}: {:#?}", report.signers);
        if let Some(expected) = row["sub_indication"].as_str() {
            assert_eq!(sub, Some(expected), "{id}: {:#?}", report.signers);
        }
        judged += 1;
        // What a row says of a signer is about the only one.
        let [signer] = &report.signers[..] else { continue };
        assert_eq!(
            (signer.iin.as_deref(), signer.bin.as_deref()),
            (row["signer_iin"].as_str(), row["signer_bin"].as_str()),
            "{id}"
        );
    }
    assert!(judged >= 28, "only {judged} rows were judged");
}

#[test]
fn each_of_two_signers_has_a_verdict_and_the_worse_one_counts() {
    let Some(folder) = data::folder("eds") else { return };
    let rows: Value = serde_json::from_slice(&data::read(folder.join("expected.json"))).expect("JSON");
    let row =
        rows["rows"].as_array().expect("rows").iter().find(|row| row["id"] == "two-signers-2022").expect("the row");
    let report = judge_row(&folder, row).report;
    let by_algorithm = |part: &str| {
        let signer = report.signers.iter().find(|signer| signer.signature_algorithm.contains(part)).expect(part);
        signer.conclusion
    };
    assert_eq!(by_algorithm("GOST"), Conclusion::TotalPassed);
    assert_eq!(by_algorithm("RSA"), indeterminate(IndeterminateReason::OutOfBoundsNoPoe));
    assert_eq!(report.conclusion, indeterminate(IndeterminateReason::OutOfBoundsNoPoe));
}

#[test]
fn an_outdated_algorithm_needs_a_proof_of_existence() {
    let Some(folder) = data::folder("eds") else { return };
    let rows: Value = serde_json::from_slice(&data::read(folder.join("expected.json"))).expect("JSON");
    let row = rows["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .find(|row| row["id"] == "gost2004-organization")
        .expect("the row");
    let judged = |until: &str| {
        let constraints = CryptographicConstraints::national(Some(until.parse().expect("a time")));
        judge_row_under(&folder, row, ValidationPolicy::national().with_algorithms(constraints)).report.conclusion
    };
    assert_eq!(judged("2020-10-01T00:00:01Z"), Conclusion::TotalPassed);
    assert_eq!(judged("2020-10-01T00:00:00Z"), indeterminate(IndeterminateReason::CryptoConstraintsFailureNoPoe));
}

#[test]
fn every_national_sample_signature_has_its_attributes_in_der() {
    let Some(folder) = data::folder("eds") else { return };
    for kind in ["rsa", "gost2004", "gost512"] {
        for entry in std::fs::read_dir(folder.join("signed").join(kind)).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|extension| extension != "cms") {
                continue;
            }
            let signature = data::read(&path);
            let der = consular_registration::cms::to_der(&signature, 1 << 20).expect("a message");
            for signer in consular_registration::cms::SignedData::parse(&der).expect("SignedData").signers {
                let attributes = signer.signed_attributes().expect("strict DER").expect("present");
                assert!(attributes.signing_time.is_some(), "{}", path.display());
            }
        }
    }
}

#[test]
fn every_national_sample_document_verifies_and_yields_what_was_signed() {
    let Some(folder) = data::folder("eds") else { return };
    let mut seen = 0;
    for kind in ["rsa", "gost2004", "gost512"] {
        for entry in std::fs::read_dir(folder.join("signed").join(kind)).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|extension| extension != "xml") {
                continue;
            }
            let trust = TrustStore::new(1, vec![], vec![]);
            let policy = ValidationPolicy::national().with_revocation(RevocationMode::None);
            let time = "2020-10-01T00:00:00Z".parse().expect("a time");
            let document = String::from_utf8(data::read(&path)).expect("UTF-8");
            let validation = judge_with(document.as_bytes(), None, &policy, &trust, time);
            assert!(is_intact(&validation), "{}: {:#?}", path.display(), validation.report.signers);
            for (from, to) in
                [("</ds:Signature></", "</ds:Signature> </"), ("<x>1", "<x>2"), ("\"part\"><", "\"part\"> <")]
            {
                let changed = document.replacen(from, to, 1);
                let is_covered = from.starts_with("</") != document.contains("\"part\"");
                if changed != document && is_covered {
                    let conclusion = judge_with(changed.as_bytes(), None, &policy, &trust, time).report.conclusion;
                    assert_eq!(conclusion, HASH_FAILURE, "{}", path.display());
                }
            }
            seen += 1;
        }
    }
    assert!(seen >= 10, "only {seen} documents");
}

/// An application signed by OpenSSL with a national test key, judged when the list of its authority was fresh.
fn sign_with_national_key(folder: &Path, p12: &str, mode: RevocationMode, time: &str) -> Conclusion {
    let temporary = tempfile::tempdir().expect("a folder");
    let file = |name: &str| temporary.path().join(name);
    let run = |arguments: &[&str]| {
        let output = Command::new("openssl")
            .args(arguments)
            .current_dir(temporary.path())
            .output()
            .expect("openssl is installed");
        assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    std::fs::write(file("application.json"), "{\"form\":\"consular-registration-application\"}").expect("writable");
    let container = folder.join("p12").join(p12);
    let container = container.to_str().expect("a path");
    run(&["pkcs12", "-legacy", "-in", container, "-passin", "pass:Qwerty12", "-nodes", "-nocerts", "-out", "key.pem"]);
    run(&[
        "pkcs12",
        "-legacy",
        "-in",
        container,
        "-passin",
        "pass:Qwerty12",
        "-nokeys",
        "-clcerts",
        "-out",
        "certificate.pem",
    ]);
    run(&[
        "cms",
        "-sign",
        "-binary",
        "-nodetach",
        "-md",
        "sha256",
        "-in",
        "application.json",
        "-signer",
        "certificate.pem",
        "-inkey",
        "key.pem",
        "-outform",
        "DER",
        "-out",
        "application.p7s",
    ]);
    let anchor =
        Certificate::from_der(&data::read_der(folder.join("ca/test/nca_rsa_test.cer"))).expect("a certificate");
    let list = CertificateRevocationList::from_der(data::read(folder.join("crl/nca_rsa_test.crl"))).expect("a list");
    let trust =
        TrustStore::new(1, vec![TrustEntry::anchor(anchor, PurposeSet::ALL)], vec![(Arc::new(list), PurposeSet::ALL)]);
    let policy = ValidationPolicy::national().with_revocation(mode);
    judge_with(&data::read(file("application.p7s")), None, &policy, &trust, time.parse().expect("a time"))
        .report
        .conclusion
}

#[test]
fn applications_signed_with_national_test_keys_pass_unless_revoked() {
    let Some(folder) = data::folder("eds") else { return };
    let fresh = (RevocationMode::RequireEndEntity, "2022-05-01T00:00:00Z");
    let valid = "individual_valid_sign_2004_rsa.p12";
    if folder.join("p12").join(valid).is_file() {
        assert_eq!(sign_with_national_key(&folder, valid, fresh.0, fresh.1), Conclusion::TotalPassed);
    } else {
        eprintln!("SKIPPED: no container {valid} in the test data");
    }
    let revoked = "ncanode_KEY_INDIVIDUAL_SIGN_REVOKED_2004.p12";
    assert_eq!(
        sign_with_national_key(&folder, revoked, fresh.0, fresh.1),
        indeterminate(IndeterminateReason::RevokedNoPoe)
    );
    // A key of the year before, of whose time no list is at hand.
    let older = "ncanode_KEY_INDIVIDUAL_VALID_SIGN_2004.p12";
    let judge = |mode| sign_with_national_key(&folder, older, mode, "2021-10-01T00:00:00Z");
    assert_eq!(judge(RevocationMode::None), Conclusion::TotalPassed);
    assert_eq!(judge(RevocationMode::RequireEndEntity), indeterminate(IndeterminateReason::TryLater));
}
