//! A certificate: its octets are kept, what is shown of it is printable, and it is nothing without an anchor.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rooms::pki::Certificate;
use rooms::pki::subject::Identity;
use rooms::signature::{ValidationPolicy, validate_certificate};
use rooms::{TIME, lenient, nobody, trusting};

fuzz_target!(|input: &[u8]| rooms::bounded(|| {
    let Ok(certificate) = Certificate::from_der(input) else { return };
    assert_eq!(certificate.der(), input);
    for part in [certificate.tbs(), certificate.subject_raw(), certificate.issuer_raw(), certificate.spki()] {
        assert!(input.windows(part.len()).any(|window| window == part));
    }
    for shown in [certificate.subject_display(), certificate.issuer_display()] {
        assert!(!shown.contains(char::is_control), "{shown:?}");
    }
    if let Ok(identity) = Identity::of(&certificate) {
        let digits = |text: &String| text.len() == 12 && text.bytes().all(|octet| octet.is_ascii_digit());
        assert!(identity.iin.iter().chain(&identity.bin).all(digits));
    }
    for policy in [ValidationPolicy::national(), lenient()] {
        let by = |trust| {
            validate_certificate(input, &[], &[], &[], &policy, &trust, TIME.min(certificate.not_after()))
                .expect("read")
        };
        assert!(!by(nobody()).report.conclusion.is_passed());
        let itself = by(trusting([certificate.clone()]));
        itself.report.to_json().expect("a report");
        let anchors: Vec<_> = itself.report.signers.iter().flat_map(|signer| &signer.trust_anchor).collect();
        assert!(!itself.report.conclusion.is_passed() || anchors == [&hex::encode(certificate.sha256())]);
    }
}));
