//! A PKI minted for tests with the DER writer and ECDSA P-256, so that any field can be wrong on purpose.

use chrono::{DateTime, TimeDelta, Utc};
use consular_registration::pki::der::{Tag, write};
use consular_registration::pki::{Certificate, CertificateRevocationList, Oid};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

const EC_PUBLIC_KEY: Oid = Oid::new(&[1, 2, 840, 10045, 2, 1]);
const P256: Oid = Oid::new(&[1, 2, 840, 10045, 3, 1, 7]);
/// ecdsa-with-SHA256.
pub const ECDSA_SHA256: Oid = Oid::new(&[1, 2, 840, 10045, 4, 3, 2]);
/// ecdsa-with-SHA384, for certificates that contradict themselves.
pub const ECDSA_SHA384: Oid = Oid::new(&[1, 2, 840, 10045, 4, 3, 3]);

/// `basicConstraints` and the other extensions tests set by hand.
pub const BASIC_CONSTRAINTS: Oid = Oid::new(&[2, 5, 29, 19]);
/// `keyUsage`.
pub const KEY_USAGE: Oid = Oid::new(&[2, 5, 29, 15]);
/// `subjectKeyIdentifier`.
pub const SUBJECT_KEY_IDENTIFIER: Oid = Oid::new(&[2, 5, 29, 14]);
/// `authorityKeyIdentifier`.
pub const AUTHORITY_KEY_IDENTIFIER: Oid = Oid::new(&[2, 5, 29, 35]);

/// A literal time.
pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

/// The time most tests ask about.
pub fn now() -> DateTime<Utc> {
    at("2026-06-01T12:00:00Z")
}

/// A key pair.
pub struct Key(EcdsaKeyPair);

impl Key {
    /// A fresh key.
    pub fn generate() -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).expect("a key");
        Self::from_pkcs8(pkcs8.as_ref())
    }

    /// A key that somebody else holds too.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Self {
        let random = SystemRandom::new();
        Self(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8, &random).expect("a key"))
    }

    fn spki(&self) -> Vec<u8> {
        let algorithm = write::sequence(&[&write::oid(&EC_PUBLIC_KEY), &write::oid(&P256)]);
        write::sequence(&[&algorithm, &write::bit_string(self.0.public_key().as_ref())])
    }

    /// An identifier for the key: its last twenty octets will do.
    pub fn identifier(&self) -> Vec<u8> {
        self.0.public_key().as_ref()[45..].to_vec()
    }

    /// A signature by ECDSA with SHA-256.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(&SystemRandom::new(), message).expect("a signature").as_ref().to_vec()
    }
}

/// A Name of one common name.
pub fn name(common_name: &str) -> Vec<u8> {
    name_of(&[(Oid::new(&[2, 5, 4, 3]), Tag::UTF8_STRING, common_name.as_bytes())])
}

/// A Name of any attributes, each in an RDN of its own.
pub fn name_of(attributes: &[(Oid, Tag, &[u8])]) -> Vec<u8> {
    let rdns: Vec<u8> = attributes
        .iter()
        .flat_map(|(oid, tag, value)| {
            write::set_of(Tag::SET, vec![write::sequence(&[&write::oid(oid), &write::tlv(*tag, value)])])
        })
        .collect();
    write::tlv(Tag::SEQUENCE, &rdns)
}

/// An extension by identifier, criticality and content.
pub fn extension(oid: Oid, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { write::boolean(true) } else { Vec::new() };
    write::sequence(&[&write::oid(&oid), &critical, &write::octet_string(value)])
}

/// `basicConstraints` of an authority.
pub fn authority(path_length: Option<u64>) -> Vec<u8> {
    let limit = path_length.map(write::unsigned).unwrap_or_default();
    extension(BASIC_CONSTRAINTS, true, &write::sequence(&[&write::boolean(true), &limit]))
}

/// `keyUsage` with the given bits of the first octet.
pub fn key_usage(bits: u8) -> Vec<u8> {
    let unused = u8::try_from(bits.trailing_zeros()).expect("at most eight");
    extension(KEY_USAGE, true, &write::tlv(Tag::BIT_STRING, &[unused, bits]))
}

/// keyCertSign and cRLSign.
pub const CERTIFICATES_AND_LISTS: u8 = 0b0000_0110;
/// cRLSign.
pub const LISTS: u8 = 0b0000_0010;
/// digitalSignature and nonRepudiation.
pub const SIGNATURES: u8 = 0b1100_0000;

