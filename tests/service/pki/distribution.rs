//! Lists for some certificates, some reasons, or several issuers (RFC 5280 §5.2.5, §6.3.3).

use std::sync::Arc;

use consular_registration::pki::crl::{CrlError, Unusable};
use consular_registration::pki::der::{Tag, write};
use consular_registration::pki::path::{self, InitialPolicies, PathBudget, PathRequest};
use consular_registration::pki::revocation::{self, RevocationRequest, RevocationStatus, UnknownReason};
use consular_registration::pki::trust::{Purpose, PurposeSet, TrustEntry, TrustStore};
use consular_registration::pki::{Certificate, CertificateRevocationList, CryptographicConstraints, Oid};

use crate::support::pki::{
    Authority, Key, LISTS, ListTemplate, Template, at, extension, key_usage, name, now, subject_key,
};

const ISSUING_DISTRIBUTION_POINT: Oid = Oid::new(&[2, 5, 29, 28]);
const CERTIFICATE_ISSUER: Oid = Oid::new(&[2, 5, 29, 29]);
const CRL_DISTRIBUTION_POINTS: Oid = Oid::new(&[2, 5, 29, 31]);
const DELTA: Oid = Oid::new(&[2, 5, 29, 27]);
const SERIAL: &[u8] = &[0x11];
const YESTERDAY: &str = "2026-05-31T00:00:00Z";

type List = Arc<CertificateRevocationList>;

/// `fullName` of one location.
fn location(uri: &str) -> Vec<u8> {
    write::explicit(0, &write::tlv(Tag::context_constructed(0), &write::tlv(Tag::context(6), uri.as_bytes())))
}

/// `fullName` of one directory name.
fn directory(name: &[u8]) -> Vec<u8> {
    write::explicit(0, &write::tlv(Tag::context_constructed(0), &write::explicit(4, name)))
}

/// `nameRelativeToCRLIssuer`.
fn relative(common_name: &str) -> Vec<u8> {
    let attribute = write::sequence(&[
        &write::oid(&Oid::new(&[2, 5, 4, 3])),
        &write::tlv(Tag::UTF8_STRING, common_name.as_bytes()),
    ]);
    write::explicit(0, &write::tlv(Tag::context_constructed(1), &attribute))
}

fn crl_issuer(name: &[u8]) -> Vec<u8> {
    write::tlv(Tag::context_constructed(2), &write::explicit(4, name))
}

/// `reasons` of a certificate's point: key compromise and CA compromise, or all others.
const COMPROMISES: [u8; 2] = [5, 0x60];
const OTHERS: [u8; 3] = [7, 0x1f, 0x80];

/// An extension with points of these fields.
fn points(points: &[&[&[u8]]]) -> Vec<u8> {
    let points: Vec<Vec<u8>> = points.iter().map(|fields| write::sequence(fields)).collect();
    extension(CRL_DISTRIBUTION_POINTS, false, &write::tlv(Tag::SEQUENCE, &points.concat()))
}

/// `issuingDistributionPoint` with these fields.
fn published(fields: &[&[u8]]) -> Vec<u8> {
    extension(ISSUING_DISTRIBUTION_POINT, true, &write::sequence(fields))
}

fn indirect() -> Vec<u8> {
    write::tlv(Tag::context(4), &[0xff])
}

fn of_issuer(name: &[u8]) -> Vec<u8> {
    extension(CERTIFICATE_ISSUER, true, &write::sequence(&[&write::explicit(4, name)]))
}

fn status(leaf: &Certificate, root: &Authority, lists: &[List], candidates: &[Certificate]) -> RevocationStatus {
    let store = TrustStore::new(1, vec![TrustEntry::anchor(root.certificate.clone(), PurposeSet::ALL)], vec![]);
    let purpose = Purpose::Applicants;
    let policies = InitialPolicies::default();
    let algorithms = &CryptographicConstraints::None;
    let request = PathRequest { leaf, candidates, store: &store, purpose, time: now(), algorithms, policies };
    let path = path::build(&request, &mut PathBudget::default()).expect("a path");
    let request = RevocationRequest { path: &path, store: &store, purpose, lists, candidates, time: now(), algorithms };
    revocation::check_one(&request, 0, &mut PathBudget::default())
}

