//! Public keys and the verification itself: by ring, by the `gost` room, and P-521 by the p521 crate.

use std::borrow::Cow;
use std::sync::Arc;

use p521::ecdsa::signature::hazmat::PrehashVerifier as _;
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

use super::table::{self, KeyKind};
use super::{AlgorithmError, AlgorithmIdentifier, DigestAlgorithm, KeyFamily, Parameters, pss_parameters};
use crate::pki::der::{DerError, Reader};
use crate::pki::{Oid, gost};

/// Smallest and largest RSA modulus that can be verified with, in bits. What is accepted is a matter of policy.
const RSA_BITS: std::ops::RangeInclusive<usize> = 1024..=8192;

/// A signature algorithm that can be verified here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2).
    RsaPkcs1(DigestAlgorithm),
    /// RSASSA-PSS (RFC 8017 §8.1) with MGF1 by the same digest and a salt of its length.
    RsaPss(DigestAlgorithm),
    /// ECDSA (FIPS 186-5 §6) with an ASN.1 `r`, `s` pair; the curve is the key's.
    Ecdsa(DigestAlgorithm),
    /// Ed25519 (RFC 8032); beside it CMS names SHA-512 (RFC 8419 §2.3).
    Ed25519,
    /// GOST R 34.10-2012 or ГОСТ 34.310-2004 in the national encoding; the digest says with which keys.
    Gost(DigestAlgorithm),
}

impl SignatureAlgorithm {
    /// The digest inside.
    pub fn digest(self) -> DigestAlgorithm {
        match self {
            Self::RsaPkcs1(digest) | Self::RsaPss(digest) | Self::Ecdsa(digest) | Self::Gost(digest) => digest,
            Self::Ed25519 => DigestAlgorithm::Sha512,
        }
    }

