//! The term of a registration: on which days before and after the end of a stay something falls due, by dated parameters.

use chrono::{Days, NaiveDate};

use super::parameters::Parameters;

/// What falls due on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Milestone {
    /// The citizen is reminded of the end of the stay.
    Reminder {
        /// Which of the reminders, from 1.
        place: u32,
    },
    /// The stay has ended: the registration is overdue.
    Overdue,
    /// Nobody has extended the stay: the registration is removed from the register.
    Removal,
}

/// All that falls due about a stay whose last day is `valid_until`, in the order of the days.
pub fn milestones(valid_until: NaiveDate, parameters: &Parameters) -> Vec<(NaiveDate, Milestone)> {
    let before = |days: u32| valid_until.checked_sub_days(Days::new(days.into())).unwrap_or(valid_until);
    let reminders = parameters.reminders.iter().zip(1..);
    let reminders = reminders.map(|(days, place)| (before(*days), Milestone::Reminder { place }));
    let overdue = (days_after(valid_until, 1), Milestone::Overdue);
    reminders.chain([overdue, (removal_day(valid_until, parameters), Milestone::Removal)]).collect()
}

/// The day from which a registration is removed whose stay ended on `valid_until` and was not extended.
pub fn removal_day(valid_until: NaiveDate, parameters: &Parameters) -> NaiveDate {
    days_after(valid_until, 1 + parameters.overdue_grace)
}

/// The day of the first milestone that is still ahead on `today`; a stay that has ended becomes overdue first, however late.
pub fn first_day(valid_until: NaiveDate, today: NaiveDate, parameters: &Parameters) -> NaiveDate {
    let is_ahead = |day: NaiveDate, milestone: Milestone| day >= today || milestone == Milestone::Overdue;
    let first = milestones(valid_until, parameters).into_iter().find(|(day, milestone)| is_ahead(*day, *milestone));
    first.map_or(valid_until, |(day, _)| day)
}

fn days_after(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX)
}
