//! The identifiers of persons: individual (IIN) and business (BIN) identification number.
//!
//! Law of 12.01.2007 № 223-III on the national registers of identification numbers. Twelve digits; for a person the first six are
//! the date of birth as YYMMDD and the seventh names century and sex; the last is a check digit.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// IINs of the national authority's test certificates. They fail the checksum (and one the date) on purpose.
pub const NATIONAL_TEST_IINS: [&str; 2] = ["123456789011", "123456789012"];

/// BIN of the national authority's test certificates; fails the checksum on purpose.
pub const NATIONAL_TEST_BIN: &str = "123456789021";

/// Whether the national authority's published test identifiers are taken for real ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum IdentifierPolicy {
    /// Only identifiers whose digits add up. The only setting for production.
    #[default]
    Strict,
    /// Also [`NATIONAL_TEST_IINS`] and [`NATIONAL_TEST_BIN`]. For the sandbox only.
    AcceptNationalTest,
}

/// Why a text is no identification number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum IdentifierError {
    /// Anything but twelve ASCII digits.
    #[error("an identification number has exactly twelve ASCII digits")]
    NotTwelveDigits,
    /// The first six digits with the century digit are no calendar date.
    #[error("the first digits of the individual identification number are not a date of birth")]
    NotABirthDate,
    /// The seventh digit is none of 1 to 6.
    #[error("the seventh digit of the individual identification number names no century and sex")]
    NoCentury,
    /// The fifth digit of a business number is none of 4, 5, 6.
    #[error("the fifth digit of the business identification number names no kind of entity")]
    NoEntityKind,
    /// The twelfth digit does not follow from the eleven before it.
    #[error("the check digit of the identification number is wrong")]
    Checksum,
}

/// Sex as written in identity documents and in the seventh digit of the IIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Sex {
    /// Male.
    Male,
    /// Female.
    Female,
}

/// An individual identification number that passed its checks. `Debug` shows it masked, since it may reach a log.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Iin(String);

impl Iin {
    /// Reads an IIN under `policy`.
    ///
    /// # Errors
    /// The first check that failed, in the order: digits, century, date, check digit.
    pub fn parse(text: &str, policy: IdentifierPolicy) -> Result<Self, IdentifierError> {
        let digits = twelve_digits(text)?;
        if policy == IdentifierPolicy::AcceptNationalTest && NATIONAL_TEST_IINS.contains(&text) {
            return Ok(Self(text.to_owned()));
        }
        birth_date(digits)?;
        check_digit(digits)?;
        Ok(Self(text.to_owned()))
    }

    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is one of the national authority's test numbers, whose digits mean nothing.
    pub fn is_national_test(&self) -> bool {
        NATIONAL_TEST_IINS.contains(&self.0.as_str())
    }

    /// Date of birth by the digits; `None` for a test number.
    pub fn birth_date(&self) -> Option<NaiveDate> {
        if self.is_national_test() {
            return None;
        }
        twelve_digits(&self.0).ok().and_then(|digits| birth_date(digits).ok())
    }

    /// Sex by the seventh digit (odd: male); `None` for a test number.
    pub fn sex(&self) -> Option<Sex> {
        if self.is_national_test() {
            return None;
        }
        let digits = twelve_digits(&self.0).ok()?;
        Some(if digits[6] % 2 == 1 { Sex::Male } else { Sex::Female })
    }

    /// For people to recognise and nobody to reuse: `900101*****1`.
    pub fn masked(&self) -> String {
        masked(&self.0)
    }
}

impl fmt::Debug for Iin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Iin({})", self.masked())
    }
}

/// A business identification number that passed its checks. Public, therefore shown in full.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Bin(String);

impl Bin {
    /// Reads a BIN under `policy`.
    ///
    /// # Errors
    /// The first check that failed, in the order: digits, kind of entity, check digit.
    pub fn parse(text: &str, policy: IdentifierPolicy) -> Result<Self, IdentifierError> {
        let digits = twelve_digits(text)?;
        if policy == IdentifierPolicy::AcceptNationalTest && text == NATIONAL_TEST_BIN {
            return Ok(Self(text.to_owned()));
        }
        if !matches!(digits[4], 4..=6) {
            return Err(IdentifierError::NoEntityKind);
        }
        check_digit(digits)?;
        Ok(Self(text.to_owned()))
    }

    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Age in full years on `day` of somebody born on `birth`; a birthday of 29 February counts from 1 March in common years.
pub fn age_on(birth: NaiveDate, day: NaiveDate) -> i32 {
    let before_birthday = (day.month(), day.day()) < (birth.month(), birth.day());
    day.year() - birth.year() - i32::from(before_birthday)
}

/// The last digit of an identification number that begins with `digits`, or `None` where no number may begin so.
///
/// Weights 1…11 modulo 11; a remainder of 10 is tried again with weights 3…11, 1, 2; 10 again makes the number invalid.
pub fn checksum(digits: [u8; 11]) -> Option<u8> {
    const FIRST: [u32; 11] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
    const SECOND: [u32; 11] = [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2];
    [FIRST, SECOND]
        .iter()
        .map(|weights| weights.iter().zip(digits).map(|(weight, digit)| weight * u32::from(digit)).sum::<u32>() % 11)
        .find(|remainder| *remainder < 10)
        .and_then(|remainder| u8::try_from(remainder).ok())
}

fn masked(digits: &str) -> String {
    digits.chars().enumerate().map(|(place, digit)| if (6..11).contains(&place) { '*' } else { digit }).collect()
}

fn twelve_digits(text: &str) -> Result<[u8; 12], IdentifierError> {
    let bytes: [u8; 12] = text.as_bytes().try_into().map_err(|_| IdentifierError::NotTwelveDigits)?;
    if !bytes.iter().all(u8::is_ascii_digit) {
        return Err(IdentifierError::NotTwelveDigits);
    }
    Ok(bytes.map(|byte| byte - b'0'))
}

fn birth_date(digits: [u8; 12]) -> Result<NaiveDate, IdentifierError> {
    let century = match digits[6] {
        1 | 2 => 1800,
        3 | 4 => 1900,
        5 | 6 => 2000,
        _ => return Err(IdentifierError::NoCentury),
    };
    let pair = |at: usize| u32::from(digits[at]) * 10 + u32::from(digits[at + 1]);
    let year = century + i32::from(digits[0]) * 10 + i32::from(digits[1]);
    NaiveDate::from_ymd_opt(year, pair(2), pair(4)).ok_or(IdentifierError::NotABirthDate)
}

fn check_digit(digits: [u8; 12]) -> Result<(), IdentifierError> {
    let [body @ .., last] = digits;
    if checksum(body) == Some(last) { Ok(()) } else { Err(IdentifierError::Checksum) }
}
