//! Numbers and switches of the law, by date and with their source: never literals in code.

use chrono::{NaiveDate, NaiveTime, TimeDelta};

use super::form::{ApplicationType, Kind};
use super::rules::{CITATIONS, Channel, Citation, Source};
use super::state_register::{Inquiry, StateRegister};

/// Days on which something is in force, both ends included; an open end reaches as far as this service knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day.
    pub until: Option<NaiveDate>,
}

impl Period {
    /// Every day.
    pub const ALWAYS: Self = Self { from: None, until: None };

    /// Whether `day` is among the days.
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }

    /// Whether the two have a day in common.
    pub fn overlaps(&self, other: &Self) -> bool {
        let begins_after =
            |one: &Self, two: &Self| matches!((one.from, two.until), (Some(from), Some(until)) if from > until);
        !begins_after(self, other) && !begins_after(other, self)
    }
}

/// The parameters in force during one period.
#[derive(Debug, Clone, Copy)]
pub struct Parameters {
    /// The days they are in force.
    pub in_force: Period,
    /// Working days for an application through the portal.
    pub portal_term: u32,
    /// Working days for an application on paper at a mission.
    pub mission_term: u32,
    /// The act the two terms come from.
    pub terms_citation: &'static Citation,
    /// How well the two terms are known.
    pub terms_source: Source,
    /// Office hours in the mission's local time; what is filed at or after the closing time counts from the next working day.
    pub office_hours: OfficeHours,
    /// Longest time from `issued_at` to `expires_at` of a form.
    pub longest_form_validity: TimeDelta,
    /// How far an applicant's clock may run ahead of ours.
    pub clock_tolerance: TimeDelta,
    /// Age in years from which nobody else has to sign for a person.
    pub full_age: i32,
    /// Age in years from which a trustee, not a guardian, is appointed for a minor.
    pub trusteeship_age: i32,
    /// What may complete without an officer.
    pub straight_through: &'static [StraightThrough],
    /// Working days in which an applicant may object to a preliminary decision.
    pub objection_term: u32,
    /// The act the objection term comes from.
    pub objection_citation: &'static Citation,
    /// Whether another officer refuses than the one who announced the refusal.
    pub refusal_by_another_officer: bool,
    /// Days before the end of a stay on which the citizen is reminded of it, the most first; 0 is its last day.
    pub reminders: &'static [u32],
    /// Days for which a registration stays OVERDUE before it is removed from the register.
    pub overdue_grace: u32,
    /// Months after which a citizen is asked to confirm an unchanged card.
    pub reconfirmation_months: u32,
    /// So long before its end the term of an application counts as about to end, and its mission is told.
    pub due_soon: TimeDelta,
    /// So long before the hearing, or before the term for objecting ends, the applicant is reminded.
    pub hearing_reminder: TimeDelta,
    /// Days before the end of a passport on which the citizen is reminded of it, the most first.
    pub passport_reminders: &'static [u32],
    /// Which state register is asked about which application, where the service reaches it.
    pub inquiries: &'static [Inquiry],
    /// How long an application waits for a register that does not answer, before an officer takes it up.
    pub register_patience: TimeDelta,
    /// How well the service's own choices (office hours, form validity, straight-through policy, reminders, grace) are known.
    pub own_source: Source,
}

/// Office hours in local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfficeHours {
    /// When the office opens.
    pub opens: NaiveTime,
    /// When the office closes.
    pub closes: NaiveTime,
}

/// Applications that complete without an officer once all decision rules are met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StraightThrough {
    /// What is applied for.
    pub application_type: ApplicationType,
    /// Kind of registration.
    pub kind: Kind,
    /// How it was filed.
    pub channel: Channel,
}

