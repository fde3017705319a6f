//! What is accepted here and refused by OpenSSL: kept for reading, because a difference is a question and not yet a fault.

use std::path::Path;

use crate::pki::sha256;

/// Keeps `octets` in `differences/<target>/<reason>/`, under their digest.
pub fn keep(target: &str, reason: &str, octets: &[u8]) {
    let folder = Path::new("differences").join(target).join(reason);
    let file = folder.join(hex::encode(sha256(octets)));
    if !file.exists() {
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(&file, octets).expect("a file");
        eprintln!("accepted here and not by OpenSSL: {}", file.display());
    }
}