fn leaf(root: &Authority, points: Vec<u8>) -> Certificate {
    root.issue(&Template::signer(name("Leaf")).with(points))
}

#[track_caller]
fn assert_good(status: &RevocationStatus) {
    assert!(matches!(status, RevocationStatus::Good { .. }), "{status:?}");
}

#[track_caller]
fn assert_unknown(status: &RevocationStatus, expected: &UnknownReason) {
    assert!(matches!(status, RevocationStatus::Unknown(reason) if reason == expected), "{status:?}");
}

const OUT_OF_SCOPE: UnknownReason = UnknownReason::Unusable(Unusable::OutOfScope);

#[test]
fn a_list_of_one_point_counts_for_certificates_that_name_the_point() {
    let root = Authority::root("Root");
    let below_root = [name("Root")[2..].to_vec(), name("Point")[2..].to_vec()].concat();
    let below_root = write::tlv(Tag::SEQUENCE, &below_root);
    let rows: [(Vec<u8>, Vec<u8>, bool); 7] = [
        (location("http://a/1.crl"), location("http://a/1.crl"), true),
        (location("http://a/1.crl"), location("http://a/2.crl"), false),
        (relative("Point"), relative("point"), true),
        (relative("Point"), directory(&below_root), true),
        (directory(&below_root), relative("Point"), true),
        (relative("Point"), relative("Other"), false),
        // The point that every certificate has: its issuer's name.
        (location("http://a/1.crl"), directory(&root.name), true),
    ];
    for (named, of_list, is_covered) in rows {
        let leaf = leaf(&root, points(&[&[&named]]));
        let list = ListTemplate::new(1).with(published(&[&of_list])).issue(&root);
        let status = status(&leaf, &root, &[list], &[]);
        if is_covered { assert_good(&status) } else { assert_unknown(&status, &OUT_OF_SCOPE) }
    }
    let unnamed = root.signer("Unnamed");
    let list = ListTemplate::new(1).with(published(&[&location("http://a/1.crl")])).issue(&root);
    assert_unknown(&status(&unnamed, &root, &[list], &[]), &OUT_OF_SCOPE);
    assert_good(&status(&leaf(&root, points(&[&[&relative("P")]])), &root, &[ListTemplate::new(1).issue(&root)], &[]));
}

#[test]
fn a_status_is_known_only_when_every_reason_is_covered() {
    let root = Authority::root("Root");
    let leaf = root.signer("Leaf");
    let some = |number: u64, reasons: &[u8]| {
        ListTemplate::new(number).with(published(&[&write::tlv(Tag::context(3), reasons)]))
    };
    let (compromises, others) = (some(1, &COMPROMISES).issue(&root), some(2, &OTHERS).issue(&root));
    assert_unknown(&status(&leaf, &root, std::slice::from_ref(&compromises), &[]), &UnknownReason::ReasonsLeftOut);
    let both = status(&leaf, &root, &[compromises.clone(), others.clone()], &[]);
    assert_good(&both);
    assert_eq!(both.lists().count(), 2, "the answer rests on both");

    let yesterday = at(YESTERDAY);
    let revoked = some(1, &COMPROMISES).revoke(SERIAL, yesterday, Some(1)).issue(&root);
    let held = some(2, &OTHERS).revoke(SERIAL, yesterday, Some(6)).issue(&root);
    assert!(matches!(status(&leaf, &root, std::slice::from_ref(&revoked), &[]), RevocationStatus::Revoked { .. }));
    assert!(matches!(status(&leaf, &root, &[compromises, held.clone()], &[]), RevocationStatus::Hold { .. }));
    assert!(matches!(status(&leaf, &root, &[revoked, held], &[]), RevocationStatus::Revoked { .. }));

    // The certificate says at its points which reasons each covers.
    let (one, two) = (location("http://a/1.crl"), location("http://a/2.crl"));
    let reasons = write::tlv(Tag::context(1), &COMPROMISES);
    let divided = self::leaf(&root, points(&[&[&one, &reasons], &[&two, &write::tlv(Tag::context(1), &OTHERS)]]));
    let of_one = ListTemplate::new(1).with(published(&[&one])).issue(&root);
    let of_two = ListTemplate::new(2).with(published(&[&two])).issue(&root);
    assert_unknown(&status(&divided, &root, std::slice::from_ref(&of_one), &[]), &UnknownReason::ReasonsLeftOut);
    assert_good(&status(&divided, &root, &[of_one, of_two], &[]));
}

