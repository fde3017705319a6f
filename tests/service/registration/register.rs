//! The record and its term, and the rules on applications about a registration that exists.

use consular_registration::registration::decision::{Awaiting, Decision, decide};
use consular_registration::registration::form::ApplicationForm;
use consular_registration::registration::parameters::Parameters;
use consular_registration::registration::record::{DeregistrationGround, RecordError, Registration, RegistrationState};
use consular_registration::registration::rules::{
    Channel, District, Facts, Finding, OpenRegistration, RefusalCode, Stage, Verification, assess,
};
use consular_registration::registration::term::{Milestone, first_day, milestones, removal_day};
use serde_json::{Value, json};

use super::{day, facts, form, form_tree, time};

const UNTIL: &str = "2026-12-31";

fn overdue() -> Registration {
    Registration::open(Some(day(UNTIL))).expire(day("2027-01-01")).unwrap()
}

#[test]
fn a_stay_ends_only_after_its_last_day_and_an_extension_brings_the_registration_back() {
    let active = Registration::open(Some(day(UNTIL)));
    assert!(active.clone().expire(day(UNTIL)).is_err());
    assert_eq!(overdue().state(), RegistrationState::Overdue);
    assert_eq!(overdue().extend(Some(day(UNTIL))), Err(RecordError::NotExtended));
    let extended = overdue().extend(Some(day("2027-06-30"))).unwrap();
    assert_eq!((extended.state(), extended.entry().card_version), (RegistrationState::Active, 2));
    assert_eq!(extended.entry().valid_until, Some(day("2027-06-30")));
    assert!(Registration::open(None).expire(day("2099-01-01")).is_err(), "a stay without an end never expires");
}

#[test]
fn a_change_never_moves_the_end_of_a_stay() {
    let active = Registration::open(Some(day(UNTIL)));
    let changed = active.clone().change(Some(day(UNTIL))).unwrap();
    assert_eq!((changed.entry().card_version, changed.entry().valid_until), (2, Some(day(UNTIL))));
    for other in [Some(day("2026-11-30")), Some(day("2027-01-01")), None] {
        assert_eq!(active.clone().change(other), Err(RecordError::TermChanged));
    }
    assert!(overdue().change(Some(day(UNTIL))).is_err());
}

#[test]
fn a_registration_is_removed_on_each_ground_and_then_stays_as_it_is() {
    let now = time("2027-02-01T08:00:00Z");
    for ground in DeregistrationGround::ALL {
        let removed = overdue().deregister(ground, now).unwrap();
        assert_eq!(removed.state(), RegistrationState::Deregistered);
        assert!(removed.clone().deregister(ground, now).is_err());
        assert!(removed.clone().extend(Some(day("2030-01-01"))).is_err());
        assert!(removed.annul(now).is_err());
        assert_eq!(DeregistrationGround::from_name(ground.as_str()), Some(ground));
    }
    let early = Registration::open(Some(day(UNTIL))).deregister(DeregistrationGround::StayExpired, now);
    assert_eq!(early, Err(RecordError::GroundInvalid(DeregistrationGround::StayExpired)));
    assert_eq!(overdue().annul(now).unwrap().state(), RegistrationState::Annulled);
}

#[test]
fn the_term_has_its_reminders_its_end_and_its_removal() {
    let parameters = Parameters::on(day("2026-03-20"));
    let days: Vec<String> = milestones(day(UNTIL), parameters).iter().map(|(day, _)| day.to_string()).collect();
    assert_eq!(days, ["2026-11-01", "2026-12-01", "2026-12-24", "2026-12-31", "2027-01-01", "2027-01-31"]);
    assert_eq!(milestones(day(UNTIL), parameters)[5].1, Milestone::Removal);
    assert_eq!(removal_day(day(UNTIL), parameters), day("2027-01-31"));
    assert_eq!(first_day(day(UNTIL), day("2026-12-02"), parameters), day("2026-12-24"));
    assert_eq!(first_day(day(UNTIL), day("2028-01-01"), parameters), day("2027-01-01"));
}

fn tree_of(application_type: &str, until: &str) -> Value {
    let mut tree = form_tree();
    tree["type"] = json!(application_type);
    tree["card"]["stay"]["until"] = json!(until);
    tree
}

fn registered_at(mission: &str) -> OpenRegistration {
    OpenRegistration {
        number: format!("{mission}/R/2025/000007"),
        mission: mission.parse().unwrap(),
        kind: consular_registration::registration::Kind::Temporary,
        valid_until: Some(day(UNTIL)),
    }
}

fn known(form: &ApplicationForm) -> Facts<'_> {
    Facts { open_registration: Some(registered_at("KZ-DE-BER")), ..facts(form) }
}

fn findings(facts: &Facts<'_>) -> Vec<Finding> {
    let stages = [Stage::Admissibility, Stage::Deficiency, Stage::Decision];
    stages.into_iter().flat_map(|stage| assess(stage, facts, facts.today)).collect()
}

fn unmet(facts: &Facts<'_>) -> Vec<RefusalCode> {
    findings(facts).iter().filter(|finding| finding.is_not_met()).map(|finding| finding.code).collect()
}

fn decided(facts: &Facts<'_>) -> Decision {
    let form = facts.form;
    let parameters = Parameters::on(facts.today);
    decide(parameters, form.application_type, form.kind, facts.channel, &findings(facts))
}

