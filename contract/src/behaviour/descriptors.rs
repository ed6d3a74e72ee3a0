//! A kernel that has no file descriptors to give, or says so: service rests and comes back.

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::Server;
use crate::client::{Client, PATIENCE};
use crate::proc;
use crate::program::Program;

/// Service must be back this long after there are descriptors again.
const RELIEF: Duration = Duration::from_secs(2);

/// Asserts that the server survives more connections than it may have files, without spinning, and serves again once
/// they are gone. Returns the pid, which is the same as before.
///
/// # Panics
///
/// When it does otherwise.
pub fn assert_no_descriptors_is_survived(server: &Server<'_>, files: u32, connections: usize) {
    let mut command_line = server.start_with_files(files, &[]);
    let ready = command_line.ready().clone();
    let mut held: Vec<_> =
        (0..connections).map(|_| Client::connect(ready.addr).expect("the backlog takes it")).collect();
    let cpu_before = proc::cpu_time(ready.pid);
    let last = held.last_mut().expect("there is at least one");
    // As long as this takes, whether or not there is an answer, the server is in need.
    let window = Duration::from_millis(500);
    last.stream().set_read_timeout(Some(window)).expect("half a second is a timeout");
    let _ = last.get("/bob");
    let burnt = proc::cpu_time(ready.pid).saturating_sub(cpu_before);
    assert!(burnt < window / 2, "{:?}: it spins: {burnt:?} of {window:?}", server.args);
    drop(held);
    assert_served_within(RELIEF, ready.addr, &format!("{:?}: without descriptors", server.args));
    assert!(command_line.has_ended().expect("it is ours").is_none());
}

/// Asserts that the server survives accept errors that strace injects; where strace cannot, says so and returns.
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
    for errno in ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "ECONNABORTED"] {
        let plain = server.command(&[]);
        let mut traced = Command::new("strace");
        traced
            .args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=accept4", "-e"])
            .arg(format!("inject=accept4:error={errno}:when=1..5"))
            .arg(plain.get_program())
            .args(plain.get_args())
            .stderr(Stdio::null());
        let program = server.launch(&mut traced);
        assert_served_within(PATIENCE, program.ready().addr, errno);
        end_traced(program);
    }
}

/// strace ends with the program it traces, not the other way round.
fn end_traced(mut program: Program) {
    let pid = i32::try_from(program.ready().pid).expect("Linux process ids fit in 22 bits");
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGTERM)
        .expect("the traced server runs");
    let status = program.wait(PATIENCE).expect("it is ours");
    assert_eq!(status.and_then(|status| status.code()), Some(0));
}

fn assert_served_within(limit: Duration, addr: SocketAddr, what: &str) {
    let start = Instant::now();
    let answer = Client::connect(addr).map(|mut client| client.get("/bob"));
    let answer = answer.expect("it listens").unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(answer.status, 200, "{what}");
    let took = start.elapsed();
    assert!(took <= limit, "{what}: served after {took:?}");
}
