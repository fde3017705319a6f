//! Electronic documents: a number is reserved, the document is rendered with it, then it is issued with its bytes and its seal.
//!
//! Each step may be repeated after a crash: the reservation of the same (application, kind, version) is found again with its
//! number, and issuing the same bytes again changes nothing. So no document exists twice and no number is skipped.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::entity::{document, document_content, document_facts};
use super::error::Unique;
use super::seal::Place;
use super::{Digest, NumberSeries, Store, StoreError, Tx, digest, stored_time};

/// State of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentState {
    /// It has a number and no bytes yet.
    Reserved,
    /// It is sealed and stands.
    Issued,
}

impl DocumentState {
    /// The spelling in the database and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reserved => "RESERVED",
            Self::Issued => "ISSUED",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        [Self::Reserved, Self::Issued]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(StoreError::Corrupt("unknown state of a document"))
    }
}

/// A document without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRecord {
    /// Its identifier.
    pub id: Uuid,
    /// The application it belongs to, by our identifier.
    pub application: Uuid,
    /// The registration it speaks of.
    pub registration: Option<Uuid>,
    /// Which document: NOTICE_OF_REGISTRATION, RECEIPT, REFUSAL …
    pub kind: String,
    /// Version of this kind within the application, from 1.
    pub version: i32,
    /// The number people read and verify by.
    pub number: String,
    /// Its state.
    pub state: DocumentState,
    /// When the number was taken.
    pub reserved_at: DateTime<Utc>,
    /// When it was issued.
    pub issued_at: Option<DateTime<Utc>>,
    /// SHA-256 of the PDF, once issued.
    pub pdf_sha256: Option<Digest>,
    /// Length of the PDF in bytes, once issued.
    pub pdf_length: Option<u64>,
}

/// A document to be reserved.
#[derive(Debug, Clone)]
pub struct NewDocument {
    /// See [`DocumentRecord::id`]; make it with [`super::id_at`].
    pub id: Uuid,
    /// See [`DocumentRecord::application`].
    pub application: Uuid,
    /// See [`DocumentRecord::registration`].
    pub registration: Option<Uuid>,
    /// See [`DocumentRecord::kind`].
    pub kind: String,
    /// See [`DocumentRecord::version`].
    pub version: i32,
    /// Where its number comes from.
    pub number: DocumentNumber,
    /// See [`DocumentRecord::reserved_at`].
    pub reserved_at: DateTime<Utc>,
    /// What it says, as the caller of the store writes it. Sealed.
    pub facts: Vec<u8>,
}

/// Where the number of a document comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentNumber {
    /// The next of its series.
    Next(NumberSeries),
    /// It bears the number of what it is about.
    Given(String),
}

/// The bytes of an issued document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentContent {
    /// The PDF.
    pub pdf: Vec<u8>,
    /// The detached CMS over the PDF, DER (RFC 5652 §5.2).
    pub seal: Vec<u8>,
}

const CONTENTS: &str = "document_contents";
const FACTS: &str = "document_facts";

fn record(row: document::Model) -> Result<DocumentRecord, StoreError> {
    Ok(DocumentRecord {
        id: row.id,
        application: row.application,
        registration: row.registration,
        kind: row.kind,
        version: row.document_version,
        number: row.number,
        state: DocumentState::parse(&row.state)?,
        reserved_at: row.reserved_at,
        issued_at: row.issued_at,
        pdf_sha256: row.pdf_sha256.map(digest).transpose()?,
        pdf_length: row.pdf_length.and_then(|length| u64::try_from(length).ok()),
    })
}

async fn find<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<Option<DocumentRecord>, StoreError> {
    document::Entity::find_by_id(id).one(db).await?.map(record).transpose()
}

impl Store {
    /// The document, by its identifier.
    pub async fn document(&self, id: Uuid) -> Result<Option<DocumentRecord>, StoreError> {
        find(self.reader(), id).await
    }

    /// The document, by the number printed on it.
    pub async fn document_by_number(&self, number: &str) -> Result<Option<DocumentRecord>, StoreError> {
        let row = document::Entity::find().filter(document::Column::Number.eq(number)).one(self.reader()).await?;
        row.map(record).transpose()
    }

    /// The documents of an application, oldest first, reserved ones included.
    pub async fn documents(&self, application: Uuid) -> Result<Vec<DocumentRecord>, StoreError> {
        let rows = document::Entity::find()
            .filter(document::Column::Application.eq(application))
            .order_by_asc(document::Column::ReservedAt)
            .order_by_asc(document::Column::Id)
            .all(self.reader())
            .await?;
        rows.into_iter().map(record).collect()
    }