/// `subjectKeyIdentifier`.
pub fn subject_key(identifier: &[u8]) -> Vec<u8> {
    extension(SUBJECT_KEY_IDENTIFIER, false, &write::octet_string(identifier))
}

/// `authorityKeyIdentifier` with a key identifier.
pub fn authority_key(identifier: &[u8]) -> Vec<u8> {
    extension(AUTHORITY_KEY_IDENTIFIER, false, &write::sequence(&[&write::tlv(Tag::context(0), identifier)]))
}

/// What a certificate will say.
pub struct Template {
    /// `version`; 2 is v3.
    pub version: u64,
    /// Content octets of the serial number.
    pub serial: Vec<u8>,
    /// Subject Name.
    pub subject: Vec<u8>,
    /// Start of validity.
    pub not_before: DateTime<Utc>,
    /// End of validity.
    pub not_after: DateTime<Utc>,
    /// Encoded extensions in order.
    pub extensions: Vec<Vec<u8>>,
    /// Algorithm named inside.
    pub inner_algorithm: Oid,
}

impl Template {
    /// Anything named `subject`, valid around [`now`], without extensions.
    pub fn new(subject: Vec<u8>) -> Self {
        Self {
            version: 2,
            serial: vec![0x11],
            subject,
            not_before: now() - TimeDelta::days(30),
            not_after: now() + TimeDelta::days(365),
            extensions: Vec::new(),
            inner_algorithm: ECDSA_SHA256,
        }
    }

    /// An authority whose key is `key`.
    pub fn authority(subject: Vec<u8>, key: &Key) -> Self {
        Self::new(subject)
            .with(authority(None))
            .with(key_usage(CERTIFICATES_AND_LISTS))
            .with(subject_key(&key.identifier()))
    }

    /// A signer.
    pub fn signer(subject: Vec<u8>) -> Self {
        Self::new(subject).with(key_usage(SIGNATURES))
    }

    /// Adds an extension.
    pub fn with(mut self, extension: Vec<u8>) -> Self {
        self.extensions.push(extension);
        self
    }

    /// Sets the serial number.
    pub fn serial(mut self, content: &[u8]) -> Self {
        self.serial = content.to_vec();
        self
    }

    /// Sets the validity period.
    pub fn valid(mut self, from: &str, until: &str) -> Self {
        (self.not_before, self.not_after) = (at(from), at(until));
        self
    }

    /// Signs the certificate of `key` in the name of `issuer`; returns DER.
    pub fn issue_der(&self, key: &Key, issuer: &[u8], issuer_key: &Key) -> Vec<u8> {
        let version = if self.version == 0 { Vec::new() } else { write::explicit(0, &write::unsigned(self.version)) };
        let extensions: Vec<&[u8]> = self.extensions.iter().map(Vec::as_slice).collect();
        let extensions =
            if extensions.is_empty() { Vec::new() } else { write::explicit(3, &write::sequence(&extensions)) };
        let tbs = write::sequence(&[
            &version,
            &write::integer_content(&self.serial),
            &write::sequence(&[&write::oid(&self.inner_algorithm)]),
            issuer,
            &write::sequence(&[&write::time(self.not_before), &write::time(self.not_after)]),
            &self.subject,
            &key.spki(),
            &extensions,
        ]);
        signed(&tbs, issuer_key)
    }

    /// As [`issue_der`](Self::issue_der), read.
    pub fn issue(&self, key: &Key, issuer: &[u8], issuer_key: &Key) -> Certificate {
        Certificate::from_der(&self.issue_der(key, issuer, issuer_key)).expect("the minted certificate is well formed")
    }
}

fn signed(tbs: &[u8], key: &Key) -> Vec<u8> {
    write::sequence(&[tbs, &write::sequence(&[&write::oid(&ECDSA_SHA256)]), &write::bit_string(&key.sign(tbs))])
}

/// An authority with its key and certificate.
pub struct Authority {
    /// Its name.
    pub name: Vec<u8>,
    /// Its key.
    pub key: Key,
    /// Its certificate.
    pub certificate: Certificate,
}

impl Authority {
    /// A self-signed root.
    pub fn root(common_name: &str) -> Self {
        let (name, key) = (name(common_name), Key::generate());
        let certificate = Template::authority(name.clone(), &key).issue(&key, &name, &key);
        Self { name, key, certificate }
    }

