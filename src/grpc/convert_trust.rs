//! The trust store between the wire and the domain.

use super::convert::etag;
use super::convert_time::timestamp;
use super::failure::Failure;
use super::names;
use super::proto;
use crate::pki::trust::{EntryKind, EntryState, Purpose};
use crate::registration::{FieldViolation, ViolationCode};
use crate::workflow::{CrlView, ResourceKind, TrustEntryView, TrustStoreView};

/// An entry.
pub fn trust_anchor(view: TrustEntryView) -> proto::TrustAnchor {
    let entry = view.entry;
    let certificate = &entry.certificate;
    proto::TrustAnchor {
        name: names::format(ResourceKind::TrustAnchor, hex::encode(certificate.sha256())),
        kind: wire_kind(entry.kind).into(),
        purposes: entry.purposes.iter().map(|purpose| wire_purpose(purpose).into()).collect(),
        state: wire_state(entry.state).into(),
        subject: certificate.subject_display(),
        issuer: certificate.issuer_display(),
        serial_number: certificate.serial_hex(),
        not_before_time: Some(timestamp(certificate.not_before())),
        not_after_time: Some(timestamp(certificate.not_after())),
        trusted_from_time: entry.trusted_from.map(timestamp),
        trusted_until_time: entry.trusted_until.map(timestamp),
        certificate: certificate.der().to_vec(),
        etag: etag(view.version),
        update_time: Some(timestamp(view.update_time)),
    }
}

/// A revocation list.
pub fn revocation_list(view: CrlView) -> proto::CertificateRevocationList {
    let list = view.list;
    proto::CertificateRevocationList {
        issuer: list.issuer_display(),
        number: list.number().map(hex::encode).unwrap_or_default(),
        this_update_time: Some(timestamp(list.this_update())),
        next_update_time: list.next_update().map(timestamp),
        entry_count: u64::try_from(list.entry_count()).unwrap_or(u64::MAX),
        sha256: hex::encode(list.sha256()),
        purposes: view.purposes.into_iter().map(|purpose| wire_purpose(purpose).into()).collect(),
        state: if view.stale { "STALE" } else { "IN_USE" }.to_owned(),
    }
}

/// The whole store.
pub fn trust_store(view: TrustStoreView) -> proto::GetTrustStoreResponse {
    proto::GetTrustStoreResponse {
        revision: view.revision,
        digest: hex::encode(view.digest),
        trust_anchors: view.entries.into_iter().map(trust_anchor).collect(),
        certificate_revocation_lists: view.crls.into_iter().map(revocation_list).collect(),
    }
}

/// The kind asked for.
pub fn kind(kind: proto::TrustEntryKind) -> Result<EntryKind, Failure> {
    match kind {
        proto::TrustEntryKind::Anchor => Ok(EntryKind::Anchor),
        proto::TrustEntryKind::Intermediate => Ok(EntryKind::Intermediate),
        proto::TrustEntryKind::Unspecified => Err(Failure::field(FieldViolation::new(
            "kind",
            ViolationCode::MissingField,
            "has to be anchor or intermediate",
        ))),
    }
}

/// The purposes asked for, at least one.
pub fn purposes(purposes: impl Iterator<Item = proto::TrustPurpose>) -> Result<Vec<Purpose>, Failure> {
    let wrong = |code, description| Failure::field(FieldViolation::new("purposes", code, description));
    let purposes: Vec<_> = purposes
        .map(|purpose| match purpose {
            proto::TrustPurpose::Applicants => Ok(Purpose::Applicants),
            proto::TrustPurpose::Officers => Ok(Purpose::Officers),
            proto::TrustPurpose::Callers => Ok(Purpose::Callers),
            proto::TrustPurpose::TimeStamps => Ok(Purpose::TimeStamps),
            proto::TrustPurpose::Unspecified => {
                Err(wrong(ViolationCode::UnknownValue, "names a purpose that there is not"))
            }
        })
        .collect::<Result<_, _>>()?;
    if purposes.is_empty() {
        return Err(wrong(ViolationCode::MissingField, "has to name at least one purpose"));
    }
    Ok(purposes)
}

fn wire_kind(kind: EntryKind) -> proto::TrustEntryKind {
    match kind {
        EntryKind::Anchor => proto::TrustEntryKind::Anchor,
        EntryKind::Intermediate => proto::TrustEntryKind::Intermediate,
    }
}

fn wire_state(state: EntryState) -> proto::TrustEntryState {
    match state {
        EntryState::Prepared => proto::TrustEntryState::Prepared,
        EntryState::Active => proto::TrustEntryState::Active,
        EntryState::Retired => proto::TrustEntryState::Retired,
        EntryState::Distrusted => proto::TrustEntryState::Distrusted,
    }
}

fn wire_purpose(purpose: Purpose) -> proto::TrustPurpose {
    match purpose {
        Purpose::Applicants => proto::TrustPurpose::Applicants,
        Purpose::Officers => proto::TrustPurpose::Officers,
        Purpose::Callers => proto::TrustPurpose::Callers,
        Purpose::TimeStamps => proto::TrustPurpose::TimeStamps,
    }
}
