//! What this stack holds against hostile clients, as checks that both servers run on their own binaries.
//!
//! Raw sockets only, and every wait is for an answer or a line of the server's stderr, with a deadline.

mod server;

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use contract::client::{Client, PATIENCE, get};
use contract::program::{Program, ProgramError};

use server::{Server, expect_greeting, receive, send};

/// Within this time of relief a server is to serve again.
const RELIEF: Duration = Duration::from_secs(2);

/// What the server says when it has lost its accept thread and cannot start another.
const STOPPED: &str = "has stopped accepting";

/// What it says too, when it could start another at once.
const STOPPED_OR_AGAIN: &str = "stopped accepting";

/// A user that no system gives to anybody.
const OTHERWISE_UNUSED_UID: u32 = 61_997;

/// More threads than a server under test has before the first connection.
const MANY_THREADS: usize = 24;

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
        expect_greeting(&mut old);
        let crowd: Vec<_> = (0..limit).map(|_| server.client()).collect();
        let reason = server.wait_for_line(STOPPED);
        expect_greeting(&mut old);
        drop(crowd);
        let relieved = Instant::now();
        server.expect_greeting();
        assert!(relieved.elapsed() < RELIEF, "{:?} after relief", relieved.elapsed());
        // Its connection belongs to the generation that has ended.
        expect_greeting(&mut old);
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
            let _ = client.send(get("/bob"));
        }
        server.expect_running();
        server.expect_good_stop();
    }

    /// Out of threads: the connection that gets none is lost, and service is back after relief. The kernel bounds threads for
    /// ordinary users only, so it takes a superuser to become one with nothing else running; without, says so and returns.
    ///
    /// # Panics
    ///
    /// When the server does not hold; the message says where.
    pub fn assert_failed_threads_are_survived(&self) {
        let mut limited = Command::new("prlimit");
        limited.arg(format!("--nproc={MANY_THREADS}")).arg(self.binary).uid(OTHERWISE_UNUSED_UID);
        let Some(mut server) = Server::try_start(limited, self.flags) else {
            return eprintln!(
                "skipped: a server out of threads needs prlimit, a superuser, and a binary that others may run"
            );
        };
        let mut old = server.client();
        expect_greeting(&mut old);
        // In a burst the library gives several one thread, so each comes when the one before it is served, until one is not.
        let mut crowd = Vec::new();
        while crowd.last_mut().is_none_or(|last: &mut Client| last.get("/bob").is_ok()) {
            assert!(crowd.len() < MANY_THREADS, "it was to be out of threads");
            crowd.push(server.client());
        }
        server.wait_for_line(STOPPED_OR_AGAIN);
        expect_greeting(&mut old);
        drop(crowd);
        let relieved = Instant::now();
        server.expect_greeting();
        assert!(relieved.elapsed() < RELIEF, "{:?} after relief", relieved.elapsed());
        expect_greeting(&mut old);
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
                expect_greeting(&mut client);
                send(&mut client, &format!("GET /bob HTTP/1.1\r\nHost: h\r\n{fields}\r\n\r\n"));
                if let Some(status) = status {
                    assert_eq!(receive(&mut client).status, status, "{fields}");
                }
                held.push(client);
            }
            server.expect_greeting();
        }
        // A body that comes late all the same is dropped, and the connection is good for another request.
        send(&mut held[0], &"x".repeat(2_000));
        expect_greeting(&mut held[0]);
        let mut chunked = held.swap_remove(4 * MANY);
        send(&mut chunked, "3\r\nabc\r\n0\r\n\r\n");
        assert_eq!(receive(&mut chunked).status, 200);
        expect_greeting(&mut chunked);
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
                send(&mut client, &format!("POST /bob HTTP/1.1\r\nHost: h\r\n{fields}\r\n\r\n{end}"));
                let answer = receive(&mut client);
                assert_eq!(answer.status, status, "{fields}");
                assert!(answer.body.ends_with(b"."), "{answer:?}");
                drop(client);
                server.expect_greeting();
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
