//! The signatures of a document, each read strictly and with the digests of its references recomputed (XML Signature §3.2).

use roxmltree::{Node, NodeId};

use super::canonical::{self, Budget};
use super::properties::SignedProperties;
use super::reference::{self, DigestState, Part, Reference, ReferenceError};
use super::signed_info::{self, SignedInfo};
use super::{Algorithm, MAX_SIGNATURES, XMLDSIG, XmlError, document, key_info, properties};

/// A document with its signatures in document order; there may be none, which is a verdict's business.
#[derive(Debug, Clone)]
pub struct SignedDocument {
    /// The signatures.
    pub signatures: Vec<Result<Signature, SignatureError>>,
}

/// One signature, read and recomputed, not yet verified by any key.
#[derive(Debug, Clone)]
pub struct Signature {
    /// How the value was made.
    pub algorithm: Algorithm,
    /// Canonical SignedInfo: the octets that the key signs.
    pub signed_info: Vec<u8>,
    /// The signature itself. For ECDSA and the national algorithms: r and s, one behind the other.
    pub value: Vec<u8>,
    /// What is covered; exactly one of them is content.
    pub references: Vec<Reference>,
    /// Certificates as DER that may be the signer's. Nothing about them is signed.
    pub certificates: Vec<Vec<u8>>,
    /// Signed properties, when a reference covers them and they are unchanged.
    pub properties: Option<SignedProperties>,
}

/// Why a signature cannot be judged further. Each is a FORMAT_FAILURE of that signature (EN 319 102-1 §5.2.2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The structure of XML Signature §4 is not kept, or has more to it than is read here.
    #[error("malformed signature: {0}")]
    Malformed(&'static str),
    /// Another element than the one that stands at this place.
    #[error("malformed signature: {expected} is not where it belongs")]
    Unexpected {
        /// The element that stands there.
        expected: &'static str,
    },
    /// A transform or canonicalization that is not carried out here.
    #[error("the transform is not one of those allowed: {0:.100}")]
    Transform(String),
    /// The signature stands where none should.
    #[error("the signature stands in a place where signatures do not stand")]
    Misplaced,
    /// A reference points at nothing that can be judged.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// Not exactly one reference to content.
    #[error("the signature is not over exactly one content")]
    NotOneContent,
}

impl SignedDocument {
    /// Reads a document and all its signatures.
    ///
    /// A signature is read as of the time when it was the last: signatures behind it are left out of what it covers,
    /// signatures before it are covered. That is how the national portal verifies — the last one first, which it then
    /// takes out of the document — and why the order of signatures in the document is the order of signing.
    ///
    /// # Errors
    /// [`XmlError`]. What is wrong with one signature stands in its place instead.
    pub fn parse(input: &[u8]) -> Result<Self, XmlError> {
        let text = document::text(input)?;
        let tree = document::parse(&text)?;
        let nodes: Vec<Node<'_, '_>> =
            tree.descendants().filter(|node| document::is(*node, XMLDSIG, "Signature")).collect();
        if nodes.len() > MAX_SIGNATURES {
            return Err(XmlError::TooComplex("signatures"));
        }
        let is_signature = |node: Node<'_, '_>| document::is(node, XMLDSIG, "Signature");
        if nodes.iter().any(|node| node.ancestors().skip(1).any(is_signature)) {
            return Err(XmlError::NestedSignature);
        }
        let ids: Vec<NodeId> = nodes.iter().map(Node::id).collect();
        let mut budget = Budget::new();
        let mut signatures = Vec::with_capacity(nodes.len());
        for (index, node) in nodes.into_iter().enumerate() {
            signatures.push(Signature::read(node, &ids[index + 1..], &mut budget)?);
        }
        Ok(Self { signatures })
    }
}

impl Signature {
    /// The reference to the content.
    pub fn content(&self) -> Option<&Reference> {
        self.references.iter().find(|reference| reference.part.is_content())
    }

    /// Reads one signature. The outer error is the document's, the inner one this signature's.
    fn read(
        node: Node<'_, '_>,
        later: &[NodeId],
        budget: &mut Budget,
    ) -> Result<Result<Self, SignatureError>, XmlError> {
        let parts = match Parts::of(node) {
            Ok(parts) => parts,
            Err(error) => return Ok(Err(error)),
        };
        let Some(place) = reference::place(node) else { return Ok(Err(SignatureError::Misplaced)) };
        let mut references = Vec::with_capacity(parts.info.references.len());
        for info in &parts.info.references {
            match reference::examine(info, node, place, later, budget)? {
                Ok(reference) => references.push(reference),
                Err(error) => return Ok(Err(error.into())),
            }
        }
        if references.iter().filter(|each| each.part.is_content()).count() != 1 {
            return Ok(Err(SignatureError::NotOneContent));
        }
        let signed_info = canonical::subtree(parts.signed_info, &[], &parts.info.canonicalization, budget)?;
        let properties = match signed_properties(node, &references) {
            Ok(properties) => properties,
            Err(error) => return Ok(Err(error)),
        };
        Ok(Ok(Self {
            algorithm: parts.info.algorithm,
            signed_info,
            value: parts.value,
            references,
            certificates: parts.certificates,
            properties,
        }))
    }
}

/// The parts of a Signature element (§4.2).
struct Parts<'a, 'input> {
    signed_info: Node<'a, 'input>,
    info: SignedInfo,
    value: Vec<u8>,
    certificates: Vec<Vec<u8>>,
}

impl<'a, 'input> Parts<'a, 'input> {
    fn of(node: Node<'a, 'input>) -> Result<Self, SignatureError> {
        signed_info::attributes(node, &["Id"])?;
        let children = signed_info::elements(node)?;
        let [signed_info, value, rest @ ..] = children.as_slice() else {
            return Err(SignatureError::Malformed("Signature is incomplete"));
        };
        signed_info::expect(*signed_info, "SignedInfo")?;
        signed_info::expect(*value, "SignatureValue")?;
        signed_info::attributes(*value, &["Id"])?;
        let (key_info, objects) = match rest {
            [first, objects @ ..] if document::is(*first, XMLDSIG, "KeyInfo") => (Some(*first), objects),
            objects => (None, objects),
        };
        for object in objects {
            signed_info::expect(*object, "Object")?;
        }
        Ok(Self {
            signed_info: *signed_info,
            info: signed_info::read(*signed_info)?,
            value: document::base64(*value).map_err(SignatureError::Malformed)?,
            certificates: key_info.map(key_info::certificates).transpose()?.unwrap_or_default(),
        })
    }
}

/// Signed properties count only when a reference covers them and they are what was digested.
fn signed_properties(
    signature: Node<'_, '_>,
    references: &[Reference],
) -> Result<Option<SignedProperties>, SignatureError> {
    let mut covering = references.iter().filter(|reference| reference.part == Part::SignedProperties);
    match (covering.next(), covering.next(), properties::of(signature)) {
        (Some(_), Some(_), _) => Err(SignatureError::Malformed("signed properties are referred to twice")),
        (Some(Reference { state: DigestState::Matched(_), .. }), None, Some(node)) => properties::read(node).map(Some),
        _ => Ok(None),
    }
}
