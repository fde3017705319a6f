//! The second pass: the tree against the JSON Schema that schemars generates from the Rust type, every error at once.

use std::fmt;
use std::marker::PhantomData;

use chrono::{DateTime, NaiveDate};
use jsonschema::error::ValidationErrorKind;
use jsonschema::paths::{Location, LocationSegment};
use jsonschema::{ValidationError, Validator};
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::violation::{FieldViolation, Segment, ViolationCode, push_segment};
use super::{MOST_VIOLATIONS, fill, read};
use crate::registration::text::Text;
use crate::registration::value::{SHAPES, Shape, ValueError};

/// The strict reader of one type: its JSON Schema, compiled once.
pub struct Strict<T> {
    published: Value,
    validator: Validator,
    read: PhantomData<fn() -> T>,
}

impl<T: JsonSchema + DeserializeOwned> Strict<T> {
    /// Compiles the reader.
    ///
    /// # Panics
    /// Never on outside input: only if the schema generated from `T` were no schema, which the tests rule out.
    #[expect(clippy::new_without_default, reason = "compiling takes a millisecond; nobody should get one by accident")]
    pub fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.transforms.push(Box::new(RecursiveTransform(without_null)));
        });
        let published = settings.into_generator().into_root_schema_for::<T>().to_value();
        let mut judged = published.clone();
        // The shapes judge in Rust; their patterns and lengths are for readers of the schema.
        judge_shapes_in_rust(&mut judged);
        let mut options = jsonschema::options()
            .should_validate_formats(true)
            .with_format("date", is_date)
            .with_format("date-time", is_time)
            .with_format("uuid", is_uuid);
        for shape in SHAPES {
            options = options.with_format(shape.format, |text: &str| shape.check(text).is_ok());
        }
        let validator = options.build(&judged).expect("a schema generated from a Rust type compiles");
        Self { published, validator, read: PhantomData }
    }

    /// The JSON Schema (draft 2020-12) for those who write such documents.
    pub fn schema(&self) -> &Value {
        &self.published
    }

    /// Reads one document.
    ///
    /// # Errors
    /// Every violation that can be told at once.
    pub fn decode(&self, bytes: &[u8]) -> Result<T, Vec<FieldViolation>> {
        let (tree, violations) = read(bytes);
        match tree {
            Some(tree) => self.judge(tree, violations),
            None => Err(violations),
        }
    }

    /// Judges a tree that was read with `violations`, and fills the type if there is none at all.
    pub(crate) fn judge(&self, tree: Value, mut violations: Vec<FieldViolation>) -> Result<T, Vec<FieldViolation>> {
        if violations.is_empty() && self.validator.is_valid(&tree) {
            return fill(tree);
        }
        for error in self.validator.iter_errors(&tree) {
            for violation in explained(&error) {
                // One violation per field: what is too long is mostly also of the wrong form, and telling both helps nobody.
                let is_told = violations.iter().any(|told| told.field == violation.field);
                if !is_told && violations.len() < MOST_VIOLATIONS {
                    violations.push(violation);
                }
            }
        }
        if violations.is_empty() { fill(tree) } else { Err(violations) }
    }
}

fn explained(error: &ValidationError<'_>) -> Vec<FieldViolation> {
    use ViolationCode as Code;
    let at = error.instance_path();
    let one = |code, description: Text| vec![FieldViolation::worded(path(at, None), code, description)];
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => unexpected
            .iter()
            .map(|key| FieldViolation::new(path(at, Some(key)), Code::UnknownField, "there is no such field"))
            .collect(),
        ValidationErrorKind::Required { property } => {
            vec![FieldViolation::new(path(at, property.as_str()), Code::MissingField, "the field is required")]
        }
        ValidationErrorKind::Type { .. } => {
            vec![FieldViolation::new(path(at, None), Code::WrongType, "the value is of another JSON type")]
        }
        ValidationErrorKind::OneOfNotValid { context } if error.instance().is_string() => {
            one(Code::UnknownValue, one_of(&constants(context.iter().flatten())))
        }
        ValidationErrorKind::OneOfNotValid { .. } => one(Code::WrongType, STRING_EXPECTED),
        ValidationErrorKind::Enum { options } => one(Code::UnknownValue, one_of(&options.to_string())),
        ValidationErrorKind::Constant { expected_value } => {
            let value = expected_value.to_string();
            one(Code::UnknownValue, must_be([&value; 3]))
        }
        ValidationErrorKind::Format { format } => {
            let (code, description) = format_violation(format, error.instance().as_str().unwrap_or_default());
            one(code, description)
        }
        ValidationErrorKind::MinLength { limit } | ValidationErrorKind::MinItems { limit } => one(
            Code::BadLength,
            bounded(["қысқа болмауы тиіс", "не должно быть короче", "must not be shorter than"], limit),
        ),
        ValidationErrorKind::MaxLength { limit } | ValidationErrorKind::MaxItems { limit } => one(
            Code::BadLength,
            bounded(["ұзын болмауы тиіс", "не должно быть длиннее", "must not be longer than"], limit),
        ),
        ValidationErrorKind::Minimum { limit } => {
            one(Code::OutOfRange, bounded(["кем болмауы тиіс", "должно быть не меньше", "must be at least"], limit))
        }
        ValidationErrorKind::Maximum { limit } => {
            one(Code::OutOfRange, bounded(["артық болмауы тиіс", "должно быть не больше", "must be at most"], limit))
        }
        kind => {
            let description = format!("does not satisfy the schema's keyword {}", kind.keyword());
            vec![FieldViolation::new(path(at, None), Code::BadFormat, description)]
        }
    }
}

