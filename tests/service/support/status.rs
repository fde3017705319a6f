//! A status as a snapshot shows it.

use std::fmt::Write;

use tonic::Status;
use tonic_types::StatusExt;

/// Code, message and every google.rpc detail, a line each.
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
    if let Some(message) = details.localized_message() {
        writeln!(text, "  LocalizedMessage {}: {}", message.locale, message.message).unwrap();
    }
    if let Some(request) = details.request_info() {
        writeln!(text, "  RequestInfo {}", request.request_id).unwrap();
    }
    text
}
