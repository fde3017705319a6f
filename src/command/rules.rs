//! `consular rules`: the law as this program applies it on a day: every rule with its source, and the numbers.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::failure::{CommandError, Exit};
use super::output::{Format, Output, Painted, Tone};
use crate::clock::SystemClock;
use crate::registration::form::{ApplicationType, Kind};
use crate::registration::parameters::{Parameters, Period};
use crate::registration::retention::{self, RetentionRule};
use crate::registration::rules::{self, Channel, Rule, Source};
use crate::registration::state_register::Inquiry;
use crate::registration::{Language, Text};

/// Arguments of `rules`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The rules in force on this day, YYYY-MM-DD; today unless said
    #[arg(long, value_name = "DAY")]
    at: Option<NaiveDate>,
}

/// Prints the rule table and the parameters.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let day = arguments.at.unwrap_or_else(|| SystemClock::shared().now().date_naive());
    let rules: Vec<&Rule> = rules::all().filter(|rule| rule.in_force.contains(day)).collect();
    let numbers = numbers(Parameters::on(day));
    if output.format() == Format::Json {
        output.json(&json!({
            "day": day,
            "rules": rules.iter().map(|rule| rule_json(rule)).collect::<Vec<_>>(),
            "parameters": numbers.iter().map(Number::json).collect::<Vec<_>>(),
            "retention": retention::rules(day).map(retention_json).collect::<Vec<_>>(),
        }))?;
        return Ok(Exit::Done);
    }
    let language = output.language();
    output.heading(&format!("Rules in force on {day}"))?;
    let rows = rules.iter().map(|rule| {
        let source = format!("{}\n{}", rule.citation.text().in_language(language), output.say(&known(rule.source)));
        [
            Painted::new(Tone::Strong, rule.id),
            format!("{}\n{}", rule.stage.as_str(), rule.refused_with).into(),
            rule.statement.in_language(language).into(),
            Painted::new(Tone::Quiet, source),
        ]
    });
    output.list(["rule", "stage, refused with", "statement", "source"], rows.collect())?;
    output.heading("Parameters")?;
    let rows = numbers.iter().map(|number| {
        let source = number.citation.as_ref().map_or("", |text| text.in_language(language));
        let source = format!("{source}\n{}", output.say(&known(number.source))).trim().to_owned();
        [number.name.into(), Painted::new(Tone::Strong, number.value.as_str()), Painted::new(Tone::Quiet, source)]
    });
    output.list(["parameter", "value", "source"], rows.collect())?;
    output.heading("Retention of personal data")?;
    let rows = retention::rules(day).map(|rule| {
        let term = rule
            .years
            .map_or_else(|| "kept".to_owned(), |years| format!("{years} years\n{}", rule.begins.in_language(language)));
        let source = format!("{}\n{}", rule.citation.text().in_language(language), output.say(&known(rule.source)));
        [
            Painted::new(Tone::Strong, rule.class.as_str()),
            term.into(),
            rule.erased.in_language(language).into(),
            rule.kept.in_language(language).into(),
            Painted::new(Tone::Quiet, source),
        ]
    });
    output.list(["records", "term", "erased then", "kept", "source"], rows.collect())?;
    Ok(Exit::Done)
}

/// How well something is known, for a reader who knows the law and not this program.
const fn known(source: Source) -> Text {
    match source {
        Source::OfficialPage => Text::fixed(
            "ресми жарияланымнан алынған",
            "по официальной публикации",
            "taken from an official publication",
        ),
        Source::SecondarySource => {
            Text::fixed("қайталама дереккөзден алынған", "по вторичному источнику", "taken from a secondary source")
        }
        Source::OwnDesign => Text::fixed(
            "осы қызметтің өз шешімі: актінің тармағы қолжетімді болмады",
            "решение этого сервиса: пункт акта был недоступен",
            "design of this service: the act's paragraph was not available",
        ),
    }
}

/// One parameter.
struct Number {
    name: &'static str,
    value: String,
    citation: Option<Text>,
    source: Source,
}

impl Number {
    fn json(&self) -> Value {
        json!({
            "name": self.name,
            "value": self.value,
            "citation": self.citation.as_ref().map(text_json),
            "source": self.source.as_str(),
        })
    }
}