#[test]
fn each_application_about_a_registration_completes_by_itself_when_every_rule_is_met() {
    for (name, until) in [("CHANGE", UNTIL), ("EXTEND", "2027-06-30"), ("DEREGISTER", UNTIL), ("CERTIFICATE", UNTIL)] {
        let form = form(&tree_of(name, until));
        assert_eq!((unmet(&known(&form)), decided(&known(&form))), (vec![], Decision::StraightThrough), "{name}");
        let paper = Facts { channel: Channel::Mission, ..known(&form) };
        assert_eq!(decided(&paper), Decision::Review { awaiting: vec![Awaiting::Approval] }, "{name}");
    }
    let form = form(&tree_of("TRANSFER", UNTIL));
    let elsewhere = Facts { open_registration: Some(registered_at("KZ-TR-IST")), ..facts(&form) };
    assert_eq!((unmet(&elsewhere), decided(&elsewhere)), (vec![], Decision::StraightThrough));
    assert_eq!(unmet(&known(&form)), [RefusalCode::AlreadyRegistered], "who is registered here needs no transfer");
}

#[test]
fn without_a_registration_of_that_kind_there_is_nothing_to_change_or_certify() {
    for name in ["CHANGE", "EXTEND", "TRANSFER", "DEREGISTER", "CERTIFICATE"] {
        let tree = tree_of(name, UNTIL);
        let form = form(&tree);
        assert_eq!(unmet(&facts(&form)), [RefusalCode::NoRegistration], "{name}");
        assert_eq!(decided(&facts(&form)), Decision::Review { awaiting: vec![Awaiting::Registration] }, "{name}");
        // Nobody but the applicant learns whether there is one.
        let mut stranger = facts(&form);
        stranger.evidence.identity = Verification::Pending;
        let mut known = known(&form);
        known.evidence.identity = Verification::Pending;
        assert_eq!(findings(&stranger), findings(&known), "{name}");
    }
}

#[test]
fn another_mission_than_the_one_that_keeps_the_registration_passes_the_application_on() {
    let form = form(&tree_of("CERTIFICATE", UNTIL));
    let elsewhere = Facts { open_registration: Some(registered_at("KZ-TR-IST")), ..facts(&form) };
    assert_eq!(unmet(&elsewhere), [RefusalCode::WrongConsularDistrict]);
    assert_eq!(decided(&elsewhere), Decision::Review { awaiting: vec![Awaiting::District] });
}

#[test]
fn a_change_out_of_the_district_is_a_transfer() {
    let form = form(&tree_of("CHANGE", UNTIL));
    let district = District::Other("KZ-DE-FRA".parse().unwrap());
    assert_eq!(unmet(&Facts { district, ..known(&form) }), [RefusalCode::TransferRequired]);
}

#[test]
fn the_end_of_the_stay_decides_between_change_and_extension() {
    for (name, until) in [("CHANGE", "2027-01-01"), ("EXTEND", UNTIL), ("EXTEND", "2026-12-30")] {
        let form = form(&tree_of(name, until));
        assert_eq!(unmet(&known(&form)), [RefusalCode::StayPeriodInvalid], "{name} {until}");
    }
    // Once it has ended, only an extension helps.
    let today = day("2027-01-05");
    let form = form(&tree_of("CERTIFICATE", UNTIL));
    assert_eq!(unmet(&Facts { today, ..known(&form) }), [RefusalCode::StayPeriodInvalid]);
}

fn removal(deregistration: Value) -> Value {
    let mut tree = tree_of("DEREGISTER", UNTIL);
    tree["deregistration"] = deregistration;
    tree
}

fn with_proof(mut tree: Value) -> Value {
    tree["evidence"] =
        json!([{ "kind": "DEREGISTRATION_PROOF", "digest": "0".repeat(64), "media_type": "application/pdf" }]);
    tree
}

#[test]
fn a_claimed_ground_needs_its_document_and_an_officer_who_verifies_it() {
    let bare = form(&removal(json!({ "ground": "CITIZENSHIP_LOST" })));
    let waits = [RefusalCode::EvidenceRequired, RefusalCode::DeregGroundNotVerified];
    assert_eq!(unmet(&known(&bare)), waits);
    let proved = form(&with_proof(removal(json!({ "ground": "CITIZENSHIP_LOST" }))));
    let mut facts = known(&proved);
    assert_eq!(decided(&facts), Decision::Review { awaiting: vec![Awaiting::DeregistrationGround] });
    facts.evidence.deregistration_ground = Verification::Verified;
    assert_eq!(unmet(&facts), []);
}

#[test]
fn a_ground_that_does_not_hold_is_remarked_on() {
    let expired = form(&removal(json!({ "ground": "STAY_EXPIRED" })));
    assert_eq!(unmet(&known(&expired)), [RefusalCode::DeregGroundInvalid]);
    assert_eq!(unmet(&Facts { today: day("2027-01-01"), ..known(&expired) }), []);
    let dead = form(&with_proof(removal(json!({ "ground": "DEATH_OR_COURT_DECISION" }))));
    assert!(unmet(&known(&dead)).contains(&RefusalCode::DeregGroundInvalid), "nobody applies after the own death");
}

#[test]
fn who_is_back_in_kazakhstan_is_removed_through_the_portal() {
    let back = form(&removal(json!({ "ground": "OWN_APPLICATION", "returned_on": "2026-03-01" })));
    assert_eq!(unmet(&known(&back)), []);
    let paper = Facts { channel: Channel::Mission, ..known(&back) };
    assert!(unmet(&paper).contains(&RefusalCode::OutOfJurisdiction));
}
