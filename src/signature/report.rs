//! The validation report (EN 319 102-1 §5.1.3, in the spirit of TS 119 102-2): what was judged, by what, and with which result.
//!
//! Serialised with serde it is canonical: field order is that of these types, there are no maps, times are RFC 3339 in UTC.
//! The report holds personal data of the signer and is stored and shown accordingly.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::conclusion::Conclusion;
use super::policy::Level;
use super::texts::Explanation;

/// A SHA-256 in hexadecimal. A report has a dozen of them, and `hex::encode` goes character by character.
pub(super) fn digest_text(digest: &[u8; 32]) -> String {
    let mut text = vec![0; 64];
    // Cannot fail: two characters an octet.
    let _ = hex::encode_to_slice(digest, &mut text);
    String::from_utf8(text).unwrap_or_default()
}

/// Outcome of one validation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValidationReport {
    /// Indication and sub-indication of the whole message: the worst of its signers.
    #[serde(flatten)]
    pub conclusion: Conclusion,
    /// The same in plain words.
    #[serde(flatten)]
    pub words: Explanation,
    /// The time for which was judged.
    pub validation_time: DateTime<Utc>,
    /// Earliest time at which the signature is proved to exist; without a time stamp, the time of judgement.
    pub best_signature_time: DateTime<Utc>,
    /// Which trust was applied.
    pub trust_store: TrustStoreReference,
    /// Which policy was applied.
    pub policy: PolicyReference,
    /// Version of this program.
    pub engine_version: String,
    /// SHA-256 of the signature (for a bare certificate: of the certificate) as received after decoding, hexadecimal.
    pub signature_digest: String,
    /// SHA-256 of the signed content, hexadecimal; null when there is none.
    pub content_digest: Option<String>,
    /// Each signer in the order of the message.
    pub signers: Vec<SignerReport>,
    /// What deserves attention and changes no verdict.
    pub warnings: Vec<String>,
}

impl ValidationReport {
    /// Canonical JSON.
    ///
    /// # Errors
    /// None in practice: every field has a JSON form.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

/// The trust store that was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustStoreReference {
    /// Its revision.
    pub revision: u64,
    /// SHA-256 over its canonical listing, hexadecimal.
    pub digest: String,
}

/// The policy that was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyReference {
    /// Its name.
    pub id: String,
    /// Date of its text.
    pub version: String,
}

/// What was found about one signer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignerReport {
    /// Indication and sub-indication of this signer alone.
    #[serde(flatten)]
    pub conclusion: Conclusion,
    /// The certificate that verified the signature; before that, the one candidate there was.
    pub certificate: Option<CertificateSummary>,
    /// Individual identification number of the subject; only when the signature verified with its key.
    pub iin: Option<String>,
    /// Business identification number of the subject; only when the signature verified with its key.
    pub bin: Option<String>,
    /// Roles of the subject: extended key usages; only when the signature verified with its key.
    pub roles: Vec<Role>,
    /// Name of the signature algorithm.
    pub signature_algorithm: String,
    /// Name of the digest algorithm.
    pub digest_algorithm: String,
    /// What the signer claims; proves nothing.
    pub claimed_signing_time: Option<DateTime<Utc>>,
    /// When the signature is proved to have existed, by the earliest trusted time stamp; null without one.
    #[serde(default)]
    pub proved_time: Option<DateTime<Utc>>,
    /// The time stamps over the signature value, in their order.
    #[serde(default)]
    pub time_stamps: Vec<TimeStampReport>,
    /// The checks in the order in which they were judged.
    pub constraints: Vec<Constraint>,
    /// The certification path from the signer's certificate upwards, without the anchor.
    pub path: Vec<PathEntry>,
    /// SHA-256 of the trust anchor, hexadecimal.
    pub trust_anchor: Option<String>,
    /// The counter-signatures over the signature value, in their order, each judged by itself as of the time of judgement. None changes
    /// anything else in the report.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counter_signatures: Vec<SignerReport>,
}

/// A certificate in brief.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateSummary {
    /// Subject, escaped.
    pub subject: String,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// Issuer, escaped.
    pub issuer: String,
    /// SHA-256 of the certificate, hexadecimal.
    pub sha256: String,
    /// First moment of validity.
    pub not_before: DateTime<Utc>,
    /// Last moment of validity.
    pub not_after: DateTime<Utc>,
}

