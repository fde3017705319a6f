//! ValidationService from outside: many signatures over one stream, policies by name.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use consular_registration::config::Settings;
use consular_registration::grpc::client::{Client, Target, answer, next};
use consular_registration::grpc::proto::validate_signatures_response::Result as Answer;
use consular_registration::grpc::proto::validation_service_client::ValidationServiceClient;
use consular_registration::grpc::proto::{
    ConstraintLevel, ConstraintStatus, GetValidationReportRequest, RevocationSource, RevocationStatus,
    ValidateSignatureRequest, ValidateSignaturesRequest, ValidateSignaturesResponse, ValidationReport,
    ValidationReportView,
};
use consular_registration::server::start;
use tokio_stream::StreamExt as _;
use tonic::Code;
use tonic::transport::Endpoint;

use super::support::service::{Sandbox, Service, refusal};

fn request(signature: Vec<u8>) -> ValidateSignatureRequest {
    ValidateSignatureRequest { signature, ..ValidateSignatureRequest::default() }
}

fn item(id: &str, request: ValidateSignatureRequest) -> ValidateSignaturesRequest {
    ValidateSignaturesRequest { id: id.to_owned(), request: Some(request) }
}

/// All answers to these items, by their names.
async fn answers(client: &Client, items: Vec<ValidateSignaturesRequest>) -> BTreeMap<String, Answer> {
    let stream = answer(client.validations().validate_signatures(tokio_stream::iter(items))).await;
    let mut stream = stream.expect("the exchange begins");
    let mut answers = BTreeMap::new();
    while let Some(response) = next(&mut stream).await.expect("the exchange goes on") {
        let ValidateSignaturesResponse { id, result } = response;
        assert!(answers.insert(id, result.expect("an answer")).is_none(), "one answer an item");
    }
    answers
}

fn report(answer: &Answer) -> &ValidationReport {
    match answer {
        Answer::Report(report) => report,
        Answer::Error(error) => panic!("an error in place of a report: {error:?}"),
    }
}

