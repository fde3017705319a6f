//! Elections and referendums, as an officer announces one to those who may vote at the mission.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sentence::Sentence;
use super::strict::{FieldViolation, ViolationCode};
use super::text::Text;

/// What is voted on and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Election {
    /// What is voted on.
    pub title: Sentence,
    /// The voting day.
    pub voting_day: NaiveDate,
    /// The last day on which a change of the card still counts for the list of electors.
    pub check_until: NaiveDate,
}

impl Election {
    /// Everything that keeps the election from being announced on `today`, by the mission's calendar.
    pub fn violations(&self, today: NaiveDate) -> Vec<FieldViolation> {
        let wrong = |field: &str, code, description| {
            FieldViolation::worded(format!("decision.election.{field}"), code, description)
        };
        let mut violations = Vec::new();
        if self.voting_day < today {
            violations.push(wrong("voting_day", ViolationCode::OutOfRange, PASSED));
        }
        if self.check_until < today {
            violations.push(wrong("check_until", ViolationCode::OutOfRange, PASSED));
        }
        if self.check_until > self.voting_day {
            violations.push(wrong("check_until", ViolationCode::Inconsistent, AFTER_VOTING));
        }
        violations
    }
}

const PASSED: Text = Text::fixed("Бұл күн өтіп кетті.", "Этот день уже прошёл.", "This day has passed.");

const AFTER_VOTING: Text = Text::fixed(
    "Тексеру мерзімі дауыс беру күнінен кейін аяқталады.",
    "Срок проверки заканчивается позже дня голосования.",
    "The time for checking ends after the voting day.",
);
