//! What can go wrong while minting.

use std::path::{Path, PathBuf};

/// Why the sandbox authority could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The folder holds something else; nothing was written.
    #[error("{} is not empty and is not a sandbox authority", .0.display())]
    NotASandbox(PathBuf),
    /// The folder already is a sandbox authority; minting again would orphan everything signed under it.
    #[error("{} already is a sandbox authority", .0.display())]
    AlreadyMinted(PathBuf),
    /// No `authority.toml` there.
    #[error("{} is not a sandbox authority", .0.display())]
    NotFound(PathBuf),
    /// A file could not be read or written.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The operating system's answer.
        cause: std::io::Error,
    },
    /// A file of the folder does not say what it should.
    #[error("{}: {reason}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// An RSA key could not be generated.
    #[error("key generation failed: {0}")]
    Key(String),
    /// A certificate or CRL could not be made.
    #[error("certificate could not be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// A PKCS#12 container could not be made.
    #[error("PKCS#12 container could not be made: {0}")]
    Container(String),
    /// The register knows no such certificate.
    #[error("no certificate named {0}")]
    UnknownName(String),
    /// An application form could not be written as JSON.
    #[error("application form could not be made: {0}")]
    Form(String),
}

impl SandboxError {
    /// Wraps an I/O error with the path it happened at.
    pub(super) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |cause| Self::File { path: path.to_owned(), cause }
    }

    /// A file whose content is not what it should be.
    pub(super) fn content(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::Content { path: path.to_owned(), reason: format!("{reason}") }
    }
}
