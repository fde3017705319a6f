use std::path::{Path, PathBuf};

use consular_registration::command::Exit;
use consular_registration::command::output::Device;
use serde_json::Value;

use super::{Ended, authority, consular, on, openssl, text};
use crate::support::data;

/// The rows of the national samples, each with the arguments of its question.
fn rows(eds: &Path, wanted: impl Fn(&Value) -> bool) -> Vec<(Value, Vec<String>)> {
    let table: Value = serde_json::from_slice(&data::read(eds.join("expected.json"))).expect("expected.json is JSON");
    let rows = table["rows"].as_array().expect("rows").iter().filter(|row| wanted(row));
    rows.map(|row| (row.clone(), question(eds, row))).collect()
}

fn question(eds: &Path, row: &Value) -> Vec<String> {
    let file = |name: &Value| text(&eds.join(name.as_str().expect("a file"))).to_owned();
    let given = |name: &Value| name.as_str().expect("a text").to_owned();
    let mut line = vec!["validate".to_owned(), file(&row["file"]), "--json".to_owned()];
    line.extend(["--at".to_owned(), given(&row["at"]), "--revocation".to_owned(), given(&row["revocation"])]);
    for (option, names) in [("--trust-anchor", "trust_anchors"), ("--certificate", "certificates"), ("--crl", "crls")] {
        line.extend(row[names].as_array().expect("a list").iter().flat_map(|name| [option.to_owned(), file(name)]));
    }
    if row["content"].is_string() {
        line.extend(["--content".to_owned(), file(&row["content"])]);
    }
    if row["kind"] == "certificate" {
        line.push("--certificate-only".to_owned());
    }
    line
}

fn exit_of(indication: &Value) -> Exit {
    match indication.as_str() {
        Some("TOTAL-PASSED") => Exit::Done,
        Some("TOTAL-FAILED") => Exit::Refused,
        Some("INDETERMINATE") => Exit::Indeterminate,
        other => panic!("no indication: {other:?}"),
    }
}

