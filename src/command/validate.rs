//! `consular validate`: judges a signature or a certificate offline, by anchors and revocation lists that the command line names.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::ValueEnum;
use serde_json::{Value, json};

use super::failure::{CommandError, Exit, read};
use super::material;
use super::output::{Format, Output};
use super::verdict::{self, Subject};
use crate::clock::SystemClock;
use crate::pki::trust::{PurposeSet, TrustEntry};
use crate::pki::{Certificate, TrustStore};
use crate::signature::{
    Conclusion, RevocationMode, SignatureInput, ValidationPolicy, ValidationReport, validate, validate_certificate,
};

/// Arguments of `validate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 TOTAL-PASSED, 1 TOTAL-FAILED, 2 INDETERMINATE, 3 wrong command line or unusable file")]
pub struct Arguments {
    /// CMS signature as DER, BER, PEM or base64, or a certificate with --certificate-only; `-` reads the standard input
    file: PathBuf,
    /// The signed content, when the signature is detached
    #[arg(long, value_name = "FILE", conflicts_with = "certificate_only")]
    content: Option<PathBuf>,
    /// Trust anchor, self-signed or not; may be repeated
    #[arg(long, value_name = "FILE")]
    trust_anchor: Vec<PathBuf>,
    /// Certificate for path building, never trusted by itself; may be repeated
    #[arg(long, value_name = "FILE")]
    certificate: Vec<PathBuf>,
    /// Certificate revocation list; may be repeated
    #[arg(long, value_name = "FILE")]
    crl: Vec<PathBuf>,
    /// Judge at this time instead of now, for example 2026-05-01T00:00:00Z
    #[arg(long, value_name = "RFC3339")]
    at: Option<DateTime<Utc>>,
    /// Whose revocation status must be known
    #[arg(long, value_enum, default_value_t = Revocation::RequireEndEntity, value_name = "MODE")]
    revocation: Revocation,
    /// FILE is a certificate: judge its path alone
    #[arg(long)]
    certificate_only: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Revocation {
    /// Nobody's
    None,
    /// What the given lists say counts, nothing is demanded
    IfPresent,
    /// The signer's
    RequireEndEntity,
    /// That of every certificate below the anchor
    RequireAll,
}

impl From<Revocation> for RevocationMode {
    fn from(revocation: Revocation) -> Self {
        match revocation {
            Revocation::None => Self::None,
            Revocation::IfPresent => Self::IfPresent,
            Revocation::RequireEndEntity => Self::RequireEndEntity,
            Revocation::RequireAll => Self::RequireAll,
        }
    }
}

/// Judges and shows the report.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let file = read(&arguments.file)?;
    let content = arguments.content.as_deref().map(read).transpose()?;
    let certificates = material::all_certificates(&arguments.certificate)?;
    let store = trust_store(arguments)?;
    let policy = ValidationPolicy::national().with_revocation(arguments.revocation.into());
    let time = arguments.at.unwrap_or_else(|| SystemClock::shared().now());
    let (subject, report) = if arguments.certificate_only {
        (Subject::Certificate, certificate_report(arguments, &file, certificates, &policy, &store, time)?)
    } else {
        let input = SignatureInput { signature: &file, content: content.as_deref(), certificates, crls: Vec::new() };
        (Subject::Signature, signature_report(arguments, &input, &policy, &store, time)?)
    };
    if output.format() == Format::Json {
        output.json(&to_json(&report)?)?;
    } else {
        let name = arguments.file.display().to_string();
        verdict::show(subject, &name, &report, arguments.revocation.into(), &store, output)?;
        if arguments.trust_anchor.is_empty() {
            output.note("No trust anchor was given, so nothing can pass: --trust-anchor FILE")?;
        }
        if subject == Subject::Signature && material::is_certificate(&file) {
            output.note("This file is a certificate: --certificate-only judges it")?;
        }
    }
    Ok(match report.conclusion {
        Conclusion::TotalPassed => Exit::Done,
        Conclusion::TotalFailed(_) => Exit::Refused,
        Conclusion::Indeterminate(_) => Exit::Indeterminate,
    })
}

/// Whatever is named an anchor is one, for every purpose.
fn trust_store(arguments: &Arguments) -> Result<TrustStore, CommandError> {
    let anchors = material::all_certificates(&arguments.trust_anchor)?;
    let entries = anchors.into_iter().map(|certificate| TrustEntry::anchor(certificate, PurposeSet::ALL)).collect();
    let files: Vec<_> = arguments.crl.iter().map(|path| material::crls(path)).collect::<Result<_, _>>()?;
    let lists = files.into_iter().flatten().map(|list| (Arc::new(list), PurposeSet::ALL)).collect();
    Ok(TrustStore::new(0, entries, lists))
}

fn certificate_report(
    arguments: &Arguments,
    file: &[u8],
    mut certificates: Vec<Certificate>,
    policy: &ValidationPolicy,
    store: &TrustStore,
    time: DateTime<Utc>,
) -> Result<ValidationReport, CommandError> {
    let mut found = material::certificates_in(&arguments.file, file)?.into_iter();
    let subject = found
        .next()
        .ok_or_else(|| CommandError::Unusable { path: arguments.file.clone(), explanation: "there is no certificate in it".to_owned() })?;
    certificates.extend(found);
    Ok(validate_certificate(&subject, &certificates, &[], store, policy, time).report)
}

fn signature_report(
    arguments: &Arguments,
    input: &SignatureInput<'_>,
    policy: &ValidationPolicy,
    store: &TrustStore,
    time: DateTime<Utc>,
) -> Result<ValidationReport, CommandError> {
    let _ = arguments;
    Ok(validate(input, store, policy, time).map_err(|error| CommandError::Usage(error.to_string()))?.report)
}

/// The canonical report, and for each signer whether the identification numbers add up, which is a matter of law and not of the
/// signature.
fn to_json(report: &ValidationReport) -> Result<Value, CommandError> {
    let mut value = serde_json::to_value(report).map_err(|error| CommandError::Failed(error.to_string()))?;
    for (index, signer) in report.signers.iter().enumerate() {
        let shown = &mut value["signers"][index];
        shown["iin_checksum_valid"] = json!(signer.iin.as_deref().map(|iin| verdict::iin_holds(iin).is_ok()));
        shown["bin_checksum_valid"] = json!(signer.bin.as_deref().map(|bin| verdict::bin_holds(bin).is_ok()));
    }
    Ok(value)
}
