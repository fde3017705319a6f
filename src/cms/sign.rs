//! Making signatures: SignedData with one signer, always DER, always with the attributes that bind it
//! (RFC 5652 §5.4, §11; RFC 5035 §3 for signing-certificate-v2; the shape of ETSI EN 319 122-1 baseline B).

use chrono::{DateTime, Utc};
use ring::rand::{SecureRandom, SystemRandom};
use ring::rsa::KeyPair as RsaKeyPair;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256,
    RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding,
};
use x509_parser::pem::Pem;

use super::attributes::{CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_CERTIFICATE_V2, SIGNING_TIME};
use super::signed_data::{DATA, SIGNED_DATA};
use crate::pki::algorithm::pss_identifier;
use crate::pki::der::{DerError, Reader, Tag, write};
use crate::pki::{AlgorithmError, Certificate, DigestAlgorithm, Oid, SignatureAlgorithm, gost};

const RSA_ENCRYPTION: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 1, 1]);

/// Why nothing was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// Neither PKCS#8 nor PKCS#1, or a kind of key that is not supported. Encrypted keys are not read.
    #[error("not a usable private key: {0}")]
    Key(&'static str),
    /// The algorithm belongs to another kind of key.
    #[error("the algorithm does not fit the key")]
    Algorithm,
    /// The certificate is of another key.
    #[error("the certificate does not belong to the private key")]
    KeyMismatch,
    /// ring refused to sign, for want of randomness.
    #[error("signing failed")]
    Failed,
}

impl From<AlgorithmError> for SignError {
    fn from(_: AlgorithmError) -> Self {
        Self::Algorithm
    }
}

enum Key {
    Rsa(Box<RsaKeyPair>),
    Ecdsa(Box<EcdsaKeyPair>),
    Gost(Box<gost::PrivateKey>),
}

