//! The law of consular registration, pure: application form and card, persons' identifiers, missions and their districts, the
//! working calendar, the rules with their citations, dated parameters, the decision policy and the states of both aggregates.
//!
//! Lives here: everything an official could read in an act and check by hand. May not live here: cryptography, input and output,
//! async, a database, the current time (it is an argument), or a number of the law outside [`parameters`].
//!
//! Source: the Rules of consular registration (order of 14.06.2016 № 11-1-2/263, registered under № 14093, as amended by order
//! № 11-1-4/226 of 23.05.2022). Where the text of the Rules could not be read, a row says so by its [`rules::Source`].

pub mod act;
pub mod application;
pub mod calendar;
pub mod collation;
pub mod consent;
pub mod crisis;
pub mod decision;
pub mod document;
pub mod election;
pub mod electoral;
pub mod event;
pub mod form;
pub mod forwarding;
pub mod hearing;
pub mod journal;
pub mod list;
pub mod mission;
pub mod numbers;
pub mod parameters;
pub mod person;
pub mod record;
pub mod retention;
pub mod rules;
pub mod sentence;
pub mod state_register;
mod states;
pub mod strict;
pub mod term;
pub mod text;
pub mod value;

pub use application::{Application, ApplicationState};
pub use form::{ApplicationForm, ApplicationType, Kind};
pub use person::{Bin, IdentifierPolicy, Iin};
pub use record::{DeregistrationGround, Registration, RegistrationState};
pub use strict::{FieldViolation, ViolationCode};
pub use text::{Language, Text};
pub use value::MissionCode;
