//! What is tried against signed data; the numbers are those of the threat catalogue.

use consular_registration::cms::CmsError;
use consular_registration::pki::Oid;
use consular_registration::pki::der::{Tag, write};
use consular_registration::pki::trust::{EntryState, Purpose, PurposeSet, TrustEntry};
use consular_registration::signature::{
    Conclusion, IndeterminateReason, InputError, Presence, SignatureInput, ValidationPolicy, validate,
};

use super::*;
use crate::support::forge::{self, Message, Signer};

const CONTENT: &[u8] = b"{\"form\":\"consular-registration-application\"}";

fn message(name: &str) -> Message {
    Message::new(&PKI, name, CONTENT)
}

/// The conclusion about a message by alice whose signer was changed before it was signed.
fn with_signer(change: impl FnOnce(Signer) -> Signer) -> Conclusion {
    let mut message = message("alice");
    message.signers = message.signers.into_iter().take(1).map(change_once(change)).collect();
    conclusion(&message.encode(&PKI))
}

fn change_once(change: impl FnOnce(Signer) -> Signer) -> impl FnMut(Signer) -> Signer {
    let mut change = Some(change);
    move |signer| change.take().map_or(signer.clone(), |change| change(signer))
}

#[test]
fn c01_a_message_without_signers_is_no_signature() {
    let mut message = message("alice");
    message.signers.clear();
    assert_eq!(conclusion(&message.encode(&PKI)), FORMAT_FAILURE);
}

#[test]
fn c02_without_the_certificate_nothing_is_concluded_even_about_garbage() {
    for signature in [None, Some(vec![7; 256])] {
        let mut message = message("alice");
        message.certificates.clear();
        message.signers[0].signature = signature;
        assert_eq!(conclusion(&message.encode(&PKI)), indeterminate(IndeterminateReason::NoSigningCertificateFound));
    }
}

#[test]
fn c06_attributes_are_never_passed_off_as_content() {
    let original = message("alice");
    let attributes = original.signers[0].attributes.clone().unwrap();
    let mut forged = original.clone();
    forged.content = write::set_of(Tag::SET, attributes);
    forged.signers[0].attributes = None;
    let encoded = forged.encode(&PKI);
    assert_eq!(conclusion(&encoded), FORMAT_FAILURE);
    // Not even where signatures without attributes are accepted.
    let lenient = ValidationPolicy { signed_attributes: Presence::Optional, ..ValidationPolicy::national() };
    let judge = |encoded: &[u8]| judge_with(encoded, None, &lenient, &PKI.trust(), now()).report.conclusion;
    assert_eq!(judge(&encoded), FORMAT_FAILURE);
    assert_eq!(judge(&PKI.sign("alice", b"plain content", &["-noattr"])), Conclusion::TotalPassed);
}

#[test]
fn c07_one_signer_without_attributes_spoils_the_message() {
    let mut message = message("alice");
    message.certificates.push(PKI.certificate("bob").der().to_vec());
    message.signers.push(Signer { attributes: None, ..Signer::new(&PKI, "bob", CONTENT) });
    let report = judge(&message.encode(&PKI)).report;
    assert_eq!(report.conclusion, FORMAT_FAILURE);
    assert_eq!(report.signers.iter().filter(|signer| signer.conclusion.is_passed()).count(), 1);
}

#[test]
fn c08_what_binds_a_signature_stands_once() {
    let other = || forge::message_digest(b"other");
    let two = forge::attribute(&forge::MESSAGE_DIGEST, &[write::octet_string(&[1; 32]), write::octet_string(&[2; 32])]);
    assert_eq!(with_signer(|signer| signer), Conclusion::TotalPassed);
    assert_eq!(with_signer(|signer| signer.with(other())), FORMAT_FAILURE);
    assert_eq!(
        with_signer(|signer| signer
            .with(forge::signing_time("260101000000Z"))
            .with(forge::signing_time("260102000000Z"))),
        FORMAT_FAILURE
    );
    assert_eq!(
        with_signer(|signer| Signer { attributes: Some(vec![forge::content_type(&forge::DATA), two]), ..signer }),
        FORMAT_FAILURE
    );
    assert_eq!(
        with_signer(|signer| Signer { attributes: Some(vec![forge::content_type(&forge::DATA)]), ..signer }),
        FORMAT_FAILURE
    );
    assert_eq!(
        with_signer(|signer| Signer { attributes: Some(vec![forge::message_digest(CONTENT)]), ..signer }),
        FORMAT_FAILURE
    );
    assert_eq!(with_signer(|signer| signer.with(forge::signing_time("not a time"))), FORMAT_FAILURE);
    let unknown = Oid::new(&[1, 2, 3, 4]);
    let with_unknown = |signer: Signer| signer.with(forge::attribute(&unknown, &[write::null()]));
    assert_eq!(with_signer(with_unknown), Conclusion::TotalPassed);
    assert_eq!(with_signer(|signer| with_unknown(with_unknown(signer))), FORMAT_FAILURE);
}

