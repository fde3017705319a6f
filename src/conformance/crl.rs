//! Cases of revocation lists: the status of a leaf by one list, or whether a list can be used at all.

use chrono::TimeDelta;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Case, Suites, Verdict};
use crate::pki::path::{self, AnchorCheck, InitialPolicies, PathBudget, PathRequest, PathRules};
use crate::pki::revocation::{self, RevocationRequest, RevocationStatus};
use crate::pki::trust::Purpose;
use crate::pki::{Certificate, CertificateRevocationList, CryptographicConstraints};

/// Every setting of a list's case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "settings without bearing are named, so that unknown ones are refused")]
struct Settings {
    /// How old the list may be.
    crl_max_age_seconds: Option<i64>,
    check: String,

    // Without bearing: it describes the files.
    chain: Option<IgnoredAny>,
}

/// What is asked, by the first word of the setting.
const USABLE: &str = "usable-crl";
const STATUS: [&str; 2] = ["revocation-only", "status"];

pub(super) fn judge(suites: &Suites, case: &Case) -> Verdict {
    let result = case.settings::<Settings>().and_then(|settings| match settings.check.split(':').next() {
        Some(USABLE) => is_usable(suites, case),
        Some(check) if STATUS.contains(&check) => status(suites, case, &settings),
        _ => Err(format!("settings: unknown check {}", settings.check)),
    });
    result.map_or_else(Verdict::Failed, Verdict::of)
}

fn is_usable(suites: &Suites, case: &Case) -> Result<Result<(), String>, String> {
    let read = CertificateRevocationList::from_der(suites.file(case, "crls")?);
    Ok(match read {
        Ok(list) => list.unusable().map_or(Ok(()), |reason| Err(reason.to_string())),
        Err(error) => Err(error.to_string()),
    })
}

fn status(suites: &Suites, case: &Case, settings: &Settings) -> Result<Result<(), String>, String> {
    let leaf = match Certificate::from_der(&suites.file(case, "leaf")?) {
        Ok(leaf) => leaf,
        Err(error) => return Ok(Err(format!("leaf: {error}"))),
    };
    let store = suites.trust(case)?;
    let candidates = suites.certificates(case, "intermediates")?;
    let request = PathRequest {
        leaf: &leaf,
        candidates: &candidates,
        store: &store,
        purpose: Purpose::Applicants,
        time: case.time(),
        algorithms: &CryptographicConstraints::None,
        policies: InitialPolicies::default(),
    };
    // Whether the issuer's certificate is an authority's, or still valid, is not what such a case asks.
    let bare = PathRules {
        anchor_validity: AnchorCheck::Ignored,
        anchor_constraints: AnchorCheck::Ignored,
        ..PathRules::default()
    };
    let mut budget = PathBudget::default();
    let path = match path::build_by(&request, &bare, &mut budget) {
        Ok(path) => path,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let (lists, _) = suites.lists(case)?;
    let request = RevocationRequest {
        path: &path,
        store: &store,
        purpose: Purpose::Applicants,
        lists: &lists,
        candidates: &candidates,
        time: case.time(),
        algorithms: &CryptographicConstraints::None,
    };
    Ok(match revocation::check_one(&request, 0, &mut budget) {
        RevocationStatus::Good { list, .. } => {
            let oldest = settings.crl_max_age_seconds.and_then(TimeDelta::try_seconds);
            match oldest {
                Some(oldest) if case.time() - list.this_update() > oldest => Err("the list is too old".to_owned()),
                _ => Ok(()),
            }
        }
        RevocationStatus::Unknown(reason) => Err(reason.to_string()),
        status => Err(format!("{status:?}")),
    })
}
