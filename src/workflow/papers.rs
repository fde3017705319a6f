//! The documents of the procedure: which one a step brings, what it says, and the reservation of its number. Making them is for `complete`.
//!
//! What a document says is fixed in the transaction of its step: a document that is made later says what was true then. The step is not
//! held up by it: a job makes the document, and a receipt is made when it is first asked for.

use chrono::{DateTime, FixedOffset, SubsecRound, Utc};
use uuid::Uuid;

use super::decide::{Case, corrupt};
use super::facts::due;
use super::outbox::job;
use super::register::series;
use super::{Refusal, Workflow};
use crate::documents::{
    Acceptance, DocumentFacts, EmergencyContacts, FieldRemark, Grounds, Hearing, Holder, IssuingMission, Matter,
    PreliminaryDecision, Refusal as Refused, RegistrationMatter, Removal, Return, Transfer,
};
use crate::registration::calendar::local_day;
use crate::registration::decision::remarks;
use crate::registration::document::DocumentKind;
use crate::registration::event::EventName;
use crate::registration::form::{self, Card, presented};
use crate::registration::hearing::{self, APPEAL, Protocol, RefusalGround, appeal_article, hearing_article};
use crate::registration::mission::Mission;
use crate::registration::numbers::Series;
use crate::registration::rules::{Channel, Stage};
use crate::registration::{DeregistrationGround, Kind, Text};
use crate::signature::VerifiedSigner;
use crate::store::{DocumentNumber, DocumentRecord, NewDocument, RegistrationRecord, Tx, id_at};

/// The name of a person who signed, as the certificate has it.
pub(super) fn signer_name(signer: &VerifiedSigner) -> Option<String> {
    let identity = signer.identity()?;
    let parts = [Some(&identity.common_name), identity.patronymic.as_ref()];
    Some(parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" "))
}

/// A document about to be reserved.
struct Paper<'a> {
    application: Uuid,
    registration: Option<Uuid>,
    kind: DocumentKind,
    version: i32,
    mission: &'a Mission,
    holder: Holder,
    matter: Matter,
    issued: DateTime<Utc>,
}

impl Paper<'_> {
    /// Reserves it under the next number of the mission that issues it.
    async fn reserve(self, tx: &mut Tx) -> Result<DocumentRecord, Refusal> {
        let number = DocumentNumber::Next(series(self.mission, Series::Document, self.issued));
        self.reserve_as(tx, number).await
    }

    async fn reserve_as(self, tx: &mut Tx, number: DocumentNumber) -> Result<DocumentRecord, Refusal> {
        let facts = DocumentFacts {
            issued_at: at_mission(self.issued, self.mission),
            holder: self.holder,
            mission: issuing(self.mission),
            matter: self.matter,
        };
        let facts = serde_json::to_vec(&facts).map_err(|error| Refusal::Internal(format!("document: {error}")))?;
        let new = NewDocument {
            id: id_at(self.issued),
            application: self.application,
            registration: self.registration,
            kind: self.kind.as_str().to_owned(),
            version: self.version,
            number,
            reserved_at: self.issued,
            facts,
        };
        Ok(tx.reserve_document(new).await?)
    }
}

/// Reserves the receipt of an application, once: it bears the application's own number and the time of its acceptance, and comes from the
/// mission that accepted it, wherever the application has gone since.
pub(super) async fn reserve_receipt(tx: &mut Tx, case: &Case, accepted_by: &Mission) -> Result<(), Refusal> {
    if case.record.revision > 1 {
        return Ok(());
    }
    let received = case.record.received_at;
    let matter = Matter::Acceptance(Acceptance {
        application_type: case.form.application_type,
        kind: case.kind,
        channel: case.channel,
        presented: presented(&case.form),
        officer: case.detail.entered_by.clone(),
        due_at: at_mission(due(accepted_by, case.channel, received), accepted_by),
    });
    let receipt = Paper { mission: accepted_by, ..of_case(case, DocumentKind::Receipt, 1, matter, received) };
    receipt.reserve_as(tx, DocumentNumber::Given(case.record.number.clone())).await?;
    Ok(())
}