fn numbers(parameters: &Parameters) -> Vec<Number> {
    let own = |name, value: String| Number { name, value, citation: None, source: parameters.own_source };
    let term = |name, days: u32| Number {
        name,
        value: format!("{days} working days"),
        citation: Some(parameters.terms_citation.text()),
        source: parameters.terms_source,
    };
    let hours = parameters.office_hours;
    let reminders = parameters.reminders.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    let passport_reminders = parameters.passport_reminders.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    let policy: Vec<String> = [Kind::Temporary, Kind::Permanent]
        .into_iter()
        .flat_map(|kind| [Channel::Portal, Channel::Mission].map(|channel| (kind, channel)))
        .flat_map(|(kind, channel)| ApplicationType::ALL.map(|what| (what, kind, channel)))
        .filter(|(what, kind, channel)| parameters.is_straight_through(*what, *kind, *channel))
        .map(|(what, kind, channel)| format!("{} {} by {}", what.as_str(), kind.as_str(), channel.as_str()))
        .collect();
    vec![
        term("term through the portal", parameters.portal_term),
        term("term at a mission", parameters.mission_term),
        Number {
            name: "term for objecting to a preliminary refusal",
            value: format!("{} working days", parameters.objection_term),
            citation: Some(parameters.objection_citation.text()),
            source: Source::SecondarySource,
        },
        own("refusal by another officer than announced it", parameters.refusal_by_another_officer.to_string()),
        own("office hours", format!("{}–{}", hours.opens.format("%H:%M"), hours.closes.format("%H:%M"))),
        own("longest validity of a form", format!("{} days", parameters.longest_form_validity.num_days())),
        own("full age", format!("{} years", parameters.full_age)),
        own("completes without an officer", policy.join(", ")),
        own("reminders before the end of a stay", format!("{reminders} days")),
        own("removal after the end of a stay", format!("{} days", parameters.overdue_grace)),
        own("term of an application about to end", format!("{} hours before", parameters.due_soon.num_hours())),
        own("reminder of a hearing", format!("{} hours before", parameters.hearing_reminder.num_hours())),
        own("reminders before the end of a passport", format!("{passport_reminders} days")),
        own("asked of state registers", inquiries(parameters)),
        own(
            "wait for a state register that keeps silent",
            format!("{} hours", parameters.register_patience.num_hours()),
        ),
        own("question whether a card is still true", format!("every {} months", parameters.reconfirmation_months)),
    ]
}

/// Which register is asked about what.
fn inquiries(parameters: &Parameters) -> String {
    let listed = |names: Vec<&str>| names.join(", ");
    let line = |inquiry: &Inquiry| {
        let types = listed(inquiry.application_types.iter().map(|what| what.as_str()).collect());
        let kinds = listed(inquiry.kinds.iter().map(|kind| kind.as_str()).collect());
        let channels = listed(inquiry.channels.iter().map(|channel| channel.as_str()).collect());
        format!("{}: {types} · {kinds} · by {channels}", inquiry.register.as_str())
    };
    parameters.inquiries.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn rule_json(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "stage": rule.stage.as_str(),
        "refused_with": rule.refused_with.as_str(),
        "statement": text_json(&rule.statement),
        "citation": text_json(&rule.citation.text()),
        "source": rule.source.as_str(),
        "in_force": period_json(rule.in_force),
    })
}

fn retention_json(rule: &RetentionRule) -> Value {
    json!({
        "class": rule.class.as_str(),
        "years": rule.years,
        "begins": text_json(&rule.begins),
        "erased": text_json(&rule.erased),
        "kept": text_json(&rule.kept),
        "citation": text_json(&rule.citation.text()),
        "source": rule.source.as_str(),
        "in_force": period_json(rule.in_force),
    })
}

fn period_json(period: Period) -> Value {
    json!({ "from": period.from, "until": period.until })
}

fn text_json(text: &Text) -> Value {
    let [kk, ru, en] = [Language::Kk, Language::Ru, Language::En].map(|language| text.in_language(language));
    json!({ "kk": kk, "ru": ru, "en": en })
}
