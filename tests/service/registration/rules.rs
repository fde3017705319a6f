//! The rule table, and each rule met and not met.

use std::fmt::Write as _;

use consular_registration::registration::form::{ApplicationForm, Kind};
use consular_registration::registration::rules::{
    Channel, District, EvidenceFacts, Facts, Finding, OpenRegistration, Outcome, RefusalCode, Signer, Stage,
    Verification, all, assess,
};
use consular_registration::registration::value::MissionCode;
use serde_json::{Value, json};

use super::{ADULT_IIN, CHILD_IIN, IIN, citizen, day, facts, form, form_of, form_tree, permanent_tree};

const STAGES: [Stage; 4] = [Stage::Admissibility, Stage::Deficiency, Stage::Decision, Stage::Act];

fn findings(facts: &Facts<'_>) -> Vec<Finding> {
    STAGES.iter().flat_map(|stage| assess(*stage, facts, facts.today)).collect()
}

/// What is not met, as code and the fields remarked on.
fn unmet(facts: &Facts<'_>) -> Vec<(RefusalCode, Vec<String>)> {
    let fields = |finding: &Finding| finding.remarks().iter().map(|remark| remark.field.clone()).collect();
    findings(facts)
        .iter()
        .filter(|finding| finding.is_not_met())
        .map(|finding| (finding.code, fields(finding)))
        .collect()
}

fn only(code: RefusalCode, fields: &[&str]) -> Vec<(RefusalCode, Vec<String>)> {
    vec![(code, fields.iter().map(|field| (*field).to_owned()).collect())]
}

fn unmet_of(tree: &Value) -> Vec<(RefusalCode, Vec<String>)> {
    unmet(&facts(&form(tree)))
}

fn mission(code: &str) -> MissionCode {
    MissionCode::new(code).unwrap()
}

fn registered(number: &str, place: &str) -> OpenRegistration {
    let valid_until = Some(day("2026-12-31"));
    OpenRegistration { number: number.to_owned(), mission: mission(place), kind: Kind::Temporary, valid_until }
}

#[test]
fn the_rule_table_is_as_it_was() {
    let table = all().fold(String::new(), |mut table, rule| {
        let statement = &rule.statement;
        let _ =
            writeln!(table, "{} · {} · {} · {}", rule.id, rule.stage.as_str(), rule.refused_with, rule.source.as_str());
        let _ = writeln!(table, "  kk {}\n  ru {}\n  en {}", statement.kk, statement.ru, statement.en);
        let _ = writeln!(table, "  {}", rule.citation.text().en);
        table
    });
    insta::assert_snapshot!(table);
}

#[test]
fn every_rule_has_a_name_of_its_own() {
    let mut ids: Vec<&str> = all().map(|rule| rule.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all().count());
}

#[test]
fn a_complete_temporary_application_by_its_applicant_meets_every_rule() {
    let form = form_of(Kind::Temporary);
    let findings = findings(&facts(&form));
    assert_eq!(findings.len(), all().count());
    assert!(findings.iter().all(|finding| !finding.is_not_met()));
}

#[test]
fn a_complete_permanent_application_waits_for_its_departure_decision_only() {
    let form = form_of(Kind::Permanent);
    let mut facts = facts(&form);
    assert_eq!(unmet(&facts), only(RefusalCode::ExitDecisionNotVerified, &["card.departure_decision"]));
    facts.evidence.departure_decision = Verification::Verified;
    assert_eq!(unmet(&facts), []);
    facts.evidence.departure_decision = Verification::Refuted;
    assert_eq!(unmet(&facts), only(RefusalCode::ExitDecisionNotVerified, &["card.departure_decision"]));
}

#[test]
fn a_permanent_application_without_a_full_departure_decision_is_asked_for_it() {
    let mut tree = permanent_tree();
    tree["card"]["departure_decision"].as_object_mut().unwrap().remove("number");
    assert_eq!(unmet_of(&tree), only(RefusalCode::ExitDecisionRequired, &["card.departure_decision"]));
}

