//! Erasing what has been kept for long enough: sealed payloads are destroyed, the rows with numbers, times, states and digests stay.
//!
//! A destroyed payload is an empty column. Reading it gives nothing, as if it had never been there.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::entity::{
    application, application_form, crisis, crisis_person, crisis_reply, document, document_content, document_facts,
    erasure, evidence, family_link, notification, registration, registration_card, report_evidence, validation_report,
};
use super::evidence::EvidenceKind;
use super::{Digest, Store, StoreError, Tx, stored_time};

/// As the index `applications_ended` has it, word for word: a database uses a partial index for literally the same condition only.
const ENDED: &str = "state IN ('REFUSED', 'WITHDRAWN')";
/// The same for `registrations_closed`.
const CLOSED: &str = "closed_at IS NOT NULL";

fn erased() -> SelectStatement {
    let mut query = Query::select();
    query.column(erasure::Column::Subject).from(erasure::Entity);
    query
}

impl Store {
    /// At most `limit` applications that were refused or withdrawn before `time` and whose data have not been erased, the longest ended first.
    pub async fn applications_ended_before(&self, time: DateTime<Utc>, limit: u64) -> Result<Vec<Uuid>, StoreError> {
        let found = application::Entity::find()
            .select_only()
            .column(application::Column::Id)
            .filter(Expr::cust(ENDED))
            .filter(application::Column::UpdatedAt.lt(stored_time(time)))
            .filter(application::Column::Id.not_in_subquery(erased()))
            .order_by_asc(application::Column::UpdatedAt)
            .order_by_asc(application::Column::Id)
            .limit(limit);
        Ok(found.into_tuple().all(self.reader()).await?)
    }

    /// At most `limit` registrations that were closed before `time` and whose data have not been erased, the longest closed first.
    pub async fn registrations_closed_before(&self, time: DateTime<Utc>, limit: u64) -> Result<Vec<Uuid>, StoreError> {
        let found = registration::Entity::find()
            .select_only()
            .column(registration::Column::Id)
            .filter(Expr::cust(CLOSED))
            .filter(registration::Column::ClosedAt.lt(stored_time(time)))
            .filter(registration::Column::Id.not_in_subquery(erased()))
            .order_by_asc(registration::Column::ClosedAt)
            .order_by_asc(registration::Column::Id)
            .limit(limit);
        Ok(found.into_tuple().all(self.reader()).await?)
    }

    /// At most `limit` persons who came on the roll of a crisis for this reason before `time`, the first of them first. Where the crisis was
    /// closed, that has to be before `time` as well.
    pub async fn crisis_persons_before(
        &self,
        kind: &str,
        time: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<Uuid>, StoreError> {
        let closed_since = crisis::Entity::find()
            .select_only()
            .column(crisis::Column::Id)
            .filter(crisis::Column::ClosedAt.gte(stored_time(time)))
            .into_query();
        let found = crisis_person::Entity::find()
            .select_only()
            .column(crisis_person::Column::Id)
            .filter(crisis_person::Column::Kind.eq(kind))
            .filter(crisis_person::Column::CreatedAt.lt(stored_time(time)))
            .filter(crisis_person::Column::Crisis.not_in_subquery(closed_since))
            .order_by_asc(crisis_person::Column::CreatedAt)
            .order_by_asc(crisis_person::Column::Id)
            .limit(limit);
        Ok(found.into_tuple().all(self.reader()).await?)
    }

    /// The applications that led to a registration or changed it, oldest first.
    pub async fn applications_about(&self, registration: Uuid) -> Result<Vec<Uuid>, StoreError> {
        let found = application::Entity::find()
            .select_only()
            .column(application::Column::Id)
            .filter(application::Column::RegistrationId.eq(registration))
            .order_by_asc(application::Column::Id);
        Ok(found.into_tuple().all(self.reader()).await?)
    }
}

impl Tx {
    /// Notes that the data of a record of this class are erased; `false` when they were before.
    pub async fn insert_erasure(
        &mut self,
        subject: Uuid,
        class: &str,
        time: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        if erasure::Entity::find_by_id(subject).one(self.db()).await?.is_some() {
            return Ok(false);
        }
        let row = erasure::Model { subject, class: class.to_owned(), erased_at: stored_time(time) };
        let active: erasure::ActiveModel = row.into();
        erasure::Entity::insert(active).exec_without_returning(self.db()).await?;
        Ok(true)
    }

    /// Destroys what is sealed of an application: all revisions of its form with the reports on them, the detail of its state, its messages,
    /// and the bytes of its documents.
    pub async fn erase_application(&mut self, id: Uuid) -> Result<(), StoreError> {
        let reports: Vec<Uuid> = application_form::Entity::find()
            .select_only()
            .column(application_form::Column::ReportId)
            .filter(application_form::Column::Application.eq(id))
            .into_tuple()
            .all(self.db())
            .await?;
        application_form::Entity::update_many()
            .col_expr(application_form::Column::Form, Expr::value(Vec::<u8>::new()))
            .filter(application_form::Column::Application.eq(id))
            .exec(self.db())
            .await?;
        application::Entity::update_many()
            .col_expr(application::Column::StateDetail, Expr::value(None::<Vec<u8>>))
            .filter(application::Column::Id.eq(id))
            .exec(self.db())
            .await?;
        notification::Entity::delete_many().filter(notification::Column::Application.eq(id)).exec(self.db()).await?;
        let documents = document::Entity::find()
            .select_only()
            .column(document::Column::Id)
            .filter(document::Column::Application.eq(id))
            .into_query();
        document_content::Entity::delete_many()
            .filter(document_content::Column::Document.in_subquery(documents.clone()))
            .exec(self.db())
            .await?;
        // What a document says is personal data too, whether it was made or only reserved.
        document_facts::Entity::delete_many()
            .filter(document_facts::Column::Document.in_subquery(documents))
            .exec(self.db())
            .await?;
        self.erase_reports(reports).await
    }