/// A report without what is told of the call alone.
fn verdict(report: &ValidationReport) -> ValidationReport {
    ValidationReport { name: String::new(), ..report.clone() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_item_is_answered_under_its_name_as_a_call_of_its_own_would_be() {
    let service = Service::sqlite().await;
    // After the lists that the service was started with.
    let time = prost_types::Timestamp { seconds: super::support::service::now().timestamp() + 5, nanos: 0 };
    let question = |signer: &str| ValidateSignatureRequest {
        validation_time: Some(time),
        ..request(service.sandbox.sign(&format!("citizens/{signer}"), b"content"))
    };
    let questions = ["assel", "gost", "revoked", "student"].map(|signer| (signer, question(signer)));
    let items = questions.iter().map(|(signer, question)| item(signer, question.clone())).collect();
    let answers = answers(&service.client, items).await;
    assert_eq!(answers.len(), questions.len());
    for (signer, question) in questions {
        let alone = answer(service.client.validations().validate_signature(question)).await.unwrap().report.unwrap();
        let in_batch = report(&answers[signer]);
        assert_eq!(verdict(in_batch), verdict(&alone), "{signer}");
        assert_ne!(in_batch.name, alone.name, "each is stored under a name of its own");
    }
    assert_eq!(report(&answers["assel"]).indication, "TOTAL-PASSED");
    assert_eq!(report(&answers["revoked"]).sub_indication, "REVOKED_NO_POE");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_one_item_is_its_own_answer_and_the_others_pass() {
    let service = Service::sqlite().await;
    let signed = service.sandbox.sign("citizens/assel", b"content");
    let long = "ы".repeat(129);
    let answers = answers(
        &service.client,
        vec![
            item("garbage", request(b"garbage".to_vec())),
            item("first", request(signed.clone())),
            item("", request(signed.clone())),
            item(&long, request(signed.clone())),
            ValidateSignaturesRequest { id: "bare".to_owned(), request: None },
            item("policy", ValidateSignatureRequest { policy: "lax".to_owned(), ..request(signed.clone()) }),
            item("last", request(signed)),
        ],
    )
    .await;
    for id in ["first", "last"] {
        assert_eq!(report(&answers[id]).indication, "TOTAL-PASSED");
    }
    let cut = "ы".repeat(128);
    for id in ["garbage", "", &cut, "bare", "policy"] {
        let Answer::Error(error) = &answers[id] else { panic!("{id} has a report") };
        assert_eq!(error.code, i32::from(Code::InvalidArgument), "{id}: {error:?}");
        assert!(error.details.iter().any(|any| any.type_url.ends_with("google.rpc.BadRequest")), "{id}: {error:?}");
    }
    assert_eq!(answers.len(), 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_is_not_read_from() {
    const ITEMS: usize = 200;
    let service = Service::sqlite().await;
    let content = vec![7_u8; 96 << 10];
    let signed = service.sandbox.sign("citizens/assel", &content);
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    let items = tokio_stream::iter(0..ITEMS).map(move |number| {
        counter.fetch_add(1, Ordering::Relaxed);
        item(&number.to_string(), request(signed.clone()))
    });
    // The least that a client can be ready to receive, so that what is not read does not hide in windows.
    let address = service.address();
    let endpoint = Endpoint::from_shared(address).unwrap();
    let channel =
        endpoint.initial_stream_window_size(65_535).initial_connection_window_size(65_535).connect().await.unwrap();
    let mut client = ValidationServiceClient::new(channel);
    let mut stream = client.validate_signatures(items).await.unwrap().into_inner();
    let mut before = 0;
    loop {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let now = sent.load(Ordering::Relaxed);
        if now == before {
            break;
        }
        before = now;
    }
    assert!(before < ITEMS / 2, "{before} of {ITEMS} items were taken in without one answer read");
    let mut answered = 0;
    while stream.message().await.unwrap().is_some() {
        answered += 1;
    }
    assert_eq!(answered, ITEMS, "once it reads, everything is answered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopping_service_answers_what_it_has_read_and_says_that_there_may_be_more() {
    let sandbox = Sandbox::new();
    let settings = Settings { listen: ([127, 0, 0, 1], 0).into(), ..Settings::default() }.for_sandbox(&sandbox.path());
    let running = start(settings, Some(sandbox.authority())).await.expect("the service starts");
    let client = Client::connect(&Target::plaintext(format!("http://{}", running.address))).await.unwrap();
    let (sender, items) = tokio::sync::mpsc::channel(4);
    let items = tokio_stream::wrappers::ReceiverStream::new(items);
    for id in ["one", "two"] {
        sender.send(item(id, request(sandbox.sign("citizens/assel", b"content")))).await.unwrap();
    }
    let mut stream = answer(client.validations().validate_signatures(items)).await.unwrap();
    let mut answered = vec![next(&mut stream).await.unwrap().expect("an answer").id];
    // They were sent together, and the other is read while the first is judged.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let stopper = running.stopper();
    stopper.send_replace(true);
    let refused = loop {
        match next(&mut stream).await {
            Ok(Some(response)) => answered.push(response.id),
            Ok(None) => panic!("the end must not look like the whole"),
            Err(error) => break refusal(error),
        }
    };
    assert_eq!((refused.code, refused.reason.as_str()), ("UNAVAILABLE", "STREAM_INTERRUPTED"), "{refused:?}");
    answered.sort();
    assert_eq!(answered, ["one", "two"]);
    drop(sender);
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_policy_is_chosen_by_its_name_and_an_unknown_one_names_those_there_are() {
    let service = Service::sqlite().await;
    let signed = service.sandbox.sign("citizens/assel", b"content");
    let by = async |policy: &str| {
        let request = ValidateSignatureRequest { policy: policy.to_owned(), ..request(signed.clone()) };
        answer(service.client.validations().validate_signature(request)).await
    };
    for (policy, reported) in [("", "kz-national 2026-01-01"), ("kz-national", "kz-national 2026-01-01")] {
        assert_eq!(by(policy).await.unwrap().report.unwrap().policy, reported);
    }
    let strict = by("strict").await.unwrap().report.unwrap();
    assert_eq!(strict.policy, "strict 2026-11-01");
    let refused = refusal(by("lax").await.unwrap_err());
    assert_eq!((refused.code, refused.fields[0].field.as_str()), ("INVALID_ARGUMENT", "policy"));
    assert_eq!(refused.fields[0].description, "the policies are: kz-national, strict");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_full_view_tells_every_check_and_the_basic_one_who_signed_and_what_to_do() {
    let service = Service::sqlite().await;
    let signature = service.sandbox.sign("citizens/revoked", b"content");
    let full = ValidateSignatureRequest { view: ValidationReportView::Full.into(), ..request(signature) };
    let full = answer(service.client.validations().validate_signature(full)).await.unwrap().report.unwrap();
    let signer = &full.signers[0];
    assert_eq!((signer.sub_indication.as_str(), signer.side.as_str()), ("REVOKED_NO_POE", "SIGNER"));
    let (explanation, remedy) = (signer.explanation.as_ref().unwrap(), signer.remedy.as_ref().unwrap());
    assert_eq!(explanation.en, "The certificate is revoked.");
    assert!([&remedy.kk, &remedy.ru, &remedy.en].into_iter().all(|text| !text.is_empty()));

    let detailed = full.detailed.as_ref().expect("the detailed report");
    let signer = &detailed.signers[0];
    let blocks: Vec<_> = signer.building_blocks.iter().map(|block| (block.name.as_str(), block.status())).collect();
    assert!(blocks.contains(&("integrity", ConstraintStatus::Passed)), "{blocks:?}");
    assert!(blocks.contains(&("freshness", ConstraintStatus::Failed)), "{blocks:?}");
    let constraints: Vec<_> = signer.building_blocks.iter().flat_map(|block| &block.constraints).collect();
    let report: serde_json::Value = serde_json::from_str(&full.canonical_json).unwrap();
    let stored = report["signers"][0]["constraints"].as_array().unwrap();
    assert_eq!(constraints.len(), stored.len(), "none is left out");
    assert!(constraints.iter().all(|each| each.level() == ConstraintLevel::Fail && !each.detail.is_empty()));
    let revocation = signer.path[0].revocation.as_ref().unwrap();
    assert_eq!((revocation.status(), revocation.source()), (RevocationStatus::Revoked, RevocationSource::Crl));
    assert!(revocation.revocation_time.is_some() && !revocation.source_sha256.is_empty());
    assert_eq!(signer.certificate.as_ref().unwrap().sha256, full.signers[0].certificate_sha256);

    let read = async |view: ValidationReportView| {
        let request = GetValidationReportRequest { name: full.name.clone(), view: view.into() };
        answer(service.client.validations().get_validation_report(request)).await.unwrap().report.unwrap()
    };
    assert_eq!(read(ValidationReportView::Full).await, full);
    let basic = ValidationReport { detailed: None, ..full.clone() };
    assert_eq!(read(ValidationReportView::Basic).await, basic);
    assert_eq!(read(ValidationReportView::Unspecified).await, basic);
}
