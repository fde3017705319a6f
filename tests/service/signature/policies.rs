//! The policy as a document: what ships, what is refused when it is read, and what each level leads to.

use consular_registration::pki::{CryptographicConstraints, Oid};
use consular_registration::signature::{ConstraintStatus, Level, LevelError, Levels, Presence, RevocationMode};

use consular_registration::pki::der::{Tag, write};

use super::*;
use crate::support::forge::{Message, signing_certificate};

const NATIONAL: &str = include_str!("../../../src/signature/policies/kz-national.toml");

/// The national policy with one constraint at `level`.
fn national_with(id: &str, level: Level) -> ValidationPolicy {
    ValidationPolicy::national().with_levels(Levels::of([(id, level)]).unwrap())
}

#[test]
fn two_policies_ship_and_the_first_is_the_national_one() {
    let shipped: Vec<_> = ValidationPolicy::shipped().iter().map(|policy| policy.id.as_str()).collect();
    assert_eq!(shipped, ["kz-national", "strict"]);
    let national = ValidationPolicy::national();
    assert_eq!((national.id.as_str(), national.version.as_str()), ("kz-national", "2026-01-01"));
    assert_eq!(national.algorithms, CryptographicConstraints::national(None));
    assert_eq!(national.revocation, RevocationMode::RequireEndEntity);
    assert_eq!((national.signed_attributes, national.signing_certificate), (Presence::Required, Presence::Optional));
}

#[test]
fn the_canonical_text_reads_back_as_the_same_policy() {
    let oid: Oid = "1.2.398.3.3.4.1.2.2".parse().unwrap();
    let mut policies = ValidationPolicy::shipped().to_vec();
    policies.push(national_with("chain.subject", Level::Inform).with_revocation(RevocationMode::None));
    policies.push(ValidationPolicy {
        algorithms: CryptographicConstraints::None,
        extended_key_usages: vec![oid],
        key_usage: 0,
        time_stamp_policies: vec![oid],
        ..ValidationPolicy::national()
    });
    policies[3].certificate_policies.acceptable = Some(vec![oid]);
    policies[3].ocsp_freshness.maximal_age = None;
    for purpose in consular_registration::pki::trust::Purpose::ALL {
        policies.push(ValidationPolicy::national().for_purpose(purpose));
    }
    for policy in policies {
        assert_eq!(ValidationPolicy::from_canonical(&policy.canonical()).unwrap(), policy);
    }
}

#[test]
fn a_document_that_lowers_what_everything_rests_on_is_refused_when_read() {
    let read = |levels: &str| ValidationPolicy::from_toml(&format!("{NATIONAL}\n{levels}"));
    assert!(read("").is_ok());
    assert!(read("\"integrity.signature\" = \"FAIL\"").is_ok(), "to say what holds anyway is no fault");
    for id in ["integrity.signature", "integrity.content-digest", "chain.path", "integrity.algorithm"] {
        for level in ["WARN", "INFORM", "IGNORE"] {
            let error = read(&format!("\"{id}\" = \"{level}\"")).unwrap_err().to_string();
            assert!(error.contains(&format!("`{id}` cannot be lowered")), "{error}");
        }
    }
    assert_eq!(Levels::of([("chain.pth", Level::Warn)]), Err(LevelError::Unknown("chain.pth".to_owned())));
    let subject = |level: &str| {
        ValidationPolicy::from_toml(
            &NATIONAL.replace("\"chain.subject\" = \"FAIL\"", &format!("\"chain.subject\" = {level}")),
        )
    };
    assert_eq!(subject("\"WARN\"").unwrap(), national_with("chain.subject", Level::Warn));
    assert!(subject("\"warn\"").is_err(), "a level has one spelling");
}

#[test]
fn a_document_says_everything_and_nothing_else() {
    assert!(ValidationPolicy::from_toml(&NATIONAL.replace("id = ", "colour = 1\nid = ")).is_err());
    for setting in ["revocation", "signing_certificate", "key_usage", "version"] {
        let without: String =
            NATIONAL.lines().filter(|line| !line.starts_with(setting)).map(|line| format!("{line}\n")).collect();
        assert!(ValidationPolicy::from_toml(&without).is_err(), "without {setting}");
    }
    let unknown = NATIONAL.replace("\"nonRepudiation\"", "\"nonrepudiation\"");
    assert!(ValidationPolicy::from_toml(&unknown).is_err());
}

