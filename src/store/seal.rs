//! Sealing of personal data at rest, and the keyed hash by which an IIN is found.
//!
//! A sealed column is `key id (1 byte) ‖ nonce (12) ‖ AES-256-GCM ciphertext and tag (16)` (NIST SP 800-38D) with a random nonce.
//! Associated data is the key id, the table, the column and the row, so that a box copied to another place does not open. With
//! random nonces one key serves 2³² boxes; the key id is there so that a second key can come before that.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use super::Digest;

/// The secrets of one store: which key seals, and which key hashes the IINs.
#[derive(Clone)]
pub struct StoreKeys {
    /// AES-256-GCM key of the sealed columns.
    pub sealing: [u8; 32],
    /// HMAC-SHA-256 key of the searchable hashes.
    pub index: [u8; 32],
}

impl std::fmt::Debug for StoreKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoreKeys(…)")
    }
}

/// The keyed hash of an IIN: HMAC-SHA-256 under the index key. Equal IINs have equal hashes, and without the key nobody can try
/// all twelve-digit numbers. Made only by [`super::Store::iin_hash`] or read from a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IinHash(pub(super) Digest);

impl IinHash {
    /// The octets, for keeping inside what is sealed.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A sealed column could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The box names a key this process does not have.
    #[error("sealed with an unknown key")]
    UnknownKey,
    /// The box is damaged, was moved from another row, or was sealed under another key.
    #[error("a sealed column does not open")]
    DoesNotOpen,
    /// The operating system gave no random bytes.
    #[error("no randomness for sealing")]
    NoRandomness,
}

/// Where a sealed value lives.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub table: &'static str,
    pub column: &'static str,
    pub row: &'a [u8],
}

impl<'a> Place<'a> {
    pub(super) fn new(table: &'static str, column: &'static str, row: &'a [u8]) -> Self {
        Self { table, column, row }
    }

    /// Table and column are our own names without a NUL, so the concatenation has one reading only.
    fn associated_data(self, key_id: u8) -> Vec<u8> {
        let mut data = Vec::with_capacity(3 + self.table.len() + self.column.len() + self.row.len());
        data.push(key_id);
        data.extend_from_slice(self.table.as_bytes());
        data.push(0);
        data.extend_from_slice(self.column.as_bytes());
        data.push(0);
        data.extend_from_slice(self.row);
        data
    }
}

/// The only key there is so far.
const KEY_ID: u8 = 1;

/// Seals, opens and hashes with the store's keys.
pub(super) struct Sealer {
    key: LessSafeKey,
    index: hmac::Key,
    random: SystemRandom,
}

impl Sealer {
    pub(super) fn new(keys: &StoreKeys) -> Self {
        // Cannot fail: the type of the key is of the one length that the algorithm takes.
        let key = UnboundKey::new(&AES_256_GCM, &keys.sealing).expect("AES-256-GCM takes a key of 32 bytes");
        Self {
            key: LessSafeKey::new(key),
            index: hmac::Key::new(hmac::HMAC_SHA256, &keys.index),
            random: SystemRandom::new(),
        }
    }

    pub(super) fn seal(&self, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| SealError::NoRandomness)?;
        let mut sealed = Vec::with_capacity(1 + NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
        sealed.push(KEY_ID);
        sealed.extend_from_slice(&nonce);
        let body = sealed.len();
        sealed.extend_from_slice(plain);
        let associated = Aad::from(place.associated_data(KEY_ID));
        let text = sealed.get_mut(body..).ok_or(SealError::DoesNotOpen)?;
        let tag = self
            .key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), associated, text)
            .map_err(|_| SealError::DoesNotOpen)?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    pub(super) fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (key_id, rest) = sealed.split_first().ok_or(SealError::DoesNotOpen)?;
        if *key_id != KEY_ID {
            return Err(SealError::UnknownKey);
        }
        let (nonce, text) = rest.split_first_chunk::<NONCE_LEN>().ok_or(SealError::DoesNotOpen)?;
        let mut text = text.to_vec();
        let length = self
            .key
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(place.associated_data(KEY_ID)), &mut text)
            .map_err(|_| SealError::DoesNotOpen)?
            .len();
        text.truncate(length);
        Ok(text)
    }

    /// The keyed hash of `value` for one use; the use is part of the input so that hashes of different columns never compare.
    pub(super) fn keyed_hash(&self, purpose: &'static str, value: &str) -> Digest {
        let mut context = hmac::Context::with_key(&self.index);
        context.update(purpose.as_bytes());
        context.update(&[0]);
        context.update(value.as_bytes());
        let mut digest = [0; 32];
        digest.copy_from_slice(context.sign().as_ref());
        digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(byte: u8) -> Sealer {
        Sealer::new(&StoreKeys { sealing: [byte; 32], index: [byte; 32] })
    }

    #[test]
    fn a_box_opens_only_in_its_place_and_under_its_key() {
        let sealer_one = sealer(1);
        let place = Place::new("cards", "card", b"row");
        let sealed = sealer_one.seal(place, b"text").unwrap();
        assert_eq!(sealer_one.open(place, &sealed).unwrap(), b"text");
        for elsewhere in [
            Place::new("cards", "card", b"row2"),
            Place::new("cards", "card2", b"row"),
            Place::new("cards2", "card", b"row"),
        ] {
            assert_eq!(sealer_one.open(elsewhere, &sealed), Err(SealError::DoesNotOpen));
        }
        assert_eq!(sealer(2).open(place, &sealed), Err(SealError::DoesNotOpen));
        let mut foreign = sealed.clone();
        foreign[0] = 9;
        assert_eq!(sealer_one.open(place, &foreign), Err(SealError::UnknownKey));
        assert_eq!(sealer_one.open(place, &sealed[..12]), Err(SealError::DoesNotOpen));
        assert_eq!(sealer_one.open(place, &[]), Err(SealError::DoesNotOpen));
    }

    #[test]
    fn the_same_text_never_seals_to_the_same_bytes() {
        let sealer = sealer(1);
        let place = Place::new("cards", "card", b"row");
        assert_ne!(sealer.seal(place, b"text").unwrap(), sealer.seal(place, b"text").unwrap());
    }

    #[test]
    fn keyed_hashes_depend_on_key_and_use() {
        assert_eq!(sealer(1).keyed_hash("iin", "1"), sealer(1).keyed_hash("iin", "1"));
        assert_ne!(sealer(1).keyed_hash("iin", "1"), sealer(2).keyed_hash("iin", "1"));
        assert_ne!(sealer(1).keyed_hash("iin", "1"), sealer(1).keyed_hash("bin", "1"));
    }
}
