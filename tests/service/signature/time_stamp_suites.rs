//! Third-party time stamps as an opposing side: agreements are counted and may not fall, false accepts may not occur.

use std::collections::BTreeMap;
use std::path::Path;

use consular_registration::pki::trust::{PurposeSet, TrustEntry};
use consular_registration::pki::{Certificate, TrustStore};
use consular_registration::signature::{
    ConstraintStatus, RevocationMode, TimeStampInput, ValidationPolicy, validate_time_stamp,
};
use serde_json::Value;

use crate::support::data;

/// The settings that a case may have; one more would be a question nobody answers.
const SETTINGS: [&str; 4] = ["required_policy", "required_tsa_subject", "scope", "time"];

/// Later than every case: the chain is judged at the time of the token.
const JUDGED_AT: &str = "2100-01-01T00:00:00Z";

fn certificates(root: &Path, value: &Value) -> Vec<Certificate> {
    let names = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    names.filter_map(|name| Certificate::from_der(&data::read(root.join(name))).ok()).collect()
}

fn judge(root: &Path, case: &Value) -> Result<(), String> {
    let (files, settings) = (&case["files"], &case["settings"]);
    for name in settings.as_object().expect("settings").keys() {
        assert!(SETTINGS.contains(&name.as_str()), "{}: unknown setting {name}", case["id"]);
    }
    let read = |value: &Value| value.as_str().map(|name| data::read(root.join(name)));
    let token = ["tsr", "tst", "tst_or_tsr"].iter().find_map(|role| read(&files[role])).expect("a token");
    let (content, request) = (read(&case["content"]), read(&files["request"]));
    let supplied = certificates(root, &files["intermediates"]);
    let anchors = certificates(root, &case["trust_anchors"]);
    let entries = anchors.into_iter().map(|anchor| TrustEntry::anchor(anchor, PurposeSet::ALL)).collect();
    let trust = TrustStore::new(1, entries, vec![]);
    let policy = ValidationPolicy {
        time_stamp_policies: settings["required_policy"].as_str().into_iter().map(|oid| oid.parse().unwrap()).collect(),
        ..ValidationPolicy::national().with_revocation(RevocationMode::None)
    };
    let input = TimeStampInput {
        token: &token,
        data: content.as_deref(),
        request: request.as_deref(),
        certificates: &supplied,
        crls: &[],
        ocsps: &[],
    };
    let report = validate_time_stamp(&input, &policy, &trust, JUDGED_AT.parse().unwrap());
    if let Some(wanted) = settings["required_tsa_subject"].as_str()
        && report.authority.as_ref().is_none_or(|authority| authority.subject != wanted)
    {
        return Err("another authority".to_owned());
    }
    let is_chain = |id: &str| id == "chain.path";
    let failed = report
        .constraints
        .iter()
        .find(|each| each.status == ConstraintStatus::Failed && (settings["scope"] == "full" || !is_chain(&each.id)));
    failed.map_or(Ok(()), |each| Err(format!("{}: {}", each.id, each.detail)))
}

#[test]
fn others_would_have_believed_the_same_time_stamps() {
    let Some(root) = data::folder("suites") else { return };
    let manifest: Value = serde_json::from_slice(&data::read(root.join("manifest.json"))).expect("JSON");
    let mut counts: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    let mut false_accepts = Vec::new();
    for case in manifest["cases"].as_array().expect("cases").iter().filter(|case| case["kind"] == "tsp") {
        let is_core = case["arguable"].is_null();
        let verdict = judge(&root, case);
        let (ours, theirs) = (verdict.is_ok(), case["expected"] == "valid");
        let count = counts.entry(case["suite"].as_str().expect("a suite")).or_default();
        count[0] += 1;
        count[1] += usize::from(ours == theirs);
        count[2] += usize::from(is_core);
        count[3] += usize::from(is_core && ours == theirs);
        if ours != theirs {
            println!("differs: {}: expected {}, ours {verdict:?}: {}", case["id"], case["expected"], case["reason"]);
        }
        if ours && !theirs && is_core {
            false_accepts.push(case["id"].as_str().expect("an id").to_owned());
        }
    }
    let sum = |index: usize| counts.values().map(|count| count[index]).sum::<usize>();
    println!("{counts:#?}\nall: {} agree {}, core {} agree {}", sum(0), sum(1), sum(2), sum(3));
    assert_eq!(false_accepts, Vec::<String>::new());
    assert_eq!(sum(3), 24, "core agreements");
}
