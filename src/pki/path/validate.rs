//! Validation of a complete chain, from the anchor down (RFC 5280 §6.1.3–6.1.5). Signatures and names were checked when the
//! chain was built.

use chrono::{DateTime, Utc};

use super::constraints::NameConstraints;
use super::policy::PolicyState;
use super::{CertificationPath, Defect, Fault, PathRequest};
use crate::pki::algorithm::SignatureAlgorithm;
use crate::pki::certificate::Certificate;

pub(super) fn validate(path: &CertificationPath, request: &PathRequest<'_>) -> Result<(), Fault> {
    let depth = path.certificates.len();
    let anchor = &path.anchor.certificate;
    let fault = |index: usize, certificate: &Certificate, defect: Defect| Fault {
        index,
        sha256: *certificate.sha256(),
        defect,
    };

    let mut state = State::new(request, depth);
    within_validity(anchor, request.time)
        .and_then(|()| state.start_at(anchor))
        .map_err(|defect| fault(depth, anchor, defect))?;
    for (index, certificate) in path.certificates.iter().enumerate().rev() {
        within_validity(certificate, request.time)
            .and_then(|()| reliable(path, index, request))
            .and_then(|()| state.process(certificate, index == 0))
            .and_then(|()| if index == 0 { Ok(()) } else { state.prepare(certificate) })
            .map_err(|defect| fault(index, certificate, defect))?;
    }
    match path.certificates.first() {
        Some(leaf) => {
            leaf.public_key().map_err(|error| fault(0, leaf, error.into()))?;
            state.policies.finish(leaf, &request.policies).map_err(|_| fault(0, leaf, Defect::Policy))
        }
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
    fn start_at(&mut self, anchor: &'a Certificate) -> Result<(), Defect> {
        known_extensions(anchor)?;
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
