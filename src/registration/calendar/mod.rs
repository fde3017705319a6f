//! Working days and legal terms.
//!
//! Days are counted in the mission's own time zone; holidays are Kazakhstan's, since a mission works by the calendar of its state.
//! Three layers: [rules by year](kazakhstan), dated overrides of the government, and each mission's own days off.

mod kazakhstan;

use std::collections::BTreeSet;

use chrono::{DateTime, Days, LocalResult, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::parameters::OfficeHours;

pub use kazakhstan::KazakhstanCalendar;

/// Tells working days from days off.
pub trait WorkingCalendar {
    /// Whether offices work on `day`.
    fn is_working_day(&self, day: NaiveDate) -> bool;

    /// The first working day after `day`.
    fn working_day_after(&self, day: NaiveDate) -> NaiveDate {
        let mut next = day;
        while let Some(following) = next.succ_opt() {
            next = following;
            if self.is_working_day(next) {
                break;
            }
        }
        next
    }

    /// How many working days there are after `day` and up to `last`, `last` included.
    fn working_days_between(&self, day: NaiveDate, last: NaiveDate) -> u32 {
        let days = day.iter_days().skip(1).take_while(|next| *next <= last);
        u32::try_from(days.filter(|next| self.is_working_day(*next)).count()).unwrap_or(u32::MAX)
    }

    /// The last day of a term of `days` working days that runs from `day`; `day` itself is not counted.
    fn last_day_of_term(&self, day: NaiveDate, days: u32) -> NaiveDate {
        (0..days).fold(day, |last, _| self.working_day_after(last))
    }
}

/// Another calendar less the days on which one mission does not work.
#[derive(Debug, Clone)]
pub struct MissionCalendar<C> {
    calendar: C,
    days_off: BTreeSet<NaiveDate>,
}

impl<C> MissionCalendar<C> {
    /// `calendar` less `days_off`.
    pub fn new(calendar: C, days_off: impl IntoIterator<Item = NaiveDate>) -> Self {
        Self { calendar, days_off: days_off.into_iter().collect() }
    }
}

impl<C: WorkingCalendar> WorkingCalendar for MissionCalendar<C> {
    fn is_working_day(&self, day: NaiveDate) -> bool {
        self.calendar.is_working_day(day) && !self.days_off.contains(&day)
    }
}

/// The working day on which an application counts as filed: the local day itself, or the next working day when it came on a day
/// off or at or after the closing time.
pub fn day_of_filing(filed: DateTime<Utc>, calendar: &impl WorkingCalendar, zone: Tz, hours: OfficeHours) -> NaiveDate {
    let local = filed.with_timezone(&zone).naive_local();
    let is_in_time = local.time() < hours.closes && calendar.is_working_day(local.date());
    if is_in_time { local.date() } else { calendar.working_day_after(local.date()) }
}

/// When a term of `days` working days ends for what was filed at `filed`: at the closing time, in the mission's time zone `zone`, of
/// the last day. The day of filing is not counted.
pub fn due_time(
    filed: DateTime<Utc>,
    days: u32,
    calendar: &impl WorkingCalendar,
    zone: Tz,
    hours: OfficeHours,
) -> DateTime<Utc> {
    let first = day_of_filing(filed, calendar, zone, hours);
    end_of_day(calendar.last_day_of_term(first, days), zone, hours)
}

/// When the office closes on `day`.
pub fn end_of_day(day: NaiveDate, zone: Tz, hours: OfficeHours) -> DateTime<Utc> {
    instant(day.and_time(hours.closes), zone)
}

/// The day it is in `zone`.
pub fn local_day(now: DateTime<Utc>, zone: Tz) -> NaiveDate {
    now.with_timezone(&zone).date_naive()
}

/// A local time as an instant. Where clocks go back the earlier instant is meant; where they go forward, the end of the gap.
pub fn instant(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => time.to_utc(),
        LocalResult::None => {
            let an_hour_on = local.checked_add_signed(TimeDelta::hours(1)).unwrap_or(local);
            zone.from_local_datetime(&an_hour_on).earliest().map_or_else(|| local.and_utc(), |time| time.to_utc())
        }
    }
}

/// The day after, or the same day at the end of the calendar.
fn day_after(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(day)
}
