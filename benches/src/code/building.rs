//! What a binary weighs and what building it costs.
//!
//! A build is made by cargo into an empty folder, with the sources of all packages at hand, so it takes no time of the network. Its
//! length depends on the machine's cores and on who else uses them; its CPU time hardly does, so both are kept.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};
use serde::{Deserialize, Serialize};

/// What a clean release build took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Build {
    /// From its start to its end, in seconds.
    pub wall_s: f64,
    /// CPU time of all its processes, in seconds.
    pub cpu_s: f64,
}

/// Size in bytes of the binary at `path` without symbols and line tables.
///
/// # Errors
///
/// Why it could not be stripped, for a record.
pub fn stripped_bytes(path: &Path) -> Result<u64, String> {
    let stripped = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
    let status =
        Command::new("strip").arg("-o").arg(stripped.path()).arg(path).stderr(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => {
            fs::metadata(stripped.path()).map(|file| file.len()).map_err(|error| error.to_string())
        }
        Ok(status) => Err(format!("strip failed ({status})")),
        Err(error) => Err(format!("cannot start strip: {error}")),
    }
}

/// Builds `package` of `workspace` in the release profile into an empty folder, and throws it away.
///
/// # Errors
///
/// Why there is no build, for a record.
pub fn clean_build(workspace: &Path, package: &str) -> Result<Build, String> {
    let folder = tempfile::tempdir().map_err(|error| format!("no folder to build in: {error}"))?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let (started, before) = (Instant::now(), children_cpu_s()?);
    let output = Command::new(cargo)
        .args(["build", "--release", "--offline", "--quiet", "--package", package, "--target-dir"])
        .arg(folder.path())
        .current_dir(workspace)
        // A cache of compiled crates would be timed instead of the compiler.
        .env_remove("RUSTC_WRAPPER")
        .env_remove("CARGO_BUILD_RUSTC_WRAPPER")
        .output()
        .map_err(|error| format!("cannot start cargo: {error}"))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        let said = stderr.lines().find(|line| line.starts_with("error")).unwrap_or("it did not say why");
        return Err(format!("cargo could not build {package}: {said}"));
    }
    Ok(Build { wall_s: started.elapsed().as_secs_f64(), cpu_s: children_cpu_s()? - before })
}

/// CPU time of all children of this process that have ended, and of theirs.
fn children_cpu_s() -> Result<f64, String> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)
        .map_err(|error| format!("the kernel does not tell CPU times: {error}"))?;
    let seconds = |time: TimeVal| time.num_microseconds() as f64 / 1e6;
    Ok(seconds(usage.user_time()) + seconds(usage.system_time()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(code: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let manifest = "[package]\nname = \"small\"\nedition = \"2024\"\n[workspace]\n";
        fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
        fs::create_dir(folder.path().join("src")).unwrap();
        fs::write(folder.path().join("src/main.rs"), code).unwrap();
        folder
    }

    #[test]
    fn a_build_takes_time_and_leaves_nothing() {
        let folder = package("fn main() {}");
        let build = clean_build(folder.path(), "small").unwrap();
        assert!(build.wall_s > 0.0 && build.cpu_s > 0.0, "{build:?}");
        assert!(!folder.path().join("target").exists());
    }

    #[test]
    fn a_build_that_fails_says_why() {
        let folder = package("fn main() { gone() }");
        let reason = clean_build(folder.path(), "small").unwrap_err();
        assert!(reason.contains("small") && reason.contains("gone"), "{reason}");
    }

    #[test]
    fn what_is_no_program_is_not_stripped() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "no program").unwrap();
        assert!(stripped_bytes(file.path()).unwrap_err().contains("strip"));
    }
}
