//! Applications, registrations, documents and notifications in the form of the wire, and what is common to requests.

use super::convert_time::timestamp;
use super::failure::Failure;
use super::names;
use super::proto;
use crate::registration::application::ApplicationState;
use crate::registration::document::DocumentKind;
use crate::registration::event::Audience;
use crate::registration::form::{ApplicationType, Kind};
use crate::registration::rules::{Channel, Finding, Outcome};
use crate::registration::state_register::{Fact, Statement};
use crate::registration::{FieldViolation, Text, ViolationCode};
use crate::workflow::{
    ApplicationChange, ApplicationView, Awaited, AwaitedFrom, ConsentWithdrawal, DocumentView, NotificationView, Page,
    QueueEntry, RefusalView, RegisterAnswerView, ResourceKind, Urgency,
};

/// Items on a page when the request does not say.
const DEFAULT_PAGE: u32 = 50;
/// Items on a page at the most.
const LARGEST_PAGE: u32 = 200;
/// Characters of a request_id at the most.
const LONGEST_REQUEST_ID: usize = 64;

/// An etag: the version as text, as officers' acts and changes of trust name it.
pub fn etag(version: i64) -> String {
    version.to_string()
}

/// The request_id, when one is given: printable ASCII, so that it can be stored and logged as it is.
pub fn request_id(text: String) -> Result<Option<String>, Failure> {
    if text.is_empty() {
        return Ok(None);
    }
    let violation = |code, description: &str| Err(Failure::field(FieldViolation::new("request_id", code, description)));
    if text.len() > LONGEST_REQUEST_ID {
        return violation(ViolationCode::BadLength, "has at most 64 characters");
    }
    if !text.bytes().all(|octet| octet.is_ascii_graphic()) {
        return violation(ViolationCode::BadCharacter, "has printable ASCII characters only");
    }
    Ok(Some(text))
}

/// The octets in `field`, which may not be empty.
pub fn required(field: &'static str, octets: Vec<u8>) -> Result<Vec<u8>, Failure> {
    if octets.is_empty() { Err(missing(field)) } else { Ok(octets) }
}

/// A text that has to be given.
pub fn required_text(field: &'static str, text: String) -> Result<String, Failure> {
    if text.is_empty() { Err(missing(field)) } else { Ok(text) }
}

fn missing(field: &'static str) -> Failure {
    Failure::field(FieldViolation::new(field, ViolationCode::MissingField, "has to be given"))
}

/// The page asked for (AIP-158): sizes over the greatest are brought down, negative ones are wrong.
pub fn page(size: i32, token: String) -> Result<Page, Failure> {
    let size = match u32::try_from(size) {
        Ok(0) => DEFAULT_PAGE,
        Ok(size) => size.min(LARGEST_PAGE),
        Err(_) => {
            return Err(Failure::field(FieldViolation::new(
                "page_size",
                ViolationCode::OutOfRange,
                "may not be negative",
            )));
        }
    };
    Ok(Page { size, token: Some(token).filter(|token| !token.is_empty()) })
}

/// A sentence in three languages.
pub fn text(text: &Text) -> proto::LocalizedText {
    proto::LocalizedText { kk: text.kk.to_string(), ru: text.ru.to_string(), en: text.en.to_string() }
}

/// An application.
pub fn application(view: ApplicationView) -> proto::Application {
    let is_stored = view.id.is_some();
    proto::Application {
        name: view.id.map(|id| names::format(ResourceKind::Application, id)).unwrap_or_default(),
        application_id: view.application_id.to_string(),
        revision: view.revision,
        number: view.number.unwrap_or_default(),
        state: view.state.map_or(proto::ApplicationState::Unspecified, application_state).into(),
        r#type: application_type(view.application_type).into(),
        kind: registration_kind(view.kind).into(),
        channel: channel(view.channel).into(),
        mission: view.mission,
        language: view.language.as_str().to_owned(),
        submitted_by: view.submitted_by,
        accept_time: view.accept_time.map(timestamp),
        due_time: view.due_time.map(timestamp),
        complete_time: view.complete_time.map(timestamp),
        validation_report: names::format(ResourceKind::ValidationReport, view.report),
        findings: view.findings.iter().map(finding).collect(),
        awaiting: view.awaited.as_ref().map(|awaited| text(&awaited.text)),
        awaiting_from: view.awaited.as_ref().map_or(proto::AwaitedFrom::Unspecified, awaited_from).into(),
        awaiting_until: view.awaited.as_ref().and_then(|awaited| awaited.until).map(timestamp),
        refusal: view.refusal.map(refusal),
        state_text: view.state.map(|state| text(&state.words().together())),
        register_answers: view.register_answers.into_iter().map(register_answer).collect(),
        registration: view.registration.map(|id| names::format(ResourceKind::Registration, id)).unwrap_or_default(),
        etag: if is_stored { etag(view.version) } else { String::new() },
        update_time: view.update_time.map(timestamp),
    }
}

