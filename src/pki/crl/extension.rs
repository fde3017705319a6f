//! Extensions of a CRL and of its entries (RFC 5280 §5.2, §5.3).

use std::fmt;

use chrono::{DateTime, Utc};

use super::CrlError;
use crate::pki::Oid;
use crate::pki::der::{self, DerError, Reader, Tag};
use crate::pki::distribution::{self, IssuingDistributionPoint, Scope};

const CRL_NUMBER: Oid = Oid::new(&[2, 5, 29, 20]);
const REASON_CODE: Oid = Oid::new(&[2, 5, 29, 21]);
const INVALIDITY_DATE: Oid = Oid::new(&[2, 5, 29, 24]);
const DELTA_CRL_INDICATOR: Oid = Oid::new(&[2, 5, 29, 27]);
const ISSUING_DISTRIBUTION_POINT: Oid = Oid::new(&[2, 5, 29, 28]);
const CERTIFICATE_ISSUER: Oid = Oid::new(&[2, 5, 29, 29]);
const AUTHORITY_KEY_IDENTIFIER: Oid = Oid::new(&[2, 5, 29, 35]);

/// CRLReason (§5.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(missing_docs, reason = "the names are those of the standard")]
pub enum Reason {
    #[default]
    Unspecified,
    KeyCompromise,
    CaCompromise,
    AffiliationChanged,
    Superseded,
    CessationOfOperation,
    CertificateHold,
    RemoveFromCrl,
    PrivilegeWithdrawn,
    AaCompromise,
}

impl Reason {
    /// The value of the ENUMERATED; `None` for 7 and above 10.
    pub fn from_code(code: u64) -> Option<Self> {
        Some(match code {
            0 => Self::Unspecified,
            1 => Self::KeyCompromise,
            2 => Self::CaCompromise,
            3 => Self::AffiliationChanged,
            4 => Self::Superseded,
            5 => Self::CessationOfOperation,
            6 => Self::CertificateHold,
            8 => Self::RemoveFromCrl,
            9 => Self::PrivilegeWithdrawn,
            10 => Self::AaCompromise,
            _ => return None,
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::CaCompromise => "cACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::CertificateHold => "certificateHold",
            Self::RemoveFromCrl => "removeFromCRL",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
            Self::AaCompromise => "aACompromise",
        })
    }
}

/// Why a well-formed list is not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// A critical extension nothing here processes (§5.2).
    #[error("unknown critical extension {0}")]
    CriticalExtension(Oid),
    /// A critical entry extension nothing here processes (§5.3).
    #[error("unknown critical entry extension {0}")]
    CriticalEntryExtension(Oid),
    /// A delta list (§5.2.4) without the list it starts from.
    #[error("delta list without its base")]
    Delta,
    /// An entry of another issuer in a list that is not indirect (§5.3.3).
    #[error("entries of other issuers in a list that is not indirect")]
    ForeignEntries,
    /// `onlyContainsAttributeCerts`, or a scope that excludes every certificate.
    #[error("list of no public-key certificates")]
    NoCertificates,
    /// The list's scope, issuer or distribution point is not the certificate's.
    #[error("the list does not cover the certificate")]
    OutOfScope,
    /// The issuer of the list has no `cRLSign`.
    #[error("the issuer may not sign revocation lists")]
    Signer,
}

#[derive(Debug, Default)]
pub(super) struct ListExtensions {
    pub number: Option<Box<[u8]>>,
    pub authority_key_identifier: Option<Box<[u8]>>,
    pub delta_base: Option<Box<[u8]>>,
    pub issuing_distribution_point: IssuingDistributionPoint,
    unknown_critical: Option<Oid>,
}

impl ListExtensions {
    pub(super) fn read(mut explicit: Reader<'_>) -> Result<Self, CrlError> {
        let mut read = Self::default();
        let list = explicit.sequence()?;
        explicit.finish()?;
        for_each(list, |oid, critical, value| {
            match oid {
                CRL_NUMBER => read.number = Some(magnitude(value)?),
                DELTA_CRL_INDICATOR => read.delta_base = Some(magnitude(value)?),
                AUTHORITY_KEY_IDENTIFIER => {
                    let mut fields = der::single(value).and_then(sequence)?;
                    read.authority_key_identifier = fields.optional(Tag::context(0))?.map(|id| id.content.into());
                }
                ISSUING_DISTRIBUTION_POINT => {
                    read.issuing_distribution_point = IssuingDistributionPoint::read(value)?;
                }
                _ if critical => read.unknown_critical = read.unknown_critical.or(Some(oid)),
                _ => {}
            }
            Ok(())
        })?;
        Ok(read)
    }