    /// What a document says: known from its reservation on.
    pub async fn document_facts(&self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(row) = document_facts::Entity::find_by_id(id).one(self.reader()).await? else { return Ok(None) };
        Ok(Some(self.sealer().open(Place::new(FACTS, "facts", id.as_bytes()), &row.facts)?))
    }

    /// The bytes of an issued document.
    pub async fn document_content(&self, id: Uuid) -> Result<Option<DocumentContent>, StoreError> {
        let Some(row) = document_content::Entity::find_by_id(id).one(self.reader()).await? else { return Ok(None) };
        let open = |column, sealed: &[u8]| self.sealer().open(Place::new(CONTENTS, column, id.as_bytes()), sealed);
        Ok(Some(DocumentContent { pdf: open("pdf", &row.pdf)?, seal: open("seal", &row.seal)? }))
    }
}

impl Tx {
    /// Reserves a document with the next number of its series, or returns the one that already stands for this (application,
    /// kind, version).
    pub async fn reserve_document(&mut self, new: NewDocument) -> Result<DocumentRecord, StoreError> {
        let present = document::Entity::find()
            .filter(document::Column::Application.eq(new.application))
            .filter(document::Column::Kind.eq(new.kind.as_str()))
            .filter(document::Column::DocumentVersion.eq(new.version))
            .one(self.db())
            .await?;
        if let Some(row) = present {
            return record(row);
        }
        let row = document::Model {
            id: new.id,
            application: new.application,
            registration: new.registration,
            kind: new.kind,
            document_version: new.version,
            number: match new.number {
                DocumentNumber::Next(series) => self.allocate_number(&series).await?,
                DocumentNumber::Given(number) => number,
            },
            state: DocumentState::Reserved.as_str().to_owned(),
            reserved_at: stored_time(new.reserved_at),
            issued_at: None,
            pdf_sha256: None,
            pdf_length: None,
        };
        let active: document::ActiveModel = row.clone().into();
        document::Entity::insert(active)
            .exec_without_returning(self.db())
            .await
            .map_err(|error| StoreError::of_insert(error, Unique::Document))?;
        let sealed = self.sealer().seal(Place::new(FACTS, "facts", row.id.as_bytes()), &new.facts)?;
        let facts: document_facts::ActiveModel = document_facts::Model { document: row.id, facts: sealed }.into();
        document_facts::Entity::insert(facts).exec_without_returning(self.db()).await?;
        record(row)
    }

    /// Issues a reserved document. Issuing it again with the same PDF changes nothing and returns it as it stands; with
    /// another PDF it is [`StoreError::DocumentIssued`].
    pub async fn issue_document(
        &mut self,
        id: Uuid,
        pdf_sha256: Digest,
        content: &DocumentContent,
        issued_at: DateTime<Utc>,
    ) -> Result<DocumentRecord, StoreError> {
        use document::Column;
        let length = i64::try_from(content.pdf.len()).unwrap_or(i64::MAX);
        let updated = document::Entity::update_many()
            .col_expr(Column::State, Expr::value(DocumentState::Issued.as_str()))
            .col_expr(Column::IssuedAt, Expr::value(stored_time(issued_at)))
            .col_expr(Column::PdfSha256, Expr::value(pdf_sha256.to_vec()))
            .col_expr(Column::PdfLength, Expr::value(length))
            .filter(Column::Id.eq(id))
            .filter(Column::State.eq(DocumentState::Reserved.as_str()))
            .exec(self.db())
            .await?;
        let standing = find(self.db(), id).await?.ok_or(StoreError::NotFound("document"))?;
        if updated.rows_affected == 0 {
            return if standing.pdf_sha256 == Some(pdf_sha256) {
                Ok(standing)
            } else {
                Err(StoreError::DocumentIssued)
            };
        }
        let seal = |column, plain: &[u8]| self.sealer().seal(Place::new(CONTENTS, column, id.as_bytes()), plain);
        let row = document_content::Model {
            document: id,
            pdf: seal("pdf", &content.pdf)?,
            seal: seal("seal", &content.seal)?,
        };
        let active: document_content::ActiveModel = row.into();
        document_content::Entity::insert(active).exec_without_returning(self.db()).await?;
        Ok(standing)
    }
}
