//! Unsigned attributes that add evidence to a signature (RFC 5126 §6): time stamps, and revocation values.

use crate::pki::Oid;
use crate::pki::der::{DerError, Reader, Tag};

/// id-aa-signatureTimeStampToken (RFC 3161 appendix A): a time stamp over the signature value.
pub const SIGNATURE_TIME_STAMP: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 9, 16, 2, 14]);
/// id-aa-ets-revocationValues (RFC 5126 §6.3.4).
pub const REVOCATION_VALUES: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 9, 16, 2, 24]);

/// id-countersignature (RFC 5652 §11.4): a signature over the signature value.
pub const COUNTER_SIGNATURE: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 9, 6]);

/// Lists and responses that one attribute may hold, each.
const MAX_VALUES: usize = 64;

/// The values of a revocation-values attribute.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RevocationValues<'a> {
    /// Certificate revocation lists.
    pub crls: Vec<&'a [u8]>,
    /// BasicOCSPResponses, without the frame of an OCSPResponse.
    pub basic_ocsps: Vec<&'a [u8]>,
}

impl<'a> RevocationValues<'a> {
    /// Reads one encoded RevocationValues.
    ///
    /// # Errors
    /// [`DerError`]: not the structure of RFC 5126 §6.3.4, or more than 64 values of one kind.
    pub fn parse(encoded: &'a [u8]) -> Result<Self, DerError> {
        let mut outer = Reader::new(encoded);
        let mut fields = outer.sequence()?;
        outer.finish()?;
        let read = Self { crls: list(&mut fields, 0)?, basic_ocsps: list(&mut fields, 1)? };
        fields.optional(Tag::context_constructed(2))?;
        fields.finish()?;
        Ok(read)
    }
}

fn list<'a>(fields: &mut Reader<'a>, number: u8) -> Result<Vec<&'a [u8]>, DerError> {
    let Some(explicit) = fields.optional(Tag::context_constructed(number))? else { return Ok(Vec::new()) };
    let mut reader = explicit.reader();
    let mut elements = reader.sequence()?;
    reader.finish()?;
    let mut values = Vec::new();
    while !elements.is_empty() {
        if values.len() == MAX_VALUES {
            return Err(DerError::Length);
        }
        values.push(elements.element(Tag::SEQUENCE)?.encoded);
    }
    Ok(values)
}
