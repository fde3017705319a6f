//! Name constraints (RFC 5280 §4.2.1.10, §6.1.3 (b), (c), §6.1.4 (g)).
//!
//! Each authority's constraints are kept as one set, and a name must satisfy every set, which is the intersection the RFC
//! computes. What cannot be compared with certainty fails: malformed names, name forms nothing here compares, and more
//! comparisons than any honest chain needs.

use std::borrow::Cow;

use crate::pki::Oid;
use crate::pki::certificate::Certificate;
use crate::pki::der::{DerError, Reader, Tag};
use crate::pki::name;

/// Comparisons one path may cost.
const MAX_COMPARISONS: usize = 1 << 20;

const COMMON_NAME: Oid = Oid::new(&[2, 5, 4, 3]);
const SMTP_UTF8_MAILBOX: Oid = Oid::new(&[1, 3, 6, 1, 5, 5, 7, 8, 9]);
const EMAIL_ADDRESS: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 9, 1]);

/// A name violates a constraint, or cannot be compared with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Violation;

impl From<DerError> for Violation {
    fn from(_: DerError) -> Self {
        Self
    }
}

/// GeneralName (§4.2.1.6) in the forms that are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Name<'a> {
    Mailbox(Cow<'a, str>),
    Host(Cow<'a, str>),
    /// RDNs in canonical form.
    Directory(Vec<Vec<u8>>),
    Uri(&'a str),
    Address(&'a [u8]),
    /// Another form, by its tag.
    Other(Tag),
}

impl<'a> Name<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, DerError> {
        let element = reader.any()?;
        let text = || std::str::from_utf8(element.content).ok().filter(|text| text.is_ascii()).ok_or(DerError::String);
        Ok(match element.tag.0 {
            0x81 => Self::Mailbox(text()?.into()),
            0x82 => Self::Host(text()?.into()),
            0x86 => Self::Uri(text()?),
            0x87 => Self::Address(element.content),
            0xa4 => Self::Directory(name::canonical_rdns(element.content).ok_or(DerError::String)?),
            0xa0 => Self::read_other(element.reader(), element.tag)?,
            _ => Self::Other(element.tag),
        })
    }

    /// An internationalized mailbox is a mailbox for constraints (RFC 9598 §6); hosts that are not ASCII are not compared.
    fn read_other(mut content: Reader<'a>, tag: Tag) -> Result<Self, DerError> {
        if content.oid()? != SMTP_UTF8_MAILBOX {
            return Ok(Self::Other(tag));
        }
        let mut value = content.nested(Tag::context_constructed(0))?;
        let mailbox = std::str::from_utf8(value.element(Tag::UTF8_STRING)?.content).map_err(|_| DerError::String)?;
        value.finish()?;
        content.finish()?;
        Ok(Self::Mailbox(mailbox.into()))
    }

    fn is_of_form(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Other(a), Self::Other(b)) => a == b,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

/// Permitted and excluded subtrees of one authority.
type Subtrees<'a> = (Vec<Name<'a>>, Vec<Name<'a>>);

/// The constraints in force at one point of a path, and what comparing may still cost.
#[derive(Debug)]
pub(super) struct NameConstraints<'a> {
    sets: Vec<Subtrees<'a>>,
    comparisons_left: usize,
}

impl<'a> NameConstraints<'a> {
    pub(super) fn new() -> Self {
        Self { sets: Vec::new(), comparisons_left: MAX_COMPARISONS }
    }

    /// Takes over the constraints of an authority for what lies below it.
    pub(super) fn add(&mut self, authority: &'a Certificate) -> Result<(), Violation> {
        let Some(raw) = authority.name_constraints_raw() else {
            return Ok(());
        };
        let mut outer = Reader::new(raw);
        let mut fields = outer.sequence()?;
        outer.finish()?;
        let mut subtrees = |number| -> Result<Vec<Name<'a>>, DerError> {
            let mut names = Vec::new();
            if let Some(list) = fields.optional(Tag::context_constructed(number))? {
                let mut list = list.reader();
                while !list.is_empty() {
                    let mut subtree = list.sequence()?;
                    names.push(Name::read(&mut subtree)?);
                    // `minimum` and `maximum` have no meaning in this profile (§4.2.1.10): their presence is refused.
                    subtree.finish()?;
                }
            }
            Ok(names)
        };
        let set = (subtrees(0)?, subtrees(1)?);
        fields.finish()?;
        if set.0.is_empty() && set.1.is_empty() {
            return Err(Violation);
        }
        self.sets.push(set);
        Ok(())
    }

    /// Checks the subject and alternative names of a certificate below.
    pub(super) fn check(&mut self, certificate: &Certificate, is_leaf: bool) -> Result<(), Violation> {
        if self.sets.is_empty() {
            return Ok(());
        }
        for name in names_of(certificate, is_leaf)? {
            for (permitted, excluded) in &self.sets {
                self.comparisons_left =
                    self.comparisons_left.checked_sub(permitted.len() + excluded.len()).ok_or(Violation)?;
                let mut same_form = permitted.iter().filter(|base| base.is_of_form(&name)).peekable();
                let mut is_permitted = same_form.peek().is_none();
                for base in same_form {
                    is_permitted = is_permitted || is_within(&name, base, Direction::Permitted)?;
                }
                for base in excluded.iter().filter(|base| base.is_of_form(&name)) {
                    is_permitted = is_permitted && !is_within(&name, base, Direction::Excluded)?;
                }
                if !is_permitted {
                    return Err(Violation);
                }
            }
        }
        Ok(())
    }
}

