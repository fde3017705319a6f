//! Working days written out one by one, and terms counted by walking from day to day: no arithmetic, nothing of the service's own calendar.

use chrono::{DateTime, Datelike, Duration, NaiveDate, TimeDelta, Timelike, Utc, Weekday};
use chrono_tz::Tz;

/// A mission as the calendar and the law see it.
pub struct Place {
    pub code: &'static str,
    pub zone: Tz,
    /// Days off of its own, all of them Mondays to Fridays.
    pub days_off: &'static [&'static str],
}

pub static PLACES: [Place; 4] = [
    Place { code: "KZ-DE-BER", zone: Tz::Europe__Berlin, days_off: &["2024-10-03", "2025-10-03", "2026-04-03"] },
    Place { code: "KZ-DE-FRA", zone: Tz::Europe__Berlin, days_off: &[] },
    Place { code: "KZ-TR-IST", zone: Tz::Europe__Istanbul, days_off: &["2024-04-23", "2026-10-29"] },
    Place { code: "KZ-US-NYC", zone: Tz::America__New_York, days_off: &["2024-07-04", "2025-11-27", "2026-11-26"] },
];

/// Mondays to Fridays on which Kazakhstan rests: holidays, the days they moved to, and days off for worked ones.
#[rustfmt::skip]
static OFF: [&str; 67] = [
    "2024-01-01", "2024-01-02", "2024-03-08", "2024-03-21", "2024-03-22", "2024-03-25", "2024-05-01", "2024-05-07",
    "2024-05-08", "2024-05-09", "2024-07-08", "2024-08-30", "2024-10-25", "2024-12-16",
    "2025-01-01", "2025-01-02", "2025-01-03", "2025-01-07", "2025-03-10", "2025-03-21", "2025-03-24", "2025-03-25",
    "2025-05-01", "2025-05-07", "2025-05-09", "2025-06-06", "2025-07-07", "2025-09-01", "2025-10-27", "2025-12-16",
    "2026-01-01", "2026-01-02", "2026-01-07", "2026-03-09", "2026-03-23", "2026-03-24", "2026-03-25", "2026-05-01",
    "2026-05-07", "2026-05-11", "2026-05-27", "2026-07-06", "2026-10-26", "2026-12-16",
    "2027-01-01", "2027-01-04", "2027-01-07", "2027-03-08", "2027-03-15", "2027-03-22", "2027-03-23", "2027-03-24",
    "2027-05-03", "2027-05-07", "2027-05-10", "2027-07-06", "2027-10-25", "2027-12-16",
    "2028-01-03", "2028-01-04", "2028-01-07", "2028-03-08", "2028-03-15", "2028-03-21", "2028-03-22", "2028-03-23",
    "2028-05-01",
];

/// Weekend days that the government made working days.
static WORKED: [&str; 2] = ["2024-05-04", "2025-01-05"];

/// When offices close.
const CLOSING_HOUR: u32 = 18;

impl Place {
    /// The day it is there.
    pub fn today(&self, now: DateTime<Utc>) -> NaiveDate {
        now.with_timezone(&self.zone).date_naive()
    }

    pub fn works(&self, day: NaiveDate) -> bool {
        let written = day.to_string();
        let is_weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        if WORKED.contains(&written.as_str()) {
            return true;
        }
        !is_weekend && !OFF.contains(&written.as_str()) && !self.days_off.contains(&written.as_str())
    }

    /// The end of a term of so many working days for what happens now: the day itself is not counted, and what comes after hours or on
    /// a day off belongs to the next working day.
    pub fn term(&self, now: DateTime<Utc>, working_days: u32) -> DateTime<Utc> {
        let mut day = self.today(now);
        if now.with_timezone(&self.zone).hour() >= CLOSING_HOUR {
            day += Duration::days(1);
        }
        while !self.works(day) {
            day += Duration::days(1);
        }
        self.closing(self.walk(day, working_days))
    }

    /// So many working days on.
    fn walk(&self, mut day: NaiveDate, mut working_days: u32) -> NaiveDate {
        while working_days > 0 {
            day += Duration::days(1);
            if self.works(day) {
                working_days -= 1;
            }
        }
        day
    }

    /// Working days that a term has left after today; none when it was over before today.
    pub fn left(&self, now: DateTime<Utc>, due: DateTime<Utc>) -> Option<u32> {
        let (mut day, last) = (self.today(now), self.today(due));
        if day > last {
            return None;
        }
        let mut left = 0;
        while day < last {
            day += Duration::days(1);
            if self.works(day) {
                left += 1;
            }
        }
        Some(left)
    }

    /// When a term that stood still with so many days left ends once it runs again.
    pub fn resumed(&self, now: DateTime<Utc>, due: DateTime<Utc>, left: Option<u32>) -> DateTime<Utc> {
        let Some(left) = left else { return due };
        let mut day = self.today(now);
        if left == 0 {
            while !self.works(day) {
                day += Duration::days(1);
            }
        }
        self.closing(self.walk(day, left))
    }

    /// When the office closes on that day: found by trying one quarter of an hour after the other.
    pub fn closing(&self, day: NaiveDate) -> DateTime<Utc> {
        self.moment(day, CLOSING_HOUR)
    }

    /// The first moment of that day at that hour.
    pub fn moment(&self, day: NaiveDate, hour: u32) -> DateTime<Utc> {
        let mut time = day.and_hms_opt(0, 0, 0).unwrap().and_utc() - TimeDelta::days(1);
        loop {
            let local = time.with_timezone(&self.zone);
            if local.date_naive() == day && local.hour() >= hour {
                return time;
            }
            time += TimeDelta::minutes(15);
        }
    }
}
