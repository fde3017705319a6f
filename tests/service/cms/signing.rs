//! What is signed here, OpenSSL accepts.

use consular_registration::cms::{SignError, SigningKey, sign_attached, sign_detached};
use consular_registration::pki::{DigestAlgorithm, SignatureAlgorithm};

use crate::support::data;
use crate::support::openssl::{PKI, now};

fn key(name: &str) -> SigningKey {
    SigningKey::from_bytes(&data::read(PKI.file(&format!("{name}.key")))).expect("a key")
}

#[test]
fn openssl_accepts_what_is_signed_with_every_algorithm() {
    use DigestAlgorithm::{Sha256, Sha384, Sha512};
    let rsa = [SignatureAlgorithm::RsaPkcs1, SignatureAlgorithm::RsaPss]
        .into_iter()
        .flat_map(|scheme| [Sha256, Sha384, Sha512].map(scheme));
    let ecdsa = [("p256", SignatureAlgorithm::Ecdsa(Sha256)), ("p384", SignatureAlgorithm::Ecdsa(Sha384))];
    for (name, algorithm) in rsa.map(|algorithm| ("alice", algorithm)).chain(ecdsa) {
        let key = key(name).with_algorithm(algorithm).unwrap();
        let chain = [PKI.certificate("ca")];
        let content = "Өтініш\n".as_bytes();
        let attached = sign_attached(&key, &PKI.certificate(name), &chain, content, now()).unwrap();
        let verify = [
            "cms",
            "-verify",
            "-inform",
            "DER",
            "-CAfile",
            "root.crt",
            "-purpose",
            "any",
            "-binary",
            "-attime",
            "1780272000",
        ];
        assert_eq!(PKI.run(&verify, &attached), content, "{algorithm:?}");
        let detached = sign_detached(&key, &PKI.certificate(name), &chain, content, now()).unwrap();
        std::fs::write(PKI.file("detached.content"), content).unwrap();
        assert_eq!(
            PKI.run(&[&verify[..], &["-content", "detached.content"]].concat(), &detached),
            content,
            "{algorithm:?}"
        );
        std::fs::write(PKI.file("detached.content"), b"other").unwrap();
        assert!(PKI.attempt(&[&verify[..], &["-content", "detached.content"]].concat(), &detached).is_err());
        // Written back by OpenSSL it is the same: it was DER.
        assert_eq!(PKI.run(&["cms", "-cmsout", "-inform", "DER", "-outform", "DER"], &attached), attached);
    }
}

#[test]
fn keys_are_read_from_every_usual_form() {
    let pkcs8 = PKI.run(&["pkcs8", "-topk8", "-nocrypt", "-in", "alice.key", "-outform", "DER"], &[]);
    let pkcs1_pem = PKI.run(&["rsa", "-traditional", "-in", "alice.key"], &[]);
    let pkcs1_der = PKI.run(&["rsa", "-traditional", "-in", "alice.key", "-outform", "DER"], &[]);
    assert!(pkcs1_pem.starts_with(b"-----BEGIN RSA PRIVATE KEY-----"));
    let with_text = [b"Bag Attributes\n    friendlyName: x\n", &data::read(PKI.file("alice.key"))[..]].concat();
    for form in [pkcs8, pkcs1_pem, pkcs1_der, with_text] {
        assert_eq!(SigningKey::from_bytes(&form).unwrap().public_key(), key("alice").public_key());
    }
    let encrypted = PKI.run(&["pkcs8", "-topk8", "-in", "alice.key", "-passout", "pass:x"], &[]);
    assert!(matches!(SigningKey::from_bytes(&encrypted), Err(SignError::Key(_))));
    assert!(matches!(SigningKey::from_bytes(b"nothing"), Err(SignError::Key(_))));
}

#[test]
fn a_key_and_a_certificate_that_do_not_belong_together_sign_nothing() {
    let signed = sign_attached(&key("alice"), &PKI.certificate("bob"), &[], b"content", now());
    assert_eq!(signed, Err(SignError::KeyMismatch));
    let ecdsa = SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256);
    assert_eq!(key("alice").with_algorithm(ecdsa).err(), Some(SignError::Algorithm));
    assert_eq!(key("p384").with_algorithm(ecdsa).err(), Some(SignError::Algorithm));
}