/// A root, a CRL issuer below it, and a leaf of the root that names that CRL issuer.
struct Indirect {
    root: Authority,
    issuer: Authority,
    leaf: Certificate,
}

impl Indirect {
    fn new() -> Self {
        let root = Authority::root("Root");
        let issuer = Self::issuer(&root, vec![]);
        let leaf = leaf(&root, points(&[&[&crl_issuer(&issuer.name)]]));
        Self { root, issuer, leaf }
    }

    fn issuer(root: &Authority, extensions: Vec<Vec<u8>>) -> Authority {
        let (name, key) = (name("List issuer"), Key::generate());
        let template = Template::new(name.clone()).serial(&[0x55]).with(key_usage(LISTS)).with(subject_key(&[5]));
        let template = extensions.into_iter().fold(template, Template::with);
        let certificate = template.issue(&key, &root.name, &root.key);
        Authority { name, key, certificate }
    }

    fn status(&self, list: List) -> RevocationStatus {
        // The root's own list speaks of the CRL issuer; of the leaf the newer one speaks first.
        let older = ListTemplate::new(1).issue(&self.root);
        status(&self.leaf, &self.root, &[list, older], std::slice::from_ref(&self.issuer.certificate))
    }
}

fn newer(number: u64) -> ListTemplate {
    ListTemplate { this_update: at("2026-06-01T01:00:00Z"), ..ListTemplate::new(number) }
}

#[test]
fn an_indirect_list_speaks_of_the_issuers_that_its_entries_name() {
    let scene = Indirect::new();
    let yesterday = at(YESTERDAY);
    let list = || newer(9).with(published(&[&indirect()]));
    let decided = |status: &RevocationStatus, list: &List| {
        status.lists().next().is_some_and(|decided| decided.sha256() == list.sha256())
    };

    let clean = list().issue(&scene.issuer);
    let good = scene.status(clean.clone());
    assert!(matches!(good, RevocationStatus::Good { .. }) && decided(&good, &clean), "{good:?}");

    let own = list().revoke(SERIAL, yesterday, None).issue(&scene.issuer);
    assert_good(&scene.status(own.clone()));
    let mut named = list().revoke(SERIAL, yesterday, Some(1));
    named.first_entry_extensions = vec![of_issuer(&scene.root.name)];
    let named = named.issue(&scene.issuer);
    assert!(matches!(scene.status(named.clone()), RevocationStatus::Revoked { .. }));

    // The name holds for the entries that follow.
    let mut carried = list().revoke(&[0x77], yesterday, None).revoke(SERIAL, yesterday, Some(1));
    carried.first_entry_extensions = vec![of_issuer(&scene.root.name)];
    assert!(matches!(scene.status(carried.issue(&scene.issuer)), RevocationStatus::Revoked { .. }));
    let mut other = list().revoke(&[0x77], yesterday, None).revoke(SERIAL, yesterday, Some(1));
    other.first_entry_extensions = vec![of_issuer(&name("Another authority"))];
    assert_good(&scene.status(other.issue(&scene.issuer)));

    let verified = own.verify(&scene.issuer.certificate).expect("a signature");
    assert!(verified.lookup(SERIAL).expect("held").is_some(), "an entry that names nobody is the list issuer's own");
    assert_eq!(verified.lookup_certificate(&scene.leaf), Ok(None));
}

