//! Times as scenario files write them: an instant, a local time of the mission, what an earlier step saw; and delays in calendar and
//! working days.

use std::borrow::Cow;

use chrono::{DateTime, Days, Months, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

use crate::registration::calendar::{KazakhstanCalendar, MissionCalendar, WorkingCalendar, instant};
use crate::registration::mission::Mission;

/// A moment: `2026-03-20T09:00:00Z`, `2026-03-20 10:00` in the mission's time zone, or `${a.due_time}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// An instant.
    Instant(DateTime<Utc>),
    /// The mission's time.
    Local(NaiveDateTime),
    /// A text that an earlier step completes.
    Seen(String),
}

impl Moment {
    /// Reads a moment.
    pub fn parse(text: &str) -> Option<Self> {
        if text.contains("${") {
            return Some(Self::Seen(text.to_owned()));
        }
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Some(Self::Instant(time.to_utc()));
        }
        let text = text.replace('T', " ");
        ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok())
            .map(Self::Local)
    }

    /// The instant that is meant at a mission; `None` for what an earlier step has to complete.
    pub fn at(&self, mission: &Mission) -> Option<DateTime<Utc>> {
        match self {
            Self::Instant(time) => Some(*time),
            Self::Local(time) => Some(instant(*time, mission.time_zone)),
            Self::Seen(_) => None,
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = text_of(toml::Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "`{text}` is no moment: write 2026-03-20T10:00:00+01:00, \"2026-03-20 10:00\" for the mission's own time, or \"${{a.due_time}}\""
            ))
        })
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A TOML time with its offset (2026-03-20T10:00:00+01:00), a local time of the mission (\"2026-03-20 10:00\"), or a time that an earlier step saw (\"${a.due_time}\")."
        })
    }
}

/// A delay: `2 working days`, `1 day, 3 hours`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delay(Vec<(u32, Unit)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Seconds,
    Minutes,
    Hours,
    Days,
    WorkingDays,
    Months,
}

impl Delay {
    /// Reads a delay.
    pub fn parse(text: &str) -> Option<Self> {
        let part = |part: &str| {
            let (count, unit) = part.trim().split_once(' ')?;
            let unit = match unit.trim_end_matches('s') {
                "second" => Unit::Seconds,
                "minute" => Unit::Minutes,
                "hour" => Unit::Hours,
                "day" => Unit::Days,
                "working day" => Unit::WorkingDays,
                "month" => Unit::Months,
                _ => return None,
            };
            Some((count.parse().ok()?, unit))
        };
        text.split(',').map(part).collect::<Option<_>>().map(Self)
    }

    /// The moment so much later than `time`, days by the calendar of the mission. A working day keeps the hour.
    pub fn from(&self, time: DateTime<Utc>, mission: &Mission) -> DateTime<Utc> {
        self.0.iter().fold(time, |time, (count, unit)| later(time, *count, *unit, mission))
    }
}

fn later(time: DateTime<Utc>, count: u32, unit: Unit, mission: &Mission) -> DateTime<Utc> {
    let local = time.with_timezone(&mission.time_zone).naive_local();
    let (day, hour): (_, NaiveTime) = (local.date(), local.time());
    let on = |day: Option<chrono::NaiveDate>| day.map_or(time, |day| instant(day.and_time(hour), mission.time_zone));
    match unit {
        Unit::Seconds => time + TimeDelta::seconds(count.into()),
        Unit::Minutes => time + TimeDelta::minutes(count.into()),
        Unit::Hours => time + TimeDelta::hours(count.into()),
        Unit::Days => on(day.checked_add_days(Days::new(count.into()))),
        Unit::Months => on(day.checked_add_months(Months::new(count))),
        Unit::WorkingDays => {
            let calendar = MissionCalendar::new(KazakhstanCalendar, mission.days_off.iter().copied());
            on(Some((0..count).fold(day, |day, _| calendar.working_day_after(day))))
        }
    }
}

impl<'de> Deserialize<'de> for Delay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "`{text}` is no delay: write a number and seconds, minutes, hours, days, working days or months; several with commas"
            ))
        })
    }
}

impl JsonSchema for Delay {
    fn schema_name() -> Cow<'static, str> {
        "Delay".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A number and seconds, minutes, hours, days, working days or months; several with commas: `2 working days, 1 hour`."
        })
    }
}

/// A text, or a TOML date or time as one.
pub fn text_of(value: toml::Value) -> Result<String, String> {
    match value {
        toml::Value::String(text) => Ok(text),
        toml::Value::Datetime(time) => Ok(time.to_string()),
        other => Err(format!("a text is expected, not {}", other.type_str())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registration::mission::Missions;

    #[test]
    fn delays_count_the_missions_working_days_and_keep_the_hour() {
        let berlin = Missions::sample().find("KZ-DE-BER").expect("a sample mission");
        let begin = Moment::parse("2026-03-20 10:00").and_then(|moment| moment.at(berlin)).expect("a moment");
        assert_eq!(begin.to_rfc3339(), "2026-03-20T09:00:00+00:00");
        let after = |text: &str| Delay::parse(text).expect("a delay").from(begin, berlin).to_rfc3339();
        // 21 to 25 March are days off; the clocks go forward on the 29th.
        assert_eq!(after("1 working day"), "2026-03-26T09:00:00+00:00");
        assert_eq!(after("10 days, 30 minutes"), "2026-03-30T08:30:00+00:00");
        assert_eq!(after("1 month"), "2026-04-20T08:00:00+00:00");
        for wrong in ["", "soon", "2", "2 fortnights", "-1 day"] {
            assert_eq!(Delay::parse(wrong), None, "{wrong}");
        }
    }
}
