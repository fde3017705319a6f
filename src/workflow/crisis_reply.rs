//! What is replied in a crisis: by an officer about somebody, on the roll or not, or by the citizen. Each reply is kept; the latest counts.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::acts::{ABSENT, SignedAct, request_key};
use super::crisis::{concerns, event, sealed_later};
use super::crisis_close::has_to_be_open;
use super::crisis_views::{CitizenReply, CrisisPersonView};
use super::officer_acts::Officer;
use super::{Caller, Refusal, ResourceKind, Scope, Workflow};
use crate::pki::sha256;
use crate::registration::act::ActName;
use crate::registration::crisis::{CrisisPersonKind, CrisisStatus, Particulars, ReplySource, WalkIn};
use crate::registration::event::EventName;
use crate::registration::{FieldViolation, ViolationCode};
use crate::store::{CrisisPersonRecord, CrisisReplyRecord, RequestKey, Tx, id_at};

impl Workflow {
    /// Records what an officer's signed act says of a person: RECORD_CRISIS_REPLY.
    ///
    /// # Errors
    /// See [`Refusal`]; the report on the signature is stored in any case, and nothing else when refused.
    pub async fn record_crisis_reply(
        &self,
        caller: &Caller,
        request_id: Option<String>,
        signed_act: Vec<u8>,
    ) -> Result<CrisisPersonView, Refusal> {
        let id = self.acted(caller, ActName::RecordCrisisReply, request_id, signed_act).await?;
        self.crisis_person(id).await
    }

    /// Records what an officer says of somebody, who may be on the roll or not.
    pub(super) async fn reply_of_officer(
        &self,
        caller: &Caller,
        act: &SignedAct,
        (status, walk_in, includes_family): (CrisisStatus, Option<&WalkIn>, bool),
        officer: &Officer,
        key: Option<&RequestKey>,
        now: DateTime<Utc>,
    ) -> Result<Uuid, Refusal> {
        let reply = Reply { status, includes_family, note: act.note(), by: By::Officer(officer) };
        match walk_in {
            Some(walk_in) => self.report_walk_in(caller, act, walk_in, &reply, key, now).await,
            None => self.reply_by_officer(caller, act, &reply, key, now).await,
        }
    }

