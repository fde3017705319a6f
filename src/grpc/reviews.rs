//! ReviewService.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::call::Call;
use super::convert;
use super::failure::Failure;
use super::proto::review_service_server::ReviewService;
use super::proto::{
    Application, ApproveApplicationRequest, ApproveApplicationResponse, ClaimApplicationRequest,
    ClaimApplicationResponse, ForwardApplicationRequest, ForwardApplicationResponse, IssuePreliminaryRefusalRequest,
    IssuePreliminaryRefusalResponse, ListQueueRequest, ListQueueResponse, RecordHearingRequest, RecordHearingResponse,
    RefuseApplicationRequest, RefuseApplicationResponse, ReturnApplicationRequest, ReturnApplicationResponse,
    VerifyEvidenceRequest, VerifyEvidenceResponse,
};
use crate::registration::act::ActName;
use crate::workflow::{ResourceKind, Workflow};

/// Handlers of ReviewService.
pub struct Reviews {
    workflow: Arc<Workflow>,
}

impl Reviews {
    /// Handlers over the use cases.
    pub fn new(workflow: Arc<Workflow>) -> Self {
        Self { workflow }
    }

    async fn act(
        &self,
        call: &Call,
        name: ActName,
        request_id: String,
        signed_act: Vec<u8>,
    ) -> Result<Application, Failure> {
        let request_id = convert::request_id(request_id)?;
        let signed_act = convert::required("signed_act", signed_act)?;
        let application = Box::pin(self.workflow.act(&call.caller, name, request_id, signed_act)).await?;
        Ok(convert::application(application))
    }
}

#[tonic::async_trait]
impl ReviewService for Reviews {
    async fn list_queue(&self, request: Request<ListQueueRequest>) -> Result<Response<ListQueueResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let page = convert::page(request.page_size, request.page_token)?;
            let mission = Some(request.mission).filter(|mission| !mission.is_empty());
            let queue = self.workflow.queue(&call.caller, mission, &page).await?;
            for id in queue.items.iter().filter_map(|entry| entry.application.id) {
                call.shows(ResourceKind::Application, id);
            }
            let entries = queue.items.into_iter().map(convert::queue_entry).collect();
            Ok(ListQueueResponse { entries, next_page_token: queue.next.unwrap_or_default() })
        })
        .await
    }

    async fn verify_evidence(
        &self,
        request: Request<VerifyEvidenceRequest>,
    ) -> Result<Response<VerifyEvidenceResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let application = self.act(&call, ActName::VerifyEvidence, request.request_id, request.signed_act).await?;
            Ok(VerifyEvidenceResponse { application: Some(application) })
        })
        .await
    }

    async fn approve_application(
        &self,
        request: Request<ApproveApplicationRequest>,
    ) -> Result<Response<ApproveApplicationResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let application = self.act(&call, ActName::Approve, request.request_id, request.signed_act).await?;
            Ok(ApproveApplicationResponse { application: Some(application) })
        })
        .await
    }

    async fn claim_application(
        &self,
        request: Request<ClaimApplicationRequest>,
    ) -> Result<Response<ClaimApplicationResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let application = self.act(&call, ActName::Claim, request.request_id, request.signed_act).await?;
            Ok(ClaimApplicationResponse { application: Some(application) })
        })
        .await
    }

    async fn return_application(
        &self,
        request: Request<ReturnApplicationRequest>,
    ) -> Result<Response<ReturnApplicationResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let application = self.act(&call, ActName::Return, request.request_id, request.signed_act).await?;
            Ok(ReturnApplicationResponse { application: Some(application) })
        })
        .await
    }

    async fn issue_preliminary_refusal(
        &self,
        request: Request<IssuePreliminaryRefusalRequest>,
    ) -> Result<Response<IssuePreliminaryRefusalResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let application =
                self.act(&call, ActName::PreliminaryRefusal, request.request_id, request.signed_act).await?;
            Ok(IssuePreliminaryRefusalResponse { application: Some(application) })
        })
        .await
    }

    async fn record_hearing(
        &self,
        request: Request<RecordHearingRequest>,
    ) -> Result<Response<RecordHearingResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let application = self.act(&call, ActName::RecordHearing, request.request_id, request.signed_act).await?;
            Ok(RecordHearingResponse { application: Some(application) })
        })
        .await
    }

    async fn refuse_application(
        &self,
        request: Request<RefuseApplicationRequest>,
    ) -> Result<Response<RefuseApplicationResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let application = self.act(&call, ActName::Refuse, request.request_id, request.signed_act).await?;
            Ok(RefuseApplicationResponse { application: Some(application) })
        })
        .await
    }

    async fn forward_application(
        &self,
        request: Request<ForwardApplicationRequest>,
    ) -> Result<Response<ForwardApplicationResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let application = self.act(&call, ActName::Forward, request.request_id, request.signed_act).await?;
            Ok(ForwardApplicationResponse { application: Some(application) })
        })
        .await
    }
}
