//! Private keys, for the sandbox and for tests only: scalar multiplication here takes a time that depends on the key.

use ring::rand::SecureRandom;

use super::domain::{A256, A512, CRYPTO_PRO_A, octets};
use super::{ParameterSet, PublicKey};
use crate::pki::algorithm::{AlgorithmError, AlgorithmIdentifier};
use crate::pki::der::{Reader, write};

/// A private key with its public one. Not for keys of value: see the room's text.
pub struct PrivateKey {
    set: ParameterSet,
    /// d, little-endian.
    scalar: Box<[u8]>,
    /// Content of the BIT STRING of SubjectPublicKeyInfo.
    public: Box<[u8]>,
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PrivateKey").field("set", &self.set).finish_non_exhaustive()
    }
}

/// Runs `$body` with the domain of a set.
macro_rules! with_domain {
    ($set:expr, $domain:ident => $body:expr) => {
        match $set {
            ParameterSet::A512 => {
                let $domain = &A512;
                $body
            }
            ParameterSet::A256 => {
                let $domain = &A256;
                $body
            }
            ParameterSet::CryptoProA => {
                let $domain = &CRYPTO_PRO_A;
                $body
            }
        }
    };
}

impl PrivateKey {
    /// A new key; `None` when there is no randomness.
    pub fn generate(set: ParameterSet, random: &dyn SecureRandom) -> Option<Self> {
        let scalar = with_domain!(set, domain => domain.random_scalar(random).map(|scalar| octets(&scalar)))?;
        Self::from_scalar(set, &scalar)
    }

    /// The key of this scalar, little-endian; `None` unless it lies in 1 … q − 1.
    pub fn from_scalar(set: ParameterSet, scalar: &[u8]) -> Option<Self> {
        let coordinates =
            with_domain!(set, domain => domain.read_scalar(scalar).map(|scalar| domain.public_octets(&scalar)))?;
        Some(Self { set, scalar: scalar.into(), public: write::octet_string(&coordinates).into() })
    }

    /// Reads PKCS#8 as the national tokens hold it: the scalar, little-endian, in an OCTET STRING within `privateKey`.
    ///
    /// Errors: as [`ParameterSet::of_key`], and `KeyMalformed`.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, AlgorithmError> {
        let malformed = AlgorithmError::KeyMalformed("GOST");
        let read = || {
            let mut fields = Reader::new(der).sequence()?;
            fields.integer()?;
            let identifier = AlgorithmIdentifier::read(&mut fields)?;
            let mut key = Reader::new(fields.octet_string()?);
            let scalar = key.octet_string()?;
            key.finish().map(|()| (identifier, scalar))
        };
        let (identifier, scalar) = read().map_err(|_| malformed.clone())?;
        let set = ParameterSet::of_key(&identifier)?;
        Self::from_scalar(set, scalar).ok_or(malformed)
    }

    /// Writes what [`from_pkcs8`](Self::from_pkcs8) reads.
    pub fn to_pkcs8(&self) -> Vec<u8> {
        write::sequence(&[
            &write::unsigned(0),
            &self.set.key_identifier().to_der(),
            &write::octet_string(&write::octet_string(&self.scalar)),
        ])
    }

    /// The set it belongs to.
    pub fn set(&self) -> ParameterSet {
        self.set
    }

    /// Content of the BIT STRING of SubjectPublicKeyInfo: what [`PublicKey::read`] reads.
    pub fn public_octets(&self) -> &[u8] {
        &self.public
    }

    /// SubjectPublicKeyInfo.
    pub fn spki(&self) -> Vec<u8> {
        write::sequence(&[&self.set.key_identifier().to_der(), &write::bit_string(&self.public)])
    }

    /// Signs a message (§6.1); `None` when there is no randomness.
    pub fn sign(&self, message: &[u8], random: &dyn SecureRandom) -> Option<Vec<u8>> {
        let digest = self.set.digest().digest(message).ok()?;
        with_domain!(self.set, domain => {
            let scalar = domain.read_scalar(&self.scalar)?;
            loop {
                let nonce = domain.random_scalar(random)?;
                if let Some(signature) = domain.sign(&scalar, digest.as_ref(), &nonce) {
                    return Some(signature);
                }
            }
        })
    }

    /// Its public key.
    pub fn public_key(&self) -> Result<PublicKey, AlgorithmError> {
        PublicKey::read(self.set, &self.public)
    }
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;

    use super::*;

    #[test]
    fn what_is_signed_verifies_and_nothing_else_does() {
        let random = SystemRandom::new();
        for set in [ParameterSet::A512, ParameterSet::A256, ParameterSet::CryptoProA] {
            let key = PrivateKey::generate(set, &random).unwrap();
            let public = key.public_key().unwrap();
            let digest = set.digest().digest(b"message").unwrap();
            let signature = key.sign(b"message", &random).unwrap();
            assert!(public.verify(digest.as_ref(), &signature));
            public.prepare();
            assert!(public.verify(digest.as_ref(), &signature));
            for at in 0..signature.len() {
                let mut changed = signature.clone();
                changed[at] ^= 0x40;
                assert!(!public.verify(digest.as_ref(), &changed), "{set:?} octet {at}");
            }
            let half = signature.len() / 2;
            let russian: Vec<u8> = signature.iter().rev().copied().collect();
            let zero_r = [vec![0; half], signature[half..].to_vec()].concat();
            let zero_s = [signature[..half].to_vec(), vec![0; half]].concat();
            let large = vec![0xff; signature.len()];
            for wrong in
                [&russian, &zero_r, &zero_s, &large, &signature[1..].to_vec(), &[&signature[..], &[0]].concat()]
            {
                assert!(!public.verify(digest.as_ref(), wrong), "{set:?}");
            }
            assert_eq!(PrivateKey::from_pkcs8(&key.to_pkcs8()).unwrap().public_octets(), key.public_octets());
        }
    }
}
