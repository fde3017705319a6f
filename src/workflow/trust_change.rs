//! Changing the trust store: each change is one transaction with its journal line and makes one new revision.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::trust::entry;
use super::trust_lists::{crl_view, readable_at_handshakes};
use super::{
    CrlView, Page, Paged, Refusal, ResourceKind, TrustChange, TrustEntryView, TrustImport, TrustKeeper, TrustReason,
    TrustStoreView, Workflow,
};
use crate::pki::trust::{EntryKind, EntryState, Purpose, TrustEntry};
use crate::pki::{Certificate, CryptographicConstraints, TrustStore, pem};
use crate::registration::{FieldViolation, ViolationCode};
use crate::signature::{RevocationMode, ValidationPolicy, validate_certificate};
use crate::store::{Store, StoreError, TrustCrlRecord, TrustEntryRecord, TrustJournalRecord, Tx, Unique};

/// Who changes the trust store, when and why.
#[derive(Debug, Clone)]
pub(super) struct Act<'a> {
    pub actor: &'a str,
    pub now: DateTime<Utc>,
    pub note: String,
}

impl Workflow {
    /// Takes a certificate in as PREPARED.
    pub async fn import_trust_anchor(
        &self,
        actor: &str,
        import: TrustImport,
    ) -> Result<(TrustEntryView, u64), Refusal> {
        let act = Act { actor, now: self.clock.now(), note: import.note.clone() };
        self.trust.import(&self.store, import, EntryState::Prepared, &act).await
    }

    /// PREPARED or RETIRED to ACTIVE.
    pub async fn activate_trust_anchor(
        &self,
        actor: &str,
        change: TrustChange,
    ) -> Result<(TrustEntryView, u64), Refusal> {
        let act = Act { actor, now: self.clock.now(), note: change.note.clone() };
        let _changing = self.trust.changing.lock().await;
        let mut record = self.entry_to_change(&change).await?;
        if record.state != EntryState::Prepared.to_string() && record.state != EntryState::Retired.to_string() {
            return Err(Refusal::WrongState { act: "be activated", state: record.state });
        }
        if record.state == EntryState::Retired.to_string() {
            // Its retirement had ended its period of trust.
            record.trusted_until = None;
        }
        record.state = EntryState::Active.to_string();
        if let Some(sample) = &change.sample_certificate {
            self.prove(&record, sample, act.now)?;
        }
        self.change_entry(record, "ACTIVATE", &act).await
    }

    /// ACTIVE or PREPARED to RETIRED.
    pub async fn retire_trust_anchor(
        &self,
        actor: &str,
        change: TrustChange,
    ) -> Result<(TrustEntryView, u64), Refusal> {
        let act = Act { actor, now: self.clock.now(), note: change.note.clone() };
        let _changing = self.trust.changing.lock().await;
        let mut record = self.entry_to_change(&change).await?;
        if record.state != EntryState::Active.to_string() && record.state != EntryState::Prepared.to_string() {
            return Err(Refusal::WrongState { act: "be retired", state: record.state });
        }
        if let Some(purpose) = last_of(&self.trust.current(), &record.sha256) {
            return Err(Refusal::TrustChange {
                reason: TrustReason::LastActiveAnchor,
                explanation: format!("no other anchor is active for {purpose}: activate its successor first"),
            });
        }
        record.state = EntryState::Retired.to_string();
        let until = record.trusted_until.map_or(act.now, |until| until.min(act.now));
        record.trusted_until = Some(until);
        self.change_entry(record, "RETIRE", &act).await
    }

    /// All entries.
    pub async fn trust_anchors(&self, page: &Page) -> Result<Paged<TrustEntryView>, Refusal> {
        let records = self.store.trust_entries().await?;
        let views = records.iter().map(view).collect::<Result<Vec<_>, _>>()?;
        super::lookup::paged(views, page, |view| hex::encode(view.entry.certificate.sha256()))
    }

    /// The trust store in force: entries and lists of one and the same revision.
    pub async fn trust_store(&self) -> Result<TrustStoreView, Refusal> {
        let (current, records) = self.of_one_revision().await?;
        let now = self.clock.now();
        let crls = current.crls().iter().map(|(list, purposes)| crl_view(list, *purposes, now)).collect();
        Ok(TrustStoreView {
            revision: current.revision(),
            digest: *current.digest(),
            entries: records.iter().map(view).collect::<Result<_, _>>()?,
            crls,
        })
    }

    /// The store in force with the records it was read from. A change in between makes another look necessary.
    async fn of_one_revision(&self) -> Result<(Arc<TrustStore>, Vec<TrustEntryRecord>), Refusal> {
        const LOOKS: usize = 8;
        for _ in 0..LOOKS {
            let current = self.trust.current();
            let records = self.store.trust_entries().await?;
            if u64::try_from(self.store.trust_revision().await?).ok() == Some(current.revision()) {
                return Ok((current, records));
            }
            self.trust.reload().await?;
        }
        Err(Refusal::Unavailable { what: "a trust store that stands still", retry_after: Duration::from_secs(1) })
    }

