//! What steps know by name: people, and what earlier steps saw; `${NAME.PATH}` in texts stands for it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::path::{Path, plain};

/// Everything that has a name, as JSON.
#[derive(Debug, Clone, Default)]
pub struct Names(BTreeMap<String, Value>);

impl Names {
    /// From now on `name` means this.
    pub fn bind(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// What `name` means.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The resource name of what `name` means.
    pub fn resource(&self, name: &str) -> Result<&str, String> {
        let found = self.get(name).and_then(|value| value.get("name")).and_then(Value::as_str);
        found.filter(|name| !name.is_empty()).ok_or_else(|| format!("`{name}` has no resource name"))
    }

    /// The value with everything that texts in it stand for.
    pub fn fill(&self, value: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::String(text) => self.complete(text)?,
            Value::Array(items) => items.iter().map(|item| self.fill(item)).collect::<Result<_, _>>()?,
            Value::Object(fields) => Value::Object(self.fill_table(fields)?),
            other => other.clone(),
        })
    }

    /// The table with everything that texts in it stand for.
    pub fn fill_table(&self, fields: &Map<String, Value>) -> Result<Map<String, Value>, String> {
        fields.iter().map(|(key, value)| Ok((key.clone(), self.fill(value)?))).collect()
    }

    /// The text with everything that it stands for; a text that is one reference and nothing else gives the value itself.
    pub fn complete(&self, text: &str) -> Result<Value, String> {
        let mut done = String::new();
        for part in references(text) {
            match part {
                Part::Text(text) => done.push_str(text),
                Part::Reference(reference) => {
                    let value = self.look_up(reference)?;
                    if text.len() == reference.len() + "${}".len() {
                        return Ok(value);
                    }
                    done.push_str(&plain(&value));
                }
            }
        }
        Ok(done.into())
    }

    fn look_up(&self, reference: &str) -> Result<Value, String> {
        let (name, path) = split(reference);
        let value = self.get(name).ok_or_else(|| format!("nothing is called `{name}`"))?;
        let Some(path) = path else { return Ok(value.clone()) };
        let found = Path::parse(path).and_then(|path| path.select(value));
        found.filter(|found| !found.is_null()).ok_or_else(|| format!("`{name}` has no {path}"))
    }
}

/// The names that a text refers to.
pub fn referred(text: &str) -> impl Iterator<Item = &str> {
    references(text).into_iter().filter_map(|part| match part {
        Part::Reference(reference) => Some(split(reference).0),
        Part::Text(_) => None,
    })
}

/// The name and the path after it.
fn split(reference: &str) -> (&str, Option<&str>) {
    let end = reference.find(['.', '[']).unwrap_or(reference.len());
    let (name, path) = reference.split_at(end);
    (name, Some(path.trim_start_matches('.')).filter(|path| !path.is_empty()))
}

enum Part<'a> {
    Text(&'a str),
    Reference(&'a str),
}

fn references(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((reference, after)) = after.split_once('}') else { break };
        parts.extend([Part::Text(before), Part::Reference(reference)]);
        rest = after;
    }
    parts.push(Part::Text(rest));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_reference_alone_is_the_value_and_within_a_text_its_text() {
        let mut names = Names::default();
        names.bind("a", json!({ "name": "applications/1", "revision": 2, "list": [{ "x": "y" }] }));
        assert_eq!(names.complete("${a.revision}"), Ok(json!(2)));
        assert_eq!(names.complete("no. ${a.revision} of ${a.list[0].x}"), Ok(json!("no. 2 of y")));
        assert_eq!(names.complete("plain ${"), Ok(json!("plain ${")));
        assert_eq!(names.complete("${b.name}"), Err("nothing is called `b`".to_owned()));
        assert_eq!(names.complete("${a.number}"), Err("`a` has no number".to_owned()));
        assert_eq!(referred("${a.x} and ${b}").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(names.resource("a"), Ok("applications/1"));
    }
}
