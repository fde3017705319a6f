//! Cryptographic Message Syntax: RFC 5652 (SignedData), RFC 5035 (signing-certificate attributes), RFC 6211 (algorithm protection).
//!
//! Also RFC 3161 (time stamps) and the unsigned attributes of RFC 5126.
//!
//! Here live the encodings a message may arrive in, the strict reading of SignedData with its signed attributes, and the making
//! of signatures. Reading tells what a message *says*; whether that may be believed is decided in `signature`. Nothing here
//! knows of trust, of the law, of a clock or of the network.

pub mod attributes;
pub mod ber;
pub mod encoding;
pub mod sign;
pub mod signed_data;
pub mod signer_info;
pub mod time_stamp;
pub mod unsigned;

pub use attributes::{AttributeError, SignedAttributes, SigningCertificate};
pub use ber::Der;
pub use encoding::to_der;
pub use sign::{SignError, SigningKey, sign_attached, sign_detached};
pub use signed_data::SignedData;
pub use signer_info::{SignerIdentifier, SignerInfo};
pub use time_stamp::{TimeStampInfo, TimeStampRequest, TimeStampResponse};

/// Certificates that one message may carry.
pub const MAX_CERTIFICATES: usize = 128;
/// Revocation lists that one message may carry.
pub const MAX_CRLS: usize = 64;
/// Signers of one message.
pub const MAX_SIGNERS: usize = 16;
/// Attributes of one signer, signed and unsigned each.
pub const MAX_ATTRIBUTES: usize = 64;
/// Octets of a message when the caller gives no other limit.
pub const DEFAULT_MESSAGE_LIMIT: usize = 16 * 1024 * 1024;

/// Why bytes are not a SignedData that can be judged at all. No verdict is given about such bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CmsError {
    /// Nothing was given.
    #[error("the message is empty")]
    Empty,
    /// More octets than allowed.
    #[error("the message is larger than {limit} octets")]
    TooLarge {
        /// Octets allowed.
        limit: usize,
    },
    /// Nested too deeply or made of too many elements.
    #[error("the message has too many elements or levels")]
    TooComplex,
    /// Not BER as X.690 describes it.
    #[error("the message is not well-formed BER: {0}")]
    Encoding(&'static str),
    /// Broken PEM or base64.
    #[error("the text form of the message is broken: {0}")]
    Text(&'static str),
    /// Well-formed, but another content type than SignedData (RFC 5652 §4).
    #[error("the message is of type {0}, not SignedData")]
    NotSignedData(crate::pki::Oid),
    /// The structure of RFC 5652 §5.1 is not kept.
    #[error("the SignedData is malformed: {0}")]
    Malformed(&'static str),
    /// More of something than one message may carry.
    #[error("the message carries more than {limit} {what}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many are allowed.
        limit: usize,
    },
}
