use std::path::{Path, PathBuf};

use consular_registration::command::Exit;

use super::{Ended, authority, consular, openssl, text};

fn file(name: &str) -> String {
    text(&authority().join(name)).to_owned()
}

/// A private copy of a form, so that the signature beside it is private too.
fn form(folder: &Path) -> PathBuf {
    let form = folder.join("form.json");
    std::fs::copy(authority().join("forms/temporary.json"), &form).expect("the sandbox has this form");
    form
}

fn sign(form: &Path, more: &[&str]) -> Ended {
    let (key, certificate, ca) =
        (file("citizens/assel.key"), file("citizens/assel.crt"), file("intermediates/rsa.crt"));
    let mut line = vec!["sign", "--key", &key, "--cert", &certificate, "--ca", &ca, text(form)];
    line.extend(more);
    consular(&line)
}

fn validate(signature: &Path, more: &[&str]) -> Ended {
    let (root, crl) = (file("roots/rsa.crt"), file("crls/rsa.crl"));
    let mut line = vec!["validate", text(signature), "--trust-anchor", &root, "--crl", &crl, "--json"];
    line.extend(more);
    consular(&line)
}

#[test]
fn what_is_signed_is_validated_here_and_by_openssl() {
    let folder = tempfile::tempdir().unwrap();
    let form = form(folder.path());
    assert_eq!(sign(&form, &[]).exit, Exit::Done);
    let signature = folder.path().join("form.json.cms");
    let ended = validate(&signature, &[]);
    assert_eq!(ended.exit, Exit::Done, "{}", ended.out);
    assert_eq!(ended.json()["signers"][0]["iin_checksum_valid"], true);
    let root = file("roots/rsa.crt");
    let content = folder.path().join("content");
    assert!(openssl(&[
        "cms",
        "-verify",
        "-binary",
        "-inform",
        "DER",
        "-in",
        text(&signature),
        "-CAfile",
        &root,
        "-purpose",
        "any",
        "-out",
        text(&content)
    ]));
    assert_eq!(std::fs::read(content).unwrap(), std::fs::read(form).unwrap());
}

#[test]
fn a_detached_signature_needs_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let form = form(folder.path());
    let signature = folder.path().join("seal.p7s");
    assert_eq!(sign(&form, &["--detached", "--out", text(&signature)]).exit, Exit::Done);
    assert_eq!(validate(&signature, &["--content", text(&form)]).exit, Exit::Done);
    let without = validate(&signature, &[]);
    assert_eq!(
        (without.exit, without.json()["sub_indication"].as_str()),
        (Exit::Indeterminate, Some("SIGNED_DATA_NOT_FOUND"))
    );
    let other = validate(&signature, &["--content", &file("authority.toml")]);
    assert_eq!((other.exit, other.json()["sub_indication"].as_str()), (Exit::Refused, Some("HASH_FAILURE")));
}

#[test]
fn content_inside_and_beside_the_signature_is_no_question() {
    let folder = tempfile::tempdir().unwrap();
    let form = form(folder.path());
    assert_eq!(sign(&form, &[]).exit, Exit::Done);
    assert_eq!(validate(&folder.path().join("form.json.cms"), &["--content", text(&form)]).exit, Exit::Usage);
}

#[test]
fn a_container_signs_with_its_password_only() {
    let folder = tempfile::tempdir().unwrap();
    let form = form(folder.path());
    let container = file("citizens/assel.p12");
    let ended = consular(&["sign", "--p12", &container, "--password", "Qwerty12", text(&form), "--json"]);
    assert_eq!(ended.exit, Exit::Done, "{}", ended.out);
    assert_eq!(
        validate(&folder.path().join("form.json.cms"), &["--certificate", &file("intermediates/rsa.crt")]).exit,
        Exit::Done
    );
    for password in ["", "wrong"] {
        let ended = consular(&["sign", "--p12", &container, "--password", password, text(&form)]);
        assert_eq!(ended.exit, Exit::Usage);
        assert!(ended.notes.contains("--password TEXT"), "{}", ended.notes);
    }
}

#[test]
fn what_to_sign_with_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let form = form(folder.path());
    let (key, certificate) = (file("citizens/assel.key"), file("citizens/assel.crt"));
    for (given, missing) in
        [(&["--key", &*key][..], "--cert FILE"), (&["--cert", &*certificate], "--key FILE"), (&[], "--p12 FILE")]
    {
        let ended = consular(&[&["sign", text(&form)], given].concat());
        assert_eq!(ended.exit, Exit::Usage);
        assert!(ended.notes.contains(missing), "{}", ended.notes);
    }
}

#[test]
fn key_and_certificate_of_different_people_sign_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let form = form(folder.path());
    let line = ["sign", "--key", &file("citizens/assel.key"), "--cert", &file("citizens/student.crt"), text(&form)];
    let ended = consular(&line);
    assert_eq!(ended.exit, Exit::Usage);
    assert!(ended.notes.contains("does not belong"), "{}", ended.notes);
    assert!(!folder.path().join("form.json.cms").exists());
}

#[test]
fn the_signature_goes_to_the_standard_output_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let ended = sign(&form(folder.path()), &["--out", "-"]);
    assert_eq!(ended.exit, Exit::Done);
    assert!(ended.out.starts_with('0'));
    assert!(!folder.path().join("form.json.cms").exists());
}
