//! Cases of certification paths, with revocation lists where the case demands them.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::settings::{Dotted, Revocation, acceptable, initial};
use super::{Case, Suites, Verdict};
use crate::pki::path::{self, AnchorCheck, PathBudget, PathRequest, PathRules};
use crate::pki::revocation::{self, RevocationRequest, RevocationStatus, UnknownReason};
use crate::pki::trust::Purpose;
use crate::pki::{Certificate, CryptographicConstraints, Oid};
use crate::signature::CertificatePolicies;

/// Every setting of a path case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "settings without bearing are named, so that unknown ones are refused")]
#[expect(clippy::struct_excessive_bools, reason = "they are booleans in the manifest")]
struct Settings {
    #[serde(default)]
    revocation: Revocation,
    initial_policy_set: Option<Vec<Dotted>>,
    #[serde(default)]
    initial_explicit_policy: bool,
    #[serde(default)]
    initial_policy_mapping_inhibit: bool,
    #[serde(default)]
    initial_any_policy_inhibit: bool,
    #[serde(default)]
    required_eku: Vec<Dotted>,
    max_chain_depth: Option<usize>,
    #[serde(default = "yes")]
    enforce_anchor_expiry: bool,
    #[serde(default = "yes")]
    enforce_anchor_constraints: bool,
    /// Must be "skip": a path has no name to be compared with.
    name_check: Option<NameCheck>,
    /// Must be empty: usages of the end entity are no matter of a path.
    #[serde(default)]
    key_usage: [IgnoredAny; 0],

    // Without bearing: another setting says what they mean here, or there is no such choice.
    partial_chain: Option<IgnoredAny>,
    anchor_mode: Option<IgnoredAny>,
    peer_name: Option<IgnoredAny>,
    profile: Option<IgnoredAny>,
    features: Option<IgnoredAny>,
    importance: Option<IgnoredAny>,
    openssl_purpose: Option<IgnoredAny>,
    openssl_options: Option<IgnoredAny>,
    auth_level: Option<IgnoredAny>,
    attime: Option<IgnoredAny>,
    strict: Option<IgnoredAny>,
    policy_check: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum NameCheck {
    Skip,
}

const fn yes() -> bool {
    true
}

const fn check(enforced: bool) -> AnchorCheck {
    if enforced { AnchorCheck::Enforced } else { AnchorCheck::Ignored }
}

pub(super) fn judge(suites: &Suites, case: &Case) -> Verdict {
    let result = case.settings::<Settings>().and_then(|settings| judge_by(suites, case, settings));
    result.map_or_else(Verdict::Failed, Verdict::of)
}

fn judge_by(suites: &Suites, case: &Case, settings: Settings) -> Result<Result<(), String>, String> {
    let leaf = match Certificate::from_der(&suites.file(case, "leaf")?) {
        Ok(leaf) => leaf,
        Err(error) => return Ok(Err(format!("leaf: {error}"))),
    };
    let candidates = suites.certificates(case, "intermediates")?;
    let store = suites.trust(case)?;
    let policies = CertificatePolicies {
        acceptable: acceptable(settings.initial_policy_set),
        require_explicit_policy: settings.initial_explicit_policy,
        inhibit_policy_mapping: settings.initial_policy_mapping_inhibit,
        inhibit_any_policy: settings.initial_any_policy_inhibit,
    };
    let request = PathRequest {
        leaf: &leaf,
        candidates: &candidates,
        store: &store,
        purpose: Purpose::Applicants,
        time: case.time(),
        algorithms: &CryptographicConstraints::None,
        policies: initial(&policies),
    };
    let usages: Vec<Oid> = settings.required_eku.into_iter().map(|dotted| dotted.0).collect();
    let rules = PathRules {
        anchor_validity: check(settings.enforce_anchor_expiry),
        anchor_constraints: check(settings.enforce_anchor_constraints),
        max_intermediates: settings.max_chain_depth,
        extended_key_usages: &usages,
    };
    let mut budget = PathBudget::default();
    let path = match path::build_by(&request, &rules, &mut budget) {
        Ok(path) => path,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let (lists, unread) = suites.lists(case)?;
    match settings.revocation {
        Revocation::None => return Ok(Ok(())),
        Revocation::RequireIfCrl if lists.is_empty() && unread == 0 => return Ok(Ok(())),
        Revocation::RequireIfCrl if unread > 0 => return Ok(Err("a revocation list cannot be read".to_owned())),
        Revocation::RequireIfCrl | Revocation::RequireAll => {}
    }
    let request = RevocationRequest {
        path: &path,
        store: &store,
        purpose: Purpose::Applicants,
        lists: &lists,
        candidates: &candidates,
        time: case.time(),
        algorithms: &CryptographicConstraints::None,
    };
    for (index, status) in revocation::check(&request, &mut budget).into_iter().enumerate() {
        match status {
            RevocationStatus::Good { .. } => {}
            RevocationStatus::Unknown(UnknownReason::NoList) if settings.revocation == Revocation::RequireIfCrl => {}
            RevocationStatus::Unknown(reason) => return Ok(Err(format!("certificate {index}: {reason}"))),
            status => return Ok(Err(format!("certificate {index}: {status:?}"))),
        }
    }
    Ok(Ok(()))
}