    /// Takes in a revocation list.
    pub async fn import_crl(&self, actor: &str, bytes: Vec<u8>) -> Result<(CrlView, u64), Refusal> {
        let act = Act { actor, now: self.clock.now(), note: String::new() };
        self.trust.import_crl(&self.store, bytes, &act).await
    }

    async fn entry_to_change(&self, change: &TrustChange) -> Result<TrustEntryRecord, Refusal> {
        let record =
            self.store.trust_entry(&change.sha256).await?.ok_or(Refusal::NotFound(ResourceKind::TrustAnchor))?;
        if record.version.to_string() == change.etag {
            Ok(record)
        } else {
            Err(Refusal::VersionConflict { current: record.version.to_string() })
        }
    }

    /// A candidate is proved usable before it is accepted: the sample has to validate by the store as it would be.
    fn prove(&self, record: &TrustEntryRecord, sample: &[u8], now: DateTime<Utc>) -> Result<(), Refusal> {
        let sample = read_certificate(sample).map_err(|violation| {
            Refusal::Fields(vec![FieldViolation { field: "sample_certificate".into(), ..violation }])
        })?;
        let current = self.trust.current();
        let candidate = entry(record)?;
        let mut entries: Vec<TrustEntry> = current.entries().to_vec();
        entries.retain(|entry| entry.certificate.sha256() != candidate.certificate.sha256());
        let purpose = candidate.purposes.iter().next().unwrap_or(Purpose::Applicants);
        entries.push(candidate);
        let trial = TrustStore::new(current.revision() + 1, entries, current.crls().to_vec());
        let policy = ValidationPolicy::national().for_purpose(purpose).with_revocation(RevocationMode::None);
        let judged = validate_certificate(sample.der(), &[], &[], &[], &policy, &trial, now);
        let report = judged.map_err(|error| Refusal::Internal(error.to_string()))?.report;
        if report.conclusion.is_passed() {
            return Ok(());
        }
        Err(Refusal::TrustChange {
            reason: TrustReason::SampleNotValid,
            explanation: format!(
                "the sample certificate would be {}: {}",
                report.conclusion, report.words.explanation.en
            ),
        })
    }

    async fn change_entry(
        &self,
        mut record: TrustEntryRecord,
        action: &str,
        act: &Act<'_>,
    ) -> Result<(TrustEntryView, u64), Refusal> {
        record.updated_at = act.now;
        let mut tx = self.store.begin().await?;
        record.version = tx.update_trust_entry(&record).await?;
        journal(&mut tx, action, Subject::Entry(&record), act).await?;
        tx.commit().await?;
        self.trust.reload().await?;
        Ok((view(&record)?, self.trust.current().revision()))
    }
}

impl TrustKeeper {
    pub(super) async fn import(
        &self,
        store: &Store,
        import: TrustImport,
        state: EntryState,
        act: &Act<'_>,
    ) -> Result<(TrustEntryView, u64), Refusal> {
        let record = candidate(&import, state, act)?;
        self.take_in(store, &[(record.clone(), act.clone())]).await?;
        Ok((view(&record)?, self.current().revision()))
    }

