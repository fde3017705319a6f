//! The reasons of errors: what ErrorInfo.reason says, closed, so that none is without words; see [`super::words`].

use crate::registration::rules::RefusalCode;
use crate::signature::Conclusion;
use crate::workflow::TrustReason;

/// Why a call failed, as ErrorInfo names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A rule of the law; the rule's own code.
    Law(RefusalCode),
    /// A change of the trust store that cannot be.
    Trust(TrustReason),
    /// The signature is not TOTAL-PASSED.
    Signature(Conclusion),
    /// The signature cannot be judged yet.
    RevocationInformationUnavailable(Conclusion),
    /// Fields of the request are wrong.
    RequestInvalid,
    /// The application is not admissible, and no rule says more.
    NotAdmissible,
    /// The act is not allowed, and no rule says more.
    ActNotAllowed,
    /// More than one person signed.
    SeveralSigners,
    /// Who signed is no officer who may do this.
    SignerNotOfficer,
    /// It does not fit the state.
    WrongState,
    /// Something else has to come first.
    StillAwaiting,
    /// Not the present version.
    VersionConflict,
    /// The application_id was used with other content.
    ApplicationIdReused,
    /// The request_id was used with other content.
    RequestIdReused,
    /// Evidence of a report is missing or altered.
    EvidenceIncomplete,
    /// Nothing of that name, or not for this caller.
    NotFound,
    /// A token of somebody else.
    TokenInvalid,
    /// Possible in the sandbox only.
    NotSandbox,
    /// More entries than one list may have.
    ListTooLarge,
    /// Something needed is not to be had just now.
    Unavailable,
    /// Another change came in between.
    Overtaken,
    /// A fault of the service.
    Internal,
    /// No such method.
    MethodUnknown,
    /// The caller is not in the table.
    CallerUnknown,
    /// The caller has no role for it.
    CallerNotAllowed,
    /// Too many calls at a time.
    Overloaded,
    /// The call took too long.
    OutOfTime,
    /// A message over the limit.
    MessageTooLarge,
    /// Not a message of the method.
    MessageMalformed,
    /// An upload over the limit.
    UploadTooLarge,
    /// An upload that was broken off.
    UploadBroken,
    /// A stream that was ended while there may be more.
    StreamInterrupted,
    /// The certificate is in the trust store already.
    TrustEntryExists,
}

impl Reason {
    /// Every reason of this service's own; those of the law, of trust and of signatures have lists of their own.
    pub const OWN: [Self; 29] = [
        Self::RequestInvalid,
        Self::NotAdmissible,
        Self::ActNotAllowed,
        Self::SeveralSigners,
        Self::SignerNotOfficer,
        Self::WrongState,
        Self::StillAwaiting,
        Self::VersionConflict,
        Self::ApplicationIdReused,
        Self::RequestIdReused,
        Self::EvidenceIncomplete,
        Self::NotFound,
        Self::TokenInvalid,
        Self::NotSandbox,
        Self::ListTooLarge,
        Self::Unavailable,
        Self::Overtaken,
        Self::Internal,
        Self::MethodUnknown,
        Self::CallerUnknown,
        Self::CallerNotAllowed,
        Self::Overloaded,
        Self::OutOfTime,
        Self::MessageTooLarge,
        Self::MessageMalformed,
        Self::UploadTooLarge,
        Self::UploadBroken,
        Self::StreamInterrupted,
        Self::TrustEntryExists,
    ];

    /// As shown, such as `NOT_FOUND`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Law(code) => code.as_str(),
            Self::Trust(reason) => reason.as_str(),
            Self::Signature(_) => RefusalCode::SignatureInvalid.as_str(),
            Self::RevocationInformationUnavailable(_) => "REVOCATION_INFORMATION_UNAVAILABLE",
            Self::RequestInvalid => "REQUEST_INVALID",
            Self::NotAdmissible => "NOT_ADMISSIBLE",
            Self::ActNotAllowed => "ACT_NOT_ALLOWED",
            Self::SeveralSigners => "SEVERAL_SIGNERS",
            Self::SignerNotOfficer => "SIGNER_NOT_OFFICER",
            Self::WrongState => "WRONG_STATE",
            Self::StillAwaiting => "STILL_AWAITING",
            Self::VersionConflict => "VERSION_CONFLICT",
            Self::ApplicationIdReused => "APPLICATION_ID_REUSED",
            Self::RequestIdReused => "REQUEST_ID_REUSED",
            Self::EvidenceIncomplete => "EVIDENCE_INCOMPLETE",
            Self::NotFound => "NOT_FOUND",
            Self::TokenInvalid => "TOKEN_INVALID",
            Self::NotSandbox => "NOT_SANDBOX",
            Self::ListTooLarge => "LIST_TOO_LARGE",
            Self::Unavailable => "UNAVAILABLE",
            Self::Overtaken => "OVERTAKEN",
            Self::Internal => "INTERNAL",
            Self::MethodUnknown => "METHOD_UNKNOWN",
            Self::CallerUnknown => "CALLER_UNKNOWN",
            Self::CallerNotAllowed => "CALLER_NOT_ALLOWED",
            Self::Overloaded => "OVERLOADED",
            Self::OutOfTime => "OUT_OF_TIME",
            Self::MessageTooLarge => "MESSAGE_TOO_LARGE",
            Self::MessageMalformed => "MESSAGE_MALFORMED",
            Self::UploadTooLarge => "UPLOAD_TOO_LARGE",
            Self::UploadBroken => "UPLOAD_BROKEN",
            Self::StreamInterrupted => "STREAM_INTERRUPTED",
            Self::TrustEntryExists => "TRUST_ENTRY_EXISTS",
        }
    }
}
