//! Paths that hold, and one for each way not to.

use consular_registration::pki::path::{
    self, CertificationPath, Defect, InitialPolicies, PathBudget, PathError, PathRequest,
};
use consular_registration::pki::trust::{EntryState, Purpose, PurposeSet, TrustEntry, TrustStore};
use consular_registration::pki::{AlgorithmError, Certificate, CryptographicConstraints, Oid};

use crate::support::pki::{
    Authority, Key, LISTS, SIGNATURES, Template, at, authority, authority_key, extension, key_usage, name, now,
    subject_key,
};

fn store(anchors: &[&Authority]) -> TrustStore {
    TrustStore::new(
        1,
        anchors.iter().map(|anchor| TrustEntry::anchor(anchor.certificate.clone(), PurposeSet::ALL)).collect(),
        vec![],
    )
}

fn build_at(
    leaf: &Certificate,
    candidates: &[Certificate],
    store: &TrustStore,
    time: &str,
) -> Result<CertificationPath, PathError> {
    let request = PathRequest {
        leaf,
        candidates,
        store,
        purpose: Purpose::Applicants,
        time: at(time),
        algorithms: &CryptographicConstraints::national(None),
        policies: InitialPolicies::default(),
    };
    path::build(&request, &mut PathBudget::default())
}

fn build(leaf: &Certificate, candidates: &[Certificate], store: &TrustStore) -> Result<CertificationPath, PathError> {
    build_at(leaf, candidates, store, "2026-06-01T12:00:00Z")
}

fn fault(result: Result<CertificationPath, PathError>) -> (usize, Defect) {
    match result {
        Err(PathError::Invalid { fault, .. }) => (fault.index, fault.defect),
        other => panic!("not an invalid path: {other:?}"),
    }
}

fn plain(template: Template) -> Template {
    template
}

#[test]
fn a_path_runs_from_the_leaf_to_an_anchor_which_need_not_be_a_root() {
    let root = Authority::root("Root");
    let upper = root.below("Upper", plain);
    let lower = upper.below("Lower", plain);
    let leaf = lower.signer("Leaf");
    let junk: Vec<Certificate> = (0..64).map(|number| Authority::root(&format!("Junk {number}")).certificate).collect();
    let candidates = [junk, vec![lower.certificate.clone(), upper.certificate.clone()]].concat();
    let path = build(&leaf, &candidates, &store(&[&root])).expect("a path");
    assert_eq!(path.certificates(), [leaf.clone(), lower.certificate.clone(), upper.certificate.clone()]);
    assert_eq!(
        (path.issuer(0), path.issuer(2), path.issuer(3)),
        (Some(&lower.certificate), Some(&root.certificate), None)
    );
    let short = build(&leaf, &[], &store(&[&lower])).expect("a path");
    assert_eq!((short.certificates().len(), &short.anchor().certificate), (1, &lower.certificate));
    assert!(matches!(build(&leaf, &[], &store(&[&root])), Err(PathError::NotFound { closest: None })));
}

#[test]
fn an_authority_must_be_one() {
    let root = Authority::root("Root");
    let signer_key = Key::generate();
    let signer = Template::signer(name("Signer")).issue(&signer_key, &root.name, &root.key);
    let leaf = Template::signer(name("Leaf")).issue(&Key::generate(), &name("Signer"), &signer_key);
    assert_eq!(fault(build(&leaf, &[signer], &store(&[&root]))), (1, Defect::NotAuthority));
    let without_usage =
        root.below("CA", |template| Template { extensions: vec![authority(None), key_usage(LISTS)], ..template });
    assert_eq!(
        fault(build(&without_usage.signer("Leaf"), std::slice::from_ref(&without_usage.certificate), &store(&[&root]))),
        (1, Defect::KeyUsage)
    );
    let of_signatures =
        root.below("CA", |template| Template { extensions: vec![authority(None), key_usage(SIGNATURES)], ..template });
    assert_eq!(
        fault(build(&of_signatures.signer("Leaf"), std::slice::from_ref(&of_signatures.certificate), &store(&[&root]))),
        (1, Defect::KeyUsage)
    );
}

