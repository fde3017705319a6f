//! Why a call is not answered: what the use cases refuse, and what this room refuses before any use case is asked.

use tonic::Code;

use crate::registration::FieldViolation;
use crate::workflow::Refusal;

/// Why a call fails. `status` gives each its code and details.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A use case refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Fields of the request itself are wrong, such as a malformed resource name: all of them.
    #[error("{} fields of the request are wrong", .0.len())]
    Request(Vec<FieldViolation>),
    /// There is no such method here.
    #[error("no such method")]
    MethodUnknown,
    /// The TLS certificate is verified, but its holder is not in the table of callers.
    #[error("the caller is not known")]
    CallerUnknown,
    /// The caller has no role that may call this method.
    #[error("the caller has no role for this method")]
    CallerNotAllowed,
    /// As many calls as are allowed at a time are being worked on.
    #[error("too many calls at a time")]
    Overloaded,
    /// The service's own bound on the time of a call was reached.
    #[error("the call took too long")]
    OutOfTime,
    /// A message, compressed or not, is over the limit.
    #[error("a message is over the limit")]
    MessageTooLarge,
    /// Not a message of the method's type, or wrongly compressed.
    #[error("a message is malformed")]
    MessageMalformed,
    /// An upload is over its limit of so many octets.
    #[error("the upload is over {0} octets")]
    UploadTooLarge(usize),
    /// The caller went away in the middle of an upload.
    #[error("the upload was broken off")]
    UploadBroken,
    /// The stream ends although there may be more: the service stops, or the stream has reached its greatest age.
    #[error("the stream was interrupted")]
    Interrupted,
    /// The same for a stream of items that are asked and answered one by one.
    #[error("the exchange was interrupted")]
    ExchangeInterrupted,
}

impl Failure {
    /// A failure of reading messages off the wire, told by the code that the codec gave it.
    pub fn of_wire(code: Code) -> Option<Self> {
        match code {
            Code::OutOfRange | Code::ResourceExhausted => Some(Self::MessageTooLarge),
            Code::Internal => Some(Self::MessageMalformed),
            Code::Cancelled => Some(Self::UploadBroken),
            _ => None,
        }
    }

    /// One wrong field of the request.
    pub fn field(violation: FieldViolation) -> Self {
        Self::Request(vec![violation])
    }
}
