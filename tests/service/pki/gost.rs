//! GOST signatures against the national authority's own, and against the Russian encodings, which must fail.

use chrono::{DateTime, Utc};
use consular_registration::pki::algorithm::{AlgorithmIdentifier, Parameters};
use consular_registration::pki::gost::{ParameterSet, PrivateKey, PublicKey};
use consular_registration::pki::{
    AlgorithmError, Certificate, CryptographicConstraints, DigestAlgorithm, Oid, SignatureAlgorithm,
};
use ring::rand::SystemRandom;
use serde_json::Value;

use crate::support::data;

fn vectors(name: &str) -> Option<Value> {
    let folder = data::folder("eds")?;
    Some(serde_json::from_slice(&data::read(folder.join("vectors").join(name))).expect("JSON"))
}

fn octets(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().expect("text")).expect("hexadecimal")
}

/// A BIT STRING's content from bare coordinates.
fn key_octets(coordinates: &[u8]) -> Vec<u8> {
    let length = u8::try_from(coordinates.len()).expect("short");
    let header = if length < 128 { vec![4, length] } else { vec![4, 0x81, length] };
    [&header, coordinates].concat()
}

#[test]
fn digests_are_those_of_the_standards() {
    let Some(streebog) = vectors("streebog.json") else { return };
    let Some(older) = vectors("gost34311_95.json") else { return };
    let mut checked = 0;
    for vector in streebog["vectors"].as_array().expect("vectors") {
        let algorithm = if vector["bits"] == 512 { DigestAlgorithm::Streebog512 } else { DigestAlgorithm::Streebog256 };
        let digest = algorithm.digest(&octets(&vector["message_hex"])).unwrap();
        assert_eq!(digest.as_ref(), octets(&vector["digest_hex"]), "{}", vector["name"]);
        checked += 1;
    }
    for vector in older["vectors"].as_array().expect("vectors") {
        if vector["set"] == "TestParamSet" {
            let digest = DigestAlgorithm::Gost34311.digest(&octets(&vector["message_hex"])).unwrap();
            assert_eq!(digest.as_ref(), octets(&vector["digest_hex"]));
            checked += 1;
        }
    }
    assert!(checked >= 6, "{checked} digests");
}

#[test]
fn signatures_of_national_authorities_verify_and_no_changed_one_does() {
    let Some(vectors) = vectors("kz_cert_signatures.json") else { return };
    let vectors = vectors["vectors"].as_array().expect("vectors");
    for vector in vectors {
        let name = vector["name"].as_str().expect("a name");
        let set = match vector["sig_alg_oid"].as_str() {
            Some("1.2.398.3.10.1.1.2.3.2") => ParameterSet::A512,
            _ => ParameterSet::CryptoProA,
        };
        let key = PublicKey::read(set, &key_octets(&octets(&vector["issuer_public_key_octets_hex"]))).expect(name);
        let (digest, signature) = (octets(&vector["digest_hex"]), octets(&vector["signature_octets_hex"]));
        assert_eq!(set.digest().digest(&octets(&vector["tbs_hex"])).unwrap().as_ref(), digest, "{name}");
        assert!(key.verify(&digest, &signature), "{name}");
        key.prepare();
        assert!(key.verify(&digest, &signature), "{name}, with the table");
        for bit in [0, 7, signature.len() * 4, signature.len() * 8 - 1] {
            let mut changed = signature.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(!key.verify(&digest, &changed), "{name}, bit {bit}");
        }
        let russian: Vec<u8> = signature.iter().rev().copied().collect();
        assert!(!key.verify(&digest, &russian), "{name}, in the Russian order");
    }
    assert!(vectors.len() >= 8);
}

#[test]
fn a_signature_of_the_national_library_verifies_and_its_private_key_is_read() {
    let Some(vector) = vectors("kalkan_raw_gost512.json") else { return };
    let message = vector["msg"].as_str().expect("text").as_bytes();
    let scalar: Vec<u8> = octets(&vector["d"]).into_iter().rev().collect();
    let key = PrivateKey::from_scalar(ParameterSet::A512, &scalar).expect("a scalar");
    assert_eq!(key.spki(), octets(&vector["spki"]));
    let digest = DigestAlgorithm::Streebog512.digest(message).unwrap();
    assert_eq!(digest.as_ref(), octets(&vector["digest"]));
    let public = key.public_key().expect("a key");
    assert!(public.verify(digest.as_ref(), &octets(&vector["sig"])));
    let own = key.sign(message, &SystemRandom::new()).expect("a signature");
    assert!(public.verify(digest.as_ref(), &own));
}

