//! Signature wrapping, XSW1 to XSW8 of Somorovsky et al. ("On Breaking SAML", 2012), and the same for SOAP (McIntosh and
//! Austel, 2005): the signed element is moved, and another one stands where it is looked for. None may pass.

use super::*;

const GOOD: &str = "<a Id=\"good\"><who>alice</who></a>";
const EVIL: &str = "<a Id=\"evil\"><who>mallory</who></a>";

/// A signature over [`GOOD`] that stood within it.
fn within() -> String {
    Signing::new("alice", "#good", &[ENVELOPED, EXCLUSIVE], GOOD).to_xml(&PKI)
}

/// A signature over [`GOOD`] that stood beside it.
fn beside() -> String {
    Signing::new("alice", "#good", &[EXCLUSIVE], GOOD).to_xml(&PKI)
}

fn put(element: &str, inner: &str) -> String {
    element.replacen("</a>", &format!("{inner}</a>"), 1)
}

fn never_passes(document: &str) {
    let validation = judge(document.as_bytes());
    assert!(!validation.report.conclusion.is_passed(), "{document}");
    assert!(validation.verified.is_none());
}

#[test]
fn the_originals_pass() {
    assert_eq!(verified(&put(GOOD, &within())), GOOD);
    assert_eq!(verified(&format!("<r>{}</r>", put(GOOD, &within()))), GOOD);
    assert_eq!(verified(&format!("<r>{GOOD}{}</r>", beside())), GOOD);
}

#[test]
fn xsw1_the_signed_document_within_its_signature() {
    let signature = within().replace("</ds:Signature>", &format!("<ds:Object>{GOOD}</ds:Object></ds:Signature>"));
    never_passes(&put(EVIL, &signature));
    never_passes(&put(EVIL, &within().replace("</ds:Signature>", &format!("{GOOD}</ds:Signature>"))));
}

#[test]
fn xsw2_the_signed_document_before_its_signature() {
    never_passes(&put(EVIL, &format!("{GOOD}{}", within())));
    never_passes(&put(EVIL, &format!("{}{GOOD}", within())));
}

#[test]
fn xsw3_another_element_before_the_signed_one() {
    never_passes(&format!("<r>{EVIL}{}</r>", put(GOOD, &within())));
    never_passes(&format!("<r>{}{EVIL}</r>", put(GOOD, &within())));
    never_passes(&format!("<r>{EVIL}{GOOD}{}</r>", beside()));
    never_passes(&format!("<r><wrapper>{EVIL}</wrapper>{GOOD}{}</r>", beside()));
}

#[test]
fn xsw4_another_element_around_the_signed_one() {
    never_passes(&format!("<r>{}</r>", put(EVIL, &put(GOOD, &within()))));
    never_passes(&format!("<r>{}{}</r>", put(EVIL, GOOD), beside()));
    never_passes(&put(EVIL, &put(GOOD, &within())).replacen("Id=\"evil\"", "", 1));
}

#[test]
fn xsw5_the_signature_in_another_element() {
    never_passes(&format!("<r>{}{GOOD}</r>", put(EVIL, &within())));
    never_passes(&format!("<r>{}{GOOD}</r>", put(EVIL, &beside())));
    never_passes(&format!("<r>{}<b>{GOOD}</b></r>", put(EVIL, &beside())));
}

#[test]
fn xsw6_the_signed_element_within_the_moved_signature() {
    let signature = within().replace("</ds:Signature>", &format!("<ds:Object>{GOOD}</ds:Object></ds:Signature>"));
    never_passes(&format!("<r>{}</r>", put(EVIL, &signature)));
    let signature = beside().replace("</ds:Signature>", &format!("<ds:Object>{GOOD}</ds:Object></ds:Signature>"));
    never_passes(&format!("<r>{EVIL}{signature}</r>"));
}

#[test]
fn xsw7_another_element_of_the_same_identifier_in_an_extension() {
    let twin = EVIL.replace("evil", "good");
    never_passes(&format!("<r><extensions>{twin}</extensions>{}</r>", put(GOOD, &within())));
    never_passes(&format!("<r><extensions>{GOOD}</extensions>{EVIL}{}</r>", beside()));
    never_passes(&format!("<r>{EVIL}<extensions>{GOOD}</extensions>{}</r>", beside()));
}

#[test]
fn xsw8_the_signed_element_in_an_object_of_the_signature() {
    let twin = EVIL.replace("evil", "good");
    let signature = beside().replace("</ds:Signature>", &format!("<ds:Object>{GOOD}</ds:Object></ds:Signature>"));
    never_passes(&format!("<r>{}</r>", put(&twin, &signature)));
    never_passes(&format!("<r>{}</r>", put(EVIL, &signature)));
    never_passes(&format!("<r>{twin}{signature}</r>"));
}

#[test]
fn a_body_moved_within_its_envelope_is_not_the_body() {
    let [(body, token, key_info), _] = gateway_forms();
    let document = gateway(&body, &token, &key_info);
    assert_eq!(verified(&document), body);
    let start = document.find("<soap:Body").expect("a body");
    let end = document.find("</soap:Body>").expect("its end") + "</soap:Body>".len();
    let signed = &document[start..end];
    let evil = "<soap:Body wsu:Id=\"other\"><request>9</request></soap:Body>";
    let wrapped =
        |place: &str, inner: &str| document.replace(signed, evil).replacen(place, &format!("{inner}{place}"), 1);
    never_passes(&wrapped("</soap:Header>", &format!("<wrapper>{signed}</wrapper>")));
    never_passes(&wrapped("</soap:Header>", signed));
    never_passes(&wrapped("</wsse:Security>", signed));
    never_passes(&wrapped("</ds:Signature>", &format!("<ds:Object>{signed}</ds:Object>")));
    never_passes(&wrapped("</soap:Envelope>", signed));
    never_passes(&wrapped("</soap:Envelope>", &format!("<wrapper>{signed}</wrapper>")));
    never_passes(&document.replace(signed, &format!("{evil}{signed}")));
    // The header alone is no content.
    never_passes(&document.replace(signed, "").replace("<wsse:Security>", "<wsse:Security wsu:Id=\"body\">"));
}

#[test]
fn a_later_signature_hides_nothing_from_an_earlier_one() {
    let first = Signing::new("alice", "", &PORTAL, "<root><a></a></root>").to_xml(&PKI);
    // What stands in a forged later signature is left out of the first one's content, and spoils the document.
    let forged = first.replace("</ds:Signature>", "<ds:Object><evil/></ds:Object></ds:Signature>");
    never_passes(&format!("<root><a></a>{first}{forged}</root>"));
    never_passes(&format!("<root><a></a>{first}<ds:Signature{DS}><evil/></ds:Signature></root>"));
}
