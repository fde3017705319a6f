//! Counter-signatures (RFC 5652 §11.4): signatures over the signature value of a signer, among its unsigned attributes.
//!
//! Anybody may add one, so they are judged when everything about the signers is settled, at a cost of their own, and have no say in
//! any verdict: each is listed under its signer with what was found about it alone.

use super::conclusion::FailedReason;
use super::format;
use super::identification::Candidates;
use super::integrity::{ContentDigests, Integrity, VerificationBudget};
use super::judgement::Judgement;
use super::policy::{Presence, ValidationPolicy, level};
use super::report::SignerReport;
use super::signer::{Outcome, Surroundings, blank_report, describe};
use crate::cms::{CmsError, Der, SignedData, SignerInfo};

/// Counter-signatures of one signer that are looked at.
const MAX_COUNTER_SIGNATURES: usize = 8;

/// Judges the counter-signatures of every signer and adds each to the report on its signer. `outcomes` are those of the message's
/// signers, in their order; `surroundings` are none that a signer was judged in.
pub(super) fn judge_all(
    outcomes: &mut [Outcome],
    message: &SignedData<'_>,
    der: &Der<'_>,
    mut surroundings: Surroundings<'_>,
) {
    let mut budget = VerificationBudget::new();
    for (outcome, signer) in outcomes.iter_mut().zip(&message.signers) {
        for counter in signer.counter_signatures(der, MAX_COUNTER_SIGNATURES) {
            let judged = match counter {
                Ok(counter) => judge(&counter, signer.signature, &mut surroundings, &mut budget),
                Err(error) => unread(&error, &mut surroundings),
            };
            outcome.report.counter_signatures.push(judged.report);
            outcome.evidence.extend(judged.evidence);
        }
    }
}

/// Judges one counter-signature over `value`, as of now: that its signer saw the value is all that it says.
fn judge(
    counter: &SignerInfo<'_>,
    value: &[u8],
    surroundings: &mut Surroundings<'_>,
    budget: &mut VerificationBudget,
) -> Outcome {
    let attributes = counter.counter_signature_attributes();
    let candidates = Candidates::find(&counter.identifier, &attributes, surroundings.certificates());
    let mut digests = ContentDigests::new(Some(value));
    let integrity = Integrity::examine(counter, &attributes, candidates.as_slice(), &mut digests, budget);
    let (policy, now) = (surroundings.policy(), surroundings.now());

    let mut judgement = Judgement::new();
    judge_format(counter, &attributes, policy, &mut judgement);
    if judgement.conclusion().is_passed() {
        candidates.judge(&attributes, policy, &mut judgement);
    }
    if judgement.conclusion().is_passed() {
        integrity.judge(policy, now, &mut judgement);
    }
    let algorithm = integrity.algorithm_name().map_or_else(|| describe(&counter.signature_algorithm), str::to_owned);
    let claimed = attributes.as_ref().ok().and_then(Option::as_ref).and_then(|attributes| attributes.signing_time);
    let blank = blank_report(algorithm, describe(&counter.digest_algorithm), claimed);
    surroundings.conclude(judgement, integrity.verified_by(), candidates.as_slice(), blank)
}

/// A counter-signature has no content type: it is over octets.
fn judge_format(
    counter: &SignerInfo<'_>,
    attributes: &format::Attributes<'_>,
    policy: &ValidationPolicy,
    judgement: &mut Judgement,
) {
    const ID: &str = level::SIGNED_ATTRIBUTES;
    match attributes {
        Err(error) => judgement.fails(ID, error.to_string(), FailedReason::FormatFailure),
        Ok(None) if policy.signed_attributes == Presence::Required => {
            judgement.fails(ID, "absent, and required", FailedReason::FormatFailure);
        }
        Ok(None) => judgement.holds(ID, "absent, which the policy accepts"),
        Ok(Some(attributes)) => {
            judgement.holds(ID, "present, DER, each once");
            format::judge_protection(counter, attributes, judgement);
        }
    }
}

fn unread(error: &CmsError, surroundings: &mut Surroundings<'_>) -> Outcome {
    let mut judgement = Judgement::new();
    judgement.fails(level::SIGNED_ATTRIBUTES, error.to_string(), FailedReason::FormatFailure);
    let blank: SignerReport = blank_report(String::new(), String::new(), None);
    surroundings.conclude(judgement, &[], &[], blank)
}
