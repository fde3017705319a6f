//! The audit trail: reads of personal data are recorded before they are answered, transitions in the transaction of their effect.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Page, Paged, Refusal, ResourceKind, Workflow};
use crate::store::{EventRecord, NewRead, ReadRecord};

/// Which trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditEventKind {
    /// Calls that were answered with personal data.
    Read,
    /// What changed.
    Transition,
}

/// An entry of the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// Which trail it stands in.
    pub kind: AuditEventKind,
    /// Its place there, from 1.
    pub sequence: i64,
    /// When.
    pub time: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// Path of the method, or name of the event.
    pub action: String,
    /// What was shown or changed: kind, such as `APPLICATION`, and identifier.
    pub subjects: Vec<(String, Uuid)>,
    /// The call; for reads.
    pub request_id: Option<Uuid>,
    /// What the event refers to; for transitions.
    pub references: Option<serde_json::Value>,
}

/// A call that is about to be answered with personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// Who calls.
    pub caller: String,
    /// Path of the method.
    pub method: &'static str,
    /// The call.
    pub request_id: Uuid,
    /// What the answer shows.
    pub subjects: Vec<(ResourceKind, Uuid)>,
}

impl ResourceKind {
    /// As events and the trail name it, such as `APPLICATION`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Application => "APPLICATION",
            Self::Registration => "REGISTRATION",
            Self::Document => "DOCUMENT",
            Self::ValidationReport => "VALIDATION_REPORT",
            Self::TrustAnchor => "TRUST_ANCHOR",
            Self::Crisis => "CRISIS",
            Self::CrisisPerson => "CRISIS_PERSON",
            Self::Election => "ELECTION",
            Self::Notification => "NOTIFICATION",
        }
    }
}

impl Workflow {
    /// Records a read. Only after it may the answer be given: a crash leaves a record of an answer that nobody got, never an answer without
    /// a record.
    ///
    /// # Errors
    /// The record could not be made durable; the answer is withheld.
    pub async fn record_read(&self, read: Read) -> Result<(), Refusal> {
        let Read { caller, method, request_id, subjects } = read;
        let subjects = subjects.into_iter().map(|(kind, id)| (kind.as_str(), id)).collect();
        let (time, method) = (self.clock.now(), method.to_owned());
        Ok(self.store.record_read(NewRead { time, caller, method, request_id, subjects }).await?)
    }

    /// The trail of one kind, oldest first; about one resource, when given.
    ///
    /// # Errors
    /// A page token that is not one.
    pub async fn audit_events(
        &self,
        kind: AuditEventKind,
        subject: Option<Uuid>,
        page: &Page,
    ) -> Result<Paged<AuditEvent>, Refusal> {
        let after = page.token.as_deref().map(|token| token.parse().map_err(|_| Refusal::BadToken)).transpose()?;
        let (after, limit) = (after.unwrap_or(0), u64::from(page.size) + 1);
        let mut items: Vec<AuditEvent> = match kind {
            AuditEventKind::Read => {
                self.store.reads(subject, after, limit).await?.into_iter().map(AuditEvent::of_read).collect()
            }
            AuditEventKind::Transition => {
                self.store.events(subject, after, limit).await?.into_iter().map(AuditEvent::of_event).collect()
            }
        };
        let more = items.len() > page.size as usize;
        items.truncate(page.size as usize);
        let next = items.last().filter(|_| more).map(|event| event.sequence.to_string());
        Ok(Paged { items, next })
    }
}

impl AuditEvent {
    fn of_read(record: ReadRecord) -> Self {
        Self {
            kind: AuditEventKind::Read,
            sequence: record.sequence,
            time: record.time,
            actor: record.caller,
            action: record.method,
            subjects: record.subjects,
            request_id: Some(record.request_id),
            references: None,
        }
    }

    fn of_event(record: EventRecord) -> Self {
        Self {
            kind: AuditEventKind::Transition,
            sequence: record.sequence,
            time: record.time,
            actor: record.actor,
            action: record.kind,
            subjects: vec![(record.subject_type, record.subject)],
            request_id: None,
            references: Some(record.references),
        }
    }
}