/// All names of a certificate that constraints speak about (§6.1.3 (b)).
fn names_of(certificate: &Certificate, is_leaf: bool) -> Result<Vec<Name<'_>>, Violation> {
    let mut names = Vec::new();
    if let Some(raw) = certificate.subject_alternative_name_raw() {
        let mut outer = Reader::new(raw);
        let mut list = outer.sequence()?;
        outer.finish()?;
        while !list.is_empty() {
            names.push(Name::read(&mut list)?);
        }
    }
    let subject = name::canonical_rdns(certificate.subject_raw()).ok_or(Violation)?;
    if !subject.is_empty() {
        names.push(Name::Directory(subject));
    }
    let has_host = names.iter().any(|name| matches!(name, Name::Host(_)));
    for (oid, tag, octets) in certificate.subject_attributes() {
        if oid == EMAIL_ADDRESS {
            names.push(Name::Mailbox(name::text(tag, octets).ok_or(Violation)?));
        }
        // A common name that reads as a host name is one for many programs, so it is held to the constraints on hosts.
        if oid == COMMON_NAME
            && is_leaf
            && !has_host
            && let Some(text) = name::text(tag, octets).filter(|text| text.contains('.') && is_host(text))
        {
            names.push(Name::Host(text));
        }
    }
    Ok(names)
}

/// Whether doubt speaks for or against being within a subtree.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Permitted,
    Excluded,
}

fn is_within(name: &Name<'_>, base: &Name<'_>, direction: Direction) -> Result<bool, Violation> {
    match (name, base) {
        (Name::Directory(name), Name::Directory(base)) => Ok(name.starts_with(base)),
        (Name::Mailbox(name), Name::Mailbox(base)) => mailbox_within(name, base),
        (Name::Host(name), Name::Host(base)) => host_within(name, base, direction),
        (Name::Uri(name), Name::Uri(base)) => uri_within(name, base),
        (Name::Address(name), Name::Address(base)) => address_within(name, base),
        _ => Err(Violation),
    }
}

fn mailbox_within(name: &str, base: &str) -> Result<bool, Violation> {
    let split = |text: &'_ str| -> Option<(String, String)> {
        let (local, host) = text.rsplit_once('@')?;
        (!local.is_empty() && !local.contains('@') && is_host(host))
            .then(|| (local.to_owned(), host.to_ascii_lowercase()))
    };
    let (local, host) = split(name).ok_or(Violation)?;
    if base.contains('@') {
        let (base_local, base_host) = split(base).ok_or(Violation)?;
        return Ok(local == base_local && host == base_host);
    }
    domain_or_host_within(&host, base)
}

