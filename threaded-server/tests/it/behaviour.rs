//! Slow clients, upstreams in any state, the stop, and a kernel that has nothing to give.

use std::path::Path;
use std::time::Duration;

use contract::behaviour::{self, Server};
use contract::robustness::assert_survives;

fn server(args: &'static [&'static str]) -> Server<'static> {
    Server { binary: Path::new(env!("CARGO_BIN_EXE_threaded-server")), args }
}

const TINY_HTTP: &[&str] = &["--http", "tiny-http", "--threads", "4"];
const HYPER: &[&str] = &["--http", "hyper", "--threads", "4"];

#[test]
fn deadlines_end_slow_clients() {
    behaviour::assert_deadlines(&server(HYPER));
}

#[test]
fn limits_without_effect_are_named() {
    let both = ["--header-timeout", "--max-connections"];
    behaviour::assert_no_effect_is_told(&server(TINY_HTTP), &both);
}

#[test]
fn an_upstream_may_be_in_any_state() {
    for args in [TINY_HTTP, HYPER] {
        behaviour::assert_upstream(&server(args));
    }
}

#[test]
fn a_stop_lets_answers_finish() {
    for args in [TINY_HTTP, HYPER] {
        behaviour::assert_stop(&server(args));
    }
}

#[test]
fn a_message_that_had_begun_before_the_stop_is_answered() {
    behaviour::assert_begun_messages_are_answered(&server(HYPER));
    behaviour::assert_begun_heads_are_answered(&server(HYPER));
}

#[test]
fn blocked_threads_do_not_hold_up_the_stop() {
    for args in [TINY_HTTP, HYPER] {
        behaviour::assert_blocked_threads_do_not_hold(&server(args));
    }
}

#[test]
fn want_of_descriptors_is_survived() {
    behaviour::assert_no_descriptors_is_survived(&server(HYPER), 64, 120);
    behaviour::assert_refused_accepts_are_survived(&server(HYPER));
}

#[test]
fn attacks_are_survived() {
    assert_survives(&server(HYPER), &[], Duration::ZERO);
}

#[test]
fn requests_are_at_work_at_the_same_time() {
    for args in [TINY_HTTP, HYPER] {
        behaviour::assert_at_work(&server(args), 3);
    }
}
