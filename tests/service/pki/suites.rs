//! Third-party conformance cases as an opposing side: agreements may only grow, false accepts may not occur.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use consular_registration::pki::path::{self, InitialPolicies, PathBudget, PathRequest};
use consular_registration::pki::revocation::{self, RevocationRequest, RevocationStatus, UnknownReason};
use consular_registration::pki::trust::{Purpose, PurposeSet, TrustEntry, TrustStore};
use consular_registration::pki::{Certificate, CertificateRevocationList, CryptographicConstraints, Oid};
use serde_json::Value;

use crate::support::data;

fn paths(root: &Path, value: &Value) -> Vec<Vec<u8>> {
    let names = match value {
        Value::String(name) => vec![name.as_str()],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    names.into_iter().map(|name| data::read(root.join(name))).collect()
}

fn certificates(root: &Path, value: &Value) -> Vec<Certificate> {
    paths(root, value).iter().filter_map(|der| Certificate::from_der(der).ok()).collect()
}

fn lists(root: &Path, value: &Value) -> Vec<Arc<CertificateRevocationList>> {
    paths(root, value)
        .into_iter()
        .filter_map(|der| CertificateRevocationList::from_der(der).ok())
        .map(Arc::new)
        .collect()
}

fn time(case: &Value) -> DateTime<Utc> {
    case["validation_time"].as_str().unwrap_or("2026-06-01T00:00:00Z").parse().expect("a time")
}

/// Verdict of one path case, with the reason when it is not valid.
fn judge_path(root: &Path, case: &Value) -> Result<(), String> {
    let files = &case["files"];
    let settings = &case["settings"];
    let leaf = Certificate::from_der(&paths(root, &files["leaf"])[0]).map_err(|error| format!("leaf: {error}"))?;
    let anchors = certificates(root, &case["trust_anchors"]);
    let candidates = certificates(root, &files["intermediates"]);
    let store = TrustStore::new(
        1,
        anchors.into_iter().map(|anchor| TrustEntry::anchor(anchor, PurposeSet::ALL)).collect(),
        vec![],
    );
    let time = time(case);
    let acceptable: Vec<Oid> = settings["initial_policy_set"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .filter_map(|oid| oid.parse().ok())
        .collect();
    let any = acceptable.is_empty() || acceptable.contains(&Oid::new(&[2, 5, 29, 32, 0]));
    let policies = InitialPolicies {
        acceptable: (!any).then_some(&acceptable),
        require_explicit_policy: settings["initial_explicit_policy"] == true,
        inhibit_policy_mapping: settings["initial_policy_mapping_inhibit"] == true,
        inhibit_any_policy: settings["initial_any_policy_inhibit"] == true,
    };
    let request = PathRequest {
        leaf: &leaf,
        candidates: &candidates,
        store: &store,
        purpose: Purpose::Applicants,
        time,
        algorithms: &CryptographicConstraints::None,
        policies,
    };
    let mut budget = PathBudget::default();
    let path = path::build(&request, &mut budget).map_err(|error| error.to_string())?;
    if settings["max_chain_depth"].as_u64().is_some_and(|depth| path.certificates().len() as u64 > depth + 1) {
        return Err("deeper than the case allows".into());
    }
    let wanted = settings["required_eku"].as_array().into_iter().flatten().filter_map(Value::as_str);
    for wanted in wanted {
        let oid = match wanted {
            "serverAuth" => "1.3.6.1.5.5.7.3.1",
            "clientAuth" => "1.3.6.1.5.5.7.3.2",
            "codeSigning" => "1.3.6.1.5.5.7.3.3",
            "emailProtection" => "1.3.6.1.5.5.7.3.4",
            "timeStamping" => "1.3.6.1.5.5.7.3.8",
            "OCSPSigning" => "1.3.6.1.5.5.7.3.9",
            dotted => dotted,
        };
        let oid = oid.parse().map_err(|_| format!("unknown purpose {wanted}"))?;
        for certificate in path.certificates() {
            if certificate
                .extended_key_usage()
                .is_some_and(|usage| !usage.contains(&oid) && !usage.contains(&"2.5.29.37.0".parse().expect("oid")))
            {
                return Err("purpose".into());
            }
        }
    }
    let lists = lists(root, &files["crls"]);
    let strict = settings["revocation"] == "require-all";
    if strict || settings["revocation"] == "require-if-crl" && !lists.is_empty() {
        let request = RevocationRequest {
            path: &path,
            store: &store,
            purpose: Purpose::Applicants,
            lists: &lists,
            candidates: &candidates,
            time,
            algorithms: &CryptographicConstraints::None,
        };
        for (index, status) in revocation::check(&request, &mut budget).into_iter().enumerate() {
            match status {
                RevocationStatus::Good { .. } => {}
                RevocationStatus::Unknown(UnknownReason::NoList) if !strict => {}
                status => return Err(format!("certificate {index}: {status:?}")),
            }
        }
    }
    Ok(())
}

/// Verdict of one CRL case: of the status of a leaf, or of the list's form.
fn judge_crl(root: &Path, case: &Value) -> Result<(), String> {
    let files = &case["files"];
    if case["suite"] == "webpki-crl" {
        let list = CertificateRevocationList::from_der(paths(root, &files["crls"]).remove(0))
            .map_err(|error| error.to_string())?;
        return list.unusable().map_or(Ok(()), |reason| Err(reason.to_string()));
    }
    let leaf = Certificate::from_der(&paths(root, &files["leaf"])[0]).map_err(|error| format!("leaf: {error}"))?;
    let anchors = certificates(root, &files["issuer"]);
    let candidates = certificates(root, &files["intermediates"]);
    let entries = anchors.into_iter().map(|anchor| TrustEntry::anchor(anchor, PurposeSet::ALL)).collect();
    let store = TrustStore::new(1, entries, vec![]);
    let time = time(case);
    let request = PathRequest {
        leaf: &leaf,
        candidates: &candidates,
        store: &store,
        purpose: Purpose::Applicants,
        time,
        algorithms: &CryptographicConstraints::None,
        policies: InitialPolicies::default(),
    };
    let mut budget = PathBudget::default();
    let path = path::build(&request, &mut budget).map_err(|error| error.to_string())?;
    let lists = lists(root, &files["crls"]);
    let request = RevocationRequest {
        path: &path,
        store: &store,
        purpose: Purpose::Applicants,
        lists: &lists,
        candidates: &candidates,
        time,
        algorithms: &CryptographicConstraints::None,
    };
    match revocation::check_one(&request, 0, &mut budget) {
        RevocationStatus::Good { list, .. } => {
            // The cases allow a list without nextUpdate a week, which is a policy of theirs.
            let age = case["settings"]["crl_max_age_seconds"].as_i64().unwrap_or(i64::MAX);
            if (time - list.this_update()).num_seconds() > age { Err("too old".into()) } else { Ok(()) }
        }
        status => Err(format!("{status:?}")),
    }
}

/// Core cases of 336 that agree; raise it when it grows. The others want RSA-1024, DSA, an end entity as its own anchor, or
/// CRLs that are indirect, partial or named relative to their issuer: all refused, none accepted.
const AGREED: usize = 319;

#[derive(Default, Debug)]
struct Tally {
    cases: usize,
    agreed: usize,
    false_accepts: Vec<String>,
    false_rejects: Vec<String>,
}

#[test]
fn third_party_path_and_crl_cases_agree() {
    let Some(root) = data::folder("suites") else { return };
    let manifest: Value =
        serde_json::from_slice(&data::read(root.join("manifest.json"))).expect("the manifest is JSON");
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for case in manifest["cases"].as_array().into_iter().flatten() {
        let suite = case["suite"].as_str().unwrap_or_default();
        let verdict = match case["kind"].as_str() {
            Some("path") if suite != "pyhanko-freshness" => judge_path(&root, case),
            Some("crl") => judge_crl(&root, case),
            _ => continue,
        };
        let arguable = !case["arguable"].is_null();
        let tally = tallies.entry(format!("{suite}{}", if arguable { " (arguable)" } else { "" })).or_default();
        tally.cases += 1;
        let line =
            || format!("{} [{}] {}", case["id"], case["reason"], verdict.as_ref().err().map_or("", |reason| reason));
        match (verdict.is_ok(), case["expected"] == "valid") {
            (true, false) => tally.false_accepts.push(line()),
            (false, true) => tally.false_rejects.push(line()),
            _ => tally.agreed += 1,
        }
    }
    for (suite, tally) in &tallies {
        println!("{suite}: {} of {} agreed", tally.agreed, tally.cases);
        for line in &tally.false_accepts {
            println!("  ACCEPTED {line}");
        }
        for line in &tally.false_rejects {
            println!("  refused  {line}");
        }
    }
    let core: Vec<&Tally> =
        tallies.iter().filter(|(suite, _)| !suite.ends_with("(arguable)")).map(|(_, tally)| tally).collect();
    let agreed: usize = core.iter().map(|tally| tally.agreed).sum();
    let false_accepts: Vec<&String> = core.iter().flat_map(|tally| &tally.false_accepts).collect();
    assert!(false_accepts.is_empty(), "{false_accepts:#?}");
    assert!(agreed >= AGREED, "{agreed} core cases agree, {AGREED} did before");
}
