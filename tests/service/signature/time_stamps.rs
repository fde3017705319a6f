//! Time stamps by themselves: what a token must be to prove its time.

use chrono::{DateTime, Utc};
use consular_registration::pki::Oid;
use consular_registration::pki::der::{Tag, write};
use consular_registration::pki::trust::{Purpose, PurposeSet, TrustEntry};
use consular_registration::signature::{TimeStampInput, TimeStampReport, validate_time_stamp};

use super::*;
use crate::support::forge;
use crate::support::pki::extension;
use crate::support::time_stamp::{Token, imprint, old_signing_certificate};

const DATA: &[u8] = b"what was stamped";

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn stamp() -> Token {
    Token::new(&PKI, "tsa", DATA, at("2026-03-01T00:00:00Z"))
}

fn judge_token(token: &[u8]) -> TimeStampReport {
    judge_full(token, None, &ValidationPolicy::national(), &PKI.trust())
}

fn judge_full(token: &[u8], request: Option<&[u8]>, policy: &ValidationPolicy, trust: &TrustStore) -> TimeStampReport {
    let input = TimeStampInput { token, data: Some(DATA), request, certificates: &[], crls: &[], ocsps: &[] };
    let report = validate_time_stamp(&input, policy, trust, now());
    assert_eq!((report.trusted, report.reason.is_none()), (report.conclusion.is_passed(), report.trusted));
    report
}

/// Asserts that a token is not believed, with these words.
fn refused(token: &[u8], words: &str) {
    let report = judge_token(token);
    let reason = report.reason.as_deref().unwrap_or("trusted");
    assert!(!report.trusted && reason.contains(words), "expected {words}, found {reason}");
}

#[test]
fn a_right_token_proves_its_time_and_the_report_says_whose_it_is() {
    let report = judge_token(&stamp().encode(&PKI));
    assert!(report.trusted, "{report:#?}");
    assert_eq!(report.time, Some(at("2026-03-01T00:00:00Z")));
    assert_eq!(report.policy.as_deref(), Some("1.2.398.3.3.2.6.4"));
    assert_eq!(report.serial.as_deref(), Some("4d"));
    assert_eq!(report.authority.map(|authority| authority.subject), Some(PKI.certificate("tsa").subject_display()));
    let fraction = Token { time: write::tlv(Tag::GENERALIZED_TIME, b"20260301000000.25Z"), ..stamp() };
    assert_eq!(judge_token(&fraction.encode(&PKI)).time, Some(at("2026-03-01T00:00:00.25Z")));
}

#[test]
fn older_authorities_without_key_usage_and_with_the_older_attribute_are_believed() {
    let old = PKI.certificate("tsa-old");
    assert!(old.key_usage().is_none());
    let names = Some(old_signing_certificate(old.der()));
    let token = Token { names, ..Token::new(&PKI, "tsa-old", DATA, at("2026-03-01T00:00:00Z")) };
    assert!(judge_token(&token.encode(&PKI)).trusted);
}

#[test]
fn what_openssl_stamps_is_understood_with_its_request() {
    std::fs::write(PKI.file("stamps"), "01").unwrap();
    std::fs::write(PKI.file("stamped"), DATA).unwrap();
    PKI.run(&["ts", "-query", "-data", "stamped", "-sha256", "-cert", "-out", "stamp.tsq"], &[]);
    PKI.run(&["ts", "-query", "-data", "stamped", "-sha256", "-cert", "-out", "other.tsq"], &[]);
    let reply = ["ts", "-reply", "-config", "openssl.cnf", "-section", "stamping", "-queryfile", "stamp.tsq"];
    let signer = ["-signer", "tsa.crt", "-inkey", "tsa.key", "-out", "stamp.tsr"];
    PKI.run(&[&reply[..], &signer].concat(), &[]);
    let read = |name: &str| std::fs::read(PKI.file(name)).unwrap();
    let trust = PKI.trust_with(vec![]);
    let judge = |data: &[u8], request: &str| {
        let (token, request) = (read("stamp.tsr"), read(request));
        let input = TimeStampInput {
            token: &token,
            data: Some(data),
            request: Some(&request),
            certificates: &[],
            crls: &[],
            ocsps: &[],
        };
        validate_time_stamp(&input, &ValidationPolicy::national(), &trust, at("2038-01-01T00:00:00Z"))
    };
    let report = judge(DATA, "stamp.tsq");
    assert!(report.trusted, "{report:#?}");
    assert_eq!(report.accuracy_microseconds, Some(1_500_000));
    assert!(judge(DATA, "other.tsq").reason.unwrap().contains("nonce"), "R03");
    assert!(judge(b"other data", "stamp.tsq").reason.unwrap().contains("other data"));
}

#[test]
fn r13_a_wrong_imprint_proves_nothing() {
    refused(&Token { imprint: imprint(b"something else"), ..stamp() }.encode(&PKI), "is of other data");
    let sha1 = Oid::new(&[1, 3, 14, 3, 2, 26]);
    let weak = write::sequence(&[&write::algorithm_with_null(&sha1), &write::octet_string(&[7; 20])]);
    refused(&Token { imprint: weak, ..stamp() }.encode(&PKI), "SHA-1");
}

