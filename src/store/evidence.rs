//! Evidence by content: what a report leaned on can be read back and judged again years later.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use ring::digest::{SHA256, digest as hash};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::entity::{evidence, report_evidence};
use super::insert::{OnPresent, insert_all};
use super::seal::{Place, Sealer};
use super::{Digest, Store, StoreError, Tx, digest, stored_time};

/// What a piece of evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EvidenceKind {
    /// A signed message as it was received: CMS (RFC 5652) or XML.
    Signature,
    /// What a detached signature is over.
    Content,
    /// A certificate (RFC 5280).
    Certificate,
    /// A certificate that came beside the message.
    SuppliedCertificate,
    /// A certificate revocation list (RFC 5280 §5).
    CertificateRevocationList,
    /// An OCSP response (RFC 6960).
    OcspResponse,
    /// An OCSP response that came beside the message.
    SuppliedOcspResponse,
    /// The validation policy.
    Policy,
    /// The canonical listing of the trust store.
    TrustStore,
    /// What a state register was asked, and its answer.
    RegisterAnswer,
}

impl EvidenceKind {
    const ALL: [Self; 10] = [
        Self::Signature,
        Self::Content,
        Self::Certificate,
        Self::SuppliedCertificate,
        Self::CertificateRevocationList,
        Self::OcspResponse,
        Self::SuppliedOcspResponse,
        Self::Policy,
        Self::TrustStore,
        Self::RegisterAnswer,
    ];

    /// The spelling in the database and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signature => "SIGNATURE",
            Self::Content => "CONTENT",
            Self::Certificate => "CERTIFICATE",
            Self::SuppliedCertificate => "SUPPLIED_CERTIFICATE",
            Self::CertificateRevocationList => "CERTIFICATE_REVOCATION_LIST",
            Self::OcspResponse => "OCSP_RESPONSE",
            Self::SuppliedOcspResponse => "SUPPLIED_OCSP_RESPONSE",
            Self::Policy => "POLICY",
            Self::TrustStore => "TRUST_STORE",
            Self::RegisterAnswer => "REGISTER_ANSWER",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(StoreError::Corrupt("unknown kind of evidence"))
    }

    /// CRLs, policies and trust stores name no person and are large: they are kept as they are.
    const fn is_sealed(self) -> bool {
        matches!(
            self,
            Self::Signature | Self::Content | Self::Certificate | Self::SuppliedCertificate | Self::RegisterAnswer
        )
    }

    /// Whether other reports will name the same content, so that it is worth remembering that it is stored.
    const fn recurs(self) -> bool {
        !matches!(self, Self::Signature | Self::Content | Self::RegisterAnswer)
    }
}

/// One piece of evidence of a report.
#[derive(Debug, Clone)]
pub struct EvidenceItem {
    kind: EvidenceKind,
    digest: Digest,
    content: Option<Vec<u8>>,
}

impl EvidenceItem {
    /// Evidence with its content, which is stored unless it already is.
    pub fn new(kind: EvidenceKind, content: Vec<u8>) -> Self {
        let mut digest = [0; 32];
        digest.copy_from_slice(hash(&SHA256, &content).as_ref());
        Self { kind, digest, content: Some(content) }
    }

    /// A reference to content that is stored elsewhere (an imported CRL, the trust store): the report names it, nothing is added.
    pub fn reference(kind: EvidenceKind, digest: Digest) -> Self {
        Self { kind, digest, content: None }
    }

    /// What it is.
    pub fn kind(&self) -> EvidenceKind {
        self.kind
    }

    /// SHA-256 of the content.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }
}

/// Stored evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceRecord {
    /// SHA-256 of the content.
    pub digest: Digest,
    /// What it is.
    pub kind: EvidenceKind,
    /// The content.
    pub content: Vec<u8>,
    /// When it was first stored.
    pub stored_at: DateTime<Utc>,
}

/// Digests known to be stored, so that the hot path neither seals nor sends them again. Bounded: forgetting costs one
/// insert that finds its row present.
#[derive(Default)]
pub(super) struct KnownEvidence {
    digests: Mutex<HashSet<Digest>>,
}

impl KnownEvidence {
    const MOST: usize = 1 << 16;

    fn contains(&self, digest: &Digest) -> bool {
        self.digests.lock().unwrap_or_else(PoisonError::into_inner).contains(digest)
    }

