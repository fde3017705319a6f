//! The first pass: bytes to tree, noting duplicate keys, depth and fractions with the path where they stand.

use std::fmt;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::violation::{FieldViolation, Segment, ViolationCode, push_segment};
use super::{DEEPEST_NESTING, LONGEST_DOCUMENT, MOST_VIOLATIONS};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// See [`super::read`].
pub(super) fn read(bytes: &[u8]) -> (Option<Value>, Vec<FieldViolation>) {
    let refused = |code, description: String| (None, vec![FieldViolation::new("", code, description)]);
    if bytes.len() > LONGEST_DOCUMENT {
        return refused(ViolationCode::TooLarge, format!("the document has more than {LONGEST_DOCUMENT} bytes"));
    }
    if bytes.starts_with(BYTE_ORDER_MARK) {
        return refused(ViolationCode::ByteOrderMark, "the document begins with a byte order mark".to_owned());
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let place = error.valid_up_to();
            return refused(ViolationCode::InvalidUtf8, format!("the document is not UTF-8 at byte {place}"));
        }
    };
    let mut notes = Notes { violations: Vec::new(), stopped_at: None };
    let mut json = serde_json::Deserializer::from_str(text);
    let node = Node { at: &Place { parent: None, segment: None, depth: 0 }, notes: &mut notes };
    match node.deserialize(&mut json) {
        Ok(tree) => {
            if json.end().is_err() {
                notes.note(String::new(), ViolationCode::TrailingData, "something follows the document".to_owned());
            }
            (Some(tree), notes.violations)
        }
        Err(error) => {
            let field = notes.stopped_at.take().unwrap_or_default();
            let description = format!("not JSON (RFC 8259) at line {}, column {}", error.line(), error.column());
            notes.note(field, ViolationCode::MalformedJson, description);
            (None, notes.violations)
        }
    }
}

/// What the tree will not show.
struct Notes {
    violations: Vec<FieldViolation>,
    stopped_at: Option<String>,
}

impl Notes {
    fn note(&mut self, field: String, code: ViolationCode, description: String) {
        if self.violations.len() < MOST_VIOLATIONS {
            self.violations.push(FieldViolation::new(field, code, description));
        }
    }
}

/// Where the reader stands: a list on the stack, so that a good document costs no path at all.
struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    segment: Option<Segment<'a>>,
    depth: usize,
}

impl Place<'_> {
    fn path(&self) -> String {
        let mut path = self.parent.map(Place::path).unwrap_or_default();
        if let Some(segment) = self.segment {
            push_segment(&mut path, segment);
        }
        path
    }
}

/// The value at a place, about to be read.
struct Node<'a> {
    at: &'a Place<'a>,
    notes: &'a mut Notes,
}

impl Node<'_> {
    /// Whether a list or object may begin here.
    fn may_nest(&mut self) -> bool {
        let may = self.at.depth < DEEPEST_NESTING;
        if !may {
            let description = format!("nested deeper than {DEEPEST_NESTING} levels");
            self.notes.note(self.at.path(), ViolationCode::TooDeep, description);
        }
        may
    }

    /// Remembers the innermost place at which reading stopped.
    fn stop<E>(&mut self, at: &Place<'_>, error: E) -> E {
        self.notes.stopped_at.get_or_insert_with(|| at.path());
        error
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(mut self, json: D) -> Result<Value, D::Error> {
        let at = self.at;
        let node = Node { at, notes: &mut *self.notes };
        json.deserialize_any(node).map_err(|error| self.stop(at, error))
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        // JSON Schema counts 1.0 as an integer and Rust does not; no field needs a fraction, so there is nothing to decide.
        let description = "a number is written without fraction and exponent".to_owned();
        self.notes.note(self.at.path(), ViolationCode::WrongType, description);
        serde_json::Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Value, A::Error> {
        if !self.may_nest() {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Value::Null);
        }
        let mut items = Vec::new();
        loop {
            let at =
                Place { parent: Some(self.at), segment: Some(Segment::Index(items.len())), depth: self.at.depth + 1 };
            match list.next_element_seed(Node { at: &at, notes: self.notes })? {
                Some(item) => items.push(item),
                None => return Ok(Value::Array(items)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut object: A) -> Result<Value, A::Error> {
        if !self.may_nest() {
            while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Value::Null);
        }
        let mut fields = Map::new();
        while let Some(key) = object.next_key::<String>()? {
            let at = Place { parent: Some(self.at), segment: Some(Segment::Key(&key)), depth: self.at.depth + 1 };
            let value = match object.next_value_seed(Node { at: &at, notes: self.notes }) {
                Ok(value) => value,
                Err(error) => return Err(self.stop(&at, error)),
            };
            if fields.contains_key(&key) {
                self.notes.note(
                    at.path(),
                    ViolationCode::DuplicateKey,
                    "the key stands twice in its object".to_owned(),
                );
            } else {
                fields.insert(key, value);
            }
        }
        Ok(Value::Object(fields))
    }

    fn visit_bytes<E: serde::de::Error>(self, _: &[u8]) -> Result<Value, E> {
        Err(E::custom("bytes are not JSON"))
    }
}
