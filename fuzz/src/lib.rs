//! What the fuzz targets share: the rooms under test, the bound on memory, and an authority that signs what a target made up.
//!
//! Only the pure rooms are under test, and they are compiled here by path instead of through the service's crate: with its
//! database, typesetting and gRPC an instrumented build would take a quarter of an hour, for code that no target reaches.

#[path = "../../src/cms/mod.rs"]
pub mod cms;
#[path = "../../src/pki/mod.rs"]
pub mod pki;
#[path = "../../src/registration/mod.rs"]
pub mod registration;
#[path = "../../src/signature/mod.rs"]
pub mod signature;
#[path = "../../src/xml/mod.rs"]
pub mod xml;

mod authority;
pub mod difference;

use std::sync::atomic::{AtomicUsize, Ordering};

pub use authority::Authority;
use chrono::{DateTime, Utc};
use peak_alloc::PeakAlloc;

use crate::pki::trust::{PurposeSet, TrustEntry};
use crate::pki::{Certificate, CryptographicConstraints, TrustStore};
use crate::signature::{Presence, RevocationMode, SubjectProfile, ValidationPolicy};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Octets that judging one input may take beyond what was taken before it.
const MEMORY: usize = 64 * 1024 * 1024;

/// The most that an input of this run has taken.
static LARGEST: AtomicUsize = AtomicUsize::new(0);

/// When everything is judged.
pub const TIME: DateTime<Utc> = DateTime::from_timestamp(1_780_272_000, 0).expect("2026-06-01");

/// Judges one input within the bound on memory.
///
/// libFuzzer can only see the whole process, with its own corpus in it. So the allocator counts: what lives at the peak of
/// judging, less what lived before.
///
/// # Panics
/// When the input took too much.
pub fn bounded(judge: impl FnOnce()) {
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    judge();
    let taken = ALLOCATOR.peak_usage().saturating_sub(before);
    assert!(taken <= MEMORY, "one input took {taken} octets of memory");
    let largest = LARGEST.load(Ordering::Relaxed);
    // Not every new octet is news.
    if taken > largest + largest / 16 {
        LARGEST.store(taken, Ordering::Relaxed);
        eprintln!("memory of one input: {} KiB", taken.div_ceil(1024));
    }
}

/// Trust in nobody.
pub fn nobody() -> TrustStore {
    TrustStore::new(1, Vec::new(), Vec::new())
}

/// Trust in each of these, for everything.
pub fn trusting(anchors: impl IntoIterator<Item = Certificate>) -> TrustStore {
    let entries = anchors.into_iter().map(|anchor| TrustEntry::anchor(anchor, PurposeSet::ALL)).collect();
    TrustStore::new(1, entries, Vec::new())
}

/// The policy that demands least, so that little is refused before the code behind it is reached.
pub fn lenient() -> ValidationPolicy {
    ValidationPolicy {
        algorithms: CryptographicConstraints::None,
        revocation: RevocationMode::IfPresent,
        key_usage: 0,
        signed_attributes: Presence::Optional,
        subject_profile: SubjectProfile::Any,
        ..ValidationPolicy::national()
    }
}