impl Parameters {
    /// The parameters in force on `day`.
    pub fn on(day: NaiveDate) -> &'static Self {
        TABLE.iter().rev().find(|row| row.in_force.contains(day)).unwrap_or(&TABLE[0])
    }

    /// Working days for an application filed by `channel`.
    pub const fn term(&self, channel: Channel) -> u32 {
        match channel {
            Channel::Portal => self.portal_term,
            Channel::Mission => self.mission_term,
        }
    }

    /// Whether such an application may complete without an officer.
    pub fn is_straight_through(&self, application_type: ApplicationType, kind: Kind, channel: Channel) -> bool {
        self.straight_through.contains(&StraightThrough { application_type, kind, channel })
    }
}

/// One row per period, the newest last.
///
/// Terms as the official page gives them: 1 working day by portal, 2 at a mission. The day from which the amended Rules applied
/// could not be read, so the row is open at both ends until another row narrows it.
static TABLE: [Parameters; 1] = [Parameters {
    in_force: Period::ALWAYS,
    portal_term: 1,
    mission_term: 2,
    terms_citation: &CITATIONS.registration_rules,
    terms_source: Source::OfficialPage,
    office_hours: OfficeHours { opens: hour(9), closes: hour(18) },
    longest_form_validity: TimeDelta::days(90),
    clock_tolerance: TimeDelta::minutes(5),
    full_age: 18,
    trusteeship_age: 14,
    straight_through: &[
        by_portal(ApplicationType::Register, Kind::Temporary),
        // Its departure decision is verified first, by the register of migration decisions or by an officer: an unmet decision rule until then.
        by_portal(ApplicationType::Register, Kind::Permanent),
        by_portal(ApplicationType::Change, Kind::Temporary),
        by_portal(ApplicationType::Change, Kind::Permanent),
        by_portal(ApplicationType::Extend, Kind::Temporary),
        by_portal(ApplicationType::Extend, Kind::Permanent),
        by_portal(ApplicationType::Transfer, Kind::Temporary),
        by_portal(ApplicationType::Deregister, Kind::Temporary),
        by_portal(ApplicationType::Deregister, Kind::Permanent),
        by_portal(ApplicationType::Certificate, Kind::Temporary),
        by_portal(ApplicationType::Certificate, Kind::Permanent),
    ],
    objection_term: 2,
    objection_citation: &CITATIONS.administrative_procedure,
    refusal_by_another_officer: true,
    reminders: &[60, 30, 7, 0],
    overdue_grace: 30,
    reconfirmation_months: 12,
    // Half a working day.
    due_soon: TimeDelta::hours(4),
    hearing_reminder: TimeDelta::hours(24),
    passport_reminders: &[180, 30],
    inquiries: &[
        asked_by_portal(StateRegister::Population, WRITING_THE_CARD, BOTH_KINDS),
        asked_by_portal(StateRegister::Documents, WRITING_THE_CARD, BOTH_KINDS),
        asked_by_portal(StateRegister::Migration, &[ApplicationType::Register], &[Kind::Permanent]),
    ],
    register_patience: TimeDelta::hours(4),
    own_source: Source::OwnDesign,
}];

const fn by_portal(application_type: ApplicationType, kind: Kind) -> StraightThrough {
    StraightThrough { application_type, kind, channel: Channel::Portal }
}

/// See [`ApplicationType::writes_card`].
const WRITING_THE_CARD: &[ApplicationType] =
    &[ApplicationType::Register, ApplicationType::Change, ApplicationType::Extend, ApplicationType::Transfer];

const BOTH_KINDS: &[Kind] = &[Kind::Permanent, Kind::Temporary];

/// At a mission an officer sees the originals, and decides in any case.
const fn asked_by_portal(
    register: StateRegister,
    application_types: &'static [ApplicationType],
    kinds: &'static [Kind],
) -> Inquiry {
    Inquiry { register, application_types, kinds, channels: &[Channel::Portal] }
}

const fn hour(hour: u32) -> NaiveTime {
    match NaiveTime::from_hms_opt(hour, 0, 0) {
        Some(time) => time,
        None => NaiveTime::MIN,
    }
}
