//! Applications: their current standing, and the signed forms under them.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::entity::{application, application_form};
use super::error::Unique;
use super::seal::{Place, Sealer};
use super::{Digest, IinHash, Store, StoreError, Tx, digest, stored_time};

/// Where an application stands. The form itself is apart: [`Store::application_form`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationRecord {
    /// Our identifier: the one that resource names carry.
    pub id: Uuid,
    /// The system that submitted it.
    pub caller: String,
    /// The applicant's identifier, from inside the signed form; unique per caller.
    pub application_id: Uuid,
    /// Revision of the latest form, from 1.
    pub revision: i32,
    /// SHA-256 of the latest signed content.
    pub content_digest: Digest,
    /// The number people read.
    pub number: String,
    /// REGISTER, CHANGE, EXTEND, TRANSFER, DEREGISTER or CERTIFICATE.
    pub application_type: String,
    /// PERMANENT or TEMPORARY.
    pub kind: String,
    /// PORTAL or MISSION.
    pub channel: String,
    /// Code of the mission that has it now.
    pub mission: String,
    /// kk, ru or en.
    pub language: String,
    /// State of the procedure.
    pub state: String,
    /// What belongs to this state (remarks, findings, who reviews), as the caller of the store writes it. Sealed.
    pub state_detail: Option<Vec<u8>>,
    /// Whose application it is.
    pub iin_hash: IinHash,
    /// The validation report of the latest form.
    pub report_id: Uuid,
    /// The registration it led to.
    pub registration_id: Option<Uuid>,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// When the decision is due; none while the clock is paused or once it is over.
    pub due_at: Option<DateTime<Utc>>,
    /// When the row last changed.
    pub updated_at: DateTime<Utc>,
    /// Counts changes, from 1: the etag.
    pub version: i64,
}

/// An application to be stored by [`Store::submit`]; its number comes from the series, its version is 1, its revision 1.
#[derive(Debug, Clone)]
pub struct NewApplication {
    /// See [`ApplicationRecord::id`]; make it with [`super::id_at`].
    pub id: Uuid,
    /// See [`ApplicationRecord::caller`].
    pub caller: String,
    /// See [`ApplicationRecord::application_id`].
    pub application_id: Uuid,
    /// See [`ApplicationRecord::content_digest`].
    pub content_digest: Digest,
    /// See [`ApplicationRecord::application_type`].
    pub application_type: String,
    /// See [`ApplicationRecord::kind`].
    pub kind: String,
    /// See [`ApplicationRecord::channel`].
    pub channel: String,
    /// See [`ApplicationRecord::mission`].
    pub mission: String,
    /// See [`ApplicationRecord::language`].
    pub language: String,
    /// See [`ApplicationRecord::state`].
    pub state: String,
    /// See [`ApplicationRecord::state_detail`].
    pub state_detail: Option<Vec<u8>>,
    /// The applicant, by [`Store::iin_hash`].
    pub iin_hash: IinHash,
    /// See [`ApplicationRecord::received_at`].
    pub received_at: DateTime<Utc>,
    /// See [`ApplicationRecord::due_at`].
    pub due_at: Option<DateTime<Utc>>,
    /// The verified content, byte for byte. Sealed.
    pub form: Vec<u8>,
}

/// One signed revision of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormRecord {
    /// Our identifier of the application.
    pub application: Uuid,
    /// From 1.
    pub revision: i32,
    /// SHA-256 of the form.
    pub content_digest: Digest,
    /// The report that found the signature valid.
    pub report_id: Uuid,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// The verified content, byte for byte.
    pub form: Vec<u8>,
}

/// Which applications a list wants. All given conditions hold together.
#[derive(Debug, Clone, Default)]
pub struct ApplicationFilter {
    /// Only this caller's.
    pub caller: Option<String>,
    /// Only this mission's.
    pub mission: Option<String>,
    /// Only these states; empty means all.
    pub states: Vec<String>,
    /// Only the one of this number.
    pub number: Option<String>,
}

const TABLE: &str = "applications";
const FORMS: &str = "application_forms";

/// The rows of a new application: its standing (still without a number) and its form.
pub(super) fn rows(
    new: NewApplication,
    report_id: Uuid,
    sealer: &Sealer,
) -> Result<(application::Model, application_form::Model), StoreError> {
    let received_at = stored_time(new.received_at);
    let form = application_form::Model {
        application: new.id,
        revision: 1,
        content_digest: new.content_digest.to_vec(),
        report_id,
        received_at,
        form: sealer.seal(form_place(&form_row(new.id, 1)), &new.form)?,
    };
    let standing = application::Model {
        id: new.id,
        caller: new.caller,
        application_id: new.application_id,
        revision: 1,
        content_digest: new.content_digest.to_vec(),
        number: String::new(),
        application_type: new.application_type,
        kind: new.kind,
        channel: new.channel,
        mission: new.mission,
        language: new.language,
        state: new.state,
        state_detail: seal_detail(sealer, new.id, new.state_detail.as_deref())?,
        iin_hash: new.iin_hash.0.to_vec(),
        report_id,
        registration_id: None,
        received_at,
        due_at: new.due_at.map(stored_time),
        updated_at: received_at,
        version: 1,
    };
    Ok((standing, form))
}

