//! Certificates, revocation lists and keys as they lie on a disk: DER, PEM with one or several blocks, or bare base64.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p12_keystore::error::Error as Pkcs12Error;
use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use serde_json::Value;
use x509_parser::pem::Pem;

use super::failure::{CommandError, read};
use crate::clock::SystemClock;
use crate::cms::{SigningKey, sign_attached};
use crate::pki::{Certificate, CertificateRevocationList, OcspResponse};

/// PEM labels of a certificate (RFC 7468 §5).
const CERTIFICATE: [&str; 3] = ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"];
/// PEM label of a revocation list (RFC 7468 §6).
const CRL: [&str; 1] = ["X509 CRL"];
/// PEM label under which some tools write an OCSP response; RFC 7468 has none.
const OCSP: [&str; 1] = ["OCSP RESPONSE"];

/// How a password is given.
const GIVE_PASSWORD: &str = "--password TEXT, or CONSULAR_P12_PASSWORD in the environment";

/// A private key with its certificate and the certificates that came with them.
pub struct Signer {
    /// The private key.
    pub key: SigningKey,
    /// The signer's certificate.
    pub certificate: Certificate,
    /// Certificates of authorities, in no order.
    pub chain: Vec<Certificate>,
}

/// All certificates of a file, at least one.
///
/// # Errors
/// The file cannot be read, or something in it is no certificate.
pub fn certificates(path: &Path) -> Result<Vec<Certificate>, CommandError> {
    certificates_in(path, &read(path)?)
}

/// All certificates of files.
///
/// # Errors
/// As [`certificates`].
pub fn all_certificates(paths: &[impl AsRef<Path>]) -> Result<Vec<Certificate>, CommandError> {
    let files: Vec<_> = paths.iter().map(|path| certificates(path.as_ref())).collect::<Result<_, _>>()?;
    Ok(files.into_iter().flatten().collect())
}

/// All certificates of a file that is read already.
///
/// # Errors
/// As [`certificates`]; `path` is for the words of the error only.
pub fn certificates_in(path: &Path, bytes: &[u8]) -> Result<Vec<Certificate>, CommandError> {
    let read = |der: &Vec<u8>| Certificate::from_der(der).map_err(|error| unusable(path, &error.to_string()));
    blocks(path, bytes, &CERTIFICATE, "certificate")?.iter().map(read).collect()
}

/// All revocation lists of a file, at least one.
///
/// # Errors
/// The file cannot be read, or something in it is no revocation list.
pub fn crls(path: &Path) -> Result<Vec<CertificateRevocationList>, CommandError> {
    let bytes = read(path)?;
    let read =
        |der: Vec<u8>| CertificateRevocationList::from_der(der).map_err(|error| unusable(path, &error.to_string()));
    blocks(path, &bytes, &CRL, "revocation list")?.into_iter().map(read).collect()
}

/// The OCSP response of a file, or in words why it proves nothing: a responder that gave no answer is no fault of the caller.
///
/// # Errors
/// The file cannot be read.
pub fn ocsp(path: &Path) -> Result<Result<OcspResponse, String>, CommandError> {
    let bytes = read(path)?;
    // What a proxy wrote instead of a response is handed on as it is, to be refused by name.
    let der = blocks(path, &bytes, &OCSP, "OCSP response").ok().and_then(|mut found| found.pop()).unwrap_or(bytes);
    Ok(OcspResponse::from_der(&der).map_err(|error| format!("{} was left out: {error}", path.display())))
}

/// A signer from a file with the key and a file with the certificate, others after it.
///
/// # Errors
/// A file cannot be read or is not what it should be.
pub fn signer(key: &Path, certificate: &Path) -> Result<Signer, CommandError> {
    let key = SigningKey::from_bytes(&read(key)?).map_err(|error| unusable(key, &error.to_string()))?;
    let mut found = certificates(certificate)?.into_iter();
    let own = found.next().ok_or_else(|| unusable(certificate, "there is no certificate in it"))?;
    Ok(Signer { key, certificate: own, chain: found.collect() })
}

