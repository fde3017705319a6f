//! OCSP at work in signatures: OpenSSL as responder, responses inside messages, lists beside them.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use consular_registration::pki::der::{Tag, write};
use consular_registration::pki::{OcspResponse, Oid};
use consular_registration::signature::{
    EvidenceKind, RevocationMode, RevocationSource, RevocationStatusName, SignatureInput, ValidationReport, validate,
    validate_certificate,
};

use super::*;
use crate::support::forge::{self, Message};
use crate::support::ocsp::{self, Response, good, revoked};

/// A response by a key of the PKI about one of its persons.
fn response(person: &str, responder: &str, status: Vec<u8>, at: DateTime<Utc>) -> Response {
    Response::new(&PKI.certificate(person), &PKI.certificate("ca"), &PKI.certificate(responder), status, at)
}

fn encode(response: &Response, responder: &str) -> Vec<u8> {
    response.encode(&write::algorithm_with_null(&forge::SHA256_RSA), |tbs| {
        forge::rsa(&PKI, &format!("{responder}.key"), tbs)
    })
}

fn read(der: &[u8]) -> Arc<OcspResponse> {
    Arc::new(OcspResponse::from_der(der).unwrap())
}

fn hour_ago() -> DateTime<Utc> {
    now() - TimeDelta::hours(1)
}

/// Judges a signature of `person` by responses alone, unless lists are asked for.
fn judge_by(person: &str, ocsps: &[Arc<OcspResponse>], with_lists: bool) -> ValidationReport {
    let signature = PKI.sign(person, b"content", &[]);
    let input = SignatureInput { signature: &signature, content: None, certificates: &[], crls: &[], ocsps };
    let trust = if with_lists { PKI.trust() } else { PKI.trust_with(vec![]) };
    validate(&input, &ValidationPolicy::national(), &trust, now()).unwrap().report
}

const LATER: Conclusion = Conclusion::Indeterminate(IndeterminateReason::TryLater);
const REVOKED: Conclusion = Conclusion::Indeterminate(IndeterminateReason::RevokedNoPoe);

#[test]
fn a_response_is_as_good_as_a_list_and_the_report_names_it() {
    for responder in ["ca", "responder"] {
        let given = read(&encode(&response("alice", responder, good(), hour_ago()), responder));
        let report = judge_by("alice", std::slice::from_ref(&given), false);
        assert_eq!(report.conclusion, Conclusion::TotalPassed, "{report:#?}");
        let told = &report.signers[0].path[0].revocation;
        assert_eq!((told.status, told.source_kind), (RevocationStatusName::Good, Some(RevocationSource::Ocsp)));
        assert_eq!(told.source.as_deref(), Some(&*hex::encode(given.sha256())));
        assert_eq!(told.responder, Some(PKI.certificate(responder).subject_display()));
        assert_eq!(told.this_update, Some(hour_ago()));
        assert!(report.warnings.is_empty(), "{:?}", report.warnings);
    }
    assert_eq!(judge_by("alice", &[], false).conclusion, LATER);
}

#[test]
fn what_openssl_answers_is_understood() {
    for (person, responder, expected) in [
        ("alice", "responder", Conclusion::TotalPassed),
        ("thief", "ca", REVOKED),
        ("bob", "ca", Conclusion::TotalPassed),
    ] {
        let crt = |name: &str| format!("{name}.crt");
        PKI.run(
            &["ocsp", "-issuer", "ca.crt", "-cert", &crt(person), "-no_nonce", "-reqout", &format!("{person}.orq")],
            &[],
        );
        PKI.run(
            &[
                "ocsp",
                "-index",
                "index.txt",
                "-CA",
                "ca.crt",
                "-rsigner",
                &crt(responder),
                "-rkey",
                &format!("{responder}.key"),
                "-reqin",
                &format!("{person}.orq"),
                "-respout",
                &format!("{person}.ors"),
                "-ndays",
                "1",
            ],
            &[],
        );
        let given = read(&std::fs::read(PKI.file(&format!("{person}.ors"))).unwrap());
        let signature = PKI.sign(person, b"content", &[]);
        let given_list = [given.clone()];
        let input =
            SignatureInput { signature: &signature, content: None, certificates: &[], crls: &[], ocsps: &given_list };
        let at = given.produced_at() + TimeDelta::seconds(1);
        let report = validate(&input, &ValidationPolicy::national(), &PKI.trust_with(vec![]), at).unwrap().report;
        assert_eq!(report.conclusion, expected, "{person}: {report:#?}");
    }
}

