//! Third-party CMS cases as an opposing side: agreements are counted and may not fall, false accepts may not occur.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use consular_registration::pki::trust::{PurposeSet, TrustEntry};
use consular_registration::pki::{Certificate, CertificateRevocationList, CryptographicConstraints, Oid};
use consular_registration::signature::{CertificatePolicies, Presence, RevocationMode, SubjectProfile};
use serde_json::Value;

use super::*;
use crate::support::data;

fn files(root: &Path, value: &Value) -> Vec<Vec<u8>> {
    match value {
        Value::String(name) => vec![data::read(root.join(name))],
        Value::Array(names) => names.iter().filter_map(Value::as_str).map(|name| data::read(root.join(name))).collect(),
        _ => Vec::new(),
    }
}

fn certificates(root: &Path, value: &Value) -> Vec<Certificate> {
    files(root, value).iter().filter_map(|der| Certificate::from_der(der).ok()).collect()
}

/// The policy that the settings of a case describe.
fn policy(settings: &Value) -> ValidationPolicy {
    let acceptable: Vec<Oid> = settings["initial_policy_set"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|oid| oid.parse().expect("an OID"))
        .collect();
    let is_any = acceptable.is_empty() || acceptable.contains(&"2.5.29.32.0".parse().expect("an OID"));
    let is_set = |name: &str| settings[name] == true;
    ValidationPolicy {
        algorithms: CryptographicConstraints::None,
        key_usage: 0,
        signed_attributes: Presence::Optional,
        subject_profile: SubjectProfile::Any,
        revocation: if settings["revocation"] == "require-all" {
            RevocationMode::RequireAll
        } else {
            RevocationMode::None
        },
        certificate_policies: CertificatePolicies {
            acceptable: (!is_any).then_some(acceptable),
            require_explicit_policy: is_set("initial_explicit_policy"),
            inhibit_policy_mapping: is_set("initial_policy_mapping_inhibit"),
            inhibit_any_policy: is_set("initial_any_policy_inhibit"),
        },
        ..ValidationPolicy::national()
    }
}

fn judge_case(root: &Path, case: &Value) -> bool {
    let settings = &case["settings"];
    let signature = data::read(root.join(case["files"]["cms"].as_str().expect("a file")));
    let content = case["content"].as_str().map(|name| data::read(root.join(name)));
    let supplied = certificates(root, &case["files"]["certs"]);
    let lists: Vec<_> = files(root, &case["files"]["crls"])
        .into_iter()
        .filter_map(|der| CertificateRevocationList::from_der(der).ok())
        .map(Arc::new)
        .collect();
    let anchors = certificates(root, &case["trust_anchors"]);
    let trust = TrustStore::new(
        1,
        anchors.into_iter().map(|anchor| TrustEntry::anchor(anchor, PurposeSet::ALL)).collect(),
        vec![],
    );
    let time = case["validation_time"].as_str().map_or_else(now, |text| text.parse().expect("a time"));
    let input = SignatureInput {
        signature: &signature,
        content: content.as_deref(),
        certificates: &supplied,
        crls: &lists,
        ocsps: &[],
    };
    let Ok(validation) = validate(&input, &policy(settings), &trust, time) else { return false };
    if settings["scope"] == "full" { validation.report.conclusion.is_passed() } else { is_intact(&validation) }
}

#[test]
fn others_would_have_said_the_same() {
    let Some(root) = data::folder("suites") else { return };
    let manifest: Value = serde_json::from_slice(&data::read(root.join("manifest.json"))).expect("JSON");
    let mut counts: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    let mut false_accepts = Vec::new();
    for case in manifest["cases"].as_array().expect("cases").iter().filter(|case| case["kind"] == "cms") {
        let id = case["id"].as_str().expect("an id");
        let is_core = case["arguable"].is_null();
        let (ours, theirs) = (judge_case(&root, case), case["expected"] == "valid");
        let count = counts.entry(case["suite"].as_str().expect("a suite")).or_default();
        count[0] += 1;
        count[1] += usize::from(ours == theirs);
        count[2] += usize::from(is_core);
        count[3] += usize::from(is_core && ours == theirs);
        if ours != theirs {
            println!("differs: {id}: expected {}, ours {ours}: {}", case["expected"], case["reason"]);
        }
        if ours && !theirs && is_core {
            false_accepts.push(id.to_owned());
        }
    }
    let sum = |index: usize| counts.values().map(|count| count[index]).sum::<usize>();
    println!("{counts:#?}\nall: {} agree {}, core {} agree {}", sum(0), sum(1), sum(2), sum(3));
    assert_eq!(false_accepts, Vec::<String>::new());
    assert!(sum(3) >= 181, "core agreements fell to {}", sum(3));
}
