//! Signatures with time stamps: what was revoked or has expired since is judged at the proved time.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use consular_registration::pki::algorithm::AcceptedDigest;
use consular_registration::pki::der::{Tag, write};
use consular_registration::pki::{CryptographicConstraints, DigestAlgorithm, OcspResponse, Oid};
use consular_registration::signature::{RevocationSource, ValidationReport};

use super::time_stamps::at;
use super::*;
use crate::support::forge::{self, Message};
use crate::support::ocsp::{Response, good, revoked};
use crate::support::pki::extension;
use crate::support::time_stamp::{SIGNATURE_TIME_STAMP, Token};

const REVOKED: Conclusion = Conclusion::Indeterminate(IndeterminateReason::RevokedNoPoe);
const OUT_OF_BOUNDS: Conclusion = Conclusion::Indeterminate(IndeterminateReason::OutOfBoundsNoPoe);
const LATER: Conclusion = Conclusion::Indeterminate(IndeterminateReason::TryLater);

/// A message of `person` with tokens over its signature value, changed by `change`.
fn stamped(person: &str, times: &[&str], change: impl Fn(Token) -> Token) -> Vec<u8> {
    let mut message = Message::new(&PKI, person, b"content");
    let signed = message.signers[0].attributes.clone().unwrap();
    let value = forge::rsa(&PKI, &format!("{person}.key"), &write::set_of(Tag::SET, signed));
    let tokens: Vec<_> =
        times.iter().map(|time| change(Token::new(&PKI, "tsa", &value, at(time))).encode(&PKI)).collect();
    message.signers[0].signature = Some(value);
    message.signers[0].unsigned = vec![attribute_of(&tokens)];
    message.encode(&PKI)
}

fn attribute_of(tokens: &[Vec<u8>]) -> Vec<u8> {
    forge::attribute(&SIGNATURE_TIME_STAMP, tokens)
}

fn response(
    person: &str,
    status: Vec<u8>,
    when: DateTime<Utc>,
    change: impl FnOnce(Response) -> Response,
) -> Arc<OcspResponse> {
    let ca = PKI.certificate("ca");
    let made = change(Response::new(&PKI.certificate(person), &ca, &ca, status, when));
    let der = made.encode(&write::algorithm_with_null(&forge::SHA256_RSA), |tbs| forge::rsa(&PKI, "ca.key", tbs));
    Arc::new(OcspResponse::from_der(&der).unwrap())
}

fn judge_by(signature: &[u8], ocsps: &[Arc<OcspResponse>], trust: &TrustStore) -> ValidationReport {
    let input = SignatureInput { signature, content: None, certificates: &[], crls: &[], ocsps };
    validate(&input, &ValidationPolicy::national(), trust, now()).unwrap().report
}

#[test]
fn r10_revoked_after_the_proved_time_passes_and_before_does_not() {
    // Revoked on 1 February for keyCompromise.
    let judge = |time| judge(&stamped("thief", &[time], |token| token)).report;
    let before = judge("2026-01-31T23:59:59Z");
    assert_eq!(before.conclusion, Conclusion::TotalPassed, "{before:#?}");
    assert_eq!(before.best_signature_time, at("2026-01-31T23:59:59Z"));
    assert_eq!(before.signers[0].proved_time, Some(at("2026-01-31T23:59:59Z")));
    assert_eq!(before.signers[0].path[0].revocation.date, Some(at("2026-02-01T00:00:00Z")));
    for time in ["2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"] {
        assert_eq!(judge(time).conclusion, REVOKED);
    }
}

#[test]
fn r10_a_key_that_had_been_bad_before_fails_whenever_it_was_revoked() {
    let invalid_since = |time: &str| {
        let date = extension(Oid::new(&[2, 5, 29, 24]), false, &write::generalized_time(at(time)));
        let told = revoked(at("2026-02-01T00:00:00Z"), Some(1));
        let told = response("alice", told, now() - TimeDelta::hours(1), |made| {
            made.single(|single| single.extensions.push(date))
        });
        let signature = stamped("alice", &["2026-01-15T00:00:00Z"], |token| token);
        judge_by(&signature, &[told], &PKI.trust_with(vec![])).conclusion
    };
    assert_eq!(invalid_since("2026-01-10T00:00:00Z"), REVOKED);
    assert_eq!(invalid_since("2026-01-20T00:00:00Z"), Conclusion::TotalPassed);
}

