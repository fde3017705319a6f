//! How a server says how it is, and how it stops.

use std::time::Duration;

use consular_registration::grpc::client::{Client, Health as Answer, Target};
use consular_registration::grpc::proto::WatchApplicationRequest;
use consular_registration::grpc::{Anchors, Limits};
use tonic::Code;

use super::net::{Server, named};

const APPLICATIONS: &str = "consular.registration.v1.ApplicationService";
const TRUST: &str = "consular.registration.v1.TrustAnchorService";

#[tokio::test]
async fn without_an_anchor_the_services_that_need_one_do_not_serve() {
    let server = Server::plaintext(Limits::default()).await;
    let client = Client::connect(&Target::plaintext(format!("http://{}", server.address))).await.unwrap();
    for (anchors, expected) in [(Anchors::Absent, Answer::NotServing), (Anchors::Present, Answer::Serving)] {
        server.health.anchors(anchors).await;
        assert_eq!(client.health("").await.unwrap(), expected);
        assert_eq!(client.health(APPLICATIONS).await.unwrap(), expected);
        assert_eq!(client.health(TRUST).await.unwrap(), Answer::Serving, "the way out stays open");
    }
    assert_eq!(client.health("no.such.Service").await.unwrap(), Answer::Unknown);
}

#[tokio::test]
async fn stopping_begins_with_health_and_lets_calls_in_flight_finish() {
    let limits = Limits { stop_notice: Duration::from_millis(300), ..Limits::default() };
    let mut server = Server::plaintext(limits).await;
    let observer = Client::connect(&Target::plaintext(format!("http://{}", server.address))).await.unwrap();
    let mut client = server.applications().await;
    let mut stream = client.watch_application(WatchApplicationRequest::default()).await.unwrap().into_inner();
    assert!(stream.message().await.unwrap().is_some());

    server.stop();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(observer.health("").await.unwrap(), Answer::NotServing);
    server.health.anchors(Anchors::Present).await;
    assert_eq!(observer.health(APPLICATIONS).await.unwrap(), Answer::NotServing, "a stopping server stays so");
    // Called during the notice, answered after the socket has closed.
    let in_flight = client.get_application(named("applications/slow")).await;
    assert!(in_flight.is_ok(), "{in_flight:?}");
    assert_eq!(stream.message().await.unwrap_err().code(), Code::Unavailable);
    let address = server.address;
    tokio::time::timeout(Duration::from_secs(5), server.ended()).await.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_call_that_never_ends_does_not_keep_the_server_from_stopping() {
    let limits = Limits { drain_time: Duration::from_millis(200), ..Limits::default() };
    let mut server = Server::plaintext(limits).await;
    let mut health = tonic_health::pb::health_client::HealthClient::new(server.channel().await);
    let mut watched = health.watch(tonic_health::pb::HealthCheckRequest::default()).await.unwrap().into_inner();
    assert!(watched.message().await.unwrap().is_some());
    server.stop();
    tokio::time::timeout(Duration::from_secs(5), server.ended()).await.unwrap();
}
