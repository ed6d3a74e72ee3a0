//! The server keeps the contract, with and without work in a request, and ends when it is told to.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::thread;
use std::time::Duration;

use blocking::{Http, Shutdown};
use contract::conformance::{run_for, run_golden};
use contract::{IoWait, LimitFlags, WorkFlags};
use threaded_server::{Options, serve};

/// On each stack in turn: serves on a free port of the loopback while `check` runs, then asks for the stop and waits for it.
fn while_serving(io_wait: Duration, check: impl Fn(SocketAddr, Http)) {
    for http in Http::ALL {
        while_serving_on(http, io_wait, &check);
    }
}

fn while_serving_on(http: Http, io_wait: Duration, check: impl FnOnce(SocketAddr, Http)) {
    let listener = contract::listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let addr = listener.local_addr().unwrap();
    let options = Options {
        http,
        threads: NonZeroUsize::new(4).unwrap(),
        work: WorkFlags { io_wait: IoWait::Fixed(io_wait), ..WorkFlags::default() },
        limits: LimitFlags::default(),
    };
    let shutdown = Shutdown::new();
    thread::scope(|scope| {
        let server = scope.spawn(|| serve(listener, &options, &shutdown));
        check(addr, http);
        shutdown.request();
        server.join().unwrap().unwrap();
    });
}

#[test]
fn every_case_of_the_conformance_kit_but_the_known_gaps() {
    while_serving(Duration::ZERO, |addr, http| {
        let report = run_for(addr, http.label());
        assert!(report.passed(), "{report}");
    });
}

#[test]
fn the_same_bytes_as_every_other_server() {
    while_serving(Duration::ZERO, |addr, _| {
        let report = run_golden(addr);
        assert!(report.passed(), "{report}");
    });
}

#[test]
fn the_contract_is_kept_while_requests_wait() {
    while_serving(Duration::from_millis(2), |addr, http| {
        let report = run_for(addr, http.label());
        assert!(report.passed(), "{report}");
    });
}
