//! The table: every algorithm identifier this service knows, with its name and what stands behind it.
//!
//! A new algorithm is a new row. Whether one that can be verified is still accepted is not said here but in
//! [`CryptographicConstraints`](super::CryptographicConstraints).

use serde::{Deserialize, Serialize};

use super::AlgorithmError;
use crate::pki::Oid;

/// What becomes of a signature that uses an algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Verified.
    Verified,
    /// Known, broken, and not even computed.
    Broken,
    /// Known by name, not verified here.
    NotHere,
}

/// A digest algorithm of the table. Those not verified here exist to be named and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are those of the standard")]
pub enum DigestAlgorithm {
    #[serde(rename = "MD5")]
    Md5,
    #[serde(rename = "SHA-1")]
    Sha1,
    #[serde(rename = "SHA-224")]
    Sha224,
    #[serde(rename = "SHA-256")]
    Sha256,
    #[serde(rename = "SHA-384")]
    Sha384,
    #[serde(rename = "SHA-512")]
    Sha512,
    /// GOST 34.311-95 with the test S-box: the national digest until 2022.
    #[serde(rename = "GOST 34.311-95")]
    Gost34311,
    /// GOST R 34.11-2012, 256 bits, under its national identifier.
    #[serde(rename = "GOST R 34.11-2012 256")]
    Streebog256,
    /// GOST R 34.11-2012, 512 bits, under its national identifier: the national digest now.
    #[serde(rename = "GOST R 34.11-2012 512")]
    Streebog512,
}

/// How a signature is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    RsaPkcs1,
    RsaPss,
    Ecdsa,
    Ed25519,
    Gost,
    /// Nothing here computes it.
    NotHere,
}

/// What kind of public key an identifier in SubjectPublicKeyInfo announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyKind {
    Rsa,
    RsaPssOnly,
    Ec,
    Ed25519,
    Gost,
    /// Nothing here verifies with it.
    NotHere,
}

/// A row of the signature part.
#[derive(Debug)]
pub(super) struct SignatureRow {
    pub oid: Oid,
    pub name: &'static str,
    pub scheme: Scheme,
    /// `None`: the parameters say which.
    pub digest: Option<DigestAlgorithm>,
}

/// A row of the digest part.
struct DigestRow {
    digest: DigestAlgorithm,
    oid: Oid,
    name: &'static str,
    length: usize,
    standing: Standing,
}

/// A row of the key part.
struct KeyRow {
    oid: Oid,
    name: &'static str,
    kind: KeyKind,
}

/// What an identifier means where a signature algorithm is named.
pub(super) enum Meaning {
    Signature(&'static SignatureRow),
    /// A key identifier: the digest is named apart.
    Key(KeyKind),
}

pub(super) const SHA1: Oid = Oid::new(&[1, 3, 14, 3, 2, 26]);
pub(super) const RSA_ENCRYPTION: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 1, 1]);
pub(super) const RSASSA_PSS: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 1, 10]);
pub(super) const MGF1: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 1, 8]);
pub(super) const EC_PUBLIC_KEY: Oid = Oid::new(&[1, 2, 840, 10045, 2, 1]);
pub(super) const P256: Oid = Oid::new(&[1, 2, 840, 10045, 3, 1, 7]);
pub(super) const P384: Oid = Oid::new(&[1, 3, 132, 0, 34]);
pub(super) const P521: Oid = Oid::new(&[1, 3, 132, 0, 35]);
pub(super) const ED25519: Oid = Oid::new(&[1, 3, 101, 112]);

/// The arc of the national cryptographic objects.
const GOST: [u64; 5] = [1, 2, 398, 3, 10];

const fn gost<const N: usize>(tail: [u64; N]) -> Oid {
    let mut arcs = [0; 16];
    let mut index = 0;
    while index < GOST.len() {
        arcs[index] = GOST[index];
        index += 1;
    }
    let mut at = 0;
    while at < N {
        arcs[index + at] = tail[at];
        at += 1;
    }
    let (used, _) = arcs.split_at(GOST.len() + N);
    Oid::new(used)
}