#[test]
fn an_indirect_list_counts_only_where_the_certificate_sends_there() {
    let scene = Indirect::new();
    let candidates = std::slice::from_ref(&scene.issuer.certificate);
    let indirect_list = newer(9).with(published(&[&indirect()])).issue(&scene.issuer);
    let unsent = scene.root.signer("Unsent");
    let answer = status(&unsent, &scene.root, std::slice::from_ref(&indirect_list), candidates);
    assert_unknown(&answer, &UnknownReason::NoList);
    let direct = newer(9).issue(&scene.issuer);
    assert_unknown(&status(&scene.leaf, &scene.root, &[direct], candidates), &OUT_OF_SCOPE);
    let mut foreign = ListTemplate::new(1).revoke(&[0x77], now(), None);
    foreign.entry_extensions = vec![of_issuer(&name("Another authority"))];
    let foreign = foreign.issue(&scene.root);
    assert_eq!(foreign.unusable(), Some(&Unusable::ForeignEntries));
}

#[test]
fn a_crl_issuer_must_lead_to_the_same_anchor_and_must_not_be_revoked() {
    let scene = Indirect::new();
    let list = newer(9).with(published(&[&indirect()])).issue(&scene.issuer);
    let candidates = std::slice::from_ref(&scene.issuer.certificate);
    // Nothing says that the CRL issuer itself is good.
    let answer = status(&scene.leaf, &scene.root, std::slice::from_ref(&list), candidates);
    assert_unknown(&answer, &UnknownReason::BadSignature);
    let older = ListTemplate::new(1).issue(&scene.root);
    assert_good(&status(&scene.leaf, &scene.root, &[list.clone(), older.clone()], candidates));
    let revoking = ListTemplate::new(1).revoke(&[0x55], at(YESTERDAY), None);
    let revoking = revoking.with(published(&[&location("http://only/authorities")])).issue(&scene.root);
    let answer = status(&scene.leaf, &scene.root, &[list.clone(), revoking], candidates);
    assert!(matches!(answer, RevocationStatus::Unknown(_)), "{answer:?}");

    let elsewhere = Authority::root("Elsewhere");
    let impostor = Indirect::issuer(&elsewhere, vec![]);
    let forged = newer(10).with(published(&[&indirect()])).issue(&impostor);
    let both = [scene.issuer.certificate.clone(), impostor.certificate.clone(), elsewhere.certificate];
    let answer = status(&scene.leaf, &scene.root, std::slice::from_ref(&forged), &both);
    assert_unknown(&answer, &UnknownReason::BadSignature);
    assert_good(&status(&scene.leaf, &scene.root, &[forged, list, older], &both));
}

#[test]
fn a_crl_issuer_tells_its_own_status_only_where_its_authority_sends_there() {
    let root = Authority::root("Root");
    let sent = Indirect::issuer(&root, vec![points(&[&[&crl_issuer(&name("List issuer"))]])]);
    let leaf = leaf(&root, points(&[&[&crl_issuer(&sent.name)]]));
    let list = |template: ListTemplate| template.with(published(&[&indirect()])).issue(&sent);
    let candidates = std::slice::from_ref(&sent.certificate);
    assert_good(&status(&leaf, &root, &[list(newer(9))], candidates));
    let mut itself = newer(9).revoke(&[0x55], at(YESTERDAY), None);
    itself.entry_extensions = vec![of_issuer(&root.name)];
    let answer = status(&leaf, &root, &[list(itself)], candidates);
    assert_unknown(&answer, &UnknownReason::BadSignature);
}

