//! PKCS#12 containers (RFC 7292), as citizens receive their keys.

use p12_keystore::{
    Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, PrivateKey, PrivateKeyChain,
};
use ring::digest::{SHA256, digest};

use super::SandboxError;
use super::keys::Key;

/// The password of every p12 file: the one the national authority gives its public test keys.
pub const P12_PASSWORD: &str = "Qwerty12";

/// Key-derivation rounds. The password is public, so rounds would buy nothing but a slower start.
const ITERATIONS: u32 = 2048;

/// A container with the key, its certificate and the certificate's issuer (DER each), under `alias`.
///
/// Encrypted with PBES2 (AES-256, HMAC-SHA-256), which OpenSSL 3 reads without its legacy provider; the national
/// containers use 3DES and RC2-40, which it does not.
pub(super) fn container(alias: &str, key: &Key, chain: &[&[u8]]) -> Result<Vec<u8>, SandboxError> {
    let failed = |error: p12_keystore::error::Error| SandboxError::Container(error.to_string());
    let certificates =
        chain.iter().map(|der| Certificate::from_der(der)).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    let private = PrivateKey::from_der(&key.to_pkcs8()).map_err(failed)?;
    let local_key_id = chain.first().map_or_else(Vec::new, |leaf| digest(&SHA256, leaf).as_ref().to_vec());
    let mut store = KeyStore::new();
    let entry = PrivateKeyChain::new(local_key_id, private, certificates);
    store.add_entry(alias, KeyStoreEntry::PrivateKeyChain(entry));
    store
        .writer(P12_PASSWORD)
        .encryption_algorithm(EncryptionAlgorithm::PbeWithHmacSha256AndAes256)
        .encryption_iterations(ITERATIONS)
        .mac_algorithm(MacAlgorithm::HmacSha256)
        .mac_iterations(ITERATIONS)
        .write()
        .map_err(failed)
}
