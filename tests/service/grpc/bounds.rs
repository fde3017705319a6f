//! Limits on messages, calls, streams and connections.

use std::time::{Duration, Instant};

use consular_registration::grpc::Limits;
use consular_registration::grpc::proto::submit_application_request::Signed;
use consular_registration::grpc::proto::{GetApplicationResponse, SubmitApplicationRequest, WatchApplicationRequest};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic::codec::CompressionEncoding;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

use super::net::{Server, named};

fn of_size(octets: usize) -> SubmitApplicationRequest {
    SubmitApplicationRequest { signed: Some(Signed::SignedApplication(vec![0; octets])), ..Default::default() }
}

fn reason(status: &Status) -> String {
    status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default()
}

#[tokio::test]
async fn a_message_over_the_limit_is_resource_exhausted_also_when_it_grows_by_decompression() {
    let server = Server::plaintext(Limits { message_octets: 64 << 10, ..Limits::default() }).await;
    let mut plain = server.applications().await;
    assert!(plain.submit_application(of_size(60 << 10)).await.is_ok());
    let status = plain.submit_application(of_size(65 << 10)).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::ResourceExhausted, "MESSAGE_TOO_LARGE"));

    let mut compressing = server.applications().await.send_compressed(CompressionEncoding::Gzip);
    assert!(compressing.submit_application(of_size(60 << 10)).await.is_ok());
    // 8 MiB of zeros are a few KiB on the wire.
    let status = compressing.submit_application(of_size(8 << 20)).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::ResourceExhausted, "MESSAGE_TOO_LARGE"));
}

#[tokio::test]
async fn what_is_not_a_message_is_the_callers_fault() {
    let server = Server::plaintext(Limits::default()).await;
    let mut grpc = tonic::client::Grpc::new(server.channel().await);
    grpc.ready().await.unwrap();
    let path = "/consular.registration.v1.ApplicationService/GetApplication".parse().unwrap();
    // A duration's integers where a name is expected.
    let codec = tonic_prost::ProstCodec::<prost_types::Duration, GetApplicationResponse>::default();
    let request = Request::new(prost_types::Duration { seconds: 7, nanos: 7 });
    let status = grpc.unary(request, path, codec).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "MESSAGE_MALFORMED"));
}

#[tokio::test]
async fn calls_over_the_number_are_turned_away_and_told_when_to_come_back() {
    let server = Server::plaintext(Limits { concurrent_calls: 1, ..Limits::default() }).await;
    let mut first = server.applications().await;
    let mut second = first.clone();
    let slow = tokio::spawn(async move { first.get_application(named("applications/slow")).await });
    tokio::time::sleep(Duration::from_millis(150)).await;
    let status = second.get_application(named("applications/x")).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Unavailable, "OVERLOADED"));
    assert!(status.get_error_details().retry_info().unwrap().retry_delay.is_some());
    assert!(slow.await.unwrap().is_ok());
    assert!(second.get_application(named("applications/x")).await.is_ok(), "the place is free again");
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_given_up() {
    let server = Server::plaintext(Limits { call_time: Duration::from_millis(100), ..Limits::default() }).await;
    let status = server.applications().await.get_application(named("applications/slow")).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::DeadlineExceeded, "OUT_OF_TIME"));
}

#[tokio::test]
async fn the_callers_deadline_ends_the_work() {
    let server = Server::plaintext(Limits { concurrent_calls: 1, ..Limits::default() }).await;
    let mut client = server.applications().await;
    let mut request = Request::new(named("applications/slow"));
    request.set_timeout(Duration::from_millis(1));
    assert!(client.get_application(request).await.is_err());
    let again = client.get_application(named("applications/x")).await;
    assert!(again.is_ok(), "the place is free although the work would have gone on for long: {again:?}");
}

#[tokio::test]
async fn a_stream_holds_its_place_until_its_age_and_is_then_told_to_go_on_elsewhere() {
    let limits = Limits { concurrent_streams: 1, stream_age: Duration::from_millis(400), ..Limits::default() };
    let server = Server::plaintext(limits).await;
    let mut client = server.applications().await;
    let mut stream = client.watch_application(WatchApplicationRequest::default()).await.unwrap().into_inner();
    assert_eq!(stream.message().await.unwrap().unwrap().resume_token, "1");
    let status = client.watch_application(WatchApplicationRequest::default()).await.unwrap_err();
    assert_eq!(reason(&status), "OVERLOADED");
    let status = stream.message().await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Unavailable, "STREAM_INTERRUPTED"));
    assert!(client.watch_application(WatchApplicationRequest::default()).await.is_ok());
}

#[tokio::test]
async fn one_caller_does_not_take_all_the_places_for_streams() {
    let server = Server::plaintext(Limits { streams_per_caller: 1, ..Limits::default() }).await;
    let mut client = server.applications().await;
    let _stream = client.watch_application(WatchApplicationRequest::default()).await.unwrap();
    let status = client.watch_application(WatchApplicationRequest::default()).await.unwrap_err();
    assert_eq!(reason(&status), "OVERLOADED");
}

#[tokio::test]
async fn what_anybody_may_ask_is_bounded_in_number_and_time() {
    let limits = Limits { open_calls: 1, stream_age: Duration::from_millis(400), ..Limits::default() };
    let server = Server::plaintext(limits).await;
    let mut health = tonic_health::pb::health_client::HealthClient::new(server.channel().await);
    let request = tonic_health::pb::HealthCheckRequest::default;
    let mut watched = health.watch(request()).await.unwrap().into_inner();
    assert!(watched.message().await.unwrap().is_some());
    assert_eq!(reason(&health.check(request()).await.unwrap_err()), "OVERLOADED");
    let status = watched.message().await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Unavailable, "STREAM_INTERRUPTED"));
    assert!(health.check(request()).await.is_ok(), "the place is free again");
}

#[tokio::test]
async fn a_connection_does_not_outlive_its_age() {
    let (connection_age, connection_grace) = (Duration::from_millis(300), Duration::from_millis(300));
    let server = Server::plaintext(Limits { connection_age, connection_grace, ..Limits::default() }).await;
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    // The preface and an empty SETTINGS frame; nothing is acknowledged and nothing more is said.
    socket.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let begun = Instant::now();
    let mut heard = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(5), socket.read_to_end(&mut heard))
        .await
        .expect("the connection ends");
    assert!(begun.elapsed() >= Duration::from_millis(250));
    assert!(!heard.is_empty());
}

#[tokio::test]
async fn connections_over_the_number_wait_for_a_place() {
    let server = Server::plaintext(Limits { connections: 1, ..Limits::default() }).await;
    let first = server.applications().await;
    assert!(first.clone().get_application(named("applications/x")).await.is_ok());
    let address = server.address;
    let waiting = tokio::spawn(async move {
        let channel = tonic::transport::Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy();
        let mut client =
            consular_registration::grpc::proto::application_service_client::ApplicationServiceClient::new(channel);
        client.get_application(named("applications/x")).await
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!waiting.is_finished());
    drop(first);
    assert!(tokio::time::timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap().is_ok());
}
