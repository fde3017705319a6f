//! NotificationService.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::call::Call;
use super::convert;
use super::names;
use super::proto::notification_service_server::NotificationService;
use super::proto::{ListNotificationsRequest, ListNotificationsResponse};
use crate::workflow::{ResourceKind, Workflow};

/// Handlers of NotificationService.
pub struct Notifications {
    workflow: Arc<Workflow>,
}

impl Notifications {
    /// Handlers over the use cases.
    pub fn new(workflow: Arc<Workflow>) -> Self {
        Self { workflow }
    }
}

#[tonic::async_trait]
impl NotificationService for Notifications {
    async fn list_notifications(
        &self,
        request: Request<ListNotificationsRequest>,
    ) -> Result<Response<ListNotificationsResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let application = names::parse(ResourceKind::Application, "parent", &request.parent)?;
            let page = convert::page(request.page_size, request.page_token)?;
            let found = self.workflow.notifications(&call.caller, application, &page).await?;
            call.shows(ResourceKind::Application, application);
            Ok(ListNotificationsResponse {
                notifications: found.items.into_iter().map(convert::notification).collect(),
                next_page_token: found.next.unwrap_or_default(),
            })
        })
        .await
    }
}
