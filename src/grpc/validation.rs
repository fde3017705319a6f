//! ValidationService. A negative verdict is an answer here, not an error.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::call::Call;
use super::convert;
use super::convert_time::optional_instant;
use super::convert_validation;
use super::names;
use super::proto::validation_service_server::ValidationService;
use super::proto::{
    GetValidationReportRequest, GetValidationReportResponse, ValidateSignatureRequest, ValidateSignatureResponse,
};
use crate::workflow::{ResourceKind, ValidationRequest, Workflow};

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
    async fn validate_signature(
        &self,
        request: Request<ValidateSignatureRequest>,
    ) -> Result<Response<ValidateSignatureResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let request = ValidationRequest {
                signature: convert::required("signature", request.signature)?,
                content: request.content,
                certificates: request.certificates,
                validation_time: optional_instant("validation_time", request.validation_time.as_ref())?,
                policy: request.policy,
            };
            let report = self.workflow.validate_signature(&call.caller, request).await?;
            Ok(ValidateSignatureResponse { report: Some(convert_validation::report(report)) })
        })
        .await
    }

    async fn get_validation_report(
        &self,
        request: Request<GetValidationReportRequest>,
    ) -> Result<Response<GetValidationReportResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let id = names::parse(ResourceKind::ValidationReport, "name", &request.name)?;
            let report = self.workflow.validation_report(&call.caller, id).await?;
            Ok(GetValidationReportResponse { report: Some(convert_validation::report(report)) })
        })
        .await
    }
}