/// What withdrawing a consent led to.
pub fn consent_withdrawal(withdrawal: ConsentWithdrawal) -> proto::WithdrawConsentResponse {
    let ended = withdrawal.ended.into_iter().map(|id| names::format(ResourceKind::Application, id));
    proto::WithdrawConsentResponse {
        application: Some(application(withdrawal.application)),
        ended_applications: ended.collect(),
        consequences: Some(text(&withdrawal.consequences)),
        citation: Some(text(&withdrawal.citation)),
        withdraw_time: Some(timestamp(withdrawal.time)),
    }
}

/// One step of a watched application.
pub fn application_change(change: ApplicationChange) -> proto::WatchApplicationResponse {
    proto::WatchApplicationResponse {
        application: Some(application(change.application)),
        event: change.event.unwrap_or_default(),
        event_time: Some(timestamp(change.time)),
        resume_token: change.resume_token,
    }
}

/// A document's description.
pub fn document(view: DocumentView) -> proto::Document {
    proto::Document {
        name: names::format(ResourceKind::Document, view.id),
        application: names::format(ResourceKind::Application, view.application),
        kind: document_kind(view.kind).into(),
        version: view.version,
        number: view.number,
        issue_time: Some(timestamp(view.issue_time)),
        size_bytes: view.size.unwrap_or_default(),
        sha256: view.sha256.map(hex::encode).unwrap_or_default(),
    }
}

/// A notification.
pub fn notification(view: NotificationView) -> proto::Notification {
    proto::Notification {
        name: names::format(ResourceKind::Notification, view.id),
        application: names::format(ResourceKind::Application, view.application),
        kind: view.kind,
        language: view.language.as_str().to_owned(),
        subject: view.subject,
        body: view.body,
        create_time: Some(timestamp(view.create_time)),
        crisis: view.crisis.map(|crisis| names::format(ResourceKind::Crisis, crisis)).unwrap_or_default(),
        acknowledge_time: view.acknowledge_time.map(timestamp),
        audience: match view.audience {
            Audience::Applicant => proto::NotificationAudience::Applicant,
            Audience::Officers => proto::NotificationAudience::Officers,
            Audience::OfficersAndSupervisor => proto::NotificationAudience::OfficersAndSupervisor,
        }
        .into(),
    }
}

/// An application that waits at a mission.
pub fn queue_entry(entry: QueueEntry) -> proto::QueueEntry {
    let urgency = match entry.urgency {
        Urgency::OnTime => proto::Urgency::OnTime,
        Urgency::DueSoon => proto::Urgency::DueSoon,
        Urgency::Overdue => proto::Urgency::Overdue,
        Urgency::Paused => proto::Urgency::Paused,
    };
    proto::QueueEntry {
        application: Some(application(entry.application)),
        urgency: urgency.into(),
        examined_by: entry.examined_by.unwrap_or_default(),
    }
}

fn awaited_from(awaited: &Awaited) -> proto::AwaitedFrom {
    match awaited.from {
        AwaitedFrom::Applicant => proto::AwaitedFrom::Applicant,
        AwaitedFrom::Mission => proto::AwaitedFrom::Mission,
        AwaitedFrom::Service => proto::AwaitedFrom::Service,
        AwaitedFrom::Register => proto::AwaitedFrom::Register,
    }
}

fn register_answer(view: RegisterAnswerView) -> proto::RegisterAnswer {
    let statement = |(fact, statement): &(Fact, Statement)| proto::RegisterStatement {
        fact: fact.as_str().to_owned(),
        statement: statement.as_str().to_owned(),
    };
    proto::RegisterAnswer {
        register: view.answer.register.as_str().to_owned(),
        reference: view.answer.reference,
        answer_time: Some(timestamp(view.answer.time)),
        statements: view.answer.statements.iter().map(statement).collect(),
        evidence: view.evidence,
    }
}

fn refusal(view: RefusalView) -> proto::Refusal {
    proto::Refusal {
        ground: view.ground,
        reason: Some(text(&view.reason)),
        appeal: Some(text(&view.appeal)),
        hearing_time: view.hearing_time.map(timestamp),
        hearing_place: view.hearing_place.unwrap_or_default(),
        objection_until: view.objection_until.map(timestamp),
        objection_upheld: view.objection_upheld,
    }
}