#[test]
fn an_expired_certificate_passes_at_a_time_that_is_proved() {
    // Valid until 1 January; the lists are of May and may have forgotten it.
    let signature = stamped("late", &["2025-06-01T00:00:00Z"], |token| token);
    assert_eq!(judge(&signature).report.conclusion, LATER);
    let lists = PKI.trust_with(vec![]);
    let of_the_time = response("late", good(), at("2025-06-01T12:00:00Z"), |made| made);
    let report = judge_by(&signature, std::slice::from_ref(&of_the_time), &lists);
    assert_eq!(report.conclusion, Conclusion::TotalPassed, "{report:#?}");
    assert_eq!(report.signers[0].path[0].revocation.source_kind, Some(RevocationSource::Ocsp));
    let just_before = response("late", good(), at("2025-05-31T12:00:00Z"), |made| made);
    assert_eq!(judge_by(&signature, &[just_before], &lists).conclusion, Conclusion::TotalPassed);
    let long_before = response("late", good(), at("2025-05-01T12:00:00Z"), |made| made);
    assert_eq!(judge_by(&signature, &[long_before], &lists).conclusion, LATER);
    let bare = Message::new(&PKI, "late", b"content").encode(&PKI);
    assert_eq!(judge_by(&bare, &[of_the_time], &lists).conclusion, OUT_OF_BOUNDS);
    let after = stamped("late", &["2026-01-02T00:00:00Z"], |token| token);
    assert_eq!(judge(&after).report.conclusion, OUT_OF_BOUNDS);
}

#[test]
fn a_list_that_came_along_since_the_proved_time_counts_though_it_is_stale_now() {
    let signature = stamped("alice", &["2026-04-30T23:00:00Z"], |token| token);
    let input =
        SignatureInput { signature: &signature, content: None, certificates: &[], crls: &PKI.lists(), ocsps: &[] };
    let trust = PKI.trust_with(vec![]);
    let judge = |time| validate(&input, &ValidationPolicy::national(), &trust, at(time)).unwrap().report.conclusion;
    // The lists are of 1 May to 1 July.
    assert_eq!(judge("2026-08-01T00:00:00Z"), Conclusion::TotalPassed);
    assert_eq!(judge("2026-04-30T23:30:00Z"), LATER, "not issued yet");
}

#[test]
fn r13_a_time_stamp_that_is_not_trusted_is_named_and_changes_nothing() {
    type Change = fn(Token) -> Token;
    let other = Oid::new(&[1, 2, 3]);
    let wrong: [(&str, Change); 3] = [
        ("is of other data", |token| Token { imprint: crate::support::time_stamp::imprint(b"x"), ..token }),
        ("names another certificate", |token| Token { names: Some(forge::signing_certificate(&[1; 32])), ..token }),
        ("lies in the future", |token| Token { time: write::generalized_time(at("2027-01-01T00:00:00Z")), ..token }),
    ];
    for (words, change) in wrong {
        let report = judge(&stamped("thief", &["2026-01-15T00:00:00Z"], change)).report;
        assert_eq!((report.conclusion, report.best_signature_time), (REVOKED, now()));
        assert!(report.warnings.iter().any(|warning| warning.contains(words)), "{words}: {:?}", report.warnings);
        assert!(!report.signers[0].time_stamps[0].trusted);
        let honest = judge(&stamped("alice", &["2026-01-15T00:00:00Z"], change)).report;
        assert_eq!(honest.conclusion, Conclusion::TotalPassed, "{words}: a stranger's stamp breaks nothing");
    }
    let policy = ValidationPolicy { time_stamp_policies: vec![other], ..ValidationPolicy::national() };
    let signature = stamped("thief", &["2026-01-15T00:00:00Z"], |token| token);
    assert_eq!(judge_with(&signature, None, &policy, &PKI.trust(), now()).report.conclusion, REVOKED);
}

