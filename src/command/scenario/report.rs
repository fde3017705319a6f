//! What is told of the scenarios: a table of expected and seen, and what was not equal in full.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::check::Checked;
use super::comparison::Comparison;
use super::format::Step;
use super::play::Played;
use crate::command::failure::CommandError;
use crate::command::output::{Format, Output, Painted, Tone};

/// Longest text in the table; the detail below has all of it.
const LONGEST: usize = 160;

/// A scenario with how it went.
pub struct Performance {
    /// The scenario.
    pub scenario: Checked,
    /// Its steps as far as they were played.
    pub played: Vec<Played>,
}

impl Performance {
    /// Whether every step was played and went as expected.
    pub fn is_equal(&self) -> bool {
        self.played.len() == self.scenario.lines.len() && self.played.iter().all(Played::is_equal)
    }
}

/// Tells how all went.
///
/// # Errors
/// The output cannot be written to.
pub fn show(performances: &[Performance], output: &mut Output<'_>) -> Result<(), CommandError> {
    if output.format() == Format::Json {
        output.json(&json!({
            "equal": performances.iter().all(Performance::is_equal),
            "scenarios": performances.iter().map(scenario_json).collect::<Vec<_>>(),
        }))?;
        return Ok(());
    }
    let rows = performances.iter().flat_map(rows).collect();
    output.list(["scenario", "step", "expected", "seen"], rows)?;
    for performance in performances.iter().filter(|performance| !performance.is_equal()) {
        detail(performance, output)?;
    }
    output.gap()?;
    let steps: usize = performances.iter().map(|performance| performance.scenario.lines.len()).sum();
    let unequal = performances.iter().filter(|performance| !performance.is_equal()).count();
    let count = format!("{} of {}", counted(steps, "step"), counted(performances.len(), "scenario"));
    let verdict = if unequal == 0 {
        output.paint(Tone::Good, &format!("✔ {count}: all as expected"))
    } else {
        output.paint(Tone::Bad, &format!("✘ {count}: {} not as expected", counted(unequal, "scenario")))
    };
    output.line(verdict)?;
    Ok(())
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn rows(performance: &Performance) -> Vec<[Painted; 4]> {
    let scenario = &performance.scenario;
    let mut played = performance.played.iter();
    let steps = scenario.steps().enumerate().map(|(place, (step, _))| {
        let name = if place == 0 { Painted::new(Tone::Strong, scenario.name.as_str()) } else { "".into() };
        let outcome = played.next();
        let expected = outcome.map_or(String::new(), |outcome| told(outcome, |comparison| &comparison.expected));
        let seen = match outcome {
            None => Painted::new(Tone::Quiet, "not played"),
            Some(Played { obstacle: Some(obstacle), .. }) => Painted::new(Tone::Bad, short(obstacle)),
            Some(outcome) => {
                let tone = if outcome.is_equal() { Tone::Good } else { Tone::Bad };
                Painted::new(tone, told(outcome, |comparison| &comparison.seen))
            }
        };
        [name, title(place, step).into(), expected.into(), seen]
    });
    steps.collect()
}

/// Every comparison of a step on a line of its own.
fn told(outcome: &Played, part: impl Fn(&Comparison) -> &String) -> String {
    if outcome.comparisons.is_empty() {
        return if outcome.obstacle.is_none() { "done".to_owned() } else { String::new() };
    }
    let mut text = String::new();
    for (place, comparison) in outcome.comparisons.iter().enumerate() {
        let end = if place == 0 { "" } else { "\n" };
        let _ = write!(text, "{end}{}: {}", comparison.path, short(part(comparison)));
    }
    text
}

fn short(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(LONGEST).collect();
    short.push('…');
    short
}

fn title(place: usize, step: &Step) -> String {
    let number = place + 1;
    if !step.title.is_empty() {
        return format!("{number} {}", step.title);
    }
    let by = step.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
    match &step.call {
        Some(call) => format!("{number} {call}{by}"),
        None => format!("{number} time passes"),
    }
}

fn detail(performance: &Performance, output: &mut Output<'_>) -> Result<(), CommandError> {
    let scenario = &performance.scenario;
    output.heading(&format!("{}: {}", scenario.name, scenario.scenario.title))?;
    if !scenario.scenario.about.is_empty() {
        output.line(format_args!("   {}", output.paint(Tone::Quiet, scenario.scenario.about.trim())))?;
    }
    for (place, ((step, _), outcome)) in scenario.steps().zip(&performance.played).enumerate() {
        if outcome.is_equal() {
            continue;
        }
        let line = scenario.lines.get(place).copied().unwrap_or_default();
        output.line(format_args!("   step {}, line {line}", title(place, step)))?;
        if let Some(obstacle) = &outcome.obstacle {
            output.line(format_args!("   {}", output.paint(Tone::Bad, obstacle)))?;
        }
        let rows = outcome.comparisons.iter().filter(|comparison| !comparison.equal).map(|comparison| {
            [
                Painted::new(Tone::Strong, comparison.path.as_str()),
                comparison.expected.as_str().into(),
                Painted::new(Tone::Bad, comparison.seen.as_str()),
            ]
        });
        let rows: Vec<_> = rows.collect();
        if !rows.is_empty() {
            output.list(["path", "expected", "seen"], rows)?;
        }
    }
    Ok(())
}

fn scenario_json(performance: &Performance) -> Value {
    let scenario = &performance.scenario;
    let steps = scenario.steps().zip(&scenario.lines).enumerate().map(|(place, ((step, _), line))| {
        let outcome = performance.played.get(place);
        let table = |part: fn(&Comparison) -> &String| {
            let comparisons = outcome.iter().flat_map(|outcome| &outcome.comparisons);
            comparisons.map(|each| (each.path.clone(), part(each).as_str().into())).collect::<Map<_, Value>>()
        };
        json!({
            "step": place + 1,
            "line": line,
            "title": step.title,
            "call": step.call,
            "by": step.by,
            "expected": table(|comparison| &comparison.expected),
            "seen": table(|comparison| &comparison.seen),
            "obstacle": outcome.and_then(|outcome| outcome.obstacle.as_ref()),
            "played": outcome.is_some(),
            "equal": outcome.is_some_and(Played::is_equal),
        })
    });
    json!({
        "scenario": scenario.name,
        "title": scenario.scenario.title,
        "about": scenario.scenario.about.trim(),
        "equal": performance.is_equal(),
        "steps": steps.collect::<Vec<_>>(),
    })
}
