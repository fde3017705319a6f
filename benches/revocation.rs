//! What a revocation list of five million entries costs: memory at rest, peak while loading, a lookup, and how much longer validations
//! take while the list is read anew beside them.
//!
//! Run in a process of its own, since peaks do not fall: `cargo bench --bench revocation [-- ENTRIES]`.

use std::error::Error;
use std::fs::{File, OpenOptions};
use std::hint::black_box;
use std::io::{BufWriter, Read, Seek, Write};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use consular_registration::cms::{SigningKey, sign_attached};
use consular_registration::pki::crl::Unreadable;
use consular_registration::pki::der::{Tag, write};
use consular_registration::pki::trust::{PurposeSet, TrustEntry};
use consular_registration::pki::{Certificate, CertificateRevocationList, Oid, TrustStore};
use consular_registration::signature::{SignatureInput, SubjectProfile, ValidationPolicy, validate};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

const ECDSA_SHA256: Oid = Oid::new(&[1, 2, 840, 10045, 4, 3, 2]);
const LOOKUPS: u64 = 1_000_000;
/// Pairs of runs: validations alone, and beside a refresh.
const PAIRS: usize = 5;
/// How long validations alone are watched.
const ALONE: Duration = Duration::from_secs(3);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.as_slice() {
        [measure, folder, entries] if measure == "measure" => run(Path::new(folder), entries.parse()?),
        [] => in_own_process(5_000_000),
        [entries] => in_own_process(entries.parse()?),
        _ => Err("at most a number of entries".into()),
    }
}

/// Making the list takes memory of its own, so the measuring is left to another process.
fn in_own_process(entries: u64) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    make(entries, folder.path())?;
    let status =
        Command::new(std::env::current_exe()?).arg("measure").arg(folder.path()).arg(entries.to_string()).status()?;
    if status.success() { Ok(()) } else { Err("the measuring failed".into()) }
}

/// Twenty octets from an index, scattered, the first with its highest bit off.
fn serial(index: u64) -> [u8; 20] {
    let mut octets = [0; 20];
    let mut state = index.wrapping_add(0x9e37_79b9_7f4a_7c15);
    for part in octets.chunks_mut(8) {
        state = (state ^ state >> 31).wrapping_mul(0xbf58_476d_1ce4_e5b9).rotate_left(27).wrapping_add(index);
        let bytes = state.to_be_bytes();
        part.copy_from_slice(&bytes[..part.len()]);
    }
    octets[0] = octets[0] & 0x3f | 0x40;
    octets
}

