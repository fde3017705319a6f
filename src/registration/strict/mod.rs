//! Strict JSON: one reading of the bytes, or a list of everything that is wrong with them.
//!
//! RFC 8259 leaves room that a signed document may not have: duplicate keys mean what each parser likes, unknown fields are
//! dropped in silence. Here they are violations, each naming its field. Three passes: [`tree`] reads the bytes and notes what JSON
//! itself would hide, [`schema`] judges the tree by the JSON Schema generated from the Rust type, and only then serde fills the type.

mod schema;
mod tree;
mod violation;
mod words;

use serde::de::DeserializeOwned;
use serde_json::Value;

pub use schema::Strict;
pub use violation::{FieldViolation, ViolationCode};

/// Most bytes of one document. A complete form has four to eight thousand.
pub const LONGEST_DOCUMENT: usize = 256 * 1024;

/// Deepest nesting of objects and arrays, the document itself being 1.
pub const DEEPEST_NESTING: usize = 16;

/// Most violations that are told at once; who sends more has more than a typing error.
pub const MOST_VIOLATIONS: usize = 100;

/// Reads `bytes` as one JSON document.
///
/// The tree is absent only when the bytes are not JSON at all; otherwise the violations beside it are what the tree does not show.
pub(crate) fn read(bytes: &[u8]) -> (Option<Value>, Vec<FieldViolation>) {
    tree::read(bytes)
}

/// Fills a type from a tree that its schema has already found good.
pub(crate) fn fill<T: DeserializeOwned>(tree: Value) -> Result<T, Vec<FieldViolation>> {
    // serde's own message could quote the value, so it is not passed on.
    serde_json::from_value(tree)
        .map_err(|_| vec![FieldViolation::new("", ViolationCode::BadFormat, "the document does not match its schema")])
}
