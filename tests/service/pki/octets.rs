//! Lists that let go of their octets.

use std::sync::Arc;

use consular_registration::pki::crl::{ListOctets, Reason, Unreadable};
use consular_registration::pki::path::{self, InitialPolicies, PathBudget, PathRequest};
use consular_registration::pki::revocation::{self, RevocationRequest, RevocationStatus, UnknownReason};
use consular_registration::pki::trust::{Purpose, PurposeSet, TrustEntry, TrustStore};
use consular_registration::pki::{CertificateRevocationList, CryptographicConstraints};

use crate::support::pki::{Authority, ListTemplate, at, now};

const SERIAL: &[u8] = &[0x11];
const YESTERDAY: &str = "2026-05-31T00:00:00Z";

/// Octets in memory, some of which may be out of reach.
struct Place(Vec<u8>, usize);

impl ListOctets for Place {
    fn read_at(&self, position: u64, buffer: &mut [u8]) -> Result<(), Unreadable> {
        let start = usize::try_from(position).map_err(|_| Unreadable)?;
        let part = self.0.get(start..start + buffer.len()).ok_or(Unreadable)?;
        if buffer.len() < self.1 {
            return Err(Unreadable);
        }
        buffer.copy_from_slice(part);
        Ok(())
    }
}

#[test]
fn a_list_that_let_go_of_its_octets_answers_as_before() {
    let root = Authority::root("Root");
    let mut template = ListTemplate::new(1);
    let serial = |index: u32| [&[0x41][..], &index.to_be_bytes(), &[7; 15]].concat();
    template.entries = (0..3_000).map(|index| (serial(index), at(YESTERDAY), Some(4))).collect();
    // An entry longer than what is read at once.
    template.entries.push(([&[0x42][..], &[1; 400]].concat(), at(YESTERDAY), Some(1)));
    let der = template.issue_der(&root);
    let held = CertificateRevocationList::from_der(der.clone()).expect("a list");
    let mut released = CertificateRevocationList::from_der(der.clone()).expect("a list");
    let mut file = tempfile::tempfile().expect("a file");
    std::io::Write::write_all(&mut file, &der).expect("written");
    released.release(file).expect("the same octets");
    assert_eq!(released.der().expect("read again"), held.der().expect("held"));
    assert_eq!((released.sha256(), released.entry_count()), (held.sha256(), 3_001));
    let (held, released) = (held.verify(&root.certificate), released.verify(&root.certificate));
    let (held, released) = (held.expect("a signature"), released.expect("a signature"));
    for (serial, _, _) in &template.entries {
        let entry = released.lookup(serial).expect("readable");
        assert!(entry.is_some_and(|entry| matches!(entry.reason, Reason::Superseded | Reason::KeyCompromise)));
        assert_eq!(entry, held.lookup(serial).expect("held"));
        let mut absent = serial.clone();
        *absent.last_mut().expect("octets") ^= 1;
        assert_eq!(released.lookup(&absent), Ok(None));
    }
}

#[test]
fn octets_that_cannot_be_read_again_are_no_answer() {
    let root = Authority::root("Root");
    let leaf = root.signer("Leaf");
    let template = ListTemplate::new(1).revoke(SERIAL, at(YESTERDAY), Some(1));
    let der = template.issue_der(&root);
    let list = || CertificateRevocationList::from_der(der.clone()).expect("a list");
    let mut broken = list();
    assert_eq!(broken.release(Place(vec![0; der.len()], 0)), Err(Unreadable));
    assert_eq!(broken.release(Place(der[1..].to_vec(), 0)), Err(Unreadable));
    assert!(broken.verify(&root.certificate).is_ok(), "it kept its octets");
    // The whole can be read, an entry cannot.
    broken.release(Place(der.clone(), der.len())).expect("the same octets");
    let verified = broken.verify(&root.certificate).expect("a signature");
    assert_eq!(verified.lookup(SERIAL), Err(Unreadable));
    assert_eq!(verified.lookup(&[0x12]), Ok(None), "what is not listed needs no reading");
    let store = TrustStore::new(1, vec![TrustEntry::anchor(root.certificate.clone(), PurposeSet::ALL)], vec![]);
    let (purpose, algorithms) = (Purpose::Applicants, &CryptographicConstraints::None);
    let policies = InitialPolicies::default();
    let request =
        PathRequest { leaf: &leaf, candidates: &[], store: &store, purpose, time: now(), algorithms, policies };
    let path = path::build(&request, &mut PathBudget::default()).expect("a path");
    let lists = [Arc::new(broken)];
    let request = RevocationRequest {
        path: &path,
        store: &store,
        purpose,
        lists: &lists,
        candidates: &[],
        time: now(),
        algorithms,
    };
    let status = revocation::check_one(&request, 0, &mut PathBudget::default());
    assert!(
        matches!(status, RevocationStatus::Unknown(UnknownReason::Unreadable(Unreadable))),
        "neither good nor revoked: {status:?}"
    );
}
