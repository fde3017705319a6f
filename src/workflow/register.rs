//! What a granted application does to the register: in one transaction with the decision, whoever made it.

use chrono::{DateTime, Datelike, Utc};
use serde_json::{Value, json};

use super::decide::{Case, corrupt};
use super::outbox::job;
use super::papers::reserve_of_completion;
use super::passport::schedule_passport;
use super::{Refusal, Workflow};
use crate::notify::{MissionNotice, RegistrationNotice};
use crate::registration::act::AnnulmentReason;
use crate::registration::calendar::local_day;
use crate::registration::event::EventName;
use crate::registration::form::ApplicationType;
use crate::registration::mission::Mission;
use crate::registration::numbers::Series;
use crate::registration::record::Entry;
use crate::registration::{DeregistrationGround, Registration, RegistrationState};
use crate::store::{CardRecord, NewEvent, NewRegistration, NumberSeries, RegistrationRecord, Tx, id_at};

/// Who acts on a registration and what the event about it refers to.
pub(super) struct Cause<'a> {
    /// See [`NewEvent::actor`].
    pub actor: &'a str,
    /// See [`NewEvent::references`]; an object.
    pub references: Value,
}

impl<'a> Cause<'a> {
    fn application(case: &Case, actor: &'a str) -> Self {
        Self { actor, references: json!({ "application": case.record.id }) }
    }

    fn event(&self, name: EventName, registration: &RegistrationRecord, now: DateTime<Utc>) -> NewEvent {
        let mut references = self.references.clone();
        references["card_version"] = json!(registration.card_version);
        if let Some(ground) = &registration.closing_ground {
            references["ground"] = json!(ground);
        }
        NewEvent {
            subject_type: "REGISTRATION",
            subject: registration.id,
            kind: name.as_str().to_owned(),
            actor: self.actor.to_owned(),
            time: now,
            references,
        }
    }
}

impl Workflow {
    /// Does in the register what was applied for, and reserves the document's number; the job COMPLETE does the slow rest. `seen` is the
    /// registration that the rules were asked about. [`Refusal::Overtaken`] when the register changed since the rules were asked: they have to be asked again.
    pub(super) async fn grant(
        &self,
        tx: &mut Tx,
        case: &mut Case,
        seen: Option<&RegistrationRecord>,
        actor: &str,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let origin = Cause::application(case, actor);
        let registration = match case.form.application_type {
            ApplicationType::Register => self.open(tx, case, &origin, now).await?,
            ApplicationType::Change => {
                let (record, registration) = present(tx, case, seen).await?;
                let changed = registration.change(case.form.card.stay.until)?;
                self.renew(tx, case, record, &changed, EventName::RegistrationChanged, &origin, now).await?
            }
            ApplicationType::Extend => {
                let (record, registration) = present(tx, case, seen).await?;
                let extended = registration.extend(case.form.card.stay.until)?;
                self.renew(tx, case, record, &extended, EventName::RegistrationExtended, &origin, now).await?
            }
            ApplicationType::Transfer => {
                // The registration there ends first: a person has one open registration in the world, by an index.
                let (former, _) = present(tx, case, seen).await?;
                let former =
                    self.deregister(tx, former, DeregistrationGround::RegisteredElsewhere, &origin, now).await?;
                let registration = self.open(tx, case, &origin, now).await?;
                self.reserve_of_transfer(tx, case, &former, &registration, now).await?;
                self.tell_of_transfer(tx, case, &former, &registration, now).await?;
                registration
            }
            ApplicationType::Deregister => {
                let (mut record, registration) = present(tx, case, seen).await?;
                let removed = registration.deregister(case.form.deregistration_ground(), now)?;
                write(tx, &mut record, &removed, now).await?;
                tx.append_event(&origin.event(EventName::RegistrationDeregistered, &record, now));
                record
            }
            ApplicationType::Certificate => {
                let (record, _) = present(tx, case, seen).await?;
                tx.append_event(&origin.event(EventName::RegistrationCertified, &record, now));
                record
            }
        };
        reserve_of_completion(tx, case, &registration, now).await?;
        case.record.registration_id = Some(registration.id);
        case.record.updated_at = now;
        case.record.version = tx.update_application(&case.record).await?;
        Ok(tx.enqueue(vec![job::complete(case.record.id, now)]).await?)
    }

