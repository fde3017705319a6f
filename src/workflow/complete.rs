//! The job COMPLETE: render, seal, and in one transaction issue the document, end the application and tell the applicant.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use ring::hmac;
use serde_json::json;

use super::decide::{Case, corrupt};
use super::messages::message_data;
use super::{Refusal, Workflow};
use crate::documents::{DocumentData, VerificationLink};
use crate::pki::sha256;
use crate::registration::document::DocumentKind;
use crate::registration::event::{EventName, NotificationKind};
use crate::registration::{Application, Language};
use crate::store::{
    DocumentContent, DocumentRecord, JobRecord, NewEvent, NewNotification, RegistrationRecord, Tx, id_at,
};

impl Workflow {
    /// Ends a granted application.
    pub(super) async fn complete(&self, work: &JobRecord) -> Result<(), Refusal> {
        let mut case = self.case(work.subject).await?;
        let registration = case.record.registration_id.ok_or_else(|| corrupt("registration"))?;
        let registration = self.store.registration(registration).await?.ok_or_else(|| corrupt("registration"))?;
        let wanted = DocumentKind::on_completion(case.form.application_type, case.kind, case.channel);
        let documents = self.store.documents(case.record.id).await?;
        let is_wanted = |document: &DocumentRecord| wanted.is_some_and(|kind| kind.as_str() == document.kind);
        let reserved = documents.into_iter().find(is_wanted);
        let made = match &reserved {
            // The time on the document is the time of its reservation: a second run makes the same document.
            Some(document) => Some(self.make(document, document.reserved_at).await?),
            None => None,
        };

        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        tx.complete_job(work.id, now).await?;
        if let (Some(document), Some(content)) = (&reserved, &made) {
            issue(&mut tx, document, content, now).await?;
        }
        let completed = finished(case.application()?, now)?;
        case.detail.awaiting.clear();
        case.detail.findings.clear();
        self.change(&mut tx, &mut case, &completed, now).await?;
        let references = json!({ "registration": registration.id });
        tx.append_event(&case.event(EventName::ApplicationCompleted, "service", now, references));
        let granted = Granted { registration: &registration, document: reserved.as_ref() };
        self.notify(&mut tx, &case, NotificationKind::ApplicationCompleted, Some(&granted), now).await?;
        Ok(tx.commit().await?)
    }

    /// The job ISSUE: renders, seals and issues a reserved document that no application waits for.
    pub(super) async fn issue(&self, work: &JobRecord) -> Result<(), Refusal> {
        let document = self.store.document(work.subject).await?.ok_or_else(|| corrupt("document"))?;
        let content = self.make(&document, document.reserved_at).await?;
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        tx.complete_job(work.id, now).await?;
        issue(&mut tx, &document, &content, now).await?;
        Ok(tx.commit().await?)
    }

    /// Makes and issues a document that was reserved to be made when it is first asked for. It was issued when it was reserved: of two
    /// who ask at once both get the one that came first.
    pub(super) async fn issue_on_demand(&self, document: &DocumentRecord) -> Result<(), Refusal> {
        // Work for a processor that somebody waits for, as judging is.
        let _place = self.judging.acquire().await.map_err(|error| Refusal::Internal(error.to_string()))?;
        let content = self.make(document, self.clock.now()).await?;
        let mut tx = self.store.begin().await?;
        issue(&mut tx, document, &content, document.reserved_at).await?;
        Ok(tx.commit().await?)
    }

    /// Renders and seals, off the threads that serve calls.
    async fn make(&self, document: &DocumentRecord, sealed_at: DateTime<Utc>) -> Result<DocumentContent, Refusal> {
        let facts = self.store.document_facts(document.id).await?.ok_or_else(|| corrupt("document"))?;
        let data = DocumentData {
            kind: DocumentKind::from_name(&document.kind).ok_or_else(|| corrupt("document"))?,
            number: document.number.clone(),
            facts: serde_json::from_slice(&facts).map_err(|_| corrupt("document"))?,
            verification: self.verification_link(&document.number)?,
            sandbox: self.sandbox.is_some(),
        };
        let (renderer, seal) = (Arc::clone(&self.renderer), Arc::clone(&self.seal));
        let made = tokio::task::spawn_blocking(move || {
            let pdf = renderer.render(&data)?;
            let seal = seal.seal(&pdf, sealed_at)?;
            Ok::<_, crate::documents::DocumentError>(DocumentContent { pdf, seal })
        });
        made.await
            .map_err(|error| Refusal::Internal(error.to_string()))?
            .map_err(|error| Refusal::Internal(error.to_string()))
    }

    fn verification_link(&self, number: &str) -> Result<VerificationLink, Refusal> {
        VerificationLink::new(&self.verification_url, number, &self.verification_token(number))
            .map_err(|error| Refusal::Internal(error.to_string()))
    }

    /// Makes a document's address unguessable from its number: the first 80 bits of a keyed hash of it.
    pub(super) fn verification_token(&self, number: &str) -> String {
        let tag = hmac::sign(&self.verification_key, number.as_bytes());
        hex::encode(&tag.as_ref()[..10])
    }

    /// Writes a notification in the applicant's language into the transaction.
    pub(super) async fn notify(
        &self,
        tx: &mut Tx,
        case: &Case,
        kind: NotificationKind,
        granted: Option<&Granted<'_>>,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let record = &case.record;
        let language = Language::from_code(&record.language).unwrap_or(Language::Kk);
        let Some(data) = message_data(kind, case, granted) else { return Ok(()) };
        let message = data.message(language);
        let message = serde_json::to_vec(&message).map_err(|error| Refusal::Internal(error.to_string()))?;
        tx.insert_notification(NewNotification {
            id: id_at(now),
            caller: record.caller.clone(),
            application: record.id,
            kind: data.kind().to_owned(),
            // One message a step: the application's version counts steps.
            version: i32::try_from(record.version).unwrap_or(i32::MAX),
            language: language.as_str().to_owned(),
            created_at: now,
            message,
        })
        .await?;
        Ok(())
    }
}

async fn issue(
    tx: &mut Tx,
    document: &DocumentRecord,
    content: &DocumentContent,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    tx.issue_document(document.id, sha256(&content.pdf), content, now).await?;
    tx.append_event(&NewEvent {
        subject_type: "DOCUMENT",
        subject: document.id,
        kind: EventName::DocumentIssued.as_str().to_owned(),
        actor: "service".to_owned(),
        time: now,
        references: json!({ "application": document.application, "number": document.number }),
    });
    Ok(())
}

/// What a granted application led to.
pub(super) struct Granted<'a> {
    pub registration: &'a RegistrationRecord,
    pub document: Option<&'a DocumentRecord>,
}

/// Completed by the policy, or by the officer who approved it: the registration is open, so that nothing is awaited any more.
fn finished(application: Application, now: DateTime<Utc>) -> Result<Application, Refusal> {
    match application {
        accepted @ Application::Accepted { .. } => Ok(accepted.complete(now)?),
        reviewed => Ok(reviewed.complete_granted(now)?),
    }
}
