//! Counter-signatures: each has a verdict of its own, and none has a say in any other.

use consular_registration::pki::Oid;
use consular_registration::pki::der::{Tag, write};
use consular_registration::signature::SignerReport;

use super::*;
use crate::support::forge::{self, Message, Signer};

const COUNTER_SIGNATURE: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 9, 6]);

/// A message of `alice` with an attribute of counter-signatures over its signature value, by `counters` from that value.
fn countersigned(counters: impl Fn(&[u8]) -> Vec<Vec<u8>>) -> Message {
    let mut message = Message::new(&PKI, "alice", b"content");
    let signed = message.signers[0].attributes.clone().unwrap();
    let value = forge::rsa(&PKI, "alice.key", &write::set_of(Tag::SET, signed));
    message.signers[0].unsigned = vec![forge::attribute(&COUNTER_SIGNATURE, &counters(&value))];
    message.signers[0].signature = Some(value);
    message.certificates.extend(["bob", "thief"].map(|name| PKI.certificate(name).der().to_vec()));
    message
}

/// A right one by `name` over `value`.
fn counter(name: &str, value: &[u8]) -> Signer {
    Signer { attributes: Some(vec![forge::message_digest(value)]), ..Signer::new(&PKI, name, value) }
}

fn counters_of(message: &Message) -> Vec<SignerReport> {
    let validation = judge(&message.encode(&PKI));
    let report = validation.report;
    assert_eq!(report.conclusion, Conclusion::TotalPassed, "the signer's verdict is its own: {report:#?}");
    assert_eq!(report.signers.len(), 1);
    report.signers[0].counter_signatures.clone()
}

#[test]
fn a_counter_signature_is_listed_under_its_signer_with_its_own_verdict() {
    let message = countersigned(|value| {
        let dated = counter("bob", value).with(forge::signing_time("260501000000Z"));
        vec![dated.encode(&PKI, value)]
    });
    let counters = counters_of(&message);
    let [counter] = counters.as_slice() else { panic!("{} counter-signatures", counters.len()) };
    assert_eq!(counter.conclusion, Conclusion::TotalPassed, "{counter:#?}");
    let certificate = PKI.certificate("bob");
    assert_eq!(counter.certificate.as_ref().unwrap().sha256, hex::encode(certificate.sha256()));
    assert_eq!(counter.claimed_signing_time, Some("2026-05-01T00:00:00Z".parse().unwrap()));
    assert_eq!(counter.iin.as_deref(), Some("123456789012"));
    assert_eq!(counter.path.len(), 2);
}

#[test]
fn a_message_without_counter_signatures_says_nothing_of_them() {
    let report = judge(&PKI.sign("alice", b"content", &[])).report;
    assert!(report.signers[0].counter_signatures.is_empty());
    assert!(!report.to_json().unwrap().contains("counter"));
}

#[test]
fn c19_a_counter_signature_that_is_wrong_turns_no_verdict() {
    type Make = fn(&[u8]) -> Vec<u8>;
    let wrong: [(Make, Conclusion); 6] = [
        (|value| counter("bob", b"another value").encode(&PKI, value), HASH_FAILURE),
        (
            |value| Signer { signature: Some(vec![7; 256]), ..counter("bob", value) }.encode(&PKI, value),
            SIG_CRYPTO_FAILURE,
        ),
        (|value| counter("thief", value).encode(&PKI, value), indeterminate(IndeterminateReason::RevokedNoPoe)),
        (|value| counter("bob", value).with(forge::content_type(&forge::DATA)).encode(&PKI, value), FORMAT_FAILURE),
        (|value| Signer { attributes: None, ..counter("bob", value) }.encode(&PKI, value), FORMAT_FAILURE),
        (|_| write::sequence(&[&write::octet_string(b"not a signer")]), FORMAT_FAILURE),
    ];
    for (number, (make, expected)) in wrong.into_iter().enumerate() {
        let counters = counters_of(&countersigned(|value| vec![make(value)]));
        let found: Vec<_> = counters.iter().map(|counter| counter.conclusion).collect();
        assert_eq!(found, [expected], "case {number}");
        assert!(counters[0].iin.is_none(), "no identity without proof");
    }
}

#[test]
fn c19_a_right_counter_signature_saves_no_signature_and_is_no_signer() {
    let mut message = countersigned(|value| vec![counter("bob", value).encode(&PKI, value)]);
    message.signers[0].attributes = Some(vec![forge::content_type(&forge::DATA), forge::message_digest(b"other")]);
    let report = judge(&message.encode(&PKI)).report;
    assert_eq!(report.conclusion, HASH_FAILURE);
    let mut message = countersigned(|value| vec![counter("bob", value).encode(&PKI, value)]);
    message.signers[0].signature = Some(vec![1; 256]);
    let report = judge(&message.encode(&PKI)).report;
    assert_eq!(report.conclusion, SIG_CRYPTO_FAILURE);
    assert_eq!(report.signers[0].counter_signatures[0].conclusion, HASH_FAILURE, "it was over another value");
}

#[test]
fn c19_junk_counter_signatures_cost_the_signers_nothing() {
    // Each fails only after all candidates were tried, and there are more than are looked at.
    let mut message = countersigned(|value| {
        let junk = |number: u8| Signer { signature: Some(vec![number; 256]), ..counter("bob", value) };
        (0..64).map(|number| junk(number).encode(&PKI, value)).collect()
    });
    message.signers.push(Signer::new(&PKI, "bob", b"content"));
    let validation = judge(&message.encode(&PKI));
    assert_eq!(validation.report.conclusion, Conclusion::TotalPassed);
    let looked_at = validation.report.signers.iter().map(|signer| signer.counter_signatures.len()).sum::<usize>();
    assert_eq!(looked_at, 8);
    assert_eq!(validation.verified.unwrap().signers().len(), 2, "counter-signers are no signers");
}
