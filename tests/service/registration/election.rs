//! Which elections may be announced.

use consular_registration::registration::election::Election;
use serde_json::json;

use super::day;

/// What keeps an election of these days from being announced on 6 April 2026: field and code.
fn violations(voting_day: &str, check_until: &str) -> Vec<(String, String)> {
    let title = json!({ "kk": "Сайлау", "ru": "Выборы", "en": "Election" });
    let election = json!({ "title": title, "voting_day": voting_day, "check_until": check_until });
    let election: Election = serde_json::from_value(election).unwrap();
    let found = election.violations(day("2026-04-06")).into_iter();
    found.map(|violation| (violation.field, violation.code.to_string())).collect()
}

#[test]
fn an_election_may_be_announced_up_to_its_own_day_and_checked_up_to_that() {
    for (voting_day, check_until) in
        [("2026-06-07", "2026-05-22"), ("2026-06-07", "2026-06-07"), ("2026-04-06", "2026-04-06")]
    {
        assert_eq!(violations(voting_day, check_until), []);
    }
}

#[test]
fn all_that_is_wrong_with_the_days_of_an_election_is_told_at_once() {
    let voting_day = "decision.election.voting_day".to_owned();
    let check_until = "decision.election.check_until".to_owned();
    let (passed, late) = ("OUT_OF_RANGE".to_owned(), "INCONSISTENT".to_owned());
    assert_eq!(violations("2026-06-07", "2026-04-05"), [(check_until.clone(), passed.clone())]);
    assert_eq!(violations("2026-06-07", "2026-06-08"), [(check_until.clone(), late.clone())]);
    let both = [(voting_day.clone(), passed.clone()), (check_until.clone(), passed.clone())];
    assert_eq!(violations("2026-04-05", "2026-04-01"), both);
    assert_eq!(violations("2026-04-05", "2026-04-06"), [(voting_day, passed), (check_until, late)]);
}
