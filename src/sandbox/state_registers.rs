//! The imitation of the state registers: what they hold, in files that anyone may edit, and how they answer.
//!
//! `DIR/registers/` holds four TOML files, read anew at every question:
//!
//! ```toml
//! # population.toml: whoever is not here is not held
//! [[person]]
//! iin = "880315400012"
//! surname = "ҚҰРМАНҒАЛИЕВА"
//! given_name = "ӘСЕЛ"
//! patronymic = "БОЛАТҚЫЗЫ"      # absent: none
//! birth_date = "1988-03-15"
//! citizen = true                 # of the Republic of Kazakhstan
//! alive = true
//!
//! # documents.toml
//! [[document]]
//! iin = "880315400012"
//! type = "PASSPORT"              # as in the application form
//! number = "N15400012"
//! issued_on = "2024-01-10"
//! valid_until = "2034-01-09"
//! good = true                    # false: lost, withdrawn or declared void
//!
//! # decisions.toml
//! [[decision]]
//! iin = "791102300015"
//! authority = "Алматы қаласының Полиция департаменті"
//! number = "ТТЖ-2025-000417"
//! date = "2025-11-20"
//! in_force = true
//!
//! # behaviour.toml: how each register behaves
//! population = "ANSWERS"         # UNAVAILABLE: an error; SILENT: no answer at all; NONSENSE: an answer that makes none
//! documents = "ANSWERS"
//! migration = "ANSWERS"
//! ```

use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::folder::Folder;
use super::people::citizens;
use super::{Form, SandboxError};
use crate::registration::form::{ApplicationForm, DocumentType, Kind};
use crate::registration::state_register::{
    DepartureDecisionQuestion, DocumentQuestion, PersonQuestion, StateRegister, Statement,
};

/// Where the files are within a sandbox.
const FOLDER: &str = "registers";

