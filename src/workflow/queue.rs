//! Lists of applications: a caller's own, and what waits at a mission.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::detail::StateDetail;
use super::{ApplicationQuery, ApplicationView, Caller, Page, Paged, Refusal, Scope, Workflow};
use crate::registration::ApplicationState;
use crate::registration::parameters::Parameters;
use crate::store::{ApplicationFilter, ApplicationRecord};

/// The states in which an application waits at a mission.
const AT_MISSION: [ApplicationState; 3] =
    [ApplicationState::InReview, ApplicationState::Heard, ApplicationState::PreliminaryRefusal];

/// How an application stands to its term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// There is time.
    OnTime,
    /// The term is about to end, by the parameters of the day.
    DueSoon,
    /// The term is over.
    Overdue,
    /// The term stands still.
    Paused,
}

/// An application that waits at a mission.
#[derive(Debug, Clone)]
pub struct QueueEntry {
    /// The application.
    pub application: ApplicationView,
    /// How it stands to its term.
    pub urgency: Urgency,
    /// SHA-256 of the certificate of the officer who examines it, hexadecimal.
    pub examined_by: Option<String>,
}

impl Workflow {
    /// The applications that the caller may see and asks for, oldest first.
    ///
    /// # Errors
    /// A page token that is not one.
    pub async fn applications(
        &self,
        caller: &Caller,
        query: ApplicationQuery,
        page: &Page,
    ) -> Result<Paged<ApplicationView>, Refusal> {
        let records = self.listed(caller, query, page).await?;
        records.try_map(|record| self.view(record))
    }

    /// What waits at a mission, oldest first.
    ///
    /// # Errors
    /// A page token that is not one.
    pub async fn queue(
        &self,
        caller: &Caller,
        mission: Option<String>,
        page: &Page,
    ) -> Result<Paged<QueueEntry>, Refusal> {
        let now = self.clock.now();
        let query = ApplicationQuery { states: AT_MISSION.to_vec(), mission, number: None };
        let records = self.listed(caller, query, page).await?;
        records.try_map(|record| {
            let detail = StateDetail::of(&record)?;
            let urgency = urgency(record.due_at, &detail, now);
            let examined_by = detail.examined_by.map(|officer| officer.certificate);
            Ok(QueueEntry { application: self.view(record)?, urgency, examined_by })
        })
    }

    async fn listed(
        &self,
        caller: &Caller,
        query: ApplicationQuery,
        page: &Page,
    ) -> Result<Paged<ApplicationRecord>, Refusal> {
        let ApplicationQuery { states, mission, number } = query;
        let states = states.iter().map(|state| state.as_str().to_owned()).collect();
        let mut filter = ApplicationFilter { mission, states, number, caller: None };
        match &caller.scope {
            Scope::Own => filter.caller = Some(caller.id.clone()),
            Scope::Mission(own) if filter.mission.as_ref().is_some_and(|asked| asked != own) => {
                // Another mission's applications are not there for it.
                return Ok(Paged { items: Vec::new(), next: None });
            }
            Scope::Mission(own) => filter.mission = Some(own.clone()),
            Scope::All => {}
        }
        let after: Option<Uuid> =
            page.token.as_deref().map(|token| token.parse().map_err(|_| Refusal::BadToken)).transpose()?;
        let size = u64::from(page.size);
        let mut items = self.store.applications(&filter, after, size + 1).await?;
        let more = items.len() > page.size as usize;
        items.truncate(page.size as usize);
        let next = if more { items.last().map(|record| record.id.to_string()) } else { None };
        Ok(Paged { items, next })
    }
}

/// A term that stands still is an officer's to end once the applicant may not object any more.
fn urgency(due: Option<DateTime<Utc>>, detail: &StateDetail, now: DateTime<Utc>) -> Urgency {
    let is_over = |objection_until| now > objection_until;
    match due {
        None if detail.announced.as_ref().is_some_and(|announced| is_over(announced.decision.objection_until)) => {
            Urgency::Overdue
        }
        None => Urgency::Paused,
        Some(due) if now > due => Urgency::Overdue,
        Some(due) if now + Parameters::on(now.date_naive()).due_soon >= due => Urgency::DueSoon,
        Some(_) => Urgency::OnTime,
    }
}

impl<T> Paged<T> {
    fn try_map<U, E>(self, map: impl FnMut(T) -> Result<U, E>) -> Result<Paged<U>, E> {
        Ok(Paged { items: self.items.into_iter().map(map).collect::<Result<_, _>>()?, next: self.next })
    }
}
