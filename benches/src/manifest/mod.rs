//! Contenders that are not ours: any program that can be started by a command, described by a TOML file.
//!
//! From a file to a process, in reading order:
//!
//! 1. [`load_all`] and [`load`] read `contenders/*.toml` into [`Manifest`]s, or say at which line what should be
//!    written instead ([`ManifestError`]).
//! 2. [`Manifest::availability`] looks for its programs on a [`Machine`]: what is not installed is left out, with the
//!    words that say how to get it.
//! 3. [`Manifest::command`] fills in the [`Placeholder`]s of one trial and gives what to start. No shell is involved.
//! 4. [`wait_until_answers`] tells when a contender without a READY line listens.
//!
//! Starting and stopping the process is not done here.

mod answers;
mod check;
mod error;
mod file;
mod machine;
mod placeholder;
mod render;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use contract::Model;

pub use answers::{NotAnswering, free_port, wait_until_answers};
pub use error::{ManifestError, Place, Problem};
pub use file::Readiness;
pub use machine::{Availability, Machine};
pub use placeholder::Placeholder;
use placeholder::Template;
pub use render::{RenderError, Rendered, RenderedFile, Values};

/// The experiment that every contender can take: the greeting and nothing else.
pub const HELLO: &str = "hello";

/// The experiment in which each request waits; for contenders that use [`Placeholder::IoWaitMs`].
pub const WAITING: &str = "waiting";

/// A contender as its manifest describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The name in records, tables and on the command line.
    pub name: String,
    /// Its concurrency model; `None` when it is none of the three (`other` in the file).
    pub model: Option<Model>,
    /// How one learns that it listens.
    pub readiness: Readiness,
    /// The path that every request asks for.
    pub path: String,
    /// The body that every answer must have.
    pub expect_body: String,
    /// Whether it is to pass the conformance kit before it is timed. If not, its answers are compared all the same.
    pub keeps_contract: bool,
    /// Labels of the experiments that it can take.
    pub experiments: Vec<String>,
    /// The pool sizes to try, in the order of the file; empty when its manifest does not ask for a sweep.
    pub workers: Vec<NonZeroUsize>,
    /// What must be installed.
    pub needs: Needs,
    /// The language it is written in, as a reader calls it; servers that are not ours are held against each other within one.
    pub language: Option<String>,
    /// What a reader of its figures should know, a sentence each, shown with them.
    pub notes: Vec<String>,
    /// The manifest's own path, absolute.
    pub file: PathBuf,
    /// The folder of `file`, as text for [`Placeholder::ManifestDir`].
    dir: String,
    command: Vec<Template>,
    env: BTreeMap<String, Template>,
    version: Option<Vec<Template>>,
    files: Vec<FileTemplate>,
}

/// What must be installed for a contender to start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Programs, beside the one that the command begins with.
    pub programs: Vec<String>,
    /// Python modules, as `import` names them, in the virtual environment.
    pub python: Vec<String>,
    /// How to get what is missing.
    pub hint: Option<String>,
}

/// A file to be written before the start.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FileTemplate {
    /// Where, below [`Placeholder::WorkDir`].
    path: PathBuf,
    /// The file that it is made from.
    template: PathBuf,
    text: Template,
}

impl Manifest {
    /// Whether it is a Python program: its command begins with an interpreter or something of the virtual environment.
    #[must_use]
    pub fn is_python(&self) -> bool {
        let program = self.command.first().and_then(|word| word.fill(&BTreeMap::new()).ok());
        !self.needs.python.is_empty() || program.is_some_and(|program| program.ends_with("python3"))
    }

    /// Whether the command, its environment or a file to be written has `placeholder`.
    #[must_use]
    pub fn uses(&self, placeholder: Placeholder) -> bool {
        let texts =
            self.command.iter().chain(self.env.values()).chain(self.files.iter().map(|file| &file.text));
        texts.flat_map(Template::placeholders).any(|one| one == placeholder)
    }
}

/// Reads the manifest at `path`, which may ask for any of `experiments`.
///
/// # Errors
///
/// [`ManifestError`], with the place in the file.
pub fn load(path: &Path, experiments: &[&str]) -> Result<Manifest, ManifestError> {
    parse(&error::read(path)?, path, experiments)
}

/// Reads `source` as the manifest that is, or will be, at `path`.
///
/// # Errors
///
/// [`ManifestError`], with the place in the text.
pub fn parse(source: &str, path: &Path, experiments: &[&str]) -> Result<Manifest, ManifestError> {
    let unreadable = |source| ManifestError::Unreadable { path: path.to_owned(), source };
    let absolute = std::path::absolute(path).map_err(unreadable)?;
    check::manifest(source, path, absolute, experiments)
}

/// Reads every `*.toml` in `folder`, in the order of the file names; those whose name begins with a dot are somebody's
/// temporary files.
///
/// # Errors
///
/// [`ManifestError`] for the first file that is wrong, and when two have the same name.
pub fn load_all(folder: &Path, experiments: &[&str]) -> Result<Vec<Manifest>, ManifestError> {
    let unreadable = |source| ManifestError::Unreadable { path: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden && path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    let mut manifests: Vec<Manifest> = Vec::new();
    for path in paths {
        let manifest = load(&path, experiments)?;
        if let Some(first) = manifests.iter().find(|earlier| earlier.name == manifest.name) {
            return Err(ManifestError::SameName {
                name: manifest.name,
                first: first.file.clone(),
                second: manifest.file,
            });
        }
        manifests.push(manifest);
    }
    Ok(manifests)
}
