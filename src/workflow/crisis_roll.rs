//! The roll of a crisis: made from the register page by page, told page by page, looked at page by page.
//!
//! Each page is one job: what it adds, that it is done and which page comes next is one transaction, so a crash leaves a roll that goes on
//! where it stopped. Entries have identifiers that follow from crisis, registration and place on the card: going through the
//! register again adds who is new and leaves everybody else, with their replies, as they are. Nobody falls off a roll.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::crisis::{event, sealed_later};
use super::crisis_close::is_closed;
use super::crisis_views::{CrisisPersonView, CrisisRollQuery, CrisisView};
use super::decide::corrupt;
use super::messages::notice_in;
use super::outbox::job;
use super::{Caller, Page, Paged, Refusal, Workflow};
use crate::notify::RegistrationNotice;
use crate::pki::sha256;
use crate::registration::Text;
use crate::registration::crisis::{CrisisPersonKind, CrisisStatus, Particulars, is_in_area};
use crate::registration::event::EventName;
use crate::registration::form::Card;
use crate::store::{CrisisPersonFilter, CrisisPersonRecord, CrisisRecord, JobRecord, RegistrationRecord};

/// Registrations gone through by one job.
const PAGE: u64 = 200;
/// Messages written by one job.
const MESSAGES: u64 = 50;
/// Who acts when nobody does.
const ACTOR: &str = "service";

/// Where a job of the roll begins.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default)]
struct Place {
    /// Which of the crisis's missions.
    mission: usize,
    /// After this registration.
    after: Option<Uuid>,
    /// The message that goes to all on the roll once it is made.
    broadcast: Option<i32>,
}

/// Where a job of a message begins.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Told {
    /// The message.
    broadcast: i32,
    /// After this person.
    after: Option<Uuid>,
}

impl Workflow {
    /// The crisis with its counts.
    pub(super) async fn crisis(&self, caller: &Caller, id: Uuid) -> Result<CrisisView, Refusal> {
        let crisis = self.visible_crisis(caller, id).await?;
        let counts = self.store.crisis_counts(&[id], caller.own_mission()).await?;
        CrisisView::of(crisis, counts.get(&id).map_or(&[], Vec::as_slice))
    }

    /// The crises that the caller may see, the latest first; only those that are not closed where `open_only`.
    ///
    /// # Errors
    /// A page token that is not one.
    pub async fn crises(&self, caller: &Caller, open_only: bool, page: &Page) -> Result<Paged<CrisisView>, Refusal> {
        let after = match page.token.as_deref() {
            // The last crisis of the page before, which the caller saw.
            Some(token) => {
                let last = self.store.crisis(token.parse().map_err(|_| Refusal::BadToken)?).await?;
                Some(last.filter(|last| caller.may_see_crisis(last)).ok_or(Refusal::BadToken)?)
            }
            None => None,
        };
        let own = caller.own_mission();
        let mut records = self.store.crises(own, open_only, after.as_ref(), u64::from(page.size) + 1).await?;
        let more = records.len() > page.size as usize;
        records.truncate(page.size as usize);
        let next = records.last().filter(|_| more).map(|record| record.id.to_string());
        let ids: Vec<Uuid> = records.iter().map(|record| record.id).collect();
        let counts = self.store.crisis_counts(&ids, own).await?;
        let with_counts = records.into_iter().map(|record| {
            let counted = counts.get(&record.id).map_or(&[][..], Vec::as_slice);
            CrisisView::of(record, counted)
        });
        Ok(Paged { items: with_counts.collect::<Result<_, _>>()?, next })
    }

