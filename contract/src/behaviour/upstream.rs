//! An upstream that is well, down, slow or wrong.

use std::net::Ipv4Addr;

use socket2::{Domain, Socket, Type};

use super::{FakeUpstream, Habit, Server};
use crate::client::Client;
use crate::conformance::run_golden;

/// Asserts that the server greets with what its upstream says, says so in one sentence when there is nothing to pass on,
/// and lives on.
///
/// # Panics
///
/// When it does otherwise.
pub fn assert_upstream(server: &Server<'_>) {
    assert_same_bytes(server);
    assert_down(server);
    for habit in [Habit::NotFound, Habit::TooLong, Habit::NoText, Habit::BreaksOff, Habit::Gibberish] {
        let upstream = FakeUpstream::start(habit);
        assert_refusal(server, (&upstream.url(), "1m"), 502, &format!("{habit:?}"));
    }
    // One deadline over head and body: the last would be answered in minutes else, if each byte had its own.
    for habit in [Habit::AsksTheTest, Habit::StallsInBody, Habit::DripsBody] {
        let upstream = FakeUpstream::start(habit);
        assert_refusal(server, (&upstream.url(), "300ms"), 504, &format!("{habit:?}"));
    }
}

/// One of our servers behind another: the answers are those of one alone.
fn assert_same_bytes(server: &Server<'_>) {
    let behind = server.start(&["--io-wait", "1ms"]);
    let url = format!("http://{}/", behind.ready().addr);
    let front = server.start(&["--upstream", &url, "--io-wait", "1ms", "--cpu-work", "100us"]);
    let golden = run_golden(front.ready().addr);
    assert!(golden.passed(), "{:?}: {golden}", server.args);
}

fn assert_down(server: &Server<'_>) {
    // Bound and not listening: connections are refused, and nobody else can have the port meanwhile.
    let held = Socket::new(Domain::IPV4, Type::STREAM, None).expect("the kernel has a socket");
    held.bind(&std::net::SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())
        .expect("loopback has a free port");
    let addr = held.local_addr().ok().and_then(|addr| addr.as_socket()).expect("it is bound");
    assert_refusal(server, (&format!("http://{addr}"), "1m"), 502, "down");
}

fn assert_refusal(server: &Server<'_>, (url, timeout): (&str, &str), status: u16, what: &str) {
    let program = server.start(&["--upstream", url, "--upstream-timeout", timeout]);
    let mut client = Client::connect(program.ready().addr).expect("it listens");
    // Twice on one connection: it lives on, and so does the connection.
    for round in 1..=2 {
        let answer = client.get("/bob").unwrap_or_else(|error| panic!("{what}, {round}: {error}"));
        let body = String::from_utf8_lossy(&answer.body);
        assert_eq!(answer.status, status, "{:?}, {what}: {body}", server.args);
        assert!(body.ends_with('.') && body.contains("upstream"), "{what}: {body}");
    }
    let refused = client.get("/a/b").expect("a refusal needs no upstream");
    assert_eq!(refused.status, 404);
}
