//! Signed XML put together from literal text that is canonical already, so that nothing canonicalizes what is to be judged
//! but the code under test; and signatures by `xmlsec1`, where it is installed.

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair};

use super::openssl::Pki;
use super::{data, forge};

pub const DS: &str = " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";
pub const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
pub const WITH_COMMENTS: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments";
pub const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
pub const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
pub const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
pub const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
/// What the portal writes for an enveloped signature.
pub const PORTAL: [&str; 2] = [ENVELOPED, WITH_COMMENTS];

/// A reference; every field may be exchanged.
#[derive(Clone)]
pub struct Reference {
    pub uri: String,
    pub kind: &'static str,
    pub transforms: Vec<String>,
    pub digest_method: String,
    pub digest: Vec<u8>,
}

/// One signature; every field may be exchanged before [`Self::to_xml`].
#[derive(Clone)]
pub struct Signing {
    pub signer: &'static str,
    pub canonicalization: String,
    /// Namespace declarations that the canonical SignedInfo has around it in its document.
    pub context: &'static str,
    pub method: String,
    /// Children of SignatureMethod.
    pub parameters: &'static str,
    pub references: Vec<Reference>,
    /// KeyInfo with its tags; `None`: with the signer's certificate.
    pub key_info: Option<String>,
    pub objects: String,
}

impl Reference {
    pub fn new(uri: &str, transforms: &[&str], canonical: &str) -> Self {
        Self {
            uri: uri.to_owned(),
            kind: "",
            transforms: transforms.iter().map(|each| format!(" Algorithm=\"{each}\">")).collect(),
            digest_method: SHA256.to_owned(),
            digest: digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref().to_vec(),
        }
    }

    fn to_xml(&self) -> String {
        let kind = if self.kind.is_empty() { String::new() } else { format!(" Type=\"{}\"", self.kind) };
        let transforms: String =
            self.transforms.iter().map(|each| format!("<ds:Transform{each}</ds:Transform>")).collect();
        let transforms =
            if transforms.is_empty() { transforms } else { format!("<ds:Transforms>{transforms}</ds:Transforms>") };
        format!(
            "<ds:Reference{kind} URI=\"{}\">{transforms}<ds:DigestMethod Algorithm=\"{}\"></ds:DigestMethod>\
             <ds:DigestValue>{}</ds:DigestValue></ds:Reference>",
            self.uri,
            self.digest_method,
            STANDARD.encode(&self.digest)
        )
    }
}

impl Signing {
    /// By `signer`, over one reference whose canonical octets are `canonical`.
    pub fn new(signer: &'static str, uri: &str, transforms: &[&str], canonical: &str) -> Self {
        Self {
            signer,
            canonicalization: INCLUSIVE.to_owned(),
            context: DS,
            method: RSA_SHA256.to_owned(),
            parameters: "",
            references: vec![Reference::new(uri, transforms, canonical)],
            key_info: None,
            objects: String::new(),
        }
    }

    pub fn with(self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self;
        change(&mut changed);
        changed
    }

    fn signed_info(&self, namespaces: &str) -> String {
        let references: String = self.references.iter().map(Reference::to_xml).collect();
        format!(
            "<ds:SignedInfo{namespaces}><ds:CanonicalizationMethod Algorithm=\"{}\"></ds:CanonicalizationMethod>\
             <ds:SignatureMethod Algorithm=\"{}\">{}</ds:SignatureMethod>{references}</ds:SignedInfo>",
            self.canonicalization, self.method, self.parameters
        )
    }

    /// The Signature element.
    pub fn to_xml(&self, pki: &Pki) -> String {
        let key = format!("{}.key", self.signer);
        let signed = self.signed_info(self.context);
        let ecdsa = |algorithm| {
            let pkcs8 = data::read_der(pki.file(&key));
            let random = SystemRandom::new();
            let pair = EcdsaKeyPair::from_pkcs8(algorithm, &pkcs8, &random).expect("an EC key");
            pair.sign(&random, signed.as_bytes()).expect("signed").as_ref().to_vec()
        };
        let value = match self.signer {
            "p256" => ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING),
            "p384" => ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING),
            _ => forge::rsa(pki, &key, signed.as_bytes()),
        };
        let key_info = self.key_info.clone().unwrap_or_else(|| key_info(pki, &[self.signer]));
        format!(
            "<ds:Signature{DS}>{}<ds:SignatureValue>{}</ds:SignatureValue>{key_info}{}</ds:Signature>",
            self.signed_info(""),
            STANDARD.encode(value),
            self.objects
        )
    }
}

/// KeyInfo with certificates of the PKI, wrapped as the portal wraps them.
pub fn key_info(pki: &Pki, names: &[&str]) -> String {
    let certificates: String = names
        .iter()
        .map(|name| format!("<ds:X509Certificate>\n{}&#13;\n</ds:X509Certificate>", certificate(pki, name)))
        .collect();
    format!("<ds:KeyInfo><ds:X509Data>{certificates}</ds:X509Data></ds:KeyInfo>")
}

/// A certificate of the PKI in base64.
pub fn certificate(pki: &Pki, name: &str) -> String {
    STANDARD.encode(pki.certificate(name).der())
}

/// `<root>{inner}</root>` signed as the portal signs.
pub fn enveloped(pki: &Pki, signer: &'static str, inner: &str) -> String {
    let canonical = format!("<root>{inner}</root>");
    let signature = Signing::new(signer, "", &PORTAL, &canonical).to_xml(pki);
    format!("<root>{inner}{signature}</root>")
}

/// Signs a template by `xmlsec1`; `None` where it is not installed.
pub fn xmlsec(pki: &Pki, signer: &str, template: &str) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("template.xml");
    std::fs::write(&file, template).expect("writable");
    let (key, certificate) = (pki.file(&format!("{signer}.key")), pki.file(&format!("{signer}.crt")));
    let output = Command::new("xmlsec1")
        .args(["--sign", "--id-attr:Id", "part", "--privkey-pem"])
        .arg(format!("{},{}", key.display(), certificate.display()))
        .arg(&file)
        .output();
    let Ok(output) = output else {
        eprintln!("SKIPPED: xmlsec1 is not installed");
        return None;
    };
    assert!(output.status.success(), "xmlsec1: {}\n{template}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).expect("UTF-8"))
}
