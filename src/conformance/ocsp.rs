//! Cases of OCSP responses: what a response says of a certificate, or only whether an authorised responder signed it. Good is
//! valid; revoked, unknown and unusable are not.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Case, Suites, Verdict};
use crate::pki::ocsp::{Freshness, Question, Standing};
use crate::pki::{Certificate, CryptographicConstraints, OcspResponse};

/// Every setting of a response's case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "settings without bearing are named, so that unknown ones are refused")]
struct Settings {
    /// How old the status may be.
    max_age_seconds: Option<i64>,
    /// Authorisation and signature are the question: the response is judged at its own time.
    #[serde(default)]
    ignore_response_freshness: bool,
    time: Option<Time>,

    // Without bearing: what is asked follows from the files, an issuer is an anchor whoever issued it, and no certificate
    // goes unchecked.
    check: Option<IgnoredAny>,
    judge: Option<IgnoredAny>,
    partial_chain: Option<IgnoredAny>,
    no_cert_checks: Option<IgnoredAny>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
enum Time {
    #[serde(rename = "producedAt")]
    ProducedAt,
}

/// Weak algorithms are the authors' choice: their verdicts are about everything else.
const ALGORITHMS: &CryptographicConstraints = &CryptographicConstraints::None;

pub(super) fn judge(suites: &Suites, case: &Case) -> Verdict {
    let result = case.settings::<Settings>().and_then(|settings| judge_by(suites, case, &settings));
    result.map_or_else(Verdict::Failed, Verdict::of)
}

fn judge_by(suites: &Suites, case: &Case, settings: &Settings) -> Result<Result<(), String>, String> {
    let response = match OcspResponse::from_der(&suites.file(case, "ocsp")?) {
        Ok(response) => response,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let time = match settings.time {
        Some(Time::ProducedAt) => response.produced_at(),
        None if settings.ignore_response_freshness => response.produced_at(),
        None => case.time(),
    };
    let mut at_hand = suites.certificates(case, "issuer")?;
    at_hand.extend(suites.certificates(case, "intermediates")?);
    let freshness =
        Freshness { maximal_age: settings.max_age_seconds.and_then(TimeDelta::try_seconds), ..Freshness::default() };
    Ok(match suites.certificates(case, "cert")?.pop() {
        Some(certificate) => status(&response, &certificate, &at_hand, time, freshness),
        None => is_authorised(&response, &at_hand, time),
    })
}

/// The status by the first of the issuers by whose name the certificate was issued.
fn status(
    response: &OcspResponse,
    certificate: &Certificate,
    at_hand: &[Certificate],
    time: DateTime<Utc>,
    freshness: Freshness,
) -> Result<(), String> {
    let mut reason = "the issuer is not at hand".to_owned();
    for issuer in at_hand.iter().filter(|issuer| certificate.is_named_issuer(issuer)) {
        let question = Question {
            certificate,
            issuer,
            candidates: at_hand,
            time,
            now: time,
            nonce: None,
            algorithms: ALGORITHMS,
            freshness,
        };
        match response.status_of(&question).map(|answer| answer.standing) {
            Ok(Standing::Good { revoked_later: None }) => return Ok(()),
            Ok(standing) => return Err(format!("{standing:?}")),
            Err(ignored) => reason = ignored.to_string(),
        }
    }
    Err(reason)
}

fn is_authorised(response: &OcspResponse, at_hand: &[Certificate], time: DateTime<Utc>) -> Result<(), String> {
    let issuer = at_hand.first().ok_or("the issuer is not at hand")?;
    response.authorise(issuer, at_hand, time, ALGORITHMS).map(drop).map_err(|ignored| ignored.to_string())
}
