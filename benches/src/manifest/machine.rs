//! Whether what a contender needs is installed, found without starting anything.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::Manifest;
use super::placeholder::{Placeholder, Template};

/// Where system programs such as nginx lie, which an ordinary user's `PATH` leaves out on Debian.
const SYSTEM_FOLDERS: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/// What is missing when a manifest uses [`Placeholder::Venv`] and there is none.
pub(super) const NO_VENV: &str = "a Python virtual environment";

/// Where programs are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// Folders of programs, in the form of `PATH`.
    pub path: OsString,
    /// A Python virtual environment, absolute; `None` when there is none.
    pub venv: Option<PathBuf>,
}

/// Whether a contender can be started here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    /// Everything is there.
    Available {
        /// The file that its command starts.
        program: PathBuf,
    },
    /// It must be left out.
    Missing {
        /// What is not there.
        what: String,
        /// How to get it.
        hint: String,
    },
}

impl Machine {
    /// This one: the folders of `PATH`, then those of system programs.
    #[must_use]
    pub fn here(venv: Option<PathBuf>) -> Self {
        let path = env::var_os("PATH").unwrap_or_default();
        let folders = env::split_paths(&path).chain(SYSTEM_FOLDERS.map(PathBuf::from));
        Machine {
            // Folders that came out of a PATH hold no separator; without them the PATH itself still serves.
            path: env::join_paths(folders).unwrap_or(path),
            venv,
        }
    }

    /// The file that would be started as `program`: a name is looked for in the folders, a path is taken as it is.
    #[must_use]
    pub fn find(&self, program: &str) -> Option<PathBuf> {
        which::which_in(program, Some(&self.path), "/").ok()
    }

    /// Whether the virtual environment holds what `import module` needs.
    fn has_module(&self, module: &str) -> bool {
        let Some(venv) = &self.venv else { return false };
        let versions = fs::read_dir(venv.join("lib")).into_iter().flatten().flatten();
        versions
            .map(|version| version.path().join("site-packages"))
            .any(|packages| packages.join(module).is_dir() || packages.join(format!("{module}.py")).is_file())
    }
}

impl Manifest {
    /// Looks for everything that it needs; the first that is missing is told.
    #[must_use]
    pub fn availability(&self, machine: &Machine) -> Availability {
        match self.locate(machine) {
            Ok(program) => Availability::Available { program },
            Err(what) => Availability::Missing { hint: self.hint(&what), what },
        }
    }

    /// Whether it runs in the virtual environment.
    #[must_use]
    pub fn wants_venv(&self) -> bool {
        self.uses(Placeholder::Venv) || !self.needs.python.is_empty()
    }

    fn locate(&self, machine: &Machine) -> Result<PathBuf, String> {
        if self.wants_venv() && machine.venv.is_none() {
            return Err(NO_VENV.to_owned());
        }
        if let Some(program) = self.needs.programs.iter().find(|program| machine.find(program).is_none()) {
            return Err(format!("the program {program}"));
        }
        if let Some(module) = self.needs.python.iter().find(|module| !machine.has_module(module)) {
            return Err(format!("the Python module {module}"));
        }
        self.program(&self.command, machine)
    }

    /// The file that the first word of `command` stands for, or what is missing.
    pub(super) fn program(&self, command: &[Template], machine: &Machine) -> Result<PathBuf, String> {
        let known = self.fixed_values(machine.venv.as_deref()).map_err(|error| error.to_string())?;
        let word = command.first().expect("a manifest without a program is refused");
        // Of the two placeholders that a program may have, only this one can be without a value.
        let word = word.fill(&known).map_err(|_venv| NO_VENV.to_owned())?;
        machine.find(&word).ok_or_else(|| format!("the program {word}"))
    }

    pub(super) fn hint(&self, what: &str) -> String {
        self.needs
            .hint
            .clone()
            .unwrap_or_else(|| format!("install {what}, or correct {}", Path::display(&self.file)))
    }
}
