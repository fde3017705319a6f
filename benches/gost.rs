//! GOST R 34.10-2015 with 512 bits, one core: one verification beside OpenSSL's gost engine (Debian `libengine-gost-openssl`), and a whole
//! CMS under a chain of three certificates beside ring's RSA-2048, which tells the machine.
//!
//! The engine reads the Russian encodings, so it gets the same key and the same signatures turned around; both must say yes.

use std::error::Error;
use std::hint::black_box;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use consular_registration::clock::SystemClock;
use consular_registration::cms::{SigningKey, sign_attached};
use consular_registration::pki::der::write;
use consular_registration::pki::gost::{ParameterSet, PrivateKey};
use consular_registration::pki::trust::{PurposeSet, TrustEntry};
use consular_registration::pki::{Certificate, CertificateRevocationList, DigestAlgorithm, Oid, TrustStore, pem};
use consular_registration::registration::form::Kind;
use consular_registration::sandbox::{Authority, Form, LoadIssuer, Strength};
use consular_registration::signature::{SignatureInput, ValidationPolicy, validate};
use openssl::pkey::{PKey, Public};
use openssl::pkey_ctx::PkeyCtx;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

const SIGNATURES: u32 = 400;
const ROUNDS: usize = 7;

/// The argument of the process that has the engine configured.
const CONFIGURED: &str = "--configured";

fn main() -> Result<(), Box<dyn Error>> {
    // OpenSSL reads its configuration when it is first used: the measurement runs in a process of its own that names one.
    if !std::env::args().any(|argument| argument == CONFIGURED) {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("openssl.cnf");
        std::fs::write(
            &file,
            "openssl_conf = all\n[all]\nengines = engines\n[engines]\ngost = gost\n[gost]\nengine_id = gost\ndefault_algorithms = ALL\n",
        )?;
        let status = Command::new(std::env::current_exe()?).arg(CONFIGURED).env("OPENSSL_CONF", &file).status()?;
        std::process::exit(status.code().unwrap_or(1));
    }
    openssl::init();
    verification()?;
    whole_messages()
}

/// How many times a second `work` is done, over `count` inputs.
fn rate(count: u32, mut work: impl FnMut(usize) -> bool) -> Result<f64, String> {
    let begin = Instant::now();
    for index in 0..count as usize {
        if !work(index) {
            return Err(format!("input {index} was refused"));
        }
    }
    Ok(f64::from(count) / begin.elapsed().as_secs_f64())
}

fn verification() -> Result<(), Box<dyn Error>> {
    let random = SystemRandom::new();
    let key = PrivateKey::generate(ParameterSet::A512, &random).ok_or("no randomness")?;
    let public = key.public_key()?;
    let prepared = key.public_key()?;
    prepared.prepare();
    let mut digests = Vec::new();
    let mut signatures = Vec::new();
    for index in 0..SIGNATURES {
        let message = index.to_be_bytes();
        digests.push(DigestAlgorithm::Streebog512.digest(&message)?);
        signatures.push(key.sign(&message, &random).ok_or("no randomness")?);
    }
    let engine = russian(&key);
    if engine.is_err() {
        println!("OpenSSL has no gost engine here (Debian libengine-gost-openssl): not compared\n");
    }
    println!("one verification of GOST R 34.10-2015 512, {SIGNATURES} signatures, {ROUNDS} rounds\n");
    println!("{:>8} {:>14} {:>14} {:>14} {:>8}", "round", "consular /s", "prepared /s", "engine /s", "ratio");
    let mut ratios = Vec::new();
    for round in 0..=ROUNDS {
        let own = rate(SIGNATURES, |index| public.verify(digests[index].as_ref(), black_box(&signatures[index])))?;
        let with_table =
            rate(SIGNATURES, |index| prepared.verify(digests[index].as_ref(), black_box(&signatures[index])))?;
        let theirs = match &engine {
            Err(_) => f64::NAN,
            Ok(engine) => rate(SIGNATURES, |index| {
                let turned: Vec<u8> = signatures[index].iter().rev().copied().collect();
                verify_by_engine(engine, digests[index].as_ref(), &turned).unwrap_or(false)
            })?,
        };
        if round > 0 {
            ratios.push(own / theirs);
            println!("{round:>8} {own:>14.0} {with_table:>14.0} {theirs:>14.0} {:>8.2}", own / theirs);
        }
    }
    ratios.sort_by(f64::total_cmp);
    println!("\nmedian ratio {:.2}\n", ratios[ROUNDS / 2]);
    Ok(())
}

