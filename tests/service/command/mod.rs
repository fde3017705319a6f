//! The command line as its users meet it: results, words and exit codes. Run in-process, by the very function that `main` calls.

mod calling;
mod conformance;
mod fill;
mod missions;
mod outbox;
mod sandbox;
mod scenarios;
mod serving;
mod signing;
mod usage;
mod validating;
mod waiting;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use consular_registration::command::output::Device;
use consular_registration::command::{Exit, run_with};
use serde_json::Value;

/// How a command ended and what it wrote.
pub(super) struct Ended {
    pub(super) exit: Exit,
    out: String,
    pub(super) notes: String,
}

impl Ended {
    /// The result as JSON.
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.notes))
    }
}

/// Runs `consular` with these arguments.
pub(super) fn consular<S: AsRef<str>>(arguments: &[S]) -> Ended {
    on(Device::Plain, arguments)
}

/// Runs `consular` on a device.
fn on<S: AsRef<str>>(device: Device, arguments: &[S]) -> Ended {
    let line = std::iter::once("consular").chain(arguments.iter().map(AsRef::as_ref));
    let (mut out, mut notes) = (Vec::new(), Vec::new());
    let exit = run_with(line, device, &mut out, &mut notes);
    Ended {
        exit,
        out: String::from_utf8_lossy(&out).into_owned(),
        notes: String::from_utf8(notes).expect("notes are text"),
    }
}

/// A path as an argument.
pub(super) fn text(path: &Path) -> &str {
    path.to_str().expect("test paths are UTF-8")
}

/// One sandbox authority for all tests, minted by the command itself.
fn authority() -> &'static Path {
    static FOLDER: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("authority");
        let ended = consular(&["sandbox", "init", "--quick", text(&path)]);
        assert_eq!(ended.exit, Exit::Done, "{}", ended.notes);
        (folder, path)
    });
    path
}

/// Runs `openssl`, and tells whether it was content.
fn openssl(arguments: &[&str]) -> bool {
    let output = Command::new("openssl").args(arguments).output().expect("openssl is installed");
    if !output.status.success() {
        eprintln!("openssl {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    output.status.success()
}
