//! OCSP responses put together piece by piece, so that every piece can be wrong while the signature over them is right.

use chrono::{DateTime, TimeDelta, Utc};
use consular_registration::pki::der::{Reader, Tag, write};
use consular_registration::pki::{Certificate, Oid};
use ring::digest;

/// id-kp-OCSPSigning.
pub const OCSP_SIGNING: Oid = Oid::new(&[1, 3, 6, 1, 5, 5, 7, 3, 9]);
/// The nonce extension.
pub const NONCE: Oid = Oid::new(&[1, 3, 6, 1, 5, 5, 7, 48, 1, 2]);
/// The archive cutoff extension.
pub const ARCHIVE_CUTOFF: Oid = Oid::new(&[1, 3, 6, 1, 5, 5, 7, 48, 1, 6]);
const BASIC: Oid = Oid::new(&[1, 3, 6, 1, 5, 5, 7, 48, 1, 1]);
const SHA1: Oid = Oid::new(&[1, 3, 14, 3, 2, 26]);

/// `extKeyUsage` of one purpose.
pub fn extended_key_usage(purpose: &Oid, critical: bool) -> Vec<u8> {
    super::pki::extension(Oid::new(&[2, 5, 29, 37]), critical, &write::sequence(&[&write::oid(purpose)]))
}

fn sha1(data: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, data).as_ref().to_vec()
}

fn key_bits(certificate: &Certificate) -> &[u8] {
    let mut fields = Reader::new(certificate.spki()).sequence().expect("a key");
    fields.sequence().expect("an algorithm");
    fields.bit_string().expect("bits")
}

/// CertID by SHA-1.
pub fn certificate_id(certificate: &Certificate, issuer: &Certificate) -> Vec<u8> {
    certificate_id_by(&SHA1, sha1, certificate, issuer)
}

/// CertID by any digest.
pub fn certificate_id_by(
    algorithm: &Oid,
    digest: impl Fn(&[u8]) -> Vec<u8>,
    certificate: &Certificate,
    issuer: &Certificate,
) -> Vec<u8> {
    write::sequence(&[
        &write::algorithm_with_null(algorithm),
        &write::octet_string(&digest(certificate.issuer_raw())),
        &write::octet_string(&digest(key_bits(issuer))),
        &write::integer_content(certificate.serial()),
    ])
}

/// `good`.
pub fn good() -> Vec<u8> {
    write::tlv(Tag::context(0), &[])
}

/// `unknown`.
pub fn unknown() -> Vec<u8> {
    write::tlv(Tag::context(2), &[])
}

/// `revoked` at a time, for a reason.
pub fn revoked(at: DateTime<Utc>, reason: Option<u8>) -> Vec<u8> {
    let reason = reason.map(|code| write::explicit(0, &write::tlv(Tag::ENUMERATED, &[code]))).unwrap_or_default();
    write::tlv(Tag::context_constructed(1), &[write::generalized_time(at), reason].concat())
}

/// One status of a response.
#[derive(Clone)]
pub struct Single {
    pub id: Vec<u8>,
    pub status: Vec<u8>,
    pub this_update: DateTime<Utc>,
    pub next_update: Option<DateTime<Utc>>,
    pub extensions: Vec<Vec<u8>>,
}

/// What a response will say.
#[derive(Clone)]
pub struct Response {
    pub status: u8,
    pub version: Option<u64>,
    pub responder: Vec<u8>,
    pub produced_at: DateTime<Utc>,
    pub singles: Vec<Single>,
    pub extensions: Vec<Vec<u8>>,
    pub certificates: Vec<Vec<u8>>,
}

impl Response {
    /// About `certificate`, in the name of `responder`, of `at` and good for a day.
    pub fn new(
        certificate: &Certificate,
        issuer: &Certificate,
        responder: &Certificate,
        status: Vec<u8>,
        at: DateTime<Utc>,
    ) -> Self {
        let single = Single {
            id: certificate_id(certificate, issuer),
            status,
            this_update: at,
            next_update: Some(at + TimeDelta::days(1)),
            extensions: Vec::new(),
        };
        Self {
            status: 0,
            version: None,
            responder: write::explicit(1, responder.subject_raw()),
            produced_at: at,
            singles: vec![single],
            extensions: Vec::new(),
            certificates: if responder == issuer { Vec::new() } else { vec![responder.der().to_vec()] },
        }
    }

    /// The same in the name of a key.
    pub fn by_key_of(mut self, responder: &Certificate) -> Self {
        self.responder = write::explicit(2, &write::octet_string(&sha1(key_bits(responder))));
        self
    }

    /// Changes the one status.
    pub fn single(mut self, change: impl FnOnce(&mut Single)) -> Self {
        change(&mut self.singles[0]);
        self
    }

    /// BasicOCSPResponse, signed by `sign` under the algorithm identifier given.
    pub fn basic(&self, algorithm: &[u8], sign: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
        let extensions = |list: &[Vec<u8>]| match list {
            [] => Vec::new(),
            list => write::explicit(1, &write::tlv(Tag::SEQUENCE, &list.concat())),
        };
        let singles: Vec<Vec<u8>> = self
            .singles
            .iter()
            .map(|single| {
                let next = single.next_update.map(|next| write::explicit(0, &write::generalized_time(next)));
                write::sequence(&[
                    &single.id,
                    &single.status,
                    &write::generalized_time(single.this_update),
                    &next.unwrap_or_default(),
                    &extensions(&single.extensions),
                ])
            })
            .collect();
        let tbs = write::sequence(&[
            &self.version.map(|version| write::explicit(0, &write::unsigned(version))).unwrap_or_default(),
            &self.responder,
            &write::generalized_time(self.produced_at),
            &write::tlv(Tag::SEQUENCE, &singles.concat()),
            &extensions(&self.extensions),
        ]);
        let certificates = match self.certificates.as_slice() {
            [] => Vec::new(),
            list => write::explicit(0, &write::tlv(Tag::SEQUENCE, &list.concat())),
        };
        write::sequence(&[&tbs, algorithm, &write::bit_string(&sign(&tbs)), &certificates])
    }

    /// OCSPResponse around it.
    pub fn encode(&self, algorithm: &[u8], sign: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
        let status = write::tlv(Tag::ENUMERATED, &[self.status]);
        if self.status != 0 {
            return write::sequence(&[&status]);
        }
        let basic = write::octet_string(&self.basic(algorithm, sign));
        write::sequence(&[&status, &write::explicit(0, &write::sequence(&[&write::oid(&BASIC), &basic]))])
    }
}