#[test]
fn every_row_of_the_national_samples_gets_its_verdict() {
    let Some(eds) = data::folder("eds") else { return };
    let rows = rows(&eds, |_| true);
    assert!(rows.len() >= 28, "only {} rows", rows.len());
    let mut wrong = Vec::new();
    for (row, line) in rows {
        let ended = consular(&line);
        let report = ended.json();
        let signer = &report["signers"][0];
        let pinned = |expected: &Value, found: &Value| expected.is_null() || expected == found;
        let held = report["indication"] == row["indication"]
            && pinned(&row["sub_indication"], &report["sub_indication"])
            && pinned(&row["signer_iin"], &signer["iin"])
            && pinned(&row["signer_bin"], &signer["bin"])
            && ended.exit == exit_of(&row["indication"]);
        if !held {
            wrong.push(format!(
                "{}: expected {} / {}, got {}",
                row["id"], row["indication"], row["sub_indication"], ended.out
            ));
        }
        if signer["iin"].is_string() {
            assert_eq!(signer["iin_checksum_valid"], false, "the national test numbers fail the checksum");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Key and certificate of a national container, as OpenSSL takes them out of it.
fn taken_out(container: &Path, folder: &Path) -> (PathBuf, PathBuf) {
    let (key, certificate) = (folder.join("key.pem"), folder.join("certificate.pem"));
    let common = ["pkcs12", "-legacy", "-in", text(container), "-passin", "pass:Qwerty12"];
    let key_taken = [&common[..], &["-nocerts", "-noenc", "-out", text(&key)]].concat();
    let certificate_taken = [&common[..], &["-nokeys", "-clcerts", "-out", text(&certificate)]].concat();
    assert!(openssl(&key_taken) && openssl(&certificate_taken));
    (key, certificate)
}

fn signed_by_openssl_and_validated(eds: &Path, container: &str) -> Ended {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (key, certificate) = taken_out(&eds.join("p12").join(container), folder.path());
    let (content, signature) = (folder.path().join("form.json"), folder.path().join("form.cms"));
    std::fs::write(&content, r#"{"form":"consular-registration-application"}"#).expect("a form can be written");
    assert!(openssl(&[
        "cms",
        "-sign",
        "-binary",
        "-nodetach",
        "-outform",
        "DER",
        "-in",
        text(&content),
        "-signer",
        text(&certificate),
        "-inkey",
        text(&key),
        "-md",
        "sha256",
        "-out",
        text(&signature),
    ]));
    let (anchor, crl) = (eds.join("ca/test/nca_rsa_test.cer"), eds.join("crl/nca_rsa_test.crl"));
    consular(&[
        "validate",
        text(&signature),
        "--trust-anchor",
        text(&anchor),
        "--crl",
        text(&crl),
        "--at",
        "2022-05-01T00:00:00Z",
        "--json",
    ])
}

#[test]
fn an_application_signed_with_the_national_test_key_passes() {
    let Some(eds) = data::folder("eds") else { return };
    let container = "individual_valid_sign_2004_rsa.p12";
    if !eds.join("p12").join(container).is_file() {
        return println!("skipped: p12/{container} is not among the test data");
    }
    let ended = signed_by_openssl_and_validated(&eds, container);
    assert_eq!(ended.exit, Exit::Done, "{}", ended.out);
    let report = ended.json();
    assert_eq!(report["indication"], "TOTAL-PASSED");
    assert_eq!(report["signers"][0]["iin"], "123456789011");
    assert_eq!(report["signers"][0]["iin_checksum_valid"], false);
}

#[test]
fn an_application_signed_with_the_revoked_national_test_key_is_indeterminate() {
    let Some(eds) = data::folder("eds") else { return };
    let ended = signed_by_openssl_and_validated(&eds, "ncanode_KEY_INDIVIDUAL_SIGN_REVOKED_2004.p12");
    assert_eq!(ended.exit, Exit::Indeterminate, "{}", ended.out);
    assert_eq!(ended.json()["sub_indication"], "REVOKED_NO_POE");
}

#[test]
fn a_person_reads_the_verdict_in_their_language() {
    let Some(eds) = data::folder("eds") else { return };
    let (row, mut line) = rows(&eds, |row| row["id"] == "revoked-rsa-cert").remove(0);
    line.retain(|argument| argument != "--json");
    for (language, word) in [("en", "revoked"), ("ru", "отозван"), ("kk", "қайтарылған")] {
        let line = [line.clone(), vec!["--lang".to_owned(), language.to_owned()]].concat();
        let ended = consular(&line);
        assert_eq!(ended.exit, exit_of(&row["indication"]));
        assert!(ended.out.contains("INDETERMINATE / REVOKED_NO_POE"), "{}", ended.out);
        assert!(ended.out.contains(word), "{}", ended.out);
        assert!(!ended.out.contains('\u{1b}'), "no colours outside a terminal");
        assert!(on(Device::Terminal { width: 100 }, &line).out.contains("\u{1b}["));
    }
}

#[test]
fn the_simple_form_says_what_to_do_and_the_detailed_one_every_check() {
    let Some(eds) = data::folder("eds") else { return };
    let (_, mut line) = rows(&eds, |row| row["id"] == "revoked-rsa-cert").remove(0);
    line.retain(|argument| argument != "--json");
    let simple = consular(&line).out;
    assert!(simple.contains("what to do") && simple.contains("the signer"), "{simple}");
    assert!(!simple.contains("chain.path"), "{simple}");
    line.push("--detailed".to_owned());
    let detailed = consular(&line).out;
    for told in ["what to do", "chain.path", "freshness.end-entity", "acceptance.key-size", "trust anchor"] {
        assert!(detailed.contains(told), "{told}: {detailed}");
    }
}

#[test]
fn what_the_command_line_did_not_give_is_asked_for_by_its_option() {
    let folder = tempfile::tempdir().unwrap();
    let signature = folder.path().join("form.cms");
    let file = |name: &str| text(&authority().join(name)).to_owned();
    let (key, certificate, form) =
        (file("citizens/assel.key"), file("citizens/assel.crt"), file("forms/temporary.json"));
    let signed = consular(&["sign", "--key", &key, "--cert", &certificate, "--out", text(&signature), &form]);
    assert_eq!(signed.exit, Exit::Done, "{}", signed.notes);
    let (root, between, list) = (file("roots/rsa.crt"), file("intermediates/rsa.crt"), file("crls/rsa.crl"));
    let given = ["--trust-anchor", &root, "--certificate", &between, "--crl", &list];
    for (count, option) in [(0, "--trust-anchor FILE"), (2, "--certificate FILE"), (4, "--crl FILE")] {
        for language in ["kk", "ru", "en"] {
            let line = [&["validate", text(&signature), "--lang", language], &given[..count]].concat();
            let ended = consular(&line);
            assert_eq!(ended.exit, Exit::Indeterminate, "{}", ended.out);
            assert!(ended.out.contains(option), "{option}: {}", ended.out);
        }
    }
    // The report is the engine's, whoever asks.
    let report = consular(&[&["validate", text(&signature), "--json"], &given[..4]].concat()).json();
    assert_eq!(report["remedy"]["en"], "Try again later.", "{report}");

    let alone = [&["validate", "--certificate-only", &certificate], &given[..]].concat();
    let ended = consular(&alone);
    assert_eq!(ended.exit, Exit::Done);
    assert!(ended.out.contains("The certificate is valid."), "{}", ended.out);
}

#[test]
fn the_policy_is_a_shipped_one_or_a_file_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (signature, file) = (folder.path().join("x.cms"), folder.path().join("own.toml"));
    std::fs::write(&signature, "x").unwrap();
    let by = |policy: &str| consular(&["validate", text(&signature), "--json", "--policy", policy]);
    assert_eq!(by("strict").json()["policy"]["id"], "strict");
    let shipped = include_str!("../../../src/signature/policies/strict.toml");
    std::fs::write(&file, shipped.replace("id = \"strict\"", "id = \"own\"")).unwrap();
    assert_eq!(by(text(&file)).json()["policy"]["id"], "own");
    std::fs::write(&file, format!("{shipped}\n\"integrity.signature\" = \"IGNORE\"")).unwrap();
    let refused = consular(&["validate", text(&signature), "--policy", text(&file)]);
    assert_eq!(refused.exit, Exit::Usage);
    assert!(refused.notes.contains("cannot be lowered"), "{}", refused.notes);
    let unknown = consular(&["validate", text(&signature), "--policy", "no-such-policy"]);
    assert_eq!(unknown.exit, Exit::Usage);
    assert!(unknown.notes.contains("kz-national, strict") && unknown.notes.contains("FILE"), "{}", unknown.notes);
}

#[test]
fn the_policy_that_schema_prints_may_be_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let (signature, file) = (folder.path().join("x.cms"), folder.path().join("own.json"));
    std::fs::write(&signature, "x").unwrap();
    for name in ["kz-national", "strict"] {
        std::fs::write(&file, consular(&["schema", name]).out.replace(name, "own")).unwrap();
        let ended = consular(&["validate", text(&signature), "--json", "--policy", text(&file)]);
        assert_eq!(ended.json()["policy"]["id"], "own", "{}", ended.out);
    }
}

#[test]
fn a_broken_signature_is_a_failed_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("broken.cms");
    for garbage in [&b""[..], b"garbage", &[0x30, 0x80, 0x00, 0x00], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x00]] {
        std::fs::write(&file, garbage).unwrap();
        let ended = consular(&["validate", text(&file), "--json"]);
        assert_eq!(ended.exit, Exit::Refused, "{garbage:?}: {}", ended.out);
        assert_eq!(ended.json()["sub_indication"], "FORMAT_FAILURE");
    }
}

#[test]
fn xml_without_a_signature_or_without_form_is_a_failed_signature() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("signed.xml");
    for text_of_file in ["<?xml version=\"1.0\"?><root/>", "<!DOCTYPE root><root/>", "<root>"] {
        std::fs::write(&file, text_of_file).unwrap();
        let ended = consular(&["validate", text(&file), "--json"]);
        assert_eq!(ended.exit, Exit::Refused, "{text_of_file}: {}", ended.out);
        assert_eq!(ended.json()["sub_indication"], "FORMAT_FAILURE");
    }
}

#[test]
fn an_unreadable_anchor_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (file, anchor) = (folder.path().join("x.cms"), folder.path().join("anchor.cer"));
    std::fs::write(&file, "x").unwrap();
    std::fs::write(&anchor, "not a certificate").unwrap();
    let ended = consular(&["validate", text(&file), "--trust-anchor", text(&anchor)]);
    assert_eq!(ended.exit, Exit::Usage);
    assert!(ended.notes.contains("anchor.cer"), "{}", ended.notes);
}
