//! Cases of CMS messages.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::settings::{Dotted, Revocation, acceptable};
use super::{Case, Suites, Verdict};
use crate::pki::CryptographicConstraints;
use crate::signature::{
    CertificatePolicies, ConstraintStatus, Presence, SIGNATURE_CHECK, SignatureInput, SignerReport, SubjectProfile,
    ValidationPolicy, validate,
};

/// Every setting of a message's case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "settings without bearing are named, so that unknown ones are refused")]
#[expect(clippy::struct_excessive_bools, reason = "they are booleans in the manifest")]
struct Settings {
    scope: Scope,
    #[serde(default)]
    revocation: Revocation,
    initial_policy_set: Option<Vec<Dotted>>,
    #[serde(default)]
    initial_explicit_policy: bool,
    #[serde(default)]
    initial_policy_mapping_inhibit: bool,
    #[serde(default)]
    initial_any_policy_inhibit: bool,
    /// Only the certificates beside the message may be the signers'.
    #[serde(default)]
    pinned_signer: bool,

    // Without bearing: remarks on the case.
    signer_certs: Option<IgnoredAny>,
    legacy: Option<IgnoredAny>,
    legacy_algorithms: Option<IgnoredAny>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Scope {
    /// Digest, signature and the rules of signed attributes, for every signer.
    Integrity,
    /// The path and the revocation too.
    Full,
}

pub(super) fn judge(suites: &Suites, case: &Case) -> Verdict {
    let result = case.settings::<Settings>().and_then(|settings| judge_by(suites, case, settings));
    result.map_or_else(Verdict::Failed, Verdict::of)
}

fn judge_by(suites: &Suites, case: &Case, settings: Settings) -> Result<Result<(), String>, String> {
    let policy = ValidationPolicy {
        // Weak algorithms are the authors' choice: their verdicts are about everything else.
        algorithms: CryptographicConstraints::None,
        key_usage: 0,
        signed_attributes: Presence::Optional,
        subject_profile: SubjectProfile::Any,
        revocation: settings.revocation.into(),
        certificate_policies: CertificatePolicies {
            acceptable: acceptable(settings.initial_policy_set),
            require_explicit_policy: settings.initial_explicit_policy,
            inhibit_policy_mapping: settings.initial_policy_mapping_inhibit,
            inhibit_any_policy: settings.initial_any_policy_inhibit,
        },
        ..ValidationPolicy::national()
    };
    let signature = suites.file(case, "cms")?;
    let content = suites.content(case)?;
    let beside = suites.certificates(case, "certs")?;
    let (lists, _) = suites.lists(case)?;
    let trust = suites.trust(case)?;
    let input = SignatureInput {
        signature: &signature,
        content: content.as_deref(),
        certificates: &beside,
        crls: &lists,
        ocsps: &[],
    };
    let report = match validate(&input, &policy, &trust, case.time()) {
        Ok(validation) => validation.report,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let pinned: Vec<String> = beside.iter().map(|certificate| hex::encode(certificate.sha256())).collect();
    let is_pinned = |signer: &SignerReport| {
        signer.certificate.as_ref().is_some_and(|certificate| pinned.contains(&certificate.sha256))
    };
    Ok(match settings.scope {
        _ if report.signers.is_empty() => Err("nobody signed".to_owned()),
        _ if settings.pinned_signer && !report.signers.iter().all(is_pinned) => {
            Err("a signer is none of those named".to_owned())
        }
        Scope::Full if report.conclusion.is_passed() => Ok(()),
        Scope::Integrity if report.signers.iter().all(is_intact) => Ok(()),
        Scope::Full | Scope::Integrity => {
            let failed = report.signers.iter().flat_map(|signer| &signer.constraints);
            let first = failed.into_iter().find(|constraint| constraint.status == ConstraintStatus::Failed);
            Err(format!("{} {}", report.conclusion, first.map_or("", |constraint| &constraint.detail)))
        }
    })
}

/// Whether a signer's signature verified over the content, whatever became of its certificate.
fn is_intact(signer: &SignerReport) -> bool {
    signer
        .constraints
        .iter()
        .any(|constraint| constraint.id == SIGNATURE_CHECK && constraint.status == ConstraintStatus::Passed)
}