    async fn open(
        &self,
        tx: &mut Tx,
        case: &Case,
        origin: &Cause<'_>,
        now: DateTime<Utc>,
    ) -> Result<RegistrationRecord, Refusal> {
        let number = tx.allocate_number(&series(&case.mission, Series::Registration, now)).await?;
        let registration = tx
            .insert_registration(NewRegistration {
                id: id_at(now),
                number,
                iin_hash: case.record.iin_hash,
                kind: case.record.kind.clone(),
                mission: case.record.mission.clone(),
                application: case.record.id,
                registered_at: now,
                valid_until: case.form.card.stay.until,
                card: card(case)?,
            })
            .await?;
        tx.replace_family(registration.id, self.family_of(&case.form)).await?;
        tx.append_event(&origin.event(EventName::RegistrationOpened, &registration, now));
        tx.enqueue(vec![job::reconfirm(registration.id, super::term::confirmed_until(now, &case.mission))]).await?;
        self.schedule_term(tx, &registration, &case.mission, now).await?;
        schedule_passport(tx, &registration, &case.form.card, &case.mission, now).await?;
        Ok(registration)
    }

    /// Tells both missions of a transfer, each with the application that it sees.
    async fn tell_of_transfer(
        &self,
        tx: &mut Tx,
        case: &Case,
        former: &RegistrationRecord,
        registration: &RegistrationRecord,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let from = self.mission_of(former)?;
        let notice = MissionNotice::Transferred {
            former: former.number.clone(),
            from: from.name.clone(),
            registration: registration.number.clone(),
            to: case.mission.name.clone(),
        };
        // An application may have brought a registration here before it went on from here: 1 is its coming, 2 its going.
        self.tell_mission(tx, &from, (former.application, 2), &notice, now).await?;
        self.tell_mission(tx, &case.mission, (case.record.id, 1), &notice, now).await?;
        Ok(())
    }

    /// Writes the next version of the card and what follows from it for the stay.
    #[expect(clippy::too_many_arguments, reason = "all of it is one step of one transaction")]
    async fn renew(
        &self,
        tx: &mut Tx,
        case: &Case,
        mut record: RegistrationRecord,
        renewed: &Registration,
        event: EventName,
        origin: &Cause<'_>,
        now: DateTime<Utc>,
    ) -> Result<RegistrationRecord, Refusal> {
        let former = record.valid_until;
        write(tx, &mut record, renewed, now).await?;
        tx.insert_card(CardRecord {
            registration: record.id,
            card_version: record.card_version,
            application: case.record.id,
            recorded_at: now,
            card: card(case)?,
        })
        .await?;
        tx.replace_family(record.id, self.family_of(&case.form)).await?;
        tx.append_event(&origin.event(event, &record, now));
        if record.valid_until != former {
            self.schedule_term(tx, &record, &case.mission, now).await?;
        }
        schedule_passport(tx, &record, &case.form.card, &case.mission, now).await?;
        Ok(record)
    }

    /// Removes a registration from the register on a ground that did not come by the citizen's application, and tells the citizen.
    pub(super) async fn deregister(
        &self,
        tx: &mut Tx,
        mut record: RegistrationRecord,
        ground: DeregistrationGround,
        origin: &Cause<'_>,
        now: DateTime<Utc>,
    ) -> Result<RegistrationRecord, Refusal> {
        let removed = registration(&record)?.deregister(ground, now)?;
        write(tx, &mut record, &removed, now).await?;
        tx.append_event(&origin.event(EventName::RegistrationDeregistered, &record, now));
        let on = local_day(now, self.mission_of(&record)?.time_zone);
        let notice =
            RegistrationNotice::Deregistered { registration: record.number.clone(), ground: ground.text(), on };
        self.tell(tx, &record, &notice, 1, now).await?;
        self.reserve_of_removal(tx, &record, now).await?;
        Ok(record)
    }

