//! A time stamp, in each of its forms: it proves nothing without an anchor.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rooms::cms::{TimeStampInfo, TimeStampRequest, TimeStampResponse};
use rooms::pki::{Certificate, TrustStore};
use rooms::signature::{TimeStampInput, TimeStampReport, ValidationPolicy, validate_time_stamp};
use rooms::{TIME, cms, lenient, nobody, trusting};

fuzz_target!(|input: &[u8]| rooms::bounded(|| {
    let _ = TimeStampInfo::parse(input);
    let _ = TimeStampRequest::parse(input);
    let token = TimeStampResponse::parse(input).map_or(input, |response| response.token);
    for policy in [ValidationPolicy::national(), lenient()] {
        let report = judge(input, None, &policy, &nobody());
        assert!(!report.trusted && !report.conclusion.is_passed());
    }
    // With all that came along as anchors, and asked by a request that is the input itself.
    let der = cms::to_der(token, cms::DEFAULT_MESSAGE_LIMIT);
    let message = der.as_ref().ok().and_then(|der| cms::SignedData::parse(der).ok());
    let Some(message) = message else { return };
    let trust = trusting(message.certificates.iter().filter_map(|der| Certificate::from_der(der).ok()));
    let report = judge(input, None, &lenient(), &trust);
    assert!(!report.trusted || report.conclusion.is_passed());
    assert!(!judge(input, Some(input), &lenient(), &trust).trusted, "a token is no request");
    if let Some(info) = message.content.and_then(|content| TimeStampInfo::parse(content).ok()) {
        assert!(!report.trusted || report.time == Some(info.time));
    }
}));

fn judge(token: &[u8], request: Option<&[u8]>, policy: &ValidationPolicy, trust: &TrustStore) -> TimeStampReport {
    let input = TimeStampInput { token, data: None, request, certificates: &[], crls: &[], ocsps: &[] };
    validate_time_stamp(&input, policy, trust, TIME)
}
