//! Where the settings of a command are.

use std::path::PathBuf;

use super::failure::CommandError;
use crate::config::Settings;

/// Where the settings are.
#[derive(Debug, clap::Args)]
pub struct SettingsFile {
    /// The settings file, TOML; the environment (CONSULAR_…) goes over it
    #[arg(long, global = true, env = "CONSULAR_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

impl SettingsFile {
    /// Reads the settings.
    ///
    /// # Errors
    /// [`CommandError::Usage`] with what is wrong in the file or the environment.
    pub fn read(&self) -> Result<Settings, CommandError> {
        Settings::read(self.config.as_deref()).map_err(|error| CommandError::Usage(error.to_string()))
    }
}

/// Where the database and the tables of a service on this machine are: by the settings, or in a sandbox.
#[derive(Debug, clap::Args)]
pub struct LocalService {
    #[command(flatten)]
    settings: SettingsFile,
    /// The database and the tables of the sandbox in DIR
    #[arg(long, global = true, value_name = "DIR", num_args = 0..=1, default_missing_value = "sandbox")]
    sandbox: Option<PathBuf>,
}

impl LocalService {
    /// Its settings.
    ///
    /// # Errors
    /// As of [`SettingsFile::read`]; or there is no sandbox.
    pub fn settings(&self) -> Result<Settings, CommandError> {
        let settings = self.settings.read()?;
        match &self.sandbox {
            Some(folder) if !folder.is_dir() => {
                let folder = folder.display();
                let make = format!("there is no sandbox in {folder}; `consular sandbox init {folder}` makes one");
                Err(CommandError::Usage(make))
            }
            Some(folder) => Ok(settings.for_sandbox(folder)),
            None => Ok(settings),
        }
    }
}
