//! Messages as JSON and back, by their descriptors: for callers that name methods and fields in text.
//!
//! Fields have the names of the proto files. An instant is RFC 3339 in UTC, octets are base64, an enum value is its last part
//! (`COMPLETED` for `APPLICATION_STATE_COMPLETED`; the full name is read too), and null where nothing is said. Numbers are numbers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat};
use prost_reflect::{
    DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MapKey, MessageDescriptor, ReflectMessage as _,
    Value as Wire,
};
use serde_json::{Map, Value};

/// Full name of the message that stands for an instant.
const TIMESTAMP: &str = "google.protobuf.Timestamp";

/// A value that does not fit its field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {explanation}")]
pub struct Misfit {
    /// Path of the field in the request.
    pub field: String,
    /// What is expected there.
    pub explanation: String,
}

impl Misfit {
    fn new(field: &str, explanation: impl Into<String>) -> Self {
        Self { field: field.to_owned(), explanation: explanation.into() }
    }
}

/// The message of this type that the JSON object describes.
///
/// # Errors
/// The first field that does not exist or whose value does not fit.
pub fn message(descriptor: &MessageDescriptor, fields: &Map<String, Value>) -> Result<DynamicMessage, Misfit> {
    built(descriptor, fields, "")
}

fn built(descriptor: &MessageDescriptor, fields: &Map<String, Value>, path: &str) -> Result<DynamicMessage, Misfit> {
    let mut message = DynamicMessage::new(descriptor.clone());
    for (name, value) in fields {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let field = descriptor.get_field_by_name(name).ok_or_else(|| {
            let known: Vec<_> = descriptor.fields().map(|field| field.name().to_owned()).collect();
            Misfit::new(&path, format!("there is no such field; known: {}", known.join(", ")))
        })?;
        message.set_field(&field, content(&field, value, &path)?);
    }
    Ok(message)
}

fn content(field: &FieldDescriptor, value: &Value, path: &str) -> Result<Wire, Misfit> {
    if field.is_map() {
        return Err(Misfit::new(path, "maps are not written in JSON here"));
    }
    if !field.is_list() {
        return single(&field.kind(), value, path);
    }
    let Value::Array(items) = value else { return Err(Misfit::new(path, "a list is expected")) };
    let items = items.iter().enumerate().map(|(place, item)| single(&field.kind(), item, &format!("{path}[{place}]")));
    Ok(Wire::List(items.collect::<Result<_, _>>()?))
}

fn single(kind: &Kind, value: &Value, path: &str) -> Result<Wire, Misfit> {
    let expected = |what: &str| Misfit::new(path, format!("{what} is expected"));
    let text = |what: &str| value.as_str().ok_or_else(|| expected(what));
    Ok(match kind {
        Kind::Message(descriptor) if descriptor.full_name() == TIMESTAMP => {
            let time = DateTime::parse_from_rfc3339(text("a time in RFC 3339")?);
            let time = time.map_err(|_| expected("a time in RFC 3339"))?;
            let mut message = DynamicMessage::new(descriptor.clone());
            message.set_field_by_name("seconds", Wire::I64(time.timestamp()));
            let nanos = i32::try_from(time.timestamp_subsec_nanos()).unwrap_or_default();
            message.set_field_by_name("nanos", Wire::I32(nanos));
            Wire::Message(message)
        }
        Kind::Message(descriptor) => {
            Wire::Message(built(descriptor, value.as_object().ok_or_else(|| expected("a table"))?, path)?)
        }
        Kind::Enum(descriptor) => {
            let name = text("the name of a value")?;
            let found =
                descriptor.values().find(|known| known.name() == name || last_part(descriptor, known.name()) == name);
            let found = found.ok_or_else(|| {
                let known: Vec<_> =
                    descriptor.values().map(|known| last_part(descriptor, known.name()).to_owned()).collect();
                expected(&format!("one of {}", known.join(", ")))
            })?;
            Wire::EnumNumber(found.number())
        }
        Kind::String => Wire::String(text("a text")?.to_owned()),
        Kind::Bytes => {
            let octets = STANDARD.decode(text("base64")?).map_err(|_| expected("base64"))?;
            Wire::Bytes(octets.into())
        }
        Kind::Bool => Wire::Bool(value.as_bool().ok_or_else(|| expected("true or false"))?),
        Kind::Double => Wire::F64(value.as_f64().ok_or_else(|| expected("a number"))?),
        #[expect(clippy::cast_possible_truncation, reason = "a float of the wire has no more")]
        Kind::Float => Wire::F32(value.as_f64().ok_or_else(|| expected("a number"))? as f32),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
            Wire::I32(number(value).ok_or_else(|| expected("a whole number"))?)
        }
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
            Wire::I64(number(value).ok_or_else(|| expected("a whole number"))?)
        }
        Kind::Uint32 | Kind::Fixed32 => Wire::U32(number(value).ok_or_else(|| expected("a whole number from 0"))?),
        Kind::Uint64 | Kind::Fixed64 => Wire::U64(number(value).ok_or_else(|| expected("a whole number from 0"))?),
    })
}