/// Reserves the document that a step of the procedure brings, if it brings one, and has it made. The case is as it is after the step.
pub(super) async fn reserve_of_step(
    tx: &mut Tx,
    case: &Case,
    step: EventName,
    officer: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let officer = officer.map(str::to_owned);
    let application = case.record.number.clone();
    let (kind, version, matter) = match step {
        // Every revision of the form is returned at most once.
        EventName::ApplicationReturned => {
            (DocumentKind::ReturnNotice, case.record.revision, Matter::Return(returned(case, officer)))
        }
        EventName::ApplicationRefusalAnnounced => {
            let announced = &case.detail.announced.as_ref().ok_or_else(|| corrupt("preliminary decision"))?.decision;
            let matter = Matter::PreliminaryDecision(PreliminaryDecision {
                application,
                grounds: grounds(&announced.grounds, hearing_article()),
                hearing_at: at_mission(announced.hearing.time, &case.mission),
                place: announced.hearing.place.to_string(),
                objection_until: at_mission(announced.objection_until, &case.mission),
                officer,
            });
            (DocumentKind::PreliminaryDecision, 1, matter)
        }
        EventName::ApplicationHeard => {
            let protocol = case.detail.protocol.as_ref().and_then(|protocol| held(case, protocol));
            let matter = Matter::Hearing(protocol.ok_or_else(|| corrupt("protocol"))?);
            (DocumentKind::HearingProtocol, 1, matter)
        }
        EventName::ApplicationRefused => {
            let refused = case.detail.refused.as_ref().ok_or_else(|| corrupt("refusal"))?;
            let announced = case.detail.announced.as_ref();
            let begin = case.detail.protocol.as_ref().and_then(|protocol| protocol.begin);
            let matter = Matter::Refusal(Refused {
                application,
                grounds: grounds(refused, appeal_article()),
                announced_at: announced.map(|announced| at_mission(announced.decision.announced_time, &case.mission)),
                heard_at: begin.map(|begin| at_mission(begin, &case.mission)),
                appeal: APPEAL,
                officer,
            });
            (DocumentKind::Refusal, 1, matter)
        }
        _ => return Ok(()),
    };
    let document = of_case(case, kind, version, matter, now).reserve(tx).await?;
    Ok(tx.enqueue(vec![job::issue(document.id, now)]).await?)
}

/// Reserves the document that a granted application ends with, if it ends with one; the job COMPLETE makes it.
pub(super) async fn reserve_of_completion(
    tx: &mut Tx,
    case: &Case,
    registration: &RegistrationRecord,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let Some(kind) = DocumentKind::on_completion(case.form.application_type, case.kind, case.channel) else {
        return Ok(());
    };
    let matter = |card: &Card| registered(kind, registration, &case.mission, card).map(Matter::Registration);
    let paper = if case.form.application_type.writes_card() {
        of_case(case, kind, 1, matter(&case.form.card)?, now)
    } else {
        // Who applies about a registration need not fill the card in again: the register has it.
        let card = card_of(tx, registration).await?;
        Paper { holder: holder(&card, &case.form.applicant.iin), ..of_case(case, kind, 1, matter(&card)?, now) }
    };
    Paper { registration: Some(registration.id), ..paper }.reserve(tx).await?;
    Ok(())
}

impl Workflow {
    /// Reserves the document that a citizen gets who was removed from the register without an application, and has it made. It belongs to
    /// the application that opened the registration, and follows its channel.
    pub(super) async fn reserve_of_removal(
        &self,
        tx: &mut Tx,
        registration: &RegistrationRecord,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let opened = tx.application(registration.application).await?.ok_or_else(|| corrupt("application"))?;
        let form = tx.application_form(registration.application).await?.ok_or_else(|| corrupt("form"))?;
        let form = form::decode(&form.form).map_err(|_| corrupt("form"))?;
        let channel = Channel::from_name(&opened.channel).ok_or_else(|| corrupt("channel"))?;
        let document = DocumentKind::on_removal(channel);
        let card = card_of(tx, registration).await?;
        let mission = self.mission_of(registration)?;
        let paper = Paper {
            application: registration.application,
            registration: Some(registration.id),
            kind: document,
            version: 1,
            mission: &mission,
            holder: holder(&card, &form.applicant.iin),
            matter: Matter::Registration(registered(document, registration, &mission, &card)?),
            issued: now,
        };
        let document = paper.reserve(tx).await?;
        Ok(tx.enqueue(vec![job::issue(document.id, now)]).await?)
    }

    /// Reserves the new mission's notice to the former one, and has it made. It belongs to the application that opened the former
    /// registration, where the former mission sees it.
    pub(super) async fn reserve_of_transfer(
        &self,
        tx: &mut Tx,
        case: &Case,
        former: &RegistrationRecord,
        registration: &RegistrationRecord,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let matter = Matter::Transfer(Transfer {
            former_mission: self.mission_of(former)?.name.clone(),
            former_registration: former.number.clone(),
            registration: registration.number.clone(),
            registered_on: local_day(registration.registered_at, case.mission.time_zone),
            kind: case.kind,
        });
        let notice = of_case(case, DocumentKind::TransferNotice, 1, matter, now);
        let notice = Paper { application: former.application, registration: Some(former.id), ..notice };
        let document = notice.reserve(tx).await?;
        Ok(tx.enqueue(vec![job::issue(document.id, now)]).await?)
    }
}

