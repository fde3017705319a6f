//! TLS for callers: TLS 1.3 and 1.2 by ring, a client certificate always required (RFC 8446 §4.3.2), HTTP/2 by ALPN (RFC 7301).
//!
//! Makes one immutable `ServerConfig`; a change of anchors, revocation lists or of the server's own key makes another, which the
//! listener takes for the next handshake. No session is ever resumed: resumption would skip the verification of the caller's certificate.
//!
//! Revocation, once there is any list for callers: a list past its nextUpdate tells nothing, a certificate that no list covers is denied,
//! and where every anchor has its list the authorities below it are looked up too. A list that cannot be read is left out, which
//! denies the callers of its issuer and nobody else.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoServerSessionStorage, VerifierBuilderError, WebPkiClientVerifier};
use rustls::time_provider::TimeProvider;
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig, SignatureScheme,
};

use crate::clock::SharedClock;
use crate::pki::{Certificate, CertificateRevocationList};

/// The configuration that the next handshake uses; replaced as a whole.
pub type SharedTls = Arc<ArcSwap<ServerConfig>>;

/// Why no TLS configuration could be made.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The server's certificate file has no certificate, or not as PEM.
    #[error("the server certificate is not a PEM certificate chain: {0}")]
    Certificate(String),
    /// The server's key file has no private key in PEM.
    #[error("the server key is not a PEM private key: {0}")]
    Key(String),
    /// An anchor that cannot serve as one.
    #[error("an anchor for callers is unusable: {0}")]
    Anchor(rustls::Error),
    /// Without an anchor nobody could ever connect.
    #[error("there is no active anchor for callers")]
    NoAnchor,
    /// The verifier refuses the revocation lists.
    #[error("the verifier of callers cannot be made: {0}")]
    Verifier(#[from] VerifierBuilderError),
    /// Key and certificate do not go together, or the key type is unknown.
    #[error("the server identity is unusable: {0}")]
    Identity(#[from] rustls::Error),
}

/// The server's own certificate chain and private key.
pub struct ServerIdentity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl fmt::Debug for ServerIdentity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ServerIdentity").field("certificates", &self.chain.len()).finish_non_exhaustive()
    }
}

impl ServerIdentity {
    /// Reads a chain (end entity first) and a PKCS#8, PKCS#1 or SEC1 key, both PEM.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<_, _>>()
            .map_err(|error| TlsError::Certificate(error.to_string()))?;
        if chain.is_empty() {
            return Err(TlsError::Certificate("no certificate found".to_owned()));
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| TlsError::Key(error.to_string()))?;
        Ok(Self { chain, key })
    }
}

/// What to make of a caller's certificate that no revocation list speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownRevocation {
    /// The handshake fails.
    Deny,
    /// The certificate is taken as not revoked.
    Allow,
}

/// What callers' certificates are verified against. Paths to an anchor (RFC 5280 §6) are built from the intermediates that the caller sends.
#[derive(Debug, Clone)]
pub struct CallerTrust<'a> {
    /// The active anchors for callers, DER.
    pub anchors: Vec<&'a [u8]>,
    /// Revocation lists of their issuers, DER; with none at all revocation is not looked at.
    pub revocation_lists: Vec<&'a [u8]>,
    /// What to do where the lists are silent.
    pub unknown_revocation: UnknownRevocation,
}

/// Makes the configuration for one identity and one state of trust. `clock` decides whether certificates are within their validity.
pub fn server_config(
    identity: &ServerIdentity,
    trust: &CallerTrust<'_>,
    clock: SharedClock,
) -> Result<ServerConfig, TlsError> {
    if trust.anchors.is_empty() {
        return Err(TlsError::NoAnchor);
    }
    let mut roots = RootCertStore::empty();
    let mut unusable = None;
    for anchor in &trust.anchors {
        if let Err(error) = roots.add(CertificateDer::from_slice(anchor).into_owned()) {
            tracing::error!(%error, "an anchor for callers is left out: its callers are denied");
            unusable = Some(error);
        }
    }
    if let (true, Some(error)) = (roots.is_empty(), unusable) {
        return Err(TlsError::Anchor(error));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = verifier_of_callers(trust, &Arc::new(roots), &provider)?;
    configuration(identity, verifier, provider, clock)
}

/// The configuration under which no caller is verified: for the time in which nothing is known to verify callers by.
pub fn closed_server_config(identity: &ServerIdentity, clock: SharedClock) -> Result<ServerConfig, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    configuration(identity, Arc::new(Nobody(Arc::clone(&provider))), provider, clock)
}

fn verifier_of_callers(
    trust: &CallerTrust<'_>,
    roots: &Arc<RootCertStore>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let builder = || WebPkiClientVerifier::builder_with_provider(Arc::clone(roots), Arc::clone(provider));
    let owned = |list: &&[u8]| CertificateRevocationListDer::from(list.to_vec());
    let is_readable = |list: &&[u8]| match builder().with_crls([owned(list)]).build() {
        Ok(_) => true,
        Err(error) => {
            tracing::error!(%error, "a revocation list for callers is left out: callers of its issuer are denied");
            false
        }
    };
    let lists: Vec<&[u8]> = trust.revocation_lists.iter().copied().filter(is_readable).collect();
    if lists.is_empty() && !trust.revocation_lists.is_empty() {
        // Without a list the verifier would not look at revocation at all.
        return Ok(Arc::new(Nobody(Arc::clone(provider))));
    }
    let mut verifier = builder().with_crls(lists.iter().map(owned)).enforce_revocation_expiration();
    if !every_anchor_has_a_list(&trust.anchors, &lists) {
        verifier = verifier.only_check_end_entity_revocation();
    }
    if trust.unknown_revocation == UnknownRevocation::Allow {
        verifier = verifier.allow_unknown_revocation_status();
    }
    Ok(verifier.build()?)
}

/// Whether the authorities right below each anchor can be looked up.
fn every_anchor_has_a_list(anchors: &[&[u8]], lists: &[&[u8]]) -> bool {
    let lists: Vec<_> = lists.iter().filter_map(|der| CertificateRevocationList::from_der(der.to_vec()).ok()).collect();
    anchors
        .iter()
        .filter_map(|der| Certificate::from_der(der).ok())
        .all(|anchor| lists.iter().any(|list| list.is_issued_by_name_of(&anchor)))
}

fn configuration(
    identity: &ServerIdentity,
    verifier: Arc<dyn ClientCertVerifier>,
    provider: Arc<CryptoProvider>,
    clock: SharedClock,
) -> Result<ServerConfig, TlsError> {
    let mut config = ServerConfig::builder_with_details(provider, Arc::new(ClockTime(clock)))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_client_cert_verifier(verifier)
        .with_single_cert(identity.chain.clone(), identity.key.clone_key())?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// Verifies nobody.
#[derive(Debug)]
struct Nobody(Arc<CryptoProvider>);

impl Nobody {
    fn refusal() -> rustls::Error {
        CertificateError::UnknownRevocationStatus.into()
    }
}

impl ClientCertVerifier for Nobody {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Err(Self::refusal())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(Self::refusal())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(Self::refusal())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// The service's clock as rustls wants to see it: the sandbox's time holds for TLS certificates too.
struct ClockTime(SharedClock);

impl fmt::Debug for ClockTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ClockTime")
    }
}

impl TimeProvider for ClockTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().timestamp()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}
