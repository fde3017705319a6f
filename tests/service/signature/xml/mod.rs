//! Signed XML documents: what passes, what each fault leads to, and what wrapping must never reach.

mod faults;
mod mutations;
mod opposing;
mod references;
mod wrapping;

use super::*;
use crate::support::xml::{self, *};

/// The verdict on a document.
fn verdict(document: &str) -> Conclusion {
    conclusion(document.as_bytes())
}

/// What left as verified from a document that must pass.
fn verified(document: &str) -> String {
    let validation = judge(document.as_bytes());
    let signers = &validation.report.signers;
    assert_eq!(validation.report.conclusion, Conclusion::TotalPassed, "{document}\n{signers:#?}");
    String::from_utf8(validation.verified.expect("content").bytes().to_vec()).expect("UTF-8")
}

#[test]
fn an_enveloped_signature_passes_and_only_what_was_signed_leaves() {
    let document = enveloped(&PKI, "alice", "<name lang=\"kk\">Әлия</name>");
    assert_eq!(verified(&document), "<root><name lang=\"kk\">Әлия</name></root>");
    let declared = format!("\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"no\"?>\r\n{document}\r\n");
    assert_eq!(verified(&declared), "<root><name lang=\"kk\">Әлия</name></root>");
    let validation = judge(document.as_bytes());
    let signer = &validation.report.signers[0];
    assert_eq!(signer.iin.as_deref(), Some("123456789011"));
    assert_eq!(signer.signature_algorithm, "RSA with SHA-256");
    assert_eq!(signer.digest_algorithm, "SHA-256 (2.16.840.1.101.3.4.2.1)");
    assert_eq!(signer.claimed_signing_time, None);
}

#[test]
fn a_signed_element_passes_and_leaves_alone() {
    let signature = Signing::new("alice", "#part", &[EXCLUSIVE], "<a Id=\"part\"><x>1</x></a>").to_xml(&PKI);
    let document = format!("<root><a Id=\"part\"><x>1</x></a><b/>{signature}</root>");
    assert_eq!(verified(&document), "<a Id=\"part\"><x>1</x></a>");
    // The element may hold its own signature, and may be the document element.
    let within = Signing::new("alice", "#part", &[ENVELOPED, EXCLUSIVE], "<a Id=\"part\"><x>1</x></a>").to_xml(&PKI);
    assert_eq!(verified(&format!("<root><a Id=\"part\"><x>1</x>{within}</a></root>")), "<a Id=\"part\"><x>1</x></a>");
    assert_eq!(verified(&format!("<a Id=\"part\"><x>1</x>{within}</a>")), "<a Id=\"part\"><x>1</x></a>");
}

#[test]
fn each_of_several_signatures_is_judged_as_of_when_it_was_the_last() {
    let first = Signing::new("alice", "", &PORTAL, "<root><a></a></root>").to_xml(&PKI);
    // A second signature covers the first, in its canonical form.
    let covered = format!("<root><a></a>{}</root>", first.replace("&#13;", "&#xD;"));
    let second = Signing::new("bob", "", &PORTAL, &covered).to_xml(&PKI);
    let document = format!("<root><a></a>{first}{second}</root>");
    assert_eq!(verified(&document), "<root><a></a></root>");
    let validation = judge(document.as_bytes());
    let iins: Vec<_> = validation.report.signers.iter().map(|signer| signer.iin.as_deref()).collect();
    assert_eq!(iins, [Some("123456789011"), Some("123456789012")]);
    assert_eq!(validation.verified.expect("content").signers().len(), 2);
    // The order is that of signing: the other way round, neither is over what it was over.
    assert_eq!(verdict(&format!("<root><a></a>{second}{first}</root>")), HASH_FAILURE);
    // Without the first, the second is not over this document; without the second, the first still is.
    assert_eq!(verdict(&format!("<root><a></a>{second}</root>")), HASH_FAILURE);
    assert_eq!(verified(&format!("<root><a></a>{first}</root>")), "<root><a></a></root>");
    // One bad signature fails the document, and each has its own verdict.
    let spoilt = document.replacen("<ds:SignatureValue>", "<ds:SignatureValue>AAAA", 1);
    let validation = judge(spoilt.as_bytes());
    assert_eq!(validation.report.conclusion, SIG_CRYPTO_FAILURE);
    assert_eq!(validation.report.signers[0].conclusion, SIG_CRYPTO_FAILURE);
    // The second covers the first with its value.
    assert_eq!(validation.report.signers[1].conclusion, HASH_FAILURE);
}

#[test]
fn all_signatures_are_over_one_content() {
    let whole = Signing::new("alice", "", &PORTAL, "<root><a Id=\"part\"></a></root>").to_xml(&PKI);
    let part = Signing::new("bob", "#part", &[EXCLUSIVE], "<a Id=\"part\"></a>").to_xml(&PKI);
    let validation = judge(format!("<root><a Id=\"part\"></a>{whole}{part}</root>").as_bytes());
    assert_eq!(validation.report.signers[0].conclusion, Conclusion::TotalPassed);
    assert_eq!(validation.report.signers[1].conclusion, FORMAT_FAILURE);
    assert_eq!(validation.report.conclusion, FORMAT_FAILURE);
}

