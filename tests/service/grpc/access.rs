//! Who may call what.

use std::collections::BTreeSet;

use consular_registration::grpc::methods::{METHODS, Method};
use consular_registration::grpc::proto::FILE_DESCRIPTOR_SET;
use consular_registration::grpc::{REQUEST_ID_HEADER, proto};
use prost::Message;
use prost_types::FileDescriptorSet;
use tonic::{Code, Request};
use tonic_types::StatusExt;

use super::net::{Authority, Server, entry, named, noon, shared, tls};
use consular_registration::grpc::Limits;

#[test]
fn the_table_has_exactly_the_methods_of_the_protocol() {
    let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
    let mut declared = BTreeSet::new();
    for file in set.file.iter().filter(|file| file.package() == "consular.registration.v1") {
        for service in &file.service {
            for method in &service.method {
                let flow = (method.client_streaming(), method.server_streaming());
                declared.insert((format!("/{}.{}/{}", file.package(), service.name(), method.name()), flow));
            }
        }
    }
    let flow = |method: &Method| match method.flow {
        consular_registration::grpc::methods::Flow::Unary => (false, false),
        consular_registration::grpc::methods::Flow::Upload => (true, false),
        consular_registration::grpc::methods::Flow::Stream => (false, true),
        consular_registration::grpc::methods::Flow::Exchange => (true, true),
    };
    let listed: BTreeSet<_> = METHODS.iter().map(|method| (method.path.to_owned(), flow(method))).collect();
    assert_eq!(listed.len(), METHODS.len(), "a method stands twice in the table");
    assert_eq!(listed, declared);
}

#[tokio::test]
async fn in_the_sandbox_the_caller_is_the_sandbox_and_sees_all() {
    let server = Server::plaintext(Limits::default()).await;
    let response = server.applications().await.get_application(named("applications/x")).await.unwrap();
    let request_id = response.metadata().get(REQUEST_ID_HEADER).unwrap().to_str().unwrap().to_owned();
    assert_eq!(uuid::Uuid::parse_str(&request_id).unwrap().get_version_num(), 7);
    let application = response.into_inner().application.unwrap();
    assert_eq!((application.submitted_by.as_str(), application.mission.as_str()), ("sandbox", "All"));
}

#[tokio::test]
async fn a_caller_is_known_by_its_certificate_and_sees_as_far_as_its_role() {
    let authority = Authority::new("Callers");
    let (portal, mission) =
        (authority.certify("portal"), authority.certify_system("front desk", Some("1.2.398.9.9.1")));
    let table = entry("portal", &portal, "roles = [\"portal\"]")
        + "[[caller]]\nid = \"berlin\"\ninformation_system = \"1.2.398.9.9.1\"\nroles = [\"mission\", \"validation\"]\nmission = \"KZ-DE-BER\"\n";
    let server = Server::tls(&shared(tls(&authority, &[&authority], &[], noon())), &table).await;
    let seen = async |holder| {
        let mut client = server.connect(&authority, Some(holder)).await.unwrap();
        let application =
            client.get_application(named("applications/x")).await.unwrap().into_inner().application.unwrap();
        (application.submitted_by, application.mission)
    };
    assert_eq!(seen(&portal).await, ("portal".to_owned(), "Own".to_owned()));
    assert_eq!(seen(&mission).await, ("berlin".to_owned(), "Mission(\"KZ-DE-BER\")".to_owned()));
}

#[tokio::test]
async fn who_is_not_in_the_table_is_unauthenticated_whatever_the_metadata_say() {
    let authority = Authority::new("Callers");
    let (portal, stranger) = (authority.certify("portal"), authority.certify("stranger"));
    let table = entry("portal", &portal, "roles = [\"portal\"]");
    let server = Server::tls(&shared(tls(&authority, &[&authority], &[], noon())), &table).await;
    let mut client = server.connect(&authority, Some(&stranger)).await.unwrap();
    let mut request = Request::new(named("applications/x"));
    for key in ["authorization", "x-caller", "x-forwarded-client-cert", "x-client-cert-sha256"] {
        request.metadata_mut().insert(key, portal.sha256().parse().unwrap());
    }
    let status = client.get_application(request).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    let details = status.get_error_details();
    assert_eq!(details.error_info().unwrap().reason, "CALLER_UNKNOWN");
    let request_id = status.metadata().get(REQUEST_ID_HEADER).unwrap().to_str().unwrap();
    assert_eq!(details.request_info().unwrap().request_id, request_id);
}

#[tokio::test]
async fn a_role_without_the_method_is_denied() {
    let authority = Authority::new("Callers");
    let auditor = authority.certify("auditor");
    let table = entry("auditor", &auditor, "roles = [\"auditor\"]");
    let server = Server::tls(&shared(tls(&authority, &[&authority], &[], noon())), &table).await;
    let mut client = server.connect(&authority, Some(&auditor)).await.unwrap();
    assert!(client.get_application(named("applications/x")).await.is_ok());
    let status = client.submit_application(proto::SubmitApplicationRequest::default()).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    let details = status.get_error_details();
    let info = details.error_info().unwrap();
    assert_eq!((info.reason.as_str(), info.domain.as_str()), ("CALLER_NOT_ALLOWED", "consular.registration.v1"));
}

#[tokio::test]
async fn a_caller_taken_out_is_denied_at_its_next_call_on_the_open_connection() {
    let authority = Authority::new("Callers");
    let portal = authority.certify("portal");
    let table = entry("portal", &portal, "roles = [\"portal\"]");
    let server = Server::tls(&shared(tls(&authority, &[&authority], &[], noon())), &table).await;
    let mut client = server.connect(&authority, Some(&portal)).await.unwrap();
    assert!(client.get_application(named("applications/x")).await.is_ok());
    server.replace_callers("");
    assert_eq!(client.get_application(named("applications/x")).await.unwrap_err().code(), Code::Unauthenticated);
    server.replace_callers(&entry("portal", &portal, "roles = [\"validation\"]"));
    assert_eq!(client.get_application(named("applications/x")).await.unwrap_err().code(), Code::PermissionDenied);
    server.replace_callers(&table);
    assert!(client.get_application(named("applications/x")).await.is_ok());
}

#[tokio::test]
async fn a_method_that_is_not_there_is_unimplemented() {
    let server = Server::plaintext(Limits::default()).await;
    let mut grpc = tonic::client::Grpc::new(server.channel().await);
    grpc.ready().await.unwrap();
    let path = "/consular.registration.v1.ApplicationService/NoSuchMethod".parse().unwrap();
    let codec = tonic_prost::ProstCodec::<proto::GetApplicationRequest, proto::GetApplicationResponse>::default();
    let status = grpc.unary(Request::new(named("applications/x")), path, codec).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    assert_eq!(status.get_error_details().error_info().unwrap().reason, "METHOD_UNKNOWN");
}
