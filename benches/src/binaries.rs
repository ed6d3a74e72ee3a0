//! The server binaries: built by cargo in the release profile, each alone, as a user would build it.
//!
//! One `cargo build` for all three would unify their features, and the binary that is measured would not be the one
//! that `cargo run --release -p …` starts.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use thiserror::Error;

/// Why there is no binary to measure.
#[derive(Debug, Error)]
pub enum BinaryError {
    /// cargo could not be started.
    #[error("cannot start cargo to build {package}: {source}; is cargo on the PATH?")]
    Cargo {
        /// What was to be built.
        package: String,
        /// What the kernel said.
        source: io::Error,
    },
    /// cargo ran and failed.
    #[error("cargo could not build {package}; its messages are above")]
    Build {
        /// What was to be built.
        package: String,
    },
    /// The file is not there or cannot be read.
    #[error("cannot read the server binary {path}: {source}")]
    Read {
        /// Where it should be.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
}

/// A binary and what identifies it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binary {
    /// Where it was started from.
    pub path: PathBuf,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Size of the file in bytes.
    pub bytes: u64,
}

/// Where the binaries come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Built now, in the release profile, in the workspace at this path.
    Build(PathBuf),
    /// Taken as they are from this folder.
    Folder(PathBuf),
}

impl Binary {
    /// Reads the file at `path` and identifies it by its content.
    ///
    /// # Errors
    ///
    /// [`BinaryError::Read`] when it cannot be read.
    pub fn identify(path: PathBuf) -> Result<Self, BinaryError> {
        identify(path)
    }

    /// The same binary, for a record that others will read: its path from the workspace, or its name alone where it
    /// lies elsewhere. Where somebody keeps their files is no part of a result.
    #[must_use]
    pub fn for_record(&self) -> Binary {
        let path =
            self.path.strip_prefix(Source::workspace()).ok().or_else(|| self.path.file_name().map(Path::new));
        Binary { path: path.unwrap_or(&self.path).to_owned(), ..self.clone() }
    }
}

impl Source {
    /// The workspace this crate was compiled in.
    #[must_use]
    pub fn workspace() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("the crate is a folder of the workspace")
            .to_owned()
    }

    /// Gets the binary of each of `packages`.
    ///
    /// # Errors
    ///
    /// [`BinaryError`] when one cannot be built or read.
    pub fn binaries(&self, packages: &[String]) -> Result<BTreeMap<String, Binary>, BinaryError> {
        packages
            .iter()
            .map(|package| {
                let path = match self {
                    Source::Build(workspace) => build(workspace, package)?,
                    Source::Folder(folder) => folder.join(package),
                };
                Ok((package.clone(), identify(path)?))
            })
            .collect()
    }
}

fn build(workspace: &Path, package: &str) -> Result<PathBuf, BinaryError> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--release", "--message-format=json-render-diagnostics", "--package", package])
        .current_dir(workspace)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| BinaryError::Cargo { package: package.to_owned(), source })?;
    let executable =
        String::from_utf8_lossy(&output.stdout).lines().find_map(|line| executable_of(line, package));
    match executable {
        Some(path) if output.status.success() => Ok(path),
        _ => Err(BinaryError::Build { package: package.to_owned() }),
    }
}

/// The path in cargo's message about the finished executable of `package`, if `line` is that message.
fn executable_of(line: &str, package: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    let is_it = message["reason"] == "compiler-artifact" && message["target"]["name"] == package;
    is_it.then(|| message["executable"].as_str().map(PathBuf::from)).flatten()
}

fn identify(path: PathBuf) -> Result<Binary, BinaryError> {
    match std::fs::read(&path) {
        Ok(content) => {
            let mut sha256 = String::new();
            for byte in Sha256::digest(&content) {
                let _ = write!(sha256, "{byte:02x}");
            }
            Ok(Binary { path, sha256, bytes: content.len() as u64 })
        }
        Err(source) => Err(BinaryError::Read { path, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_executable_is_found_in_cargos_messages() {
        let message =
            r#"{"reason":"compiler-artifact","target":{"name":"sync-server"},"executable":"/t/sync-server"}"#;
        let library = r#"{"reason":"compiler-artifact","target":{"name":"sync-server"},"executable":null}"#;
        assert_eq!(executable_of(message, "sync-server"), Some(PathBuf::from("/t/sync-server")));
        assert_eq!(executable_of(message, "async-server"), None);
        assert_eq!(executable_of(library, "sync-server"), None);
        assert_eq!(executable_of("warning: no json", "sync-server"), None);
    }

    #[test]
    fn a_record_names_no_folder_of_the_user() {
        let at = |path: PathBuf| Binary { path, sha256: String::new(), bytes: 0 }.for_record().path;
        assert_eq!(at(Source::workspace().join("target/release/x")), PathBuf::from("target/release/x"));
        assert_eq!(at(PathBuf::from("/home/somebody/x")), PathBuf::from("x"));
    }

    #[test]
    fn a_missing_binary_is_named() {
        let error =
            Source::Folder(PathBuf::from("/no/where")).binaries(&["sync-server".to_owned()]).unwrap_err();
        assert!(error.to_string().contains("/no/where/sync-server"), "{error}");
    }

    #[test]
    fn a_hash_is_of_the_content() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "abc").unwrap();
        let binary = identify(file.path().to_owned()).unwrap();
        assert_eq!(binary.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(binary.bytes, 3);
    }
}
