//! Handshakes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use consular_registration::clock::SystemClock;
use consular_registration::grpc::tls::{CallerTrust, ServerIdentity, TlsError, UnknownRevocation, server_config};
use consular_registration::grpc::{Limits, Listener, ListenerError, Security};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::net::{Authority, Server, entry, named, noon, shared, tls};

#[tokio::test]
async fn only_certificates_under_an_anchor_for_callers_get_past_the_handshake() {
    let (server_authority, callers, others) =
        (Authority::new("Servers"), Authority::new("Callers"), Authority::new("Others"));
    let (portal, other, namesake) =
        (callers.certify("portal"), others.certify("portal"), Authority::new("Callers").certify("portal"));
    let table = entry("portal", &portal, "roles = [\"portal\"]");
    let server = Server::tls(&shared(tls(&server_authority, &[&callers], &[], noon())), &table).await;
    assert!(server.connect(&server_authority, Some(&portal)).await.is_ok());
    assert!(server.connect(&server_authority, Some(&other)).await.is_err());
    assert!(server.connect(&server_authority, Some(&namesake)).await.is_err());
    assert!(server.connect(&server_authority, None).await.is_err());
    assert!(server.connect(&others, Some(&portal)).await.is_err(), "the client has to know the server's authority");
}

#[tokio::test]
async fn a_revoked_certificate_and_an_expired_one_fail() {
    let authority = Authority::new("Callers");
    let (good, revoked) = (authority.certify("good"), authority.certify("revoked"));
    let lists = [authority.revocation_list(&[&revoked])];
    let config = shared(tls(&authority, &[&authority], &lists, noon()));
    let server = Server::tls(&config, "").await;
    assert!(server.connect(&authority, Some(&good)).await.is_ok());
    assert!(server.connect(&authority, Some(&revoked)).await.is_err());
    config.store(Arc::new(tls(&authority, &[&authority], &lists, "2031-06-01T12:00:00Z".parse().unwrap())));
    assert!(server.connect(&authority, Some(&good)).await.is_err(), "by the service's clock it has expired");
}

#[tokio::test]
async fn with_lists_a_certificate_that_none_of_them_covers_fails() {
    let (listed, unlisted) = (Authority::new("Listed"), Authority::new("Unlisted"));
    let lists = [listed.revocation_list(&[])];
    let server = Server::tls(&shared(tls(&listed, &[&listed, &unlisted], &lists, noon())), "").await;
    assert!(server.connect(&listed, Some(&listed.certify("a"))).await.is_ok());
    assert!(server.connect(&listed, Some(&unlisted.certify("b"))).await.is_err());
}

#[tokio::test]
async fn a_new_configuration_holds_from_the_next_handshake_and_open_connections_go_on() {
    let (old, new) = (Authority::new("Old"), Authority::new("New"));
    let (before, after) = (old.certify("before"), new.certify("after"));
    let table = entry("before", &before, "roles = [\"portal\"]") + &entry("after", &after, "roles = [\"portal\"]");
    let config = shared(tls(&old, &[&old], &[], noon()));
    let server = Server::tls(&config, &table).await;
    let mut open = server.connect(&old, Some(&before)).await.unwrap();
    assert!(server.connect(&old, Some(&after)).await.is_err());

    config.store(Arc::new(tls(&new, &[&new], &[], noon())));
    assert!(open.get_application(named("applications/x")).await.is_ok());
    assert!(server.connect(&new, Some(&before)).await.is_err());
    assert!(server.connect(&new, Some(&after)).await.is_ok());
}

#[tokio::test]
async fn a_silent_peer_is_dropped_and_holds_up_nobody() {
    let authority = Authority::new("Callers");
    let portal = authority.certify("portal");
    let limits = Limits { handshake_time: Duration::from_millis(300), ..Limits::default() };
    let security = Security::Tls(shared(tls(&authority, &[&authority], &[], noon())));
    let server = Server::start(security, &entry("portal", &portal, "roles = [\"portal\"]"), limits).await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let begun = Instant::now();
    assert!(server.connect(&authority, Some(&portal)).await.is_ok());
    let ended =
        tokio::time::timeout(Duration::from_secs(5), silent.read_u8()).await.expect("the handshake has a time limit");
    assert!(ended.is_err());
    assert!(begun.elapsed() >= Duration::from_millis(250));
}

#[tokio::test]
async fn by_a_list_past_its_next_update_nobody_is_taken_for_unrevoked() {
    let authority = Authority::new("Callers");
    let good = authority.certify("good");
    let lists = [authority.revocation_list(&[])];
    let config = shared(tls(&authority, &[&authority], &lists, noon()));
    let server = Server::tls(&config, "").await;
    assert!(server.connect(&authority, Some(&good)).await.is_ok());
    config.store(Arc::new(tls(&authority, &[&authority], &lists, "2027-06-01T12:00:00Z".parse().unwrap())));
    assert!(server.connect(&authority, Some(&good)).await.is_err());
}

