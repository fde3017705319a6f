//! What officers do about a crisis: opening it, telling everybody on its roll. How the roll is made is in `crisis_roll`, what is replied in
//! `crisis_reply`, the end in `crisis_close`.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::acts::{ABSENT, SignedAct};
use super::crisis_close::has_to_be_open;
use super::crisis_views::CrisisView;
use super::officer_acts::Officer;
use super::outbox::job;
use super::{Caller, Refusal, ResourceKind, Scope, Workflow};
use crate::registration::act::ActName;
use crate::registration::crisis::{CrisisArea, Particulars, missions_in};
use crate::registration::event::EventName;
use crate::registration::sentence::Sentence;
use crate::store::{CrisisRecord, NewEvent, RequestKey};

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
        tx.insert_request_key(key, id, now).await?;
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
        let crisis = self.crisis_to_act_on(caller, act, officer, "be sent a message").await?;
        let mut tx = self.store.begin().await?;
        tx.insert_request_key(key, crisis.id, now).await?;
        let sequence = tx.insert_broadcast(&crisis, message.json(), &officer.certificate, officer.report, now).await?;
        let references = json!({ "broadcast": sequence });
        tx.append_event(&officer.event("CRISIS", crisis.id, EventName::CrisisBroadcast, now, references));
        // Who has registered since comes on the roll first; then the message goes to all on it.
        tx.enqueue(vec![job::crisis_roll(crisis.id, json!({ "broadcast": sequence }), now)]).await?;
        tx.commit().await?;
        Ok(crisis.id)
    }

    /// The crisis that an act is about, if the officer may do something about it; `what` is what it cannot do any more once it is closed.
    pub(super) async fn crisis_to_act_on(
        &self,
        caller: &Caller,
        act: &SignedAct,
        officer: &Officer,
        what: &'static str,
    ) -> Result<CrisisRecord, Refusal> {
        let crisis = self.visible_crisis(caller, act.subject("crises")?).await?;
        concerns(officer, &crisis)?;
        has_to_be_open(&crisis, what)?;
        act.expects(crisis.version)?;
        Ok(crisis)
    }

    /// A crisis that the caller may see.
    pub(super) async fn visible_crisis(&self, caller: &Caller, id: Uuid) -> Result<CrisisRecord, Refusal> {
        let crisis = self.store.crisis(id).await?.filter(|crisis| caller.may_see_crisis(crisis));
        crisis.ok_or(Refusal::NotFound(ResourceKind::Crisis))
    }
}

/// Whether the officer's mission has to do with the crisis.
pub(super) fn concerns(officer: &Officer, crisis: &CrisisRecord) -> Result<(), Refusal> {
    let is_concerned = crisis.missions.iter().any(|mission| *mission == *officer.mission);
    if is_concerned { Ok(()) } else { Err(Refusal::OutOfJurisdiction) }
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
