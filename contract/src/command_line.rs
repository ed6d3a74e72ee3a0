//! What every server's command line promises, as checks that each server's own tests run on its binary.
//!
//! The counterpart of `conformance`, which looks at the network only: READY line, signals, exit codes, bad input.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::Model;
use crate::program::Program;

/// Far longer than any of it takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

const ANY_PORT: [&str; 2] = ["--addr", "127.0.0.1:0"];

/// Asserts everything below of the server at `binary`.
///
/// # Panics
///
/// When the binary breaks a promise; the message says which.
pub fn assert_promises(binary: &Path, model: Model, http: &str) {
    assert_ready_line(binary, model, http);
    assert_signals_end_it_well(binary);
    assert_a_used_port_is_refused(binary);
    assert_bad_usage_is_refused(binary);
}

fn start(binary: &Path) -> Program {
    let program = Program::start(Command::new(binary).args(ANY_PORT), PATIENCE);
    program.unwrap_or_else(|error| panic!("{}: {error}", binary.display()))
}

fn assert_ready_line(binary: &Path, model: Model, http: &str) {
    let program = start(binary);
    let ready = program.ready();
    assert_eq!((ready.model, ready.http.as_str()), (model, http));
    assert_ne!(ready.addr.port(), 0, "the line must name the port the kernel chose");
    assert!(ready.threads >= 1);
    let golden = crate::conformance::run_golden(ready.addr);
    assert!(golden.passed(), "{golden}");
}

fn assert_signals_end_it_well(binary: &Path) {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let mut program = start(binary);
        program.signal(signal).expect("it runs");
        let status = program.wait(PATIENCE).expect("it is this process's child");
        assert_eq!(status.and_then(|status| status.code()), Some(0), "after {signal}");
    }
}

fn assert_a_used_port_is_refused(binary: &Path) {
    let holder = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    let addr = holder.local_addr().expect("it is bound").to_string();
    let output = run(binary, &["--addr", &addr]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains(&addr) && stderr.contains("--addr"), "{stderr}");
    assert!(output.stdout.is_empty(), "it announced itself all the same");
}

fn assert_bad_usage_is_refused(binary: &Path) {
    for args in [
        &["--no-such-flag"][..],
        &["--addr", "nowhere"],
        &["--io-wait", "soon"],
        &["--http", "carrier-pigeon"],
    ] {
        let output = run(binary, args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(args[0]), "{args:?} is not named");
    }
}

fn run(binary: &Path, args: &[&str]) -> Output {
    Command::new(binary).args(args).output().expect("the binary was built with the tests")
}
