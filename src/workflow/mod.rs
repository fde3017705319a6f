//! The use cases: the order of steps and of transactions, with no rules of their own.
//!
//! Lives here: what happens when an application is filed, decided and completed, when an officer acts, when the trust store changes.
//! Rules live in `registration`, verdicts in `signature`, rows in `store`. May not live here: anything of the wire (tonic, prost), of SQL, or of
//! the law.
//!
//! The life of one application, and what a crash leaves behind at each step:
//!
//! 1. [`Workflow::submit`] judges the signature and assesses admissibility. A crash leaves nothing.
//! 2. One transaction stores application, report, evidence, event and the job DECIDE; then the caller is answered. A crash before the answer
//!    leaves an application that the caller finds by sending the same content again.
//! 3. DECIDE assesses the rules. Where state registers are reached, it has CONSULT ask them first, and comes again when they have answered or
//!    kept silent for too long. One transaction returns the application, puts it to review, or opens the registration, reserves the document's
//!    number and enqueues COMPLETE. A crash leaves the job, which runs again.
//! 4. COMPLETE renders and seals outside, then one transaction issues the document, ends the application and writes the notification. A crash
//!    leaves the job; running it again issues the same document under the same number. The documents of the steps in between are reserved
//!    with their steps and made by ISSUE; a receipt is made when it is first asked for.
//! 5. TERM follows the registration's stay, from one milestone to the next; a crash leaves the job of the milestone. DUE follows the term of an
//!    application that somebody has to look at, HEARING the term for objecting, PASSPORT the passport on a card, in the same way.
//!
//! What the register is for stands apart: elections (`election`), electoral rolls (`electoral_roll`) and journals (`journal`), both on sealed
//! sheets (`sealed_list`), crises (`crisis` and its neighbours), figures (`statistics`).

mod account;
mod acts;
mod audit;
mod authenticity;
mod awaited;
mod complete;
mod consent;
mod consult;
mod crisis;
mod crisis_close;
mod crisis_reply;
mod crisis_roll;
mod crisis_sheet;
mod crisis_views;
mod crisis_watch;
mod deadline;
mod decide;
mod detail;
mod election;
mod electoral_roll;
mod electors;
mod error;
mod facts;
mod family;
mod fill;
mod journal;
mod list_octets;
mod lookup;
mod messages;
mod missions;
mod notifications;
mod officer_acts;
mod officers;
mod outbox;
mod papers;
mod passport;
mod queue;
mod register;
mod registrations;
mod resubmit;
mod retention;
mod revalidate;
mod review;
mod sealed_list;
mod state_registers;
mod statistics;
mod submit;
mod term;
mod trust;
mod trust_change;
mod trust_intake;
mod trust_lists;
mod verify;
mod views;
mod watch;
mod withdraw;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use ring::hmac;
use tokio::sync::Semaphore;

use crate::clock::{SandboxClock, SharedClock};
use crate::documents::{Renderer, Seal};
use crate::registration::IdentifierPolicy;
use crate::store::Store;

pub use account::NotificationArrival;
pub use audit::{AuditEvent, AuditEventKind, Read};
pub use consent::ConsentWithdrawal;
pub use crisis_sheet::CrisisSheetView;
pub use crisis_views::{
    CitizenReply, CrisisChange, CrisisCounts, CrisisPersonView, CrisisReplyView, CrisisRollQuery, CrisisView,
};
pub use election::ElectionView;
pub use electoral_roll::{RollRequest, RollView};
pub use error::{Refusal, ResourceKind, TrustReason, Unusable, Verdict};
pub use fill::Crowd;
pub use journal::{JournalRequest, JournalView};
pub use missions::{
    MissionImport, MissionRefusal, NeededMission, SharedMissions, follow_missions, import_missions, missions_in_force,
    seed_missions,
};
pub use officers::{Duty, Officer, OfficerRole, OfficerTable, SharedOfficers};
pub use outbox::{run_consultations, run_outbox};
pub use queue::{QueueEntry, Urgency};
pub use retention::run_retention;
pub use revalidate::{Difference, Revalidation};
pub use sealed_list::{ListFile, ListPart};
pub use state_registers::{
    Answering, DocumentRegister, MigrationRegister, PopulationRegister, RegisterFailure, StateRegisters,
};
pub use statistics::{Figures, StatisticsQuery, StatisticsRow};
pub use trust::{TrustKeeper, supports_as_anchor};
pub use trust_intake::{ListFolder, SeedError, SeedSources, TrustSeed, seed};
pub use views::{
    ApplicationChange, ApplicationQuery, ApplicationView, Awaited, AwaitedFrom, Caller, CrlView, DocumentStatus,
    DocumentVerification, DocumentView, FamilyMemberView, NotificationView, Page, Paged, PresentedDocument,
    RefusalView, RegisterAnswerView, RegistrationChange, RegistrationQuery, RegistrationView, Sameness, Scope, Signed,
    StoredReport, Submission, TrustChange, TrustEntryView, TrustImport, TrustStoreView, ValidationRequest,
    VerifiedKind,
};

