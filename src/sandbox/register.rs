//! The authority's own book: what it issued, what it revoked, the next CRL numbers. One TOML file, written after each change.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rcgen::{RevocationReason, RevokedCertParams, SerialNumber, date_time_ymd};
use serde::{Deserialize, Serialize};

use super::authority::Strength;
use super::profile::moment;

/// The whole book.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Register {
    /// Version of this file's format.
    pub(super) version: u32,
    /// When the authority was minted.
    pub(super) minted: DateTime<Utc>,
    /// Key lengths of its authorities.
    pub(super) strength: Strength,
    /// Number of the last CRL by issuer.
    pub(super) crl_numbers: BTreeMap<String, u64>,
    /// Everything issued that can be revoked by name.
    #[serde(rename = "certificate")]
    pub(super) certificates: Vec<Issued>,
}

/// One issued certificate.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Issued {
    /// Its file without ending, such as `citizens/assel`.
    pub(super) name: String,
    /// Short name of its issuer.
    pub(super) issuer: String,
    /// Serial number in hexadecimal.
    pub(super) serial: String,
    /// When it was revoked, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) revoked: Option<DateTime<Utc>>,
}

impl Register {
    /// The certificate `name`: the full name, or its last part where that is unique.
    pub(super) fn find(&mut self, name: &str) -> Option<&mut Issued> {
        let short = |issued: &Issued| issued.name.rsplit('/').next() == Some(name);
        let full = self.certificates.iter().position(|issued| issued.name == name);
        let alone = || {
            let mut found = self.certificates.iter().enumerate().filter(|(_, issued)| short(issued));
            found.next().filter(|_| found.next().is_none()).map(|(index, _)| index)
        };
        let index = full.or_else(alone)?;
        self.certificates.get_mut(index)
    }

    /// The revoked certificates of `issuer` as CRL entries.
    pub(super) fn revoked_by(&self, issuer: &str) -> Vec<RevokedCertParams> {
        self.certificates
            .iter()
            .filter(|issued| issued.issuer == issuer)
            .filter_map(|issued| {
                Some(RevokedCertParams {
                    serial_number: SerialNumber::from(hex::decode(&issued.serial).ok()?),
                    revocation_time: moment(date_time_ymd(1970, 1, 1), issued.revoked?),
                    reason_code: Some(RevocationReason::CessationOfOperation),
                    invalidity_date: None,
                })
            })
            .collect()
    }
}