    /// The crisis and one page of its roll.
    ///
    /// # Errors
    /// Not found, and a page token that is not one.
    pub async fn crisis_roll(
        &self,
        caller: &Caller,
        id: Uuid,
        query: &CrisisRollQuery,
        page: &Page,
    ) -> Result<(CrisisView, Paged<CrisisPersonView>), Refusal> {
        let crisis = self.crisis(caller, id).await?;
        let after = page.token.as_deref().map(|token| token.parse().map_err(|_| Refusal::BadToken)).transpose()?;
        let own = caller.own_mission();
        if own.zip(query.mission.as_deref()).is_some_and(|(own, asked)| own != asked) {
            return Ok((crisis, Paged { items: Vec::new(), next: None }));
        }
        let filter = CrisisPersonFilter {
            mission: own.or(query.mission.as_deref()).map(str::to_owned),
            statuses: query.statuses.iter().map(|status| status.as_str().to_owned()).collect(),
            kind: None,
        };
        let mut records = self.store.crisis_persons(id, &filter, after, u64::from(page.size) + 1).await?;
        let more = records.len() > page.size as usize;
        records.truncate(page.size as usize);
        let next = records.last().filter(|_| more).map(|record| record.id.to_string());
        let ids: Vec<Uuid> = records.iter().map(|record| record.id).collect();
        let replies = self.store.crisis_replies(&ids).await?;
        Ok((crisis, Paged { items: CrisisPersonView::all(records, replies)?, next }))
    }

    /// The job CRISIS_ROLL: puts on the roll who is in the area by the next page of the register.
    pub(super) async fn make_crisis_roll(&self, work: &JobRecord) -> Result<(), Refusal> {
        let now = self.clock.now();
        let place: Place = serde_json::from_value(work.payload.clone()).map_err(|_| corrupt("job"))?;
        let crisis = self.store.crisis(work.subject).await?.ok_or_else(|| corrupt("crisis"))?;
        let (persons, next) = match crisis.missions.get(place.mission) {
            None => (Vec::new(), None),
            Some(mission) => {
                let page = self.store.registrations_standing(mission, now, place.after, PAGE).await?;
                let is_full = u64::try_from(page.len()).is_ok_and(|count| count >= PAGE);
                let next = match page.last().filter(|_| is_full) {
                    Some(last) => Place { after: Some(last.id), ..place },
                    None => Place { mission: place.mission + 1, after: None, ..place },
                };
                (self.persons_of(&crisis, &page, now).await?, Some(next))
            }
        };
        let mut tx = self.store.begin().await?;
        tx.complete_job(work.id, now).await?;
        if is_closed(&tx, crisis.id).await? {
            return Ok(tx.commit().await?);
        }
        tx.insert_crisis_persons(persons).await?;
        match next {
            Some(next) => tx.enqueue(vec![job::crisis_roll(crisis.id, json!(next), now)]).await?,
            None => {
                tx.note_crisis_roll(crisis.id, now).await?;
                tx.append_event(&event(EventName::CrisisRollMade, crisis.id, ACTOR, now, json!({})));
                if let Some(broadcast) = place.broadcast {
                    let begin = Told { broadcast, after: None };
                    tx.enqueue(vec![job::crisis_broadcast(crisis.id, json!(begin), now)]).await?;
                }
            }
        }
        Ok(tx.commit().await?)
    }

