//! `consular schema NAME`: the JSON Schema of a form, for whoever fills it in by program; or a validation policy, for whoever wants to know
//! by what is judged.

use serde_json::Value;

use super::failure::{CommandError, Exit};
use super::output::{Format, Output, Painted, Tone};
use super::scenario;
use crate::registration::{act, form, mission};
use crate::signature::ValidationPolicy;

/// A form that has a schema.
struct Form {
    name: &'static str,
    about: &'static str,
    schema: fn() -> Value,
}

const FORMS: [Form; 4] = [
    Form { name: "application-form", about: "what an applicant fills in and signs", schema: form::schema },
    Form {
        name: "officer-act",
        about: "what a person signs to act on an application or a registration",
        schema: act::schema,
    },
    Form {
        name: "missions",
        about: "the list of missions that `missions import` takes, in TOML",
        schema: mission::schema,
    },
    Form {
        name: "scenario",
        about: "a scenario of the procedure, for `consular demo --scenario`",
        schema: scenario::format::schema,
    },
];

/// Arguments of `schema`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Name of the form or policy; without it the names are listed
    name: Option<String>,
}

/// Prints the schema, or the names there are.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let Some(name) = &arguments.name else {
        return list(output);
    };
    let form = FORMS.iter().find(|form| form.name == name).map(|form| (form.schema)());
    let shown = match (form, ValidationPolicy::find(name)) {
        (Some(schema), _) => schema,
        (None, Some(policy)) => {
            serde_json::to_value(policy).map_err(|error| CommandError::Failed(error.to_string()))?
        }
        (None, None) => {
            let known: Vec<_> = known().map(|(name, _)| name).collect();
            return Err(CommandError::Usage(format!("there is no schema `{name}`; known: {}", known.join(", "))));
        }
    };
    output.json(&shown)?;
    Ok(Exit::Done)
}

/// Every name with what it is of.
fn known() -> impl Iterator<Item = (&'static str, &'static str)> {
    let policies = ValidationPolicy::shipped().iter().map(|policy| (policy.id.as_str(), "a validation policy"));
    FORMS.iter().map(|form| (form.name, form.about)).chain(policies)
}

fn list(output: &mut Output<'_>) -> Result<Exit, CommandError> {
    if output.format() == Format::Json {
        output.json(&known().map(|(name, _)| name).collect())?;
    } else {
        let rows = known().map(|(name, about)| [Painted::new(Tone::Strong, name), about.into()]).collect();
        output.list(["schema", "of"], rows)?;
    }
    Ok(Exit::Done)
}