#[test]
fn somebody_else_cannot_sign() {
    let form = form_of(Kind::Temporary);
    let refused = only(RefusalCode::SignerMismatch, &["applicant.iin"]);
    let signed_by = |signer| {
        let mut facts = facts(&form);
        facts.signer = signer;
        unmet(&facts)
    };
    assert_eq!(signed_by(citizen(CHILD_IIN)), refused);
    assert_eq!(signed_by(Signer { iin: None, ..citizen(IIN) }), refused);
    // The applicant's own key as an employee of a legal entity is not the applicant's personal key.
    assert_eq!(signed_by(Signer { bin: Some("040940001235".to_owned()), ..citizen(IIN) }), refused);
    assert_eq!(signed_by(Signer { roles: vec!["1.2.398.3.3.4.1.2.5".to_owned()], ..citizen(IIN) }), refused);
}

fn officer(at: &str) -> Signer {
    Signer {
        iin: Some("900101300811".to_owned()),
        bin: Some("040940001235".to_owned()),
        roles: vec!["1.2.398.3.3.4.1.2.5".to_owned()],
        officer_of: Some(mission(at)),
    }
}

fn on_paper(form: &ApplicationForm, signer: Signer) -> Facts<'_> {
    Facts { channel: Channel::of(&signer), evidence: EvidenceFacts::at_filing(form, &signer), signer, ..facts(form) }
}

#[test]
fn an_officer_signs_paper_applications_to_the_own_mission_only() {
    let form = form_of(Kind::Temporary);
    let own = on_paper(&form, officer("KZ-DE-BER"));
    assert_eq!((own.channel, unmet(&own)), (Channel::Mission, vec![]));
    let other = on_paper(&form, officer("KZ-TR-IST"));
    assert_eq!(unmet(&other), only(RefusalCode::SignerMismatch, &["applicant.iin"]));
}

#[test]
fn an_officer_who_signs_with_a_personal_key_applies_like_anybody_else() {
    let form = form_of(Kind::Temporary);
    let signer = Signer { officer_of: Some(mission("KZ-TR-IST")), ..citizen(IIN) };
    let own = on_paper(&form, signer);
    assert_eq!((own.channel, unmet(&own)), (Channel::Portal, vec![]));
}

#[test]
fn a_wrong_iin_is_refused() {
    for wrong in ["900101300018", "123456789011", "9001013000", "٩٠٠١٠١٣٠٠٠١٧"] {
        let mut tree = form_tree();
        tree["applicant"]["iin"] = json!(wrong);
        assert_eq!(unmet_of(&tree), only(RefusalCode::IinInvalid, &["applicant.iin"]), "{wrong}");
    }
}

#[test]
fn birth_date_and_sex_must_agree_with_the_iin() {
    let mut tree = form_tree();
    tree["card"]["identity"]["birth_date"] = json!("1990-01-02");
    tree["card"]["identity"]["sex"] = json!("FEMALE");
    let fields = ["card.identity.birth_date", "card.identity.sex"];
    assert_eq!(unmet_of(&tree), only(RefusalCode::IinBirthdateMismatch, &fields));
}

fn childs_tree() -> Value {
    let mut tree = form_tree();
    tree["applicant"]["iin"] = json!(CHILD_IIN);
    tree["card"]["identity"]["birth_date"] = json!("2015-05-15");
    tree["card"]["identity"]["sex"] = json!("FEMALE");
    tree
}

fn with_parent(tree: &mut Value) {
    tree["representative"] = json!({
        "kind": "PARENT", "iin": IIN, "name": "Әлімқұлов Нұрлан",
        "proof": { "title": "Туу туралы куәлік", "number": "15-1", "issuer": "АХАЖ", "issued_on": "2015-05-20" }
    });
}

#[test]
fn a_minor_needs_a_representative_who_signs() {
    let mut tree = childs_tree();
    assert_eq!(unmet_of(&tree), only(RefusalCode::RepresentativeRequired, &["representative"]));
    with_parent(&mut tree);
    let form = form(&tree);
    let mut facts = facts(&form);
    facts.signer = citizen(IIN);
    facts.evidence = EvidenceFacts::at_filing(&form, &facts.signer);
    // The parent's certificate proves who the parent is, not who the child is.
    let codes: Vec<RefusalCode> = unmet(&facts).into_iter().map(|(code, _)| code).collect();
    let waits = [RefusalCode::NotRkCitizen, RefusalCode::IdentityNotVerified, RefusalCode::RepresentationNotVerified];
    assert_eq!(codes, waits);
    // Also with a representative named, the child's own key opens nothing.
    facts.signer = citizen(CHILD_IIN);
    facts.evidence = EvidenceFacts::at_filing(&form, &facts.signer);
    assert!(unmet(&facts).contains(&(RefusalCode::SignerMismatch, vec!["applicant.iin".to_owned()])));
}

