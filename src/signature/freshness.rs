//! Revocation and its freshness (EN 319 102-1 §5.2.5, §5.2.6.4): what is at hand about a path, and whether it suffices.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, Utc};

use super::conclusion::IndeterminateReason;
use super::judgement::Judgement;
use super::policy::{Levels, RevocationMode, level};
use super::report::{RevocationStatusName, RevocationSummary, digest_text};
use super::status::{self, Source, Status, StatusRequest, Usage};
use crate::pki::crl::RevokedEntry;
use crate::pki::ocsp::Standing;
use crate::pki::path::PathBudget;

/// Looks up every certificate of the path; empty when the policy does not look at revocation.
pub(super) fn examine(
    request: &StatusRequest<'_>,
    mode: RevocationMode,
    budget: &mut PathBudget,
    usage: &mut Usage,
) -> Vec<Status> {
    match mode {
        RevocationMode::None => Vec::new(),
        RevocationMode::IfPresent | RevocationMode::RequireEndEntity | RevocationMode::RequireAll => {
            status::examine(request, budget, usage)
        }
    }
}

/// Judges the statuses of a path at the time for which they were looked up, end entity first.
pub(super) fn judge(
    statuses: &[Status],
    mode: RevocationMode,
    levels: &Levels,
    time: DateTime<Utc>,
    judgement: &mut Judgement,
) {
    if mode == RevocationMode::None {
        return judgement.skips("freshness.revocation", "not demanded by the policy");
    }
    for (index, status) in statuses.iter().enumerate() {
        let id: Cow<'static, str> =
            if index == 0 { level::END_ENTITY.into() } else { format!("{}-{index}", level::AUTHORITY).into() };
        match status {
            Status::Known { standing: Standing::Good { revoked_later: Some(entry) }, .. }
                if entry.invalidity_date.is_some_and(|bad| bad <= time) =>
            {
                // Revoked later, for a key that by then was known to have been bad all along (RFC 5280 §5.3.2).
                judgement.fails(
                    id,
                    format!("revoked at {} with an earlier invalidity", entry.revocation_date),
                    revoked(index),
                );
            }
            Status::Known { standing: Standing::Good { revoked_later: Some(entry) }, source } => {
                let detail = format!("revoked only at {} ({})", entry.revocation_date, ToldBy(source));
                judgement.holds(id, detail);
            }
            Status::Known { standing: Standing::Good { revoked_later: None }, source } => {
                judgement.holds(id, format!("not revoked by the {}", ToldBy(source)));
            }
            Status::Known { standing: Standing::Revoked(entry), .. } => {
                judgement.fails(id, format!("revoked at {} ({})", entry.revocation_date, entry.reason), revoked(index));
            }
            // A hold may be lifted, but the national authority also puts keys on hold that it will never release: to wait is no
            // advice. The detail says that it is a hold.
            Status::Known { standing: Standing::Hold(entry), .. } => {
                judgement.fails(id, format!("on hold since {}", entry.revocation_date), revoked(index));
            }
            Status::Unknown { .. } if is_required(mode, index) => {
                let level = levels.level(if index == 0 { level::END_ENTITY } else { level::AUTHORITY });
                judgement.violates(level, id, unknown(status), IndeterminateReason::TryLater);
            }
            Status::Unknown { .. } => judgement.skips(id, unknown(status)),
        }
    }
}

/// A source in words.
struct ToldBy<'a>(&'a Source);

impl fmt::Display for ToldBy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Source::List { .. } => "list of ",
            Source::Response { .. } => "OCSP response of ",
        })?;
        self.0.this_update().fmt(f)
    }
}

/// Why a status is not known.
fn unknown(status: &Status) -> String {
    match status {
        Status::Known { .. } => String::new(),
        Status::Unknown { lists, responses: None } => lists.to_string(),
        Status::Unknown { lists, responses: Some(reason) } => format!("{lists}; OCSP: {reason}"),
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
pub(super) fn summary(status: Option<&Status>) -> RevocationSummary {
    let silent = |status| RevocationSummary {
        status,
        source: None,
        source_kind: None,
        responder: None,
        this_update: None,
        next_update: None,
        reason: None,
        date: None,
    };
    let told = |status, source: &Source, entry: Option<&RevokedEntry>| RevocationSummary {
        source: Some(digest_text(source.sha256())),
        source_kind: Some(source.kind()),
        responder: source.responder().map(crate::pki::Certificate::subject_display),
        this_update: Some(source.this_update()),
        next_update: source.next_update(),
        reason: entry.map(|entry| entry.reason.to_string()),
        date: entry.map(|entry| entry.revocation_date),
        ..silent(status)
    };
    match status {
        Some(Status::Known { standing: Standing::Good { revoked_later }, source }) => {
            told(RevocationStatusName::Good, source, revoked_later.as_ref())
        }
        Some(Status::Known { standing: Standing::Revoked(entry) | Standing::Hold(entry), source }) => {
            told(RevocationStatusName::Revoked, source, Some(entry))
        }
        Some(Status::Unknown { .. }) => silent(RevocationStatusName::Unknown),
        None => silent(RevocationStatusName::NotChecked),
    }
}
