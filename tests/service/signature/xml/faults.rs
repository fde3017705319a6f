//! What is wrong with a signature, and the verdict it leads to.

use consular_registration::signature::InputError;
use consular_registration::xml::XmlError;

use super::*;

fn document(signing: &Signing) -> String {
    format!("<root>{}</root>", signing.to_xml(&PKI))
}

fn portal() -> Signing {
    Signing::new("alice", "", &PORTAL, "<root></root>")
}

#[test]
fn a_changed_document_is_not_the_one_that_was_signed() {
    let document = enveloped(&PKI, "alice", "<sum>100</sum>");
    assert_eq!(verdict(&document.replace("100", "900")), HASH_FAILURE);
    assert_eq!(verdict(&document.replace("<sum>", "<sum a=\"\">")), HASH_FAILURE);
    assert_eq!(verdict(&document.replace("</root>", " </root>")), HASH_FAILURE);
    // What canonicalization levels is no change.
    assert_eq!(verified(&document.replace("<sum>100", "<sum  >1&#48;<![CDATA[0]]>")), "<root><sum>100</sum></root>");
}

#[test]
fn a_changed_signed_info_or_value_is_a_bad_signature() {
    let good = enveloped(&PKI, "alice", "<sum>100</sum>");
    let other = enveloped(&PKI, "alice", "<sum>900</sum>");
    let info = |text: &str| {
        let (start, end) =
            (text.find("<ds:SignedInfo>").expect("there"), text.find("</ds:SignedInfo>").expect("there"));
        text[start..end].to_owned()
    };
    let forged = good.replace(&info(&good), &info(&other)).replace("100", "900");
    assert_eq!(verdict(&forged), SIG_CRYPTO_FAILURE);
    assert_eq!(verdict(&good.replace("WithComments", "")), FORMAT_FAILURE);
    // By whom it was signed is told by the key alone.
    let claimed = portal().with(|each| each.key_info = Some(key_info(&PKI, &["bob"])));
    assert_eq!(verdict(&super::faults::document(&claimed)), SIG_CRYPTO_FAILURE);
}

#[test]
fn certificates_beside_the_signature_are_only_tried() {
    let with = |names: &[&str]| document(&portal().with(|each| each.key_info = Some(key_info(&PKI, names))));
    for names in [&["bob", "ca", "alice"][..], &["alice", "ca", "root"], &["p256", "alice", "alice"]] {
        let validation = judge(with(names).as_bytes());
        assert_eq!(validation.report.conclusion, Conclusion::TotalPassed, "{names:?}");
        assert_eq!(validation.report.signers[0].iin.as_deref(), Some("123456789011"));
    }
    let missing = indeterminate(IndeterminateReason::NoSigningCertificateFound);
    assert_eq!(verdict(&with(&[])), missing);
    assert_eq!(verdict(&document(&portal().with(|each| each.key_info = Some(String::new())))), missing);
    let value = "<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue/></ds:KeyValue></ds:KeyInfo>";
    assert_eq!(verdict(&document(&portal().with(|each| each.key_info = Some(value.to_owned())))), missing);
    assert_eq!(verdict(&with(&["bob"; 17])), FORMAT_FAILURE);
}

#[test]
fn the_rest_of_the_policy_holds_for_xml_too() {
    let by = |signer| document(&Signing { signer, ..portal() });
    assert_eq!(verdict(&by("login")), indeterminate(IndeterminateReason::ChainConstraintsFailure));
    assert_eq!(verdict(&by("late")), indeterminate(IndeterminateReason::OutOfBoundsNoPoe));
    assert_eq!(verdict(&by("thief")), indeterminate(IndeterminateReason::RevokedNoPoe));
}

#[test]
fn algorithms_that_are_not_accepted_are_named() {
    let weak = indeterminate(IndeterminateReason::CryptoConstraintsFailure);
    for method in [
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
        "http://www.w3.org/2007/05/xmldsig-more#rsa-pss",
        "",
    ] {
        let signing = portal().with(|each| each.method = method.to_owned());
        let validation = judge(document(&signing).as_bytes());
        assert_eq!(validation.report.conclusion, weak, "{method}");
    }
    for digest in ["http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2001/04/xmldsig-more#md5", "urn:x"] {
        let signing = portal().with(|each| each.references[0].digest_method = digest.to_owned());
        assert_eq!(verdict(&document(&signing)), weak, "{digest}");
    }
    let sha1 = portal().with(|each| each.method = "http://www.w3.org/2000/09/xmldsig#rsa-sha1".to_owned());
    let signer = &judge(document(&sha1).as_bytes()).report.signers[0];
    assert!(signer.signature_algorithm.starts_with("RSA with SHA-1"), "{}", signer.signature_algorithm);
}

