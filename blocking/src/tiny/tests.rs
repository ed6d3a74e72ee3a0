//! The inbox in this process, with deadlines short enough to see them pass.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use contract::LimitFlags;
use socket2::{Domain, Socket, Type};

use super::inbox::{Deadlines, Inbox};
use crate::{Shutdown, Work};

const PATIENCE: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(100);
const REQUEST: &str = "GET /bob HTTP/1.1\r\nHost: h\r\n\r\n";

const NEVER: Deadlines = Deadlines {
    idle: Duration::from_mins(10),
    write: Duration::from_mins(10),
    wake: Duration::from_mins(10),
    drain: Duration::from_secs(5),
};

/// Serves with one handler while `check` runs.
fn while_serving(deadlines: Deadlines, check: impl FnOnce(SocketAddr, &Inbox)) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let shutdown = Shutdown::new();
    let inbox = Inbox::open_with(listener, shutdown.clone(), deadlines).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| inbox.close_on_shutdown(1));
        scope.spawn(|| {
            while let Some(request) = inbox.next() {
                request.serve(&Work::default());
            }
        });
        let _stop_even_after_a_panic = StopOnDrop(&shutdown);
        check(addr, &inbox);
    });
}

struct StopOnDrop<'a>(&'a Shutdown);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.request();
    }
}

fn connect(addr: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn assert_answered(stream: &mut TcpStream) {
    stream.write_all(REQUEST.as_bytes()).unwrap();
    assert_greeted(stream);
}

fn assert_greeted(stream: &mut TcpStream) {
    let mut answer = Vec::new();
    while !answer.ends_with(b"Hello, bob!") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        answer.push(byte[0]);
    }
}

/// The library closes a connection in both directions: the client reads an end, or a reset.
fn assert_closed(stream: &mut TcpStream) {
    match stream.read(&mut [0]) {
        Ok(0) => {}
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_accept_that_gives_up_is_started_again_and_again() {
    // Nothing wakes accept, so it times out whenever nobody connects.
    let deadlines = Deadlines { idle: SHORT, ..NEVER };
    while_serving(deadlines, |addr, inbox| {
        for _ in 0..3 {
            let before = inbox.shared.current();
            while Arc::ptr_eq(&before, &inbox.shared.current()) {
                thread::yield_now();
            }
            assert_answered(&mut connect(addr));
        }
    });
}

#[test]
fn connections_outlive_the_generation_that_accepted_them() {
    while_serving(NEVER, |addr, inbox| {
        let mut old = connect(addr);
        assert_answered(&mut old);
        let before = inbox.shared.current();
        before.has_failed_with(std::io::Error::from_raw_os_error(24));
        while Arc::ptr_eq(&before, &inbox.shared.current()) {
            thread::yield_now();
        }
        drop(before);
        for _ in 0..20 {
            assert_answered(&mut connect(addr));
            assert_answered(&mut old);
        }
    });
}

#[test]
fn an_idle_accept_is_woken_before_it_gives_up() {
    let deadlines = Deadlines { idle: Duration::from_secs(2), wake: SHORT, ..NEVER };
    while_serving(deadlines, |addr, inbox| {
        let before = inbox.shared.current();
        // Closed for its silence: so the idle time has passed, once from the last real connection on.
        assert_closed(&mut connect(addr));
        assert_closed(&mut connect(addr));
        assert!(Arc::ptr_eq(&before, &inbox.shared.current()));
    });
}

#[test]
fn who_says_nothing_or_half_of_it_is_cut_off() {
    let deadlines = Deadlines { idle: SHORT, wake: SHORT / 2, ..NEVER };
    while_serving(deadlines, |addr, _| {
        for part in ["", "GET /b", "GET /bob HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab"] {
            let mut stream = connect(addr);
            stream.write_all(part.as_bytes()).unwrap();
            assert_closed(&mut stream);
        }
    });
}

#[test]
fn a_withheld_body_is_given_up_and_its_janitor_is_free() {
    let deadlines = Deadlines { idle: SHORT, wake: SHORT / 2, ..NEVER };
    while_serving(deadlines, |addr, inbox| {
        let mut stream = connect(addr);
        let head = "GET /bob HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
        inbox.janitors.wait_until_idle(Instant::now() + PATIENCE);
    });
}

#[test]
fn a_request_behind_one_whose_body_is_read_elsewhere_waits_its_turn() {
    while_serving(NEVER, |addr, _| {
        let head = "GET /bob HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
        let chunked = format!("{head}3\r\nabc\r\n0\r\n\r\n");
        // Which of the two reaches the handler first is a matter of luck: often enough to have it both ways.
        for _ in 0..300 {
            let mut stream = connect(addr);
            stream.write_all([&chunked, REQUEST, &chunked, REQUEST, REQUEST].concat().as_bytes()).unwrap();
            (0..5).for_each(|_| assert_greeted(&mut stream));
        }
    });
}

#[test]
fn who_does_not_read_holds_the_one_handler_for_the_write_deadline_only() {
    let deadlines = Deadlines { write: SHORT, ..NEVER };
    while_serving(deadlines, |addr, _| {
        let deaf = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        deaf.set_recv_buffer_size(4_096).unwrap();
        deaf.connect(&addr.into()).unwrap();
        let mut deaf = TcpStream::from(deaf);
        // Their answers are more than the buffers hold. The kernel may end the connection before all is sent.
        let _ = deaf.write_all(REQUEST.repeat(60_000).as_bytes());
        assert_answered(&mut connect(addr));
    });
}

#[test]
fn the_loopback_only() {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let refused = Inbox::open(listener, &LimitFlags::default(), Shutdown::new()).err().unwrap().to_string();
    assert!(refused.contains("--http hyper"), "{refused}");
}
