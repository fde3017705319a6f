//! A CMS message: never TOTAL-PASSED without an anchor; and when everything that came along is an anchor, content leaves only
//! with a verdict, and is the content of the message.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rooms::cms::unsigned::{REVOCATION_VALUES, RevocationValues};
use rooms::cms::{self, DEFAULT_MESSAGE_LIMIT, SignedData};
use rooms::pki::{Certificate, TrustStore};
use rooms::signature::{
    ConstraintStatus, SIGNATURE_CHECK, SignatureInput, Validation, ValidationPolicy, ValidationReport, validate,
};
use rooms::{TIME, lenient, nobody, trusting};

/// Content beside the messages that carry none.
const BESIDE: &[u8] = b"content";

fuzz_target!(|input: &[u8]| rooms::bounded(|| {
    let Ok(der) = cms::to_der(input, DEFAULT_MESSAGE_LIMIT) else { return };
    let Ok(message) = SignedData::parse(&der) else { return };
    for signer in &message.signers {
        let _ = signer.signed_attributes();
        for value in signer.unsigned_values(&REVOCATION_VALUES, 4) {
            let _ = RevocationValues::parse(value.encoded);
        }
    }
    let content = message.content.unwrap_or(BESIDE);
    for policy in [ValidationPolicy::national(), lenient()] {
        let validation = judge(input, &message, &policy, &nobody());
        assert!(!validation.report.conclusion.is_passed());
        assert!(validation.verified.is_none());
    }
    let anchors = message.certificates.iter().filter_map(|der| Certificate::from_der(der).ok());
    let validation = judge(input, &message, &lenient(), &trusting(anchors));
    let report = &validation.report;
    assert_eq!(validation.verified.is_some(), report.conclusion.is_passed());
    if let Some(verified) = validation.verified {
        assert_eq!(verified.bytes(), content);
        assert!(!verified.signers().is_empty());
        assert!(report.signers.iter().all(|signer| {
            let is_verified = |id: &str, status| id == SIGNATURE_CHECK && status == ConstraintStatus::Passed;
            signer.constraints.iter().any(|constraint| is_verified(&constraint.id, constraint.status))
        }));
    }
    let json = report.to_json().expect("a report");
    assert_eq!(&serde_json::from_str::<ValidationReport>(&json).expect("the same report"), report);
}));

fn judge(input: &[u8], message: &SignedData<'_>, policy: &ValidationPolicy, trust: &TrustStore) -> Validation {
    let beside = if message.content.is_none() { Some(BESIDE) } else { None };
    let input = SignatureInput { signature: input, content: beside, certificates: &[], crls: &[], ocsps: &[] };
    validate(&input, policy, trust, TIME).expect("what was read once is read again")
}
