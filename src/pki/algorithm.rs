//! From an AlgorithmIdentifier to something that verifies: resolution against the [table](self::table), and the errors
//! that keep "unknown", "too weak", "wrong parameters", "malformed key" and "does not verify" apart (EN 319 102-1 §5.2.7–8
//! gives each another sub-indication).

mod constraints;
mod digest;
mod key;
mod table;

use chrono::{DateTime, Utc};

use super::der::{DerError, Reader, Tag, write};
use super::{Oid, gost};
pub use constraints::{AcceptedAlgorithms, AcceptedDigest, AcceptedKeys, CryptographicConstraints, KeyFamily};
pub use digest::Digest;
pub use key::{PublicKey, SignatureAlgorithm};
pub use table::DigestAlgorithm;
use table::{Meaning, SignatureRow};

/// Why an algorithm, a key or a signature was not accepted. Carries nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AlgorithmError {
    /// Not in the table, not an algorithm of this kind, or listed as not verified here. EN 319 102-1: CRYPTO_CONSTRAINTS_FAILURE.
    #[error("{name} ({oid}) is not supported")]
    Unsupported {
        /// The identifier met.
        oid: Oid,
        /// Its name in the table, `unknown algorithm` when it is not there.
        name: Box<str>,
    },
    /// Known, and broken or not accepted by the policy. EN 319 102-1: CRYPTO_CONSTRAINTS_FAILURE.
    #[error("{name} ({oid}) is too weak")]
    TooWeak {
        /// The identifier met.
        oid: Oid,
        /// Its name, for keys with the size: `RSA-1024`.
        name: Box<str>,
    },
    /// Accepted by the policy once, and no longer. EN 319 102-1: CRYPTO_CONSTRAINTS_FAILURE_NO_POE.
    #[error("{name} is accepted in signatures of before {until} only")]
    Outdated {
        /// Its name.
        name: Box<str>,
        /// The moment from which it is not accepted.
        until: DateTime<Utc>,
    },
    /// Parameters other than the ones the algorithm has.
    #[error("{name}: {problem}")]
    Parameters {
        /// The algorithm's name.
        name: &'static str,
        /// What is wrong with them.
        problem: &'static str,
    },
    /// The digest algorithm named beside the signature is not the hash inside it. EN 319 102-1: SIG_CONSTRAINTS_FAILURE.
    #[error("digest {digest} does not belong to {signature}")]
    DigestMismatch {
        /// The signature algorithm's name.
        signature: &'static str,
        /// The digest's name, or its identifier when unknown.
        digest: Box<str>,
    },
    /// A signature algorithm with a key of another kind.
    #[error("{signature} cannot be verified with a key of kind {key}")]
    KeyMismatch {
        /// The signature algorithm's name.
        signature: &'static str,
        /// The key's kind.
        key: &'static str,
    },
    /// The public key's encoding is not what its algorithm has, or the point is not on the curve.
    #[error("malformed {0} public key")]
    KeyMalformed(&'static str),
    /// The signature does not verify under the key. EN 319 102-1: SIG_CRYPTO_FAILURE.
    #[error("the signature does not verify")]
    SignatureInvalid,
}

/// AlgorithmIdentifier (RFC 5280 §4.1.1.2): an identifier with its parameters, compared octet by octet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AlgorithmIdentifier {
    /// `algorithm`.
    pub oid: Oid,
    /// `parameters`.
    pub parameters: Parameters,
}

/// The parameters of an AlgorithmIdentifier.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Parameters {
    /// No parameters.
    Absent,
    /// An ASN.1 NULL.
    Null,
    /// One element of another kind, as encoded.
    Der(Box<[u8]>),
}

impl AlgorithmIdentifier {
    /// Reads one AlgorithmIdentifier SEQUENCE.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, DerError> {
        Self::read_content(reader.sequence()?)
    }

    /// Reads the content of an AlgorithmIdentifier whose SEQUENCE (or implicit tag) was opened already.
    pub fn read_content(mut content: Reader<'_>) -> Result<Self, DerError> {
        let oid = content.oid()?;
        let parameters = match content.peek() {
            None => Parameters::Absent,
            Some(Tag::NULL) => {
                content.null()?;
                Parameters::Null
            }
            Some(_) => Parameters::Der(content.any()?.encoded.into()),
        };
        content.finish()?;
        Ok(Self { oid, parameters })
    }

    /// Writes the SEQUENCE.
    pub fn to_der(&self) -> Vec<u8> {
        let oid = write::oid(&self.oid);
        match &self.parameters {
            Parameters::Absent => write::sequence(&[&oid]),
            Parameters::Null => write::sequence(&[&oid, &write::null()]),
            Parameters::Der(der) => write::sequence(&[&oid, der]),
        }
    }

    /// Whether both name one algorithm: parameters that are absent and NULL are no difference.
    pub fn means_the_same_as(&self, other: &Self) -> bool {
        let empty = |parameters: &Parameters| matches!(parameters, Parameters::Absent | Parameters::Null);
        self.oid == other.oid
            && (self.parameters == other.parameters || empty(&self.parameters) && empty(&other.parameters))
    }

    /// The table's name for it, `unknown algorithm` otherwise; for reports.
    pub fn name(&self) -> &'static str {
        table::name(&self.oid)
    }

    fn unsupported(&self) -> AlgorithmError {
        AlgorithmError::Unsupported { oid: self.oid, name: self.name().into() }
    }
}