#[rustfmt::skip]
static DIGESTS: [DigestRow; 9] = {
    use DigestAlgorithm as D;
    use Standing::{Broken, NotHere, Verified};
    [
        DigestRow { digest: D::Sha256,      oid: Oid::new(&[2, 16, 840, 1, 101, 3, 4, 2, 1]), name: "SHA-256",              length: 32, standing: Verified },
        DigestRow { digest: D::Sha384,      oid: Oid::new(&[2, 16, 840, 1, 101, 3, 4, 2, 2]), name: "SHA-384",              length: 48, standing: Verified },
        DigestRow { digest: D::Sha512,      oid: Oid::new(&[2, 16, 840, 1, 101, 3, 4, 2, 3]), name: "SHA-512",              length: 64, standing: Verified },
        DigestRow { digest: D::Sha224,      oid: Oid::new(&[2, 16, 840, 1, 101, 3, 4, 2, 4]), name: "SHA-224",              length: 28, standing: NotHere },
        DigestRow { digest: D::Sha1,        oid: SHA1,                                         name: "SHA-1",                length: 20, standing: Verified },
        DigestRow { digest: D::Md5,         oid: Oid::new(&[1, 2, 840, 113_549, 2, 5]),       name: "MD5",                  length: 16, standing: Broken },
        DigestRow { digest: D::Gost34311,   oid: gost([1, 3, 1]),                                 name: "GOST 34.311-95",       length: 32, standing: Verified },
        DigestRow { digest: D::Streebog256, oid: gost([1, 3, 2]),                                 name: "GOST R 34.11-2012 256", length: 32, standing: Verified },
        DigestRow { digest: D::Streebog512, oid: gost([1, 3, 3]),                                 name: "GOST R 34.11-2012 512", length: 64, standing: Verified },
    ]
};

#[rustfmt::skip]
static SIGNATURES: [SignatureRow; 16] = {
    use DigestAlgorithm as D;
    use Scheme::{Ecdsa, Ed25519, Gost, NotHere, RsaPkcs1, RsaPss};
    [
        SignatureRow { oid: Oid::new(&[1, 2, 840, 113_549, 1, 1, 11]), name: "RSA with SHA-256",   scheme: RsaPkcs1, digest: Some(D::Sha256) },
        SignatureRow { oid: Oid::new(&[1, 2, 840, 113_549, 1, 1, 12]), name: "RSA with SHA-384",   scheme: RsaPkcs1, digest: Some(D::Sha384) },
        SignatureRow { oid: Oid::new(&[1, 2, 840, 113_549, 1, 1, 13]), name: "RSA with SHA-512",   scheme: RsaPkcs1, digest: Some(D::Sha512) },
        SignatureRow { oid: Oid::new(&[1, 2, 840, 113_549, 1, 1, 14]), name: "RSA with SHA-224",   scheme: RsaPkcs1, digest: Some(D::Sha224) },
        SignatureRow { oid: Oid::new(&[1, 2, 840, 113_549, 1, 1, 5]),  name: "RSA with SHA-1",     scheme: RsaPkcs1, digest: Some(D::Sha1) },
        SignatureRow { oid: Oid::new(&[1, 2, 840, 113_549, 1, 1, 4]),  name: "RSA with MD5",       scheme: RsaPkcs1, digest: Some(D::Md5) },
        SignatureRow { oid: RSASSA_PSS,                                name: "RSASSA-PSS",         scheme: RsaPss,   digest: None },
        SignatureRow { oid: Oid::new(&[1, 2, 840, 10045, 4, 3, 2]),    name: "ECDSA with SHA-256", scheme: Ecdsa,    digest: Some(D::Sha256) },
        SignatureRow { oid: Oid::new(&[1, 2, 840, 10045, 4, 3, 3]),    name: "ECDSA with SHA-384", scheme: Ecdsa,    digest: Some(D::Sha384) },
        SignatureRow { oid: Oid::new(&[1, 2, 840, 10045, 4, 3, 4]),    name: "ECDSA with SHA-512", scheme: Ecdsa,    digest: Some(D::Sha512) },
        SignatureRow { oid: Oid::new(&[1, 2, 840, 10045, 4, 1]),       name: "ECDSA with SHA-1",   scheme: Ecdsa,    digest: Some(D::Sha1) },
        SignatureRow { oid: gost([1, 1, 1, 2]),    name: "GOST 34.310-2004 with GOST 34.311-95",      scheme: Gost, digest: Some(D::Gost34311) },
        SignatureRow { oid: gost([1, 1, 2, 3, 1]), name: "GOST 34.10-2015 256 with GOST 34.11-2015",  scheme: Gost, digest: Some(D::Streebog256) },
        SignatureRow { oid: gost([1, 1, 2, 3, 2]), name: "GOST 34.10-2015 512 with GOST 34.11-2015",  scheme: Gost, digest: Some(D::Streebog512) },
        SignatureRow { oid: ED25519,                   name: "Ed25519", scheme: Ed25519, digest: Some(D::Sha512) },
        SignatureRow { oid: Oid::new(&[1, 3, 101, 113]), name: "Ed448",   scheme: NotHere, digest: None },
    ]
};