    /// Who of these registrations is in the area, with the family.
    async fn persons_of(
        &self,
        crisis: &CrisisRecord,
        page: &[RegistrationRecord],
        now: DateTime<Utc>,
    ) -> Result<Vec<CrisisPersonRecord>, Refusal> {
        let ids: Vec<Uuid> = page.iter().map(|registration| registration.id).collect();
        let cards = self.store.cards_at(&ids, now).await?;
        let mut persons = Vec::new();
        for registration in page {
            let card = cards.get(&registration.id).ok_or_else(|| corrupt("card"))?;
            let card: Card = serde_json::from_slice(&card.card).map_err(|_| corrupt("card"))?;
            if !is_in_area(&card.stay, &crisis.country, &crisis.subdivisions) {
                continue;
            }
            let head = entry_id(crisis.id, registration.id, 0);
            let entry = |id, kind: CrisisPersonKind, head, particulars: &Particulars| {
                Ok::<_, Refusal>(CrisisPersonRecord {
                    id,
                    crisis: crisis.id,
                    kind: kind.as_str().to_owned(),
                    mission: registration.mission.clone(),
                    registration: Some(registration.id),
                    head,
                    status: CrisisStatus::Unanswered.as_str().to_owned(),
                    replied_at: None,
                    created_at: now,
                    version: 1,
                    person: sealed_later(particulars)?,
                })
            };
            persons.push(entry(head, CrisisPersonKind::Registered, None, &Particulars::of_citizen(&card))?);
            for (member, place) in card.contacts.family_members.iter().zip(1_u32..) {
                // Who is registered at a mission of the crisis is on its roll by that; rather twice on it than never, where a card says less.
                let own = self.store.registration_of_member(&self.link(member)).await?;
                let is_listed = own.is_some_and(|own| {
                    own.id != registration.id && own.state.is_open() && crisis.missions.contains(&own.mission)
                });
                if !is_listed {
                    let particulars = Particulars::of_family_member(&card, member);
                    let id = entry_id(crisis.id, registration.id, place);
                    persons.push(entry(id, CrisisPersonKind::FamilyMember, Some(head), &particulars)?);
                }
            }
        }
        Ok(persons)
    }

    /// The job CRISIS_BROADCAST: writes the message into the accounts of the next page of the roll.
    pub(super) async fn tell_crisis_roll(&self, work: &JobRecord) -> Result<(), Refusal> {
        let now = self.clock.now();
        let told: Told = serde_json::from_value(work.payload.clone()).map_err(|_| corrupt("job"))?;
        let crisis = self.store.crisis(work.subject).await?.ok_or_else(|| corrupt("crisis"))?;
        let broadcast = self.store.broadcast(told.broadcast).await?.ok_or_else(|| corrupt("broadcast"))?;
        let title: Text = serde_json::from_str(&crisis.title).map_err(|_| corrupt("title"))?;
        let message: Text = serde_json::from_str(&broadcast.message).map_err(|_| corrupt("message"))?;
        let filter = CrisisPersonFilter {
            kind: Some(CrisisPersonKind::Registered.as_str().to_owned()),
            ..CrisisPersonFilter::default()
        };
        let page = self.store.crisis_persons(crisis.id, &filter, told.after, MESSAGES).await?;
        let registrations: Vec<Uuid> = page.iter().filter_map(|person| person.registration).collect();
        let accounts = self.store.accounts(&registrations).await?;

        let mut tx = self.store.begin().await?;
        tx.complete_job(work.id, now).await?;
        if is_closed(&tx, crisis.id).await? {
            return Ok(tx.commit().await?);
        }
        for person in &page {
            let account = person.registration.and_then(|registration| accounts.get(&registration));
            // Whose account is gone stays unanswered on the roll, and the others are told.
            let Some(account) = account else { continue };
            let mission = self.known_mission(&person.mission)?;
            let notice = RegistrationNotice::CrisisBroadcast {
                title: title.clone(),
                message: message.clone(),
                phone: mission.emergency.phone.clone(),
            };
            tx.insert_crisis_notification(notice_in(account, &notice, told.broadcast, now)?, crisis.id).await?;
        }
        if let Some(last) = page.last().filter(|_| u64::try_from(page.len()).is_ok_and(|count| count >= MESSAGES)) {
            let next = Told { after: Some(last.id), ..told };
            tx.enqueue(vec![job::crisis_broadcast(crisis.id, json!(next), now)]).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// The identifier of an entry: a UUID of version 8 (RFC 9562 §5.8) out of what the entry is of. Place 0 is the citizen's own.
fn entry_id(crisis: Uuid, registration: Uuid, place: u32) -> Uuid {
    let digest = sha256(&[crisis.as_bytes().as_slice(), registration.as_bytes(), &place.to_be_bytes()].concat());
    let mut octets = [0; 16];
    octets.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(octets).into_uuid()
}