/// A private key in memory and the algorithm it signs with.
pub struct SigningKey {
    key: Key,
    algorithm: SignatureAlgorithm,
    random: SystemRandom,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// Reads a private key from PEM (`PRIVATE KEY`, `RSA PRIVATE KEY`; text and other blocks around it are skipped) or DER
    /// (PKCS#8, RFC 5958; PKCS#1, RFC 8017 A.1.2). RSA of 2048 to 4096 bits, ECDSA on P-256 and P-384, GOST in the national
    /// encoding (not in constant time: for the sandbox and for tests, see [`gost::PrivateKey`]). RSA keys sign with
    /// PKCS#1 v1.5 and SHA-256 until [`Self::with_algorithm`] says otherwise, as the national clients do.
    ///
    /// # Errors
    /// [`SignError::Key`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SignError> {
        if bytes.first() == Some(&Tag::SEQUENCE.0) && crate::pki::der::single(bytes).is_ok() {
            return Self::from_der(bytes);
        }
        Pem::iter_from_buffer(bytes)
            .map_while(Result::ok)
            .find(|block| matches!(block.label.as_str(), "PRIVATE KEY" | "RSA PRIVATE KEY"))
            .ok_or(SignError::Key("no PEM block PRIVATE KEY or RSA PRIVATE KEY"))
            .and_then(|block| Self::from_der(&block.contents))
    }

    fn from_der(der: &[u8]) -> Result<Self, SignError> {
        // PKCS#1 continues with the modulus, PKCS#8 with the algorithm.
        let mut fields = Reader::new(der).sequence().map_err(|_| SignError::Key("not DER"))?;
        fields.integer().map_err(|_| SignError::Key("not DER"))?;
        let random = SystemRandom::new();
        if fields.peek() == Some(Tag::INTEGER) {
            let pair = RsaKeyPair::from_der(der).map_err(|_| SignError::Key("RSA key refused"))?;
            return Ok(Self {
                key: Key::Rsa(Box::new(pair)),
                algorithm: SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256),
                random,
            });
        }
        let algorithm =
            fields.sequence().and_then(|mut reader| reader.oid()).map_err(|_| SignError::Key("not PKCS#8"))?;
        if algorithm == RSA_ENCRYPTION {
            let pair = RsaKeyPair::from_pkcs8(der).map_err(|_| SignError::Key("RSA key refused"))?;
            return Ok(Self {
                key: Key::Rsa(Box::new(pair)),
                algorithm: SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256),
                random,
            });
        }
        for (curve, algorithm) in [
            (&ECDSA_P256_SHA256_ASN1_SIGNING, SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256)),
            (&ECDSA_P384_SHA384_ASN1_SIGNING, SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha384)),
        ] {
            if let Ok(pair) = EcdsaKeyPair::from_pkcs8(curve, der, &random) {
                return Ok(Self { key: Key::Ecdsa(Box::new(pair)), algorithm, random });
            }
        }
        if let Ok(key) = gost::PrivateKey::from_pkcs8(der) {
            return Ok(key.into());
        }
        Err(SignError::Key("neither RSA, nor ECDSA on P-256 or P-384, nor GOST"))
    }

    /// The same key, signing with another algorithm: RSA keys with PKCS#1 v1.5 or PSS and SHA-256, SHA-384 or SHA-512.
    ///
    /// # Errors
    /// [`SignError::Algorithm`] when the algorithm is of another kind of key, or the digest of another curve.
    pub fn with_algorithm(self, algorithm: SignatureAlgorithm) -> Result<Self, SignError> {
        let fits = match self.key {
            Key::Rsa(_) => rsa_encoding(algorithm).is_some(),
            Key::Ecdsa(_) | Key::Gost(_) => algorithm == self.algorithm,
        };
        if fits { Ok(Self { algorithm, ..self }) } else { Err(SignError::Algorithm) }
    }

    /// The public key as the BIT STRING of a SubjectPublicKeyInfo holds it (RFC 5280 §4.1.2.7).
    pub fn public_key(&self) -> &[u8] {
        match &self.key {
            Key::Rsa(pair) => pair.public().as_ref(),
            Key::Ecdsa(pair) => pair.public_key().as_ref(),
            Key::Gost(key) => key.public_octets(),
        }
    }

    /// Signs octets; the digest is made inside.
    fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, SignError> {
        match &self.key {
            Key::Rsa(pair) => {
                let encoding = rsa_encoding(self.algorithm).ok_or(SignError::Algorithm)?;
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(encoding, &self.random as &dyn SecureRandom, octets, &mut signature)
                    .map_err(|_| SignError::Failed)?;
                Ok(signature)
            }
            Key::Ecdsa(pair) => {
                pair.sign(&self.random, octets).map(|value| value.as_ref().to_vec()).map_err(|_| SignError::Failed)
            }
            Key::Gost(key) => key.sign(octets, &self.random).ok_or(SignError::Failed),
        }
    }

    /// AlgorithmIdentifier of its signatures (RFC 5754 §3, RFC 4055 §3.1, and the national ones).
    fn signature_identifier(&self) -> Vec<u8> {
        let last = |first: u64| match self.algorithm.digest() {
            DigestAlgorithm::Sha384 => first + 1,
            DigestAlgorithm::Sha512 => first + 2,
            _ => first,
        };
        match (&self.key, self.algorithm) {
            (Key::Gost(key), _) => key.set().signature_identifier().to_der(),
            (Key::Ecdsa(_), _) => write::sequence(&[&write::oid(&Oid::new(&[1, 2, 840, 10045, 4, 3, last(2)]))]),
            (Key::Rsa(_), SignatureAlgorithm::RsaPss(digest)) => pss_identifier(digest).to_der(),
            (Key::Rsa(_), _) => write::algorithm_with_null(&Oid::new(&[1, 2, 840, 113_549, 1, 1, last(11)])),
        }
    }
}

impl From<gost::PrivateKey> for SigningKey {
    fn from(key: gost::PrivateKey) -> Self {
        let algorithm = SignatureAlgorithm::Gost(key.set().digest());
        Self { key: Key::Gost(Box::new(key)), algorithm, random: SystemRandom::new() }
    }
}

/// Signs `content` and carries it inside the message.
///
/// `certificate` is the signer's; it and `chain` are embedded. `signing_time` is what the signer claims.
///
/// # Errors
/// [`SignError::KeyMismatch`] when the certificate is not of the key, [`SignError::Failed`].
pub fn sign_attached(
    key: &SigningKey,
    certificate: &Certificate,
    chain: &[Certificate],
    content: &[u8],
    signing_time: DateTime<Utc>,
) -> Result<Vec<u8>, SignError> {
    let encapsulated = write::sequence(&[&write::oid(&DATA), &write::explicit(0, &write::octet_string(content))]);
    signed_data(key, certificate, chain, content, &encapsulated, signing_time)
}

/// Signs `content` and leaves it outside the message. Arguments and errors are those of [`sign_attached`].
///
/// # Errors
/// As [`sign_attached`].
pub fn sign_detached(
    key: &SigningKey,
    certificate: &Certificate,
    chain: &[Certificate],
    content: &[u8],
    signing_time: DateTime<Utc>,
) -> Result<Vec<u8>, SignError> {
    signed_data(key, certificate, chain, content, &write::sequence(&[&write::oid(&DATA)]), signing_time)
}

