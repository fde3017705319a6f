//! Verdicts in the words of ETSI EN 319 102-1 §5.1.3 (table 5) — and only in pairs that the standard allows.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Outcome of judging a signature, a certificate or a whole message.
///
/// Serialises as the two fields `indication` and `sub_indication` (null when passed), in ETSI spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "Spelling", try_from = "Spelling")]
pub enum Conclusion {
    /// Everything that the policy asks for was checked and holds.
    TotalPassed,
    /// It is proved that the signature is not good; no further evidence can change that.
    TotalFailed(FailedReason),
    /// The evidence at hand suffices for neither. Never to be treated as passed.
    Indeterminate(IndeterminateReason),
}

/// Why a signature is proved bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailedReason {
    /// The signature does not have the form the standard and the policy demand.
    FormatFailure,
    /// The content is not the one that was signed.
    HashFailure,
    /// The signature value does not verify with the signer's key.
    SigCryptoFailure,
}

/// Why nothing could be concluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IndeterminateReason {
    /// Properties of the signature contradict the policy or each other.
    SigConstraintsFailure,
    /// A certificate of the path is not meant for this use.
    ChainConstraintsFailure,
    /// Path validation failed for a reason without a name of its own.
    CertificateChainGeneralFailure,
    /// An algorithm or key size is not, or not yet, accepted.
    CryptoConstraintsFailure,
    /// An algorithm that once was accepted is no longer, and nothing proves that the signature is older.
    CryptoConstraintsFailureNoPoe,
    /// The signer's certificate is not at hand, or not the one that the signer named.
    NoSigningCertificateFound,
    /// No path leads from the certificate to a trust anchor.
    NoCertificateChainFound,
    /// The certificate is revoked, and nothing proves that the signature is older.
    RevokedNoPoe,
    /// A certificate authority of the path is revoked, and nothing proves that the signature is older.
    RevokedCaNoPoe,
    /// The time of judgement is outside the validity of a certificate, and nothing proves another time.
    OutOfBoundsNoPoe,
    /// Fresh revocation information is missing and may be had later.
    TryLater,
    /// The signed content is not at hand.
    SignedDataNotFound,
}

impl FailedReason {
    /// Every reason, in the order of the standard.
    pub const ALL: [Self; 3] = [Self::FormatFailure, Self::HashFailure, Self::SigCryptoFailure];

    /// ETSI spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FormatFailure => "FORMAT_FAILURE",
            Self::HashFailure => "HASH_FAILURE",
            Self::SigCryptoFailure => "SIG_CRYPTO_FAILURE",
        }
    }
}

impl IndeterminateReason {
    /// Every reason, in the order of the standard.
    pub const ALL: [Self; 12] = [
        Self::SigConstraintsFailure,
        Self::ChainConstraintsFailure,
        Self::CertificateChainGeneralFailure,
        Self::CryptoConstraintsFailure,
        Self::CryptoConstraintsFailureNoPoe,
        Self::NoSigningCertificateFound,
        Self::NoCertificateChainFound,
        Self::RevokedNoPoe,
        Self::RevokedCaNoPoe,
        Self::OutOfBoundsNoPoe,
        Self::TryLater,
        Self::SignedDataNotFound,
    ];

    /// ETSI spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SigConstraintsFailure => "SIG_CONSTRAINTS_FAILURE",
            Self::ChainConstraintsFailure => "CHAIN_CONSTRAINTS_FAILURE",
            Self::CertificateChainGeneralFailure => "CERTIFICATE_CHAIN_GENERAL_FAILURE",
            Self::CryptoConstraintsFailure => "CRYPTO_CONSTRAINTS_FAILURE",
            Self::CryptoConstraintsFailureNoPoe => "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
            Self::NoSigningCertificateFound => "NO_SIGNING_CERTIFICATE_FOUND",
            Self::NoCertificateChainFound => "NO_CERTIFICATE_CHAIN_FOUND",
            Self::RevokedNoPoe => "REVOKED_NO_POE",
            Self::RevokedCaNoPoe => "REVOKED_CA_NO_POE",
            Self::OutOfBoundsNoPoe => "OUT_OF_BOUNDS_NO_POE",
            Self::TryLater => "TRY_LATER",
            Self::SignedDataNotFound => "SIGNED_DATA_NOT_FOUND",
        }
    }
}

