//! Where the octets of large revocation lists lie while the lists are in use: in files without names.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;

use uuid::Uuid;

use crate::pki::crl::{ListOctets, Unreadable};
use crate::pki::{Certificate, CertificateRevocationList};

/// Lists up to this many octets stay in memory: a file would save nothing.
const KEPT_IN_MEMORY: usize = 1024 * 1024;

/// A list as the trust store holds it: verified under the keys of those authorities that bear its name, and then, if it is
/// large, without its octets. Blocks; not for a thread that serves calls.
///
/// Without a place for the file the list stays in memory: that costs memory and nothing else.
pub(super) fn settle<'c>(
    mut list: CertificateRevocationList,
    authorities: impl IntoIterator<Item = &'c Certificate>,
) -> CertificateRevocationList {
    for authority in authorities {
        // The list remembers the verdict; under a key that is not tried now it would have to be read again as a whole.
        let _ = list.verify(authority);
    }
    let large = list.der().ok().filter(|octets| octets.len() > KEPT_IN_MEMORY);
    let Some(file) = large.map(|octets| nameless_file(&octets)) else {
        return list;
    };
    let released = file.and_then(|file| list.release(file).map_err(io::Error::other));
    if let Err(error) = released {
        tracing::warn!(%error, "a large revocation list stays in memory: there is no place for its octets");
    }
    list
}

/// A file with these octets that nobody else can open: its name is gone before anything is written.
fn nameless_file(octets: &[u8]) -> io::Result<File> {
    let path = std::env::temp_dir().join(format!("consular-list-{}", Uuid::new_v4()));
    let mut file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
    std::fs::remove_file(&path)?;
    file.write_all(octets)?;
    Ok(file)
}

/// An open file that somebody else opened, best one without a name (unlinked), so that nobody can write to it.
impl ListOctets for File {
    fn read_at(&self, position: u64, buffer: &mut [u8]) -> Result<(), Unreadable> {
        std::os::unix::fs::FileExt::read_exact_at(self, buffer, position).map_err(|_| Unreadable)
    }
}