    /// To be called after the commit that stored them.
    pub(super) fn remember(&self, digests: impl IntoIterator<Item = Digest>) {
        let mut known = self.digests.lock().unwrap_or_else(PoisonError::into_inner);
        for digest in digests {
            if known.len() >= Self::MOST {
                known.clear();
            }
            known.insert(digest);
        }
    }
}

/// The rows of a report's evidence: contents not known to be stored, links, and the digests worth remembering.
pub(super) struct EvidenceRows {
    pub contents: Vec<evidence::Model>,
    pub links: Vec<report_evidence::Model>,
    pub recurring: Vec<Digest>,
}

pub(super) fn rows(
    report: Uuid,
    items: Vec<EvidenceItem>,
    time: DateTime<Utc>,
    known: &KnownEvidence,
    sealer: &Sealer,
) -> Result<EvidenceRows, StoreError> {
    let mut rows = EvidenceRows { contents: Vec::new(), links: Vec::with_capacity(items.len()), recurring: Vec::new() };
    let mut seen = HashSet::with_capacity(items.len());
    for item in items {
        if !seen.insert(item.digest) {
            continue;
        }
        rows.links.push(report_evidence::Model {
            report_id: report,
            digest: item.digest.to_vec(),
            kind: item.kind.as_str().to_owned(),
        });
        let Some(content) = item.content else { continue };
        if known.contains(&item.digest) {
            continue;
        }
        if item.kind.recurs() {
            rows.recurring.push(item.digest);
        }
        rows.contents.push(content_row(item.kind, &item.digest, content, time, sealer)?);
    }
    Ok(rows)
}

fn content_row(
    kind: EvidenceKind,
    digest: &Digest,
    content: Vec<u8>,
    time: DateTime<Utc>,
    sealer: &Sealer,
) -> Result<evidence::Model, StoreError> {
    Ok(evidence::Model {
        digest: digest.to_vec(),
        kind: kind.as_str().to_owned(),
        sealed: kind.is_sealed(),
        content: if kind.is_sealed() { sealer.seal(place(digest), &content)? } else { content },
        stored_at: stored_time(time),
    })
}

fn place(digest: &[u8]) -> Place<'_> {
    Place::new("evidence", "content", digest)
}

impl Store {
    /// Stored evidence, by the SHA-256 of its content.
    pub async fn evidence(&self, sha256: &Digest) -> Result<Option<EvidenceRecord>, StoreError> {
        let Some(row) = evidence::Entity::find_by_id(sha256.to_vec()).one(self.reader()).await? else {
            return Ok(None);
        };
        let content = if row.sealed { self.sealer().open(place(&row.digest), &row.content)? } else { row.content };
        Ok(Some(EvidenceRecord {
            kind: EvidenceKind::parse(&row.kind)?,
            digest: digest(row.digest)?,
            content,
            stored_at: row.stored_at,
        }))
    }

    /// Which of these contents are stored, without reading them.
    pub async fn stored_evidence(&self, digests: &[Digest]) -> Result<HashSet<Digest>, StoreError> {
        let found: Vec<Vec<u8>> = evidence::Entity::find()
            .select_only()
            .column(evidence::Column::Digest)
            .filter(evidence::Column::Digest.is_in(digests.iter().map(|digest| digest.to_vec())))
            .into_tuple()
            .all(self.reader())
            .await?;
        found.into_iter().map(digest).collect()
    }

    /// What a report leaned on, by digest.
    pub async fn report_evidence(&self, report: Uuid) -> Result<Vec<(EvidenceKind, Digest)>, StoreError> {
        let rows = report_evidence::Entity::find()
            .filter(report_evidence::Column::ReportId.eq(report))
            .order_by_asc(report_evidence::Column::Digest)
            .all(self.reader())
            .await?;
        rows.into_iter().map(|row| Ok((EvidenceKind::parse(&row.kind)?, digest(row.digest)?))).collect()
    }
}

impl Tx {
    /// Stores evidence that no report names yet (an imported CRL, a policy) and returns its digest. Does nothing when present.
    pub async fn insert_evidence(&mut self, item: EvidenceItem, time: DateTime<Utc>) -> Result<Digest, StoreError> {
        let digest = item.digest;
        if let Some(content) = item.content {
            let row = content_row(item.kind, &digest, content, time, self.sealer())?;
            insert_all(self.db(), evidence::Entity, vec![row], OnPresent::Keep).await?;
        }
        Ok(digest)
    }
}
