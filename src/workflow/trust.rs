//! The trust store in force: one immutable value, swapped whole. Whoever judges takes it once and keeps it to the end.

use std::sync::Arc;

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use tokio::sync::{Mutex, watch};

use super::{Refusal, list_octets};
use crate::pki::trust::{EntryKind, Purpose, PurposeSet, StoredList, TrustEntry};
use crate::pki::{Certificate, CertificateRevocationList, TrustStore};
use crate::store::{EvidenceItem, EvidenceKind, Store, TrustCrlRecord, TrustEntryRecord};

/// Keeps the trust store in force, and the lock under which it is changed.
pub struct TrustKeeper {
    store: Store,
    current: ArcSwap<TrustStore>,
    published: watch::Sender<u64>,
    /// Changes of this process come one after the other; those of other processes are told apart by the revision.
    pub(super) changing: Mutex<()>,
}

impl TrustKeeper {
    /// Reads the trust store from the database.
    ///
    /// # Errors
    /// When the database cannot be read or holds what is no certificate or list.
    pub async fn load(store: Store) -> Result<Self, Refusal> {
        let current = read(&store, &[]).await?;
        keep(&store, &current).await?;
        let published = watch::Sender::new(current.revision());
        Ok(Self { store, current: ArcSwap::from_pointee(current), published, changing: Mutex::new(()) })
    }

    /// The trust store in force now.
    pub fn current(&self) -> Arc<TrustStore> {
        self.current.load_full()
    }

    /// Told with every new revision.
    pub fn published(&self) -> watch::Receiver<u64> {
        self.published.subscribe()
    }

    /// Whether any anchor can support the purpose at that time: without one no signature can pass.
    pub fn has_anchor(&self, purpose: Purpose, time: DateTime<Utc>) -> bool {
        self.current().entries().iter().any(|entry| supports_as_anchor(entry, purpose, time))
    }

    /// Reads the database again and publishes what it holds, if that is newer. Lists that are held already are not read again.
    pub async fn reload(&self) -> Result<(), Refusal> {
        self.reload_holding(&[]).await
    }

    /// The same, with lists at hand that the trust store in force does not have yet.
    pub(super) async fn reload_holding(&self, at_hand: &[StoredList]) -> Result<(), Refusal> {
        let held = [self.current().crls(), at_hand].concat();
        let next = read(&self.store, &held).await?;
        // Before anybody judges by it: every report can be repeated.
        keep(&self.store, &next).await?;
        let revision = next.revision();
        let next = Arc::new(next);
        // Compared and swapped in one step: a reader that was slower never puts an older store over a newer one.
        let before = self
            .current
            .rcu(|current| if revision > current.revision() { Arc::clone(&next) } else { Arc::clone(current) });
        if revision > before.revision() {
            self.published.send_if_modified(|told| {
                let is_newer = revision > *told;
                *told = revision.max(*told);
                is_newer
            });
            tracing::info!(revision, "trust store published");
        }
        Ok(())
    }

    /// Follows changes that other processes make, until `stop` turns true.
    pub async fn follow(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                _ = stop.changed() => return,
                () = tokio::time::sleep(std::time::Duration::from_secs(2)) => {}
            }
            match self.store.trust_revision().await {
                Ok(revision) if u64::try_from(revision).is_ok_and(|revision| revision > self.current().revision()) => {
                    if let Err(error) = self.reload().await {
                        tracing::error!(%error, "the trust store cannot be read; the former revision stays in force");
                    }
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "the revision of the trust store cannot be read"),
            }
        }
    }
}

/// Whether an entry serves as an anchor for the purpose at that time: active or not yet over, and its certificate within its validity.
pub fn supports_as_anchor(entry: &TrustEntry, purpose: Purpose, time: DateTime<Utc>) -> bool {
    entry.kind == EntryKind::Anchor
        && entry.purposes.contains(purpose)
        && entry.supports(time)
        && (entry.certificate.not_before()..=entry.certificate.not_after()).contains(&time)
}

/// Reads revision, entries and lists until the revision did not change meanwhile.
async fn read(store: &Store, held: &[StoredList]) -> Result<TrustStore, Refusal> {
    loop {
        let revision = store.trust_revision().await?;
        let entries = store.trust_entries().await?.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
        let mut crls = Vec::new();
        for record in store.trust_crls().await? {
            crls.push((list(store, &record, held, &entries).await?, purposes(&record.purposes)?));
        }
        if store.trust_revision().await? == revision {
            let store = TrustStore::new(u64::try_from(revision).unwrap_or(0), entries, crls);
            store.prepare();
            return Ok(store);
        }
    }
}

/// Stores as evidence, once, what a trust store can be rebuilt from: its listing and its certificates. Its lists are there since
/// their import.
async fn keep(store: &Store, trust: &TrustStore) -> Result<(), Refusal> {
    if !store.stored_evidence(&[*trust.digest()]).await?.is_empty() {
        return Ok(());
    }
    let revision = i64::try_from(trust.revision()).unwrap_or(i64::MAX);
    let line = store.trust_journal(revision - 1, 1).await?.pop();
    let time = line.map_or(DateTime::UNIX_EPOCH, |line| line.time);
    let mut tx = store.begin().await?;
    for entry in trust.entries() {
        let item = EvidenceItem::new(EvidenceKind::Certificate, entry.certificate.der().to_vec());
        tx.insert_evidence(item, time).await?;
    }
    let listing = EvidenceItem::new(EvidenceKind::TrustStore, trust.listing().into_bytes());
    tx.insert_evidence(listing, time).await?;
    Ok(tx.commit().await?)
}

async fn list(
    store: &Store,
    record: &TrustCrlRecord,
    held: &[StoredList],
    entries: &[TrustEntry],
) -> Result<Arc<CertificateRevocationList>, Refusal> {
    if let Some((list, _)) = held.iter().find(|(list, _)| *list.sha256() == record.sha256) {
        return Ok(Arc::clone(list));
    }
    let der = store.trust_crl_der(&record.sha256).await?.ok_or_else(|| unreadable("list"))?;
    // Half a million entries are parsed in a fraction of a second, but not on a thread that serves calls.
    let authorities: Vec<Certificate> = entries.iter().map(|entry| entry.certificate.clone()).collect();
    let parsed = tokio::task::spawn_blocking(move || {
        CertificateRevocationList::from_der(der).map(|list| list_octets::settle(list, &authorities))
    });
    let parsed = parsed.await.map_err(|error| Refusal::Internal(error.to_string()))?;
    parsed.map(Arc::new).map_err(|_| unreadable("list"))
}

/// The entry as validations use it.
pub(super) fn entry(record: &TrustEntryRecord) -> Result<TrustEntry, Refusal> {
    Ok(TrustEntry {
        certificate: Certificate::from_der(&record.certificate).map_err(|_| unreadable("certificate"))?,
        kind: record.kind.parse().map_err(|_| unreadable("kind"))?,
        purposes: purposes(&record.purposes)?,
        state: record.state.parse().map_err(|_| unreadable("state"))?,
        trusted_from: Some(record.trusted_from),
        trusted_until: record.trusted_until,
    })
}

pub(super) fn purposes(names: &[String]) -> Result<PurposeSet, Refusal> {
    let purposes: Result<Vec<Purpose>, _> = names.iter().map(|name| name.parse()).collect();
    Ok(purposes.map_err(|_| unreadable("purpose"))?.into_iter().collect())
}

pub(super) fn unreadable(what: &str) -> Refusal {
    Refusal::Internal(format!("a {what} of the trust store cannot be read"))
}
