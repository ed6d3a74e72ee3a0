//! What can be wrong with results, in sentences that say what to do.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::record::SCHEMA_VERSION;

/// Why results cannot be kept or found.
#[derive(Debug, Error)]
pub enum StoreError {
    /// A file or folder cannot be written.
    #[error("cannot write {path}: {source}; choose a folder with room that you may write to, with --results")]
    Write {
        /// What was to be written.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// A file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// What was to be read.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("{path}, line {line}: {source}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// It was written by another version of this program.
    #[error(
        "{path} has schema version {found}, this program reads {SCHEMA_VERSION}; its README.md stays as it was rendered"
    )]
    OtherSchema {
        /// The file.
        path: PathBuf,
        /// What it has.
        found: u64,
    },
    /// A trial or a planned cell names a contender that the run does not have.
    #[error("{path} names the contender {name:?}, which the run does not have; the files are not of one run")]
    Inconsistent {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
    },
    /// A run that is to be gone on with differs from what would be run now.
    #[error("{id} cannot be resumed: {what}; start a new run instead")]
    Changed {
        /// The run.
        id: String,
        /// What differs.
        what: String,
    },
    /// Two comparisons at once would measure each other.
    #[error(
        "another comparison is running (it holds {0}); wait for its end, two at once would measure each other"
    )]
    Busy(PathBuf),
    /// There is nothing to report.
    #[error("no finished run in {0}; make one with `cargo compare`")]
    NoRun(PathBuf),
}
