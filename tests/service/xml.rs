//! Behaviour of the `xml` room: canonical forms, in the words of the recommendations where they have an example.

use consular_registration::xml::{Canonicalization, SignedDocument, XmlError, canonicalize};

const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const WITH_COMMENTS: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

fn canonical(document: &str, method: &str) -> String {
    let method = Canonicalization::from_uri(method).expect("a method");
    String::from_utf8(canonicalize(document.as_bytes(), &method).expect("a document")).expect("UTF-8")
}

fn exclusive_with(document: &str, prefixes: &[&str]) -> String {
    let prefixes = prefixes.iter().map(|prefix| (*prefix).to_owned()).collect();
    let method = Canonicalization { with_comments: false, exclusive: Some(prefixes) };
    String::from_utf8(canonicalize(document.as_bytes(), &method).expect("a document")).expect("UTF-8")
}

/// Canonical XML 1.0 §3.1, without its document type.
#[test]
fn instructions_comments_and_what_is_outside_of_the_document_element() {
    let document = "<?xml version=\"1.0\"?>\n\n<?xml-stylesheet   href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n\n\
                    <doc>Hello, world!<!-- Comment 1 --></doc>\n\n<?pi-without-data     ?>\n\n\
                    <!-- Comment 2 -->\n\n<!-- Comment 3 -->";
    assert_eq!(
        canonical(document, INCLUSIVE),
        "<?xml-stylesheet href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n<doc>Hello, world!</doc>\n<?pi-without-data?>"
    );
    assert_eq!(
        canonical(document, WITH_COMMENTS),
        "<?xml-stylesheet href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n<doc>Hello, world!<!-- Comment 1 --></doc>\n\
         <?pi-without-data?>\n<!-- Comment 2 -->\n<!-- Comment 3 -->"
    );
}

/// Canonical XML 1.0 §3.2.
#[test]
fn white_space_in_content_is_kept() {
    let document = "<doc>\n   <clean>   </clean>\n   <dirty>   A   B   </dirty>\n   <mixed>\n      A\n      <clean>   </clean>\n   </mixed>\n</doc>";
    assert_eq!(canonical(document, INCLUSIVE), document);
}

/// Canonical XML 1.0 §3.3, without its document type.
#[test]
fn start_and_end_tags() {
    let document = "<doc>\n   <e1   />\n   <e2   ></e2>\n   <e3   name = \"elem3\"   id=\"elem3\"   />\n\
                    \x20  <e5 a:attr=\"out\" b:attr=\"sorted\" attr2=\"all\" attr=\"I'm\"\n      xmlns:b=\"http://www.ietf.org\"\n\
                    \x20     xmlns:a=\"http://www.w3.org\"\n      xmlns=\"http://example.org\"/>\n\
                    \x20  <e6 xmlns=\"\" xmlns:a=\"http://www.w3.org\">\n      <e7 xmlns=\"http://www.ietf.org\">\n\
                    \x20        <e8 xmlns=\"\" xmlns:a=\"http://www.w3.org\">\n            <e9 xmlns=\"\" xmlns:a=\"http://www.ietf.org\"/>\n\
                    \x20        </e8>\n      </e7>\n   </e6>\n</doc>";
    assert_eq!(
        canonical(document, INCLUSIVE),
        "<doc>\n   <e1></e1>\n   <e2></e2>\n   <e3 id=\"elem3\" name=\"elem3\"></e3>\n\
         \x20  <e5 xmlns=\"http://example.org\" xmlns:a=\"http://www.w3.org\" xmlns:b=\"http://www.ietf.org\" attr=\"I'm\" attr2=\"all\" b:attr=\"sorted\" a:attr=\"out\"></e5>\n\
         \x20  <e6 xmlns:a=\"http://www.w3.org\">\n      <e7 xmlns=\"http://www.ietf.org\">\n\
         \x20        <e8 xmlns=\"\">\n            <e9 xmlns:a=\"http://www.ietf.org\"></e9>\n\
         \x20        </e8>\n      </e7>\n   </e6>\n</doc>"
    );
}

/// Canonical XML 1.0 §3.4, without its document type.
#[test]
fn character_modifications_and_references() {
    let document = "<doc>\r\n   <text>First line&#x0d;&#10;Second line</text>\r   <value>&#x32;</value>\n\
                    \x20  <compute><![CDATA[value>\"0\" && value<\"10\" ?\"valid\":\"error\"]]></compute>\n\
                    \x20  <norm attr=' &apos;   &#x20;&#13;&#xa;&#9;   &apos; \n'/>\n</doc>";
    assert_eq!(
        canonical(document, INCLUSIVE),
        "<doc>\n   <text>First line&#xD;\nSecond line</text>\n   <value>2</value>\n\
         \x20  <compute>value&gt;\"0\" &amp;&amp; value&lt;\"10\" ?\"valid\":\"error\"</compute>\n\
         \x20  <norm attr=\" '    &#xD;&#xA;&#x9;   '  \"></norm>\n</doc>"
    );
    // A line end that stands before a reference is a line end all the same.
    assert_eq!(canonical("<a>\r&#65;\r\n&#13;\r</a>", INCLUSIVE), "<a>\nA\n&#xD;\n</a>");
}

/// Exclusive XML Canonicalization 1.0 §2.2, with the elements as documents of their own.
#[test]
fn exclusive_form_carries_only_namespaces_that_are_used() {
    let document = "<n1:a xmlns:n1=\"http://b.example\" xmlns:n3=\"ftp://example.org\" xmlns=\"urn:d\"><n3:b n1:c=\"\"/><d/><d xmlns=\"\"/></n1:a>";
    assert_eq!(
        canonical(document, EXCLUSIVE),
        "<n1:a xmlns:n1=\"http://b.example\"><n3:b xmlns:n3=\"ftp://example.org\" n1:c=\"\"></n3:b><d xmlns=\"urn:d\"></d><d></d></n1:a>"
    );
    assert_eq!(
        exclusive_with(document, &["n3", ""]),
        "<n1:a xmlns=\"urn:d\" xmlns:n1=\"http://b.example\" xmlns:n3=\"ftp://example.org\"><n3:b n1:c=\"\"></n3:b><d></d><d xmlns=\"\"></d></n1:a>"
    );
}

#[test]
fn canonical_forms_are_their_own_canonical_forms() {
    let document = "<a xmlns:p='urn:p' p:x='&#13;&amp;'><p:b xmlns='urn:d'><c/></p:b>&gt;<![CDATA[<]]></a>";
    for method in [INCLUSIVE, WITH_COMMENTS, EXCLUSIVE] {
        let once = canonical(document, method);
        assert_eq!(canonical(&once, method), once);
    }
}

#[test]
fn a_document_may_have_no_signature_at_all() {
    assert!(SignedDocument::parse(b"<a/>").expect("a document").signatures.is_empty());
    assert!(matches!(SignedDocument::parse(b""), Err(XmlError::Malformed(_))));
}
