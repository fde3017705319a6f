//! The sandbox authority, judged by OpenSSL, which had no part in making it.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};
use consular_registration::pki::certificate::KeyUsage;
use consular_registration::pki::subject::Identity;
use consular_registration::pki::{Certificate, CertificateRevocationList};
use consular_registration::registration::form::{Kind, SANDBOX_AUDIENCE, decode, header_violations};
use consular_registration::registration::mission::Missions;
use consular_registration::registration::person::IdentifierPolicy;
use consular_registration::registration::rules::{
    Channel, District, EvidenceFacts, Facts, Finding, Signer, Stage, assess,
};
use consular_registration::registration::{FieldViolation, ViolationCode};
use consular_registration::sandbox::tables::{CallerTable, OfficerTable, TrustTable};
use consular_registration::sandbox::{Authority, Form, LoadIssuer, P12_PASSWORD, Person, SandboxError, Strength};

use crate::support::data;

fn now() -> DateTime<Utc> {
    "2026-03-20T09:00:00Z".parse().expect("a literal time")
}

fn mint(dir: &Path) -> Authority {
    Authority::mint(dir, Strength::Quick, now(), &|_| ()).expect("an authority")
}

/// One authority for all tests that only read it.
static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("sandbox-authority");
    let _ = fs::remove_dir_all(&dir);
    mint(&dir)
});

fn openssl(authority: &Authority, arguments: &[&str]) -> Output {
    Command::new("openssl").args(arguments).current_dir(authority.dir()).output().expect("openssl is installed")
}

/// `openssl verify` with CRL checking at `at`; the answer's text, with what is wrong in it.
fn verify(authority: &Authority, certificate: &str, purpose: &str, at: DateTime<Utc>) -> Result<(), String> {
    let lists: Vec<u8> = ["root-rsa", "rsa", "rsa-load", "tls"]
        .iter()
        .flat_map(|name| openssl(authority, &["crl", "-inform", "DER", "-in", &format!("crls/{name}.crl")]).stdout)
        .collect();
    let scratch = tempfile::tempdir().expect("a folder");
    let list_file = scratch.path().join("lists.pem");
    fs::write(&list_file, lists).expect("CRLs as PEM");
    let at = at.timestamp().to_string();
    let mut arguments = vec!["verify", "-x509_strict", "-attime", &at, "-purpose", purpose, "-crl_check_all"];
    let list_file = list_file.to_string_lossy();
    arguments.extend(["-CRLfile", &list_file]);
    let root = if purpose == "smimesign" || purpose == "any" { "roots/rsa.crt" } else { "roots/tls.crt" };
    arguments.extend(["-trusted", root, "-untrusted", "intermediates/rsa.crt", certificate]);
    let output = openssl(authority, &arguments);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(()) } else { Err(text) }
}

fn certificate(authority: &Authority, name: &str) -> Certificate {
    let pem = openssl(authority, &["x509", "-in", &format!("{name}.crt"), "-outform", "DER"]).stdout;
    Certificate::from_der(&pem).expect("a certificate our own reader takes")
}

#[test]
fn openssl_accepts_the_good_certificates_with_crl_checking() {
    for name in ["assel", "daniyar", "student", "minor", "test-iin"] {
        verify(&AUTHORITY, &format!("citizens/{name}.crt"), "smimesign", now()).expect(name);
    }
    for name in ["berlin-officer", "berlin-supervisor", "istanbul-officer", "new-york-officer"] {
        verify(&AUTHORITY, &format!("officers/{name}.crt"), "smimesign", now()).expect(name);
    }
    verify(&AUTHORITY, "seal/seal.crt", "smimesign", now()).expect("the seal");
    verify(&AUTHORITY, "tsa/tsa.crt", "any", now()).expect("the time-stamping unit");
}

#[test]
fn openssl_refuses_the_faulty_certificates_for_their_own_fault() {
    for (name, fault) in [
        ("revoked", "certificate revoked"),
        ("expired", "certificate has expired"),
        ("outsider", "unable to get local issuer certificate"),
    ] {
        let answer = verify(&AUTHORITY, &format!("citizens/{name}.crt"), "smimesign", now());
        assert!(answer.expect_err(name).contains(fault), "{name}");
    }
}

