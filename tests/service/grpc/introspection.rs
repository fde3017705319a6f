//! Reflection, by both versions.

use consular_registration::grpc::Limits;
use tonic_reflection::pb::{v1, v1alpha};

use super::net::Server;

const OFFERED: [&str; 4] = [
    "consular.registration.v1.ApplicationService",
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
];

#[tokio::test]
async fn reflection_lists_what_is_offered_and_nothing_else() {
    let server = Server::plaintext(Limits::default()).await;
    let mut names = Vec::new();
    {
        use v1::server_reflection_request::MessageRequest;
        use v1::server_reflection_response::MessageResponse;
        let mut client = v1::server_reflection_client::ServerReflectionClient::new(server.channel().await);
        let request = v1::ServerReflectionRequest {
            host: String::new(),
            message_request: Some(MessageRequest::ListServices(String::new())),
        };
        let mut answers = client.server_reflection_info(tokio_stream::once(request)).await.unwrap().into_inner();
        let answer = answers.message().await.unwrap().unwrap();
        let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else { panic!("{answer:?}") };
        names.push(list.service.into_iter().map(|service| service.name).collect::<Vec<_>>());
    }
    {
        use v1alpha::server_reflection_request::MessageRequest;
        use v1alpha::server_reflection_response::MessageResponse;
        let mut client = v1alpha::server_reflection_client::ServerReflectionClient::new(server.channel().await);
        let request = v1alpha::ServerReflectionRequest {
            host: String::new(),
            message_request: Some(MessageRequest::ListServices(String::new())),
        };
        let mut answers = client.server_reflection_info(tokio_stream::once(request)).await.unwrap().into_inner();
        let answer = answers.message().await.unwrap().unwrap();
        let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else { panic!("{answer:?}") };
        names.push(list.service.into_iter().map(|service| service.name).collect());
    }
    for mut listed in names {
        listed.sort();
        assert_eq!(listed, OFFERED);
    }
}

#[tokio::test]
async fn reflection_tells_the_file_of_a_method_with_its_imports() {
    use v1alpha::server_reflection_request::MessageRequest;
    use v1alpha::server_reflection_response::MessageResponse;
    let server = Server::plaintext(Limits::default()).await;
    let mut client = v1alpha::server_reflection_client::ServerReflectionClient::new(server.channel().await);
    for wanted in [
        MessageRequest::FileContainingSymbol("consular.registration.v1.ApplicationService".to_owned()),
        MessageRequest::FileByFilename("google/protobuf/timestamp.proto".to_owned()),
    ] {
        let request = v1alpha::ServerReflectionRequest { host: String::new(), message_request: Some(wanted) };
        let mut answers = client.server_reflection_info(tokio_stream::once(request)).await.unwrap().into_inner();
        let answer = answers.message().await.unwrap().unwrap();
        let Some(MessageResponse::FileDescriptorResponse(files)) = answer.message_response else {
            panic!("{answer:?}")
        };
        assert!(!files.file_descriptor_proto.is_empty());
    }
}
