//! Revocation and its freshness (EN 319 102-1 §5.2.5, §5.2.6.4): what the lists at hand say about a path, and whether it suffices.

use chrono::{DateTime, Utc};
use std::borrow::Cow;

use super::conclusion::IndeterminateReason;
use super::judgement::Judgement;
use super::policy::RevocationMode;
use super::report::{RevocationStatusName, RevocationSummary, digest_text};
use crate::pki::crl::{CertificateRevocationList, RevokedEntry};
use crate::pki::path::PathBudget;
use crate::pki::revocation::{self, RevocationRequest, RevocationStatus};

/// Looks up every certificate of the path; empty when the policy does not look at revocation.
pub(super) fn examine(
    request: &RevocationRequest<'_>,
    mode: RevocationMode,
    budget: &mut PathBudget,
) -> Vec<RevocationStatus> {
    match mode {
        RevocationMode::None => Vec::new(),
        RevocationMode::IfPresent | RevocationMode::RequireEndEntity | RevocationMode::RequireAll => {
            revocation::check(request, budget)
        }
    }
}

/// Judges the statuses of a path, end entity first.
pub(super) fn judge(
    statuses: &[RevocationStatus],
    mode: RevocationMode,
    time: DateTime<Utc>,
    judgement: &mut Judgement,
) {
    if mode == RevocationMode::None {
        return judgement.skips("freshness.revocation", "not demanded by the policy");
    }
    for (index, status) in statuses.iter().enumerate() {
        let id: Cow<'static, str> =
            if index == 0 { "freshness.end-entity".into() } else { format!("freshness.authority-{index}").into() };
        match status {
            // Revoked later, for a key that by then was known to have been bad all along (RFC 5280 §5.3.2).
            RevocationStatus::Good { revoked_later: Some(entry), .. }
                if entry.invalidity_date.is_some_and(|bad| bad <= time) =>
            {
                judgement.fails(
                    id,
                    format!("revoked at {} with an earlier invalidity", entry.revocation_date),
                    revoked(index),
                );
            }
            RevocationStatus::Good { list, .. } => {
                judgement.holds(id, format!("not revoked by the list of {}", list.this_update()));
            }
            RevocationStatus::Revoked { entry, .. } => {
                judgement.fails(id, format!("revoked at {} ({})", entry.revocation_date, entry.reason), revoked(index));
            }
            // A hold may be lifted, but the national authority also puts keys on hold that it will never release: to wait is no
            // advice. The detail says that it is a hold.
            RevocationStatus::Hold { entry, .. } => {
                judgement.fails(id, format!("on hold since {}", entry.revocation_date), revoked(index));
            }
            RevocationStatus::Unknown(reason) if is_required(mode, index) => {
                judgement.fails(id, reason.to_string(), IndeterminateReason::TryLater);
            }
            RevocationStatus::Unknown(reason) => judgement.skips(id, reason.to_string()),
        }
    }
}

const fn revoked(index: usize) -> IndeterminateReason {
    if index == 0 { IndeterminateReason::RevokedNoPoe } else { IndeterminateReason::RevokedCaNoPoe }
}

fn is_required(mode: RevocationMode, index: usize) -> bool {
    match mode {
        RevocationMode::None | RevocationMode::IfPresent => false,
        RevocationMode::RequireEndEntity => index == 0,
        RevocationMode::RequireAll => true,
    }
}

/// The status of one certificate for the report; `None`: it was not looked up.
pub(super) fn summary(status: Option<&RevocationStatus>) -> RevocationSummary {
    let told = |status, list: &CertificateRevocationList, entry: Option<&RevokedEntry>| RevocationSummary {
        status,
        source: Some(digest_text(list.sha256())),
        this_update: Some(list.this_update()),
        next_update: list.next_update(),
        reason: entry.map(|entry| entry.reason.to_string()),
        date: entry.map(|entry| entry.revocation_date),
    };
    let silent = |status| RevocationSummary {
        status,
        source: None,
        this_update: None,
        next_update: None,
        reason: None,
        date: None,
    };
    match status {
        Some(RevocationStatus::Good { list, revoked_later, .. }) => {
            told(RevocationStatusName::Good, list, revoked_later.as_ref())
        }
        Some(RevocationStatus::Revoked { entry, list, .. } | RevocationStatus::Hold { entry, list, .. }) => {
            told(RevocationStatusName::Revoked, list, Some(entry))
        }
        Some(RevocationStatus::Unknown(_)) => silent(RevocationStatusName::Unknown),
        None => silent(RevocationStatusName::NotChecked),
    }
}