#[test]
fn openssl_accepts_the_tls_certificates_for_their_side_only() {
    verify(&AUTHORITY, "tls/server.crt", "sslserver", now()).expect("a server");
    verify(&AUTHORITY, "callers/portal.crt", "sslclient", now()).expect("a client");
    verify(&AUTHORITY, "callers/portal.crt", "sslserver", now()).expect_err("no server");
}

#[test]
fn the_time_stamping_unit_may_stamp_and_nothing_else() {
    let at = now().timestamp().to_string();
    let roots = ["-trusted", "roots/rsa.crt", "-untrusted", "intermediates/rsa.crt"];
    let verify = |purpose, file| {
        let mut arguments = vec!["verify", "-attime", &at, "-purpose", purpose];
        arguments.extend(roots);
        arguments.push(file);
        openssl(&AUTHORITY, &arguments).status.success()
    };
    assert!(verify("timestampsign", "tsa/tsa.crt"));
    assert!(!verify("timestampsign", "citizens/assel.crt"));
    assert!(!verify("smimesign", "tsa/tsa.crt"));
}

#[test]
fn a_citizens_certificate_has_the_national_profile() {
    let text = openssl(
        &AUTHORITY,
        &["x509", "-in", "citizens/assel.crt", "-noout", "-text", "-nameopt", "utf8,sep_comma_plus"],
    );
    let text = String::from_utf8(text.stdout).expect("UTF-8");
    let person = Person::citizen("assel", now()).expect("a citizen");
    for expected in [
        "CN=ҚҰРМАНҒАЛИЕВА ӘСЕЛ",
        "SN=ҚҰРМАНҒАЛИЕВА",
        &format!("serialNumber=IIN{}", person.iin),
        "C=KZ",
        "GN=БОЛАТҚЫЗЫ",
        "X509v3 Key Usage: critical\n                Digital Signature, Non Repudiation",
        "E-mail Protection, 1.2.398.3.3.4.1.1\n",
        "Policy: 1.2.398.3.3.2\n",
        "URI:http://sandbox.invalid/crls/rsa.crl",
        "CA Issuers - URI:http://sandbox.invalid/certificates/rsa.crt",
        "Public-Key: (2048 bit)",
    ] {
        assert!(text.contains(expected), "no {expected:?} in\n{text}");
    }
}

#[test]
fn roles_and_key_usage_follow_the_kind_of_holder() {
    let show = |file: &str| {
        let extensions = "keyUsage,extendedKeyUsage";
        let output = openssl(&AUTHORITY, &["x509", "-in", file, "-noout", "-ext", extensions]);
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    assert!(show("citizens/authentication-only.crt").contains("Digital Signature, Key Encipherment"));
    assert!(show("officers/berlin-officer.crt").contains("1.2.398.3.3.4.1.2, 1.2.398.3.3.4.1.2.5"));
    let supervisor = show("officers/berlin-supervisor.crt");
    assert!(supervisor.contains("Extended Key Usage: critical"), "{supervisor}");
    assert!(supervisor.contains("Key Usage: \n"), "{supervisor}");
    assert!(supervisor.contains("1.2.398.3.3.4.1.2.2"));
    assert!(show("seal/seal.crt").contains("1.2.398.3.3.4.1.2.6"));
}

#[test]
fn openssl_opens_the_container_of_every_citizen() {
    let password = format!("pass:{P12_PASSWORD}");
    for name in ["assel", "outsider", "test-iin"] {
        let file = format!("citizens/{name}.p12");
        let output = openssl(&AUTHORITY, &["pkcs12", "-in", &file, "-passin", &password, "-nodes"]);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(text.contains("PRIVATE KEY"));
        assert_eq!(text.matches("BEGIN CERTIFICATE").count(), 2);
    }
}

#[test]
fn openssl_verifies_a_signature_of_the_seal_under_the_sandbox_root() {
    let scratch = tempfile::tempdir().expect("a folder");
    let path = |name: &str| scratch.path().join(name).to_string_lossy().into_owned();
    let (content, signature, at) = (path("content"), path("seal.p7s"), now().timestamp().to_string());
    fs::write(&content, "a document").expect("content");
    let signed = openssl(
        &AUTHORITY,
        &[
            "cms",
            "-sign",
            "-binary",
            "-in",
            &content,
            "-signer",
            "seal/seal.crt",
            "-inkey",
            "seal/seal.key",
            "-certfile",
            "intermediates/rsa.crt",
            "-outform",
            "DER",
            "-out",
            &signature,
        ],
    );
    assert!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));
    let verified = openssl(
        &AUTHORITY,
        &[
            "cms",
            "-verify",
            "-binary",
            "-inform",
            "DER",
            "-in",
            &signature,
            "-content",
            &content,
            "-CAfile",
            "roots/rsa.crt",
            "-attime",
            &at,
        ],
    );
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

