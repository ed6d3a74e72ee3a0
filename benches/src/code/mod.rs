//! What each server is made of: lines, async constructs, dependencies, size, time to build. Measured from the workspace, no load is started.
//!
//! [`source`] counts what the compiler sees of a crate, [`packages`] asks cargo what a server is built from, [`building`] weighs a
//! binary and times a clean build, a report shows it. Lines are counted by tokens, so that comments, documentation
//! and tests are left out by grammar and not by guess.

pub mod building;
pub mod packages;
pub mod source;

use std::path::Path;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::binaries::{BinaryError, Source};
use crate::contender::{Contender, Model};
use building::Build;
use packages::PackagesError;
use source::{Counts, SourceError};

/// A crate of the workspace, as a server is built from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrateCode {
    /// The package.
    pub package: String,
    /// What was counted.
    #[serde(flatten)]
    pub counts: Counts,
}

/// What a server is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServerCode {
    /// The server's own crate.
    #[serde(flatten)]
    pub own: CrateCode,
    /// Crates of the workspace that it shares with another server, by name.
    pub shares: Vec<String>,
    /// Packages of others in its normal dependency tree, each version once.
    pub dependencies: usize,
    /// How many of these run in the compiler only.
    pub procedural_macros: usize,
    /// Size of the release binary as it is measured, in bytes.
    pub binary_bytes: u64,
    /// Its size without symbols and line tables, in bytes; null if it could not be stripped.
    pub stripped_bytes: Option<u64>,
    /// Why it could not be stripped.
    pub stripped_missing: Option<String>,
    /// What a clean release build took; null if none was made.
    pub build: Option<Build>,
    /// Why none was made.
    pub build_missing: Option<String>,
}

/// What all servers are made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Code {
    /// Each server.
    pub servers: Vec<ServerCode>,
    /// The crates that servers share.
    pub shared: Vec<CrateCode>,
}

/// What a run is asked to find out about code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The packages of the servers; none, if nothing is asked.
    pub packages: Vec<String>,
    /// Whether each is built anew, to see how long that takes: minutes.
    pub builds: bool,
}

impl Asked {
    /// The packages of `contenders`, each once, in the order in which results show the models.
    #[must_use]
    pub fn of(contenders: impl Iterator<Item = Contender>, builds: bool) -> Self {
        let mut named: Vec<(Model, String)> =
            contenders.filter_map(|one| Some((one.model, one.package()?.to_owned()))).collect();
        named.sort_unstable();
        named.dedup();
        Asked { packages: named.into_iter().map(|(_, package)| package).collect(), builds }
    }
}

/// Why code cannot be measured.
#[derive(Debug, Error)]
pub enum CodeError {
    /// cargo does not say what a server is built from.
    #[error(transparent)]
    Packages(#[from] PackagesError),
    /// A source file cannot be counted.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// There is no binary to weigh.
    #[error(transparent)]
    Binary(#[from] BinaryError),
}

impl Code {
    /// Measures the servers that are asked for, in the sources of `workspace` and with the binaries of `binaries`.
    ///
    /// Call it before the process is bound to some of the CPUs: builds would be bound to them too.
    ///
    /// # Errors
    ///
    /// [`CodeError`] when there are no sources or binaries. A build that fails is a reason in the result.
    pub fn measure(asked: &Asked, workspace: &Path, binaries: &Source) -> Result<Self, CodeError> {
        let files = binaries.binaries(&asked.packages)?;
        let mut code = Code { servers: Vec::new(), shared: Vec::new() };
        for package in &asked.packages {
            let tree = packages::tree(workspace, package)?;
            let mut shares = Vec::new();
            for member in tree.members.iter().filter(|member| member.name != *package) {
                shares.push(member.name.clone());
                if !code.shared.iter().any(|one| one.package == member.name) {
                    let counts = source::count_crate(&member.folder, &member.features)?;
                    code.shared.push(CrateCode { package: member.name.clone(), counts });
                }
            }
            let own = tree.members.iter().find(|member| member.name == *package);
            let own = own.ok_or_else(|| PackagesError::NotAMember { package: package.clone() })?;
            let binary = &files[package];
            let stripped = building::stripped_bytes(&binary.path);
            let build = if asked.builds {
                building::clean_build(workspace, package)
            } else {
                Err("only the full profile and --experiment code build anew".to_owned())
            };
            code.servers.push(ServerCode {
                own: CrateCode {
                    package: package.clone(),
                    counts: source::count_crate(&own.folder, &own.features)?,
                },
                shares,
                dependencies: tree.dependencies,
                procedural_macros: tree.procedural_macros,
                binary_bytes: binary.bytes,
                stripped_bytes: stripped.as_ref().ok().copied(),
                stripped_missing: stripped.err(),
                build: build.as_ref().ok().copied(),
                build_missing: build.err(),
            });
        }
        Ok(code)
    }

    /// Lines of a server together with the crates that it shares.
    #[must_use]
    pub fn lines_with_shared(&self, server: &ServerCode) -> usize {
        let shared = self.shared.iter().filter(|one| server.shares.contains(&one.package));
        server.own.counts.lines + shared.map(|one| one.counts.lines).sum::<usize>()
    }
}

/// What is asked for, or why it is not there: for a record that keeps either.
///
/// # Errors
///
/// [`BinaryError`] when a binary cannot be had, because then nothing else can be measured either.
pub fn for_record(
    asked: &Asked,
    workspace: &Path,
    binaries: &Source,
) -> Result<(Option<Code>, Option<String>), BinaryError> {
    if asked.packages.is_empty() {
        return Ok((None, Some("the run was not asked for it".to_owned())));
    }
    match Code::measure(asked, workspace, binaries) {
        Ok(code) => Ok((Some(code), None)),
        Err(CodeError::Binary(error)) => Err(error),
        Err(error) => Ok((None, Some(error.to_string()))),
    }
}

#[cfg(test)]
pub(crate) mod tests;
