//! What this stack holds against hostile clients, as checks that both servers run on their own binaries.
//!
//! Raw sockets only, and every wait is for an answer or a line of the server's stderr, with a deadline.

use std::io::{BufRead, BufReader, PipeReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use contract::conformance::response::{Expecting, Response, ResponseReader};
use contract::program::{Program, ProgramError};

/// Far longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Within this time of relief a server is to serve again.
const RELIEF: Duration = Duration::from_secs(2);

/// Requests in flight get five seconds at a stop; the rest is for a busy machine.
const STOP: Duration = Duration::from_secs(8);

/// What the server says when it has lost its accept thread and cannot start another.
const STOPPED: &str = "has stopped accepting";

/// More connections than any server under test has handlers.
const MANY: usize = 12;

/// A server under test: the binary, and flags that give it fewer than twelve handlers.
#[derive(Debug, Clone, Copy)]
pub struct Suite<'a> {
    /// The server.
    pub binary: &'a Path,
    /// Flags besides the address.
    pub flags: &'a [&'a str],
}

impl Suite<'_> {
    /// Out of descriptors, by an error and by a panic of the accept thread: served again after relief.
    ///
    /// # Panics
    ///
    /// When the server does not hold; the message says where.
    pub fn assert_accept_survives(&self) {
        let by_error = |reason: &String| reason.contains("os error 24)) and");
        let by_panic = |reason: &String| reason.contains("has ended) and");
        let mut reasons = Vec::new();
        // Which of its two ends the thread meets depends on whether the last free descriptor is the first or the second
        // of a connection, and so on what else is open at that moment.
        for limit in 40..56 {
            reasons.push(self.exhaust_and_relieve(limit));
            if reasons.iter().any(by_error) && reasons.iter().any(by_panic) {
                return;
            }
        }
        panic!("one of the two ends was never met: {reasons:?}");
    }

    fn exhaust_and_relieve(&self, limit: usize) -> String {
        let mut server = self.start_with_descriptors(limit);
        let mut old = server.client();
        old.expect_greeting();
        let crowd: Vec<_> = (0..limit).map(|_| server.connect()).collect();
        let reason = server.wait_for_line(STOPPED);
        old.expect_greeting();
        drop(crowd);
        let relieved = Instant::now();
        server.client().expect_greeting();
        assert!(relieved.elapsed() < RELIEF, "{:?} after relief", relieved.elapsed());
        // Its connection belongs to the generation that has ended.
        old.expect_greeting();
        server.expect_running();
        server.expect_good_stop();
        reason
    }

    /// A stop is obeyed though no descriptor is left, with requests waiting that nobody accepts.
    ///
    /// # Panics
    ///
    /// When the server does not hold; the message says where.
    pub fn assert_stops_without_descriptors(&self) {
        let mut server = self.start_with_descriptors(40);
        let crowd: Vec<_> = (0..40).map(|_| server.client()).collect();
        server.wait_for_line(STOPPED);
        for mut client in crowd {
            // Those that were accepted last may have been closed again.
            let _ = client.0.source_mut().write_all(b"GET /bob HTTP/1.1\r\nHost: h\r\n\r\n");
        }
        server.expect_running();
        server.expect_good_stop();
    }

    fn start_with_descriptors(&self, limit: usize) -> Server {
        let mut shell = Command::new("sh");
        let script = format!("ulimit -n {limit}; exec \"$0\" \"$@\"");
        shell.arg("-c").arg(script).arg(self.binary);
        Server::start(shell, self.flags)
    }

    /// Bodies that are announced and do not come hold up nobody but their sender.
    ///
    /// # Panics
    ///
    /// When the server does not hold; the message says where.
    pub fn assert_withheld_bodies_hold_nobody(&self) {
        let mut server = Server::start(Command::new(self.binary), self.flags);
        let mut held = Vec::new();
        for (fields, status) in [
            ("Content-Length: 2000", Some(200)),
            ("Content-Length: 65537", Some(413)),
            ("Content-Length: 65537\r\nExpect: 100-continue", Some(413)),
            ("Content-Length: 20\r\nExpect: 100-continue", None),
            ("Transfer-Encoding: chunked", None),
            ("Connection: upgrade\r\nContent-Length: 20", Some(200)),
        ] {
            for _ in 0..MANY {
                let mut client = server.client();
                client.expect_greeting();
                client.send(&format!("GET /bob HTTP/1.1\r\nHost: h\r\n{fields}\r\n\r\n"));
                if let Some(status) = status {
                    assert_eq!(client.receive().status, status, "{fields}");
                }
                held.push(client);
            }
            server.client().expect_greeting();
        }
        // A body that comes late all the same is dropped, and the connection is good for another request.
        held[0].send(&"x".repeat(2_000));
        held[0].expect_greeting();
        let mut chunked = held.swap_remove(4 * MANY);
        chunked.send("3\r\nabc\r\n0\r\n\r\n");
        assert_eq!(chunked.receive().status, 200);
        chunked.expect_greeting();
        server.expect_running();
        server.expect_good_stop();
    }

    /// Lengths that no machine can allocate are refused, and the process lives on.
    ///
    /// # Panics
    ///
    /// When the server does not hold; the message says where.
    pub fn assert_huge_bodies_are_refused(&self) {
        let mut server = Server::start(Command::new(self.binary), self.flags);
        for (fields, status) in [
            ("Content-Length: 1000000000000", 413),
            ("Content-Length: 9223372036854775807", 413),
            ("Content-Length: 18446744073709551615", 413),
            ("Content-Length: 1000000000000\r\nExpect: 100-continue", 413),
            ("Content-Length: 1000000000000\r\nContent-Length: 5", 400),
            ("Content-Length: 1000000000000\r\nConnection: close", 413),
        ] {
            for end in ["", "and some of it"] {
                let mut client = server.client();
                client.send(&format!("POST /bob HTTP/1.1\r\nHost: h\r\n{fields}\r\n\r\n{end}"));
                let answer = client.receive();
                assert_eq!(answer.status, status, "{fields}");
                assert!(answer.body.ends_with(b"."), "{answer:?}");
                drop(client);
                server.client().expect_greeting();
            }
        }
        server.expect_running();
        server.expect_good_stop();
    }

    /// An address that others can reach is refused before anything listens there, and the way out is named.
    ///
    /// # Panics
    ///
    /// When the server does not refuse it.
    pub fn assert_loopback_only(&self) {
        for addr in ["0.0.0.0:0", "[::]:0"] {
            let (mut stderr, writer) = std::io::pipe().expect("a pipe");
            let mut command = Command::new(self.binary);
            command.args(["--http", "tiny-http", "--addr", addr]).stderr(writer);
            match Program::start(&mut command, PATIENCE) {
                Err(ProgramError::EndedEarly(status)) => assert_eq!(status.code(), Some(1)),
                other => panic!("{addr} was not refused: {other:?}"),
            }
            // Closes this process's end of the pipe, the last one that is open.
            drop(command);
            let mut said = String::new();
            stderr.read_to_string(&mut said).expect("it is text");
            assert_eq!(said.lines().count(), 1, "{said}");
            assert!(said.contains("--http hyper") && said.contains(addr), "{said}");
        }
    }
}