#[tokio::test]
async fn a_list_that_cannot_be_read_denies_the_callers_of_its_issuer_and_nobody_else() {
    let (one, other) = (Authority::new("One"), Authority::new("Other"));
    let (of_one, of_other) = (one.certify("a"), other.certify("b"));
    let unreadable = b"\x30\x03abc".to_vec();
    let lists = [one.revocation_list(&[]), unreadable.clone()];
    let config = shared(tls(&one, &[&one, &other], &lists, noon()));
    let server = Server::tls(&config, "").await;
    assert!(server.connect(&one, Some(&of_one)).await.is_ok());
    assert!(server.connect(&one, Some(&of_other)).await.is_err());
    config.store(Arc::new(tls(&one, &[&one], &[unreadable], noon())));
    assert!(server.connect(&one, Some(&of_one)).await.is_err(), "no list that can be read is not no list");
}

#[tokio::test]
async fn peers_that_show_no_certificate_take_no_callers_place() {
    let authority = Authority::new("Callers");
    let portal = authority.certify("portal");
    let limits = Limits { connections: 1, handshakes_per_address: 4, ..Limits::default() };
    let security = Security::Tls(shared(tls(&authority, &[&authority], &[], noon())));
    let server = Server::start(security, &entry("portal", &portal, "roles = [\"portal\"]"), limits).await;
    let mut silent = Vec::new();
    for _ in 0..3 {
        silent.push(TcpStream::connect(server.address).await.unwrap());
    }
    let begun = Instant::now();
    assert!(server.connect(&authority, Some(&portal)).await.is_ok());
    assert!(begun.elapsed() < Duration::from_secs(4), "before any of the silent ones is given up");
    // Over the number for one address a further one is closed at once.
    silent.push(TcpStream::connect(server.address).await.unwrap());
    let mut over = TcpStream::connect(server.address).await.unwrap();
    assert!(tokio::time::timeout(Duration::from_secs(3), over.read_u8()).await.expect("closed").is_err());
}

#[tokio::test]
async fn a_stranger_is_told_so_and_its_connection_is_closed() {
    let authority = Authority::new("Callers");
    let stranger = authority.certify("stranger");
    let limits = Limits { stranger_time: Duration::from_millis(500), ..Limits::default() };
    let security = Security::Tls(shared(tls(&authority, &[&authority], &[], noon())));
    let server = Server::start(security, "", limits).await;
    let mut client = server.connect(&authority, Some(&stranger)).await.unwrap();
    let told = client.get_application(named("applications/x")).await.unwrap_err();
    assert_eq!(told.code(), tonic::Code::Unauthenticated);
    // A slow call of this client would be cut with its connection; the client connects anew for the next one.
    tokio::time::sleep(Duration::from_millis(700)).await;
    let again = client.get_application(named("applications/x")).await.unwrap_err();
    assert!([tonic::Code::Unauthenticated, tonic::Code::Unavailable, tonic::Code::Unknown].contains(&again.code()));
    // Strangers have places of their own; where those are taken they wait in vain.
    let limits = Limits { strangers: 0, handshake_time: Duration::from_millis(300), ..Limits::default() };
    let security = Security::Tls(shared(tls(&authority, &[&authority], &[], noon())));
    let server = Server::start(security, "", limits).await;
    assert!(server.connect(&authority, Some(&stranger)).await.is_err());
}

#[tokio::test]
async fn plaintext_is_for_loopback_only() {
    let anywhere: SocketAddr = "0.0.0.0:0".parse().unwrap();
    let error = Listener::bind(anywhere, Security::PlaintextSandbox).await.unwrap_err();
    assert!(matches!(error, ListenerError::PlaintextBeyondLoopback(address) if address == anywhere));
}

#[test]
fn without_an_anchor_or_with_a_foreign_key_there_is_no_configuration() {
    let authority = Authority::new("Callers");
    let (one, other) = (authority.certify("one"), authority.certify("other"));
    let pem = |holder: &super::net::Holder, key: &super::net::Holder| {
        ServerIdentity::from_pem(holder.certificate.pem().as_bytes(), key.key.serialize_pem().as_bytes()).unwrap()
    };
    let trust =
        |anchors| CallerTrust { anchors, revocation_lists: Vec::new(), unknown_revocation: UnknownRevocation::Deny };
    let make = |identity: &ServerIdentity, anchors| server_config(identity, &trust(anchors), SystemClock::shared());
    assert!(matches!(make(&pem(&one, &one), vec![]), Err(TlsError::NoAnchor)));
    let anchors = || vec![authority.certificate.der().as_ref()];
    assert!(matches!(make(&pem(&one, &other), anchors()), Err(TlsError::Identity(_))));
    assert!(matches!(make(&pem(&one, &one), vec![&[1, 2, 3][..]]), Err(TlsError::Anchor(_))));
    assert!(matches!(ServerIdentity::from_pem(b"", one.key.serialize_pem().as_bytes()), Err(TlsError::Certificate(_))));
    assert!(matches!(ServerIdentity::from_pem(one.certificate.pem().as_bytes(), b"x"), Err(TlsError::Key(_))));
}
