//! Keys. rcgen signs with ring, and ring does not generate RSA keys; the `rsa` crate does, and hands them over as PKCS#8. GOST keys are the
//! `pki` room's.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{KeyPair, PublicKeyData, SignatureAlgorithm, SigningKey};
use ring::rand::{SecureRandom as _, SystemRandom};
use rsa::RsaPrivateKey;
use rsa::pkcs8::EncodePrivateKey as _;
use rsa::rand_core::OsRng;

use super::SandboxError;
use crate::pki::gost::{ParameterSet, PrivateKey};
use crate::pki::pem;

/// How far minting is: `done` of `total` RSA keys are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Keys generated so far.
    pub done: usize,
    /// Keys to generate.
    pub total: usize,
}

/// Generates one key for each modulus length (bits), on as many threads as the machine has, and returns them in that order.
///
/// The search for primes is a lottery: a 4096-bit key takes one to five seconds of one core. Put the long ones first.
pub(super) fn generate(moduli: &[usize], progress: &(dyn Fn(Progress) + Sync)) -> Result<Vec<Key>, SandboxError> {
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let threads = thread::available_parallelism().map_or(1, usize::from).min(moduli.len());
    let mut keys = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut mine = Vec::new();
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(&bits) = moduli.get(index) else { return Ok(mine) };
                        mine.push((index, rsa_key(bits)?));
                        progress(Progress { done: done.fetch_add(1, Ordering::Relaxed) + 1, total: moduli.len() });
                    }
                })
            })
            .collect();
        let mut keys = Vec::with_capacity(moduli.len());
        for worker in workers {
            match worker.join() {
                Ok(Ok(mine)) => keys.extend(mine),
                Ok(Err(error)) => return Err(error),
                Err(_) => return Err(SandboxError::Key("a key generation thread ended early".to_owned())),
            }
        }
        Ok(keys)
    })?;
    keys.sort_by_key(|(index, _)| *index);
    Ok(keys.into_iter().map(|(_, key)| key).collect())
}

fn rsa_key(bits: usize) -> Result<Key, SandboxError> {
    let key = RsaPrivateKey::new(&mut OsRng, bits).map_err(|error| SandboxError::Key(error.to_string()))?;
    let pkcs8 = key.to_pkcs8_der().map_err(|error| SandboxError::Key(error.to_string()))?;
    Ok(KeyPair::try_from(pkcs8.as_bytes())?.into())
}

/// A private key of the sandbox.
pub(super) enum Key {
    /// RSA or ECDSA.
    Ring(Box<KeyPair>),
    /// GOST R 34.10-2015.
    Gost(PrivateKey),
}

impl From<KeyPair> for Key {
    fn from(key: KeyPair) -> Self {
        Self::Ring(Box::new(key))
    }
}

impl Key {
    /// A new GOST key of 512 bits, the kind that the national authority issues now.
    pub(super) fn gost() -> Result<Self, SandboxError> {
        let key = PrivateKey::generate(ParameterSet::A512, &SystemRandom::new());
        key.map(Self::Gost).ok_or_else(|| SandboxError::Key("no random octets were to be had".to_owned()))
    }

    /// Reads what [`Self::to_pem`] wrote.
    pub(super) fn from_pem(text: &str) -> Result<Self, SandboxError> {
        let der = pem::single(text.as_bytes().to_vec(), "PRIVATE KEY")
            .map_err(|error| SandboxError::Key(error.to_string()))?;
        match PrivateKey::from_pkcs8(&der) {
            Ok(key) => Ok(Self::Gost(key)),
            Err(_) => Ok(KeyPair::try_from(der)?.into()),
        }
    }

    /// PKCS#8, PEM.
    pub(super) fn to_pem(&self) -> String {
        pem_block("PRIVATE KEY", &self.to_pkcs8())
    }

    /// PKCS#8, DER.
    pub(super) fn to_pkcs8(&self) -> Vec<u8> {
        match self {
            Self::Ring(key) => key.serialize_der(),
            Self::Gost(key) => key.to_pkcs8(),
        }
    }
}

impl PublicKeyData for Key {
    fn subject_public_key_info(&self) -> Vec<u8> {
        match self {
            Self::Ring(key) => key.subject_public_key_info(),
            Self::Gost(key) => key.spki(),
        }
    }

    fn der_bytes(&self) -> &[u8] {
        match self {
            Self::Ring(key) => key.der_bytes(),
            Self::Gost(key) => key.public_octets(),
        }
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        match self {
            Self::Ring(key) => key.algorithm(),
            // rcgen has no words for GOST: what it writes is exchanged before anybody sees it.
            Self::Gost(_) => &rcgen::PKCS_ED25519,
        }
    }
}

impl SigningKey for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        match self {
            Self::Ring(key) => key.sign(message),
            Self::Gost(key) => key.sign(message, &SystemRandom::new()).ok_or(rcgen::Error::RingUnspecified),
        }
    }
}

/// `der` between the lines of PEM (RFC 7468).
pub(super) fn pem_block(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = (0..text.len()).step_by(64).filter_map(|at| text.get(at..text.len().min(at + 64))).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// A new master key for what the service stores: 64 hexadecimal digits.
pub(super) fn storage_key() -> Result<String, SandboxError> {
    let mut key = [0; 32];
    SystemRandom::new().fill(&mut key).map_err(|_| SandboxError::Key("no random octets were to be had".to_owned()))?;
    Ok(hex::encode(key))
}
