//! The job CONSULT: the state registers are asked about an application before it is decided.
//!
//! It is asked outside of any transaction; one transaction keeps what came of it: the answers as evidence, and either the next CONSULT or,
//! once every register has answered or has kept silent for too long, DECIDE. A crash leaves the job, which asks again.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tracing::warn;

use super::decide::{Case, corrupt, is_undecided};
use super::outbox::job;
use super::state_registers::Asked;
use super::{Refusal, Workflow};
use crate::registration::calendar::local_day;
use crate::registration::decision::{Decision, decide};
use crate::registration::event::EventName;
use crate::registration::parameters::Parameters;
use crate::registration::state_register::{Question, RegisterAnswer, StateRegister, questions, settled};
use crate::store::{EvidenceItem, EvidenceKind, JobRecord, RegistrationRecord, Tx};

/// Who speaks when a register does.
const ACTOR: &str = "register";

/// What has come of asking the registers about the present form of an application.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Consultation {
    /// The answers so far.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<KeptAnswer>,
    /// The registers that have not answered yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unanswered: Vec<StateRegister>,
    /// Until when those are asked again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// Nobody is asked any more.
    #[serde(default)]
    pub is_over: bool,
}

/// An answer, and where question and answer are kept in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptAnswer {
    /// The answer.
    #[serde(flatten)]
    pub answer: RegisterAnswer,
    /// SHA-256 of the evidence, hexadecimal.
    pub evidence: String,
}

impl Consultation {
    /// Whether the application waits for registers that have kept silent.
    pub fn is_awaited(&self) -> bool {
        !self.is_over && !self.unanswered.is_empty()
    }
}

/// What a job CONSULT carries from one try to the next.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Tries {
    /// When the registers were asked first.
    since: DateTime<Utc>,
    /// How often a register kept silent.
    silent: u32,
    /// Whether the answers could complete the application; otherwise an officer has to look in any case and nothing is waited for.
    waits: bool,
}

impl Workflow {
    /// The questions that are still to be asked about an application; none when the registers concerned are not reached.
    pub(super) fn open_questions(&self, case: &Case, now: DateTime<Utc>) -> Vec<Question> {
        let consultation = case.detail.consultation.as_ref();
        if consultation.is_some_and(|consultation| consultation.is_over) {
            return Vec::new();
        }
        let parameters = Parameters::on(local_day(now, case.mission.time_zone));
        let mut open = questions(&case.form, case.channel, parameters);
        open.retain(|question| {
            let register = question.register();
            let answers = consultation.into_iter().flat_map(|consultation| &consultation.answers);
            self.inquirer.registers().has(register) && answers.into_iter().all(|kept| kept.answer.register != register)
        });
        open
    }

    /// Has the registers asked before the decision. `open` is the applicant's open registration.
    pub(super) async fn consult_first(
        &self,
        tx: &mut Tx,
        case: &mut Case,
        questions: &[Question],
        open: Option<&RegistrationRecord>,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let tries = Tries { since: now, silent: 0, waits: self.could_complete(case, questions, open, now) };
        Ok(tx.enqueue(vec![job::consult(case.record.id, json!(tries), now)]).await?)
    }

    /// Whether the application would complete without an officer if every register confirmed what it is asked.
    fn could_complete(
        &self,
        case: &mut Case,
        questions: &[Question],
        open: Option<&RegistrationRecord>,
        now: DateTime<Utc>,
    ) -> bool {
        let evidence = case.detail.evidence;
        case.detail.evidence = settled(evidence, questions.iter().flat_map(Question::confirmed));
        let findings = self.findings(case, open, now);
        case.detail.evidence = evidence;
        let parameters = Parameters::on(local_day(now, case.mission.time_zone));
        let decision = decide(parameters, case.form.application_type, case.kind, case.channel, &findings);
        decision == Decision::StraightThrough && case.detail.examined_by.is_none()
    }

