//! What officers and citizens do about a crisis: opening it, telling everybody on its roll, replying. How the roll is made is in
//! `crisis_roll`.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::acts::{ABSENT, SignedAct, request_key};
use super::crisis_close::has_to_be_open;
use super::crisis_views::{CitizenReply, CrisisPersonView, CrisisView};
use super::officer_acts::Officer;
use super::outbox::job;
use super::{Caller, Refusal, ResourceKind, Scope, Workflow};
use crate::pki::sha256;
use crate::registration::act::ActName;
use crate::registration::crisis::{
    CrisisArea, CrisisPersonKind, CrisisStatus, Particulars, ReplySource, WalkIn, missions_in,
};
use crate::registration::event::EventName;
use crate::registration::sentence::Sentence;
use crate::registration::{FieldViolation, ViolationCode};
use crate::store::{CrisisPersonRecord, CrisisRecord, CrisisReplyRecord, NewEvent, RequestKey, Tx, id_at};

impl Workflow {
    /// Carries out an officer's signed act OPEN_CRISIS, BROADCAST_CRISIS or CLOSE_CRISIS.
    ///
    /// # Errors
    /// See [`Refusal`]; the report on the signature is stored in any case, and nothing else when refused.
    pub async fn act_on_crisis(
        &self,
        caller: &Caller,
        name: ActName,
        request_id: Option<String>,
        signed_act: Vec<u8>,
    ) -> Result<CrisisView, Refusal> {
        let id = self.acted(caller, name, request_id, signed_act).await?;
        self.crisis(caller, id).await
    }

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

    /// Opens the crisis; its roll follows.
    pub(super) async fn open_crisis(
        &self,
        act: &SignedAct,
        area: &CrisisArea,
        officer: &Officer,
        key: Option<&RequestKey>,
        now: DateTime<Utc>,
    ) -> Result<Uuid, Refusal> {
        let id = act.subject("crises")?;
        act.expects(self.store.crisis(id).await?.map_or(ABSENT, |present| present.version))?;
        let list = self.missions();
        let missions = missions_in(area, &list).map_err(Refusal::Fields)?;
        if !missions.iter().any(|mission| mission.code == officer.mission) {
            return Err(Refusal::OutOfJurisdiction);
        }
        let crisis = CrisisRecord {
            id,
            country: area.country.to_string(),
            subdivisions: area.subdivisions.iter().map(ToString::to_string).collect(),
            missions: missions.iter().map(|mission| mission.code.to_string()).collect(),
            title: area.title.json(),
            opened_by: officer.certificate.clone(),
            opened_at: now,
            roll_at: None,
            broadcasts: 0,
            version: 1,
            closed_at: None,
            closed_by: None,
        };
        let mut tx = self.store.begin().await?;
        if let Some(key) = key {
            tx.insert_request_key(key, id, now).await?;
        }
        tx.insert_crisis(&crisis).await?;
        tx.append_event(&officer.event("CRISIS", id, EventName::CrisisOpened, now, json!({})));
        tx.enqueue(vec![job::crisis_roll(id, json!({}), now)]).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Keeps the message; that it is told follows.
    pub(super) async fn broadcast_crisis(
        &self,
        caller: &Caller,
        act: &SignedAct,
        message: &Sentence,
        officer: &Officer,
        key: Option<&RequestKey>,
        now: DateTime<Utc>,
    ) -> Result<Uuid, Refusal> {
        let crisis = self.visible_crisis(caller, act.subject("crises")?).await?;
        concerns(officer, &crisis)?;
        has_to_be_open(&crisis, "be sent a message")?;
        act.expects(crisis.version)?;
        let mut tx = self.store.begin().await?;
        if let Some(key) = key {
            tx.insert_request_key(key, crisis.id, now).await?;
        }
        let sequence = tx.insert_broadcast(&crisis, message.json(), &officer.certificate, officer.report, now).await?;
        let references = json!({ "broadcast": sequence });
        tx.append_event(&officer.event("CRISIS", crisis.id, EventName::CrisisBroadcast, now, references));
        // Who has registered since comes on the roll first; then the message goes to all on it.
        tx.enqueue(vec![job::crisis_roll(crisis.id, json!({ "broadcast": sequence }), now)]).await?;
        tx.commit().await?;
        Ok(crisis.id)
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
        if let Some(key) = key {
            tx.insert_request_key(key, id, now).await?;
        }
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
        if let Some(key) = key {
            tx.insert_request_key(key, id, now).await?;
        }
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
        if let Some(key) = key {
            tx.insert_request_key(key, id, now).await?;
        }
        let by = By::Citizen(&caller.id);
        let reply = Reply { status: own.status, includes_family: own.includes_family, note: own.note.clone(), by };
        record(&mut tx, household, &reply, now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// A crisis that the caller may see.
    pub(super) async fn visible_crisis(&self, caller: &Caller, id: Uuid) -> Result<CrisisRecord, Refusal> {
        let crisis = self.store.crisis(id).await?.filter(|crisis| caller.may_see_crisis(crisis));
        crisis.ok_or(Refusal::NotFound(ResourceKind::Crisis))
    }

    async fn crisis_person(&self, id: Uuid) -> Result<CrisisPersonView, Refusal> {
        let person = self.store.crisis_person(id).await?.ok_or(Refusal::NotFound(ResourceKind::CrisisPerson))?;
        let mut replies = self.store.crisis_replies(&[id]).await?;
        CrisisPersonView::of(person, replies.remove(&id).unwrap_or_default())
    }
}

/// Whether the officer's mission has to do with the crisis.
pub(super) fn concerns(officer: &Officer, crisis: &CrisisRecord) -> Result<(), Refusal> {
    let is_concerned = crisis.missions.iter().any(|mission| *mission == *officer.mission);
    if is_concerned { Ok(()) } else { Err(Refusal::OutOfJurisdiction) }
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
    /// Whether the crisis is this caller's to see.
    pub(super) fn may_see_crisis(&self, crisis: &CrisisRecord) -> bool {
        match &self.scope {
            Scope::Mission(mission) => crisis.missions.contains(mission),
            Scope::All => true,
            Scope::Own => false,
        }
    }

    fn may_look_after(&self, person: &CrisisPersonRecord) -> bool {
        match &self.scope {
            Scope::Mission(mission) => person.mission == *mission,
            Scope::All => true,
            Scope::Own => false,
        }
    }
}

pub(super) fn event(name: EventName, crisis: Uuid, actor: &str, now: DateTime<Utc>, references: Value) -> NewEvent {
    NewEvent {
        subject_type: "CRISIS",
        subject: crisis,
        kind: name.as_str().to_owned(),
        actor: actor.to_owned(),
        time: now,
        references,
    }
}

/// What of a person is kept, as the store seals it.
pub(super) fn sealed_later(particulars: &Particulars) -> Result<Vec<u8>, Refusal> {
    serde_json::to_vec(particulars).map_err(|error| Refusal::Internal(format!("particulars: {error}")))
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
