//! Cases of certification paths whose revocation information must have an age: not too old for the time of validation, or late
//! enough after a signature for a revocation to have become known (the grace period of ETSI EN 319 102-1 §5.2.5).

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::settings::Revocation;
use super::{Case, Suites, Verdict};
use crate::pki::CryptographicConstraints;
use crate::pki::ocsp::Freshness;
use crate::signature::{
    ConstraintStatus, PathEntry, SubjectProfile, ValidationPolicy, ValidationReport, validate_certificate,
};

/// Every setting of such a case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    revocation: Revocation,
    freshness: Rule,
    freshness_seconds: i64,
    best_signature_time: Option<DateTime<Utc>>,
}

/// What the age is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Rule {
    /// Issued at most so long before the time of validation.
    MaxDiff,
    /// Issued at least so long after the best signature time.
    TimeAfterSignature,
}

pub(super) fn judge(suites: &Suites, case: &Case) -> Verdict {
    let result = case.settings::<Settings>().and_then(|settings| judge_by(suites, case, &settings));
    result.map_or_else(Verdict::Failed, Verdict::of)
}

fn judge_by(suites: &Suites, case: &Case, settings: &Settings) -> Result<Result<(), String>, String> {
    let span = TimeDelta::try_seconds(settings.freshness_seconds).ok_or("settings: freshness_seconds")?;
    let (earliest, maximal_age) = match (settings.freshness, settings.best_signature_time) {
        (Rule::MaxDiff, _) => (case.time() - span, Some(span)),
        (Rule::TimeAfterSignature, Some(signed)) => (signed + span, None),
        (Rule::TimeAfterSignature, None) => return Err("settings: no best_signature_time".to_owned()),
    };
    let policy = ValidationPolicy {
        // Weak algorithms are the authors' choice: their verdicts are about everything else.
        algorithms: CryptographicConstraints::None,
        key_usage: 0,
        subject_profile: SubjectProfile::Any,
        revocation: settings.revocation.into(),
        ocsp_freshness: Freshness { maximal_age, ..Freshness::default() },
        ..ValidationPolicy::national()
    };
    let leaf = suites.file(case, "leaf")?;
    let beside = suites.certificates(case, "intermediates")?;
    let (lists, _) = suites.lists(case)?;
    let responses = suites.responses(case)?;
    let trust = suites.trust(case)?;
    Ok(match validate_certificate(&leaf, &beside, &lists, &responses, &policy, &trust, case.time()) {
        Ok(validation) => is_fresh(&validation.report, earliest),
        Err(error) => Err(error.to_string()),
    })
}

/// Whether the path holds, by revocation information none of which was issued before `earliest`.
fn is_fresh(report: &ValidationReport, earliest: DateTime<Utc>) -> Result<(), String> {
    if !report.conclusion.is_passed() {
        let failed = report.signers.iter().flat_map(|signer| &signer.constraints);
        let first = failed.into_iter().find(|constraint| constraint.status == ConstraintStatus::Failed);
        return Err(format!("{} {}", report.conclusion, first.map_or("", |constraint| &constraint.detail)));
    }
    let path = report.signers.iter().flat_map(|signer| &signer.path);
    let is_older = |entry: &&PathEntry| entry.revocation.this_update.is_some_and(|issued| issued < earliest);
    match path.filter(is_older).count() {
        0 => Ok(()),
        count => Err(format!("the revocation information of {count} certificates is older than of {earliest}")),
    }
}