#[test]
fn a_minor_is_not_its_own_representative_and_no_minor_represents() {
    for iin in [CHILD_IIN, "150515600039"] {
        let mut tree = childs_tree();
        with_parent(&mut tree);
        tree["representative"]["iin"] = json!(iin);
        let form = form(&tree);
        let mut facts = facts(&form);
        facts.signer = citizen(iin);
        let refused = unmet(&facts);
        let expected = (RefusalCode::RepresentativeRequired, vec!["representative.iin".to_owned()]);
        assert!(refused.contains(&expected), "{iin}: {refused:?}");
    }
}

#[test]
fn an_adult_is_represented_by_a_guardian_or_trustee_only() {
    for (kind, admitted) in [("PARENT", false), ("ADOPTIVE_PARENT", false), ("GUARDIAN", true), ("TRUSTEE", true)] {
        let mut tree = form_tree();
        with_parent(&mut tree);
        tree["representative"]["iin"] = json!(ADULT_IIN);
        tree["representative"]["kind"] = json!(kind);
        let form = form(&tree);
        let mut facts = facts(&form);
        facts.signer = citizen(ADULT_IIN);
        facts.evidence = EvidenceFacts::at_filing(&form, &facts.signer);
        let refused =
            unmet(&facts).contains(&(RefusalCode::RepresentativeRequired, vec!["representative.kind".to_owned()]));
        assert_eq!(refused, !admitted, "{kind}");
    }
}

#[test]
fn who_is_not_established_to_act_for_somebody_learns_nothing_of_the_register() {
    let mut tree = form_tree();
    with_parent(&mut tree);
    tree["representative"]["iin"] = json!(ADULT_IIN);
    tree["representative"]["kind"] = json!("GUARDIAN");
    let form = form(&tree);
    let mut facts = facts(&form);
    facts.signer = citizen(ADULT_IIN);
    facts.evidence = EvidenceFacts::at_filing(&form, &facts.signer);
    let nobody_registered = unmet(&facts);
    for place in ["KZ-DE-BER", "KZ-TR-IST"] {
        let number = format!("{place}/R/2025/000007");
        facts.open_registration = Some(registered(&number, place));
        assert_eq!(unmet(&facts), nobody_registered, "{place}");
        assert!(!serde_json::to_string(&findings(&facts)).unwrap().contains("000007"));
    }
    // Once both are established, the decision takes the register into account.
    facts.evidence.identity = Verification::Verified;
    facts.evidence.representation = Verification::Verified;
    assert!(unmet(&facts).iter().any(|(code, _)| *code == RefusalCode::TransferRequired));
}

#[test]
fn a_representative_whose_right_has_ended_is_refused() {
    let mut tree = childs_tree();
    with_parent(&mut tree);
    tree["representative"]["valid_until"] = json!("2026-03-19");
    let form = form(&tree);
    let facts = Facts { signer: citizen(IIN), ..facts(&form) };
    let refused = only(RefusalCode::RepresentativeRequired, &["representative.valid_until"]);
    assert_eq!(unmet(&facts).get(..1), Some(refused.as_slice()));
}

#[test]
fn who_is_registered_here_already_is_told_the_number_and_elsewhere_waits() {
    let form = form_of(Kind::Temporary);
    let mut facts = facts(&form);
    let number = "KZ-DE-BER/R/2025/000007".to_owned();
    facts.open_registration = Some(registered(&number, "KZ-DE-BER"));
    // Told when it is filed; and when it is decided, should another application have led to a registration meanwhile.
    let told = only(RefusalCode::AlreadyRegistered, &["applicant.iin"]);
    assert_eq!(unmet(&facts), [told.clone(), told].concat());
    let findings = assess(Stage::Admissibility, &facts, facts.today);
    let told = findings.iter().find(|finding| finding.code == RefusalCode::AlreadyRegistered).unwrap();
    assert!(told.remarks()[0].text.kk.contains("KZ-DE-BER/R/2025/000007"));
    let number = "KZ-TR-IST/R/2025/000007".to_owned();
    facts.open_registration = Some(registered(&number, "KZ-TR-IST"));
    assert_eq!(unmet(&facts), only(RefusalCode::TransferRequired, &["applicant.iin"]));
}