/// The record of a row.
pub(super) fn record(row: application::Model, sealer: &Sealer) -> Result<ApplicationRecord, StoreError> {
    let place = Place::new(TABLE, "state_detail", row.id.as_bytes());
    let state_detail = row.state_detail.as_deref().map(|sealed| sealer.open(place, sealed)).transpose()?;
    Ok(ApplicationRecord {
        id: row.id,
        caller: row.caller,
        application_id: row.application_id,
        revision: row.revision,
        content_digest: digest(row.content_digest)?,
        number: row.number,
        application_type: row.application_type,
        kind: row.kind,
        channel: row.channel,
        mission: row.mission,
        language: row.language,
        state: row.state,
        state_detail,
        iin_hash: IinHash(digest(row.iin_hash)?),
        report_id: row.report_id,
        registration_id: row.registration_id,
        received_at: row.received_at,
        due_at: row.due_at,
        updated_at: row.updated_at,
        version: row.version,
    })
}

fn seal_detail(sealer: &Sealer, id: Uuid, detail: Option<&[u8]>) -> Result<Option<Vec<u8>>, StoreError> {
    let place = Place::new(TABLE, "state_detail", id.as_bytes());
    Ok(detail.map(|plain| sealer.seal(place, plain)).transpose()?)
}

fn form_row(application: Uuid, revision: i32) -> Vec<u8> {
    [&application.as_bytes()[..], &revision.to_be_bytes()].concat()
}

fn form_place(row: &[u8]) -> Place<'_> {
    Place::new(FORMS, "form", row)
}

/// The verified content of a form's row.
pub(super) fn open_form(row: &application_form::Model, sealer: &Sealer) -> Result<Vec<u8>, StoreError> {
    Ok(sealer.open(form_place(&form_row(row.application, row.revision)), &row.form)?)
}

async fn find<C: ConnectionTrait>(db: &C, sealer: &Sealer, id: Uuid) -> Result<Option<ApplicationRecord>, StoreError> {
    application::Entity::find_by_id(id).one(db).await?.map(|row| record(row, sealer)).transpose()
}

async fn latest_form<C: ConnectionTrait>(db: &C, sealer: &Sealer, id: Uuid) -> Result<Option<FormRecord>, StoreError> {
    let row = application_form::Entity::find()
        .filter(application_form::Column::Application.eq(id))
        .order_by_desc(application_form::Column::Revision)
        .one(db)
        .await?;
    // An erased form is as if it were not there.
    row.filter(|row| !row.form.is_empty())
        .map(|row| {
            Ok(FormRecord {
                form: open_form(&row, sealer)?,
                application: row.application,
                revision: row.revision,
                content_digest: digest(row.content_digest)?,
                report_id: row.report_id,
                received_at: row.received_at,
            })
        })
        .transpose()
}

impl Store {
    /// The application, by our identifier.
    pub async fn application(&self, id: Uuid) -> Result<Option<ApplicationRecord>, StoreError> {
        find(self.reader(), self.sealer(), id).await
    }

    /// The application that `caller` submitted under the applicant's identifier. Another caller's is not found.
    pub async fn application_of(
        &self,
        caller: &str,
        application_id: Uuid,
    ) -> Result<Option<ApplicationRecord>, StoreError> {
        let row = application::Entity::find()
            .filter(application::Column::ApplicationId.eq(application_id))
            .filter(application::Column::Caller.eq(caller))
            .one(self.reader())
            .await?;
        row.map(|row| record(row, self.sealer())).transpose()
    }

    /// The applications that `caller` submitted with this signed content, as any of their revisions; usually one.
    pub async fn applications_with_content(
        &self,
        caller: &str,
        content_digest: &Digest,
    ) -> Result<Vec<ApplicationRecord>, StoreError> {
        let forms = application_form::Entity::find()
            .select_only()
            .column(application_form::Column::Application)
            .filter(application_form::Column::ContentDigest.eq(content_digest.to_vec()))
            .into_query();
        let rows = application::Entity::find()
            .filter(application::Column::Id.in_subquery(forms))
            .filter(application::Column::Caller.eq(caller))
            .order_by_asc(application::Column::Id)
            .all(self.reader())
            .await?;
        rows.into_iter().map(|row| record(row, self.sealer())).collect()
    }

    /// Whether another caller than this one has filed this signed content.
    pub async fn is_filed_by_another(&self, caller: &str, content_digest: &Digest) -> Result<bool, StoreError> {
        let forms = application_form::Entity::find()
            .select_only()
            .column(application_form::Column::Application)
            .filter(application_form::Column::ContentDigest.eq(content_digest.to_vec()))
            .into_query();
        let row = application::Entity::find()
            .filter(application::Column::Id.in_subquery(forms))
            .filter(application::Column::Caller.ne(caller))
            .one(self.reader())
            .await?;
        Ok(row.is_some())
    }

