//! Cases of OCSP responses: the status of a certificate by one response, or whether its responder was authorised.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Case, Suites, Verdict};
use crate::pki::ocsp::{Answer, Freshness, Question, Standing};
use crate::pki::{Certificate, CryptographicConstraints, OcspResponse};

/// Every setting of a response's case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "settings without bearing are named, so that unknown ones are refused")]
struct Settings {
    /// How old the response may be.
    max_age_seconds: Option<i64>,
    /// Whether only the authority of the responder is asked for: the response is judged at its own time.
    #[serde(default)]
    ignore_response_freshness: bool,
    time: Option<Time>,

    // Without bearing: the anchors are the issuers, and the files say the rest.
    check: Option<IgnoredAny>,
    judge: Option<IgnoredAny>,
    no_cert_checks: Option<IgnoredAny>,
    partial_chain: Option<IgnoredAny>,
}

/// Where the time of judgement is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Time {
    #[serde(rename = "producedAt")]
    ProducedAt,
}

/// The cases were made when SHA-1 was in use, and their verdicts are those of verifiers that accepted it.
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
    let mut at_hand = suites.certificates(case, "issuer")?;
    at_hand.extend(suites.certificates(case, "intermediates")?);
    let at_its_own = settings.ignore_response_freshness || settings.time == Some(Time::ProducedAt);
    let time = if at_its_own { response.produced_at() } else { case.time() };
    let certificate = suites.certificates(case, "cert")?.pop();
    Ok(match certificate {
        None => is_authorised(&response, &at_hand, time),
        Some(certificate) => status(&response, &certificate, &at_hand, time, settings),
    })
}

fn is_authorised(response: &OcspResponse, at_hand: &[Certificate], time: DateTime<Utc>) -> Result<(), String> {
    let issuer = at_hand.first().ok_or("no issuer")?;
    response.authorise(issuer, at_hand, time, ALGORITHMS).map(drop).map_err(|reason| reason.to_string())
}

/// The status by the first of the issuers that the certificate names; valid is good.
fn status(
    response: &OcspResponse,
    certificate: &Certificate,
    at_hand: &[Certificate],
    time: DateTime<Utc>,
    settings: &Settings,
) -> Result<(), String> {
    let maximal_age = settings.max_age_seconds.and_then(TimeDelta::try_seconds);
    let mut reason = "no issuer at hand".to_owned();
    for issuer in at_hand.iter().filter(|issuer| certificate.is_named_issuer(issuer)) {
        let question = Question {
            certificate,
            issuer,
            candidates: at_hand,
            time,
            now: time,
            nonce: None,
            freshness: Freshness { maximal_age, ..Freshness::default() },
            algorithms: ALGORITHMS,
        };
        match response.status_of(&question) {
            Ok(Answer { standing: Standing::Good { revoked_later: None }, .. }) => return Ok(()),
            Ok(Answer { standing, .. }) => return Err(format!("{standing:?}")),
            Err(ignored) => reason = ignored.to_string(),
        }
    }
    Err(reason)
}
