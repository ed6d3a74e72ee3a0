//! The virtual environment of the Python contenders, made in `target/` when they are asked for.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{all, called, folder};
use crate::binaries::Source;
use crate::manifest::Manifest;

/// Where the virtual environment for Python contenders is made.
#[must_use]
pub fn venv() -> PathBuf {
    Source::workspace().join("target").join("contenders-venv")
}

/// Makes the virtual environment in `target/` with the packages that the Python contenders need, if `names` ask for them.
///
/// It is asked for by name, and installs nothing outside that folder. A failure is told and is no error: who needs it is then left out,
/// with the reason.
pub fn make_venv_if_asked(names: &[String]) {
    let asked = |name: &String| {
        // What is wrong with a name or a manifest is told when it is chosen.
        let known = all().unwrap_or_default();
        called(name, &known).is_ok_and(|meant| meant.iter().any(Manifest::wants_venv))
    };
    let venv = venv();
    let stamp = venv.join("requirements.txt");
    let wanted = fs::read(folder().join("python/requirements.txt")).unwrap_or_default();
    if !names.iter().any(asked) || fs::read(&stamp).is_ok_and(|made| made == wanted) {
        return;
    }
    eprintln!("making a Python virtual environment in {}", venv.display());
    let requirements = folder().join("python/requirements.txt");
    let steps: [(PathBuf, Vec<PathBuf>); 2] = [
        ("python3".into(), vec!["-m".into(), "venv".into(), venv.clone()]),
        (
            venv.join("bin/python"),
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]
                .map(PathBuf::from)
                .into_iter()
                .chain([requirements])
                .collect(),
        ),
    ];
    for (program, args) in steps {
        match Command::new(&program).args(&args).status() {
            Ok(status) if status.success() => {}
            Ok(status) => return eprintln!("{} ended with {status}: no Python packages", program.display()),
            Err(error) => return eprintln!("cannot start {}: {error}", program.display()),
        }
    }
    // Only for the next time: without it the packages are looked at again.
    let _ = fs::write(stamp, wanted);
}
