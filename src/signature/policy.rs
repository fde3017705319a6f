//! What a signature must fulfil: a dated value, so that a verdict can be repeated years later (EN 319 102-1 §5.1.4).
//!
//! A policy is a document, a TOML file in `policies/`; what reads it lives in `policy/document.rs`.

mod document;
pub(super) mod level;
mod spelling;

pub use document::PolicyError;
pub use level::{Level, LevelError, Levels};
use serde::{Deserialize, Serialize};

use crate::pki::ocsp::Freshness;
use crate::pki::path::InitialPolicies;
use crate::pki::trust::Purpose;
use crate::pki::{CryptographicConstraints, Oid};

/// Of which certificates revocation information is demanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevocationMode {
    /// Revocation is not looked at.
    None,
    /// What is at hand counts; nothing is demanded.
    IfPresent,
    /// The end entity's status must be known from fresh information; for authorities what is at hand counts.
    RequireEndEntity,
    /// The status of every certificate below the anchor must be known from fresh information.
    RequireAll,
}

/// Whether something must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// Absence is a fault.
    Required,
    /// Absence is accepted; what is there must be right all the same.
    Optional,
}

/// Which profile the signer's subject must follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectProfile {
    /// Names are not interpreted.
    Any,
    /// The national profile: at most one IIN and BIN, in their one form.
    National,
}

/// Certificate policies demanded of a path: the inputs of RFC 5280 §6.1.1 (c) to (g). The default demands none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificatePolicies {
    /// `user-initial-policy-set`; `None` is anyPolicy.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "spelling::optional_texts")]
    pub acceptable: Option<Vec<Oid>>,
    /// `initial-explicit-policy`.
    pub require_explicit_policy: bool,
    /// `initial-policy-mapping-inhibit`.
    pub inhibit_policy_mapping: bool,
    /// `initial-any-policy-inhibit`.
    pub inhibit_any_policy: bool,
}

impl CertificatePolicies {
    pub(super) fn initial(&self) -> InitialPolicies<'_> {
        InitialPolicies {
            acceptable: self.acceptable.as_deref(),
            require_explicit_policy: self.require_explicit_policy,
            inhibit_policy_mapping: self.inhibit_policy_mapping,
            inhibit_any_policy: self.inhibit_any_policy,
        }
    }
}

/// A validation policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidationPolicy {
    /// Name under which reports cite the policy.
    pub id: String,
    /// Date from which this text of the policy applies, `YYYY-MM-DD`.
    pub version: String,
    /// Which trust-store entries count.
    #[serde(with = "spelling::text")]
    pub purpose: Purpose,
    /// Which algorithms count as reliable, and until when.
    pub algorithms: CryptographicConstraints,
    /// Of which certificates revocation information is demanded.
    pub revocation: RevocationMode,
    /// `keyUsage` bits that the signer's certificate must all have (RFC 5280 §4.2.1.3); zero demands none.
    #[serde(with = "spelling::key_usage")]
    pub key_usage: u16,
    /// The signer's certificate must have at least one of these extended key usages; empty demands none.
    #[serde(with = "spelling::texts")]
    pub extended_key_usages: Vec<Oid>,
    /// Certificate policies demanded of the path (RFC 5280 §6.1.1).
    pub certificate_policies: CertificatePolicies,
    /// Whether a signer must have signed attributes (RFC 5652 §5.3).
    pub signed_attributes: Presence,
    /// Whether the signer must name its certificate under the signature (RFC 5035).
    pub signing_certificate: Presence,
    /// How the subject is read.
    pub subject_profile: SubjectProfile,
    /// How old OCSP responses may be.
    #[serde(with = "spelling::freshness")]
    pub ocsp_freshness: Freshness,
    /// Policies of time-stamping authorities whose tokens count; empty: any.
    #[serde(with = "spelling::texts")]
    pub time_stamp_policies: Vec<Oid>,
    /// What a violated constraint leads to.
    pub levels: Levels,
}

impl ValidationPolicy {
    /// The same policy for signers of another kind.
    #[must_use]
    pub fn for_purpose(self, purpose: Purpose) -> Self {
        Self { purpose, ..self }
    }

    /// The same policy with other accepted algorithms.
    #[must_use]
    pub fn with_algorithms(self, algorithms: CryptographicConstraints) -> Self {
        Self { algorithms, ..self }
    }

    /// The same policy with another demand on revocation information.
    #[must_use]
    pub fn with_revocation(self, revocation: RevocationMode) -> Self {
        Self { revocation, ..self }
    }

    /// The same policy with other levels.
    #[must_use]
    pub fn with_levels(self, levels: Levels) -> Self {
        Self { levels, ..self }
    }

    /// The policy by which the token of a time stamp over a signature is judged (RFC 3161 §2.4.1, §2.4.2): its signer must
    /// name its certificate under the signature.
    pub(super) fn of_time_stamps(&self) -> Self {
        Self {
            purpose: Purpose::TimeStamps,
            key_usage: 0,
            extended_key_usages: Vec::new(),
            certificate_policies: CertificatePolicies::default(),
            signed_attributes: Presence::Required,
            signing_certificate: Presence::Required,
            subject_profile: SubjectProfile::Any,
            levels: self.levels.of_time_stamps(),
            ..self.clone()
        }
    }
}
