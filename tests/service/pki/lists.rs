//! Revocation lists: what they say, when they count, and large ones.

use std::sync::Arc;
use std::time::Instant;

use consular_registration::pki::crl::{CrlError, Reason, Unusable, VerifyError};
use consular_registration::pki::der::{Tag, write};
use consular_registration::pki::path::{self, CertificationPath, InitialPolicies, PathBudget, PathRequest};
use consular_registration::pki::revocation::{self, RevocationRequest, RevocationStatus, UnknownReason};
use consular_registration::pki::trust::{Purpose, PurposeSet, TrustEntry, TrustStore};
use consular_registration::pki::{Certificate, CertificateRevocationList, CryptographicConstraints, Oid};
use x509_parser::prelude::{CertificateRevocationList as OtherReader, FromDer};

use crate::support::data;
use crate::support::pki::{
    Authority, Key, LISTS, ListTemplate, Template, at, authority, extension, key_usage, name, now, subject_key,
};

const DELTA: Oid = Oid::new(&[2, 5, 29, 27]);
const ISSUING_DISTRIBUTION_POINT: Oid = Oid::new(&[2, 5, 29, 28]);

struct Scene {
    root: Authority,
    store: TrustStore,
    path: CertificationPath,
}

impl Scene {
    fn new() -> Self {
        let root = Authority::root("Root");
        let leaf = root.signer("Leaf");
        let store = TrustStore::new(1, vec![TrustEntry::anchor(root.certificate.clone(), PurposeSet::ALL)], vec![]);
        let path = build(&leaf, &[], &store);
        Self { root, store, path }
    }

    fn status(&self, lists: &[Arc<CertificateRevocationList>]) -> RevocationStatus {
        self.status_with(lists, &[])
    }

    fn status_with(&self, lists: &[Arc<CertificateRevocationList>], candidates: &[Certificate]) -> RevocationStatus {
        let request = RevocationRequest {
            path: &self.path,
            store: &self.store,
            purpose: Purpose::Applicants,
            lists,
            candidates,
            time: now(),
            algorithms: &CryptographicConstraints::national(None),
        };
        revocation::check_one(&request, 0, &mut PathBudget::default())
    }
}

fn build(leaf: &Certificate, candidates: &[Certificate], store: &TrustStore) -> CertificationPath {
    let request = PathRequest {
        leaf,
        candidates,
        store,
        purpose: Purpose::Applicants,
        time: now(),
        algorithms: &CryptographicConstraints::national(None),
        policies: InitialPolicies::default(),
    };
    path::build(&request, &mut PathBudget::default()).expect("a path")
}

const SERIAL: &[u8] = &[0x11];

#[test]
fn a_list_says_good_revoked_held_or_revoked_later() {
    let scene = Scene::new();
    let yesterday = at("2026-05-31T00:00:00Z");
    let status = |list: ListTemplate| scene.status(&[list.issue(&scene.root)]);
    assert!(matches!(status(ListTemplate::new(1)), RevocationStatus::Good { revoked_later: None, .. }));
    assert!(matches!(status(ListTemplate::new(1).revoke(&[0x12], yesterday, None)), RevocationStatus::Good { .. }));
    let revoked = status(ListTemplate::new(1).revoke(SERIAL, yesterday, Some(1)));
    assert!(
        matches!(revoked, RevocationStatus::Revoked { entry, .. } if entry.reason == Reason::KeyCompromise && entry.revocation_date == yesterday)
    );
    assert!(matches!(status(ListTemplate::new(1).revoke(SERIAL, yesterday, Some(6))), RevocationStatus::Hold { .. }));
    let later = status(ListTemplate::new(1).revoke(SERIAL, at("2026-06-01T12:00:01Z"), None));
    assert!(matches!(later, RevocationStatus::Good { revoked_later: Some(_), .. }));
    let both = status(ListTemplate::new(1).revoke(SERIAL, yesterday, Some(6)).revoke(SERIAL, yesterday, None));
    assert!(matches!(both, RevocationStatus::Revoked { .. }), "a revocation outweighs a hold");
}