    /// A name for reports and errors.
    pub fn name(self) -> &'static str {
        use DigestAlgorithm as D;
        match self {
            Self::RsaPkcs1(D::Sha256) => "RSA with SHA-256",
            Self::RsaPkcs1(D::Sha384) => "RSA with SHA-384",
            Self::RsaPkcs1(D::Sha512) => "RSA with SHA-512",
            Self::RsaPkcs1(D::Sha1) => "RSA with SHA-1",
            Self::RsaPkcs1(_) => "RSA",
            Self::RsaPss(D::Sha256) => "RSASSA-PSS with SHA-256",
            Self::RsaPss(D::Sha384) => "RSASSA-PSS with SHA-384",
            Self::RsaPss(D::Sha512) => "RSASSA-PSS with SHA-512",
            Self::RsaPss(_) => "RSASSA-PSS",
            Self::Ecdsa(D::Sha256) => "ECDSA with SHA-256",
            Self::Ecdsa(D::Sha384) => "ECDSA with SHA-384",
            Self::Ecdsa(D::Sha512) => "ECDSA with SHA-512",
            Self::Ecdsa(_) => "ECDSA",
            Self::Ed25519 => "Ed25519",
            Self::Gost(D::Streebog512) => "GOST 34.10-2015 512 with GOST 34.11-2015",
            Self::Gost(D::Streebog256) => "GOST 34.10-2015 256 with GOST 34.11-2015",
            Self::Gost(_) => "GOST 34.310-2004 with GOST 34.311-95",
        }
    }

    /// Verifies `signature` over `message` under `key`.
    ///
    /// Errors: `KeyMismatch` when the key is of another kind, `Unsupported` for what ring does not pair (SHA-512 with P-256 or P-384,
    /// SHA-384 or PSS with RSA below 2048 bits), `KeyMalformed`, `SignatureInvalid`.
    pub fn verify(self, key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<(), AlgorithmError> {
        if let (Self::Gost(digest), Kind::Gost { key, .. }) = (self, &key.0)
            && digest == key.set().digest()
        {
            let verified = key.verify(digest.digest(message)?.as_ref(), signature);
            return if verified { Ok(()) } else { Err(AlgorithmError::SignatureInvalid) };
        }
        if let (Self::Ecdsa(digest), Kind::P521 { octets }) = (self, &key.0) {
            let digest = digest.digest(message)?;
            let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(octets)
                .map_err(|_| AlgorithmError::KeyMalformed("P-521"))?;
            let signature = p521::ecdsa::Signature::from_der(signature);
            let verified = signature.and_then(|signature| key.verify_prehash(digest.as_ref(), &signature));
            return verified.map_err(|_| AlgorithmError::SignatureInvalid);
        }
        let algorithm = self.verification(key)?;
        // ring folds "key rejected" into "does not verify"; the parts of a key it could reject were checked when it was read.
        UnparsedPublicKey::new(algorithm, key.octets())
            .verify(message, signature)
            .map_err(|_| AlgorithmError::SignatureInvalid)
    }

    fn verification(self, key: &PublicKey) -> Result<&'static dyn VerificationAlgorithm, AlgorithmError> {
        use DigestAlgorithm as D;
        let mismatch = || AlgorithmError::KeyMismatch { signature: self.name(), key: key.kind() };
        let unpaired = || AlgorithmError::Unsupported {
            oid: key.oid(),
            name: format!("{} on {}", self.name(), key.description()).into(),
        };
        Ok(match (self, &key.0) {
            (Self::RsaPkcs1(D::Sha1), Kind::Rsa { .. }) => &signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
            (Self::RsaPkcs1(digest), Kind::Rsa { bits: ..2048, .. }) => match digest {
                D::Sha256 => &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
                D::Sha512 => &signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
                _ => return Err(unpaired()),
            },
            (Self::RsaPss(_), Kind::Rsa { bits: ..2048, .. } | Kind::RsaPssOnly { bits: ..2048, .. }) => {
                return Err(unpaired());
            }
            (Self::RsaPkcs1(D::Sha256), Kind::Rsa { .. }) => &signature::RSA_PKCS1_2048_8192_SHA256,
            (Self::RsaPkcs1(D::Sha384), Kind::Rsa { .. }) => &signature::RSA_PKCS1_2048_8192_SHA384,
            (Self::RsaPkcs1(D::Sha512), Kind::Rsa { .. }) => &signature::RSA_PKCS1_2048_8192_SHA512,
            (Self::RsaPss(digest), Kind::RsaPssOnly { digest: Some(demanded), .. }) if *demanded != digest => {
                return Err(mismatch());
            }
            (Self::RsaPss(D::Sha256), Kind::Rsa { .. } | Kind::RsaPssOnly { .. }) => {
                &signature::RSA_PSS_2048_8192_SHA256
            }
            (Self::RsaPss(D::Sha384), Kind::Rsa { .. } | Kind::RsaPssOnly { .. }) => {
                &signature::RSA_PSS_2048_8192_SHA384
            }
            (Self::RsaPss(D::Sha512), Kind::Rsa { .. } | Kind::RsaPssOnly { .. }) => {
                &signature::RSA_PSS_2048_8192_SHA512
            }
            (Self::Ecdsa(D::Sha256), Kind::P256 { .. }) => &signature::ECDSA_P256_SHA256_ASN1,
            (Self::Ecdsa(D::Sha384), Kind::P256 { .. }) => &signature::ECDSA_P256_SHA384_ASN1,
            (Self::Ecdsa(D::Sha256), Kind::P384 { .. }) => &signature::ECDSA_P384_SHA256_ASN1,
            (Self::Ecdsa(D::Sha384), Kind::P384 { .. }) => &signature::ECDSA_P384_SHA384_ASN1,
            (Self::Ecdsa(_), Kind::P256 { .. } | Kind::P384 { .. }) => return Err(unpaired()),
            (Self::Ed25519, Kind::Ed25519 { .. }) => &signature::ED25519,
            _ => return Err(mismatch()),
        })
    }
}

/// A public key that can verify here, checked for form and size when read. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PublicKey(Kind);

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        (self.oid(), self.description(), self.octets()) == (other.oid(), other.description(), other.octets())
    }
}

impl Eq for PublicKey {}

#[derive(Debug, Clone)]
enum Kind {
    /// RSAPublicKey (RFC 8017 §A.1.1).
    Rsa { bits: usize, octets: Arc<[u8]> },
    /// The same, bound to PSS by its identifier, and to a digest where parameters are given (RFC 4055 §1.2).
    RsaPssOnly { bits: usize, digest: Option<DigestAlgorithm>, octets: Arc<[u8]> },
    /// Uncompressed point.
    P256 { octets: Arc<[u8]> },
    /// Uncompressed point.
    P384 { octets: Arc<[u8]> },
    /// Uncompressed point. ring has no P-521.
    P521 { octets: Arc<[u8]> },
    /// 32 octets (RFC 8410 §4).
    Ed25519 { octets: Arc<[u8]> },
    /// A point in the national encoding.
    Gost { key: gost::PublicKey, octets: Arc<[u8]> },
}