#[test]
fn each_level_of_a_violation_leads_where_it_says() {
    let signature = PKI.sign("login", b"content", &[]);
    let found = |level| {
        let report = judge_with(&signature, None, &national_with("chain.key-usage", level), &PKI.trust(), now()).report;
        let constraint = report.signers[0].constraints.iter().find(|each| each.id == "chain.key-usage").unwrap();
        let warned = report.warnings.iter().any(|warning| warning.starts_with("chain.key-usage: the key is not"));
        (report.conclusion, constraint.status, constraint.level, warned)
    };
    let failed = indeterminate(IndeterminateReason::ChainConstraintsFailure);
    let passed = Conclusion::TotalPassed;
    assert_eq!(found(Level::Fail), (failed, ConstraintStatus::Failed, Level::Fail, false));
    assert_eq!(found(Level::Warn), (passed, ConstraintStatus::Warning, Level::Warn, true));
    assert_eq!(found(Level::Inform), (passed, ConstraintStatus::Information, Level::Inform, false));
    assert_eq!(found(Level::Ignore), (passed, ConstraintStatus::NotChecked, Level::Ignore, false));
}

#[test]
fn a_lowered_constraint_forgives_absence_and_never_what_is_wrong() {
    let judge = |signature: &[u8], id, trust: &TrustStore| {
        judge_with(signature, None, &national_with(id, Level::Warn), trust, now()).report.conclusion
    };
    let (trust, silent) = (PKI.trust(), PKI.trust_with(vec![]));
    // Unknown is forgiven, revoked is not.
    assert_eq!(judge(&PKI.sign("alice", b"x", &[]), "freshness.end-entity", &silent), Conclusion::TotalPassed);
    let revoked = indeterminate(IndeterminateReason::RevokedNoPoe);
    assert_eq!(judge(&PKI.sign("thief", b"x", &[]), "freshness.end-entity", &trust), revoked);
    // Attributes may be missing, but never be passed off as content.
    let id = "format.signed-attributes";
    assert_eq!(judge(&PKI.sign("alice", b"plain content", &["-noattr"]), id, &trust), Conclusion::TotalPassed);
    let original = Message::new(&PKI, "alice", b"x");
    let mut forged = original.clone();
    forged.content = write::set_of(Tag::SET, original.signers[0].attributes.clone().unwrap());
    forged.signers[0].attributes = None;
    assert_eq!(judge(&forged.encode(&PKI), id, &trust), FORMAT_FAILURE);
    // Another certificate's name under the signature stays wrong.
    let mut other = Message::new(&PKI, "alice", b"x");
    other.signers[0] = other.signers[0].clone().with(signing_certificate(&[1; 32]));
    let id = "identification.signing-certificate-attribute";
    let not_found = indeterminate(IndeterminateReason::NoSigningCertificateFound);
    assert_eq!(judge(&other.encode(&PKI), id, &trust), not_found);
    // A weak key is forgiven where the policy says so.
    assert_eq!(judge(&PKI.sign("weak", b"x", &[]), "acceptance.key-size", &trust), Conclusion::TotalPassed);
}

#[test]
fn the_strict_policy_demands_what_the_national_one_only_accepts() {
    let strict = ValidationPolicy::find("strict").unwrap();
    let judge = |signature: &[u8], trust: &TrustStore| judge_with(signature, None, strict, trust, now()).report;
    let named = PKI.sign("alice", b"content", &["-cades"]);
    assert_eq!(judge(&named, &PKI.trust()).conclusion, Conclusion::TotalPassed);
    let unnamed = judge(&PKI.sign("alice", b"content", &[]), &PKI.trust());
    assert_eq!(unnamed.conclusion, indeterminate(IndeterminateReason::SigConstraintsFailure));
    assert_eq!((unnamed.policy.id.as_str(), unnamed.policy.version.as_str()), ("strict", "2026-11-01"));
    // The authority's status has to be known too.
    let of_ca = PKI.trust_with(PKI.lists().into_iter().take(1).collect());
    assert_eq!(judge(&named, &of_ca).conclusion, indeterminate(IndeterminateReason::TryLater));
    let after = judge_with(&named, None, strict, &PKI.trust(), "2031-01-01T00:00:00Z".parse().unwrap()).report;
    assert!(!after.conclusion.is_passed(), "RSA of 2048 bits has its end: {}", after.conclusion);
}