fn finding(finding: &Finding) -> proto::Finding {
    let (outcome, reason) = match &finding.outcome {
        Outcome::Met => (proto::FindingOutcome::Met, ""),
        Outcome::NotMet(_) => (proto::FindingOutcome::NotMet, finding.code.as_str()),
        Outcome::NotApplicable => (proto::FindingOutcome::NotApplicable, ""),
    };
    proto::Finding {
        rule: finding.rule.clone(),
        reason: reason.to_owned(),
        outcome: outcome.into(),
        statement: Some(text(&finding.statement)),
        citation: Some(text(&finding.citation)),
        remarks: finding
            .remarks()
            .iter()
            .map(|remark| proto::Remark { field: remark.field.clone(), text: Some(text(&remark.text)) })
            .collect(),
        advice: finding.is_not_met().then(|| text(&finding.code.words().advice)),
    }
}

fn application_state(state: ApplicationState) -> proto::ApplicationState {
    match state {
        ApplicationState::Submitted => proto::ApplicationState::Submitted,
        ApplicationState::Accepted => proto::ApplicationState::Accepted,
        ApplicationState::InReview => proto::ApplicationState::InReview,
        ApplicationState::Returned => proto::ApplicationState::Returned,
        ApplicationState::PreliminaryRefusal => proto::ApplicationState::PreliminaryRefusal,
        ApplicationState::Heard => proto::ApplicationState::Heard,
        ApplicationState::Completed => proto::ApplicationState::Completed,
        ApplicationState::Refused => proto::ApplicationState::Refused,
        ApplicationState::Withdrawn => proto::ApplicationState::Withdrawn,
    }
}

/// The states that a list is asked for.
pub fn states(asked: &[i32]) -> Result<Vec<ApplicationState>, Failure> {
    let known =
        |wire: &i32| ApplicationState::ALL.into_iter().find(|state| i32::from(application_state(*state)) == *wire);
    asked
        .iter()
        .map(|wire| {
            let description = "is no state of an application";
            known(wire)
                .ok_or_else(|| Failure::field(FieldViolation::new("states", ViolationCode::UnknownValue, description)))
        })
        .collect()
}

fn application_type(kind: ApplicationType) -> proto::ApplicationType {
    match kind {
        ApplicationType::Register => proto::ApplicationType::Register,
        ApplicationType::Change => proto::ApplicationType::Change,
        ApplicationType::Extend => proto::ApplicationType::Extend,
        ApplicationType::Transfer => proto::ApplicationType::Transfer,
        ApplicationType::Deregister => proto::ApplicationType::Deregister,
        ApplicationType::Certificate => proto::ApplicationType::Certificate,
    }
}

pub fn registration_kind(kind: Kind) -> proto::RegistrationKind {
    match kind {
        Kind::Permanent => proto::RegistrationKind::Permanent,
        Kind::Temporary => proto::RegistrationKind::Temporary,
    }
}

fn channel(channel: Channel) -> proto::Channel {
    match channel {
        Channel::Portal => proto::Channel::Portal,
        Channel::Mission => proto::Channel::Mission,
    }
}

/// What a document is.
pub fn document_kind(kind: DocumentKind) -> proto::DocumentKind {
    match kind {
        DocumentKind::NoticeOfRegistration => proto::DocumentKind::NoticeOfRegistration,
        DocumentKind::NoticeOfTemporaryRegistration => proto::DocumentKind::NoticeOfTemporaryRegistration,
        DocumentKind::CertificateOfRegistration => proto::DocumentKind::CertificateOfRegistration,
        DocumentKind::NoticeOfDeregistration => proto::DocumentKind::NoticeOfDeregistration,
        DocumentKind::PassportInsert => proto::DocumentKind::PassportInsert,
        DocumentKind::NoteOfDeregistration => proto::DocumentKind::NoteOfDeregistration,
        DocumentKind::Receipt => proto::DocumentKind::Receipt,
        DocumentKind::ReturnNotice => proto::DocumentKind::ReturnNotice,
        DocumentKind::PreliminaryDecision => proto::DocumentKind::PreliminaryDecision,
        DocumentKind::HearingProtocol => proto::DocumentKind::HearingProtocol,
        DocumentKind::Refusal => proto::DocumentKind::Refusal,
        DocumentKind::TransferNotice => proto::DocumentKind::TransferNotice,
    }
}
