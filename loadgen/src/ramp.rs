//! The opening of a session: connections one after another, each with a first answer, before any clock starts.
//!
//! One after another, because some servers (tiny_http 0.12) lose connections that come in a burst: those are accepted,
//! asked on, and never answered, without an error anywhere. A generator that opens all at once measures such a server
//! on a fraction of the connections it believes it holds.
//!
//! The first connection decides whether the plan makes sense: without a good first answer there is no session. A later
//! one that stays silent is not waited for long: silence costs patience, of which there is one `timeout` in all, and
//! each silence may take half of what is left. So opening takes at most the time of the answers, the timeout, and a
//! few milliseconds for each connection that stays silent after that.

use std::io;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::cancel::Cancel;
use crate::connection::Connection;
use crate::dialogue::{self, Trouble};
use crate::error::{LoadError, out_of_files};
use crate::exchange::{Exchange, Variant};
use crate::plan::{ExpectedBody, Plan};
use crate::reference::{BodyCheck, Comparison, Reference};
use crate::response::Response;
use crate::worker::Worker;

/// The largest body that can be the reference, in bytes.
const REFERENCE_LIMIT: usize = 1024 * 1024;
/// The shortest wait for a connection and for its first answer, when no patience is left.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// The first connection, after its first answer.
#[derive(Debug)]
pub(crate) struct Preflight {
    /// The connection, if another request may be sent on it.
    stream: Option<TcpStream>,
    valid: bool,
}

/// Asks once and settles what a valid answer is.
pub(crate) fn preflight(plan: &Plan, cancel: &Cancel) -> Result<(Preflight, Exchange), LoadError> {
    let Plan { target, timeout, expect, .. } = plan;
    let addr = target.addr();
    let cannot = |error: io::Error| LoadError::Connect { addr, cause: error.kind().to_string() };
    let mut stream = connect(addr, *timeout).map_err(cannot)?;
    let bodiless = plan.request.is_head();
    let request = plan.request.serialise(target, 0, plan.new_connections);
    let mut body = Vec::new();
    let mut length = 0;
    let keep = |part: &[u8]| {
        length += part.len();
        body.extend_from_slice(&part[..part.len().min(REFERENCE_LIMIT - body.len())]);
    };
    let answer = dialogue::ask(&mut stream, &request, &mut Response::new(bodiless), *timeout, cancel, keep)
        .map_err(|trouble| match trouble {
        Trouble::Silent => LoadError::NoAnswer { addr, after: *timeout },
        Trouble::Broken(cause) => LoadError::Broken { addr, cause },
        Trouble::Protocol(cause) => LoadError::NotHttp { addr, cause },
        Trouble::Cancelled => LoadError::Interrupted,
    })?;
    if answer.status != expect.status {
        let url = target.to_string();
        return Err(LoadError::WrongStatus { url, expected: expect.status, found: answer.status });
    }
    if length > REFERENCE_LIMIT && expect.body == ExpectedBody::Auto {
        return Err(LoadError::LargeReference { limit: REFERENCE_LIMIT });
    }
    let exchange = exchange(plan, &body)?;
    let mut comparison = Comparison::default();
    comparison.take(&exchange.variants[0].reference, &body);
    let valid = length <= REFERENCE_LIMIT && exchange.judge(answer, &comparison, 0).is_ok();
    Ok((
        Preflight { stream: (answer.reusable && !exchange.new_connections).then_some(stream), valid },
        exchange,
    ))
}

/// Serialises every request and its reference, given the body of the first answer.
fn exchange(plan: &Plan, first: &[u8]) -> Result<Exchange, LoadError> {
    let Plan { target, request, expect, new_connections, timeout, .. } = plan;
    let check = BodyCheck::settle(&expect.body, target, first);
    let bodiless = request.is_head();
    if check == BodyCheck::FirstAnswer && target.variants() > 1 && !bodiless {
        return Err(LoadError::VaryingBodies);
    }
    let variant = |index| Variant {
        request: request.serialise(target, index, *new_connections),
        reference: Reference::new(check, &expect.body, target, index, first),
    };
    Ok(Exchange {
        addr: target.addr(),
        variants: (0..target.variants()).map(variant).collect(),
        status: expect.status,
        check,
        bodiless,
        new_connections: *new_connections,
        timeout: *timeout,
    })
}

/// Gives every event loop its connections: the first one, then new ones, one after another.
pub(crate) fn populate(
    workers: &mut [Worker],
    connections: usize,
    first: Preflight,
    exchange: &Exchange,
    cancel: &Cancel,
) -> Result<(), LoadError> {
    let threads = workers.len();
    adopt(&mut workers[0], first.valid, first.stream)?;
    let mut patience = exchange.timeout;
    for index in 1..connections {
        if cancel.is_cancelled() {
            return Err(LoadError::Interrupted);
        }
        open(&mut workers[index % threads], exchange, &mut patience, cancel)?;
    }
    Ok(())
}

fn open(
    worker: &mut Worker,
    exchange: &Exchange,
    patience: &mut Duration,
    cancel: &Cancel,
) -> Result<(), LoadError> {
    let started = Instant::now();
    let wait = (*patience / 2).max(SHORTEST_WAIT);
    let mut stream = match connect(exchange.addr, wait) {
        Ok(stream) => stream,
        Err(error) if out_of_files(&error) => return Err(LoadError::EventLoop(error)),
        Err(_) => {
            *patience = patience.saturating_sub(started.elapsed());
            return adopt(worker, false, None);
        }
    };
    let asked_at = Instant::now();
    let Variant { request, reference } = &exchange.variants[0];
    let mut response = Response::new(exchange.bodiless);
    let mut comparison = Comparison::default();
    let compare = |part: &[u8]| comparison.take(reference, part);
    match dialogue::ask(&mut stream, request, &mut response, wait, cancel, compare) {
        Ok(answer) => {
            let valid = exchange.judge(answer, &comparison, 0).is_ok();
            adopt(worker, valid, (answer.reusable && !exchange.new_connections).then_some(stream))
        }
        Err(Trouble::Silent) => {
            *patience = patience.saturating_sub(started.elapsed());
            let stream = nonblocking(stream)?;
            worker.adopt(false, |token, registry| {
                Connection::busy(token, stream, registry, asked_at, (response, comparison))
            })?;
            Ok(())
        }
        Err(Trouble::Broken(_) | Trouble::Protocol(_)) => adopt(worker, false, None),
        Err(Trouble::Cancelled) => Err(LoadError::Interrupted),
    }
}

/// Hands a connection that was answered, or that is to be opened when it is first asked on, to its event loop.
fn adopt(worker: &mut Worker, held: bool, stream: Option<TcpStream>) -> Result<(), LoadError> {
    match stream {
        Some(stream) => {
            let stream = nonblocking(stream)?;
            worker.adopt(held, |token, registry| Connection::idle(token, stream, registry))?;
        }
        None => worker.adopt(held, |token, _| Ok(Connection::closed(token)))?,
    }
    Ok(())
}

fn connect(addr: std::net::SocketAddr, patience: Duration) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&addr, patience)?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn nonblocking(stream: TcpStream) -> io::Result<mio::net::TcpStream> {
    stream.set_nonblocking(true)?;
    Ok(mio::net::TcpStream::from_std(stream))
}