#[rustfmt::skip]
static KEYS: [KeyRow; 8] = [
    KeyRow { oid: RSA_ENCRYPTION,      name: "RSA",                 kind: KeyKind::Rsa },
    KeyRow { oid: RSASSA_PSS,          name: "RSASSA-PSS",          kind: KeyKind::RsaPssOnly },
    KeyRow { oid: ED25519,             name: "Ed25519",             kind: KeyKind::Ed25519 },
    KeyRow { oid: EC_PUBLIC_KEY,       name: "EC",                  kind: KeyKind::Ec },
    KeyRow { oid: gost([1, 1, 1, 1]),  name: "GOST 34.310-2004",    kind: KeyKind::Gost },
    KeyRow { oid: gost([1, 1, 2, 1]),  name: "GOST 34.10-2015 256", kind: KeyKind::Gost },
    KeyRow { oid: gost([1, 1, 2, 2]),  name: "GOST 34.10-2015 512", kind: KeyKind::Gost },
    KeyRow { oid: Oid::new(&[1, 2, 840, 10040, 4, 1]), name: "DSA", kind: KeyKind::NotHere },
];

pub(super) fn digest(oid: &Oid) -> Option<DigestAlgorithm> {
    DIGESTS.iter().find(|row| row.oid == *oid).map(|row| row.digest)
}

pub(super) fn key(oid: &Oid) -> Option<KeyKind> {
    KEYS.iter().find(|row| row.oid == *oid).map(|row| row.kind)
}

pub(super) fn meaning(oid: &Oid) -> Option<Meaning> {
    let signature = SIGNATURES.iter().find(|row| row.oid == *oid).map(Meaning::Signature);
    signature.or_else(|| key(oid).map(Meaning::Key))
}

pub(super) fn name(oid: &Oid) -> &'static str {
    let signatures = SIGNATURES.iter().map(|row| (row.oid, row.name));
    let keys = KEYS.iter().map(|row| (row.oid, row.name));
    let digests = DIGESTS.iter().map(|row| (row.oid, row.name));
    signatures.chain(keys).chain(digests).find(|(row, _)| row == oid).map_or("unknown algorithm", |(_, name)| name)
}

impl DigestAlgorithm {
    fn row(self) -> &'static DigestRow {
        // Every variant has its row, which a test holds true; SHA-256 stands first.
        DIGESTS.iter().find(|row| row.digest == self).unwrap_or(&DIGESTS[0])
    }

    /// Its name for people: `SHA-256`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Its identifier.
    pub fn oid(self) -> Oid {
        self.row().oid
    }

    /// Octets of its output.
    pub fn length(self) -> usize {
        self.row().length
    }

    pub(super) fn standing(self) -> Standing {
        self.row().standing
    }

    pub(super) fn is_gost(self) -> bool {
        matches!(self, Self::Gost34311 | Self::Streebog256 | Self::Streebog512)
    }

    /// Why this digest is not computed here.
    pub(super) fn not_computed(self) -> AlgorithmError {
        match self.standing() {
            Standing::Broken => AlgorithmError::TooWeak { oid: self.oid(), name: self.name().into() },
            Standing::Verified | Standing::NotHere => {
                AlgorithmError::Unsupported { oid: self.oid(), name: self.name().into() }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digest_has_its_own_row_and_no_identifier_stands_twice() {
        use DigestAlgorithm as D;
        for digest in
            [D::Md5, D::Sha1, D::Sha224, D::Sha256, D::Sha384, D::Sha512, D::Gost34311, D::Streebog256, D::Streebog512]
        {
            assert_eq!(digest.row().digest, digest);
        }
        let mut signatures: Vec<_> = SIGNATURES.iter().map(|row| row.oid).collect();
        signatures.sort_unstable();
        signatures.dedup();
        assert_eq!(signatures.len(), SIGNATURES.len());
        assert_eq!(gost([1, 1, 2, 3, 2]).to_string(), "1.2.398.3.10.1.1.2.3.2");
        assert_eq!(gost([1, 3, 3]).to_string(), "1.2.398.3.10.1.3.3");
    }
}
