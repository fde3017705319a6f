//! Histories in bulk: registrations as they stand with what led to them, many in one transaction.

use std::collections::BTreeMap;

use super::entity::{application, application_form, outbox, registration, registration_card, validation_report};
use super::insert::{OnPresent, insert_all};
use super::number::{self, Wanted};
use super::{NewApplication, NewEvent, NewJob, NewRegistration, NumberSeries, ReportRecord, Store, StoreError, report};

/// An application in the state that it has reached, and the registration that came of it.
#[derive(Debug, Clone)]
pub struct History {
    /// The application.
    pub application: NewApplication,
    /// Where its number comes from.
    pub series: NumberSeries,
    /// The report that found its signature valid.
    pub report: ReportRecord,
    /// The registration that it led to, and where the number of that comes from, whatever number it names.
    pub registration: Option<(NewRegistration, NumberSeries)>,
    /// What has happened.
    pub events: Vec<NewEvent>,
    /// What is still to be done.
    pub jobs: Vec<NewJob>,
}

/// What a granted application was changed by: its grant and its end.
const CHANGES: i64 = 2;

impl Store {
    /// Writes histories in one transaction, in statements of many rows. A person who is registered already fails all of them.
    pub async fn load(&self, histories: Vec<History>) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let mut per_series: BTreeMap<NumberSeries, i64> = BTreeMap::new();
        for history in &histories {
            let registered = history.registration.iter().map(|(_, series)| series);
            for series in registered.chain([&history.series]) {
                *per_series.entry(series.clone()).or_default() += 1;
            }
        }
        let wanted: Vec<Wanted> =
            per_series.iter().map(|(series, count)| Wanted { counter: series.clone(), count: *count }).collect();
        let first = number::allocate(tx.db(), &wanted).await?;
        let mut next: BTreeMap<NumberSeries, i64> = per_series.into_keys().zip(first).collect();
        let mut number = |series: &NumberSeries| {
            let next = next.get_mut(series).ok_or(StoreError::Corrupt("a series got no numbers"))?;
            *next += 1;
            Ok::<_, StoreError>(series.number(*next - 1))
        };

        let (mut reports, mut standings, mut forms) = (Vec::new(), Vec::new(), Vec::new());
        let (mut registrations, mut cards, mut jobs) = (Vec::new(), Vec::new(), Vec::new());
        for history in histories {
            let report_id = history.report.id;
            reports.push(report::row(history.report, tx.sealer())?);
            let (mut standing, form) = super::application::rows(history.application, report_id, tx.sealer())?;
            standing.number = number(&history.series)?;
            if let Some((mut new, series)) = history.registration {
                new.number = number(&series)?;
                standing.registration_id = Some(new.id);
                standing.version += CHANGES;
                let (registration, card) = super::registration::rows(new, tx.sealer())?;
                registrations.push(registration);
                cards.push(card);
            }
            standings.push(standing);
            forms.push(form);
            history.events.iter().for_each(|event| tx.append_event(event));
            jobs.extend(history.jobs.into_iter().map(super::outbox::row));
        }
        let db = tx.db();
        insert_all(db, validation_report::Entity, reports, OnPresent::Fail).await?;
        insert_all(db, application::Entity, standings, OnPresent::Fail).await?;
        insert_all(db, application_form::Entity, forms, OnPresent::Fail).await?;
        insert_all(db, registration::Entity, registrations, OnPresent::Fail).await?;
        insert_all(db, registration_card::Entity, cards, OnPresent::Fail).await?;
        insert_all(db, outbox::Entity, jobs, OnPresent::Fail).await?;
        tx.commit().await
    }
}
