//! Extensions of a certificate (RFC 5280 §4.2), as x509-parser reads them.

use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::X509Certificate;

use super::CertificateError;
use super::frame::Span;
use crate::pki::Oid;
use crate::pki::der;
use crate::pki::distribution::DistributionPoint;

/// More extensions than this are an attack on the quadratic search for duplicates.
const MAX_EXTENSIONS: usize = 64;

/// `basicConstraints` (§4.2.1.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BasicConstraints {
    /// Whether the subject may sign certificates.
    pub ca: bool,
    /// How many intermediate, not self-issued certificates may follow; `None` sets no limit.
    pub path_length: Option<u32>,
}

/// `keyUsage` (§4.2.1.3), a set of bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUsage(u16);

#[expect(missing_docs, reason = "the names are those of the standard")]
impl KeyUsage {
    pub const DIGITAL_SIGNATURE: u16 = 1;
    pub const NON_REPUDIATION: u16 = 1 << 1;
    pub const KEY_ENCIPHERMENT: u16 = 1 << 2;
    pub const DATA_ENCIPHERMENT: u16 = 1 << 3;
    pub const KEY_AGREEMENT: u16 = 1 << 4;
    pub const KEY_CERT_SIGN: u16 = 1 << 5;
    pub const CRL_SIGN: u16 = 1 << 6;

    /// Whether all of `bits` are set.
    pub fn contains(self, bits: u16) -> bool {
        self.0 & bits == bits
    }

    pub fn digital_signature(self) -> bool {
        self.contains(Self::DIGITAL_SIGNATURE)
    }

    pub fn non_repudiation(self) -> bool {
        self.contains(Self::NON_REPUDIATION)
    }

    pub fn key_cert_sign(self) -> bool {
        self.contains(Self::KEY_CERT_SIGN)
    }

    pub fn crl_sign(self) -> bool {
        self.contains(Self::CRL_SIGN)
    }
}

/// `extKeyUsage` (§4.2.1.12).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtendedKeyUsage {
    /// The purposes named.
    pub purposes: Vec<Oid>,
    /// Whether the extension is critical, as in the national "right of signature" certificates.
    pub critical: bool,
}

impl ExtendedKeyUsage {
    /// `anyExtendedKeyUsage`.
    pub const ANY: Oid = Oid::new(&[2, 5, 29, 37, 0]);

    /// Whether `purpose` is named. `anyExtendedKeyUsage` is not taken for it.
    pub fn contains(&self, purpose: &Oid) -> bool {
        self.purposes.contains(purpose)
    }
}

/// `policyConstraints` (§4.2.1.11): certificates after which each takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyConstraints {
    /// `requireExplicitPolicy`.
    pub require_explicit_policy: Option<u32>,
    /// `inhibitPolicyMapping`.
    pub inhibit_policy_mapping: Option<u32>,
}

#[derive(Debug, Default)]
pub(super) struct Extensions {
    pub subject_key_identifier: Option<Span>,
    pub authority_key_identifier: Option<Span>,
    pub basic_constraints: Option<BasicConstraints>,
    pub key_usage: Option<KeyUsage>,
    pub extended_key_usage: Option<ExtendedKeyUsage>,
    pub policies: Option<Vec<Oid>>,
    pub policy_mappings: Vec<(Oid, Oid)>,
    pub policy_constraints: Option<PolicyConstraints>,
    pub inhibit_any_policy: Option<u32>,
    pub name_constraints: Option<Span>,
    pub subject_alternative_name: Option<Span>,
    pub crl_distribution_points: Vec<DistributionPoint>,
    pub unknown_critical: Vec<Oid>,
    pub present: bool,
}

impl Extensions {
    pub(super) fn read(der: &[u8], certificate: &X509Certificate<'_>) -> Result<Self, CertificateError> {
        let all = certificate.extensions();
        if all.len() > MAX_EXTENSIONS {
            return Err(CertificateError::Uninterpretable("too many extensions"));
        }
        let mut seen: Vec<Oid> = Vec::with_capacity(all.len());
        let mut read = Self { present: !all.is_empty(), ..Self::default() };
        for extension in all {
            let oid = Oid::from_content(extension.oid.as_bytes())?;
            if seen.contains(&oid) {
                return Err(CertificateError::DuplicateExtension(oid));
            }
            seen.push(oid);
            read.take(der, oid, extension.critical, extension.value, extension.parsed_extension())?;
        }
        Ok(read)
    }

