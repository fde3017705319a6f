//! CMS messages put together piece by piece, so that every piece can be wrong while the signature over them is right.

use consular_registration::pki::der::{Tag, write};
use consular_registration::pki::{Certificate, Oid};
use ring::digest;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};

use super::openssl::Pki;

pub const DATA: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 7, 1]);
pub const SIGNED_DATA: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 7, 2]);
pub const CONTENT_TYPE: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 9, 3]);
pub const MESSAGE_DIGEST: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 9, 4]);
pub const SIGNING_TIME: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 9, 5]);
pub const SIGNING_CERTIFICATE_V2: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 9, 16, 2, 47]);
pub const SHA256: Oid = Oid::new(&[2, 16, 840, 1, 101, 3, 4, 2, 1]);
pub const SHA256_RSA: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 1, 11]);

/// One signer's part; every field may be exchanged before [`Self::encode`].
#[derive(Clone)]
pub struct Signer {
    pub identifier: Vec<u8>,
    pub digest: Oid,
    /// Encoded attributes; `None`: the signature is over the content.
    pub attributes: Option<Vec<Vec<u8>>>,
    pub algorithm: Oid,
    /// Key file of the PKI.
    pub key: String,
    /// In place of the right signature.
    pub signature: Option<Vec<u8>>,
    pub unsigned: Vec<Vec<u8>>,
}

/// A message.
#[derive(Clone)]
pub struct Message {
    pub content_type: Oid,
    pub content: Vec<u8>,
    pub is_detached: bool,
    pub certificates: Vec<Vec<u8>>,
    pub signers: Vec<Signer>,
}

pub fn attribute(kind: &Oid, values: &[Vec<u8>]) -> Vec<u8> {
    write::sequence(&[&write::oid(kind), &write::set_of(Tag::SET, values.to_vec())])
}

pub fn message_digest(content: &[u8]) -> Vec<u8> {
    attribute(&MESSAGE_DIGEST, &[write::octet_string(digest::digest(&digest::SHA256, content).as_ref())])
}

pub fn content_type(kind: &Oid) -> Vec<u8> {
    attribute(&CONTENT_TYPE, &[write::oid(kind)])
}

pub fn signing_time(text: &str) -> Vec<u8> {
    attribute(&SIGNING_TIME, &[write::tlv(Tag::UTC_TIME, text.as_bytes())])
}

/// ESSCertIDv2 of any 32 octets.
pub fn signing_certificate(digest: &[u8]) -> Vec<u8> {
    let identifier = write::sequence(&[&write::octet_string(digest)]);
    attribute(&SIGNING_CERTIFICATE_V2, &[write::sequence(&[&write::sequence(&[&identifier])])])
}

pub fn issuer_and_serial(certificate: &Certificate) -> Vec<u8> {
    write::sequence(&[certificate.issuer_raw(), &write::tlv(Tag::INTEGER, certificate.serial())])
}

impl Signer {
    /// A right one, with content type and message digest.
    pub fn new(pki: &Pki, name: &str, content: &[u8]) -> Self {
        Self {
            identifier: issuer_and_serial(&pki.certificate(name)),
            digest: SHA256,
            attributes: Some(vec![content_type(&DATA), message_digest(content)]),
            algorithm: SHA256_RSA,
            key: format!("{name}.key"),
            signature: None,
            unsigned: Vec::new(),
        }
    }

    pub fn with(mut self, attribute: Vec<u8>) -> Self {
        self.attributes.get_or_insert_default().push(attribute);
        self
    }

    pub fn encode(&self, pki: &Pki, content: &[u8]) -> Vec<u8> {
        let signed = self
            .attributes
            .as_ref()
            .map_or_else(|| content.to_vec(), |attributes| write::set_of(Tag::SET, attributes.clone()));
        let signature = self.signature.clone().unwrap_or_else(|| rsa(pki, &self.key, &signed));
        let version = if self.identifier.first() == Some(&0x80) { 3 } else { 1 };
        let attributes = self
            .attributes
            .as_ref()
            .map(|each| write::set_of(Tag::context_constructed(0), each.clone()))
            .unwrap_or_default();
        let unsigned = if self.unsigned.is_empty() {
            Vec::new()
        } else {
            write::set_of(Tag::context_constructed(1), self.unsigned.clone())
        };
        write::sequence(&[
            &write::unsigned(version),
            &self.identifier,
            &write::algorithm_with_null(&self.digest),
            &attributes,
            &write::algorithm_with_null(&self.algorithm),
            &write::octet_string(&signature),
            &unsigned,
        ])
    }
}

/// PKCS#1 v1.5 with SHA-256 by a key of the PKI.
pub fn rsa(pki: &Pki, key: &str, signed: &[u8]) -> Vec<u8> {
    let pkcs8 = super::data::read_der(pki.file(key));
    let pair = RsaKeyPair::from_pkcs8(&pkcs8).expect("an RSA key");
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed, &mut signature).expect("signed");
    signature
}

impl Message {
    /// A right one by `name`, attached, with its certificate.
    pub fn new(pki: &Pki, name: &str, content: &[u8]) -> Self {
        Self {
            content_type: DATA,
            content: content.to_vec(),
            is_detached: false,
            certificates: vec![pki.certificate(name).der().to_vec()],
            signers: vec![Signer::new(pki, name, content)],
        }
    }

    pub fn encode(&self, pki: &Pki) -> Vec<u8> {
        let content =
            if self.is_detached { Vec::new() } else { write::explicit(0, &write::octet_string(&self.content)) };
        let signers = self.signers.iter().map(|signer| signer.encode(pki, &self.content)).collect();
        // The order of certificates is kept as given: it is what some tests are about.
        let signed = write::sequence(&[
            &write::unsigned(1),
            &write::set_of(Tag::SET, vec![write::algorithm_with_null(&SHA256)]),
            &write::sequence(&[&write::oid(&self.content_type), &content]),
            &write::tlv(Tag::context_constructed(0), &self.certificates.concat()),
            &write::set_of(Tag::SET, signers),
        ]);
        write::sequence(&[&write::oid(&SIGNED_DATA), &write::explicit(0, &signed)])
    }
}
