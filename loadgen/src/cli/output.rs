//! Where a report goes, and in which form.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::ValueEnum;
use loadgen::RunRecord;
use loadgen::record::SCHEMA_VERSION;

use super::report;

/// The form of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// A summary to read.
    Text,
    /// The whole record.
    Json,
    /// A line of names and a line of values.
    Csv,
}

/// Writes a record to the file, or to standard output without one.
pub(crate) fn record(record: &RunRecord, format: OutputFormat, path: Option<&Path>) -> anyhow::Result<()> {
    let mut bytes = match format {
        OutputFormat::Text => report::text(record).into_bytes(),
        OutputFormat::Json => serde_json::to_vec_pretty(record)?,
        OutputFormat::Csv => report::csv(record).into_bytes(),
    };
    if format == OutputFormat::Json {
        bytes.push(b'\n');
    }
    self::bytes(&bytes, path)
}

/// Notices before a run that its report could not be written.
pub(crate) fn check(path: Option<&Path>) -> anyhow::Result<()> {
    let Some(path) = path else { return Ok(()) };
    let aside = aside(path);
    File::create(&aside)
        .and_then(|_| fs::remove_file(&aside))
        .with_context(|| format!("cannot write {}", path.display()))?;
    anyhow::ensure!(!path.is_dir(), "cannot write {}: it is a folder", path.display());
    Ok(())
}

/// Where a file is written before it gets its name.
fn aside(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}.partial", path.display()))
}

/// Writes a report to the file, or to standard output without one.
pub(crate) fn bytes(bytes: &[u8], path: Option<&Path>) -> anyhow::Result<()> {
    let Some(path) = path else {
        let mut out = io::stdout().lock();
        out.write_all(bytes)
            .and_then(|()| out.flush())
            .context("cannot write the report to standard output")?;
        return Ok(());
    };
    // Aside first: a reader never meets half a report, and an old one survives a full disk.
    let aside = aside(path);
    let write = || {
        let mut file = BufWriter::new(File::create(&aside)?);
        file.write_all(bytes)?;
        file.into_inner()?.sync_all()?;
        fs::rename(&aside, path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Reads a record that a run wrote as JSON.
pub(crate) fn read(path: &Path) -> anyhow::Result<RunRecord> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let record: RunRecord = serde_json::from_slice(&bytes).with_context(|| {
        format!("{} is no record of a run; write one with --output-format json", path.display())
    })?;
    anyhow::ensure!(
        record.schema_version <= SCHEMA_VERSION,
        "{} has version {} of the record's schema and this loadgen knows {SCHEMA_VERSION}; use a newer loadgen",
        path.display(),
        record.schema_version
    );
    Ok(record)
}
