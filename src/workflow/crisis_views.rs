//! Crises, their rolls and replies as callers see them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::decide::corrupt;
use super::{Caller, Refusal, Scope};
use crate::registration::Text;
use crate::registration::crisis::{CrisisPersonKind, CrisisStatus, Particulars, ReplySource};
use crate::store::{CrisisCount, CrisisPersonRecord, CrisisRecord, CrisisReplyRecord};

/// A crisis as its caller sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrisisView {
    /// Identifier.
    pub id: Uuid,
    /// What has happened.
    pub title: Text,
    /// Country.
    pub country: String,
    /// Parts of the country; none means all of it.
    pub subdivisions: Vec<String>,
    /// Codes of the missions concerned.
    pub missions: Vec<String>,
    /// SHA-256 of the certificate of the officer who opened it, hexadecimal.
    pub opened_by: String,
    /// When.
    pub open_time: DateTime<Utc>,
    /// When the register was last gone through for the roll.
    pub roll_time: Option<DateTime<Utc>>,
    /// How many messages were sent to all.
    pub broadcast_count: u32,
    /// How those fare whom the caller may see.
    pub counts: CrisisCounts,
    /// When it was closed.
    pub close_time: Option<DateTime<Utc>>,
    /// SHA-256 of the certificate of the officer who closed it, hexadecimal.
    pub closed_by: Option<String>,
    /// Version, from 1.
    pub version: i64,
}

/// How many on a roll have answered what, and why they are on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CrisisCounts {
    /// All.
    pub total: u32,
    /// Nothing is known of them yet.
    pub unanswered: u32,
    /// Safe.
    pub safe: u32,
    /// In need of help.
    pub need_help: u32,
    /// On the roll by an open registration.
    pub registered: u32,
    /// On the roll by the card of a citizen they live with.
    pub family_members: u32,
    /// Not registered.
    pub walk_ins: u32,
}

/// A person on a roll as a caller sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrisisPersonView {
    /// Identifier.
    pub id: Uuid,
    /// The crisis.
    pub crisis: Uuid,
    /// Why the person is on the roll.
    pub kind: CrisisPersonKind,
    /// Code of the mission that looks after the person.
    pub mission: String,
    /// The registration; of a family member, the citizen's.
    pub registration: Option<Uuid>,
    /// For a family member: the citizen's entry.
    pub head: Option<Uuid>,
    /// Who it is.
    pub particulars: Particulars,
    /// By the latest reply.
    pub status: CrisisStatus,
    /// When that was recorded.
    pub reply_time: Option<DateTime<Utc>>,
    /// Every reply, oldest first.
    pub replies: Vec<CrisisReplyView>,
    /// Version, from 1.
    pub version: i64,
}

/// A reply as a caller sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrisisReplyView {
    /// What was replied.
    pub status: CrisisStatus,
    /// When it was recorded.
    pub time: DateTime<Utc>,
    /// How it came in.
    pub source: ReplySource,
    /// The calling system, or the SHA-256 of the officer's certificate.
    pub actor: String,
    /// The report on the signature of an officer's act.
    pub report: Option<Uuid>,
    /// What was said beside it.
    pub note: Option<String>,
}

/// One step of a watched crisis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrisisChange {
    /// The crisis as it is now.
    pub crisis: CrisisView,
    /// Name of the latest event; absent for the state found at the start.
    pub event: Option<String>,
    /// When it happened.
    pub time: DateTime<Utc>,
    /// How many events this step tells of.
    pub events: u32,
    /// Go on after this step.
    pub resume_token: String,
}

/// Which persons of a roll a caller wants; what is absent is not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrisisRollQuery {
    /// States; none means all.
    pub statuses: Vec<CrisisStatus>,
    /// Code of the mission.
    pub mission: Option<String>,
}

/// A citizen's own reply, handed on by the system in which the citizen is logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CitizenReply {
    /// The crisis.
    pub crisis: Uuid,
    /// The citizen's registration.
    pub registration: Uuid,
    /// Safe or in need of help.
    pub status: CrisisStatus,
    /// Whether it holds for the family members on the card too.
    pub includes_family: bool,
    /// What the citizen says beside it.
    pub note: Option<String>,
}

