//! Waiting for what happens to one subject: a commit wakes those who wait for its subjects, and nobody else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use uuid::Uuid;

use super::Store;
use super::database::Core;

/// Those who wait, by subject.
#[derive(Default)]
pub(super) struct Subjects {
    waiting: Mutex<HashMap<Uuid, watch::Sender<u64>>>,
}

impl Subjects {
    fn waiting(&self) -> MutexGuard<'_, HashMap<Uuid, watch::Sender<u64>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes whoever waits for one of `subjects`.
    pub(super) fn announce(&self, subjects: impl Iterator<Item = Uuid>) {
        let waiting = self.waiting();
        if waiting.is_empty() {
            return;
        }
        for subject in subjects {
            if let Some(waiting) = waiting.get(&subject) {
                waiting.send_modify(|count| *count += 1);
            }
        }
    }
}

/// The commits of this process that bring events of one subject. Those of other processes on the same PostgreSQL are not seen here, so
/// look again from time to time as well.
pub struct SubjectCommits {
    core: Arc<Core>,
    subject: Uuid,
    commits: watch::Receiver<u64>,
}

impl Store {
    /// Begins to watch for events of `subject`.
    pub fn commits_of(&self, subject: Uuid) -> SubjectCommits {
        let mut waiting = self.core.subjects.waiting();
        let commits = waiting.entry(subject).or_insert_with(|| watch::Sender::new(0)).subscribe();
        drop(waiting);
        SubjectCommits { core: Arc::clone(&self.core), subject, commits }
    }
}

impl Store {
    /// Begins to watch for notifications in a caller's account.
    pub fn commits_for(&self, caller: &str) -> SubjectCommits {
        self.commits_of(account(caller))
    }
}

/// A caller's account as a subject. Nobody stores it: it is a place to wait at.
pub(super) fn account(caller: &str) -> Uuid {
    let digest = ring::digest::digest(&ring::digest::SHA256, caller.as_bytes());
    let mut octets = [0; 16];
    octets.copy_from_slice(&digest.as_ref()[..16]);
    uuid::Builder::from_custom_bytes(octets).into_uuid()
}

impl SubjectCommits {
    /// From here on only later commits count as a change.
    pub fn mark_seen(&mut self) {
        self.commits.mark_unchanged();
    }

    /// Waits for the next commit that has not been seen.
    pub async fn changed(&mut self) {
        if self.commits.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for SubjectCommits {
    fn drop(&mut self) {
        let mut waiting = self.core.subjects.waiting();
        // The last one who waits is this one, whose receiver is still counted.
        if waiting.get(&self.subject).is_some_and(|commits| commits.receiver_count() <= 1) {
            waiting.remove(&self.subject);
        }
    }
}
