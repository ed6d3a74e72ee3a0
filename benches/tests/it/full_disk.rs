//! A disk that fills up in the middle of a run: the runner says so, and what was finished is kept and can be gone on with. And one that
//! takes nothing: the runner says so at once.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use benches::record::TrialRecord;
use benches::store::{list_runs, read_run};

use crate::servers;

/// How much the disk of the results holds: a run's beginning, and some of its trials.
const KIB: u32 = 128;

/// More trials than there is room for.
const BLOCKS: &str = "40";

/// Mounts a small disk that only it and its children see, runs the comparison there, and copies what is on the disk out of it.
const SCRIPT: &str = r#"
disk=$1 out=$2 size=$3
shift 3
mount -t tmpfs -o size="$size" none "$disk" || exit 125
"$@"
code=$?
cp -R "$disk/." "$out" || exit 124
exit $code
"#;

/// Mounts an empty disk that nobody may write to, not even root, and runs the comparison there.
const READ_ONLY: &str = r#"
disk=$1
shift 3
mount -t tmpfs -o ro none "$disk" || exit 125
exec "$@"
"#;

/// `sh` with the script, in namespaces of its own, or why that is not permitted here.
fn with_own_mounts(script: &str) -> Result<Command, String> {
    let flags = ["--user", "--map-root-user", "--mount"];
    let tried = Command::new("unshare").args(flags).args(["mount", "-t", "tmpfs", "none", "/mnt"]).output();
    match tried {
        Ok(output) if output.status.success() => {
            let mut command = Command::new("unshare");
            command.args(flags).args(["sh", "-c", script, "sh"]);
            Ok(command)
        }
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) => Err(format!("unshare cannot be started: {error}")),
    }
}

/// The same, or `None` where that is not permitted; then the reason is on the terminal, past the capture of passed tests' output.
fn mounts_or_skip(test: &str, script: &str) -> Option<Command> {
    with_own_mounts(script)
        .inspect_err(|why| {
            let line = format!("\nskipped: {test}: no mounts of one's own are permitted here: {why}\n");
            let _ = std::io::stderr().write_all(line.as_bytes());
        })
        .ok()
}

/// Runs the comparison with its results on a disk, and leaves in `kept` what it wrote there.
fn on_a_disk(mut mounts: Command, kept: &Path) -> Output {
    let disk = tempfile::tempdir().unwrap();
    let mut compare = servers::compare(disk.path());
    compare.args(["--blocks", BLOCKS, "--duration", "50ms", "--connections", "4", "--experiment", "hello"]);
    compare.args(["--contender", "async/hyper"]);
    mounts.arg(disk.path()).arg(kept).arg(format!("{KIB}k")).arg(compare.get_program());
    mounts.args(compare.get_args()).output().unwrap()
}

#[test]
fn a_full_disk_is_named_and_what_was_finished_is_kept_and_gone_on_with() {
    let Some(mounts) = mounts_or_skip("a disk that fills up", SCRIPT) else { return };
    let results = tempfile::tempdir().unwrap();
    let output = on_a_disk(mounts, results.path());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    let errors: Vec<&str> = stderr.lines().filter(|line| line.starts_with("error: ")).collect();
    let [error] = errors[..] else { panic!("{stderr}") };
    assert!(error.contains("trials.jsonl") && error.contains("No space left on device"), "{error}");
    assert_eq!(stderr.lines().last(), Some(error), "nothing follows it");

    let id = list_runs(results.path()).unwrap().remove(0);
    let folder = results.path().join(&id);
    let (run, kept) = read_run(&folder).unwrap();
    let told = stderr.lines().filter(|line| line.starts_with("block ")).count();
    assert_eq!(kept.len(), told, "each trial that was told as finished is kept: {stderr}");
    assert!((1..run.trials_planned()).contains(&kept.len()), "{} trials", kept.len());
    assert!(!results.path().join("README.md").exists(), "a page of an unfinished run was written");

    // What the last trial left, if anything, is a part of one line, and not a trial.
    let text = fs::read_to_string(folder.join("trials.jsonl")).unwrap();
    let rest = text.rsplit('\n').next().unwrap();
    assert!(serde_json::from_str::<TrialRecord>(rest).is_err());
    assert_eq!(text.matches('\n').count(), kept.len());

    let resumed = servers::compare(results.path()).args(["--resume", &id]).output().unwrap();
    assert!(resumed.status.success(), "{}", String::from_utf8_lossy(&resumed.stderr));
    let (run, trials) = read_run(&folder).unwrap();
    assert_eq!(trials[..kept.len()], kept, "what was finished is as it was");
    assert_eq!(trials.len(), run.trials_planned());
}

#[test]
fn a_disk_that_takes_nothing_is_named_before_anything_is_built_or_measured() {
    let Some(mounts) = mounts_or_skip("a read-only disk", READ_ONLY) else { return };
    let output = on_a_disk(mounts, Path::new("/none"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains("cannot write") && stderr.contains("--results"), "{stderr}");
    assert!(stderr.contains("Read-only file system"), "{stderr}");
}
