//! RSA keys. rcgen signs with ring, and ring does not generate RSA keys; the `rsa` crate does, and hands them over as PKCS#8.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rcgen::KeyPair;
use ring::rand::{SecureRandom as _, SystemRandom};
use rsa::RsaPrivateKey;
use rsa::pkcs8::EncodePrivateKey as _;
use rsa::rand_core::OsRng;

use super::SandboxError;

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
pub(super) fn generate(moduli: &[usize], progress: &(dyn Fn(Progress) + Sync)) -> Result<Vec<KeyPair>, SandboxError> {
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

fn rsa_key(bits: usize) -> Result<KeyPair, SandboxError> {
    let key = RsaPrivateKey::new(&mut OsRng, bits).map_err(|error| SandboxError::Key(error.to_string()))?;
    let pkcs8 = key.to_pkcs8_der().map_err(|error| SandboxError::Key(error.to_string()))?;
    Ok(KeyPair::try_from(pkcs8.as_bytes())?)
}

/// A new master key for what the service stores: 64 hexadecimal digits.
pub(super) fn storage_key() -> Result<String, SandboxError> {
    let mut key = [0; 32];
    SystemRandom::new().fill(&mut key).map_err(|_| SandboxError::Key("no random octets were to be had".to_owned()))?;
    Ok(hex::encode(key))
}
