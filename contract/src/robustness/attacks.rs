//! The table of attacks, with the counts of a real attack.

use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use socket2::SockRef;

use crate::client::{Client, get};

/// What is done to the server.
pub(super) struct Attack {
    pub(super) name: &'static str,
    pub(super) run: fn(SocketAddr) -> Outcome,
}

/// What an attack has come to.
#[derive(Default)]
pub(super) struct Outcome {
    /// Connections that are still open.
    pub(super) held: Vec<TcpStream>,
    /// How many bytes the kernel has taken of those that were to be poured in: a server that stops reading takes few.
    pub(super) sent: usize,
}

/// How long a write may find no room before the attack is over: the server has stopped reading.
const STUCK: Duration = Duration::from_millis(200);

pub(super) const ATTACKS: &[Attack] = &[
    Attack { name: "a body of 10^12 bytes is announced", run: |addr| announce(addr, "1000000000000") },
    Attack { name: "a body of 2^63-1 bytes is announced", run: |addr| announce(addr, "9223372036854775807") },
    Attack {
        // Three times the four workers that tests give a pool.
        name: "12 bodies are withheld",
        run: |addr| {
            many(12, |_| open(addr, "POST /bob HTTP/1.1\r\nHost: test\r\nContent-Length: 5000\r\n\r\n12"))
        },
    },
    Attack {
        name: "12 bodies are withheld after the client was told to go on",
        run: |addr| {
            let head =
                "POST /bob HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n";
            many(12, |_| open(addr, head))
        },
    },
    Attack {
        name: "1,000 heads are begun",
        run: |addr| many(1_000, |_| open(addr, "GET /bob HTTP/1.1\r\nHost: te")),
    },
    Attack {
        name: "one header field has 100 MiB",
        run: |addr| pour(addr, b"GET /bob HTTP/1.1\r\nHost: test\r\nX-Long: ", &[b'x'; 1 << 20], 100),
    },
    Attack {
        name: "there are 10,000 header fields",
        run: |addr| pour(addr, b"GET /bob HTTP/1.1\r\nHost: test\r\n", b"X-Field: value\r\n", 10_000),
    },
    Attack {
        name: "400,000 requests are pipelined and no answer is read",
        run: |addr| pour(addr, b"", get("/bob").repeat(1_000).as_bytes(), 400),
    },
    Attack {
        name: "10,000 connections are reset after a request",
        run: |addr| {
            for _ in 0..10_000 {
                let stream = open(addr, get("/bob"));
                // Closing it sends a reset.
                SockRef::from(&stream).set_linger(Some(Duration::ZERO)).expect("a socket has this option");
            }
            // It is over when the server has come through those that it had not accepted yet, up to a backlog of them.
            let mut last = Client::connect(addr).expect("the server listens");
            assert_eq!(last.get("/bob").expect("the server comes so far").status, 200);
            Outcome::default()
        },
    },
];

fn many(count: usize, open: impl Fn(usize) -> TcpStream) -> Outcome {
    Outcome { held: (0..count).map(open).collect(), sent: 0 }
}

fn open(addr: SocketAddr, bytes: impl AsRef<[u8]>) -> TcpStream {
    let mut stream = TcpStream::connect(addr).expect("the server listens");
    // It may have ended this one already.
    let _ = stream.write_all(bytes.as_ref());
    stream
}

/// Ten clients each announce a body and are refused.
fn announce(addr: SocketAddr, length: &str) -> Outcome {
    for _ in 0..10 {
        let mut client = Client::connect(addr).expect("the server listens");
        let head = format!("GET /bob HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n");
        client.send(head).expect("it is open");
        assert_eq!(client.read().expect("it is answered").status, 413);
    }
    Outcome::default()
}

/// Sends `part` `times` over after `start`, until the server stops reading or ends the connection.
fn pour(addr: SocketAddr, start: &[u8], part: &[u8], times: usize) -> Outcome {
    let mut stream = open(addr, start);
    stream.set_write_timeout(Some(STUCK)).expect("it is not zero");
    let mut sent = start.len();
    for _ in 0..times {
        let mut left = part;
        while !left.is_empty() {
            match stream.write(left) {
                Ok(taken) => (sent, left) = (sent + taken, &left[taken..]),
                // Stuck: it stays as it is while the server is looked at.
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return Outcome { held: vec![stream], sent };
                }
                // Ended.
                Err(_) => return Outcome { held: Vec::new(), sent },
            }
        }
    }
    Outcome { held: vec![stream], sent }
}
