//! The rules of RFC 3161 beyond those of any signed message.

use chrono::{DateTime, Utc};

use super::Stamped;
use crate::cms::time_stamp::MessageImprint;
use crate::cms::{SignedAttributes, TimeStampInfo};
use crate::pki::crl::Reason;
use crate::pki::ocsp::Standing;
use crate::pki::path::CertificationPath;
use crate::pki::{Certificate, DigestAlgorithm, Oid, SignatureAlgorithm};
use crate::signature::acceptance::of_constraint;
use crate::signature::conclusion::{FailedReason, IndeterminateReason};
use crate::signature::identification::is_named;
use crate::signature::judgement::Judgement;
use crate::signature::policy::{ValidationPolicy, level};
use crate::signature::status::Status;

/// id-kp-timeStamping (RFC 3161 §2.3).
const TIME_STAMPING: Oid = Oid::new(&[1, 3, 6, 1, 5, 5, 7, 3, 8]);

const IMPRINT: &str = "time-stamp.imprint";
const REQUEST: &str = "time-stamp.request";
const POLICY: &str = level::TIME_STAMP_POLICY;
const TIME: &str = "time-stamp.time";
const USAGE: &str = "time-stamp.extended-key-usage";
const AUTHORITIES: &str = "time-stamp.signing-certificate";
const ALGORITHMS: &str = "time-stamp.algorithms";
const REVOKED_SINCE: &str = "time-stamp.revocation";

/// Judges what the token states against what may be stated.
pub(super) fn judge_statement(
    info: &TimeStampInfo<'_>,
    stamped: &Stamped<'_>,
    policy: &ValidationPolicy,
    now: DateTime<Utc>,
    judgement: &mut Judgement,
) {
    let reason = IndeterminateReason::SigConstraintsFailure;
    if let Some(request) = stamped.request {
        if request.nonce.is_some() && request.nonce != info.nonce {
            judgement.fails(REQUEST, "the nonce is not that of the request", reason);
        } else if request.policy.is_some_and(|policy| policy != info.policy) {
            judgement.fails(REQUEST, "the policy is not that of the request", reason);
        } else {
            judgement.holds(REQUEST, "answers the request");
        }
    }
    if policy.time_stamp_policies.is_empty() {
        judgement.skips(POLICY, "any is accepted");
    } else if policy.time_stamp_policies.contains(&info.policy) {
        judgement.holds(POLICY, info.policy.to_string());
    } else {
        let detail = format!("issued under {}, which is not accepted", info.policy);
        judgement.violates(policy.levels.level(POLICY), POLICY, detail, reason);
    }
    if info.time > now {
        judgement.fails(TIME, format!("lies in the future: {}", info.time), reason);
    } else {
        judgement.holds(TIME, info.time.to_string());
    }
}

/// Reasons that leave earlier tokens alone (RFC 3161 §4 (1)). An unstated reason, which reads as "unspecified", does not.
fn is_harmless(reason: Reason) -> bool {
    matches!(reason, Reason::AffiliationChanged | Reason::Superseded | Reason::CessationOfOperation)
}

pub(super) fn judge_imprint(
    imprint: &MessageImprint<'_>,
    stamped: &Stamped<'_>,
    policy: &ValidationPolicy,
    now: DateTime<Utc>,
    judgement: &mut Judgement,
) {
    let accepted = DigestAlgorithm::resolve(&imprint.algorithm)
        .and_then(|algorithm| policy.algorithms.check_digest(algorithm, now).map(|()| algorithm));
    let algorithm = match accepted {
        Ok(algorithm) => algorithm,
        Err(error) => return judgement.fails(IMPRINT, error.to_string(), of_constraint(&error)),
    };
    let of_data = stamped.data.map(|data| algorithm.digest(data).is_ok_and(|digest| digest.as_ref() == imprint.digest));
    let of_request = stamped.request.map(|request| request.imprint.is_same(imprint));
    match (of_data, of_request) {
        (None, None) => {
            judgement.fails(IMPRINT, "what was stamped is not at hand", IndeterminateReason::SignedDataNotFound);
        }
        (Some(false), _) => judgement.fails(IMPRINT, "is of other data", FailedReason::HashFailure),
        (_, Some(false)) => judgement.fails(IMPRINT, "is not that of the request", FailedReason::HashFailure),
        _ => judgement.holds(IMPRINT, "is of the data"),
    }
}

/// "The certificate MUST contain only one instance of the extended key usage field extension … id-kp-timeStamping. This
/// extension MUST be critical" (RFC 3161 §2.3). Its `keyUsage`, where there is one, must be for signing.
pub(super) fn judge_usage(certificate: &Certificate, judgement: &mut Judgement) {
    let reason = IndeterminateReason::ChainConstraintsFailure;
    let is_for_signing =
        certificate.key_usage().is_none_or(|usage| usage.digital_signature() || usage.non_repudiation());
    match certificate.extended_key_usage() {
        _ if !is_for_signing => judgement.fails(USAGE, "the key is not meant for signing", reason),
        Some(usage) if usage.purposes != [TIME_STAMPING] => {
            judgement.fails(USAGE, "not for time stamping alone", reason);
        }
        Some(usage) if !usage.critical => judgement.fails(USAGE, "not critical", reason),
        Some(_) => judgement.holds(USAGE, "for time stamping alone"),
        None => judgement.fails(USAGE, "absent", reason),
    }
}

/// Authorities that the token names under its signature must be those of the path, above the signer (RFC 5035 §3).
pub(super) fn judge_authorities(
    attributes: &SignedAttributes<'_>,
    path: &CertificationPath,
    judgement: &mut Judgement,
) {
    let is_on_path = |name| {
        let anchor = &path.anchor().certificate;
        path.certificates().iter().skip(1).chain([anchor]).any(|certificate| is_named(name, certificate))
    };
    if attributes.signing_authorities.iter().all(is_on_path) {
        judgement.holds(AUTHORITIES, "the path is the one that the token names");
    } else {
        judgement.fails(
            AUTHORITIES,
            "the token names an authority that is not on the path",
            IndeterminateReason::ChainConstraintsFailure,
        );
    }
}

/// The signatures on the certificates of the path must prove something now: the path itself was judged at the token's time.
pub(super) fn judge_algorithms(
    path: &CertificationPath,
    policy: &ValidationPolicy,
    now: DateTime<Utc>,
    judgement: &mut Judgement,
) {
    let check = |(index, certificate): (usize, &Certificate)| {
        let issuer = path.issuer(index).unwrap_or(certificate);
        let algorithm = SignatureAlgorithm::resolve(certificate.signature_algorithm())?;
        policy.algorithms.check(algorithm, issuer.public_key()?, now)
    };
    match path.certificates().iter().enumerate().try_for_each(check) {
        Ok(()) => judgement.holds(ALGORITHMS, "accepted"),
        Err(error) => judgement.fails(ALGORITHMS, error.to_string(), of_constraint(&error)),
    }
}

/// An authority that was revoked since for a reason that is not harmless loses its past tokens too.
pub(super) fn judge_past(statuses: &[Status], now: DateTime<Utc>, judgement: &mut Judgement) {
    for status in statuses {
        if let Status::Known { standing: Standing::Good { revoked_later: Some(entry) }, .. } = status
            && entry.revocation_date <= now
            && !is_harmless(entry.reason)
        {
            let detail = format!("revoked at {} ({}): its tokens are void", entry.revocation_date, entry.reason);
            judgement.fails(REVOKED_SINCE, detail, IndeterminateReason::RevokedNoPoe);
        }
    }
}