/// How a register behaves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Behaviour {
    /// It answers from its files.
    #[default]
    Answers,
    /// It says that it cannot answer.
    Unavailable,
    /// It never answers.
    Silent,
    /// It answers what makes no sense.
    Nonsense,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Behaviours {
    population: Behaviour,
    documents: Behaviour,
    migration: Behaviour,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Population {
    #[serde(default, rename = "person")]
    persons: Vec<PersonRow>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonRow {
    iin: String,
    surname: String,
    given_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    patronymic: Option<String>,
    birth_date: String,
    citizen: bool,
    alive: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Documents {
    #[serde(default, rename = "document")]
    documents: Vec<DocumentRow>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentRow {
    iin: String,
    #[serde(rename = "type")]
    document_type: DocumentType,
    number: String,
    issued_on: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    valid_until: Option<String>,
    good: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Decisions {
    #[serde(default, rename = "decision")]
    decisions: Vec<DecisionRow>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DecisionRow {
    iin: String,
    authority: String,
    number: String,
    date: String,
    in_force: bool,
}

/// The imitation over a sandbox's folder.
#[derive(Debug, Clone)]
pub struct SandboxRegisters {
    folder: Folder,
}

impl SandboxRegisters {
    /// The imitation over the sandbox in `dir`.
    ///
    /// # Errors
    /// [`SandboxError::NotFound`] where there is no sandbox; otherwise the file that cannot be read.
    pub fn open(dir: &Path) -> Result<Self, SandboxError> {
        let registers = Self { folder: Folder::existing(dir)? };
        // Read once, so that a mistake is noticed at the start.
        registers.persons()?;
        registers.documents()?;
        registers.decisions()?;
        for register in StateRegister::ALL {
            registers.behaviour(register)?;
        }
        Ok(registers)
    }

    /// Where the files are.
    pub fn dir(&self) -> PathBuf {
        self.folder.path(FOLDER)
    }

    /// How a register behaves now.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn behaviour(&self, register: StateRegister) -> Result<Behaviour, SandboxError> {
        let behaviours: Behaviours = self.folder.read_toml(&file("behaviour"))?;
        Ok(match register {
            StateRegister::Population => behaviours.population,
            StateRegister::Documents => behaviours.documents,
            StateRegister::Migration => behaviours.migration,
        })
    }

    /// Identity and citizenship of a person.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn person(&self, asked: &PersonQuestion) -> Result<(Statement, Statement), SandboxError> {
        let persons = self.persons()?.persons;
        let Some(held) = persons.iter().find(|row| row.iin == asked.iin) else {
            return Ok((Statement::NotHeld, Statement::NotHeld));
        };
        let is_same = same(&held.surname, &asked.surname)
            && same(&held.given_name, &asked.given_name)
            && same(held.patronymic.as_deref().unwrap_or_default(), asked.patronymic.as_deref().unwrap_or_default())
            && held.birth_date == asked.birth_date.to_string();
        Ok((said(held.alive && is_same), said(held.citizen)))
    }

    /// Whether a document is as stated and good `today`.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn document(&self, asked: &DocumentQuestion, today: NaiveDate) -> Result<Statement, SandboxError> {
        let documents = self.documents()?.documents;
        let is_asked = |row: &&DocumentRow| row.document_type == asked.document_type && row.number == asked.number;
        let Some(held) = documents.iter().find(is_asked) else { return Ok(Statement::NotHeld) };
        let valid_until = asked.valid_until.map(|day| day.to_string());
        let is_same =
            held.iin == asked.iin && held.issued_on == asked.issued_on.to_string() && held.valid_until == valid_until;
        let is_over = asked.valid_until.is_some_and(|last| last < today);
        Ok(said(is_same && held.good && !is_over))
    }

    /// Whether a decision is as stated and in force.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn departure_decision(&self, asked: &DepartureDecisionQuestion) -> Result<Statement, SandboxError> {
        let decisions = self.decisions()?.decisions;
        let Some(held) = decisions.iter().find(|row| row.number == asked.number) else {
            return Ok(Statement::NotHeld);
        };
        let is_same =
            held.iin == asked.iin && same(&held.authority, &asked.authority) && held.date == asked.date.to_string();
        Ok(said(is_same && held.in_force))
    }

    fn persons(&self) -> Result<Population, SandboxError> {
        self.folder.read_toml(&file("population"))
    }

    fn documents(&self) -> Result<Documents, SandboxError> {
        self.folder.read_toml(&file("documents"))
    }

    fn decisions(&self) -> Result<Decisions, SandboxError> {
        self.folder.read_toml(&file("decisions"))
    }
}

fn file(name: &str) -> String {
    format!("{FOLDER}/{name}.toml")
}

/// Names are compared as people read them: without regard to case and outer blanks.
fn same(held: &str, stated: &str) -> bool {
    held.trim().to_lowercase() == stated.trim().to_lowercase()
}

const fn said(is_as_stated: bool) -> Statement {
    if is_as_stated { Statement::Confirmed } else { Statement::Contradicted }
}

/// Writes what the registers hold about the citizens of a sandbox: everything as their forms state it.
pub(super) fn write(folder: &Folder, now: DateTime<Utc>) -> Result<(), SandboxError> {
    let mut population = Population { persons: Vec::new() };
    let mut documents = Documents { documents: Vec::new() };
    let mut decisions = Decisions { decisions: Vec::new() };
    for citizen in citizens(now) {
        let person = citizen.person;
        let form = Form::fresh(&person, Kind::Permanent, now)?.application;
        documents.documents.extend(document(&form));
        decisions.decisions.extend(decision(&form).filter(|_| citizen.name == "daniyar"));
        population.persons.push(PersonRow {
            iin: person.iin,
            surname: person.surname,
            given_name: person.given_name,
            patronymic: person.patronymic,
            birth_date: person.birth_date.to_string(),
            citizen: true,
            alive: true,
        });
    }
    folder.write_toml(&file("population"), "Who the population register holds.", &population)?;
    folder.write_toml(&file("documents"), "What the register of identity documents holds.", &documents)?;
    folder.write_toml(&file("decisions"), "What the register of migration decisions holds.", &decisions)?;
    let comment = "How each register behaves: ANSWERS, UNAVAILABLE, SILENT or NONSENSE.";
    folder.write_toml(&file("behaviour"), comment, &Behaviours::default())
}

fn document(form: &ApplicationForm) -> Option<DocumentRow> {
    let document = form.card.identity.document.as_ref()?;
    Some(DocumentRow {
        iin: form.applicant.iin.to_string(),
        document_type: document.document_type?,
        number: document.number.as_ref()?.to_string(),
        issued_on: document.issued_on?.to_string(),
        valid_until: document.valid_until.map(|day| day.to_string()),
        good: true,
    })
}

fn decision(form: &ApplicationForm) -> Option<DecisionRow> {
    let decision = form.card.departure_decision.as_ref()?;
    Some(DecisionRow {
        iin: form.applicant.iin.to_string(),
        authority: decision.authority.as_ref()?.to_string(),
        number: decision.number.as_ref()?.to_string(),
        date: decision.date?.to_string(),
        in_force: true,
    })
}
