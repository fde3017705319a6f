//! The only maker of `tonic::Status`: one exhaustive match from every failure to a code, a reason and google.rpc details (AIP-193).

use std::time::Duration;

use tonic::{Code, Status};
use uuid::Uuid;

use super::answer::{Answer, List, Violation};
use super::failure::Failure;
use super::reason::Reason;
use crate::registration::FieldViolation;
use crate::registration::Text;
use crate::registration::decision::Awaiting;
use crate::registration::rules::{Finding, RefusalCode};
use crate::signature::{Conclusion, FailedReason, IndeterminateReason};
use crate::workflow::{Refusal, ResourceKind, Verdict};

/// What to wait before a call is repeated that met a full service.
const OVERLOAD_PAUSE: Duration = Duration::from_secs(1);

/// What to wait before a signature is sent again for which revocation information was missing.
const EVIDENCE_PAUSE: Duration = Duration::from_mins(1);

/// The status of a failed call. An internal fault is logged here with its text; the caller gets constant words and the request's id.
pub fn of(failure: &Failure, request_id: Uuid) -> Status {
    let answer = match failure {
        Failure::Refused(refusal) => of_refusal(refusal, request_id),
        Failure::Request(violations) => fields(
            Answer::new(Code::InvalidArgument, Reason::RequestInvalid, "fields of the request are wrong"),
            violations,
        ),
        Failure::MethodUnknown => Answer::new(Code::Unimplemented, Reason::MethodUnknown, "there is no such method"),
        Failure::CallerUnknown => Answer::new(
            Code::Unauthenticated,
            Reason::CallerUnknown,
            "the holder of this TLS certificate is not known as a caller",
        ),
        Failure::CallerNotAllowed => Answer::new(
            Code::PermissionDenied,
            Reason::CallerNotAllowed,
            "the caller has no role that may call this method",
        ),
        Failure::Overloaded => {
            Answer::new(Code::Unavailable, Reason::Overloaded, "too many calls at a time").retry(OVERLOAD_PAUSE)
        }
        Failure::OutOfTime => {
            Answer::new(Code::DeadlineExceeded, Reason::OutOfTime, "the call took too long and was given up")
        }
        Failure::MessageTooLarge => {
            Answer::new(Code::ResourceExhausted, Reason::MessageTooLarge, "a message is over the limit")
        }
        Failure::MessageMalformed => {
            Answer::new(Code::InvalidArgument, Reason::MessageMalformed, "the request is not a message of this method")
        }
        Failure::UploadTooLarge(limit) => {
            Answer::new(Code::ResourceExhausted, Reason::UploadTooLarge, "the upload is over the limit")
                .with("limit_bytes", limit)
        }
        Failure::UploadBroken => Answer::new(Code::Cancelled, Reason::UploadBroken, "the upload was broken off"),
        Failure::Interrupted => Answer::new(
            Code::Unavailable,
            Reason::StreamInterrupted,
            "the stream was ended; go on with the last resume token",
        )
        .retry(Duration::ZERO),
        Failure::ExchangeInterrupted => Answer::new(
            Code::Unavailable,
            Reason::StreamInterrupted,
            "the stream was ended; send again what has no result",
        )
        .retry(Duration::ZERO),
    };
    let (code, message) = (answer.code, answer.message.clone());
    Status::with_details(code, message, answer.into_details(request_id).into())
}

