//! Bytes that somebody else chose: nothing panics, and nothing changed passes.

use std::sync::LazyLock;

use consular_registration::pki::{Certificate, CertificateRevocationList};
use consular_registration::signature::{SignatureInput, ValidationPolicy, validate, validate_certificate};
use proptest::prelude::*;

use super::*;
use crate::support::data;

const CONTENT: &[u8] = b"the content that was signed";

static ATTACHED: LazyLock<Vec<u8>> = LazyLock::new(|| PKI.sign("alice", CONTENT, &[]));
static STREAMED: LazyLock<Vec<u8>> = LazyLock::new(|| PKI.sign("alice", CONTENT, &["-stream", "-noattr"]));
static TRUST: LazyLock<TrustStore> = LazyLock::new(|| PKI.trust());

/// What passed, if anything did.
fn passed(signature: &[u8], policy: &ValidationPolicy) -> Option<Vec<u8>> {
    let input = SignatureInput { signature, content: None, certificates: &[], crls: &[], ocsps: &[] };
    let validation = validate(&input, policy, &TRUST, now()).ok()?;
    validation.verified.map(|verified| verified.bytes().to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_flipped_bit_passes_with_other_content(position in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let lenient = ValidationPolicy { signed_attributes: consular_registration::signature::Presence::Optional, ..ValidationPolicy::national() };
        for (signature, policy) in [(&*ATTACHED, ValidationPolicy::national()), (&*STREAMED, lenient)] {
            let mut changed = signature.clone();
            let at = position.index(changed.len());
            changed[at] ^= 1 << bit;
            if let Some(content) = passed(&changed, &policy) {
                prop_assert_eq!(content, CONTENT);
            }
        }
    }

    #[test]
    fn no_cut_or_spliced_message_passes_with_other_content(from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>(), length in 0..64_usize) {
        let mut changed = ATTACHED.clone();
        let from = from.index(changed.len());
        let to = to.index(changed.len());
        let part: Vec<u8> = ATTACHED.iter().skip(to).take(length).copied().collect();
        let end = (from + length).min(changed.len());
        changed.splice(from..end, part);
        if let Some(content) = passed(&changed, &ValidationPolicy::national()) {
            prop_assert_eq!(content, CONTENT);
        }
    }
}

#[test]
fn seeds_of_fuzzers_are_judged_without_a_panic() {
    let Some(folder) = data::folder(".") else { return };
    let archive = folder.join("fuzz-seeds.tar.gz");
    if !archive.is_file() {
        eprintln!("SKIPPED: no {}", archive.display());
        return;
    }
    let temporary = tempfile::tempdir().expect("a folder");
    let unpacked = std::process::Command::new("tar").arg("xzf").arg(&archive).arg("-C").arg(temporary.path()).status();
    assert!(unpacked.is_ok_and(|status| status.success()), "tar unpacks the seeds");
    let mut folders = vec![temporary.path().to_path_buf()];
    let mut judged = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let seed = data::read(&path);
            assert_eq!(passed(&seed, &ValidationPolicy::national()), None, "{}", path.display());
            drop(validate_certificate(&seed, &[], &[], &[], &ValidationPolicy::national(), &TRUST, now()));
            drop(Certificate::from_der(&seed));
            drop(CertificateRevocationList::from_der(seed));
            judged += 1;
        }
    }
    assert!(judged > 5_000, "{judged} seeds");
}
