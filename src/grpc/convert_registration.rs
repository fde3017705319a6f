//! Registrations in the form of the wire.

use super::convert::{etag, registration_kind, text};
use super::convert_time::timestamp;
use super::failure::Failure;
use super::names;
use super::proto;
use crate::registration::form::Kind;
use crate::registration::{DeregistrationGround, FieldViolation, RegistrationState, ViolationCode};
use crate::workflow::{FamilyMemberView, RegistrationChange, RegistrationQuery, RegistrationView, ResourceKind};

/// A registration.
pub fn registration(view: RegistrationView) -> proto::Registration {
    proto::Registration {
        name: names::format(ResourceKind::Registration, view.id),
        number: view.number,
        kind: registration_kind(view.kind).into(),
        state: state(view.state).into(),
        mission: view.mission,
        application: names::format(ResourceKind::Application, view.application),
        register_time: Some(timestamp(view.register_time)),
        valid_until: view.valid_until.map(|day| day.to_string()).unwrap_or_default(),
        etag: etag(view.version),
        card_version: view.card_version,
        deregistration_ground: ground(view.ground).into(),
        close_time: view.close_time.map(timestamp),
        state_text: Some(text(&view.state.words().together())),
        family_members: view.family.into_iter().map(family_member).collect(),
    }
}

fn family_member(member: FamilyMemberView) -> proto::FamilyMember {
    let registration = member.registration.map(|id| names::format(ResourceKind::Registration, id));
    proto::FamilyMember {
        relation: member.relation.as_str().to_owned(),
        number: member.number,
        registration: registration.unwrap_or_default(),
        state: member.state.map_or(proto::RegistrationState::Unspecified, state).into(),
    }
}

/// One step in the life of a registration.
pub fn change(change: RegistrationChange) -> proto::RegistrationChange {
    let name = |kind, id: Option<uuid::Uuid>| id.map(|id| names::format(kind, id)).unwrap_or_default();
    proto::RegistrationChange {
        event: change.event,
        event_time: Some(timestamp(change.time)),
        actor: change.actor,
        application: name(ResourceKind::Application, change.application),
        validation_report: name(ResourceKind::ValidationReport, change.report),
        card_version: change.card_version.unwrap_or_default(),
        deregistration_ground: ground(change.ground).into(),
    }
}

/// What a list asks for.
pub fn query(request: &proto::ListRegistrationsRequest) -> Result<RegistrationQuery, Failure> {
    let state = match proto::RegistrationState::try_from(request.state).map_err(|_| unknown("state"))? {
        proto::RegistrationState::Unspecified => None,
        proto::RegistrationState::Active => Some(RegistrationState::Active),
        proto::RegistrationState::Overdue => Some(RegistrationState::Overdue),
        proto::RegistrationState::Deregistered => Some(RegistrationState::Deregistered),
        proto::RegistrationState::Annulled => Some(RegistrationState::Annulled),
    };
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let kind = asked_kind(request.kind)?;
    Ok(RegistrationQuery { mission: given(&request.mission), state, kind, number: given(&request.number) })
}

/// The kind that is asked for in the field `kind`, if one is.
pub fn asked_kind(wire: i32) -> Result<Option<Kind>, Failure> {
    match proto::RegistrationKind::try_from(wire) {
        Ok(proto::RegistrationKind::Unspecified) => Ok(None),
        Ok(proto::RegistrationKind::Permanent) => Ok(Some(Kind::Permanent)),
        Ok(proto::RegistrationKind::Temporary) => Ok(Some(Kind::Temporary)),
        Err(_) => Err(unknown("kind")),
    }
}

fn unknown(field: &str) -> Failure {
    Failure::field(FieldViolation::new(field, ViolationCode::UnknownValue, "is not a value of this version"))
}

fn state(state: RegistrationState) -> proto::RegistrationState {
    match state {
        RegistrationState::Active => proto::RegistrationState::Active,
        RegistrationState::Overdue => proto::RegistrationState::Overdue,
        RegistrationState::Deregistered => proto::RegistrationState::Deregistered,
        RegistrationState::Annulled => proto::RegistrationState::Annulled,
    }
}

fn ground(ground: Option<DeregistrationGround>) -> proto::DeregistrationGround {
    match ground {
        None => proto::DeregistrationGround::Unspecified,
        Some(DeregistrationGround::OwnApplication) => proto::DeregistrationGround::OwnApplication,
        Some(DeregistrationGround::RegisteredElsewhere) => proto::DeregistrationGround::RegisteredElsewhere,
        Some(DeregistrationGround::StayExpired) => proto::DeregistrationGround::StayExpired,
        Some(DeregistrationGround::DeathOrCourtDecision) => proto::DeregistrationGround::DeathOrCourtDecision,
        Some(DeregistrationGround::CitizenshipLost) => proto::DeregistrationGround::CitizenshipLost,
    }
}
