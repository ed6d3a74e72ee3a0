//! One connection of the event loop: sends the request, reads the answer, opens itself again.
//!
//! Invariants: the socket is registered once, edge-triggered, for both directions, and never again; the request is
//! sent without waiting for a writable event; one `recv` for an answer that arrives whole, and none that would only
//! learn that there is nothing more. A connection counts nothing: what happened goes to its [`Window`] as a [`Step`].
//!
//! [`Window`]: crate::window::Window

mod making;
mod milestones;

use std::io::{self, ErrorKind};
use std::time::Instant;

use mio::event::Event;
use mio::net::TcpStream;
use mio::{Registry, Token};

use crate::error::ErrorClass;
use crate::exchange::{Exchange, Variant};
use crate::pause::Pause;
use crate::reference::Comparison;
use crate::response::Response;
use crate::socket::{self, Received};
use crate::step::Step;
pub(crate) use milestones::{FirstByte, Milestones};

/// Half of a token's bits.
const HALF: u32 = usize::BITS / 2;
/// How often one connection may fill the buffer before the others get their turn.
const READS_A_TURN: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// No socket and no request.
    Closed,
    /// No socket, and none to be opened before that time.
    Paused { until: Instant },
    /// A request is outstanding and the socket for it is being connected.
    Connecting,
    /// A request is outstanding on a connected socket.
    Busy,
    /// Connected, and nothing asked.
    Idle,
}

/// A connection and the request outstanding on it, if there is one.
#[derive(Debug)]
pub(crate) struct Connection {
    /// Its place among the connections of its event loop.
    index: usize,
    /// Its place among all connections of the session.
    number: u64,
    /// How many sockets it has opened.
    opened: u64,
    stream: Option<TcpStream>,
    phase: Phase,
    /// The peer has said that it will send nothing more.
    hung_up: bool,
    /// Which of the exchange's requests is outstanding.
    variant: usize,
    /// Bytes of it that the socket has taken.
    written: usize,
    asked_at: Instant,
    milestones: Milestones,
    pause: Pause,
    response: Response,
    comparison: Comparison,
}

impl Connection {
    /// When the outstanding request was begun; `None` without one.
    pub(crate) fn outstanding_since(&self) -> Option<Instant> {
        matches!(self.phase, Phase::Busy | Phase::Connecting).then_some(self.asked_at)
    }

    /// When the latest request was begun.
    pub(crate) fn asked_at(&self) -> Instant {
        self.asked_at
    }

    /// How far the latest request has got.
    pub(crate) fn milestones(&mut self) -> &mut Milestones {
        &mut self.milestones
    }

    /// Since when the connection for the outstanding request is being made; `None` if it is not.
    pub(crate) fn connecting_since(&self) -> Option<Instant> {
        if self.phase == Phase::Connecting { self.milestones.connecting_since() } else { None }
    }

    /// What is known at this time of the first byte of the latest answer; `None` if no more than of all of it.
    pub(crate) fn sighting(&self, at: Instant) -> Option<FirstByte> {
        self.milestones.sighting(self.asked_at, at)
    }

    /// Whether a request may be begun at `now`.
    pub(crate) fn is_ready(&self, now: Instant) -> bool {
        match self.phase {
            Phase::Idle | Phase::Closed => true,
            Phase::Paused { until } => until <= now,
            Phase::Busy | Phase::Connecting => false,
        }
    }

    /// Whether the next request has to open the connection first.
    pub(crate) fn must_connect(&self) -> bool {
        self.stream.is_none()
    }

    /// Begins a request. Its time runs from `now`, the time to connect included where that is needed.
    pub(crate) fn ask(
        &mut self,
        now: Instant,
        variant: usize,
        exchange: &Exchange,
        registry: &Registry,
    ) -> Result<(), ErrorClass> {
        self.asked_at = now;
        self.milestones = Milestones::default();
        self.written = 0;
        self.variant = variant;
        self.response.reset(exchange.bodiless);
        self.comparison = Comparison::default();
        if self.stream.is_some() {
            self.phase = Phase::Busy;
            self.send(exchange).map_err(|error| self.fail(&error))
        } else {
            self.phase = Phase::Connecting;
            self.connect(exchange, registry).map_err(|error| self.fail(&error))
        }
    }

    /// Gives the outstanding request up, as a timeout of its kind, and closes the connection.
    pub(crate) fn give_up(&mut self) -> ErrorClass {
        if self.phase == Phase::Connecting {
            return self.fail(&ErrorKind::TimedOut.into());
        }
        self.close();
        ErrorClass::Timeout
    }

    /// Closes the connection; an outstanding request goes with it.
    pub(crate) fn close(&mut self) {
        self.stream = None;
        self.hung_up = false;
        self.phase = Phase::Closed;
    }

    /// The connection that an event with this token is about.
    pub(crate) fn index_of(token: Token) -> usize {
        token.0 & (usize::MAX >> HALF)
    }

