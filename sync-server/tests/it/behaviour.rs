//! Slow clients, upstreams in any state, the stop, and a kernel that has nothing to give.

use std::path::Path;
use std::time::Duration;

use contract::behaviour::{self, FakeUpstream, Habit, Server};
use contract::client::{Client, get};
use contract::robustness::assert_survives;

fn server(args: &'static [&'static str]) -> Server<'static> {
    Server { binary: Path::new(env!("CARGO_BIN_EXE_sync-server")), args }
}

const TINY_HTTP: &[&str] = &["--http", "tiny-http"];
const HYPER: &[&str] = &["--http", "hyper"];

#[test]
fn deadlines_end_slow_clients() {
    behaviour::assert_deadlines(&server(HYPER));
}

#[test]
fn limits_without_effect_are_named() {
    let both = ["--header-timeout", "--max-connections"];
    behaviour::assert_no_effect_is_told(&server(TINY_HTTP), &both);
    behaviour::assert_no_effect_is_told(&server(HYPER), &["--max-connections"]);
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

/// Deadlines are short, because each slow client holds a server of one connection at a time for one of them, and there are
/// a thousand.
#[test]
fn attacks_are_survived() {
    let short = ["--header-timeout", "5ms", "--write-timeout", "5ms"];
    assert_survives(&server(HYPER), &short, Duration::from_millis(5));
}

#[test]
fn an_idle_client_gives_way_to_a_new_one() {
    let program = server(HYPER).start(&[]);
    let mut idle = Client::connect(program.ready().addr).unwrap();
    assert_eq!(idle.get("/idle").unwrap().body, b"Hello, idle!");
    let mut new = Client::connect(program.ready().addr).unwrap();
    assert_eq!(new.get("/new").unwrap().body, b"Hello, new!");
    idle.wait_for_end().unwrap();
}

#[test]
fn an_answer_says_close_when_somebody_waits() {
    let upstream = FakeUpstream::start(Habit::AsksTheTest);
    let program = server(HYPER).start(&["--upstream", &upstream.url()]);
    let ask = || {
        let mut client = Client::connect(program.ready().addr).unwrap();
        client.send(get("/bob")).unwrap();
        client
    };
    let mut first = ask();
    let call = upstream.next_call();
    // Both are there before the server looks again.
    let (mut second, mut third) = (ask(), ask());
    call.answer("1");
    assert_eq!(first.read().unwrap().field("connection"), None, "nobody waited when it was read");
    first.wait_for_end().unwrap();
    upstream.next_call().answer("2");
    assert_eq!(second.read().unwrap().field("connection"), Some("close"));
    upstream.next_call().answer("3");
    assert_eq!(third.read().unwrap().field("connection"), None);
}

#[test]
fn one_request_is_at_work_at_a_time() {
    for args in [TINY_HTTP, HYPER] {
        behaviour::assert_at_work(&server(args), 1);
    }
}
