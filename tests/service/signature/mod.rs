//! Behaviour of the `signature` room: one test per sub-indication and per attack, and the data of others as the opposing side.

mod attacks;
mod counter_signatures;
mod national;
mod outcomes;
mod policies;
mod proofs;
mod responders;
mod robustness;
mod time_stamps;
mod xml;

use chrono::{DateTime, Utc};
use consular_registration::pki::TrustStore;
use consular_registration::signature::{
    Conclusion, FailedReason, IndeterminateReason, SIGNATURE_CHECK, SignatureInput, Validation, ValidationPolicy,
    validate,
};

use crate::support::openssl::{PKI, now};

/// Judges an attached message with the shared PKI, now, by the national policy.
fn judge(signature: &[u8]) -> Validation {
    judge_with(signature, None, &ValidationPolicy::national(), &PKI.trust(), now())
}

fn judge_with(
    signature: &[u8],
    content: Option<&[u8]>,
    policy: &ValidationPolicy,
    trust: &TrustStore,
    time: DateTime<Utc>,
) -> Validation {
    let input = SignatureInput { signature, content, certificates: &[], crls: &[], ocsps: &[] };
    let validation = validate(&input, policy, trust, time).expect("something to judge");
    assert_eq!(
        validation.verified.is_some(),
        validation.report.conclusion.is_passed(),
        "content leaves exactly when all is proved"
    );
    for signer in &validation.report.signers {
        assert!(signer.conclusion.is_passed() || signer.iin.is_none(), "no identity without proof");
    }
    validation
}

fn conclusion(signature: &[u8]) -> Conclusion {
    judge(signature).report.conclusion
}

const FORMAT_FAILURE: Conclusion = Conclusion::TotalFailed(FailedReason::FormatFailure);
const HASH_FAILURE: Conclusion = Conclusion::TotalFailed(FailedReason::HashFailure);
const SIG_CRYPTO_FAILURE: Conclusion = Conclusion::TotalFailed(FailedReason::SigCryptoFailure);

fn indeterminate(reason: IndeterminateReason) -> Conclusion {
    Conclusion::Indeterminate(reason)
}

/// Whether digest and signature of every signer verified, whatever became of their certificates.
fn is_intact(validation: &Validation) -> bool {
    let signers = &validation.report.signers;
    let intact =
        |id: &str| signers.iter().all(|signer| signer.constraints.iter().any(|each| each.id == id && is_passed(each)));
    !signers.is_empty() && intact(SIGNATURE_CHECK)
}

fn is_passed(constraint: &consular_registration::signature::Constraint) -> bool {
    constraint.status == consular_registration::signature::ConstraintStatus::Passed
}
