//! Distribution points: where a certificate says its revocation is published (RFC 5280 §4.2.1.13), and what part of that a
//! revocation list says it is (§5.2.5). One reader for both, so that their names are compared in one form.

use std::borrow::Cow;

use super::der::{self, DerError, Element, Reader, Tag, write};
use super::name;

/// Names and points one extension may have; an honest one has a handful.
const MAX_NAMES: usize = 64;

/// A set of revocation reasons (ReasonFlags, §4.2.1.13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReasonSet(u16);

impl ReasonSet {
    /// No reason.
    pub const NONE: Self = Self(0);
    /// keyCompromise (1) to aACompromise (8). The bit 0 is unused: "unspecified" is in every partition.
    pub const ALL: Self = Self(0b1_1111_1110);

    /// The reasons in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The reasons in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether every reason of `other` is in this set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    fn read(content: &[u8]) -> Result<Self, DerError> {
        let (octets, _) = der::bit_string_content(content)?;
        let bit = |number: usize| octets.get(number / 8).is_some_and(|octet| octet & (0x80 >> (number % 8)) != 0);
        Ok(Self((1..=8).filter(|number| bit(*number)).fold(0, |set, number| set | 1 << number)))
    }
}

/// A name of a distribution point or of a CRL issuer, comparable with another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PointName {
    /// A location, exactly as written.
    Uri(Box<str>),
    /// A directory name, in the canonical form that names are compared in (§7.1).
    Directory(Box<[u8]>),
    /// A name of another form, as encoded.
    Other(Box<[u8]>),
}

impl PointName {
    fn read(name: &Element<'_>) -> Self {
        match (name.tag.0, std::str::from_utf8(name.content)) {
            (0x86, Ok(uri)) => Self::Uri(uri.into()),
            (0xa4, _) => Self::Directory(name::canonical(name.content)),
            _ => Self::Other(name.encoded.into()),
        }
    }

    pub(super) fn is_directory(&self, canonical: &[u8]) -> bool {
        matches!(self, Self::Directory(name) if **name == *canonical)
    }
}

/// DistributionPointName.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DistributionPointName {
    /// `fullName`.
    Full(Vec<PointName>),
    /// `nameRelativeToCRLIssuer`: one RDN, in canonical form.
    Relative(Box<[u8]>),
}

impl DistributionPointName {
    fn read(explicit: &Element<'_>) -> Result<Self, DerError> {
        let name = der::single(explicit.content)?;
        match name.tag.0 {
            0xa0 => names(name.reader()).map(Self::Full),
            0xa1 => {
                let relative = write::tlv(Tag::SEQUENCE, &write::tlv(Tag::SET, name.content));
                Ok(Self::Relative(name::canonical(&relative)))
            }
            _ => Err(DerError::UnexpectedTag { expected: Tag::context_constructed(0), found: Some(name.tag) }),
        }
    }

    /// The full names, a relative one completed by the issuer's canonical name.
    pub(super) fn under(&self, issuer: &[u8]) -> Cow<'_, [PointName]> {
        match self {
            Self::Full(names) => Cow::Borrowed(names),
            Self::Relative(rdn) => Cow::Owned(vec![PointName::Directory([issuer, rdn].concat().into())]),
        }
    }
}

/// One of a certificate's `cRLDistributionPoints` (§4.2.1.13).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistributionPoint {
    /// `distributionPoint`.
    pub name: Option<DistributionPointName>,
    /// `reasons`; `None` is all of them.
    pub reasons: Option<ReasonSet>,
    /// `cRLIssuer`; empty when the certificate's issuer signs the list itself.
    pub crl_issuer: Vec<PointName>,
}

impl DistributionPoint {
    /// Reads the extension's content.
    pub(super) fn read_all(value: &[u8]) -> Result<Vec<Self>, DerError> {
        let mut outer = Reader::new(value);
        let mut list = outer.sequence()?;
        outer.finish()?;
        let mut points = Vec::new();
        while !list.is_empty() {
            if points.len() == MAX_NAMES {
                return Err(DerError::Length);
            }
            points.push(Self::read(list.sequence()?)?);
        }
        Ok(points)
    }

