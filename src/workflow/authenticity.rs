//! Whether a document at hand is one that this service issued: asked by anybody, answered without personal data beyond a masked name.

use super::decide::corrupt;
use super::sealed_list::volumes_of;
use super::views::{DocumentStatus, DocumentVerification, PresentedDocument, Sameness, VerifiedKind};
use super::{Refusal, ResourceKind, Workflow};
use crate::documents::{DocumentFacts, Matter};
use crate::registration::RegistrationState;
use crate::registration::document::DocumentKind;
use crate::registration::list::ListKind;
use crate::registration::numbers::{Number, PrintedNumber, Series};
use crate::store::{DocumentRecord, DocumentState};

impl Workflow {
    /// Verifies a document by its number or by the address in its QR code.
    ///
    /// # Errors
    /// Not found, also where the number exists and the token is another document's.
    pub async fn verify_document(&self, presented: &PresentedDocument) -> Result<DocumentVerification, Refusal> {
        let not_found = || Refusal::NotFound(ResourceKind::Document);
        let number = match presented {
            PresentedDocument { address: Some(address), .. } => self.number_in(address).ok_or_else(not_found)?,
            PresentedDocument { number, .. } => number.as_str(),
        };
        let PrintedNumber { number: printed, volume } = number.parse().map_err(|_| not_found())?;
        if let Series::List(kind) = printed.series {
            return self.verify_list(number, (kind, &printed), volume, presented).await;
        }
        let record = self.store.document_by_number(number).await?.ok_or_else(not_found)?;
        let kind = DocumentKind::from_name(&record.kind).ok_or_else(|| corrupt("document"))?;
        if record.state == DocumentState::Reserved && !kind.is_made_on_demand() {
            return Err(not_found());
        }
        // Erased after its term: its number says nothing any more.
        let facts = self.store.document_facts(record.id).await?.ok_or_else(not_found)?;
        let facts: DocumentFacts = serde_json::from_slice(&facts).map_err(|_| corrupt("document"))?;
        let stay = match &facts.matter {
            Matter::Registration(registration) => Some(registration),
            _ => None,
        };
        Ok(DocumentVerification {
            kind: VerifiedKind::Issued(kind),
            title: kind.title(),
            status: self.status(&record, kind, &facts).await?,
            sameness: presented.sha256.map_or(Sameness::NotAsked, |at_hand| match record.pdf_sha256 {
                Some(issued) if issued == at_hand => Sameness::Same,
                // What was not made yet is in nobody's hands.
                Some(_) | None => Sameness::Differs,
            }),
            holder: facts.holder.masked_name(),
            mission: printed.mission.to_string(),
            mission_name: facts.mission.name,
            issue_time: record.issued_at.unwrap_or(record.reserved_at),
            registered_on: stay.map(|stay| stay.registered_on),
            valid_until: stay.and_then(|stay| stay.valid_until),
            number: record.number,
        })
    }

    /// A list, or the volume of it in that place, if it has been handed out.
    async fn verify_list(
        &self,
        number: &str,
        (kind, list): (ListKind, &Number),
        volume: Option<usize>,
        presented: &PresentedDocument,
    ) -> Result<DocumentVerification, Refusal> {
        let not_found = || Refusal::NotFound(ResourceKind::Document);
        let record = self.store.list_by_number(&list.to_string()).await?.ok_or_else(not_found)?;
        let entries = usize::try_from(record.entries).map_err(|_| corrupt("list"))?;
        if volume.is_some_and(|place| place > volumes_of(entries)) {
            return Err(not_found());
        }
        Ok(DocumentVerification {
            number: number.to_owned(),
            kind: VerifiedKind::List(kind),
            title: kind.title(),
            status: DocumentStatus::Valid,
            sameness: presented.sha256.map_or(Sameness::NotAsked, |_| Sameness::NotKept),
            holder: String::new(),
            mission: list.mission.to_string(),
            mission_name: self.known_mission(&list.mission)?.name.clone(),
            issue_time: record.issued_at,
            registered_on: None,
            valid_until: None,
        })
    }

    /// The number in an address of this service, if its token is that number's.
    fn number_in<'a>(&self, address: &'a str) -> Option<&'a str> {
        let base = self.verification_url.trim_end_matches('/');
        let (number, token) = address.strip_prefix(base)?.strip_prefix('/')?.split_once("?token=")?;
        // Not compared in constant time: the token is printed beside the number, and the number alone is answered as well.
        (self.verification_token(number) == token).then_some(number)
    }

    /// A document about a registration stands as that registration does; one about a step of the procedure stays what it is.
    async fn status(
        &self,
        record: &DocumentRecord,
        kind: DocumentKind,
        facts: &DocumentFacts,
    ) -> Result<DocumentStatus, Refusal> {
        let (Matter::Registration(_), Some(registration)) = (&facts.matter, record.registration) else {
            return Ok(DocumentStatus::Valid);
        };
        let registration = self.store.registration(registration).await?.ok_or_else(|| corrupt("registration"))?;
        Ok(match registration.state {
            RegistrationState::Active => DocumentStatus::Valid,
            RegistrationState::Overdue => DocumentStatus::Expired,
            RegistrationState::Deregistered if kind.is_of_removal() => DocumentStatus::Valid,
            RegistrationState::Deregistered => DocumentStatus::Ended,
            RegistrationState::Annulled => DocumentStatus::Annulled,
        })
    }
}
