//! Judging again what a stored report judged, from its evidence alone: nothing that is in force today has a say in it.
//!
//! The message, its content, the certificates and responses beside it, the policy's text, the trust store's listing with every certificate and list
//! that it names: all by digest, and what is not there, or is not what its digest says, is named instead of judged without.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;

use super::verify::{Presented, validated};
use super::{Caller, Refusal, StoredReport, Unusable, Workflow, list_octets};
use crate::pki::trust::{Listing, TrustEntry};
use crate::pki::{Certificate, CertificateRevocationList, OcspResponse, TrustStore, sha256};
use crate::signature::ValidationPolicy;
use crate::store::{Digest, EvidenceKind, Store};

const MISSING: &str = "EVIDENCE_MISSING";
const ALTERED: &str = "EVIDENCE_ALTERED";
const UNREADABLE: &str = "EVIDENCE_UNREADABLE";

/// A stored report and what the same validation finds today.
#[derive(Debug, Clone)]
pub struct Revalidation {
    /// As it was stored.
    pub stored: StoredReport,
    /// As it comes out of the evidence now.
    pub repeated: StoredReport,
    /// Where the two differ.
    pub differences: Vec<Difference>,
}

impl Revalidation {
    /// Whether both reports are the same, byte for byte.
    pub fn is_identical(&self) -> bool {
        self.stored.canonical_json == self.repeated.canonical_json
    }
}

/// One place where two reports differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// JSON Pointer (RFC 6901).
    pub pointer: String,
    /// The former value; `None`: there was nothing there.
    pub before: Option<Value>,
    /// The present value; `None`: there is nothing there.
    pub after: Option<Value>,
}

impl Workflow {
    /// Repeats the validation behind a stored report that the caller may see.
    ///
    /// # Errors
    /// [`Refusal::EvidenceIncomplete`] names all that is missing; [`Refusal::NotFound`].
    pub async fn revalidate_report(&self, caller: &Caller, id: Uuid) -> Result<Revalidation, Refusal> {
        let stored = self.validation_report(caller, id).await?;
        // Before anything is read: a trust store of old may hold megabytes that are not in memory. One at a time, and not in the places
        // of judging, so that filing goes on.
        let reading = Arc::clone(&self.reading).acquire_owned().await;
        let reading = reading.map_err(|error| Refusal::Internal(format!("reading evidence: {error}")))?;
        let links = self.store.report_evidence(id).await?;
        let place = Arc::new(reading);
        let mut reading =
            Reading { store: &self.store, held: self.trust.current(), unusable: Vec::new(), place: Arc::clone(&place) };
        reading.note_missing(&links).await?;
        let presented = reading.presented(&links).await?;
        let policy = reading.policy(&links).await?;
        let reference = &stored.report.trust_store;
        let trust = reading.trust_store(reference.revision, &reference.digest, &links).await?;
        let (Some(presented), Some(policy), Some(trust)) = (presented, policy, trust) else {
            return Err(Refusal::EvidenceIncomplete(reading.unusable));
        };
        if !reading.unusable.is_empty() {
            return Err(Refusal::EvidenceIncomplete(reading.unusable));
        }
        let time = stored.report.validation_time;
        let validation = validated(self.place().await?, &Arc::new(presented), policy, &Arc::new(trust), time).await?;
        let fault = |error: serde_json::Error| Refusal::Internal(format!("report: {error}"));
        let canonical_json = validation.report.to_json().map_err(fault)?;
        let mut differences = Vec::new();
        let before: Value = serde_json::from_str(&stored.canonical_json).map_err(fault)?;
        let after: Value = serde_json::from_str(&canonical_json).map_err(fault)?;
        compare(String::new(), &before, &after, &mut differences);
        let repeated = StoredReport { id, report: validation.report, canonical_json };
        Ok(Revalidation { stored, repeated, differences })
    }
}

/// The links of a report to its evidence.
type Links = [(EvidenceKind, Digest)];

