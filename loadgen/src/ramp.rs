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
use crate::error::LoadError;
use crate::exchange::{Exchange, Variant};
use crate::first_answer::FirstAnswer;
use crate::opening::{Opening, Pacer};
use crate::plan::Plan;
use crate::reference::Comparison;
use crate::response::Response;
use crate::samples::Samples;
use crate::socket;
use crate::tally::nanoseconds;
use crate::worker::Worker;

/// The shortest wait for a connection and for its first answer, when no patience is left.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// The first connection, after its first answer.
#[derive(Debug)]
pub(crate) struct Preflight {
    /// The connection, if another request may be sent on it.
    stream: Option<TcpStream>,
    valid: bool,
    /// How long connecting took.
    connect: Duration,
}

/// Asks once and settles what a valid answer is.
pub(crate) fn preflight(plan: &Plan, cancel: &Cancel) -> Result<(Preflight, Exchange), LoadError> {
    let Plan { target, timeout, .. } = plan;
    let addr = target.addr();
    let cannot = |error: io::Error| LoadError::Connect { addr, cause: error.kind().to_string() };
    let started = Instant::now();
    let connected = socket::connect(addr, None, *timeout, cancel);
    if connected.is_err() && cancel.is_cancelled() {
        return Err(LoadError::Interrupted);
    }
    let mut stream = connected.map_err(cannot)?;
    let connect = started.elapsed();
    let bodiless = plan.request.is_head();
    let request = plan.request.serialise(target, 0, plan.new_connections);
    let mut first = FirstAnswer::default();
    let keep = |part: &[u8]| first.take(part);
    let answer = dialogue::ask(&mut stream, &request, &mut Response::new(bodiless), *timeout, cancel, keep)
        .map_err(|trouble| match trouble {
        Trouble::Silent => LoadError::NoAnswer { addr, after: *timeout },
        Trouble::Broken(cause) => LoadError::Broken { addr, cause },
        Trouble::Protocol(cause) => LoadError::NotHttp { addr, cause },
        Trouble::Cancelled => LoadError::Interrupted,
    })?;
    let (exchange, valid) = first.settle(plan, answer)?;
    let stream = (answer.reusable && !plan.new_connections).then_some(stream);
    Ok((Preflight { stream, valid, connect }, exchange))
}

/// Gives every event loop its connections: the first one, then new ones, in the order that the plan says. What comes
/// back is how long connecting took.
pub(crate) fn populate(
    workers: &mut [Worker],
    plan: &Plan,
    first: Preflight,
    exchange: &Exchange,
    cancel: &Cancel,
) -> Result<Samples, LoadError> {
    let threads = workers.len();
    adopt(&mut workers[0], 0, first.valid, first.stream)?;
    let mut pacer = Pacer::new(plan.connect_rate, cancel);
    let mut guide = Guide { exchange, cancel, patience: exchange.timeout, connects: Samples::new() };
    guide.connects.record_answered(nanoseconds(first.connect));
    let mut waiting = Vec::new();
    for index in 1..plan.connections {
        pacer.next()?;
        let opened = guide.open(index)?;
        match plan.opening {
            Opening::OneByOne => {
                let asked = guide.ask(opened);
                guide.listen(&mut workers[index % threads], index, asked)?;
            }
            Opening::Burst => waiting.push((index, opened)),
        }
    }
    let asked: Vec<_> = waiting.into_iter().map(|(index, opened)| (index, guide.ask(opened))).collect();
    for (index, asked) in asked {
        guide.listen(&mut workers[index % threads], index, asked)?;
    }
    Ok(guide.connects)
}

/// Takes connections through their opening.
struct Guide<'a> {
    exchange: &'a Exchange,
    cancel: &'a Cancel,
    patience: Duration,
    /// How long connecting took.
    connects: Samples,
}

