//! Cases of time stamps: a response or a token, the content or the request that it answers, and who must have made it.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::settings::Dotted;
use super::{Case, Suites, Verdict};
use crate::pki::CryptographicConstraints;
use crate::signature::{
    ConstraintStatus, PATH_CHECK, RevocationMode, TimeStampInput, ValidationPolicy, validate_time_stamp,
};

/// Every setting of a time stamp's case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "settings without bearing are named, so that unknown ones are refused")]
struct Settings {
    scope: Scope,
    /// Under which policy the token must have been issued.
    required_policy: Option<Dotted>,
    /// Whose it must be.
    required_tsa_subject: Option<String>,
    /// Whose it must not be.
    expect_signer_subject_not: Option<String>,

    // Without bearing: the path of a time stamp is judged at its own time in any case.
    time: Option<Time>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Scope {
    /// The token and its signature.
    Integrity,
    /// The path too.
    Full,
}

#[derive(Debug, Clone, Copy, Deserialize)]
enum Time {
    #[serde(rename = "genTime")]
    Generated,
}

/// When cases that name no time are judged: later than any of them was made.
const LATER: DateTime<Utc> = DateTime::from_timestamp(4_102_444_800, 0).expect("2100-01-01");

pub(super) fn judge(suites: &Suites, case: &Case) -> Verdict {
    let result = case.settings::<Settings>().and_then(|settings| judge_by(suites, case, &settings));
    result.map_or_else(Verdict::Failed, Verdict::of)
}

fn judge_by(suites: &Suites, case: &Case, settings: &Settings) -> Result<Result<(), String>, String> {
    let mut tokens = Vec::new();
    for role in ["tsr", "tst", "tst_or_tsr"] {
        tokens.extend(suites.files(case, role)?);
    }
    let [token] = tokens.as_slice() else { return Err(format!("{} time stamps", tokens.len())) };
    let content = suites.content(case)?;
    let request = suites.files(case, "request")?.pop();
    let beside = suites.certificates(case, "intermediates")?;
    let trust = suites.trust(case)?;
    let policy = ValidationPolicy {
        // Weak algorithms are the authors' choice: their verdicts are about everything else.
        algorithms: CryptographicConstraints::None,
        revocation: RevocationMode::None,
        time_stamp_policies: settings.required_policy.iter().map(|policy| policy.0).collect(),
        ..ValidationPolicy::national()
    };
    let input = TimeStampInput {
        token,
        data: content.as_deref(),
        request: request.as_deref(),
        certificates: &beside,
        crls: &[],
        ocsps: &[],
    };
    let report = validate_time_stamp(&input, &policy, &trust, case.stated_time().unwrap_or(LATER));
    let is_by = |subject: &String| report.authority.as_ref().is_some_and(|authority| authority.subject == *subject);
    if settings.required_tsa_subject.as_ref().is_some_and(|subject| !is_by(subject))
        || settings.expect_signer_subject_not.as_ref().is_some_and(is_by)
    {
        return Ok(Err("another authority made it".to_owned()));
    }
    let failed = report.constraints.iter().find(|constraint| {
        constraint.status == ConstraintStatus::Failed && (settings.scope == Scope::Full || constraint.id != PATH_CHECK)
    });
    Ok(failed.map_or(Ok(()), |constraint| Err(format!("{}: {}", constraint.id, constraint.detail))))
}