fn signed_data(
    key: &SigningKey,
    certificate: &Certificate,
    chain: &[Certificate],
    content: &[u8],
    encapsulated: &[u8],
    signing_time: DateTime<Utc>,
) -> Result<Vec<u8>, SignError> {
    if key_octets(certificate) != Ok(key.public_key()) {
        return Err(SignError::KeyMismatch);
    }
    // SHA-2 is written without parameters (RFC 5754 §2), GOST with NULL as the national clients do.
    let digest_identifier = match key.key {
        Key::Gost(_) => write::algorithm_with_null(&key.algorithm.digest().oid()),
        Key::Rsa(_) | Key::Ecdsa(_) => write::sequence(&[&write::oid(&key.algorithm.digest().oid())]),
    };
    let attributes = attributes(key, certificate, content, signing_time)?;
    let value = key.sign(&write::set_of(Tag::SET, attributes.clone()))?;
    let serial = write::tlv(Tag::INTEGER, certificate.serial());
    let signer = write::sequence(&[
        &write::unsigned(1),
        &write::sequence(&[certificate.issuer_raw(), &serial]),
        &digest_identifier,
        &write::set_of(Tag::context_constructed(0), attributes),
        &key.signature_identifier(),
        &write::octet_string(&value),
    ]);
    let mut certificates = vec![certificate.der().to_vec()];
    certificates.extend(chain.iter().map(|each| each.der().to_vec()).filter(|each| each != certificate.der()));
    let body = write::sequence(&[
        &write::unsigned(1),
        &write::set_of(Tag::SET, vec![digest_identifier]),
        encapsulated,
        &write::set_of(Tag::context_constructed(0), certificates),
        &write::set_of(Tag::SET, vec![signer]),
    ]);
    Ok(write::sequence(&[&write::oid(&SIGNED_DATA), &write::explicit(0, &body)]))
}

/// The key bits of a certificate (RFC 5280 §4.1.2.7).
fn key_octets(certificate: &Certificate) -> Result<&[u8], DerError> {
    let mut fields = Reader::new(certificate.spki()).sequence()?;
    fields.sequence()?;
    fields.bit_string()
}

fn rsa_encoding(algorithm: SignatureAlgorithm) -> Option<&'static dyn RsaEncoding> {
    use DigestAlgorithm::{Sha256, Sha384, Sha512};
    match algorithm {
        SignatureAlgorithm::RsaPkcs1(Sha256) => Some(&RSA_PKCS1_SHA256),
        SignatureAlgorithm::RsaPkcs1(Sha384) => Some(&RSA_PKCS1_SHA384),
        SignatureAlgorithm::RsaPkcs1(Sha512) => Some(&RSA_PKCS1_SHA512),
        SignatureAlgorithm::RsaPss(Sha256) => Some(&RSA_PSS_SHA256),
        SignatureAlgorithm::RsaPss(Sha384) => Some(&RSA_PSS_SHA384),
        SignatureAlgorithm::RsaPss(Sha512) => Some(&RSA_PSS_SHA512),
        _ => None,
    }
}

fn attributes(
    key: &SigningKey,
    certificate: &Certificate,
    content: &[u8],
    signing_time: DateTime<Utc>,
) -> Result<Vec<Vec<u8>>, SignError> {
    let attribute =
        |kind: &Oid, value: Vec<u8>| write::sequence(&[&write::oid(kind), &write::set_of(Tag::SET, vec![value])]);
    let digest = key.algorithm.digest().digest(content)?;
    // ESSCertIDv2 with SHA-256, which is the DEFAULT and therefore not written (RFC 5035 §4).
    let issuer = write::sequence(&[&write::explicit(4, certificate.issuer_raw())]);
    let issuer_serial = write::sequence(&[&issuer, &write::tlv(Tag::INTEGER, certificate.serial())]);
    let identifier = write::sequence(&[&write::octet_string(certificate.sha256()), &issuer_serial]);
    Ok(vec![
        attribute(&CONTENT_TYPE, write::oid(&DATA)),
        attribute(&SIGNING_TIME, write::time(signing_time)),
        attribute(&MESSAGE_DIGEST, write::octet_string(digest.as_ref())),
        attribute(&SIGNING_CERTIFICATE_V2, write::sequence(&[&write::sequence(&[&identifier])])),
    ])
}
