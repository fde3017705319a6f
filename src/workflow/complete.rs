//! The job COMPLETE: render, seal, and in one transaction issue the document, end the application and tell the applicant.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use ring::hmac;
use serde_json::json;

use super::decide::{Case, corrupt};
use super::messages::message_data;
use super::{Refusal, Workflow};
use crate::documents::{DocumentData, EmergencyContacts, Holder, IssuingMission, Removal, VerificationLink};
use crate::pki::sha256;
use crate::registration::calendar::local_day;
use crate::registration::document::DocumentKind;
use crate::registration::event::{EventName, NotificationKind};
use crate::registration::form::Card;
use crate::registration::{Application, DeregistrationGround, Language};
use crate::store::{
    DocumentContent, DocumentRecord, JobRecord, NewEvent, NewNotification, RegistrationRecord, Tx, id_at,
};

impl Workflow {
    /// Ends a granted application.
    pub(super) async fn complete(&self, work: &JobRecord) -> Result<(), Refusal> {
        let mut case = self.case(work.subject).await?;
        let registration = case.record.registration_id.ok_or_else(|| corrupt("registration"))?;
        let registration = self.store.registration(registration).await?.ok_or_else(|| corrupt("registration"))?;
        let reserved = self.store.documents(case.record.id).await?.into_iter().next();
        let made = match &reserved {
            // The time on the document is the time of its reservation: a second run makes the same document.
            Some(document) => Some(self.make(&case, &registration, document).await?),
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
        let registration = document.registration.ok_or_else(|| corrupt("document"))?;
        let registration = self.store.registration(registration).await?.ok_or_else(|| corrupt("registration"))?;
        let case = self.case(document.application).await?;
        let content = self.make(&case, &registration, &document).await?;
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        tx.complete_job(work.id, now).await?;
        issue(&mut tx, &document, &content, now).await?;
        Ok(tx.commit().await?)
    }

    /// Renders and seals, off the threads that serve calls.
    async fn make(
        &self,
        case: &Case,
        registration: &RegistrationRecord,
        document: &DocumentRecord,
    ) -> Result<DocumentContent, Refusal> {
        let card = self.store.registration_card(registration.id, registration.card_version).await?;
        let card = serde_json::from_slice(&card.ok_or_else(|| corrupt("card"))?.card).map_err(|_| corrupt("card"))?;
        let data = self.document_data(case, &card, registration, document)?;
        let (renderer, seal) = (Arc::clone(&self.renderer), Arc::clone(&self.seal));
        let sealed_at = document.reserved_at;
        let made = tokio::task::spawn_blocking(move || {
            let pdf = renderer.render(&data)?;
            let seal = seal.seal(&pdf, sealed_at)?;
            Ok::<_, crate::documents::DocumentError>(DocumentContent { pdf, seal })
        });
        made.await
            .map_err(|error| Refusal::Internal(error.to_string()))?
            .map_err(|error| Refusal::Internal(error.to_string()))
    }

    fn document_data(
        &self,
        case: &Case,
        card: &Card,
        registration: &RegistrationRecord,
        document: &DocumentRecord,
    ) -> Result<DocumentData, Refusal> {
        let mission = &case.mission;
        let identity = &card.identity;
        let (name, latin) =
            (identity.name.clone().unwrap_or_default(), identity.name_latin.clone().unwrap_or_default());
        let token = self.verification_token(&document.number);
        let verification = VerificationLink::new(&self.verification_url, &document.number, &token)
            .map_err(|error| Refusal::Internal(error.to_string()))?;
        let text = |value: Option<String>| value.unwrap_or_default();
        let kind = DocumentKind::from_name(&document.kind).ok_or_else(|| corrupt("document"))?;
        let ground = registration.closing_ground.as_deref().and_then(DeregistrationGround::from_name);
        let removal = ground
            .zip(registration.closed_at)
            .map(|(ground, closed)| Removal { on: local_day(closed, mission.time_zone), ground: ground.text() });
        Ok(DocumentData {
            kind,
            number: document.number.clone(),
            issued_at: document.reserved_at.with_timezone(&mission.time_zone).fixed_offset(),
            registration_number: registration.number.clone(),
            registered_on: local_day(registration.registered_at, mission.time_zone),
            registration_kind: case.kind,
            valid_until: registration.valid_until,
            removal: removal.filter(|_| kind == DocumentKind::NoticeOfDeregistration),
            holder: Holder {
                surname: text(name.surname.map(|part| part.to_string())),
                given_name: text(name.given.map(|part| part.to_string())),
                patronymic: name.patronymic.map(|part| part.to_string()),
                latin_surname: text(latin.surname.map(|part| part.to_string())),
                latin_given_name: text(latin.given.map(|part| part.to_string())),
                iin: case.form.applicant.iin.to_string(),
            },
            mission: IssuingMission {
                name: mission.name.clone(),
                district: mission.district_name.clone(),
                emergency: EmergencyContacts {
                    phones: vec![mission.emergency.phone.clone()],
                    email: Some(mission.emergency.email.clone()),
                    address: None,
                },
            },
            verification,
            sandbox: self.sandbox.is_some(),
        })
    }

    /// Makes a document's address unguessable from its number: the first 80 bits of a keyed hash of it.
    fn verification_token(&self, number: &str) -> String {
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