impl Conclusion {
    /// `TOTAL-PASSED`, `TOTAL-FAILED` or `INDETERMINATE`.
    pub const fn indication(self) -> &'static str {
        match self {
            Self::TotalPassed => "TOTAL-PASSED",
            Self::TotalFailed(_) => "TOTAL-FAILED",
            Self::Indeterminate(_) => "INDETERMINATE",
        }
    }

    /// The sub-indication in ETSI spelling; a passed signature has none.
    pub const fn sub_indication(self) -> Option<&'static str> {
        match self {
            Self::TotalPassed => None,
            Self::TotalFailed(reason) => Some(reason.as_str()),
            Self::Indeterminate(reason) => Some(reason.as_str()),
        }
    }

    /// Whether everything was proved.
    pub const fn is_passed(self) -> bool {
        matches!(self, Self::TotalPassed)
    }

    const fn severity(self) -> u8 {
        match self {
            Self::TotalPassed => 0,
            Self::Indeterminate(_) => 1,
            Self::TotalFailed(_) => 2,
        }
    }

    /// The worse of two: failed before indeterminate before passed; of equals `self`.
    #[must_use]
    pub const fn or_worse(self, other: Self) -> Self {
        if other.severity() > self.severity() { other } else { self }
    }
}

impl From<FailedReason> for Conclusion {
    fn from(reason: FailedReason) -> Self {
        Self::TotalFailed(reason)
    }
}

impl From<IndeterminateReason> for Conclusion {
    fn from(reason: IndeterminateReason) -> Self {
        Self::Indeterminate(reason)
    }
}

impl fmt::Display for Conclusion {
    /// `TOTAL-PASSED`, or indication and sub-indication as in `INDETERMINATE/TRY_LATER`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.indication())?;
        self.sub_indication().map_or(Ok(()), |sub| write!(f, "/{sub}"))
    }
}

/// The written form of a [`Conclusion`].
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Spelling {
    indication: String,
    sub_indication: Option<String>,
}

impl From<Conclusion> for Spelling {
    fn from(conclusion: Conclusion) -> Self {
        Self {
            indication: conclusion.indication().to_owned(),
            sub_indication: conclusion.sub_indication().map(str::to_owned),
        }
    }
}

impl TryFrom<Spelling> for Conclusion {
    type Error = String;

    fn try_from(spelling: Spelling) -> Result<Self, Self::Error> {
        let failed = FailedReason::ALL.into_iter().map(Self::from);
        let indeterminate = IndeterminateReason::ALL.into_iter().map(Self::from);
        std::iter::once(Self::TotalPassed)
            .chain(failed)
            .chain(indeterminate)
            .find(|each| {
                each.indication() == spelling.indication && each.sub_indication() == spelling.sub_indication.as_deref()
            })
            .ok_or_else(|| format!("no such conclusion: {} / {:?}", spelling.indication, spelling.sub_indication))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pairs_of_the_standard_can_be_read() {
        let read = |text: &str| serde_json::from_str::<Conclusion>(text);
        let text = r#"{"indication":"INDETERMINATE","sub_indication":"TRY_LATER"}"#;
        assert_eq!(read(text).unwrap(), Conclusion::Indeterminate(IndeterminateReason::TryLater));
        assert_eq!(serde_json::to_string(&read(text).unwrap()).unwrap(), text);
        assert!(read(r#"{"indication":"TOTAL-PASSED","sub_indication":null}"#).unwrap().is_passed());
        assert!(read(r#"{"indication":"TOTAL-FAILED","sub_indication":"TRY_LATER"}"#).is_err());
        assert!(read(r#"{"indication":"TOTAL-PASSED","sub_indication":"HASH_FAILURE"}"#).is_err());
    }

    #[test]
    fn the_worst_decides() {
        let later = Conclusion::from(IndeterminateReason::TryLater);
        let forged = Conclusion::from(FailedReason::HashFailure);
        assert_eq!(Conclusion::TotalPassed.or_worse(later), later);
        assert_eq!(later.or_worse(forged), forged);
        assert_eq!(forged.or_worse(later), forged);
        assert_eq!(later.or_worse(IndeterminateReason::RevokedNoPoe.into()), later);
    }
}
