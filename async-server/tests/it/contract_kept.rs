//! The server keeps the contract, with and without work in a request, and ends when it is told to.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use async_server::{Http, Options, Places, serve};
use contract::behaviour::{Server, while_serving};
use contract::conformance::{run_for, run_golden};
use contract::{IoWait, LimitFlags, WorkFlags};
use tokio::runtime::Builder;
use tokio::sync::oneshot;

/// On each stack in turn.
fn on_each_stack(io_wait: Duration, check: impl Fn(SocketAddr, Http)) {
    for http in Http::ALL {
        let options = Options {
            http,
            work: WorkFlags { io_wait: IoWait::Fixed(io_wait), ..WorkFlags::default() },
            limits: LimitFlags::default(),
            places: Places::default(),
            block_the_loop: false,
            gauge: None,
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let serve_here = |listener| {
            let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            let shutdown = async {
                let _ = stopped.await;
            };
            runtime.block_on(serve(listener, &options, shutdown)).unwrap();
        };
        while_serving(serve_here, || drop(stop), |addr| check(addr, http));
    }
}

/// In a process of its own, which is what starts a runtime a core.
#[test]
fn every_case_on_a_runtime_a_core() {
    for http in ["axum", "hyper"] {
        let args = ["--http", http, "--runtime", "per-core", "--threads", "2"];
        let binary = Path::new(env!("CARGO_BIN_EXE_async-server"));
        let program = Server { binary, args: &args }.start(&[]);
        for report in [run_for(program.ready().addr, http), run_golden(program.ready().addr)] {
            assert!(report.passed(), "{http}: {report}");
        }
    }
}

#[test]
fn every_case_of_the_conformance_kit() {
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