fn of_kind(links: &Links, kind: EvidenceKind) -> impl Iterator<Item = &Digest> {
    links.iter().filter(move |(each, _)| *each == kind).map(|(_, digest)| digest)
}

/// Evidence on its way out of the store, and all that was wrong with it so far.
struct Reading<'a> {
    store: &'a Store,
    /// The trust store in force: its lists need not be read again.
    held: Arc<TrustStore>,
    unusable: Vec<Unusable>,
    /// Held by whatever works, also when nobody waits for it any more.
    place: Arc<OwnedSemaphorePermit>,
}

impl Reading<'_> {
    fn refuse(&mut self, kind: EvidenceKind, sha256: &Digest, fault: &'static str) {
        let unusable = Unusable { kind: kind.as_str(), sha256: *sha256, fault };
        if !self.unusable.contains(&unusable) {
            self.unusable.push(unusable);
        }
    }

    /// Everything that the report names must be there, also what is judged from elsewhere.
    async fn note_missing(&mut self, links: &Links) -> Result<(), Refusal> {
        let digests: Vec<Digest> = links.iter().map(|(_, digest)| *digest).collect();
        let stored = self.store.stored_evidence(&digests).await?;
        for (kind, digest) in links.iter().filter(|(_, digest)| !stored.contains(digest)) {
            self.refuse(*kind, digest, MISSING);
        }
        Ok(())
    }

    async fn content(&mut self, kind: EvidenceKind, digest: &Digest) -> Result<Option<Vec<u8>>, Refusal> {
        let Some(record) = self.store.evidence(digest).await? else {
            self.refuse(kind, digest, MISSING);
            return Ok(None);
        };
        if sha256(&record.content) != *digest {
            self.refuse(kind, digest, ALTERED);
            return Ok(None);
        }
        Ok(Some(record.content))
    }

    async fn only(&mut self, kind: EvidenceKind, links: &Links) -> Result<Option<Vec<u8>>, Refusal> {
        let mut digests = of_kind(links, kind);
        match (digests.next(), digests.next()) {
            (Some(digest), None) => self.content(kind, digest).await,
            _ => Err(Refusal::Internal(format!("the report does not name one {}", kind.as_str()))),
        }
    }

    async fn certificate(&mut self, kind: EvidenceKind, digest: &Digest) -> Result<Option<Certificate>, Refusal> {
        let Some(der) = self.content(kind, digest).await? else { return Ok(None) };
        Ok(Certificate::from_der(&der).map_err(|_| self.refuse(kind, digest, UNREADABLE)).ok())
    }

    async fn presented(&mut self, links: &Links) -> Result<Option<Presented>, Refusal> {
        let signature = self.only(EvidenceKind::Signature, links).await?;
        let content = match of_kind(links, EvidenceKind::Content).next() {
            Some(digest) => self.content(EvidenceKind::Content, digest).await?,
            None => None,
        };
        let mut certificates = Vec::new();
        for digest in of_kind(links, EvidenceKind::SuppliedCertificate) {
            certificates.extend(self.certificate(EvidenceKind::SuppliedCertificate, digest).await?);
        }
        let mut ocsps = Vec::new();
        for digest in of_kind(links, EvidenceKind::SuppliedOcspResponse) {
            let Some(der) = self.content(EvidenceKind::SuppliedOcspResponse, digest).await? else { continue };
            match OcspResponse::from_der(&der) {
                Ok(response) => ocsps.push(Arc::new(response)),
                Err(_) => self.refuse(EvidenceKind::SuppliedOcspResponse, digest, UNREADABLE),
            }
        }
        Ok(signature.map(|signature| Presented::attached("signature", signature).with(content, certificates, ocsps)))
    }

    async fn policy(&mut self, links: &Links) -> Result<Option<ValidationPolicy>, Refusal> {
        let Some(text) = self.only(EvidenceKind::Policy, links).await? else { return Ok(None) };
        let policy = ValidationPolicy::from_canonical(&String::from_utf8_lossy(&text));
        Ok(policy.map_err(|_| self.refuse(EvidenceKind::Policy, &sha256(&text), UNREADABLE)).ok())
    }

    /// The trust store of that revision, with the digest that the report names or not at all.
    async fn trust_store(&mut self, revision: u64, digest: &str, links: &Links) -> Result<Option<TrustStore>, Refusal> {
        let Some(text) = self.only(EvidenceKind::TrustStore, links).await? else { return Ok(None) };
        let Ok(listing) = String::from_utf8_lossy(&text).parse::<Listing>() else {
            self.refuse(EvidenceKind::TrustStore, &sha256(&text), UNREADABLE);
            return Ok(None);
        };
        let mut entries = Vec::with_capacity(listing.entries.len());
        for listed in &listing.entries {
            let found = self.certificate(EvidenceKind::Certificate, &listed.sha256).await?;
            entries.extend(found.map(|certificate| TrustEntry {
                certificate,
                kind: listed.kind,
                purposes: listed.purposes,
                state: listed.state,
                trusted_from: listed.trusted_from,
                trusted_until: listed.trusted_until,
            }));
        }
        let mut lists = Vec::with_capacity(listing.lists.len());
        for (sha256, purposes) in &listing.lists {
            lists.extend(self.list(sha256, &entries).await?.map(|list| (list, *purposes)));
        }
        if entries.len() < listing.entries.len() || lists.len() < listing.lists.len() {
            return Ok(None);
        }
        let trust = TrustStore::new(revision, entries, lists);
        if hex::encode(trust.digest()) != digest {
            self.refuse(EvidenceKind::TrustStore, trust.digest(), ALTERED);
            return Ok(None);
        }
        Ok(Some(trust))
    }

    async fn list(
        &mut self,
        digest: &Digest,
        entries: &[TrustEntry],
    ) -> Result<Option<Arc<CertificateRevocationList>>, Refusal> {
        const KIND: EvidenceKind = EvidenceKind::CertificateRevocationList;
        if let Some((list, _)) = self.held.crls().iter().find(|(list, _)| list.sha256() == digest) {
            return Ok(Some(Arc::clone(list)));
        }
        let Some(der) = self.content(KIND, digest).await? else { return Ok(None) };
        let authorities: Vec<Certificate> = entries.iter().map(|entry| entry.certificate.clone()).collect();
        // Megabytes, perhaps: not on a thread that serves calls.
        let place = Arc::clone(&self.place);
        let parsed = tokio::task::spawn_blocking(move || {
            let _place = place;
            CertificateRevocationList::from_der(der).map(|list| list_octets::settle(list, &authorities))
        });
        let parsed = parsed.await.map_err(|error| Refusal::Internal(error.to_string()))?;
        Ok(parsed.map(Arc::new).map_err(|_| self.refuse(KIND, digest, UNREADABLE)).ok())
    }
}

/// Notes each smallest place where the values differ.
fn compare(pointer: String, before: &Value, after: &Value, differences: &mut Vec<Difference>) {
    let mut one = |step: &str, before: Option<&Value>, after: Option<&Value>| {
        let pointer = format!("{pointer}/{}", step.replace('~', "~0").replace('/', "~1"));
        match (before, after) {
            (Some(before), Some(after)) => compare(pointer, before, after, differences),
            _ => differences.push(Difference { pointer, before: before.cloned(), after: after.cloned() }),
        }
    };
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            before.iter().for_each(|(name, value)| one(name, Some(value), after.get(name)));
            let new = after.iter().filter(|(name, _)| !before.contains_key(*name));
            new.for_each(|(name, value)| one(name, None, Some(value)));
        }
        (Value::Array(before), Value::Array(after)) => {
            for index in 0..before.len().max(after.len()) {
                one(&index.to_string(), before.get(index), after.get(index));
            }
        }
        (before, after) if before != after => {
            differences.push(Difference { pointer, before: Some(before.clone()), after: Some(after.clone()) });
        }
        _ => {}
    }
}
