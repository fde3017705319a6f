//! Signature acceptance (EN 319 102-1 §5.2.8): the strength that the policy demands of a verified signature.

use chrono::{DateTime, Utc};

use super::conclusion::IndeterminateReason;
use super::judgement::Judgement;
use super::policy::{ValidationPolicy, level};
use crate::pki::{AlgorithmError, Certificate};

/// Judges the key of the end entity's certificate.
pub(super) fn judge_key(
    certificate: &Certificate,
    policy: &ValidationPolicy,
    time: DateTime<Utc>,
    judgement: &mut Judgement,
) {
    const ID: &str = level::KEY_SIZE;
    match certificate.public_key() {
        Ok(key) => match policy.algorithms.check_key(key, time) {
            Ok(()) => judgement.holds(ID, key.description()),
            Err(error) => {
                judgement.violates(policy.levels.level(ID), ID, error.to_string(), of_constraint(&error));
            }
        },
        Err(error) => judgement.fails(ID, error.to_string(), IndeterminateReason::CryptoConstraintsFailure),
    }
}

/// What an algorithm that the policy does not accept leads to.
pub(super) fn of_constraint(error: &AlgorithmError) -> IndeterminateReason {
    match error {
        AlgorithmError::Outdated { .. } => IndeterminateReason::CryptoConstraintsFailureNoPoe,
        _ => IndeterminateReason::CryptoConstraintsFailure,
    }
}