/// Whose signature an act bears.
#[derive(Debug, clap::Args)]
pub struct ActSigner {
    /// Private key of the person who acts, PEM or DER
    #[arg(long, global = true, value_name = "FILE", required = false)]
    key: Option<PathBuf>,
    /// Certificate of that person, PEM or DER
    #[arg(long, global = true, value_name = "FILE", required = false)]
    cert: Option<PathBuf>,
}

/// An act, signed with the key of the person who acts.
///
/// # Errors
/// No key or certificate is named, or one that cannot be used.
pub fn sign_act(by: &ActSigner, act: &Value) -> Result<Vec<u8>, CommandError> {
    let (Some(key), Some(certificate)) = (&by.key, &by.cert) else {
        return Err(CommandError::Usage("an act is signed: name --key and --cert".to_owned()));
    };
    let officer = signer(key, certificate)?;
    let now = SystemClock::shared().now();
    sign_attached(&officer.key, &officer.certificate, &officer.chain, act.to_string().as_bytes(), now)
        .map_err(|error| CommandError::Failed(error.to_string()))
}

/// A signer from a PKCS#12 container.
///
/// # Errors
/// The file cannot be read, the password is wrong, or no key with its certificate is in it.
pub fn signer_in_container(path: &Path, password: &str) -> Result<Signer, CommandError> {
    let store = KeyStore::from_pkcs12(&read(path)?, password, Pkcs12ImportPolicy::Strict).map_err(|error| {
        let explanation = match error {
            Pkcs12Error::MacError(_) if password.is_empty() => {
                format!("the container needs its password: {GIVE_PASSWORD}")
            }
            Pkcs12Error::MacError(_) => {
                format!("this password does not open the container; the right one: {GIVE_PASSWORD}")
            }
            other => format!("the container cannot be opened ({other}); if it is for the password: {GIVE_PASSWORD}"),
        };
        unusable(path, &explanation)
    })?;
    let (_, entry) =
        store.private_key_chain().ok_or_else(|| unusable(path, "no key with its certificate is in the container"))?;
    let key = SigningKey::from_bytes(entry.key().as_der()).map_err(|error| unusable(path, &error.to_string()))?;
    let read = |der: &[u8]| Certificate::from_der(der).map_err(|error| unusable(path, &error.to_string()));
    let mut found = entry.certs().iter().map(|certificate| read(certificate.as_der()));
    let own = found.next().ok_or_else(|| unusable(path, "no certificate is in the container"))??;
    Ok(Signer { key, certificate: own, chain: found.collect::<Result<_, _>>()? })
}

/// Whether a file holds certificates by the look of it: PEM says so, DER of one that can be read.
pub fn is_certificate(bytes: &[u8]) -> bool {
    blocks(Path::new(""), bytes, &CERTIFICATE, "")
        .is_ok_and(|found| found.first().is_some_and(|der| Certificate::from_der(der).is_ok()))
}

/// The DER in a file, whatever it is wrapped in.
fn blocks(path: &Path, bytes: &[u8], labels: &[&str], what: &str) -> Result<Vec<Vec<u8>>, CommandError> {
    // A SEQUENCE begins with 0x30, its base64 with 'M', PEM with whatever people write above it.
    if bytes.first() == Some(&0x30) {
        return Ok(vec![bytes.to_vec()]);
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii();
    if text.first() == Some(&b'M') {
        let compact: Vec<u8> = text.iter().copied().filter(|octet| !octet.is_ascii_whitespace()).collect();
        if let Ok(der) = STANDARD.decode(compact) {
            return Ok(vec![der]);
        }
    }
    let found: Vec<Vec<u8>> = Pem::iter_from_buffer(text)
        .map_while(Result::ok)
        .filter(|block| labels.contains(&block.label.as_str()))
        .map(|block| block.contents)
        .collect();
    if found.is_empty() {
        Err(unusable(path, &format!("no {what} in it; DER, PEM and base64 are read")))
    } else {
        Ok(found)
    }
}

fn unusable(path: &Path, explanation: &str) -> CommandError {
    CommandError::Unusable { path: path.to_owned(), explanation: explanation.to_owned() }
}