    /// Whether an application at that mission names this report.
    pub async fn is_report_of_application_at(&self, report: Uuid, mission: &str) -> Result<bool, StoreError> {
        let row = application::Entity::find()
            .filter(application::Column::ReportId.eq(report))
            .filter(application::Column::Mission.eq(mission))
            .one(self.reader())
            .await?;
        Ok(row.is_some())
    }

    /// At most `limit` applications in the order of their identifiers, beginning after the cursor: the last identifier of the
    /// page before.
    ///
    /// One statement a state: each reads its index in that order and ends at the limit, however many applications there are.
    pub async fn applications(
        &self,
        filter: &ApplicationFilter,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<ApplicationRecord>, StoreError> {
        use application::Column;
        let mut query = application::Entity::find().order_by_asc(Column::Id).limit(limit);
        if let Some(caller) = &filter.caller {
            query = query.filter(Column::Caller.eq(caller));
        }
        if let Some(mission) = &filter.mission {
            query = query.filter(Column::Mission.eq(mission));
        }
        if let Some(number) = &filter.number {
            query = query.filter(Column::Number.eq(number));
        }
        if let Some(after) = after {
            query = query.filter(Column::Id.gt(after));
        }
        let mut rows = Vec::new();
        if filter.states.is_empty() {
            rows = query.all(self.reader()).await?;
        } else {
            for state in &filter.states {
                rows.extend(query.clone().filter(Column::State.eq(state)).all(self.reader()).await?);
            }
            rows.sort_unstable_by_key(|row| row.id);
            rows.dedup_by_key(|row| row.id);
            rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        }
        rows.into_iter().map(|row| record(row, self.sealer())).collect()
    }

    /// The latest signed form of an application; none once it is erased.
    pub async fn application_form(&self, id: Uuid) -> Result<Option<FormRecord>, StoreError> {
        latest_form(self.reader(), self.sealer(), id).await
    }
}

impl Tx {
    /// The application, as this transaction sees it.
    pub async fn application(&self, id: Uuid) -> Result<Option<ApplicationRecord>, StoreError> {
        find(self.db(), self.sealer(), id).await
    }

    /// The latest signed form of an application, as this transaction sees it.
    pub async fn application_form(&self, id: Uuid) -> Result<Option<FormRecord>, StoreError> {
        latest_form(self.db(), self.sealer(), id).await
    }

    /// Adds a revision of the form; the application's own columns move with [`Tx::update_application`].
    /// [`Unique::Content`] when the same content was filed before.
    pub async fn insert_form(&mut self, form: FormRecord) -> Result<(), StoreError> {
        let sealed = self.sealer().seal(form_place(&form_row(form.application, form.revision)), &form.form)?;
        let row = application_form::Model {
            application: form.application,
            revision: form.revision,
            content_digest: form.content_digest.to_vec(),
            report_id: form.report_id,
            received_at: stored_time(form.received_at),
            form: sealed,
        };
        let active: application_form::ActiveModel = row.into();
        application_form::Entity::insert(active)
            .exec_without_returning(self.db())
            .await
            .map_err(|error| StoreError::of_insert(error, Unique::Content))?;
        Ok(())
    }

    /// Writes the changeable columns (revision with its content and report, mission, state, detail, registration, due and update time) over the version that `record`
    /// was read at, and returns the new version. [`StoreError::VersionConflict`] when the row changed meanwhile.
    pub async fn update_application(&mut self, record: &ApplicationRecord) -> Result<i64, StoreError> {
        use application::Column;
        let detail = seal_detail(self.sealer(), record.id, record.state_detail.as_deref())?;
        let version = record.version + 1;
        let updated = application::Entity::update_many()
            .col_expr(Column::Revision, Expr::value(record.revision))
            .col_expr(Column::ContentDigest, Expr::value(record.content_digest.to_vec()))
            .col_expr(Column::ReportId, Expr::value(record.report_id))
            .col_expr(Column::Mission, Expr::value(record.mission.as_str()))
            .col_expr(Column::State, Expr::value(record.state.as_str()))
            .col_expr(Column::StateDetail, Expr::value(detail))
            .col_expr(Column::RegistrationId, Expr::value(record.registration_id))
            .col_expr(Column::DueAt, Expr::value(record.due_at.map(stored_time)))
            .col_expr(Column::UpdatedAt, Expr::value(stored_time(record.updated_at)))
            .col_expr(Column::Version, Expr::value(version))
            .filter(Column::Id.eq(record.id))
            .filter(Column::Version.eq(record.version))
            .exec(self.db())
            .await?;
        if updated.rows_affected == 1 { Ok(version) } else { Err(StoreError::VersionConflict) }
    }
}
