//! What a step expects, compared with what came back.

use chrono::DateTime;
use serde_json::{Map, Value};

use super::names::Names;
use super::path::{Path, plain};

/// One expectation of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    /// Where.
    pub path: String,
    /// What.
    pub demand: Demand,
}

/// What is demanded of the value at a path.
#[derive(Debug, Clone, PartialEq)]
pub enum Demand {
    /// It equals this; of a table, the fields named.
    Equal(Value),
    /// Its text begins so.
    Begins(Value),
    /// It is a list with these items, or a text with this within.
    Contains(Value),
    /// It has so many items.
    Count(Value),
    /// It is something else.
    Differs(Value),
    /// It is there.
    Present,
    /// It is not there, or empty.
    Absent,
}

/// An expectation beside what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Where.
    pub path: String,
    /// What was expected, in words.
    pub expected: String,
    /// What was seen.
    pub seen: String,
    /// Whether that is the same.
    pub equal: bool,
}

impl Comparison {
    /// An expectation that a call succeeds, which it did not.
    pub fn refused(seen: &Value) -> Self {
        let part = |name: &str| seen.get(name).map(plain).unwrap_or_default();
        let text = [part("code"), part("reason"), part("message")].join(" ");
        Self { path: "error".to_owned(), expected: "none".to_owned(), seen: text.trim_end().to_owned(), equal: false }
    }
}

/// The leaves of a table of expectations: tables within tables are paths.
pub fn leaves(tree: &Map<String, Value>) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (key, value) in tree {
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                found.extend(leaves(inner).into_iter().map(|(path, value)| (format!("{key}.{path}"), value)));
            }
            leaf => found.push((key.clone(), leaf.clone())),
        }
    }
    found
}

impl Expectation {
    /// The same with everything that its texts stand for.
    pub fn filled(&self, names: &Names) -> Result<Self, String> {
        let demand = match &self.demand {
            Demand::Equal(value) => Demand::Equal(names.fill(value)?),
            Demand::Begins(value) => Demand::Begins(names.fill(value)?),
            Demand::Contains(value) => Demand::Contains(names.fill(value)?),
            Demand::Count(value) => Demand::Count(names.fill(value)?),
            Demand::Differs(value) => Demand::Differs(names.fill(value)?),
            Demand::Present => Demand::Present,
            Demand::Absent => Demand::Absent,
        };
        Ok(Self { path: self.path.clone(), demand })
    }

    /// Compares with what came back.
    pub fn compare(&self, seen: &Value) -> Comparison {
        let found = Path::parse(&self.path).and_then(|path| path.select(seen)).unwrap_or(Value::Null);
        let (expected, equal) = match &self.demand {
            Demand::Equal(expected) => (plain(expected), equal(expected, &found)),
            Demand::Begins(expected) => {
                (format!("begins with {}", plain(expected)), plain(&found).starts_with(&plain(expected)))
            }
            Demand::Contains(expected) => (format!("contains {}", plain(expected)), contains(expected, &found)),
            Demand::Count(expected) => {
                let count = found.as_array().map_or(0, Vec::len);
                (format!("{} items", plain(expected)), *expected == count)
            }
            Demand::Differs(expected) => (format!("not {}", plain(expected)), !equal(expected, &found)),
            Demand::Present => ("present".to_owned(), !is_nothing(&found)),
            Demand::Absent => ("absent".to_owned(), is_nothing(&found)),
        };
        let shown = match &self.demand {
            Demand::Count(_) => format!("{} items", found.as_array().map_or(0, Vec::len)),
            _ if is_nothing(&found) => "absent".to_owned(),
            _ => plain(&found),
        };
        Comparison { path: self.path.clone(), expected, seen: shown, equal }
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Times are equal as instants, numbers as numbers, and a table equals when it has the fields named; an empty text equals nothing.
fn equal(expected: &Value, seen: &Value) -> bool {
    match (expected, seen) {
        (Value::Object(expected), Value::Object(seen)) => {
            expected.iter().all(|(key, value)| equal(value, seen.get(key).unwrap_or(&Value::Null)))
        }
        (Value::Array(expected), Value::Array(seen)) => {
            expected.len() == seen.len() && expected.iter().zip(seen).all(|(expected, seen)| equal(expected, seen))
        }
        (Value::String(expected), Value::String(seen)) => {
            let instant = |text: &str| DateTime::parse_from_rfc3339(text).ok();
            expected == seen || instant(expected).is_some_and(|expected| instant(seen) == Some(expected))
        }
        (Value::Number(expected), Value::Number(seen)) => expected.as_f64() == seen.as_f64(),
        (expected, seen) => expected == seen || is_nothing(expected) && is_nothing(seen),
    }
}

fn contains(expected: &Value, seen: &Value) -> bool {
    match (expected, seen) {
        (Value::Array(expected), Value::Array(_)) => expected.iter().all(|expected| contains(expected, seen)),
        (expected, Value::Array(seen)) => seen.iter().any(|seen| equal(expected, seen)),
        (Value::String(expected), Value::String(seen)) => seen.contains(expected.as_str()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn holds(path: &str, demand: Demand) -> bool {
        let seen = json!({
            "state": "COMPLETED", "due_time": "2026-03-26T17:00:00Z", "refusal": "", "number": "KZ-DE-BER/2026/000001",
            "documents": [{ "kind": "NOTICE", "version": 1 }, { "kind": "NOTE", "version": 2 }]
        });
        Expectation { path: path.to_owned(), demand }.compare(&seen).equal
    }

    #[test]
    fn every_demand_holds_and_fails() {
        assert!(holds("state", Demand::Equal(json!("COMPLETED"))));
        assert!(!holds("state", Demand::Equal(json!("RETURNED"))));
        assert!(holds("due_time", Demand::Equal(json!("2026-03-26T18:00:00+01:00"))), "the same instant");
        assert!(holds("documents", Demand::Equal(json!([{ "kind": "NOTICE" }, { "version": 2 }]))));
        assert!(!holds("documents", Demand::Equal(json!([{ "kind": "NOTICE" }]))), "one too many");
        assert!(holds("documents[*].kind", Demand::Contains(json!(["NOTE"]))));
        assert!(!holds("documents[*].kind", Demand::Contains(json!(["NOTE", "INSERT"]))));
        assert!(holds("number", Demand::Contains(json!("DE-BER"))) && holds("number", Demand::Begins(json!("KZ"))));
        assert!(holds("documents", Demand::Count(json!(2))) && !holds("documents", Demand::Count(json!(1))));
        assert!(holds("nothing", Demand::Count(json!(0))));
        assert!(
            holds("state", Demand::Differs(json!("RETURNED"))) && !holds("state", Demand::Differs(json!("COMPLETED")))
        );
        assert!(holds("state", Demand::Present) && !holds("refusal", Demand::Present));
        assert!(holds("refusal", Demand::Absent) && !holds("documents", Demand::Absent));
    }
}
