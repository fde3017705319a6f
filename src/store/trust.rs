//! What the trust store is made of: entries, CRLs, and the journal whose latest revision is the revision of the trust store.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::{evidence, trust_crl, trust_entry, trust_journal};
use super::error::Unique;
use super::{Digest, EvidenceItem, EvidenceKind, Store, StoreError, Tx, digest, stored_time};

/// A certificate of an authority and what it is trusted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustEntryRecord {
    /// SHA-256 of the certificate: the entry's name.
    pub sha256: Digest,
    /// ANCHOR or INTERMEDIATE.
    pub kind: String,
    /// APPLICANTS, OFFICERS, CALLERS, TIME_STAMPS.
    pub purposes: Vec<String>,
    /// PREPARED, ACTIVE, RETIRED or DISTRUSTED.
    pub state: String,
    /// Since when it is trusted.
    pub trusted_from: DateTime<Utc>,
    /// Until when.
    pub trusted_until: Option<DateTime<Utc>>,
    /// The certificate, DER (RFC 5280).
    pub certificate: Vec<u8>,
    /// When it was imported.
    pub created_at: DateTime<Utc>,
    /// When the row last changed.
    pub updated_at: DateTime<Utc>,
    /// Counts changes, from 1: the etag.
    pub version: i64,
}

/// A CRL that is part of the trust store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustCrlRecord {
    /// SHA-256 of the DER.
    pub sha256: Digest,
    /// Its issuer, in the form the caller of the store compares by.
    pub issuer: String,
    /// Its number (RFC 5280 §5.2.3), hexadecimal.
    pub number: Option<String>,
    /// thisUpdate.
    pub this_update: DateTime<Utc>,
    /// nextUpdate.
    pub next_update: Option<DateTime<Utc>>,
    /// For whose certificates it counts.
    pub purposes: Vec<String>,
    /// When it was imported.
    pub imported_at: DateTime<Utc>,
}

/// One change of the trust store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustJournalRecord {
    /// The revision that this change made, from 1 without gaps.
    pub revision: i64,
    /// What was done: IMPORT, ACTIVATE, RETIRE, IMPORT_CRL …
    pub action: String,
    /// SHA-256 of the certificate or CRL it was done to.
    pub entry: Option<Digest>,
    /// Kind of the entry afterwards.
    pub kind: Option<String>,
    /// Purposes of the entry afterwards.
    pub purposes: Vec<String>,
    /// State of the entry afterwards.
    pub state: Option<String>,
    /// Who did it.
    pub actor: String,
    /// When.
    pub time: DateTime<Utc>,
    /// Why, or from where.
    pub note: String,
}

/// Purposes are our own words without a comma.
fn joined(purposes: &[String]) -> String {
    purposes.join(",")
}

fn split(purposes: &str) -> Vec<String> {
    purposes.split(',').filter(|purpose| !purpose.is_empty()).map(str::to_owned).collect()
}

fn entry_record(row: trust_entry::Model) -> Result<TrustEntryRecord, StoreError> {
    Ok(TrustEntryRecord {
        sha256: digest(row.sha256)?,
        kind: row.kind,
        purposes: split(&row.purposes),
        state: row.state,
        trusted_from: row.trusted_from,
        trusted_until: row.trusted_until,
        certificate: row.certificate,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    })
}

fn crl_record(row: trust_crl::Model) -> Result<TrustCrlRecord, StoreError> {
    Ok(TrustCrlRecord {
        sha256: digest(row.sha256)?,
        issuer: row.issuer,
        number: row.crl_number,
        this_update: row.this_update,
        next_update: row.next_update,
        purposes: split(&row.purposes),
        imported_at: row.imported_at,
    })
}

impl Store {
    /// All trust entries, in the order of their digests.
    pub async fn trust_entries(&self) -> Result<Vec<TrustEntryRecord>, StoreError> {
        let rows = trust_entry::Entity::find().order_by_asc(trust_entry::Column::Sha256).all(self.reader()).await?;
        rows.into_iter().map(entry_record).collect()
    }

    /// A trust entry, by the SHA-256 of its certificate.
    pub async fn trust_entry(&self, sha256: &Digest) -> Result<Option<TrustEntryRecord>, StoreError> {
        let row = trust_entry::Entity::find_by_id(sha256.to_vec()).one(self.reader()).await?;
        row.map(entry_record).transpose()
    }

    /// The CRLs of the trust store, without their bytes.
    pub async fn trust_crls(&self) -> Result<Vec<TrustCrlRecord>, StoreError> {
        let rows = trust_crl::Entity::find().order_by_asc(trust_crl::Column::Sha256).all(self.reader()).await?;
        rows.into_iter().map(crl_record).collect()
    }

    /// The bytes of a CRL of the trust store, DER.
    pub async fn trust_crl_der(&self, sha256: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let row = evidence::Entity::find_by_id(sha256.to_vec()).one(self.reader()).await?;
        Ok(row.filter(|row| !row.sealed).map(|row| row.content))
    }

    /// The revision of the trust store: 0 before the first change.
    pub async fn trust_revision(&self) -> Result<i64, StoreError> {
        let row =
            trust_journal::Entity::find().order_by_desc(trust_journal::Column::Revision).one(self.reader()).await?;
        Ok(row.map_or(0, |row| row.revision))
    }