#[test]
fn an_empty_card_is_a_list_of_remarks_and_admissible() {
    let mut tree = form_tree();
    tree["card"] = json!({});
    let form = form(&tree);
    let facts = facts(&form);
    assert!(assess(Stage::Admissibility, &facts, facts.today).iter().all(|finding| !finding.is_not_met()));
    let deficiencies = assess(Stage::Deficiency, &facts, facts.today);
    let fields: Vec<&str> = deficiencies[0].remarks().iter().map(|remark| remark.field.as_str()).collect();
    insta::assert_snapshot!(fields.join("\n"));
}

#[test]
fn a_permanent_stay_has_no_end_but_a_temporary_one_needs_it() {
    let mut tree = form_tree();
    tree["card"]["stay"].as_object_mut().unwrap().remove("until");
    assert_eq!(unmet_of(&tree), only(RefusalCode::CardIncomplete, &["card.stay.until"]));
}

#[test]
fn a_temporary_stay_must_begin_before_it_ends_and_not_be_over() {
    let mut tree = form_tree();
    tree["card"]["stay"]["until"] = json!("2026-01-10");
    assert_eq!(unmet_of(&tree), only(RefusalCode::StayPeriodInvalid, &["card.stay.from", "card.stay.until"]));
    tree["card"]["stay"]["until"] = json!("2026-03-20");
    assert_eq!(unmet_of(&tree), []);
}

#[test]
fn the_purpose_must_fit_the_kind() {
    let mut tree = form_tree();
    tree["card"]["stay"]["purpose"] = json!("PERMANENT_RESIDENCE");
    assert_eq!(unmet_of(&tree), only(RefusalCode::PurposeInvalid, &["card.stay.purpose"]));
    let mut tree = permanent_tree();
    tree["card"]["stay"]["purpose"] = json!("TOURISM");
    assert_eq!(unmet_of(&tree)[0], (RefusalCode::PurposeInvalid, vec!["card.stay.purpose".to_owned()]));
}

#[test]
fn a_consent_must_be_there_be_full_and_hold() {
    let mut tree = form_tree();
    tree.as_object_mut().unwrap().remove("consent");
    assert_eq!(unmet_of(&tree), only(RefusalCode::ConsentMissing, &["consent"]));
    let mut tree = form_tree();
    tree["consent"]["operator_bin"] = json!("040940001236");
    tree["consent"]["period"]["until"] = json!("2026-03-19");
    tree["consent"]["data"] = json!([]);
    let fields = ["consent.data", "consent.operator_bin", "consent.period.until"];
    assert_eq!(unmet_of(&tree), only(RefusalCode::ConsentMissing, &fields));
}

#[test]
fn a_document_of_a_foreigner_refutes_citizenship() {
    let mut tree = form_tree();
    tree["card"]["identity"]["document"]["type"] = json!("RESIDENCE_PERMIT");
    assert_eq!(unmet_of(&tree), only(RefusalCode::NotRkCitizen, &["card.identity.document.type"]));
}

#[test]
fn an_address_in_another_district_is_recorded_and_names_the_competent_mission() {
    let form = form_of(Kind::Temporary);
    let mut facts = facts(&form);
    facts.district = District::Other(mission("KZ-DE-FRA"));
    assert_eq!(unmet(&facts), only(RefusalCode::WrongConsularDistrict, &["card.stay.host_address.subdivision"]));
    let findings = assess(Stage::Decision, &facts, facts.today);
    assert!(findings.iter().flat_map(Finding::remarks).any(|remark| remark.text.ru.contains("KZ-DE-FRA")));
    facts.district = District::Undetermined;
    assert_eq!(unmet(&facts).len(), 1);
}

#[test]
fn a_finding_survives_storage_and_quotes_no_personal_data() {
    let mut tree = form_tree();
    tree["card"]["identity"]["birth_date"] = json!("1985-06-07");
    let form = form(&tree);
    let findings = findings(&facts(&form));
    let stored = serde_json::to_string(&findings).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Finding>>(&stored).unwrap(), findings);
    assert!(!stored.contains(IIN) && !stored.contains("1985"));
    assert!(findings.iter().any(|finding| finding.outcome == Outcome::NotApplicable));
}

#[test]
fn no_rule_asks_before_the_day_it_is_in_force() {
    let form = form_of(Kind::Temporary);
    let facts = facts(&form);
    let counted: usize = STAGES.iter().map(|stage| assess(*stage, &facts, day("2026-03-20")).len()).sum();
    let in_force = all().filter(|rule| rule.in_force.contains(day("2026-03-20"))).count();
    assert_eq!(counted, in_force);
}
