//! ValidationService. A negative verdict is an answer here, not an error.

use std::sync::Arc;

use tonic::{Request, Response, Status, Streaming};

use super::call::Call;
use super::convert;
use super::convert_time::optional_instant;
use super::convert_validation;
use super::failure::Failure;
use super::names;
use super::proto::validate_signatures_response::Result as ItemResult;
use super::proto::validation_service_server::ValidationService;
use super::proto::{
    GetValidationReportRequest, GetValidationReportResponse, RevalidateReportRequest, RevalidateReportResponse,
    ValidateSignatureRequest, ValidateSignatureResponse, ValidateSignaturesRequest, ValidateSignaturesResponse,
    ValidationReport,
};
use super::streams::Responses;
use crate::registration::{FieldViolation, ViolationCode};
use crate::workflow::{Caller, ResourceKind, ValidationRequest, Workflow};

/// Characters of an item's name at the most.
const LONGEST_ID: usize = 128;

/// Handlers of ValidationService.
pub struct Validation {
    workflow: Arc<Workflow>,
}

impl Validation {
    /// Handlers over the use cases.
    pub fn new(workflow: Arc<Workflow>) -> Self {
        Self { workflow }
    }
}

#[tonic::async_trait]
impl ValidationService for Validation {
    type ValidateSignaturesStream = Responses<ValidateSignaturesResponse>;

    async fn validate_signature(
        &self,
        request: Request<ValidateSignatureRequest>,
    ) -> Result<Response<ValidateSignatureResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let report = validate(&self.workflow, &call.caller, request).await?;
            Ok(ValidateSignatureResponse { report: Some(report) })
        })
        .await
    }

    async fn validate_signatures(
        &self,
        request: Request<Streaming<ValidateSignaturesRequest>>,
    ) -> Result<Response<Self::ValidateSignaturesStream>, Status> {
        let (call, items) = Call::open(request)?;
        let (workflow, of_item) = (Arc::clone(&self.workflow), call.clone());
        let work = move |item: ValidateSignaturesRequest| {
            let (workflow, call) = (Arc::clone(&workflow), of_item.clone());
            async move { answer_item(&workflow, &call, item).await }
        };
        Ok(Response::new(call.exchange(items, work)))
    }

    async fn get_validation_report(
        &self,
        request: Request<GetValidationReportRequest>,
    ) -> Result<Response<GetValidationReportResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let id = names::parse(ResourceKind::ValidationReport, "name", &request.name)?;
            let report = self.workflow.validation_report(&call.caller, id).await?;
            call.shows(ResourceKind::ValidationReport, id);
            Ok(GetValidationReportResponse { report: Some(convert_validation::report(report, request.view())) })
        })
        .await
    }

    async fn revalidate_report(
        &self,
        request: Request<RevalidateReportRequest>,
    ) -> Result<Response<RevalidateReportResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let id = names::parse(ResourceKind::ValidationReport, "name", &request.name)?;
            let revalidated = self.workflow.revalidate_report(&call.caller, id).await?;
            call.shows(ResourceKind::ValidationReport, id);
            Ok(convert_validation::revalidation(revalidated))
        })
        .await
    }
}

async fn validate(
    workflow: &Workflow,
    caller: &Caller,
    request: ValidateSignatureRequest,
) -> Result<ValidationReport, Failure> {
    let view = request.view();
    let request = ValidationRequest {
        signature: convert::required("signature", request.signature)?,
        content: request.content,
        certificates: request.certificates,
        ocsps: request.ocsps,
        validation_time: optional_instant("validation_time", request.validation_time.as_ref())?,
        policy: request.policy,
    };
    Ok(convert_validation::report(workflow.validate_signature(caller, request).await?, view))
}

async fn answer_item(workflow: &Workflow, call: &Call, item: ValidateSignaturesRequest) -> ValidateSignaturesResponse {
    let result = match checked(&item.id, item.request) {
        Ok(request) => validate(workflow, &call.caller, request).await,
        Err(failure) => Err(failure),
    };
    let result = match result {
        Ok(report) => ItemResult::Report(report),
        Err(failure) => ItemResult::Error(convert_validation::item_error(&call.status(&failure))),
    };
    ValidateSignaturesResponse { id: item.id.chars().take(LONGEST_ID).collect(), result: Some(result) }
}

fn checked(id: &str, request: Option<ValidateSignatureRequest>) -> Result<ValidateSignatureRequest, Failure> {
    let wrong = |field, code, text: &str| Failure::field(FieldViolation::new(field, code, text.to_owned()));
    if id.is_empty() {
        return Err(wrong("id", ViolationCode::MissingField, "has to be given"));
    }
    if id.chars().count() > LONGEST_ID {
        return Err(wrong("id", ViolationCode::BadLength, "has at most 128 characters"));
    }
    request.ok_or_else(|| wrong("request", ViolationCode::MissingField, "has to be given"))
}
