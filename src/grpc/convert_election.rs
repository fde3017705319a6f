//! Elections in the form of the wire.

use super::convert::{etag, text};
use super::convert_time::timestamp;
use super::names;
use super::proto;
use crate::workflow::{ElectionView, ResourceKind};

/// An election.
pub fn election(view: ElectionView) -> proto::Election {
    proto::Election {
        name: names::format(ResourceKind::Election, view.id),
        title: Some(text(&view.title)),
        mission: view.mission,
        voting_day: view.voting_day.to_string(),
        check_until: view.check_until.to_string(),
        announced_by: view.announced_by,
        announce_time: Some(timestamp(view.announce_time)),
        told_time: view.told_time.map(timestamp),
        etag: etag(view.version),
    }
}
