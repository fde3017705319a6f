//! Who may answer for an issuer (RFC 6960 §4.2.2.2): the issuer itself, or whom it delegated; and whether they signed.

use chrono::{DateTime, Utc};

use super::{Ignored, OcspResponse};
use crate::pki::Oid;
use crate::pki::algorithm::{AlgorithmError, AlgorithmIdentifier, CryptographicConstraints, SignatureAlgorithm};
use crate::pki::certificate::Certificate;

/// id-kp-OCSPSigning (§4.2.2.2).
const OCSP_SIGNING: Oid = Oid::new(&[1, 3, 6, 1, 5, 5, 7, 3, 9]);
/// Signatures tried for one response: junk certificates must not buy unlimited work.
const MAX_TRIALS: usize = 8;

/// Who signed a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Responder {
    /// The issuer of the certificate.
    Issuer(Certificate),
    /// A responder whose certificate the issuer signed for this. Whether that certificate is revoked is still open.
    Delegate(Certificate),
}

impl Responder {
    /// The responder's certificate.
    pub fn certificate(&self) -> &Certificate {
        match self {
            Self::Issuer(certificate) | Self::Delegate(certificate) => certificate,
        }
    }
}

/// A response whose signature holds under an authorised responder's key.
#[derive(Debug, Clone)]
pub struct Authorised<'a> {
    pub(super) response: &'a OcspResponse,
    responder: Responder,
    /// The authority the responder may answer for.
    pub(super) issuer: &'a Certificate,
}

impl Authorised<'_> {
    /// Who signed the response.
    pub fn responder(&self) -> &Responder {
        &self.responder
    }
}

impl OcspResponse {
    /// Finds the responder among the issuer, the certificates in the response and `candidates`, and verifies the signature.
    ///
    /// A delegate's certificate must be signed by the issuer's own key, name id-kp-OCSPSigning (`anyExtendedKeyUsage` is not
    /// taken for it), and be valid when the response was produced and, should that be later, at `time`.
    ///
    /// # Errors
    /// The most telling [`Ignored`] of those that stood in the way.
    pub fn authorise<'a>(
        &'a self,
        issuer: &'a Certificate,
        candidates: &[Certificate],
        time: DateTime<Utc>,
        algorithms: &CryptographicConstraints,
    ) -> Result<Authorised<'a>, Ignored> {
        let mut refusal = Ignored::NoResponder;
        let everybody = std::iter::once(issuer).chain(self.certificates()).chain(candidates);
        for candidate in everybody.filter(|candidate| self.responder.names(candidate)).take(MAX_TRIALS) {
            let authorised = self
                .is_signed_by(candidate)
                .and_then(|()| accept(&self.algorithm, candidate, time, algorithms))
                .map_err(Ignored::from)
                .and_then(|()| self.role(candidate, issuer, time, algorithms));
            match authorised {
                Ok(responder) => return Ok(Authorised { response: self, responder, issuer }),
                Err(reason) if reason.rank() > refusal.rank() => refusal = reason,
                Err(_) => {}
            }
        }
        Err(refusal)
    }

    fn is_signed_by(&self, signer: &Certificate) -> Result<(), AlgorithmError> {
        let algorithm = SignatureAlgorithm::resolve(&self.algorithm)?;
        algorithm.verify(signer.public_key()?, &self.tbs, &self.signature)
    }

    /// What the certificate whose key signed the response is to the issuer.
    fn role(
        &self,
        signer: &Certificate,
        issuer: &Certificate,
        time: DateTime<Utc>,
        algorithms: &CryptographicConstraints,
    ) -> Result<Responder, Ignored> {
        if signer.spki() == issuer.spki() && signer.subject_canonical() == issuer.subject_canonical() {
            // An authority may be barred from signing anything but certificates and lists; answering is neither.
            return Ok(Responder::Issuer(signer.clone()));
        }
        if !signer.is_named_issuer(issuer) {
            return Err(Ignored::OtherAuthority);
        }
        signer.verify_signed_by(issuer).map_err(|_| Ignored::OtherAuthority)?;
        accept(signer.signature_algorithm(), issuer, time, algorithms)?;
        if !signer.extended_key_usage().is_some_and(|usage| usage.contains(&OCSP_SIGNING)) {
            return Err(Ignored::NotForOcsp);
        }
        if signer.key_usage().is_some_and(|usage| !usage.digital_signature() && !usage.non_repudiation()) {
            return Err(Ignored::NotForOcsp);
        }
        if let Some(oid) = signer.unknown_critical_extensions().first() {
            return Err(Ignored::CriticalExtension(*oid));
        }
        let is_valid =
            |at: DateTime<Utc>| signer.not_before() <= at && at.timestamp() <= signer.not_after().timestamp();
        if !is_valid(self.produced_at) || !is_valid(time.max(self.produced_at)) {
            return Err(Ignored::ResponderOutOfValidity);
        }
        Ok(Responder::Delegate(signer.clone()))
    }
}

/// Whether a signature that verified still proves something.
fn accept(
    algorithm: &AlgorithmIdentifier,
    signer: &Certificate,
    time: DateTime<Utc>,
    algorithms: &CryptographicConstraints,
) -> Result<(), AlgorithmError> {
    algorithms.check(SignatureAlgorithm::resolve(algorithm)?, signer.public_key()?, time)
}
