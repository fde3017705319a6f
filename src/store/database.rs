//! Opening the database: its pools, and the settings on which durability rests.

use std::sync::Arc;
use std::time::Duration;

use migrations::Migrator;
use migrations::MigratorTrait;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use tokio::sync::{mpsc, watch};

use super::audit::{self, ReadWork};
use super::evidence::KnownEvidence;
use super::seal::Sealer;
use super::subject::Subjects;
use super::writer::{self, Work};
use super::{IinHash, StoreError, StoreKeys, meta};

/// How the store uses its database.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Connections for reading.
    pub readers: u32,
    /// Connections for transactions, on PostgreSQL. SQLite has one writer.
    pub writers: u32,
    /// Tasks that commit submissions in groups, each on its own connection, on PostgreSQL. SQLite has one.
    pub submission_writers: u32,
    /// The most submissions in one commit.
    pub group_size: usize,
    /// The most submissions that wait; further callers wait for room.
    pub queue: usize,
    /// How long to wait for a connection, and for the file lock of another process on SQLite.
    pub patience: Duration,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            readers: 4,
            writers: 4,
            // Every group locks the same counters, so a second writer waits and makes the groups smaller: measured slower.
            submission_writers: 1,
            group_size: 64,
            queue: 1024,
            patience: Duration::from_secs(10),
        }
    }
}

/// The store. Cheap to clone; all clones share the pools and the writer.
#[derive(Clone)]
pub struct Store {
    pub(super) core: Arc<Core>,
    pub(super) submissions: mpsc::Sender<Work>,
    pub(super) reads: mpsc::Sender<ReadWork>,
}

/// What the store and its writer tasks share.
pub(super) struct Core {
    /// Reads only.
    pub readers: DatabaseConnection,
    /// Transactions.
    pub writer: DatabaseConnection,
    /// Groups of submissions; on SQLite the same single connection as `writer`.
    pub submitter: DatabaseConnection,
    pub sealer: Sealer,
    pub known: KnownEvidence,
    pub subjects: Subjects,
    commits: watch::Sender<u64>,
}

impl Core {
    /// Wakes whoever waits for a commit.
    pub(super) fn announce(&self) {
        self.commits.send_modify(|count| *count += 1);
    }
}

/// Which database an address names.
enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    fn of(url: &str) -> Result<Self, StoreError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres);
        }
        // A database in memory would be another one for every connection, and is gone after a crash.
        let file = url.starts_with("sqlite:") && !url.contains(":memory:") && !url.contains("mode=memory");
        if file { Ok(Self::Sqlite) } else { Err(StoreError::UnsupportedAddress) }
    }
}

impl Store {
    /// Opens the database at `url`: `sqlite://FILE` (made when missing) or `postgres://…`. Runs no migrations; when there are
    /// none pending, keys other than those it was written under are refused.
    ///
    /// Must be called inside a tokio runtime: the tasks that commit submissions start here and end with the last clone.
    pub async fn open(url: &str, keys: &StoreKeys, options: &StoreOptions) -> Result<Self, StoreError> {
        if options.group_size == 0 || options.queue == 0 || options.readers == 0 || options.writers == 0 {
            return Err(StoreError::Options("sizes are at least 1"));
        }
        let (core, tasks) = match Kind::of(url)? {
            Kind::Sqlite => {
                let writer = sqlite(url, 1, options, Access::ReadWrite).await?;
                let readers = sqlite(url, options.readers, options, Access::ReadOnly).await?;
                (Core::new(readers, writer.clone(), writer, keys), 1)
            }
            Kind::Postgres => {
                let tasks = options.submission_writers.max(1);
                let readers = postgres(url, options.readers, options).await?;
                let writer = postgres(url, options.writers, options).await?;
                (Core::new(readers, writer, postgres(url, tasks, options).await?, keys), tasks)
            }
        };
        let core = Arc::new(core);
        let (submissions, queue) = mpsc::channel(options.queue);
        writer::start(&core, queue, tasks, options.group_size);
        let (reads, queue) = mpsc::channel(options.queue);
        audit::start(&core, queue, options.group_size);
        let store = Self { core, submissions, reads };
        if store.pending_migrations().await?.is_empty() {
            meta::check_keys(&store.core.writer, &store.core.sealer).await?;
        }
        Ok(store)
    }

