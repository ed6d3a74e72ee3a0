//! `loadgen merge`: several records as one.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use super::output::{self, OutputFormat};

/// Merges the records of several processes, or of several runs, exactly.
///
/// Segments of one schedule count as simultaneous, other runs as one after another.
#[derive(Debug, Parser)]
#[command(name = "loadgen merge", version, max_term_width = 100)]
pub(crate) struct MergeFlags {
    /// Records that runs of one plan wrote with --output-format json
    #[arg(required = true, value_name = "FILE.json")]
    files: Vec<PathBuf>,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The form of the report
    #[arg(long, value_enum, default_value = "json", value_name = "FORMAT")]
    output_format: OutputFormat,
}

/// Merges, and says so.
pub(crate) fn main(flags: &MergeFlags) -> anyhow::Result<ExitCode> {
    let records = flags.files.iter().map(|file| output::read(file)).collect::<Result<Vec<_>, _>>()?;
    let total = loadgen::merge(&records)?;
    output::record(&total, flags.output_format, flags.output.as_deref())?;
    Ok(ExitCode::SUCCESS)
}
