//! What can go wrong in the store.

use sea_orm::{DbErr, RuntimeErr, SqlErr};

use super::seal::SealError;

/// A uniqueness rule of the register, held by an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unique {
    /// At most one open (ACTIVE or OVERDUE) registration per IIN, world-wide.
    OpenRegistration,
    /// One card per registration and card version.
    CardVersion,
    /// A document of this (application, kind, version) was reserved meanwhile: reserving again finds it.
    Document,
    /// A notification of this (application, kind, version) was made meanwhile: inserting again finds it.
    Notification,
    /// A trust entry for this certificate exists.
    TrustEntry,
    /// This CRL is already among the trust material.
    TrustCrl,
    /// The request_id of a call was used meanwhile: reading it again finds what for.
    RequestKey,
    /// The same signed content was filed before.
    Content,
    /// A crisis, or a person on its roll, of this identifier exists; or another message took the place of this one.
    Crisis,
    /// An election of this identifier exists; or another one took the place of this one.
    Election,
    /// The same list was asked for meanwhile: asking again finds it.
    List,
    /// Some other unique index.
    Other,
}

/// An error of the store. Its text names no person and may be logged.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address is neither `sqlite:` with a file nor `postgres://`.
    #[error("the database address must be sqlite://FILE or postgres://…")]
    UnsupportedAddress,
    /// The options cannot work together.
    #[error("store options: {0}")]
    Options(&'static str),
    /// The database holds data sealed or indexed under other keys. Nothing was read or written.
    #[error("the database was written under other store keys")]
    WrongKeys,
    /// The row changed since it was read: read it again and decide again.
    #[error("the record changed meanwhile")]
    VersionConflict,
    /// A uniqueness rule refused the write. On PostgreSQL the transaction is over: drop it.
    #[error("already exists: {0:?}")]
    AlreadyExists(Unique),
    /// The row that a write needs is not there.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// The document was issued already, with other content.
    #[error("the document is already issued with other content")]
    DocumentIssued,
    /// Another worker finished this job first; what this transaction did must not be committed.
    #[error("the job is already done")]
    JobAlreadyDone,
    /// Two transactions met; trying again is expected to succeed.
    #[error("the database refused a concurrent write")]
    Contention(#[source] DbErr),
    /// The database cannot be reached, or the pool gave no connection in time.
    #[error("the database is not reachable: {0}")]
    Unavailable(#[source] DbErr),
    /// Any other failure of the database.
    #[error("database: {0}")]
    Database(#[source] DbErr),
    /// A sealed column could not be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A column holds what this build never writes.
    #[error("corrupt record: {0}")]
    Corrupt(&'static str),
    /// The store is shutting down.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// Whether the same work, repeated as it is in a new transaction, is expected to succeed.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Contention(_) | Self::Unavailable(_) | Self::AlreadyExists(Unique::Document | Unique::Notification)
        )
    }

    /// The error of an insert whose only foreseeable collision is `unique`.
    pub(super) fn of_insert(error: DbErr, unique: Unique) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Self::AlreadyExists(unique),
            _ => error.into(),
        }
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        if let Some(SqlErr::UniqueConstraintViolation(_)) = error.sql_err() {
            return Self::AlreadyExists(Unique::Other);
        }
        match &error {
            DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => Self::Unavailable(error),
            DbErr::Exec(cause) | DbErr::Query(cause) => match verdict(cause) {
                Verdict::Contention => Self::Contention(error),
                Verdict::Unavailable => Self::Unavailable(error),
                Verdict::Failure => Self::Database(error),
            },
            _ => Self::Database(error),
        }
    }
}

enum Verdict {
    Contention,
    Unavailable,
    Failure,
}

fn verdict(cause: &RuntimeErr) -> Verdict {
    let RuntimeErr::SqlxError(cause) = cause else { return Verdict::Failure };
    match &**cause {
        sea_orm::sqlx::Error::Io(_)
        | sea_orm::sqlx::Error::PoolTimedOut
        | sea_orm::sqlx::Error::PoolClosed
        | sea_orm::sqlx::Error::WorkerCrashed => Verdict::Unavailable,
        sea_orm::sqlx::Error::Database(error) => match error.code().as_deref() {
            // PostgreSQL: serialization failure, deadlock, lock not available. SQLite: BUSY, LOCKED, BUSY_SNAPSHOT.
            Some("40001" | "40P01" | "55P03" | "5" | "6" | "261" | "517") => Verdict::Contention,
            // PostgreSQL: shutting down, crashed, starting up; class 08 is a broken connection.
            Some("57P01" | "57P02" | "57P03") => Verdict::Unavailable,
            Some(code) if code.len() == 5 && code.starts_with("08") => Verdict::Unavailable,
            _ => Verdict::Failure,
        },
        _ => Verdict::Failure,
    }
}
