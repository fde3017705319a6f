//! Cryptographic constraints (EN 319 102-1 §5.1.4.3): which algorithms and key lengths count as reliable, and until when.
//!
//! That a signature verifies is a fact about it; whether its algorithm still proves anything is a matter of policy and time. So the table
//! says what can be verified, and this says what is accepted.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{AlgorithmError, DigestAlgorithm, PublicKey, SignatureAlgorithm};

/// Keys that one constraint speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeyFamily {
    /// RSA, whatever the padding.
    #[serde(rename = "RSA")]
    Rsa,
    /// ECDSA on the NIST curves.
    #[serde(rename = "ECDSA")]
    Ecdsa,
    /// Ed25519: verified, and accepted by no policy that ships.
    #[serde(rename = "Ed25519")]
    Ed25519,
    /// GOST R 34.10-2012 with 512 or 256 bits: СТ РК ГОСТ Р 34.10-2015.
    #[serde(rename = "GOST R 34.10-2015")]
    Gost2015,
    /// ГОСТ 34.310-2004.
    #[serde(rename = "GOST 34.310-2004")]
    Gost2004,
}

/// A digest that is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptedDigest {
    /// Which.
    pub digest: DigestAlgorithm,
    /// The moment from which it no longer proves anything by itself; none while that is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

/// Keys that are accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptedKeys {
    /// Which.
    pub family: KeyFamily,
    /// Shortest length in bits: of the modulus, or of the field.
    pub minimum_bits: usize,
    /// The moment from which they no longer prove anything by themselves; none while that is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

/// What is accepted; what is not listed is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptedAlgorithms {
    /// Digests.
    pub digests: Vec<AcceptedDigest>,
    /// Keys.
    pub keys: Vec<AcceptedKeys>,
}

/// Which algorithms count as reliable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CryptographicConstraints {
    /// Every algorithm that can be verified: for judging structure alone, as old conformance cases need it.
    None,
    /// Only these.
    Accepted(AcceptedAlgorithms),
}

impl CryptographicConstraints {
    /// What the national authority has issued and still validates: RSA from 2048 bits, GOST R 34.10-2015, GOST 34.310-2004
    /// up to `gost_2004_until`, and ECDSA for sandboxes and foreign systems.
    pub fn national(gost_2004_until: Option<DateTime<Utc>>) -> Self {
        use DigestAlgorithm as D;
        let open = |digest| AcceptedDigest { digest, until: None };
        let mut digests: Vec<_> =
            [D::Sha256, D::Sha384, D::Sha512, D::Streebog256, D::Streebog512].into_iter().map(open).collect();
        digests.push(AcceptedDigest { digest: D::Gost34311, until: gost_2004_until });
        let keys = vec![
            AcceptedKeys { family: KeyFamily::Rsa, minimum_bits: 2048, until: None },
            AcceptedKeys { family: KeyFamily::Ecdsa, minimum_bits: 256, until: None },
            AcceptedKeys { family: KeyFamily::Gost2015, minimum_bits: 256, until: None },
            AcceptedKeys { family: KeyFamily::Gost2004, minimum_bits: 256, until: gost_2004_until },
        ];
        Self::Accepted(AcceptedAlgorithms { digests, keys })
    }

    /// Whether a signature by `algorithm` under `key` proves anything at `time`.
    ///
    /// Errors: `TooWeak`, `Outdated`.
    pub fn check(
        &self,
        algorithm: SignatureAlgorithm,
        key: &PublicKey,
        time: DateTime<Utc>,
    ) -> Result<(), AlgorithmError> {
        self.check_digest(algorithm.digest(), time)?;
        self.check_key(key, time)
    }

    /// Whether `digest` proves anything at `time`. Errors as [`check`](Self::check).
    pub fn check_digest(&self, digest: DigestAlgorithm, time: DateTime<Utc>) -> Result<(), AlgorithmError> {
        let Self::Accepted(accepted) = self else {
            return Ok(());
        };
        match accepted.digests.iter().find(|row| row.digest == digest) {
            None => Err(AlgorithmError::TooWeak { oid: digest.oid(), name: digest.name().into() }),
            Some(row) => within(row.until, time, digest.name()),
        }
    }

    /// Whether `key` proves anything at `time`. Errors as [`check`](Self::check).
    pub fn check_key(&self, key: &PublicKey, time: DateTime<Utc>) -> Result<(), AlgorithmError> {
        let Self::Accepted(accepted) = self else {
            return Ok(());
        };
        let row = accepted.keys.iter().find(|row| row.family == key.family());
        match row.filter(|row| key.bits() >= row.minimum_bits) {
            None => Err(AlgorithmError::TooWeak { oid: key.oid(), name: key.description().into() }),
            Some(row) => within(row.until, time, &key.description()),
        }
    }
}

fn within(until: Option<DateTime<Utc>>, time: DateTime<Utc>, name: &str) -> Result<(), AlgorithmError> {
    match until {
        Some(until) if time >= until => Err(AlgorithmError::Outdated { name: name.into(), until }),
        _ => Ok(()),
    }
}
