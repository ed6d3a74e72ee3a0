//! `loadgen schema`: what a record looks like, for those who read it with a program.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use super::output;

/// Prints the JSON Schema of the record that --output-format json writes.
#[derive(Debug, Parser)]
#[command(name = "loadgen schema", version, max_term_width = 100)]
pub(crate) struct SchemaFlags {
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Prints it.
pub(crate) fn main(flags: &SchemaFlags) -> anyhow::Result<ExitCode> {
    output::bytes(loadgen::schema::of_run().as_bytes(), flags.output.as_deref())?;
    Ok(ExitCode::SUCCESS)
}
