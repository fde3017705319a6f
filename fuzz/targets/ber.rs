//! From BER to DER: what comes out is DER, says the same as what came in, and is not rewritten again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rooms::cms::{self, DEFAULT_MESSAGE_LIMIT, Der};
use rooms::pki::der::Reader;

fuzz_target!(|input: &[u8]| rooms::bounded(|| {
    let Ok(der) = Der::from_ber(input.into()) else { return };
    let octets = der.bytes();
    assert!(octets.len() <= input.len() * 2, "no rewriting makes much of little");
    assert_eq!(der.is_verbatim(), octets == input);
    assert_eq!(der.is_verbatim(), der.received_verbatim(octets));
    let again = Der::from_ber(octets.into()).expect("what was rewritten can be read");
    assert!(again.is_verbatim());
    is_der(octets);
    if input.first() == Some(&0x30) {
        let framed = cms::to_der(input, DEFAULT_MESSAGE_LIMIT).expect("the same by the other door");
        assert_eq!(framed.bytes(), octets);
    }
}));

/// Walks the elements as far as the strict reader knows their tags: its lengths are definite and minimal.
fn is_der(octets: &[u8]) {
    let mut open = vec![Reader::new(octets)];
    while let Some(mut reader) = open.pop() {
        while !reader.is_empty() {
            // Tag numbers of 31 and more the strict reader does not know.
            let Ok(element) = reader.any() else {
                assert!(octets.iter().any(|octet| octet & 0x1f == 0x1f));
                return;
            };
            if element.tag.0 & 0x20 != 0 {
                open.push(element.reader());
            }
        }
    }
}
