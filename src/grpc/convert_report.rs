//! The detailed form of a validation report: building block by building block.

use chrono::TimeDelta;

use super::convert_time::timestamp;
use super::proto;
use crate::signature::{
    self, CertificateSummary, Constraint, ConstraintStatus, Level, PathEntry, RevocationSource, RevocationStatusName,
    SignerReport, TimeStampReport, ValidationReport,
};

/// Everything that the report says, in messages.
pub(super) fn detailed(report: &ValidationReport) -> proto::DetailedReport {
    proto::DetailedReport {
        signature_sha256: report.signature_digest.clone(),
        content_sha256: report.content_digest.clone().unwrap_or_default(),
        signers: report.signers.iter().map(signer).collect(),
    }
}

fn signer(signer: &SignerReport) -> proto::DetailedSigner {
    proto::DetailedSigner {
        indication: signer.conclusion.indication().to_owned(),
        sub_indication: signer.conclusion.sub_indication().unwrap_or_default().to_owned(),
        certificate: signer.certificate.as_ref().map(certificate),
        signature_algorithm: signer.signature_algorithm.clone(),
        digest_algorithm: signer.digest_algorithm.clone(),
        claimed_signing_time: signer.claimed_signing_time.map(timestamp),
        proved_time: signer.proved_time.map(timestamp),
        building_blocks: building_blocks(&signer.constraints),
        path: signer.path.iter().map(path_entry).collect(),
        trust_anchor_sha256: signer.trust_anchor.clone().unwrap_or_default(),
        time_stamps: signer.time_stamps.iter().map(time_stamp).collect(),
        counter_signatures: signer.counter_signatures.iter().map(self::signer).collect(),
    }
}

fn certificate(summary: &CertificateSummary) -> proto::CertificateSummary {
    proto::CertificateSummary {
        subject: summary.subject.clone(),
        issuer: summary.issuer.clone(),
        serial: summary.serial.clone(),
        sha256: summary.sha256.clone(),
        not_before_time: Some(timestamp(summary.not_before)),
        not_after_time: Some(timestamp(summary.not_after)),
    }
}

fn building_blocks(constraints: &[Constraint]) -> Vec<proto::BuildingBlock> {
    let of = |block: signature::BuildingBlock<'_>| proto::BuildingBlock {
        name: block.name.to_owned(),
        status: status(block.status()).into(),
        constraints: block.constraints.iter().map(|each| constraint(each)).collect(),
    };
    signature::BuildingBlock::of(constraints).into_iter().map(of).collect()
}

fn constraint(constraint: &Constraint) -> proto::ConstraintResult {
    proto::ConstraintResult {
        id: constraint.id.to_string(),
        status: status(constraint.status).into(),
        level: level(constraint.level).into(),
        detail: constraint.detail.to_string(),
    }
}

fn status(status: ConstraintStatus) -> proto::ConstraintStatus {
    match status {
        ConstraintStatus::Passed => proto::ConstraintStatus::Passed,
        ConstraintStatus::Failed => proto::ConstraintStatus::Failed,
        ConstraintStatus::Warning => proto::ConstraintStatus::Warning,
        ConstraintStatus::Information => proto::ConstraintStatus::Information,
        ConstraintStatus::NotChecked => proto::ConstraintStatus::NotChecked,
    }
}

fn level(level: Level) -> proto::ConstraintLevel {
    match level {
        Level::Fail => proto::ConstraintLevel::Fail,
        Level::Warn => proto::ConstraintLevel::Warn,
        Level::Inform => proto::ConstraintLevel::Inform,
        Level::Ignore => proto::ConstraintLevel::Ignore,
    }
}

fn path_entry(entry: &PathEntry) -> proto::PathCertificate {
    let revocation = &entry.revocation;
    let status = match revocation.status {
        RevocationStatusName::Good => proto::RevocationStatus::Good,
        RevocationStatusName::Revoked => proto::RevocationStatus::Revoked,
        RevocationStatusName::Unknown => proto::RevocationStatus::Unknown,
        RevocationStatusName::NotChecked => proto::RevocationStatus::NotChecked,
    };
    let source = match revocation.source_kind {
        Some(RevocationSource::Crl) => proto::RevocationSource::Crl,
        Some(RevocationSource::Ocsp) => proto::RevocationSource::Ocsp,
        None => proto::RevocationSource::Unspecified,
    };
    proto::PathCertificate {
        subject: entry.subject.clone(),
        sha256: entry.sha256.clone(),
        revocation: Some(proto::RevocationResult {
            status: status.into(),
            source: source.into(),
            source_sha256: revocation.source.clone().unwrap_or_default(),
            responder: revocation.responder.clone().unwrap_or_default(),
            this_update_time: revocation.this_update.map(timestamp),
            next_update_time: revocation.next_update.map(timestamp),
            revocation_reason: revocation.reason.clone().unwrap_or_default(),
            revocation_time: revocation.date.map(timestamp),
        }),
    }
}

fn time_stamp(stamp: &TimeStampReport) -> proto::TimeStampResult {
    proto::TimeStampResult {
        indication: stamp.conclusion.indication().to_owned(),
        sub_indication: stamp.conclusion.sub_indication().unwrap_or_default().to_owned(),
        trusted: stamp.trusted,
        reason: stamp.reason.clone().unwrap_or_default(),
        time: stamp.time.map(timestamp),
        accuracy: stamp.accuracy_microseconds.map(duration),
        policy: stamp.policy.clone().unwrap_or_default(),
        serial: stamp.serial.clone().unwrap_or_default(),
        authority: stamp.authority.as_ref().map(certificate),
        building_blocks: building_blocks(&stamp.constraints),
        path: stamp.path.iter().map(path_entry).collect(),
        trust_anchor_sha256: stamp.trust_anchor.clone().unwrap_or_default(),
    }
}

fn duration(microseconds: i64) -> prost_types::Duration {
    let duration = TimeDelta::microseconds(microseconds);
    prost_types::Duration { seconds: duration.num_seconds(), nanos: duration.subsec_nanos() }
}
