//! Each outcome, from signatures that OpenSSL made.

use consular_registration::pki::{CryptographicConstraints, Oid};
use consular_registration::signature::{
    Conclusion, EvidenceKind, IndeterminateReason, InputError, RevocationMode, SignatureInput, ValidationPolicy,
    validate, validate_certificate,
};

use super::*;

#[test]
fn everything_that_openssl_signs_properly_passes() {
    let content = "Тіркеу туралы өтініш".as_bytes();
    for (name, more) in [
        ("alice", &[][..]),
        ("alice", &["-stream"]),
        ("alice", &["-outform", "PEM"]),
        ("alice", &["-keyid"]),
        ("alice", &["-cades"]),
        ("alice", &["-md", "sha384"]),
        ("alice", &["-md", "sha512"]),
        ("alice", &["-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:digest"]),
        ("alice", &["-certfile", "ca.crt"]),
        ("alice", &["-signer", "bob.crt", "-inkey", "bob.key"]),
        ("head", &[]),
        ("p256", &[]),
        ("p384", &["-md", "sha384"]),
    ] {
        let validation = judge(&PKI.sign(name, content, more));
        assert_eq!(validation.report.conclusion, Conclusion::TotalPassed, "{name} {more:?}: {:#?}", validation.report);
        let verified = validation.verified.expect("passed");
        assert_eq!(verified.bytes(), content);
        assert_eq!(verified.signers()[0].certificate(), &PKI.certificate(name));
    }
}

#[test]
fn a_report_says_who_signed_and_what_was_checked() {
    let validation = judge(&PKI.sign("head", b"content", &[]));
    let report = &validation.report;
    let signer = &report.signers[0];
    assert_eq!((signer.iin.as_deref(), signer.bin.as_deref()), (Some("123456789012"), Some("123456789021")));
    let roles: Vec<_> = signer.roles.iter().map(|role| role.oid.as_str()).collect();
    assert_eq!(roles, ["1.2.398.3.3.4.1.2", "1.2.398.3.3.4.1.2.2"]);
    assert_eq!(signer.path.len(), 2);
    assert_eq!(signer.trust_anchor.as_deref(), Some(&*hex::encode(PKI.certificate("root").sha256())));
    assert_eq!(report.trust_store.revision, 7);
    assert_eq!(
        report.content_digest.as_deref(),
        Some("ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73")
    );
    let kinds: Vec<_> = validation.evidence.iter().map(consular_registration::signature::Evidence::kind).collect();
    let count = |kind| kinds.iter().filter(|each| **each == kind).count();
    assert_eq!(
        [EvidenceKind::Signature, EvidenceKind::Certificate, EvidenceKind::RevocationList, EvidenceKind::Policy]
            .map(count),
        [1, 3, 2, 1]
    );
}

