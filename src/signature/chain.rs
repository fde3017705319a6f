//! X.509 certificate validation (EN 319 102-1 §5.2.6): a path to an anchor, and what the policy asks of its certificates.

use super::acceptance::of_constraint;
use super::conclusion::{Conclusion, IndeterminateReason};
use super::judgement::Judgement;
use super::policy::{SubjectProfile, ValidationPolicy, level};
use crate::pki::path::{CertificationPath, Defect, Fault, PathError};
use crate::pki::subject::Identity;
use crate::pki::{AlgorithmError, Certificate};

const PATH: &str = super::PATH_CHECK;

/// The path that was found, whether or not it holds.
pub(super) fn path_of(result: &Result<CertificationPath, PathError>) -> Option<&CertificationPath> {
    match result {
        Ok(path) => Some(path),
        Err(PathError::Invalid { path, .. }) => Some(path),
        Err(PathError::NotFound { .. } | PathError::BudgetExhausted) => None,
    }
}

/// Judges the path itself (RFC 5280 §6).
pub(super) fn judge_path(result: &Result<CertificationPath, PathError>, judgement: &mut Judgement) {
    match result {
        Ok(path) => judgement.holds(PATH, format!("{} certificates below the anchor", path.certificates().len())),
        Err(error) => judgement.fails(PATH, error.to_string(), of_path(error)),
    }
}

fn of_path(error: &PathError) -> Conclusion {
    let reason = match error {
        PathError::NotFound { closest: Some(Fault { defect: Defect::Algorithm(error), .. }) }
            if is_constraint(error) =>
        {
            of_constraint(error)
        }
        PathError::NotFound { .. } => IndeterminateReason::NoCertificateChainFound,
        PathError::BudgetExhausted => IndeterminateReason::CertificateChainGeneralFailure,
        PathError::Invalid { fault, .. } => match &fault.defect {
            Defect::NotYetValid(_) | Defect::Expired(_) => IndeterminateReason::OutOfBoundsNoPoe,
            Defect::Algorithm(error) if is_constraint(error) => of_constraint(error),
            Defect::AnchorNotTrusted | Defect::Distrusted | Defect::NotPermitted => {
                IndeterminateReason::NoCertificateChainFound
            }
            _ => IndeterminateReason::ChainConstraintsFailure,
        },
    };
    reason.into()
}

fn is_constraint(error: &AlgorithmError) -> bool {
    matches!(
        error,
        AlgorithmError::Unsupported { .. } | AlgorithmError::TooWeak { .. } | AlgorithmError::Outdated { .. }
    )
}

/// Judges whether the end entity's certificate is meant for signing, by the policy (RFC 5280 §4.2.1.3, §4.2.1.12).
pub(super) fn judge_usage(certificate: &Certificate, policy: &ValidationPolicy, judgement: &mut Judgement) {
    const KEY_USAGE: &str = level::KEY_USAGE;
    const EXTENDED: &str = level::EXTENDED_KEY_USAGE;
    let reason = IndeterminateReason::ChainConstraintsFailure;
    match certificate.key_usage() {
        _ if policy.key_usage == 0 => judgement.skips(KEY_USAGE, "not demanded by the policy"),
        Some(usage) if usage.contains(policy.key_usage) => judgement.holds(KEY_USAGE, "the key is meant for signing"),
        Some(_) => judgement.violates(
            policy.levels.level(KEY_USAGE),
            KEY_USAGE,
            "the key is not meant for signing: keyUsage lacks what the policy demands",
            reason,
        ),
        None => judgement.violates(
            policy.levels.level(KEY_USAGE),
            KEY_USAGE,
            "the certificate does not say what its key is meant for",
            reason,
        ),
    }
    let has = |demanded| certificate.extended_key_usage().is_some_and(|usage| usage.contains(demanded));
    if policy.extended_key_usages.is_empty() {
        judgement.skips(EXTENDED, "not demanded by the policy");
    } else if policy.extended_key_usages.iter().any(has) {
        judgement.holds(EXTENDED, "has a demanded role");
    } else {
        judgement.violates(policy.levels.level(EXTENDED), EXTENDED, "has none of the demanded roles", reason);
    }
}

/// Judges and returns whom the certificate names; `None` when the policy does not interpret names.
pub(super) fn judge_subject(
    certificate: &Certificate,
    policy: &ValidationPolicy,
    judgement: &mut Judgement,
) -> Option<Identity> {
    const ID: &str = level::SUBJECT;
    if policy.subject_profile == SubjectProfile::Any {
        judgement.skips(ID, "not interpreted by the policy");
        return None;
    }
    match Identity::of(certificate) {
        Ok(identity) => {
            judgement.holds(ID, "follows the national profile");
            Some(identity)
        }
        Err(error) => {
            let level = policy.levels.level(ID);
            judgement.violates(level, ID, error.to_string(), IndeterminateReason::ChainConstraintsFailure);
            None
        }
    }
}
