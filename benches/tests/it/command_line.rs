//! Bad input: one clear line, a non-zero exit, nothing half-written.

use std::process::{Command, Output};

use crate::servers::{self, COMPARE};

fn run(args: &[&str]) -> Output {
    Command::new(COMPARE).args(args).output().unwrap()
}

#[test]
fn help_shows_flags_and_examples() {
    let help = String::from_utf8(run(&["--help"]).stdout).unwrap();
    insta::assert_snapshot!(help);
}

#[test]
fn bad_usage_is_named_and_ends_with_2() {
    for (args, named) in [
        (&["--blocks", "0"][..], "--blocks"),
        (&["--connections", "0"], "--connections"),
        (&["--duration", "0s"], "longer than zero"),
        (&["--duration", "soon"], "--duration"),
        (&["--experiment", "juggle"], "slow-clients"),
        (&["--profile", "huge"], "standard"),
        (&["--contender", "async/axum@3"], "threaded/hyper@256"),
        (&["--contender", "apache"], "async/axum"),
        (&["--no-such-flag"], "--no-such-flag"),
    ] {
        let output = run(args);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
        assert!(stderr.contains(named), "{args:?}: {stderr}");
    }
}

#[test]
fn a_results_folder_that_cannot_be_written_is_one_line_and_leaves_nothing() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let output = servers::compare(&file.path().join("results")).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains("cannot write") && stderr.contains("--results"), "{stderr}");
}

#[test]
fn missing_binaries_and_missing_runs_are_named() {
    let empty = tempfile::tempdir().unwrap();
    let path = empty.path().to_str().unwrap();
    let output = run(&["--binaries", path, "--results", path]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("sync-server"), "{stderr}");

    let output = run(&["report", "--results", path]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("no finished run") && stderr.contains("cargo compare"), "{stderr}");
}

#[test]
fn what_there_is_and_what_would_be_done_is_printed_without_measuring() {
    let results = tempfile::tempdir().unwrap();
    let list = run(&["list"]);
    assert!(list.status.success());
    assert!(String::from_utf8_lossy(&list.stdout).contains("threaded/hyper@64"));
    let path = results.path().to_str().unwrap();
    let flags =
        ["--dry-run", "--profile", "standard", "--experiment", "overload", "--seed", "3", "--results", path];
    let (first, again) = (run(&flags), run(&flags));
    let text = String::from_utf8_lossy(&first.stdout);
    assert!(
        first.status.success() && text.contains("overload/cpu=100us/c=256/load=1.2 async/hyper"),
        "{text}"
    );
    assert!(text.contains("measured by pilots") && text.contains("seed 3"), "{text}");
    let without = run(&[&flags[..5], &flags[7..]].concat());
    let text = String::from_utf8_lossy(&without.stdout);
    assert!(text.contains("seed is chosen at the start") && !text.contains("(seed"), "{text}");
    assert_eq!(first.stdout, again.stdout, "the same seed gives the same order");
    assert_eq!(std::fs::read_dir(results.path()).unwrap().count(), 0, "a dry run writes nothing");
}

/// From the pilots of the newest run: the committed one has some.
#[test]
fn a_dry_run_prints_what_is_predicted() {
    let flags =
        ["--dry-run", "--profile", "standard", "--experiment", "waiting", "--contender", "sync/hyper"];
    let output = run(&flags);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("Predictions from the pilots of 20"), "{text}");
    let predicted = text.lines().find(|line| line.contains("waiting/wait=10ms/c=64 sync/hyper: ")).unwrap();
    // A hundred waits of 10 ms fit into a second, and the CPU time of the request is on top.
    let rate = predicted.rsplit("at most ").next().unwrap().trim_end_matches(" requests/s");
    assert!((90..=100).contains(&rate.parse::<u32>().unwrap()), "{predicted}");
}

#[test]
fn a_run_of_nothing_is_refused() {
    let results = tempfile::tempdir().unwrap();
    let output = servers::compare(results.path())
        .args(["--experiment", "blocking-call", "--contender", "sync/hyper"])
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("nothing is to be measured") && stderr.contains("compare list"), "{stderr}");
}
