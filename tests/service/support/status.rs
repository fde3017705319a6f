//! A status as a snapshot shows it.

use std::fmt::Write;

use consular_registration::grpc::proto::LocalizedViolations;
use prost::Message;
use tonic::Status;
use tonic_types::{ErrorDetail, StatusExt};

/// Code, message and every google.rpc detail, a line each; then the violations in the other languages.
pub fn shown(status: &Status) -> String {
    let details = status.get_error_details();
    let mut text = format!("{:?}: {}\n", status.code(), status.message());
    if let Some(info) = details.error_info() {
        let mut metadata: Vec<_> = info.metadata.iter().collect();
        metadata.sort();
        writeln!(text, "  ErrorInfo {} {}", info.domain, info.reason).unwrap();
        for (key, value) in metadata {
            writeln!(text, "    {key} = {value}").unwrap();
        }
    }
    for violation in details.bad_request().map(|list| list.field_violations.as_slice()).unwrap_or_default() {
        writeln!(text, "  BadRequest {} [{}]: {}", violation.field, violation.reason, violation.description).unwrap();
    }
    for violation in details.precondition_failure().map(|list| list.violations.as_slice()).unwrap_or_default() {
        writeln!(text, "  PreconditionFailure {} [{}]: {}", violation.r#type, violation.subject, violation.description)
            .unwrap();
    }
    if let Some(retry) = details.retry_info() {
        writeln!(text, "  RetryInfo {:?}", retry.retry_delay.unwrap()).unwrap();
    }
    for detail in status.get_error_details_vec() {
        if let ErrorDetail::LocalizedMessage(message) = detail {
            writeln!(text, "  LocalizedMessage {}: {}", message.locale, message.message).unwrap();
        }
    }
    for violation in localized(status).violations {
        let words = violation.text.unwrap();
        writeln!(text, "  LocalizedViolation {} [{}]: {}", violation.field, violation.reason, words.en).unwrap();
        writeln!(text, "    kk: {}\n    ru: {}", words.kk, words.ru).unwrap();
    }
    if let Some(request) = details.request_info() {
        writeln!(text, "  RequestInfo {}", request.request_id).unwrap();
    }
    text
}

/// The violations in three languages.
pub fn localized(status: &Status) -> LocalizedViolations {
    let details = tonic_types::Status::decode(status.details()).unwrap().details;
    let list = details.iter().find(|detail| detail.type_url.ends_with("/consular.registration.v1.LocalizedViolations"));
    list.map(|detail| LocalizedViolations::decode(detail.value.as_slice()).unwrap()).unwrap_or_default()
}
