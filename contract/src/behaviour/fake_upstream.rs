//! An upstream that behaves as badly as it is told to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use crate::client::{PATIENCE, is_timeout};
use crate::limits;

/// What it does with each call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// Hands the call to the test, which answers it or does not.
    AsksTheTest,
    /// 404.
    NotFound,
    /// 200, and one byte more than is passed on.
    TooLong,
    /// 200, and bytes that are no text.
    NoText,
    /// 200, and half of the announced body.
    BreaksOff,
    /// 200, and half of the announced body; the other half never comes.
    StallsInBody,
    /// 200, and the announced body byte by byte, each in far less time than the whole takes.
    DripsBody,
    /// Something other than HTTP.
    Gibberish,
}

/// Between two bytes of a body that drips.
const DRIP: Duration = Duration::from_millis(50);

/// Of a body that drips, in bytes: it would take minutes, more than any test waits.
const DRIPPED: usize = 10_000;

/// A running one, for as long as the test process lives.
#[derive(Debug)]
pub struct FakeUpstream {
    addr: SocketAddr,
    calls: Receiver<Call>,
}

/// A call that waits for its answer.
#[derive(Debug)]
pub struct Call(TcpStream);

impl Call {
    /// Answers it with 200 and `body`.
    ///
    /// # Panics
    ///
    /// When the caller is gone.
    pub fn answer(mut self, body: &str) {
        write_answer(&mut self.0, "200 OK", body.len(), body.as_bytes());
    }
}

impl FakeUpstream {
    /// Starts one on a free port.
    ///
    /// # Panics
    ///
    /// When the loopback has none.
    #[must_use]
    pub fn start(habit: Habit) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        let addr = listener.local_addr().expect("it is bound");
        let (sender, calls) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if let Some(call) = take(stream, habit) {
                    // The test may be over already.
                    let _ = sender.send(call);
                }
            }
        });
        FakeUpstream { addr, calls }
    }

    /// What `--upstream` takes.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Waits until a call has arrived.
    ///
    /// # Panics
    ///
    /// When none does.
    #[must_use]
    pub fn next_call(&self) -> Call {
        self.calls.recv_timeout(PATIENCE).expect("the server calls its upstream")
    }
}

fn take(mut stream: TcpStream, habit: Habit) -> Option<Call> {
    let head_ends = BufReader::new(&stream).lines().map_while(Result::ok).any(|line| line.is_empty());
    if !head_ends {
        return None;
    }
    match habit {
        Habit::AsksTheTest => return Some(Call(stream)),
        Habit::NotFound => write_answer(&mut stream, "404 Not Found", 4, b"none"),
        Habit::TooLong => {
            let body = vec![b'x'; limits::UPSTREAM_BYTES + 1];
            write_answer(&mut stream, "200 OK", body.len(), &body);
        }
        Habit::NoText => write_answer(&mut stream, "200 OK", 2, &[0xFF, 0xFE]),
        Habit::BreaksOff => write_answer(&mut stream, "200 OK", 10, b"Hello"),
        Habit::StallsInBody => {
            write_answer(&mut stream, "200 OK", 10, b"Hello");
            thread::spawn(move || drip_until_left(&mut stream, b""));
        }
        Habit::DripsBody => {
            write_answer(&mut stream, "200 OK", DRIPPED, b"");
            thread::spawn(move || drip_until_left(&mut stream, &[b'x'; DRIPPED]));
        }
        Habit::Gibberish => drop(stream.write_all(b"220 mail.example ESMTP\r\n")),
    }
    None
}

/// Sends one of `bytes` after the other, and then nothing, until the caller goes away.
fn drip_until_left(stream: &mut TcpStream, bytes: &[u8]) {
    stream.set_read_timeout(Some(DRIP)).expect("it is not zero");
    let mut bytes = bytes.iter();
    // A caller that has asked says nothing more: reading is waiting, and ends with the connection.
    while let Err(error) = stream.read(&mut [0])
        && is_timeout(&error)
    {
        if let Some(byte) = bytes.next()
            && stream.write_all(&[*byte]).is_err()
        {
            return;
        }
    }
}

fn write_answer(stream: &mut TcpStream, status: &str, announced: usize, body: &[u8]) {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {announced}\r\nConnection: close\r\n\r\n");
    // A caller that has seen enough goes away before the end.
    let _ = stream.write_all(&[head.as_bytes(), body].concat());
}