const STRING_EXPECTED: Text =
    Text::fixed("мән жол (string) болуы тиіс", "значение должно быть строкой", "the value must be a string");

fn must_be([kk, ru, en]: [&str; 3]) -> Text {
    Text::composed(format!("мынадай болуы тиіс: {kk}"), format!("должно быть: {ru}"), format!("must be {en}"))
}

fn one_of(allowed: &str) -> Text {
    Text::composed(
        format!("мыналардың бірі болуы тиіс: {allowed}"),
        format!("должно быть одним из: {allowed}"),
        format!("must be one of {allowed}"),
    )
}

/// A limit in words: Kazakh names it first.
fn bounded([kk, ru, en]: [&str; 3], limit: impl fmt::Display) -> Text {
    Text::composed(format!("{limit} мәнінен {kk}"), format!("{ru} {limit}"), format!("{en} {limit}"))
}

fn format_violation(format: &str, text: &str) -> (ViolationCode, Text) {
    if let Some(shape) = shape_of(format) {
        let code = match shape.check(text) {
            Err(ValueError::Length) => ViolationCode::BadLength,
            Err(ValueError::Character) => ViolationCode::BadCharacter,
            Err(ValueError::Form) | Ok(()) => ViolationCode::BadFormat,
        };
        return (code, must_be(shape.expected));
    }
    let expected = match format {
        "date" => ["ЖЖЖЖ-АА-КК түріндегі күн", "дата в виде ГГГГ-ММ-ДД", "a calendar date as YYYY-MM-DD"],
        "date-time" => [
            "RFC 3339 бойынша уақыт, мысалы, 2026-03-20T08:00:00Z",
            "время по RFC 3339, например 2026-03-20T08:00:00Z",
            "a time of RFC 3339 such as 2026-03-20T08:00:00Z",
        ],
        "uuid" => [
            "UUID: 8-4-4-4-12 он алтылық цифр",
            "UUID: шестнадцатеричные цифры 8-4-4-4-12",
            "a UUID as 8-4-4-4-12 hexadecimal digits",
        ],
        _ => ["схемада аталған пішімде", "в формате, названном в схеме", "of the format that the schema names"],
    };
    (ViolationCode::BadFormat, must_be(expected))
}

fn shape_of(format: &str) -> Option<&'static Shape> {
    SHAPES.into_iter().find(|shape| shape.format == format)
}

/// The allowed values of an enum, as the branches of its `oneOf` name them.
fn constants<'a>(errors: impl Iterator<Item = &'a ValidationError<'a>>) -> String {
    let allowed: Vec<String> = errors
        .filter_map(|error| match error.kind() {
            ValidationErrorKind::Constant { expected_value } => expected_value.as_str().map(str::to_owned),
            _ => None,
        })
        .collect();
    allowed.join(", ")
}

fn path(at: &Location, key: Option<&str>) -> String {
    let mut path = String::new();
    for segment in at.segments() {
        match segment {
            LocationSegment::Property(key) => push_segment(&mut path, Segment::Key(&key)),
            LocationSegment::Index(index) => push_segment(&mut path, Segment::Index(index)),
        }
    }
    if let Some(key) = key {
        push_segment(&mut path, Segment::Key(key));
    }
    path
}

/// chrono is more lenient than RFC 3339 and ISO 8601's calendar date; a signed document is not.
fn is_date(text: &str) -> bool {
    let is_shaped =
        |(place, byte): (usize, u8)| if matches!(place, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    text.len() == 10 && text.bytes().enumerate().all(is_shaped) && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

fn is_time(text: &str) -> bool {
    let is_shaped =
        text.get(..10).is_some_and(is_date) && text.as_bytes().get(10) == Some(&b'T') && !text.contains(' ');
    is_shaped && DateTime::parse_from_rfc3339(text).is_ok()
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && Uuid::try_parse(text).is_ok()
}

/// An absent field is absent: `null` is no second way to say so. Also drops defaults, which would only repeat that.
fn without_null(schema: &mut Schema) {
    schema.remove("default");
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    let Some(Value::Array(choices)) = schema.get_mut("anyOf") else { return };
    choices.retain(|choice| choice.get("type").is_none_or(|name| name != "null"));
    if let [Value::Object(only)] = choices.as_slice() {
        let only: Map<String, Value> = only.clone();
        schema.remove("anyOf");
        for (key, value) in only {
            schema.insert(key, value);
        }
    }
}

fn judge_shapes_in_rust(schema: &mut Value) {
    match schema {
        Value::Object(keywords) => {
            if keywords.get("format").and_then(Value::as_str).and_then(shape_of).is_some() {
                keywords.retain(|keyword, _| !matches!(keyword.as_str(), "pattern" | "minLength" | "maxLength"));
            }
            keywords.values_mut().for_each(judge_shapes_in_rust);
        }
        Value::Array(items) => items.iter_mut().for_each(judge_shapes_in_rust),
        _ => {}
    }
}
