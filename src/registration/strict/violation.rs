//! What is wrong with one field.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::registration::text::Text;

/// Machine code of a violation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ViolationCode {
    /// No JSON, or no single JSON value, from here on.
    MalformedJson,
    /// The bytes are not UTF-8.
    InvalidUtf8,
    /// The bytes begin with a byte order mark.
    ByteOrderMark,
    /// Something follows the document.
    TrailingData,
    /// The document is larger than [`super::LONGEST_DOCUMENT`].
    TooLarge,
    /// Nested deeper than [`super::DEEPEST_NESTING`].
    TooDeep,
    /// The same key twice in one object.
    DuplicateKey,
    /// A field this version does not have.
    UnknownField,
    /// A required field is absent.
    MissingField,
    /// Another JSON type than the field's.
    WrongType,
    /// A value outside the list of allowed ones.
    UnknownValue,
    /// A text that is not of the field's form.
    BadFormat,
    /// A text too short or too long, or a list too short or too long.
    BadLength,
    /// A character that is not allowed, such as a control character.
    BadCharacter,
    /// A number outside its range.
    OutOfRange,
    /// Two fields contradict each other.
    Inconsistent,
    /// A document made for another form.
    WrongForm,
    /// A form of another version.
    WrongVersion,
    /// Signed for another service.
    WrongAudience,
    /// Issued later than now.
    IssuedInFuture,
    /// First received after its expiry.
    Expired,
    /// Valid for longer than a form may be.
    ExpiryTooFar,
}

impl ViolationCode {
    /// Every code.
    pub const ALL: [Self; 22] = [
        Self::MalformedJson,
        Self::InvalidUtf8,
        Self::ByteOrderMark,
        Self::TrailingData,
        Self::TooLarge,
        Self::TooDeep,
        Self::DuplicateKey,
        Self::UnknownField,
        Self::MissingField,
        Self::WrongType,
        Self::UnknownValue,
        Self::BadFormat,
        Self::BadLength,
        Self::BadCharacter,
        Self::OutOfRange,
        Self::Inconsistent,
        Self::WrongForm,
        Self::WrongVersion,
        Self::WrongAudience,
        Self::IssuedInFuture,
        Self::Expired,
        Self::ExpiryTooFar,
    ];

    /// The code as shown, such as `UNKNOWN_FIELD`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MalformedJson => "MALFORMED_JSON",
            Self::InvalidUtf8 => "INVALID_UTF8",
            Self::ByteOrderMark => "BYTE_ORDER_MARK",
            Self::TrailingData => "TRAILING_DATA",
            Self::TooLarge => "TOO_LARGE",
            Self::TooDeep => "TOO_DEEP",
            Self::DuplicateKey => "DUPLICATE_KEY",
            Self::UnknownField => "UNKNOWN_FIELD",
            Self::MissingField => "MISSING_FIELD",
            Self::WrongType => "WRONG_TYPE",
            Self::UnknownValue => "UNKNOWN_VALUE",
            Self::BadFormat => "BAD_FORMAT",
            Self::BadLength => "BAD_LENGTH",
            Self::BadCharacter => "BAD_CHARACTER",
            Self::OutOfRange => "OUT_OF_RANGE",
            Self::Inconsistent => "INCONSISTENT",
            Self::WrongForm => "WRONG_FORM",
            Self::WrongVersion => "WRONG_VERSION",
            Self::WrongAudience => "WRONG_AUDIENCE",
            Self::IssuedInFuture => "ISSUED_IN_FUTURE",
            Self::Expired => "EXPIRED",
            Self::ExpiryTooFar => "EXPIRY_TOO_FAR",
        }
    }

    /// Whether the document is well made, but not for this service, version or moment: a failed precondition (FORM_INVALID), not
    /// an error in the argument.
    pub const fn is_precondition(self) -> bool {
        matches!(
            self,
            Self::WrongForm
                | Self::WrongVersion
                | Self::WrongAudience
                | Self::IssuedInFuture
                | Self::Expired
                | Self::ExpiryTooFar
        )
    }
}

impl fmt::Display for ViolationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One violation. Neither `field` nor `description` quotes a value, so both may be logged and stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldViolation {
    /// Path of the field, such as `card.identity.birth_date` or `evidence[0].digest`; empty for the document as a whole.
    pub field: String,
    /// Machine code.
    pub code: ViolationCode,
    /// For whoever has to mend it.
    pub description: Text,
}

impl FieldViolation {
    /// A violation of `field`, described in English; in Kazakh and Russian it says what its code says.
    pub fn new(field: impl Into<String>, code: ViolationCode, description: impl Into<String>) -> Self {
        let Text { kk, ru, .. } = code.text();
        Self { field: field.into(), code, description: Text { kk, ru, en: Cow::Owned(description.into()) } }
    }

    /// A violation of `field`, described in all three languages.
    pub fn worded(field: impl Into<String>, code: ViolationCode, description: Text) -> Self {
        Self { field: field.into(), code, description }
    }
}

/// One step of a field's path.
#[derive(Debug, Clone, Copy)]
pub(super) enum Segment<'a> {
    /// A key of an object.
    Key(&'a str),
    /// A place in an array.
    Index(usize),
}

/// Appends `segment` to `path`. A key comes from outside: it is cut to 64 characters, and what could break a line is replaced.
pub(super) fn push_segment(path: &mut String, segment: Segment<'_>) {
    match segment {
        Segment::Index(index) => {
            path.push('[');
            path.push_str(&index.to_string());
            path.push(']');
        }
        Segment::Key(key) => {
            if !path.is_empty() {
                path.push('.');
            }
            let shown =
                key.chars().map(|letter| if super::super::value::is_control(letter) { '\u{FFFD}' } else { letter });
            path.extend(shown.take(64));
        }
    }
}