#[test]
fn a_report_is_canonical_and_reads_back() {
    let signature = PKI.sign("alice", b"content", &[]);
    let (first, second) = (judge(&signature).report, judge(&signature).report);
    let json = first.to_json().unwrap();
    assert_eq!(json, second.to_json().unwrap());
    assert!(json.starts_with(r#"{"indication":"TOTAL-PASSED","sub_indication":null,"explanation":{"kk":"#), "{json}");
    assert!(json.contains(r#""validation_time":"2026-06-01T00:00:00Z""#));
    assert_eq!(serde_json::from_str::<consular_registration::signature::ValidationReport>(&json).unwrap(), first);
}

#[test]
fn detached_signatures_need_their_content_and_only_theirs() {
    let signature = PKI.sign("alice", b"content", &["-detached"]);
    let judge =
        |content| judge_with(&signature, content, &ValidationPolicy::national(), &PKI.trust(), now()).report.conclusion;
    assert_eq!(judge(Some(b"content")), Conclusion::TotalPassed);
    assert_eq!(judge(Some(b"contents")), HASH_FAILURE);
    assert_eq!(judge(None), indeterminate(IndeterminateReason::SignedDataNotFound));
}

#[test]
fn content_inside_and_beside_is_no_input() {
    let signature = PKI.sign("alice", b"content", &[]);
    let input =
        SignatureInput { signature: &signature, content: Some(b"content"), certificates: &[], crls: &[], ocsps: &[] };
    let error = validate(&input, &ValidationPolicy::national(), &PKI.trust(), now()).unwrap_err();
    assert_eq!(error, InputError::ContentTwice);
}

#[test]
fn the_certificate_may_come_beside_the_message_or_not_at_all() {
    let signature = PKI.sign("alice", b"content", &["-nocerts"]);
    assert_eq!(conclusion(&signature), indeterminate(IndeterminateReason::NoSigningCertificateFound));
    let certificates = [PKI.certificate("bob"), PKI.certificate("alice")];
    let input =
        SignatureInput { signature: &signature, content: None, certificates: &certificates, crls: &[], ocsps: &[] };
    let report = validate(&input, &ValidationPolicy::national(), &PKI.trust(), now()).unwrap().report;
    assert_eq!(report.conclusion, Conclusion::TotalPassed);
}

#[test]
fn keys_that_are_not_for_signing_do_not_pass() {
    let signature = PKI.sign("login", b"content", &[]);
    assert_eq!(conclusion(&signature), indeterminate(IndeterminateReason::ChainConstraintsFailure));
    let lenient = ValidationPolicy { key_usage: 0, ..ValidationPolicy::national() };
    assert!(judge_with(&signature, None, &lenient, &PKI.trust(), now()).report.conclusion.is_passed());
}

#[test]
fn demanded_roles_are_demanded() {
    let role: Oid = "1.2.398.3.3.4.1.2.2".parse().unwrap();
    let policy = ValidationPolicy { extended_key_usages: vec![role], ..ValidationPolicy::national() };
    let judge =
        |name| judge_with(&PKI.sign(name, b"content", &[]), None, &policy, &PKI.trust(), now()).report.conclusion;
    assert_eq!(judge("head"), Conclusion::TotalPassed);
    assert_eq!(judge("alice"), indeterminate(IndeterminateReason::ChainConstraintsFailure));
}

#[test]
fn weak_keys_and_digests_are_named() {
    for (signature, named) in
        [(PKI.sign("weak", b"content", &[]), "RSA-1024"), (PKI.sign("alice", b"content", &["-md", "sha1"]), "SHA-1")]
    {
        let report = judge(&signature).report;
        assert_eq!(report.conclusion, indeterminate(IndeterminateReason::CryptoConstraintsFailure));
        assert!(report.signers[0].constraints.iter().any(|each| each.detail.contains(named)), "{:#?}", report.signers);
    }
    let mut algorithms = CryptographicConstraints::national(None);
    if let CryptographicConstraints::Accepted(accepted) = &mut algorithms {
        accepted.keys.iter_mut().for_each(|keys| keys.minimum_bits = 3072);
    }
    let policy = ValidationPolicy::national().with_algorithms(algorithms);
    let validation = judge_with(&PKI.sign("alice", b"content", &[]), None, &policy, &PKI.trust(), now());
    assert_eq!(validation.report.conclusion, indeterminate(IndeterminateReason::CryptoConstraintsFailure));
}

#[test]
fn validity_is_that_of_the_time_of_judgement_whatever_the_signer_claims() {
    let signature = PKI.sign("late", b"content", &[]);
    assert_eq!(conclusion(&signature), indeterminate(IndeterminateReason::OutOfBoundsNoPoe));
    let policy = ValidationPolicy::national().with_revocation(RevocationMode::None);
    let at = |time: &str| judge_with(&signature, None, &policy, &PKI.trust(), time.parse().unwrap()).report.conclusion;
    assert_eq!(at("2025-12-31T23:59:59Z"), Conclusion::TotalPassed);
    assert_eq!(at("2026-01-01T00:00:01Z"), indeterminate(IndeterminateReason::OutOfBoundsNoPoe));
    assert_eq!(at("2019-12-31T23:59:59Z"), indeterminate(IndeterminateReason::OutOfBoundsNoPoe));
}

#[test]
fn revocation_is_what_fresh_lists_say() {
    assert_eq!(conclusion(&PKI.sign("thief", b"content", &[])), indeterminate(IndeterminateReason::RevokedNoPoe));
    let signature = PKI.sign("alice", b"content", &[]);
    let judge = |mode, trust: &TrustStore, time: &str| {
        let policy = ValidationPolicy::national().with_revocation(mode);
        judge_with(&signature, None, &policy, trust, time.parse().unwrap()).report.conclusion
    };
    let later = indeterminate(IndeterminateReason::TryLater);
    let (with, without) = (PKI.trust(), PKI.trust_with(vec![]));
    assert_eq!(judge(RevocationMode::RequireEndEntity, &without, "2026-06-01T00:00:00Z"), later);
    assert_eq!(judge(RevocationMode::RequireEndEntity, &with, "2026-07-01T00:00:01Z"), later);
    assert_eq!(judge(RevocationMode::RequireEndEntity, &with, "2026-04-01T00:00:00Z"), later);
    assert_eq!(judge(RevocationMode::IfPresent, &without, "2026-06-01T00:00:00Z"), Conclusion::TotalPassed);
    assert_eq!(judge(RevocationMode::None, &without, "2026-06-01T00:00:00Z"), Conclusion::TotalPassed);
    assert_eq!(judge(RevocationMode::RequireAll, &with, "2026-06-01T00:00:00Z"), Conclusion::TotalPassed);
    let of_ca = PKI.trust_with(PKI.lists().into_iter().take(1).collect());
    assert_eq!(judge(RevocationMode::RequireEndEntity, &of_ca, "2026-06-01T00:00:00Z"), Conclusion::TotalPassed);
    assert_eq!(judge(RevocationMode::RequireAll, &of_ca, "2026-06-01T00:00:00Z"), later);
}

#[test]
fn an_unknown_root_leads_nowhere() {
    let nothing = TrustStore::new(1, vec![], vec![]);
    let validation =
        judge_with(&PKI.sign("alice", b"content", &[]), None, &ValidationPolicy::national(), &nothing, now());
    assert_eq!(validation.report.conclusion, indeterminate(IndeterminateReason::NoCertificateChainFound));
    assert!(is_intact(&validation), "the signature itself is right, and the report says so");
}

#[test]
fn a_certificate_can_be_judged_by_itself() {
    let judge = |name| {
        let der = PKI.certificate(name).der().to_vec();
        validate_certificate(&der, &[], &[], &[], &ValidationPolicy::national(), &PKI.trust(), now()).unwrap().report
    };
    let alice = judge("alice");
    assert_eq!((alice.conclusion, alice.signers[0].iin.as_deref()), (Conclusion::TotalPassed, Some("123456789011")));
    assert_eq!(judge("ca").conclusion, Conclusion::TotalPassed);
    assert_eq!(judge("root").conclusion, Conclusion::TotalPassed);
    assert_eq!(judge("thief").conclusion, indeterminate(IndeterminateReason::RevokedNoPoe));
    assert_eq!(judge("login").conclusion, indeterminate(IndeterminateReason::ChainConstraintsFailure));
    let garbage = validate_certificate(b"0000", &[], &[], &[], &ValidationPolicy::national(), &PKI.trust(), now());
    assert!(matches!(garbage, Err(InputError::Certificate(_))));
}