#[test]
fn a_list_counts_only_at_its_time_by_its_issuer_and_when_nothing_in_it_is_unknown() {
    let scene = Scene::new();
    let unknown = |list: Arc<CertificateRevocationList>| match scene.status(&[list]) {
        RevocationStatus::Unknown(reason) => reason,
        status => panic!("{status:?}"),
    };
    let stale = ListTemplate { next_update: Some(at("2026-06-01T11:00:00Z")), ..ListTemplate::new(1) };
    assert!(matches!(unknown(stale.issue(&scene.root)), UnknownReason::Stale { .. }));
    let future = ListTemplate { this_update: at("2026-06-01T12:30:00Z"), ..ListTemplate::new(1) };
    assert!(matches!(unknown(future.issue(&scene.root)), UnknownReason::NotYetValid { .. }));
    assert_eq!(unknown(ListTemplate::new(1).issue(&Authority::root("Root"))), UnknownReason::BadSignature);
    assert_eq!(unknown(ListTemplate::new(1).issue(&Authority::root("Other"))), UnknownReason::NoList);
    let critical = Oid::new(&[1, 2, 3, 4]);
    let list = ListTemplate::new(1).with(extension(critical, true, &[5, 0]));
    assert_eq!(unknown(list.issue(&scene.root)), UnknownReason::Unusable(Unusable::CriticalExtension(critical)));
    let mut list = ListTemplate::new(1).revoke(&[0x33], now(), None);
    list.entry_extensions = vec![extension(critical, true, &[5, 0])];
    assert_eq!(unknown(list.issue(&scene.root)), UnknownReason::Unusable(Unusable::CriticalEntryExtension(critical)));
    let point = |field: Vec<u8>| {
        ListTemplate::new(1).with(extension(ISSUING_DISTRIBUTION_POINT, true, &write::sequence(&[&field])))
    };
    let rows = [
        (write::tlv(Tag::context(2), &[0xff]), Unusable::OutOfScope),
        (write::tlv(Tag::context(5), &[0xff]), Unusable::NoCertificates),
    ];
    for (field, reason) in rows {
        assert_eq!(unknown(point(field).issue(&scene.root)), UnknownReason::Unusable(reason));
    }
    let partial = point(write::tlv(Tag::context(3), &[1, 0x02]));
    assert_eq!(unknown(partial.issue(&scene.root)), UnknownReason::ReasonsLeftOut);
    assert!(matches!(
        scene.status(&[point(write::tlv(Tag::context(1), &[0xff])).issue(&scene.root)]),
        RevocationStatus::Good { .. }
    ));
    let no_end = ListTemplate { next_update: None, ..ListTemplate::new(1) };
    assert!(
        matches!(scene.status(&[no_end.issue(&scene.root)]), RevocationStatus::Good { list, .. } if list.next_update().is_none())
    );
}

#[test]
fn the_newest_list_that_counts_decides_and_an_older_one_is_seen_to_be_older() {
    let scene = Scene::new();
    let yesterday = at("2026-05-31T00:00:00Z");
    let older = ListTemplate::new(7).revoke(SERIAL, yesterday, Some(6)).issue(&scene.root);
    let newer = ListTemplate::new(300).issue(&scene.root);
    let forged = ListTemplate::new(400).revoke(SERIAL, yesterday, None).issue(&Authority::root("Root"));
    assert!(revocation::is_older(&older, &newer) && !revocation::is_older(&newer, &older));
    let lists = [older.clone(), forged, newer.clone()];
    assert!(matches!(scene.status(&lists), RevocationStatus::Good { list, .. } if list.sha256() == newer.sha256()));
    let stored = vec![(older, Purpose::Callers.into()), (newer, PurposeSet::ALL)];
    let store = TrustStore::new(2, vec![TrustEntry::anchor(scene.root.certificate.clone(), PurposeSet::ALL)], stored);
    assert_eq!(store.crls_of(&scene.root.certificate, Purpose::Applicants).count(), 1);
    assert_eq!(store.crls_of(&scene.root.certificate, Purpose::Callers).count(), 2);
    assert_ne!(store.digest(), scene.store.digest());
}

#[test]
fn a_delta_changes_its_base_and_nothing_else() {
    let scene = Scene::new();
    let yesterday = at("2026-05-31T00:00:00Z");
    let delta = |number, base: u64| ListTemplate::new(number).with(extension(DELTA, true, &write::unsigned(base)));
    let held = ListTemplate::new(10).revoke(SERIAL, yesterday, Some(6)).issue(&scene.root);
    let clean = ListTemplate::new(10).issue(&scene.root);
    let revoking = delta(12, 10).revoke(SERIAL, yesterday, Some(1)).issue(&scene.root);
    let removing = delta(12, 10).revoke(SERIAL, yesterday, Some(8)).issue(&scene.root);
    assert!(matches!(
        scene.status(std::slice::from_ref(&revoking)),
        RevocationStatus::Unknown(UnknownReason::Unusable(Unusable::Delta))
    ));
    assert!(matches!(scene.status(&[clean.clone(), revoking]), RevocationStatus::Revoked { .. }));
    assert!(matches!(scene.status(&[held.clone(), removing]), RevocationStatus::Good { .. }));
    for foreign in [delta(12, 11), delta(10, 9)] {
        let foreign = foreign.revoke(SERIAL, yesterday, Some(8)).issue(&scene.root);
        assert!(matches!(scene.status(&[held.clone(), foreign]), RevocationStatus::Hold { .. }));
    }
}