impl DigestAlgorithm {
    /// The digest an AlgorithmIdentifier names. SHA-2 takes NULL or no parameters (RFC 5754 §2), GOST 34.311-95 its
    /// S-box as well.
    ///
    /// Errors: `Unsupported`, `TooWeak` (MD5), `Parameters`.
    pub fn resolve(identifier: &AlgorithmIdentifier) -> Result<Self, AlgorithmError> {
        let Some(digest) = table::digest(&identifier.oid) else {
            return Err(identifier.unsupported());
        };
        if digest.standing() != table::Standing::Verified {
            return Err(digest.not_computed());
        }
        match &identifier.parameters {
            Parameters::Absent | Parameters::Null => Ok(digest),
            Parameters::Der(der) if gost::is_digest_parameter(digest, der) => Ok(digest),
            Parameters::Der(_) => {
                Err(AlgorithmError::Parameters { name: digest.name(), problem: "a digest takes no parameters" })
            }
        }
    }
}

impl SignatureAlgorithm {
    /// The algorithm named by a certificate, a CRL or an OCSP response: the digest must be inside the identifier.
    ///
    /// Errors: `Unsupported`, `TooWeak`, `Parameters`.
    pub fn resolve(identifier: &AlgorithmIdentifier) -> Result<Self, AlgorithmError> {
        match table::meaning(&identifier.oid) {
            Some(Meaning::Signature(row)) => Self::combined(identifier, row),
            _ => Err(identifier.unsupported()),
        }
    }

    /// The algorithm of a CMS SignerInfo (RFC 5652 §5.3), which names the digest apart: a combined identifier must contain
    /// this very digest; bare `rsaEncryption` and `id-ecPublicKey` (RFC 3370 §3.2, RFC 5753 §2.1.1) take it from there.
    ///
    /// Whether the pair belongs together is judged before whether either is supported, so that RSA with a GOST digest is
    /// `DigestMismatch`.
    pub fn resolve_with_digest(
        signature: &AlgorithmIdentifier,
        digest: &AlgorithmIdentifier,
    ) -> Result<Self, AlgorithmError> {
        let mismatch = |name: &'static str| AlgorithmError::DigestMismatch {
            signature: name,
            digest: table::digest(&digest.oid).map_or_else(|| digest.oid.to_string().into(), |d| d.name().into()),
        };
        match table::meaning(&signature.oid) {
            Some(Meaning::Signature(row)) => match row.digest {
                Some(own) if table::digest(&digest.oid) != Some(own) => Err(mismatch(row.name)),
                _ => {
                    let algorithm = Self::combined(signature, row)?;
                    let digest_algorithm = table::digest(&digest.oid);
                    if digest_algorithm == Some(algorithm.digest()) {
                        DigestAlgorithm::resolve(digest).map(|_| algorithm)
                    } else {
                        Err(mismatch(row.name))
                    }
                }
            },
            Some(Meaning::Key(kind)) => {
                let Some(named) = table::digest(&digest.oid) else {
                    return Err(digest.unsupported());
                };
                if named.is_gost() {
                    return Err(mismatch(table::name(&signature.oid)));
                }
                let parameters_fit = match kind {
                    table::KeyKind::Rsa => !matches!(signature.parameters, Parameters::Der(_)),
                    table::KeyKind::Ec => true, // some signers repeat the curve here; the key says which it is
                    _ => return Err(signature.unsupported()),
                };
                if !parameters_fit {
                    return Err(AlgorithmError::Parameters {
                        name: table::name(&signature.oid),
                        problem: "must be NULL or absent",
                    });
                }
                let digest = DigestAlgorithm::resolve(digest)?;
                Ok(if kind == table::KeyKind::Rsa { Self::RsaPkcs1(digest) } else { Self::Ecdsa(digest) })
            }
            _ => Err(signature.unsupported()),
        }
    }

    fn combined(identifier: &AlgorithmIdentifier, row: &SignatureRow) -> Result<Self, AlgorithmError> {
        let wrong = |problem| Err(AlgorithmError::Parameters { name: row.name, problem });
        if let Some(digest) = row.digest {
            match digest.standing() {
                table::Standing::Verified => {}
                table::Standing::Broken => {
                    return Err(AlgorithmError::TooWeak { oid: identifier.oid, name: row.name.into() });
                }
                table::Standing::NotHere => return Err(identifier.unsupported()),
            }
        }
        match (row.scheme, row.digest, &identifier.parameters) {
            // RFC 4055 §5: NULL is to be written, absence to be accepted.
            (table::Scheme::RsaPkcs1, Some(digest), Parameters::Null | Parameters::Absent) => {
                Ok(Self::RsaPkcs1(digest))
            }
            (table::Scheme::Ecdsa, Some(digest), Parameters::Absent) => Ok(Self::Ecdsa(digest)),
            // RFC 8410 §3.
            (table::Scheme::Ed25519, _, Parameters::Absent) => Ok(Self::Ed25519),
            (table::Scheme::Ecdsa | table::Scheme::Ed25519, ..) => wrong("must be absent"),
            (table::Scheme::RsaPss, None, Parameters::Der(der)) => pss_parameters(der).map(Self::RsaPss),
            (table::Scheme::RsaPss, ..) => wrong("must be present"),
            (table::Scheme::Gost, Some(digest), Parameters::Null | Parameters::Absent) => Ok(Self::Gost(digest)),
            (table::Scheme::RsaPkcs1 | table::Scheme::Gost, ..) => wrong("must be NULL"),
            (table::Scheme::NotHere, ..) => Err(identifier.unsupported()),
        }
    }
}

