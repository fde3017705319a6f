//! Documents signed by `xmlsec1`: what canonicalization, references and signature values are to it, they are here.

use super::*;

const METHODS: [&str; 4] = [
    INCLUSIVE,
    WITH_COMMENTS,
    "http://www.w3.org/2001/10/xml-exc-c14n#",
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
];

fn template(uri: &str, transforms: &str, info: &str, method: &str, digest: &str) -> String {
    format!(
        "<ds:Signature{DS}>\n<ds:SignedInfo>\n<ds:CanonicalizationMethod Algorithm=\"{info}\"/>\
         <ds:SignatureMethod Algorithm=\"{method}\"/><ds:Reference URI=\"{uri}\"><ds:Transforms>{transforms}</ds:Transforms>\
         <ds:DigestMethod Algorithm=\"{digest}\"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/>\
         <ds:KeyInfo><ds:X509Data><ds:X509Certificate/></ds:X509Data></ds:KeyInfo></ds:Signature>"
    )
}

fn transform(method: &str) -> String {
    format!("<ds:Transform Algorithm=\"{method}\"/>")
}

/// A document element that gives canonicalization something to do, with the signature at its end.
fn document(signature: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- before --><?style x?>\n\
         <r xmlns=\"urn:d\" xmlns:p=\"urn:p\" xmlns:q=\"urn:q\" xml:lang=\"kk\" z='1' a='2'>\r\n\
         <part Id=\"part\" q:b='&lt;&#9;\"' p:a=\"&#13;\n>\">é<!-- c --><p:x xmlns:p=\"urn:other\"/><y xmlns=\"\"><![CDATA[<&>]]></y>&#13;</part>\
         <empty/>{signature}</r><?after?><!-- after -->"
    )
}

#[test]
fn every_canonicalization_of_another_implementation_verifies() {
    let sha256 = ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", SHA256);
    for info in METHODS {
        for method in METHODS {
            let whole = format!("{}{}", transform(ENVELOPED), transform(method));
            for (uri, transforms) in [("", whole), ("", transform(ENVELOPED)), ("#part", transform(method))] {
                let template = document(&template(uri, &transforms, info, sha256.0, sha256.1));
                let Some(signed) = xmlsec(&PKI, "alice", &template) else { return };
                let content = verified(&signed);
                assert_eq!(content.starts_with("<?style"), uri.is_empty(), "{content}");
                assert!(!content.contains("<!--"));
                let spoilt = signed.replacen("é", "e", 1);
                assert_eq!(verdict(&spoilt), HASH_FAILURE);
            }
        }
    }
}

#[test]
fn prefix_lists_are_understood() {
    for list in ["p", "q p", "#default", "#default p unknown", ""] {
        let method = format!(
            "<ds:Transform Algorithm=\"{EXCLUSIVE}\"><ec:InclusiveNamespaces xmlns:ec=\"{EXCLUSIVE}\" PrefixList=\"{list}\"/></ds:Transform>"
        );
        for (uri, transforms) in [("#part", method.clone()), ("", format!("{}{method}", transform(ENVELOPED)))] {
            let template = document(&template(uri, &transforms, EXCLUSIVE, RSA_SHA256, SHA256));
            let Some(signed) = xmlsec(&PKI, "alice", &template) else { return };
            verified(&signed);
        }
    }
}

#[test]
fn every_accepted_algorithm_verifies() {
    let more = "http://www.w3.org/2001/04/xmldsig-more#";
    for (signer, method) in [
        ("alice", "rsa-sha256"),
        ("alice", "rsa-sha384"),
        ("alice", "rsa-sha512"),
        ("p256", "ecdsa-sha256"),
        ("p384", "ecdsa-sha384"),
        ("p384", "ecdsa-sha256"),
    ] {
        for digest in
            [SHA256, "http://www.w3.org/2001/04/xmldsig-more#sha384", "http://www.w3.org/2001/04/xmlenc#sha512"]
        {
            let transforms = format!("{}{}", transform(ENVELOPED), transform(WITH_COMMENTS));
            let template = document(&template("", &transforms, INCLUSIVE, &format!("{more}{method}"), digest));
            let Some(signed) = xmlsec(&PKI, signer, &template) else { return };
            verified(&signed);
        }
    }
}