fn uri_within(name: &str, base: &str) -> Result<bool, Violation> {
    let (_, after_scheme) = name.split_once("://").ok_or(Violation)?;
    let authority = after_scheme.split(['/', '?', '#']).next().unwrap_or_default();
    let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host_and_port.split_once(':').map_or(host_and_port, |(host, _)| host);
    let looks_like_address = host.starts_with('[')
        || host.rsplit('.').next().is_some_and(|label| label.bytes().all(|byte| byte.is_ascii_digit()));
    if !is_host(host) || looks_like_address {
        return Err(Violation);
    }
    domain_or_host_within(&host.to_ascii_lowercase(), base)
}

/// `.example.com` names every host below, `example.com` the host alone; `host` is in lower case.
fn domain_or_host_within(host: &str, base: &str) -> Result<bool, Violation> {
    let base = base.to_ascii_lowercase();
    match base.strip_prefix('.') {
        Some(domain) if is_host(domain) => Ok(host.ends_with(&base) && host.len() > base.len()),
        None if is_host(&base) => Ok(host == base),
        _ => Err(Violation),
    }
}

/// Every host below the base and the base itself. A wildcard is within what its parent is within, and, where it counts
/// against the name, also touches what one of its hosts could be within.
fn host_within(name: &str, base: &str, direction: Direction) -> Result<bool, Violation> {
    let name = name.to_ascii_lowercase();
    let base = base.to_ascii_lowercase();
    if base.is_empty() {
        return Ok(true);
    }
    if !is_host(&base) {
        return Err(Violation);
    }
    let below =
        |host: &str, base: &str| host == base || host.strip_suffix(base).is_some_and(|rest| rest.ends_with('.'));
    match name.strip_prefix("*.") {
        Some(parent) if is_host(parent) => {
            Ok(below(parent, &base) || direction == Direction::Excluded && below(&base, parent))
        }
        None if is_host(&name) => Ok(below(&name, &base)),
        _ => Err(Violation),
    }
}

fn address_within(name: &[u8], base: &[u8]) -> Result<bool, Violation> {
    if !matches!(name.len(), 4 | 16) || !matches!(base.len(), 8 | 32) {
        return Err(Violation);
    }
    let (network, mask) = base.split_at(base.len() / 2);
    let bits = mask.iter().fold(String::new(), |bits, octet| bits + &format!("{octet:08b}"));
    if bits.contains("01") {
        return Err(Violation);
    }
    if name.len() != network.len() {
        return Ok(false);
    }
    Ok(name.iter().zip(network).zip(mask).all(|((name, network), mask)| name & mask == network & mask))
}

fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    text.len() <= 253 && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_compared_by_labels() {
        let host = |name, base, direction| host_within(name, base, direction);
        assert_eq!(host("a.Example.com", "example.COM", Direction::Permitted), Ok(true));
        assert_eq!(host("notexample.com", "example.com", Direction::Permitted), Ok(false));
        assert_eq!(host("*.example.com", "foo.example.com", Direction::Permitted), Ok(false));
        assert_eq!(host("*.example.com", "foo.example.com", Direction::Excluded), Ok(true));
        assert_eq!(host(".example.com", "example.com", Direction::Permitted), Err(Violation));
    }

    #[test]
    fn mailboxes_addresses_and_locations_follow_their_own_rules() {
        assert_eq!(mailbox_within("a@example.com", "example.com"), Ok(true));
        assert_eq!(mailbox_within("a@sub.example.com", "example.com"), Ok(false));
        assert_eq!(mailbox_within("a@sub.example.com", ".example.com"), Ok(true));
        assert_eq!(mailbox_within("a@b@example.com", "example.com"), Err(Violation));
        assert_eq!(address_within(&[192, 0, 2, 7], &[192, 0, 2, 0, 255, 255, 255, 0]), Ok(true));
        assert_eq!(address_within(&[192, 0, 2, 7], &[192, 0, 2, 0, 255, 0, 255, 0]), Err(Violation));
        assert_eq!(uri_within("http://u@host.example.com:80/x", ".example.com"), Ok(true));
        assert_eq!(uri_within("http://192.0.2.1/", ".example.com"), Err(Violation));
    }
}
