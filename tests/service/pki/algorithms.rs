//! Signatures made by OpenSSL, verified here.

use std::path::Path;
use std::process::Command;

use consular_registration::pki::algorithm::pss_identifier;
use consular_registration::pki::der::Reader;
use consular_registration::pki::{AlgorithmError, AlgorithmIdentifier, DigestAlgorithm, PublicKey, SignatureAlgorithm};

fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl").current_dir(folder).args(arguments.split(' ')).output().expect("openssl runs");
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

fn public_key(folder: &Path, key: &str) -> Result<PublicKey, AlgorithmError> {
    openssl(folder, &format!("pkey -in {key} -pubout -outform DER -out {key}.pub"));
    let spki = std::fs::read(folder.join(format!("{key}.pub"))).expect("a file");
    let mut spki = Reader::new(&spki).sequence().expect("SubjectPublicKeyInfo");
    let algorithm = AlgorithmIdentifier::read(&mut spki).expect("an algorithm");
    PublicKey::new(&algorithm, spki.bit_string().expect("a key"))
}

#[test]
fn signatures_of_openssl_verify_and_a_flipped_bit_does_not() {
    use DigestAlgorithm::{Sha256, Sha384, Sha512};
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let message = b"registration of a citizen";
    std::fs::write(folder.join("message"), message).expect("a file");
    openssl(folder, "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa");
    openssl(folder, "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out p256");
    openssl(folder, "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out p384");
    let pss = "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest";
    let rows = [
        ("rsa", "sha256", "", SignatureAlgorithm::RsaPkcs1(Sha256)),
        ("rsa", "sha384", "", SignatureAlgorithm::RsaPkcs1(Sha384)),
        ("rsa", "sha512", "", SignatureAlgorithm::RsaPkcs1(Sha512)),
        ("rsa", "sha256", pss, SignatureAlgorithm::RsaPss(Sha256)),
        ("rsa", "sha384", pss, SignatureAlgorithm::RsaPss(Sha384)),
        ("rsa", "sha512", pss, SignatureAlgorithm::RsaPss(Sha512)),
        ("p256", "sha256", "", SignatureAlgorithm::Ecdsa(Sha256)),
        ("p256", "sha384", "", SignatureAlgorithm::Ecdsa(Sha384)),
        ("p384", "sha256", "", SignatureAlgorithm::Ecdsa(Sha256)),
        ("p384", "sha384", "", SignatureAlgorithm::Ecdsa(Sha384)),
    ];
    for (key, digest, options, algorithm) in rows {
        let command = format!("dgst -{digest} -sign {key} {options} -out signature message");
        openssl(folder, &command.split_whitespace().collect::<Vec<_>>().join(" "));
        let key = public_key(folder, key).expect("a usable key");
        let mut signature = std::fs::read(folder.join("signature")).expect("a file");
        assert_eq!(algorithm.verify(&key, message, &signature), Ok(()), "{}", algorithm.name());
        assert_eq!(algorithm.verify(&key, b"another", &signature), Err(AlgorithmError::SignatureInvalid));
        *signature.last_mut().expect("octets") ^= 1;
        assert_eq!(algorithm.verify(&key, message, &signature), Err(AlgorithmError::SignatureInvalid));
        assert_eq!(algorithm.verify(&key, message, &[]), Err(AlgorithmError::SignatureInvalid));
    }
    let p256 = public_key(folder, "p256").expect("a usable key");
    let rsa = public_key(folder, "rsa").expect("a usable key");
    assert!(matches!(
        SignatureAlgorithm::Ecdsa(Sha512).verify(&p256, message, &[]),
        Err(AlgorithmError::Unsupported { .. })
    ));
    assert!(matches!(
        SignatureAlgorithm::Ecdsa(Sha256).verify(&rsa, message, &[]),
        Err(AlgorithmError::KeyMismatch { .. })
    ));
    assert_eq!((rsa.description(), p256.description()), ("RSA-2048".into(), "P-256".into()));
}

#[test]
fn keys_that_cannot_verify_here_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    openssl(folder, "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:512 -out weak");
    openssl(folder, "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out p521");
    openssl(folder, "genpkey -algorithm ED25519 -out ed");
    openssl(folder, "genpkey -algorithm ED448 -out ed448");
    assert!(matches!(public_key(folder, "weak"), Err(AlgorithmError::TooWeak { name, .. }) if &*name == "RSA-512"));
    assert!(matches!(public_key(folder, "ed448"), Err(AlgorithmError::Unsupported { .. })));
    let kinds = ["p521", "ed"].map(|name| public_key(folder, name).expect(name).description());
    assert_eq!(kinds, ["P-521", "Ed25519"]);
}

#[test]
fn our_pss_identifier_is_what_openssl_writes() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    openssl(folder, "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa");
    openssl(
        folder,
        "req -x509 -key rsa -subj /CN=pss -sha384 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest -outform DER -out certificate",
    );
    let der = std::fs::read(folder.join("certificate")).expect("a file");
    let certificate = consular_registration::pki::Certificate::from_der(&der).expect("a certificate");
    assert_eq!(certificate.signature_algorithm(), &pss_identifier(DigestAlgorithm::Sha384));
    assert_eq!(certificate.verify_signed_by(&certificate), Ok(()));
}
