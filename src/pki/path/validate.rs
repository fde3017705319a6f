//! Validation of a complete chain, from the anchor down (RFC 5280 §6.1.3–6.1.5). Signatures and names were checked when the
//! chain was built.

use chrono::{DateTime, Utc};

use super::constraints::NameConstraints;
use super::policy::PolicyState;
use super::{AnchorCheck, CertificationPath, Defect, Fault, PathRequest, PathRules};
use crate::pki::algorithm::{AlgorithmError, SignatureAlgorithm};
use crate::pki::certificate::{Certificate, ExtendedKeyUsage};

pub(super) fn validate(
    path: &CertificationPath,
    request: &PathRequest<'_>,
    rules: &PathRules<'_>,
) -> Result<(), Fault> {
    let depth = path.certificates.len();
    let anchor = &path.anchor.certificate;
    let mut state = State::new(request, depth);
    anchor_within_validity(anchor, request, rules)
        .and_then(|()| if depth == 0 { end_at_anchor(anchor, request, rules) } else { state.start_at(anchor, rules) })
        .map_err(|defect| Fault::new(depth, anchor, defect))?;
    for (index, certificate) in path.certificates.iter().enumerate().rev() {
        within_validity(certificate, request.time)
            .and_then(|()| allows(certificate, rules))
            .and_then(|()| reliable(path, index, request))
            .and_then(|()| state.process(certificate, index == 0))
            .and_then(|()| if index == 0 { Ok(()) } else { state.prepare(certificate) })
            .map_err(|defect| Fault::new(index, certificate, defect))?;
    }
    match path.certificates.first() {
        Some(leaf) => {
            is_key(leaf).map_err(|defect| Fault::new(0, leaf, defect))?;
            state.policies.finish(leaf, &request.policies).map_err(|_| Fault::new(0, leaf, Defect::Policy))
        }
        None => Ok(()),
    }
}

fn anchor_within_validity(
    anchor: &Certificate,
    request: &PathRequest<'_>,
    rules: &PathRules<'_>,
) -> Result<(), Defect> {
    match rules.anchor_validity {
        AnchorCheck::Enforced => within_validity(anchor, request.time),
        AnchorCheck::Ignored => Ok(()),
    }
}

/// An end entity that is an anchor: nothing above it can constrain it, and a policy that is demanded cannot be asserted for it
/// (§6.1 has no certificate to process); what it says itself holds.
fn end_at_anchor(anchor: &Certificate, request: &PathRequest<'_>, rules: &PathRules<'_>) -> Result<(), Defect> {
    if request.policies.require_explicit_policy {
        return Err(Defect::Policy);
    }
    known_extensions(anchor)?;
    allows(anchor, rules)?;
    is_key(anchor)
}

/// Whether the purposes of a certificate include those that are demanded; one that names none allows all (§4.2.1.12).
fn allows(certificate: &Certificate, rules: &PathRules<'_>) -> Result<(), Defect> {
    let Some(named) = certificate.extended_key_usage().filter(|named| !named.contains(&ExtendedKeyUsage::ANY)) else {
        return Ok(());
    };
    match rules.extended_key_usages.iter().find(|demanded| !named.contains(demanded)) {
        Some(missing) => Err(Defect::ExtendedKeyUsage(*missing)),
        None => Ok(()),
    }
}

/// The state variables of §6.1.2.
struct State<'a> {
    /// Not self-issued authorities that may still follow.
    authorities_left: usize,
    names: NameConstraints<'a>,
    policies: PolicyState,
}

impl<'a> State<'a> {
    fn new(request: &PathRequest<'_>, depth: usize) -> Self {
        Self {
            authorities_left: usize::MAX,
            names: NameConstraints::new(),
            policies: PolicyState::new(&request.policies, depth),
        }
    }

    /// An anchor may be a certificate of version 1, which has no `basicConstraints`; what it does say, it is held to.
    fn start_at(&mut self, anchor: &'a Certificate, rules: &PathRules<'_>) -> Result<(), Defect> {
        if rules.anchor_constraints == AnchorCheck::Ignored {
            return Ok(());
        }
        known_extensions(anchor)?;
        allows(anchor, rules)?;
        if !anchor.is_ca() && anchor.has_extensions() {
            return Err(Defect::NotAuthority);
        }
        may_sign_certificates(anchor)?;
        self.lower(anchor);
        self.policies.constrain_by_anchor(anchor);
        self.names.add(anchor).map_err(|_| Defect::NameConstraints)
    }

    /// §6.1.3, and (f) of §6.1.5.
    fn process(&mut self, certificate: &'a Certificate, is_leaf: bool) -> Result<(), Defect> {
        known_extensions(certificate)?;
        if is_leaf || !certificate.is_self_issued() {
            self.names.check(certificate, is_leaf).map_err(|_| Defect::NameConstraints)?;
        }
        self.policies.process(certificate, is_leaf).map_err(|_| Defect::Policy)
    }

    /// §6.1.4.
    fn prepare(&mut self, authority: &'a Certificate) -> Result<(), Defect> {
        if !authority.is_ca() {
            return Err(Defect::NotAuthority);
        }
        may_sign_certificates(authority)?;
        if !authority.is_self_issued() {
            self.authorities_left = self.authorities_left.checked_sub(1).ok_or(Defect::PathLength)?;
        }
        self.lower(authority);
        self.names.add(authority).map_err(|_| Defect::NameConstraints)?;
        self.policies.prepare(authority).map_err(|_| Defect::Policy)
    }

    fn lower(&mut self, authority: &Certificate) {
        if let Some(limit) = authority.basic_constraints().and_then(|constraints| constraints.path_length) {
            self.authorities_left = self.authorities_left.min(limit as usize);
        }
    }
}

fn within_validity(certificate: &Certificate, time: DateTime<Utc>) -> Result<(), Defect> {
    if time < certificate.not_before() {
        return Err(Defect::NotYetValid(certificate.not_before()));
    }
    // notAfter is inclusive and in whole seconds: the second itself still counts.
    if time.timestamp() > certificate.not_after().timestamp() {
        return Err(Defect::Expired(certificate.not_after()));
    }
    Ok(())
}

/// Whether the end entity's key is one of its kind. It is handed on, whatever it is for (§6.1.6): that nothing can be verified with it
/// here is seen when something is.
fn is_key(leaf: &Certificate) -> Result<(), Defect> {
    match leaf.public_key() {
        Ok(_) | Err(AlgorithmError::Unsupported { .. } | AlgorithmError::TooWeak { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Whether the issuer's signature on the certificate at `index` still proves something.
fn reliable(path: &CertificationPath, index: usize, request: &PathRequest<'_>) -> Result<(), Defect> {
    let Some((certificate, issuer)) = path.certificates.get(index).zip(path.issuer(index)) else {
        return Ok(());
    };
    let algorithm = SignatureAlgorithm::resolve(certificate.signature_algorithm())?;
    Ok(request.algorithms.check(algorithm, issuer.public_key()?, request.time)?)
}

fn known_extensions(certificate: &Certificate) -> Result<(), Defect> {
    certificate.unknown_critical_extensions().first().map_or(Ok(()), |oid| Err(Defect::CriticalExtension(*oid)))
}

fn may_sign_certificates(certificate: &Certificate) -> Result<(), Defect> {
    match certificate.key_usage() {
        Some(usage) if !usage.key_cert_sign() => Err(Defect::KeyUsage),
        _ => Ok(()),
    }
}