#[test]
fn path_length_unknown_extensions_and_time_are_kept_to() {
    let root = Authority::root("Root");
    let limited = root.below("Limited", |template| Template { extensions: vec![authority(Some(0))], ..template });
    assert!(build(&limited.signer("Leaf"), std::slice::from_ref(&limited.certificate), &store(&[&root])).is_ok());
    let below = limited.below("Below", |template| Template { extensions: vec![authority(None)], ..template });
    let result =
        build(&below.signer("Leaf"), &[limited.certificate.clone(), below.certificate.clone()], &store(&[&root]));
    assert_eq!(fault(result), (1, Defect::PathLength));

    let unknown = Oid::new(&[1, 2, 3, 4]);
    let critical = root.issue(&Template::signer(name("Leaf")).with(extension(unknown, true, &[5, 0])));
    assert_eq!(fault(build(&critical, &[], &store(&[&root]))), (0, Defect::CriticalExtension(unknown)));
    let ignorable = root.issue(&Template::signer(name("Leaf")).with(extension(unknown, false, &[5, 0])));
    assert!(build(&ignorable, &[], &store(&[&root])).is_ok());

    let expired = root.below("Expired", |template| template.valid("2020-01-01T00:00:00Z", "2025-01-01T00:00:00Z"));
    let result = build(&expired.signer("Leaf"), std::slice::from_ref(&expired.certificate), &store(&[&root]));
    assert_eq!(fault(result), (1, Defect::Expired(at("2025-01-01T00:00:00Z"))));
    let leaf = root.issue(&Template::signer(name("Leaf")).valid("2026-06-01T12:00:00Z", "2026-06-01T12:00:05Z"));
    assert!(build_at(&leaf, &[], &store(&[&root]), "2026-06-01T12:00:00Z").is_ok());
    assert!(build_at(&leaf, &[], &store(&[&root]), "2026-06-01T12:00:05.9Z").is_ok(), "the last second counts whole");
    assert_eq!(fault(build_at(&leaf, &[], &store(&[&root]), "2026-06-01T11:59:59Z")), (0, Defect::NotYetValid(now())));
    assert!(matches!(fault(build_at(&leaf, &[], &store(&[&root]), "2026-06-01T12:00:06Z")), (0, Defect::Expired(_))));
    assert!(
        matches!(
            fault(build_at(&leaf, &[], &store(&[&expired, &root]), "2036-06-01T12:00:00Z")),
            (1, Defect::Expired(_))
        ),
        "anchors expire too"
    );
}

#[test]
fn validity_periods_need_not_nest() {
    let root = Authority::root("Root");
    let early = root.below("Early", |template| template.valid("2019-01-01T00:00:00Z", "2050-01-01T00:00:00Z"));
    assert!(build(&early.signer("Leaf"), std::slice::from_ref(&early.certificate), &store(&[&root])).is_ok());
}

#[test]
fn a_false_root_of_the_true_name_leads_nowhere() {
    let root = Authority::root("Root");
    let mut forged = Authority::root("Root");
    let lie = Template::authority(name("Root"), &root.key).with(authority_key(&root.key.identifier()));
    forged.certificate = lie.issue(&forged.key, &forged.name, &forged.key);
    let leaf = Template::signer(name("Leaf")).with(authority_key(&root.key.identifier())).issue(
        &Key::generate(),
        &forged.name,
        &forged.key,
    );
    let result = build(&leaf, std::slice::from_ref(&forged.certificate), &store(&[&root]));
    let Err(PathError::NotFound { closest: Some(fault) }) = result else { panic!("{result:?}") };
    assert_eq!(fault.defect, Defect::Algorithm(AlgorithmError::SignatureInvalid));
    let contradicted =
        Template::signer(name("Leaf")).with(authority_key(&[7; 20])).issue(&Key::generate(), &root.name, &root.key);
    assert!(matches!(build(&contradicted, &[], &store(&[&root])), Err(PathError::NotFound { closest: None })));
}

#[test]
fn what_was_decided_about_an_anchor_decides() {
    let root = Authority::root("Root");
    let leaf = root.signer("Leaf");
    let entry = || TrustEntry::anchor(root.certificate.clone(), Purpose::Applicants.into());
    let attempt = |entry: TrustEntry| build(&leaf, &[], &TrustStore::new(1, vec![entry], vec![]));
    assert!(attempt(entry()).is_ok());
    assert!(attempt(TrustEntry { trusted_until: Some(at("2026-06-01T12:00:01Z")), ..entry() }).is_ok());
    assert!(
        attempt(TrustEntry { state: EntryState::Retired, trusted_until: Some(at("2026-06-02T00:00:00Z")), ..entry() })
            .is_ok()
    );
    for refused in [
        TrustEntry { trusted_until: Some(now()), ..entry() },
        TrustEntry { trusted_from: Some(at("2026-06-01T12:00:01Z")), ..entry() },
        TrustEntry { state: EntryState::Prepared, ..entry() },
        TrustEntry { state: EntryState::Retired, ..entry() },
        TrustEntry { state: EntryState::Retired, trusted_until: Some(now()), ..entry() },
        TrustEntry { state: EntryState::Distrusted, ..entry() },
    ] {
        let result = attempt(refused);
        assert!(
            matches!(&result, Err(PathError::NotFound { closest: Some(fault) }) if fault.defect == Defect::AnchorNotTrusted),
            "{result:?}"
        );
    }
    assert!(matches!(
        attempt(TrustEntry { purposes: Purpose::Callers.into(), ..entry() }),
        Err(PathError::NotFound { closest: None })
    ));
    assert!(matches!(
        attempt(TrustEntry::intermediate(root.certificate.clone(), PurposeSet::ALL)),
        Err(PathError::NotFound { .. })
    ));
}

