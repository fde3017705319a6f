//! The register as callers see it, and officers' acts on it.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::acts::SignedAct;
use super::officers::Duty;
use super::register::Cause;
use super::review::method;
use super::views::{RegistrationChange, RegistrationQuery};
use super::{Caller, Page, Paged, Refusal, RegistrationView, ResourceKind, Scope, Verdict, Workflow};
use crate::pki::trust::Purpose;
use crate::registration::DeregistrationGround;
use crate::registration::act::{Act, ActName};
use crate::registration::form::Kind;
use crate::registration::rules::RefusalCode;
use crate::store::{EventRecord, RegistrationFilter, RegistrationRecord, RequestKey};

impl Workflow {
    /// One registration; whoever may see an application about it may see it, and its mission.
    pub async fn registration(&self, caller: &Caller, id: Uuid) -> Result<RegistrationView, Refusal> {
        let record = self.visible_registration(caller, id).await?;
        Ok(RegistrationView { family: self.family(&record).await?, ..RegistrationView::of(&record)? })
    }

    async fn visible_registration(&self, caller: &Caller, id: Uuid) -> Result<RegistrationRecord, Refusal> {
        let not_found = Refusal::NotFound(ResourceKind::Registration);
        let Some(record) = self.store.registration(id).await? else { return Err(not_found) };
        let visible = match &caller.scope {
            Scope::Mission(mission) => record.mission == *mission,
            Scope::Own => self.store.has_filed_about(&caller.id, id).await?,
            Scope::All => true,
        };
        if visible { Ok(record) } else { Err(not_found) }
    }

    /// The registrations that a caller may see and asks for, in the order in which they were opened.
    pub async fn registrations(
        &self,
        caller: &Caller,
        query: &RegistrationQuery,
        page: &Page,
    ) -> Result<Paged<RegistrationView>, Refusal> {
        let after = page.token.as_deref().map(|token| token.parse().map_err(|_| Refusal::BadToken)).transpose()?;
        let own = match &caller.scope {
            Scope::Mission(mission) => Some(mission),
            // What one filed is found by its applications, or by its number.
            Scope::Own if query.number.is_none() => return Ok(Paged { items: Vec::new(), next: None }),
            Scope::Own | Scope::All => None,
        };
        if own.zip(query.mission.as_ref()).is_some_and(|(own, asked)| own != asked) {
            return Ok(Paged { items: Vec::new(), next: None });
        }
        let filter = RegistrationFilter {
            mission: own.or(query.mission.as_ref()).cloned(),
            state: query.state,
            kind: query.kind.map(|kind| kind.as_str().to_owned()),
            number: query.number.clone(),
        };
        let mut records = self.store.registrations(&filter, after, u64::from(page.size) + 1).await?;
        let more = records.len() > page.size as usize;
        records.truncate(page.size as usize);
        if caller.scope == Scope::Own {
            // At most the one of that number.
            let filed = self.store.has_filed_about(&caller.id, records.first().map_or(Uuid::nil(), |record| record.id));
            if !filed.await? {
                records.clear();
            }
        }
        let next = records.last().filter(|_| more).map(|record| record.id.to_string());
        let items = records.iter().map(RegistrationView::of).collect::<Result<_, _>>()?;
        Ok(Paged { items, next })
    }

    /// What has happened to a registration, oldest first.
    pub async fn registration_history(
        &self,
        caller: &Caller,
        id: Uuid,
        page: &Page,
    ) -> Result<Paged<RegistrationChange>, Refusal> {
        let record = self.visible_registration(caller, id).await?;
        let after = page.token.as_deref().map(|token| token.parse().map_err(|_| Refusal::BadToken)).transpose()?;
        let mut events = self.store.events(Some(record.id), after.unwrap_or(0), u64::from(page.size) + 1).await?;
        let more = events.len() > page.size as usize;
        events.truncate(page.size as usize);
        let next = events.last().filter(|_| more).map(|event| event.sequence.to_string());
        Ok(Paged { items: events.into_iter().map(RegistrationChange::of).collect(), next })
    }

