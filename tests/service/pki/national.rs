//! The national certificates and lists, as they are.

use std::path::Path;
use std::sync::Arc;

use consular_registration::pki::certificate::KeyUsage;
use consular_registration::pki::path::{self, CertificationPath, InitialPolicies, PathBudget, PathError, PathRequest};
use consular_registration::pki::revocation::{self, RevocationRequest, RevocationStatus};
use consular_registration::pki::subject::{Identity, Role};
use consular_registration::pki::trust::{Purpose, PurposeSet, TrustEntry, TrustStore};
use consular_registration::pki::{Certificate, CertificateRevocationList, CryptographicConstraints};

use crate::support::data;
use crate::support::pki::at;

fn certificate(root: &Path, file: &str) -> Certificate {
    Certificate::from_der(&data::read_der(root.join(file))).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn store(root: &Path, anchor: &str) -> TrustStore {
    TrustStore::new(1, vec![TrustEntry::anchor(certificate(root, anchor), PurposeSet::ALL)], vec![])
}

fn build(leaf: &Certificate, store: &TrustStore, time: &str) -> Result<CertificationPath, PathError> {
    let request = PathRequest {
        leaf,
        candidates: &[],
        store,
        purpose: Purpose::Applicants,
        time: at(time),
        algorithms: &CryptographicConstraints::national(None),
        policies: InitialPolicies::default(),
    };
    path::build(&request, &mut PathBudget::default())
}

#[test]
fn every_national_certificate_is_read_with_its_key() {
    let Some(root) = data::folder("eds") else { return };
    let mut read = 0;
    for folder in ["ca/production", "ca/test", "ee"] {
        for file in std::fs::read_dir(root.join(folder)).expect("a folder") {
            let path = file.expect("a file").path();
            let certificate =
                certificate(&root, path.strip_prefix(&root).expect("below the root").to_str().expect("a name"));
            let algorithm = certificate.key_algorithm().oid.to_string();
            match certificate.public_key() {
                Ok(key) if algorithm == "1.2.840.113549.1.1.1" => {
                    assert!(key.description().starts_with("RSA-"), "{}", path.display());
                }
                Ok(key) => assert!(
                    algorithm.starts_with("1.2.398.") && key.description().starts_with("GOST"),
                    "{}",
                    path.display()
                ),
                Err(error) => panic!("{}: {error}", path.display()),
            }
            if folder == "ee" {
                let identity = Identity::of(&certificate).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                assert!(identity.iin.is_some() != identity.information_system.is_some(), "{}", path.display());
            }
            assert!(certificate.unknown_critical_extensions().is_empty(), "{}", path.display());
            read += 1;
        }
    }
    assert!(read >= 45, "{read} certificates");
}

#[test]
fn the_national_profile_names_person_organization_and_roles() {
    let Some(root) = data::folder("eds") else { return };
    let person = Identity::of(&certificate(&root, "ee/individual_valid.cer")).expect("a person");
    assert_eq!(person.iin.as_deref(), Some("123456789011"));
    assert_eq!(
        (person.surname.as_deref(), person.given_name.as_deref(), person.patronymic.as_deref()),
        (Some("ТЕСТОВ"), Some("ТЕСТ"), Some("ТЕСТОВИЧ"))
    );
    assert!(person.has_role(Role::Individual) && person.bin.is_none());
    let head = Identity::of(&certificate(&root, "ee/legal_head_valid.cer")).expect("a head");
    assert_eq!((head.bin.as_deref(), head.has_role(Role::FirstHead)), (Some("123456789021"), true));
    let right = certificate(&root, "ee/legal_employee_signright_valid.cer");
    assert!(right.extended_key_usage().is_some_and(|usage| usage.critical));
    assert!(Identity::of(&right).expect("an employee").has_role(Role::RightOfSignature));
    let system = Identity::of(&certificate(&root, "ee/legal_infosystem_valid.cer")).expect("a system");
    assert_eq!(system.information_system.map(|oid| oid.to_string()).as_deref(), Some("1.2.398.6.10.1.1"));
    let authentication = certificate(&root, "ee/individual_valid_sign_2004_rsa_auth.cer");
    assert!(authentication.key_usage().is_some_and(KeyUsage::digital_signature));
}

#[test]
fn the_rsa_test_keys_are_good_or_revoked_by_their_list() {
    let Some(root) = data::folder("eds") else { return };
    let store = store(&root, "ca/test/nca_rsa_test.cer");
    let list = CertificateRevocationList::from_der(data::read(root.join("crl/nca_rsa_test.crl"))).expect("a list");
    let lists = [Arc::new(list)];
    let status = |file: &str| {
        let path = build(&certificate(&root, file), &store, "2022-05-01T00:00:00Z")
            .unwrap_or_else(|error| panic!("{file}: {error}"));
        let time = at("2022-05-01T00:00:00Z");
        let request = RevocationRequest {
            path: &path,
            store: &store,
            purpose: Purpose::Applicants,
            lists: &lists,
            candidates: &[],
            time,
            algorithms: &CryptographicConstraints::national(None),
        };
        revocation::check_one(&request, 0, &mut PathBudget::default())
    };
    assert!(matches!(status("ee/individual_valid_sign_2004_rsa.cer"), RevocationStatus::Good { .. }));
    assert!(matches!(
        status("ee/ncanode_KEY_INDIVIDUAL_SIGN_REVOKED_2004.cer"),
        RevocationStatus::Revoked { .. } | RevocationStatus::Hold { .. }
    ));
}

#[test]
fn production_links_verify_under_their_own_roots_only() {
    let Some(root) = data::folder("eds") else { return };
    let intermediate = certificate(&root, "ca/production/nca_rsa_2022.cer");
    let path =
        build(&intermediate, &store(&root, "ca/production/root_rsa_2020.cer"), "2024-01-01T00:00:00Z").expect("a path");
    assert_eq!(path.certificates().len(), 1);
    let other_root = build(
        &certificate(&root, "ca/production/nca_rsa.cer"),
        &store(&root, "ca/production/root_rsa_2020.cer"),
        "2024-01-01T00:00:00Z",
    );
    assert!(matches!(other_root, Err(PathError::NotFound { .. })), "a root with the same common name is another root");
    let gost = certificate(&root, "ca/production/nca_gost_2022.cer");
    let under = |anchor: &str| build(&gost, &store(&root, anchor), "2024-01-01T00:00:00Z");
    assert_eq!(under("ca/production/root_gost_2022.cer").expect("a path").certificates().len(), 1);
    assert!(matches!(under("ca/test/root_test_gost_2022.cer"), Err(PathError::NotFound { .. })));
}

#[test]
fn national_lists_are_read_and_a_delta_is_not_taken_for_a_full_list() {
    let Some(root) = data::folder("eds") else { return };
    let read =
        |file: &str| CertificateRevocationList::from_der(data::read(root.join("crl").join(file))).expect("a list");
    assert_eq!(read("nca_gost2022_test_1.crl").entry_count(), 195);
    let delta = read("nca_gost2022_d_test.crl");
    assert!(delta.is_delta() && !delta.is_plain());
    assert!(
        !delta.is_delta_to(&read("nca_gost2022_test_1.crl")) && !delta.is_delta_to(&read("nca_gost2022_test_3.crl"))
    );
    assert!(revocation::is_older(&read("nca_gost2022_test_3.crl"), &read("nca_gost2022_test_1.crl")));
}
