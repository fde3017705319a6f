//! Who may vote, and which missions and stays belong to an area.

use consular_registration::registration::crisis::{CrisisArea, is_in_area, missions_in};
use consular_registration::registration::electoral::ElectoralLaw;
use consular_registration::registration::form::{RepresentativeKind, Stay};
use consular_registration::registration::mission::Missions;
use consular_registration::registration::rules::Source;
use serde_json::json;

use super::day;

#[test]
fn who_turns_eighteen_on_the_voting_day_may_vote_and_the_day_before_may_not() {
    let law = ElectoralLaw::on(day("2026-11-20"));
    assert!(law.may_vote(day("2008-11-20"), None, day("2026-11-20")));
    assert!(!law.may_vote(day("2008-11-21"), None, day("2026-11-20")));
    // Born on 29 February: of age from 1 March in a common year.
    assert!(!law.may_vote(day("2008-02-29"), None, day("2026-02-28")));
    assert!(law.may_vote(day("2008-02-29"), None, day("2026-03-01")));
}

#[test]
fn who_was_found_incapable_may_not_vote_and_who_was_a_child_at_filing_may() {
    let law = ElectoralLaw::on(day("2026-11-20"));
    let may = |kind| law.may_vote(day("1990-01-01"), Some(kind), day("2026-11-20"));
    assert!(!may(RepresentativeKind::Guardian));
    assert!(may(RepresentativeKind::Parent) && may(RepresentativeKind::AdoptiveParent));
    assert!(may(RepresentativeKind::Trustee));
}

#[test]
fn the_electoral_law_names_its_acts_and_how_well_it_is_known() {
    let law = ElectoralLaw::on(day("2026-11-20"));
    let acts: Vec<String> = law.citations.iter().map(|citation| citation.text().en.into_owned()).collect();
    assert!(acts[0].contains("28 September 1995 № 2464") && acts[1].contains("23 August 2018 № 11/197"), "{acts:?}");
    assert_eq!((law.age_source, law.own_source), (Source::SecondarySource, Source::OwnDesign));
}

#[test]
fn a_stay_is_in_an_area_by_country_and_part_and_counts_where_the_part_is_not_known() {
    let stay = |country: &str, part: Option<&str>| -> Stay {
        let mut stay = json!({ "host_country": country, "host_address": { "locality": "a" } });
        if let Some(part) = part {
            stay["host_address"]["subdivision"] = json!(part);
        }
        serde_json::from_value(stay).unwrap()
    };
    let parts = ["DE-BE".to_owned()];
    assert!(is_in_area(&stay("DE", Some("DE-HH")), "DE", &[]));
    assert!(is_in_area(&stay("DE", Some("DE-BE")), "DE", &parts));
    assert!(!is_in_area(&stay("DE", Some("DE-HH")), "DE", &parts));
    assert!(is_in_area(&stay("DE", None), "DE", &parts));
    assert!(!is_in_area(&stay("TR", None), "DE", &[]));
    assert!(!is_in_area(&Stay::default(), "DE", &[]));
}

#[test]
fn the_missions_of_an_area_are_those_with_a_district_in_it() {
    let missions = |country: &str, parts: &[&str]| {
        let title = json!({ "kk": "a", "ru": "a", "en": "a" });
        let area = json!({ "country": country, "subdivisions": parts, "title": title });
        let area: CrisisArea = serde_json::from_value(area).unwrap();
        let found = missions_in(&area, Missions::sample());
        found.map(|found| found.iter().map(|mission| mission.code.to_string()).collect::<Vec<_>>())
    };
    assert_eq!(missions("DE", &[]).unwrap(), ["KZ-DE-BER", "KZ-DE-FRA"]);
    assert_eq!(missions("DE", &["DE-BE"]).unwrap(), ["KZ-DE-BER"]);
    assert_eq!(missions("DE", &["DE-HE"]).unwrap(), ["KZ-DE-BER", "KZ-DE-FRA"], "the embassy keeps the rest");
    let fields: Vec<String> =
        missions("FR", &["DE-BE"]).unwrap_err().into_iter().map(|violation| violation.field).collect();
    assert_eq!(fields, ["decision.crisis.subdivisions[0]", "decision.crisis.country"]);
}