    /// The job CONSULT.
    pub(super) async fn consult(&self, work: &JobRecord) -> Result<(), Refusal> {
        let mut case = self.case(work.subject).await?;
        let tries: Tries = serde_json::from_value(work.payload.clone()).map_err(|_| corrupt("job"))?;
        if !is_undecided(&case.application()?) || case.record.registration_id.is_some() {
            let now = self.clock.now();
            let mut tx = self.store.begin().await?;
            tx.complete_job(work.id, now).await?;
            return Ok(tx.commit().await?);
        }
        let mut asked = Vec::new();
        for question in self.open_questions(&case, self.clock.now()) {
            asked.push(self.inquirer.ask(question, self.clock.as_ref()).await);
        }

        let now = self.clock.now();
        let parameters = Parameters::on(local_day(now, case.mission.time_zone));
        let until = tries.since + parameters.register_patience;
        let mut tx = self.store.begin().await?;
        tx.complete_job(work.id, now).await?;
        let known = case.detail.consultation.clone();
        let mut consultation = known.clone().unwrap_or_default();
        consultation.unanswered.clear();
        for asked in asked {
            keep(&mut tx, &case, &mut consultation, asked, now).await?;
        }
        let is_silent = !consultation.unanswered.is_empty();
        consultation.until = is_silent.then_some(until);
        consultation.is_over = !is_silent || !tries.waits || now >= until;
        if consultation.is_over {
            let statements = consultation.answers.iter().flat_map(|kept| kept.answer.statements.iter().copied());
            case.detail.evidence = settled(case.detail.evidence, statements);
            tx.enqueue(vec![job::decide(case.record.id, now)]).await?;
        } else {
            let next = Tries { silent: tries.silent.saturating_add(1), ..tries };
            let at = (now + pause(tries.silent)).min(until);
            tx.enqueue(vec![job::consult(case.record.id, json!(next), at)]).await?;
        }
        // A try that brought nothing new leaves the application, and so its etag, as it is.
        if known.as_ref() != Some(&consultation) {
            let newly_silent = known.is_none_or(|known| known.unanswered != consultation.unanswered);
            if is_silent && newly_silent {
                let registers: Vec<&str> = consultation.unanswered.iter().map(|register| register.as_str()).collect();
                let references = json!({ "registers": registers });
                tx.append_event(&case.event(EventName::ApplicationRegisterSilent, ACTOR, now, references));
            }
            case.detail.consultation = Some(consultation);
            let unchanged = case.application()?;
            self.change(&mut tx, &mut case, &unchanged, now).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Keeps one answer: in full as sealed evidence, by its reference in the event. Silence is noted.
async fn keep(
    tx: &mut Tx,
    case: &Case,
    consultation: &mut Consultation,
    asked: Asked,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let Asked { request_id, question, outcome } = asked;
    let register = question.register();
    let answer = match outcome {
        Ok(answer) => answer,
        Err(failure) => {
            warn!(register = register.as_str(), application = %case.record.id, %failure, "a state register gave no answer");
            consultation.unanswered.push(register);
            return Ok(());
        }
    };
    // Never the same octets twice: the identifier of the question is in it.
    let full = json!({
        "application": case.record.id, "revision": case.record.revision, "register": register, "request_id": request_id,
        "question": question, "answer": answer, "received_time": now,
    });
    let full = serde_json::to_vec(&full).map_err(|error| Refusal::Internal(format!("answer: {error}")))?;
    let digest = tx.insert_evidence(EvidenceItem::new(EvidenceKind::RegisterAnswer, full), now).await?;
    let evidence = hex::encode(digest);
    let references = json!({ "register": register, "reference": answer.reference, "evidence": evidence });
    tx.append_event(&case.event(EventName::ApplicationRegisterAnswered, ACTOR, now, references));
    consultation.answers.push(KeptAnswer { answer, evidence });
    Ok(())
}

/// 5, 10, 20 … seconds, at most five minutes.
fn pause(silent: u32) -> TimeDelta {
    TimeDelta::seconds((5_i64 << silent.min(16)).min(300))
}
