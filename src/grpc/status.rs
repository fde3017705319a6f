//! The only maker of `tonic::Status`: one exhaustive match from every failure to a code and google.rpc details (AIP-193).
//!
//! All details together stay far enough under 8 KiB that they also fit, base64-encoded, into the header lists that clients accept.
//! Lists are cut and say how much was left out.

use std::collections::HashMap;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation as WireViolation, PreconditionViolation, StatusExt};
use uuid::Uuid;

use super::failure::Failure;
use crate::registration::FieldViolation;
use crate::registration::decision::Awaiting;
use crate::registration::rules::{Finding, RefusalCode};
use crate::signature::{Conclusion, FailedReason, IndeterminateReason};
use crate::workflow::{Refusal, ResourceKind, Verdict};

/// ErrorInfo.domain of every error of this service.
pub const DOMAIN: &str = "consular.registration.v1";

/// Octets that the entries of one list may take.
const LIST_OCTETS: usize = 4000;
/// Octets of one text inside the details or of the message.
const TEXT_OCTETS: usize = 400;
/// What to wait before a call is repeated that met a full service.
const OVERLOAD_PAUSE: Duration = Duration::from_secs(1);

/// What to wait before a signature is sent again for which revocation information was missing.
const EVIDENCE_PAUSE: Duration = Duration::from_mins(1);

/// The status of a failed call. An internal fault is logged here with its text; the caller gets constant words and the request's id.
pub fn of(failure: &Failure, request_id: Uuid) -> Status {
    let answer = match failure {
        Failure::Refused(refusal) => of_refusal(refusal, request_id),
        Failure::Request(violations) => {
            fields(Answer::new(Code::InvalidArgument, "REQUEST_INVALID", "fields of the request are wrong"), violations)
        }
        Failure::MethodUnknown => Answer::new(Code::Unimplemented, "METHOD_UNKNOWN", "there is no such method"),
        Failure::CallerUnknown => Answer::new(
            Code::Unauthenticated,
            "CALLER_UNKNOWN",
            "the holder of this TLS certificate is not known as a caller",
        ),
        Failure::CallerNotAllowed => Answer::new(
            Code::PermissionDenied,
            "CALLER_NOT_ALLOWED",
            "the caller has no role that may call this method",
        ),
        Failure::Overloaded => {
            Answer::new(Code::Unavailable, "OVERLOADED", "too many calls at a time").retry(OVERLOAD_PAUSE)
        }
        Failure::OutOfTime => {
            Answer::new(Code::DeadlineExceeded, "OUT_OF_TIME", "the call took too long and was given up")
        }
        Failure::MessageTooLarge => {
            Answer::new(Code::ResourceExhausted, "MESSAGE_TOO_LARGE", "a message is over the limit")
        }
        Failure::MessageMalformed => {
            Answer::new(Code::InvalidArgument, "MESSAGE_MALFORMED", "the request is not a message of this method")
        }
        Failure::UploadTooLarge(limit) => {
            Answer::new(Code::ResourceExhausted, "UPLOAD_TOO_LARGE", "the upload is over the limit")
                .with("limit_bytes", limit)
        }
        Failure::UploadBroken => Answer::new(Code::Cancelled, "UPLOAD_BROKEN", "the upload was broken off"),
        Failure::Interrupted => Answer::new(
            Code::Unavailable,
            "STREAM_INTERRUPTED",
            "the stream was ended; go on with the last resume token",
        )
        .retry(Duration::ZERO),
        Failure::ExchangeInterrupted => {
            Answer::new(Code::Unavailable, "STREAM_INTERRUPTED", "the stream was ended; send again what has no result")
                .retry(Duration::ZERO)
        }
    };
    answer.into_status(request_id)
}