#[test]
fn russian_certificates_are_refused() {
    let Some(vectors) = vectors("tc26_certs.json") else { return };
    for each in vectors["certificates"].as_array().expect("certificates") {
        let certificate = Certificate::from_der(&octets(&each["der_hex"])).expect("a certificate");
        assert!(matches!(certificate.public_key(), Err(AlgorithmError::Unsupported { .. })), "{}", each["name"]);
        assert!(matches!(certificate.verify_signed_by(&certificate), Err(AlgorithmError::Unsupported { .. })));
    }
}

#[test]
fn keys_in_any_other_form_than_the_national_one_are_refused() {
    let key = PrivateKey::generate(ParameterSet::A512, &SystemRandom::new()).expect("a key");
    let read = |octets: &[u8]| PublicKey::read(ParameterSet::A512, octets).map(|_| ());
    let right = key.public_octets();
    assert_eq!(read(right), Ok(()));
    let mut big_endian = right.to_vec();
    big_endian[3..67].reverse();
    big_endian[67..].reverse();
    let mut beside = right.to_vec();
    beside[3] ^= 1;
    let above_p = [&right[..3], &[0xff; 64], &right[67..]].concat();
    let trailing = [right, &[0]].concat();
    for wrong in [&big_endian, &beside, &above_p, &trailing, &right[3..].to_vec(), &right[..130].to_vec(), &vec![]] {
        assert_eq!(read(wrong), Err(AlgorithmError::KeyMalformed("GOST R 34.10-2015 512")));
    }
    let mut foreign = ParameterSet::A512.key_identifier();
    assert_eq!(ParameterSet::of_key(&foreign), Ok(ParameterSet::A512));
    for parameters in [
        Parameters::Null,
        Parameters::Absent,
        ParameterSet::A256.key_identifier().parameters,
        ParameterSet::CryptoProA.key_identifier().parameters,
    ] {
        foreign.parameters = parameters;
        assert!(matches!(ParameterSet::of_key(&foreign), Err(AlgorithmError::Parameters { .. })));
    }
    let russian = AlgorithmIdentifier { oid: Oid::new(&[1, 2, 643, 7, 1, 1, 1, 2]), parameters: Parameters::Null };
    assert!(matches!(ParameterSet::of_key(&russian), Err(AlgorithmError::Unsupported { .. })));
}

#[test]
fn a_point_outside_the_subgroup_is_no_key() {
    let key = PrivateKey::generate(ParameterSet::A256, &SystemRandom::new()).expect("a key");
    assert!(PublicKey::read(ParameterSet::A256, key.public_octets()).is_ok());
    // The point of order two of this curve with cofactor 4: y = 0, x the root of x³ + ax + b, computed with another program.
    let mut x = hex::decode("0100fe73f595ff158e974b44d478d9588744fe5c192ac47ea63075dce7a14aaa").expect("hexadecimal");
    x.reverse();
    let point = key_octets(&[x, vec![0; 32]].concat());
    assert!(PublicKey::read(ParameterSet::A256, &point).is_err());
}

#[test]
fn old_algorithms_count_until_their_date() {
    let until: DateTime<Utc> = "2027-01-01T00:00:00Z".parse().unwrap();
    let constraints = CryptographicConstraints::national(Some(until));
    let key = |set| {
        let private = PrivateKey::generate(set, &SystemRandom::new()).unwrap();
        consular_registration::pki::PublicKey::new(&set.key_identifier(), private.public_octets()).unwrap()
    };
    let (older, newer) = (key(ParameterSet::CryptoProA), key(ParameterSet::A512));
    let judge = |digest, key: &_, time: &str| {
        constraints.check(SignatureAlgorithm::Gost(digest), key, time.parse::<DateTime<Utc>>().unwrap())
    };
    let (old_digest, new_digest) = (DigestAlgorithm::Gost34311, DigestAlgorithm::Streebog512);
    assert_eq!(judge(old_digest, &older, "2026-12-31T23:59:59Z"), Ok(()));
    assert!(matches!(judge(old_digest, &older, "2027-01-01T00:00:00Z"), Err(AlgorithmError::Outdated { .. })));
    assert_eq!(judge(new_digest, &newer, "2040-01-01T00:00:00Z"), Ok(()));
    let open = CryptographicConstraints::national(None);
    assert_eq!(
        open.check(SignatureAlgorithm::Gost(old_digest), &older, "2040-01-01T00:00:00Z".parse().unwrap()),
        Ok(())
    );
}
