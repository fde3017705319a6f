//! Test data is read where it lies: `CONSULAR_TEST_DATA`, else `../shared/data` beside the repository.

use std::path::PathBuf;

/// The folder of the test data, or `None` with a line that says what is skipped.
#[expect(clippy::disallowed_methods, reason = "tests find their data by the environment")]
pub fn folder(part: &str) -> Option<PathBuf> {
    let root = std::env::var_os("CONSULAR_TEST_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    let folder = root.join(part);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: no test data at {}; set CONSULAR_TEST_DATA", folder.display());
    None
}

/// Reads one file of the test data.
pub fn read(path: impl Into<PathBuf>) -> Vec<u8> {
    let path = path.into();
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// DER of a file that is DER or PEM.
pub fn read_der(path: impl Into<PathBuf>) -> Vec<u8> {
    let octets = read(path);
    match x509_parser::pem::parse_x509_pem(&octets) {
        Ok((_, pem)) if octets.first() != Some(&0x30) => pem.contents,
        _ => octets,
    }
}
