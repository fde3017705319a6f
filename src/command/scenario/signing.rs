//! What a step signs: an application form, complete unless the step says otherwise, or an act.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

use super::cast::{Cast, Member};
use super::format::Step;
use super::path::Path;
use crate::cms::sign_attached;
use crate::grpc::by_name::Method;
use crate::registration::act::ActName;
use crate::registration::form::Kind;
use crate::registration::mission::{Mission, Missions};
use crate::sandbox::Form;

/// A form that was signed.
#[derive(Debug, Clone)]
pub struct Filed {
    /// The form.
    form: Value,
    /// The octets that were signed.
    content: Vec<u8>,
}

/// What was signed by earlier steps, by their names.
#[derive(Debug, Default)]
pub struct Signed {
    /// Forms.
    pub forms: BTreeMap<String, Filed>,
    /// Messages as they were sent.
    pub messages: BTreeMap<String, Vec<u8>>,
}

/// Signs `content` as `member` would at `now`.
///
/// # Errors
/// In words, what went wrong.
pub fn sign(member: &Member, content: &[u8], now: DateTime<Utc>) -> Result<Vec<u8>, String> {
    let signer = &member.signer;
    sign_attached(&signer.key, &signer.certificate, &signer.chain, content, now).map_err(|error| error.to_string())
}

/// What forms of one scenario have in common.
pub struct Circumstances<'a> {
    /// Everybody.
    pub cast: &'a Cast,
    /// The mission that forms name unless they name another one.
    pub mission: &'a Mission,
    /// When the scenario began: forms of one story tell the same of the stay.
    pub begin: DateTime<Utc>,
    /// The clock of the service.
    pub now: DateTime<Utc>,
}

impl Circumstances<'_> {
    /// The form that a step files: a complete one of the applicant, or the next revision of `before`, with what the step changes.
    ///
    /// # Errors
    /// In words, what does not fit together.
    pub fn form(&self, step: &Step, overrides: &Map<String, Value>, before: Option<&Filed>) -> Result<Filed, String> {
        let mut form = match before {
            Some(before) => self.revision(before),
            None => self.complete(step, overrides)?,
        };
        merge(&mut form, overrides);
        for path in &step.without {
            remove(&mut form, path).ok_or_else(|| format!("`without`: the form has no {path}"))?;
        }
        let content = serde_json::to_vec_pretty(&form).map_err(|error| error.to_string())?;
        Ok(Filed { form, content })
    }

    fn complete(&self, step: &Step, overrides: &Map<String, Value>) -> Result<Value, String> {
        let name = step.applicant.as_ref().or(step.by.as_ref()).ok_or("nobody signs: name `by`")?;
        let member = self.cast.get(name).ok_or_else(|| format!("there is nobody called {name}"))?;
        let citizen = member.citizen.as_ref().ok_or_else(|| format!("{name} is an officer: say `for` whom it is"))?;
        let text = |field: &str| overrides.get(field).and_then(Value::as_str);
        let kind = text("kind").and_then(Kind::from_name).unwrap_or(Kind::Temporary);
        let named = text("mission").and_then(|code| Missions::sample().find(code)).map(AsRef::as_ref);
        let mission = named.unwrap_or(self.mission);
        let failed = |error: crate::sandbox::SandboxError| error.to_string();
        let mut form = Form::at(citizen, kind, mission, self.begin, self.now).map_err(failed)?;
        if let Some(parent) = member.represented_by.as_ref().and_then(|parent| self.cast.get(parent)?.citizen.as_ref())
        {
            form = form.represented_by(parent, citizen.birth_date).map_err(failed)?;
        }
        serde_json::to_value(form.application).map_err(|error| error.to_string())
    }

    fn revision(&self, before: &Filed) -> Value {
        let mut form = before.form.clone();
        let revision = form.get("revision").and_then(Value::as_u64).unwrap_or_default() + 1;
        form["revision"] = revision.into();
        form["previous_digest"] = hex::encode(digest(&SHA256, &before.content)).into();
        form["issued_at"] = rfc3339(self.now).into();
        form["expires_at"] = rfc3339(self.now + chrono::TimeDelta::days(30)).into();
        form
    }

    /// The act that a step signs.
    ///
    /// # Errors
    /// In words, what is missing.
    pub fn act(&self, step: &Step, method: &Method, parts: &ActParts) -> Result<Value, String> {
        let name = match &step.act {
            Some(name) => name.clone(),
            None => {
                let named = act_of(method.name());
                named
                    .ok_or_else(|| format!("no act has the name of {}: say which by `act`", method.name()))?
                    .as_str()
                    .to_owned()
            }
        };
        let mut decision = parts.decision.clone();
        let results = serde_json::from_value::<ActName>(name.as_str().into()).map_or(&[][..], ActName::results);
        if let ([only], false) = (results, decision.contains_key("result")) {
            decision.insert("result".to_owned(), only.as_str().into());
        }
        let time = parts.time.unwrap_or(self.now);
        Ok(json!({
            "act": name, "subject": parts.subject, "etag": parts.etag, "decision": decision, "time": rfc3339(time),
        }))
    }
}

