//! What a scenario file has to get right before anything is played: people, methods, names and paths that it speaks of.

use std::collections::BTreeSet;
use std::path::Path as FilePath;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use toml::Spanned;

use super::cast::is_known;
use super::comparison::{Demand, Expectation, leaves};
use super::format::{Scenario, Step};
use super::names::referred;
use super::path::Path;
use crate::command::failure::CommandError;
use crate::grpc::by_name::Method;
use crate::registration::mission::{Mission, Missions};

/// A scenario that can be played.
#[derive(Debug, Clone)]
pub struct Checked {
    /// A short name: the file's.
    pub name: String,
    /// The scenario.
    pub scenario: Scenario,
    /// When it begins.
    pub begin: DateTime<Utc>,
    /// The mission whose days count.
    pub mission: &'static Mission,
    /// Line of each step.
    pub lines: Vec<usize>,
    expectations: Vec<Vec<Expectation>>,
}

impl Checked {
    /// Reads a scenario file.
    ///
    /// # Errors
    /// The file is malformed, or speaks of what does not exist: with the line and the field.
    pub fn read(name: &str, file: &FilePath, text: &str) -> Result<Self, CommandError> {
        let unusable = |explanation: String| CommandError::Unusable { path: file.to_owned(), explanation };
        let scenario: Scenario = toml::from_str(text).map_err(|error| unusable(error.to_string()))?;
        let mission = Missions::sample().find(&scenario.mission);
        let mission = mission.ok_or_else(|| unusable(format!("mission: there is no mission {}", scenario.mission)))?;
        let begin = scenario.begin.at(mission);
        let begin = begin.ok_or_else(|| unusable("begin: nothing was seen before".to_owned()))?;
        people(&scenario).map_err(unusable)?;

        let line = |step: &Spanned<Step>| text.get(..step.span().start).unwrap_or_default().matches('\n').count() + 1;
        let mut lines = Vec::new();
        let mut expectations = Vec::new();
        let mut known: BTreeSet<&str> = BTreeSet::new();
        for (place, step) in scenario.step.iter().enumerate() {
            let at = line(step);
            let step = step.get_ref();
            let told = |problem: String| unusable(format!("line {at}: step {}: {problem}", place + 1));
            method(step).map_err(told)?;
            names(step, &scenario, &known).map_err(told)?;
            expectations.push(expected(step).map_err(told)?);
            lines.push(at);
            known.extend(step.name.as_deref());
        }
        if lines.is_empty() {
            return Err(unusable("step: there is no step".to_owned()));
        }
        Ok(Self { name: name.to_owned(), scenario, begin, mission, lines, expectations })
    }

    /// The steps with what they expect.
    pub fn steps(&self) -> impl Iterator<Item = (&Step, &[Expectation])> {
        let steps = self.scenario.step.iter().map(Spanned::get_ref);
        steps.zip(self.expectations.iter().map(Vec::as_slice))
    }
}

fn people(scenario: &Scenario) -> Result<(), String> {
    if let Some(name) = scenario.person.keys().find(|name| scenario.officer.contains_key(*name)) {
        return Err(format!("officer.{name}: a person has that name already"));
    }
    for (name, person) in &scenario.person {
        if let Some(parent) = &person.represented_by
            && !is_citizen(scenario, parent)
        {
            return Err(format!("person.{name}.represented_by: there is no citizen called {parent}"));
        }
    }
    for (name, officer) in &scenario.officer {
        if Missions::sample().find(&officer.mission).is_none() {
            return Err(format!("officer.{name}.mission: there is no mission {}", officer.mission));
        }
    }
    Ok(())
}

fn is_citizen(scenario: &Scenario, name: &str) -> bool {
    scenario.person.contains_key(name)
        || !scenario.officer.contains_key(name) && crate::sandbox::Person::citizen(name, DateTime::UNIX_EPOCH).is_some()
}

fn is_somebody(scenario: &Scenario, name: &str) -> bool {
    scenario.person.contains_key(name) || scenario.officer.contains_key(name) || is_known(name)
}

