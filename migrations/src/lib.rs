//! The schema of the register, as an append-only list of migrations: the same for SQLite and PostgreSQL.
//!
//! A migration that has left the house is never edited; a change of a live table goes expand → move → contract. Each migration
//! runs in a transaction on both databases, so that a crash leaves either all of it or nothing.

use sea_orm_migration::prelude::*;

pub use sea_orm_migration::MigratorTrait;

mod m0001_applications;
mod m0002_registrations;
mod m0003_work;
mod m0004_trust;
mod m0005_content;
mod m0006_evidence;
mod m0007_register;
mod m0008_roll;
mod m0009_personal_data;
mod m0010_audit;
mod m0011_missions;
mod m0012_papers;
mod m0013_scale;
mod m0014_retention;
mod m0015_elections;
mod m0016_crisis_end;
mod m0017_lists;
mod schema;

/// Runs the migrations.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_applications::Migration),
            Box::new(m0002_registrations::Migration),
            Box::new(m0003_work::Migration),
            Box::new(m0004_trust::Migration),
            Box::new(m0005_content::Migration),
            Box::new(m0006_evidence::Migration),
            Box::new(m0007_register::Migration),
            Box::new(m0008_roll::Migration),
            Box::new(m0009_personal_data::Migration),
            Box::new(m0010_audit::Migration),
            Box::new(m0011_missions::Migration),
            Box::new(m0012_papers::Migration),
            Box::new(m0013_scale::Migration),
            Box::new(m0014_retention::Migration),
            Box::new(m0015_elections::Migration),
            Box::new(m0016_crisis_end::Migration),
            Box::new(m0017_lists::Migration),
        ]
    }
}
