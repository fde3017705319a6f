//! The job DECIDE. What granting an application does is in `register`.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::deadline::watch_term;
use super::detail::StateDetail;
use super::facts::Filing;
use super::papers::{reserve_of_step, reserve_receipt};
use super::{Refusal, Workflow};
use crate::registration::calendar::local_day;
use crate::registration::decision::{Awaiting, Decision, decide};
use crate::registration::event::{EventName, NotificationKind};
use crate::registration::form::Kind;
use crate::registration::forwarding::belongs_to;
use crate::registration::mission::Mission;
use crate::registration::parameters::Parameters;
use crate::registration::rules::{Channel, Finding, Signer, Stage, assess};
use crate::registration::{Application, ApplicationForm, ApplicationState, MissionCode, form};
use crate::store::{ApplicationRecord, JobRecord, NewEvent, RegistrationRecord, Tx};

/// An application with all that a decision on it needs.
pub(super) struct Case {
    pub record: ApplicationRecord,
    pub detail: StateDetail,
    pub form: ApplicationForm,
    /// As it stands in the list in force, or stood in it last.
    pub mission: Arc<Mission>,
    pub kind: Kind,
    pub channel: Channel,
}

impl Case {
    /// The application as the state machine knows it.
    pub fn application(&self) -> Result<Application, Refusal> {
        let state = ApplicationState::from_name(&self.record.state).ok_or_else(|| corrupt("state"))?;
        self.detail.application(state, &self.record)
    }

    pub fn event(&self, name: EventName, actor: &str, now: DateTime<Utc>, references: serde_json::Value) -> NewEvent {
        NewEvent {
            subject_type: "APPLICATION",
            subject: self.record.id,
            kind: name.as_str().to_owned(),
            actor: actor.to_owned(),
            time: now,
            references,
        }
    }
}

impl Workflow {
    /// Reads what a decision needs. The form was verified when it was filed and has been sealed since.
    pub(super) async fn case(&self, id: uuid::Uuid) -> Result<Case, Refusal> {
        let record = self.store.application(id).await?.ok_or_else(|| corrupt("application"))?;
        let form = self.store.application_form(id).await?;
        let form =
            form.ok_or_else(|| Refusal::WrongState { act: "be acted on any more", state: record.state.clone() })?;
        let form = form::decode(&form.form).map_err(|_| corrupt("form"))?;
        let mission = self.known_mission(&record.mission)?;
        let kind = Kind::from_name(&record.kind).ok_or_else(|| corrupt("kind"))?;
        let channel = Channel::from_name(&record.channel).ok_or_else(|| corrupt("channel"))?;
        Ok(Case { detail: StateDetail::of(&record)?, record, form, mission, kind, channel })
    }

    /// What the rules of deficiency and decision find now.
    pub(super) fn findings(&self, case: &Case, open: Option<&RegistrationRecord>, now: DateTime<Utc>) -> Vec<Finding> {
        // Who signed was asked at filing; its answer is in the verified evidence.
        let filing = Filing { signer: Signer::default(), channel: case.channel, evidence: case.detail.evidence };
        let facts = self.facts(&case.form, &case.mission, filing, open, now);
        [Stage::Deficiency, Stage::Decision].into_iter().flat_map(|stage| assess(stage, &facts, facts.today)).collect()
    }

