//! SandboxService: offered on the sandbox's plaintext listener only.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::call::Call;
use super::convert_time::{instant, timestamp};
use super::proto::sandbox_service_server::SandboxService;
use super::proto::{GetClockRequest, GetClockResponse, SetClockRequest, SetClockResponse};
use crate::workflow::Workflow;

/// Handlers of SandboxService.
pub struct Sandbox {
    workflow: Arc<Workflow>,
}

impl Sandbox {
    /// Handlers over the use cases.
    pub fn new(workflow: Arc<Workflow>) -> Self {
        Self { workflow }
    }
}

#[tonic::async_trait]
impl SandboxService for Sandbox {
    async fn get_clock(&self, request: Request<GetClockRequest>) -> Result<Response<GetClockResponse>, Status> {
        let (call, GetClockRequest {}) = Call::open(request)?;
        call.answer(async { Ok(GetClockResponse { time: Some(timestamp(self.workflow.now())) }) }).await
    }

    async fn set_clock(&self, request: Request<SetClockRequest>) -> Result<Response<SetClockResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let time = self.workflow.set_clock(instant("time", request.time.as_ref())?)?;
            Ok(SetClockResponse { time: Some(timestamp(time)) })
        })
        .await
    }
}
