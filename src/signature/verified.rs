//! Content whose signatures were all proved: the only form in which the rest of the service may read signed bytes.

use std::sync::Arc;

use crate::pki::Certificate;
use crate::pki::subject::Identity;

/// Signed content of a message that is TOTAL-PASSED. Only validation makes one.
#[derive(Debug, Clone)]
pub struct VerifiedContent {
    bytes: Arc<[u8]>,
    signers: Vec<VerifiedSigner>,
}

/// A signer whose signature was proved.
#[derive(Debug, Clone)]
pub struct VerifiedSigner {
    certificate: Certificate,
    identity: Option<Identity>,
}

impl VerifiedSigner {
    pub(super) fn new(certificate: Certificate, identity: Option<Identity>) -> Self {
        Self { certificate, identity }
    }

    /// The certificate whose key verified the signature.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Whom that certificate names; `None` under a policy that does not interpret names.
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// Whether both are signatures of the same subject: of one person where a person is named, else of one name.
    fn is_same_subject(&self, other: &Self) -> bool {
        let iin = |signer: &Self| signer.identity.as_ref().and_then(|identity| identity.iin.clone());
        match (iin(self), iin(other)) {
            (Some(one), Some(another)) => one == another,
            _ => self.certificate.subject_raw() == other.certificate.subject_raw(),
        }
    }
}

impl VerifiedContent {
    pub(super) fn new(bytes: Arc<[u8]>, signers: Vec<VerifiedSigner>) -> Self {
        let mut distinct: Vec<VerifiedSigner> = Vec::with_capacity(signers.len());
        for signer in signers {
            if !distinct.iter().any(|known| known.is_same_subject(&signer)) {
                distinct.push(signer);
            }
        }
        Self { bytes, signers: distinct }
    }

    /// The content, byte for byte as it was signed.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The signers, each subject once: signing twice does not make two.
    pub fn signers(&self) -> &[VerifiedSigner] {
        &self.signers
    }
}
