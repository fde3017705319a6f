//! Extensions of a CRL and of its entries (RFC 5280 §5.2, §5.3).

use std::fmt;

use chrono::{DateTime, Utc};

use super::CrlError;
use crate::pki::Oid;
use crate::pki::certificate::PointName;
use crate::pki::der::{self, DerError, Reader, Tag};

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

/// Which certificates of its issuer a list covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// All of them.
    #[default]
    All,
    /// `onlyContainsUserCerts`.
    EndEntities,
    /// `onlyContainsCACerts`.
    Authorities,
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
    /// A delta list (§5.2.4): it says nothing without its base.
    #[error("delta list")]
    Delta,
    /// Entries of other issuers (§5.2.5).
    #[error("indirect list")]
    Indirect,
    /// `onlySomeReasons`: absence from the list proves too little.
    #[error("list for some reasons only")]
    SomeReasons,
    /// `onlyContainsAttributeCerts`.
    #[error("list of attribute certificates")]
    AttributeCertificates,
    /// A distribution point named relative to the issuer.
    #[error("distribution point named relative to the issuer")]
    RelativeName,
    /// The list's scope or distribution point is not the certificate's.
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
    pub scope: Scope,
    pub distribution_point: Vec<PointName>,
    partial: Option<Unusable>,
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
                    read.issuing_distribution_point(der::single(value).and_then(sequence)?)?;
                }
                _ if critical => read.unknown_critical = read.unknown_critical.or(Some(oid)),
                _ => {}
            }
            Ok(())
        })?;
        Ok(read)
    }

    fn issuing_distribution_point(&mut self, mut fields: Reader<'_>) -> Result<(), DerError> {
        if let Some(point) = fields.optional(Tag::context_constructed(0))? {
            let name = der::single(point.content)?;
            if name.tag == Tag::context_constructed(0) {
                let mut names = name.reader();
                while !names.is_empty() {
                    self.distribution_point.extend(point_name(names.any()?));
                }
                if self.distribution_point.is_empty() {
                    // Names of other kinds cannot be matched with a certificate's.
                    self.partial = Some(Unusable::OutOfScope);
                }
            } else {
                self.partial = Some(Unusable::RelativeName);
            }
        }
        let mut flag = |number: u8| -> Result<bool, DerError> {
            match fields.optional(Tag::context(number))?.map(|element| element.content) {
                None => Ok(false),
                Some([0xff]) => Ok(true),
                Some([0x00]) => Err(DerError::DefaultEncoded),
                Some(_) => Err(DerError::Boolean),
            }
        };
        let (users, authorities) = (flag(1)?, flag(2)?);
        let some_reasons = fields.optional(Tag::context(3))?.is_some();
        let mut flag =
            |number: u8| fields.optional(Tag::context(number)).map(|element| element.is_some_and(|e| e.content != [0]));
        let (indirect, attributes) = (flag(4)?, flag(5)?);
        fields.finish()?;
        self.scope = match (users, authorities) {
            (false, false) => Scope::All,
            (true, false) => Scope::EndEntities,
            (false, true) => Scope::Authorities,
            (true, true) => {
                self.partial = Some(Unusable::OutOfScope);
                Scope::All
            }
        };
        let limits = [
            (indirect, Unusable::Indirect),
            (attributes, Unusable::AttributeCertificates),
            (some_reasons, Unusable::SomeReasons),
        ];
        if let Some((_, reason)) = limits.into_iter().find(|(set, _)| *set) {
            self.partial = Some(reason);
        }
        Ok(())
    }

    /// Why the list is unusable, with what its entries say; being a delta comes last, so that it alone is named of deltas
    /// that are otherwise in order.
    pub(super) fn unusable(&self, in_entries: Option<Unusable>) -> Option<Unusable> {
        self.unknown_critical
            .map(Unusable::CriticalExtension)
            .or(in_entries)
            .or_else(|| self.partial.clone())
            .or_else(|| self.delta_base.as_ref().map(|_| Unusable::Delta))
    }
}

#[derive(Debug, Default)]
pub(super) struct EntryExtensions {
    pub reason: Reason,
    pub invalidity_date: Option<DateTime<Utc>>,
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
                CERTIFICATE_ISSUER => read.unusable = Some(Unusable::Indirect),
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

/// Magnitude octets of a non-negative INTEGER, without leading zeros.
fn magnitude(value: &[u8]) -> Result<Box<[u8]>, CrlError> {
    let mut reader = Reader::new(value);
    let content = reader.integer()?;
    reader.finish()?;
    if content.first().is_some_and(|first| first & 0x80 != 0) {
        return Err(DerError::Integer.into());
    }
    Ok(content.strip_prefix(&[0]).unwrap_or(content).into())
}

fn point_name(name: der::Element<'_>) -> Option<PointName> {
    match name.tag.0 {
        0x86 => std::str::from_utf8(name.content).ok().map(|uri| PointName::Uri(uri.into())),
        0xa4 => Some(PointName::Directory(name.content.into())),
        _ => None,
    }
}
