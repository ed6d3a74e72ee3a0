//! However the runner ends, its servers end with it, and what was finished is kept.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use benches::store::{list_runs, read_run};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::guests::with_faulty;
use crate::servers;

/// The promise of the runner: no server is left so long after it.
const PROMISED: Duration = Duration::from_secs(2);

/// Far longer than a process takes to start.
const PATIENCE: Duration = Duration::from_secs(10);

/// A comparison that has finished its first trial and is in one of the next.
fn under_way(results: &Path) -> (Child, BufReader<std::process::ChildStderr>) {
    of_command(&mut servers::compare(results), "200ms")
}

/// The same, of trials that last so long.
fn of_command(command: &mut Command, duration: &str) -> (Child, BufReader<std::process::ChildStderr>) {
    let mut runner = command
        .args(["--blocks", "50", "--duration", duration, "--connections", "4", "--experiment", "hello"])
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
    while is_running(server) {
        assert!(started.elapsed() < PROMISED, "server {server} outlived the runner");
        std::thread::yield_now();
    }
}

/// The kernel ends the process that was started with the runner, and not those that it has started.
#[test]
fn killed_runner_leaves_no_child_of_a_guest() {
    let results = tempfile::tempdir().unwrap();
    let manifest = results.path().join("forks.toml");
    let text = "name = \"forks\"\nmodel = \"other\"\ncommand = [\"faulty\", \"forks\", \"{addr}\"]\nready = \"connect\"\n";
    fs::write(&manifest, text).unwrap();
    let mut command = with_faulty(servers::compare(results.path()));
    let (mut runner, _stderr) = of_command(command.arg("--contender").arg(&manifest), "2s");
    let leader = servers::server_of(runner.id(), |stat| stat.comm == "faulty");
    let child = servers::server_of(leader.as_raw().cast_unsigned(), |stat| stat.comm == "faulty");
    let keeper = servers::server_of(runner.id(), |stat| stat.comm == "compare");
    runner.kill().unwrap();
    runner.wait().unwrap();
    for process in [leader, child, keeper] {
        assert_gone(process);
    }
}

/// Whether a process still does anything: one that ended, and that nobody has asked about, is in the list and can be sent signals.
fn is_running(pid: Pid) -> bool {
    let stat = procfs::process::Process::new(pid.as_raw()).and_then(|process| process.stat());
    stat.is_ok_and(|stat| !matches!(stat.state, 'Z' | 'X'))
}

