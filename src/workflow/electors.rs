//! Who may vote, by the register: the one judgement of whom an electoral roll lists and whom the announcement of an election is told.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::decide::corrupt;
use super::{Refusal, Workflow};
use crate::registration::electoral::{Elector, ElectoralLaw};
use crate::registration::form::{Applicant, Card, Kind, Representative};
use crate::store::RegistrationRecord;

/// What the judgement needs of a form. The form as a whole was verified when it was filed.
#[derive(Deserialize)]
struct Filed {
    applicant: Applicant,
    #[serde(default)]
    representative: Option<Representative>,
}

impl Workflow {
    /// Those of these registrations whose citizens may vote on a day, by the cards that they had at `time`; of them, those whose card
    /// `is_asked_for`.
    pub(super) async fn electors_among<'a>(
        &self,
        registrations: &'a [RegistrationRecord],
        time: DateTime<Utc>,
        voting_day: NaiveDate,
        is_asked_for: impl Fn(&Card) -> bool,
    ) -> Result<Vec<(&'a RegistrationRecord, Elector)>, Refusal> {
        let law = ElectoralLaw::on(voting_day);
        let ids: Vec<Uuid> = registrations.iter().map(|registration| registration.id).collect();
        let cards = self.store.cards_at(&ids, time).await?;
        let applications: Vec<Uuid> = cards.values().map(|card| card.application).collect();
        let forms = self.store.latest_forms(&applications).await?;
        let mut electors = Vec::new();
        for registration in registrations {
            // Whose card is kept no more is nobody that a list could name.
            let Some(record) = cards.get(&registration.id) else { continue };
            let card: Card = serde_json::from_slice(&record.card).map_err(|_| corrupt("card"))?;
            if !is_asked_for(&card) {
                continue;
            }
            // A form that is kept no more named the person and a representative, if there was one.
            let form = forms.get(&record.application).map(|form| serde_json::from_slice::<Filed>(form));
            let form = form.transpose().map_err(|_| corrupt("form"))?;
            let represented_by = form.as_ref().and_then(|form| form.representative.as_ref()).map(|who| who.kind);
            let iin = form.map(|form| form.applicant.iin.to_string());
            let kind = Kind::from_name(&registration.kind).ok_or_else(|| corrupt("kind"))?;
            let elector = Elector::of(&card, iin, kind, registration.number.clone()).ok_or_else(|| corrupt("card"))?;
            if law.may_vote(elector.birth_date, represented_by, voting_day) {
                electors.push((registration, elector));
            }
        }
        Ok(electors)
    }
}