    fn read(mut fields: Reader<'_>) -> Result<Self, DerError> {
        let name = fields.optional(Tag::context_constructed(0))?;
        let reasons = fields.optional(Tag::context(1))?;
        let crl_issuer = fields.optional(Tag::context_constructed(2))?;
        fields.finish()?;
        Ok(Self {
            name: name.map(|name| DistributionPointName::read(&name)).transpose()?,
            reasons: reasons.map(|reasons| ReasonSet::read(reasons.content)).transpose()?,
            crl_issuer: crl_issuer.map_or(Ok(Vec::new()), |issuer| names(issuer.reader()))?,
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
    /// `onlyContainsAttributeCerts`, or a contradiction: no certificate.
    Nothing,
}

/// `issuingDistributionPoint` of a list (§5.2.5). The default is that of a list without the extension.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IssuingDistributionPoint {
    /// `distributionPoint`.
    pub name: Option<DistributionPointName>,
    /// Which certificates are covered.
    pub scope: Scope,
    /// `onlySomeReasons`; `None` is all of them.
    pub only_some_reasons: Option<ReasonSet>,
    /// `indirectCRL`: entries of other issuers may be among the list's own.
    pub is_indirect: bool,
}

impl IssuingDistributionPoint {
    /// Reads the extension's content.
    pub(super) fn read(value: &[u8]) -> Result<Self, DerError> {
        let mut outer = Reader::new(value);
        let mut fields = outer.sequence()?;
        outer.finish()?;
        let name = fields.optional(Tag::context_constructed(0))?;
        let users = flag(&mut fields, 1)?;
        let authorities = flag(&mut fields, 2)?;
        let reasons = fields.optional(Tag::context(3))?;
        let is_indirect = flag(&mut fields, 4)?;
        let attributes = flag(&mut fields, 5)?;
        fields.finish()?;
        let scope = match (users, authorities, attributes) {
            (false, false, false) => Scope::All,
            (true, false, false) => Scope::EndEntities,
            (false, true, false) => Scope::Authorities,
            _ => Scope::Nothing,
        };
        Ok(Self {
            name: name.map(|name| DistributionPointName::read(&name)).transpose()?,
            scope,
            only_some_reasons: reasons.map(|reasons| ReasonSet::read(reasons.content)).transpose()?,
            is_indirect,
        })
    }
}

/// A BOOLEAN DEFAULT FALSE under an implicit tag.
fn flag(fields: &mut Reader<'_>, number: u8) -> Result<bool, DerError> {
    match fields.optional(Tag::context(number))?.map(|element| element.content) {
        None => Ok(false),
        Some([0xff]) => Ok(true),
        Some([0x00]) => Err(DerError::DefaultEncoded),
        Some(_) => Err(DerError::Boolean),
    }
}

fn names(mut list: Reader<'_>) -> Result<Vec<PointName>, DerError> {
    let mut names = Vec::new();
    while !list.is_empty() {
        if names.len() == MAX_NAMES {
            return Err(DerError::Length);
        }
        names.push(PointName::read(&list.any()?));
    }
    Ok(names)
}

/// The directory name of a `certificateIssuer` entry extension (§5.3.3), in canonical form.
pub(super) fn certificate_issuer(value: &[u8]) -> Result<Option<Box<[u8]>>, DerError> {
    let mut outer = Reader::new(value);
    let list = outer.sequence()?;
    outer.finish()?;
    Ok(names(list)?.into_iter().find_map(|name| match name {
        PointName::Directory(canonical) => Some(canonical),
        PointName::Uri(_) | PointName::Other(_) => None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_read_from_the_highest_bit_down() {
        assert_eq!(ReasonSet::read(&[7, 0x7f, 0x80]), Ok(ReasonSet::ALL));
        assert_eq!(ReasonSet::read(&[1, 0x02]), Ok(ReasonSet(1 << 6)));
        assert!(ReasonSet::ALL.contains(ReasonSet(1 << 6)) && !ReasonSet::NONE.contains(ReasonSet(1 << 6)));
        assert_eq!(ReasonSet::read(&[8, 0x02]), Err(DerError::BitString));
    }

    #[test]
    fn a_relative_name_is_completed_by_its_issuer() {
        let rdn = |text: &str| {
            let oid = write::oid(&crate::pki::Oid::new(&[2, 5, 4, 3]));
            write::sequence(&[&oid, &write::tlv(Tag::UTF8_STRING, text.as_bytes())])
        };
        let issuer = write::sequence(&[&write::tlv(Tag::SET, &rdn("CA"))]);
        let whole = write::sequence(&[&write::tlv(Tag::SET, &rdn("CA")), &write::tlv(Tag::SET, &rdn("List 1"))]);
        let relative = write::explicit(0, &write::tlv(Tag::context_constructed(1), &rdn("list  1")));
        let read = IssuingDistributionPoint::read(&write::sequence(&[&relative])).unwrap();
        let names = read.name.unwrap().under(&name::canonical(&issuer)).into_owned();
        assert_eq!(names, [PointName::Directory(name::canonical(&whole))]);
    }
}
