//! Digests: SHA by ring, GOST by the streebog and gost94 crates.

use gost94::Gost94Test;
use ring::digest;
use streebog::{Digest as _, Streebog256, Streebog512};

use super::{AlgorithmError, DigestAlgorithm};

/// A computed digest.
#[derive(Debug, Clone, Copy)]
pub struct Digest {
    octets: [u8; 64],
    length: usize,
}

impl Digest {
    fn new(digest: &[u8]) -> Self {
        let mut octets = [0; 64];
        octets[..digest.len()].copy_from_slice(digest);
        Self { octets, length: digest.len() }
    }
}

impl AsRef<[u8]> for Digest {
    fn as_ref(&self) -> &[u8] {
        &self.octets[..self.length]
    }
}

impl DigestAlgorithm {
    /// The digest of `data`.
    ///
    /// Errors: `TooWeak` or `Unsupported` for rows of the table that are not computed here.
    pub fn digest(self, data: &[u8]) -> Result<Digest, AlgorithmError> {
        let by_ring = |algorithm| Digest::new(digest::digest(algorithm, data).as_ref());
        Ok(match self {
            Self::Sha1 => by_ring(&digest::SHA1_FOR_LEGACY_USE_ONLY),
            Self::Sha256 => by_ring(&digest::SHA256),
            Self::Sha384 => by_ring(&digest::SHA384),
            Self::Sha512 => by_ring(&digest::SHA512),
            Self::Gost34311 => Digest::new(&Gost94Test::digest(data)),
            Self::Streebog256 => Digest::new(&Streebog256::digest(data)),
            Self::Streebog512 => Digest::new(&Streebog512::digest(data)),
            Self::Md5 | Self::Sha224 => return Err(self.not_computed()),
        })
    }
}
