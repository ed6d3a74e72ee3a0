//! What identifies a guest: the version it tells of itself, and the content of the files that decide what is started.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::binaries::Binary;
use crate::manifest::{Machine, Manifest, Rendered};
use crate::provenance::Known;
use crate::record::GuestFacts;

/// How long a version command may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often it is looked at.
const SLICE: Duration = Duration::from_millis(10);

/// Asks for its version and reads its files.
pub(crate) fn of(manifest: &Manifest, machine: &Machine) -> GuestFacts {
    GuestFacts {
        version: Known::from(version(manifest, machine, PATIENCE)),
        language: manifest.language.clone(),
        notes: manifest.notes.clone(),
        sha256: hashes(manifest, machine),
    }
}

/// The hashes of its files, each by its path from the manifest's folder, or from the workspace; by its name alone where it lies elsewhere.
fn hashes(manifest: &Manifest, machine: &Machine) -> BTreeMap<String, String> {
    let folder = manifest.file.parent().unwrap_or(Path::new("/"));
    let one = |path: &std::path::PathBuf| {
        // One that cannot be read cannot be started either, and that is told then.
        let binary = Binary::identify(path.clone()).ok()?;
        let short = path.strip_prefix(folder).map(Path::to_owned).unwrap_or(binary.for_record().path);
        Some((short.display().to_string(), binary.sha256))
    };
    manifest.files_named(machine).iter().filter_map(one).collect()
}

/// The first line that its version command prints, or why there is none.
fn version(manifest: &Manifest, machine: &Machine, patience: Duration) -> Result<String, String> {
    let Rendered { program, args, .. } = match manifest.version_command(machine) {
        Ok(Some(rendered)) => rendered,
        Ok(None) => return Err("its manifest has no version command".to_owned()),
        Err(error) => return Err(error.to_string()),
    };
    let cannot = |error: io::Error| format!("cannot run {}: {error}", program.display());
    // Files and not pipes, so that one that prints much, or leaves a child behind, holds nobody.
    let [mut stdout, mut stderr] =
        [tempfile::tempfile().map_err(cannot)?, tempfile::tempfile().map_err(cannot)?];
    let mut command = Command::new(&program);
    command.args(&args).stdin(Stdio::null()).process_group(0);
    command.stdout(stdout.try_clone().map_err(cannot)?).stderr(stderr.try_clone().map_err(cannot)?);
    let status = end_of(&mut command, patience).map_err(cannot)?;
    let status = status.ok_or_else(|| {
        format!("its version command did not end within {patience:?} and was killed; correct `version` in its manifest")
    })?;
    let line = first_line(&mut stdout).or_else(|| first_line(&mut stderr));
    match (status.success(), line) {
        (true, Some(line)) => Ok(line),
        (true, None) => Err("its version command printed nothing".to_owned()),
        (false, line) => {
            let said = line.map_or_else(String::new, |line| format!(": {line}"));
            Err(format!("its version command ended with {status}{said}"))
        }
    }
}

/// How a command ends; `None` if it did not in time and was killed, with all that it has started.
fn end_of(command: &mut Command, patience: Duration) -> io::Result<Option<ExitStatus>> {
    let mut child = command.spawn()?;
    let deadline = Instant::now() + patience;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        // An early return is harmless: it only looks sooner.
        thread::park_timeout(SLICE);
    }
    killpg(Pid::from_raw(child.id().cast_signed()), Signal::SIGKILL)?;
    child.wait()?;
    Ok(None)
}

fn first_line(file: &mut File) -> Option<String> {
    let mut bytes = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut bytes)).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    text.lines().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest;

    fn manifest(folder: &Path, version: &str) -> Manifest {
        let source = format!(
            "name = \"mine\"\nmodel = \"other\"\nready = \"connect\"\ncommand = [\"{{manifest_dir}}/run\", \"{{addr}}\", \"--config={{manifest_dir}}/mine.conf\", \"{{manifest_dir}}/lib\"]\n{version}"
        );
        std::fs::write(folder.join("mine.toml"), source).unwrap();
        manifest::load(&folder.join("mine.toml"), &[manifest::HELLO]).unwrap()
    }

    #[test]
    fn a_version_is_told_or_the_reason_why_not() {
        let folder = tempfile::tempdir().unwrap();
        let machine = Machine { path: "/usr/bin:/bin".into(), venv: None };
        for (script, expected) in [
            ("echo; echo ' one 1.0 '; echo two", Ok("one 1.0")),
            ("echo on stderr >&2", Ok("on stderr")),
            ("exit 0", Err("printed nothing")),
            ("echo broken >&2; exit 3", Err("ended with exit status: 3: broken")),
            // It leaves a child that would hold a pipe.
            ("sleep 60 & sleep 60", Err("did not end within")),
        ] {
            let mine = manifest(folder.path(), &format!("version = [\"sh\", \"-c\", \"{script}\"]\n"));
            let told = version(&mine, &machine, if script.contains("sleep") { SLICE } else { PATIENCE });
            match (told, expected) {
                (Ok(line), Ok(wanted)) => assert_eq!(line, wanted, "{script}"),
                (Err(reason), Err(wanted)) => assert!(reason.contains(wanted), "{script}: {reason}"),
                (told, _) => panic!("{script}: {told:?}"),
            }
        }
        let none = version(&manifest(folder.path(), ""), &machine, PATIENCE).unwrap_err();
        assert!(none.contains("no version command"), "{none}");
    }

    #[test]
    fn what_is_started_is_known_by_the_content_of_its_files() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let machine = Machine { path: "/usr/bin:/bin".into(), venv: None };
        let mine = manifest(folder.path(), "");
        std::fs::create_dir(folder.path().join("lib")).unwrap();
        for name in ["run", "mine.conf", "lib/a.py", "of-nobody"] {
            std::fs::write(folder.path().join(name), "abc").unwrap();
        }
        std::fs::set_permissions(folder.path().join("run"), PermissionsExt::from_mode(0o755)).unwrap();
        let before = hashes(&mine, &machine);
        assert_eq!(before.keys().collect::<Vec<_>>(), ["lib/a.py", "mine.conf", "mine.toml", "run"]);
        assert!(before["run"].starts_with("ba7816bf"), "{before:?}");
        std::fs::write(folder.path().join("lib/a.py"), "abcd").unwrap();
        let after = hashes(&mine, &machine);
        let changed: Vec<&String> = before.keys().filter(|name| before[*name] != after[*name]).collect();
        assert_eq!(changed, ["lib/a.py"]);
    }
}
