//! What a trust anchor is held to, and what else may be demanded of a path.

use consular_registration::pki::der::{Tag, write};
use consular_registration::pki::path::{
    self, AnchorCheck, CertificationPath, Defect, InitialPolicies, PathBudget, PathError, PathRequest, PathRules,
};
use consular_registration::pki::trust::{EntryState, Purpose, PurposeSet, TrustEntry, TrustStore};
use consular_registration::pki::{Certificate, CryptographicConstraints, Oid};

use crate::support::pki::{
    Authority, CERTIFICATES_AND_LISTS, Key, Template, at, authority, extension, key_usage, name, now,
};

const EXTENDED_KEY_USAGE: Oid = Oid::new(&[2, 5, 29, 37]);
const NAME_CONSTRAINTS: Oid = Oid::new(&[2, 5, 29, 30]);
const ANY_USAGE: Oid = Oid::new(&[2, 5, 29, 37, 0]);
const CLIENT: Oid = Oid::new(&[1, 3, 6, 1, 5, 5, 7, 3, 2]);
const SERVER: Oid = Oid::new(&[1, 3, 6, 1, 5, 5, 7, 3, 1]);

fn build(
    leaf: &Certificate,
    candidates: &[Certificate],
    anchor: TrustEntry,
    rules: &PathRules<'_>,
) -> Result<CertificationPath, PathError> {
    build_at(leaf, candidates, anchor, rules, "2026-06-01T12:00:00Z")
}

fn build_at(
    leaf: &Certificate,
    candidates: &[Certificate],
    anchor: TrustEntry,
    rules: &PathRules<'_>,
    time: &str,
) -> Result<CertificationPath, PathError> {
    let store = TrustStore::new(1, vec![anchor], vec![]);
    let policies = InitialPolicies::default();
    let request = PathRequest {
        leaf,
        candidates,
        store: &store,
        purpose: Purpose::Applicants,
        time: at(time),
        algorithms: &CryptographicConstraints::None,
        policies,
    };
    path::build_by(&request, rules, &mut PathBudget::default())
}

fn anchor(certificate: &Certificate) -> TrustEntry {
    TrustEntry::anchor(certificate.clone(), PurposeSet::ALL)
}

fn defect(result: Result<CertificationPath, PathError>) -> Defect {
    match result {
        Err(PathError::Invalid { fault, .. } | PathError::NotFound { closest: Some(fault) }) => fault.defect,
        other => panic!("no fault: {other:?}"),
    }
}

/// A root by a template.
fn root(template: impl FnOnce(Template) -> Template) -> Authority {
    let (name, key) = (name("Root"), Key::generate());
    let certificate = template(Template::new(name.clone())).issue(&key, &name, &key);
    Authority { name, key, certificate }
}

fn ca(template: Template) -> Template {
    template.with(authority(None)).with(key_usage(CERTIFICATES_AND_LISTS))
}

fn usages(usages: &[Oid]) -> Vec<u8> {
    let usages: Vec<u8> = usages.iter().flat_map(write::oid).collect();
    extension(EXTENDED_KEY_USAGE, false, &write::tlv(Tag::SEQUENCE, &usages))
}

#[test]
fn trust_ends_with_the_anchors_certificate_and_a_period_of_trust_only_narrows_it() {
    let root = root(|template| ca(template.valid("2020-01-01T00:00:00Z", "2026-05-31T23:59:59Z")));
    let leaf = root.signer("Leaf");
    let strict = PathRules::default();
    let build = |anchor: TrustEntry, rules: &PathRules<'_>, time: &str| build_at(&leaf, &[], anchor, rules, time);
    let (before, after) = ("2026-05-31T12:00:00Z", "2026-06-01T12:00:00Z");
    assert!(build(anchor(&root.certificate), &strict, before).is_ok());
    let expired = Defect::Expired(root.certificate.not_after());
    assert_eq!(defect(build(anchor(&root.certificate), &strict, after)), expired);
    let longer = TrustEntry { trusted_until: Some(at("2030-01-01T00:00:00Z")), ..anchor(&root.certificate) };
    assert_eq!(defect(build(longer, &strict, after)), expired);

    let period = TrustEntry {
        trusted_from: Some(at("2026-05-20T00:00:00Z")),
        trusted_until: Some(at("2026-05-31T12:00:00Z")),
        ..anchor(&root.certificate)
    };
    assert_eq!(defect(build(period.clone(), &strict, before)), Defect::AnchorNotTrusted, "the end is exclusive");
    assert!(build(period.clone(), &strict, "2026-05-31T11:59:59Z").is_ok());
    assert!(build(period.clone(), &strict, "2026-05-20T00:00:00Z").is_ok());
    assert_eq!(defect(build(period.clone(), &strict, "2026-05-19T23:59:59Z")), Defect::AnchorNotTrusted);
    let retired = TrustEntry { state: EntryState::Retired, ..period };
    assert!(build(retired, &strict, "2026-05-31T11:59:59Z").is_ok(), "it supports what was proved earlier");

    let bare = PathRules { anchor_validity: AnchorCheck::Ignored, ..PathRules::default() };
    assert!(build(anchor(&root.certificate), &bare, after).is_ok());
    let ended = TrustEntry { trusted_until: Some(at(before)), ..anchor(&root.certificate) };
    assert_eq!(defect(build(ended, &bare, after)), Defect::AnchorNotTrusted, "a decision is never ignored");
}

