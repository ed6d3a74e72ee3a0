//! How a server ends: 0 after a requested stop, 1 on failure; clap itself answers bad usage with 2.

use std::fmt::Display;
use std::process::ExitCode;

/// Turns a server's result into its exit code, with the cause in one line on stderr.
///
/// Print errors with their sources in the same line: `anyhow`'s `{:#}` does.
#[must_use]
pub fn exit_code<E: Display>(result: Result<(), E>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
