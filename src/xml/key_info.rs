//! KeyInfo (XML Signature §4.5; WS-Security X.509 token profile 1.1 §3): certificates that may be the signer's.
//!
//! KeyInfo is not signed, and nothing in it is believed: it only says what to try. Bare keys and names are left alone.

use roxmltree::Node;

use super::document::{self, WSU};
use super::reference::WSSE;
use super::{MAX_CERTIFICATES, SignatureError, XMLDSIG};

/// End of the ValueType of a single X.509 certificate (X.509 token profile §3.1); spelled with both hosts of the standard.
const X509: &str = "#X509v3";

/// The certificates, as DER, in their order.
pub(super) fn certificates(key_info: Node<'_, '_>) -> Result<Vec<Vec<u8>>, SignatureError> {
    let mut holders = Vec::new();
    for child in key_info.children() {
        if document::is(child, XMLDSIG, "X509Data") {
            holders.extend(child.children().filter(|each| document::is(*each, XMLDSIG, "X509Certificate")));
        } else if document::is(child, WSSE, "SecurityTokenReference") {
            holders.extend(token(child));
        }
    }
    if holders.len() > MAX_CERTIFICATES {
        return Err(SignatureError::Malformed("too many certificates"));
    }
    holders.into_iter().map(|holder| document::base64(holder).map_err(SignatureError::Malformed)).collect()
}

/// The element that holds the certificate of a security token reference: its KeyIdentifier, or the token it points at.
fn token<'a, 'input>(reference: Node<'a, 'input>) -> Option<Node<'a, 'input>> {
    let is_certificate = |node: &Node<'_, '_>| {
        node.attribute("ValueType").is_some_and(|kind| kind.ends_with(X509))
            && node.attribute("EncodingType").is_none_or(|encoding| encoding.ends_with("#Base64Binary"))
    };
    let child = reference.children().find(Node::is_element)?;
    if document::is(child, WSSE, "KeyIdentifier") {
        return Some(child).filter(is_certificate);
    }
    if !document::is(child, WSSE, "Reference") {
        return None;
    }
    let id = child.attribute("URI")?.strip_prefix('#')?;
    let found = document::by_id(reference.document(), id)?;
    let is_token = document::is(found, WSSE, "BinarySecurityToken")
        && found.attribute((WSU, "Id")) == Some(id)
        && found.parent_element().is_some_and(|parent| document::is(parent, WSSE, "Security"));
    Some(found).filter(|_| is_token).filter(is_certificate)
}