#[test]
fn private_keys_are_readable_by_their_owner_only() {
    let mut keys = 0;
    for folder in ["roots", "intermediates", "citizens", "officers", "callers", "tls", "seal", "tsa", "untrusted"] {
        for entry in fs::read_dir(AUTHORITY.path(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            let secret = path.extension().is_some_and(|ending| ending == "key" || ending == "p12");
            let mode = fs::metadata(&path).expect("a file").permissions().mode() & 0o777;
            assert_eq!(mode, if secret { 0o600 } else { 0o644 }, "{}", path.display());
            keys += usize::from(secret);
        }
    }
    assert!(keys > 30);
}

#[test]
fn a_folder_that_holds_something_else_is_refused_untouched() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("diary.txt"), "mine").expect("a file");
    let refused = Authority::mint(dir.path(), Strength::Quick, now(), &|_| ());
    assert!(matches!(refused, Err(SandboxError::NotASandbox(_))));
    assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 1);
}

#[test]
fn an_authority_is_not_minted_over() {
    let refused = Authority::mint(AUTHORITY.dir(), Strength::Quick, now(), &|_| ());
    assert!(matches!(refused, Err(SandboxError::AlreadyMinted(_))));
    Authority::open(AUTHORITY.dir()).expect("opened instead");
}

#[test]
fn a_revoked_citizen_is_in_the_next_crl_also_after_reopening() {
    let dir = tempfile::tempdir().expect("a folder");
    mint(dir.path());
    let mut authority = Authority::open(dir.path()).expect("the same authority");
    let number = |authority: &Authority| {
        let output = openssl(authority, &["crl", "-inform", "DER", "-in", "crls/rsa.crl", "-noout", "-crlnumber"]);
        String::from_utf8(output.stdout).expect("a number")
    };
    assert_eq!(number(&authority).trim(), "crlNumber=0x01");
    let later = now() + TimeDelta::hours(1);
    verify(&authority, "citizens/assel.crt", "smimesign", later).expect("good before");

    let list = authority.revoke("assel", later).expect("a CRL");
    assert_eq!(list, dir.path().join("crls/rsa.crl"));
    assert_eq!(number(&authority).trim(), "crlNumber=0x02");
    let answer = verify(&authority, "citizens/assel.crt", "smimesign", later);
    assert!(answer.expect_err("revoked").contains("certificate revoked"));
    verify(&authority, "citizens/daniyar.crt", "smimesign", later).expect("others stay good");
    assert!(matches!(authority.revoke("nobody", later), Err(SandboxError::UnknownName(_))));
}

#[test]
fn crls_end_after_a_week_and_are_renewed() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut authority = mint(dir.path());
    let later = now() + TimeDelta::days(10);
    let answer = verify(&authority, "citizens/assel.crt", "smimesign", later);
    assert!(answer.expect_err("stale").contains("CRL has expired"));
    authority.renew_crls(later).expect("new lists");
    verify(&authority, "citizens/assel.crt", "smimesign", later).expect("good with new lists");
}