#[test]
fn c09_the_content_is_of_the_type_that_was_signed() {
    let other = Oid::new(&[1, 2, 840, 113_549, 1, 9, 16, 1, 4]);
    let attributes = Some(vec![forge::content_type(&other), forge::message_digest(CONTENT)]);
    assert_eq!(with_signer(|signer| Signer { attributes, ..signer }), FORMAT_FAILURE);
}

#[test]
fn c10_a_wrong_signing_certificate_attribute_is_never_accepted() {
    let right = *PKI.certificate("alice").sha256();
    assert_eq!(with_signer(|signer| signer.with(forge::signing_certificate(&right))), Conclusion::TotalPassed);
    for wrong in [[0; 32], *PKI.certificate("bob").sha256()] {
        let reached = with_signer(|signer| signer.with(forge::signing_certificate(&wrong)));
        assert_eq!(reached, indeterminate(IndeterminateReason::NoSigningCertificateFound));
    }
}

#[test]
fn c11_identity_comes_only_from_the_key_that_verified() {
    let alice = PKI.certificate("alice");
    // Bob's certificate, changed to bear alice's issuer and serial number; its own signature is broken, its key is bob's.
    let impostor = {
        let bob = PKI.certificate("bob");
        let mut der = bob.der().to_vec();
        let at = der.windows(bob.serial().len()).position(|part| part == bob.serial()).unwrap();
        der[at..at + alice.serial().len()].copy_from_slice(alice.serial());
        der
    };
    assert_eq!(alice.serial().len(), PKI.certificate("bob").serial().len());
    let junk: Vec<Vec<u8>> = (0..64).map(|_| impostor.clone()).collect();
    for certificates in [
        vec![impostor.clone(), alice.der().to_vec()],
        vec![alice.der().to_vec(), impostor.clone()],
        [junk, vec![alice.der().to_vec()]].concat(),
        [vec![PKI.certificate("ca").der().to_vec(); 64], vec![alice.der().to_vec()]].concat(),
    ] {
        let message = Message { certificates, ..message("alice") };
        let report = judge(&message.encode(&PKI)).report;
        assert_eq!(
            (report.conclusion, report.signers[0].iin.as_deref()),
            (Conclusion::TotalPassed, Some("123456789011"))
        );
    }
    // The impostor alone: the signature is not by its key.
    let only = Message { certificates: vec![impostor], ..message("alice") };
    assert_eq!(conclusion(&only.encode(&PKI)), SIG_CRYPTO_FAILURE);
    // Over the cap nothing is judged.
    let many = Message { certificates: vec![alice.der().to_vec(); 129], ..message("alice") }.encode(&PKI);
    let input = SignatureInput { signature: &many, content: None, certificates: &[], crls: &[], ocsps: &[] };
    let refused = validate(&input, &ValidationPolicy::national(), &PKI.trust(), now()).unwrap_err();
    assert_eq!(refused, InputError::Signature(CmsError::TooMany { what: "certificates", limit: 128 }));
}

#[test]
fn c13_one_bad_signer_fails_the_message_and_each_has_a_verdict() {
    let mut message = message("alice");
    message.certificates.push(PKI.certificate("bob").der().to_vec());
    message.signers.push(Signer { signature: Some(vec![1; 256]), ..Signer::new(&PKI, "bob", CONTENT) });
    let report = judge(&message.encode(&PKI)).report;
    assert_eq!(report.conclusion, SIG_CRYPTO_FAILURE);
    let mut each: Vec<_> = report.signers.iter().map(|signer| signer.conclusion.to_string()).collect();
    each.sort();
    assert_eq!(each, ["TOTAL-FAILED/SIG_CRYPTO_FAILURE", "TOTAL-PASSED"]);
}

#[test]
fn c14_signing_twice_does_not_make_two() {
    let mut message = message("alice");
    message.signers.push(Signer::new(&PKI, "alice", CONTENT).with(forge::signing_time("260101000000Z")));
    let validation = judge(&message.encode(&PKI));
    assert_eq!(validation.report.signers.len(), 2);
    assert_eq!(validation.verified.expect("passed").signers().len(), 1);
}

