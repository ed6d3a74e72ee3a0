//! What a server is built from, as cargo resolves it for that server alone.

use std::collections::BTreeSet;
use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use thiserror::Error;

/// Why it is not known what a server is built from.
#[derive(Debug, Error)]
pub enum PackagesError {
    /// cargo could not be started.
    #[error("cannot start cargo to list what {package} is built from: {source}; is cargo on the PATH?")]
    Cargo {
        /// The server's package.
        package: String,
        /// What the kernel said.
        source: io::Error,
    },
    /// cargo ran and failed.
    #[error("cargo cannot list what {package} is built from: {said}")]
    Tree {
        /// The server's package.
        package: String,
        /// Its last words.
        said: String,
    },
    /// cargo names the package, but not as one of the workspace.
    #[error("{package} is no package of the workspace")]
    NotAMember {
        /// The server's package.
        package: String,
    },
}

/// A crate of the workspace, as it is built for a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The package.
    pub name: String,
    /// Where it lies.
    pub folder: PathBuf,
    /// Features that are on.
    pub features: Vec<String>,
}

/// The normal dependency tree of a server, each package once: without those of tests and build scripts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// Crates of the workspace, the server's own first.
    pub members: Vec<Member>,
    /// Packages of others.
    pub dependencies: usize,
    /// How many of these are procedural macros, or named by one.
    pub procedural_macros: usize,
}

/// Asks cargo, without the network.
///
/// # Errors
///
/// [`PackagesError`] when cargo cannot tell, because a package was never downloaded or there is no workspace.
pub fn tree(workspace: &Path, package: &str) -> Result<Tree, PackagesError> {
    let all = listed(workspace, package, "normal")?;
    let without_macros = listed(workspace, package, "normal,no-proc-macro")?;
    let mut tree = parse(&all, workspace);
    tree.procedural_macros = tree.dependencies - parse(&without_macros, workspace).dependencies;
    Ok(tree)
}

fn listed(workspace: &Path, package: &str, edges: &str) -> Result<String, PackagesError> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--offline", "--locked", "--prefix", "none", "--format", "{p}|{f}"])
        .args(["--edges", edges, "--package", package])
        .current_dir(workspace)
        .output()
        .map_err(|source| PackagesError::Cargo { package: package.to_owned(), source })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    let said = stderr.lines().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
    Err(PackagesError::Tree { package: package.to_owned(), said: said.trim().to_owned() })
}

/// Lines such as `name v1.2.3 (/folder)|feature,feature (*)`; the star marks what was listed before.
fn parse(listed: &str, workspace: &Path) -> Tree {
    let mut members: Vec<Member> = Vec::new();
    let mut others = BTreeSet::new();
    for line in listed.lines().map(|line| line.trim_end_matches(" (*)")) {
        let Some((package, features)) = line.split_once('|') else { continue };
        let mut words = package.splitn(3, ' ');
        let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
        let folder = words.next().map(|folder| PathBuf::from(folder.trim_matches(['(', ')'])));
        match folder.filter(|folder| folder.starts_with(workspace)) {
            None => {
                others.insert((name, version));
            }
            Some(_) if members.iter().any(|known| known.name == name) => {}
            Some(folder) => {
                let features = features.split(',').filter(|feature| !feature.is_empty());
                members.push(Member {
                    name: name.to_owned(),
                    folder,
                    features: features.map(str::to_owned).collect(),
                });
            }
        }
    }
    Tree { members, dependencies: others.len(), procedural_macros: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_counted_once_a_version() {
        let listed = "\
sync-server v0.1.0 (/ws/sync-server)|
contract v0.1.0 (/ws/contract)|http,conformance
syn v2.0.1|full
syn v3.0.1|
syn v2.0.1|full (*)
thiserror-impl v2.0.1 (proc-macro)|
patched v1.0.0 (/elsewhere/patched)|
contract v0.1.0 (/ws/contract)|http,conformance (*)
";
        let tree = parse(listed, Path::new("/ws"));
        assert_eq!(tree.dependencies, 4);
        let names: Vec<&str> = tree.members.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["sync-server", "contract"]);
        assert_eq!(tree.members[1].features, ["http", "conformance"]);
        assert_eq!(tree.members[1].folder, Path::new("/ws/contract"));
    }
}
