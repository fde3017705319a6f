//! A certificate, as it came and as an authority would have signed it: what is accepted here OpenSSL should accept.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openssl::stack::Stack;
use openssl::x509::store::{X509Store, X509StoreBuilder};
use openssl::x509::verify::X509VerifyParam;
use openssl::x509::{X509, X509StoreContext};
use rooms::difference::keep;
use rooms::pki::algorithm::KeyFamily;
use rooms::pki::der::{Reader, Tag, write};
use rooms::pki::path::{self, InitialPolicies, PathBudget, PathRequest};
use rooms::pki::trust::Purpose;
use rooms::pki::{Certificate, CryptographicConstraints};
use rooms::{Authority, TIME, trusting};

const TARGET: &str = "certificate";

fuzz_target!(|input: &[u8]| {
    read(input);
    let Some(signed) = signed_anew(input) else { return };
    let Some(certificate) = read(&signed) else { return };
    let authority = Authority::get().certificate();
    let store = trusting([authority.clone()]);
    let request = PathRequest {
        leaf: &certificate,
        candidates: &[],
        store: &store,
        purpose: Purpose::Applicants,
        time: TIME,
        algorithms: &CryptographicConstraints::None,
        policies: InitialPolicies::default(),
    };
    if path::build(&request, &mut PathBudget::default()).is_ok()
        && let Err(reason) = verify(&signed, authority)
    {
        keep(TARGET, &reason.replace(|c: char| !c.is_ascii_alphanumeric(), "-"), &signed);
    }
});

/// Reads it on both sides.
fn read(der: &[u8]) -> Option<Certificate> {
    let certificate = Certificate::from_der(der).ok()?;
    let Ok(theirs) = X509::from_der(der) else {
        keep(TARGET, "form", der);
        return None;
    };
    // OpenSSL knows GOST by an engine that is not there.
    if let Ok(key) = certificate.public_key()
        && !matches!(key.family(), KeyFamily::Gost2004 | KeyFamily::Gost2015)
        && theirs.public_key().is_err()
    {
        keep(TARGET, "key", der);
    }
    Some(certificate)
}

/// The path from the authority, by OpenSSL.
fn verify(der: &[u8], authority: &Certificate) -> Result<(), String> {
    let store = || -> Result<X509Store, openssl::error::ErrorStack> {
        let mut builder = X509StoreBuilder::new()?;
        builder.add_cert(X509::from_der(authority.der())?)?;
        let mut parameters = X509VerifyParam::new()?;
        parameters.set_time(TIME.timestamp());
        builder.set_param(&parameters)?;
        Ok(builder.build())
    };
    let store = store().expect("a store");
    let leaf = X509::from_der(der).map_err(|_| "form")?;
    let none = Stack::new().expect("a stack");
    let mut context = X509StoreContext::new().expect("a context");
    let error = context
        .init(&store, &leaf, &none, |context| Ok((context.verify_cert()?, context.error())))
        .map_err(|_| "failure")?;
    if error.0 { Ok(()) } else { Err(error.1.to_string()) }
}

/// The certificate of the input as the authority of this run would have issued it.
fn signed_anew(input: &[u8]) -> Option<Vec<u8>> {
    let mut tbs = Reader::new(input).sequence().ok()?.sequence().ok()?;
    let version = tbs.optional(Tag::context_constructed(0)).ok()?;
    let serial = tbs.element(Tag::INTEGER).ok()?;
    tbs.element(Tag::SEQUENCE).ok()?;
    tbs.element(Tag::SEQUENCE).ok()?;
    let mut rest = Vec::new();
    while !tbs.is_empty() {
        rest.extend_from_slice(tbs.any().ok()?.encoded);
    }
    let authority = Authority::get();
    let version = version.map(|element| element.encoded).unwrap_or_default();
    let name = authority.certificate().subject_raw();
    Some(authority.sign(&write::sequence(&[version, serial.encoded, &Authority::algorithm(), name, &rest])))
}