#[test]
fn r13_a_policy_that_is_not_accepted_proves_nothing() {
    let accepted = |oid: &str| ValidationPolicy {
        time_stamp_policies: vec![oid.parse().unwrap()],
        ..ValidationPolicy::national()
    };
    let token = stamp().encode(&PKI);
    assert!(judge_full(&token, None, &accepted("1.2.398.3.3.2.6.4"), &PKI.trust()).trusted);
    let report = judge_full(&token, None, &accepted("1.2.398.3.3.2.6.2"), &PKI.trust());
    assert!(report.reason.unwrap().contains("1.2.398.3.3.2.6.4, which is not accepted"));
}

#[test]
fn r13_the_future_proves_nothing() {
    refused(&Token::new(&PKI, "tsa", DATA, at("2026-06-01T00:00:01Z")).encode(&PKI), "lies in the future");
}

#[test]
fn r13_an_authority_that_is_not_trusted_for_time_proves_nothing() {
    let token = stamp().encode(&PKI);
    let of = |purposes: PurposeSet| {
        let entries = vec![
            TrustEntry::anchor(PKI.certificate("root"), purposes),
            TrustEntry::intermediate(PKI.certificate("ca"), purposes),
        ];
        judge_full(&token, None, &ValidationPolicy::national(), &TrustStore::new(1, entries, vec![]))
    };
    assert!(of(PurposeSet::ALL).trusted && of(Purpose::TimeStamps.into()).trusted);
    let report = of(Purpose::Applicants.into());
    assert_eq!(report.conclusion, indeterminate(IndeterminateReason::NoCertificateChainFound));
}

#[test]
fn a_key_for_anything_but_time_stamping_proves_nothing() {
    let by = |authority: &str| Token::new(&PKI, authority, DATA, at("2026-03-01T00:00:00Z")).encode(&PKI);
    refused(&by("tsa-loose"), "not critical");
    refused(&by("tsa-broad"), "not for time stamping alone");
    refused(&by("alice"), "not for time stamping alone");
    refused(&by("login"), "absent");
}

#[test]
fn a_token_has_one_signer_that_names_its_certificate() {
    let absent = Token { names: None, ..stamp() };
    refused(&absent.encode(&PKI), "signing-certificate-attribute: absent");
    let wrong = Token { names: Some(forge::signing_certificate(&[7; 32])), ..stamp() };
    refused(&wrong.encode(&PKI), "names another certificate");
    let mut two = stamp().message(&PKI);
    two.signers.push(two.signers[0].clone());
    refused(&two.encode(&PKI), "not exactly one");
    two.signers.clear();
    refused(&two.encode(&PKI), "not exactly one");
}

#[test]
fn a_changed_token_proves_nothing() {
    let mut message = stamp().message(&PKI);
    message.content = Token { time: write::generalized_time(at("2020-03-01T00:00:00Z")), ..stamp() }.info();
    refused(&message.encode(&PKI), "content-digest");
    let mut message = stamp().message(&PKI);
    message.signers[0].key = "bob.key".to_owned();
    refused(&message.encode(&PKI), "does not verify");
}

#[test]
fn malformed_tokens_prove_nothing() {
    refused(&Token { version: 2, ..stamp() }.encode(&PKI), "version");
    let unknown = extension(Oid::new(&[1, 2, 3, 4]), true, &write::null());
    refused(&Token { extensions: vec![unknown], ..stamp() }.encode(&PKI), "unknown critical extension 1.2.3.4");
    refused(&Token { content_type: forge::DATA, ..stamp() }.encode(&PKI), "does not carry a TSTInfo");
    let time = |text: &[u8]| Token { time: write::tlv(Tag::GENERALIZED_TIME, text), ..stamp() }.encode(&PKI);
    for wrong in [&b"20260301000000.50Z"[..], b"20260301000000.Z", b"202603010000Z", b"20260301000000+0500"] {
        refused(&time(wrong), "time");
    }
    refused(&Token { time: write::time(at("2026-03-01T00:00:00Z")), ..stamp() }.encode(&PKI), "expected tag");
    refused(b"", "empty");
    let whole = stamp().encode(&PKI);
    for length in (0..whole.len()).step_by(7) {
        assert!(!judge_token(&whole[..length]).trusted);
    }
    // A response that was refused, and one that contradicts itself.
    let status = |code| write::sequence(&[&write::unsigned(code)]);
    refused(&write::sequence(&[&status(2)]), "answered with status 2");
    refused(&write::sequence(&[&status(0)]), "contradict");
    refused(&write::sequence(&[&status(2), &whole]), "contradict");
    assert!(judge_token(&write::sequence(&[&status(0), &whole])).trusted);
}

#[test]
fn r11_a_stolen_authority_loses_its_past_and_a_closed_one_keeps_it() {
    let by = |authority: &str, time: &str| Token::new(&PKI, authority, DATA, at(time)).encode(&PKI);
    assert!(judge_token(&by("tsa-closed", "2026-03-01T00:00:00Z")).trusted);
    refused(&by("tsa-closed", "2026-05-02T00:00:00Z"), "revoked at");
    refused(&by("tsa-stolen", "2026-03-01T00:00:00Z"), "tokens are void");
    refused(&by("tsa-stolen", "2026-05-02T00:00:00Z"), "revoked at");
}

#[test]
fn a_token_about_nothing_at_hand_proves_nothing() {
    let token = stamp().encode(&PKI);
    let input = TimeStampInput { token: &token, data: None, request: None, certificates: &[], crls: &[], ocsps: &[] };
    let report = validate_time_stamp(&input, &ValidationPolicy::national(), &PKI.trust(), now());
    assert_eq!(report.conclusion, indeterminate(IndeterminateReason::SignedDataNotFound));
}
