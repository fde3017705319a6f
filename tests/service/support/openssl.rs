//! A PKI and signatures made by the `openssl` program, so that nothing judged here was made by the code under test.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, LazyLock};

use chrono::{DateTime, Utc};
use consular_registration::pki::trust::{PurposeSet, TrustEntry, TrustStore};
use consular_registration::pki::{Certificate, CertificateRevocationList};
use tempfile::TempDir;

const CONFIG: &str = "
[ca]
default_ca = any
[any]
database = index.txt
new_certs_dir = .
serial = serial
crlnumber = crlnumber
default_md = sha256
policy = names
preserve = yes
unique_subject = no
email_in_dn = no
[names]
C = optional
O = optional
OU = optional
CN = optional
SN = optional
GN = optional
serialNumber = optional
UID = optional
[req]
distinguished_name = empty
string_mask = utf8only
[empty]
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[signing]
keyUsage = critical,digitalSignature,nonRepudiation
extendedKeyUsage = 1.2.398.3.3.4.1.1
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[right]
keyUsage = digitalSignature,nonRepudiation
extendedKeyUsage = critical,1.2.398.3.3.4.1.2,1.2.398.3.3.4.1.2.2
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
[tsa_old]
extendedKeyUsage = critical,timeStamping
[tsa_loose]
extendedKeyUsage = timeStamping
[tsa_broad]
extendedKeyUsage = critical,timeStamping,emailProtection
[responder]
keyUsage = critical,digitalSignature
extendedKeyUsage = OCSPSigning
noCheck = yes
[stamping]
serial = stamps
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.398.3.3.2.6.4
digests = sha1, sha256, sha384, sha512
accuracy = secs:1, millisecs:500
ordering = yes
ess_cert_id_alg = sha256
[authentication]
keyUsage = critical,digitalSignature,keyEncipherment
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
";

/// When tests judge, unless time is what they test.
pub const NOW: &str = "2026-06-01T00:00:00Z";

/// An authority with its subjects in a temporary folder: `root`, `ca`, and below `ca` the persons named in [`Pki::mint`].
pub struct Pki {
    folder: TempDir,
}

/// The one PKI that all tests share.
pub static PKI: LazyLock<Pki> = LazyLock::new(Pki::mint);

