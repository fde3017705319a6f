//! Validation reports.

use chrono::{DateTime, Utc};
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::entity::validation_report;
use super::seal::{Place, Sealer};
use super::{Store, StoreError, stored_time};

/// A validation report (ETSI EN 319 102-1 §5.1.3): its conclusion in the open, the whole of it sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRecord {
    /// Its identifier; make it with [`super::id_at`].
    pub id: Uuid,
    /// TOTAL-PASSED, TOTAL-FAILED or INDETERMINATE.
    pub indication: String,
    /// The ETSI sub-indication, when not passed.
    pub sub_indication: Option<String>,
    /// Revision of the trust store that judged.
    pub trust_store_revision: i64,
    /// Name and version of the validation policy.
    pub policy: String,
    /// Name and version of the engine.
    pub engine: String,
    /// The calling system it was made for.
    pub requested_by: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The report as canonical JSON. Sealed: it names the signers.
    pub report: Vec<u8>,
}

fn place(id: &Uuid) -> Place<'_> {
    Place::new("validation_reports", "report", id.as_bytes())
}

/// The row of a report.
pub(super) fn row(report: ReportRecord, sealer: &Sealer) -> Result<validation_report::Model, StoreError> {
    Ok(validation_report::Model {
        report: sealer.seal(place(&report.id), &report.report)?,
        id: report.id,
        indication: report.indication,
        sub_indication: report.sub_indication,
        trust_store_revision: report.trust_store_revision,
        policy: report.policy,
        engine: report.engine,
        requested_by: report.requested_by,
        created_at: stored_time(report.created_at),
    })
}

impl Store {
    /// A validation report, by its identifier; none once it is erased.
    pub async fn report(&self, id: Uuid) -> Result<Option<ReportRecord>, StoreError> {
        let row = validation_report::Entity::find_by_id(id).one(self.reader()).await?;
        let Some(row) = row.filter(|row| !row.report.is_empty()) else { return Ok(None) };
        Ok(Some(ReportRecord {
            report: self.sealer().open(place(&row.id), &row.report)?,
            id: row.id,
            indication: row.indication,
            sub_indication: row.sub_indication,
            trust_store_revision: row.trust_store_revision,
            policy: row.policy,
            engine: row.engine,
            requested_by: row.requested_by,
            created_at: row.created_at,
        }))
    }
}
