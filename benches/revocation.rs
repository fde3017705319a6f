//! What a revocation list of five million entries costs: memory at rest, peak while loading, and a lookup.
//!
//! Run in a process of its own, since peaks do not fall: `cargo bench --bench revocation [-- ENTRIES]`.

use std::error::Error;
use std::fs::{File, OpenOptions};
use std::hint::black_box;
use std::io::{BufWriter, Read, Seek, Write};
use std::process::Command;
use std::time::{Duration, Instant};

use consular_registration::pki::crl::Unreadable;
use consular_registration::pki::der::{Tag, write};
use consular_registration::pki::{Certificate, CertificateRevocationList, Oid};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

const ECDSA_SHA256: Oid = Oid::new(&[1, 2, 840, 10045, 4, 3, 2]);
const LOOKUPS: u64 = 1_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.as_slice() {
        [measure, list, issuer, entries] if measure == "measure" => run(list, issuer, entries.parse()?),
        [] => in_own_process(5_000_000),
        [entries] => in_own_process(entries.parse()?),
        _ => Err("at most a number of entries".into()),
    }
}

/// Making the list takes memory of its own, so the measuring is left to another process.
fn in_own_process(entries: u64) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let (list, issuer) = (folder.path().join("list.crl"), folder.path().join("issuer.cer"));
    make(entries, &list, &issuer)?;
    let status = Command::new(std::env::current_exe()?)
        .arg("measure")
        .args([&list, &issuer])
        .arg(entries.to_string())
        .status()?;
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

fn make(entries: u64, list: &std::path::Path, issuer: &std::path::Path) -> Result<(), Box<dyn Error>> {
    let random = SystemRandom::new();
    let refused = |_| "the key is refused";
    let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).map_err(refused)?;
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key.as_ref(), &random)
        .map_err(|_| "the key is refused")?;
    let algorithm = write::sequence(&[&write::oid(&ECDSA_SHA256)]);
    let attribute = write::sequence(&[&write::oid(&Oid::new(&[2, 5, 4, 3])), &write::tlv(Tag::UTF8_STRING, b"Issuer")]);
    let name = write::sequence(&[&write::set_of(Tag::SET, vec![attribute])]);
    let (from, until) = ("2026-06-01T00:00:00Z".parse()?, "2027-06-01T00:00:00Z".parse()?);
    let spki = write::sequence(&[
        &write::sequence(&[
            &write::oid(&Oid::new(&[1, 2, 840, 10045, 2, 1])),
            &write::oid(&Oid::new(&[1, 2, 840, 10045, 3, 1, 7])),
        ]),
        &write::bit_string(key.public_key().as_ref()),
    ]);
    let signed = |tbs: Vec<u8>| -> Result<Vec<u8>, Box<dyn Error>> {
        let signature = key.sign(&random, &tbs).map_err(|_| "no signature")?;
        let parts = [tbs.as_slice(), &algorithm, &write::bit_string(signature.as_ref())].map(<[u8]>::to_vec);
        Ok(write::sequence(&[&parts[0], &parts[1], &parts[2]]))
    };
    let certificate = write::sequence(&[
        &write::unsigned(1),
        &algorithm,
        &name,
        &write::sequence(&[&write::time(from), &write::time(until)]),
        &name,
        &spki,
    ]);
    std::fs::write(issuer, signed(certificate)?)?;

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
    BufWriter::new(File::create(list)?).write_all(&signed(tbs)?)?;
    Ok(())
}

fn run(list: &str, issuer: &str, entries: u64) -> Result<(), Box<dyn Error>> {
    let issuer = Certificate::from_der(&std::fs::read(issuer)?)?;
    let mut file = OpenOptions::new().read(true).open(list)?;
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

    let list = list.verify(&issuer)?;
    let absent = time(|index| list.lookup(&serial(entries + index)).map(|entry| assert!(entry.is_none())))?;
    let present = time(|index| list.lookup(&serial(index * 7_919 % entries)).map(|entry| assert!(entry.is_some())))?;
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
    Ok(())
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
