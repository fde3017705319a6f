//! An authority of the run, which signs whatever a target hands it: what lies behind a signature check is out of reach of a
//! fuzzer that cannot sign.

use std::sync::LazyLock;

use rcgen::{CertificateParams, DnType, IsCa, Issuer, KeyPair, PKCS_ED25519, SigningKey};

use crate::pki::der::write;
use crate::pki::{Certificate, Oid};

/// id-Ed25519 (RFC 8410 §3): quick, and the same every time.
const ED25519: Oid = Oid::new(&[1, 3, 101, 112]);

/// A certification authority with one end entity.
pub struct Authority {
    key: KeyPair,
    certificate: Certificate,
    end_entity: Certificate,
}

static AUTHORITY: LazyLock<Authority> = LazyLock::new(Authority::new);

impl Authority {
    /// The one of this run.
    pub fn get() -> &'static Self {
        &AUTHORITY
    }

    fn new() -> Self {
        let parameters = |name: &str| {
            let mut parameters = CertificateParams::default();
            parameters.distinguished_name.push(DnType::CommonName, name);
            parameters
        };
        let key = KeyPair::generate_for(&PKCS_ED25519).expect("a key");
        let mut authority = parameters("authority");
        authority.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let certificate = authority.self_signed(&key).expect("a certificate");
        let issuer = Issuer::from_params(&authority, &key);
        let end_entity_key = KeyPair::generate_for(&PKCS_ED25519).expect("a key");
        let end_entity = parameters("end entity").signed_by(&end_entity_key, &issuer).expect("a certificate");
        let read = |der: &[u8]| Certificate::from_der(der).expect("a certificate");
        Self { certificate: read(certificate.der()), end_entity: read(end_entity.der()), key }
    }

    /// Its own certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// A certificate it issued.
    pub fn end_entity(&self) -> &Certificate {
        &self.end_entity
    }

    /// The algorithm by which it signs, encoded.
    pub fn algorithm() -> Vec<u8> {
        write::sequence(&[&write::oid(&ED25519)])
    }

    /// `SIGNED { … }` of X.509: the octets, the algorithm and the signature.
    pub fn sign(&self, tbs: &[u8]) -> Vec<u8> {
        let signature = self.key.sign(tbs).expect("a signature");
        write::sequence(&[tbs, &Self::algorithm(), &write::bit_string(&signature)])
    }
}