    /// An officer has reached somebody on the roll.
    async fn reply_by_officer(
        &self,
        caller: &Caller,
        act: &SignedAct,
        reply: &Reply<'_>,
        key: Option<&RequestKey>,
        now: DateTime<Utc>,
    ) -> Result<Uuid, Refusal> {
        let not_found = || Refusal::NotFound(ResourceKind::CrisisPerson);
        let person = self.store.crisis_person(act.subject("crisisPersons")?).await?.ok_or_else(not_found)?;
        if !caller.may_look_after(&person) {
            return Err(not_found());
        }
        if reply.by.mission() != Some(person.mission.as_str()) {
            return Err(Refusal::OutOfJurisdiction);
        }
        act.expects(person.version)?;
        let id = person.id;
        let mut tx = self.store.begin().await?;
        tx.insert_request_key(key, id, now).await?;
        let household = household_of(&tx, &person, reply.includes_family).await?;
        // The person by what the officer saw; the family by what is there now.
        let others = household.into_iter().filter(|member| member.id != id);
        record(&mut tx, std::iter::once(person).chain(others).collect(), reply, now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// An officer reports somebody who is not on the roll.
    async fn report_walk_in(
        &self,
        caller: &Caller,
        act: &SignedAct,
        walk_in: &WalkIn,
        reply: &Reply<'_>,
        key: Option<&RequestKey>,
        now: DateTime<Utc>,
    ) -> Result<Uuid, Refusal> {
        let crisis = self.visible_crisis(caller, named_crisis(walk_in)?).await?;
        let By::Officer(officer) = reply.by else { return Err(Refusal::SignerNotOfficer) };
        concerns(officer, &crisis)?;
        let id = act.subject("crisisPersons")?;
        act.expects(self.store.crisis_person(id).await?.map_or(ABSENT, |present| present.version))?;
        let person = CrisisPersonRecord {
            id,
            crisis: crisis.id,
            kind: CrisisPersonKind::WalkIn.as_str().to_owned(),
            mission: officer.mission.to_string(),
            registration: None,
            head: None,
            status: CrisisStatus::Unanswered.as_str().to_owned(),
            replied_at: None,
            created_at: now,
            version: 1,
            person: sealed_later(&Particulars::of_walk_in(walk_in))?,
        };
        let mut tx = self.store.begin().await?;
        tx.insert_request_key(key, id, now).await?;
        tx.insert_crisis_person(person.clone()).await?;
        record(&mut tx, vec![person], reply, now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Records a citizen's own reply, which the system hands on in which the citizen is logged in and that has filed about the registration.
    /// The answer shows the citizen's own replies, not what officers have noted.
    ///
    /// # Errors
    /// The registration is not the caller's to see, or is not on the roll.
    pub async fn record_citizen_reply(
        &self,
        caller: &Caller,
        request_id: Option<String>,
        own: &CitizenReply,
    ) -> Result<CrisisPersonView, Refusal> {
        let now = self.clock.now();
        let said = json!([own.crisis, own.registration, own.status.as_str(), own.includes_family, own.note]);
        let key = request_key(caller, "RecordCrisisReply", request_id, sha256(said.to_string().as_bytes()));
        if let Some(subject) = self.repeated_subject(key.as_ref()).await? {
            return self.citizens_view(subject).await;
        }
        match self.citizen_replies(caller, own, key.as_ref(), now).await {
            Ok(id) => self.citizens_view(id).await,
            // The same call made twice at once.
            Err(refusal) => match self.repeated_subject(key.as_ref()).await? {
                Some(subject) => self.citizens_view(subject).await,
                None => Err(refusal),
            },
        }
    }

    async fn citizens_view(&self, id: Uuid) -> Result<CrisisPersonView, Refusal> {
        let mut view = self.crisis_person(id).await?;
        view.replies.retain(|reply| reply.source == ReplySource::Portal);
        Ok(view)
    }

    async fn citizen_replies(
        &self,
        caller: &Caller,
        own: &CitizenReply,
        key: Option<&RequestKey>,
        now: DateTime<Utc>,
    ) -> Result<Uuid, Refusal> {
        // What a mission or the ministry knows of a person is an officer's to sign; the sandbox's one caller is every caller.
        if !matches!(caller.scope, Scope::Own) && self.sandbox.is_none() {
            return Err(Refusal::SignerNotOfficer);
        }
        self.registration(caller, own.registration).await?;
        let mut tx = self.store.begin().await?;
        let mut household = tx.crisis_household(own.crisis, own.registration).await?;
        let citizen = household.first().filter(|citizen| citizen.head.is_none());
        let id = citizen.ok_or(Refusal::NotFound(ResourceKind::CrisisPerson))?.id;
        if !own.includes_family {
            household.truncate(1);
        }
        tx.insert_request_key(key, id, now).await?;
        let by = By::Citizen(&caller.id);
        let reply = Reply { status: own.status, includes_family: own.includes_family, note: own.note.clone(), by };
        record(&mut tx, household, &reply, now).await?;
        tx.commit().await?;
        Ok(id)
    }

    async fn crisis_person(&self, id: Uuid) -> Result<CrisisPersonView, Refusal> {
        let person = self.store.crisis_person(id).await?.ok_or(Refusal::NotFound(ResourceKind::CrisisPerson))?;
        let mut replies = self.store.crisis_replies(&[id]).await?;
        CrisisPersonView::of(person, replies.remove(&id).unwrap_or_default())
    }
}

/// Who replies.
#[derive(Clone, Copy)]
enum By<'a> {
    /// An officer for somebody.
    Officer(&'a Officer),
    /// The citizen, through the system of that identifier.
    Citizen(&'a str),
}

impl By<'_> {
    fn mission(&self) -> Option<&str> {
        match self {
            Self::Officer(officer) => Some(officer.mission.as_str()),
            Self::Citizen(_) => None,
        }
    }
}

/// A reply to be recorded.
struct Reply<'a> {
    status: CrisisStatus,
    includes_family: bool,
    note: Option<String>,
    by: By<'a>,
}

impl Caller {
    fn may_look_after(&self, person: &CrisisPersonRecord) -> bool {
        match &self.scope {
            Scope::Mission(mission) => person.mission == *mission,
            Scope::All => true,
            Scope::Own => false,
        }
    }
}

fn named_crisis(walk_in: &WalkIn) -> Result<Uuid, Refusal> {
    let id = walk_in.crisis.strip_prefix("crises/").and_then(|id| id.parse().ok());
    id.ok_or_else(|| {
        let description = "has to be crises/{uuid}";
        Refusal::Fields(vec![FieldViolation::new("decision.walk_in.crisis", ViolationCode::BadFormat, description)])
    })
}

/// The person, and the family members under the person's card where the reply holds for them too.
async fn household_of(
    tx: &Tx,
    person: &CrisisPersonRecord,
    includes_family: bool,
) -> Result<Vec<CrisisPersonRecord>, Refusal> {
    match person.registration.filter(|_| includes_family && person.head.is_none()) {
        Some(registration) => Ok(tx.crisis_household(person.crisis, registration).await?),
        None => Ok(Vec::new()),
    }
}

/// Keeps the reply for each of `persons`, who are on one roll, and writes the events; the first is who it was said about.
async fn record(
    tx: &mut Tx,
    persons: Vec<CrisisPersonRecord>,
    reply: &Reply<'_>,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    if let Some(first) = persons.first() {
        let crisis = tx.crisis(first.crisis).await?.ok_or(Refusal::NotFound(ResourceKind::Crisis))?;
        has_to_be_open(&crisis, "take replies")?;
    }
    let (source, actor, report) = match reply.by {
        By::Officer(officer) => (ReplySource::Officer, officer.certificate.as_str(), Some(officer.report)),
        By::Citizen(caller) => (ReplySource::Portal, caller, None),
    };
    for person in persons {
        let new = CrisisReplyRecord {
            id: id_at(now),
            person: person.id,
            status: reply.status.as_str().to_owned(),
            source: source.as_str().to_owned(),
            actor: actor.to_owned(),
            report,
            replied_at: now,
            note: reply.note.clone(),
        };
        tx.insert_crisis_reply(&person, &new).await?;
        let references = json!({ "person": person.id, "reply": new.id, "validation_report": report });
        tx.append_event(&event(EventName::CrisisReplyRecorded, person.crisis, actor, now, references));
    }
    Ok(())
}
