//! Paths into what came back: `state`, `findings[0].reason`, `documents[*].kind`, `changes[event=registration.opened].card_version`.

use serde_json::Value;

/// A path, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// A field of a table.
    Field(String),
    /// One item of a list, from the end when negative.
    At(i64),
    /// Every item of a list.
    Every,
    /// The items whose field has this value.
    Where(String, String),
}

impl Path {
    /// Reads a path.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(inside) = rest.strip_prefix('[') {
                let (inside, after) = inside.split_once(']')?;
                parts.push(match inside.split_once('=') {
                    Some((field, value)) => Part::Where(field.to_owned(), value.to_owned()),
                    None if inside == "*" => Part::Every,
                    None => Part::At(inside.parse().ok()?),
                });
                rest = after.strip_prefix('.').unwrap_or(after);
            } else {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                let (field, after) = rest.split_at(end);
                if field.is_empty() {
                    return None;
                }
                parts.push(Part::Field(field.to_owned()));
                rest = after.strip_prefix('.').unwrap_or(after);
            }
        }
        (!parts.is_empty()).then_some(Self(parts))
    }

    /// What is there; a list where the path speaks of several items.
    pub fn select(&self, value: &Value) -> Option<Value> {
        select(value, &self.0)
    }
}

fn select(value: &Value, path: &[Part]) -> Option<Value> {
    let Some((part, rest)) = path.split_first() else { return Some(value.clone()) };
    match part {
        Part::Field(name) => select(value.get(name)?, rest),
        Part::At(place) => {
            let items = value.as_array()?;
            let place = usize::try_from(*place)
                .ok()
                .or_else(|| items.len().checked_sub(usize::try_from(place.unsigned_abs()).ok()?))?;
            select(items.get(place)?, rest)
        }
        Part::Every => Some(several(value.as_array()?.iter(), rest)),
        Part::Where(field, wanted) => {
            let has = |item: &&Value| item.get(field).is_some_and(|found| plain(found) == *wanted);
            Some(several(value.as_array()?.iter().filter(has), rest))
        }
    }
}

/// What is there in each item, lists of lists made one.
fn several<'a>(items: impl Iterator<Item = &'a Value>, rest: &[Part]) -> Value {
    let nested = rest.iter().any(|part| matches!(part, Part::Every | Part::Where(..)));
    let found = items.filter_map(|item| select(item, rest));
    found
        .flat_map(|found| match found {
            Value::Array(inner) if nested => inner,
            other => vec![other],
        })
        .collect()
}

/// A value as a person writes it: texts without quotation marks.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_leads_to_fields_items_and_all_items_of_a_kind() {
        let value = json!({ "a": [{ "k": "X", "n": [1, 2] }, { "k": "Y", "n": [3] }], "b": { "c": true } });
        let at = |path: &str| Path::parse(path).expect("a path").select(&value);
        assert_eq!(at("b.c"), Some(json!(true)));
        assert_eq!(at("a[0].k"), Some(json!("X")));
        assert_eq!(at("a[-1].n"), Some(json!([3])));
        assert_eq!(at("a[*].k"), Some(json!(["X", "Y"])));
        assert_eq!(at("a[*].n[*]"), Some(json!([1, 2, 3])));
        assert_eq!(at("a[k=Y].n[0]"), Some(json!([3])));
        assert_eq!(at("a[k=Z].n"), Some(json!([])));
        assert_eq!((at("a[2]"), at("a[-3]"), at("b.d.e")), (None, None, None));
        for wrong in ["", ".a", "a[", "a[x]"] {
            assert_eq!(Path::parse(wrong), None, "{wrong}");
        }
    }
}
