//! `loadgen merge`: several records as one.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use loadgen::{MergeError, Status};

use super::output::{self, OutputFormat};
use super::{INVALID, USAGE, complain};

/// Merges the records of several processes, or of several runs, exactly.
///
/// Segments of one schedule must have started together, within 100 ms or a hundredth of their length; other runs must
/// have come one after another. No run may be named twice.
///
/// Exit codes: 0 merged; 4 merged, and one of them is INVALID; 2 wrong usage, or records that do not belong together; 1 a
/// record cannot be read.
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
    let total = match loadgen::merge(&records) {
        Ok(total) => total,
        Err(error @ MergeError::Histogram(_)) => return Err(error.into()),
        Err(error) => return Ok(complain(&error.into(), USAGE)),
    };
    output::record(&total, flags.output_format, flags.output.as_deref())?;
    let invalid = total.verdict.status == Status::Invalid;
    Ok(if invalid { ExitCode::from(INVALID) } else { ExitCode::SUCCESS })
}
