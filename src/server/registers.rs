//! The state registers of these settings.

use std::sync::Arc;
use std::time::Duration;

use super::{ServerError, read};
use crate::config::{Problem, Settings};
use crate::grpc::client::Target;
use crate::grpc::state_registers::{Reached, reach};
use crate::workflow::StateRegisters;

/// The registers that have an address. None is connected to yet.
pub(super) fn state_registers(settings: &Settings) -> Result<StateRegisters, ServerError> {
    let registers = Registers { settings };
    let population = registers.at("population_register_address", settings.population_register_address.as_deref())?;
    let documents = registers.at("document_register_address", settings.document_register_address.as_deref())?;
    let migration = registers.at("migration_register_address", settings.migration_register_address.as_deref())?;
    Ok(StateRegisters {
        population: population.map(|reached| Arc::new(reached) as _),
        documents: documents.map(|reached| Arc::new(reached) as _),
        migration: migration.map(|reached| Arc::new(reached) as _),
    })
}

struct Registers<'a> {
    settings: &'a Settings,
}

impl Registers<'_> {
    fn at(&self, setting: &'static str, address: Option<&str>) -> Result<Option<Reached>, ServerError> {
        let Some(address) = address else { return Ok(None) };
        let deadline = Duration::from_secs(self.settings.registers_deadline_seconds);
        let unusable = |explanation| ServerError::Settings(vec![Problem { setting, explanation }]);
        let reached = reach(&self.target(address)?, deadline).map_err(|error| unusable(error.to_string()))?;
        Ok(Some(reached))
    }

    /// Roots and own certificate are of use where there is TLS.
    fn target(&self, address: &str) -> Result<Target, ServerError> {
        let mut target = Target::plaintext(address);
        if address.starts_with("https://") {
            let file = |file: &Option<std::path::PathBuf>| file.as_deref().map(read).transpose();
            target.certificate_authority = file(&self.settings.registers_trust_file)?;
            target.identity =
                file(&self.settings.registers_certificate_file)?.zip(file(&self.settings.registers_key_file)?);
        }
        Ok(target)
    }
}