#[test]
fn what_an_anchor_says_of_itself_constrains_what_is_below_unless_it_is_a_bare_name_and_key() {
    let excluded = write::tlv(Tag::context_constructed(1), &write::sequence(&[&write::explicit(4, &name("Leaf"))]));
    let critical = Oid::new(&[1, 2, 3, 4]);
    let rows = [
        (root(|t| t.with(extension(critical, false, &[5, 0]))), Defect::NotAuthority),
        (root(|t| t.with(authority(None)).with(key_usage(0b0000_0010))), Defect::KeyUsage),
        (root(|t| ca(t).with(extension(critical, true, &[5, 0]))), Defect::CriticalExtension(critical)),
        (
            root(|t| ca(t).with(extension(NAME_CONSTRAINTS, true, &write::sequence(&[&excluded])))),
            Defect::NameConstraints,
        ),
    ];
    let bare = PathRules { anchor_constraints: AnchorCheck::Ignored, ..PathRules::default() };
    for (root, expected) in rows {
        let leaf = root.signer("Leaf");
        assert_eq!(defect(build(&leaf, &[], anchor(&root.certificate), &PathRules::default())), expected);
        assert!(build(&leaf, &[], anchor(&root.certificate), &bare).is_ok(), "{expected}");
    }
    let shallow = root(|t| t.with(authority(Some(0))).with(key_usage(CERTIFICATES_AND_LISTS)));
    let below = shallow.below("Below", |template| template);
    let leaf = below.signer("Leaf");
    let candidates = [below.certificate];
    let result = build(&leaf, &candidates, anchor(&shallow.certificate), &PathRules::default());
    assert_eq!(defect(result), Defect::PathLength);
    assert!(build(&leaf, &candidates, anchor(&shallow.certificate), &bare).is_ok());
}

#[test]
fn an_end_entity_that_is_an_anchor_is_valid_by_that_decision_alone() {
    let root = Authority::root("Root");
    let leaf = root.signer("Leaf");
    let rules = PathRules::default();
    let path = build(&leaf, &[], anchor(&leaf), &rules).expect("a path");
    assert!(path.certificates().is_empty(), "nothing is below the anchor");
    assert_eq!((path.leaf(), &path.anchor().certificate), (Some(&leaf), &leaf));
    assert!(build(&root.certificate, &[], anchor(&root.certificate), &rules).is_ok());

    let other = root.signer("Leaf");
    assert!(build(&other, &[], anchor(&leaf), &rules).is_err(), "the same name is not the same certificate");
    let elsewhere = TrustEntry::anchor(leaf.clone(), Purpose::Callers.into());
    assert!(build(&leaf, &[], elsewhere, &rules).is_err());
    for state in [EntryState::Prepared, EntryState::Retired, EntryState::Distrusted] {
        assert!(build(&leaf, &[], TrustEntry { state, ..anchor(&leaf) }, &rules).is_err(), "{state}");
    }
    let intermediate = TrustEntry::intermediate(leaf.clone(), PurposeSet::ALL);
    assert!(build(&leaf, &[], intermediate, &rules).is_err());
    let late = build_at(&leaf, &[], anchor(&leaf), &rules, "2030-01-01T00:00:00Z");
    assert_eq!(defect(late), Defect::Expired(leaf.not_after()));
    let critical = Oid::new(&[1, 2, 3, 4]);
    let odd = root.issue(&Template::signer(name("Odd")).with(extension(critical, true, &[5, 0])));
    assert_eq!(defect(build(&odd, &[], anchor(&odd), &rules)), Defect::CriticalExtension(critical));

    let store = TrustStore::new(1, vec![anchor(&leaf)], vec![]);
    let policies = InitialPolicies { require_explicit_policy: true, ..InitialPolicies::default() };
    let request = PathRequest {
        leaf: &leaf,
        candidates: &[],
        store: &store,
        purpose: Purpose::Applicants,
        time: now(),
        algorithms: &CryptographicConstraints::None,
        policies,
    };
    assert_eq!(defect(path::build(&request, &mut PathBudget::default())), Defect::Policy);
}