/// What the use cases are made of.
pub struct Parts {
    /// Where everything is kept.
    pub store: Store,
    /// The time.
    pub clock: SharedClock,
    /// The trust store in force.
    pub trust: Arc<TrustKeeper>,
    /// The consular officers; may be replaced while the service runs.
    pub officers: SharedOfficers,
    /// The missions with their districts; may be replaced while the service runs.
    pub missions: SharedMissions,
    /// Makes documents.
    pub renderer: Arc<Renderer>,
    /// Seals documents.
    pub seal: Arc<dyn Seal>,
    /// The audience that forms have to name.
    pub audience: String,
    /// Whether the official test identifiers count as right.
    pub identifiers: IdentifierPolicy,
    /// Where anyone checks a document.
    pub verification_url: String,
    /// Key of the tokens in documents' verification addresses.
    pub verification_key: [u8; 32],
    /// The state registers that are asked before a decision.
    pub registers: StateRegisters,
    /// There in the sandbox only: the clock that may be set. Its documents say that they have no legal force.
    pub sandbox: Option<Arc<SandboxClock>>,
}

/// The use cases of the service. Shared by all handlers and workers.
pub struct Workflow {
    store: Store,
    clock: SharedClock,
    trust: Arc<TrustKeeper>,
    /// One place a processor: judging is work for processors, and more at a time would only take them from other calls.
    judging: Arc<Semaphore>,
    /// One place for reading the evidence of old reports back, which may be large.
    reading: Arc<Semaphore>,
    /// Places for making lists, each of which is held in memory as a whole.
    lists: Arc<Semaphore>,
    officers: SharedOfficers,
    missions: SharedMissions,
    renderer: Arc<Renderer>,
    seal: Arc<dyn Seal>,
    audience: String,
    identifiers: IdentifierPolicy,
    verification_url: String,
    verification_key: hmac::Key,
    inquirer: state_registers::Inquirer,
    sandbox: Option<Arc<SandboxClock>>,
}

impl Workflow {
    /// The use cases over these parts.
    pub fn new(parts: Parts) -> Self {
        let verification_key = hmac::Key::new(hmac::HMAC_SHA256, &parts.verification_key);
        Self {
            store: parts.store,
            clock: parts.clock,
            trust: parts.trust,
            judging: Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from))),
            reading: Arc::new(Semaphore::new(1)),
            lists: Arc::new(Semaphore::new(2)),
            officers: parts.officers,
            missions: parts.missions,
            renderer: parts.renderer,
            seal: parts.seal,
            audience: parts.audience,
            identifiers: parts.identifiers,
            verification_url: parts.verification_url,
            verification_key,
            inquirer: state_registers::Inquirer::new(parts.registers),
            sandbox: parts.sandbox,
        }
    }

    /// The time that the service goes by.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Sets the time, in the sandbox.
    ///
    /// # Errors
    /// [`Refusal::NotSandbox`] outside of it.
    pub fn set_clock(&self, time: DateTime<Utc>) -> Result<DateTime<Utc>, Refusal> {
        let clock = self.sandbox.as_ref().ok_or(Refusal::NotSandbox)?;
        clock.set(time);
        Ok(self.clock.now())
    }
}