/// What an act is made of beside its name.
#[derive(Debug, Clone)]
pub struct ActParts {
    /// What it is about.
    pub subject: String,
    /// In which version.
    pub etag: String,
    /// The decision.
    pub decision: Map<String, Value>,
    /// When, if not now.
    pub time: Option<DateTime<Utc>>,
}

impl Filed {
    /// The octets to sign.
    pub fn content(&self) -> &[u8] {
        &self.content
    }
}

/// The act that a method is for, by its name: `IssuePreliminaryRefusal` takes a `PRELIMINARY_REFUSAL`.
pub fn act_of(method: &str) -> Option<ActName> {
    let mut words: Vec<String> = Vec::new();
    for letter in method.chars() {
        if letter.is_ascii_uppercase() || words.is_empty() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(letter.to_ascii_uppercase());
        }
    }
    let starts = [0, 1];
    starts
        .into_iter()
        .flat_map(|start| (start + 1..=words.len()).rev().map(move |end| (start, end)))
        .find_map(|(start, end)| serde_json::from_value(words.get(start..end)?.join("_").into()).ok())
}

fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Puts `changes` over `form`: tables are merged, everything else takes the place of what was there.
fn merge(form: &mut Value, changes: &Map<String, Value>) {
    for (key, change) in changes {
        match (form.get_mut(key), change) {
            (Some(inner @ Value::Object(_)), Value::Object(change)) => merge(inner, change),
            _ => form[key.as_str()] = change.clone(),
        }
    }
}

fn remove(form: &mut Value, path: &str) -> Option<Value> {
    let (parent, field) = match path.rsplit_once('.') {
        Some((parent, field)) => (Some(parent), field),
        None => (None, path),
    };
    Path::parse(path)?;
    let place = match parent {
        Some(parent) => form.pointer_mut(&format!("/{}", parent.replace(['.', '['], "/").replace(']', "")))?,
        None => form,
    };
    place.as_object_mut()?.remove(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_is_known_by_the_name_of_its_method() {
        assert_eq!(act_of("IssuePreliminaryRefusal"), Some(ActName::PreliminaryRefusal));
        assert_eq!(act_of("WithdrawApplication"), Some(ActName::Withdraw));
        assert_eq!(act_of("VerifyEvidence"), Some(ActName::VerifyEvidence));
        assert_eq!(act_of("GetApplication"), None);
    }

    #[test]
    fn changes_are_merged_and_paths_removed() {
        let mut form = json!({ "card": { "stay": { "until": "a", "from": "b" } }, "list": [{ "x": 1, "y": 2 }] });
        merge(
            &mut form,
            json!({ "card": { "stay": { "until": "c" } }, "new": { "z": 1 } }).as_object().expect("a table"),
        );
        assert_eq!(remove(&mut form, "card.stay.from"), Some(json!("b")));
        assert_eq!(remove(&mut form, "list[0].x"), Some(json!(1)));
        assert_eq!(remove(&mut form, "card.identity"), None);
        assert_eq!(form, json!({ "card": { "stay": { "until": "c" } }, "list": [{ "y": 2 }], "new": { "z": 1 } }));
    }
}
