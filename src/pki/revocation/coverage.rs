//! Which certificates a list speaks of, and for which reasons (RFC 5280 §6.3.3 (b), (d), (e)).

use crate::pki::certificate::Certificate;
use crate::pki::crl::{CertificateRevocationList, Unusable};
use crate::pki::distribution::{DistributionPoint, PointName, ReasonSet, Scope};

/// The canonical names under which a certificate's revocation may be published: its issuer, and the CRL issuers it names.
pub(super) fn issuer_names(certificate: &Certificate) -> Vec<&[u8]> {
    let mut names = vec![certificate.issuer_canonical()];
    for name in certificate.crl_distribution_points().iter().flat_map(|point| &point.crl_issuer) {
        if let PointName::Directory(name) = name
            && !names.contains(&&**name)
        {
            names.push(name);
        }
    }
    names
}

/// The reasons for which `list` tells the status of `certificate`.
///
/// Errors: [`Unusable::OutOfScope`], [`Unusable::NoCertificates`].
pub(super) fn coverage(list: &CertificateRevocationList, certificate: &Certificate) -> Result<ReasonSet, Unusable> {
    let point = list.issuing_distribution_point();
    match point.scope {
        Scope::All => {}
        Scope::EndEntities if !certificate.is_ca() => {}
        Scope::Authorities if certificate.is_ca() => {}
        Scope::Nothing => return Err(Unusable::NoCertificates),
        Scope::EndEntities | Scope::Authorities => return Err(Unusable::OutOfScope),
    }
    let published = point.only_some_reasons.unwrap_or(ReasonSet::ALL);
    let named = certificate.crl_distribution_points().iter().filter(|named| is_point_of(named, list, certificate));
    let mut reasons = named.fold(ReasonSet::NONE, |reasons, named| {
        reasons.union(published.intersection(named.reasons.unwrap_or(ReasonSet::ALL)))
    });
    if is_implied_point_of(list, certificate) {
        reasons = reasons.union(published);
    }
    if reasons == ReasonSet::NONE { Err(Unusable::OutOfScope) } else { Ok(reasons) }
}

/// Whether the list is published at a point that the certificate names (§6.3.3 (b) (1), (2) (i)).
fn is_point_of(named: &DistributionPoint, list: &CertificateRevocationList, certificate: &Certificate) -> bool {
    let published = list.issuing_distribution_point();
    let issuer = list.issuer_canonical();
    let is_issuer = if named.crl_issuer.is_empty() {
        issuer == certificate.issuer_canonical()
    } else {
        published.is_indirect && named.crl_issuer.iter().any(|name| name.is_directory(issuer))
    };
    let Some(published) = published.name.as_ref().map(|name| name.under(issuer)) else {
        return is_issuer;
    };
    let is_same = match &named.name {
        Some(name) => name.under(issuer).iter().any(|name| published.contains(name)),
        None => named.crl_issuer.iter().any(|name| published.contains(name)),
    };
    is_issuer && is_same
}

/// The point that every certificate has (§6.3.3, last paragraph): named like its issuer, who signs the list itself.
fn is_implied_point_of(list: &CertificateRevocationList, certificate: &Certificate) -> bool {
    let issuer = certificate.issuer_canonical();
    let published = list.issuing_distribution_point().name.as_ref();
    list.issuer_canonical() == issuer
        && published.is_none_or(|name| name.under(issuer).iter().any(|name| name.is_directory(issuer)))
}
