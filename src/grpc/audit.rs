//! AuditService.

use std::sync::Arc;

use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::call::Call;
use super::convert;
use super::convert_time::timestamp;
use super::failure::Failure;
use super::names;
use super::proto;
use super::proto::audit_service_server::AuditService;
use super::proto::{ListAuditEventsRequest, ListAuditEventsResponse};
use crate::registration::{FieldViolation, ViolationCode};
use crate::workflow::{AuditEvent, AuditEventKind, ResourceKind, Workflow};

/// Handlers of AuditService.
pub struct Audit {
    workflow: Arc<Workflow>,
}

impl Audit {
    /// Handlers over the use cases.
    pub fn new(workflow: Arc<Workflow>) -> Self {
        Self { workflow }
    }
}

/// The kinds of resources that an auditor may ask about.
const SUBJECTS: [ResourceKind; 7] = [
    ResourceKind::Application,
    ResourceKind::Registration,
    ResourceKind::Document,
    ResourceKind::ValidationReport,
    ResourceKind::Crisis,
    ResourceKind::CrisisPerson,
    ResourceKind::Election,
];

fn kind(wire: proto::AuditEventKind) -> Result<AuditEventKind, Failure> {
    match wire {
        proto::AuditEventKind::Read => Ok(AuditEventKind::Read),
        proto::AuditEventKind::Transition => Ok(AuditEventKind::Transition),
        proto::AuditEventKind::Unspecified => {
            let description = "has to be READ or TRANSITION";
            Err(Failure::field(FieldViolation::new("kind", ViolationCode::MissingField, description)))
        }
    }
}

fn subject(name: &str) -> Result<Option<Uuid>, Failure> {
    if name.is_empty() {
        return Ok(None);
    }
    let found = SUBJECTS.into_iter().find_map(|kind| names::parse(kind, "subject", name).ok());
    found.map(Some).ok_or_else(|| {
        let description = "has to be the name of an application, a registration, a document, a validation report, a crisis, a person on its roll or an election";
        Failure::field(FieldViolation::new("subject", ViolationCode::BadFormat, description))
    })
}

/// The name of what was shown or changed; what has no collection is named by its kind.
fn name((kind, id): &(String, Uuid)) -> String {
    match SUBJECTS.into_iter().find(|known| known.as_str() == kind) {
        Some(kind) => names::format(kind, id),
        None => format!("{kind}/{id}"),
    }
}

fn event(event: AuditEvent) -> proto::AuditEvent {
    let kind = match event.kind {
        AuditEventKind::Read => proto::AuditEventKind::Read,
        AuditEventKind::Transition => proto::AuditEventKind::Transition,
    };
    proto::AuditEvent {
        kind: kind.into(),
        sequence: event.sequence,
        event_time: Some(timestamp(event.time)),
        actor: event.actor,
        action: event.action,
        subjects: event.subjects.iter().map(name).collect(),
        request_id: event.request_id.map(|id| id.to_string()).unwrap_or_default(),
        references: event.references.map(|references| references.to_string()).unwrap_or_default(),
    }
}

#[tonic::async_trait]
impl AuditService for Audit {
    async fn list_audit_events(
        &self,
        request: Request<ListAuditEventsRequest>,
    ) -> Result<Response<ListAuditEventsResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let (kind, subject) = (kind(request.kind())?, subject(&request.subject)?);
            let page = convert::page(request.page_size, request.page_token)?;
            let found = self.workflow.audit_events(kind, subject, &page).await?;
            Ok(ListAuditEventsResponse {
                events: found.items.into_iter().map(event).collect(),
                next_page_token: found.next.unwrap_or_default(),
            })
        })
        .await
    }
}
