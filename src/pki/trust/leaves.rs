//! End entities that were on valid paths, so that one who signs again costs neither reading nor verifying its certificate.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use crate::pki::certificate::Certificate;

/// End entities of a generation, at about 3 KB each.
const GENERATION: usize = 2048;

/// An end entity, read, with the SHA-256 of the SubjectPublicKeyInfo under which its signature holds.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    pub(super) certificate: Certificate,
    pub(super) issuer: [u8; 32],
}

/// By SHA-256, in two generations: when the young one is full, it takes the place of the old one, which is forgotten. So memory is
/// bounded, reading takes no turn, and nobody who signs often is verified more than once among so many others.
#[derive(Debug, Default)]
pub(super) struct Leaves(RwLock<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<[u8; 32], Leaf>,
    old: HashMap<[u8; 32], Leaf>,
}

impl Leaves {
    /// What is remembered of the certificate with this SHA-256.
    pub(super) fn find(&self, sha256: &[u8; 32]) -> Option<Leaf> {
        let generations = self.0.read().unwrap_or_else(PoisonError::into_inner);
        generations.young.get(sha256).or_else(|| generations.old.get(sha256)).cloned()
    }

    pub(super) fn remember(&self, leaf: Leaf) {
        let mut generations = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if generations.young.len() >= GENERATION {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(*leaf.certificate.sha256(), leaf);
    }
}
