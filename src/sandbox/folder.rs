//! The sandbox folder on disk: where files go, with which rights, and how a replaced file appears at once.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::SandboxError;

/// Name of the file that makes a folder a sandbox authority. Written last.
pub(super) const REGISTER: &str = "authority.toml";

/// Rights of a private key: its owner only.
const SECRET: u32 = 0o600;
/// Rights of everything else.
const PUBLIC: u32 = 0o644;

/// A sandbox folder.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// A new or empty folder to mint into; any other content is refused before anything is written.
    pub(super) fn claim(root: &Path) -> Result<Self, SandboxError> {
        if root.join(REGISTER).exists() {
            return Err(SandboxError::AlreadyMinted(root.to_owned()));
        }
        fs::create_dir_all(root).map_err(SandboxError::file(root))?;
        if fs::read_dir(root).map_err(SandboxError::file(root))?.next().is_some() {
            return Err(SandboxError::NotASandbox(root.to_owned()));
        }
        Ok(Self { root: root.to_owned() })
    }

    /// A folder minted before.
    pub(super) fn existing(root: &Path) -> Result<Self, SandboxError> {
        if root.join(REGISTER).is_file() {
            Ok(Self { root: root.to_owned() })
        } else {
            Err(SandboxError::NotFound(root.to_owned()))
        }
    }

    /// The folder itself.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// A file of the folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Writes a file anyone may read.
    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> Result<(), SandboxError> {
        self.replace(name, content.as_ref(), PUBLIC)
    }

    /// Writes a private key.
    pub(super) fn write_secret(&self, name: &str, content: impl AsRef<[u8]>) -> Result<(), SandboxError> {
        self.replace(name, content.as_ref(), SECRET)
    }

    /// Writes a table as TOML.
    pub(super) fn write_toml(&self, name: &str, heading: &str, value: &impl Serialize) -> Result<(), SandboxError> {
        let text = toml::to_string(value).map_err(|error| SandboxError::content(&self.path(name), error))?;
        self.write(name, format!("# {heading}\n\n{text}"))
    }

    /// Reads a text file.
    pub(super) fn read(&self, name: &str) -> Result<String, SandboxError> {
        let path = self.path(name);
        fs::read_to_string(&path).map_err(SandboxError::file(&path))
    }

    /// Reads a TOML table.
    pub(super) fn read_toml<T: DeserializeOwned>(&self, name: &str) -> Result<T, SandboxError> {
        toml::from_str(&self.read(name)?).map_err(|error| SandboxError::content(&self.path(name), error))
    }

    /// A reader (the watched CRL folder, above all) sees the old file or the whole new one, never a part.
    fn replace(&self, name: &str, content: &[u8], mode: u32) -> Result<(), SandboxError> {
        let path = self.path(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(SandboxError::file(parent))?;
        }
        let mut unfinished = path.clone().into_os_string();
        unfinished.push(".new");
        let unfinished = PathBuf::from(unfinished);
        let written = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(mode)
            .open(&unfinished)
            .and_then(|mut file| file.write_all(content))
            .and_then(|()| fs::rename(&unfinished, &path));
        written.map_err(SandboxError::file(&path))
    }
}