#[test]
fn ecdsa_values_are_two_numbers_of_the_length_of_the_curve() {
    for (signer, method) in [("p256", "ecdsa-sha256"), ("p384", "ecdsa-sha384")] {
        let method = format!("http://www.w3.org/2001/04/xmldsig-more#{method}");
        let signing = Signing::new(signer, "", &PORTAL, "<root></root>").with(|each| each.method = method);
        let document = format!("<root>{}</root>", signing.to_xml(&PKI));
        assert_eq!(verified(&document), "<root></root>");
        let spoilt = document.replacen("<ds:SignatureValue>", "<ds:SignatureValue>AAAA", 1);
        assert_eq!(verdict(&spoilt), SIG_CRYPTO_FAILURE);
    }
}

#[test]
fn an_envelope_of_the_gateway_passes_and_its_body_leaves() {
    for (body, token, key_info) in gateway_forms() {
        let document = gateway(&body, &token, &key_info);
        assert_eq!(verified(&document), body);
    }
}

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const WSU: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const TOKENS: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0";

/// Body, further parts of the Security header, and KeyInfo, in the two forms of the token profile.
fn gateway_forms() -> [(String, String, String); 2] {
    let body = format!(
        "<soap:Body xmlns:soap=\"{SOAP}\" xmlns:wsu=\"{WSU}\" wsu:Id=\"body\"><request>1</request></soap:Body>"
    );
    let certificate = xml::certificate(&PKI, "alice");
    let reference = |inner: &str| {
        format!("<ds:KeyInfo><wsse:SecurityTokenReference>{inner}</wsse:SecurityTokenReference></ds:KeyInfo>")
    };
    let identifier = format!(
        "<wsse:KeyIdentifier EncodingType=\"x#Base64Binary\" ValueType=\"{TOKENS}#X509v3\">{certificate}</wsse:KeyIdentifier>"
    );
    let token = format!(
        "<wsse:BinarySecurityToken EncodingType=\"x#Base64Binary\" ValueType=\"{TOKENS}#X509v3\" wsu:Id=\"token\">{certificate}</wsse:BinarySecurityToken>"
    );
    [
        (body.clone(), String::new(), reference(&identifier)),
        (body, token, reference("<wsse:Reference URI=\"#token\"/>")),
    ]
}

fn gateway_signature(body: &str, key_info: &str) -> String {
    Signing::new("alice", "#body", &[EXCLUSIVE], body)
        .with(|each| {
            each.canonicalization = EXCLUSIVE.to_owned();
            each.key_info = Some(key_info.to_owned());
        })
        .to_xml(&PKI)
}

fn gateway(body: &str, token: &str, key_info: &str) -> String {
    let signature = gateway_signature(body, key_info);
    // The prefixes are declared on the envelope, and canonicalization has to bring them down to the body.
    let bare = body.replacen(&format!(" xmlns:soap=\"{SOAP}\" xmlns:wsu=\"{WSU}\""), "", 1);
    format!(
        "<soap:Envelope xmlns:soap=\"{SOAP}\" xmlns:wsse=\"{WSSE}\" xmlns:wsu=\"{WSU}\"><soap:Header>\
         <wsse:Security>{token}{signature}</wsse:Security></soap:Header>{bare}</soap:Envelope>"
    )
}

/// Signed properties of `signer`, canonical, with a digest of the certificate of `named`.
fn properties(named: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, PKI.certificate(named).der());
    let digest = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, digest);
    format!(
        "<x:SignedProperties xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" xmlns:x=\"http://uri.etsi.org/01903/v1.3.2#\" Id=\"props\">\
         <x:SignedSignatureProperties><x:SigningTime>2026-05-20T10:00:00+05:00</x:SigningTime>\
         <x:SigningCertificateV2><x:Cert><x:CertDigest><ds:DigestMethod Algorithm=\"{SHA256}\"></ds:DigestMethod>\
         <ds:DigestValue>{digest}</ds:DigestValue></x:CertDigest></x:Cert></x:SigningCertificateV2>\
         </x:SignedSignatureProperties></x:SignedProperties>"
    )
}

#[test]
fn signed_properties_tell_the_claimed_time_and_which_certificate_is_meant() {
    let with_properties = |named: &str| {
        let properties = properties(named);
        let signing = Signing::new("alice", "", &PORTAL, "<root></root>").with(|each| {
            each.references.push(Reference {
                kind: "http://uri.etsi.org/01903#SignedProperties",
                ..Reference::new("#props", &[], &properties)
            });
            each.objects = format!(
                "<ds:Object><x:QualifyingProperties xmlns:x=\"http://uri.etsi.org/01903/v1.3.2#\">{properties}</x:QualifyingProperties></ds:Object>"
            );
        });
        format!("<root>{}</root>", signing.to_xml(&PKI))
    };
    let validation = judge(with_properties("alice").as_bytes());
    assert_eq!(validation.report.conclusion, Conclusion::TotalPassed, "{:#?}", validation.report.signers);
    let claimed = validation.report.signers[0].claimed_signing_time.expect("a time");
    assert_eq!(claimed.to_rfc3339(), "2026-05-20T05:00:00+00:00");
    let missing = indeterminate(IndeterminateReason::NoSigningCertificateFound);
    assert_eq!(verdict(&with_properties("bob")), missing);
    // What was signed about the signature cannot be changed either.
    let changed = with_properties("alice").replace("2026-05-20T10", "2026-05-20T11");
    let validation = judge(changed.as_bytes());
    assert_eq!(validation.report.conclusion, HASH_FAILURE);
    assert_eq!(validation.report.signers[0].claimed_signing_time, None);
}
