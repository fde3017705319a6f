//! A register of the size it will have, without the years that it takes: histories of a crowd, for measuring and looking in a sandbox.
//!
//! Everything that lists, look-ups and filing touch is there in its true shape: applications with their sealed forms and reports,
//! registrations with their sealed cards, hashes, numbers, events and the jobs that follow a stay. Signatures and documents are not: nobody
//! signed, and nothing was issued.

use chrono::{DateTime, Days, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use super::Refusal;
use super::detail::StateDetail;
use super::facts::due;
use super::outbox::job;
use super::register::series;
use super::term::{confirmed_until, first_job};
use crate::pki::sha256;
use crate::registration::ApplicationState;
use crate::registration::decision::Awaiting;
use crate::registration::event::EventName;
use crate::registration::form::{ApplicationForm, Kind};
use crate::registration::mission::{Mission, Missions};
use crate::registration::numbers::Series;
use crate::registration::rules::{Channel, EvidenceFacts, Verification};
use crate::sandbox::{Form, Person};
use crate::store::{History, NewApplication, NewEvent, NewRegistration, ReportRecord, Store, id_at};

/// How far back the oldest registration lies.
const PAST: TimeDelta = TimeDelta::days(5 * 365);
/// Histories written in one transaction.
const BATCH: u32 = 1_000;
/// Every so many-th registration is permanent.
const PERMANENT: u32 = 4;
/// The present stay ends after so many days at least, and within as many more.
const STAY: u32 = 300;

/// Who fills the register.
#[derive(Clone)]
pub struct Crowd {
    /// Where it is kept.
    pub store: Store,
    /// The missions, by turns.
    pub missions: &'static Missions,
    /// The system that is said to have filed.
    pub caller: String,
    /// A report on a signature of the sandbox; each application gets one like it.
    pub report: ReportRecord,
    /// The present.
    pub now: DateTime<Utc>,
}

impl Crowd {
    /// Registers `count` persons of the crowd from the `first` on, over the past years; `told` hears how many are there.
    ///
    /// # Errors
    /// One of them is registered already, or the database cannot be written.
    pub async fn register(&self, first: u32, count: u32, mut told: impl FnMut(u32)) -> Result<(), Refusal> {
        let age =
            |index: u32| PAST * i32::try_from(count - index).unwrap_or(i32::MAX) / i32::try_from(count).unwrap_or(1);
        let batches = (0..count).step_by(BATCH as usize).map(|begin| begin..(begin + BATCH).min(count));
        let mut written = None::<tokio::task::JoinHandle<Result<(), crate::store::StoreError>>>;
        for batch in batches {
            let (crowd, end) = (self.clone(), batch.end);
            let ages: Vec<(u32, TimeDelta)> = batch.map(|index| (first + index, age(index))).collect();
            let made = tokio::task::spawn_blocking(move || {
                ages.into_iter().map(|(person, age)| crowd.registered(person, crowd.now - age)).collect()
            });
            let made: Result<Vec<History>, Refusal> =
                made.await.map_err(|error| Refusal::Internal(error.to_string()))?;
            // One batch is written while the next is made.
            finish(written.take()).await?;
            let (store, made) = (self.store.clone(), made?);
            written = Some(tokio::spawn(async move { store.load(made).await }));
            told(end);
        }
        finish(written).await
    }

    /// Puts applications of `count` persons from the `first` on before the missions' officers.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn wait(&self, first: u32, count: u32) -> Result<(), Refusal> {
        let waiting = (first..first + count).map(|person| self.waiting(person)).collect::<Result<_, _>>()?;
        Ok(self.store.load(waiting).await?)
    }

    fn registered(&self, person: u32, time: DateTime<Utc>) -> Result<History, Refusal> {
        let kind = if person.is_multiple_of(PERMANENT) { Kind::Permanent } else { Kind::Temporary };
        let (mission, form) = self.form(person, kind, time)?;
        let card = serde_json::to_vec(&form.card).map_err(|error| Refusal::Internal(error.to_string()))?;
        let mut history = self.history(mission, &form, ApplicationState::Completed, time)?;
        let application = history.application.id;
        let registration = NewRegistration {
            id: id_at(time),
            number: String::new(),
            iin_hash: history.application.iin_hash,
            kind: kind.as_str().to_owned(),
            mission: mission.code.to_string(),
            application,
            registered_at: time,
            valid_until: form.card.stay.until,
            card,
        };
        let id = registration.id;
        let opened = json!({ "application": application, "card_version": 1 });
        history.events.push(event("REGISTRATION", id, EventName::RegistrationOpened, "policy", time, opened));
        let completed = json!({ "registration": id });
        history.events.push(event(
            "APPLICATION",
            application,
            EventName::ApplicationCompleted,
            "service",
            time,
            completed,
        ));
        history.jobs.push(job::reconfirm(id, confirmed_until(self.now, mission)));
        history.jobs.extend(registration.valid_until.map(|last| first_job(id, last, mission, self.now)));
        history.registration = Some((registration, series(mission, Series::Registration, time)));
        Ok(history)
    }

    fn waiting(&self, person: u32) -> Result<History, Refusal> {
        let (mission, form) = self.form(person, Kind::Permanent, self.now)?;
        self.history(mission, &form, ApplicationState::InReview, self.now)
    }

    fn form(
        &self,
        person: u32,
        kind: Kind,
        time: DateTime<Utc>,
    ) -> Result<(&'static Mission, ApplicationForm), Refusal> {
        let internal = |what: &str| Refusal::Internal(what.to_owned());
        let made = Form::fresh(&Person::of_crowd(person), kind, time);
        let mut form = made.map_err(|error| internal(&error.to_string()))?.application;
        let place = person as usize % self.missions.iter().count().max(1);
        let mission: &'static Mission =
            self.missions.iter().nth(place).ok_or_else(|| internal("there are no missions"))?;
        form.application_id = id_at(time);
        form.mission = mission.code.clone();
        if let Some(district) = mission.districts.first() {
            form.card.stay.host_country = Some(district.country.clone());
            if let Some(address) = &mut form.card.stay.host_address {
                address.subdivision = district.subdivisions.first().cloned();
            }
        }
        if kind == Kind::Temporary {
            let last = self.now.date_naive() + Days::new(u64::from(STAY + person % STAY));
            form.card.stay.until = Some(last);
        }
        Ok((mission, form))
    }

    /// An application in that state, accepted at that time.
    fn history(
        &self,
        mission: &Mission,
        form: &ApplicationForm,
        state: ApplicationState,
        time: DateTime<Utc>,
    ) -> Result<History, Refusal> {
        let content = serde_json::to_vec(form).map_err(|error| Refusal::Internal(error.to_string()))?;
        let verified = Verification::Verified;
        let evidence = EvidenceFacts { identity: verified, citizenship: verified, ..EvidenceFacts::default() };
        let awaiting = if state.is_open() { vec![Awaiting::DepartureDecision] } else { Vec::new() };
        let detail = StateDetail { evidence, awaiting, ..StateDetail::default() };
        let id = id_at(time);
        let report = ReportRecord { id: id_at(time), created_at: time, ..self.report.clone() };
        let references = json!({ "validation_report": report.id, "mission": mission.code, "kind": form.kind.as_str() });
        Ok(History {
            application: NewApplication {
                id,
                caller: self.caller.clone(),
                application_id: form.application_id,
                content_digest: sha256(&content),
                application_type: form.application_type.as_str().to_owned(),
                kind: form.kind.as_str().to_owned(),
                channel: Channel::Portal.as_str().to_owned(),
                mission: mission.code.to_string(),
                language: form.language.as_str().to_owned(),
                state: state.as_str().to_owned(),
                state_detail: Some(detail.to_bytes()?),
                iin_hash: self.store.iin_hash(&form.applicant.iin),
                received_at: time,
                due_at: Some(due(mission, Channel::Portal, time)),
                form: content,
            },
            series: series(mission, Series::Application, time),
            report,
            registration: None,
            events: vec![event("APPLICATION", id, EventName::ApplicationAccepted, &self.caller, time, references)],
            jobs: Vec::new(),
        })
    }
}

async fn finish(written: Option<tokio::task::JoinHandle<Result<(), crate::store::StoreError>>>) -> Result<(), Refusal> {
    match written {
        Some(written) => Ok(written.await.map_err(|error| Refusal::Internal(error.to_string()))??),
        None => Ok(()),
    }
}

fn event(
    subject_type: &'static str,
    subject: Uuid,
    name: EventName,
    actor: &str,
    time: DateTime<Utc>,
    references: serde_json::Value,
) -> NewEvent {
    let (kind, actor) = (name.as_str().to_owned(), actor.to_owned());
    NewEvent { subject_type, subject, kind, actor, time, references }
}