/// The list, its issuer's certificate, and a message signed by somebody whom the list does not name.
fn make(entries: u64, folder: &Path) -> Result<(), Box<dyn Error>> {
    let random = SystemRandom::new();
    let generate = || {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).ok()?;
        Some((EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random).ok()?, pkcs8))
    };
    let (key, _) = generate().ok_or("no key")?;
    let (citizen, pkcs8) = generate().ok_or("no key")?;
    let algorithm = write::sequence(&[&write::oid(&ECDSA_SHA256)]);
    let named = |text: &[u8]| {
        let attribute = write::sequence(&[&write::oid(&Oid::new(&[2, 5, 4, 3])), &write::tlv(Tag::UTF8_STRING, text)]);
        write::sequence(&[&write::set_of(Tag::SET, vec![attribute])])
    };
    let name = named(b"Issuer");
    let (from, until): (DateTime<Utc>, DateTime<Utc>) =
        ("2026-06-01T00:00:00Z".parse()?, "2027-06-01T00:00:00Z".parse()?);
    let signed = |tbs: Vec<u8>| -> Result<Vec<u8>, Box<dyn Error>> {
        let signature = key.sign(&random, &tbs).map_err(|_| "no signature")?;
        Ok(write::sequence(&[&tbs, &algorithm, &write::bit_string(signature.as_ref())]))
    };
    let certificate = |subject: &[u8], key: &EcdsaKeyPair, extensions: &[u8]| {
        let p256 = [Oid::new(&[1, 2, 840, 10045, 2, 1]), Oid::new(&[1, 2, 840, 10045, 3, 1, 7])];
        let p256 = write::sequence(&[&write::oid(&p256[0]), &write::oid(&p256[1])]);
        signed(write::sequence(&[
            &write::explicit(0, &write::unsigned(2)),
            &write::unsigned(1),
            &algorithm,
            &name,
            &write::sequence(&[&write::time(from), &write::time(until)]),
            subject,
            &write::sequence(&[&p256, &write::bit_string(key.public_key().as_ref())]),
            &write::explicit(3, &write::sequence(&[extensions])),
        ]))
    };
    let extension = |last: u64, value: &[u8]| {
        let oid = write::oid(&Oid::new(&[2, 5, 29, last]));
        write::sequence(&[&oid, &write::boolean(true), &write::octet_string(value)])
    };
    let authority = [
        extension(19, &write::sequence(&[&write::boolean(true)])),
        extension(15, &write::tlv(Tag::BIT_STRING, &[1, 0b0000_0110])),
    ];
    std::fs::write(folder.join("issuer.cer"), certificate(&name, &key, &authority.concat())?)?;
    let signing = extension(15, &write::tlv(Tag::BIT_STRING, &[6, 0b1100_0000]));
    let certificate = Certificate::from_der(&certificate(&named(b"Signer"), &citizen, &signing)?)?;
    let message = sign_attached(&SigningKey::from_bytes(pkcs8.as_ref())?, &certificate, &[], b"content", from)?;
    std::fs::write(folder.join("message.p7s"), message)?;

    let reason = |code: u8| {
        let value = write::octet_string(&write::tlv(Tag::ENUMERATED, &[code]));
        write::sequence(&[&write::sequence(&[&write::oid(&Oid::new(&[2, 5, 29, 21])), &value])])
    };
    let mut revoked = Vec::new();
    for index in 0..entries {
        let code = u8::try_from(index % 5)? + 1;
        revoked.extend(write::sequence(&[
            &write::integer_content(&serial(index)),
            &write::time(from - chrono::TimeDelta::seconds(i64::try_from(index)?)),
            &reason(code),
        ]));
    }
    let tbs = write::sequence(&[
        &write::unsigned(1),
        &algorithm,
        &name,
        &write::time(from),
        &write::time(until),
        &write::tlv(Tag::SEQUENCE, &revoked),
    ]);
    drop(revoked);
    BufWriter::new(File::create(folder.join("list.crl"))?).write_all(&signed(tbs)?)?;
    Ok(())
}

fn run(folder: &Path, entries: u64) -> Result<(), Box<dyn Error>> {
    let issuer = Certificate::from_der(&std::fs::read(folder.join("issuer.cer"))?)?;
    let path = folder.join("list.crl");
    let mut file = OpenOptions::new().read(true).open(&path)?;
    let length = file.metadata()?.len();
    let before = resident("VmRSS")?;
    let start = Instant::now();
    let mut der = Vec::with_capacity(usize::try_from(length)?);
    file.read_to_end(&mut der)?;
    let read = start.elapsed();
    let start = on_processor()?;
    let mut list = CertificateRevocationList::from_der(der)?;
    let indexed = on_processor()?.saturating_sub(start);
    let start = Instant::now();
    list.verify(&issuer)?;
    let verified = start.elapsed();
    let start = Instant::now();
    file.rewind()?;
    list.release(file)?;
    let released = start.elapsed();
    let (after, peak) = (resident("VmRSS")?, resident("VmHWM")?);

    let known = list.verify(&issuer)?;
    let absent = time(|index| known.lookup(&serial(entries + index)).map(|entry| assert!(entry.is_none())))?;
    let present = time(|index| known.lookup(&serial(index * 7_919 % entries)).map(|entry| assert!(entry.is_some())))?;
    println!("entries                {entries}");
    println!("file                   {:.1} MB", megabytes(length));
    println!("resident once loaded   {:.1} MB more", megabytes(after - before));
    println!(
        "peak while loading     {:.1} MB more, {:.1} MB beside the file",
        megabytes(peak - before),
        megabytes(peak - before) - megabytes(length)
    );
    println!("read {read:.2?}, indexed {indexed:.2?}, verified {verified:.2?}, released {released:.2?}");
    println!("lookup, absent         {} ns", absent.as_nanos() / u128::from(LOOKUPS));
    println!("lookup, revoked        {} ns", present.as_nanos() / u128::from(LOOKUPS));
    beside_refreshes(&path, &issuer, list, &std::fs::read(folder.join("message.p7s"))?)
}

