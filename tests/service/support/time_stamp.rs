//! Time-stamp tokens put together piece by piece, at literal times.

use chrono::{DateTime, Utc};
use consular_registration::pki::Oid;
use consular_registration::pki::der::{Tag, write};
use ring::digest;

use super::forge::{self, Message, Signer};
use super::openssl::Pki;

/// id-ct-TSTInfo.
pub const TST_INFO: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 9, 16, 1, 4]);
/// id-aa-signatureTimeStampToken.
pub const SIGNATURE_TIME_STAMP: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 9, 16, 2, 14]);
/// id-aa-signingCertificate.
const SIGNING_CERTIFICATE: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 9, 16, 2, 12]);
/// The national policy of the present algorithm.
pub const POLICY: Oid = Oid::new(&[1, 2, 398, 3, 3, 2, 6, 4]);

/// What a token will say; every field may be exchanged before [`Self::encode`].
#[derive(Clone)]
pub struct Token {
    pub version: u64,
    pub policy: Oid,
    pub imprint: Vec<u8>,
    /// Encoded GeneralizedTime.
    pub time: Vec<u8>,
    pub nonce: Option<u64>,
    pub extensions: Vec<Vec<u8>>,
    /// Name of the authority in the PKI.
    pub authority: String,
    /// Encoded signing-certificate attribute, if any.
    pub names: Option<Vec<u8>>,
    pub content_type: Oid,
}

/// MessageImprint by SHA-256.
pub fn imprint(data: &[u8]) -> Vec<u8> {
    let digest = digest::digest(&digest::SHA256, data);
    write::sequence(&[&write::algorithm_with_null(&forge::SHA256), &write::octet_string(digest.as_ref())])
}

/// signing-certificate of version 1.
pub fn old_signing_certificate(der: &[u8]) -> Vec<u8> {
    let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, der);
    let identifier = write::sequence(&[&write::octet_string(digest.as_ref())]);
    forge::attribute(&SIGNING_CERTIFICATE, &[write::sequence(&[&write::sequence(&[&identifier])])])
}

impl Token {
    /// A right one over `data` by `authority`.
    pub fn new(pki: &Pki, authority: &str, data: &[u8], time: DateTime<Utc>) -> Self {
        Self {
            version: 1,
            policy: POLICY,
            imprint: imprint(data),
            time: write::generalized_time(time),
            nonce: None,
            extensions: Vec::new(),
            authority: authority.to_owned(),
            names: Some(forge::signing_certificate(pki.certificate(authority).sha256())),
            content_type: TST_INFO,
        }
    }

    /// The TSTInfo.
    pub fn info(&self) -> Vec<u8> {
        let extensions = match self.extensions.as_slice() {
            [] => Vec::new(),
            list => write::tlv(Tag::context_constructed(1), &list.concat()),
        };
        write::sequence(&[
            &write::unsigned(self.version),
            &write::oid(&self.policy),
            &self.imprint,
            &write::unsigned(77),
            &self.time,
            &self.nonce.map(write::unsigned).unwrap_or_default(),
            &extensions,
        ])
    }

    /// The message that the token is, before it is encoded.
    pub fn message(&self, pki: &Pki) -> Message {
        let content = self.info();
        let mut signer = Signer::new(pki, &self.authority, &content);
        signer.attributes = Some(vec![forge::content_type(&self.content_type), forge::message_digest(&content)]);
        signer.attributes.get_or_insert_default().extend(self.names.clone());
        Message {
            content_type: self.content_type,
            content,
            is_detached: false,
            certificates: vec![pki.certificate(&self.authority).der().to_vec()],
            signers: vec![signer],
        }
    }

    pub fn encode(&self, pki: &Pki) -> Vec<u8> {
        self.message(pki).encode(pki)
    }
}
