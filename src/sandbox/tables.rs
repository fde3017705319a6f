//! The tables a service reads beside the certificates: what is trusted, who the callers are, who the officers are.
//!
//! All are TOML. `trust.toml` has the format of `certs/trust-anchors.toml` of the national anchors, so that one reader serves both.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// `trust.toml`: certificates with the purposes they are trusted for.
///
/// ```toml
/// [[certificate]]
/// name = "root_rsa"
/// file = "roots/rsa.crt"               # relative to the table, PEM or DER
/// kind = "ANCHOR"                      # or INTERMEDIATE: for path building only
/// purposes = ["APPLICANTS", "OFFICERS", "TIME_STAMPS"]  # or CALLERS
/// subject = "CN=…, C=KZ"
/// not_before = "2026-01-01T00:00:00Z"
/// not_after = "2046-01-01T00:00:00Z"
/// sha256 = "…"                         # of the DER; a file with another digest is not taken
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct TrustTable {
    /// The certificates, anchors first.
    #[serde(rename = "certificate")]
    pub certificates: Vec<TrustRow>,
}

/// One certificate of a [`TrustTable`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TrustRow {
    /// Short name, unique in the table.
    pub name: String,
    /// The certificate's file, relative to the table's folder.
    pub file: String,
    /// `ANCHOR` or `INTERMEDIATE`.
    pub kind: String,
    /// `APPLICANTS`, `OFFICERS`, `CALLERS`, `TIME_STAMPS`.
    pub purposes: Vec<String>,
    /// The subject for people to recognise.
    pub subject: String,
    /// OID of the signature algorithm the certificate is signed with.
    pub algorithm: String,
    /// Begin of validity.
    pub not_before: DateTime<Utc>,
    /// End of validity.
    pub not_after: DateTime<Utc>,
    /// SHA-256 of the DER encoding, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Where the certificate is published, when it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// `callers.toml`: systems known by their TLS client certificate.
///
/// ```toml
/// [[caller]]
/// id = "berlin"
/// certificate_sha256 = "…"             # of the DER
/// roles = ["mission"]                  # portal, mission, ministry, validation, trust-administrator, auditor
/// mission = "KZ-DE-BER"                # the scope of a mission
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct CallerTable {
    /// The callers.
    #[serde(rename = "caller")]
    pub callers: Vec<CallerRow>,
}

/// One caller of a [`CallerTable`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CallerRow {
    /// Name of the calling system, stored as `submitted_by`.
    pub id: String,
    /// SHA-256 of its client certificate's DER encoding, 64 lower-case hexadecimal digits.
    pub certificate_sha256: String,
    /// What it may do.
    pub roles: Vec<String>,
    /// The mission it speaks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mission: Option<String>,
}

/// `officers.toml`: persons who may act for a mission by signing.
///
/// ```toml
/// [[officer]]
/// iin = "…"                            # with bin, as in the officer's certificate
/// bin = "…"                            # of the mission
/// mission = "KZ-DE-BER"
/// roles = ["OFFICER"]                  # OFFICER, SUPERVISOR
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct OfficerTable {
    /// The officers.
    #[serde(rename = "officer")]
    pub officers: Vec<OfficerRow>,
}

/// One officer of an [`OfficerTable`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OfficerRow {
    /// The officer's IIN.
    pub iin: String,
    /// The mission's BIN.
    pub bin: String,
    /// The mission's code.
    pub mission: String,
    /// What the officer may do.
    pub roles: Vec<String>,
}