    /// The token of the present socket: the place of the connection, and which of its sockets it is, so that what the
    /// event queue still holds of an earlier one is known by its token.
    fn token(&self) -> Token {
        #[expect(clippy::cast_possible_truncation, reason = "the lower half of it is what fits")]
        let socket = self.opened as usize;
        Token(self.index | socket << HALF)
    }

    /// Takes news from the event queue.
    pub(crate) fn advance(&mut self, event: &Event, buffer: &mut [u8], exchange: &Exchange) -> Step {
        if event.token() != self.token() {
            return Step::Waiting;
        }
        self.hung_up |= event.is_read_closed();
        if self.phase == Phase::Connecting {
            match self.stream.as_ref().map_or(Ok(false), socket::is_connected) {
                Ok(true) => {
                    self.phase = Phase::Busy;
                    self.milestones.connected(Instant::now());
                    self.pause.reset();
                }
                Ok(false) => return Step::Waiting,
                Err(error) => return Step::Failed(self.fail(&error)),
            }
        }
        if self.phase == Phase::Busy
            && event.is_writable()
            && self.written < exchange.variants[self.variant].request.len()
            && let Err(error) = self.send(exchange)
        {
            // A server that refuses a body may answer and close before it is out.
            return match self.receive(buffer, exchange) {
                answered @ Step::Answered { .. } => answered,
                failed @ Step::Failed(_) => failed,
                _ => Step::Failed(self.fail(&error)),
            };
        }
        if event.is_readable() || event.is_read_closed() || event.is_error() {
            return self.resume(buffer, exchange);
        }
        Step::Waiting
    }

    /// Reads what there is.
    pub(crate) fn resume(&mut self, buffer: &mut [u8], exchange: &Exchange) -> Step {
        match self.phase {
            Phase::Busy => self.receive(buffer, exchange),
            Phase::Idle => {
                // Nothing was asked: an end, or bytes, make the connection unusable.
                let received = self.stream.as_mut().map(|stream| socket::receive(stream, buffer));
                if !matches!(received, Some(Ok(Received::Nothing))) {
                    self.close();
                }
                if matches!(received, Some(Ok(Received::Bytes(_)))) {
                    Step::Unsolicited
                } else {
                    Step::Waiting
                }
            }
            Phase::Closed | Phase::Paused { .. } | Phase::Connecting => Step::Waiting,
        }
    }

    fn receive(&mut self, buffer: &mut [u8], exchange: &Exchange) -> Step {
        for _ in 0..READS_A_TURN {
            let Some(stream) = &mut self.stream else {
                return Step::Waiting;
            };
            let count = match socket::receive(stream, buffer) {
                Ok(Received::Bytes(count)) => count,
                Ok(Received::Nothing) => return Step::Waiting,
                Ok(Received::End) => return self.end(exchange),
                Err(error) => return Step::Failed(self.fail(&error)),
            };
            let at = Instant::now();
            let comparison = &mut self.comparison;
            let Variant { request, reference } = &exchange.variants[self.variant];
            match self.response.feed(&buffer[..count], |part| {
                comparison.take(reference, part);
            }) {
                Ok(Some(answer)) => {
                    // An answer to a request of which nothing is out answers something else.
                    let verdict = if self.written == 0 {
                        Err(ErrorClass::Protocol)
                    } else {
                        exchange.judge(answer, &self.comparison, self.variant)
                    };
                    self.phase = Phase::Idle;
                    // What is not out of a request that is answered would be read as the next one.
                    let cut = self.written < request.len();
                    if !answer.reusable || exchange.new_connections || self.hung_up || cut {
                        self.close();
                    }
                    return Step::Answered { at, verdict };
                }
                Ok(None) => {
                    self.milestones.first_byte(at);
                    // A buffer that was not filled has emptied the socket: the next bytes bring a new event.
                    if count < buffer.len() && !self.hung_up {
                        return Step::Waiting;
                    }
                }
                Err(_) => {
                    self.close();
                    return Step::Failed(ErrorClass::Protocol);
                }
            }
        }
        Step::More
    }

    /// The peer has closed: that completes a close-delimited answer and cuts off any other.
    fn end(&mut self, exchange: &Exchange) -> Step {
        let at = Instant::now();
        let answer = self.response.end();
        self.close();
        match answer {
            Ok(Some(answer)) => {
                Step::Answered { at, verdict: exchange.judge(answer, &self.comparison, self.variant) }
            }
            Ok(None) => Step::Failed(ErrorClass::ClosedEarly),
            Err(_) => Step::Failed(ErrorClass::Protocol),
        }
    }

    fn send(&mut self, exchange: &Exchange) -> io::Result<()> {
        let (Some(stream), Some(rest)) =
            (&mut self.stream, exchange.variants[self.variant].request.get(self.written..))
        else {
            return Ok(());
        };
        self.written += socket::send(stream, rest)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