impl Caller {
    /// The mission that alone this caller may look into; none for who may look into all.
    pub(super) fn own_mission(&self) -> Option<&str> {
        match &self.scope {
            Scope::Mission(mission) => Some(mission),
            // No mission has this code: who sees only what it filed sees nothing here.
            Scope::Own => Some(""),
            Scope::All => None,
        }
    }
}

impl CrisisView {
    pub(super) fn of(record: CrisisRecord, counts: &[CrisisCount]) -> Result<Self, Refusal> {
        Ok(Self {
            id: record.id,
            title: serde_json::from_str(&record.title).map_err(|_| corrupt("title"))?,
            country: record.country,
            subdivisions: record.subdivisions,
            missions: record.missions,
            opened_by: record.opened_by,
            open_time: record.opened_at,
            roll_time: record.roll_at,
            broadcast_count: u32::try_from(record.broadcasts).map_err(|_| corrupt("crisis"))?,
            counts: CrisisCounts::of(counts)?,
            close_time: record.closed_at,
            closed_by: record.closed_by,
            version: record.version,
        })
    }
}

impl CrisisCounts {
    /// Counts these persons as well.
    pub(super) fn add_persons(&mut self, persons: &[CrisisPersonView]) {
        for person in persons {
            self.add(person.status, person.kind, 1);
        }
    }

    fn add(&mut self, status: CrisisStatus, kind: CrisisPersonKind, count: u32) {
        self.total += count;
        *match status {
            CrisisStatus::Unanswered => &mut self.unanswered,
            CrisisStatus::Safe => &mut self.safe,
            CrisisStatus::NeedHelp => &mut self.need_help,
        } += count;
        *match kind {
            CrisisPersonKind::Registered => &mut self.registered,
            CrisisPersonKind::FamilyMember => &mut self.family_members,
            CrisisPersonKind::WalkIn => &mut self.walk_ins,
        } += count;
    }

    fn of(counts: &[CrisisCount]) -> Result<Self, Refusal> {
        let mut sums = Self::default();
        for row in counts {
            let count = u32::try_from(row.count).map_err(|_| corrupt("count"))?;
            let status = CrisisStatus::from_name(&row.status).ok_or_else(|| corrupt("status"))?;
            let kind = CrisisPersonKind::from_name(&row.kind).ok_or_else(|| corrupt("kind"))?;
            sums.add(status, kind, count);
        }
        Ok(sums)
    }
}

impl CrisisPersonView {
    /// The persons with what was replied about each.
    pub(super) fn all(
        records: Vec<CrisisPersonRecord>,
        mut replies: HashMap<Uuid, Vec<CrisisReplyRecord>>,
    ) -> Result<Vec<Self>, Refusal> {
        let with_replies = records.into_iter().map(|record| {
            let own = replies.remove(&record.id).unwrap_or_default();
            Self::of(record, own)
        });
        with_replies.collect()
    }

    pub(super) fn of(record: CrisisPersonRecord, replies: Vec<CrisisReplyRecord>) -> Result<Self, Refusal> {
        Ok(Self {
            id: record.id,
            crisis: record.crisis,
            kind: CrisisPersonKind::from_name(&record.kind).ok_or_else(|| corrupt("kind"))?,
            mission: record.mission,
            registration: record.registration,
            head: record.head,
            particulars: serde_json::from_slice(&record.person).map_err(|_| corrupt("person"))?,
            status: CrisisStatus::from_name(&record.status).ok_or_else(|| corrupt("status"))?,
            reply_time: record.replied_at,
            replies: replies.into_iter().map(CrisisReplyView::of).collect::<Result<_, _>>()?,
            version: record.version,
        })
    }
}

impl CrisisReplyView {
    fn of(record: CrisisReplyRecord) -> Result<Self, Refusal> {
        Ok(Self {
            status: CrisisStatus::from_name(&record.status).ok_or_else(|| corrupt("status"))?,
            time: record.replied_at,
            source: ReplySource::from_name(&record.source).ok_or_else(|| corrupt("reply"))?,
            actor: record.actor,
            report: record.report,
            note: record.note,
        })
    }
}
