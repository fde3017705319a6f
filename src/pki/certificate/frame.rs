//! The frame of a certificate: where each field lies, walked by the strict reader, which refuses whatever is not DER.

use chrono::{DateTime, Utc};

use super::CertificateError;
use crate::pki::der::{DerError, Reader, Tag};

/// Where a field lies in the certificate's octets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// The place of `part`, which must be a slice of `whole`.
    pub(super) fn of(whole: &[u8], part: &[u8]) -> Result<Self, CertificateError> {
        let outside = CertificateError::Uninterpretable("field outside the certificate");
        let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr()).ok_or(outside.clone())?;
        let end = start.checked_add(part.len()).filter(|end| *end <= whole.len()).ok_or(outside.clone())?;
        Ok(Self {
            start: u32::try_from(start).map_err(|_| outside.clone())?,
            end: u32::try_from(end).map_err(|_| outside)?,
        })
    }

    pub(super) fn within(self, whole: &[u8]) -> &[u8] {
        whole.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// The fields of a certificate as they lie in its octets.
pub(super) struct Frame<'a> {
    pub(super) tbs: &'a [u8],
    pub(super) version: u64,
    pub(super) serial: &'a [u8],
    pub(super) inner_algorithm: &'a [u8],
    pub(super) issuer: &'a [u8],
    pub(super) not_before: DateTime<Utc>,
    pub(super) not_after: DateTime<Utc>,
    pub(super) subject: &'a [u8],
    pub(super) spki: &'a [u8],
    pub(super) has_unique_identifiers: bool,
    pub(super) has_extensions: bool,
    pub(super) outer_algorithm: &'a [u8],
    pub(super) signature: &'a [u8],
}

impl<'a> Frame<'a> {
    pub(super) fn read(der: &'a [u8]) -> Result<Self, DerError> {
        let mut outer = Reader::new(der);
        let mut certificate = outer.sequence()?;
        outer.finish()?;
        let tbs_element = certificate.element(Tag::SEQUENCE)?;
        let outer_algorithm = certificate.element(Tag::SEQUENCE)?.encoded;
        let signature = certificate.bit_string()?;
        certificate.finish()?;

        let mut tbs = tbs_element.reader();
        let version = match tbs.optional(Tag::context_constructed(0))? {
            None => 0,
            Some(explicit) => {
                let mut reader = explicit.reader();
                let version = reader.unsigned()?;
                reader.finish()?;
                version
            }
        };
        let serial = tbs.integer()?;
        let inner_algorithm = tbs.element(Tag::SEQUENCE)?.encoded;
        let issuer = tbs.element(Tag::SEQUENCE)?.encoded;
        check_name(issuer)?;
        let mut validity = tbs.sequence()?;
        let (not_before, not_after) = (validity.time()?, validity.time()?);
        validity.finish()?;
        let subject = tbs.element(Tag::SEQUENCE)?.encoded;
        check_name(subject)?;
        let spki = tbs.element(Tag::SEQUENCE)?.encoded;
        let issuer_unique = tbs.optional(Tag::context(1))?.is_some();
        let subject_unique = tbs.optional(Tag::context(2))?.is_some();
        let extensions = tbs.optional(Tag::context_constructed(3))?;
        let has_extensions = extensions.is_some();
        if let Some(explicit) = extensions {
            check_extensions(explicit.reader())?;
        }
        tbs.finish()?;
        let has_unique_identifiers = issuer_unique || subject_unique;
        Ok(Self {
            tbs: tbs_element.encoded,
            version,
            serial,
            inner_algorithm,
            issuer,
            not_before,
            not_after,
            subject,
            spki,
            has_unique_identifiers,
            has_extensions,
            outer_algorithm,
            signature,
        })
    }
}

/// That a Name is made as RFC 5280 §4.1.2.4 has it: x509-parser, which reads it, takes tags of any class for those of ASN.1.
fn check_name(name: &[u8]) -> Result<(), DerError> {
    let mut rdns = Reader::new(name).sequence()?;
    while !rdns.is_empty() {
        let mut rdn = rdns.set()?;
        while !rdn.is_empty() {
            let mut attribute = rdn.sequence()?;
            attribute.oid()?;
            attribute.any()?;
            attribute.finish()?;
        }
    }
    Ok(())
}

/// The same for Extensions (§4.1).
fn check_extensions(mut explicit: Reader<'_>) -> Result<(), DerError> {
    let mut extensions = explicit.sequence()?;
    explicit.finish()?;
    while !extensions.is_empty() {
        let mut extension = extensions.sequence()?;
        extension.oid()?;
        extension.optional(Tag::BOOLEAN)?;
        extension.octet_string()?;
        extension.finish()?;
    }
    Ok(())
}