/// RSASSA-PSS-params (RFC 4055 §3.1): mask generation by the same hash, salt as long as the digest, trailer 1.
pub(super) fn pss_parameters(der: &[u8]) -> Result<DigestAlgorithm, AlgorithmError> {
    let wrong = |problem| AlgorithmError::Parameters { name: "RSASSA-PSS", problem };
    let malformed = |_| wrong("malformed parameters");
    let mut outer = Reader::new(der);
    let mut reader = outer.sequence().map_err(malformed)?;
    outer.finish().map_err(malformed)?;
    let mut field = |number| -> Result<Option<Reader<'_>>, AlgorithmError> {
        Ok(reader.optional(Tag::context_constructed(number)).map_err(malformed)?.map(|element| element.reader()))
    };
    let (hash, mask, salt, trailer) = (field(0)?, field(1)?, field(2)?, field(3)?);
    reader.finish().map_err(malformed)?;
    let identifier = |mut reader: Reader<'_>| {
        let identifier = AlgorithmIdentifier::read(&mut reader)?;
        reader.finish().map(|()| identifier)
    };
    // The defaults are SHA-1, which ring does not verify in PSS, and a salt of 20.
    let sha1 = || AlgorithmError::Unsupported { oid: table::RSASSA_PSS, name: "RSASSA-PSS with SHA-1".into() };
    let digest = DigestAlgorithm::resolve(&identifier(hash.ok_or_else(sha1)?).map_err(malformed)?)?;
    if !matches!(digest, DigestAlgorithm::Sha256 | DigestAlgorithm::Sha384 | DigestAlgorithm::Sha512) {
        let name = format!("RSASSA-PSS with {}", digest.name());
        return Err(AlgorithmError::Unsupported { oid: table::RSASSA_PSS, name: name.into() });
    }
    let mask = identifier(mask.ok_or_else(|| wrong("mask generation uses another hash"))?).map_err(malformed)?;
    if mask.oid != table::MGF1 {
        return Err(wrong("mask generation is not MGF1"));
    }
    let Parameters::Der(mask_hash) = mask.parameters else {
        return Err(wrong("malformed parameters"));
    };
    if DigestAlgorithm::resolve(&identifier(Reader::new(&mask_hash)).map_err(malformed)?) != Ok(digest) {
        return Err(wrong("mask generation uses another hash"));
    }
    let number = |reader: Option<Reader<'_>>, default| match reader {
        None => Ok(default),
        Some(mut reader) => reader.unsigned().and_then(|value| reader.finish().map(|()| value)),
    };
    // Allowed by RFC 4055, but not verified by ring.
    let salt = number(salt, 20).map_err(malformed)?;
    if u64::try_from(digest.length()) != Ok(salt) {
        let name = format!("RSASSA-PSS with {} and a salt of {salt} octets", digest.name());
        return Err(AlgorithmError::Unsupported { oid: table::RSASSA_PSS, name: name.into() });
    }
    if number(trailer, 1).map_err(malformed)? != 1 {
        return Err(wrong("trailer field is not 1"));
    }
    Ok(digest)
}

