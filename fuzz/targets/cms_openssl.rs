//! A CMS message: signatures that verify here OpenSSL should verify.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::stack::Stack;
use openssl::x509::X509;
use rooms::difference::keep;
use rooms::pki::Certificate;
use rooms::signature::{ConstraintStatus, SIGNATURE_CHECK, SignatureInput, SignerReport, validate};
use rooms::{TIME, cms, lenient, nobody};

const TARGET: &str = "cms";

fuzz_target!(|input: &[u8]| {
    let Ok(der) = cms::to_der(input, cms::DEFAULT_MESSAGE_LIMIT) else { return };
    let Ok(message) = cms::SignedData::parse(&der) else { return };
    // A certificate that cannot be read is left out here, with a warning; OpenSSL refuses the whole message for it.
    let is_readable = |der: &&[u8]| Certificate::from_der(der).is_ok();
    if message.content.is_none() || !message.certificates.iter().all(is_readable) {
        return;
    }
    let signed = SignatureInput { signature: input, content: None, certificates: &[], crls: &[], ocsps: &[] };
    let Ok(validation) = validate(&signed, &lenient(), &nobody(), TIME) else { return };
    let signers = &validation.report.signers;
    if signers.is_empty() || !signers.iter().all(is_verified) {
        return;
    }
    // As it came: what OpenSSL reads of BER is its own affair, and what is read here must be the same.
    let Ok(mut theirs) = CmsContentInfo::from_der(der.bytes()) else { return keep(TARGET, "form", input) };
    let certificates = Stack::<X509>::new().expect("a stack");
    let options = CMSOptions::BINARY | CMSOptions::NO_SIGNER_CERT_VERIFY;
    if theirs.verify(Some(&certificates), None, None, None, options).is_err() {
        keep(TARGET, "signature", input);
    }
});

/// Whether the signature verified, by an algorithm that OpenSSL has too.
fn is_verified(signer: &SignerReport) -> bool {
    let passed = |id: &str, status| id == SIGNATURE_CHECK && status == ConstraintStatus::Passed;
    signer.constraints.iter().any(|constraint| passed(&constraint.id, constraint.status))
        && !signer.signature_algorithm.contains("GOST")
}