    /// Why no certificate's status can be taken from the list, with what its entries say.
    pub(super) fn unusable(&self, in_entries: Option<Unusable>) -> Option<Unusable> {
        let nothing = self.issuing_distribution_point.scope == Scope::Nothing;
        self.unknown_critical
            .map(Unusable::CriticalExtension)
            .or(in_entries)
            .or_else(|| nothing.then_some(Unusable::NoCertificates))
    }
}

#[derive(Debug, Default)]
pub(super) struct EntryExtensions {
    pub reason: Reason,
    pub invalidity_date: Option<DateTime<Utc>>,
    /// Canonical name of the issuer of this entry's certificate, and of the entries that follow (§5.3.3).
    pub certificate_issuer: Option<Box<[u8]>>,
    pub unusable: Option<Unusable>,
}

impl EntryExtensions {
    pub(super) fn read(list: Reader<'_>) -> Result<Self, CrlError> {
        let mut read = Self::default();
        for_each(list, |oid, critical, value| {
            match oid {
                REASON_CODE => {
                    let element = der::single(value)?;
                    let code =
                        if element.tag == Tag::ENUMERATED { der::unsigned_content(element.content)? } else { u64::MAX };
                    read.reason = Reason::from_code(code).ok_or(CrlError::Extension(oid))?;
                }
                INVALIDITY_DATE => {
                    let mut reader = Reader::new(value);
                    read.invalidity_date = Some(reader.time()?);
                    reader.finish()?;
                }
                CERTIFICATE_ISSUER => {
                    let issuer = distribution::certificate_issuer(value)?;
                    read.certificate_issuer = Some(issuer.ok_or(CrlError::Extension(oid))?);
                }
                _ if critical => read.unusable = Some(Unusable::CriticalEntryExtension(oid)),
                _ => {}
            }
            Ok(())
        })?;
        Ok(read)
    }
}

/// Walks an Extensions list; an identifier may stand once. An empty list, though not allowed, says nothing and is let pass.
fn for_each<'a>(
    mut list: Reader<'a>,
    mut visit: impl FnMut(Oid, bool, &'a [u8]) -> Result<(), CrlError>,
) -> Result<(), CrlError> {
    const MAX_EXTENSIONS: usize = 32;
    let mut seen: [&[u8]; MAX_EXTENSIONS] = [&[]; MAX_EXTENSIONS];
    let mut count = 0;
    while !list.is_empty() {
        let mut extension = list.sequence()?;
        let oid_octets = extension.element(Tag::OBJECT_IDENTIFIER)?.content;
        let oid = Oid::from_content(oid_octets)?;
        let critical = extension.default_false()?;
        let value = extension.octet_string()?;
        extension.finish()?;
        if seen.iter().take(count).any(|known| *known == oid_octets) {
            return Err(CrlError::DuplicateExtension(oid));
        }
        *seen.get_mut(count).ok_or(CrlError::Der(DerError::Length))? = oid_octets;
        count += 1;
        visit(oid, critical, value).map_err(|error| match error {
            CrlError::Der(_) => CrlError::Extension(oid),
            other => other,
        })?;
    }
    Ok(())
}

fn sequence(element: der::Element<'_>) -> Result<Reader<'_>, DerError> {
    Reader::new(element.encoded).sequence()
}

/// Magnitude octets of a CRL number, without leading zeros: no more than twenty (§5.2.3).
fn magnitude(value: &[u8]) -> Result<Box<[u8]>, CrlError> {
    let mut reader = Reader::new(value);
    let content = reader.integer()?;
    reader.finish()?;
    if content.first().is_some_and(|first| first & 0x80 != 0) {
        return Err(DerError::Integer.into());
    }
    let magnitude = content.strip_prefix(&[0]).unwrap_or(content);
    if magnitude.len() > 20 { Err(DerError::Integer.into()) } else { Ok(magnitude.into()) }
}
