//! What a reference points at (XML Signature §4.4.3.2), and whether it still is what was digested.
//!
//! A valid signature over one element says nothing about where that element stands, and "signature wrapping" lives on the
//! difference between the element that was verified and the one that is used (McIntosh and Austel, 2005; Somorovsky et al.,
//! 2012). So a reference may only point at the whole document, at its document element, at a child of the document element
//! outside of which no other element has its name, or at a part of the same WS-Security header; and the signature must
//! stand where such a signature stands.

use roxmltree::{Document, Node, NodeId};

use super::canonical::{self, Budget};
use super::signed_info::ReferenceInfo;
use super::{Algorithm, XMLDSIG, XmlError, document, properties};
use crate::pki::{AlgorithmError, DigestAlgorithm};

/// Namespace of SOAP 1.1 (§3).
const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// Namespace of WS-Security 1.0 and 1.1 (§2.2).
pub(super) const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";

/// Why a reference points at nothing that can be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// Neither the whole document nor an identifier within it.
    #[error("a reference to something outside of the document")]
    External,
    /// No element bears the identifier, or several do.
    #[error("a reference to an identifier that not exactly one element bears")]
    NotOne,
    /// The element stands where its meaning could be mistaken.
    #[error("a reference to an element in a place where signed content does not stand")]
    Misplaced,
    /// Another element of the same name stands outside of it.
    #[error("a reference to one of several elements of the same name")]
    Ambiguous,
    /// The element is a part of a signature.
    #[error("a reference into a signature")]
    WithinSignature,
    /// The enveloped-signature transform with content that does not hold the signature.
    #[error("a transform that leaves out nothing")]
    SelectsNothing,
    /// The Type of a reference promises signed properties, and they are not there.
    #[error("a reference to signed properties that are none")]
    NotProperties,
}

/// What a reference covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The whole document.
    Document,
    /// The document element, or a child of it; told apart by position.
    Element(u32),
    /// A part of the WS-Security header that the signature stands in.
    SecurityHeader,
    /// The KeyInfo of the signature itself, or a part of it; whoever signs it fixes the certificate (XAdES §4.3).
    KeyInfo,
    /// The signed properties of the signature itself (XAdES, ETSI EN 319 132-1 §4.3).
    SignedProperties,
}

impl Part {
    /// Whether this is content, and not something said about the signature.
    pub fn is_content(self) -> bool {
        matches!(self, Self::Document | Self::Element(_))
    }
}

/// Whether something still is what was digested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DigestState {
    /// It is: these are the octets that were digested.
    Matched(Vec<u8>),
    /// It is not.
    Changed,
    /// The digest is one that is not computed here.
    NotComputed(AlgorithmError),
    /// The digest is none that is known here.
    Unknown,
}

/// One reference with its digest recomputed.
#[derive(Debug, Clone)]
pub struct Reference {
    /// What it covers.
    pub part: Part,
    /// How it was digested.
    pub digest_algorithm: Algorithm,
    /// Whether it still is what was digested.
    pub state: DigestState,
}

/// Where a signature stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A child of the document element.
    Enveloped,
    /// In the Security header of a SOAP envelope.
    SecurityHeader,
    /// A child of this child of the document element.
    Within(NodeId),
}

/// Where `signature` stands; `None` where no signature should.
pub(super) fn place(signature: Node<'_, '_>) -> Option<Place> {
    let root = signature.document().root_element();
    let parent = signature.parent_element()?;
    if parent == root {
        return Some(Place::Enveloped);
    }
    let above = parent.parent_element()?;
    if above == root {
        return Some(Place::Within(parent.id()));
    }
    let is_header = document::is(parent, WSSE, "Security")
        && document::is(above, SOAP, "Header")
        && above.parent_element() == Some(root)
        && document::is(root, SOAP, "Envelope");
    is_header.then_some(Place::SecurityHeader)
}

