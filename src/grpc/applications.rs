//! ApplicationService.

use std::sync::Arc;

use tokio_stream::StreamExt;
use tonic::{Request, Response, Status};

use super::call::Call;
use super::convert;
use super::failure::Failure;
use super::names;
use super::proto::application_service_server::ApplicationService;
use super::proto::resubmit_application_request::Signed as WireResigned;
use super::proto::submit_application_request::Signed as WireSigned;
use super::proto::{
    GetApplicationRequest, GetApplicationResponse, ListApplicationsRequest, ListApplicationsResponse,
    ResubmitApplicationRequest, ResubmitApplicationResponse, SubmitApplicationRequest, SubmitApplicationResponse,
    WatchApplicationRequest, WatchApplicationResponse, WithdrawApplicationRequest, WithdrawApplicationResponse,
    WithdrawConsentRequest, WithdrawConsentResponse,
};
use super::streams::Responses;
use crate::registration::act::ActName;
use crate::registration::{FieldViolation, ViolationCode};
use crate::workflow::{ApplicationQuery, ResourceKind, Signed, Submission, Workflow};

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

fn signed(signed: Option<WireSigned>) -> Result<Signed, Failure> {
    match signed {
        Some(WireSigned::SignedApplication(message)) => {
            Ok(Signed::Attached(convert::required("signed_application", message)?))
        }
        Some(WireSigned::Detached(detached)) => Ok(Signed::Detached {
            content: convert::required("detached.content", detached.content)?,
            signature: convert::required("detached.signature", detached.signature)?,
        }),
        None => {
            let description = "signed_application or detached has to be given";
            Err(Failure::field(FieldViolation::new("signed", ViolationCode::MissingField, description)))
        }
    }
}

fn submission(request: SubmitApplicationRequest) -> Result<Submission, Failure> {
    Ok(Submission {
        request_id: convert::request_id(request.request_id)?,
        validate_only: request.validate_only,
        signed: signed(request.signed)?,
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
            call.shows(ResourceKind::Application, id);
            Ok(GetApplicationResponse { application: Some(convert::application(application)) })
        })
        .await
    }

    async fn list_applications(
        &self,
        request: Request<ListApplicationsRequest>,
    ) -> Result<Response<ListApplicationsResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let page = convert::page(request.page_size, request.page_token)?;
            let states = convert::states(&request.states)?;
            let given = |text: String| Some(text).filter(|text| !text.is_empty());
            let query = ApplicationQuery { states, mission: given(request.mission), number: given(request.number) };
            let listed = self.workflow.applications(&call.caller, query, &page).await?;
            for id in listed.items.iter().filter_map(|application| application.id) {
                call.shows(ResourceKind::Application, id);
            }
            let applications = listed.items.into_iter().map(convert::application).collect();
            Ok(ListApplicationsResponse { applications, next_page_token: listed.next.unwrap_or_default() })
        })
        .await
    }

    async fn resubmit_application(
        &self,
        request: Request<ResubmitApplicationRequest>,
    ) -> Result<Response<ResubmitApplicationResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let request_id = convert::request_id(request.request_id)?;
            let form = signed(request.signed.map(|signed| match signed {
                WireResigned::SignedApplication(message) => WireSigned::SignedApplication(message),
                WireResigned::Detached(detached) => WireSigned::Detached(detached),
            }))?;
            let application = Box::pin(self.workflow.resubmit(&call.caller, request_id, form)).await?;
            Ok(ResubmitApplicationResponse { application: Some(convert::application(application)) })
        })
        .await
    }

    async fn withdraw_application(
        &self,
        request: Request<WithdrawApplicationRequest>,
    ) -> Result<Response<WithdrawApplicationResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let request_id = convert::request_id(request.request_id)?;
            let signed_act = convert::required("signed_act", request.signed_act)?;
            let name = ActName::Withdraw;
            let application = Box::pin(self.workflow.act(&call.caller, name, request_id, signed_act)).await?;
            Ok(WithdrawApplicationResponse { application: Some(convert::application(application)) })
        })
        .await
    }

    async fn withdraw_consent(
        &self,
        request: Request<WithdrawConsentRequest>,
    ) -> Result<Response<WithdrawConsentResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let request_id = convert::request_id(request.request_id)?;
            let signed_act = convert::required("signed_act", request.signed_act)?;
            let withdrawn = Box::pin(self.workflow.withdraw_consent(&call.caller, request_id, signed_act)).await?;
            Ok(convert::consent_withdrawal(withdrawn))
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
            call.shows(ResourceKind::Application, id);
            let responses = changes.map(|change| change.map(convert::application_change).map_err(Failure::from));
            Ok(call.clone().bounded(responses))
        })
        .await
    }
}