#[test]
fn no_path_runs_through_a_distrusted_key_however_it_comes() {
    let root = Authority::root("Root");
    let middle = root.below("Middle", plain);
    let leaf = middle.signer("Leaf");
    let distrusted = TrustEntry {
        state: EntryState::Distrusted,
        ..TrustEntry::intermediate(middle.certificate.clone(), PurposeSet::ALL)
    };
    let store =
        TrustStore::new(1, vec![TrustEntry::anchor(root.certificate.clone(), PurposeSet::ALL), distrusted], vec![]);
    let result = build(&leaf, std::slice::from_ref(&middle.certificate), &store);
    assert!(
        matches!(&result, Err(PathError::NotFound { closest: Some(fault) }) if fault.defect == Defect::Distrusted),
        "{result:?}"
    );
}

/// What building a path to `leaf` costs in signature checks, and whether there is one.
fn cost(leaf: &Certificate, candidates: &[Certificate], store: &TrustStore, time: &str) -> (u32, bool) {
    let request = PathRequest {
        leaf,
        candidates,
        store,
        purpose: Purpose::Applicants,
        time: at(time),
        algorithms: &CryptographicConstraints::national(None),
        policies: InitialPolicies::default(),
    };
    let mut budget = PathBudget::default();
    let found = path::build(&request, &mut budget).is_ok();
    (PathBudget::default().signature_checks - budget.signature_checks, found)
}

#[test]
fn a_signature_that_held_is_not_verified_again_and_everything_else_is_asked_again() {
    let root = Authority::root("Root");
    let middle = root.below("Middle", plain);
    let revision = store(&[&root]);
    let candidates = [middle.certificate.clone()];
    let cost = |leaf: &Certificate, store: &TrustStore, time: &str| cost(leaf, &candidates, store, time);
    let (today, later) = ("2026-06-01T12:00:00Z", "2046-06-01T12:00:00Z");
    let leaf = middle.signer("Leaf");
    assert_eq!(cost(&leaf, &revision, today), (2, true));
    assert_eq!(cost(&middle.signer("Another"), &revision, today), (1, true), "the authority's is known");
    assert_eq!(cost(&leaf, &revision, today), (0, true), "and so is that of who signed before");
    assert_eq!(cost(&leaf, &revision, later), (0, false), "time is asked again");
    assert_eq!(cost(&leaf, &store(&[&root]), today), (2, true), "another revision knows nothing of it");
    assert!(!cost(&leaf, &store(&[&middle.below("Other", plain)]), today).1, "nor do other anchors");

    // What never was on a valid path is verified each time, and is not remembered for later either.
    let late = middle.issue(&Template::signer(name("Late")).valid("2026-07-01T00:00:00Z", "2027-07-01T00:00:00Z"));
    assert_eq!([cost(&late, &revision, today), cost(&late, &revision, today)], [(1, false); 2]);
    let mut changed = leaf.der().to_vec();
    *changed.last_mut().unwrap() ^= 1;
    let changed = Certificate::from_der(&changed).unwrap();
    assert_eq!([cost(&changed, &revision, today), cost(&changed, &revision, today)], [(1, false); 2]);
    assert_eq!(revision.read_certificate(leaf.der()).unwrap(), leaf);
    assert_eq!(revision.read_certificate(changed.der()).unwrap(), changed);
    assert!(revision.read_certificate(&leaf.der()[1..]).is_err());
}

#[test]
fn circles_end_and_ambiguity_costs_each_link_once() {
    // Thirty upper and thirty lower authorities under two names and two keys, each lower one signed by each upper one's
    // name and key, and both in circles: none reaches an anchor.
    let root = Authority::root("Root");
    let (upper_name, lower_name) = (name("Upper"), name("Lower"));
    let keys: Vec<(Key, Key)> = (0..30).map(|_| (Key::generate(), Key::generate())).collect();
    let mut candidates = Vec::new();
    for (upper, lower) in &keys {
        candidates.push(Template::new(upper_name.clone()).with(authority(None)).issue(upper, &lower_name, lower));
        candidates.push(Template::new(lower_name.clone()).with(authority(None)).issue(lower, &upper_name, upper));
    }
    let leaf = Template::signer(name("Leaf")).issue(&Key::generate(), &lower_name, &keys[29].1);
    let (checks, found) = cost(&leaf, &candidates, &store(&[&root]), "2026-06-01T12:00:00Z");
    // Each certificate of the next name is tried once, and none that is on the path already.
    assert_eq!((checks, found), (30 + 30 + 29, false));

    // One key under one name, cross-certified thirty times over: every link verifies.
    let (a, b) = (Key::generate(), Key::generate());
    let crossed = (0..30_u8).flat_map(|serial| {
        let upper =
            Template::new(upper_name.clone()).serial(&[serial + 1]).with(authority(None)).with(subject_key(&[serial]));
        let lower =
            Template::new(lower_name.clone()).serial(&[serial + 1]).with(authority(None)).with(subject_key(&[serial]));
        [upper.issue(&a, &lower_name, &b), lower.issue(&b, &upper_name, &a)]
    });
    let crossed: Vec<Certificate> = crossed.collect();
    let leaf = Template::signer(name("Leaf")).issue(&Key::generate(), &lower_name, &b);
    let (checks, found) = cost(&leaf, &crossed, &store(&[&root]), "2026-06-01T12:00:00Z");
    // Without an end to circles each of the thirty would lead to thirty more.
    assert_eq!((checks, found), (31, false));
}
