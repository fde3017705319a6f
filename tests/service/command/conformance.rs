//! `consular conformance`: a score for people and for programs.

use std::path::Path;

use consular_registration::command::Exit;
use serde_json::json;

use super::consular;

/// A manifest with cases of these kinds and settings, all of whose files are no certificates.
fn manifest(folder: &Path, cases: &[(&str, serde_json::Value)]) -> String {
    std::fs::write(folder.join("junk"), b"junk").expect("a file");
    let cases: Vec<_> = cases
        .iter()
        .enumerate()
        .map(|(index, (kind, settings))| {
            json!({
                "id": format!("case-{index}"), "kind": kind, "suite": "own", "files": { "leaf": "junk", "ocsp": "junk" },
                "settings": settings, "expected": "invalid", "reason": "nothing here is valid", "arguable": null,
                "validation_time": null, "content": null, "trust_anchors": [],
            })
        })
        .collect();
    let path = folder.join("manifest.json");
    std::fs::write(&path, json!({ "format": "suites-manifest/1", "cases": cases }).to_string()).expect("a file");
    path.display().to_string()
}

#[test]
fn a_score_without_differences_is_exit_code_0_and_one_with_any_is_1() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = manifest(folder.path(), &[("path", json!({}))]);
    let ended = consular(&["conformance", &path]);
    assert_eq!(ended.exit, Exit::Done, "{}{}", ended.out, ended.notes);
    assert!(ended.out.contains("path/own") && ended.out.contains("every core case agrees"), "{}", ended.out);

    let path = manifest(folder.path(), &[("path", json!({})), ("path", json!({ "leniency": 1 }))]);
    let ended = consular(&["conformance", &path, "--list"]);
    assert_eq!(ended.exit, Exit::Refused);
    assert!(ended.out.contains("case-1") && ended.out.contains("leniency"), "{}", ended.out);
    assert!(!ended.out.contains("case-0"));

    let ended = consular(&["conformance", &path, "--json", "--list"]);
    assert_eq!(ended.exit, Exit::Refused);
    assert_eq!(ended.json()["total"]["core_agree"], 1);
    assert_eq!(ended.json()["differences"][0]["nature"], "FAILED");
    assert_eq!(consular(&["conformance", &path, "--json"]).json().get("differences"), None);
}

#[test]
fn what_is_no_manifest_is_exit_code_3() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("manifest.json");
    std::fs::write(&path, b"{}").expect("a file");
    assert_eq!(consular(&["conformance", &path.display().to_string()]).exit, Exit::Usage);
    assert_eq!(consular(&["conformance", "/nowhere/manifest.json"]).exit, Exit::Usage);
}
