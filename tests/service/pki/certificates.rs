//! Certificates with faults, and hostile ones.

use consular_registration::pki::der::{DerError, Tag};
use consular_registration::pki::subject::{Identity, IdentityError};
use consular_registration::pki::{Certificate, CertificateError, Oid};

use crate::support::pki::{ECDSA_SHA384, Key, Template, authority, extension, name, name_of};

const COMMON_NAME: Oid = Oid::new(&[2, 5, 4, 3]);
const SERIAL_NUMBER: Oid = Oid::new(&[2, 5, 4, 5]);
const ORGANIZATIONAL_UNIT: Oid = Oid::new(&[2, 5, 4, 11]);

fn read(template: &Template) -> Result<Certificate, CertificateError> {
    let key = Key::generate();
    Certificate::from_der(&template.issue_der(&key, &name("Issuer"), &key))
}

#[test]
fn a_certificate_that_contradicts_itself_is_refused() {
    let template = || Template::new(name("Subject"));
    let key = Key::generate();
    let mut trailing = template().issue_der(&key, &name("Issuer"), &key);
    trailing.push(0);
    assert_eq!(Certificate::from_der(&trailing).err(), Some(CertificateError::Der(DerError::TrailingData)));
    let twice = template().with(authority(None)).with(authority(None));
    assert!(matches!(read(&twice), Err(CertificateError::DuplicateExtension(_))));
    let unknown_twice = || extension(Oid::new(&[1, 2, 3, 4]), false, &[5, 0]);
    assert!(matches!(
        read(&template().with(unknown_twice()).with(unknown_twice())),
        Err(CertificateError::DuplicateExtension(_))
    ));
    let old = Template { version: 0, ..template().with(authority(None)) };
    assert_eq!(read(&old).err(), Some(CertificateError::Version));
    assert_eq!(read(&Template { version: 3, ..template() }).err(), Some(CertificateError::Version));
    let other_algorithm = Template { inner_algorithm: ECDSA_SHA384, ..template() };
    assert_eq!(read(&other_algorithm).err(), Some(CertificateError::SignatureAlgorithms));
    let malformed = template().with(extension(Oid::new(&[2, 5, 29, 19]), false, &[0x30, 0x01]));
    assert!(matches!(read(&malformed), Err(CertificateError::Extension(_))));
    let with_tail = template().with(extension(Oid::new(&[2, 5, 29, 19]), true, &[0x30, 0x00, 0x05, 0x00]));
    assert!(matches!(read(&with_tail), Err(CertificateError::Extension(_))));
}

#[test]
fn odd_serial_numbers_and_hostile_subjects_do_no_harm() {
    for serial in [&[0x00][..], &[0xff], &[0x7f; 40]] {
        assert_eq!(
            read(&Template::new(name("Subject")).serial(serial)).map(|c| c.serial().to_vec()),
            Ok(serial.to_vec())
        );
    }
    let huge = read(&Template::new(name(&"Ж".repeat(8192)))).expect("a long name is no fault of form");
    assert!(huge.subject_display().chars().count() < 200);
    assert_eq!(Identity::of(&huge), Err(IdentityError::Malformed("common name")));
    for common_name in [&b"\xff\xfe\xc3("[..], b"a\nlevel=error b\x1b[2J", "\u{202e}IIN".as_bytes(), b""] {
        if let Ok(certificate) = read(&Template::new(name_of(&[(COMMON_NAME, Tag::UTF8_STRING, common_name)]))) {
            assert!(!certificate.subject_display().contains(['\n', '\u{1b}', '\u{202e}']));
            assert_eq!(Identity::of(&certificate), Err(IdentityError::Malformed("common name")));
        }
    }
}

#[test]
fn an_identity_is_read_strictly() {
    let subject = |serials: &[&str], units: &[&str]| {
        let mut attributes = vec![(COMMON_NAME, Tag::UTF8_STRING, "ТЕСТОВ ТЕСТ".as_bytes())];
        attributes.extend(serials.iter().map(|text| (SERIAL_NUMBER, Tag::UTF8_STRING, text.as_bytes())));
        attributes.extend(units.iter().map(|text| (ORGANIZATIONAL_UNIT, Tag::UTF8_STRING, text.as_bytes())));
        Identity::of(&read(&Template::new(name_of(&attributes))).expect("a certificate"))
    };
    let read = subject(&["IIN123456789011"], &["BIN123456789021", "Отдел"]).expect("the profile");
    assert_eq!((read.iin.as_deref(), read.bin.as_deref()), (Some("123456789011"), Some("123456789021")));
    assert!(!format!("{read:?}").contains("123456789011"), "identities are not printed by accident");
    assert_eq!(subject(&["IIN123456789011", "IIN123456789012"], &[]), Err(IdentityError::Repeated("serialNumber")));
    for iin in [
        "IIN12345678901",
        "ИИН123456789011",
        "IIN1234567890\u{200b}11",
        "IIN１２３４５６７８９０１１",
        "123456789011",
        "IIN123456789011 ",
    ] {
        assert!(subject(&[iin], &[]).is_err(), "{iin}");
    }
    assert_eq!(subject(&[], &["BIN123"]), Err(IdentityError::Bin));
    assert_eq!(subject(&[], &["BIN123456789021", "BIN123456789021"]), Err(IdentityError::Bin));
    assert_eq!(subject(&[], &[]).map(|identity| (identity.iin, identity.bin)), Ok((None, None)));
}

#[test]
fn no_octet_flipped_or_cut_off_makes_a_certificate_panic() {
    let key = Key::generate();
    let der = Template::authority(name("Subject"), &key).issue_der(&key, &name("Issuer"), &key);
    for index in 0..der.len() {
        let _ = Certificate::from_der(&der[..index]);
        for flip in [0x01, 0x20, 0x80, 0xff] {
            let mut mutated = der.clone();
            mutated[index] ^= flip;
            if let Ok(certificate) = Certificate::from_der(&mutated) {
                let _ = (
                    certificate.subject_display(),
                    Identity::of(&certificate),
                    certificate.verify_signed_by(&certificate),
                );
            }
        }
    }
}