fn of_refusal(refusal: &Refusal, request_id: Uuid) -> Answer {
    match refusal {
        Refusal::Fields(violations) => fields(
            Answer::new(Code::InvalidArgument, RefusalCode::FormInvalid.as_str(), "fields break their syntax"),
            violations,
        ),
        Refusal::FormNotCurrent(violations) => form_not_current(violations),
        Refusal::Signature(verdict) => signature(verdict),
        Refusal::SeveralSigners(found) => verdict(
            Answer::new(Code::FailedPrecondition, "SEVERAL_SIGNERS", "an application has exactly one signer"),
            found,
        ),
        Refusal::NotAdmissible(found) => {
            let reason = found.first().map_or("NOT_ADMISSIBLE", |finding| finding.code.as_str());
            findings(Answer::new(Code::FailedPrecondition, reason, "the application is not admissible"), found)
        }
        Refusal::ActNotAllowed(found) => {
            let reason = found.first().map_or("ACT_NOT_ALLOWED", |finding| finding.code.as_str());
            findings(Answer::new(Code::FailedPrecondition, reason, "the law does not allow this act"), found)
        }
        Refusal::SignerNotApplicant => {
            let message = "the signer is not the applicant, nor who acts for the applicant";
            Answer::new(Code::PermissionDenied, RefusalCode::SignerMismatch.as_str(), message)
        }
        Refusal::SignerNotOfficer => {
            Answer::new(Code::PermissionDenied, "SIGNER_NOT_OFFICER", "the signer is not an officer who may do this")
        }
        Refusal::OutOfJurisdiction => {
            Answer::new(Code::PermissionDenied, "OUT_OF_JURISDICTION", "it is handled by another mission")
        }
        Refusal::WrongState { act, state } => {
            Answer::new(Code::FailedPrecondition, "WRONG_STATE", &refusal.to_string())
                .with("act", act)
                .with("state", state)
        }
        Refusal::StillAwaiting(awaited) => still_awaiting(awaited),
        Refusal::ActUnfit { code, explanation } => Answer::new(Code::FailedPrecondition, code.as_str(), explanation),
        Refusal::VersionConflict { current } => Answer::new(
            Code::Aborted,
            "VERSION_CONFLICT",
            "the version named is not the present one; read again and decide again",
        )
        .with("current_etag", current),
        Refusal::ApplicationIdReused => Answer::new(
            Code::AlreadyExists,
            "APPLICATION_ID_REUSED",
            "application_id was used before with other content",
        ),
        Refusal::RequestIdReused => {
            Answer::new(Code::AlreadyExists, "REQUEST_ID_REUSED", "request_id was used before with other content")
        }
        Refusal::TrustEntryExists => {
            Answer::new(Code::AlreadyExists, "TRUST_ENTRY_EXISTS", "the trust store has this certificate already")
        }
        Refusal::TrustChange { reason, explanation } => Answer::new(Code::FailedPrecondition, reason, explanation),
        Refusal::EvidenceIncomplete(unusable) => {
            let message = "the report cannot be repeated: evidence that it rests on is missing or altered";
            let answer = Answer::new(Code::FailedPrecondition, "EVIDENCE_INCOMPLETE", message);
            let violations = unusable.iter().map(|each| {
                PreconditionViolation::new(each.fault, each.kind, format!("SHA-256 {}", hex::encode(each.sha256)))
            });
            preconditions(answer, violations)
        }
        Refusal::NotFound(kind) => {
            Answer::new(Code::NotFound, "NOT_FOUND", "no such resource").with("resource", resource(*kind))
        }
        Refusal::BadToken => {
            Answer::new(Code::InvalidArgument, "TOKEN_INVALID", "the token is not one of this service's")
        }
        Refusal::NotSandbox => {
            Answer::new(Code::FailedPrecondition, "NOT_SANDBOX", "this is possible in the sandbox only")
        }
        Refusal::RollTooLarge { most } => {
            let message = "there are more electors than one roll may have; ask for rolls by parts of the country";
            Answer::new(Code::FailedPrecondition, "ROLL_TOO_LARGE", message).with("most_electors", most)
        }
        Refusal::Unavailable { what, retry_after } => {
            Answer::new(Code::Unavailable, "UNAVAILABLE", &refusal.to_string()).with("what", what).retry(*retry_after)
        }
        Refusal::Overtaken => {
            Answer::new(Code::Aborted, "OVERTAKEN", "another change came in between; try again").retry(Duration::ZERO)
        }
        // No call waits for a job: that one got here is a fault.
        Refusal::JobAlreadyDone | Refusal::Internal(_) => {
            tracing::error!(%request_id, fault = %refusal, "internal fault");
            Answer::new(Code::Internal, "INTERNAL", "an internal fault; the request id finds it in the service's log")
        }
    }
}