    /// Applies the pending migrations, each in its transaction, and notes or checks the keys.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        Migrator::up(&self.core.writer, None).await?;
        meta::check_keys(&self.core.writer, &self.core.sealer).await
    }

    /// The names of the migrations that this build has and the database lacks. Changes nothing.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, StoreError> {
        let pending = Migrator::get_pending_migrations_read_only(&self.core.readers).await?;
        Ok(pending.iter().map(|migration| migration.name().to_owned()).collect())
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.core.readers.ping().await?)
    }

    /// Counts the commits of this process: wait on it to look again for jobs, events or notifications. Commits of other
    /// processes on the same PostgreSQL are not seen here, so look again from time to time as well.
    pub fn committed(&self) -> watch::Receiver<u64> {
        self.core.commits.subscribe()
    }

    /// The searchable hash of an IIN under this store's index key.
    pub fn iin_hash(&self, iin: &str) -> IinHash {
        IinHash(self.core.sealer.keyed_hash("iin", iin))
    }

    /// Waits for the running transactions and closes all connections. Later calls fail.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.core.submitter.close_by_ref().await?;
        self.core.writer.close_by_ref().await?;
        Ok(self.core.readers.close_by_ref().await?)
    }

    pub(super) fn reader(&self) -> &DatabaseConnection {
        &self.core.readers
    }

    pub(super) fn sealer(&self) -> &Sealer {
        &self.core.sealer
    }
}

impl Core {
    fn new(
        readers: DatabaseConnection,
        writer: DatabaseConnection,
        submitter: DatabaseConnection,
        keys: &StoreKeys,
    ) -> Self {
        Self {
            readers,
            writer,
            submitter,
            sealer: Sealer::new(keys),
            known: KnownEvidence::default(),
            subjects: Subjects::default(),
            commits: watch::Sender::new(0),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    ReadWrite,
    ReadOnly,
}

async fn sqlite(
    url: &str,
    connections: u32,
    options: &StoreOptions,
    access: Access,
) -> Result<DatabaseConnection, StoreError> {
    let patience = options.patience;
    let mut connect = pool(url, connections, options);
    connect.idle_timeout(None).max_lifetime(None).test_before_acquire(false);
    connect.map_sqlx_sqlite_opts(move |sqlite| {
        let sqlite = sqlite
            .create_if_missing(access == Access::ReadWrite)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(patience)
            // Up to 16 MiB in memory and as much in the log between checkpoints: pages that many commits touch are moved once.
            .pragma("cache_size", "-16384")
            .pragma("wal_autocheckpoint", "4096");
        if access == Access::ReadOnly { sqlite.pragma("query_only", "on") } else { sqlite }
    });
    Ok(Database::connect(connect).await?)
}

async fn postgres(url: &str, connections: u32, options: &StoreOptions) -> Result<DatabaseConnection, StoreError> {
    let mut connect = pool(url, connections, options);
    connect.test_before_acquire_if_idle_for(Duration::from_secs(15));
    connect.map_sqlx_postgres_opts(|postgres| {
        postgres.options([
            // Acknowledged means durable, whatever the server's default is.
            ("synchronous_commit", "on"),
            // A prepared statement keeps the plan it got while its table was small, a scan of the whole table, for as long as
            // the server finds no time to analyse. Every query of this room has its index.
            ("enable_seqscan", "off"),
            ("jit", "off"),
        ])
    });
    Ok(Database::connect(connect).await?)
}

fn pool(url: &str, connections: u32, options: &StoreOptions) -> ConnectOptions {
    let mut connect = ConnectOptions::new(url);
    connect
        .min_connections(1)
        .max_connections(connections)
        .acquire_timeout(options.patience)
        .connect_timeout(options.patience)
        // Statements carry row values: they are never logged.
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    connect
}
