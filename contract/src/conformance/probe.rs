//! The kit's side of a connection: a socket on which every wait ends at the case's deadline.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::expect;
use super::failure::{Failure, quote};
use super::request::Request;
use super::response::{Expecting, ReadError, Response, ResponseReader};

/// Long enough for a server to take up what has arrived, short enough for a kit that runs before every trial.
const SILENCE: Duration = Duration::from_millis(1);

/// Where a case finds the server, and how long it may take in all.
#[derive(Debug)]
pub(super) struct Probe {
    address: SocketAddr,
    timeout: Duration,
    deadline: Instant,
}

impl Probe {
    /// The time of the case runs from here.
    pub(super) fn new(address: SocketAddr, timeout: Duration) -> Self {
        Self { address, timeout, deadline: Instant::now() + timeout }
    }

    pub(super) fn connect(&self) -> Result<Connection, Failure> {
        let failed = |source| Failure::Connect { address: self.address, source };
        let left = left_until(self.deadline).map_err(failed)?;
        let stream = TcpStream::connect_timeout(&self.address, left).map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        let reader = ResponseReader::new(TimedStream { stream, deadline: self.deadline });
        Ok(Connection { reader, timeout: self.timeout })
    }

    /// Sends `bytes` on a connection of their own and says what was answered first.
    pub(super) fn send(&self, bytes: &[u8]) -> Result<(Connection, Response), Failure> {
        let mut connection = self.connect()?;
        connection.send(bytes)?;
        let response = connection.receive()?;
        Ok((connection, response))
    }

    /// One request and its answer on a connection of their own.
    pub(super) fn ask(&self, request: &Request) -> Result<Response, Failure> {
        self.connect()?.ask(request)
    }
}

/// One connection to the server; it closes when dropped.
#[derive(Debug)]
pub(super) struct Connection {
    reader: ResponseReader<TimedStream>,
    timeout: Duration,
}

impl Connection {
    pub(super) fn ask(&mut self, request: &Request) -> Result<Response, Failure> {
        self.send(&request.to_bytes())?;
        self.receive_answer_to(request)
    }

    pub(super) fn send(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match self.reader.source_mut().write_all(bytes) {
            // A server may answer and close before it has read everything: the answer counts.
            Err(error)
                if matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) =>
            {
                Ok(())
            }
            Err(source) if ran_out(&source) => {
                Err(Failure::Deadline { deadline: self.timeout, came: quote(self.reader.unread()) })
            }
            sent => sent.map_err(Failure::Send),
        }
    }

    /// Sends one byte a write, and makes sure that they do not all arrive as one.
    pub(super) fn send_byte_by_byte(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        // The network may join writes that follow each other closely: a few waits keep the pieces apart.
        let waits = [0, bytes.len() / 2, bytes.len() - 2];
        for (at, byte) in bytes.iter().enumerate() {
            self.send(&[*byte])?;
            if waits.contains(&at) {
                self.expect_silence()?;
            }
        }
        Ok(())
    }

    /// Nothing may come before the request is complete.
    fn expect_silence(&mut self) -> Result<(), Failure> {
        let deadline = self.reader.source_mut().deadline;
        self.reader.source_mut().deadline = deadline.min(Instant::now() + SILENCE);
        let ended = self.reader.read_end();
        self.reader.source_mut().deadline = deadline;
        match ended {
            Err(ReadError::Io { source, .. }) if ran_out(&source) => Ok(()),
            Err(error) => Err(self.failure(error)),
            Ok(()) => Err(Failure::Answer {
                wanted: "the rest of the request to be awaited".to_owned(),
                came: "the end of the connection".to_owned(),
            }),
        }
    }

    pub(super) fn receive_answer_to(&mut self, request: &Request) -> Result<Response, Failure> {
        let expecting = if request.is_head() { Expecting::HeadOnly } else { Expecting::Body };
        self.reader.read_response(expecting).map_err(|error| self.failure(error))
    }

    pub(super) fn receive(&mut self) -> Result<Response, Failure> {
        self.reader.read_response(Expecting::Body).map_err(|error| self.failure(error))
    }

    /// The next answer, even if only an interim one (1xx).
    pub(super) fn receive_any(&mut self) -> Result<Response, Failure> {
        self.reader.read_any(Expecting::Body).map_err(|error| self.failure(error))
    }

    /// Proves that the server still reads from the start of a request and answers it.
    pub(super) fn expect_usable(&mut self) -> Result<(), Failure> {
        expect::greeting(&self.ask(&Request::get("/next"))?, "next")
    }

    /// Waits for the server to close, without another byte.
    pub(super) fn expect_closed(&mut self) -> Result<(), Failure> {
        self.reader.read_end().map_err(|error| self.failure(error))
    }

    pub(super) fn shutdown_write(&mut self) -> Result<(), Failure> {
        self.reader.source_mut().stream.shutdown(Shutdown::Write).map_err(Failure::Send)
    }

    fn failure(&self, error: ReadError) -> Failure {
        match error {
            ReadError::Io { source, came }
                if matches!(source.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) =>
            {
                Failure::Deadline { deadline: self.timeout, came }
            }
            error => Failure::Read(error),
        }
    }
}

/// A stream whose every read and write gives up at the same instant.
#[derive(Debug)]
struct TimedStream {
    stream: TcpStream,
    deadline: Instant,
}

impl Read for TimedStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(left_until(self.deadline)?))?;
        self.stream.read(buffer)
    }
}

impl Write for TimedStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(left_until(self.deadline)?))?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// A socket's own timeout is `WouldBlock` on Unix and `TimedOut` on Windows.
fn ran_out(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

fn left_until(deadline: Instant) -> io::Result<Duration> {
    // A timeout of zero means none to the system, and would wait for ever.
    match deadline.saturating_duration_since(Instant::now()) {
        Duration::ZERO => Err(io::ErrorKind::TimedOut.into()),
        left => Ok(left),
    }
}
