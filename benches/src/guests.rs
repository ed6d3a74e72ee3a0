//! Contenders that are not ours, as a run takes them in: chosen by name, group or file, looked for on this machine, and left out
//! with the reason where something is missing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::binaries::Source;
use crate::contender::{Contender, Launch, Model};
use crate::manifest::{self, Availability, HELLO, Machine, Manifest, ManifestError, WAITING};
use crate::record::GuestFacts;

mod facts;
mod venv;

pub(crate) use facts::of as facts_of;
pub use venv::{make_venv_if_asked, venv};

/// The group of all contenders that need Python.
const PYTHON: &str = "python";

/// The group of all contenders in `contenders/`.
const ALL: &str = "all";

/// Why guests cannot take part.
#[derive(Debug, Error)]
pub enum GuestError {
    /// A manifest is wrong.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Nothing is called so.
    #[error(
        "--with knows no {name:?}; there is {known}, {PYTHON} for all that need Python, {ALL}, or the path of a manifest that ends in .toml"
    )]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
}

/// Guests that were asked for: their manifests, who can take part, and who cannot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guests {
    /// Those who can take part, one for each size of a pool that is to be tried.
    pub contenders: Vec<Contender>,
    /// Their manifests.
    pub manifests: Vec<Manifest>,
    /// Those who cannot, by name, and why.
    pub absent: BTreeMap<String, String>,
}

/// The folder of the manifests that come with the project.
fn folder() -> PathBuf {
    Source::workspace().join("contenders")
}

/// The manifests that come with the project, and those that were added to them.
///
/// # Errors
///
/// [`ManifestError`] when one is wrong.
pub fn all() -> Result<Vec<Manifest>, ManifestError> {
    manifest::load_all(&folder(), &[HELLO, WAITING])
}

/// This machine, with the virtual environment if it was made before.
#[must_use]
pub fn this_machine() -> Machine {
    let venv = venv();
    Machine::here(venv.join("bin/python").exists().then_some(venv))
}

impl Guests {
    /// The guests that `names` mean.
    ///
    /// # Errors
    ///
    /// [`GuestError`] when a manifest is wrong or nothing is called so.
    pub fn chosen(names: &[String], machine: &Machine) -> Result<Self, GuestError> {
        if names.is_empty() {
            return Ok(Guests::default());
        }
        let known = all()?;
        let mut chosen: Vec<Manifest> = Vec::new();
        for name in names {
            for manifest in called(name, &known)? {
                if chosen.iter().all(|one| one.name != manifest.name) {
                    chosen.push(manifest);
                }
            }
        }
        let mut guests = Guests::default();
        for manifest in chosen {
            match manifest.availability(machine) {
                Availability::Available { .. } => {
                    guests.contenders.extend(contenders(&manifest));
                    guests.manifests.push(manifest);
                }
                Availability::Missing { what, hint } => {
                    guests.absent.insert(manifest.name, format!("{what} is missing: {hint}"));
                }
            }
        }
        Ok(guests)
    }

    /// The manifest of a contender.
    #[must_use]
    pub fn manifest(&self, contender: &Contender) -> Option<&Manifest> {
        self.manifests.iter().find(|manifest| manifest.name == contender.base)
    }

    /// Whether `contender` is of the manifest at the path `name`.
    #[must_use]
    pub fn is_from(&self, contender: &Contender, name: &str) -> bool {
        let path = std::path::absolute(name).ok();
        self.manifest(contender).is_some_and(|manifest| Some(&manifest.file) == path.as_ref())
    }

    /// What identifies each of them, by name: the version it tells of itself, the content of its files, and what its manifest notes.
    #[must_use]
    pub fn facts(&self, machine: &Machine) -> BTreeMap<String, GuestFacts> {
        self.manifests.iter().map(|one| (one.name.clone(), facts::of(one, machine))).collect()
    }
}

/// Whether `name` may mean a guest: the path of a manifest, or a name in `contenders/`, with or without the size of a pool.
#[must_use]
pub fn is_known(name: &str) -> bool {
    let base = name.split_once('@').map_or(name, |(base, _)| base);
    is_path(base) || all().is_ok_and(|known| known.iter().any(|manifest| manifest.name == base))
}

fn is_path(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "toml")
}

fn called(name: &str, known: &[Manifest]) -> Result<Vec<Manifest>, GuestError> {
    if is_path(name) {
        return Ok(vec![manifest::load(Path::new(name), &[HELLO, WAITING])?]);
    }
    let mine = |one: &&Manifest| one.name == name || name == ALL || (name == PYTHON && one.is_python());
    let found: Vec<Manifest> = known.iter().filter(mine).cloned().collect();
    if found.is_empty() {
        let known: Vec<&str> = known.iter().map(|one| one.name.as_str()).collect();
        return Err(GuestError::Unknown { name: name.to_owned(), known: known.join(", ") });
    }
    Ok(found)
}

fn contenders(manifest: &Manifest) -> Vec<Contender> {
    let model = match manifest.model {
        Some(contract::Model::Sync) => Model::Sync,
        Some(contract::Model::Threaded) => Model::Threaded,
        Some(contract::Model::Async) => Model::Async,
        None => Model::Other,
    };
    let file = manifest.file.strip_prefix(Source::workspace()).unwrap_or(&manifest.file);
    let plain = Contender {
        label: manifest.name.clone(),
        base: manifest.name.clone(),
        model,
        stack: manifest.name.clone(),
        workers: (model == Model::Sync).then_some(1),
        launch: Launch::Manifest {
            file: file.display().to_string(),
            waits: manifest.experiments.iter().any(|one| one == WAITING),
        },
    };
    if manifest.workers.is_empty() {
        return vec![plain];
    }
    manifest.workers.iter().map(|workers| plain.with_workers(workers.get())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing_installed() -> Machine {
        Machine { path: "/nonexistent".into(), venv: None }
    }

    #[test]
    fn who_is_missing_is_left_out_with_the_way_to_get_it() {
        let guests = Guests::chosen(&["nginx".to_owned(), PYTHON.to_owned()], &nothing_installed()).unwrap();
        assert!(guests.contenders.is_empty());
        assert!(guests.absent["nginx"].contains("apt install nginx"), "{:?}", guests.absent);
        assert!(guests.absent.len() >= 4 && guests.absent.contains_key("aiohttp"), "{:?}", guests.absent);
        assert!(!guests.absent.contains_key("node"));
    }

    #[test]
    fn an_unknown_name_is_told_with_those_there_are() {
        let error = Guests::chosen(&["apache".to_owned()], &nothing_installed()).unwrap_err().to_string();
        assert!(error.contains("apache") && error.contains("nginx") && error.contains(".toml"), "{error}");
    }

    #[test]
    fn a_swept_pool_is_a_contender_for_each_size() {
        let known = all().unwrap();
        let pool = known.iter().find(|one| !one.workers.is_empty()).unwrap();
        let labels: Vec<String> = contenders(pool).into_iter().map(|one| one.label).collect();
        let expected: Vec<String> = pool.workers.iter().map(|k| format!("{}@{k}", pool.name)).collect();
        assert_eq!(labels, expected);
    }
}