#[expect(clippy::too_many_lines, reason = "one exhaustive match, a short arm each")]
fn of_refusal(refusal: &Refusal, request_id: Uuid) -> Answer {
    match refusal {
        Refusal::Fields(violations) => fields(
            Answer::new(Code::InvalidArgument, Reason::Law(RefusalCode::FormInvalid), "fields break their syntax"),
            violations,
        ),
        Refusal::FormNotCurrent(violations) => form_not_current(violations),
        Refusal::Signature(verdict) => signature(verdict),
        Refusal::SeveralSigners(found) => verdict(
            Answer::new(Code::FailedPrecondition, Reason::SeveralSigners, "an application has exactly one signer"),
            found,
        ),
        Refusal::NotAdmissible(found) => {
            let reason = found.first().map_or(Reason::NotAdmissible, |finding| Reason::Law(finding.code));
            findings(Answer::new(Code::FailedPrecondition, reason, "the application is not admissible"), found)
        }
        Refusal::ActNotAllowed(found) => {
            let reason = found.first().map_or(Reason::ActNotAllowed, |finding| Reason::Law(finding.code));
            findings(Answer::new(Code::FailedPrecondition, reason, "the law does not allow this act"), found)
        }
        Refusal::SignerNotApplicant => {
            let message = "the signer is not the applicant, nor who acts for the applicant";
            Answer::new(Code::PermissionDenied, Reason::Law(RefusalCode::SignerMismatch), message)
        }
        Refusal::SignerNotOfficer => Answer::new(
            Code::PermissionDenied,
            Reason::SignerNotOfficer,
            "the signer is not an officer who may do this",
        ),
        Refusal::OutOfJurisdiction => Answer::new(
            Code::PermissionDenied,
            Reason::Law(RefusalCode::OutOfJurisdiction),
            "it is handled by another mission",
        ),
        Refusal::WrongState { act, state } => {
            Answer::new(Code::FailedPrecondition, Reason::WrongState, &refusal.to_string())
                .with("act", act)
                .with("state", state)
        }
        Refusal::StillAwaiting(awaited) => still_awaiting(awaited),
        Refusal::ActUnfit { code, explanation } => {
            Answer::new(Code::FailedPrecondition, Reason::Law(*code), explanation)
        }
        Refusal::VersionConflict { current } => Answer::new(
            Code::Aborted,
            Reason::VersionConflict,
            "the version named is not the present one; read again and decide again",
        )
        .with("current_etag", current),
        Refusal::ApplicationIdReused => Answer::new(
            Code::AlreadyExists,
            Reason::ApplicationIdReused,
            "application_id was used before with other content",
        ),
        Refusal::RequestIdReused => {
            Answer::new(Code::AlreadyExists, Reason::RequestIdReused, "request_id was used before with other content")
        }
        Refusal::TrustEntryExists => {
            Answer::new(Code::AlreadyExists, Reason::TrustEntryExists, "the trust store has this certificate already")
        }
        Refusal::TrustChange { reason, explanation } => {
            Answer::new(Code::FailedPrecondition, Reason::Trust(*reason), explanation)
        }
        Refusal::EvidenceIncomplete(unusable) => {
            let message = "the report cannot be repeated: evidence that it rests on is missing or altered";
            let answer = Answer::new(Code::FailedPrecondition, Reason::EvidenceIncomplete, message);
            let violations = unusable.iter().map(|each| Violation {
                subject: each.kind.to_owned(),
                reason: each.fault.to_owned(),
                description: format!("SHA-256 {}", hex::encode(each.sha256)),
                text: None,
            });
            answer.listing(List::Preconditions, violations)
        }
        Refusal::NotFound(kind) => {
            Answer::new(Code::NotFound, Reason::NotFound, "no such resource").with("resource", resource(*kind))
        }
        Refusal::BadToken => {
            Answer::new(Code::InvalidArgument, Reason::TokenInvalid, "the token is not one of this service's")
        }
        Refusal::NotSandbox => {
            Answer::new(Code::FailedPrecondition, Reason::NotSandbox, "this is possible in the sandbox only")
        }
        Refusal::ListTooLarge { most } => {
            let message = "there are more entries than one list may have; ask for a part of the country, a shorter period, or some states only";
            Answer::new(Code::FailedPrecondition, Reason::ListTooLarge, message).with("most_entries", most)
        }
        Refusal::Unavailable { what, retry_after } => {
            Answer::new(Code::Unavailable, Reason::Unavailable, &refusal.to_string())
                .with("what", what)
                .retry(*retry_after)
        }
        Refusal::Overtaken => {
            Answer::new(Code::Aborted, Reason::Overtaken, "another change came in between; try again")
                .retry(Duration::ZERO)
        }
        // No call waits for a job: that one got here is a fault.
        Refusal::JobAlreadyDone | Refusal::Internal(_) => {
            tracing::error!(%request_id, fault = %refusal, "internal fault");
            Answer::new(
                Code::Internal,
                Reason::Internal,
                "an internal fault; the request id finds it in the service's log",
            )
        }
    }
}

