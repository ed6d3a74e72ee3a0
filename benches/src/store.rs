//! A run's folder: finished trials are appended and synced, final files are written aside and renamed.
//!
//! A run can die at any moment. What was finished stays readable, and nobody ever sees half a file.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::record::{ComparisonRecord, SCHEMA_VERSION, TrialRecord};

const RUN: &str = "run.json";
const TRIALS: &str = "trials.jsonl";
const LOCK: &str = ".lock";

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

    /// Opens the folder of a run that died or was stopped, to go on with it.
    ///
    /// A last line without its end is cut off: it is what the run was writing.
    ///
    /// # Errors
    ///
    /// [`StoreError::Write`] when that is not possible.
    pub fn reopen(&self, id: &str) -> Result<RunFolder, StoreError> {
        let path = self.root.join(id);
        let trials_path = path.join(TRIALS);
        let reopened =
            OpenOptions::new().create(true).read(true).append(true).open(&trials_path).and_then(|file| {
                let content = fs::read(&trials_path)?;
                let whole = content.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
                file.set_len(whole as u64)?;
                Ok(file)
            });
        let trials = reopened.map_err(|source| StoreError::Write { path: trials_path, source })?;
        Ok(RunFolder { path, trials })
    }

    /// The folder of all results.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
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
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

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
    let parse_error =
        |source: serde_json::Error| StoreError::Parse { line: source.line(), path: path.clone(), source };
    let value: serde_json::Value = serde_json::from_str(&text).map_err(parse_error)?;
    match value["schema_version"].as_u64() {
        Some(found) if found != u64::from(SCHEMA_VERSION) => {
            return Err(StoreError::OtherSchema { path, found });
        }
        _ => {}
    }
    let run: ComparisonRecord = serde_json::from_str(&text).map_err(parse_error)?;
    let trials: Vec<TrialRecord> = read_lines(&folder.join(TRIALS))?;
    let names = run.planned.iter().map(|one| &one.cell.contender);
    for name in names.chain(trials.iter().map(|trial| &trial.spec.cell.contender)) {
        if !run.config.contenders.iter().any(|one| &one.label == name) {
            return Err(StoreError::Inconsistent { path, name: name.clone() });
        }
    }
    Ok((run, trials))
}

/// Whether a folder holds a run that this program can read.
#[must_use]
pub fn is_readable(folder: &Path) -> bool {
    let version =
        |text: String| serde_json::from_str::<serde_json::Value>(&text).ok()?["schema_version"].as_u64();
    fs::read_to_string(folder.join(RUN)).ok().and_then(version) == Some(u64::from(SCHEMA_VERSION))
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
