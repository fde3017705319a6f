//! ApplicationService.

use std::sync::Arc;

use tokio_stream::StreamExt;
use tonic::{Request, Response, Status};

use super::call::Call;
use super::convert;
use super::failure::Failure;
use super::names;
use super::proto::application_service_server::ApplicationService;
use super::proto::submit_application_request::Signed as WireSigned;
use super::proto::{
    GetApplicationRequest, GetApplicationResponse, SubmitApplicationRequest, SubmitApplicationResponse,
    WatchApplicationRequest, WatchApplicationResponse,
};
use super::streams::Responses;
use crate::registration::{FieldViolation, ViolationCode};
use crate::workflow::{ResourceKind, Signed, Submission, Workflow};

/// Handlers of ApplicationService.
pub struct Applications {
    workflow: Arc<Workflow>,
}

impl Applications {
    /// Handlers over the use cases.
    pub fn new(workflow: Arc<Workflow>) -> Self {
        Self { workflow }
    }
}

fn submission(request: SubmitApplicationRequest) -> Result<Submission, Failure> {
    let signed = match request.signed {
        Some(WireSigned::SignedApplication(message)) => {
            Signed::Attached(convert::required("signed_application", message)?)
        }
        Some(WireSigned::Detached(detached)) => Signed::Detached {
            content: convert::required("detached.content", detached.content)?,
            signature: convert::required("detached.signature", detached.signature)?,
        },
        None => {
            let description = "signed_application or detached has to be given";
            return Err(Failure::field(FieldViolation::new("signed", ViolationCode::MissingField, description)));
        }
    };
    Ok(Submission {
        request_id: convert::request_id(request.request_id)?,
        validate_only: request.validate_only,
        signed,
    })
}

#[tonic::async_trait]
impl ApplicationService for Applications {
    async fn submit_application(
        &self,
        request: Request<SubmitApplicationRequest>,
    ) -> Result<Response<SubmitApplicationResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let application = Box::pin(self.workflow.submit(&call.caller, submission(request)?)).await?;
            Ok(SubmitApplicationResponse { application: Some(convert::application(application)) })
        })
        .await
    }

    async fn get_application(
        &self,
        request: Request<GetApplicationRequest>,
    ) -> Result<Response<GetApplicationResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let id = names::parse(ResourceKind::Application, "name", &request.name)?;
            let application = self.workflow.application(&call.caller, id).await?;
            Ok(GetApplicationResponse { application: Some(convert::application(application)) })
        })
        .await
    }

    type WatchApplicationStream = Responses<WatchApplicationResponse>;

    async fn watch_application(
        &self,
        request: Request<WatchApplicationRequest>,
    ) -> Result<Response<Self::WatchApplicationStream>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let id = names::parse(ResourceKind::Application, "name", &request.name)?;
            let resume_token = Some(request.resume_token.as_str()).filter(|token| !token.is_empty());
            let changes = self.workflow.watch(&call.caller, id, resume_token).await?;
            let responses = changes.map(|change| change.map(convert::application_change).map_err(Failure::from));
            Ok(call.clone().bounded(responses))
        })
        .await
    }
}
