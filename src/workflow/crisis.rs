//! What officers and citizens do about a crisis: opening it, telling everybody on its roll, replying. How the roll is made is in
//! `crisis_roll`.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::acts::{SignedAct, request_key};
use super::crisis_views::{CitizenReply, CrisisPersonView, CrisisView};
use super::officers::Duty;
use super::outbox::job;
use super::review::method;
use super::{Caller, Refusal, ResourceKind, Scope, Verdict, Workflow};
use crate::pki::sha256;
use crate::pki::trust::Purpose;
use crate::registration::act::{Act, ActName};
use crate::registration::crisis::{
    CrisisArea, CrisisPersonKind, CrisisStatus, Particulars, ReplySource, Sentence, WalkIn, missions_in,
};
use crate::registration::event::EventName;
use crate::registration::{FieldViolation, MissionCode, ViolationCode};
use crate::store::{CrisisPersonRecord, CrisisRecord, CrisisReplyRecord, NewEvent, RequestKey, Tx, id_at};

/// The etag of what is not there yet: an officer chooses the identifier of what an act creates.
const ABSENT: i64 = 0;

impl Workflow {
    /// Carries out an officer's signed act OPEN_CRISIS or BROADCAST_CRISIS.
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

    /// Carries out the act once, and gives what it was about.
    async fn acted(
        &self,
        caller: &Caller,
        name: ActName,
        request_id: Option<String>,
        signed_act: Vec<u8>,
    ) -> Result<Uuid, Refusal> {
        let now = self.clock.now();
        let (presented, key) = Self::present_act(caller, method(name), request_id, signed_act);
        if let Some(subject) = self.repeated_subject(key.as_ref()).await? {
            return Ok(subject);
        }
        let judged = self.judge(&presented, Purpose::Officers, caller, now).await?;
        let (act, verdict) = self.read_act(judged, name, now).await?;
        match self.carry_out_in_crisis(caller, &act, &verdict, key.as_ref(), now).await {
            Ok(id) => Ok(id),
            // The same call made twice at once: whatever kept this one from coming first, it is answered like the other.
            Err(refusal) => self.repeated_subject(key.as_ref()).await?.ok_or(refusal),
        }
    }

    async fn carry_out_in_crisis(
        &self,
        caller: &Caller,
        act: &SignedAct,
        verdict: &Verdict,
        key: Option<&RequestKey>,
        now: DateTime<Utc>,
    ) -> Result<Uuid, Refusal> {
        let signer = act.signer(verdict)?;
        let mission = self.mission_of_officer(signer, Duty::Act(act.meaning.name()));
        let mission = mission.ok_or(Refusal::SignerNotOfficer)?;
        if caller.own_mission().is_some_and(|own| own != mission.as_str()) {
            return Err(Refusal::OutOfJurisdiction);
        }
        let officer = Officer { mission, certificate: self.mark(signer).certificate, report: act.report };
        match &act.meaning {
            Act::OpenCrisis { area } => self.open_crisis(act, area, &officer, key, now).await,
            Act::BroadcastCrisis { message } => self.broadcast_crisis(caller, act, message, &officer, key, now).await,
            Act::RecordCrisisReply { status, walk_in, includes_family } => {
                let note = act.note();
                let reply =
                    Reply { status: *status, includes_family: *includes_family, note, by: By::Officer(&officer) };
                match walk_in {
                    Some(walk_in) => self.report_walk_in(caller, act, walk_in, &reply, key, now).await,
                    None => self.reply_by_officer(caller, act, &reply, key, now).await,
                }
            }
            _ => Err(Refusal::Internal("an act on other things reached a crisis".to_owned())),
        }
    }

    async fn open_crisis(
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
            title: written(&area.title),
            opened_by: officer.certificate.clone(),
            opened_at: now,
            roll_at: None,
            broadcasts: 0,
            version: 1,
        };
        let mut tx = self.store.begin().await?;
        if let Some(key) = key {
            tx.insert_request_key(key, id, now).await?;
        }
        tx.insert_crisis(&crisis).await?;
        tx.append_event(&officer.event(EventName::CrisisOpened, id, now, json!({})));
        tx.enqueue(vec![job::crisis_roll(id, json!({}), now)]).await?;
        tx.commit().await?;
        Ok(id)
    }

    async fn broadcast_crisis(
        &self,
        caller: &Caller,
        act: &SignedAct,
        message: &Sentence,
        officer: &Officer,
        key: Option<&RequestKey>,
        now: DateTime<Utc>,
    ) -> Result<Uuid, Refusal> {
        let crisis = self.visible_crisis(caller, act.subject("crises")?).await?;
        officer.is_concerned_by(&crisis)?;
        act.expects(crisis.version)?;
        let mut tx = self.store.begin().await?;
        if let Some(key) = key {
            tx.insert_request_key(key, crisis.id, now).await?;
        }
        let sequence =
            tx.insert_broadcast(&crisis, written(message), &officer.certificate, officer.report, now).await?;
        tx.append_event(&officer.event(EventName::CrisisBroadcast, crisis.id, now, json!({ "broadcast": sequence })));
        // Who has registered since comes on the roll first; then the message goes to all on it.
        tx.enqueue(vec![job::crisis_roll(crisis.id, json!({ "broadcast": sequence }), now)]).await?;
        tx.commit().await?;
        Ok(crisis.id)
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
        officer.is_concerned_by(&crisis)?;
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
        let crisis = self.store.crisis(id).await?;
        let is_visible = |crisis: &CrisisRecord| match &caller.scope {
            Scope::Mission(mission) => crisis.missions.contains(mission),
            Scope::All => true,
            Scope::Own => false,
        };
        crisis.filter(is_visible).ok_or(Refusal::NotFound(ResourceKind::Crisis))
    }

    async fn crisis_person(&self, id: Uuid) -> Result<CrisisPersonView, Refusal> {
        let person = self.store.crisis_person(id).await?.ok_or(Refusal::NotFound(ResourceKind::CrisisPerson))?;
        let mut replies = self.store.crisis_replies(&[id]).await?;
        CrisisPersonView::of(person, replies.remove(&id).unwrap_or_default())
    }
}

/// The officer who acts.
struct Officer {
    mission: MissionCode,
    certificate: String,
    report: Uuid,
}

impl Officer {
    /// Whether the officer's mission has to do with the crisis.
    fn is_concerned_by(&self, crisis: &CrisisRecord) -> Result<(), Refusal> {
        let is_concerned = crisis.missions.iter().any(|mission| *mission == *self.mission);
        if is_concerned { Ok(()) } else { Err(Refusal::OutOfJurisdiction) }
    }

    fn event(&self, name: EventName, crisis: Uuid, now: DateTime<Utc>, mut references: Value) -> NewEvent {
        references["validation_report"] = json!(self.report);
        event(name, crisis, &self.certificate, now, references)
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

fn written(sentence: &Sentence) -> String {
    json!({ "kk": sentence.kk, "ru": sentence.ru, "en": sentence.en }).to_string()
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

/// Keeps the reply for each of `persons`, and writes the event; the first is who it was said about.
async fn record(
    tx: &mut Tx,
    persons: Vec<CrisisPersonRecord>,
    reply: &Reply<'_>,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
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
