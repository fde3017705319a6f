//! Cases of OCSP responses: no adapter yet.
//!
//! Roles: `ocsp` the response, `cert`, `issuer`, `intermediates` (candidate responders too), `request`. Settings: `check`,
//! `partial_chain`, `max_age_seconds`, `judge`, `no_cert_checks`, `ignore_response_freshness`, `time` (`producedAt`: judge at
//! the time of the response). Good is valid, revoked is not, unknown or unusable is neither.

use super::{Case, Suites, Verdict};

pub(super) fn judge(_: &Suites, _: &Case) -> Verdict {
    Verdict::NotJudged("OCSP responses have no adapter".to_owned())
}