#[test]
fn c16_an_outdated_algorithm_passes_only_with_a_trusted_stamp_of_before_its_date() {
    const SHA1: Oid = Oid::new(&[1, 3, 14, 3, 2, 26]);
    let ValidationPolicy { algorithms: CryptographicConstraints::Accepted(mut accepted), .. } =
        ValidationPolicy::national()
    else {
        panic!("the national policy names its algorithms")
    };
    accepted.digests.push(AcceptedDigest { digest: DigestAlgorithm::Sha1, until: Some(at("2026-02-01T00:00:00Z")) });
    let policy = ValidationPolicy::national().with_algorithms(CryptographicConstraints::Accepted(accepted));
    let judge = |time: Option<&str>, change: fn(Token) -> Token| {
        let mut message = Message::new(&PKI, "alice", b"content");
        let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, b"content");
        let digest = forge::attribute(&forge::MESSAGE_DIGEST, &[write::octet_string(digest.as_ref())]);
        let attributes = vec![forge::content_type(&forge::DATA), digest];
        let octets = write::set_of(Tag::SET, attributes.clone());
        let value = PKI.run(&["dgst", "-sha1", "-sign", "alice.key", "-binary"], &octets);
        let signer = &mut message.signers[0];
        (signer.digest, signer.algorithm) = (SHA1, Oid::new(&[1, 2, 840, 113_549, 1, 1, 5]));
        signer.attributes = Some(attributes);
        signer
            .unsigned
            .extend(time.map(|time| attribute_of(&[change(Token::new(&PKI, "tsa", &value, at(time))).encode(&PKI)])));
        signer.signature = Some(value);
        judge_with(&message.encode(&PKI), None, &policy, &PKI.trust(), now()).report.conclusion
    };
    let outdated = indeterminate(IndeterminateReason::CryptoConstraintsFailureNoPoe);
    assert_eq!(judge(None, |token| token), outdated);
    assert_eq!(judge(Some("2026-03-01T00:00:00Z"), |token| token), outdated);
    assert_eq!(judge(Some("2026-01-15T00:00:00Z"), |token| token), Conclusion::TotalPassed);
    let wrong = |token: Token| Token { names: None, ..token };
    assert_eq!(judge(Some("2026-01-15T00:00:00Z"), wrong), outdated);
}

#[test]
fn of_several_time_stamps_the_earliest_trusted_one_counts() {
    let signature =
        stamped("thief", &["2026-03-01T00:00:00Z", "2026-01-20T00:00:00Z", "2026-01-10T00:00:00Z"], |token| token);
    let report = judge(&signature).report;
    assert_eq!(report.conclusion, Conclusion::TotalPassed);
    assert_eq!(report.best_signature_time, at("2026-01-10T00:00:00Z"));
    assert_eq!(report.signers[0].time_stamps.len(), 3);
    let json = report.to_json().unwrap();
    assert_eq!(serde_json::from_str::<ValidationReport>(&json).unwrap(), report);
}

#[test]
fn c19_c29_a_stamp_or_a_claim_does_not_move_to_another_signature() {
    // The token of another signature, and one made of garbage.
    let mut message = Message::new(&PKI, "thief", b"content");
    let token = Token::new(&PKI, "tsa", b"another signature", at("2026-01-15T00:00:00Z")).encode(&PKI);
    message.signers[0] = message.signers[0].clone().with(forge::signing_time("260101000000Z"));
    message.signers[0].unsigned = vec![attribute_of(&[token, write::null(), write::octet_string(b"x")])];
    let report = judge(&message.encode(&PKI)).report;
    assert_eq!((report.conclusion, report.best_signature_time), (REVOKED, now()));
    assert_eq!(report.signers[0].time_stamps.len(), 3);
    // A stamp over a signature that is none.
    let mut message = Message::new(&PKI, "alice", b"content");
    let value = vec![7; 256];
    let token = Token::new(&PKI, "tsa", &value, at("2026-01-15T00:00:00Z")).encode(&PKI);
    message.signers[0].signature = Some(value);
    message.signers[0].unsigned = vec![attribute_of(&[token])];
    assert_eq!(conclusion(&message.encode(&PKI)), SIG_CRYPTO_FAILURE);
}

#[test]
fn reports_that_were_stored_before_time_stamps_were_told_are_still_read() {
    let report = judge(&PKI.sign("alice", b"content", &[])).report;
    let mut json: serde_json::Value = serde_json::from_str(&report.to_json().unwrap()).unwrap();
    let signer = json["signers"][0].as_object_mut().unwrap();
    signer.remove("proved_time");
    signer.remove("time_stamps");
    for entry in signer["path"].as_array_mut().unwrap() {
        let revocation = entry["revocation"].as_object_mut().unwrap();
        revocation.remove("source_kind");
        revocation.remove("responder");
    }
    let read: ValidationReport = serde_json::from_value(json).unwrap();
    assert_eq!(read.conclusion, report.conclusion);
}