/// The public key as the Russian standard writes it (RFC 9215 §4.3): the coordinates are little-endian there too.
fn russian(key: &PrivateKey) -> Result<PKey<Public>, Box<dyn Error>> {
    let curve = write::oid(&Oid::new(&[1, 2, 643, 7, 1, 2, 1, 2, 1]));
    let digest = write::oid(&Oid::new(&[1, 2, 643, 7, 1, 1, 2, 3]));
    let algorithm =
        write::sequence(&[&write::oid(&Oid::new(&[1, 2, 643, 7, 1, 1, 1, 2])), &write::sequence(&[&curve, &digest])]);
    Ok(PKey::public_key_from_der(&write::sequence(&[&algorithm, &write::bit_string(key.public_octets())]))?)
}

fn verify_by_engine(key: &PKey<Public>, digest: &[u8], signature: &[u8]) -> Result<bool, Box<dyn Error>> {
    let mut context = PkeyCtx::new(key)?;
    context.verify_init()?;
    Ok(context.verify(digest, signature)?)
}

fn whole_messages() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let now = SystemClock::shared().now();
    let authority = Authority::mint(&folder.path().join("sandbox"), Strength::Quick, now, &|_| ())?;
    let batch = authority.mint_many(SIGNATURES, LoadIssuer::Gost, now)?;
    let key = SigningKey::from_bytes(&batch.key)?;
    let sign = |citizen: &consular_registration::sandbox::LoadCitizen| -> Result<Vec<u8>, Box<dyn Error>> {
        let content = Form::fresh(&citizen.person, Kind::Temporary, now)?.to_json()?;
        Ok(sign_attached(&key, &Certificate::from_der(&citizen.certificate)?, &[], &content, now)?)
    };
    let messages = batch.citizens.iter().map(sign).collect::<Result<Vec<_>, _>>()?;
    let read = |file: &str| -> Result<Certificate, Box<dyn Error>> {
        Ok(Certificate::from_der(&pem::single(std::fs::read(authority.path(file))?, pem::CERTIFICATE)?)?)
    };
    let list = CertificateRevocationList::from_der(std::fs::read(authority.path("crls/gost.crl"))?)?;
    let entries = vec![
        TrustEntry::anchor(read("roots/gost.crt")?, PurposeSet::ALL),
        TrustEntry::intermediate(read("intermediates/gost.crt")?, PurposeSet::ALL),
    ];
    let trust = TrustStore::new(1, entries, vec![(Arc::new(list), PurposeSet::ALL)]);
    trust.prepare();
    let policy = ValidationPolicy::national();

    let rsa = rsa_2048()?;
    println!("whole GOST CMS, chain of three, another leaf each time, list checked\n");
    println!("{:>8} {:>14} {:>18} {:>22}", "round", "consular /s", "ring RSA-2048 /s", "at 38,000 RSA-2048 /s");
    let mut scaled = Vec::new();
    for round in 0..=ROUNDS {
        let own = rate(SIGNATURES, |index| {
            let input =
                SignatureInput { signature: &messages[index], content: None, certificates: &[], crls: &[], ocsps: &[] };
            validate(&input, &policy, &trust, now).is_ok_and(|validation| validation.report.conclusion.is_passed())
        })?;
        let ring = rate(10 * SIGNATURES, |_| rsa.0.verify(&rsa.1, &rsa.2).is_ok())?;
        if round > 0 {
            scaled.push(own * 38_000.0 / ring);
            println!("{round:>8} {own:>14.0} {ring:>18.0} {:>22.0}", own * 38_000.0 / ring);
        }
    }
    scaled.sort_by(f64::total_cmp);
    println!("\nmedian at 38,000 RSA-2048 verifications a second: {:.0}/s", scaled[ROUNDS / 2]);
    Ok(())
}

/// A key, a message and its signature.
type Signed = (UnparsedPublicKey<Vec<u8>>, Vec<u8>, Vec<u8>);

/// By OpenSSL.
fn rsa_2048() -> Result<Signed, Box<dyn Error>> {
    let rsa = openssl::rsa::Rsa::generate(2048)?;
    let public = rsa.public_key_to_der_pkcs1()?;
    let pair = PKey::from_rsa(rsa)?;
    let message = b"message".to_vec();
    let mut signer = openssl::sign::Signer::new(openssl::hash::MessageDigest::sha256(), &pair)?;
    signer.update(&message)?;
    let signature = signer.sign_to_vec()?;
    Ok((UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public), message, signature))
}
