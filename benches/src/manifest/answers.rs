//! Whether a program answers yet, for contenders that print no READY line.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use contract::client::{is_end, is_timeout};
use contract::conformance::response::{Expecting, ReadError, Response, ResponseReader};
use thiserror::Error;

/// How often the process is looked at while nothing comes, and how long is waited before the next connect.
const SLICE: Duration = Duration::from_millis(10);

/// Why a program is not ready.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotAnswering {
    /// It is no longer alive.
    #[error("it ended before it answered ({last})")]
    Ended {
        /// What the last attempt saw.
        last: String,
    },
    /// It lives and does not answer.
    #[error("it did not answer at {addr} in time ({last}); is that where it listens?")]
    Silent {
        /// Where it was asked.
        addr: SocketAddr,
        /// What the last attempt saw.
        last: String,
    },
}

/// Asks for `GET path` at `addr` until a complete answer with status 200 comes, for as long as `is_alive` and until `deadline`.
///
/// A connection that is silent is kept and waited on, one that ends or answers otherwise is followed by a new one after
/// 10 ms. Each is closed after its answer, so that a server for one connection at a time is free again.
///
/// # Errors
///
/// [`NotAnswering`], with what was seen last.
pub fn wait_until_answers(
    addr: SocketAddr,
    path: &str,
    deadline: Instant,
    mut is_alive: impl FnMut() -> bool,
) -> Result<Response, NotAnswering> {
    let mut attempt = None;
    let mut last = "nothing was tried".to_owned();
    loop {
        if !is_alive() {
            return Err(NotAnswering::Ended { last });
        }
        if Instant::now() >= deadline {
            return Err(NotAnswering::Silent { addr, last });
        }
        match advance(&mut attempt, addr, path) {
            Step::Answered(response) => return Ok(response),
            Step::Silent => "the connection is open and silent".clone_into(&mut last),
            Step::Failed(what) => {
                attempt = None;
                last = what;
                // An early return is harmless: it only asks sooner.
                thread::park_timeout(SLICE);
            }
        }
    }
}

/// Where ports begin that anybody may listen on, with some room for services that have theirs above 1024.
const FIRST_PORT: u16 = 10_000;

/// A port of the loopback that nobody listens on.
///
/// It is below those that the kernel hands out by itself, to clients and to whoever asks for port 0, because they would take it before
/// the program it is meant for has come up. It is promised to nobody all the same: who loses that race fails to start, and says so.
///
/// # Errors
///
/// When the loopback has no free port.
pub fn free_port() -> io::Result<u16> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port))?.local_addr().map(|addr| addr.port());
    let ports: Vec<u16> = (FIRST_PORT..first_ephemeral().unwrap_or(0)).collect();
    // Where to begin is random, so that two who ask at the same time seldom try the same.
    let random = RandomState::new().hash_one(());
    let start = usize::try_from(random % (ports.len().max(1) as u64)).unwrap_or(0);
    let mut all = ports[start..].iter().chain(&ports[..start]);
    all.find_map(|&port| bind(port).ok()).map_or_else(|| bind(0), Ok)
}

/// The first port that the kernel may hand out.
fn first_ephemeral() -> Option<u16> {
    let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?;
    range.split_whitespace().next()?.parse().ok()
}

/// What came of one slice of time.
enum Step {
    Answered(Response),
    Silent,
    Failed(String),
}

/// Goes on with the attempt under way, or begins one.
fn advance(attempt: &mut Option<ResponseReader<TcpStream>>, addr: SocketAddr, path: &str) -> Step {
    let reader = match attempt {
        Some(reader) => reader,
        None => match ask(addr, path) {
            Ok(stream) => attempt.insert(ResponseReader::new(stream)),
            Err(error) => return Step::Failed(error.to_string()),
        },
    };
    match reader.read_response(Expecting::Body) {
        Ok(response) if response.status == 200 => Step::Answered(response),
        Ok(response) => Step::Failed(format!("its answer has status {}", response.status)),
        Err(ReadError::Io { source, .. }) if is_timeout(&source) => Step::Silent,
        Err(ReadError::Io { source, .. }) if is_end(&source) => {
            Step::Failed("the connection was reset".to_owned())
        }
        Err(error) => Step::Failed(error.to_string()),
    }
}

fn ask(addr: SocketAddr, path: &str) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect_timeout(&addr, SLICE)?;
    // While nobody listens on a port of the ephemeral range, the kernel may choose that very port for the client, and a
    // socket that connects to itself would keep the server from listening.
    if stream.local_addr()? == addr {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(SLICE))?;
    stream.set_write_timeout(Some(SLICE))?;
    stream
        .write_all(format!("GET {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n").as_bytes())?;
    Ok(stream)
}

#[cfg(test)]
mod tests;
