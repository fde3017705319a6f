//! An OCSP response: its octets are kept, a stranger answers for nobody; and what an authority signs is judged without harm.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rooms::pki::der::{Reader, Tag, write};
use rooms::pki::ocsp::{Freshness, Question};
use rooms::pki::{Certificate, CryptographicConstraints, OcspResponse};
use rooms::{Authority, TIME};

fuzz_target!(|input: &[u8]| rooms::bounded(|| {
    let authority = Authority::get();
    let (issuer, end_entity) = (authority.certificate(), authority.end_entity());
    for response in [OcspResponse::from_der(input), OcspResponse::from_basic_der(input)].into_iter().flatten() {
        assert_eq!(response.der(), input);
        assert!(status_of(&response, end_entity, issuer).is_err(), "a stranger answers for the authority");
        // Whoever came along as issuer, and as the certificate asked for.
        for issuer in response.certificates() {
            for certificate in response.certificates() {
                let _ = status_of(&response, certificate, issuer);
            }
        }
    }
    let Some(signed) = signed_anew(input) else { return };
    let Ok(response) = OcspResponse::from_basic_der(&signed) else { return };
    let authorised = response.authorise(issuer, &[], TIME, &CryptographicConstraints::None);
    assert!(authorised.is_ok(), "the issuer signed it: {:?}", authorised.err());
    let answer = status_of(&response, end_entity, issuer);
    assert!(answer.is_err() || response.is_about(end_entity, issuer));
}));

fn status_of(response: &OcspResponse, certificate: &Certificate, issuer: &Certificate) -> Result<(), ()> {
    let question = Question {
        certificate,
        issuer,
        candidates: &[],
        time: TIME,
        now: TIME,
        nonce: None,
        freshness: Freshness { maximal_age: None, ..Freshness::default() },
        algorithms: &CryptographicConstraints::None,
    };
    response.status_of(&question).map(drop).map_err(drop)
}

/// The response data of the input, with the authority of this run as the responder, signed by it.
fn signed_anew(input: &[u8]) -> Option<Vec<u8>> {
    let framed = || {
        let mut body = Reader::new(input).sequence().ok()?;
        body.any().ok()?;
        let mut bytes = body.nested(Tag::context_constructed(0)).ok()?.sequence().ok()?;
        bytes.oid().ok()?;
        bytes.octet_string().ok()
    };
    let mut data = Reader::new(framed().unwrap_or(input)).sequence().ok()?.sequence().ok()?;
    data.optional(Tag::context_constructed(0)).ok()?;
    data.any().ok()?;
    let mut rest = Vec::new();
    while !data.is_empty() {
        rest.extend_from_slice(data.any().ok()?.encoded);
    }
    let authority = Authority::get();
    let responder = write::explicit(1, authority.certificate().subject_raw());
    Some(authority.sign(&write::sequence(&[&responder, &rest])))
}
