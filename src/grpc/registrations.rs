//! RegistrationService.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::call::Call;
use super::convert;
use super::convert_registration::{change, query, registration};
use super::names;
use super::proto::registration_service_server::RegistrationService;
use super::proto::{
    AnnulRegistrationRequest, AnnulRegistrationResponse, DeregisterRegistrationRequest, DeregisterRegistrationResponse,
    GetRegistrationRequest, GetRegistrationResponse, ListRegistrationHistoryRequest, ListRegistrationHistoryResponse,
    ListRegistrationsRequest, ListRegistrationsResponse,
};
use crate::registration::act::ActName;
use crate::workflow::{ResourceKind, Workflow};

/// Handlers of RegistrationService.
pub struct Registrations {
    workflow: Arc<Workflow>,
}

impl Registrations {
    /// Handlers over the use cases.
    pub fn new(workflow: Arc<Workflow>) -> Self {
        Self { workflow }
    }
}

#[tonic::async_trait]
impl RegistrationService for Registrations {
    async fn get_registration(
        &self,
        request: Request<GetRegistrationRequest>,
    ) -> Result<Response<GetRegistrationResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let id = names::parse(ResourceKind::Registration, "name", &request.name)?;
            let found = self.workflow.registration(&call.caller, id).await?;
            call.shows(ResourceKind::Registration, id);
            Ok(GetRegistrationResponse { registration: Some(registration(found)) })
        })
        .await
    }

    async fn list_registrations(
        &self,
        request: Request<ListRegistrationsRequest>,
    ) -> Result<Response<ListRegistrationsResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let query = query(&request)?;
            let page = convert::page(request.page_size, request.page_token)?;
            let found = self.workflow.registrations(&call.caller, &query, &page).await?;
            for registration in &found.items {
                call.shows(ResourceKind::Registration, registration.id);
            }
            Ok(ListRegistrationsResponse {
                registrations: found.items.into_iter().map(registration).collect(),
                next_page_token: found.next.unwrap_or_default(),
            })
        })
        .await
    }

    async fn list_registration_history(
        &self,
        request: Request<ListRegistrationHistoryRequest>,
    ) -> Result<Response<ListRegistrationHistoryResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let id = names::parse(ResourceKind::Registration, "parent", &request.parent)?;
            let page = convert::page(request.page_size, request.page_token)?;
            let found = self.workflow.registration_history(&call.caller, id, &page).await?;
            call.shows(ResourceKind::Registration, id);
            Ok(ListRegistrationHistoryResponse {
                changes: found.items.into_iter().map(change).collect(),
                next_page_token: found.next.unwrap_or_default(),
            })
        })
        .await
    }

    async fn deregister_registration(
        &self,
        request: Request<DeregisterRegistrationRequest>,
    ) -> Result<Response<DeregisterRegistrationResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let request_id = convert::request_id(request.request_id)?;
            let signed_act = convert::required("signed_act", request.signed_act)?;
            let acted = self.workflow.act_on_registration(&call.caller, ActName::Deregister, request_id, signed_act);
            Ok(DeregisterRegistrationResponse { registration: Some(registration(Box::pin(acted).await?)) })
        })
        .await
    }

    async fn annul_registration(
        &self,
        request: Request<AnnulRegistrationRequest>,
    ) -> Result<Response<AnnulRegistrationResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let request_id = convert::request_id(request.request_id)?;
            let signed_act = convert::required("signed_act", request.signed_act)?;
            let acted = self.workflow.act_on_registration(&call.caller, ActName::Annul, request_id, signed_act);
            Ok(AnnulRegistrationResponse { registration: Some(registration(Box::pin(acted).await?)) })
        })
        .await
    }
}
