//! Validation of one CMS signature, side by side with OpenSSL on the same files, one core each.
//!
//! Leaf RSA-2048, authorities RSA-4096. Twice: the leaf alone looked up in its authority's revocation list; and every certificate below
//! the root, as the service does it. Each round begins with a trust store of its own that has seen one other signer: first all signers
//! are new to it, then it has seen them all. Rounds of the two engines alternate; what counts is the median of the rounds' ratios.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use consular_registration::clock::SystemClock;
use consular_registration::cms::{SigningKey, sign_attached};
use consular_registration::pki::trust::{PurposeSet, TrustEntry};
use consular_registration::pki::{Certificate, CertificateRevocationList, TrustStore, pem};
use consular_registration::registration::form::Kind;
use consular_registration::sandbox::{Authority, Form, LoadIssuer, Strength};
use consular_registration::signature::{SignatureInput, ValidationPolicy, validate};
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::ssl::SslFiletype;
use openssl::x509::store::{X509Lookup, X509Store, X509StoreBuilder};
use openssl::x509::verify::X509VerifyFlags;
use openssl::x509::{X509, X509PurposeId};

const SIGNATURES: u32 = 1_000;
const ROUNDS: usize = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let now = SystemClock::shared().now();
    let authority = Authority::mint(&folder.path().join("sandbox"), Strength::National, now, &|_| ())?;
    let signatures = signatures(&authority, now)?;
    println!("{SIGNATURES} signatures, {ROUNDS} rounds, one core");
    compare(&authority, &signatures, "the leaf alone", &["crls/rsa.crl"], X509VerifyFlags::CRL_CHECK)?;
    let whole = X509VerifyFlags::CRL_CHECK | X509VerifyFlags::CRL_CHECK_ALL;
    compare(&authority, &signatures, "every certificate below the root", &["crls/rsa.crl", "crls/root-rsa.crl"], whole)
}

fn compare(
    authority: &Authority,
    signatures: &[Vec<u8>],
    looked_up: &str,
    lists: &[&str],
    flags: X509VerifyFlags,
) -> Result<(), Box<dyn Error>> {
    let now = SystemClock::shared().now();
    let (first, signatures) = signatures.split_first().ok_or("no signatures")?;
    let store = openssl_store(authority, lists, flags)?;
    let policy = ValidationPolicy::national();
    let ours = |trust: &TrustStore, signature: &[u8]| {
        let input = SignatureInput { signature, content: None, certificates: &[], crls: &[], ocsps: &[] };
        let validation = validate(&input, &policy, trust, now).map_err(|error| error.to_string())?;
        if black_box(&validation).report.conclusion.is_passed() {
            Ok(())
        } else {
            Err(validation.report.conclusion.to_string())
        }
    };
    let theirs = |signature: &[u8]| {
        let verified = CmsContentInfo::from_der(signature).and_then(|mut message| {
            let mut content = Vec::new();
            message.verify(None, Some(&store), None, Some(&mut content), CMSOptions::BINARY)?;
            Ok(black_box(content))
        });
        verified.map(drop).map_err(|error| error.to_string())
    };

    println!("\nlooked up for revocation: {looked_up}\n");
    println!(
        "{:>8} {:>16} {:>16} {:>12} {:>10} {:>12}",
        "round", "new signers /s", "seen before /s", "OpenSSL /s", "ratio", "seen before"
    );
    let (mut new, mut before) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let trust = trust_store(authority, lists)?;
        ours(&trust, first)?;
        let own = rate(signatures, |signature| ours(&trust, signature))?;
        let again = rate(signatures, |signature| ours(&trust, signature))?;
        let other = rate(signatures, theirs)?;
        if round == 0 {
            // The first round fills caches and is not counted.
            continue;
        }
        new.push(own / other);
        before.push(again / other);
        println!(
            "{round:>8} {own:>16.0} {again:>16.0} {other:>12.0} {:>10.2} {:>12.2}",
            new[round - 1],
            before[round - 1]
        );
    }
    let median = |mut ratios: Vec<f64>| {
        ratios.sort_by(f64::total_cmp);
        ratios[ROUNDS / 2]
    };
    println!("\nmedian ratio {:.2}, of signers seen before {:.2}", median(new), median(before));
    Ok(())
}

fn rate(signatures: &[Vec<u8>], verify: impl Fn(&[u8]) -> Result<(), String>) -> Result<f64, String> {
    let begin = Instant::now();
    for signature in signatures {
        verify(signature)?;
    }
    let elapsed: Duration = begin.elapsed();
    Ok(f64::from(SIGNATURES) / elapsed.as_secs_f64())
}

fn signatures(authority: &Authority, now: DateTime<Utc>) -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    let batch = authority.mint_many(SIGNATURES + 1, LoadIssuer::National, now)?;
    let key = SigningKey::from_bytes(&batch.key)?;
    let sign = |citizen: &consular_registration::sandbox::LoadCitizen| {
        let content = Form::fresh(&citizen.person, Kind::Temporary, now)?.to_json()?;
        Ok(sign_attached(&key, &Certificate::from_der(&citizen.certificate)?, &[], &content, now)?)
    };
    batch.citizens.iter().map(sign).collect()
}

fn der(authority: &Authority, file: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    Ok(pem::single(std::fs::read(authority.path(file))?, pem::CERTIFICATE)?)
}

fn trust_store(authority: &Authority, lists: &[&str]) -> Result<TrustStore, Box<dyn Error>> {
    let root = Certificate::from_der(&der(authority, "roots/rsa.crt")?)?;
    let issuing = Certificate::from_der(&der(authority, "intermediates/rsa.crt")?)?;
    let list = |file: &&str| -> Result<_, Box<dyn Error>> {
        let list = CertificateRevocationList::from_der(std::fs::read(authority.path(file))?)?;
        Ok((Arc::new(list), PurposeSet::ALL))
    };
    let lists = lists.iter().map(list).collect::<Result<_, _>>()?;
    let entries = vec![TrustEntry::anchor(root, PurposeSet::ALL), TrustEntry::intermediate(issuing, PurposeSet::ALL)];
    Ok(TrustStore::new(1, entries, lists))
}

fn openssl_store(authority: &Authority, lists: &[&str], flags: X509VerifyFlags) -> Result<X509Store, Box<dyn Error>> {
    let mut builder = X509StoreBuilder::new()?;
    builder.add_cert(X509::from_der(&der(authority, "roots/rsa.crt")?)?)?;
    builder.add_cert(X509::from_der(&der(authority, "intermediates/rsa.crt")?)?)?;
    builder.set_flags(flags)?;
    builder.set_purpose(X509PurposeId::ANY)?;
    let lookup = builder.add_lookup(X509Lookup::file())?;
    for list in lists {
        lookup.load_crl_file(authority.path(list), SslFiletype::ASN1)?;
    }
    Ok(builder.build())
}