    /// An intermediate by a template made from its name and key.
    pub fn below(&self, common_name: &str, template: impl FnOnce(Template) -> Template) -> Self {
        let (name, key) = (name(common_name), Key::generate());
        let plain = Template::authority(name.clone(), &key).with(authority_key(&self.key.identifier()));
        let certificate = template(plain).issue(&key, &self.name, &self.key);
        Self { name, key, certificate }
    }

    /// A certificate for a fresh key.
    pub fn issue(&self, template: &Template) -> Certificate {
        template.issue(&Key::generate(), &self.name, &self.key)
    }

    /// A signer's certificate for a fresh key.
    pub fn signer(&self, common_name: &str) -> Certificate {
        self.issue(&Template::signer(name(common_name)))
    }
}

/// What a revocation list will say.
pub struct ListTemplate {
    /// `cRLNumber`.
    pub number: u64,
    /// Whether `cRLNumber` is there.
    pub has_number: bool,
    /// `thisUpdate`.
    pub this_update: DateTime<Utc>,
    /// `nextUpdate`.
    pub next_update: Option<DateTime<Utc>>,
    /// Serial content octets, revocation date, reason code.
    pub entries: Vec<(Vec<u8>, DateTime<Utc>, Option<u8>)>,
    /// Encoded extensions beside the number.
    pub extensions: Vec<Vec<u8>>,
    /// Encoded extensions of every entry.
    pub entry_extensions: Vec<Vec<u8>>,
    /// Encoded extensions of the first entry alone.
    pub first_entry_extensions: Vec<Vec<u8>>,
}

impl ListTemplate {
    /// A list of this number, valid for a day around [`now`].
    pub fn new(number: u64) -> Self {
        Self {
            number,
            has_number: true,
            this_update: now() - TimeDelta::hours(12),
            next_update: Some(now() + TimeDelta::hours(12)),
            entries: Vec::new(),
            extensions: Vec::new(),
            entry_extensions: Vec::new(),
            first_entry_extensions: Vec::new(),
        }
    }

    /// Adds an entry.
    pub fn revoke(mut self, serial: &[u8], date: DateTime<Utc>, reason: Option<u8>) -> Self {
        self.entries.push((serial.to_vec(), date, reason));
        self
    }

    /// Adds an extension.
    pub fn with(mut self, extension: Vec<u8>) -> Self {
        self.extensions.push(extension);
        self
    }

    /// Leaves `cRLNumber` out.
    pub fn numberless(mut self) -> Self {
        self.has_number = false;
        self
    }

    /// Signs the list; returns DER.
    pub fn issue_der(&self, issuer: &Authority) -> Vec<u8> {
        let mut entries = Vec::new();
        for (index, (serial, date, reason)) in self.entries.iter().enumerate() {
            let reason =
                reason.map(|code| extension(Oid::new(&[2, 5, 29, 21]), false, &write::tlv(Tag::ENUMERATED, &[code])));
            let first = if index == 0 { self.first_entry_extensions.concat() } else { Vec::new() };
            let extensions = [reason.unwrap_or_default(), self.entry_extensions.concat(), first].concat();
            let extensions = if extensions.is_empty() { extensions } else { write::tlv(Tag::SEQUENCE, &extensions) };
            entries.extend(write::sequence(&[&write::integer_content(serial), &write::time(*date), &extensions]));
        }
        let entries = if entries.is_empty() { entries } else { write::tlv(Tag::SEQUENCE, &entries) };
        let number = extension(Oid::new(&[2, 5, 29, 20]), false, &write::unsigned(self.number));
        let extensions = [if self.has_number { number } else { Vec::new() }, self.extensions.concat()].concat();
        let extensions = if extensions.is_empty() {
            extensions
        } else {
            write::explicit(0, &write::tlv(Tag::SEQUENCE, &extensions))
        };
        let tbs = write::sequence(&[
            &write::unsigned(1),
            &write::sequence(&[&write::oid(&ECDSA_SHA256)]),
            &issuer.name,
            &write::time(self.this_update),
            &self.next_update.map(write::time).unwrap_or_default(),
            &entries,
            &extensions,
        ]);
        signed(&tbs, &issuer.key)
    }

    /// As [`issue_der`](Self::issue_der), read.
    pub fn issue(&self, issuer: &Authority) -> std::sync::Arc<CertificateRevocationList> {
        std::sync::Arc::new(
            CertificateRevocationList::from_der(self.issue_der(issuer)).expect("the minted list is well formed"),
        )
    }
}
