//! `consular sign`: makes the CMS that an applicant's software would make, for trying and testing.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde_json::json;

use super::failure::{CommandError, Exit, read, write};
use super::material::{self, Signer};
use super::output::{Format, Output, Painted, Tone};
use crate::clock::SystemClock;
use crate::cms::{sign_attached, sign_detached};

/// Arguments of `sign`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What to sign, byte for byte; `-` reads the standard input
    form: PathBuf,
    /// Private key, PEM or DER, without a password
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The signer's certificate, PEM or DER
    #[arg(long, value_name = "FILE")]
    cert: Option<PathBuf>,
    /// PKCS#12 container, instead of --key and --cert
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key", "cert"])]
    p12: Option<PathBuf>,
    /// Password of the container
    #[arg(
        long,
        env = "CONSULAR_P12_PASSWORD",
        value_name = "TEXT",
        hide_env_values = true,
        default_value = "",
        hide_default_value = true
    )]
    password: String,
    /// Leave the content outside the signature
    #[arg(long)]
    detached: bool,
    /// Certificate of an authority to embed; may be repeated
    #[arg(long, value_name = "FILE")]
    ca: Vec<PathBuf>,
    /// Claim this signing time, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME")]
    signing_time: Option<DateTime<Utc>>,
    /// Where to write, `-` for stdout [default: FORM.cms]
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Signs and writes the signature.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let mut signer = signer(arguments)?;
    let content = read(&arguments.form)?;
    signer.chain.extend(material::all_certificates(&arguments.ca)?);
    let time = arguments.signing_time.unwrap_or_else(|| SystemClock::shared().now());
    let sign = if arguments.detached { sign_detached } else { sign_attached };
    let signature = sign(&signer.key, &signer.certificate, &signer.chain, &content, time)
        .map_err(|error| CommandError::Usage(error.to_string()))?;
    let out = destination(arguments);
    if out.as_os_str() == "-" {
        output.bytes(&signature)?;
        return Ok(Exit::Done);
    }
    write(&out, &signature)?;
    if output.format() == Format::Json {
        output.json(&json!({
            "signature": out,
            "detached": arguments.detached,
            "certificate_sha256": hex::encode(signer.certificate.sha256()),
            "octets": signature.len(),
        }))?;
    } else {
        show(&out, &signer, arguments.detached, output)?;
    }
    Ok(Exit::Done)
}

fn signer(arguments: &Arguments) -> Result<Signer, CommandError> {
    match (&arguments.p12, &arguments.key, &arguments.cert) {
        (Some(container), _, _) => material::signer_in_container(container, &arguments.password),
        (None, Some(key), Some(certificate)) => material::signer(key, certificate),
        (None, Some(_), None) => Err(CommandError::Usage("add the certificate of the key: --cert FILE".to_owned())),
        (None, None, Some(_)) => Err(CommandError::Usage("add the key of the certificate: --key FILE".to_owned())),
        (None, None, None) => Err(CommandError::Usage(
            "say whose key signs: --key FILE and --cert FILE, or --p12 FILE and --password TEXT".to_owned(),
        )),
    }
}

/// `FORM.cms` beside the form, unless said otherwise.
fn destination(arguments: &Arguments) -> PathBuf {
    arguments.out.clone().unwrap_or_else(|| {
        if arguments.form.as_os_str() == "-" {
            return PathBuf::from("-");
        }
        let mut name = arguments.form.clone().into_os_string();
        name.push(".cms");
        PathBuf::from(name)
    })
}

fn show(out: &Path, signer: &Signer, detached: bool, output: &mut Output<'_>) -> Result<(), CommandError> {
    output.line(format_args!(
        "{} {}",
        output.paint(Tone::Good, "✔"),
        output.paint(Tone::Strong, &out.display().to_string())
    ))?;
    let form = if detached { "CMS SignedData, detached" } else { "CMS SignedData with the content inside" };
    output.facts([
        ("form", Painted::from(form)),
        ("signer", signer.certificate.subject_display().into()),
        ("certificate", format!("SHA-256 {}", hex::encode(signer.certificate.sha256())).into()),
    ])?;
    Ok(())
}
