//! One request and its answer on a blocking socket: how connections are warmed up, outside any window.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::cancel::Cancel;
use crate::response::{Answer, ProtocolError, Response};

/// How long one blocking read may keep the cancel switch from being seen.
const SLICE: Duration = Duration::from_millis(50);
/// The shortest receive timeout that is asked for; zero would mean "for ever".
const SHORTEST: Duration = Duration::from_millis(1);
const BUFFER: usize = 16 * 1024;

/// Why there was no answer.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// None in time; it may still come.
    Silent,
    /// The connection broke.
    Broken(String),
    /// What came is no HTTP.
    Protocol(ProtocolError),
    /// The run was cancelled.
    Cancelled,
}

/// Sends `request` and reads one answer, for at most `patience`; the body goes to `body` as it streams.
pub(crate) fn ask(
    stream: &mut TcpStream,
    request: &[u8],
    response: &mut Response,
    patience: Duration,
    cancel: &Cancel,
    body: impl FnMut(&[u8]),
) -> Result<Answer, Trouble> {
    send(stream, request, patience, cancel)?;
    hear(stream, response, patience, cancel, body)
}

/// Sends `request`, for at most `patience`.
pub(crate) fn send(
    stream: &mut TcpStream,
    mut request: &[u8],
    patience: Duration,
    cancel: &Cancel,
) -> Result<(), Trouble> {
    let started = Instant::now();
    while !request.is_empty() {
        let left = patience.saturating_sub(started.elapsed()).clamp(SHORTEST, SLICE);
        stream.set_write_timeout(Some(left)).map_err(|error| broken(&error))?;
        match stream.write(request) {
            Ok(count) => request = &request[count..],
            Err(error) if is_pause(error.kind()) => {}
            Err(error) => return Err(broken(&error)),
        }
        if cancel.is_cancelled() {
            return Err(Trouble::Cancelled);
        }
        if !request.is_empty() && started.elapsed() >= patience {
            return Err(Trouble::Silent);
        }
    }
    Ok(())
}

/// Reads the answer to what was sent, for at most `patience`.
pub(crate) fn hear(
    stream: &mut TcpStream,
    response: &mut Response,
    patience: Duration,
    cancel: &Cancel,
    mut body: impl FnMut(&[u8]),
) -> Result<Answer, Trouble> {
    let started = Instant::now();
    let mut buffer = [0; BUFFER];
    loop {
        let left = patience.saturating_sub(started.elapsed()).clamp(SHORTEST, SLICE);
        stream.set_read_timeout(Some(left)).map_err(|error| broken(&error))?;
        match stream.read(&mut buffer) {
            Ok(0) => {
                let cause = "it closed the connection".to_owned();
                return response.end().map_err(Trouble::Protocol)?.ok_or(Trouble::Broken(cause));
            }
            Ok(count) => match response.feed(&buffer[..count], &mut body) {
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) => {}
                Err(error) => return Err(Trouble::Protocol(error)),
            },
            Err(error) if is_pause(error.kind()) => {}
            Err(error) => return Err(broken(&error)),
        }
        if cancel.is_cancelled() {
            return Err(Trouble::Cancelled);
        }
        if started.elapsed() >= patience {
            return Err(Trouble::Silent);
        }
    }
}

fn is_pause(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

fn broken(error: &std::io::Error) -> Trouble {
    Trouble::Broken(error.kind().to_string())
}
