//! The faulty contenders do what their manifests say, so that a test that meets one tests what it believes it tests.

use std::env;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use benches::manifest::{HELLO, Machine, NotAnswering, Readiness, load_all, wait_until_answers};
use contract::client::PATIENCE;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::started::Started;

/// Long enough for one that could answer to answer now and then; a test that needs silence does not need more.
const A_WHILE: Duration = Duration::from_millis(300);

fn start(name: &str) -> Started {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/contenders");
    let mut all = load_all(&folder, &[HELLO]).unwrap().into_iter();
    let manifest = all.find(|manifest| manifest.name == name).unwrap();
    Started::new(manifest, &machine(), Duration::ZERO)
        .expect("cargo test builds the example; with --test alone, first: cargo build -p benches --examples")
}

/// This one, with the examples that cargo built beside the running test.
fn machine() -> Machine {
    let here = Machine::here(None);
    let test = env::current_exe().unwrap();
    let examples = test.ancestors().nth(2).unwrap().join("examples");
    let folders = [examples].into_iter().chain(env::split_paths(&here.path).collect::<Vec<_>>());
    Machine { path: env::join_paths(folders).unwrap(), venv: None }
}

#[test]
fn crashes_at_once() {
    let mut contender = start("crashes-at-once");
    let error = contender.wait_until_answers(PATIENCE).unwrap_err();
    assert!(matches!(error, NotAnswering::Ended { .. }), "{error}");
    assert_eq!(contender.child.wait().unwrap().code(), Some(3));
    assert_eq!(contender.stderr(), format!("no configuration for {}\n", contender.addr));
}

#[test]
fn answers_wrong_body() {
    let mut contender = start("answers-wrong-body");
    let response = contender.wait_until_answers(PATIENCE).unwrap();
    assert_ne!(response.body, contender.good_body());
}

#[test]
fn daemonises() {
    let mut contender = start("daemonises");
    assert!(contender.child.wait().unwrap().success());
    let deadline = Instant::now() + PATIENCE;
    let response = wait_until_answers(contender.addr, "/World", deadline, || true).unwrap();
    let pid: i32 = response.field("server").unwrap().parse().unwrap();
    kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
    assert_ne!(pid.cast_unsigned(), contender.child.id());
    assert_eq!(response.body, contender.good_body());
}

#[test]
fn ignores_sigterm() {
    let mut contender = start("ignores-sigterm");
    contender.wait_until_answers(PATIENCE).unwrap();
    contender.signal(Signal::SIGTERM);
    let response = contender.wait_until_answers(PATIENCE).unwrap();
    assert_eq!(response.body, contender.good_body());
    let pending = fs::read_to_string(format!("/proc/{}/status", contender.child.id())).unwrap();
    assert!(pending.contains("ShdPnd:\t0000000000004000"), "SIGTERM waits in vain: {pending}");
}

#[test]
fn prints_a_megabyte() {
    let mut contender = start("prints-a-megabyte");
    let error = contender.wait_until_answers(A_WHILE).unwrap_err();
    assert!(matches!(error, NotAnswering::Silent { .. }), "{error}");
    let (mut stdout, mut stderr) =
        (contender.child.stdout.take().unwrap(), contender.child.stderr.take().unwrap());
    let readers = [
        thread::spawn(move || stdout.read_to_end(&mut Vec::new()).unwrap()),
        thread::spawn(move || stderr.read_to_end(&mut Vec::new()).unwrap()),
    ];
    let response = contender.wait_until_answers(PATIENCE).unwrap();
    assert_eq!(response.body, contender.good_body());
    drop(contender);
    assert_eq!(readers.map(|reader| reader.join().unwrap()), [1 << 20; 2]);
}

#[test]
fn listens_elsewhere() {
    let mut contender = start("listens-elsewhere");
    let error = contender.wait_until_answers(A_WHILE).unwrap_err();
    assert!(matches!(error, NotAnswering::Silent { .. }), "{error}");
    assert!(contender.is_alive());
}

#[test]
fn says_no_ready_line() {
    let mut contender = start("says-no-ready-line");
    assert_eq!(contender.manifest.readiness, Readiness::ReadyLine);
    assert_eq!(contender.wait_until_answers(PATIENCE).unwrap().body, contender.good_body());
    let mut stdout = contender.child.stdout.take().unwrap();
    drop(contender);
    let mut said = String::new();
    stdout.read_to_string(&mut said).unwrap();
    assert_eq!(said, "");
}
