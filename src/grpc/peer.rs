//! Who is at the other end of a connection: what its TLS certificate says, and nothing else.
//!
//! Worked out once per connection, right after the handshake. Metadata of a call never adds to it.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::CertificateDer;

use crate::pki::Certificate;
use crate::pki::subject::Identity;

/// The other end of a connection.
#[derive(Debug, Clone)]
pub enum Peer {
    /// A connection without TLS; the listener allows it on loopback in the sandbox only.
    Plaintext(SocketAddr),
    /// A connection whose TLS certificate was verified against the anchors for callers.
    Certificate(Arc<PeerCertificate>),
}

/// What of a verified TLS client certificate tells callers apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerCertificate {
    /// SHA-256 of the certificate's DER, lower-case hexadecimal.
    pub sha256: String,
    /// Object identifier of the information system in the subject's UID attribute, where the national profile has one.
    pub information_system: Option<String>,
}

impl PeerCertificate {
    /// Reads a certificate that the handshake has verified. A subject that the national profile does not know
    /// leaves only the fingerprint to go by.
    pub fn read(certificate: &CertificateDer<'_>) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, certificate);
        Self { sha256: hex::encode(digest), information_system: information_system(certificate) }
    }
}

fn information_system(certificate: &[u8]) -> Option<String> {
    let certificate = Certificate::from_der(certificate).ok()?;
    Some(Identity::of(&certificate).ok()?.information_system?.to_string())
}
