//! However the runner ends, its servers end with it, and what was finished is kept.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use benches::store::{list_runs, read_run};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::servers;

/// Far longer than the kernel takes to end a process.
const PATIENCE: Duration = Duration::from_secs(10);

/// A comparison that has finished its first trial and is in one of the next.
fn under_way(results: &Path) -> (Child, BufReader<std::process::ChildStderr>) {
    let mut runner = servers::compare(results)
        .args(["--blocks", "50", "--duration", "200ms", "--connections", "4", "--experiment", "hello"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(runner.stderr.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("block 1 ") {
        line.clear();
        assert!(stderr.read_line(&mut line).unwrap() > 0, "the runner ended before its first trial");
    }
    (runner, stderr)
}

fn assert_gone(server: Pid) {
    let started = Instant::now();
    while kill(server, None).is_ok() {
        assert!(started.elapsed() < PATIENCE, "server {server} outlived the runner");
        std::thread::yield_now();
    }
}

fn finished_trials(results: &Path) -> usize {
    let runs = list_runs(results).unwrap();
    read_run(&results.join(&runs[0])).unwrap().1.len()
}

#[test]
fn killed_runner_leaves_no_server_and_loses_no_finished_trial() {
    let results = tempfile::tempdir().unwrap();
    let (mut runner, _stderr) = under_way(results.path());
    let server = servers::server_of(runner.id(), |_| true);
    runner.kill().unwrap();
    runner.wait().unwrap();
    assert_gone(server);
    assert!(finished_trials(results.path()) >= 1);
}

#[test]
fn interrupted_runner_says_what_is_kept() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let results = tempfile::tempdir().unwrap();
        let (mut runner, mut stderr) = under_way(results.path());
        let server = servers::server_of(runner.id(), |_| true);
        kill(Pid::from_raw(runner.id().cast_signed()), signal).unwrap();
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut stderr, &mut rest).unwrap();
        assert_eq!(runner.wait().unwrap().code(), Some(130), "{rest}");
        assert_gone(server);
        let kept = finished_trials(results.path());
        assert!(rest.contains(&format!("interrupted: {kept} of 350 trials")), "{rest}");
        assert!(!results.path().join("README.md").exists(), "a page of an unfinished run was written");
    }
}

#[test]
fn an_interrupted_run_is_gone_on_with_and_nothing_is_measured_twice() {
    let results = tempfile::tempdir().unwrap();
    let mut runner = servers::compare(results.path())
        .args(["--blocks", "2", "--duration", "100ms", "--connections", "4", "--experiment", "hello"])
        .args(["--contender", "sync/hyper", "--contender", "async/hyper"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(runner.stderr.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("block 1 ") {
        line.clear();
        assert!(stderr.read_line(&mut line).unwrap() > 0, "the runner ended before its first trial");
    }
    runner.kill().unwrap();
    runner.wait().unwrap();
    let id = list_runs(results.path()).unwrap().remove(0);
    let kept = read_run(&results.path().join(&id)).unwrap().1;
    assert!(!kept.is_empty() && kept.len() < 6, "{}", kept.len());

    let output = servers::compare(results.path()).args(["--resume", &id]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (run, trials) = read_run(&results.path().join(&id)).unwrap();
    assert_eq!(trials[..kept.len()], kept, "what was finished is as it was");
    let mut positions: Vec<usize> = trials.iter().map(|trial| trial.spec.position).collect();
    positions.sort_unstable();
    assert_eq!(positions, (0..run.trials_planned()).collect::<Vec<_>>());

    let other = tempfile::tempdir().unwrap();
    for name in ["sync-server", "async-server"] {
        let mut binary = std::fs::read(servers::folder().join(name)).unwrap();
        binary.push(0);
        std::fs::write(other.path().join(name), binary).unwrap();
    }
    let refused = std::process::Command::new(servers::COMPARE)
        .args(["--resume", &id, "--binaries"])
        .arg(other.path())
        .arg("--results")
        .arg(results.path())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("cannot be resumed") && stderr.contains("is another one"), "{stderr}");
}