/// Writes the RSASSA-PSS AlgorithmIdentifier this service signs with and accepts: one hash, salt of its length.
pub fn pss_identifier(digest: DigestAlgorithm) -> AlgorithmIdentifier {
    let hash = write::algorithm_with_null(&digest.oid());
    let mask = write::sequence(&[&write::oid(&table::MGF1), &hash]);
    let salt = write::unsigned(u64::try_from(digest.length()).unwrap_or(0));
    let parameters =
        write::sequence(&[&write::explicit(0, &hash), &write::explicit(1, &mask), &write::explicit(2, &salt)]);
    AlgorithmIdentifier { oid: table::RSASSA_PSS, parameters: Parameters::Der(parameters.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA256_RSA: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 1, 11]);
    const MD5_RSA: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 1, 4]);
    const RSA: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 1, 1]);
    const GOST_SIGNATURE: Oid = Oid::new(&[1, 2, 398, 3, 10, 1, 1, 2, 3, 2]);
    const STREEBOG: Oid = Oid::new(&[1, 2, 398, 3, 10, 1, 3, 3]);

    fn null(oid: Oid) -> AlgorithmIdentifier {
        AlgorithmIdentifier { oid, parameters: Parameters::Null }
    }

    #[test]
    fn the_digest_of_cms_must_be_the_one_inside_the_signature_algorithm() {
        let sha256 = null(DigestAlgorithm::Sha256.oid());
        let sha512 = null(DigestAlgorithm::Sha512.oid());
        let resolve = SignatureAlgorithm::resolve_with_digest;
        assert_eq!(resolve(&null(SHA256_RSA), &sha256), Ok(SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256)));
        assert_eq!(resolve(&null(RSA), &sha512), Ok(SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha512)));
        assert!(matches!(resolve(&null(SHA256_RSA), &sha512), Err(AlgorithmError::DigestMismatch { .. })));
        assert!(matches!(resolve(&null(RSA), &null(STREEBOG)), Err(AlgorithmError::DigestMismatch { .. })));
        assert!(matches!(resolve(&null(SHA256_RSA), &null(STREEBOG)), Err(AlgorithmError::DigestMismatch { .. })));
        assert!(matches!(resolve(&null(GOST_SIGNATURE), &sha256), Err(AlgorithmError::DigestMismatch { .. })));
        assert_eq!(
            resolve(&null(GOST_SIGNATURE), &null(STREEBOG)),
            Ok(SignatureAlgorithm::Gost(DigestAlgorithm::Streebog512))
        );
        assert_eq!(
            resolve(&pss_identifier(DigestAlgorithm::Sha384), &sha256)
                .map_err(|e| matches!(e, AlgorithmError::DigestMismatch { .. })),
            Err(true)
        );
    }

    #[test]
    fn weak_and_unknown_are_told_apart() {
        assert!(matches!(SignatureAlgorithm::resolve(&null(MD5_RSA)), Err(AlgorithmError::TooWeak { .. })));
        assert!(matches!(SignatureAlgorithm::resolve(&null(RSA)), Err(AlgorithmError::Unsupported { .. })));
        let unknown = SignatureAlgorithm::resolve(&null(Oid::new(&[1, 2, 3, 4])));
        assert_eq!(unknown.unwrap_err().to_string(), "unknown algorithm (1.2.3.4) is not supported");
    }

    #[test]
    fn pss_parameters_have_one_accepted_form() {
        for digest in [DigestAlgorithm::Sha256, DigestAlgorithm::Sha384, DigestAlgorithm::Sha512] {
            assert_eq!(SignatureAlgorithm::resolve(&pss_identifier(digest)), Ok(SignatureAlgorithm::RsaPss(digest)));
        }
        assert!(matches!(pss_parameters(&[0x30, 0x00]), Err(AlgorithmError::Unsupported { .. })));
        let hash = write::algorithm_with_null(&DigestAlgorithm::Sha256.oid());
        let other = write::algorithm_with_null(&DigestAlgorithm::Sha512.oid());
        let build = |mask_hash: &[u8], salt: u64, trailer: u64| {
            let mask = write::sequence(&[&write::oid(&table::MGF1), mask_hash]);
            let parts = [
                write::explicit(0, &hash),
                write::explicit(1, &mask),
                write::explicit(2, &write::unsigned(salt)),
                write::explicit(3, &write::unsigned(trailer)),
            ];
            pss_parameters(&write::sequence(&[&parts[0], &parts[1], &parts[2], &parts[3]]))
                .map_err(|error| error.to_string())
        };
        assert_eq!(build(&hash, 32, 1), Ok(DigestAlgorithm::Sha256));
        assert_eq!(build(&other, 32, 1), Err("RSASSA-PSS: mask generation uses another hash".into()));
        let salt = build(&hash, 20, 1).unwrap_err();
        assert!(salt.starts_with("RSASSA-PSS with SHA-256 and a salt of 20 octets"), "{salt}");
        assert_eq!(build(&hash, 32, 2), Err("RSASSA-PSS: trailer field is not 1".into()));
    }
}
