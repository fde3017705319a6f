//! From octets to a tree: UTF-8 only, no document type, line ends normalised, names as they stand in the text.

use std::borrow::Cow;

use roxmltree::{Document, Node, ParsingOptions};

use super::{XmlError, bounds};

/// Namespace that the prefix `xml` is bound to (Namespaces in XML 1.0 §3).
pub(super) const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";
/// Namespace of `wsu:Id` (WS-Security 1.1 §4).
pub(super) const WSU: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

/// Attributes without a namespace that name an element.
const ID_NAMES: [&str; 3] = ["Id", "ID", "id"];

/// The text of a document as XML 1.0 §2.11 has it read: without byte order mark, line ends as LF.
///
/// # Errors
/// [`XmlError::NotUtf8`], and what exceeds the bounds.
pub(super) fn text(input: &[u8]) -> Result<Cow<'_, str>, XmlError> {
    if input.len() > super::MAX_DOCUMENT {
        return Err(XmlError::TooLarge);
    }
    let input = input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input);
    let text = std::str::from_utf8(input).map_err(|_| XmlError::NotUtf8)?;
    declaration(text)?;
    // Done here because the parser leaves a carriage return alone when a character reference follows it.
    let text: Cow<'_, str> =
        if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n").into() } else { text.into() };
    bounds::check(&text)?;
    Ok(text)
}

/// The XML declaration may only say what is true of every document read here (XML 1.0 §2.8, §4.3.3).
fn declaration(text: &str) -> Result<(), XmlError> {
    let Some(rest) = text.strip_prefix("<?xml").filter(|rest| rest.starts_with(|c: char| c.is_ascii_whitespace()))
    else {
        return Ok(());
    };
    let (declaration, _) = rest.split_once("?>").ok_or_else(|| malformed("the XML declaration has no end"))?;
    let value = |name: &str| {
        let (_, rest) = declaration.split_once(name)?;
        let rest = rest.trim_ascii_start().strip_prefix('=')?.trim_ascii_start();
        let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        rest[1..].split_once(quote).map(|(value, _)| value)
    };
    let is_utf8 = value("encoding").is_none_or(|encoding| encoding.eq_ignore_ascii_case("utf-8"));
    if declaration.contains("encoding") != value("encoding").is_some() || !is_utf8 || value("version") != Some("1.0") {
        return Err(XmlError::NotUtf8);
    }
    Ok(())
}

fn malformed(what: &str) -> XmlError {
    XmlError::Malformed(what.to_owned())
}

/// Builds the tree of a [`text`], which must have been checked against the bounds.
///
/// # Errors
/// [`XmlError::DocumentType`], [`XmlError::Malformed`], [`XmlError::RelativeNamespace`].
pub(super) fn parse(text: &str) -> Result<Document<'_>, XmlError> {
    let limit = u32::try_from(4 * super::MAX_MARKUP).unwrap_or(u32::MAX);
    let options = ParsingOptions { allow_dtd: false, nodes_limit: limit, entity_resolver: None };
    let document = Document::parse_with_options(text, options).map_err(|error| match error {
        roxmltree::Error::DtdDetected => XmlError::DocumentType,
        roxmltree::Error::NodesLimitReached => XmlError::TooComplex("elements"),
        other => XmlError::Malformed(other.to_string()),
    })?;
    for node in document.descendants() {
        if node.pi().is_some_and(|pi| pi.target.eq_ignore_ascii_case("xml")) {
            return Err(malformed("a processing instruction is named xml"));
        }
        for namespace in node.namespaces() {
            match namespace.uri() {
                "" if namespace.name().is_some() => return Err(malformed("a prefix is bound to nothing")),
                "" => {}
                uri if !is_absolute(uri) => return Err(XmlError::RelativeNamespace),
                _ => {}
            }
        }
    }
    Ok(document)
}

/// Whether a URI begins with a scheme (RFC 3986 §3.1).
fn is_absolute(uri: &str) -> bool {
    uri.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    })
}

/// A qualified name in its two parts, as written; the prefix is empty where there is none.
pub(super) fn qualified<'a>(document: &'a Document<'_>, start: usize) -> (&'a str, &'a str) {
    let text = document.input_text().get(start..).unwrap_or_default();
    let end = text.find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/')).unwrap_or(text.len());
    let name = &text[..end];
    (name.split_once(':').map_or("", |(prefix, _)| prefix), name)
}

/// Whether `node` is the element `name` of `namespace`.
pub(super) fn is(node: Node<'_, '_>, namespace: &str, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name && node.tag_name().namespace() == Some(namespace)
}

/// The elements of an element that may hold nothing else but white space.
pub(super) fn elements<'a, 'input>(parent: Node<'a, 'input>) -> Result<Vec<Node<'a, 'input>>, &'static str> {
    let mut elements = Vec::new();
    for child in parent.children() {
        if child.is_element() {
            elements.push(child);
        } else if !child.text().filter(|_| child.is_text()).is_some_and(|text| text.trim_ascii().is_empty()) {
            return Err("text, a comment or an instruction between elements");
        }
    }
    Ok(elements)
}

/// The text of an element that may hold nothing else. A comment within it would hide one half of a value.
pub(super) fn only_text(element: Node<'_, '_>) -> Result<String, &'static str> {
    let mut text = String::new();
    for child in element.children() {
        if !child.is_text() {
            return Err("a value holds more than text");
        }
        text.push_str(child.text().unwrap_or_default());
    }
    Ok(text)
}

/// The octets that an element holds in base64; white space is no part of it (XML Schema 2 §3.2.16).
pub(super) fn base64(element: Node<'_, '_>) -> Result<Vec<u8>, &'static str> {
    use base64::Engine as _;
    let text: String = only_text(element)?.split_ascii_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(text).map_err(|_| "a value is not base64")
}

/// The one element that bears an identifier; `None` when none or several do.
///
/// Without a document type nobody says which attributes are identifiers, so that all that are customary count at once.
pub(super) fn by_id<'a, 'input>(document: &'a Document<'input>, id: &str) -> Option<Node<'a, 'input>> {
    let mut bearers = document.descendants().filter(|node| {
        node.attributes().any(|attribute| {
            attribute.value() == id
                && match attribute.namespace() {
                    None => ID_NAMES.contains(&attribute.name()),
                    Some(WSU) => attribute.name() == "Id",
                    Some(XML_NAMESPACE) => attribute.name() == "id",
                    Some(_) => false,
                }
        })
    });
    let first = bearers.next()?;
    bearers.next().is_none().then_some(first)
}
