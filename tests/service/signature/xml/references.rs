//! What a reference may point at.

use super::*;

/// A document with one signature over `uri`, right by digest when `canonical` is what is there.
fn signed(uri: &str, transforms: &[&str], canonical: &str, around: impl Fn(&str) -> String) -> String {
    around(&Signing::new("alice", uri, transforms, canonical).to_xml(&PKI))
}

#[test]
fn nothing_outside_of_the_document_is_referred_to() {
    for uri in [
        "http://localhost/x",
        "file:///etc/passwd",
        "other.xml",
        "#",
        "#xpointer(/)",
        "#xpointer(id('part'))",
        "x#part",
        "?",
        "cid:part",
    ] {
        let document = signed(uri, &[EXCLUSIVE], "<a Id=\"part\"></a>", |s| format!("<r><a Id=\"part\"/>{s}</r>"));
        assert_eq!(verdict(&document), FORMAT_FAILURE, "{uri}");
    }
    let good = enveloped(&PKI, "alice", "");
    assert_eq!(verdict(&good.replace(" URI=\"\"", "")), FORMAT_FAILURE);
}

#[test]
fn exactly_one_element_bears_the_identifier() {
    let wsu = format!(" xmlns:wsu=\"{WSU}\"");
    for (identifier, canonical) in [
        ("Id=\"part\"".to_owned(), "<a Id=\"part\"></a>".to_owned()),
        ("ID=\"part\"".to_owned(), "<a ID=\"part\"></a>".to_owned()),
        ("id=\"part\"".to_owned(), "<a id=\"part\"></a>".to_owned()),
        (format!("{wsu} wsu:Id=\"part\""), format!("<a{wsu} wsu:Id=\"part\"></a>")),
    ] {
        let with =
            |more: &str| signed("#part", &[EXCLUSIVE], &canonical, |s| format!("<r><a {identifier}/>{more}{s}</r>"));
        assert_eq!(verified(&with("")), canonical);
        for second in ["<b Id=\"part\"/>", "<b ID=\"part\"/>", "<b><c id='part'/></b>", "<b xml:id='part'/>"] {
            assert_eq!(verdict(&with(second)), FORMAT_FAILURE, "{second}");
        }
    }
    let absent = signed("#part", &[EXCLUSIVE], "<a></a>", |s| format!("<r><a name=\"part\"/>{s}</r>"));
    assert_eq!(verdict(&absent), FORMAT_FAILURE);
}

#[test]
fn a_reference_into_a_signature_is_no_content() {
    let object = "<ds:Object xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" Id=\"part\">evil</ds:Object>";
    let enveloping = Signing::new("alice", "#part", &[], object)
        .with(|each| each.objects = "<ds:Object Id=\"part\">evil</ds:Object>".to_owned())
        .to_xml(&PKI);
    assert_eq!(verdict(&format!("<root>{enveloping}</root>")), FORMAT_FAILURE);
    // The signature as the document itself.
    assert_eq!(verdict(&enveloping), FORMAT_FAILURE);
    // Into another signature, and at the signature itself.
    let other = Signing::new("bob", "#part", &[], object).to_xml(&PKI);
    assert_eq!(verdict(&format!("<root>{enveloping}{other}</root>")), FORMAT_FAILURE);
    let itself = Signing::new("alice", "#self", &[ENVELOPED], "").to_xml(&PKI);
    let itself = itself.replacen("<ds:Signature ", "<ds:Signature Id=\"self\" ", 1);
    assert_eq!(verdict(&format!("<root>{itself}</root>")), FORMAT_FAILURE);
    // Its own KeyInfo may be signed, but that is no content either.
    let info = format!(
        "<ds:KeyInfo Id=\"key\"><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>",
        xml::certificate(&PKI, "alice")
    );
    let canonical = info.replacen("<ds:KeyInfo", &format!("<ds:KeyInfo{DS}"), 1);
    let content = Signing::new("alice", "", &PORTAL, "<root></root>").with(|each| each.key_info = Some(info));
    let alone = content.clone().with(|each| each.references = vec![Reference::new("#key", &[], &canonical)]);
    let both = content.with(|each| each.references.push(Reference::new("#key", &[], &canonical)));
    assert_eq!(verified(&format!("<root>{}</root>", both.to_xml(&PKI))), "<root></root>");
    assert_eq!(verdict(&format!("<root>{}</root>", alone.to_xml(&PKI))), FORMAT_FAILURE);
    // A type promises signed properties that are none.
    let posing = Signing::new("alice", "#part", &[], object)
        .with(|each| {
            each.objects = "<ds:Object Id=\"part\">evil</ds:Object>".to_owned();
            each.references[0].kind = "http://uri.etsi.org/01903#SignedProperties";
        })
        .to_xml(&PKI);
    assert_eq!(verdict(&format!("<root>{posing}</root>")), FORMAT_FAILURE);
}