fn of_case(case: &Case, kind: DocumentKind, version: i32, matter: Matter, issued: DateTime<Utc>) -> Paper<'_> {
    Paper {
        application: case.record.id,
        registration: None,
        kind,
        version,
        mission: &case.mission,
        holder: holder(&case.form.card, &case.form.applicant.iin),
        matter,
        issued,
    }
}

fn returned(case: &Case, officer: Option<String>) -> Return {
    let due = case.record.due_at.unwrap_or(case.record.received_at);
    let remarks = remarks(&case.detail.findings, Stage::Deficiency).into_iter();
    Return {
        application: case.record.number.clone(),
        remarks: remarks.map(|coded| FieldRemark { field: coded.remark.field, text: coded.remark.text }).collect(),
        due_at: at_mission(due, &case.mission),
        officer,
    }
}

fn grounds(grounds: &hearing::Grounds, article: Text) -> Grounds {
    let listed = grounds.listed();
    let text = |reason: Option<&str>| reason.unwrap_or_default().to_owned();
    Grounds {
        ground: listed.map_or_else(|| Text::fixed("", "", ""), RefusalGround::text),
        reason_kk: text(grounds.reason_kk.as_deref()),
        reason_ru: text(grounds.reason_ru.as_deref()),
        law: listed.into_iter().flat_map(RefusalGround::acts).chain([article]).collect(),
    }
}

/// The rules see to it that a protocol has every item before the hearing is recorded.
fn held(case: &Case, protocol: &Protocol) -> Option<Hearing> {
    Some(Hearing {
        application: case.record.number.clone(),
        place: protocol.place.as_ref()?.to_string(),
        begin: at_mission(protocol.begin?, &case.mission),
        end: at_mission(protocol.end?, &case.mission),
        body: protocol.body.as_ref()?.to_string(),
        official: protocol.official.as_ref()?.to_string(),
        secretary: protocol.secretary.as_ref()?.to_string(),
        participant: protocol.participant.as_ref()?.to_string(),
        question: protocol.question.as_ref()?.to_string(),
        explanations: protocol.explanations.as_ref()?.to_string(),
        signed_by_chair: protocol.signed_by_chair?,
        signed_by_secretary: protocol.signed_by_secretary?,
    })
}

fn registered(
    document: DocumentKind,
    registration: &RegistrationRecord,
    mission: &Mission,
    card: &Card,
) -> Result<RegistrationMatter, Refusal> {
    let ground = registration.closing_ground.as_deref().and_then(DeregistrationGround::from_name);
    let removal = ground
        .zip(registration.closed_at)
        .map(|(ground, closed)| Removal { on: local_day(closed, mission.time_zone), ground: ground.text() });
    let passport = card.identity.document.as_ref().and_then(|document| document.number.as_ref());
    Ok(RegistrationMatter {
        registration: registration.number.clone(),
        registered_on: local_day(registration.registered_at, mission.time_zone),
        kind: Kind::from_name(&registration.kind).ok_or_else(|| corrupt("registration"))?,
        valid_until: registration.valid_until,
        passport: passport.filter(|_| document == DocumentKind::PassportInsert).map(ToString::to_string),
        removal: removal.filter(|_| document.is_of_removal()),
    })
}

async fn card_of(tx: &Tx, registration: &RegistrationRecord) -> Result<Card, Refusal> {
    let card = tx.registration_card(registration.id, registration.card_version).await?;
    serde_json::from_slice(&card.ok_or_else(|| corrupt("card"))?.card).map_err(|_| corrupt("card"))
}

fn holder(card: &Card, iin: &str) -> Holder {
    let text = |value: Option<String>| value.unwrap_or_default();
    let name = card.identity.name.clone().unwrap_or_default();
    let latin = card.identity.name_latin.clone().unwrap_or_default();
    Holder {
        surname: text(name.surname.map(String::from)),
        given_name: text(name.given.map(String::from)),
        patronymic: name.patronymic.map(String::from),
        latin_surname: text(latin.surname.map(String::from)),
        latin_given_name: text(latin.given.map(String::from)),
        iin: iin.to_owned(),
    }
}

fn issuing(mission: &Mission) -> IssuingMission {
    IssuingMission {
        name: mission.name.clone(),
        district: mission.district_name.clone(),
        emergency: EmergencyContacts {
            phones: vec![mission.emergency.phone.clone()],
            email: Some(mission.emergency.email.clone()),
            address: None,
        },
    }
}

fn at_mission(time: DateTime<Utc>, mission: &Mission) -> DateTime<FixedOffset> {
    time.trunc_subsecs(0).with_timezone(&mission.time_zone).fixed_offset()
}
