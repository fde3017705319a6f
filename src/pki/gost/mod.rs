//! GOST R 34.10-2012 signatures (СТ РК ГОСТ Р 34.10-2015, ГОСТ 34.310-2004) in exactly the national encodings.
//!
//! A key is `04 len ‖ x ‖ y` inside the BIT STRING, a signature is r ‖ s, a digest is read as an integer: all of them
//! little-endian. The Russian encodings (RFC 9215) are the byte reversal of these; their decoder is not here and must not be, so
//! that neither kind is ever taken for the other.
//!
//! Only public values pass through: nothing here is constant-time. [`PrivateKey`] makes signatures for the sandbox and for tests, and
//! must not be given a key of value.

mod domain;
mod field;
mod inverse;
mod point;
mod private_key;

use std::sync::Arc;

use self::domain::{A256, A512, CRYPTO_PRO_A, Point};
use super::algorithm::{AlgorithmError, AlgorithmIdentifier, DigestAlgorithm, Parameters};
use super::der::Reader;
use super::oid::Oid;
pub use private_key::PrivateKey;

/// A set of domain parameters under its national identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParameterSet {
    /// id-tc26-gost-3410-12-512-paramSetA: every key issued now.
    A512,
    /// id-tc26-gost-3410-2012-256-paramSetA.
    A256,
    /// id-GostR3410-2001-CryptoPro-A: ГОСТ 34.310-2004, the keys of before 2022.
    CryptoProA,
}

/// A row: what SubjectPublicKeyInfo says of keys of one set, and the digest that belongs to it.
struct Row {
    set: ParameterSet,
    name: &'static str,
    key: Oid,
    curve: Oid,
    /// What stands beside the curve: the digest, or for GOST 34.311-95 its S-box.
    digest_parameter: Oid,
    digest: DigestAlgorithm,
    signature: Oid,
    bits: usize,
}

const TEST_S_BOX: Oid = Oid::new(&[1, 2, 398, 3, 10, 1, 3, 1, 1, 0]);

#[rustfmt::skip]
static ROWS: [Row; 3] = [
    Row {
        set: ParameterSet::A512, name: "GOST R 34.10-2015 512", bits: 512,
        key: Oid::new(&[1, 2, 398, 3, 10, 1, 1, 2, 2]), curve: Oid::new(&[1, 2, 398, 3, 10, 1, 1, 2, 2, 1]),
        digest_parameter: Oid::new(&[1, 2, 398, 3, 10, 1, 3, 3]), digest: DigestAlgorithm::Streebog512,
        signature: Oid::new(&[1, 2, 398, 3, 10, 1, 1, 2, 3, 2]),
    },
    Row {
        set: ParameterSet::A256, name: "GOST R 34.10-2015 256", bits: 256,
        key: Oid::new(&[1, 2, 398, 3, 10, 1, 1, 2, 1]), curve: Oid::new(&[1, 2, 398, 3, 10, 1, 1, 2, 1, 1]),
        digest_parameter: Oid::new(&[1, 2, 398, 3, 10, 1, 3, 2]), digest: DigestAlgorithm::Streebog256,
        signature: Oid::new(&[1, 2, 398, 3, 10, 1, 1, 2, 3, 1]),
    },
    Row {
        set: ParameterSet::CryptoProA, name: "GOST 34.310-2004", bits: 256,
        key: Oid::new(&[1, 2, 398, 3, 10, 1, 1, 1, 1]), curve: Oid::new(&[1, 2, 398, 3, 10, 1, 1, 1, 1, 1]),
        digest_parameter: TEST_S_BOX, digest: DigestAlgorithm::Gost34311,
        signature: Oid::new(&[1, 2, 398, 3, 10, 1, 1, 1, 2]),
    },
];

impl ParameterSet {
    fn row(self) -> &'static Row {
        ROWS.iter().find(|row| row.set == self).unwrap_or(&ROWS[0])
    }

    /// Its name for people.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Bits of a coordinate: 512 or 256.
    pub fn bits(self) -> usize {
        self.row().bits
    }

    /// The one digest that signatures over this set use.
    pub fn digest(self) -> DigestAlgorithm {
        self.row().digest
    }

    /// The `algorithm` of a SubjectPublicKeyInfo.
    pub fn key_identifier(self) -> AlgorithmIdentifier {
        use super::der::write;
        let row = self.row();
        let parameters = write::sequence(&[&write::oid(&row.curve), &write::oid(&row.digest_parameter)]);
        AlgorithmIdentifier { oid: row.key, parameters: Parameters::Der(parameters.into()) }
    }

    /// The identifier of a signature over this set; its parameters are NULL.
    pub fn signature_identifier(self) -> AlgorithmIdentifier {
        AlgorithmIdentifier { oid: self.row().signature, parameters: Parameters::Null }
    }

    /// The set that the `algorithm` of a SubjectPublicKeyInfo names.
    ///
    /// Errors: `Unsupported` for another key identifier, `Parameters` for a curve or digest that does not belong to it.
    pub fn of_key(identifier: &AlgorithmIdentifier) -> Result<Self, AlgorithmError> {
        let Some(row) = ROWS.iter().find(|row| row.key == identifier.oid) else {
            return Err(AlgorithmError::Unsupported { oid: identifier.oid, name: identifier.name().into() });
        };
        let wrong = |problem| AlgorithmError::Parameters { name: row.name, problem };
        let Parameters::Der(der) = &identifier.parameters else {
            return Err(wrong("must name the curve and the digest"));
        };
        let read = || {
            let mut outer = Reader::new(der);
            let mut reader = outer.sequence()?;
            outer.finish()?;
            let pair = (reader.oid()?, reader.oid()?);
            reader.finish().map(|()| pair)
        };
        match read() {
            Ok(pair) if pair == (row.curve, row.digest_parameter) => Ok(row.set),
            Ok(_) => Err(wrong("another curve or digest than the national ones")),
            Err(_) => Err(wrong("must be the curve and the digest")),
        }
    }
}