/// What was found about one time stamp.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeStampReport {
    /// Indication and sub-indication of the token: only a passed one proves its time.
    #[serde(flatten)]
    pub conclusion: Conclusion,
    /// Whether the token proves its time.
    pub trusted: bool,
    /// Why it does not.
    pub reason: Option<String>,
    /// `genTime`, as the token states it.
    pub time: Option<DateTime<Utc>>,
    /// How far that may be off, in microseconds, as the token states it.
    pub accuracy_microseconds: Option<i64>,
    /// Under which policy it was issued: a dotted object identifier.
    pub policy: Option<String>,
    /// Serial number of the token, hexadecimal.
    pub serial: Option<String>,
    /// The certificate of the authority: the one that verified the token.
    pub authority: Option<CertificateSummary>,
    /// The checks in the order in which they were judged.
    pub constraints: Vec<Constraint>,
    /// The certification path from the authority's certificate upwards, without the anchor.
    pub path: Vec<PathEntry>,
    /// SHA-256 of the trust anchor, hexadecimal.
    pub trust_anchor: Option<String>,
}

/// A role that a certificate gives its subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Dotted object identifier.
    pub oid: String,
    /// Its meaning in the national registry; null for others.
    pub name: Option<String>,
}

/// One check and how it came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constraint {
    /// Building block and check, as `integrity.content-digest`.
    pub id: Cow<'static, str>,
    /// How it came out.
    pub status: ConstraintStatus,
    /// What exactly was found, in English.
    pub detail: Cow<'static, str>,
    /// What the policy lets a violation lead to; left out when it is FAIL.
    #[serde(default, skip_serializing_if = "Level::is_fail")]
    pub level: Level,
}

/// The checks of one building block (EN 319 102-1 §5.2), which stands before the dot of their identifiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildingBlock<'a> {
    /// For example `integrity`.
    pub name: &'a str,
    /// Its checks, in the order in which they were judged.
    pub constraints: Vec<&'a Constraint>,
}

impl<'a> BuildingBlock<'a> {
    /// The building blocks of these checks, in the order in which they were entered.
    pub fn of(constraints: &'a [Constraint]) -> Vec<Self> {
        let mut blocks: Vec<Self> = Vec::new();
        for constraint in constraints {
            let name = constraint.id.split('.').next().unwrap_or_default();
            match blocks.iter_mut().find(|block| block.name == name) {
                Some(block) => block.constraints.push(constraint),
                None => blocks.push(Self { name, constraints: vec![constraint] }),
            }
        }
        blocks
    }

    /// How the block came out: as the gravest of its checks.
    pub fn status(&self) -> ConstraintStatus {
        let gravity = |status: &ConstraintStatus| match status {
            ConstraintStatus::Failed => 4,
            ConstraintStatus::Warning => 3,
            ConstraintStatus::Information => 2,
            ConstraintStatus::Passed => 1,
            ConstraintStatus::NotChecked => 0,
        };
        let statuses = self.constraints.iter().map(|constraint| constraint.status);
        statuses.max_by_key(gravity).unwrap_or(ConstraintStatus::NotChecked)
    }
}

/// How one check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ConstraintStatus {
    /// Held.
    Passed,
    /// Did not hold.
    Failed,
    /// Did not hold, which the policy takes for a warning.
    Warning,
    /// Did not hold, which the policy takes note of.
    Information,
    /// Could not be, or by the policy need not be, checked.
    NotChecked,
}

/// One certificate of the path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathEntry {
    /// Subject, escaped.
    pub subject: String,
    /// SHA-256 of the certificate, hexadecimal.
    pub sha256: String,
    /// Revocation status at the time of judgement.
    pub revocation: RevocationSummary,
}

/// Revocation status of one certificate, and where it is known from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationSummary {
    /// The status.
    pub status: RevocationStatusName,
    /// SHA-256 of the list or OCSP response it is known from, hexadecimal.
    pub source: Option<String>,
    /// What that source is.
    #[serde(default)]
    pub source_kind: Option<RevocationSource>,
    /// Who signed the OCSP response it is known from: subject, escaped.
    #[serde(default)]
    pub responder: Option<String>,
    /// When that source was issued.
    pub this_update: Option<DateTime<Utc>>,
    /// When the next one is due at the latest.
    pub next_update: Option<DateTime<Utc>>,
    /// Why the certificate was revoked (RFC 5280 §5.3.1).
    pub reason: Option<String>,
    /// When it was revoked.
    pub date: Option<DateTime<Utc>>,
}

/// Where a revocation status is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RevocationSource {
    /// A certificate revocation list (RFC 5280 §5).
    Crl,
    /// An OCSP response (RFC 6960).
    Ocsp,
}

/// Revocation status of one certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RevocationStatusName {
    /// Not revoked.
    Good,
    /// Revoked.
    Revoked,
    /// Not known.
    Unknown,
    /// By the policy not looked at.
    NotChecked,
}
