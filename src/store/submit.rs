//! The hot path: a submission is sealed in the caller's task and committed together with others.

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

use super::application::{self, NewApplication};
use super::database::Core;
use super::entity::{
    application as application_entity, application_form, event, outbox, request_key, validation_report,
};
use super::evidence::{self, EvidenceRows};
use super::writer::Work;
use super::{ApplicationRecord, EvidenceItem, NewEvent, NewJob, NumberSeries, ReportRecord, Store, StoreError, report};

/// Everything that one accepted application brings, committed together.
#[derive(Debug, Clone)]
pub struct NewSubmission {
    /// The application.
    pub application: NewApplication,
    /// Where its number comes from.
    pub series: NumberSeries,
    /// The caller's request_id, when given.
    pub request_id: Option<String>,
    /// The report that found its signature valid.
    pub report: ReportRecord,
    /// What the report leaned on.
    pub evidence: Vec<EvidenceItem>,
    /// What is to be recorded.
    pub events: Vec<NewEvent>,
    /// What is to be done next.
    pub jobs: Vec<NewJob>,
}

/// A report on its own: of a validation call, or of a submission that was refused.
#[derive(Debug, Clone)]
pub struct NewReport {
    /// The report.
    pub report: ReportRecord,
    /// What it leaned on.
    pub evidence: Vec<EvidenceItem>,
    /// What is to be recorded.
    pub events: Vec<NewEvent>,
}

/// What became of a submission. The questions are asked in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubmitOutcome {
    /// It is stored, durably.
    Accepted(ApplicationRecord),
    /// The same caller sent the same content under the same application_id before, under whatever request_id: this is the
    /// application as it stands now. Nothing was added.
    Replayed(ApplicationRecord),
    /// The same caller used this application_id for other content.
    ApplicationIdReused,
    /// The same caller used this request_id for other content.
    RequestIdReused,
    /// The same signed content stands under another caller's application; nothing of it is told.
    FiledByAnother,
}

/// The request_id of this method; keys of other methods live beside it.
pub(super) const METHOD: &str = "SubmitApplication";

/// A submission as rows, sealed and ready to be written (several times, should a group fail).
pub(super) struct Prepared {
    pub report: validation_report::Model,
    pub evidence: EvidenceRows,
    pub events: Vec<event::Model>,
    pub jobs: Vec<outbox::Model>,
    pub application: Option<PreparedApplication>,
}

pub(super) struct PreparedApplication {
    pub standing: application_entity::Model,
    pub form: application_form::Model,
    pub series: NumberSeries,
    pub request: Option<request_key::Model>,
}

/// What the writer answers: no outcome for a report on its own.
pub(super) type Answer = Result<Option<SubmitOutcome>, StoreError>;

impl Store {
    /// Stores a submission, once. Returns after the commit that holds it.
    ///
    /// A caller that stops waiting leaves it open whether the submission is stored; sending it again tells.
    pub async fn submit(&self, new: NewSubmission) -> Result<SubmitOutcome, StoreError> {
        let prepared = prepare_submission(new, &self.core)?;
        self.write(prepared).await?.ok_or(StoreError::Corrupt("a submission got no outcome"))
    }

    /// Stores a report on its own, in the same groups as submissions.
    pub async fn record_report(&self, new: NewReport) -> Result<(), StoreError> {
        let created_at = new.report.created_at;
        let prepared = prepare(new.report, new.evidence, created_at, &new.events, Vec::new(), &self.core)?;
        self.write(prepared).await.map(drop)
    }

    async fn write(&self, prepared: Prepared) -> Answer {
        let (answer, outcome) = oneshot::channel();
        let work = Work { prepared, answer };
        self.submissions.send(work).await.map_err(|_| StoreError::Closed)?;
        outcome.await.map_err(|_| StoreError::Closed)?
    }
}

fn prepare_submission(new: NewSubmission, core: &Core) -> Result<Prepared, StoreError> {
    let received_at = new.application.received_at;
    let report_id = new.report.id;
    let mut prepared = prepare(new.report, new.evidence, received_at, &new.events, new.jobs, core)?;
    let (standing, form) = application::rows(new.application, report_id, &core.sealer)?;
    let request = new.request_id.map(|request_id| request_key::Model {
        request_id,
        caller: standing.caller.clone(),
        method: METHOD.to_owned(),
        content_digest: standing.content_digest.clone(),
        subject: standing.id,
        created_at: standing.received_at,
    });
    prepared.application = Some(PreparedApplication { standing, form, series: new.series, request });
    Ok(prepared)
}

fn prepare(
    report: ReportRecord,
    evidence: Vec<EvidenceItem>,
    time: DateTime<Utc>,
    events: &[NewEvent],
    jobs: Vec<NewJob>,
    core: &Core,
) -> Result<Prepared, StoreError> {
    Ok(Prepared {
        evidence: evidence::rows(report.id, evidence, time, &core.known, &core.sealer)?,
        report: report::row(report, &core.sealer)?,
        events: events.iter().map(super::event::row).collect(),
        jobs: jobs.into_iter().map(super::outbox::row).collect(),
        application: None,
    })
}
