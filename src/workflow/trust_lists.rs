//! Taking in revocation lists: what is believed, what takes the place of what, and what is refused before it can do harm.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};
use rustls::server::WebPkiClientVerifier;

use super::trust_change::{Act, Subject, journal};
use super::{CrlView, Refusal, TrustKeeper, TrustReason, list_octets};
use crate::pki::der::{Reader, Tag};
use crate::pki::trust::{Purpose, PurposeSet, TrustEntry};
use crate::pki::{CertificateRevocationList, TrustStore, pem, sha256};
use crate::registration::{FieldViolation, ViolationCode};
use crate::store::{Store, TrustCrlRecord};

impl TrustKeeper {
    pub(super) async fn import_crl(
        &self,
        store: &Store,
        bytes: Vec<u8>,
        act: &Act<'_>,
    ) -> Result<(CrlView, u64), Refusal> {
        let current = self.current();
        let now = act.now;
        // Parsing and one signature check over megabytes: not on a thread that serves calls.
        let checked = tokio::task::spawn_blocking(move || check_list(&current, bytes, now));
        let (list, purposes) = checked.await.map_err(|error| Refusal::Internal(error.to_string()))??;

        let _changing = self.changing.lock().await;
        let current = self.current();
        let held: Vec<&Arc<CertificateRevocationList>> =
            current.crls().iter().map(|(held, _)| held).filter(|held| list.is_of_series(held)).collect();
        if held.iter().any(|held| held.sha256() == list.sha256()) {
            return Ok((crl_view(&list, purposes, now), current.revision()));
        }
        if held.iter().any(|held| list.compare_age(held).is_lt()) {
            return Err(Refusal::TrustChange {
                reason: TrustReason::CrlOlder,
                explanation: "a newer list of this issuer is held: an older one never replaces it".into(),
            });
        }
        let record = TrustCrlRecord {
            sha256: *list.sha256(),
            issuer: hex::encode(sha256(list.issuer_raw())),
            number: list.number().map(hex::encode),
            this_update: list.this_update(),
            next_update: list.next_update(),
            purposes: purposes.iter().map(|purpose| purpose.to_string()).collect(),
            imported_at: now,
        };
        let octets = list.der().map_err(|error| Refusal::Internal(error.to_string()))?.into_owned();
        let mut tx = store.begin().await?;
        tx.insert_trust_crl(&record, octets).await?;
        for old in held {
            tx.remove_trust_crl(old.sha256()).await?;
        }
        journal(&mut tx, "IMPORT_CRL", Subject::List(&record), act).await?;
        tx.commit().await?;
        self.reload_holding(&[(Arc::clone(&list), purposes)]).await?;
        Ok((crl_view(&list, purposes, now), self.current().revision()))
    }
}

/// A list is believed only under the key of an authority that the store has.
fn check_list(
    store: &TrustStore,
    bytes: Vec<u8>,
    now: DateTime<Utc>,
) -> Result<(Arc<CertificateRevocationList>, PurposeSet), Refusal> {
    let refuse = |reason, explanation: &str| Refusal::TrustChange { reason, explanation: explanation.to_owned() };
    let der =
        pem::single(bytes, pem::CERTIFICATE_REVOCATION_LIST).map_err(|_| malformed("it is neither DER nor PEM"))?;
    let list = CertificateRevocationList::from_der(der).map_err(|error| malformed(&error.to_string()))?;
    let issuers: Vec<&TrustEntry> =
        store.entries().iter().filter(|entry| list.is_issued_by_name_of(&entry.certificate)).collect();
    if issuers.is_empty() {
        return Err(refuse(
            TrustReason::CrlIssuerUnknown,
            "the trust store has no authority of that name: import its certificate first",
        ));
    }
    let Some(issuer) = issuers.iter().find(|issuer| list.verify(&issuer.certificate).is_ok()) else {
        return Err(refuse(TrustReason::CrlSignatureInvalid, "the list is not signed by the authority that it names"));
    };
    if list.next_update().is_some_and(|next| next < now) {
        return Err(refuse(TrustReason::CrlStale, "its nextUpdate has passed: fetch the present one"));
    }
    if list.this_update() > now + chrono::TimeDelta::minutes(5) {
        return Err(refuse(TrustReason::CrlNotYetValid, "its thisUpdate lies ahead: check the clocks"));
    }
    if let Some(unusable) = list.unusable() {
        return Err(refuse(TrustReason::CrlUnusable, &unusable.to_string()));
    }
    if list.next_update().is_none() {
        return Err(refuse(
            TrustReason::CrlUnusable,
            "it has no nextUpdate, so that nobody could tell when it is stale (RFC 5280 §5.1.2.5)",
        ));
    }
    if list.is_delta() && !store.crls().iter().any(|(held, _)| list.is_delta_to(held)) {
        return Err(refuse(TrustReason::CrlUnusable, "it is a delta and the list that it starts from is not held"));
    }
    let octets = list.der().map_err(|error| Refusal::Internal(error.to_string()))?;
    if is_of_version_1(&octets) {
        return Err(refuse(
            TrustReason::CrlUnusable,
            "it is a list of version 1: version 2 is required (RFC 5280 §5.1.2.1)",
        ));
    }
    // TLS reads plain lists only; for callers, others would count as no list at all.
    let purposes: PurposeSet =
        issuer.purposes.iter().filter(|purpose| list.is_plain() || *purpose != Purpose::Callers).collect();
    if purposes.is_empty() {
        return Err(refuse(
            TrustReason::CrlUnusable,
            "callers' certificates are checked by complete lists of one issuer only",
        ));
    }
    if purposes.contains(Purpose::Callers)
        && let Err(explanation) = readable_at_handshakes(issuer.certificate.der(), Some(&octets))
    {
        return Err(refuse(TrustReason::CrlUnusable, &format!("callers could not be verified by it: {explanation}")));
    }
    drop(octets);
    let authorities = issuers.iter().map(|entry| &entry.certificate);
    Ok((Arc::new(list_octets::settle(list, authorities)), purposes))
}

fn malformed(explanation: &str) -> Refusal {
    Refusal::Fields(vec![FieldViolation::new("chunk", ViolationCode::BadFormat, explanation.to_owned())])
}

/// Whether the list leaves its version out, which means version 1.
fn is_of_version_1(der: &[u8]) -> bool {
    let first = Reader::new(der).sequence().and_then(|mut list| list.sequence()).map(|tbs| tbs.peek());
    first.is_ok_and(|first| first != Some(Tag::INTEGER))
}

/// Callers are verified at TLS handshakes, by a reader of certificates and lists of its own. What that one cannot read must never come
/// into force for callers: nobody could get in any more to mend it.
pub(super) fn readable_at_handshakes(authority: &[u8], list: Option<&[u8]>) -> Result<(), String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(authority.to_vec())).map_err(|error| error.to_string())?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let lists = list.map(|der| CertificateRevocationListDer::from(der.to_vec()));
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).with_crls(lists);
    verifier.build().map(drop).map_err(|error| error.to_string())
}

pub(super) fn crl_view(list: &Arc<CertificateRevocationList>, purposes: PurposeSet, now: DateTime<Utc>) -> CrlView {
    CrlView {
        list: Arc::clone(list),
        purposes: purposes.iter().collect(),
        stale: list.next_update().is_some_and(|next| next < now),
    }
}
