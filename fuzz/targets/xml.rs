//! A signed XML document: canonical forms are stable, and no signature is TOTAL-PASSED without an anchor.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rooms::pki::{Certificate, TrustStore};
use rooms::signature::{SignatureInput, Validation, ValidationPolicy, validate};
use rooms::xml::{Canonicalization, MAX_CANONICAL, SignedDocument, canonicalize};
use rooms::{TIME, lenient, nobody, trusting};

fuzz_target!(|input: &[u8]| rooms::bounded(|| {
    for (with_comments, exclusive) in [(false, None), (true, None), (false, Some(Vec::new())), (true, Some(Vec::new()))]
    {
        let method = Canonicalization { with_comments, exclusive };
        let Ok(canonical) = canonicalize(input, &method) else { continue };
        assert!(canonical.len() <= MAX_CANONICAL);
        let again = canonicalize(&canonical, &method).expect("a canonical form is a document");
        assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&canonical), "{method:?}");
    }
    let Ok(document) = SignedDocument::parse(input) else { return };
    for policy in [ValidationPolicy::national(), lenient()] {
        let Some(validation) = judge(input, &policy, &nobody()) else { return };
        assert!(!validation.report.conclusion.is_passed());
        assert!(validation.verified.is_none());
    }
    let read = document.signatures.iter().flatten();
    let anchors = read.flat_map(|signature| &signature.certificates).filter_map(|der| Certificate::from_der(der).ok());
    let Some(validation) = judge(input, &lenient(), &trusting(anchors)) else { return };
    assert_eq!(validation.verified.is_some(), validation.report.conclusion.is_passed());
    validation.report.to_json().expect("a report");
}));

fn judge(input: &[u8], policy: &ValidationPolicy, trust: &TrustStore) -> Option<Validation> {
    let input = SignatureInput { signature: input, content: None, certificates: &[], crls: &[], ocsps: &[] };
    validate(&input, policy, trust, TIME).ok()
}