#[test]
fn c15_digest_and_signature_algorithm_belong_together() {
    let sha512 = Oid::new(&[2, 16, 840, 1, 101, 3, 4, 2, 3]);
    let gost = Oid::new(&[1, 2, 398, 3, 10, 1, 3, 3]);
    for digest in [sha512, gost] {
        let reached = with_signer(|signer| Signer { digest, ..signer });
        assert_eq!(reached, indeterminate(IndeterminateReason::SigConstraintsFailure));
    }
}

#[test]
fn c16_algorithms_that_are_not_accepted_are_named() {
    let ed448 = Oid::new(&[1, 3, 101, 113]);
    let mut message = message("alice");
    message.signers[0] = Signer { algorithm: ed448, ..message.signers[0].clone() };
    let report = judge(&message.encode(&PKI)).report;
    assert_eq!(report.conclusion, indeterminate(IndeterminateReason::CryptoConstraintsFailure));
    assert!(report.signers[0].constraints.iter().any(|each| each.detail.contains("1.3.101.113")));
}

#[test]
fn c17_values_that_no_key_made_are_bad_signatures() {
    for signature in [vec![], vec![0; 256], vec![0xff; 256], vec![1; 255], vec![1; 10_000]] {
        let reached = with_signer(|signer| Signer { signature: Some(signature), ..signer });
        assert_eq!(reached, SIG_CRYPTO_FAILURE);
    }
    // An RSA signature under a key of another kind.
    let mut message = message("alice");
    message.certificates = vec![PKI.certificate("p256").der().to_vec()];
    message.signers[0].identifier = forge::issuer_and_serial(&PKI.certificate("p256"));
    assert_eq!(conclusion(&message.encode(&PKI)), SIG_CRYPTO_FAILURE);
}

#[test]
fn c18_attributes_are_judged_as_they_arrived() {
    let encoded = message("alice").encode(&PKI);
    // The length of the signed attributes in one octet more than needed, which BER allows.
    let attributes =
        write::set_of(Tag::context_constructed(0), message("alice").signers[0].attributes.clone().unwrap());
    let at = encoded.windows(attributes.len()).position(|part| part == attributes).unwrap();
    let mut foreign = encoded[..=at].to_vec();
    foreign.extend([0x81]);
    foreign.extend(&encoded[at + 1..]);
    grow_lengths(&mut foreign, at);
    assert_eq!(conclusion(&foreign), FORMAT_FAILURE);
    // The same octet in the framing is harmless.
    let mut framed = vec![0x30, 0x84, 0, 0];
    framed.extend(&encoded[2..]);
    assert_eq!(conclusion(&framed), Conclusion::TotalPassed);
    // Attributes that are signed as they stand, but do not stand in the order of DER.
    let attributes = message("alice").signers[0].attributes.clone().unwrap();
    let sorted = write::set_of(Tag::context_constructed(0), attributes.clone());
    let mut reversed: Vec<Vec<u8>> = attributes;
    reversed.sort();
    reversed.reverse();
    let reversed = write::tlv(Tag::context_constructed(0), &reversed.concat());
    let unsorted = replace(&encoded, &sorted, &reversed);
    assert_eq!(conclusion(&unsorted), FORMAT_FAILURE);
}

/// Adds one to the definite lengths of all elements around offset `at`, as inserting an octet behind it needs.
fn grow_lengths(message: &mut [u8], at: usize) {
    fn walk(message: &mut [u8], mut start: usize, end: usize, at: usize) {
        while start < end {
            if start == at {
                return;
            }
            let count = if message[start + 1] & 0x80 == 0 { 0 } else { usize::from(message[start + 1] & 0x7f) };
            let body = start + 2 + count;
            let length = if count == 0 {
                usize::from(message[start + 1])
            } else {
                message[start + 2..body].iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet))
            };
            if (body..body + length).contains(&at) {
                let grown = (length + 1).to_be_bytes();
                message[start + 2..body].copy_from_slice(&grown[8 - count..]);
                return walk(message, body, body + length + 1, at);
            }
            start = body + length;
        }
    }
    walk(message, 0, message.len(), at);
}

fn replace(whole: &[u8], part: &[u8], by: &[u8]) -> Vec<u8> {
    let at = whole.windows(part.len()).position(|window| window == part).expect("the part is there");
    [&whole[..at], by, &whole[at + part.len()..]].concat()
}

