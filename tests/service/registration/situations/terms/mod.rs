//! Terms as data: what was filed when has to be answered by when, by the law of that day.

use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};
use consular_registration::registration::calendar::{KazakhstanCalendar, due_time, local_day};
use consular_registration::registration::mission::Missions;
use consular_registration::registration::parameters::Parameters;
use consular_registration::registration::rules::Channel;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    term: Vec<Term>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Term {
    title: String,
    filed: DateTime<Utc>,
    portal: toml::value::Datetime,
    mission: toml::value::Datetime,
}

#[test]
fn a_decision_of_any_day_derives_again_under_the_law_of_that_day() {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/service/registration/situations/terms/working-days.toml");
    let File { term } = toml::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let zone = Missions::sample().find("KZ-DE-BER").unwrap().time_zone;
    for Term { title, filed, portal, mission } in term {
        let parameters = Parameters::on(local_day(filed, zone));
        for (channel, expected) in [(Channel::Portal, portal), (Channel::Mission, mission)] {
            let due = due_time(filed, parameters.term(channel), &KazakhstanCalendar, zone, parameters.office_hours);
            assert_eq!(local_day(due, zone).to_string(), expected.to_string(), "{title}: {}", channel.as_str());
        }
    }
}