#[test]
fn signed_info_holds_nothing_unknown() {
    let truncated = portal().with(|each| each.parameters = "<ds:HMACOutputLength>8</ds:HMACOutputLength>");
    assert_eq!(verdict(&document(&truncated)), FORMAT_FAILURE);
    for transform in [
        " Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\">",
        " Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>self::text()</ds:XPath>",
        " Algorithm=\"http://www.w3.org/2002/06/xmldsig-filter2\">",
        " Algorithm=\"http://www.w3.org/2000/09/xmldsig#base64\">",
        " Algorithm=\"http://www.w3.org/2006/12/xml-c14n11\">",
        " Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"><ds:XPath>x</ds:XPath>",
        ">",
    ] {
        let signing = portal().with(|each| each.references[0].transforms[0] = transform.to_owned());
        assert_eq!(verdict(&document(&signing)), FORMAT_FAILURE, "{transform}");
    }
    let unknown = portal().with(|each| each.canonicalization = "urn:x".to_owned());
    assert_eq!(verdict(&document(&unknown)), FORMAT_FAILURE);
    let good = document(&portal());
    for (from, to) in [
        ("<ds:SignedInfo>", "<ds:SignedInfo><!-- -->"),
        ("<ds:SignedInfo>", "<ds:SignedInfo>x"),
        ("<ds:DigestValue>", "<ds:DigestValue><!-- -->"),
        ("<ds:SignatureValue>", "<ds:SignatureValue><?x?>"),
        ("<ds:KeyInfo>", "<ds:Object/><ds:KeyInfo>"),
        ("<ds:Reference ", "<ds:Reference xml:lang=\"kk\" "),
        ("<ds:SignedInfo>", "<ds:SignedInfo xmlns:ds=\"urn:x\">"),
        ("</ds:SignedInfo>", "<ds:Extra/></ds:SignedInfo>"),
        ("<ds:X509Certificate>", "<ds:X509Certificate><!-- -->"),
    ] {
        assert!(good.contains(from));
        assert_eq!(verdict(&good.replacen(from, to, 1)), FORMAT_FAILURE, "{to}");
    }
    let orders: [&[&str]; 4] =
        [&[INCLUSIVE, ENVELOPED], &[ENVELOPED, ENVELOPED], &[INCLUSIVE, INCLUSIVE], &[ENVELOPED, INCLUSIVE, INCLUSIVE]];
    for transforms in orders {
        assert_eq!(verdict(&document(&Signing::new("alice", "", transforms, "<root></root>"))), FORMAT_FAILURE);
    }
}

#[test]
fn a_document_without_a_signature_is_not_signed() {
    let validation = judge(b"<root/>");
    assert_eq!(validation.report.conclusion, FORMAT_FAILURE);
    assert!(validation.report.signers.is_empty());
}

fn refusal(document: &[u8]) -> InputError {
    let input = SignatureInput { signature: document, content: None, certificates: &[], crls: &[], ocsps: &[] };
    validate(&input, &ValidationPolicy::national(), &PKI.trust(), now()).expect_err("nothing to judge")
}

#[test]
fn what_is_no_document_is_refused_before_any_verdict() {
    let good = enveloped(&PKI, "alice", "<a>1</a>");
    let doctype = |text: &str| format!("<!DOCTYPE root {text}>{good}").into_bytes();
    for document in [
        doctype(""),
        doctype("[<!ENTITY a 'b'>]"),
        doctype("[<!ENTITY a SYSTEM 'file:///etc/passwd'>]"),
        doctype("[<!ATTLIST a Id CDATA 'x'>]"),
        doctype("SYSTEM 'http://localhost/x.dtd'"),
    ] {
        assert_eq!(refusal(&document), InputError::Document(XmlError::DocumentType));
    }
    for text in
        ["<root>&a;</root>", "<root>", "<root></root><root/>", "<r a='1' a='2'/>", "<p:r/>", "<a>\u{1}</a>", "<"]
    {
        assert!(matches!(refusal(text.as_bytes()), InputError::Document(XmlError::Malformed(_))), "{text}");
    }
    assert!(matches!(refusal(b"<r xmlns:p=''/>"), InputError::Document(XmlError::Malformed(_))));
    assert!(matches!(refusal(b"<?xml\tversion='1.0'?><r/>"), InputError::Document(XmlError::Malformed(_))));
    assert_eq!(refusal(b"<r xmlns='x'/>"), InputError::Document(XmlError::RelativeNamespace));
    for declaration in ["version='1.0' encoding='windows-1251'", "version='1.1'", "version='1.0' encoding='utf-16'"] {
        let text = format!("<?xml {declaration}?><r/>");
        assert_eq!(refusal(text.as_bytes()), InputError::Document(XmlError::NotUtf8), "{declaration}");
    }
    assert_eq!(refusal(b"<r>\xff</r>"), InputError::Document(XmlError::NotUtf8));
    let nested = good.replace("<ds:KeyInfo>", &format!("<ds:KeyInfo>{}", Signing::to_xml(&portal(), &PKI)));
    assert_eq!(refusal(nested.as_bytes()), InputError::Document(XmlError::NestedSignature));
    let input =
        SignatureInput { signature: good.as_bytes(), content: Some(b"x"), certificates: &[], crls: &[], ocsps: &[] };
    let twice = validate(&input, &ValidationPolicy::national(), &PKI.trust(), now());
    assert_eq!(twice.expect_err("content twice"), InputError::ContentTwice);
}

#[test]
fn bombs_are_refused_by_their_bounds() {
    let deep = "<a>".repeat(200_000);
    let wide = format!("<a>{}</a>", "<b/>".repeat(900_000));
    let attributes: String = (0..200_000).map(|n| format!(" a{n}=''")).collect();
    let prefixes: String = (0..100_000).map(|n| format!(" xmlns:a{n}='urn:a'")).collect();
    let signatures = format!("<a>{}</a>", portal().to_xml(&PKI).repeat(17));
    // A long namespace name, to be written again at each of many elements by exclusive canonicalization.
    let name = "x".repeat(200_000);
    let elements = "<p:b/>".repeat(10_000);
    let signing = Signing::new("alice", "", &[ENVELOPED, EXCLUSIVE], "").to_xml(&PKI);
    let blown = format!("<a xmlns:p=\"urn:{name}\">{elements}{signing}</a>");
    let large = format!("<a>{}</a>", " ".repeat(5 << 20));
    for bomb in [deep, wide, format!("<a{attributes}/>"), format!("<a{prefixes}/>"), signatures, blown, large] {
        let refused = refusal(bomb.as_bytes());
        assert!(matches!(refused, InputError::Document(XmlError::TooComplex(_) | XmlError::TooLarge)), "{refused}");
    }
}