/// Validations alone and beside a refresh, by turns: what the slowest one in a hundred takes.
fn beside_refreshes(
    path: &Path,
    issuer: &Certificate,
    list: CertificateRevocationList,
    message: &[u8],
) -> Result<(), Box<dyn Error>> {
    let store = |list| {
        let anchor = TrustEntry::anchor(issuer.clone(), PurposeSet::ALL);
        Arc::new(TrustStore::new(1, vec![anchor], vec![(Arc::new(list), PurposeSet::ALL)]))
    };
    let trust = RwLock::new(store(list));
    let refresh = || -> Result<(), String> {
        let read = || -> Result<_, Box<dyn Error>> {
            let mut list = CertificateRevocationList::from_der(std::fs::read(path)?)?;
            list.verify(issuer)?;
            list.release(File::open(path)?)?;
            Ok(list)
        };
        let fresh = store(read().map_err(|error| error.to_string())?);
        *trust.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    };
    let policy = ValidationPolicy { subject_profile: SubjectProfile::Any, ..ValidationPolicy::national() };
    let slowest = |enough: &dyn Fn() -> bool| percentile(&trust, message, &policy, enough);
    println!("\n{:>8} {:>16} {:>22} {:>8}", "pair", "p99 alone", "beside a refresh", "ratio");
    let mut ratios = Vec::new();
    for pair in 1..=PAIRS {
        let begin = Instant::now();
        let alone = slowest(&|| begin.elapsed() >= ALONE)?;
        let beside = std::thread::scope(|scope| {
            let refreshing = scope.spawn(refresh);
            let beside = slowest(&|| refreshing.is_finished());
            refreshing.join().map_err(|_| "the refresh failed")??;
            beside
        })?;
        ratios.push(beside.as_secs_f64() / alone.as_secs_f64());
        println!("{pair:>8} {alone:>16.1?} {beside:>22.1?} {:>8.2}", ratios[pair - 1]);
    }
    ratios.sort_by(f64::total_cmp);
    println!("\nmedian ratio of p99 {:.2}", ratios[PAIRS / 2]);
    Ok(())
}

/// What the slowest validation in a hundred takes, of those until it is enough.
fn percentile(
    trust: &RwLock<Arc<TrustStore>>,
    message: &[u8],
    policy: &ValidationPolicy,
    enough: &dyn Fn() -> bool,
) -> Result<Duration, Box<dyn Error>> {
    let time = "2026-07-01T00:00:00Z".parse()?;
    let input = SignatureInput { signature: message, content: None, certificates: &[], crls: &[], ocsps: &[] };
    let mut times = Vec::new();
    while !enough() {
        let begin = Instant::now();
        let trust = Arc::clone(&trust.read().unwrap_or_else(PoisonError::into_inner));
        let conclusion = validate(&input, policy, &trust, time)?.report.conclusion;
        times.push(begin.elapsed());
        if !conclusion.is_passed() {
            return Err(conclusion.to_string().into());
        }
    }
    times.sort();
    times.get(times.len() * 99 / 100).copied().ok_or_else(|| "nothing was validated".into())
}

/// What all lookups take on the processor, without making the serial numbers; other work on the machine does not count.
fn time(lookup: impl Fn(u64) -> Result<(), Unreadable>) -> Result<Duration, Box<dyn Error>> {
    // The first round warms the cache of the file.
    (0..LOOKUPS).try_for_each(&lookup)?;
    let start = on_processor()?;
    for index in 0..LOOKUPS {
        black_box(serial(black_box(index)));
    }
    let making = on_processor()?.saturating_sub(start);
    let start = on_processor()?;
    (0..LOOKUPS).try_for_each(lookup)?;
    Ok(on_processor()?.saturating_sub(start).saturating_sub(making))
}

/// What this process has taken on the processor.
fn on_processor() -> Result<Duration, Box<dyn Error>> {
    let statistics = std::fs::read_to_string("/proc/self/schedstat")?;
    Ok(Duration::from_nanos(statistics.split_whitespace().next().ok_or("no figure")?.parse()?))
}

/// A figure of this process in octets.
fn resident(name: &str) -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with(name)).ok_or("no such figure")?;
    let kilobytes: u64 = line.split_whitespace().nth(1).ok_or("no figure")?.parse()?;
    Ok(kilobytes * 1024)
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn megabytes(octets: u64) -> f64 {
    octets as f64 / 1e6
}
