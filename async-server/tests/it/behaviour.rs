//! Slow clients, upstreams in any state, the stop, and a kernel that has nothing to give.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use contract::behaviour::{self, Server};
use contract::client::{Client, PATIENCE};
use contract::robustness::assert_survives;

fn server(args: &'static [&'static str]) -> Server<'static> {
    Server { binary: Path::new(env!("CARGO_BIN_EXE_async-server")), args }
}

const AXUM: &[&str] = &["--http", "axum"];
const HYPER: &[&str] = &["--http", "hyper"];
const PER_CORE: &[&str] = &["--http", "hyper", "--runtime", "per-core"];

const ALL: [&[&str]; 3] = [AXUM, HYPER, PER_CORE];

#[test]
fn deadlines_end_slow_clients() {
    for args in ALL {
        behaviour::assert_deadlines(&server(args));
    }
}

#[test]
fn an_upstream_may_be_in_any_state() {
    for args in ALL {
        behaviour::assert_upstream(&server(args));
    }
}

#[test]
fn a_stop_lets_answers_finish() {
    for args in ALL {
        behaviour::assert_stop(&server(args));
    }
}

/// The task of such a connection waits for the rest of the head, before hyper knows of it, and heeds the stop by itself.
#[test]
fn a_head_that_was_begun_before_the_stop_is_answered() {
    for args in [AXUM, HYPER] {
        let mut program = server(args).start(&["--drain-timeout", "1m"]);
        let mut client = Client::connect(program.ready().addr).unwrap();
        client.send("GET /bob HTTP/1.1\r\nHost: te").unwrap();
        // Connections are accepted in their order: with this one served, the other is in.
        assert_eq!(Client::connect(program.ready().addr).unwrap().get("/alice").unwrap().status, 200);
        behaviour::ask_to_stop(&program);
        client.send("st\r\n\r\n").unwrap();
        assert_eq!(client.read().unwrap().body, b"Hello, bob!", "{args:?}");
        let status = program.wait(PATIENCE).unwrap();
        assert_eq!(status.and_then(|status| status.code()), Some(0), "the connection ends with it");
    }
}

#[test]
fn a_message_that_had_begun_before_the_stop_is_answered() {
    for args in ALL {
        behaviour::assert_begun_messages_are_answered(&server(args));
    }
}

#[test]
fn blocked_threads_do_not_hold_up_the_stop() {
    for args in [&["--runtime", "multi"][..], &["--runtime", "per-core"]] {
        let args = [&["--block-the-loop", "--threads", "1"], args].concat();
        behaviour::assert_blocked_threads_do_not_hold(&Server { args: &args, ..server(&[]) });
    }
}

#[test]
fn want_of_descriptors_is_survived() {
    for args in ALL {
        behaviour::assert_no_descriptors_is_survived(&server(args), 64, 120);
        let args = [args, &["--threads", "1"]].concat();
        behaviour::assert_refused_accepts_are_survived(&Server { args: &args, ..server(&[]) });
    }
}

#[test]
fn attacks_are_survived() {
    for args in ALL {
        assert_survives(&server(args), &[], Duration::ZERO);
    }
}

#[test]
fn at_most_so_many_connections_are_served_at_a_time() {
    for args in ALL {
        let program = server(args).start(&["--max-connections", "1", "--threads", "1"]);
        let mut first = Client::connect(program.ready().addr).unwrap();
        assert_eq!(first.get("/first").unwrap().body, b"Hello, first!");
        let mut second = Client::connect(program.ready().addr).unwrap();
        second.send(contract::client::get("/second")).unwrap();
        assert_eq!(first.get("/first").unwrap().body, b"Hello, first!");
        drop(first);
        assert_eq!(second.read().unwrap().body, b"Hello, second!");
    }
}

/// Sixteen ports: that the kernel gives all of them to one of two cores would happen once in 32,768 runs.
fn sixteen_clients(addr: SocketAddr, request: &str) -> Vec<Client> {
    let mut clients: Vec<_> = (0..16).map(|_| Client::connect(addr).unwrap()).collect();
    for client in &mut clients {
        client.send(request).unwrap();
    }
    clients
}

#[test]
fn every_core_serves() {
    let flags = ["--threads", "2", "--block-the-loop", "--io-wait", "1h", "--tell-peak"];
    let program = server(PER_CORE).start(&flags);
    let _clients = sixteen_clients(program.ready().addr, &contract::client::get("/bob"));
    // A core has one request, which blocks it.
    assert!(program.waits_for_peak(2, PATIENCE));
}

#[test]
fn the_cap_is_one_for_all_cores() {
    let flags = ["--threads", "2", "--max-connections", "1", "--io-wait", "20ms", "--tell-peak"];
    let program = server(PER_CORE).start(&flags);
    let request = "GET /bob HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
    for mut client in sixteen_clients(program.ready().addr, request) {
        assert_eq!(client.read().unwrap().body, b"Hello, bob!");
    }
    assert!(program.waits_for_peak(1, PATIENCE));
    assert_eq!(program.peak_in_flight().filter(|peak| *peak > 1), None, "two were at work at the same time");
}

/// Requests that wait on one thread are at work at the same time, unless the waits block the thread.
#[test]
fn a_blocked_loop_serves_one_wait_after_the_other() {
    // Long enough for all four to come meanwhile, on a busy machine too.
    for (args, wait, at_a_time) in [(&[][..], "2s", 4), (&["--block-the-loop"], "50ms", 1)] {
        let flags = [&["--io-wait", wait, "--threads", "1", "--tell-peak"], args].concat();
        let program = server(HYPER).start(&flags);
        let mut clients: Vec<_> = (0..4).map(|_| Client::connect(program.ready().addr).unwrap()).collect();
        for client in &mut clients {
            client.send(contract::client::get("/bob")).unwrap();
        }
        for client in &mut clients {
            assert_eq!(client.read().unwrap().status, 200);
        }
        assert!(program.waits_for_peak(at_a_time, PATIENCE), "{args:?}");
        let more = program.peak_in_flight().filter(|peak| *peak > at_a_time);
        assert_eq!(more, None, "{args:?}: more than {at_a_time} at a time");
    }
}

#[test]
fn requests_are_at_work_at_the_same_time() {
    for args in ALL {
        behaviour::assert_at_work(&server(args), 3);
    }
}