#[test]
fn the_table_of_national_anchors_describes_the_published_certificates() {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("certs/trust-anchors.toml")).expect("a table");
    let table: TrustTable = toml::from_str(&text).expect("a trust table");
    assert_eq!(table.certificates.len(), 11);
    let Some(folder) = data::folder("eds/ca/production") else { return };
    for row in &table.certificates {
        let found = Certificate::from_der(&data::read_der(folder.join(&row.file))).expect("a certificate");
        assert_eq!(hex::encode(found.sha256()), row.sha256, "{}", row.name);
        assert_eq!((found.not_before(), found.not_after()), (row.not_before, row.not_after), "{}", row.name);
        assert_eq!(found.signature_algorithm().oid.to_string(), row.algorithm, "{}", row.name);
        assert_eq!(row.kind == "ANCHOR", found.is_self_issued(), "{}", row.name);
    }
}

#[test]
fn the_gost_hierarchy_follows_the_national_profile() {
    let read = |name: &str| Certificate::from_der(&data::read_der(AUTHORITY.path(name))).expect("a certificate");
    let (root, issuing, leaf) = (read("roots/gost.crt"), read("intermediates/gost.crt"), read("citizens/gost.crt"));
    for (certificate, issuer) in [(&root, &root), (&issuing, &root), (&leaf, &issuing)] {
        assert_eq!(certificate.verify_signed_by(issuer), Ok(()));
        assert_eq!(certificate.signature_algorithm().oid.to_string(), "1.2.398.3.10.1.1.2.3.2");
        assert_eq!(certificate.public_key().expect("a key").description(), "GOST R 34.10-2015 512");
        let named = certificate.authority_key_identifier();
        assert!(named.is_none() || named == issuer.subject_key_identifier());
    }
    assert!(leaf.key_usage().is_some_and(|usage| usage.contains(KeyUsage::NON_REPUDIATION)));
    assert!(leaf.verify_signed_by(&root).is_err());
    let list = CertificateRevocationList::from_der(data::read(AUTHORITY.path("crls/gost.crl"))).expect("a list");
    let verified = list.verify(&issuing).expect("signed by the authority");
    let revoked = read("citizens/gost-revoked.crt");
    assert!(verified.lookup(revoked.serial()).expect("readable").is_some());
    assert!(verified.lookup(leaf.serial()).expect("readable").is_none());
}

#[test]
fn the_tables_name_what_is_in_the_folder() {
    let read = |name: &str| fs::read_to_string(AUTHORITY.path(name)).expect("a table");
    let trust: TrustTable = toml::from_str(&read("trust.toml")).expect("a trust table");
    for row in &trust.certificates {
        let found = certificate(&AUTHORITY, row.file.trim_end_matches(".crt"));
        assert_eq!(hex::encode(found.sha256()), row.sha256);
    }
    let callers: CallerTable = toml::from_str(&read("callers.toml")).expect("a caller table");
    for row in &callers.callers {
        let found = certificate(&AUTHORITY, &format!("callers/{}", row.id));
        assert_eq!(hex::encode(found.sha256()), row.certificate_sha256);
        assert_eq!(row.mission.is_some(), row.roles == ["mission"]);
    }
    let officers: OfficerTable = toml::from_str(&read("officers.toml")).expect("an officer table");
    assert_eq!(officers.officers.len(), 5);
}

#[test]
fn a_crowd_shares_one_key_and_no_iin() {
    let crowd = AUTHORITY.mint_many(300, LoadIssuer::Quick, now()).expect("a crowd");
    let certificates: Vec<Certificate> = crowd
        .citizens
        .iter()
        .map(|citizen| Certificate::from_der(&citizen.certificate).expect("a certificate"))
        .collect();
    let keys: HashSet<&[u8; 32]> = certificates.iter().map(Certificate::spki_sha256).collect();
    let serials: HashSet<&[u8]> = certificates.iter().map(Certificate::serial).collect();
    let iins: HashSet<&str> = crowd.citizens.iter().map(|citizen| citizen.person.iin.as_str()).collect();
    assert_eq!((keys.len(), serials.len(), iins.len()), (1, 300, 300));
    let issuer = Certificate::from_der(&crowd.issuer).expect("the issuer");
    assert!(certificates.iter().all(|certificate| certificate.verify_signed_by(&issuer).is_ok()));
}