/// The method exists and takes what the step gives it.
fn method(step: &Step) -> Result<(), String> {
    let Some(call) = &step.call else {
        let only_clock = step.at.is_some() || step.after.is_some();
        return if only_clock {
            Ok(())
        } else {
            Err("call: name a method, or set the clock by `at` or `after`".into())
        };
    };
    let Some(method) = Method::find(call) else {
        let names: Vec<_> = Method::all().map(|method| method.full_name()).collect();
        return Err(format!("call: there is no method `{call}`; known: {}", names.join(", ")));
    };
    if let Some(field) = step.request.0.keys().find(|field| !method.asks_for(field)) {
        return Err(format!("request.{field}: {} has no such field", method.full_name()));
    }
    let signed = method.signed_field(&step.request.0);
    let takes_form = signed.as_deref() == Some("signed_application");
    let takes_act = signed.is_some() && !takes_form;
    if signed.is_some() && step.by.is_none() && step.again.is_none() {
        return Err(format!("by: {} has to be signed by somebody", method.full_name()));
    }
    let out_of_place = [
        ("by", step.by.is_some() && signed.is_none()),
        ("again", step.again.is_some() && signed.is_none()),
        ("form", !step.form.0.is_empty() && !takes_form),
        ("without", !step.without.is_empty() && !takes_form),
        ("for", step.applicant.is_some() && !takes_form),
        ("act", step.act.is_some() && !takes_act),
        ("decision", !step.decision.0.is_empty() && !takes_act),
        ("subject", step.subject.is_some() && !takes_act),
        ("etag", step.etag.is_some() && !takes_act),
        ("time", step.time.is_some() && !takes_act),
    ];
    match out_of_place.iter().find(|(_, is_out_of_place)| *is_out_of_place) {
        Some((field, _)) => Err(format!("{field}: {} takes nothing of the kind", method.full_name())),
        None => Ok(()),
    }
}

/// Everything that the step names is there by then.
fn names(step: &Step, scenario: &Scenario, known: &BTreeSet<&str>) -> Result<(), String> {
    for (field, name) in [("by", &step.by), ("for", &step.applicant)] {
        if let Some(name) = name
            && !is_somebody(scenario, name)
        {
            return Err(format!("{field}: there is nobody called {name}"));
        }
    }
    for (field, name) in [("about", &step.about), ("again", &step.again)] {
        if let Some(name) = name
            && !known.contains(name.as_str())
        {
            return Err(format!("{field}: no step before is called {name}"));
        }
    }
    if let Some(name) = &step.name
        && is_somebody(scenario, name)
    {
        return Err(format!("as: somebody is called {name} already"));
    }
    let mut texts: Vec<&str> = [&step.subject, &step.etag].into_iter().flatten().map(String::as_str).collect();
    for moment in [&step.at, &step.time].into_iter().flatten() {
        if let super::moment::Moment::Seen(text) = moment {
            texts.push(text);
        }
    }
    for tree in [&step.request, &step.form, &step.decision, &step.expect, &step.expect_begins, &step.expect_contains] {
        gather_texts(&tree.0, &mut texts);
    }
    let unknown =
        texts.into_iter().flat_map(referred).find(|name| !known.contains(name) && !is_somebody(scenario, name));
    match unknown {
        Some(name) => Err(format!("${{{name}}}: nothing before is called {name}")),
        None => Ok(()),
    }
}

fn gather_texts<'a>(tree: &'a Map<String, Value>, texts: &mut Vec<&'a str>) {
    fn gather<'a>(value: &'a Value, texts: &mut Vec<&'a str>) {
        match value {
            Value::String(text) => texts.push(text),
            Value::Array(items) => items.iter().for_each(|item| gather(item, texts)),
            Value::Object(fields) => fields.values().for_each(|value| gather(value, texts)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    tree.values().for_each(|value| gather(value, texts));
}

/// The step's expectations in the order of their kinds, every path read once to see that it is one.
fn expected(step: &Step) -> Result<Vec<Expectation>, String> {
    type Make = fn(Value) -> Demand;
    let kinds: [(&str, &Map<String, Value>, Make); 5] = [
        ("expect", &step.expect.0, Demand::Equal),
        ("expect_begins", &step.expect_begins.0, Demand::Begins),
        ("expect_contains", &step.expect_contains.0, Demand::Contains),
        ("expect_count", &step.expect_count.0, Demand::Count),
        ("expect_differs", &step.expect_differs.0, Demand::Differs),
    ];
    let mut found = Vec::new();
    for (kind, tree, make) in kinds {
        for (path, value) in leaves(tree) {
            Path::parse(&path).ok_or_else(|| format!("{kind}: `{path}` is no path"))?;
            found.push(Expectation { path, demand: make(value) });
        }
    }
    for (kind, paths, demand) in [
        ("expect_present", &step.expect_present, Demand::Present),
        ("expect_absent", &step.expect_absent, Demand::Absent),
    ] {
        for path in paths {
            Path::parse(path).ok_or_else(|| format!("{kind}: `{path}` is no path"))?;
            found.push(Expectation { path: path.clone(), demand: demand.clone() });
        }
    }
    if !found.is_empty() && step.call.is_none() {
        return Err("expect: without a call nothing comes back".to_owned());
    }
    Ok(found)
}
