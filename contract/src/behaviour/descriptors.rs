//! A kernel that has no file descriptors to give, or says so: service rests and comes back.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{Server, alone};
use crate::client::{Client, PATIENCE};
use crate::program::Program;
use crate::robustness::{GROWTH_BYTES, WITHIN, assert_healthy, settled_bytes};
use crate::{ACCEPT_BACK_OFF, proc};

/// Service must be back this long after there are descriptors again.
const RELIEF: Duration = Duration::from_secs(2);

/// Accepts that are made to fail, one after the other: with the rest between two, a second in which nobody can be accepted.
const REFUSED: u32 = 20;

/// Asserts that the server survives more connections than it may have files, without spinning and without growing, and serves
/// again once they are gone.
///
/// # Panics
///
/// When it does otherwise.
pub fn assert_no_descriptors_is_survived(server: &Server<'_>, files: u32, connections: usize) {
    let _alone = alone();
    let what = format!("{:?}: without descriptors", server.args);
    let mut program = server.start_with_files(files, &[]);
    let ready = program.ready().clone();
    assert_healthy(ready.addr, WITHIN, &what);
    let before = settled_bytes(&mut program, &what);
    let mut held: Vec<_> =
        (0..connections).map(|_| Client::connect(ready.addr).expect("the backlog takes it")).collect();
    let cpu_before = proc::cpu_time(ready.pid);
    let last = held.last_mut().expect("there is at least one");
    // As long as this takes, whether or not there is an answer, the server is in need.
    let window = Duration::from_millis(500);
    last.stream().set_read_timeout(Some(window)).expect("half a second is a timeout");
    let _ = last.get("/bob");
    let burnt = proc::cpu_time(ready.pid).saturating_sub(cpu_before);
    assert!(burnt < window / 2, "{what}: it spins: {burnt:?} of {window:?}");
    let meanwhile = proc::resident_bytes(ready.pid).saturating_sub(before);
    drop(held);
    assert_served_again(&mut program, before, &what);
    assert!(meanwhile < GROWTH_BYTES, "{what}: it has grown by {meanwhile} bytes");
}

/// Asserts that the server survives accept errors that strace injects, without spinning, growing, or a word more than once a
/// second; where strace cannot, says so and returns. The server must accept on one thread only: strace counts for each.
///
/// # Panics
///
/// When it does otherwise.
pub fn assert_refused_accepts_are_survived(server: &Server<'_>) {
    let usable = Command::new("strace")
        .args(["-qq", "-e", "inject=accept4:error=EMFILE", "true"])
        .stderr(Stdio::null())
        .status();
    if !usable.is_ok_and(|status| status.success()) {
        eprintln!(
            "skipped: injected accept errors need strace and the permission to trace; one is missing here"
        );
        return;
    }
    let _alone = alone();
    for errno in ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "ECONNABORTED"] {
        let what = format!("{:?}: {errno}", server.args);
        let plain = server.command(&[]);
        let (stderr, writer) = std::io::pipe().expect("the kernel has a pipe");
        let mut traced = Command::new("strace");
        traced
            .args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=accept4", "-e"])
            .arg(format!("inject=accept4:error={errno}:when=1..{REFUSED}"))
            .arg(plain.get_program())
            .args(plain.get_args())
            .stderr(writer);
        let mut program = server.launch(&mut traced);
        // Else this process would keep the pipe open.
        drop(traced);
        let start = Instant::now();
        let before = settled_bytes(&mut program, &what);
        let pid = program.ready().pid;
        let cpu_before = proc::cpu_time(pid);
        // It is in need until the last of them has failed.
        let need = ACCEPT_BACK_OFF * REFUSED;
        let asked = Instant::now();
        let answered = assert_healthy(program.ready().addr, need + RELIEF, &what);
        let burnt = proc::cpu_time(pid).saturating_sub(cpu_before);
        // The kernel counts in ticks of a hundredth of a second, and stops the process at each call.
        assert!(burnt < asked.elapsed() / 2 + TICKS, "{what}: it spins: {burnt:?} of {answered:?}");
        assert_served_again(&mut program, before, &what);
        end_traced(program);
        let seconds = usize::try_from(start.elapsed().as_secs()).expect("it is a test");
        let warnings = BufReader::new(stderr)
            .lines()
            .map_while(Result::ok)
            .filter(|line| line.contains("accept"))
            .count();
        assert!((1..=seconds + 1).contains(&warnings), "{what}: {warnings} warnings in {seconds} s");
    }
}

/// What the count of CPU time may be wrong by.
const TICKS: Duration = Duration::from_millis(100);

/// Asserts service within the time of relief from now, and after that as if nothing had been.
fn assert_served_again(program: &mut Program, before: u64, what: &str) {
    let addr = program.ready().addr;
    assert_healthy(addr, RELIEF, what);
    assert_healthy(addr, WITHIN, what);
    let growth = settled_bytes(program, what).saturating_sub(before);
    assert!(growth < GROWTH_BYTES, "{what}: it has grown by {growth} bytes when it was over");
    assert!(program.has_ended().expect("it is ours").is_none(), "{what}");
}

/// strace ends with the program it traces, not the other way round.
fn end_traced(mut program: Program) {
    let pid = i32::try_from(program.ready().pid).expect("Linux process ids fit in 22 bits");
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGTERM)
        .expect("the traced server runs");
    let status = program.wait(PATIENCE).expect("it is ours");
    assert_eq!(status.and_then(|status| status.code()), Some(0));
}