    /// Carries out an officer's signed act on a registration: DEREGISTER or ANNUL.
    ///
    /// # Errors
    /// See [`Refusal`]; the report on the signature is stored in any case, and nothing else when refused.
    pub async fn act_on_registration(
        &self,
        caller: &Caller,
        name: ActName,
        request_id: Option<String>,
        signed_act: Vec<u8>,
    ) -> Result<RegistrationView, Refusal> {
        let now = self.clock.now();
        let (presented, key) = Self::present_act(caller, method(name), request_id, signed_act);
        if let Some(subject) = self.repeated_subject(key.as_ref()).await? {
            return self.registration(caller, subject).await;
        }
        let judged = self.judge(&presented, Purpose::Officers, caller, now).await?;
        let (act, verdict) = self.read_act(judged, name, now).await?;
        match self.close(caller, &act, &verdict, key.as_ref(), now).await {
            Ok(id) => self.registration(caller, id).await,
            // The same call made twice at once: whatever kept this one from coming first, it is answered like the other.
            Err(refusal) => match self.repeated_subject(key.as_ref()).await? {
                Some(subject) => self.registration(caller, subject).await,
                None => Err(refusal),
            },
        }
    }

    async fn close(
        &self,
        caller: &Caller,
        act: &SignedAct,
        verdict: &Verdict,
        key: Option<&RequestKey>,
        now: DateTime<Utc>,
    ) -> Result<Uuid, Refusal> {
        let signer = act.signer(verdict)?;
        let record = self.visible_registration(caller, act.subject("registrations")?).await?;
        let mission = self.mission_of_officer(signer, Duty::Act(act.meaning.name()));
        if mission.ok_or(Refusal::SignerNotOfficer)?.as_str() != record.mission {
            return Err(Refusal::OutOfJurisdiction);
        }
        act.expects(record.version)?;
        let (id, mark) = (record.id, self.mark(signer));
        let cause = Cause { actor: &mark.certificate, references: json!({ "validation_report": act.report }) };
        let mut tx = self.store.begin().await?;
        tx.insert_request_key(key, id, now).await?;
        match &act.meaning {
            Act::Deregister { ground, proof } => {
                may_be_claimed(*ground, proof.is_some())?;
                self.deregister(&mut tx, record, *ground, &cause, now).await?;
            }
            Act::Annul { reason } => {
                self.annul(&mut tx, record, reason, &cause, now).await?;
            }
            _ => return Err(Refusal::Internal("an act on applications reached the register".to_owned())),
        }
        tx.commit().await?;
        Ok(id)
    }
}

/// Whether an officer may remove a citizen on that ground without an application.
fn may_be_claimed(ground: DeregistrationGround, is_proved: bool) -> Result<(), Refusal> {
    if ground == DeregistrationGround::OwnApplication {
        let explanation = "the citizen's own wish comes as an application for de-registration";
        return Err(Refusal::ActUnfit { code: RefusalCode::DeregGroundInvalid, explanation });
    }
    if ground.needs_evidence() && !is_proved {
        let explanation = "decision.proof has to name the document that shows the ground";
        return Err(Refusal::ActUnfit { code: RefusalCode::EvidenceRequired, explanation });
    }
    Ok(())
}

impl RegistrationView {
    pub(super) fn of(record: &RegistrationRecord) -> Result<Self, Refusal> {
        let unreadable = || Refusal::Internal("a stored registration cannot be read".into());
        let ground = record.closing_ground.as_deref();
        Ok(Self {
            id: record.id,
            number: record.number.clone(),
            kind: Kind::from_name(&record.kind).ok_or_else(unreadable)?,
            state: record.state,
            mission: record.mission.clone(),
            application: record.application,
            register_time: record.registered_at,
            valid_until: record.valid_until,
            card_version: u32::try_from(record.card_version).map_err(|_| unreadable())?,
            ground: ground.map(|ground| DeregistrationGround::from_name(ground).ok_or_else(unreadable)).transpose()?,
            close_time: record.closed_at,
            family: Vec::new(),
            version: record.version,
        })
    }
}

impl RegistrationChange {
    fn of(event: EventRecord) -> Self {
        let reference = |name: &str| event.references.get(name).and_then(serde_json::Value::as_str);
        let card_version = event.references.get("card_version").and_then(serde_json::Value::as_u64);
        Self {
            application: reference("application").and_then(|id| id.parse().ok()),
            report: reference("validation_report").and_then(|id| id.parse().ok()),
            ground: reference("ground").and_then(DeregistrationGround::from_name),
            card_version: card_version.and_then(|version| u32::try_from(version).ok()),
            event: event.kind,
            actor: event.actor,
            time: event.time,
        }
    }
}