#[test]
fn a_delta_of_a_partial_list_changes_that_list_alone() {
    let root = Authority::root("Root");
    let leaf = root.signer("Leaf");
    let reasons = |reasons: &[u8]| published(&[&write::tlv(Tag::context(3), reasons)]);
    let compromises = ListTemplate::new(10).with(reasons(&COMPROMISES)).issue(&root);
    let others = ListTemplate::new(10).with(reasons(&OTHERS)).revoke(SERIAL, at(YESTERDAY), Some(6)).issue(&root);
    let delta = ListTemplate::new(12).with(extension(DELTA, true, &write::unsigned(10)));
    let released = delta.with(reasons(&OTHERS)).revoke(SERIAL, at(YESTERDAY), Some(8)).issue(&root);
    assert!(released.is_delta_to(&others) && !released.is_delta_to(&compromises));
    let lists = [compromises, others, released];
    assert!(matches!(status(&leaf, &root, &lists[..2], &[]), RevocationStatus::Hold { .. }));
    let answer = status(&leaf, &root, &lists, &[]);
    assert_good(&answer);
    assert_eq!(answer.lists().count(), 3, "base, delta and the list for the other reasons");
}

#[test]
fn an_anchor_signs_lists_for_its_own_other_key_and_for_no_namesake() {
    let old = Authority::root("Root");
    let key = Key::generate();
    let renewed = Template::authority(old.name.clone(), &key).serial(&[0x21]).issue(&key, &old.name, &old.key);
    let renewed = Authority { name: old.name.clone(), key, certificate: renewed };
    let leaf = renewed.signer("Leaf");
    let status = |other: &Authority| {
        let anchors = [&renewed, other].map(|root| TrustEntry::anchor(root.certificate.clone(), PurposeSet::ALL));
        let store = TrustStore::new(1, anchors.to_vec(), vec![]);
        let (purpose, algorithms) = (Purpose::Applicants, &CryptographicConstraints::None);
        let policies = InitialPolicies::default();
        let request =
            PathRequest { leaf: &leaf, candidates: &[], store: &store, purpose, time: now(), algorithms, policies };
        let path = path::build(&request, &mut PathBudget::default()).expect("a path");
        assert_eq!(path.anchor().certificate, renewed.certificate);
        let lists = [ListTemplate::new(1).issue(other)];
        let request = RevocationRequest {
            path: &path,
            store: &store,
            purpose,
            lists: &lists,
            candidates: &[],
            time: now(),
            algorithms,
        };
        revocation::check_one(&request, 0, &mut PathBudget::default())
    };
    assert_good(&status(&old));
    assert_unknown(&status(&Authority::root("Root")), &UnknownReason::BadSignature);
}

#[test]
fn a_list_says_its_version_and_its_entries_only_where_it_has_to() {
    let root = Authority::root("Root");
    let with = |version: &[u8], revoked: &[u8]| {
        let algorithm = write::sequence(&[&write::oid(&crate::support::pki::ECDSA_SHA256)]);
        let time = write::time(now());
        let tbs = write::sequence(&[version, &algorithm, &root.name, &time, &time, revoked]);
        CertificateRevocationList::from_der(write::sequence(&[&tbs, &algorithm, &write::bit_string(&[0])]))
    };
    assert!(with(&[], &[]).is_ok() && with(&write::unsigned(1), &[]).is_ok());
    assert_eq!(with(&write::unsigned(0), &[]).err(), Some(CrlError::Version));
    assert_eq!(with(&write::unsigned(2), &[]).err(), Some(CrlError::Version));
    assert!(matches!(with(&write::unsigned(1), &write::sequence(&[])), Err(CrlError::Der(_))));
}

#[test]
fn lists_with_and_without_numbers_are_put_in_one_order() {
    let root = Authority::root("Root");
    let leaf = root.signer("Leaf");
    let mut lists = Vec::new();
    for index in 0..60_i64 {
        let number = u64::try_from(index * 7 % 60).expect("small");
        let template = ListTemplate {
            this_update: at("2026-06-01T00:00:00Z") + chrono::TimeDelta::minutes(index * 11 % 60),
            ..ListTemplate::new(number)
        };
        lists.push(if index % 3 == 0 { template.numberless().issue(&root) } else { template.issue(&root) });
    }
    let answer = status(&leaf, &root, &lists, &[]);
    let newest = lists.iter().map(|list| list.this_update()).max();
    assert_eq!(answer.lists().next().map(|list| list.this_update()), newest);
}