    /// At most `limit` changes above a revision, in order.
    pub async fn trust_journal(&self, after: i64, limit: u64) -> Result<Vec<TrustJournalRecord>, StoreError> {
        let rows = trust_journal::Entity::find()
            .filter(trust_journal::Column::Revision.gt(after))
            .order_by_asc(trust_journal::Column::Revision)
            .limit(limit)
            .all(self.reader())
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(TrustJournalRecord {
                    revision: row.revision,
                    action: row.action,
                    entry: row.entry.map(digest).transpose()?,
                    kind: row.kind,
                    purposes: split(&row.purposes),
                    state: row.state,
                    actor: row.actor,
                    time: row.time,
                    note: row.note,
                })
            })
            .collect()
    }
}

impl Tx {
    /// The revision of the trust store, as this transaction sees it.
    pub async fn trust_revision(&self) -> Result<i64, StoreError> {
        let latest =
            trust_journal::Entity::find().order_by_desc(trust_journal::Column::Revision).one(self.db()).await?;
        Ok(latest.map_or(0, |row| row.revision))
    }

    /// Adds a trust entry at version 1, whatever `version` says. [`Unique::TrustEntry`] when the certificate is there.
    pub async fn insert_trust_entry(&mut self, entry: &TrustEntryRecord) -> Result<(), StoreError> {
        let row = trust_entry::Model {
            sha256: entry.sha256.to_vec(),
            kind: entry.kind.clone(),
            purposes: joined(&entry.purposes),
            state: entry.state.clone(),
            trusted_from: stored_time(entry.trusted_from),
            trusted_until: entry.trusted_until.map(stored_time),
            certificate: entry.certificate.clone(),
            created_at: stored_time(entry.created_at),
            updated_at: stored_time(entry.updated_at),
            version: 1,
        };
        let active: trust_entry::ActiveModel = row.into();
        trust_entry::Entity::insert(active)
            .exec_without_returning(self.db())
            .await
            .map_err(|error| StoreError::of_insert(error, Unique::TrustEntry))?;
        Ok(())
    }

    /// Writes kind, purposes, state and period over the version that `entry` was read at, and returns the new version.
    /// [`StoreError::VersionConflict`] when the row changed meanwhile.
    pub async fn update_trust_entry(&mut self, entry: &TrustEntryRecord) -> Result<i64, StoreError> {
        use trust_entry::Column;
        let version = entry.version + 1;
        let updated = trust_entry::Entity::update_many()
            .col_expr(Column::Kind, Expr::value(entry.kind.as_str()))
            .col_expr(Column::Purposes, Expr::value(joined(&entry.purposes)))
            .col_expr(Column::State, Expr::value(entry.state.as_str()))
            .col_expr(Column::TrustedFrom, Expr::value(stored_time(entry.trusted_from)))
            .col_expr(Column::TrustedUntil, Expr::value(entry.trusted_until.map(stored_time)))
            .col_expr(Column::UpdatedAt, Expr::value(stored_time(entry.updated_at)))
            .col_expr(Column::Version, Expr::value(version))
            .filter(Column::Sha256.eq(entry.sha256.to_vec()))
            .filter(Column::Version.eq(entry.version))
            .exec(self.db())
            .await?;
        if updated.rows_affected == 1 { Ok(version) } else { Err(StoreError::VersionConflict) }
    }

    /// Adds a CRL and stores its bytes as evidence. [`Unique::TrustCrl`] when it is there.
    pub async fn insert_trust_crl(&mut self, crl: &TrustCrlRecord, der: Vec<u8>) -> Result<(), StoreError> {
        let item = EvidenceItem::new(EvidenceKind::CertificateRevocationList, der);
        if item.digest() != &crl.sha256 {
            return Err(StoreError::Corrupt("the digest of a CRL is not that of its bytes"));
        }
        self.insert_evidence(item, crl.imported_at).await?;
        let row = trust_crl::Model {
            sha256: crl.sha256.to_vec(),
            issuer: crl.issuer.clone(),
            crl_number: crl.number.clone(),
            this_update: stored_time(crl.this_update),
            next_update: crl.next_update.map(stored_time),
            purposes: joined(&crl.purposes),
            imported_at: stored_time(crl.imported_at),
        };
        let active: trust_crl::ActiveModel = row.into();
        trust_crl::Entity::insert(active)
            .exec_without_returning(self.db())
            .await
            .map_err(|error| StoreError::of_insert(error, Unique::TrustCrl))?;
        Ok(())
    }

    /// Takes a superseded CRL out of the trust store; its bytes stay as evidence of the reports that leaned on it.
    pub async fn remove_trust_crl(&mut self, sha256: &Digest) -> Result<(), StoreError> {
        trust_crl::Entity::delete_by_id(sha256.to_vec()).exec(self.db()).await?;
        Ok(())
    }

    /// Appends a change whose revision must be the latest one plus 1; [`StoreError::VersionConflict`] when another change came
    /// first. Everything a revision changes goes into the transaction of its journal line.
    pub async fn append_trust_journal(&mut self, line: &TrustJournalRecord) -> Result<(), StoreError> {
        if line.revision != self.trust_revision().await? + 1 {
            return Err(StoreError::VersionConflict);
        }
        let row = trust_journal::Model {
            revision: line.revision,
            action: line.action.clone(),
            entry: line.entry.map(|digest| digest.to_vec()),
            kind: line.kind.clone(),
            purposes: joined(&line.purposes),
            state: line.state.clone(),
            actor: line.actor.clone(),
            time: stored_time(line.time),
            note: line.note.clone(),
        };
        let active: trust_journal::ActiveModel = row.into();
        trust_journal::Entity::insert(active).exec_without_returning(self.db()).await.map_err(|error| {
            match StoreError::of_insert(error, Unique::Other) {
                // On PostgreSQL two changes may both have seen the same latest revision.
                StoreError::AlreadyExists(_) => StoreError::VersionConflict,
                other => other,
            }
        })?;
        Ok(())
    }
}
