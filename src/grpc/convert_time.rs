//! Instants between chrono and `google.protobuf.Timestamp`.

use chrono::{DateTime, Utc};
use prost_types::Timestamp;

use super::failure::Failure;
use crate::registration::{FieldViolation, ViolationCode};

/// An instant as the wire has it.
pub fn timestamp(time: DateTime<Utc>) -> Timestamp {
    // A leap second's nanoseconds go beyond what the wire allows.
    let nanos = i32::try_from(time.timestamp_subsec_nanos().min(999_999_999)).unwrap_or(0);
    Timestamp { seconds: time.timestamp(), nanos }
}

/// The instant in `field`, when it is given; it has to lie in the years 1 to 9999, as the wire's type says.
pub fn optional_instant(field: &'static str, time: Option<&Timestamp>) -> Result<Option<DateTime<Utc>>, Failure> {
    const YEAR_1: i64 = -62_135_596_800;
    const YEAR_10000: i64 = 253_402_300_800;
    let Some(time) = time else { return Ok(None) };
    let instant = u32::try_from(time.nanos)
        .ok()
        .filter(|nanos| *nanos < 1_000_000_000 && (YEAR_1..YEAR_10000).contains(&time.seconds))
        .and_then(|nanos| DateTime::from_timestamp(time.seconds, nanos));
    match instant {
        Some(instant) => Ok(Some(instant)),
        None => Err(Failure::field(FieldViolation::new(
            field,
            ViolationCode::OutOfRange,
            "is not an instant of the years 1 to 9999",
        ))),
    }
}

/// The instant in `field`, which has to be given.
pub fn instant(field: &'static str, time: Option<&Timestamp>) -> Result<DateTime<Utc>, Failure> {
    optional_instant(field, time)?
        .ok_or_else(|| Failure::field(FieldViolation::new(field, ViolationCode::MissingField, "has to be given")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_survives_the_wire_and_nonsense_is_named() {
        let time = DateTime::from_timestamp(1_780_000_000, 123_456_000).unwrap();
        assert_eq!(instant("time", Some(&timestamp(time))).unwrap(), time);
        for (seconds, nanos) in [(i64::MAX, 0), (0, -1), (0, 1_000_000_000), (253_402_300_800, 0)] {
            let wrong = Timestamp { seconds, nanos };
            assert!(
                matches!(instant("time", Some(&wrong)), Err(Failure::Request(violations)) if violations[0].field == "time")
            );
        }
        assert!(instant("time", None).is_err());
        assert_eq!(optional_instant("time", None).unwrap(), None);
    }
}