struct Server {
    program: Program,
    addr: SocketAddr,
    stderr: Receiver<String>,
}

impl Server {
    fn start(mut command: Command, flags: &[&str]) -> Self {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        command.args(["--http", "tiny-http", "--addr", "127.0.0.1:0"]);
        command.args(flags).stderr(writer);
        let program = Program::start(&mut command, PATIENCE).expect("it starts");
        let addr = program.ready().addr;
        Server { program, addr, stderr: lines_of(reader) }
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(self.addr).expect("the kernel's queue has room")
    }

    fn client(&self) -> Client {
        let stream = self.connect();
        stream.set_read_timeout(Some(PATIENCE)).expect("not zero");
        Client(ResponseReader::new(stream))
    }

    fn wait_for_line(&self, part: &str) -> String {
        loop {
            let line = self.stderr.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("no line with {part:?} came"));
            if line.contains(part) {
                return line;
            }
        }
    }

    fn expect_running(&mut self) {
        assert_eq!(self.program.has_ended().expect("it is a child"), None);
    }

    fn expect_good_stop(self) {
        let asked = Instant::now();
        let status = self.program.stop(PATIENCE).expect("it stops");
        assert_eq!(status.code(), Some(0), "{status}");
        assert!(asked.elapsed() < STOP, "the stop took {:?}", asked.elapsed());
    }
}

struct Client(ResponseReader<TcpStream>);

impl Client {
    fn send(&mut self, text: &str) {
        self.0.source_mut().write_all(text.as_bytes()).expect("it is open");
    }

    fn receive(&mut self) -> Response {
        self.0.read_response(Expecting::Body).expect("an answer comes")
    }

    fn expect_greeting(&mut self) {
        self.send("GET /bob HTTP/1.1\r\nHost: h\r\n\r\n");
        let answer = self.receive();
        assert_eq!((answer.status, answer.body.as_slice()), (200, &b"Hello, bob!"[..]));
    }
}

fn lines_of(pipe: PipeReader) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        // Read to the end even when nobody listens: a full pipe would block the server.
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    receiver
}