    /// Takes in entries that were checked before, each with its line of the journal: all of them or none.
    pub(super) async fn take_in(&self, store: &Store, entries: &[(TrustEntryRecord, Act<'_>)]) -> Result<(), Refusal> {
        let _changing = self.changing.lock().await;
        let mut tx = store.begin().await?;
        for (record, act) in entries {
            match tx.insert_trust_entry(record).await {
                Err(StoreError::AlreadyExists(Unique::TrustEntry)) => return Err(Refusal::TrustEntryExists),
                other => other?,
            }
            journal(&mut tx, "IMPORT", Subject::Entry(record), act).await?;
        }
        tx.commit().await?;
        self.reload().await
    }
}

/// The entry that an import would make, when nothing is wrong with it.
pub(super) fn candidate(import: &TrustImport, state: EntryState, act: &Act<'_>) -> Result<TrustEntryRecord, Refusal> {
    let certificate = acceptable(import, act.now)?;
    Ok(TrustEntryRecord {
        sha256: *certificate.sha256(),
        kind: import.kind.to_string(),
        purposes: import.purposes.iter().map(ToString::to_string).collect(),
        state: state.to_string(),
        trusted_from: import.trusted_from.unwrap_or(certificate.not_before()),
        trusted_until: import.trusted_until,
        certificate: certificate.der().to_vec(),
        created_at: act.now,
        updated_at: act.now,
        version: 1,
    })
}

/// Everything that is wrong with a certificate that shall be trusted, at once.
fn acceptable(import: &TrustImport, now: DateTime<Utc>) -> Result<Certificate, Refusal> {
    let certificate = read_certificate(&import.certificate).map_err(|violation| Refusal::Fields(vec![violation]))?;
    let mut violations = Vec::new();
    let mut wrong = |field: &str, code, text: &str| violations.push(FieldViolation::new(field, code, text.to_owned()));
    if !certificate.is_ca() {
        wrong("certificate", ViolationCode::Inconsistent, "it is not the certificate of a certification authority");
    }
    if certificate.key_usage().is_some_and(|usage| !usage.key_cert_sign()) {
        wrong("certificate", ViolationCode::Inconsistent, "its key usage does not allow signing certificates");
    }
    if certificate.not_after() < now {
        wrong("certificate", ViolationCode::Expired, "it has expired");
    }
    let accepted = CryptographicConstraints::national(None);
    if let Err(error) = certificate.public_key().and_then(|key| accepted.check_key(key, now)) {
        wrong("certificate", ViolationCode::OutOfRange, &error.to_string());
    }
    if import.kind == EntryKind::Anchor
        && import.purposes.contains(&Purpose::Callers)
        && let Err(explanation) = readable_at_handshakes(certificate.der(), None)
    {
        wrong(
            "certificate",
            ViolationCode::Inconsistent,
            &format!("callers could not be verified by it: {explanation}"),
        );
    }
    if import.purposes.is_empty() {
        wrong("purposes", ViolationCode::MissingField, "at least one purpose is required");
    }
    if let (Some(from), Some(until)) = (import.trusted_from, import.trusted_until)
        && until <= from
    {
        wrong("trusted_until_time", ViolationCode::Inconsistent, "it has to be later than trusted_from_time");
    }
    if import.note.chars().count() > 500 {
        wrong("note", ViolationCode::BadLength, "at most 500 characters");
    }
    if violations.is_empty() { Ok(certificate) } else { Err(Refusal::Fields(violations)) }
}

/// Reads one certificate, DER or PEM. A file with a private key is refused whatever else is in it.
fn read_certificate(bytes: &[u8]) -> Result<Certificate, FieldViolation> {
    let wrong = |code, text: String| FieldViolation::new("certificate", code, text);
    if bytes.windows(b"PRIVATE KEY-----".len()).any(|window| window == b"PRIVATE KEY-----") {
        let text = "the file holds a private key: it has left its owner's hands and has to be replaced";
        return Err(wrong(ViolationCode::Inconsistent, text.into()));
    }
    let der = pem::single(bytes.to_vec(), pem::CERTIFICATE)
        .map_err(|_| wrong(ViolationCode::BadFormat, "it is neither DER nor PEM".into()))?;
    Certificate::from_der(&der).map_err(|error| wrong(ViolationCode::BadFormat, error.to_string()))
}

/// A purpose that would lose its last active anchor.
fn last_of(store: &TrustStore, sha256: &[u8; 32]) -> Option<Purpose> {
    let active = |entry: &&TrustEntry| entry.kind == EntryKind::Anchor && entry.state == EntryState::Active;
    let leaving = store.entries().iter().filter(active).find(|entry| entry.certificate.sha256() == sha256)?;
    leaving.purposes.iter().find(|purpose| {
        let mut others = store.entries().iter().filter(active).filter(|entry| entry.certificate.sha256() != sha256);
        !others.any(|entry| entry.purposes.contains(*purpose))
    })
}

pub(super) enum Subject<'a> {
    Entry(&'a TrustEntryRecord),
    List(&'a TrustCrlRecord),
}

/// Writes the line that makes the next revision. It is told from the transaction itself, which may have made some before.
pub(super) async fn journal(tx: &mut Tx, action: &str, subject: Subject<'_>, act: &Act<'_>) -> Result<(), Refusal> {
    let (digest, kind, purposes, state) = match subject {
        Subject::Entry(entry) => {
            (entry.sha256, Some(entry.kind.clone()), entry.purposes.clone(), Some(entry.state.clone()))
        }
        Subject::List(list) => (list.sha256, None, list.purposes.clone(), None),
    };
    let revision = tx.trust_revision().await? + 1;
    tx.append_trust_journal(&TrustJournalRecord {
        revision,
        action: action.to_owned(),
        entry: Some(digest),
        kind,
        purposes,
        state,
        actor: act.actor.to_owned(),
        time: act.now,
        note: act.note.clone(),
    })
    .await?;
    Ok(())
}

fn view(record: &TrustEntryRecord) -> Result<TrustEntryView, Refusal> {
    Ok(TrustEntryView { entry: entry(record)?, version: record.version, update_time: record.updated_at })
}
