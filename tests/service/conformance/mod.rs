//! Third-party conformance cases as an opposing side: agreements may only grow, false accepts may not occur.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use consular_registration::conformance::{self, Kind, Nature, Report};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::data;

/// For each kind: core cases that agree, raised when they grow, and how many there are.
const AGREED: [(Kind, usize, usize); 6] = [
    (Kind::Path, 287, 287),
    (Kind::Crl, 49, 49),
    (Kind::Cms, 189, 189),
    (Kind::Ocsp, 65, 65),
    (Kind::Tsp, 24, 24),
    (Kind::Sig, 3792, 3792),
];

/// Cases that agree, the arguable ones too, without the vectors of signature algorithms; raised when they grow.
const ALL_AGREED: usize = 799;

/// Why this program differs where it does, grouped by reason.
const DISAGREEMENTS: &str = include_str!("disagreements.toml");

/// All cases judged once; `None` where they are not at hand.
static REPORT: LazyLock<Option<Report>> = LazyLock::new(|| {
    let manifest = data::folder("suites")?.join("manifest.json");
    Some(conformance::run(&manifest, |_, _, _| {}).expect("a manifest"))
});

#[test]
fn third_party_cases_are_judged_as_others_judge_them() {
    let Some(report) = REPORT.as_ref() else { return };
    for (kind, suite, tally) in report.tallies() {
        println!("{}/{suite}: {tally:?}", kind.as_str());
    }
    for difference in report.differences().iter().filter(|difference| difference.nature != Nature::Unsupported) {
        println!("{difference:?}");
    }
    for (kind, agreed, cases) in AGREED {
        let total = report.total(&[kind]);
        assert_eq!(total.false_accepts, 0, "{}", kind.as_str());
        assert!(total.core >= cases, "{} {total:?}", kind.as_str());
        assert!(total.core_agree >= agreed, "{}: {} agree, {agreed} did before", kind.as_str(), total.core_agree);
    }
    let kinds: Vec<Kind> = AGREED.iter().map(|(kind, _, _)| *kind).filter(|kind| *kind != Kind::Sig).collect();
    let all = report.total(&kinds);
    assert!(all.agree >= ALL_AGREED, "{} agree, {ALL_AGREED} did before", all.agree);
    assert!(report.differences().iter().all(|difference| difference.nature != Nature::Failed));
}

#[test]
fn every_disagreement_has_its_reason_and_every_reason_its_disagreement() {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Disagreements {
        group: Vec<Group>,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Group {
        title: String,
        reason: String,
        cases: BTreeMap<String, String>,
    }
    let written: Disagreements = toml::from_str(DISAGREEMENTS).expect("the file of disagreements");
    let mut explained = BTreeSet::new();
    for group in &written.group {
        assert!(!group.title.is_empty() && !group.reason.is_empty());
        for (id, why) in &group.cases {
            assert!(why.ends_with('.'), "{id}: a sentence");
            assert!(explained.insert(id.as_str()), "{id} is explained twice");
        }
    }
    let Some(report) = REPORT.as_ref() else { return };
    let differences = report.differences().iter().filter(|difference| difference.nature != Nature::Unsupported);
    let found: BTreeSet<&str> = differences.map(|difference| difference.id.as_str()).collect();
    let unexplained: Vec<_> = found.difference(&explained).collect();
    assert!(unexplained.is_empty(), "without a line: {unexplained:?}");
    let settled: Vec<_> = explained.difference(&found).collect();
    assert!(settled.is_empty(), "no longer differing: {settled:?}");
}

/// A manifest of one case of `kind` with these settings.
fn judge(folder: &Path, kind: &str, files: &Value, settings: &Value) -> Report {
    let case = json!({
        "id": "one", "kind": kind, "suite": "own", "files": files, "trust_anchors": [], "validation_time": null,
        "content": null, "settings": settings, "expected": "invalid", "reason": "nothing is valid", "arguable": null,
    });
    let manifest = json!({ "format": "suites-manifest/1", "cases": [case] });
    std::fs::write(folder.join("manifest.json"), manifest.to_string()).expect("a file");
    conformance::run(&folder.join("manifest.json"), |_, _, _| {}).expect("a manifest")
}

#[test]
fn a_setting_that_nobody_knows_fails_its_case_even_when_the_verdict_would_agree() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("leaf"), b"no certificate").expect("a file");
    let files =
        json!({ "leaf": "leaf", "crls": "leaf", "cms": "leaf", "vectors": "leaf", "ocsp": "leaf", "tsr": "leaf" });
    let known = [
        ("path", json!({ "revocation": "none" })),
        ("path", json!({ "revocation": "require-all", "freshness": "max-diff", "freshness_seconds": 1 })),
        ("crl", json!({ "check": "usable-crl: parse" })),
        ("cms", json!({ "scope": "integrity" })),
        ("ocsp", json!({ "check": "status" })),
        ("tsp", json!({ "scope": "full" })),
    ];
    for (kind, settings) in known {
        let report = judge(folder.path(), kind, &files, &settings);
        assert!(report.holds(), "{kind}: {:?}", report.differences());
        let mut unknown = settings;
        unknown["leniency"] = json!(true);
        let report = judge(folder.path(), kind, &files, &unknown);
        let [difference] = report.differences() else { panic!("{kind}: {:?}", report.differences()) };
        assert_eq!(difference.nature, Nature::Failed);
        assert!(difference.finding.contains("leniency"), "{}", difference.finding);
        assert!(!report.holds());
    }
    let values = [
        ("path", json!({ "name_check": "strict" })),
        ("path", json!({ "key_usage": ["digitalSignature"] })),
        ("path", json!({ "revocation": "require-all", "freshness": "time-after-signature", "freshness_seconds": 1 })),
        ("crl", json!({ "check": "something else" })),
        ("cms", json!({ "scope": "some" })),
        ("sig", json!({ "leniency": true })),
    ];
    for (kind, settings) in values {
        let report = judge(folder.path(), kind, &files, &settings);
        assert_eq!(report.differences()[0].nature, Nature::Failed, "{kind} {settings}");
    }
}

#[test]
fn a_manifest_of_another_format_or_a_file_that_is_not_there_does_not_hold() {
    let folder = tempfile::tempdir().expect("a folder");
    let report = judge(folder.path(), "path", &json!({ "leaf": "absent" }), &json!({}));
    assert_eq!((report.holds(), report.differences()[0].nature), (false, Nature::Failed));
    let (_, _, tally) = report.tallies().next().expect("a suite");
    assert_eq!((tally.core, tally.core_agree), (1, 0));
    let manifest = folder.path().join("manifest.json");
    std::fs::write(&manifest, r#"{"format":"suites-manifest/2","cases":[]}"#).expect("a file");
    assert!(conformance::run(&manifest, |_, _, _| {}).is_err());
    assert!(conformance::run(&folder.path().join("absent.json"), |_, _, _| {}).is_err());
}