    /// Decides an accepted application by the policy of the day.
    pub(super) async fn decide(&self, work: &JobRecord) -> Result<(), Refusal> {
        let now = self.clock.now();
        let mut case = self.case(work.subject).await?;
        let application = case.application()?;
        if !is_undecided(&application) || case.record.registration_id.is_some() {
            let mut tx = self.store.begin().await?;
            tx.complete_job(work.id, now).await?;
            reserve_receipt(&mut tx, &case, &*self.known_mission(&case.form.mission)?).await?;
            return Ok(tx.commit().await?);
        }
        let open = self.store.open_registration(case.record.iin_hash).await?;
        let from = self.take_where_it_belongs(&mut case, open.as_ref(), now);
        let findings = self.findings(&case, open.as_ref(), now);
        let parameters = Parameters::on(local_day(now, case.mission.time_zone));
        case.detail.findings = findings.iter().filter(|finding| finding.is_not_met()).cloned().collect();

        let decision = decide(parameters, case.form.application_type, case.kind, case.channel, &findings);
        let questions = self.open_questions(&case, now);
        let mut tx = self.store.begin().await?;
        tx.complete_job(work.id, now).await?;
        reserve_receipt(&mut tx, &case, &*self.known_mission(&case.form.mission)?).await?;
        if !questions.is_empty() && !matches!(decision, Decision::Return { .. }) {
            self.consult_first(&mut tx, &mut case, &questions, open.as_ref(), now).await?;
            return Ok(tx.commit().await?);
        }
        let is_silent = case.detail.consultation.as_ref().is_some_and(|asked| !asked.unanswered.is_empty());
        let decision = match decision {
            // What an officer has looked at is an officer's to decide.
            // So is what another mission has forwarded.
            Decision::StraightThrough if case.detail.examined_by.is_some() || from.is_some() => {
                Decision::Review { awaiting: vec![Awaiting::Approval] }
            }
            Decision::StraightThrough if is_silent => Decision::Review { awaiting: vec![Awaiting::SilentRegister] },
            decision => decision,
        };
        let application = match &from {
            Some(from) => Self::forwarded(&mut tx, &case, application, from, now)?,
            None => application,
        };
        match decision {
            Decision::StraightThrough => self.grant(&mut tx, &mut case, open.as_ref(), "policy", now).await?,
            Decision::Return { remarks } => {
                let returned = application.send_back(remarks)?;
                self.change(&mut tx, &mut case, &returned, now).await?;
                tx.append_event(&case.event(EventName::ApplicationReturned, "policy", now, json!({})));
                reserve_of_step(&mut tx, &case, EventName::ApplicationReturned, None, now).await?;
                watch_anew(&mut tx, &case, from.is_some(), now).await?;
                self.notify(&mut tx, &case, NotificationKind::ApplicationReturned, None, now).await?;
            }
            Decision::Review { awaiting } => {
                let review = match application {
                    accepted @ Application::Accepted { .. } => accepted.put_to_review(awaiting.clone())?,
                    reviewed => reviewed.await_instead(awaiting.clone())?,
                };
                case.detail.awaiting = awaiting;
                self.change(&mut tx, &mut case, &review, now).await?;
                let awaited: Vec<&str> = case.detail.awaiting.iter().copied().map(Awaiting::as_str).collect();
                tx.append_event(&case.event(
                    EventName::ApplicationInReview,
                    "policy",
                    now,
                    json!({ "awaiting": awaited }),
                ));
                watch_anew(&mut tx, &case, from.is_some(), now).await?;
                if from.is_none() {
                    self.notify(&mut tx, &case, NotificationKind::ApplicationInReview, None, now).await?;
                }
            }
        }
        if from.is_some() {
            self.notify(&mut tx, &case, NotificationKind::ApplicationForwarded, None, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Hands the case to the mission that it belongs to, if that is another one; gives back the code of the one that had it.
    fn take_where_it_belongs(
        &self,
        case: &mut Case,
        open: Option<&RegistrationRecord>,
        now: DateTime<Utc>,
    ) -> Option<MissionCode> {
        if case.detail.examined_by.is_some() {
            // An officer has looked at it here, and would have forwarded it.
            return None;
        }
        let filing = Filing { signer: Signer::default(), channel: case.channel, evidence: case.detail.evidence };
        let facts = self.facts(&case.form, &case.mission, filing, open, now);
        let mission = Arc::clone(self.missions().find(belongs_to(&facts)?.as_str())?);
        case.record.mission = mission.code.to_string();
        Some(std::mem::replace(&mut case.mission, mission).code.clone())
    }

    /// An application that goes to another mission is under review from then on.
    fn forwarded(
        tx: &mut Tx,
        case: &Case,
        application: Application,
        from: &MissionCode,
        now: DateTime<Utc>,
    ) -> Result<Application, Refusal> {
        let review = match application {
            accepted @ Application::Accepted { .. } => accepted.put_to_review(Vec::new())?,
            resubmitted => resubmitted,
        };
        let references = json!({ "from": from, "to": case.mission.code });
        tx.append_event(&case.event(EventName::ApplicationForwarded, "policy", now, references));
        Ok(review.forward()?)
    }

    /// Writes the new state of an application into the transaction.
    pub(super) async fn change(
        &self,
        tx: &mut Tx,
        case: &mut Case,
        application: &Application,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        if let Some(docket) = application.docket() {
            case.detail.evidence = docket.evidence;
        }
        application.state().as_str().clone_into(&mut case.record.state);
        case.record.state_detail = Some(case.detail.to_bytes()?);
        case.record.updated_at = now;
        case.record.version = tx.update_application(&case.record).await?;
        Ok(())
    }
}

/// The term of what is not decided at once is watched from its first decision on: a mended form does not change it, another mission that is
/// to keep it does.
async fn watch_anew(tx: &mut Tx, case: &Case, is_forwarded: bool, now: DateTime<Utc>) -> Result<(), Refusal> {
    if case.record.revision > 1 && !is_forwarded { Ok(()) } else { watch_term(tx, case, now).await }
}

/// Accepted, or mended by the applicant since an officer or the policy returned it.
pub(super) fn is_undecided(application: &Application) -> bool {
    matches!(application, Application::Accepted { .. })
        || matches!(application, Application::InReview { awaiting, .. } if awaiting.is_empty())
}

pub(super) fn corrupt(what: &str) -> Refusal {
    Refusal::Internal(format!("a stored {what} cannot be read"))
}
