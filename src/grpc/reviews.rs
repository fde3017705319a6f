//! ReviewService.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::call::Call;
use super::convert;
use super::proto::review_service_server::ReviewService;
use super::proto::{
    ApproveApplicationRequest, ApproveApplicationResponse, VerifyEvidenceRequest, VerifyEvidenceResponse,
};
use crate::workflow::{ActKind, Workflow};

/// Handlers of ReviewService.
pub struct Reviews {
    workflow: Arc<Workflow>,
}

impl Reviews {
    /// Handlers over the use cases.
    pub fn new(workflow: Arc<Workflow>) -> Self {
        Self { workflow }
    }
}

#[tonic::async_trait]
impl ReviewService for Reviews {
    async fn verify_evidence(
        &self,
        request: Request<VerifyEvidenceRequest>,
    ) -> Result<Response<VerifyEvidenceResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let request_id = convert::request_id(request.request_id)?;
            let signed_act = convert::required("signed_act", request.signed_act)?;
            let application =
                Box::pin(self.workflow.act(&call.caller, ActKind::VerifyEvidence, request_id, signed_act)).await?;
            Ok(VerifyEvidenceResponse { application: Some(convert::application(application)) })
        })
        .await
    }

    async fn approve_application(
        &self,
        request: Request<ApproveApplicationRequest>,
    ) -> Result<Response<ApproveApplicationResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let request_id = convert::request_id(request.request_id)?;
            let signed_act = convert::required("signed_act", request.signed_act)?;
            let application =
                Box::pin(self.workflow.act(&call.caller, ActKind::Approve, request_id, signed_act)).await?;
            Ok(ApproveApplicationResponse { application: Some(convert::application(application)) })
        })
        .await
    }
}