#[test]
fn a_demanded_purpose_must_be_allowed_by_every_certificate_that_names_any() {
    let root = root(|template| ca(template).with(usages(&[SERVER])));
    let bare = AnchorCheck::Ignored;
    let rules = |usages| PathRules { extended_key_usages: usages, anchor_constraints: bare, ..PathRules::default() };
    let build = |authority: Option<&[Oid]>, leaf: Option<&[Oid]>, rules: &PathRules<'_>| {
        let below = root.below("Below", |template| match authority {
            Some(named) => template.with(usages(named)),
            None => template,
        });
        let template = Template::signer(name("Leaf"));
        let leaf = below.issue(&match leaf {
            Some(named) => template.with(usages(named)),
            None => template,
        });
        build(&leaf, &[below.certificate], anchor(&root.certificate), rules)
    };
    assert!(build(None, None, &rules(&[CLIENT])).is_ok());
    assert!(build(Some(&[CLIENT, SERVER]), Some(&[CLIENT]), &rules(&[CLIENT])).is_ok());
    assert!(build(Some(&[ANY_USAGE]), Some(&[ANY_USAGE]), &rules(&[CLIENT])).is_ok());
    let missing = Defect::ExtendedKeyUsage(CLIENT);
    assert_eq!(defect(build(None, Some(&[SERVER]), &rules(&[CLIENT]))), missing);
    assert_eq!(defect(build(Some(&[SERVER]), Some(&[CLIENT]), &rules(&[CLIENT]))), missing);
    assert!(build(Some(&[SERVER]), Some(&[CLIENT]), &rules(&[])).is_ok());
    let strict = PathRules { anchor_constraints: AnchorCheck::Enforced, ..rules(&[CLIENT]) };
    assert_eq!(defect(build(None, None, &strict)), missing, "the anchor's purposes count where its constraints do");
}

#[test]
fn a_path_is_no_longer_than_is_asked_for() {
    let root = Authority::root("Root");
    let upper = root.below("Upper", |template| template);
    let lower = upper.below("Lower", |template| template);
    let leaf = lower.signer("Leaf");
    let candidates = [lower.certificate.clone(), upper.certificate.clone()];
    let build = |most| {
        let rules = PathRules { max_intermediates: most, ..PathRules::default() };
        build(&leaf, &candidates, anchor(&root.certificate), &rules)
    };
    assert!(build(None).is_ok() && build(Some(2)).is_ok() && build(Some(usize::MAX)).is_ok());
    assert!(build(Some(1)).is_err() && build(Some(0)).is_err());
}

#[test]
fn policies_that_an_anchor_names_narrow_nothing_and_what_it_demands_of_policies_does() {
    let policy = |number| Oid::new(&[1, 2, 398, 3, 3, 2, number]);
    let named =
        |oid| extension(Oid::new(&[2, 5, 29, 32]), false, &write::sequence(&[&write::sequence(&[&write::oid(&oid)])]));
    // requireExplicitPolicy: 0.
    let demanding = extension(Oid::new(&[2, 5, 29, 36]), true, &write::sequence(&[&write::tlv(Tag::context(0), &[0])]));
    let of_two = root(|template| ca(template).with(named(policy(2))));
    let strict = root(|template| ca(template).with(demanding));
    let build = |leaf: &Certificate, root: &Authority, acceptable: Option<&[Oid]>| {
        let store = TrustStore::new(1, vec![anchor(&root.certificate)], vec![]);
        let request = PathRequest {
            leaf,
            candidates: &[],
            store: &store,
            purpose: Purpose::Applicants,
            time: now(),
            algorithms: &CryptographicConstraints::None,
            policies: InitialPolicies {
                acceptable,
                require_explicit_policy: acceptable.is_some(),
                ..InitialPolicies::default()
            },
        };
        path::build(&request, &mut PathBudget::default())
    };
    let of_one = Template::signer(name("Leaf")).with(named(policy(1)));
    let without = Template::signer(name("Leaf"));
    assert!(build(&of_two.issue(&of_one), &of_two, Some(&[policy(1)])).is_ok(), "the anchor names another");
    assert_eq!(defect(build(&of_two.issue(&of_one), &of_two, Some(&[policy(2)]))), Defect::Policy);
    assert!(build(&of_two.issue(&without), &of_two, None).is_ok());
    assert!(build(&strict.issue(&of_one), &strict, None).is_ok());
    assert_eq!(defect(build(&strict.issue(&without), &strict, None)), Defect::Policy, "the anchor demands one");
}
