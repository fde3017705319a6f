//! The records of the service on SQLite or PostgreSQL.
//!
//! What lives here: one private entity per table (`entity/`), one file per aggregate with its records, reads and writes, the
//! sealing of personal data ([`seal`]), transactions ([`Tx`]) and the group commit of submissions ([`Store::submit`]).
//! What may not: rules of the procedure, wire types, cryptographic verdicts. No other room names sea-orm.
//!
//! Three promises hold for everything in this room:
//! - **Durable before acknowledged.** A method that writes returns `Ok` only after a commit that was flushed to the disk
//!   (SQLite: WAL with `synchronous=FULL`; PostgreSQL: `synchronous_commit=on`).
//! - **No personal data outside sealed columns.** Forms, cards, reports, documents and messages are AEAD boxes bound to their
//!   table, row and column; an IIN is found by a keyed hash only. Events and jobs carry references.
//! - **Uniqueness is the database's.** One open registration per IIN, one document and one notification per (application, kind,
//!   version), numbers without gaps: all held by indexes and by counters inside the transaction, never by the memory of a
//!   process, so that several processes may share one PostgreSQL.
//!
//! Times are arguments, in UTC, kept to the microsecond. Identifiers are UUID v7 made by [`id_at`].

mod application;
mod audit;
mod consent;
mod crisis;
mod crisis_person;
mod database;
mod document;
mod election;
mod entity;
mod error;
mod event;
mod evidence;
mod family;
mod insert;
mod list;
mod load;
mod meta;
mod mission;
mod notification;
mod number;
mod outbox;
mod registration;
mod replay;
mod report;
mod request;
mod retention;
mod roll;
pub mod seal;
mod statistics;
mod subject;
mod submit;
mod transaction;
mod trust;
mod writer;

pub use application::{ApplicationFilter, ApplicationRecord, FormRecord, NewApplication};
pub use audit::{NewRead, ReadRecord};
pub use consent::ConsentWithdrawalRecord;
pub use crisis::{BroadcastRecord, CrisisRecord};
pub use crisis_person::{CrisisCount, CrisisPersonFilter, CrisisPersonRecord, CrisisReplyRecord};
pub use database::{Store, StoreOptions};
pub use document::{DocumentContent, DocumentNumber, DocumentRecord, DocumentState, NewDocument};
pub use election::{ElectionRecord, NewElection};
pub use error::{StoreError, Unique};
pub use event::{EventRecord, NewEvent};
pub use evidence::{EvidenceItem, EvidenceKind, EvidenceRecord};
pub use family::FamilyLink;
pub use list::{ListKey, ListRecord};
pub use load::History;
pub use mission::{MissionListRecord, OpenAtMission};
pub use notification::{NewNotification, NotificationRecord};
pub use number::NumberSeries;
pub use outbox::{JobRecord, NewJob, OutboxDepth};
pub use registration::{CardRecord, NewRegistration, RegistrationFilter, RegistrationRecord};
pub use report::ReportRecord;
pub use request::RequestKey;
pub use roll::Account;
pub use seal::{IinHash, StoreKeys};
pub use statistics::{Count, CountFilter, OutcomeCount};
pub use subject::SubjectCommits;
pub use submit::{NewReport, NewSubmission, SubmitOutcome};
pub use transaction::Tx;
pub use trust::{TrustCrlRecord, TrustEntryRecord, TrustJournalRecord};

use chrono::{DateTime, SubsecRound, Utc};
use uuid::{NoContext, Timestamp, Uuid};

/// A SHA-256 digest.
pub type Digest = [u8; 32];

/// A new identifier whose leading bits are `time` (RFC 9562 §5.7), so that the order of identifiers follows the service's clock.
pub fn id_at(time: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(time.timestamp()).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, time.timestamp_subsec_nanos()))
}

/// The time as both databases keep it: PostgreSQL counts microseconds, so nothing finer is ever stored.
fn stored_time(time: DateTime<Utc>) -> DateTime<Utc> {
    time.trunc_subsecs(6)
}

/// A digest column.
fn digest(bytes: Vec<u8>) -> Result<Digest, StoreError> {
    bytes.try_into().map_err(|_| StoreError::Corrupt("a digest column does not hold 32 bytes"))
}