impl PublicKey {
    /// Reads the key bits announced by `identifier` (RFC 3279 §2.3, RFC 5480; the national encodings).
    ///
    /// Errors: `Unsupported` (DSA, other curves, compressed points, RSA above 8192 bits), `TooWeak` (RSA below 1024 bits),
    /// `Parameters`, `KeyMalformed`. That a point lies on its curve is seen here for GOST, and for ECDSA only when a signature is
    /// verified.
    pub fn new(identifier: &AlgorithmIdentifier, octets: &[u8]) -> Result<Self, AlgorithmError> {
        match table::key(&identifier.oid) {
            Some(KeyKind::Rsa) => {
                if matches!(identifier.parameters, Parameters::Der(_)) {
                    return Err(AlgorithmError::Parameters { name: "RSA", problem: "must be NULL" });
                }
                let bits = rsa_bits(identifier, octets)?;
                Ok(Self(Kind::Rsa { bits, octets: octets.into() }))
            }
            Some(KeyKind::RsaPssOnly) => {
                let digest = match &identifier.parameters {
                    Parameters::Absent => None,
                    Parameters::Null => {
                        return Err(AlgorithmError::Parameters {
                            name: "RSASSA-PSS",
                            problem: "NULL is not a value of them",
                        });
                    }
                    Parameters::Der(der) => Some(pss_parameters(der)?),
                };
                let bits = rsa_bits(identifier, octets)?;
                Ok(Self(Kind::RsaPssOnly { bits, digest, octets: octets.into() }))
            }
            Some(KeyKind::Ec) => Self::elliptic(identifier, octets),
            Some(KeyKind::Ed25519) => match (&identifier.parameters, octets.len()) {
                (Parameters::Absent, 32) => Ok(Self(Kind::Ed25519 { octets: octets.into() })),
                (Parameters::Absent, _) => Err(AlgorithmError::KeyMalformed("Ed25519")),
                _ => Err(AlgorithmError::Parameters { name: "Ed25519", problem: "must be absent" }),
            },
            Some(KeyKind::Gost) => {
                let key = gost::PublicKey::read(gost::ParameterSet::of_key(identifier)?, octets)?;
                Ok(Self(Kind::Gost { key, octets: octets.into() }))
            }
            Some(KeyKind::NotHere) | None => Err(identifier.unsupported()),
        }
    }

    fn elliptic(identifier: &AlgorithmIdentifier, octets: &[u8]) -> Result<Self, AlgorithmError> {
        let Parameters::Der(curve) = &identifier.parameters else {
            return Err(AlgorithmError::Parameters { name: "EC", problem: "must name a curve" });
        };
        let curve = Reader::new(curve)
            .oid()
            .map_err(|_| AlgorithmError::Parameters { name: "EC", problem: "must name a curve" })?;
        let (name, length) = match curve {
            table::P256 => ("P-256", 65),
            table::P384 => ("P-384", 97),
            table::P521 => ("P-521", 133),
            oid => return Err(AlgorithmError::Unsupported { oid, name: "elliptic curve".into() }),
        };
        match octets {
            [0x04, ..] if octets.len() == length && curve == table::P256 => {
                Ok(Self(Kind::P256 { octets: octets.into() }))
            }
            [0x04, ..] if octets.len() == length && curve == table::P521 => {
                Ok(Self(Kind::P521 { octets: octets.into() }))
            }
            [0x04, ..] if octets.len() == length => Ok(Self(Kind::P384 { octets: octets.into() })),
            [0x02 | 0x03, ..] => Err(AlgorithmError::Unsupported { oid: curve, name: "compressed point".into() }),
            _ => Err(AlgorithmError::KeyMalformed(name)),
        }
    }

