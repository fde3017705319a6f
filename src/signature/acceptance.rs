//! Signature acceptance (EN 319 102-1 §5.2.8): the strength that the policy demands of a verified signature.

use super::conclusion::IndeterminateReason;
use super::judgement::Judgement;
use super::policy::ValidationPolicy;
use crate::pki::Certificate;

/// Judges the key of the end entity's certificate.
pub(super) fn judge_key(certificate: &Certificate, policy: &ValidationPolicy, judgement: &mut Judgement) {
    const ID: &str = "acceptance.key-size";
    match certificate.public_key() {
        Ok(key) if key.rsa_bits().is_none_or(|bits| bits >= policy.minimum_rsa_bits) => {
            judgement.holds(ID, key.description());
        }
        Ok(key) => judgement.fails(
            ID,
            format!("{} is too small", key.description()),
            IndeterminateReason::CryptoConstraintsFailure,
        ),
        Err(error) => judgement.fails(ID, error.to_string(), IndeterminateReason::CryptoConstraintsFailure),
    }
}