#[test]
fn a_separate_key_for_lists_counts_when_it_leads_to_the_same_anchor_and_is_good_itself() {
    let scene = Scene::new();
    let key = Key::generate();
    let signer = Template::new(name("Root")).serial(&[0x55]).with(key_usage(LISTS)).with(subject_key(&[5])).issue(
        &key,
        &scene.root.name,
        &scene.root.key,
    );
    let signing = Authority { name: name("Root"), key, certificate: signer.clone() };
    let list = ListTemplate::new(2).issue(&signing);
    assert!(matches!(
        scene.status(std::slice::from_ref(&list)),
        RevocationStatus::Unknown(UnknownReason::BadSignature)
    ));
    let own = ListTemplate::new(1).issue(&scene.root);
    assert!(
        matches!(scene.status_with(&[list.clone(), own], std::slice::from_ref(&signer)), RevocationStatus::Good { list: decided, .. } if decided.sha256() == list.sha256())
    );
    let against = ListTemplate::new(1).revoke(&[0x55], at("2026-05-31T00:00:00Z"), None).issue(&scene.root);
    assert!(
        matches!(scene.status_with(&[list.clone(), against.clone()], &[signer]), RevocationStatus::Good { list: decided, .. } if decided.sha256() == against.sha256())
    );
}

#[test]
fn an_issuer_without_the_right_to_sign_lists_is_refused() {
    let root = Authority::root("Root");
    let mute = root
        .below("Mute", |template| Template { extensions: vec![authority(None), key_usage(0b0000_0100)], ..template });
    let list = ListTemplate::new(1).issue(&mute);
    assert_eq!(list.verify(&mute.certificate).err(), Some(VerifyError::KeyUsage));
    assert_eq!(list.verify(&root.certificate).err(), Some(VerifyError::IssuerName));
}

#[test]
fn a_list_with_trailing_or_missing_octets_is_refused_and_none_panics() {
    let root = Authority::root("Root");
    let der = ListTemplate::new(1)
        .revoke(SERIAL, now(), Some(1))
        .with(extension(ISSUING_DISTRIBUTION_POINT, true, &write::sequence(&[&write::tlv(Tag::context(1), &[0xff])])))
        .issue_der(&root);
    assert!(matches!(CertificateRevocationList::from_der([der.clone(), vec![0]].concat()), Err(CrlError::Der(_))));
    for index in 0..der.len() {
        assert!(CertificateRevocationList::from_der(&der[..index]).is_err());
        for flip in [0x01, 0x20, 0x80, 0xff] {
            let mut mutated = der.clone();
            mutated[index] ^= flip;
            if let Ok(list) = CertificateRevocationList::from_der(mutated) {
                assert!(list.verify(&root.certificate).is_err(), "octet {index} is not covered by the signature");
            }
        }
    }
}

#[test]
fn a_list_of_422_000_entries_is_read_in_a_moment_and_every_entry_is_found() {
    let root = Authority::root("Root");
    let mut template = ListTemplate::new(1);
    // A multiplication by an odd number scatters the serials, so that sorting is tried too.
    let serial =
        |index: u64| [&[0x01][..], &index.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes(), &[7; 11]].concat();
    template.entries = (0..422_000).map(|index| (serial(index), now(), Some(4))).collect();
    let der = template.issue_der(&root);
    let octets = der.len();
    let start = Instant::now();
    let list = CertificateRevocationList::from_der(der).expect("a list");
    let read = start.elapsed();
    let start = Instant::now();
    let verified = list.verify(&root.certificate).expect("a signature");
    println!("{} entries, {octets} octets: read in {read:?}, verified in {:?}", list.entry_count(), start.elapsed());
    let start = Instant::now();
    for index in (0..422_000).step_by(97) {
        assert_eq!(
            verified.lookup(&serial(index)).expect("in memory").map(|entry| entry.reason),
            Some(Reason::Superseded)
        );
    }
    println!("4351 lookups in {:?}", start.elapsed());
    assert_eq!(verified.lookup(&serial(422_001)), Ok(None));
    assert_eq!(verified.lookup(&[]), Ok(None));
}

#[test]
fn another_reader_sees_the_same_entries() {
    let Some(root) = data::folder("suites/files/pkits/crls") else { return };
    let mut compared = 0;
    for file in std::fs::read_dir(root).expect("a folder") {
        let der = data::read(file.expect("a file").path());
        let (Ok(ours), Ok((_, theirs))) = (CertificateRevocationList::from_der(&der[..]), OtherReader::from_der(&der))
        else {
            continue;
        };
        assert_eq!(ours.entry_count(), theirs.iter_revoked_certificates().count());
        assert_eq!(ours.issuer_raw(), theirs.issuer().as_raw());
        assert_eq!(ours.this_update().timestamp(), theirs.last_update().timestamp());
        assert_eq!(ours.next_update().map(|time| time.timestamp()), theirs.next_update().map(|time| time.timestamp()));
        compared += 1;
    }
    assert!(compared > 120, "{compared} lists");
}