#[test]
fn a_process_that_ended_and_was_not_waited_for_is_gone() {
    let mut child = Command::new("true").spawn().unwrap();
    let pid = Pid::from_raw(child.id().cast_signed());
    assert_gone(pid);
    assert!(kill(pid, None).is_ok(), "it is still in the list");
    child.wait().unwrap();
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
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let results = tempfile::tempdir().unwrap();
        let (mut runner, mut stderr) = under_way(results.path());
        let server = servers::server_of(runner.id(), |_| true);
        kill(Pid::from_raw(runner.id().cast_signed()), signal).unwrap();
        let mut rest = String::new();
        stderr.read_to_string(&mut rest).unwrap();
        assert_eq!(runner.wait().unwrap().code(), Some(code), "{rest}");
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

    let contradicting =
        servers::compare(results.path()).args(["--resume", &id, "--blocks", "9"]).output().unwrap();
    let stderr = String::from_utf8_lossy(&contradicting.stderr);
    assert_eq!(contradicting.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("cannot be resumed: it was begun with --blocks 2"), "{stderr}");

    let output = servers::compare(results.path()).args(["--resume", &id]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (run, trials) = read_run(&results.path().join(&id)).unwrap();
    assert_eq!(trials[..kept.len()], kept, "what was finished is as it was");
    let mut positions: Vec<usize> = trials.iter().map(|trial| trial.spec.position).collect();
    positions.sort_unstable();
    assert_eq!(positions, (0..run.trials_planned()).collect::<Vec<_>>());
    let [session] = run.sessions.as_slice() else { panic!("{:?}", run.sessions) };
    assert_eq!(session.trials, kept.len());
    for pair in trials.windows(2) {
        assert!(
            pair[0].ended_s.unwrap() <= pair[1].started_s,
            "a trial began before the one before it had ended"
        );
    }

    let other = tempfile::tempdir().unwrap();
    for name in ["sync-server", "async-server"] {
        let mut binary = std::fs::read(servers::folder().join(name)).unwrap();
        binary.push(0);
        std::fs::write(other.path().join(name), binary).unwrap();
    }
    let refusal = |binaries: &Path| {
        let refused = Command::new(servers::COMPARE)
            .args(["--resume", &id, "--binaries"])
            .arg(binaries)
            .arg("--results")
            .arg(results.path())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(1), "{stderr}");
        stderr
    };
    let stderr = refusal(other.path());
    assert!(stderr.contains("cannot be resumed") && stderr.contains("is another one"), "{stderr}");

    let path = results.path().join(&id).join("run.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let kernel = run.provenance.kernel.text();
    std::fs::write(&path, text.replacen(&format!("\"{kernel}\""), "\"0.1\"", 1)).unwrap();
    let stderr = refusal(servers::folder());
    assert!(stderr.contains("the kernel was 0.1"), "{stderr}");
    let seed = run.config.seed;
    let reseeded = text.replacen(&format!("\"seed\": {seed}"), &format!("\"seed\": {}", seed ^ 1), 1);
    assert_ne!(reseeded, text);
    std::fs::write(&path, reseeded).unwrap();
    let stderr = refusal(servers::folder());
    assert!(stderr.contains("cannot be resumed") && stderr.contains("in another order"), "{stderr}");
}

/// A server that never listens, does not end in time by itself, and tells its process id in a file beside it.
const SILENT_SERVER: &str = "#!/bin/sh
echo $$ >\"$0.new\"
mv \"$0.new\" \"$0.pid\"
exec sleep 60
";

/// So that the address space has room for the stack of one thread more, the one that waits for signals, and not for two.
const STACK_BYTES: u64 = 512 << 20;
const ADDRESS_SPACE_KIB: u64 = 900 << 10;

/// A stderr that takes nothing before it is read, so that a panic stands still while it is told; and its other end.
fn full_stderr() -> (OwnedFd, UnixStream) {
    let (reader, mut writer) = UnixStream::pair().unwrap();
    writer.set_nonblocking(true).unwrap();
    for size in [4_096, 1] {
        while writer.write(&vec![b'.'; size]).is_ok() {}
    }
    writer.set_nonblocking(false).unwrap();
    (writer.into(), reader)
}

#[test]
fn panicked_runner_leaves_no_server() {
    let (binaries, results) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let binary = binaries.path().join("sync-server");
    fs::write(&binary, SILENT_SERVER).unwrap();
    fs::set_permissions(&binary, Permissions::from_mode(0o755)).unwrap();
    let (stderr, mut told) = full_stderr();
    // The server is there by then: the thread that cannot be started is the one that reads its READY line.
    let mut runner = Command::new("sh")
        .args(["-c", &format!("ulimit -v {ADDRESS_SPACE_KIB}; exec \"$0\" \"$@\""), servers::COMPARE])
        .args(["--contender", "sync/tiny-http", "--experiment", "hello", "--binaries"])
        .arg(binaries.path())
        .arg("--results")
        .arg(results.path())
        .env("RUST_MIN_STACK", STACK_BYTES.to_string())
        // To name the lines of a backtrace takes more memory than the limit leaves, and who runs out of it there waits for ever.
        .env("RUST_BACKTRACE", "0")
        // A cargo that fails under the limit would remember that failure for this target folder, beyond this test.
        .env("CARGO", "false")
        .stdout(Stdio::null())
        .stderr(stderr)
        .spawn()
        .unwrap();
    let started = Instant::now();
    let server = loop {
        if let Ok(pid) = fs::read_to_string(binary.with_extension("pid")) {
            break Pid::from_raw(pid.trim().parse().unwrap());
        }
        assert!(started.elapsed() < PATIENCE, "the runner has started no server");
        std::thread::yield_now();
    };
    assert!(kill(server, None).is_ok(), "the server has ended before the runner");
    let mut text = Vec::new();
    told.set_read_timeout(Some(PATIENCE)).unwrap();
    let ended = told.read_to_end(&mut text);
    let text = String::from_utf8_lossy(&text);
    let text = text.trim_start_matches('.');
    if ended.is_err() {
        runner.kill().unwrap();
    }
    assert!(ended.is_ok(), "the runner has not ended {PATIENCE:?} after its panic: {text}");
    assert_eq!(runner.wait().unwrap().code(), Some(101), "{text}");
    assert!(text.contains("panicked") && text.contains("failed to spawn thread"), "{text}");
    assert_gone(server);
}
