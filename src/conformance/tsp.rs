//! Cases of time-stamp tokens: no adapter yet.
//!
//! Roles: `tsr` a response, `tst` a token, `tst_or_tsr` either, `request`, `intermediates`; the content is what was stamped.
//! Settings: `scope` (`integrity` | `full`), `time` (`genTime`: judge at the time in the token), `required_policy`,
//! `required_tsa_subject`, `expect_signer_subject_not`.

use super::{Case, Suites, Verdict};

pub(super) fn judge(_: &Suites, _: &Case) -> Verdict {
    Verdict::NotJudged("time-stamp tokens have no adapter".to_owned())
}