fn number<T: TryFrom<i64>>(value: &Value) -> Option<T> {
    T::try_from(value.as_i64()?).ok()
}

/// The message as a JSON object: every field but the messages and choices that are not there.
pub fn json(message: &DynamicMessage) -> Value {
    let mut fields = Map::new();
    for field in message.descriptor().fields() {
        if field.supports_presence() && !message.has_field(&field) {
            continue;
        }
        fields.insert(field.name().to_owned(), value(&field.kind(), &message.get_field(&field)));
    }
    Value::Object(fields)
}

fn value(kind: &Kind, wire: &Wire) -> Value {
    match wire {
        Wire::Bool(value) => (*value).into(),
        Wire::I32(value) => (*value).into(),
        Wire::I64(value) => (*value).into(),
        Wire::U32(value) => (*value).into(),
        Wire::U64(value) => (*value).into(),
        Wire::F32(value) => (*value).into(),
        Wire::F64(value) => (*value).into(),
        Wire::String(value) => value.as_str().into(),
        Wire::Bytes(octets) => STANDARD.encode(octets).into(),
        Wire::EnumNumber(number) => match kind {
            Kind::Enum(descriptor) if *number != 0 => descriptor
                .get_value(*number)
                .map_or((*number).into(), |known| last_part(descriptor, known.name()).into()),
            _ => Value::Null,
        },
        Wire::Message(message) if message.descriptor().full_name() == TIMESTAMP => instant(message),
        Wire::Message(message) => json(message),
        Wire::List(items) => items.iter().map(|item| value(kind, item)).collect(),
        Wire::Map(entries) => {
            let of_values = match kind {
                Kind::Message(entry) => entry.map_entry_value_field().kind(),
                other => other.clone(),
            };
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by_key(|(key, _)| (*key).clone());
            entries.into_iter().map(|(key, item)| (key_text(key), value(&of_values, item))).collect()
        }
    }
}

fn instant(message: &DynamicMessage) -> Value {
    let seconds = message.get_field_by_name("seconds").and_then(|value| value.as_i64()).unwrap_or_default();
    let nanos = message.get_field_by_name("nanos").and_then(|value| value.as_i32()).unwrap_or_default();
    let time = DateTime::from_timestamp(seconds, u32::try_from(nanos).unwrap_or_default());
    time.map_or(Value::Null, |time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true).into())
}

fn key_text(key: &MapKey) -> String {
    match key {
        MapKey::Bool(key) => key.to_string(),
        MapKey::I32(key) => key.to_string(),
        MapKey::I64(key) => key.to_string(),
        MapKey::U32(key) => key.to_string(),
        MapKey::U64(key) => key.to_string(),
        MapKey::String(key) => key.clone(),
    }
}

/// `COMPLETED` of `APPLICATION_STATE_COMPLETED` in the enum `ApplicationState`.
fn last_part<'a>(descriptor: &EnumDescriptor, name: &'a str) -> &'a str {
    let mut prefix = String::new();
    for (place, letter) in descriptor.name().char_indices() {
        if letter.is_ascii_uppercase() && place > 0 {
            prefix.push('_');
        }
        prefix.push(letter.to_ascii_uppercase());
    }
    name.strip_prefix(&prefix).and_then(|rest| rest.strip_prefix('_')).unwrap_or(name)
}
