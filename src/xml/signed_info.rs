//! SignedInfo (XML Signature §4.4), read strictly: an element, attribute or transform that is not expected is a fault,
//! because whatever is skipped here could mean something to whoever made the signature.

use roxmltree::Node;

use super::canonical::Canonicalization;
use super::{Algorithm, MAX_REFERENCES, SignatureError, XMLDSIG, document};

/// Namespace of InclusiveNamespaces (Exclusive Canonicalization §3), also the identifier of the method.
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// What SignedInfo says.
pub(super) struct SignedInfo {
    pub canonicalization: Canonicalization,
    pub algorithm: Algorithm,
    pub references: Vec<ReferenceInfo>,
}

/// What one Reference says (§4.4.3).
pub(super) struct ReferenceInfo {
    pub uri: String,
    pub kind: Option<String>,
    pub transforms: Transforms,
    pub digest_algorithm: Algorithm,
    pub digest: Vec<u8>,
}

/// The transforms of a reference: of all orders only "leave out the signature, then canonicalize" makes sense, since
/// canonicalization ends in octets.
pub(super) struct Transforms {
    pub is_enveloped: bool,
    pub canonicalization: Canonicalization,
}

pub(super) fn read(node: Node<'_, '_>) -> Result<SignedInfo, SignatureError> {
    attributes(node, &["Id"])?;
    let children = elements(node)?;
    let [canonicalization, algorithm, references @ ..] = children.as_slice() else {
        return Err(SignatureError::Malformed("SignedInfo is incomplete"));
    };
    expect(*canonicalization, "CanonicalizationMethod")?;
    expect(*algorithm, "SignatureMethod")?;
    if references.is_empty() {
        return Err(SignatureError::Malformed("SignedInfo refers to nothing"));
    }
    if references.len() > MAX_REFERENCES {
        return Err(SignatureError::Malformed("too many references"));
    }
    Ok(SignedInfo {
        canonicalization: canonicalization_of(*canonicalization)?,
        algorithm: Algorithm::signature(bare(*algorithm)?),
        references: references.iter().map(|each| reference(*each)).collect::<Result<_, _>>()?,
    })
}

fn reference(node: Node<'_, '_>) -> Result<ReferenceInfo, SignatureError> {
    expect(node, "Reference")?;
    attributes(node, &["Id", "URI", "Type"])?;
    let uri = node.attribute("URI").ok_or(SignatureError::Malformed("a reference without URI"))?;
    let children = elements(node)?;
    let (transforms, algorithm, digest) = match *children.as_slice() {
        [transforms, algorithm, digest] => (Some(transforms), algorithm, digest),
        [algorithm, digest] => (None, algorithm, digest),
        _ => return Err(SignatureError::Malformed("a reference is incomplete")),
    };
    expect(algorithm, "DigestMethod")?;
    expect(digest, "DigestValue")?;
    attributes(digest, &[])?;
    Ok(ReferenceInfo {
        uri: uri.to_owned(),
        kind: node.attribute("Type").map(str::to_owned),
        transforms: match transforms {
            Some(node) => read_transforms(node)?,
            None => Transforms { is_enveloped: false, canonicalization: Canonicalization::INCLUSIVE },
        },
        digest_algorithm: Algorithm::digest(bare(algorithm)?),
        digest: document::base64(digest).map_err(SignatureError::Malformed)?,
    })
}

fn read_transforms(node: Node<'_, '_>) -> Result<Transforms, SignatureError> {
    expect(node, "Transforms")?;
    attributes(node, &[])?;
    let mut rest = elements(node)?;
    if rest.is_empty() || rest.len() > 2 {
        return Err(SignatureError::Malformed("an unusual number of transforms"));
    }
    for transform in &rest {
        expect(*transform, "Transform")?;
    }
    let is_enveloped = algorithm_of(rest[0])? == ENVELOPED;
    if is_enveloped {
        bare(rest.remove(0))?;
    }
    let canonicalization = match *rest.as_slice() {
        [] => Canonicalization::INCLUSIVE,
        [one] => canonicalization_of(one)?,
        _ => return Err(SignatureError::Transform("more than one canonicalization".to_owned())),
    };
    Ok(Transforms { is_enveloped, canonicalization })
}

/// A canonicalization method with its parameters.
fn canonicalization_of(node: Node<'_, '_>) -> Result<Canonicalization, SignatureError> {
    let uri = algorithm_of(node)?;
    let mut method = Canonicalization::from_uri(uri).ok_or_else(|| SignatureError::Transform(uri.to_owned()))?;
    match (elements(node)?.as_slice(), &mut method.exclusive) {
        ([], _) => {}
        ([list], Some(prefixes)) if document::is(*list, EXCLUSIVE, "InclusiveNamespaces") => {
            attributes(*list, &["PrefixList"])?;
            if list.has_children() {
                return Err(SignatureError::Malformed("InclusiveNamespaces holds something"));
            }
            let list = list.attribute("PrefixList").unwrap_or_default();
            let prefix = |word: &str| if word == "#default" { String::new() } else { word.to_owned() };
            *prefixes = list.split_ascii_whitespace().map(prefix).collect();
            if prefixes.len() > super::MAX_PREFIXES {
                return Err(SignatureError::Malformed("too many prefixes in a list"));
            }
        }
        _ => return Err(SignatureError::Malformed("unknown parameters of a canonicalization")),
    }
    Ok(method)
}

/// The Algorithm of an element that may have neither other attributes nor any content: no HMACOutputLength, no XPath.
pub(super) fn bare<'a>(node: Node<'a, '_>) -> Result<&'a str, SignatureError> {
    if elements(node)?.is_empty() {
        algorithm_of(node)
    } else {
        Err(SignatureError::Malformed("parameters of an algorithm"))
    }
}

fn algorithm_of<'a>(node: Node<'a, '_>) -> Result<&'a str, SignatureError> {
    attributes(node, &["Algorithm"])?;
    node.attribute("Algorithm").ok_or(SignatureError::Malformed("an algorithm is not named"))
}

pub(super) fn expect(node: Node<'_, '_>, name: &'static str) -> Result<(), SignatureError> {
    if document::is(node, XMLDSIG, name) { Ok(()) } else { Err(SignatureError::Unexpected { expected: name }) }
}

pub(super) fn elements<'a, 'input>(node: Node<'a, 'input>) -> Result<Vec<Node<'a, 'input>>, SignatureError> {
    document::elements(node).map_err(SignatureError::Malformed)
}

pub(super) fn attributes(node: Node<'_, '_>, known: &[&str]) -> Result<(), SignatureError> {
    let is_known = |each: &roxmltree::Attribute<'_, '_>| each.namespace().is_none() && known.contains(&each.name());
    if node.attributes().all(|each| is_known(&each)) {
        Ok(())
    } else {
        Err(SignatureError::Malformed("an unknown attribute within the signature"))
    }
}
