//! `consular validate`: judges a signature or a certificate offline, by anchors and revocation lists that the command line names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::ValueEnum;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::failure::{CommandError, Exit, read};
use super::material;
use super::output::{Format, Output};
use super::verdict::{self, Form, Grounds, Subject};
use crate::clock::SystemClock;
use crate::cms::CmsError;
use crate::pki::trust::{PurposeSet, TrustEntry};
use crate::pki::{Certificate, OcspResponse, TrustStore};
use crate::signature::{
    self, Conclusion, FailedReason, IndeterminateReason, InputError, PolicyReference, RevocationMode, SignatureInput,
    TrustStoreReference, ValidationPolicy, ValidationReport,
};
use crate::xml::XmlError;

const EXIT_CODES: &str = "\
Exit codes:
  0  TOTAL-PASSED
  1  TOTAL-FAILED
  2  INDETERMINATE
  3  wrong command line or unusable file";

/// Arguments of `validate`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub struct Arguments {
    /// CMS as DER, BER, PEM or base64, or a signed XML document;
    /// a certificate with --certificate-only
    file: PathBuf,
    /// The signed content, when the signature is detached
    #[arg(long, value_name = "FILE", conflicts_with = "certificate_only")]
    content: Option<PathBuf>,
    /// Trust anchor, self-signed or not; may be repeated
    #[arg(long, value_name = "FILE")]
    trust_anchor: Vec<PathBuf>,
    /// Certificate for building paths; may be repeated
    #[arg(long, value_name = "FILE")]
    certificate: Vec<PathBuf>,
    /// Certificate revocation list; may be repeated
    #[arg(long, value_name = "FILE")]
    crl: Vec<PathBuf>,
    /// OCSP response; may be repeated
    #[arg(long, value_name = "FILE")]
    ocsp: Vec<PathBuf>,
    /// Judge at this time [default: now]
    #[arg(long, value_name = "RFC3339")]
    at: Option<DateTime<Utc>>,
    /// Policy: kz-national, strict, or a file with what
    /// `consular schema kz-national` prints (JSON), or the same as TOML
    #[arg(long, default_value = "kz-national", value_name = "ID|FILE")]
    policy: String,
    /// Whose revocation status must be known: none, if-present,
    /// require-end-entity or require-all [default: the policy's]
    #[arg(long, value_enum, value_name = "MODE", hide_possible_values = true)]
    revocation: Option<Revocation>,
    /// FILE is a certificate: judge its path alone
    #[arg(long)]
    certificate_only: bool,
    /// Show everything that the verdict rests on, check by check
    #[arg(long)]
    detailed: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Revocation {
    None,
    IfPresent,
    RequireEndEntity,
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
    let read_ocsps: Vec<_> = arguments.ocsp.iter().map(|path| material::ocsp(path)).collect::<Result<_, _>>()?;
    let (ocsps, unread): (Vec<_>, Vec<_>) = read_ocsps.into_iter().partition(Result::is_ok);
    let ocsps: Vec<_> = ocsps.into_iter().flatten().map(Arc::new).collect();
    let policy = policy(arguments)?;
    let time = arguments.at.unwrap_or_else(|| SystemClock::shared().now());
    let question = Question { policy: &policy, store: &store, time };
    let (subject, mut report) = if arguments.certificate_only {
        (Subject::Certificate, question.of_certificate(&arguments.file, &file, certificates, &ocsps)?)
    } else {
        let input = SignatureInput {
            signature: &file,
            content: content.as_deref(),
            certificates: &certificates,
            crls: &[],
            ocsps: &ocsps,
        };
        (Subject::Signature, question.of_signature(&arguments.file, &input)?)
    };
    if arguments.trust_anchor.is_empty() && report.conclusion == IndeterminateReason::NoCertificateChainFound.into() {
        // Nobody's certificate could lead anywhere: that is not the signer's doing.
        report.words = verdict::without_anchor();
    }
    report.warnings.extend(unread.into_iter().filter_map(Result::err));
    if output.format() == Format::Json {
        output.json(&to_json(&report)?)?;
    } else {
        let name = arguments.file.display().to_string();
        let form = if arguments.detailed { Form::Detailed } else { Form::Simple };
        let grounds = Grounds { revocation: policy.revocation, store: &store };
        verdict::show((subject, &name), &report, form, grounds, output)?;
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

/// A shipped policy by its name, else one in a file.
fn policy(arguments: &Arguments) -> Result<ValidationPolicy, CommandError> {
    let policy = match ValidationPolicy::find(&arguments.policy) {
        Some(shipped) => shipped.clone(),
        None => {
            let path = Path::new(&arguments.policy);
            if !path.exists() {
                return Err(CommandError::Usage(no_policy(&arguments.policy)));
            }
            let unusable = |explanation: String| CommandError::Unusable { path: path.to_owned(), explanation };
            let text = String::from_utf8(read(path)?).map_err(|error| unusable(error.to_string()))?;
            let is_json = text.trim_start().starts_with('{');
            let parsed = if is_json { ValidationPolicy::from_canonical } else { ValidationPolicy::from_toml };
            parsed(&text).map_err(|error| unusable(error.to_string()))?
        }
    };
    Ok(match arguments.revocation {
        Some(mode) => policy.with_revocation(mode.into()),
        None => policy,
    })
}

fn no_policy(name: &str) -> String {
    let known: Vec<_> = ValidationPolicy::shipped().iter().map(|policy| policy.id.as_str()).collect();
    let known = known.join(", ");
    format!(
        "there is neither a policy nor a file `{name}`; known: {known}; or name a FILE with what `consular schema kz-national` prints"
    )
}

/// Whatever is named an anchor is one, for every purpose.
fn trust_store(arguments: &Arguments) -> Result<TrustStore, CommandError> {
    let anchors = material::all_certificates(&arguments.trust_anchor)?;
    let entries = anchors.into_iter().map(|certificate| TrustEntry::anchor(certificate, PurposeSet::ALL)).collect();
    let files: Vec<_> = arguments.crl.iter().map(|path| material::crls(path)).collect::<Result<_, _>>()?;
    let lists = files.into_iter().flatten().map(|list| (Arc::new(list), PurposeSet::ALL)).collect();
    Ok(TrustStore::new(0, entries, lists))
}

/// What is asked about a file.
struct Question<'a> {
    policy: &'a ValidationPolicy,
    store: &'a TrustStore,
    time: DateTime<Utc>,
}

impl Question<'_> {
    /// Judges the first certificate of the file; the others help to build its path.
    fn of_certificate(
        &self,
        path: &Path,
        file: &[u8],
        mut others: Vec<Certificate>,
        ocsps: &[Arc<OcspResponse>],
    ) -> Result<ValidationReport, CommandError> {
        let unusable = |explanation: String| CommandError::Unusable { path: path.to_owned(), explanation };
        let mut found = material::certificates_in(path, file)?.into_iter();
        let subject = found.next().ok_or_else(|| unusable("there is no certificate in it".to_owned()))?;
        others.extend(found);
        signature::validate_certificate(subject.der(), &others, &[], ocsps, self.policy, self.store, self.time)
            .map(|validation| validation.report)
            .map_err(|error| unusable(error.to_string()))
    }

    /// Judges a signature. What cannot even be read as one is a failed signature, with the reason among the warnings.
    fn of_signature(&self, path: &Path, input: &SignatureInput<'_>) -> Result<ValidationReport, CommandError> {
        let unusable = |explanation: String| CommandError::Unusable { path: path.to_owned(), explanation };
        match signature::validate(input, self.policy, self.store, self.time) {
            Ok(validation) => Ok(validation.report),
            Err(error @ InputError::ContentTwice) => Err(CommandError::Usage(format!("{error}; leave --content out"))),
            Err(
                error @ (InputError::Signature(CmsError::TooLarge { .. }) | InputError::Document(XmlError::TooLarge)),
            ) => Err(unusable(error.to_string())),
            Err(error) => Ok(self.malformed(input.signature, &error)),
        }
    }

    fn malformed(&self, file: &[u8], error: &InputError) -> ValidationReport {
        let conclusion = Conclusion::TotalFailed(FailedReason::FormatFailure);
        ValidationReport {
            conclusion,
            words: signature::explain(conclusion),
            validation_time: self.time,
            best_signature_time: self.time,
            trust_store: TrustStoreReference {
                revision: self.store.revision(),
                digest: hex::encode(self.store.digest()),
            },
            policy: PolicyReference { id: self.policy.id.clone(), version: self.policy.version.clone() },
            engine_version: env!("CARGO_PKG_VERSION").to_owned(),
            signature_digest: hex::encode(digest(&SHA256, file)),
            content_digest: None,
            signers: Vec::new(),
            warnings: vec![error.to_string()],
        }
    }
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
