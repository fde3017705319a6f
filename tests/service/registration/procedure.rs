//! Decisions, states, acts and numbers.

use consular_registration::registration::act::{self, Act};
use consular_registration::registration::application::{Application, ApplicationState, Docket, TransitionError};
use consular_registration::registration::decision::{Awaiting, Decision, decide, unmet};
use consular_registration::registration::document::DocumentKind;
use consular_registration::registration::event::{EventName, NotificationKind};
use consular_registration::registration::form::{ApplicationType, EvidenceKind, Kind};
use consular_registration::registration::numbers::{Number, Series};
use consular_registration::registration::parameters::Parameters;
use consular_registration::registration::record::RegistrationState;
use consular_registration::registration::rules::{Channel, EvidenceFacts, Facts, Finding, Stage, Verification, assess};
use consular_registration::registration::strict::ViolationCode;
use serde_json::json;

use super::{day, facts, form, form_of, form_tree, time};

fn findings(facts: &Facts<'_>) -> Vec<Finding> {
    [Stage::Deficiency, Stage::Decision].iter().flat_map(|stage| assess(*stage, facts, facts.today)).collect()
}

fn decided(facts: &Facts<'_>) -> Decision {
    decide(Parameters::on(facts.today), facts.form.application_type, facts.form.kind, facts.channel, &findings(facts))
}

#[test]
fn a_temporary_application_by_portal_completes_without_an_officer() {
    assert_eq!(decided(&facts(&form_of(Kind::Temporary))), Decision::StraightThrough);
}

#[test]
fn a_temporary_application_on_paper_waits_for_an_officers_approval() {
    let form = form_of(Kind::Temporary);
    let facts = Facts { channel: Channel::Mission, ..facts(&form) };
    let findings = findings(&facts);
    let decision =
        decide(Parameters::on(facts.today), ApplicationType::Register, Kind::Temporary, Channel::Mission, &findings);
    assert_eq!(decision, Decision::Review { awaiting: vec![Awaiting::Approval] });
}

#[test]
fn a_permanent_application_waits_for_its_departure_decision() {
    let form = form_of(Kind::Permanent);
    let mut facts = facts(&form);
    assert_eq!(decided(&facts), Decision::Review { awaiting: vec![Awaiting::DepartureDecision] });
    facts.evidence.departure_decision = Verification::Verified;
    assert_eq!((decided(&facts), unmet(&findings(&facts))), (Decision::StraightThrough, vec![]));
}

#[test]
fn remarks_return_an_application_before_anybody_looks_at_it() {
    let mut tree = form_tree();
    tree["card"]["identity"].as_object_mut().unwrap().remove("birth_place");
    let form = form(&tree);
    let Decision::Return { remarks } = decided(&facts(&form)) else { panic!("not returned") };
    assert_eq!(
        serde_json::to_value(&remarks).unwrap(),
        json!([{
            "code": "CARD_INCOMPLETE", "field": "card.identity.birth_place",
            "text": { "kk": "Тармақ толтырылмаған.", "ru": "Пункт не заполнен.", "en": "The item is not filled in." }
        }])
    );
}

fn accepted() -> Application {
    let docket = Docket {
        number: "KZ-DE-BER/2026/000123".to_owned(),
        accepted_time: time("2026-03-20T08:00:00Z"),
        due_time: time("2026-03-26T17:00:00Z"),
        evidence: EvidenceFacts::default(),
    };
    Application::Submitted.accept(docket).unwrap()
}

#[test]
fn an_accepted_application_completes_by_the_policy() {
    let completed = accepted().complete(time("2026-03-20T08:00:01Z")).unwrap();
    assert_eq!(completed.state(), ApplicationState::Completed);
    assert!(!completed.state().is_open());
    assert_eq!(completed.docket().unwrap().number, "KZ-DE-BER/2026/000123");
}

#[test]
fn a_review_ends_with_an_approval_once_the_evidence_is_verified() {
    let review = accepted().put_to_review(vec![Awaiting::DepartureDecision]).unwrap();
    let too_early = review.clone().approve(time("2026-03-23T08:00:00Z"));
    assert_eq!(too_early, Err(TransitionError::StillAwaiting(vec![Awaiting::DepartureDecision])));
    let verified = review.verify_evidence(EvidenceKind::DepartureDecision, Verification::Verified).unwrap();
    assert_eq!(verified.docket().unwrap().evidence.departure_decision, Verification::Verified);
    let ready = verified.await_instead(vec![]).unwrap();
    assert_eq!(ready.approve(time("2026-03-23T08:00:00Z")).unwrap().state(), ApplicationState::Completed);
}

#[test]
fn a_completed_application_can_do_nothing_any_more() {
    let now = time("2026-03-20T08:00:00Z");
    let completed = accepted().complete(now).unwrap();
    let refused = |transition| Err(TransitionError::WrongState { from: ApplicationState::Completed, transition });
    assert_eq!(completed.clone().complete(now), refused("complete without review"));
    assert_eq!(completed.clone().approve(now), refused("be approved"));
    assert_eq!(completed.clone().send_back(vec![]), refused("be returned"));
    assert_eq!(completed.put_to_review(vec![]), refused("be put to review"));
}