#[test]
fn c19_unsigned_attributes_change_nothing() {
    let unknown = forge::attribute(&Oid::new(&[1, 2, 3, 4]), &[write::octet_string(b"anything")]);
    let reached = |signature: Option<Vec<u8>>, unsigned: Vec<Vec<u8>>| {
        with_signer(|signer| Signer { signature, unsigned, ..signer })
    };
    assert_eq!(reached(None, vec![unknown.clone()]), Conclusion::TotalPassed);
    assert_eq!(reached(Some(vec![1; 256]), vec![unknown.clone()]), SIG_CRYPTO_FAILURE);
    // Not even those that would bind a signature were they signed.
    let digest = forge::message_digest(CONTENT);
    assert_eq!(
        with_signer(|signer| Signer { attributes: None, unsigned: vec![digest.clone(), unknown], ..signer }),
        FORMAT_FAILURE
    );
    assert_eq!(with_signer(|signer| Signer { unsigned: vec![digest], ..signer }), FORMAT_FAILURE);
}

#[test]
fn c21_a_message_within_a_message_is_not_unwrapped() {
    let inner = message("alice").encode(&PKI);
    let mut outer = Message::new(&PKI, "bob", &inner);
    outer.content_type = forge::SIGNED_DATA;
    outer.signers[0].attributes = Some(vec![forge::content_type(&forge::SIGNED_DATA), forge::message_digest(&inner)]);
    let encoded = outer.encode(&PKI);
    let input = SignatureInput { signature: &encoded, content: None, certificates: &[], crls: &[], ocsps: &[] };
    let refused = validate(&input, &ValidationPolicy::national(), &PKI.trust(), now());
    assert!(matches!(refused, Err(InputError::Signature(CmsError::Malformed(_)))));
}

#[test]
fn c26_a_subject_with_two_numbers_is_nobody() {
    let report = judge(&PKI.sign("twofold", CONTENT, &[])).report;
    assert_eq!(report.conclusion, indeterminate(IndeterminateReason::ChainConstraintsFailure));
    assert_eq!(report.signers[0].iin, None);
}

#[test]
fn c29_the_claimed_time_is_a_claim() {
    let mut message = message("late");
    message.signers[0] = message.signers[0].clone().with(forge::signing_time("250601000000Z"));
    let report = judge(&message.encode(&PKI)).report;
    assert_eq!(report.conclusion, indeterminate(IndeterminateReason::OutOfBoundsNoPoe));
    assert_eq!(report.signers[0].claimed_signing_time, Some("2025-06-01T00:00:00Z".parse().unwrap()));
    assert_eq!(report.best_signature_time, now());
}

#[test]
fn p05_an_authority_that_the_store_has_retired_or_kept_for_others_does_not_issue_from_inside_a_message() {
    let signature = PKI.sign("alice", b"content", &["-certfile", "ca.crt"]);
    let under = |decided: Option<TrustEntry>| {
        let entries = std::iter::once(TrustEntry::anchor(PKI.certificate("root"), PurposeSet::ALL)).chain(decided);
        let lists = PKI.lists().into_iter().map(|list| (list, PurposeSet::ALL)).collect();
        judge_with(
            &signature,
            None,
            &ValidationPolicy::national(),
            &TrustStore::new(1, entries.collect(), lists),
            now(),
        )
        .report
        .conclusion
    };
    let authority = || TrustEntry::intermediate(PKI.certificate("ca"), PurposeSet::ALL);
    let no_chain = indeterminate(IndeterminateReason::NoCertificateChainFound);
    assert_eq!(under(None), Conclusion::TotalPassed, "one the store does not know may come along");
    assert_eq!(under(Some(authority())), Conclusion::TotalPassed);
    let until = now() - chrono::TimeDelta::days(1);
    let retired = TrustEntry { state: EntryState::Retired, trusted_until: Some(until), ..authority() };
    assert_eq!(under(Some(retired)), no_chain);
    assert_eq!(under(Some(TrustEntry { state: EntryState::Prepared, ..authority() })), no_chain);
    assert_eq!(under(Some(TrustEntry { purposes: Purpose::Officers.into(), ..authority() })), no_chain);
}

#[test]
fn a_key_of_an_authority_is_no_signer() {
    let signature = PKI.sign("ca", b"content", &[]);
    assert_eq!(conclusion(&signature), indeterminate(IndeterminateReason::ChainConstraintsFailure));
}
