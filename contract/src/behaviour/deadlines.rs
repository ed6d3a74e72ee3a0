//! Clients that are slow, silent, or do not take their answers are cut off, each by its own deadline.

use std::io::Write;
use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use super::{Server, alone};
use crate::client::{Client, PATIENCE, get, is_end};

const HEADER: Duration = Duration::from_millis(300);
const IDLE: Duration = Duration::from_millis(900);
const FLAGS: [&str; 6] = ["--header-timeout", "300ms", "--idle-timeout", "900ms", "--write-timeout", "300ms"];

/// How much earlier than its deadline a client may see the end: it begins to count a little later than the server.
const EARLY: Duration = Duration::from_millis(50);

/// How often a deadline may seem to be late before it is.
const TRIES: usize = 3;

/// What is cut off, by which deadline, and how to see it: runs until the end and says how long that took.
type Case = (&'static str, Duration, fn(SocketAddr) -> Duration);

/// Asserts that each deadline ends what it should, not before its time, and that the server goes on.
///
/// # Panics
///
/// When it does otherwise.
pub fn assert_deadlines(server: &Server<'_>) {
    let _alone = alone();
    let program = server.start(&FLAGS);
    let addr = program.ready().addr;
    let cases: [Case; 6] = [
        ("a fresh connection that is silent", IDLE, |addr| end_of(&mut connect(addr))),
        ("a kept-alive connection that is silent", IDLE, |addr| end_of(&mut answered(addr))),
        ("a head that drips", HEADER, |addr| drip(connect(addr))),
        ("a second head that drips", HEADER, |addr| drip(answered(addr))),
        ("a head that follows a whole request", HEADER, |addr| {
            let mut client = connect(addr);
            client.send(get("/bob") + "GET /").expect("it is open");
            client.read().expect("the first is answered");
            end_of(&mut client)
        }),
        ("a body that is withheld", HEADER, |addr| {
            let mut client = connect(addr);
            let head = "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n";
            client.send(head).expect("it is open");
            end_of(&mut client)
        }),
    ];
    for (what, deadline, run) in cases {
        // Well before the next longer deadline, if there is one. Whoever keeps that one is late each time, a busy machine is not.
        let mut ended = run(addr);
        for _ in 1..TRIES {
            if deadline == IDLE || ended + EARLY < IDLE {
                break;
            }
            ended = run(addr);
        }
        assert!(ended + EARLY >= deadline, "{:?}: {what} ended after {ended:?}", server.args);
        assert!(deadline == IDLE || ended + EARLY < IDLE, "{:?}: {what} ended after {ended:?}", server.args);
        answered(addr);
    }
    assert_unread_answers_end(addr);
    answered(addr);
}

/// Asserts that limits which the stack cannot keep are named in one line of stderr.
///
/// # Panics
///
/// When they are not.
pub fn assert_no_effect_is_told(server: &Server<'_>, flags: &[&str]) {
    // Not even started for good: an address that cannot be had ends it after the warning.
    let mut command = Command::new(server.binary);
    command.args(server.args).args(["--addr", "192.0.2.1:1"]);
    for flag in flags {
        let value = if *flag == "--max-connections" { "9" } else { "9s" };
        command.args([*flag, value]);
    }
    let output = command.output().expect("the binary was built with the tests");
    let stderr = String::from_utf8_lossy(&output.stderr);
    let warning = stderr.lines().find(|line| line.contains("no effect")).unwrap_or_default();
    for flag in flags {
        assert!(warning.contains(flag), "{:?}: {flag} is not named: {stderr}", server.args);
    }
}

fn connect(addr: SocketAddr) -> Client {
    Client::connect(addr).expect("it listens")
}

fn answered(addr: SocketAddr) -> Client {
    let mut client = connect(addr);
    assert_eq!(client.get("/bob").expect("it answers").status, 200);
    client
}

fn end_of(client: &mut Client) -> Duration {
    client.wait_for_end().expect("the deadline ends it")
}

fn drip(mut client: Client) -> Duration {
    let pause = HEADER / 6;
    client.send("G").expect("it is open");
    let bytes = format!("ET / HTTP/1.1\r\nX-Drip: {}", "d".repeat(1_000));
    client.wait_for_end_dripping(pause, bytes.as_bytes()).expect("a drip does not put the deadline off")
}

/// A client that asks and asks and reads nothing, until both sides' buffers are full: the server ends it.
fn assert_unread_answers_end(addr: SocketAddr) {
    let mut client = connect(addr);
    let requests = get("/bob").repeat(1_000);
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        match client.stream().write(requests.as_bytes()) {
            Ok(_) => {}
            Err(error) if is_end(&error) => return,
            Err(error) => panic!("the write deadline does not end it: {error}"),
        }
    }
    panic!("the server takes requests without end, and holds the answers");
}