impl Pki {
    fn mint() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let pki = Self { folder };
        for (name, text) in [("openssl.cnf", CONFIG), ("index.txt", ""), ("serial", "1000"), ("crlnumber", "01")] {
            std::fs::write(pki.file(name), text).expect("writable");
        }
        let rsa = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
        pki.key("root", &rsa);
        pki.key("ca", &rsa);
        pki.request("root", "/C=KZ/CN=ТҮБІР");
        pki.run(
            &[
                "ca",
                "-config",
                "openssl.cnf",
                "-batch",
                "-notext",
                "-selfsign",
                "-keyfile",
                "root.key",
                "-in",
                "root.csr",
                "-out",
                "root.crt",
                "-extensions",
                "root",
                "-startdate",
                "20200101000000Z",
                "-enddate",
                "20400101000000Z",
            ],
            &[],
        );
        pki.certify_as("ca", "/C=KZ/CN=ОРТАЛЫҚ", "root", "root", "20400101000000Z");
        let ec = |curve: &'static str| ["-algorithm", "EC", "-pkeyopt", curve];
        let person = |surname: &str, iin: &str| {
            format!("/CN={surname} ТЕСТ/SN={surname}/serialNumber=IIN{iin}/C=KZ/GN=ТЕСТОВИЧ")
        };
        for (name, algorithm, subject, profile, end) in [
            ("alice", rsa, person("АЛИСА", "123456789011"), "signing", "20300101000000Z"),
            ("bob", rsa, person("БОБ", "123456789012"), "signing", "20300101000000Z"),
            (
                "head",
                rsa,
                person("БАСШЫ", "123456789012") + "/O=АО ТЕСТ/OU=BIN123456789021",
                "right",
                "20300101000000Z",
            ),
            ("login", rsa, person("АЛИСА", "123456789011"), "authentication", "20300101000000Z"),
            ("late", rsa, person("КЕШ", "123456789011"), "signing", "20260101000000Z"),
            ("thief", rsa, person("ҰРЫ", "123456789012"), "signing", "20300101000000Z"),
            (
                "twofold",
                rsa,
                person("ЕКІ", "123456789011") + "/serialNumber=IIN123456789012",
                "signing",
                "20300101000000Z",
            ),
            ("p256", ec("ec_paramgen_curve:P-256"), person("ЭЛ", "123456789011"), "signing", "20300101000000Z"),
            ("p384", ec("ec_paramgen_curve:P-384"), person("ЭЛЛ", "123456789012"), "signing", "20300101000000Z"),
            ("tsa", rsa, "/C=KZ/CN=УАҚЫТ".to_owned(), "tsa", "20390101000000Z"),
            ("tsa-old", rsa, "/C=KZ/CN=УАҚЫТ ЕСКІ".to_owned(), "tsa_old", "20390101000000Z"),
            ("tsa-loose", rsa, "/C=KZ/CN=УАҚЫТ БОС".to_owned(), "tsa_loose", "20390101000000Z"),
            ("tsa-broad", rsa, "/C=KZ/CN=УАҚЫТ КЕҢ".to_owned(), "tsa_broad", "20390101000000Z"),
            ("tsa-stolen", rsa, "/C=KZ/CN=УАҚЫТ ҰРЛАНҒАН".to_owned(), "tsa", "20390101000000Z"),
            ("tsa-closed", rsa, "/C=KZ/CN=УАҚЫТ ЖАБЫҚ".to_owned(), "tsa", "20390101000000Z"),
            ("responder", rsa, "/C=KZ/CN=ЖАУАП".to_owned(), "responder", "20390101000000Z"),
            ("responder-revoked", rsa, "/C=KZ/CN=ЖАУАП ЖАБЫҚ".to_owned(), "responder", "20390101000000Z"),
            (
                "weak",
                ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
                person("ӘЛСІЗ", "123456789011"),
                "signing",
                "20300101000000Z",
            ),
        ] {
            pki.key(name, &algorithm);
            pki.certify_as(name, &subject, "ca", profile, end);
        }
        pki.revoke("thief", "260201000000Z,keyCompromise");
        pki.revoke("tsa-stolen", "260501000000Z,keyCompromise");
        pki.revoke("tsa-closed", "260501000000Z,cessationOfOperation");
        pki.revoke("responder-revoked", "260401000000Z,superseded");
        pki.list("ca", "20260501000000Z", "20260701000000Z");
        pki.list("root", "20260501000000Z", "20260701000000Z");
        pki
    }

    /// Where a file of the PKI lies: `alice.key`, `alice.crt`, `ca.crl`…
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn key(&self, name: &str, algorithm: &[&str]) {
        let out = format!("{name}.key");
        self.run(&[&["genpkey", "-out", &out], algorithm].concat(), &[]);
    }

    fn request(&self, name: &str, subject: &str) {
        let (key, out) = (format!("{name}.key"), format!("{name}.csr"));
        self.run(
            &["req", "-new", "-config", "openssl.cnf", "-utf8", "-key", &key, "-subj", subject, "-out", &out],
            &[],
        );
    }

    /// Certifies the key `name.key`.
    fn certify_as(&self, name: &str, subject: &str, issuer: &str, profile: &str, end: &str) {
        self.request(name, subject);
        let (csr, crt) = (format!("{name}.csr"), format!("{name}.crt"));
        let (key, certificate) = (format!("{issuer}.key"), format!("{issuer}.crt"));
        self.run(
            &[
                "ca",
                "-config",
                "openssl.cnf",
                "-batch",
                "-notext",
                "-keyfile",
                &key,
                "-cert",
                &certificate,
                "-in",
                &csr,
                "-out",
                &crt,
                "-extensions",
                profile,
                "-startdate",
                "20200101000000Z",
                "-enddate",
                end,
            ],
            &[],
        );
    }

    /// Writes a revocation into the index by hand: `openssl ca -revoke` dates it with the machine's clock.
    fn revoke(&self, name: &str, when_and_why: &str) {
        let serial = hex::encode_upper(self.certificate(name).serial());
        let index = std::fs::read_to_string(self.file("index.txt")).expect("an index");
        let lines = index.lines().map(|line| {
            let mut fields: Vec<&str> = line.split('\t').collect();
            if fields.get(3) == Some(&&*serial) {
                (fields[0], fields[2]) = ("R", when_and_why);
            }
            fields.join("\t") + "\n"
        });
        std::fs::write(self.file("index.txt"), lines.collect::<String>()).expect("writable");
    }

    fn list(&self, issuer: &str, this_update: &str, next_update: &str) {
        let (key, certificate, crl) = (format!("{issuer}.key"), format!("{issuer}.crt"), format!("{issuer}.crl"));
        self.run(
            &[
                "ca",
                "-config",
                "openssl.cnf",
                "-gencrl",
                "-keyfile",
                &key,
                "-cert",
                &certificate,
                "-out",
                &crl,
                "-crl_lastupdate",
                this_update,
                "-crl_nextupdate",
                next_update,
            ],
            &[],
        );
    }

    /// Runs `openssl` in the folder of the PKI with `input` on its standard input; gives its output, and fails with its words.
    pub fn run(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        self.attempt(arguments, input).unwrap_or_else(|words| panic!("openssl {arguments:?}: {words}"))
    }

    /// As [`Self::run`], with a refusal as a value.
    pub fn attempt(&self, arguments: &[&str], input: &[u8]) -> Result<Vec<u8>, String> {
        let mut process = Command::new("openssl")
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("openssl is installed");
        let mut stdin = process.stdin.take().expect("piped");
        let input = input.to_vec();
        let feeder = std::thread::spawn(move || drop(std::io::Write::write_all(&mut stdin, &input)));
        let output = process.wait_with_output().expect("openssl ends");
        feeder.join().expect("fed");
        if output.status.success() {
            Ok(output.stdout)
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// `openssl cms -sign` with signer `name`, attached, DER, unless `more` says otherwise.
    pub fn sign(&self, name: &str, content: &[u8], more: &[&str]) -> Vec<u8> {
        let (key, certificate) = (format!("{name}.key"), format!("{name}.crt"));
        let base = ["cms", "-sign", "-binary", "-signer", &certificate, "-inkey", &key, "-md", "sha256"];
        let form: &[&str] = if more.contains(&"-outform") { &[] } else { &["-outform", "DER"] };
        let attached: &[&str] = if more.contains(&"-detached") { &[] } else { &["-nodetach"] };
        let more: Vec<&str> = more.iter().copied().filter(|each| *each != "-detached").collect();
        self.run(&[&base[..], form, attached, &more].concat(), content)
    }

    /// A certificate of the PKI.
    pub fn certificate(&self, name: &str) -> Certificate {
        Certificate::from_der(&super::data::read_der(self.file(&format!("{name}.crt")))).expect("a certificate")
    }

    /// Current revocation lists of both authorities.
    pub fn lists(&self) -> Vec<Arc<CertificateRevocationList>> {
        let list = |name| CertificateRevocationList::from_der(super::data::read_der(self.file(name))).expect("a list");
        vec![Arc::new(list("ca.crl")), Arc::new(list("root.crl"))]
    }

    /// A trust store with the root as anchor, the authority at hand, and the lists.
    pub fn trust(&self) -> TrustStore {
        self.trust_with(self.lists())
    }

    /// The same with other lists.
    pub fn trust_with(&self, lists: Vec<Arc<CertificateRevocationList>>) -> TrustStore {
        let entries = vec![
            TrustEntry::anchor(self.certificate("root"), PurposeSet::ALL),
            TrustEntry::intermediate(self.certificate("ca"), PurposeSet::ALL),
        ];
        TrustStore::new(7, entries, lists.into_iter().map(|list| (list, PurposeSet::ALL)).collect())
    }
}

/// [`NOW`] as a time.
pub fn now() -> DateTime<Utc> {
    NOW.parse().expect("a time")
}
