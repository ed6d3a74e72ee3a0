//! A run's folder: finished trials are appended and synced, final files are written aside and renamed.
//!
//! A run can die at any moment. What was finished stays readable, and nobody ever sees half a file. A run that dies before its
//! `run.json` is there leaves a folder without anything in it: nobody lists it, and the next start removes it.

mod error;
mod lines;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::record::{ComparisonRecord, SCHEMA_VERSION, Session, TrialRecord};
pub use error::StoreError;

const RUN: &str = "run.json";
const TRIALS: &str = "trials.jsonl";
const SESSIONS: &str = "sessions.jsonl";
const LOCK: &str = ".lock";

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
    /// Opens `root`, creating it if need be, locks it, and removes what runs left that died before they began.
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
            Ok(()) => {
                tidy(root);
                Ok(Store { root: root.to_owned(), _lock: lock })
            }
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
        // Before `run.json`, which is what makes the folder a run: a run has both files from its first moment on.
        let trials_path = path.join(TRIALS);
        let trials = OpenOptions::new().create_new(true).append(true).open(&trials_path);
        let trials = trials.map_err(cannot_write(&trials_path))?;
        write_json(&path.join(RUN), run)?;
        sync_folder(&self.root).map_err(cannot_write(&self.root))?;
        Ok(RunFolder { path, trials })
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

    /// Keeps that the run is gone on with, and under which circumstances.
    ///
    /// # Errors
    ///
    /// [`StoreError::Write`] when that is not possible.
    pub fn resumed(&self, session: &Session) -> Result<(), StoreError> {
        let path = self.path.join(SESSIONS);
        let mut line = serde_json::to_vec(session).expect("a record has only string keys");
        line.push(b'\n');
        let open = OpenOptions::new().create(true).append(true).open(&path);
        open.and_then(|mut file: File| {
            file.write_all(&line)?;
            file.sync_all()?;
            sync_folder(&self.path)
        })
        .map_err(|source| StoreError::Write { path, source })
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
    let mut run: ComparisonRecord = serde_json::from_str(&text).map_err(parse_error)?;
    let trials = lines::read(&folder.join(TRIALS), |trial: &TrialRecord| Some(trial.schema_version))?;
    run.sessions = lines::read(&folder.join(SESSIONS), |_: &Session| None)?;
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

/// Removes the folders of runs that died before `run.json` was there. They hold nothing that anybody measured, so that one that
/// cannot be removed is no reason not to begin.
fn tidy(root: &Path) {
    let folders = fs::read_dir(root).into_iter().flatten().flatten();
    for folder in folders.map(|entry| entry.path()).filter(|path| is_stillborn(path)) {
        let _ = fs::remove_dir_all(folder);
    }
}

/// Whether a folder is named as a run is, and has no more in it than what comes before `run.json`.
fn is_stillborn(folder: &Path) -> bool {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let is_time = name.get(10..11) == Some("T") && {
        let (day, time) = name.split_at(10);
        humantime::parse_rfc3339(&format!("{day}{}", time.replace('-', ":"))).is_ok()
    };
    let is_nothing = |entry: fs::DirEntry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_empty = entry.metadata().is_ok_and(|data| data.is_file() && data.len() == 0);
        (name == TRIALS && is_empty) || name.starts_with(".tmp")
    };
    let inside = || fs::read_dir(folder).map(|all| all.flatten().all(is_nothing));
    is_time && folder.is_dir() && inside().unwrap_or(false)
}

/// A name is in its folder for good only when the folder has been written too.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
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
        sync_folder(folder)
    };
    write().map_err(|source| StoreError::Write { path: path.to_owned(), source })?;
    Ok(path.to_owned())
}

#[cfg(test)]
mod tests;
