//! What every server's command line promises, as checks that each server's own tests run on its binary.
//!
//! The counterpart of `conformance`, which looks at the network only: READY line, signals, exit codes, bad input.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Output};

use nix::sys::signal::Signal;

use crate::Model;
use crate::behaviour::Server;
use crate::client::PATIENCE;

/// Asserts everything below of the server at `binary`, with `http` as the value of `--http`; `is_default` if that stack
/// is the one without the flag.
///
/// # Panics
///
/// When the binary breaks a promise; the message says which.
pub fn assert_promises(binary: &Path, model: Model, http: &str, is_default: bool) {
    let server = Server { binary, args: &["--http", http] };
    if is_default {
        let plain = Server { binary, args: &[] };
        assert_eq!(plain.start(&[]).ready().http, http);
    }
    assert_ready_line(&server, model, http);
    assert_signals_end_it_well(&server);
    assert_a_used_port_is_refused(&server);
    assert_bad_usage_is_refused(binary);
}

fn assert_ready_line(server: &Server<'_>, model: Model, http: &str) {
    let program = server.start(&[]);
    let ready = program.ready();
    assert_eq!((ready.model, ready.http.as_str()), (model, http));
    assert_ne!(ready.addr.port(), 0, "the line must name the port the kernel chose");
    assert!(ready.threads >= 1);
    let golden = crate::conformance::run_golden(ready.addr);
    assert!(golden.passed(), "{golden}");
}

fn assert_signals_end_it_well(server: &Server<'_>) {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let mut program = server.start(&[]);
        program.signal(signal).expect("it runs");
        let status = program.wait(PATIENCE).expect("it is this process's child");
        assert_eq!(status.and_then(|status| status.code()), Some(0), "after {signal}");
    }
}

fn assert_a_used_port_is_refused(server: &Server<'_>) {
    let holder = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    let addr = holder.local_addr().expect("it is bound").to_string();
    let output = run(server.binary, &[server.args, &["--addr", &addr]].concat());
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
        &["--io-wait", "exp:soon"],
        &["--upstream", "https://127.0.0.1/"],
        &["--max-connections", "0"],
        &["--http", "carrier-pigeon"],
        &["--header-timeout", "0s"],
        &["--idle-timeout", "0s"],
        &["--write-timeout", "0s"],
        &["--drain-timeout", "0s"],
        &["--upstream-timeout", "0s"],
        &["--upstream-timeout", "soon"],
    ] {
        let output = run(binary, args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(args[0]), "{args:?} is not named");
    }
}

fn run(binary: &Path, args: &[&str]) -> Output {
    Command::new(binary).args(args).output().expect("the binary was built with the tests")
}
