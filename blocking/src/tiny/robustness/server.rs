//! The server under test as a process, and its clients.

use std::io::{BufRead, BufReader, PipeReader};
use std::net::SocketAddr;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use contract::client::{Client, PATIENCE};
use contract::conformance::response::Response;
use contract::program::Program;

/// Requests in flight get five seconds at a stop; the rest is for a busy machine.
const STOP: Duration = Duration::from_secs(8);

/// A running server, and what it says on stderr.
pub(super) struct Server {
    program: Program,
    addr: SocketAddr,
    stderr: Receiver<String>,
}

impl Server {
    pub(super) fn start(command: Command, flags: &[&str]) -> Self {
        Server::try_start(command, flags).expect("it starts")
    }

    pub(super) fn try_start(mut command: Command, flags: &[&str]) -> Option<Self> {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        command.args(["--http", "tiny-http", "--addr", "127.0.0.1:0"]);
        command.args(flags).stderr(writer);
        let program = Program::start(&mut command, PATIENCE).ok()?;
        let addr = program.ready().addr;
        Some(Server { program, addr, stderr: lines_of(reader) })
    }

    pub(super) fn client(&self) -> Client {
        Client::connect(self.addr).expect("the kernel's queue has room")
    }

    pub(super) fn expect_greeting(&self) {
        expect_greeting(&mut self.client());
    }

    pub(super) fn wait_for_line(&self, part: &str) -> String {
        loop {
            let line = self.stderr.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("no line with {part:?} came"));
            if line.contains(part) {
                return line;
            }
        }
    }

    pub(super) fn expect_running(&mut self) {
        assert_eq!(self.program.has_ended().expect("it is a child"), None);
    }

    pub(super) fn expect_good_stop(self) {
        let asked = Instant::now();
        let status = self.program.stop(PATIENCE).expect("it stops");
        assert_eq!(status.code(), Some(0), "{status}");
        assert!(asked.elapsed() < STOP, "the stop took {:?}", asked.elapsed());
    }
}

/// Sends `text`; the connection is one that the server keeps open.
pub(super) fn send(client: &mut Client, text: &str) {
    client.send(text).expect("it is open");
}

pub(super) fn receive(client: &mut Client) -> Response {
    client.read().expect("an answer comes")
}

pub(super) fn expect_greeting(client: &mut Client) {
    let answer = client.get("/bob").expect("an answer comes");
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"Hello, bob!"[..]));
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
