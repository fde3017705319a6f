//! A revocation list: its octets are kept; and when an authority signs what it lists, every entry is found again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rooms::Authority;
use rooms::pki::CertificateRevocationList;
use rooms::pki::der::{Element, Reader, Tag, write};

fuzz_target!(|input: &[u8]| rooms::bounded(|| {
    if let Ok(list) = CertificateRevocationList::from_der(input) {
        assert_eq!(list.der().expect("held"), input);
        assert!(!list.issuer_display().contains(char::is_control));
        assert!(list.is_of_series(&list) || !list.is_plain());
    }
    let Some(signed) = signed_anew(input) else { return };
    let Ok(list) = CertificateRevocationList::from_der(signed.as_slice()) else { return };
    let authority = Authority::get();
    let Ok(verified) = list.verify(authority.certificate()) else {
        assert!(list.unusable().is_some(), "signed by its issuer");
        return;
    };
    verified.lookup_certificate(authority.end_entity()).expect("held");
    let own = list.issuing_distribution_point().is_indirect;
    for serial in serials(&signed) {
        let found = verified.lookup(serial).expect("held");
        assert!(found.is_some() || own, "an entry is lost");
    }
}));

/// The list of the input as the authority of this run would have issued it: its name, its algorithm, its signature.
fn signed_anew(input: &[u8]) -> Option<Vec<u8>> {
    let mut tbs = Reader::new(input).sequence().ok()?.sequence().ok()?;
    tbs.optional(Tag::INTEGER).ok()?;
    tbs.element(Tag::SEQUENCE).ok()?;
    tbs.element(Tag::SEQUENCE).ok()?;
    let mut rest = Vec::new();
    while !tbs.is_empty() {
        rest.extend_from_slice(tbs.any().ok()?.encoded);
    }
    let authority = Authority::get();
    let name = authority.certificate().subject_raw();
    Some(authority.sign(&write::sequence(&[&write::unsigned(1), &Authority::algorithm(), name, &rest])))
}

/// The serial numbers that a list names.
fn serials(list: &[u8]) -> Vec<&[u8]> {
    let read = || {
        let mut tbs = Reader::new(list).sequence().ok()?.sequence().ok()?;
        for _ in 0..4 {
            tbs.any().ok()?;
        }
        if matches!(tbs.peek(), Some(Tag::UTC_TIME | Tag::GENERALIZED_TIME)) {
            tbs.any().ok()?;
        }
        tbs.optional(Tag::SEQUENCE).ok().flatten()
    };
    let mut entries = read().as_ref().map_or(Reader::new(&[]), Element::reader);
    let mut serials = Vec::new();
    while let Ok(mut entry) = entries.sequence() {
        serials.extend(entry.integer());
    }
    serials
}
