//! RegistrationService.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::call::Call;
use super::convert;
use super::names;
use super::proto::registration_service_server::RegistrationService;
use super::proto::{GetRegistrationRequest, GetRegistrationResponse};
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
            let registration = self.workflow.registration(&call.caller, id).await?;
            Ok(GetRegistrationResponse { registration: Some(convert::registration(registration)) })
        })
        .await
    }
}