#[test]
fn an_application_survives_storage_in_each_state() {
    let review = accepted().put_to_review(vec![Awaiting::District]).unwrap();
    let returned = accepted().send_back(vec![]).unwrap();
    for application in [Application::Submitted, accepted(), review, returned] {
        let stored = serde_json::to_value(&application).unwrap();
        assert_eq!(stored["state"], application.state().as_str());
        assert_eq!(serde_json::from_value::<Application>(stored).unwrap(), application);
    }
}

#[test]
fn names_are_read_back_as_they_are_written() {
    for state in ApplicationState::ALL {
        assert_eq!(ApplicationState::from_name(state.as_str()), Some(state));
        assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
    }
    for state in RegistrationState::ALL {
        assert_eq!(RegistrationState::from_name(state.as_str()), Some(state));
        assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
    }
    for event in EventName::ALL {
        assert_eq!(EventName::from_name(event.as_str()), Some(event));
        assert_eq!(serde_json::to_value(event).unwrap(), event.as_str());
    }
    for kind in NotificationKind::ALL {
        assert_eq!(NotificationKind::from_name(kind.as_str()), Some(kind));
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
    }
    for kind in DocumentKind::ALL {
        assert_eq!(DocumentKind::from_name(kind.as_str()), Some(kind));
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
    }
}

#[test]
fn a_temporary_registration_at_a_mission_gives_no_document() {
    assert_eq!(DocumentKind::on_completion(ApplicationType::Register, Kind::Temporary, Channel::Mission), None);
    let insert = DocumentKind::on_completion(ApplicationType::Register, Kind::Permanent, Channel::Mission);
    assert_eq!(insert, Some(DocumentKind::PassportInsert));
}

fn act(act: &str, decision: &serde_json::Value) -> Vec<u8> {
    let subject = "applications/01957f0e-5b3a-7c21-9d43-1f2e3d4c5b6a";
    json!({ "act": act, "subject": subject, "etag": "7", "decision": decision, "time": "2026-03-23T08:00:00Z" })
        .to_string()
        .into_bytes()
}

#[test]
fn an_officers_act_is_read_strictly() {
    let verified = json!({ "evidence": "DEPARTURE_DECISION", "result": "VERIFIED" });
    let verify = act::decode(&act("VERIFY_EVIDENCE", &verified)).unwrap();
    let meaning = Act::VerifyEvidence { evidence: EvidenceKind::DepartureDecision, result: Verification::Verified };
    assert_eq!(verify.meaning(), Ok(meaning));
    let approve = act::decode(&act("APPROVE", &json!({ "result": "APPROVED" }))).unwrap();
    assert_eq!(approve.meaning(), Ok(Act::Approve { document: None }));
    let codes = |content: &[u8]| {
        let violations = act::decode(content).unwrap_err();
        violations.into_iter().map(|violation| (violation.field, violation.code)).collect::<Vec<_>>()
    };
    let foreign = |field: &str| (field.to_owned(), ViolationCode::Inconsistent);
    assert_eq!(codes(&act("APPROVE", &verified)), [foreign("decision.result"), foreign("decision.evidence")]);
    let missing = ("decision.mission".to_owned(), ViolationCode::MissingField);
    assert_eq!(codes(&act("FORWARD", &json!({ "result": "FORWARDED" }))), [missing]);
    assert_eq!(
        codes(&act("DISMISS", &json!({ "result": "APPROVED", "extra": 1 }))),
        [("act".to_owned(), ViolationCode::UnknownValue), ("decision.extra".to_owned(), ViolationCode::UnknownField)]
    );
}

#[test]
fn numbers_are_printed_and_read_in_one_form_only() {
    for (text, series) in [
        ("KZ-DE-BER/2026/000123", Series::Application),
        ("KZ-DE-BER/R/2026/000123", Series::Registration),
        ("KZ-DE-BER/D/2026/1000000", Series::Document),
    ] {
        let number: Number = text.parse().unwrap();
        assert_eq!((number.series, number.to_string()), (series, text.to_owned()));
    }
    for wrong in [
        "",
        "KZ-DE-BER/2026/123",
        "KZ-DE-BER/2026/000000",
        "KZ-DE-BER/2026/+00123",
        "KZ-DE-BER/X/2026/000123",
        "BER/2026/000123",
    ] {
        assert!(wrong.parse::<Number>().is_err(), "{wrong}");
    }
}

#[test]
fn terms_are_those_of_the_official_page() {
    let parameters = Parameters::on(day("2026-03-20"));
    assert_eq!((parameters.term(Channel::Portal), parameters.term(Channel::Mission)), (1, 2));
    assert!(parameters.is_straight_through(ApplicationType::Register, Kind::Temporary, Channel::Portal));
    assert!(!parameters.is_straight_through(ApplicationType::Register, Kind::Temporary, Channel::Mission));
}
