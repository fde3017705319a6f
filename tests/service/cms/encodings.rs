//! What may come in: the forms OpenSSL writes are read alike, bombs are refused at once.

use std::borrow::Cow;

use consular_registration::cms::{self, CmsError, Der, SignedData};
use consular_registration::pki::der::{Tag, write};

use crate::support::forge::{self, Message};
use crate::support::openssl::PKI;

const LIMIT: usize = 16 * 1024 * 1024;

fn der(input: &[u8]) -> Vec<u8> {
    cms::to_der(input, LIMIT).expect("a message").into_bytes().into_owned()
}

#[test]
fn a_streamed_message_becomes_the_der_that_openssl_itself_would_write() {
    for length in [1, 100, 1_000, 1_024, 5_000, 100_000] {
        let content: Vec<u8> = (0..length).map(|n: u32| (n % 253) as u8).collect();
        let streamed = PKI.sign("alice", &content, &["-stream"]);
        assert!(streamed.starts_with(&[0x30, 0x80]), "openssl wrote indefinite lengths");
        let der = der(&streamed);
        // OpenSSL reads the stream and writes it again as DER.
        let rewritten = PKI.run(&["cms", "-cmsout", "-inform", "DER", "-outform", "DER"], &der);
        assert_eq!(der, rewritten);
        let parsed = Der::from_ber(Cow::Borrowed(&streamed)).unwrap();
        assert_eq!(SignedData::parse(&parsed).unwrap().content, Some(&content[..]));
    }
}

#[test]
fn pem_base64_and_der_are_one_message() {
    let der_form = PKI.sign("alice", b"content", &["-noattr"]);
    let pem = PKI.run(&["cms", "-cmsout", "-inform", "DER", "-outform", "PEM"], &der_form);
    let base64 = PKI.run(&["base64", "-in", "/dev/stdin"], &der_form);
    assert!(pem.starts_with(b"-----BEGIN CMS-----"));
    assert_eq!(der(&pem), der_form);
    assert_eq!(der(&base64), der_form);
    let parsed = cms::to_der(&der_form, LIMIT).unwrap();
    assert!(parsed.is_verbatim() && matches!(parsed.into_bytes(), Cow::Borrowed(_)), "DER passes without a copy");
}

#[test]
fn trailing_bytes_are_refused() {
    let mut message = PKI.sign("alice", b"content", &[]);
    message.push(0);
    assert_eq!(cms::to_der(&message, LIMIT).unwrap_err(), CmsError::Encoding("trailing bytes"));
}

#[test]
fn attributes_and_certificates_that_were_not_der_are_told_from_those_that_were() {
    let message = Message::new(&PKI, "alice", b"content").encode(&PKI);
    // The length of the certificate in three octets more than it needs.
    let certificate = PKI.certificate("alice").der().to_vec();
    let at = message.windows(certificate.len()).position(|part| part == certificate).unwrap();
    let mut foreign = message[..at].to_vec();
    foreign.extend([0x30, 0x84, 0, 0]);
    foreign.extend(&certificate[2..]);
    foreign.extend(&message[at + certificate.len()..]);
    // Every length above grows by two: indefinite lengths need no arithmetic.
    let foreign = indefinite_outside(&foreign, &message);
    let parsed = cms::to_der(&foreign, LIMIT).expect("legal BER");
    assert_eq!(parsed.bytes(), message, "as DER it is the same message");
    let signed = SignedData::parse(&parsed).unwrap();
    assert!(signed.certificates.is_empty(), "but the certificate did not arrive like that");
    assert!(signed.signers[0].signed_attributes().is_ok());
}

/// `message` with its four outermost elements (ContentInfo, wrapper, SignedData, certificates) in indefinite form around `body`.
fn indefinite_outside(body: &[u8], message: &[u8]) -> Vec<u8> {
    let header = |at: usize| if message[at + 1] & 0x80 == 0 { 2 } else { 2 + usize::from(message[at + 1] & 0x7f) };
    let info = header(0);
    let wrapper = info + 2 + usize::from(message[info + 1]);
    let signed = wrapper + header(wrapper);
    let fields = signed + header(signed);
    let mut at = fields;
    while message[at] != 0xa0 {
        at += header(at) + usize::from(message[at + 1]);
    }
    let set = at;
    let first = set + header(set);
    let set_length = usize::from(message[set + 2]) << 8 | usize::from(message[set + 3]);
    let mut out = vec![0x30, 0x80];
    out.extend(&message[info..wrapper]);
    out.extend([0xa0, 0x80, 0x30, 0x80]);
    out.extend(&message[fields..set]);
    out.extend([0xa0, 0x80]);
    let end = first + set_length + (body.len() - message.len());
    out.extend(&body[first..end]);
    out.extend([0, 0]);
    out.extend(&body[end..]);
    out.extend([0, 0, 0, 0, 0, 0]);
    out
}

#[test]
fn messages_that_are_bombs_are_refused_by_their_bounds() {
    let many = |count: usize, element: &[u8]| element.repeat(count);
    let attribute = forge::signing_time("220101000000Z");
    let attributes = write::tlv(Tag::context_constructed(0), &many(1_000_000, &attribute));
    let mut depth = Vec::new();
    for _ in 0..2_000_000 {
        depth.extend([0x30, 0x80]);
    }
    let oid = write::tlv(Tag::OBJECT_IDENTIFIER, &vec![0x81; 1_000_000]);
    for (name, bomb) in [
        ("depth", depth),
        ("a million attributes", write::sequence(&[&write::oid(&forge::SIGNED_DATA), &attributes])),
        ("a million elements of nothing", write::sequence(&[&many(1_000_000, &[0x05, 0x00])])),
        ("length of 4 GB", vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x06, 0x09]),
        ("length of 2^63", vec![0x30, 0x88, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        ("an OID of 1 MB", write::sequence(&[&oid, &write::explicit(0, &write::null())])),
        ("segments within segments", [&[0x30, 0x80][..], &many(500_000, &[0x24, 0x80])].concat()),
    ] {
        let refused = cms::to_der(&bomb, LIMIT).and_then(|der| SignedData::parse(&der).map(|_| ()));
        assert!(refused.is_err(), "{name}");
    }
}

#[test]
fn more_than_a_message_may_carry_is_refused() {
    let mut message = Message::new(&PKI, "alice", b"content");
    message.certificates = vec![message.certificates[0].clone(); 129];
    let error = |message: &Message| {
        let encoded = message.encode(&PKI);
        let der = cms::to_der(&encoded, LIMIT).unwrap();
        SignedData::parse(&der).map(|_| ()).unwrap_err()
    };
    assert_eq!(error(&message), CmsError::TooMany { what: "certificates", limit: 128 });
    message.certificates.truncate(1);
    let signature = Some(vec![0; 256]);
    message.signers = vec![forge::Signer { signature, ..message.signers[0].clone() }; 17];
    assert_eq!(error(&message), CmsError::TooMany { what: "signers", limit: 16 });
}

#[test]
fn other_messages_are_named() {
    let enveloped = PKI.run(&["cms", "-encrypt", "-outform", "DER", "alice.crt"], b"content");
    let der = cms::to_der(&enveloped, LIMIT).unwrap();
    assert!(
        matches!(SignedData::parse(&der), Err(CmsError::NotSignedData(oid)) if oid.to_string() == "1.2.840.113549.1.7.3")
    );
    assert_eq!(cms::to_der(b"", LIMIT).unwrap_err(), CmsError::Empty);
    assert!(matches!(cms::to_der(&[0x30; 20], 10), Err(CmsError::TooLarge { limit: 10 })));
}