/// A malformed or forged signature is the caller's argument; one that merely does not hold here and now is a precondition.
fn signature(found: &Verdict) -> Answer {
    let conclusion = found.conclusion;
    if conclusion == Conclusion::Indeterminate(IndeterminateReason::TryLater) {
        // Nothing is wrong with the signature: what it takes to tell is not at hand just now, or suspended.
        let message = "the signature cannot be judged yet: revocation information is missing or not fresh";
        let reason = Reason::RevocationInformationUnavailable(conclusion);
        return verdict(Answer::new(Code::Unavailable, reason, message).retry(EVIDENCE_PAUSE), found);
    }
    let code = match conclusion {
        Conclusion::TotalFailed(
            FailedReason::FormatFailure | FailedReason::HashFailure | FailedReason::SigCryptoFailure,
        ) => Code::InvalidArgument,
        Conclusion::TotalPassed | Conclusion::Indeterminate(_) => Code::FailedPrecondition,
    };
    verdict(Answer::new(code, Reason::Signature(conclusion), &format!("the signature is {conclusion}")), found)
}

/// What a refusal rests on, for whoever wants to read on in the report.
fn verdict(answer: Answer, verdict: &Verdict) -> Answer {
    let answer = answer
        .with("indication", verdict.conclusion.indication())
        .with("validation_report", super::names::format(ResourceKind::ValidationReport, verdict.report))
        .with("trust_store_revision", verdict.trust_store_revision);
    match verdict.conclusion.sub_indication() {
        Some(sub_indication) => answer.with("sub_indication", sub_indication),
        None => answer,
    }
}

fn fields(answer: Answer, violations: &[FieldViolation]) -> Answer {
    answer.listing(List::Fields, violations.iter().map(violation))
}

fn form_not_current(violations: &[FieldViolation]) -> Answer {
    let message = "the form is not for this service or not for this time";
    let answer = Answer::new(Code::FailedPrecondition, Reason::Law(RefusalCode::FormInvalid), message);
    answer.listing(List::Preconditions, violations.iter().map(violation))
}

fn violation(violation: &FieldViolation) -> Violation {
    Violation {
        subject: violation.field.clone(),
        reason: violation.code.as_str().to_owned(),
        description: violation.description.en.to_string(),
        text: Some(violation.description.clone()),
    }
}

fn still_awaiting(awaited: &[Awaiting]) -> Answer {
    let message = "the review still waits for what has to come first";
    let answer = Answer::new(Code::FailedPrecondition, Reason::StillAwaiting, message);
    let violations = awaited.iter().map(|each| Violation {
        subject: String::new(),
        reason: each.as_str().to_owned(),
        description: "is awaited before the application can be granted".to_owned(),
        text: Some(each.text()),
    });
    answer.listing(List::Preconditions, violations)
}

/// One violation for every remark, or one for a finding without remarks.
fn findings(answer: Answer, findings: &[Finding]) -> Answer {
    let rules: Vec<&str> = findings.iter().map(|finding| finding.rule.as_str()).collect();
    let answer = answer.with("rules", rules.join(","));
    let told = findings.first().map(|finding| finding.code);
    let violations = findings.iter().flat_map(|finding| {
        // What to do about the first finding is what the error as a whole says.
        let is_told = told == Some(finding.code);
        let violation = |subject: &str, text: &Text| Violation {
            subject: if subject.is_empty() { finding.rule.clone() } else { subject.to_owned() },
            reason: finding.code.as_str().to_owned(),
            description: format!("{} ({}; {})", text.en, finding.rule, finding.citation.en),
            text: Some(if is_told { text.clone() } else { text.followed_by(&finding.code.words().advice) }),
        };
        let mut violations: Vec<_> =
            finding.remarks().iter().map(|remark| violation(&remark.field, &remark.text)).collect();
        if violations.is_empty() {
            violations.push(violation("", &finding.statement));
        }
        violations
    });
    answer.listing(List::Preconditions, violations)
}

fn resource(kind: ResourceKind) -> &'static str {
    super::names::collection(kind)
}
