//! NotificationService.

use std::sync::Arc;

use tokio_stream::StreamExt;
use tonic::{Request, Response, Status};

use super::call::Call;
use super::convert;
use super::failure::Failure;
use super::names;
use super::proto::notification_service_server::NotificationService;
use super::proto::{
    AcknowledgeNotificationRequest, AcknowledgeNotificationResponse, ListNotificationsRequest,
    ListNotificationsResponse, WatchNotificationsRequest, WatchNotificationsResponse,
};
use super::streams::Responses;
use crate::workflow::{Read, ResourceKind, Workflow};

const WATCH: &str = "/consular.registration.v1.NotificationService/WatchNotifications";

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
            let page = convert::page(request.page_size, request.page_token)?;
            let found = if request.parent.starts_with(names::MISSIONS) {
                let mission = names::parse_mission("parent", &request.parent)?;
                let found = self.workflow.notifications_of_mission(&call.caller, &mission, &page).await?;
                found.items.iter().for_each(|told| call.shows(ResourceKind::Application, told.application));
                found
            } else {
                let application = names::parse(ResourceKind::Application, "parent", &request.parent)?;
                let found = self.workflow.notifications(&call.caller, application, &page).await?;
                call.shows(ResourceKind::Application, application);
                found
            };
            Ok(ListNotificationsResponse {
                notifications: found.items.into_iter().map(convert::notification).collect(),
                next_page_token: found.next.unwrap_or_default(),
            })
        })
        .await
    }

    type WatchNotificationsStream = Responses<WatchNotificationsResponse>;

    async fn watch_notifications(
        &self,
        request: Request<WatchNotificationsRequest>,
    ) -> Result<Response<Self::WatchNotificationsStream>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let resume_token = Some(request.resume_token.as_str()).filter(|token| !token.is_empty());
            let mission = Some(request.parent.as_str()).filter(|parent| !parent.is_empty());
            let mission = mission.map(|parent| names::parse_mission("parent", parent)).transpose()?;
            let arrivals = self.workflow.watch_notifications(&call.caller, mission.as_deref(), resume_token)?;
            let (workflow, caller, request_id) = (Arc::clone(&self.workflow), call.caller.id.clone(), call.request_id);
            let responses = arrivals.then(move |arrival| {
                let (workflow, caller) = (Arc::clone(&workflow), caller.clone());
                async move {
                    let arrival = arrival?;
                    // Whom a stream will show is not known when it begins: each arrival is recorded before it is told.
                    let subjects = vec![(ResourceKind::Application, arrival.notification.application)];
                    workflow.record_read(Read { caller, method: WATCH, request_id, subjects }).await?;
                    let notification = Some(convert::notification(arrival.notification));
                    Ok(WatchNotificationsResponse { notification, resume_token: arrival.resume_token })
                }
            });
            Ok(call.clone().bounded(responses.map(|response| response.map_err(Failure::Refused))))
        })
        .await
    }

    async fn acknowledge_notification(
        &self,
        request: Request<AcknowledgeNotificationRequest>,
    ) -> Result<Response<AcknowledgeNotificationResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let id = names::parse(ResourceKind::Notification, "name", &request.name)?;
            let seen = self.workflow.acknowledge_notification(&call.caller, id).await?;
            call.shows(ResourceKind::Application, seen.application);
            Ok(AcknowledgeNotificationResponse { notification: Some(convert::notification(seen)) })
        })
        .await
    }
}
