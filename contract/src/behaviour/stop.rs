//! What happens to answers in flight when a signal asks for the stop.

use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::{FakeUpstream, Habit, Server};
use crate::client::{Client, PATIENCE};
use crate::program::Program;

/// Asserts that a second head of which a part had come by the stop may come to its end, and is answered.
///
/// # Panics
///
/// When it does otherwise.
pub fn assert_begun_heads_are_answered(server: &Server<'_>) {
    let mut program = server.start(&["--drain-timeout", "1m"]);
    let mut client = Client::connect(program.ready().addr).expect("it listens");
    assert_eq!(client.get("/alice").expect("it is answered").status, 200, "{:?}", server.args);
    client.send("GET /bob HTTP/1.1\r\nHo").expect("it is open");
    ask_to_stop(&program);
    client.send("st: test\r\n\r\n").expect("it is open");
    let answer = client.read().expect("it is answered");
    assert_eq!(answer.body, b"Hello, bob!", "{:?}", server.args);
    assert_eq!(answer.field("connection"), Some("close"), "{:?}", server.args);
    let status = program.wait(PATIENCE).expect("it is this process's child");
    assert_eq!(status.and_then(|status| status.code()), Some(0), "{:?}", server.args);
}

/// Asserts of a server whose HTTP library lets it that a message of which a part had come by the stop may come to its end, and is
/// answered, but not after the drain timeout.
///
/// # Panics
///
/// When it does otherwise.
pub fn assert_begun_messages_are_answered(server: &Server<'_>) {
    for (drain, is_answered) in [("1m", true), ("300ms", false)] {
        let mut program = server.start(&["--drain-timeout", drain, "--header-timeout", "2m"]);
        let mut client = Client::connect(program.ready().addr).expect("it listens");
        let head = "GET /bob HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n";
        client.send(head).expect("it is open");
        // From then on it waits for the body.
        assert_eq!(client.read_any().expect("it asks for the body").status, 100, "{:?}", server.args);
        client.send("12345").expect("it is open");
        ask_to_stop(&program);
        if is_answered {
            client.send("67890").expect("it is open");
            let answer = client.read().expect("it is answered");
            assert_eq!(answer.body, b"Hello, bob!", "{:?}", server.args);
        } else {
            client.read().expect_err("half a body is no request, and no reason to call it a wrong one");
        }
        client.wait_for_end().expect("the connection ends too");
        let status = program.wait(PATIENCE).expect("it is this process's child");
        assert_eq!(status.and_then(|status| status.code()), Some(0), "{:?}", server.args);
    }
}

/// Asserts that a stop is heeded while the only request blocks the thread that it is on, for an hour: the server ends after its
/// drain timeout all the same.
///
/// # Panics
///
/// When it does otherwise.
pub fn assert_blocked_threads_do_not_hold(server: &Server<'_>) {
    let flags = ["--io-wait", "1h", "--tell-peak", "--drain-timeout", "300ms"];
    let mut program = server.start(&flags);
    let mut client = Client::connect(program.ready().addr).expect("it listens");
    client.send(crate::client::get("/bob")).expect("it is open");
    assert!(program.waits_for_peak(1, PATIENCE), "{:?}: the request is not at work", server.args);
    program.signal(Signal::SIGTERM).expect("it runs");
    let status = program.wait(PATIENCE).expect("it is this process's child");
    assert_eq!(status.and_then(|status| status.code()), Some(0), "{:?}", server.args);
}

/// Asserts that after SIGTERM nobody new is served, answers in flight finish, nobody is waited for beyond the drain
/// timeout, and a second signal ends at once.
///
/// # Panics
///
/// When it does otherwise.
pub fn assert_stop(server: &Server<'_>) {
    assert_in_flight_is_answered(server);
    assert_drain_timeout(server);
    assert_second_signal(server);
    assert_idle_does_not_hold(server);
}

fn assert_in_flight_is_answered(server: &Server<'_>) {
    let (mut program, upstream, mut client) = in_flight(server, "1m");
    let call = upstream.next_call();
    ask_to_stop(&program);
    call.answer("Hello, drained!");
    let answer = client.read().expect("an answer in flight is finished");
    assert_eq!(answer.body, b"Hello, drained!");
    drop(client);
    let status = program.wait(PATIENCE).expect("it is this process's child");
    assert_eq!(status.and_then(|status| status.code()), Some(0), "{:?}", server.args);
}

fn assert_drain_timeout(server: &Server<'_>) {
    let (mut program, upstream, _client) = in_flight(server, "300ms");
    let _never_answered = upstream.next_call();
    let start = Instant::now();
    ask_to_stop(&program);
    let status = program.wait(PATIENCE).expect("it is this process's child");
    assert_eq!(status.and_then(|status| status.code()), Some(0), "{:?}", server.args);
    let took = start.elapsed();
    assert!(took < Duration::from_secs(5), "{:?}: {took:?}", server.args);
}

fn assert_second_signal(server: &Server<'_>) {
    let (mut program, upstream, _client) = in_flight(server, "1m");
    let _never_answered = upstream.next_call();
    ask_to_stop(&program);
    program.signal(Signal::SIGTERM).expect("it is still there");
    let status = program.wait(PATIENCE).expect("it is this process's child");
    let signal = status.and_then(|status| status.signal());
    assert_eq!(signal, Some(Signal::SIGTERM as i32), "{:?}", server.args);
}

/// A connection has nothing in flight that is kept alive, or has sent nothing yet.
fn assert_idle_does_not_hold(server: &Server<'_>) {
    for is_kept_alive in [true, false] {
        let mut program = server.start(&["--drain-timeout", "1m"]);
        let mut client = Client::connect(program.ready().addr).expect("it listens");
        if is_kept_alive {
            assert_eq!(client.get("/bob").expect("it answers").status, 200);
        }
        ask_to_stop(&program);
        let status = program.wait(PATIENCE).expect("it is this process's child");
        assert_eq!(status.and_then(|status| status.code()), Some(0), "{:?}", server.args);
    }
}

/// A server whose upstream has, or is about to have, the call of a client's request.
fn in_flight(server: &Server<'_>, drain: &str) -> (Program, FakeUpstream, Client) {
    let upstream = FakeUpstream::start(Habit::AsksTheTest);
    let flags = ["--upstream", &upstream.url(), "--upstream-timeout", "1m", "--drain-timeout", drain];
    let program = server.start(&flags);
    let mut client = Client::connect(program.ready().addr).expect("it listens");
    client.send(crate::client::get("/bob")).expect("it is open");
    (program, upstream, client)
}

/// Sends SIGTERM and waits until nobody listens any more, which shows that it was heeded.
///
/// # Panics
///
/// When it goes on listening.
pub fn ask_to_stop(program: &Program) {
    program.signal(Signal::SIGTERM).expect("it runs");
    let start = Instant::now();
    // The port can be listened on again once nobody does. Connections, to see whether they are accepted, would be a crowd before
    // which slow clients give way.
    while crate::listen(program.ready().addr).is_err() {
        assert!(start.elapsed() < PATIENCE, "it still accepts connections");
    }
}
