//! Kazakhstan's holidays: rules by year and the government's transfers.
//!
//! Law of 13.12.2001 № 267-II on holidays and the Labour Code, second-hand. Years before 2022 are not modelled: other holidays were
//! in force. The first day of Kurban-ait follows the lunar calendar and is announced year by year, so it is data; a year without
//! an entry has none, and the table has to be continued.

use chrono::{Datelike, NaiveDate, Weekday};

use super::{WorkingCalendar, day_after};

/// Whether a holiday that falls on a weekend gives the next working day off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OnWeekend {
    Moves,
    Stays,
}

/// A holiday of every year from `from` to `until`.
struct Holiday {
    month: u32,
    day: u32,
    from: i32,
    until: i32,
    on_weekend: OnWeekend,
}

const fn every_year(month: u32, day: u32, on_weekend: OnWeekend) -> Holiday {
    Holiday { month, day, from: i32::MIN, until: i32::MAX, on_weekend }
}

static HOLIDAYS: [Holiday; 15] = [
    every_year(1, 1, OnWeekend::Moves),
    every_year(1, 2, OnWeekend::Moves),
    // Orthodox Christmas.
    every_year(1, 7, OnWeekend::Stays),
    every_year(3, 8, OnWeekend::Moves),
    // Constitution Day by the Constitution of 2026; 30 August by that of 1995; none in 2026.
    Holiday { month: 3, day: 15, from: 2027, until: i32::MAX, on_weekend: OnWeekend::Moves },
    every_year(3, 21, OnWeekend::Moves),
    every_year(3, 22, OnWeekend::Moves),
    every_year(3, 23, OnWeekend::Moves),
    every_year(5, 1, OnWeekend::Moves),
    every_year(5, 7, OnWeekend::Moves),
    every_year(5, 9, OnWeekend::Moves),
    every_year(7, 6, OnWeekend::Moves),
    Holiday { month: 8, day: 30, from: i32::MIN, until: 2025, on_weekend: OnWeekend::Moves },
    every_year(10, 25, OnWeekend::Moves),
    every_year(12, 16, OnWeekend::Moves),
];

/// A date of the tables below: year, month, day.
type Date = (i32, u32, u32);

/// First days of Kurban-ait; never moved.
static KURBAN_AIT: [Date; 4] = [(2024, 6, 16), (2025, 6, 6), (2026, 5, 27), (2027, 5, 16)];

/// A decision of the government to work on a day off and to rest on a working day for it.
struct Transfer {
    worked: Date,
    off: Date,
}

static TRANSFERS: [Transfer; 2] =
    [Transfer { worked: (2024, 5, 4), off: (2024, 5, 8) }, Transfer { worked: (2025, 1, 5), off: (2025, 1, 3) }];

/// The working calendar of Kazakhstan.
#[derive(Debug, Clone, Copy, Default)]
pub struct KazakhstanCalendar;

impl WorkingCalendar for KazakhstanCalendar {
    fn is_working_day(&self, day: NaiveDate) -> bool {
        let date: Date = (day.year(), day.month(), day.day());
        if TRANSFERS.iter().any(|transfer| transfer.worked == date) {
            return true;
        }
        if TRANSFERS.iter().any(|transfer| transfer.off == date) {
            return false;
        }
        !is_weekend(day) && !days_off(day.year()).contains(&day)
    }
}

/// Holidays of a year and the days they moved to.
fn days_off(year: i32) -> Vec<NaiveDate> {
    let of_year =
        HOLIDAYS.iter().filter(|holiday| (holiday.from..=holiday.until).contains(&year)).filter_map(|holiday| {
            NaiveDate::from_ymd_opt(year, holiday.month, holiday.day).map(|day| (day, holiday.on_weekend))
        });
    let kurban_ait = KURBAN_AIT
        .iter()
        .filter(|(of, ..)| *of == year)
        .filter_map(|(of, month, day)| NaiveDate::from_ymd_opt(*of, *month, *day).map(|day| (day, OnWeekend::Stays)));
    let mut holidays: Vec<(NaiveDate, OnWeekend)> = of_year.chain(kurban_ait).collect();
    holidays.sort_by_key(|(day, _)| *day);
    let mut days: Vec<NaiveDate> = holidays.iter().map(|(day, _)| *day).collect();
    for (day, on_weekend) in holidays {
        if on_weekend == OnWeekend::Moves && is_weekend(day) {
            let mut moved = day_after(day);
            while is_weekend(moved) || days.contains(&moved) {
                moved = day_after(moved);
            }
            days.push(moved);
        }
    }
    days
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}
