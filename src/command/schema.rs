//! `consular schema NAME`: the JSON Schema of a form, for whoever fills it in by program.

use serde_json::Value;

use super::failure::{CommandError, Exit};
use super::output::{Format, Output, Painted, Tone};
use crate::registration::{act, form};

/// A form that has a schema.
struct Form {
    name: &'static str,
    about: &'static str,
    schema: fn() -> Value,
}

const FORMS: [Form; 2] = [
    Form { name: "application-form", about: "what an applicant fills in and signs", schema: form::schema },
    Form { name: "officer-act", about: "what an officer signs to verify evidence or to approve", schema: act::schema },
];

/// Arguments of `schema`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Name of the form; without it the names are listed
    name: Option<String>,
}

/// Prints the schema, or the names there are.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let Some(name) = &arguments.name else {
        return list(output);
    };
    let form = FORMS.iter().find(|form| form.name == name).ok_or_else(|| {
        let known: Vec<_> = FORMS.iter().map(|form| form.name).collect();
        CommandError::Usage(format!("there is no schema `{name}`; known: {}", known.join(", ")))
    })?;
    output.json(&(form.schema)())?;
    Ok(Exit::Done)
}

fn list(output: &mut Output<'_>) -> Result<Exit, CommandError> {
    if output.format() == Format::Json {
        output.json(&FORMS.iter().map(|form| form.name).collect())?;
    } else {
        let rows = FORMS.iter().map(|form| [Painted::new(Tone::Strong, form.name), form.about.into()]).collect();
        output.list(["schema", "of"], rows)?;
    }
    Ok(Exit::Done)
}
