//! The server keeps the contract, with and without work in a request, and ends when it is told to.

use std::net::SocketAddr;
use std::time::Duration;

use async_server::{Http, Options, Places, serve};
use contract::conformance::{run_for, run_golden};
use contract::{IoWait, LimitFlags, WorkFlags};
use tokio::sync::oneshot;

/// On each stack in turn: serves on a free port of the loopback while `check` runs on a thread of its own, then asks for the stop and waits
/// for it.
fn while_serving(io_wait: Duration, check: fn(SocketAddr, Http)) {
    for http in Http::ALL {
        while_serving_on(http, io_wait, check);
    }
}

fn while_serving_on(http: Http, io_wait: Duration, check: fn(SocketAddr, Http)) {
    let listener = contract::listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let addr = listener.local_addr().unwrap();
    let options = Options {
        http,
        work: WorkFlags { io_wait: IoWait::Fixed(io_wait), ..WorkFlags::default() },
        limits: LimitFlags::default(),
        places: Places::default(),
        block_the_loop: false,
        gauge: None,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(async move {
            let shutdown = async {
                let _ = stopped.await;
            };
            serve(listener, &options, shutdown).await
        });
        tokio::task::spawn_blocking(move || check(addr, http)).await.unwrap();
        drop(stop);
        server.await.unwrap().unwrap();
    });
}

#[test]
fn every_case_of_the_conformance_kit() {
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
