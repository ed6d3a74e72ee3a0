//! When a connection reads on: exactly as long as the socket may hold more that no event will tell of.

use std::io::Write;
use std::net::TcpListener;
use std::time::Duration;

use mio::{Events, Poll};

use super::*;
use crate::first_answer;
use crate::plan::Plan;
use crate::target::Target;

const BODY: &str = "Hello, World!";
/// No machine is that slow; a test that waits longer has failed.
const PATIENCE: Duration = Duration::from_mins(1);

/// A connection on which a request has been sent, and the server's end of it.
struct Pair {
    connection: Connection,
    exchange: Exchange,
    poll: Poll,
    peer: std::net::TcpStream,
}

impl Pair {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let addr = listener.local_addr().expect("a bound socket");
        let plan = Plan::new(Target::parse(&format!("http://{addr}/World")).expect("a good URL"));
        let exchange = first_answer::exchange(&plan, BODY.as_bytes()).expect("a plan for one path");
        let poll = Poll::new().expect("an event queue");
        let stream = std::net::TcpStream::connect(addr).expect("a listener");
        stream.set_nonblocking(true).expect("a socket");
        let stream = TcpStream::from_std(stream);
        let mut connection = Connection::idle(Token(0), stream, poll.registry()).expect("a socket");
        let (peer, _) = listener.accept().expect("a connection");
        peer.set_nodelay(true).expect("a socket");
        connection.ask(Instant::now(), 0, &exchange, poll.registry()).expect("a peer");
        let mut pair = Self { connection, exchange, poll, peer };
        // Takes the event that tells of the new socket, so that the next one tells of the answer.
        assert!(matches!(pair.next(&mut [0; 64]), Step::Waiting));
        pair
    }

    /// Sends bytes, and waits until they lie in the connection's socket, all of them.
    fn send(&mut self, bytes: &[u8]) {
        self.peer.write_all(bytes).expect("a peer");
        let started = Instant::now();
        let mut seen = vec![0; bytes.len()];
        let stream = self.connection.stream.as_ref().expect("an open connection");
        while !matches!(stream.peek(&mut seen), Ok(count) if count == bytes.len()) {
            assert!(started.elapsed() < PATIENCE);
            std::thread::yield_now();
        }
    }

    /// What the next event amounts to.
    fn next(&mut self, buffer: &mut [u8]) -> Step {
        let mut events = Events::with_capacity(8);
        self.poll.poll(&mut events, Some(PATIENCE)).expect("an event queue");
        let event = events.iter().next().expect("an event");
        self.connection.advance(event, buffer, &self.exchange)
    }
}

fn answer() -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{BODY}", BODY.len()).into_bytes()
}

#[test]
fn a_buffer_that_was_filled_is_followed_by_another_read() {
    let answer = answer();
    // One byte more than the buffer, and no event but the one.
    for length in [answer.len() - 1, answer.len() / 2, 1 + answer.len() / 3] {
        let mut pair = Pair::new();
        pair.send(&answer);
        let step = pair.next(&mut vec![0; length]);
        assert!(matches!(step, Step::Answered { verdict: Ok(()), .. }), "{length}: {step:?}");
    }
}

#[test]
fn a_buffer_that_was_filled_by_the_last_byte_is_an_answer() {
    let answer = answer();
    let mut pair = Pair::new();
    pair.send(&answer);
    let step = pair.next(&mut vec![0; answer.len()]);
    assert!(matches!(step, Step::Answered { verdict: Ok(()), .. }), "{step:?}");
}

#[test]
fn a_buffer_that_was_filled_by_a_part_waits_for_the_rest() {
    let answer = answer();
    let (part, rest) = answer.split_at(40);
    let mut pair = Pair::new();
    pair.send(part);
    let mut buffer = vec![0; part.len()];
    assert!(matches!(pair.next(&mut buffer), Step::Waiting));
    pair.send(rest);
    let step = pair.next(&mut buffer);
    assert!(matches!(step, Step::Answered { verdict: Ok(()), .. }), "{step:?}");
}

#[test]
fn a_peer_that_never_stops_leaves_others_their_turn() {
    let mut pair = Pair::new();
    pair.send(b"HTTP/1.1 200 OK\r\n\r\nHello, World! And so on, and so on, and so on.");
    // One byte a read: the reads of a turn are used up before the bytes.
    assert!(matches!(pair.next(&mut [0]), Step::More));
}