    /// Destroys the reports, and the messages and contents that they are about.
    ///
    /// The same message may have been judged on other occasions. Other reports on it that were made for the same caller are the same affair (a
    /// trial filing, an act sent twice) and are destroyed as well; what the report of another caller rests on stays with that report.
    pub async fn erase_reports(&mut self, mut reports: Vec<Uuid>) -> Result<(), StoreError> {
        let messages = self.messages_of(&reports).await?;
        let callers: HashSet<String> = self.kept_callers(&reports).await?.into_values().collect();
        let mut needed = HashSet::new();
        if !messages.is_empty() {
            let others: Vec<(Uuid, Vec<u8>)> = report_evidence::Entity::find()
                .select_only()
                .columns([report_evidence::Column::ReportId, report_evidence::Column::Digest])
                .filter(report_evidence::Column::Digest.is_in(messages.clone()))
                .filter(report_evidence::Column::ReportId.is_not_in(reports.iter().copied()))
                .into_tuple()
                .all(self.db())
                .await?;
            let made_for = self.kept_callers(&others.iter().map(|(report, _)| *report).collect::<Vec<_>>()).await?;
            for (report, digest) in others {
                match made_for.get(&report) {
                    Some(caller) if callers.contains(caller) => reports.push(report),
                    Some(_) => _ = needed.insert(digest),
                    None => {}
                }
            }
        }
        let over = self.messages_of(&reports).await?.into_iter().filter(|digest| !needed.contains(digest));
        evidence::Entity::delete_many().filter(evidence::Column::Digest.is_in(over)).exec(self.db()).await?;
        validation_report::Entity::update_many()
            .col_expr(validation_report::Column::Report, Expr::value(Vec::<u8>::new()))
            .filter(validation_report::Column::Id.is_in(reports))
            .exec(self.db())
            .await?;
        Ok(())
    }

    /// Digests of the messages and contents that these reports are about.
    async fn messages_of(&self, reports: &[Uuid]) -> Result<Vec<Vec<u8>>, StoreError> {
        let messages = [EvidenceKind::Signature, EvidenceKind::Content].map(EvidenceKind::as_str);
        let found = report_evidence::Entity::find()
            .select_only()
            .column(report_evidence::Column::Digest)
            .filter(report_evidence::Column::ReportId.is_in(reports.iter().copied()))
            .filter(report_evidence::Column::Kind.is_in(messages));
        Ok(found.into_tuple().all(self.db()).await?)
    }

    /// For whom those of these reports that are still kept were made.
    async fn kept_callers(&self, reports: &[Uuid]) -> Result<HashMap<Uuid, String>, StoreError> {
        let found: Vec<(Uuid, String)> = validation_report::Entity::find()
            .select_only()
            .columns([validation_report::Column::Id, validation_report::Column::RequestedBy])
            .filter(validation_report::Column::Id.is_in(reports.iter().copied()))
            .filter(validation_report::Column::Report.ne(Vec::<u8>::new()))
            .into_tuple()
            .all(self.db())
            .await?;
        Ok(found.into_iter().collect())
    }

    /// Destroys pieces of evidence that no report names, such as answers of registers.
    pub async fn erase_evidence(&mut self, digests: &[Digest]) -> Result<(), StoreError> {
        let digests = digests.iter().map(|digest| digest.to_vec());
        evidence::Entity::delete_many().filter(evidence::Column::Digest.is_in(digests)).exec(self.db()).await?;
        Ok(())
    }

    /// Destroys every version of a registration's card, and what was made of it: the links to family members, and the entries of the citizen
    /// and the family on the rolls of crises, with the replies.
    pub async fn erase_cards(&mut self, registration: Uuid) -> Result<(), StoreError> {
        registration_card::Entity::update_many()
            .col_expr(registration_card::Column::Card, Expr::value(Vec::<u8>::new()))
            .filter(registration_card::Column::Registration.eq(registration))
            .exec(self.db())
            .await?;
        family_link::Entity::delete_many()
            .filter(family_link::Column::Registration.eq(registration))
            .exec(self.db())
            .await?;
        self.erase_crisis_persons(crisis_person::Column::Registration.eq(registration)).await
    }

    /// Destroys the entry of somebody on the roll of a crisis, with the replies and officers' acts about the person.
    pub async fn erase_crisis_person(&mut self, id: Uuid) -> Result<(), StoreError> {
        self.erase_crisis_persons(crisis_person::Column::Id.eq(id)).await
    }

    async fn erase_crisis_persons(&mut self, which: SimpleExpr) -> Result<(), StoreError> {
        let persons = crisis_person::Entity::find()
            .select_only()
            .column(crisis_person::Column::Id)
            .filter(which.clone())
            .into_query();
        let replies = crisis_reply::Column::Person.in_subquery(persons);
        let reports: Vec<Option<Uuid>> = crisis_reply::Entity::find()
            .select_only()
            .column(crisis_reply::Column::ReportId)
            .filter(replies.clone())
            .into_tuple()
            .all(self.db())
            .await?;
        crisis_reply::Entity::delete_many().filter(replies).exec(self.db()).await?;
        crisis_person::Entity::delete_many().filter(which).exec(self.db()).await?;
        self.erase_reports(reports.into_iter().flatten().collect()).await
    }
}
