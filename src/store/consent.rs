//! Consents withdrawn: append-only, one row an act.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::entity::{application, consent_withdrawal};
use super::{IinHash, Store, StoreError, Tx, digest, stored_time};

/// A consent that was withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentWithdrawalRecord {
    /// Its identifier; make it with [`super::id_at`].
    pub id: Uuid,
    /// Whose consent.
    pub iin_hash: IinHash,
    /// The application that the act names.
    pub application: Uuid,
    /// The report on the act's signature.
    pub report_id: Uuid,
    /// When.
    pub withdrawn_at: DateTime<Utc>,
    /// The open applications that ended with it.
    pub applications: Vec<Uuid>,
}

/// As the index `applications_open_iin` has it, word for word: a database uses a partial index for literally the same condition only.
const OPEN: &str = "state IN ('ACCEPTED', 'IN_REVIEW', 'RETURNED', 'PRELIMINARY_REFUSAL', 'HEARD')";

fn record(row: consent_withdrawal::Model) -> Result<ConsentWithdrawalRecord, StoreError> {
    let applications = serde_json::from_str(&row.applications);
    Ok(ConsentWithdrawalRecord {
        id: row.id,
        iin_hash: IinHash(digest(row.iin_hash)?),
        application: row.application,
        report_id: row.report_id,
        withdrawn_at: row.withdrawn_at,
        applications: applications.map_err(|_| StoreError::Corrupt("applications of a withdrawal are no list"))?,
    })
}

impl Store {
    /// The latest withdrawal of a person's consent.
    pub async fn consent_withdrawal(&self, iin: IinHash) -> Result<Option<ConsentWithdrawalRecord>, StoreError> {
        let row = consent_withdrawal::Entity::find()
            .filter(consent_withdrawal::Column::IinHash.eq(iin.0.to_vec()))
            .order_by_desc(consent_withdrawal::Column::WithdrawnAt)
            .one(self.reader())
            .await?;
        row.map(record).transpose()
    }
}

impl Tx {
    /// Identifiers of a person's open applications, oldest first, as this transaction sees them.
    pub async fn open_applications(&self, iin: IinHash) -> Result<Vec<Uuid>, StoreError> {
        let rows = application::Entity::find()
            .filter(application::Column::IinHash.eq(iin.0.to_vec()))
            .filter(Expr::cust(OPEN))
            .order_by_asc(application::Column::Id)
            .all(self.db())
            .await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    /// Notes that a consent was withdrawn.
    pub async fn insert_consent_withdrawal(&mut self, new: &ConsentWithdrawalRecord) -> Result<(), StoreError> {
        let row = consent_withdrawal::Model {
            id: new.id,
            iin_hash: new.iin_hash.0.to_vec(),
            application: new.application,
            report_id: new.report_id,
            withdrawn_at: stored_time(new.withdrawn_at),
            applications: serde_json::json!(new.applications).to_string(),
        };
        let active: consent_withdrawal::ActiveModel = row.into();
        consent_withdrawal::Entity::insert(active).exec_without_returning(self.db()).await?;
        Ok(())
    }
}
