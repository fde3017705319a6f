//! Whatever becomes of a signed document on its way: it is refused, it fails, or it still says what was signed.

use super::*;

/// Pieces that mean something to XML or to signatures.
const PIECES: [&str; 16] = [
    "<!-- -->",
    "<a>",
    "</a>",
    " ",
    "&#13;",
    "<?p?>",
    "<![CDATA[]]>",
    "\r\n",
    " xmlns=\"urn:x\"",
    " Id=\"x\"",
    "<ds:Signature>",
    "]]>",
    "&lt;",
    "\"",
    " xmlns:ds=\"urn:x\"",
    "<ds:Object/>",
];

#[test]
fn no_mutated_document_passes_with_other_content() {
    let good = enveloped(&PKI, "alice", "<a xmlns:p=\"urn:p\" p:x=\"1\">text<b></b>&amp;</a>").into_bytes();
    let content = verified(&String::from_utf8(good.clone()).expect("UTF-8"));
    // xorshift64 from a fixed seed: the same documents every time.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).expect("31 bits") % limit
    };
    let (mut passed, mut failed, mut refused) = (0, 0, 0);
    for _ in 0..3000 {
        let mut document = good.clone();
        for _ in 0..=below(3) {
            let at = below(document.len());
            let upto = |length: usize| (at + length).min(document.len());
            match below(5) {
                0 => document[at] ^= 1 << below(8),
                1 => drop(document.remove(at)),
                2 => drop(document.splice(at..at, PIECES[below(PIECES.len())].bytes())),
                3 => drop(document.drain(at..upto(60))),
                _ => {
                    let piece = document[at..upto(200)].to_vec();
                    let to = below(document.len());
                    document.splice(to..to, piece);
                }
            }
        }
        let input = SignatureInput { signature: &document, content: None, certificates: &[], crls: &[], ocsps: &[] };
        match validate(&input, &ValidationPolicy::national(), &PKI.trust(), now()).map(|validation| validation.verified)
        {
            Err(_) => refused += 1,
            Ok(None) => failed += 1,
            Ok(Some(verified)) => {
                assert_eq!(
                    String::from_utf8_lossy(verified.bytes()),
                    content,
                    "{}",
                    String::from_utf8_lossy(&document)
                );
                passed += 1;
            }
        }
    }
    assert!(passed > 0 && failed > 500 && refused > 500, "{passed} {failed} {refused}");
}
