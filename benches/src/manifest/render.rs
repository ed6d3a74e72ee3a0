//! A manifest with the values of one trial filled in: what to write, and what to start.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use super::machine::{Availability, Machine, NO_VENV};
use super::placeholder::{Placeholder, Template};
use super::{FileTemplate, Manifest};

/// What the placeholders stand for in one trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    /// Where to listen: `{addr}` and `{port}`.
    pub addr: SocketAddr,
    /// The number of workers: `{threads}`.
    pub threads: NonZeroUsize,
    /// How long each request waits: `{io_wait_ms}`.
    pub io_wait: Duration,
    /// How long each request computes: `{cpu_work_us}`.
    pub cpu_work: Duration,
    /// An empty folder of the trial's own, absolute: `{work_dir}`.
    pub work_dir: PathBuf,
}

/// What to write and what to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The program, found on the machine.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
    /// Variables to add to its environment.
    pub env: BTreeMap<String, String>,
    /// What [`Rendered::write_files`] writes.
    pub files: Vec<RenderedFile>,
}

/// A file to be written before the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedFile {
    /// Where.
    pub path: PathBuf,
    /// All of it.
    pub text: String,
}

/// Why there is nothing to start.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RenderError {
    /// Something is not installed.
    #[error("{what} is missing: {hint}")]
    Missing {
        /// What is not there.
        what: String,
        /// How to get it.
        hint: String,
    },
    /// A folder cannot be given to a program as text.
    #[error("{} is no UTF-8 text; use another folder", .0.display())]
    NotText(PathBuf),
    /// The kernel does not say which program this is.
    #[error("the path of the running program is not known: {0}")]
    NoSelf(String),
}

impl Manifest {
    /// What to start for one trial.
    ///
    /// # Errors
    ///
    /// [`RenderError::Missing`] when something is not installed, which [`Manifest::availability`] tells beforehand.
    pub fn command(&self, machine: &Machine, values: &Values) -> Result<Rendered, RenderError> {
        let program = match self.availability(machine) {
            Availability::Available { program } => program,
            Availability::Missing { what, hint } => return Err(RenderError::Missing { what, hint }),
        };
        let mut known = self.fixed_values(machine.venv.as_deref())?;
        known.extend(values.of_the_trial()?);
        let fill = |template: &Template| self.fill(template, &known);
        Ok(Rendered {
            program,
            args: self.command.iter().skip(1).map(fill).collect::<Result<_, _>>()?,
            env: self
                .env
                .iter()
                .map(|(name, value)| Ok((name.clone(), fill(value)?)))
                .collect::<Result<_, _>>()?,
            files: self
                .files
                .iter()
                .map(|FileTemplate { path, text, .. }| {
                    Ok(RenderedFile { path: values.work_dir.join(path), text: fill(text)? })
                })
                .collect::<Result<_, _>>()?,
        })
    }

    /// The command that prints the contender's version, most often on its first line of stdout, or of stderr if there is
    /// none; `None` when its manifest knows none.
    ///
    /// # Errors
    ///
    /// [`RenderError::Missing`] when its program is not installed.
    pub fn version_command(&self, machine: &Machine) -> Result<Option<Rendered>, RenderError> {
        let Some(version) = &self.version else { return Ok(None) };
        let known = self.fixed_values(machine.venv.as_deref())?;
        let program = self
            .program(version, machine)
            .map_err(|what| RenderError::Missing { hint: self.hint(&what), what })?;
        let args = version.iter().skip(1).map(|word| self.fill(word, &known)).collect::<Result<_, _>>()?;
        Ok(Some(Rendered { program, args, env: BTreeMap::new(), files: Vec::new() }))
    }

    /// The files that decide what is started, as far as they are there: the manifest, its templates, the program, and what the words of its
    /// command and environment name by a path; of a folder the files that lie in it.
    #[must_use]
    pub fn files_named(&self, machine: &Machine) -> Vec<PathBuf> {
        let mut found = vec![self.file.clone()];
        found.extend(self.files.iter().map(|one| one.template.clone()));
        found.extend(self.program(&self.command, machine));
        let known = self.fixed_values(machine.venv.as_deref()).unwrap_or_default();
        let words = self.command.iter().skip(1).chain(self.env.values());
        for word in words.filter_map(|word| word.fill(&known).ok()) {
            let path = word.split_once('=').map_or(word.as_str(), |(_, value)| value);
            match Path::new(path) {
                path if !path.is_absolute() => {}
                path if path.is_dir() && path.starts_with(&self.dir) => found.extend(files_in(path)),
                path => found.push(path.to_owned()),
            }
        }
        found.retain(|path| path.is_file());
        found.sort();
        found.dedup();
        found
    }

    fn fill(
        &self,
        template: &Template,
        known: &BTreeMap<Placeholder, String>,
    ) -> Result<String, RenderError> {
        // Where a template may stand, every other placeholder has a value.
        template
            .fill(known)
            .map_err(|_venv| RenderError::Missing { what: NO_VENV.to_owned(), hint: self.hint(NO_VENV) })
    }

    /// The placeholders that do not change from trial to trial.
    pub(super) fn fixed_values(
        &self,
        venv: Option<&Path>,
    ) -> Result<BTreeMap<Placeholder, String>, RenderError> {
        let compare = std::env::current_exe().map_err(|error| RenderError::NoSelf(error.to_string()))?;
        let mut known = BTreeMap::from([
            (Placeholder::ManifestDir, self.dir.clone()),
            (Placeholder::Compare, text_of(&compare)?),
        ]);
        if let Some(venv) = venv {
            known.insert(Placeholder::Venv, text_of(venv)?);
        }
        Ok(known)
    }
}

impl Values {
    fn of_the_trial(&self) -> Result<[(Placeholder, String); 6], RenderError> {
        // Nanoseconds as f64 are exact up to 104 days, and one correct division prints as the decimal that it is.
        let in_units_of = |time: Duration, unit_ns: f64| (time.as_nanos() as f64 / unit_ns).to_string();
        Ok([
            (Placeholder::Addr, self.addr.to_string()),
            (Placeholder::Port, self.addr.port().to_string()),
            (Placeholder::Threads, self.threads.to_string()),
            (Placeholder::IoWaitMs, in_units_of(self.io_wait, 1e6)),
            (Placeholder::CpuWorkUs, in_units_of(self.cpu_work, 1e3)),
            (Placeholder::WorkDir, text_of(&self.work_dir)?),
        ])
    }
}

impl Rendered {
    /// Writes its files and the folders above them.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub fn write_files(&self) -> io::Result<()> {
        for RenderedFile { path, text } in &self.files {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(path, text)?;
        }
        Ok(())
    }
}

fn files_in(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

fn text_of(path: &Path) -> Result<String, RenderError> {
    path.to_str().map(str::to_owned).ok_or_else(|| RenderError::NotText(path.to_owned()))
}