    /// The kind for reports: `RSA-2048`, `P-256`…
    pub fn description(&self) -> Cow<'static, str> {
        match &self.0 {
            Kind::Rsa { bits: 2048, .. } => "RSA-2048".into(),
            Kind::Rsa { bits: 4096, .. } => "RSA-4096".into(),
            Kind::Rsa { bits, .. } | Kind::RsaPssOnly { bits, .. } => format!("RSA-{bits}").into(),
            _ => self.kind().into(),
        }
    }

    /// Length in bits: of the modulus, or of the field.
    pub fn bits(&self) -> usize {
        match &self.0 {
            Kind::Rsa { bits, .. } | Kind::RsaPssOnly { bits, .. } => *bits,
            Kind::P256 { .. } => 256,
            Kind::P384 { .. } => 384,
            Kind::P521 { .. } => 521,
            Kind::Ed25519 { .. } => 255,
            Kind::Gost { key, .. } => key.set().bits(),
        }
    }

    /// Which constraint speaks of it.
    pub fn family(&self) -> KeyFamily {
        match &self.0 {
            Kind::Rsa { .. } | Kind::RsaPssOnly { .. } => KeyFamily::Rsa,
            Kind::P256 { .. } | Kind::P384 { .. } | Kind::P521 { .. } => KeyFamily::Ecdsa,
            Kind::Ed25519 { .. } => KeyFamily::Ed25519,
            Kind::Gost { key, .. } => match key.set() {
                gost::ParameterSet::A512 | gost::ParameterSet::A256 => KeyFamily::Gost2015,
                gost::ParameterSet::CryptoProA => KeyFamily::Gost2004,
            },
        }
    }

    /// What one verification costs, in units of the work that budgets count: about a tenth of a millisecond. Keys of strangers must not
    /// buy unlimited work by their size.
    pub fn verification_cost(&self) -> u32 {
        match &self.0 {
            Kind::Rsa { bits: 4097.., .. } | Kind::RsaPssOnly { bits: 4097.., .. } | Kind::P521 { .. } => 8,
            Kind::Gost { key, .. } if key.set() == gost::ParameterSet::A512 => 3,
            _ => 1,
        }
    }

    /// Prepares a key that will verify often, as an authority's does. It takes some milliseconds once; only GOST keys have a use for it.
    pub fn prepare(&self) {
        if let Kind::Gost { key, .. } = &self.0 {
            key.prepare();
        }
    }

    /// The identifier in SubjectPublicKeyInfo.
    pub(super) fn oid(&self) -> Oid {
        match &self.0 {
            Kind::Rsa { .. } => table::RSA_ENCRYPTION,
            Kind::RsaPssOnly { .. } => table::RSASSA_PSS,
            Kind::P256 { .. } | Kind::P384 { .. } | Kind::P521 { .. } => table::EC_PUBLIC_KEY,
            Kind::Ed25519 { .. } => table::ED25519,
            Kind::Gost { key, .. } => key.set().key_identifier().oid,
        }
    }

    fn kind(&self) -> &'static str {
        match &self.0 {
            Kind::Rsa { .. } => "RSA",
            Kind::RsaPssOnly { .. } => "RSASSA-PSS",
            Kind::P256 { .. } => "P-256",
            Kind::P384 { .. } => "P-384",
            Kind::P521 { .. } => "P-521",
            Kind::Ed25519 { .. } => "Ed25519",
            Kind::Gost { key, .. } => key.set().name(),
        }
    }

    fn octets(&self) -> &[u8] {
        match &self.0 {
            Kind::Rsa { octets, .. }
            | Kind::RsaPssOnly { octets, .. }
            | Kind::P256 { octets }
            | Kind::P384 { octets }
            | Kind::P521 { octets }
            | Kind::Ed25519 { octets }
            | Kind::Gost { octets, .. } => octets,
        }
    }
}

/// Checks an RSAPublicKey and returns its modulus length in bits.
fn rsa_bits(identifier: &AlgorithmIdentifier, octets: &[u8]) -> Result<usize, AlgorithmError> {
    fn read(octets: &[u8]) -> Result<(&[u8], &[u8]), DerError> {
        let mut outer = Reader::new(octets);
        let mut key = outer.sequence()?;
        outer.finish()?;
        let pair = (key.integer()?, key.integer()?);
        key.finish()?;
        Ok(pair)
    }
    let malformed = AlgorithmError::KeyMalformed("RSA");
    let (modulus, exponent) = read(octets).map_err(|_| malformed.clone())?;
    let magnitude = modulus.strip_prefix(&[0]).unwrap_or(modulus);
    let negative = |integer: &[u8]| integer.first().is_some_and(|first| first & 0x80 != 0);
    let odd = |integer: &[u8]| integer.last().is_some_and(|last| last & 1 == 1);
    // ring takes exponents from 3 to 2^33 − 1.
    if negative(modulus)
        || negative(exponent)
        || !odd(modulus)
        || !odd(exponent)
        || exponent == [1]
        || exponent.len() > 5
    {
        return Err(malformed);
    }
    let bits =
        magnitude.first().map_or(0, |first| magnitude.len() * 8 - usize::try_from(first.leading_zeros()).unwrap_or(0));
    if bits < *RSA_BITS.start() {
        return Err(AlgorithmError::TooWeak { oid: identifier.oid, name: format!("RSA-{bits}").into() });
    }
    if bits > *RSA_BITS.end() {
        return Err(AlgorithmError::Unsupported { oid: identifier.oid, name: format!("RSA-{bits}").into() });
    }
    Ok(bits)
}
