//! TLS of the sandbox: one root (ECDSA P-256), the server's certificate, and the callers with their roles.

use rcgen::{DistinguishedName, DnType, KeyPair, SanType};
use ring::digest::{SHA256, digest};

use super::SandboxError;
use super::authority::CertificateAuthority;
use super::keys::Key;
use super::minting::Desk;
use super::people::{BERLIN, ISTANBUL, Mission, NEW_YORK};
use super::profile::{Critical, KeyUsage, Leaf, usage};
use super::tables::{CallerRow, CallerTable};

/// Common name of the TLS root.
pub(super) const ROOT_NAME: &str = "Consular registration TLS SANDBOX";

/// Names and addresses the server is reached by.
const SERVER_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The callers: id, role, mission it is confined to.
const CALLERS: [(&str, &str, Option<Mission<'static>>); 8] = [
    ("portal", "portal", None),
    ("berlin", "mission", Some(BERLIN)),
    ("istanbul", "mission", Some(ISTANBUL)),
    ("new-york", "mission", Some(NEW_YORK)),
    ("ministry", "ministry", None),
    ("state-system", "validation", None),
    ("trust-administrator", "trust-administrator", None),
    ("auditor", "auditor", None),
];

/// Issues the server's and the callers' certificates and writes `callers.toml`.
pub(super) fn mint(desk: &mut Desk<'_>, root: &CertificateAuthority) -> Result<(), SandboxError> {
    let mut names = Vec::new();
    for name in SERVER_NAMES {
        names.push(match name.parse() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName(name.try_into()?),
        });
    }
    issue(desk, root, "tls/server", SERVER_NAMES[0], usage::SERVER_AUTHENTICATION, names)?;

    let mut table = CallerTable::default();
    for (id, role, mission) in CALLERS {
        let certificate = issue(desk, root, &format!("callers/{id}"), id, usage::CLIENT_AUTHENTICATION, Vec::new())?;
        table.callers.push(CallerRow {
            id: id.to_owned(),
            certificate_sha256: hex::encode(digest(&SHA256, &certificate)),
            roles: vec![role.to_owned()],
            mission: mission.map(|mission| mission.code.to_owned()),
        });
    }
    desk.folder().write_toml("callers.toml", "Which TLS client certificate is which caller.", &table)
}

fn issue(
    desk: &mut Desk<'_>,
    root: &CertificateAuthority,
    file: &str,
    common_name: &str,
    extended: &[u64],
    names: Vec<SanType>,
) -> Result<Vec<u8>, SandboxError> {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, common_name);
    let (not_before, not_after) = desk.period();
    let key = Key::from(KeyPair::generate()?);
    let leaf = Leaf {
        subject,
        issuer: root.id,
        key_usage: KeyUsage::Transport,
        extended: &[extended],
        critical: Critical::KeyUsage,
        not_before,
        not_after,
    };
    let mut params = leaf.parameters(&key)?;
    params.subject_alt_names = names;
    desk.issue(file, &params, root, &key)
}
