//! Asking the machine and its programs.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};
use procfs::{CpuInfo, Current};
use serde_json::Value;

use super::Known;

/// What the kernel says of itself under this name, such as its release.
pub(super) fn kernel(name: &str) -> io::Result<String> {
    fs::read_to_string(format!("/proc/sys/kernel/{name}"))
}

pub(super) fn cpu_model() -> Result<String, String> {
    let info = CpuInfo::current().map_err(|error| error.to_string())?;
    info.model_name(0).map(str::to_owned).ok_or_else(|| "/proc/cpuinfo names no model".to_owned())
}

pub(super) fn output_of(program: &str, args: &[&str], folder: &Path) -> Result<String, String> {
    match Command::new(program).args(args).current_dir(folder).output() {
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(output) => Err(format!("{program} ended with {}", output.status)),
        Err(error) => Err(format!("cannot start {program}: {error}")),
    }
}

/// Whether the tree differs from its commit, as [`Provenance::dirty`](super::Provenance::dirty) says.
pub(super) fn is_dirty(workspace: &Path) -> Result<bool, String> {
    let args = ["status", "--porcelain", "--untracked-files=all", "--", ":!results"];
    Ok(output_of("git", &args, workspace)?.lines().any(counts))
}

/// Whether a line of `git status --porcelain` is about something that a build can see.
fn counts(line: &str) -> bool {
    let Some(untracked) = line.strip_prefix("?? ") else { return !line.trim().is_empty() };
    let name = untracked.trim_matches('"');
    [".rs", ".toml", "Cargo.lock"].iter().any(|end| name.ends_with(end))
}

/// The soft limit of open files, and soft and hard limits by name.
pub(super) fn limits() -> (Known, BTreeMap<String, Known>) {
    let text = |limit: u64| if limit == RLIM_INFINITY { "unlimited".to_owned() } else { limit.to_string() };
    let limit = |(name, resource): (&str, Resource)| {
        let both = getrlimit(resource).map(|(soft, hard)| format!("{}, at most {}", text(soft), text(hard)));
        (name.to_owned(), Known::from(both))
    };
    let nofile = Known::from(getrlimit(Resource::RLIMIT_NOFILE).map(|(soft, _)| soft.to_string()));
    let all = [
        ("nofile", Resource::RLIMIT_NOFILE),
        ("nproc", Resource::RLIMIT_NPROC),
        ("stack", Resource::RLIMIT_STACK),
    ];
    (nofile, all.into_iter().map(limit).collect())
}

/// What the kernel says of each weakness of the CPU that it knows.
pub(super) fn mitigations() -> Result<BTreeMap<String, String>, String> {
    const FOLDER: &str = "/sys/devices/system/cpu/vulnerabilities";
    let read = || -> io::Result<BTreeMap<String, String>> {
        let mut all = BTreeMap::new();
        for entry in fs::read_dir(FOLDER)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            all.insert(name, fs::read_to_string(entry.path())?.trim().to_owned());
        }
        Ok(all)
    };
    match read() {
        Ok(all) if all.is_empty() => Err(format!("{FOLDER} is empty")),
        Ok(all) => Ok(all),
        Err(error) => Err(format!("cannot read {FOLDER}: {error}")),
    }
}

/// The versions of `names` that a build here takes.
pub(super) fn versions(workspace: &Path, names: &[&str]) -> Result<BTreeMap<String, String>, String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let rustc = output_of("rustc", &["-vV"], workspace)?;
    let host = rustc.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or("rustc -vV names no host")?;
    // Of packages for other platforms a build here has downloaded nothing, and without the filter cargo wants them all.
    let filter = ["--offline", "--locked", "--filter-platform", host];
    let args = [&["metadata", "--format-version", "1"], filter.as_slice()].concat();
    let text = output_of(&cargo, &args, workspace)?;
    let metadata: Value = serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))?;
    let packages = metadata["packages"].as_array().ok_or("cargo metadata lists no packages")?;
    let pairs = packages.iter().filter_map(|one| Some((one["name"].as_str()?, one["version"].as_str()?)));
    let wanted = pairs.filter(|(name, _)| names.contains(name));
    Ok(wanted.map(|(name, version)| (name.to_owned(), version.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_dirty_by_what_a_build_can_see() {
        for (line, dirty) in [
            (" M benches/src/lib.rs", true),
            ("M  README.md", true),
            ("?? benches/src/new.rs", true),
            ("?? .cargo/config.toml", true),
            ("?? Cargo.lock", true),
            ("?? \"a b/x.rs\"", true),
            ("?? notes.txt", false),
            ("?? report.html", false),
            ("", false),
        ] {
            assert_eq!(counts(line), dirty, "{line}");
        }
    }
}
