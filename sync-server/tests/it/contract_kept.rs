//! The server keeps the contract, with and without work in a request, and ends when it is told to.

use std::net::SocketAddr;
use std::time::Duration;

use blocking::{Http, Shutdown};
use contract::behaviour::while_serving;
use contract::conformance::{run_for, run_golden};
use contract::{IoWait, LimitFlags, WorkFlags};
use sync_server::{Options, serve};

/// On each stack in turn.
fn on_each_stack(io_wait: Duration, check: impl Fn(SocketAddr, Http)) {
    for http in Http::ALL {
        let options = Options {
            http,
            work: WorkFlags { io_wait: IoWait::Fixed(io_wait), ..WorkFlags::default() },
            limits: LimitFlags::default(),
        };
        let shutdown = Shutdown::new();
        let serve = |listener| serve(listener, &options, &shutdown).unwrap();
        while_serving(serve, || shutdown.request(), |addr| check(addr, http));
    }
}

#[test]
fn every_case_of_the_conformance_kit_but_the_known_gaps() {
    on_each_stack(Duration::ZERO, |addr, http| {
        let report = run_for(addr, http.label());
        assert!(report.passed(), "{report}");
    });
}

#[test]
fn the_same_bytes_as_every_other_server() {
    on_each_stack(Duration::ZERO, |addr, _| {
        let report = run_golden(addr);
        assert!(report.passed(), "{report}");
    });
}

#[test]
fn the_contract_is_kept_while_requests_wait() {
    on_each_stack(Duration::from_millis(2), |addr, http| {
        let report = run_for(addr, http.label());
        assert!(report.passed(), "{report}");
    });
}
