//! The ports to the state registers: one small trait each. Who stands behind them (a gRPC client, a test) is composed in `server`.
//!
//! A register that does not answer is no answer: nothing follows from it for the applicant.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::clock::Clock;
use crate::registration::state_register::{
    DepartureDecisionQuestion, DocumentQuestion, PersonQuestion, Question, RegisterAnswer, StateRegister,
};

/// An answer under way.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Result<RegisterAnswer, RegisterFailure>> + Send + 'a>>;

/// Why a register gave no answer. Holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegisterFailure {
    /// It cannot be reached, or says that it cannot answer.
    #[error("no answer: {0}")]
    Unavailable(String),
    /// It did not answer within its deadline.
    #[error("no answer in time")]
    OutOfTime,
    /// It answered what makes no sense.
    #[error("the answer is unusable: {0}")]
    Nonsense(&'static str),
    /// It gave no answer a moment ago and was not asked.
    #[error("not asked: it gave no answer a moment ago")]
    Rested,
}

/// The state register of the population.
pub trait PopulationRegister: Send + Sync {
    /// Asks about identity and citizenship. `request_id` identifies the question; an answer to another one is unusable.
    fn verify_person<'a>(&'a self, request_id: Uuid, person: &'a PersonQuestion) -> Answering<'a>;
}

/// The register of identity documents.
pub trait DocumentRegister: Send + Sync {
    /// Asks about an identity document.
    fn verify_document<'a>(&'a self, request_id: Uuid, document: &'a DocumentQuestion) -> Answering<'a>;
}

/// The register of migration decisions.
pub trait MigrationRegister: Send + Sync {
    /// Asks about a decision on departure.
    fn verify_departure_decision<'a>(
        &'a self,
        request_id: Uuid,
        decision: &'a DepartureDecisionQuestion,
    ) -> Answering<'a>;
}

/// How long a register that gave no answer is left alone, so that applications that wait for it do not queue up behind its deadline.
const REST: TimeDelta = TimeDelta::seconds(5);

/// The registers that this service reaches; none by default.
#[derive(Clone, Default)]
pub struct StateRegisters {
    /// See [`StateRegister::Population`].
    pub population: Option<Arc<dyn PopulationRegister>>,
    /// See [`StateRegister::Documents`].
    pub documents: Option<Arc<dyn DocumentRegister>>,
    /// See [`StateRegister::Migration`].
    pub migration: Option<Arc<dyn MigrationRegister>>,
}

impl StateRegisters {
    /// Whether no register is reached.
    pub fn is_empty(&self) -> bool {
        StateRegister::ALL.into_iter().all(|register| !self.has(register))
    }

    /// Whether this one is reached.
    pub fn has(&self, register: StateRegister) -> bool {
        match register {
            StateRegister::Population => self.population.is_some(),
            StateRegister::Documents => self.documents.is_some(),
            StateRegister::Migration => self.migration.is_some(),
        }
    }

    async fn ask(&self, request_id: Uuid, question: &Question) -> Result<RegisterAnswer, RegisterFailure> {
        let absent = || RegisterFailure::Unavailable("the register is not configured".to_owned());
        match question {
            Question::Person(person) => {
                self.population.as_ref().ok_or_else(absent)?.verify_person(request_id, person).await
            }
            Question::Document(document) => {
                self.documents.as_ref().ok_or_else(absent)?.verify_document(request_id, document).await
            }
            Question::DepartureDecision(decision) => {
                self.migration.as_ref().ok_or_else(absent)?.verify_departure_decision(request_id, decision).await
            }
        }
    }
}

/// Asks the registers, and remembers for a moment which one gave no answer.
pub(super) struct Inquirer {
    registers: StateRegisters,
    resting: Mutex<Vec<(StateRegister, DateTime<Utc>)>>,
}

/// A question that was asked, and what came of it.
pub(super) struct Asked {
    pub request_id: Uuid,
    pub question: Question,
    pub outcome: Result<RegisterAnswer, RegisterFailure>,
}

impl Inquirer {
    pub(super) fn new(registers: StateRegisters) -> Self {
        Self { registers, resting: Mutex::default() }
    }

    pub(super) fn registers(&self) -> &StateRegisters {
        &self.registers
    }

    /// Asks one question.
    pub(super) async fn ask(&self, question: Question, clock: &dyn Clock) -> Asked {
        let (register, request_id) = (question.register(), Uuid::new_v4());
        let outcome = if self.rests(register, clock.now()) {
            Err(RegisterFailure::Rested)
        } else {
            let outcome = self.registers.ask(request_id, &question).await;
            if outcome.is_err() {
                self.rest(register, clock.now());
            }
            outcome
        };
        Asked { request_id, question, outcome }
    }

    /// Both ends count: a clock that was set back ends a rest too.
    fn rests(&self, register: StateRegister, now: DateTime<Utc>) -> bool {
        let resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        resting.iter().any(|(resting, since)| *resting == register && *since <= now && now < *since + REST)
    }

    fn rest(&self, register: StateRegister, now: DateTime<Utc>) {
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        resting.retain(|(resting, _)| *resting != register);
        resting.push((register, now));
    }
}
