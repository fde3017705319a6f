//! Missions and their districts.

use consular_registration::registration::mission::{Competence, MissionError, Missions};
use consular_registration::registration::value::{CountryCode, SubdivisionCode};

use super::day;

fn competent(country: &str, subdivision: Option<&str>) -> Option<String> {
    let country = CountryCode::new(country).unwrap();
    let subdivision = subdivision.map(|code| SubdivisionCode::new(code).unwrap());
    match Missions::sample().competent_for(&country, subdivision.as_ref(), day("2026-03-20")) {
        Competence::Mission(mission) => Some(mission.code.to_string()),
        Competence::SubdivisionNeeded => Some("subdivision needed".to_owned()),
        Competence::Nobody => None,
    }
}

#[test]
fn the_sample_has_its_six_missions_and_says_that_it_is_a_sample() {
    let codes: Vec<&str> = Missions::sample().iter().map(|mission| mission.code.as_str()).collect();
    assert_eq!(codes, ["KZ-DE-BER", "KZ-DE-FRA", "KZ-TR-ANK", "KZ-TR-IST", "KZ-US-WAS", "KZ-US-NYC"]);
    assert_eq!(Missions::sample().find("KZ-DE-BER").unwrap().time_zone, chrono_tz::Europe::Berlin);
    assert!(Missions::sample().find("KZ-FR-PAR").is_none());
}

#[test]
fn a_part_of_a_country_belongs_to_its_consulate_and_the_rest_to_the_embassy() {
    assert_eq!(competent("DE", Some("DE-HE")).as_deref(), Some("KZ-DE-FRA"));
    assert_eq!(competent("DE", Some("DE-BE")).as_deref(), Some("KZ-DE-BER"));
    assert_eq!(competent("TR", Some("TR-34")).as_deref(), Some("KZ-TR-IST"));
    assert_eq!(competent("US", Some("US-CA")).as_deref(), Some("KZ-US-WAS"));
}

#[test]
fn a_divided_country_needs_the_part_named_and_an_unknown_one_has_no_mission() {
    assert_eq!(competent("DE", None).as_deref(), Some("subdivision needed"));
    assert_eq!(competent("FR", None), None);
}

fn two_missions(first: &str, second: &str) -> Result<Missions, Vec<MissionError>> {
    let mission = |code: &str, districts: &str| {
        format!(
            "[[mission]]\ncode = \"{code}\"\ntype = \"EMBASSY\"\nname = {{ kk = \"a\", ru = \"a\", en = \"a\" }}\n\
             city = {{ kk = \"a\", ru = \"a\", en = \"a\" }}\ncountry = \"DE\"\ntime_zone = \"Europe/Berlin\"\nlanguages = []\n\
             emergency = {{ phone = \"+49\", email = \"a\" }}\n\
             district_name = {{ kk = \"a\", ru = \"a\", en = \"a\" }}\ndistricts = [{districts}]\n"
        )
    };
    Missions::parse(&(mission("KZ-DE-BER", first) + &mission("KZ-DE-FRA", second)))
}

#[test]
fn a_list_with_two_missions_for_one_place_and_day_is_refused() {
    let whole = "{ country = \"DE\" }";
    assert!(matches!(two_missions(whole, whole).unwrap_err()[..], [MissionError::Overlap(..)]));
    let hessen = "{ country = \"DE\", subdivisions = [\"DE-HE\"] }";
    assert!(matches!(two_missions(hessen, hessen).unwrap_err()[..], [MissionError::Overlap(..)]));
    assert!(two_missions(whole, hessen).is_ok());
    let until = "{ country = \"DE\", until = \"2025-12-31\" }";
    let from = "{ country = \"DE\", from = \"2026-01-01\" }";
    assert!(two_missions(until, from).is_ok());
}

#[test]
fn a_district_cannot_have_a_part_of_another_country() {
    let foreign = "{ country = \"DE\", subdivisions = [\"FR-IDF\"] }";
    let refused = two_missions("{ country = \"AT\" }", foreign).unwrap_err();
    assert!(matches!(refused[..], [MissionError::ForeignSubdivision(_)]));
}
