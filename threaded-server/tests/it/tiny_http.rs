//! The `tiny_http` stack of this server holds what can be held from outside.

use std::path::Path;

use blocking::robustness::Suite;
use contract::behaviour::{Server, assert_gaps};

fn suite() -> Suite<'static> {
    Suite { binary: Path::new(env!("CARGO_BIN_EXE_threaded-server")), flags: &["--threads", "4"] }
}

#[test]
fn accept_errors_and_panics_are_survived() {
    suite().assert_accept_survives();
}

#[test]
fn a_failed_thread_start_is_survived() {
    suite().assert_failed_threads_are_survived();
}

#[test]
fn a_stop_is_obeyed_without_descriptors() {
    suite().assert_stops_without_descriptors();
}

#[test]
fn withheld_bodies_hold_nobody() {
    suite().assert_withheld_bodies_hold_nobody();
}

#[test]
fn huge_bodies_are_refused() {
    suite().assert_huge_bodies_are_refused();
}

#[test]
fn other_addresses_are_refused() {
    suite().assert_loopback_only();
}

#[test]
fn the_known_gaps_of_the_contract_are_there_still() {
    let binary = Path::new(env!("CARGO_BIN_EXE_threaded-server"));
    assert_gaps(&Server { binary, args: &["--http", "tiny-http"] }, "tiny-http");
}