    /// Annuls a registration, and tells the citizen.
    pub(super) async fn annul(
        &self,
        tx: &mut Tx,
        mut record: RegistrationRecord,
        reason: &AnnulmentReason,
        origin: &Cause<'_>,
        now: DateTime<Utc>,
    ) -> Result<RegistrationRecord, Refusal> {
        let annulled = registration(&record)?.annul(now)?;
        write(tx, &mut record, &annulled, now).await?;
        tx.append_event(&origin.event(EventName::RegistrationAnnulled, &record, now));
        let on = local_day(now, self.mission_of(&record)?.time_zone);
        let notice = RegistrationNotice::Annulled { registration: record.number.clone(), reason: reason.text(), on };
        self.tell(tx, &record, &notice, 1, now).await?;
        Ok(record)
    }

    /// ACTIVE → OVERDUE in the register.
    pub(super) async fn expire(
        &self,
        tx: &mut Tx,
        record: &mut RegistrationRecord,
        origin: &Cause<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let today = local_day(now, self.mission_of(record)?.time_zone);
        let overdue = registration(record)?.expire(today)?;
        write(tx, record, &overdue, now).await?;
        tx.append_event(&origin.event(EventName::RegistrationOverdue, record, now));
        Ok(())
    }
}

/// The registration that an application is about, as the transaction sees it. If it is not the very one, in the very version, that the
/// rules were asked about, they are asked again.
async fn present(
    tx: &Tx,
    case: &Case,
    seen: Option<&RegistrationRecord>,
) -> Result<(RegistrationRecord, Registration), Refusal> {
    let record = tx.open_registration(case.record.iin_hash).await?;
    let is_the_same =
        |record: &RegistrationRecord| seen.is_some_and(|seen| (seen.id, seen.version) == (record.id, record.version));
    let record = record.filter(is_the_same).ok_or(Refusal::Overtaken)?;
    let registration = registration(&record)?;
    Ok((record, registration))
}

/// A stored registration as the state machine knows it.
pub(super) fn registration(record: &RegistrationRecord) -> Result<Registration, Refusal> {
    let card_version = u32::try_from(record.card_version).map_err(|_| corrupt("registration"))?;
    let entry = Entry { card_version, valid_until: record.valid_until };
    let closed_time = record.closed_at.unwrap_or(record.updated_at);
    match record.state {
        RegistrationState::Active => Ok(Registration::Active(entry)),
        RegistrationState::Overdue => Ok(Registration::Overdue(entry)),
        RegistrationState::Annulled => Ok(Registration::Annulled { entry, closed_time }),
        RegistrationState::Deregistered => {
            let ground = record.closing_ground.as_deref().and_then(DeregistrationGround::from_name);
            let ground = ground.ok_or_else(|| corrupt("registration"))?;
            Ok(Registration::Deregistered { entry, ground, closed_time })
        }
    }
}

/// Writes a registration over the version that `record` was read at.
async fn write(
    tx: &mut Tx,
    record: &mut RegistrationRecord,
    registration: &Registration,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let entry = registration.entry();
    record.state = registration.state();
    record.card_version = i32::try_from(entry.card_version).map_err(|_| corrupt("registration"))?;
    record.valid_until = entry.valid_until;
    record.updated_at = now;
    match registration {
        Registration::Active(_) | Registration::Overdue(_) => {}
        Registration::Deregistered { ground, closed_time, .. } => {
            record.closed_at = Some(*closed_time);
            record.closing_ground = Some(ground.as_str().to_owned());
        }
        Registration::Annulled { closed_time, .. } => record.closed_at = Some(*closed_time),
    }
    record.version = tx.update_registration(record).await?;
    Ok(())
}

fn card(case: &Case) -> Result<Vec<u8>, Refusal> {
    serde_json::to_vec(&case.form.card).map_err(|error| Refusal::Internal(format!("card: {error}")))
}

pub(super) fn series(mission: &Mission, series: Series, now: DateTime<Utc>) -> NumberSeries {
    let year = local_day(now, mission.time_zone).year();
    NumberSeries { series: series.prefix(&mission.code), year }
}
