//! The `consular` command; see [`consular_registration::command`].

use std::process::ExitCode;

fn main() -> ExitCode {
    consular_registration::command::run()
}
