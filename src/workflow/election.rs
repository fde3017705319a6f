//! Elections: an officer announces one at the officer's mission, and everybody who may vote there is told until when the particulars on the
//! card can be corrected.
//!
//! Told is whoever was registered when it was announced, is still, and may vote by the card of then. Each page of the register is one job: what
//! it writes, that it is done and which page comes next is one transaction, so nobody is told twice, and a crash leaves a page that is
//! told whole.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::acts::{ABSENT, SignedAct};
use super::decide::corrupt;
use super::messages::notice_in;
use super::officer_acts::Officer;
use super::outbox::job;
use super::{Caller, Refusal, ResourceKind, Workflow};
use crate::notify::RegistrationNotice;
use crate::registration::Text;
use crate::registration::act::ActName;
use crate::registration::calendar::local_day;
use crate::registration::election::Election;
use crate::registration::event::EventName;
use crate::store::{ElectionRecord, JobRecord, NewElection, NewEvent, RegistrationRecord, RequestKey};

/// Registrations gone through by one job.
const PAGE: u64 = 50;
/// Who acts when nobody does.
const ACTOR: &str = "service";
/// What the events are about.
const SUBJECT: &str = ResourceKind::Election.as_str();

/// An election as its caller sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ElectionView {
    /// Identifier.
    pub id: Uuid,
    /// What is voted on.
    pub title: Text,
    /// Code of the mission.
    pub mission: String,
    /// The voting day.
    pub voting_day: NaiveDate,
    /// The last day for correcting the particulars.
    pub check_until: NaiveDate,
    /// SHA-256 of the certificate of the officer who announced it, hexadecimal.
    pub announced_by: String,
    /// When.
    pub announce_time: DateTime<Utc>,
    /// When everybody had been told.
    pub told_time: Option<DateTime<Utc>>,
    /// Version, from 1.
    pub version: i64,
}

/// Where a job of an election begins.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default)]
struct Place {
    /// After this registration.
    after: Option<Uuid>,
    /// How many have been told.
    told: u64,
}

impl Workflow {
    /// Carries out an officer's signed act ANNOUNCE_ELECTION.
    ///
    /// # Errors
    /// See [`Refusal`]; the report on the signature is stored in any case, and nothing else when refused.
    pub async fn announce_election(
        &self,
        caller: &Caller,
        request_id: Option<String>,
        signed_act: Vec<u8>,
    ) -> Result<ElectionView, Refusal> {
        let id = self.acted(caller, ActName::AnnounceElection, request_id, signed_act).await?;
        let election = self.store.election(id).await?;
        ElectionView::of(election.ok_or(Refusal::NotFound(ResourceKind::Election))?)
    }

    /// Keeps the election; that everybody is told follows.
    pub(super) async fn keep_election(
        &self,
        act: &SignedAct,
        election: &Election,
        officer: &Officer,
        key: Option<&RequestKey>,
        now: DateTime<Utc>,
    ) -> Result<Uuid, Refusal> {
        let id = act.subject("elections")?;
        act.expects(self.store.election(id).await?.map_or(ABSENT, |present| present.version))?;
        let mission = self.known_mission(&officer.mission)?;
        let violations = election.violations(local_day(now, mission.time_zone));
        if !violations.is_empty() {
            return Err(Refusal::Fields(violations));
        }
        let new = NewElection {
            id,
            mission: officer.mission.to_string(),
            title: election.title.json(),
            voting_day: election.voting_day,
            check_until: election.check_until,
            announced_by: officer.certificate.clone(),
            announced_at: now,
        };
        let mut tx = self.store.begin().await?;
        tx.insert_request_key(key, id, now).await?;
        tx.insert_election(new).await?;
        tx.append_event(&officer.event(SUBJECT, id, EventName::ElectionAnnounced, now, json!({})));
        tx.enqueue(vec![job::election(id, json!(Place::default()), now)]).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The job ELECTION: writes to the accounts of those of the next page of the register who may vote.
    pub(super) async fn tell_electors(&self, work: &JobRecord) -> Result<(), Refusal> {
        let now = self.clock.now();
        let place: Place = serde_json::from_value(work.payload.clone()).map_err(|_| corrupt("job"))?;
        let election = self.store.election(work.subject).await?.ok_or_else(|| corrupt("election"))?;
        let phone = self.known_mission(&election.mission)?.emergency.phone.clone();
        let title: Text = serde_json::from_str(&election.title).map_err(|_| corrupt("title"))?;
        let announced = election.announced_at;
        let page = self.store.registrations_standing(&election.mission, announced, place.after, PAGE).await?;
        let electors = self.electors_among(&page, announced, election.voting_day, |_| true).await?;
        let registrations: Vec<&RegistrationRecord> =
            electors.into_iter().map(|(registration, _)| registration).filter(|one| one.state.is_open()).collect();
        let ids: Vec<Uuid> = registrations.iter().map(|registration| registration.id).collect();
        let accounts = self.store.accounts(&ids).await?;

        let mut tx = self.store.begin().await?;
        tx.complete_job(work.id, now).await?;
        let mut next = Place { after: page.last().map(|last| last.id), ..place };
        for registration in registrations {
            // Whose account is gone cannot be told, and the others are.
            let Some(account) = accounts.get(&registration.id) else { continue };
            let notice = RegistrationNotice::ElectionListCheck {
                title: title.clone(),
                voting_day: election.voting_day,
                registration: registration.number.clone(),
                check_until: election.check_until,
                phone: phone.clone(),
            };
            let written = tx.insert_notification(notice_in(account, &notice, election.sequence, now)?).await?;
            next.told += u64::from(written);
        }
        if u64::try_from(page.len()).is_ok_and(|count| count >= PAGE) {
            tx.enqueue(vec![job::election(election.id, json!(next), now)]).await?;
        } else {
            tx.note_election_told(election.id, now).await?;
            tx.append_event(&NewEvent {
                subject_type: SUBJECT,
                subject: election.id,
                kind: EventName::ElectionTold.as_str().to_owned(),
                actor: ACTOR.to_owned(),
                time: now,
                references: json!({ "told": next.told }),
            });
        }
        Ok(tx.commit().await?)
    }
}

impl ElectionView {
    fn of(record: ElectionRecord) -> Result<Self, Refusal> {
        Ok(Self {
            id: record.id,
            title: serde_json::from_str(&record.title).map_err(|_| corrupt("title"))?,
            mission: record.mission,
            voting_day: record.voting_day,
            check_until: record.check_until,
            announced_by: record.announced_by,
            announce_time: record.announced_at,
            told_time: record.told_at,
            version: record.version,
        })
    }
}