    fn take(
        &mut self,
        der: &[u8],
        oid: Oid,
        critical: bool,
        value: &[u8],
        parsed: &ParsedExtension<'_>,
    ) -> Result<(), CertificateError> {
        let malformed = || CertificateError::Extension(oid);
        let exact = || der::single(value).map(|_| ()).map_err(|_| malformed());
        let oids = |list: Vec<&x509_parser::asn1_rs::Oid<'_>>| -> Result<Vec<Oid>, CertificateError> {
            list.into_iter().map(|oid| Oid::from_content(oid.as_bytes()).map_err(|_| malformed())).collect()
        };
        match parsed {
            ParsedExtension::SubjectKeyIdentifier(identifier) => {
                exact()?;
                self.subject_key_identifier = Some(Span::of(der, identifier.0)?);
            }
            ParsedExtension::AuthorityKeyIdentifier(authority) => {
                exact()?;
                self.authority_key_identifier =
                    authority.key_identifier.as_ref().map(|id| Span::of(der, id.0)).transpose()?;
            }
            ParsedExtension::BasicConstraints(constraints) => {
                exact()?;
                self.basic_constraints =
                    Some(BasicConstraints { ca: constraints.ca, path_length: constraints.path_len_constraint });
            }
            ParsedExtension::KeyUsage(usage) => {
                exact()?;
                self.key_usage = Some(KeyUsage(usage.flags));
            }
            ParsedExtension::ExtendedKeyUsage(_) => {
                // x509-parser sorts the well-known purposes into flags; the list itself is wanted, in its order.
                let purposes = purposes(value).map_err(|_| malformed())?;
                self.extended_key_usage = Some(ExtendedKeyUsage { purposes, critical });
            }
            ParsedExtension::CertificatePolicies(policies) => {
                exact()?;
                let policies = oids(policies.iter().map(|policy| &policy.policy_id).collect())?;
                let mut unique = policies.clone();
                unique.sort_unstable();
                unique.dedup();
                if unique.len() != policies.len() {
                    return Err(malformed());
                }
                self.policies = Some(policies);
            }
            ParsedExtension::PolicyMappings(mappings) => {
                exact()?;
                for mapping in &mappings.mappings {
                    let pair = oids(vec![&mapping.issuer_domain_policy, &mapping.subject_domain_policy])?;
                    self.policy_mappings.extend(pair.first().copied().zip(pair.last().copied()));
                }
            }
            ParsedExtension::PolicyConstraints(constraints) => {
                exact()?;
                self.policy_constraints = Some(PolicyConstraints {
                    require_explicit_policy: constraints.require_explicit_policy,
                    inhibit_policy_mapping: constraints.inhibit_policy_mapping,
                });
            }
            ParsedExtension::InhibitAnyPolicy(inhibit) => {
                exact()?;
                self.inhibit_any_policy = Some(inhibit.skip_certs);
            }
            ParsedExtension::NameConstraints(_) => {
                exact()?;
                self.name_constraints = Some(Span::of(der, value)?);
            }
            ParsedExtension::SubjectAlternativeName(_) => {
                exact()?;
                self.subject_alternative_name = Some(Span::of(der, value)?);
            }
            _ if oid == CRL_DISTRIBUTION_POINTS => match DistributionPoint::read_all(value) {
                Ok(points) => self.crl_distribution_points = points,
                // What cannot be read names no list; the lists of the issuer itself still count (§6.3.3).
                Err(_) if critical => return Err(malformed()),
                Err(_) => {}
            },
            ParsedExtension::ParseError { .. } if critical || RELIED_UPON.contains(&oid) => return Err(malformed()),
            _ if critical && oid != OCSP_NO_CHECK => self.unknown_critical.push(oid),
            _ => {}
        }
        Ok(())
    }
}

const CRL_DISTRIBUTION_POINTS: Oid = Oid::new(&[2, 5, 29, 31]);

/// `id-pkix-ocsp-nocheck` (RFC 6960 §4.2.2.2.1): it asks for nothing, so its being critical refuses nothing.
const OCSP_NO_CHECK: Oid = Oid::new(&[1, 3, 6, 1, 5, 5, 7, 48, 1, 5]);

/// Extensions whose malformed content refuses the certificate even when they are not critical.
const RELIED_UPON: [Oid; 11] = [
    Oid::new(&[2, 5, 29, 14]),
    Oid::new(&[2, 5, 29, 15]),
    Oid::new(&[2, 5, 29, 17]),
    Oid::new(&[2, 5, 29, 19]),
    Oid::new(&[2, 5, 29, 30]),
    Oid::new(&[2, 5, 29, 32]),
    Oid::new(&[2, 5, 29, 33]),
    Oid::new(&[2, 5, 29, 35]),
    Oid::new(&[2, 5, 29, 36]),
    Oid::new(&[2, 5, 29, 37]),
    Oid::new(&[2, 5, 29, 54]),
];

fn purposes(value: &[u8]) -> Result<Vec<Oid>, der::DerError> {
    let mut outer = der::Reader::new(value);
    let mut list = outer.sequence()?;
    outer.finish()?;
    let mut purposes = Vec::new();
    while !list.is_empty() {
        purposes.push(list.oid()?);
    }
    Ok(purposes)
}