fn form(name: &str) -> Vec<u8> {
    fs::read(AUTHORITY.path(&format!("forms/{name}.json"))).expect("a form")
}

/// What the rules of all stages hold against a form signed by the citizen `signer`, by code.
fn objections(name: &str, signer: &str) -> Vec<&'static str> {
    let form = decode(&form(name)).expect("a well-formed form");
    let identity = Identity::of(&certificate(&AUTHORITY, &format!("citizens/{signer}"))).expect("the national profile");
    let roles = identity.roles.iter().map(|role| role.oid().to_string()).collect();
    let signer = Signer { iin: identity.iin, bin: identity.bin, roles, officer_of: None };
    let today = now().date_naive();
    let host = form.card.stay.host_address.as_ref().and_then(|address| address.subdivision.as_ref());
    let country = form.card.stay.host_country.as_ref().expect("a host country");
    let facts = Facts {
        evidence: EvidenceFacts::at_filing(&form, &signer),
        district: District::of(&form.mission, &Missions::sample().competent_for(country, host, today)),
        form: &form,
        mission: form.mission.clone(),
        signer,
        identifiers: IdentifierPolicy::AcceptNationalTest,
        channel: Channel::Portal,
        today,
        open_registration: None,
        act: None,
    };
    [Stage::Admissibility, Stage::Deficiency, Stage::Decision]
        .into_iter()
        .flat_map(|stage| assess(stage, &facts, today))
        .filter(Finding::is_not_met)
        .map(|finding| finding.code.as_str())
        .collect()
}

#[test]
fn the_complete_forms_meet_every_rule() {
    for (name, signer) in
        [("temporary", "assel"), ("study", "student"), ("test-iin", "test-iin"), ("revoked", "revoked")]
    {
        assert_eq!(objections(name, signer), [""; 0], "{name}");
    }
    assert_eq!(objections("permanent", "daniyar"), ["EXIT_DECISION_NOT_VERIFIED"]);
    // The representative signs: who the child is, and the right to act for it, remain for an officer to verify.
    let waits = ["NOT_RK_CITIZEN", "IDENTITY_NOT_VERIFIED", "REPRESENTATION_NOT_VERIFIED"];
    assert_eq!(objections("minor", "assel"), waits);
}

#[test]
fn each_faulty_form_has_its_own_fault() {
    assert_eq!(objections("minor-unrepresented", "minor"), ["REPRESENTATIVE_REQUIRED"]);
    assert_eq!(objections("without-consent", "assel"), ["CONSENT_MISSING"]);
    assert!(objections("incomplete", "assel").contains(&"CARD_INCOMPLETE"));
    assert_eq!(objections("temporary", "daniyar"), ["SIGNER_MISMATCH", "NOT_RK_CITIZEN", "IDENTITY_NOT_VERIFIED"]);

    let codes = |violations: Vec<FieldViolation>| violations.into_iter().map(|v| v.code).collect::<Vec<_>>();
    assert_eq!(
        codes(decode(&form("other-version")).expect_err("a version of tomorrow")),
        [ViolationCode::WrongVersion]
    );
    let header = |name| codes(header_violations(&decode(&form(name)).expect("well formed"), SANDBOX_AUDIENCE, now()));
    assert_eq!(header("wrong-audience"), [ViolationCode::WrongAudience]);
    assert_eq!(header("out-of-date"), [ViolationCode::Expired]);
    assert_eq!(header("temporary"), []);
}

#[test]
fn two_fresh_forms_of_one_citizen_are_two_applications() {
    let assel = Person::citizen("assel", now()).expect("a citizen");
    let form = || Form::fresh(&assel, Kind::Temporary, now()).expect("a form");
    assert_ne!(form().application.application_id, form().application.application_id);
}