#[test]
fn r01_r02_r03_responses_that_prove_nothing_are_named_and_left_out() {
    let stolen = |responder: &str| encode(&response("alice", "responder", good(), hour_ago()), responder);
    let by_leaf = encode(&response("alice", "bob", good(), hour_ago()), "bob");
    let about_bob = encode(&response("bob", "ca", good(), hour_ago()), "ca");
    let stale = encode(&response("alice", "ca", good(), now() - TimeDelta::days(3)), "ca");
    let future = encode(&response("alice", "ca", good(), now() + TimeDelta::hours(1)), "ca");
    let by_sha1 = response("alice", "ca", good(), hour_ago())
        .encode(&write::algorithm_with_null(&Oid::new(&[1, 2, 840, 113_549, 1, 1, 5])), |tbs| {
            PKI.run(&["dgst", "-sha1", "-sign", "ca.key", "-binary"], tbs)
        });
    let closed = encode(&response("alice", "responder-revoked", good(), hour_ago()), "responder-revoked");
    for (der, reason) in [
        (stolen("bob"), "signature of the response does not verify"),
        (by_leaf, "not meant for signing OCSP responses"),
        (about_bob, "another certificate"),
        (by_sha1, "SHA-1 (1.3.14.3.2.26) is too weak"),
        (stale, "stale since"),
        (future, "dated in the future"),
    ] {
        let report = judge_by("alice", &[read(&der)], false);
        assert_eq!(report.conclusion, LATER, "{reason}: {report:#?}");
        assert!(report.warnings.iter().any(|warning| warning.contains(reason)), "{reason}: {:?}", report.warnings);
    }
    // R11: the list of the issuer names the responder.
    let report = judge_by(
        "thief",
        &[read(&encode(&response("thief", "responder-revoked", good(), hour_ago()), "responder-revoked"))],
        true,
    );
    assert_eq!(report.conclusion, REVOKED);
    let report = judge_by("alice", &[read(&closed)], true);
    assert_eq!(report.conclusion, Conclusion::TotalPassed);
    assert_eq!(report.signers[0].path[0].revocation.source_kind, Some(RevocationSource::Crl));
    assert!(report.warnings.iter().any(|warning| warning.contains("certificate is revoked")), "{:?}", report.warnings);
}

#[test]
fn the_freshest_source_decides_and_a_revocation_outweighs_them_all() {
    let kind = |report: &ValidationReport| report.signers[0].path[0].revocation.source_kind;
    // The lists are of 1 May.
    let fresher = read(&encode(&response("alice", "ca", good(), hour_ago()), "ca"));
    assert_eq!(kind(&judge_by("alice", &[fresher], true)), Some(RevocationSource::Ocsp));
    let older = response("alice", "ca", good(), "2026-04-30T00:00:00Z".parse().unwrap());
    let older = older.single(|single| single.next_update = Some(now() + TimeDelta::days(9)));
    let older = read(&encode(&older, "ca"));
    let report = judge_by("alice", &[older], true);
    assert_eq!((report.conclusion, kind(&report)), (Conclusion::TotalPassed, Some(RevocationSource::Crl)));
    let news = read(&encode(&response("alice", "ca", revoked(hour_ago(), Some(1)), hour_ago()), "ca"));
    let report = judge_by("alice", &[news], true);
    assert_eq!((report.conclusion, kind(&report)), (REVOKED, Some(RevocationSource::Ocsp)));
    let lie = read(&encode(&response("thief", "ca", good(), hour_ago()), "ca"));
    let report = judge_by("thief", &[lie], true);
    assert_eq!((report.conclusion, kind(&report)), (REVOKED, Some(RevocationSource::Crl)));
}

#[test]
fn r09_a_hold_told_by_a_responder_does_not_pass() {
    let held = read(&encode(&response("alice", "ca", revoked(hour_ago(), Some(6)), hour_ago()), "ca"));
    assert_eq!(judge_by("alice", &[held], false).conclusion, REVOKED);
}

#[test]
fn r12_an_unknown_status_is_no_status() {
    let given = read(&encode(&response("alice", "ca", ocsp::unknown(), hour_ago()), "ca"));
    let report = judge_by("alice", &[given], false);
    assert_eq!(report.conclusion, LATER);
    let details: Vec<_> = report.signers[0].constraints.iter().map(|each| each.detail.to_string()).collect();
    assert!(details.iter().any(|detail| detail.contains("does not know the certificate")), "{details:?}");
}

