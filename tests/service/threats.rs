//! What is tried against signed data, paths, and revocation and time: every row of the catalogue has its tests, named in
//! `threats.toml`, and those that belong to no one room stand here.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::path::Path;

use chrono::TimeDelta;
use consular_registration::grpc::client::answer;
use consular_registration::grpc::proto::SetClockRequest;
use consular_registration::pki::Oid;
use consular_registration::pki::der::{Tag, write};
use consular_registration::pki::trust::{PurposeSet, TrustEntry, TrustStore};
use consular_registration::registration::form::Kind;
use consular_registration::signature::{ValidationPolicy, validate_certificate};
use serde::Deserialize;

use crate::support::pki::{self, Authority, Template, extension, name};
use crate::support::service::{Service, now, submit};

/// The rows of the catalogue, without the numbers it does not use.
const ROWS: [&str; 45] = [
    "C01", "C02", "C04", "C05", "C06", "C07", "C08", "C09", "C10", "C11", "C13", "C14", "C15", "C16", "C17", "C18",
    "C19", "C21", "C23", "C24", "C26", "C27", "C28", "C29", "P01", "P02", "P03", "P04", "P05", "P06", "P07", "P08",
    "R01", "R02", "R03", "R04", "R05", "R06", "R07", "R08", "R09", "R10", "R11", "R12", "R13",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// What is tried.
    attempt: String,
    tests: Vec<String>,
}

/// The names of all test functions below `folder`.
fn tests_below(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tests_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let mut follows = false;
            for line in text.lines().map(str::trim) {
                // Within `with_each_database!` the macro writes the attribute.
                let each = line.starts_with("async fn ") && line.contains("(service: Service)");
                if let Some((_, function)) = line.split_once("fn ").filter(|_| follows || each) {
                    found.extend(function.split_once('(').map(|(name, _)| name.to_owned()));
                }
                follows = line.starts_with("#[test]") || line.starts_with("#[tokio::test");
            }
        }
    }
}

#[test]
fn every_row_of_the_catalogue_has_tests_that_are_there() {
    let rows: BTreeMap<String, Row> = toml::from_str(include_str!("threats.toml")).unwrap();
    assert_eq!(rows.keys().map(String::as_str).collect::<Vec<_>>(), ROWS);
    let mut found = BTreeSet::new();
    tests_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/service"), &mut found);
    for (id, row) in rows {
        assert!(!row.attempt.is_empty() && !row.tests.is_empty(), "{id}");
        for test in row.tests {
            assert!(found.contains(&test), "{id} names {test}, which is no test");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c23_after_its_expiry_a_form_that_came_in_time_is_answered_and_another_is_not() {
    let service = Service::sqlite().await;
    let sandbox = &service.sandbox;
    let [in_time, too_late] = ["assel", "student"].map(|citizen| {
        let mut form = sandbox.form(citizen, Kind::Temporary);
        form.expires_at = now() + TimeDelta::hours(1);
        sandbox.signed(citizen, &form)
    });
    let first = submit(&service.client, in_time.clone(), "one").await.unwrap();
    let time = prost_types::Timestamp { seconds: (now() + TimeDelta::hours(2)).timestamp(), nanos: 0 };
    answer(service.client.sandbox().set_clock(SetClockRequest { time: Some(time) })).await.unwrap();
    let again = submit(&service.client, in_time, "two").await.unwrap();
    assert_eq!(again.name, first.name);
    let refused = service.submit(too_late).await.unwrap_err();
    assert_eq!((refused.code, refused.reason.as_str()), ("FAILED_PRECONDITION", "FORM_INVALID"), "{refused:?}");
}

#[test]
fn p08_no_location_that_a_certificate_names_is_fetched_from() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let uri = write::tlv(Tag::context(6), format!("http://{}/list.crl", listener.local_addr().unwrap()).as_bytes());
    let point = write::explicit(0, &write::tlv(Tag::context_constructed(0), &uri));
    let points = write::sequence(&[&write::sequence(&[&point])]);
    let access = |method: u64| write::sequence(&[&write::oid(&Oid::new(&[1, 3, 6, 1, 5, 5, 7, 48, method])), &uri]);
    let (responder, issuers) = (access(1), access(2));
    let root = Authority::root("Root");
    let unknown = root.below("Not in the store", |template| template);
    let template = Template::signer(name("Signer"))
        .with(extension(Oid::new(&[2, 5, 29, 31]), false, &points))
        .with(extension(Oid::new(&[1, 3, 6, 1, 5, 5, 7, 1, 1]), false, &write::sequence(&[&responder, &issuers])));
    let trust = TrustStore::new(1, vec![TrustEntry::anchor(root.certificate.clone(), PurposeSet::ALL)], vec![]);
    // The list of the one is missing, the issuer of the other too.
    for leaf in [root.issue(&template), unknown.issue(&template)] {
        let policy = ValidationPolicy::national();
        let judged = validate_certificate(leaf.der(), &[], &[], &[], &policy, &trust, pki::now()).unwrap();
        assert!(!judged.report.conclusion.is_passed());
        assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    }
}