impl Guide<'_> {
    fn wait(&self) -> Duration {
        (self.patience / 2).max(SHORTEST_WAIT)
    }

    /// Opens a connection; `None` if that failed.
    fn open(&mut self, index: usize) -> Result<Option<TcpStream>, LoadError> {
        let started = Instant::now();
        let source = self.exchange.sources.pick(index as u64, 0);
        match socket::connect(self.exchange.addr, source, self.wait(), self.cancel) {
            Ok(stream) => {
                self.connects.record_answered(nanoseconds(started.elapsed()));
                Ok(Some(stream))
            }
            Err(_) if self.cancel.is_cancelled() => Err(LoadError::Interrupted),
            // Out of files is no other: the run goes on with what is open, and its record says how many that is.
            Err(error) => {
                if error.kind() == io::ErrorKind::TimedOut {
                    self.connects.record_censored(nanoseconds(started.elapsed()));
                }
                self.patience = self.patience.saturating_sub(started.elapsed());
                Ok(None)
            }
        }
    }

    /// Asks on an opened connection, and says when; `None` if there is none, or it has ended.
    fn ask(&mut self, opened: Option<TcpStream>) -> Option<(TcpStream, Instant)> {
        let mut stream = opened?;
        let asked_at = Instant::now();
        let request = &self.exchange.variants[0].request;
        let sent = dialogue::send(&mut stream, request, self.wait(), self.cancel);
        if matches!(sent, Err(Trouble::Silent)) {
            self.patience = self.patience.saturating_sub(asked_at.elapsed());
        }
        sent.ok()?;
        Some((stream, asked_at))
    }

    /// Waits for the first answer of a connection that was asked on and hands it to its event loop.
    fn listen(
        &mut self,
        worker: &mut Worker,
        index: usize,
        asked: Option<(TcpStream, Instant)>,
    ) -> Result<(), LoadError> {
        let Some((mut stream, asked_at)) = asked else { return adopt(worker, index, false, None) };
        if self.cancel.is_cancelled() {
            return Err(LoadError::Interrupted);
        }
        let exchange = self.exchange;
        let Variant { reference, .. } = &exchange.variants[0];
        let listening = Instant::now();
        let mut response = Response::new(exchange.bodiless);
        let mut comparison = Comparison::default();
        let compare = |part: &[u8]| comparison.take(reference, part);
        match dialogue::hear(&mut stream, &mut response, self.wait(), self.cancel, compare) {
            Ok(answer) => {
                let valid = exchange.judge(answer, &comparison, 0).is_ok();
                let reusable = answer.reusable && !exchange.new_connections;
                adopt(worker, index, valid, reusable.then_some(stream))
            }
            Err(Trouble::Silent) => {
                self.patience = self.patience.saturating_sub(listening.elapsed());
                let stream = nonblocking(stream)?;
                worker.adopt(false, |token, registry| {
                    let partial = (response, comparison);
                    let busy = Connection::busy(token, stream, registry, asked_at, partial)?;
                    Ok(busy.numbered(index as u64))
                })?;
                Ok(())
            }
            Err(Trouble::Broken(_) | Trouble::Protocol(_)) => adopt(worker, index, false, None),
            Err(Trouble::Cancelled) => Err(LoadError::Interrupted),
        }
    }
}

/// Hands a connection that was answered, or that is to be opened when it is first asked on, to its event loop.
fn adopt(worker: &mut Worker, index: usize, held: bool, stream: Option<TcpStream>) -> Result<(), LoadError> {
    let stream = stream.map(nonblocking).transpose()?;
    worker.adopt(held, |token, registry| {
        let connection = match stream {
            Some(stream) => Connection::idle(token, stream, registry)?,
            None => Connection::closed(token),
        };
        Ok(connection.numbered(index as u64))
    })?;
    Ok(())
}

fn nonblocking(stream: TcpStream) -> io::Result<mio::net::TcpStream> {
    stream.set_nonblocking(true)?;
    Ok(mio::net::TcpStream::from_std(stream))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::first_answer;
    use crate::target::Target;

    #[test]
    fn each_silence_may_take_half_of_the_patience_that_is_left() {
        let plan = Plan::new(Target::parse("http://127.0.0.1:1/").expect("a good URL"));
        let exchange = first_answer::exchange(&plan, b"").expect("a plan for one path");
        let cancel = Cancel::new();
        let guide =
            |patience| Guide { exchange: &exchange, cancel: &cancel, patience, connects: Samples::new() };
        let mut left = Duration::from_secs(8);
        let mut waited = Vec::new();
        for _ in 0..4 {
            let wait = guide(left).wait();
            left -= wait;
            waited.push(wait.as_secs_f64());
        }
        assert_eq!(waited, [4.0, 2.0, 1.0, 0.5]);
        // When none is left there is still time to be answered at once.
        assert_eq!(guide(Duration::ZERO).wait(), SHORTEST_WAIT);
    }
}