#[test]
fn a_transform_that_leaves_out_nothing_is_a_fault() {
    let beside =
        signed("#part", &[ENVELOPED, EXCLUSIVE], "<a Id=\"part\"></a>", |s| format!("<r><a Id=\"part\"/>{s}</r>"));
    assert_eq!(verdict(&beside), FORMAT_FAILURE);
    // Without the transform the signature would have to cover its own digest.
    assert_eq!(verdict(&signed("", &[INCLUSIVE], "<r></r>", |s| format!("<r>{s}</r>"))), HASH_FAILURE);
}

#[test]
fn a_signature_is_over_exactly_one_content() {
    let signing = Signing::new("alice", "", &PORTAL, "<r><a Id=\"part\"></a></r>");
    let two = signing.with(|each| each.references.push(Reference::new("#part", &[], "<a Id=\"part\"></a>")));
    assert_eq!(verdict(&format!("<r><a Id=\"part\"/>{}</r>", two.to_xml(&PKI))), FORMAT_FAILURE);
    let nine = Signing::new("alice", "", &PORTAL, "<r></r>")
        .with(|each| each.references = vec![each.references[0].clone(); 9]);
    assert_eq!(verdict(&format!("<r>{}</r>", nine.to_xml(&PKI))), FORMAT_FAILURE);
}

#[test]
fn a_comment_cuts_no_text_in_two() {
    let document = enveloped(&PKI, "alice", "<user>admin@gov.kz.evil.org</user>");
    let cut = document.replace("gov.kz.evil", "gov.kz<!-- -->.evil");
    // Comments are no part of what such a reference selects; whoever reads what was verified reads the whole text.
    assert_eq!(verified(&cut), "<root><user>admin@gov.kz.evil.org</user></root>");
    assert_eq!(verdict(&document.replace("gov.kz.evil", "gov.kz<?x?>.evil")), HASH_FAILURE);
}

#[test]
fn injected_namespaces_change_the_content_or_stay_outside_of_it() {
    let by = |method: &str| {
        signed("#part", &[method], "<a Id=\"part\"><p>1</p></a>", |s| format!("<r><a Id=\"part\"><p>1</p></a>{s}</r>"))
    };
    // The inclusive form carries every namespace in scope, also into SignedInfo.
    assert_eq!(verdict(&by(INCLUSIVE).replace("<r>", "<r xmlns:evil=\"urn:evil\">")), HASH_FAILURE);
    assert_eq!(verdict(&by(INCLUSIVE).replace("<r>", "<r xml:lang=\"kk\">")), HASH_FAILURE);
    assert_eq!(verdict(&by(EXCLUSIVE).replace("<r>", "<r xmlns:evil=\"urn:evil\">")), SIG_CRYPTO_FAILURE);
    assert_eq!(verdict(&by(EXCLUSIVE).replace("<r>", "<r xmlns=\"urn:evil\">")), HASH_FAILURE);
    assert_eq!(verdict(&by(EXCLUSIVE).replace("<p>", "<p xmlns=\"urn:evil\">")), HASH_FAILURE);
}