/// A message of alice whose revocation information holds `choice`, and whose signer has the unsigned attributes.
fn message_with(choice: Option<Vec<u8>>, unsigned: Vec<Vec<u8>>) -> Vec<u8> {
    let mut message = Message::new(&PKI, "alice", b"content");
    message.signers[0].unsigned = unsigned;
    let certificates = write::tlv(Tag::context_constructed(0), &message.certificates.concat());
    let plain = message.encode(&PKI);
    let Some(choice) = choice else { return plain };
    let crls = write::tlv(Tag::context_constructed(1), &choice);
    let signed = consular_registration::pki::der::Reader::new(&plain).sequence().unwrap();
    let mut fields = signed;
    fields.oid().unwrap();
    let mut body = fields.nested(Tag::context_constructed(0)).unwrap().sequence().unwrap();
    let (version, digests, content) = (body.any().unwrap(), body.any().unwrap(), body.any().unwrap());
    assert_eq!(body.any().unwrap().encoded, certificates);
    let signers = body.any().unwrap();
    let body =
        write::sequence(&[version.encoded, digests.encoded, content.encoded, &certificates, &crls, signers.encoded]);
    write::sequence(&[&write::oid(&forge::SIGNED_DATA), &write::explicit(0, &body)])
}

#[test]
fn responses_inside_a_message_count() {
    let made = response("alice", "responder", good(), hour_ago());
    let format = Oid::new(&[1, 3, 6, 1, 5, 5, 7, 16, 2]);
    let choice = write::constructed(Tag::context_constructed(1), &[&write::oid(&format), &encode(&made, "responder")]);
    let basic =
        made.basic(&write::algorithm_with_null(&forge::SHA256_RSA), |tbs| forge::rsa(&PKI, "responder.key", tbs));
    let values = write::sequence(&[&write::explicit(1, &write::sequence(&[&basic]))]);
    let attribute = forge::attribute(&Oid::new(&[1, 2, 840, 113_549, 1, 9, 16, 2, 24]), &[values]);
    for message in [message_with(Some(choice), vec![]), message_with(None, vec![attribute])] {
        let trust = PKI.trust_with(vec![]);
        let validation = judge_with(&message, None, &ValidationPolicy::national(), &trust, now());
        assert_eq!(validation.report.conclusion, Conclusion::TotalPassed, "{:#?}", validation.report);
        let kinds: Vec<_> = validation.evidence.iter().map(consular_registration::signature::Evidence::kind).collect();
        assert!(kinds.contains(&EvidenceKind::OcspResponse));
        let without = ValidationPolicy::national().with_revocation(RevocationMode::None);
        assert!(judge_with(&message, None, &without, &trust, now()).report.conclusion.is_passed());
    }
    let list = PKI.lists()[0].der().unwrap().to_vec();
    let values = write::sequence(&[&write::explicit(0, &write::sequence(&[&list]))]);
    let attribute = forge::attribute(&Oid::new(&[1, 2, 840, 113_549, 1, 9, 16, 2, 24]), &[values]);
    let message = message_with(None, vec![attribute]);
    let trust = PKI.trust_with(vec![]);
    let report = judge_with(&message, None, &ValidationPolicy::national(), &trust, now()).report;
    assert_eq!(report.conclusion, Conclusion::TotalPassed);
}

#[test]
fn c19_unsigned_attributes_never_make_a_bad_signature_good() {
    let garbage = forge::attribute(&Oid::new(&[1, 2, 840, 113_549, 1, 9, 16, 2, 24]), &[write::null()]);
    let message = message_with(None, vec![garbage]);
    let report = judge(&message).report;
    assert_eq!(report.conclusion, Conclusion::TotalPassed, "garbage proves nothing and breaks nothing");
    assert!(report.warnings.iter().any(|warning| warning.contains("revocation values")));
    let made = response("alice", "ca", good(), hour_ago());
    let basic = made.basic(&write::algorithm_with_null(&forge::SHA256_RSA), |tbs| forge::rsa(&PKI, "ca.key", tbs));
    let values = write::sequence(&[&write::explicit(1, &write::sequence(&[&basic]))]);
    let attribute = forge::attribute(&Oid::new(&[1, 2, 840, 113_549, 1, 9, 16, 2, 24]), &[values]);
    let mut forged = Message::new(&PKI, "alice", b"content");
    forged.signers[0].unsigned = vec![attribute];
    forged.content = b"changed".to_vec();
    assert_eq!(conclusion(&forged.encode(&PKI)), HASH_FAILURE);
}

#[test]
fn a_bare_certificate_is_judged_by_responses_too() {
    let der = PKI.certificate("alice").der().to_vec();
    let given = [read(&encode(&response("alice", "ca", good(), hour_ago()), "ca"))];
    let judge = |ocsps: &[Arc<OcspResponse>]| {
        let trust = PKI.trust_with(vec![]);
        validate_certificate(&der, &[], &[], ocsps, &ValidationPolicy::national(), &trust, now()).unwrap().report
    };
    assert_eq!((judge(&given).conclusion, judge(&[]).conclusion), (Conclusion::TotalPassed, LATER));
}
