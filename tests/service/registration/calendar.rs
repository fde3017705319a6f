//! Working days and legal terms.

use chrono::NaiveDate;
use chrono_tz::Tz;
use consular_registration::registration::calendar::{
    KazakhstanCalendar, MissionCalendar, WorkingCalendar, day_of_filing, due_time,
};
use consular_registration::registration::parameters::Parameters;
use consular_registration::registration::rules::Channel;

use super::{day, time};

fn due(filed: &str, channel: Channel) -> NaiveDate {
    let term = Parameters::on(day(filed)).term(channel);
    KazakhstanCalendar.last_day_of_term(day(filed), term)
}

#[test]
fn terms_end_on_the_days_of_the_official_examples() {
    for (filed, portal, mission) in [
        ("2026-03-20", "2026-03-26", "2026-03-27"),
        ("2026-05-06", "2026-05-08", "2026-05-12"),
        ("2026-08-28", "2026-08-31", "2026-09-01"),
        ("2025-08-28", "2025-08-29", "2025-09-02"),
        ("2027-03-12", "2027-03-16", "2027-03-17"),
        ("2024-06-14", "2024-06-17", "2024-06-18"),
    ] {
        assert_eq!(due(filed, Channel::Portal), day(portal), "portal, filed {filed}");
        assert_eq!(due(filed, Channel::Mission), day(mission), "mission, filed {filed}");
    }
}

#[test]
fn a_holiday_on_a_weekend_moves_but_christmas_and_kurban_ait_never_do() {
    let works = |text| KazakhstanCalendar.is_working_day(day(text));
    // 8 March 2026 is a Sunday.
    assert!(!works("2026-03-09"));
    // 1 and 2 January 2028 are a Saturday and a Sunday.
    assert!(!works("2028-01-03") && !works("2028-01-04") && works("2028-01-05"));
    // 7 January 2029 is a Sunday.
    assert!(works("2029-01-08"));
    // 16 June 2024, the first day of Kurban-ait, is a Sunday.
    assert!(works("2024-06-17"));
    assert!(!works("2025-06-06"));
}

#[test]
fn constitution_day_follows_the_constitution_in_force() {
    let works = |text| KazakhstanCalendar.is_working_day(day(text));
    assert!(!works("2024-08-30"));
    assert!(works("2027-08-30"));
    assert!(!works("2027-03-15"));
    // 15 March 2024 was an ordinary Friday.
    assert!(works("2024-03-15"));
}

#[test]
fn days_that_the_government_moved_are_worked_and_off_as_it_decided() {
    let works = |text| KazakhstanCalendar.is_working_day(day(text));
    assert!(works("2024-05-04") && !works("2024-05-08"));
    assert!(works("2025-01-05") && !works("2025-01-03"));
}

#[test]
fn a_mission_may_have_days_off_of_its_own() {
    let calendar = MissionCalendar::new(KazakhstanCalendar, [day("2026-10-05")]);
    assert!(!calendar.is_working_day(day("2026-10-05")));
    assert_eq!(calendar.working_day_after(day("2026-10-02")), day("2026-10-06"));
}

fn filed_on(filed: &str, zone: Tz) -> NaiveDate {
    let hours = Parameters::on(day("2026-03-20")).office_hours;
    day_of_filing(time(filed), &KazakhstanCalendar, zone, hours)
}

#[test]
fn what_comes_after_hours_or_on_a_day_off_counts_from_the_next_working_day() {
    let berlin = Tz::Europe__Berlin;
    assert_eq!(filed_on("2026-02-10T16:59:59Z", berlin), day("2026-02-10"));
    assert_eq!(filed_on("2026-02-10T17:00:00Z", berlin), day("2026-02-11"));
    assert_eq!(filed_on("2026-02-13T20:00:00Z", berlin), day("2026-02-16"));
    assert_eq!(filed_on("2026-02-14T10:00:00Z", berlin), day("2026-02-16"));
    assert_eq!(filed_on("2026-02-10T04:00:00Z", berlin), day("2026-02-10"));
}

#[test]
fn the_day_of_filing_is_that_of_the_missions_time_zone() {
    // 02:00 UTC on Wednesday is still Tuesday evening, after hours, in New York: it counts as Wednesday.
    assert_eq!(filed_on("2026-02-11T02:00:00Z", Tz::America__New_York), day("2026-02-11"));
    // Half past nine in the evening of Tuesday UTC is Wednesday in Istanbul.
    assert_eq!(filed_on("2026-02-10T21:30:00Z", Tz::Europe__Istanbul), day("2026-02-11"));
}

#[test]
fn a_term_ends_at_closing_time_across_the_change_of_clocks() {
    let hours = Parameters::on(day("2026-03-20")).office_hours;
    let due = |filed: &str, days| due_time(time(filed), days, &KazakhstanCalendar, Tz::Europe__Berlin, hours);
    assert_eq!(due("2026-03-20T09:00:00Z", 1), time("2026-03-26T17:00:00Z"));
    // Filed on Friday in winter time, due on Monday in summer time.
    assert_eq!(due("2026-03-27T09:00:00Z", 1), time("2026-03-30T16:00:00Z"));
}