/// Whether `parameters` may stand beside the identifier of `digest`: beside GOST 34.311-95 its S-box may.
pub(super) fn is_digest_parameter(digest: DigestAlgorithm, parameters: &[u8]) -> bool {
    let mut reader = Reader::new(parameters);
    digest == DigestAlgorithm::Gost34311 && reader.oid() == Ok(TEST_S_BOX) && reader.finish().is_ok()
}

/// A public key: a point of the curve's subgroup of prime order.
#[derive(Debug, Clone)]
pub struct PublicKey(Arc<Key>);

#[derive(Debug)]
enum Key {
    A512(Point<8, 569>),
    A256(Point<4, 617>),
    CryptoProA(Point<4, 617>),
}

impl PublicKey {
    /// Reads the content of the BIT STRING.
    ///
    /// Errors: `KeyMalformed` for another length, a coordinate from p upwards, or a point that is not on the curve or (where the
    /// cofactor is not 1) not in its subgroup.
    pub fn read(set: ParameterSet, octets: &[u8]) -> Result<Self, AlgorithmError> {
        let malformed = AlgorithmError::KeyMalformed(set.name());
        let mut reader = Reader::new(octets);
        let (Ok(coordinates), Ok(())) = (reader.octet_string(), reader.finish()) else {
            return Err(malformed);
        };
        let key = match set {
            ParameterSet::A512 => A512.read_point(coordinates).map(Key::A512),
            ParameterSet::A256 => A256.read_point(coordinates).map(Key::A256),
            ParameterSet::CryptoProA => CRYPTO_PRO_A.read_point(coordinates).map(Key::CryptoProA),
        };
        key.map(|key| Self(Arc::new(key))).ok_or(malformed)
    }

    /// The set it belongs to.
    pub fn set(&self) -> ParameterSet {
        match *self.0 {
            Key::A512(_) => ParameterSet::A512,
            Key::A256(_) => ParameterSet::A256,
            Key::CryptoProA(_) => ParameterSet::CryptoProA,
        }
    }

    /// Verifies a signature over a digest (GOST R 34.10-2012 §6.2): r ‖ s, little-endian, of exactly that length.
    pub fn verify(&self, digest: &[u8], signature: &[u8]) -> bool {
        match &*self.0 {
            Key::A512(point) => A512.verify(point, digest, signature),
            Key::A256(point) => A256.verify(point, digest, signature),
            Key::CryptoProA(point) => CRYPTO_PRO_A.verify(point, digest, signature),
        }
    }

    /// Makes the table that lets this key verify three times as fast. It takes some milliseconds and, for 512 bits, 344 KiB: worth
    /// it for an authority, not for a citizen.
    pub fn prepare(&self) {
        match &*self.0 {
            Key::A512(point) => point.prepare(&A512),
            Key::A256(point) => point.prepare(&A256),
            Key::CryptoProA(point) => point.prepare(&CRYPTO_PRO_A),
        }
    }
}

/// Checks with every domain that the constants are those of the standard.
#[cfg(test)]
mod tests {
    use super::domain::Domain;
    use super::*;

    fn check<const N: usize, const C: u64>(domain: &Domain<N, C>) {
        let generator = domain.public_octets(&{
            let mut one = [0; N];
            one[0] = 1;
            one
        });
        assert!(domain.read_point(&generator).is_some(), "the generator is on the curve, of order q");
        let mut beside = generator.clone();
        beside[0] ^= 1;
        assert!(domain.read_point(&beside).is_none());
        assert!(domain.read_point(&generator[1..]).is_none());
        let above = vec![0xff; generator.len()];
        assert!(domain.read_point(&above).is_none(), "coordinates from p upwards");
    }

    #[test]
    fn the_generators_lie_on_their_curves() {
        check(&A512);
        check(&A256);
        check(&CRYPTO_PRO_A);
    }
}
