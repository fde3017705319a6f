//! XML signatures: XML-Signature Syntax and Processing (W3C, 2nd edition), Canonical XML 1.0, Exclusive XML
//! Canonicalization 1.0, and what of WS-Security (X.509 token profile) and XAdES (ETSI EN 319 132-1) national signers use.
//!
//! Here live the bounded parsing of a signed document, canonicalization, the strict reading of each signature and the
//! digests of what it refers to. Reading tells what a document *says*; whether that may be believed is decided in
//! `signature`. Nothing here knows of trust, of the law, of a clock or of the network: no document type, no entity, no
//! external reference is ever followed.
//!
//! Of everything that XML Signature allows only the listed algorithms are carried out, and a reference may only point at
//! places whose meaning cannot be mistaken (see [`reference`]). Whoever uses a signed document takes the canonical octets
//! that were digested, never the document around them.

pub mod algorithm;
mod bounds;
pub mod canonical;
mod document;
mod key_info;
pub mod properties;
pub mod reference;
mod signature;
mod signed_info;

pub use algorithm::Algorithm;
pub use canonical::{Canonicalization, canonicalize};
pub use properties::{CertificateDigest, SignedProperties};
pub use reference::{DigestState, Part, Reference, ReferenceError};
pub use signature::{Signature, SignatureError, SignedDocument};

/// Octets of a document.
pub const MAX_DOCUMENT: usize = 4 * 1024 * 1024;
/// Pieces of markup of a document: elements, their ends, comments, CDATA sections, processing instructions.
pub const MAX_MARKUP: usize = 128 * 1024;
/// Levels of elements.
pub const MAX_DEPTH: usize = 128;
/// Attributes of one element.
pub const MAX_ATTRIBUTES: usize = 128;
/// Different namespace prefixes of a document.
pub const MAX_PREFIXES: usize = 32;
/// Signatures of one document.
pub const MAX_SIGNATURES: usize = 16;
/// References of one signature.
pub const MAX_REFERENCES: usize = 8;
/// Certificates of one signature.
pub const MAX_CERTIFICATES: usize = 16;
/// Octets that canonicalization may write, and steps it may take, over all references of a document.
pub const MAX_CANONICAL: usize = 4 * MAX_DOCUMENT;

/// Namespace of XML Signature (§1.3).
pub const XMLDSIG: &str = "http://www.w3.org/2000/09/xmldsig#";

/// Why bytes are not a document that can be judged at all. No verdict is given about such bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// More octets than allowed.
    #[error("the document is larger than {MAX_DOCUMENT} octets")]
    TooLarge,
    /// Nested too deeply, made of too many elements, or more to canonicalize than one document may ask for.
    #[error("the document has too many {0}")]
    TooComplex(&'static str),
    /// Another encoding than UTF-8, or another version than 1.0.
    #[error("the document is not XML 1.0 in UTF-8")]
    NotUtf8,
    /// A document type declaration: entities and defaults could change what was signed.
    #[error("the document has a document type declaration")]
    DocumentType,
    /// Not well-formed (XML 1.0), or namespaces not well-formed (Namespaces in XML 1.0).
    #[error("the document is not well-formed XML: {0}")]
    Malformed(String),
    /// A namespace name that is not an absolute URI; such a document has no canonical form (Canonical XML 1.0 §1.3).
    #[error("the document has a relative namespace name")]
    RelativeNamespace,
    /// A signature within a signature: which of the two speaks for the content is nobody's to guess.
    #[error("a signature stands within a signature")]
    NestedSignature,
}