/// A malformed or forged signature is the caller's argument; one that merely does not hold here and now is a precondition.
fn signature(found: &Verdict) -> Answer {
    if found.conclusion == Conclusion::Indeterminate(IndeterminateReason::TryLater) {
        // Nothing is wrong with the signature: what it takes to tell is not at hand just now, or suspended.
        let message = "the signature cannot be judged yet: revocation information is missing or not fresh";
        let answer = Answer::new(Code::Unavailable, "REVOCATION_INFORMATION_UNAVAILABLE", message);
        return verdict(answer.retry(EVIDENCE_PAUSE), found).localized(&found.explanation);
    }
    let code = match found.conclusion {
        Conclusion::TotalFailed(
            FailedReason::FormatFailure | FailedReason::HashFailure | FailedReason::SigCryptoFailure,
        ) => Code::InvalidArgument,
        Conclusion::TotalPassed | Conclusion::Indeterminate(_) => Code::FailedPrecondition,
    };
    let answer =
        Answer::new(code, RefusalCode::SignatureInvalid.as_str(), &format!("the signature is {}", found.conclusion));
    verdict(answer, found).localized(&found.explanation)
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

fn fields(mut answer: Answer, violations: &[FieldViolation]) -> Answer {
    let (shown, left_out) = fitting(
        violations.iter().map(|violation| WireViolation {
            field: cut(&violation.field),
            description: cut(&violation.description),
            reason: violation.code.as_str().to_owned(),
            localized_message: None,
        }),
        |entry| entry.field.len() + entry.description.len() + entry.reason.len(),
    );
    let mut shown = shown;
    if left_out > 0 {
        shown.push(WireViolation {
            field: String::new(),
            description: more(left_out),
            reason: String::new(),
            localized_message: None,
        });
    }
    answer.details.set_bad_request(shown);
    answer
}

fn form_not_current(violations: &[FieldViolation]) -> Answer {
    let message = "the form is not for this service or not for this time";
    let answer = Answer::new(Code::FailedPrecondition, RefusalCode::FormInvalid.as_str(), message);
    preconditions(
        answer,
        violations.iter().map(|violation| PreconditionViolation {
            r#type: violation.code.as_str().to_owned(),
            subject: cut(&violation.field),
            description: cut(&violation.description),
        }),
    )
}

fn still_awaiting(awaited: &[Awaiting]) -> Answer {
    let answer =
        Answer::new(Code::FailedPrecondition, "STILL_AWAITING", "the review still waits for what has to come first");
    let violations = awaited
        .iter()
        .map(|each| PreconditionViolation::new(each.as_str(), "", "is awaited before the application can be granted"));
    preconditions(answer, violations)
}

/// One violation for every remark, or one for a finding without remarks.
fn findings(answer: Answer, findings: &[Finding]) -> Answer {
    let rules: Vec<&str> = findings.iter().map(|finding| finding.rule.as_str()).collect();
    let answer = answer.with("rules", rules.join(","));
    preconditions(
        answer,
        findings.iter().flat_map(|finding| {
            let violation = |field: &str, text: &str| PreconditionViolation {
                r#type: finding.code.as_str().to_owned(),
                subject: cut(if field.is_empty() { &finding.rule } else { field }),
                description: cut(&format!("{text} ({}; {})", finding.rule, finding.citation.en)),
            };
            let mut violations: Vec<_> =
                finding.remarks().iter().map(|remark| violation(&remark.field, &remark.text.en)).collect();
            if violations.is_empty() {
                violations.push(violation("", &finding.statement.en));
            }
            violations
        }),
    )
}

fn preconditions(mut answer: Answer, violations: impl Iterator<Item = PreconditionViolation>) -> Answer {
    let (mut shown, left_out) =
        fitting(violations, |entry| entry.r#type.len() + entry.subject.len() + entry.description.len());
    if left_out > 0 {
        shown.push(PreconditionViolation::new("MORE", "", more(left_out)));
    }
    answer.details.set_precondition_failure(shown);
    answer
}

/// As many entries from the front as fit, and how many do not.
fn fitting<T>(entries: impl Iterator<Item = T>, octets: impl Fn(&T) -> usize) -> (Vec<T>, usize) {
    /// Tags and lengths around an entry's texts.
    const FRAMING: usize = 12;
    let (mut shown, mut taken, mut left_out) = (Vec::new(), 0, 0_usize);
    for entry in entries {
        taken += octets(&entry) + FRAMING;
        if taken <= LIST_OCTETS {
            shown.push(entry);
        } else {
            left_out += 1;
        }
    }
    (shown, left_out)
}

fn more(left_out: usize) -> String {
    format!("and {left_out} more")
}

fn resource(kind: ResourceKind) -> &'static str {
    super::names::collection(kind)
}

/// At most [`TEXT_OCTETS`] of a text, cut between characters.
fn cut(text: &str) -> String {
    if text.len() <= TEXT_OCTETS {
        return text.to_owned();
    }
    let mut end = TEXT_OCTETS;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &text[..end])
}

/// A status in the making.
struct Answer {
    code: Code,
    reason: &'static str,
    message: String,
    metadata: HashMap<String, String>,
    details: ErrorDetails,
}

impl Answer {
    fn new(code: Code, reason: &'static str, message: &str) -> Self {
        Self { code, reason, message: cut(message), metadata: HashMap::new(), details: ErrorDetails::new() }
    }

    fn with(mut self, key: &str, value: impl std::fmt::Display) -> Self {
        self.metadata.insert(key.to_owned(), cut(&value.to_string()));
        self
    }

    fn retry(mut self, after: Duration) -> Self {
        self.details.set_retry_info(Some(after));
        self
    }

    fn localized(mut self, english: &str) -> Self {
        self.details.set_localized_message("en", cut(english));
        self
    }

    fn into_status(mut self, request_id: Uuid) -> Status {
        self.details.set_error_info(self.reason, DOMAIN, self.metadata);
        self.details.set_request_info(request_id.to_string(), "");
        Status::with_error_details(self.code, self.message, self.details)
    }
}
