//! Cases of time-stamp tokens: imprint, request, signer and, where asked, the chain of the authority.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::settings::Dotted;
use super::{Case, Suites, Verdict};
use crate::pki::CryptographicConstraints;
use crate::signature::{ConstraintStatus, RevocationMode, TimeStampInput, ValidationPolicy, validate_time_stamp};

/// Every setting of a token's case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default)]
    scope: Scope,
    time: Option<Time>,
    /// The policy the token must be issued under.
    required_policy: Option<Dotted>,
    /// The subject of the authority that must have signed.
    required_tsa_subject: Option<String>,
    /// A subject that must not be the signer's.
    expect_signer_subject_not: Option<String>,
}

/// What is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
enum Scope {
    /// Imprint, request and signature.
    #[default]
    Integrity,
    /// The chain of the authority too.
    Full,
}

/// At which time the chain is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Time {
    /// The time in the token.
    #[serde(rename = "genTime")]
    Generation,
}

/// Later than every token: one is never "from the future", and its chain is judged at its own time anyway.
const NOW: DateTime<Utc> = DateTime::from_timestamp(4_102_444_800, 0).expect("2100-01-01");

pub(super) fn judge(suites: &Suites, case: &Case) -> Verdict {
    let result = case.settings::<Settings>().and_then(|settings| judge_by(suites, case, settings));
    result.map_or_else(Verdict::Failed, Verdict::of)
}

fn judge_by(suites: &Suites, case: &Case, settings: Settings) -> Result<Result<(), String>, String> {
    let mut tokens = Vec::new();
    for role in ["tsr", "tst", "tst_or_tsr"] {
        tokens.extend(suites.files(case, role)?);
    }
    let [token] = &tokens[..] else { return Err(format!("{} tokens", tokens.len())) };
    let (content, request) = (suites.content(case)?, suites.files(case, "request")?.pop());
    let certificates = suites.certificates(case, "intermediates")?;
    let trust = suites.trust(case)?;
    let policy = ValidationPolicy {
        time_stamp_policies: settings.required_policy.map(|policy| policy.0).into_iter().collect(),
        ..ValidationPolicy::national().with_revocation(RevocationMode::None)
    }
    .with_algorithms(CryptographicConstraints::None);
    let input = TimeStampInput {
        token,
        data: content.as_deref(),
        request: request.as_deref(),
        certificates: &certificates,
        crls: &[],
        ocsps: &[],
    };
    let now = if settings.time == Some(Time::Generation) { NOW } else { case.time() };
    let report = validate_time_stamp(&input, &policy, &trust, now);
    let subject = report.authority.as_ref().map(|authority| authority.subject.as_str());
    if settings.required_tsa_subject.is_some_and(|wanted| subject != Some(wanted.as_str()))
        || settings.expect_signer_subject_not.is_some_and(|unwanted| subject == Some(unwanted.as_str()))
    {
        return Ok(Err("another authority".to_owned()));
    }
    let failed = report.constraints.iter().find(|constraint| {
        constraint.status == ConstraintStatus::Failed
            && (settings.scope == Scope::Full || constraint.id != "chain.path")
    });
    Ok(failed.map_or(Ok(()), |constraint| Err(format!("{}: {}", constraint.id, constraint.detail))))
}
