//! Third-party OCSP cases as an opposing side: agreements are counted and may not fall, false accepts may not occur.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use consular_registration::pki::ocsp::{Answer, Freshness, Ignored, Question, Standing};
use consular_registration::pki::{Certificate, CryptographicConstraints, OcspResponse};
use serde_json::Value;

use super::now;
use crate::support::data;

/// The settings that a case may have; one more would be a question nobody answers.
const SETTINGS: [&str; 7] =
    ["check", "ignore_response_freshness", "judge", "max_age_seconds", "no_cert_checks", "partial_chain", "time"];

fn certificates(root: &Path, value: &Value) -> Vec<Certificate> {
    let names = match value {
        Value::String(name) => vec![name.as_str()],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    names.into_iter().filter_map(|name| Certificate::from_der(&data::read(root.join(name))).ok()).collect()
}

/// The cases were made when SHA-1 was in use, and their verdicts are those of verifiers that accepted it.
const ALGORITHMS: &CryptographicConstraints = &CryptographicConstraints::None;

/// The status by the first of the issuers that the certificate names; a reason when the response proves nothing.
fn status(case: &Value, response: &OcspResponse, root: &Path) -> Result<Standing, String> {
    let (files, settings) = (&case["files"], &case["settings"]);
    let at_hand: Vec<Certificate> =
        [&files["issuer"], &files["intermediates"]].into_iter().flat_map(|files| certificates(root, files)).collect();
    let time: DateTime<Utc> = match case["validation_time"].as_str() {
        Some(text) => text.parse().expect("a time"),
        None if settings["time"] == "producedAt" => response.produced_at(),
        None => now(),
    };
    let is_timeless = settings["ignore_response_freshness"] == true;
    // Where only the authority of the responder is asked for, the response is judged at its own time.
    let time = if is_timeless { response.produced_at() } else { time };
    let maximal_age = settings["max_age_seconds"].as_i64().map(TimeDelta::seconds);
    let Some(certificate) = certificates(root, &files["cert"]).pop() else {
        let issuer = at_hand.first().ok_or("no issuer")?;
        let authorised = response.authorise(issuer, &at_hand, time, ALGORITHMS);
        return authorised.map(|_| Standing::Good { revoked_later: None }).map_err(|reason| reason.to_string());
    };
    let issuers = at_hand.iter().filter(|issuer| certificate.is_named_issuer(issuer));
    let mut reason = "no issuer at hand".to_owned();
    for issuer in issuers {
        let question = Question {
            certificate: &certificate,
            issuer,
            candidates: &at_hand,
            time,
            now: time,
            nonce: None,
            freshness: Freshness { maximal_age, ..Freshness::default() },
            algorithms: ALGORITHMS,
        };
        match response.status_of(&question) {
            Ok(Answer { standing, .. }) => return Ok(standing),
            Err(ignored) => reason = ignored.to_string(),
        }
    }
    Err(reason)
}

/// Valid is "good".
fn judge(root: &Path, case: &Value) -> Result<(), String> {
    let settings = case["settings"].as_object().expect("settings");
    if let Some(unknown) = settings.keys().find(|name| !SETTINGS.contains(&name.as_str())) {
        panic!("{}: unknown setting {unknown}", case["id"]);
    }
    let octets = data::read(root.join(case["files"]["ocsp"].as_str().expect("a file")));
    let response = OcspResponse::from_der(&octets).map_err(|error| error.to_string())?;
    match status(case, &response, root)? {
        Standing::Good { revoked_later: None } => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

#[test]
fn others_would_have_believed_the_same_responses() {
    let Some(root) = data::folder("suites") else { return };
    let manifest: Value = serde_json::from_slice(&data::read(root.join("manifest.json"))).expect("JSON");
    let mut counts: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    let mut false_accepts = Vec::new();
    for case in manifest["cases"].as_array().expect("cases").iter().filter(|case| case["kind"] == "ocsp") {
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
        // A revocation must be found, not merely not "good"; one case speaks of a certificate that is not among its files.
        if case["expected_detail"]["status"] == "revoked" && is_core {
            let is_found =
                |reason: &String| reason.starts_with("Revoked") || *reason == Ignored::OtherCertificate.to_string();
            assert!(verdict.as_ref().is_err_and(is_found), "{}: {verdict:?}", case["id"]);
        }
        if ours && !theirs && is_core {
            false_accepts.push(case["id"].as_str().expect("an id").to_owned());
        }
    }
    let sum = |index: usize| counts.values().map(|count| count[index]).sum::<usize>();
    println!("{counts:#?}\nall: {} agree {}, core {} agree {}", sum(0), sum(1), sum(2), sum(3));
    assert_eq!(false_accepts, Vec::<String>::new());
    assert_eq!(sum(3), 65, "core agreements");
}