/// Follows a reference of `signature` and recomputes its digest. `later` are the signatures behind this one, which were
/// not there when it was made.
pub(super) fn examine(
    info: &ReferenceInfo,
    signature: Node<'_, '_>,
    place: Place,
    later: &[NodeId],
    budget: &mut Budget,
) -> Result<Result<Reference, ReferenceError>, XmlError> {
    let (part, apex) = match target(info, signature, place) {
        Ok(found) => found,
        Err(error) => return Ok(Err(error)),
    };
    let mut left_out = Vec::new();
    if info.transforms.is_enveloped {
        if !signature.ancestors().any(|ancestor| ancestor == apex) {
            return Ok(Err(ReferenceError::SelectsNothing));
        }
        left_out.push(signature.id());
        left_out.extend_from_slice(later);
    }
    // A same-document reference without XPointer selects no comments, whatever the method would do with them (§4.4.3.3).
    let method = canonical::Canonicalization { with_comments: false, ..info.transforms.canonicalization.clone() };
    let octets = canonical::subtree(apex, &left_out, &method, budget)?;
    let state = compare(&info.digest_algorithm, &info.digest, octets);
    Ok(Ok(Reference { part, digest_algorithm: info.digest_algorithm.clone(), state }))
}

fn compare(algorithm: &Algorithm, digest: &[u8], octets: Vec<u8>) -> DigestState {
    let Algorithm::Known(identifier) = algorithm else { return DigestState::Unknown };
    match DigestAlgorithm::resolve(identifier).and_then(|algorithm| algorithm.digest(&octets)) {
        Ok(computed) if computed.as_ref() == digest => DigestState::Matched(octets),
        Ok(_) => DigestState::Changed,
        Err(error) => DigestState::NotComputed(error),
    }
}

fn target<'a, 'input>(
    info: &ReferenceInfo,
    signature: Node<'a, 'input>,
    place: Place,
) -> Result<(Part, Node<'a, 'input>), ReferenceError> {
    let document: &'a Document<'input> = signature.document();
    if info.uri.is_empty() {
        return match place {
            Place::Within(_) => Err(ReferenceError::Misplaced),
            _ => Ok((Part::Document, document.root())),
        };
    }
    let id = info.uri.strip_prefix('#').ok_or(ReferenceError::External)?;
    // An identifier is a name (Namespaces in XML 1.0 §7); whatever has brackets is an XPointer.
    if id.is_empty() || id.contains(|c: char| c.is_ascii_whitespace() || matches!(c, '(' | ')' | '#' | '%')) {
        return Err(ReferenceError::External);
    }
    let found = document::by_id(document, id).ok_or(ReferenceError::NotOne)?;
    if info.kind.as_deref() == Some(properties::REFERENCE_TYPE) {
        let is_own = properties::of(signature).is_some_and(|own| own == found);
        return if is_own { Ok((Part::SignedProperties, found)) } else { Err(ReferenceError::NotProperties) };
    }
    let key_info = signature.children().find(|each| document::is(*each, XMLDSIG, "KeyInfo"));
    if key_info.is_some_and(|key_info| found.ancestors().any(|above| above == key_info)) {
        return Ok((Part::KeyInfo, found));
    }
    if found.ancestors().any(|each| document::is(each, XMLDSIG, "Signature")) {
        return Err(ReferenceError::WithinSignature);
    }
    let root = document.root_element();
    if found == root {
        return match place {
            Place::Within(_) => Err(ReferenceError::Misplaced),
            _ => Ok((Part::Element(found.id().get()), found)),
        };
    }
    let parent = found.parent_element().ok_or(ReferenceError::Misplaced)?;
    if place == Place::SecurityHeader && Some(parent) == signature.parent_element() {
        return Ok((Part::SecurityHeader, found));
    }
    let is_envelope = document::is(root, SOAP, "Envelope");
    if parent != root
        || is_envelope && !document::is(found, SOAP, "Body")
        || matches!(place, Place::Within(element) if element != found.id())
    {
        return Err(ReferenceError::Misplaced);
    }
    // A stranger of the same name around or beside the signed one is how wrapping begins.
    let is_stranger = |each: Node<'_, '_>| each.is_element() && each.tag_name() == found.tag_name() && each != found;
    if document.descendants().any(|each| is_stranger(each) && !each.ancestors().any(|above| above == found)) {
        return Err(ReferenceError::Ambiguous);
    }
    Ok((Part::Element(found.id().get()), found))
}
