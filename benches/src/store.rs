//! A run's folder: finished trials are appended and synced, final files are written aside and renamed.
//!
//! A run can die at any moment. What was finished stays readable, and nobody ever sees half a file.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::record::{ComparisonRecord, TrialRecord};

const RUN: &str = "run.json";
const TRIALS: &str = "trials.jsonl";
const LOCK: &str = ".lock";

/// Why results cannot be kept or found.
#[derive(Debug, Error)]
pub enum StoreError {
    /// A file or folder cannot be written.
    #[error("cannot write {path}: {source}; choose a folder you may write to with --results")]
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
    /// Two comparisons at once would measure each other.
    #[error(
        "another comparison is running (it holds {0}); wait for its end, two at once would measure each other"
    )]
    Busy(PathBuf),
    /// There is nothing to report.
    #[error("no finished run in {0}; make one with `cargo compare`")]
    NoRun(PathBuf),
}

/// The folder of all results, held against a second comparison for as long as this lives.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    _lock: File,
}

/// The folder of one run.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    trials: File,
}

impl Store {
    /// Opens `root`, creating it if need be, and locks it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Write`] when it cannot be written to, [`StoreError::Busy`] when somebody else holds it.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let path = root.join(LOCK);
        let cannot_write = |source| StoreError::Write { path: path.clone(), source };
        fs::create_dir_all(root).map_err(cannot_write)?;
        let lock = File::create(&path).map_err(cannot_write)?;
        match lock.try_lock() {
            Ok(()) => Ok(Store { root: root.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Busy(path)),
            Err(TryLockError::Error(source)) => Err(cannot_write(source)),
        }
    }

    /// Creates the folder of a run and writes what is known before it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Write`] when that is not possible.
    pub fn begin(&self, run: &ComparisonRecord) -> Result<RunFolder, StoreError> {
        let path = self.root.join(&run.id);
        let cannot_write = |path: &Path| {
            let path = path.to_owned();
            move |source| StoreError::Write { path, source }
        };
        fs::create_dir(&path).map_err(cannot_write(&path))?;
        write_json(&path.join(RUN), run)?;
        let trials_path = path.join(TRIALS);
        let trials = OpenOptions::new().create_new(true).append(true).open(&trials_path);
        Ok(RunFolder { trials: trials.map_err(cannot_write(&trials_path))?, path })
    }

    /// Writes a file of the whole folder, such as its index.
    ///
    /// # Errors
    ///
    /// [`StoreError::Write`] when that is not possible.
    pub fn write(&self, name: &str, content: &str) -> Result<PathBuf, StoreError> {
        write_whole(&self.root.join(name), content.as_bytes())
    }
}

impl RunFolder {
    /// Appends a finished trial and waits until it is on the disk.
    ///
    /// # Errors
    ///
    /// [`StoreError::Write`] when that is not possible.
    pub fn append(&mut self, trial: &TrialRecord) -> Result<(), StoreError> {
        let mut line = serde_json::to_vec(trial).expect("a record has only string keys");
        line.push(b'\n');
        self.trials
            .write_all(&line)
            .and_then(|()| self.trials.sync_data())
            .map_err(|source| StoreError::Write { path: self.path.join(TRIALS), source })
    }

    /// Writes a finished file of the run.
    ///
    /// # Errors
    ///
    /// [`StoreError::Write`] when that is not possible.
    pub fn write(&self, name: &str, content: &str) -> Result<PathBuf, StoreError> {
        write_whole(&self.path.join(name), content.as_bytes())
    }
}

/// Reads a run back.
///
/// A last line without its end is what a run that died was writing; it is left out.
///
/// # Errors
///
/// [`StoreError`] when a file is missing or is not what this module writes.
pub fn read_run(folder: &Path) -> Result<(ComparisonRecord, Vec<TrialRecord>), StoreError> {
    let path = folder.join(RUN);
    let text = fs::read_to_string(&path).map_err(|source| StoreError::Read { path: path.clone(), source })?;
    let run = serde_json::from_str(&text).map_err(|source| StoreError::Parse {
        line: source.line(),
        path,
        source,
    })?;
    Ok((run, read_lines(&folder.join(TRIALS))?))
}

/// The ids of all runs under `root`, oldest first; the ids are times, so that is their order as text.
///
/// # Errors
///
/// [`StoreError::Read`] when the folder cannot be read.
pub fn list_runs(root: &Path) -> Result<Vec<String>, StoreError> {
    let cannot_read = |source| StoreError::Read { path: root.to_owned(), source };
    let mut runs = Vec::new();
    for entry in fs::read_dir(root).map_err(cannot_read)? {
        let entry = entry.map_err(cannot_read)?;
        if entry.path().join(RUN).is_file() {
            runs.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    runs.sort();
    Ok(runs)
}

fn read_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, StoreError> {
    let cannot_read = |source| StoreError::Read { path: path.to_owned(), source };
    let mut reader = BufReader::new(File::open(path).map_err(cannot_read)?);
    let mut values = Vec::new();
    let mut line = String::new();
    while reader.read_line(&mut line).map_err(cannot_read)? > 0 && line.ends_with('\n') {
        let parsed = serde_json::from_str(&line);
        values.push(parsed.map_err(|source| StoreError::Parse {
            path: path.to_owned(),
            line: values.len() + 1,
            source,
        })?);
        line.clear();
    }
    Ok(values)
}

fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<PathBuf, StoreError> {
    let mut text = serde_json::to_vec_pretty(value).expect("a record has only string keys");
    text.push(b'\n');
    write_whole(path, &text)
}

/// Writes beside the final place and renames, so that a reader sees the old file or the new one.
fn write_whole(path: &Path, content: &[u8]) -> Result<PathBuf, StoreError> {
    let write = || -> io::Result<()> {
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        let mut aside = tempfile::NamedTempFile::new_in(folder)?;
        aside.write_all(content)?;
        aside.as_file().sync_all()?;
        // A temporary file is its owner's alone; results are meant to be read.
        let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        aside.as_file().set_permissions(readable)?;
        aside.persist(path)?;
        Ok(())
    };
    write().map_err(|source| StoreError::Write { path: path.to_owned(), source })?;
    Ok(path.to_owned())
}

#[cfg(test)]
mod tests;
